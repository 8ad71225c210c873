"""`sendwatch forget` and `sendwatch export` on the command line; what they do is in `bot.privacy`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.privacy.forgetting import Report
    from storage.engine import Database

ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")

Workspace = Annotated[
    str, typer.Option("--workspace", metavar="ID", help="Where one bot serves several: in this one's database."),
]
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The person's e-mail address, in any case.")]


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
    that nobody can read it from, so that no later sync or import brings it back. Exit code 1 where settings name the
    person: those are yours to change.
    """
    from bot.privacy import forgetting  # noqa: PLC0415 - keeps `--help` quick

    address = _address(email)
    if not dry_run and not yes and sys.stdin.isatty():
        typer.confirm(f"Forget {address} for good? There is no way back.", abort=True, err=True)
    with _of(workspace, writes=not dry_run) as (database, others):
        report = forgetting.forget(database, address, datetime.now(UTC), dry_run=dry_run, step=_say)
    if as_json:
        sys.stdout.write(json.dumps(_as_json(report), indent=2) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in _lines(report))
    _name(others)
    if report.settings:
        raise typer.Exit(1)


def export(
    email: Email,
    *,
    file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write it into this file, which only you may read."),
    ] = None,
    workspace: Workspace = "",
) -> None:
    """Tell all that is held about one person, as JSON: to answer somebody who asks, or to look before forgetting."""
    from bot.cli import FailedError  # noqa: PLC0415 - keeps `--help` quick
    from bot.privacy import holding  # noqa: PLC0415

    address = _address(email)
    with _of(workspace) as (database, others), database.read() as session:
        told = holding.about(session, address)
    _name(others)
    text = json.dumps(told, ensure_ascii=False, indent=2) + "\n"
    if file is None:
        sys.stdout.write(text)
        return
    try:
        file.touch(mode=0o600)
        file.chmod(0o600)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FailedError(f"{file} cannot be written: {error.strerror}.") from None
    number = sum(len(rows) for rows in told["held"].values())
    typer.echo(f"{file}: {number:,} row{'' if number == 1 else 's'}.")


def _address(email: str) -> str:
    from bot.cli import WrongUseError  # noqa: PLC0415

    address = email.strip().lower()
    if not ADDRESS.fullmatch(address):
        raise WrongUseError(f"{email!r} is not an e-mail address; write for example jane@acme.com.")
    return address


@contextmanager
def _of(workspace: str, *, writes: bool = False) -> Iterator[tuple[Database, list[str]]]:
    """The database of that workspace, or the main one; and the ids of the workspaces whose databases are others."""
    from pydantic import SecretStr  # noqa: PLC0415 - as above

    from bot.cli import WrongUseError, _database, _settings  # noqa: PLC0415
    from storage import rooms, workspaces  # noqa: PLC0415

    settings = _settings()
    main = settings.database_url.get_secret_value()
    with _database(settings) as database, database.read() as session:
        known = [row.team_id for row in workspaces.every(session) if row.team_id]
    if workspace:
        if workspace not in known:
            some = f"known are {', '.join(known)}" if known else "no workspace has installed this app by itself"
            raise WrongUseError(f"{workspace!r} is no workspace that this bot serves; {some}.")
        if not rooms.exists(main, workspace):
            raise WrongUseError(f"{workspace} has no database yet, so nothing is held there.")
        settings = settings.model_copy(update={"database_url": SecretStr(rooms.url_of(main, workspace))})
    with _database(settings, writes=writes) as database:
        yield database, [one for one in known if one != workspace]


def _name(others: list[str]) -> None:
    if others:
        sys.stderr.write(
            f"Not looked through: the databases of {', '.join(others)}. --workspace names one of them.\n",
        )


def _say(what: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"Looking through {what} …\n")


def _as_json(report: Report) -> dict[str, object]:
    return {
        "email": report.email, "dry_run": report.dry_run,
        "rows": {table: number for table, number in sorted(report.rows.items()) if number},
        "redrawn": report.redrawn, "files": report.files, "settings": report.settings,
    }


def _lines(report: Report) -> list[str]:
    would = "Would be changed" if report.dry_run else "Changed"
    changed = ", ".join(f"{number:,} in {table}" for table, number in sorted(report.rows.items()) if number)
    lines = [f"{would}: {changed}." if changed else "Nothing is held about this address."]
    if report.redrawn:
        lines.append(f"Messages that Slack shows and that are drawn anew: {report.redrawn:,}.")
    if report.files:
        lines.append(
            f"Files that the bot has shared in Slack: {report.files:,}. It keeps no copy and cannot look into them; "
            "delete in Slack what names the person.",
        )
    if report.settings:
        lines.append(
            f"The configuration names the person in: {', '.join(report.settings)}. That is left to you: change it with "
            "`/sends settings` or `sendwatch config import`.",
        )
    if not report.dry_run:
        lines.append("A later sync or import does not bring the address back.")
    return lines
