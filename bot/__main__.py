"""`python -m bot` is `sendwatch`."""

import os
import signal
import sys

TERMINATED = 128 + signal.SIGTERM
"""What a shell says of a program that SIGTERM has ended."""


def main() -> None:
    """Run the command line, which signals end from the first moment on.

    The first process of a container gets none that it does not listen to, and to load the bot takes a second. Until
    there is something to end gracefully, which the bot itself sees to, it may end wherever it is.
    """
    runs = sys.argv[1:2] == ["run"]
    for name in (signal.SIGTERM, signal.SIGINT) if runs else (signal.SIGTERM,):
        signal.signal(name, lambda *_: os._exit(0 if runs else TERMINATED))

    from bot import cli  # noqa: PLC0415 - this, too, is much to load

    cli.main()


if __name__ == "__main__":
    main()
