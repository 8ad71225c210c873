"""Where the bot's processes come from: everything is loaded once, then each is a fork that starts from nothing.

Loading takes seconds of a processor; a run that kills every few seconds would do little else. This process has one
thread and no connection when it forks. It reads one order a line: the log file and what the worker is told.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
from typing import Any

from tests.chaos import worker


def main() -> None:
    """Fork as ordered, and tell of each process that ended, until nobody gives orders any more."""
    awake, awaken = os.pipe()
    os.set_blocking(awaken, False)
    os.set_blocking(awake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(awaken)
    gc.freeze()
    while True:
        ready, _, _ = select.select([sys.stdin, awake], [], [])
        if awake in ready:
            os.read(awake, 4_096)
            _tell_ended()
        if sys.stdin in ready:
            line = sys.stdin.readline()
            if not line:
                return
            print(json.dumps({"begun": _fork(json.loads(line))}), flush=True)  # noqa: T201 - that is the answer


def _tell_ended() -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        print(json.dumps({"ended": pid, "code": os.waitstatus_to_exitcode(status)}), flush=True)  # noqa: T201 - as above


def _fork(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        _become_worker(order)
        code = 0
    finally:
        # Nothing of the nest may be cleaned up twice.
        sys.stdout.flush()
        os._exit(code)


def _become_worker(order: dict[str, Any]) -> None:
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, log), (2, log)):
        os.dup2(source, target)
    worker.run(order)


if __name__ == "__main__":
    main()
