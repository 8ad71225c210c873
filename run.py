#!/usr/bin/env python3
"""Set everything up and run Sendwatch, with nothing but Python 3.11+ and pip.

    python3 run.py demo      play with the real bot in a browser, no account needed
    python3 run.py test      the whole test suite (arguments go on to pytest)
    python3 run.py bench     speed and memory, as ratios measured in one run
    python3 run.py chaos     kill it, break its Slack and its database, and see that nothing is lost or doubled
    python3 run.py soak      run it for an hour, and see that nothing grows, locks or gets lost
    python3 run.py mutate    change the pure rules by one small mistake at a time, and see which no test notices
    python3 run.py …         anything else goes to the `sendwatch` command line
"""

import hashlib
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def stop(reason: str) -> None:
    sys.stderr.write(f"run.py: {reason}\n")
    raise SystemExit(1)


def make_venv() -> None:
    # Debian ships venv without ensurepip, so the environment is made without pip
    # and filled by the pip of the system, which can install into another Python.
    venv.EnvBuilder(with_pip=False, clear=VENV.exists()).create(VENV)
    found = subprocess.run(
        [PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True, capture_output=True, text=True,
    )
    Path(found.stdout.strip(), "sendwatch.pth").write_text(f"{ROOT}\n", encoding="utf-8")


@contextmanager
def alone() -> Iterator[None]:
    """While it lasts, no other run sets the same checkout up: two at once would break each other's environment."""
    if os.name == "nt":
        yield
        return
    import fcntl  # noqa: PLC0415 - Windows has none

    handle = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            sys.stderr.write("Another run sets this checkout up; waiting for it …\n")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def install(lock: Path) -> None:
    with alone():
        fill(lock)


def fill(lock: Path) -> None:
    stamp = VENV / f"{lock.name}.stamp"
    made_by = VENV / "python.stamp"
    wanted = hashlib.sha256(lock.read_bytes() + str(ROOT).encode()).hexdigest()
    # An environment made by another Python, or copied along with a moved checkout, is made anew.
    origin = f"{sys.version}\n{ROOT}\n"
    if not PYTHON.exists() or not made_by.exists() or made_by.read_text() != origin:
        make_venv()
        made_by.write_text(origin)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    sys.stderr.write(f"Setting up ({lock.name}); this happens once …\n")
    pip = [sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "--quiet", "--no-compile",
           "--disable-pip-version-check", "--no-deps", "--require-hashes", "-r", str(lock)]
    if subprocess.run(pip, env=os.environ | {"PIP_ROOT_USER_ACTION": "ignore"}, check=False).returncode:
        stop("the packages could not be installed. pip's own message is above; "
             "pip 22.3 or newer and a way to its package index are needed.")
    stamp.write_text(wanted)


def main() -> None:
    if sys.version_info < (3, 11):
        stop(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}.")
    has_pip = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False)
    if has_pip.returncode:
        stop("this Python has no pip. On Debian or Ubuntu: apt install python3-pip")
    command, rest = (sys.argv[1:2] or ["--help"])[0], sys.argv[2:]
    # The environment's programs come first, so that what a test starts is what was locked.
    path = f"{PYTHON.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    os.environ.update(PATH=path, PYTHONUTF8="1")
    match command:
        case "test":
            install(ROOT / "requirements-dev.lock")
            os.chdir(ROOT)
            go = ["-m", "pytest", *rest]
        case "bench":
            install(ROOT / "requirements-dev.lock")
            os.chdir(ROOT)
            go = ["-m", "tests.benchmarks", *rest]
        case "chaos":
            install(ROOT / "requirements-dev.lock")
            os.chdir(ROOT)
            go = ["-m", "tests.chaos", *rest]
        case "soak":
            install(ROOT / "requirements-dev.lock")
            os.chdir(ROOT)
            go = ["-m", "tests.soak", *rest]
        case "mutate":
            install(ROOT / "requirements-dev.lock")
            os.chdir(ROOT)
            go = ["-m", "tests.mutation", *rest]
        case "python":
            install(ROOT / "requirements-dev.lock")
            go = rest
        case _:
            install(ROOT / "requirements.lock")
            go = ["-m", "bot", *sys.argv[1:]]
    if os.name == "nt":
        raise SystemExit(subprocess.run([PYTHON, *go], check=False).returncode)
    os.execv(PYTHON, [str(PYTHON), *go])


if __name__ == "__main__":
    main()
