"""`sendwatch forget` and `sendwatch export` on the command line; what they do is in `bot.privacy`."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

import typer

from bot.invocation import FailedError, WrongUseError, load_settings, opened, trouble

if TYPE_CHECKING:
    from bot.privacy.forgetting import Report
    from storage.engine import Database

T = TypeVar("T")
MAIN = ""
"""Stands for the main database where others stand under their workspaces' ids."""

Workspace = Annotated[
    str, typer.Option("--workspace", metavar="ID", help="Where one bot serves several: in this one's database only."),
]
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The person's e-mail address, in any case.")]


@dataclass(kw_only=True)
class _Looked(Generic[T]):
    """What was found in each database, by workspace, and where it could not be looked."""

    several: bool
    found: dict[str, T] = field(default_factory=dict)
    without: list[str] = field(default_factory=list)
    """Workspaces that have no database yet."""
    failed: dict[str, str] = field(default_factory=dict)


def forget(
    email: Email,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be changed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask on the terminal.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
    workspace: Workspace = "",
) -> None:
    """Forget a person: take the address, the names and the Slack user out of everything, for good.

    What was counted and what others did stays, without the person; so does that the address was forgotten, as a mark
    that nobody can read it from, so that no later sync or import brings it back. Where one bot serves several
    workspaces, all of them are gone through. Exit code 1 where settings name the person, which are yours to change,
    where a workspace has no other admin, or where its database could not be opened or is gone.
    """
    from bot.privacy import forgetting  # noqa: PLC0415 - keeps `--help` quick

    address = _address(email, workspace)
    if not dry_run and not yes and sys.stdin.isatty():
        typer.confirm(f"Forget {address} for good? There is no way back.", abort=True, err=True)
    users = _users(address, workspace)
    looked = _through(
        workspace, writes=not dry_run,
        work=lambda team, database: forgetting.forget(
            database, address, datetime.now(UTC), dry_run=dry_run, step=_say, users=() if team else users,
        ),
    )
    total = forgetting.Report(email=address, dry_run=dry_run)
    for report in looked.found.values():
        total.rows.update(report.rows)
        total.redrawn, total.files = total.redrawn + report.redrawn, total.files + report.files
        total.settings, total.alone = total.settings + report.settings, total.alone + report.alone
    if as_json:
        sys.stdout.write(json.dumps(_as_json(looked, total), indent=2) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in _told(looked, total))
    _name_failed(looked.failed)
    if total.settings or total.alone or looked.failed:
        raise typer.Exit(1)


def export(
    email: Email,
    *,
    file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write it into this file, which only you may read."),
    ] = None,
    workspace: Workspace = "",
) -> None:
    """Tell all that is held about one person, as JSON: to answer somebody who asks, or to look before forgetting.

    Where one bot serves several workspaces, all of them are gone through. Exit code 1 where one could not be opened
    or is gone.
    """
    from bot.privacy import holding  # noqa: PLC0415

    address = _address(email, workspace)
    users = _users(address, workspace)

    def about(team: str, database: Database) -> dict[str, Any]:
        with database.read() as session:
            return holding.about(session, address, () if team else users)

    looked = _through(workspace, work=about)
    number = sum(len(rows) for told in looked.found.values() for rows in told["held"].values())
    told = {
        "email": address, "rows": number,
        "databases": [{"workspace": team or None, **one} for team, one in looked.found.items()],
        "without_database": looked.without, "failed": looked.failed,
    } if looked.several else next(iter(looked.found.values()))
    text = json.dumps(told, ensure_ascii=False, indent=2) + "\n"
    if file is None:
        sys.stdout.write(text)
    else:
        try:
            file.touch(mode=0o600)
            if file.is_file():
                # And not of what others need as it is, such as /dev/null.
                file.chmod(0o600)
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise FailedError(f"{file} cannot be written: {error.strerror}.") from None
        typer.echo(f"{file}: {number:,} row{'' if number == 1 else 's'}.")
    _name_failed(looked.failed)
    if looked.failed:
        raise typer.Exit(1)


def _address(email: str, workspace: str) -> str:
    """What was typed, as it is compared: an address, or what stands in an address field although it is none."""
    from bot.privacy import person  # noqa: PLC0415
    from bot.sends.addresses import plain, read  # noqa: PLC0415

    address = read(email)
    if address is not None:
        return address
    address = plain(email)

    def is_held(_team: str, database: Database) -> bool:
        with database.read() as session:
            return person.is_held(session, address)

    looked = _through(workspace, work=is_held) if address else None
    if looked is None or not any(looked.found.values()):
        _name_failed(looked.failed if looked else {})
        raise WrongUseError(f"{email!r} is not an e-mail address; write for example jane@acme.com.")
    return address


def _users(address: str, workspace: str) -> list[str]:
    """The person's Slack users in all workspaces: the main database has their ids, and does not know whose they are."""
    from bot.privacy import person  # noqa: PLC0415

    def of(_team: str, database: Database) -> list[str]:
        with database.read() as session:
            return person.users_of(session, address)

    return [] if workspace else sorted({one for users in _through("", of).found.values() for one in users})


def _through(workspace: str, work: Callable[[str, Database], T], *, writes: bool = False) -> _Looked[T]:
    """Do it in the database of that workspace or, without one, in the main one and those of all workspaces.

    Where there are several, one that cannot be opened or gone through keeps nobody from the others.
    """
    from pydantic import SecretStr  # noqa: PLC0415 - as above

    from bot.workspaces.choice import GONE, id_of, see_that_it_is_there  # noqa: PLC0415
    from storage import rooms, workspaces  # noqa: PLC0415

    settings = load_settings()
    main = settings.database_url.get_secret_value()
    see_that_it_is_there(main)
    with opened(settings) as database, database.read() as session:
        rows = [row for row in workspaces.every(session) if row.team_id]
        gone = {row.team_id for row in rows if rooms.is_gone(session, main, row.team_id)}
    known = [row.team_id for row in rows]
    if workspace:
        workspace = id_of(workspace, rows)
        if workspace in gone:
            raise FailedError(GONE.format(team=workspace, place=rooms.place(main, workspace)))
        if not rooms.exists(main, workspace):
            raise WrongUseError(f"{workspace} has no database yet, so nothing is held there.")
    looked: _Looked[T] = _Looked(several=bool(known) and not workspace)
    for team in [workspace] if workspace else [MAIN, *known]:
        try:
            if team in gone:
                looked.failed[team] = GONE.format(team=team, place=rooms.place(main, team))
                continue
            if team and not rooms.exists(main, team):
                looked.without.append(team)
                continue
            url = SecretStr(rooms.url_of(main, team) if team else main)
            with opened(settings.model_copy(update={"database_url": url}), writes=writes) as database:
                looked.found[team] = work(team, database)
        except Exception as error:
            if not looked.several:
                raise
            looked.failed[team or "main"] = _why(error)
    return looked


def _why(error: Exception) -> str:
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415


    if isinstance(error, DBAPIError):
        return str(error.orig).strip().partition("\n")[0]
    return " ".join(trouble(error)[1]) or type(error).__name__


def _name_failed(failed: dict[str, str]) -> None:
    for team, why in failed.items():
        sys.stderr.write(f"Not looked through: {_called(team)}: {why}\n")


def _called(team: str) -> str:
    return "the main database" if team in {MAIN, "main"} else team


def _say(what: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"Looking through {what} …\n")


def _as_json(looked: _Looked[Report], total: Report) -> dict[str, Any]:
    if not looked.several:
        return _one_as_json(total)
    return _one_as_json(total) | {
        "databases": [{"workspace": team or None, **_one_as_json(report)} for team, report in looked.found.items()],
        "without_database": looked.without, "failed": looked.failed,
    }


def _one_as_json(report: Report) -> dict[str, Any]:
    return {
        "email": report.email, "dry_run": report.dry_run,
        "rows": {table: number for table, number in sorted(report.rows.items()) if number},
        "redrawn": report.redrawn, "files": report.files, "settings": list(dict.fromkeys(report.settings)),
        "only_admin": list(dict.fromkeys(report.alone)),
    }


def _told(looked: _Looked[Report], total: Report) -> Iterable[str]:
    if looked.several:
        for team, report in looked.found.items():
            yield f"{_called(team).capitalize() if team == MAIN else team}:"
            yield from (f"  {line}" for line in _lines(report))
        for team in looked.without:
            yield (
                f"{team}: it has no database yet. Nothing is held there, and nothing keeps the address out of it later."
            )
        if number := len(looked.found):
            yield f"In {number:,} database{'' if number == 1 else 's'}: {_changed(total)}"
        if looked.failed:
            yield (
                f"NOT LOOKED THROUGH, so the person may still be there: {', '.join(map(_called, looked.failed))}. "
                "Mend that and run it again."
            )
    else:
        yield from _lines(total)
    if not total.dry_run and looked.found:
        yield "A later sync or import does not bring the address back."


def _changed(report: Report) -> str:
    would = "Would be changed" if report.dry_run else "Changed"
    rows: Counter[str] = report.rows
    changed = ", ".join(f"{number:,} in {table}" for table, number in sorted(rows.items()) if number)
    return f"{would}: {changed}." if changed else f"Nothing is held about {report.email}."


def _lines(report: Report) -> list[str]:
    lines = [_changed(report)]
    if report.redrawn:
        lines.append(f"Messages that Slack shows and that are drawn anew: {report.redrawn:,}.")
    if report.files:
        lines.append(
            f"Files that the bot has shared in Slack: {report.files:,}. It keeps no copy and cannot look into them; "
            "delete in Slack what names the person.",
        )
    if report.alone:
        lines.append(
            f"The person is the only admin of Sendwatch in: {', '.join(report.alone)}. That is left to you: have "
            "somebody else install the app there once more, and run it again.",
        )
    if report.settings:
        lines.append(
            f"The configuration names the person in: {', '.join(report.settings)}. That is left to you: change it with "
            "`/sends settings` or `sendwatch config import`.",
        )
    return lines
