"""`sendwatch audit`: who did what, on the screen or in a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.invocation import FailedError, WrongUseError, instant, opened
from bot.options import Json, Workspace


def audit(
    *,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write a CSV for spreadsheets; - prints it."),
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="ISO-TIME", help="Only from this time on.")] = None,
    until: Annotated[str | None, typer.Option(metavar="ISO-TIME", help="Only before this time.")] = None,
    action: Annotated[
        list[str] | None, typer.Option(help="Only this action, such as resolve, config or look_up; may be repeated."),
    ] = None,
    as_json: Json = False,
    workspace: Workspace = "",
) -> None:
    """Show who did what and when: every press, every step of the bot, every change of the configuration.

    Look-ups, where these are put on record, are shown only by --action look_up.

    A CSV file is UTF-8 with a byte order mark, as spreadsheets want it, and a cell that a spreadsheet could take
    for a formula begins with an apostrophe.
    """
    from bot import audit as log  # noqa: PLC0415
    from bot.workspaces.choice import settings_of  # noqa: PLC0415

    settings = settings_of(workspace)
    start, end = (instant(at, settings, name) if at is not None else None for at, name in (
        (since, "--since"), (until, "--until"),
    ))
    if start is not None and end is not None and start >= end:
        raise WrongUseError(f"--since {since} is not before --until {until}: there is nothing in between.")
    with opened(settings) as database, database.read() as session:
        wrong = log.unknown(session, action or ())
        if wrong:
            raise WrongUseError("\n".join(
                f"--action {name!r} is nothing that is put on record; did you mean {near}?"
                for name, near in wrong.items()
            ))
        found = log.lines(session, start, end, action or ())
        if csv_file is not None and str(csv_file) != "-":
            try:
                number = log.save_csv(found, csv_file)
            except OSError as error:
                raise FailedError(f"{csv_file} cannot be written: {error.strerror}.") from None
            typer.echo(f"{csv_file}: {number:,} row{'' if number == 1 else 's'}.")
        elif csv_file is not None:
            log.write_csv(found, sys.stdout)
        elif as_json:
            log.write_json(found, sys.stdout)
        else:
            log.write_lines(found, sys.stdout, settings.zone)
