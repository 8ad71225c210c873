"""Back-ups from the command line: SQLite by ourselves, PostgreSQL by the programs that come with it."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer
from sqlalchemy.engine import URL

from bot import settings
from bot.alerts.notices import joined
from bot.invocation import FailedError, WrongUseError
from bot.terminal import progress
from storage import backup, restore, rooms
from storage.backup import BackupError, Contents
from storage.engine import Database, normalise
from storage.restore import Restored

MEGABYTE = 1_000_000


def back_up(file: Path, *, as_json: bool) -> None:
    """Take a back-up. WrongUseError where the database is no SQLite file, FailedError where it cannot be done."""
    url = _url()
    _refuse_others(url, _saved_by, file, "back it up with")
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
        told.append(_Told(target, f"{target}: {_words(found)}. Every page was checked.", found))
    if told:
        _say(told, as_json=as_json)
    if failed:
        raise FailedError("\n".join([*failed, *(["What is named above was saved all the same."] if told else [])]))


def restore_from(file: Path, *, incomplete: bool, as_json: bool) -> None:
    """Put a back-up back. Errors as `back_up`; DatabaseBusyError while a bot works with the database.

    Where copies of workspaces that it knows and that have databases are missing beside it, it is refused unless
    `incomplete` is meant. Copies of others are left where they are.
    """
    url = _url()
    _refuse_others(url, _restored_by, file, "stop the bot, and restore it into a new database, with")
    main, now = Path(str(url.database)), datetime.now(UTC)
    known, present = restore.workspaces_in(file) or set(), restore.workspaces_in(main)
    _refuse_mixed_up(file, main, known, present)
    plan = restore.planned(file, main, known, present)
    if plan.torn and not incomplete:
        names = joined([str(backup.beside(file, team)) for team in plan.torn], "and")
        raise FailedError(
            f"{file} knows {joined(plan.torn, 'and')}, and {names} {'is' if len(plan.torn) == 1 else 'are'} not there. "
            "The databases of workspaces are restored together: put the copies beside it. With --incomplete, a "
            "workspace without a copy keeps the database that it has now.",
        )
    with ExitStack() as locks:
        for target in plan.targets:
            locks.callback(Database(f"sqlite:///{target}", exclusive=True).close)
        try:
            done = restore.restore(plan.pairs, now, list(plan.strangers.values()))
        except (BackupError, OSError) as error:
            raise FailedError(str(error)) from None
    _say([
        *map(_put_back, done),
        *(_left_out(team, path, rooms.put_aside(path, now), sure=plan.is_sure)
          for team, path in plan.strangers.items()),
    ], as_json=as_json)
    for team, copy in plan.unknown.items():
        typer.echo(f"{copy} is left where it is: {file} does not know {team}.", err=True)
    for team in plan.empty:
        typer.echo(f"{team} has no copy beside {file}, and no database here: it begins with an empty one.", err=True)


def _put_back(one: Restored) -> _Told:
    former = f" The former database is kept as {one.former}." if one.former else ""
    return _Told(one.target, f"{one.target}: {_words(one.found)}, from {one.saved}.{former}", one.found, one.former)


def _left_out(team: str, path: Path, kept: Path, *, sure: bool) -> _Told:
    why = "which came later" if sure else "and the former main database cannot tell whose it is"
    words = f"{path}: the back-up does not know {team}, {why}. What was there is kept as {kept}."
    return _Told(path, words, former=kept)


def _refuse_mixed_up(file: Path, main: Path, known: set[str], present: set[str] | None) -> None:
    """A workspace's database takes the place of that workspace's only, and a main one never does."""
    saved = _workspace_of(file, present)
    own = _workspace_of(main, {saved})
    if saved == own or not (saved or known):
        return
    if saved:
        raise WrongUseError(
            f"{file} is the copy of one workspace's database, that of {saved}. Name the back-up of the main one: those "
            "of the workspaces are restored together with it.",
        )
    raise WrongUseError(f"DATABASE_URL names the database of {own}, and {file} is the back-up of a main one.")


def _workspace_of(file: Path, also_known: set[str] | None = None) -> str:
    """The workspace whose database, or the copy of it, a file is; empty for any other.

    The name alone does not tell: a main database must know the workspace, the one beside it or that of `also_known`.
    """
    main, team = backup.main_of(file) or (file, "")
    return team if team in (restore.workspaces_in(main) or set()) | (also_known or set()) else ""


def _url() -> URL:
    return normalise(settings.load().database_url.get_secret_value())


def _refuse_others(url: URL, commands: Callable[[URL, Path], list[list[str]]], file: Path, verb: str) -> None:
    if url.get_backend_name() == "postgresql":
        # The password is asked for, or comes from ~/.pgpass: on a command line everybody on the machine could read it.
        plain = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
        plain = plain.difference_update_query(["password", "options"])
        lines = "\n  ".join(shlex.join(command) for command in commands(plain, file))
        raise WrongUseError(f"The database is PostgreSQL; {verb}:\n  {lines}")


def _saved_by(url: URL, file: Path) -> list[list[str]]:
    return [["pg_dump", f"--dbname={url.render_as_string()}", "--format=custom", f"--file={file}"]]


def _restored_by(url: URL, file: Path) -> list[list[str]]:
    """Into a new database: in the old one what a later version has added would stay, and keep it from an upgrade."""
    name = str(url.database).replace('"', '""')
    return [
        [
            "psql", f"--dbname={url.set(database='postgres').render_as_string()}",
            f'--command=ALTER DATABASE "{name}" RENAME TO "before_{name}"', f'--command=CREATE DATABASE "{name}"',
        ],
        ["pg_restore", f"--dbname={url.render_as_string()}", "--no-owner", str(file)],
    ]


def _words(found: Contents) -> str:
    size = f"{found.size / MEGABYTE:,.1f} MB"
    return f"{size}, {found.sends:,} send{_s(found.sends)}, {found.alerts:,} alert{_s(found.alerts)}"


def _s(number: int) -> str:
    return "" if number == 1 else "s"


@dataclass(frozen=True)
class _Told:
    file: Path
    words: str
    found: Contents | None = None
    former: Path | None = None

    def as_json(self) -> dict[str, object]:
        found = self.found
        return {
            "file": str(self.file), "bytes": found.size if found else 0, "revision": found.revision if found else None,
            "sends": found.sends if found else 0, "alerts": found.alerts if found else 0,
            "former": str(self.former) if self.former else None,
        }


def _say(told: Sequence[_Told], *, as_json: bool) -> None:
    lines = [json.dumps([one.as_json() for one in told], ensure_ascii=False, indent=2)] if as_json else [
        one.words for one in told
    ]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
