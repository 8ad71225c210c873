"""A report for the command line: printed, as JSON, as a picture, as a table."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer

from bot.app import rules_of
from bot.audit import BOM
from bot.invocation import FailedError, WrongUseError, opened
from bot.reports import asked, export, picture
from bot.reports.asking import NotKnown, answer
from bot.reports.picture import NotDrawnError
from bot.reports.question import Question
from bot.reports.summary import Summary
from bot.terminal import show_report
from bot.workspaces.choice import settings_of

STDOUT = Path("-")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What was asked for on the command line."""

    period: str = ""
    campaign: str = ""
    team: str = ""
    png: Path | None = None
    csv: Path | None = None
    as_json: bool = False
    workspace: str = ""
    """Where one bot serves several: the one that it is about."""


def write(wanted: Wanted) -> None:
    """Count the report, and write and print what was asked for. Raises WrongUseError and FailedError."""
    _refuse_what_is_in_the_way(wanted)
    found = _count(wanted)
    prints_csv = wanted.csv == STDOUT
    files: list[tuple[Path, bytes]] = []
    if wanted.csv is not None and not prints_csv:
        files.append((wanted.csv, export.content(found)))
    if wanted.png is not None:
        files.append((wanted.png, _drawn(found)))
    for path, content in files:
        try:
            export.save(content, path)
        except OSError as error:
            raise FailedError(f"{path} cannot be written: {error.strerror}.") from None
    if prints_csv:
        sys.stdout.write(export.content(found).decode().removeprefix(BOM))
    elif wanted.as_json or not files:
        show_report(found, as_json=wanted.as_json)
    if not (wanted.as_json or prints_csv):
        for path, _ in files:
            typer.echo(f"{path} is written.")


def _refuse_what_is_in_the_way(wanted: Wanted) -> None:
    if wanted.csv == STDOUT and wanted.as_json:
        raise WrongUseError("--csv - and --json both print; give --csv the name of a file.")
    if wanted.png is not None and wanted.csv is not None and wanted.png.resolve() == wanted.csv.resolve():
        raise WrongUseError("--png and --csv name the same file; give each a file of its own.")


def _count(wanted: Wanted) -> Summary:
    settings, now = settings_of(wanted.workspace), datetime.now(UTC)
    with opened(settings) as database, database.read() as session:
        zone = rules_of(settings)(session).watch.calendar.zone
        period = asked.understood(wanted.period, now, zone) if wanted.period else asked.usual(now, zone)
        if period is None:
            periods = asked.near(wanted.period)
            told = asked.doubt(wanted.period, now, zone) or f"{wanted.period!r} is no period."
            guess = f" Did you mean {' or '.join(periods)}?" if periods else ""
            raise WrongUseError(f"{told}{guess} Write for example {', '.join(asked.EXAMPLES)}.")
        found = answer(session, Question(period=period, campaign=wanted.campaign, team=wanted.team), now)
    if isinstance(found, NotKnown):
        near = ", ".join(one.name for one in found.nearest)
        raise WrongUseError(f"No {found.scope} is called {found.typed!r}{f'; did you mean {near}?' if near else '.'}")
    return found


def _drawn(found: Summary) -> bytes:
    try:
        return picture.png(found)
    except NotDrawnError as error:
        raise FailedError(f"{str(error)[0].upper()}{str(error)[1:]}.") from None
