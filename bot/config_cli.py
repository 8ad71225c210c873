"""`sendwatch config …` on the command line; what each command does is in `bot.config_files`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.options import Json, Workspace

config_app = typer.Typer(
    name="config", no_args_is_help=True,
    help="The configuration as a file: calendar, routes, policies, permissions, thresholds and the rest.",
)



@config_app.command("export")
def export_file(
    file: Annotated[Path | None, typer.Argument(help="Where to write it; without one it is printed.")] = None,
    *,
    workspace: Workspace = "",
) -> None:
    """Write the configuration in force as YAML, with comments. Importing it again changes nothing."""
    from bot.config_files import export_to  # noqa: PLC0415 - keeps `--help` quick

    export_to(file, workspace)


@config_app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="The file in YAML; - reads what is piped in.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    as_json: Json = False,
    workspace: Workspace = "",
) -> None:
    """Check a file, show what it changes, and put it into force. Sections that it does not hold stay as they are."""
    from bot.config_files import import_from  # noqa: PLC0415

    import_from(file, dry_run=dry_run, as_json=as_json, workspace=workspace)


@config_app.command("check")
def check(
    file: Annotated[Path | None, typer.Argument(help="A file in YAML; without one, what is in force.")] = None,
    *,
    send: Annotated[str | None, typer.Option(metavar="GID", help="Show where this send's alerts would go.")] = None,
    rule: Annotated[str | None, typer.Option(help="With --send: for this rule, such as overdue/support.")] = None,
    as_json: Json = False,
    workspace: Workspace = "",
) -> None:
    """Say whether the configuration is right, where its routes lead, and where a send's alerts would go and why."""
    from bot.config_files import check_file  # noqa: PLC0415

    check_file(file, send, rule, as_json=as_json, workspace=workspace)
