"""`sendwatch workspaces …` on the command line; what each command does is in `bot.workspaces.desk`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.options import Json

workspaces_app = typer.Typer(
    name="workspaces", no_args_is_help=True,
    help="Who has installed the app, where one bot serves several workspaces; rekey is for one workspace, too. All "
    "of it works while the bot runs.",
)

Team = Annotated[str, typer.Argument(metavar="WORKSPACE", help="The workspace's id, such as T0123ABCD.")]


@workspaces_app.command("list")
def show(*, as_json: Json = False) -> None:
    """Show who has installed the app, since when, where alerts go, and whether Sendoso is connected."""
    from bot.workspaces.desk import show_all  # noqa: PLC0415 - keeps `--help` quick

    show_all(as_json=as_json)


@workspaces_app.command("sendoso")
def sendoso(
    team: Team,
    file: Annotated[
        Path | None, typer.Argument(help="Lines such as SENDOSO_ACCESS_TOKEN=…; - reads what is piped in."),
    ] = None,
    *,
    off: Annotated[bool, typer.Option("--off", help="Forget the access instead.")] = False,
) -> None:
    """Give a workspace access to its own Sendoso account. What is given is stored encrypted and never shown again.

    The lines are those of the settings: SENDOSO_ACCESS_TOKEN, or SENDOSO_CLIENT_ID, SENDOSO_CLIENT_SECRET and
    SENDOSO_REFRESH_TOKEN; SENDOSO_WEBHOOK_SECRETS; SENDOSO_API_URL. They replace what was given before.
    """
    from bot.workspaces.desk import connect  # noqa: PLC0415 - as above

    connect(team, file, off=off)


@workspaces_app.command("rekey")
def rekey() -> None:
    """Encrypt all tokens anew with the first of ENCRYPTION_KEYS, so that the others can be taken out.

    Also where the bot serves one workspace, which keeps the rotating tokens of Sendoso's OAuth encrypted. Exit code 1
    where tokens are encrypted with a key that is not among them.
    """
    from bot.workspaces.desk import rekey_all  # noqa: PLC0415 - as above

    rekey_all()
