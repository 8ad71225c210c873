"""Back-ups from the command line: SQLite by ourselves, PostgreSQL by the programs that come with it."""

from __future__ import annotations

import json
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import URL

from bot import cli, settings
from bot.terminal import progress
from storage import backup
from storage.backup import BackupError, Contents
from storage.engine import Database, normalise

MEGABYTE = 1_000_000


def back_up(file: Path, *, as_json: bool) -> None:
    """Take a back-up. WrongUseError where the database is no SQLite file, FailedError where it cannot be done."""
    url = _url()
    _refuse_others(url, ["pg_dump", "--format=custom", f"--file={file}"], "back it up with")
    try:
        with progress(f"Copying {url.database}") as step:
            found = backup.save(Path(str(url.database)), file, step)
    except BackupError as error:
        raise cli.FailedError(str(error)) from None
    _say(file, found, f"{file}: {_words(found)}. Every page was checked.", as_json=as_json)


def restore_from(file: Path, *, as_json: bool) -> None:
    """Put a back-up back. Errors as `back_up`; DatabaseBusyError while a bot works with the database."""
    url = _url()
    _refuse_others(url, ["pg_restore", "--clean", "--if-exists", "--no-owner", str(file)], "restore it with")
    database = Database(url.render_as_string(hide_password=False), exclusive=True)
    try:
        found, kept = backup.put_back(file, Path(str(url.database)), datetime.now(UTC))
    except BackupError as error:
        raise cli.FailedError(str(error)) from None
    finally:
        database.close()
    words = f"{url.database}: {_words(found)}, from {file}."
    _say(file, found, f"{words} The former database is kept as {kept}." if kept else words, as_json=as_json, kept=kept)


def _url() -> URL:
    return normalise(settings.load().database_url.get_secret_value())


def _refuse_others(url: URL, command: list[str], verb: str) -> None:
    if url.get_backend_name() == "postgresql":
        # The password is asked for, or comes from ~/.pgpass: on a command line everybody on the machine could read it.
        given = {"host": url.host, "port": url.port, "username": url.username, "dbname": url.database}
        words = shlex.join([command[0], *(f"--{name}={value}" for name, value in given.items() if value), *command[1:]])
        raise cli.WrongUseError(f"The database is PostgreSQL; {verb}:\n  {words}")
    if url.database in {None, "", ":memory:"}:
        raise cli.WrongUseError("DATABASE_URL names a database in memory; there is no file to work with.")


def _words(found: Contents) -> str:
    size = f"{found.size / MEGABYTE:,.1f} MB"
    return f"{size}, {found.sends:,} send{_s(found.sends)}, {found.alerts:,} alert{_s(found.alerts)}"


def _s(number: int) -> str:
    return "" if number == 1 else "s"


def _say(file: Path, found: Contents, words: str, *, as_json: bool, kept: Path | None = None) -> None:
    told = {
        "file": str(file), "bytes": found.size, "revision": found.revision, "sends": found.sends,
        "alerts": found.alerts, "former": str(kept) if kept else None,
    }
    sys.stdout.write((json.dumps(told, ensure_ascii=False, indent=2) if as_json else words) + "\n")
