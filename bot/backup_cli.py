"""`sendwatch backup` and `sendwatch restore` on the command line; what they do is in `bot.backup_files`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.options import Json


def backup(
    file: Annotated[Path, typer.Argument(help="A new file; nothing is overwritten.")],
    *,
    as_json: Json = False,
) -> None:
    """Copy the SQLite database into a file, while the bot runs. The copy is checked before it gets its name.

    For PostgreSQL it says which command to use.
    """
    from bot.backup_files import back_up  # noqa: PLC0415 - keeps `--help` quick

    back_up(file, as_json=as_json)


def restore(
    file: Annotated[Path, typer.Argument(help="What “sendwatch backup” has made.")],
    *,
    incomplete: Annotated[
        bool, typer.Option("--incomplete", help="Also where copies of workspaces are missing: these stay as they are."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Put a back-up in the place of the SQLite database; the former one is kept beside it. The bot must not run.

    For PostgreSQL it says which command to use.
    """
    from bot.backup_files import restore_from  # noqa: PLC0415

    restore_from(file, incomplete=incomplete, as_json=as_json)
