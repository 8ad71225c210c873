"""Back-ups from the command line: SQLite by ourselves, PostgreSQL by the programs that come with it."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import URL

from bot import cli, settings
from bot.terminal import progress
from storage import backup
from storage.backup import BackupError, Contents
from storage.engine import Database, is_in_memory, normalise

MEGABYTE = 1_000_000


def back_up(file: Path, *, as_json: bool) -> None:
    """Take a back-up. WrongUseError where the database is no SQLite file, FailedError where it cannot be done."""
    url = _url()
    _refuse_others(url, ["pg_dump", "--format=custom", f"--file={file}"], "back it up with")
    main = Path(str(url.database))
    told, failed = [], []
    for team, path in backup.family(main).items():
        target = backup.beside(file, team)
        try:
            with progress(f"Copying {path}") as step:
                found = backup.save(path, target, step)
        except BackupError as error:
            # The database of one workspace that is damaged does not keep the others from being saved.
            failed.append(str(error))
            continue
        told.append(_Told(target, found, f"{target}: {_words(found)}. Every page was checked."))
    if told:
        _say(told, as_json=as_json)
    if failed:
        raise cli.FailedError("\n".join([*failed, *(["What is named above was saved all the same."] if told else [])]))


def restore_from(file: Path, *, as_json: bool) -> None:
    """Put a back-up back. Errors as `back_up`; DatabaseBusyError while a bot works with the database."""
    url = _url()
    _refuse_others(url, ["pg_restore", "--clean", "--if-exists", "--no-owner", str(file)], "restore it with")
    main, now, told = Path(str(url.database)), datetime.now(UTC), []
    with ExitStack() as locks:
        for saved, target in _pairs(file, main):
            database = Database(f"sqlite:///{target}", exclusive=True)
            locks.callback(database.close)
            told.append((saved, target))
        try:
            for saved, _target in told[1:]:
                # One that is damaged is noticed before any other is put back.
                backup.look(saved)
            done = [(saved, target, *backup.put_back(saved, target, now)) for saved, target in told]
        except BackupError as error:
            raise cli.FailedError(str(error)) from None
    _say([
        _Told(
            target, found, f"{target}: {_words(found)}, from {saved}."
            + (f" The former database is kept as {kept}." if kept else ""), kept,
        )
        for saved, target, found, kept in done
    ], as_json=as_json)


def _pairs(file: Path, main: Path) -> list[tuple[Path, Path]]:
    """Each copy with the database that it is of: the main one, and those of workspaces."""
    return [(saved, backup.beside(main, team)) for team, saved in backup.family(file).items()]


def _url() -> URL:
    return normalise(settings.load().database_url.get_secret_value())


def _refuse_others(url: URL, command: list[str], verb: str) -> None:
    if url.get_backend_name() == "postgresql":
        # The password is asked for, or comes from ~/.pgpass: on a command line everybody on the machine could read it.
        given = {"host": url.host, "port": url.port, "username": url.username, "dbname": url.database}
        words = shlex.join([command[0], *(f"--{name}={value}" for name, value in given.items() if value), *command[1:]])
        raise cli.WrongUseError(f"The database is PostgreSQL; {verb}:\n  {words}")
    if is_in_memory(url):
        raise cli.WrongUseError("DATABASE_URL names a database in memory; there is no file to work with.")


def _words(found: Contents) -> str:
    size = f"{found.size / MEGABYTE:,.1f} MB"
    return f"{size}, {found.sends:,} send{_s(found.sends)}, {found.alerts:,} alert{_s(found.alerts)}"


def _s(number: int) -> str:
    return "" if number == 1 else "s"


@dataclass(frozen=True)
class _Told:
    file: Path
    found: Contents
    words: str
    former: Path | None = None

    def as_json(self) -> dict[str, object]:
        return {
            "file": str(self.file), "bytes": self.found.size, "revision": self.found.revision,
            "sends": self.found.sends, "alerts": self.found.alerts, "former": str(self.former) if self.former else None,
        }


def _say(told: Sequence[_Told], *, as_json: bool) -> None:
    lines = [json.dumps([one.as_json() for one in told], ensure_ascii=False, indent=2)] if as_json else [
        one.words for one in told
    ]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
