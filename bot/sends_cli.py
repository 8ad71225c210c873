"""`sendwatch import`, `sync`, `status` and `meaning`: taking sends in, and asking about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.invocation import FailedError, WrongUseError, opened
from bot.options import Json, Workspace


def import_csv(
    file: Annotated[Path, typer.Argument(help="The CSV that Sendoso's Send Tracker exports.")],
    *,
    as_json: Json = False,
    workspace: Workspace = "",
) -> None:
    """Take in the Send Tracker's CSV export. Taking the same file twice changes nothing."""
    from bot.app import rules_of  # noqa: PLC0415
    from bot.imports import CsvError, import_file  # noqa: PLC0415
    from bot.terminal import progress, show_tally  # noqa: PLC0415
    from bot.workspaces.choice import settings_of  # noqa: PLC0415

    if not file.is_file():
        raise WrongUseError(f"{file} is not a file. Name the CSV that Sendoso's Send Tracker exports.")
    settings = settings_of(workspace)
    with opened(settings, writes=True) as database, progress(f"Importing {file.name}") as step:
        try:
            rules = rules_of(settings)
            counts = import_file(
                database, file, datetime.now(UTC), settings.zone, step, lambda session: rules(session).watch,
            )
        except CsvError as error:
            raise FailedError(f"{file}: {error}") from None
    show_tally(counts, as_json=as_json, source=file.name)
    if counts.rejected and counts.read == len(counts.rejected):
        raise FailedError(f"{file}: no line could be read.")


def sync(*, as_json: Json = False, workspace: Workspace = "") -> None:
    """Walk through all sends that Sendoso's API knows, once. A walk that was stopped goes on where it was."""
    from bot.sends import sync as walk  # noqa: PLC0415
    from bot.sends.sources.sendoso_api import SendosoError  # noqa: PLC0415
    from bot.terminal import progress, show_tally  # noqa: PLC0415
    from bot.workspaces.choice import settings_of  # noqa: PLC0415

    settings = settings_of(workspace, "sendoso")
    if not settings.has_sendoso:
        raise WrongUseError(
            "SENDOSO_ACCESS_TOKEN is missing (or SENDOSO_CLIENT_ID, SENDOSO_CLIENT_SECRET and "
            "SENDOSO_REFRESH_TOKEN): sync needs access to Sendoso's API.",
        )
    from bot.app import rules_of, sendoso_client  # noqa: PLC0415

    with opened(settings, writes=True) as database, progress("Syncing with Sendoso") as step:
        client, rules = sendoso_client(settings, database), rules_of(settings)
        try:
            report = walk.run(database, client, watch=lambda session: rules(session).watch, progress=step)
        except SendosoError as error:
            raise FailedError(str(error)) from None
        finally:
            client.close()
    show_tally(report, as_json=as_json, source="Sendoso")


def status(
    query: Annotated[list[str], typer.Argument(help="E-mail, name, company, campaign, gid, id or tracking link.")],
    *,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many sends to show.")] = 10,
    as_json: Json = False,
    workspace: Workspace = "",
) -> None:
    """Look up where a send is, by anything that people know of it."""
    from bot.sends import lookup  # noqa: PLC0415
    from bot.terminal import show_status  # noqa: PLC0415
    from bot.workspaces.choice import settings_of  # noqa: PLC0415

    words = " ".join(query)
    if not words.strip():
        raise WrongUseError("Say what to look for: an e-mail address, a name, a company, a campaign, a gid or a link.")
    settings = settings_of(workspace)
    with opened(settings) as database, database.read() as session:
        found = lookup.find(session, words, limit=limit, most=None)
        histories = {send.id: lookup.history_of(session, send) for send in found.sends}
        show_status(replace(found, query=words), histories, settings.zone, as_json=as_json)


def meaning(
    status_words: Annotated[list[str], typer.Argument(metavar="STATUS", help="A status, in any spelling.")],
    *,
    as_json: Json = False,
) -> None:
    """Explain a status: what it means, who acts next, what is to be done."""
    from bot.statuses.answers import answer  # noqa: PLC0415
    from bot.terminal import show_meaning  # noqa: PLC0415

    words = " ".join(status_words)
    if not words.strip():
        raise WrongUseError("Say which status, as Sendoso calls it or in words of your own: shipped, for example.")
    show_meaning(answer(words), as_json=as_json)
