"""`sendwatch report` on the command line; what it does is in `bot.report_files`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.options import Workspace


def report(
    period: Annotated[
        list[str] | None, typer.Argument(help="Which time: last week, october, 30 days … Without it the last 7 days."),
    ] = None,
    *,
    campaign: Annotated[str, typer.Option(help="Only this campaign; * and ? stand for any.")] = "",
    team: Annotated[str, typer.Option(help="Only this team; * and ? stand for any.")] = "",
    png: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the picture into this file.")] = None,
    csv: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a table for spreadsheets; - prints it."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
    workspace: Workspace = "",
) -> None:
    """Say what was sent in a period, what became of it, and what is stuck, beside the period before."""
    from bot.report_files import Wanted, write  # noqa: PLC0415 - keeps `--help` quick

    write(Wanted(
        period=" ".join(period or ()), campaign=campaign, team=team, png=png, csv=csv, as_json=as_json,
        workspace=workspace,
    ))
