"""`sendwatch scan` and `deliver`: opening alerts, and telling them to Slack, once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.invocation import RECKONED, TOO_FAR, WrongUseError, instant, opened
from bot.options import Json, Workspace

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from bot.alerts.stale import Freshness
    from bot.settings import Settings


def scan(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be posted, and why.")] = False,
    at: Annotated[str | None, typer.Option(metavar="ISO-TIME", help="Look as of this time (with --dry-run).")] = None,
    as_json: Json = False,
    workspace: Workspace = "",
) -> None:
    """Find sends that are stuck, ending or expired, and open alerts for them."""
    from bot.alerts import recompute  # noqa: PLC0415
    from bot.alerts import scan as alerts_scan  # noqa: PLC0415
    from bot.app import rules_of  # noqa: PLC0415
    from bot.terminal import show_plan, show_scan  # noqa: PLC0415
    from bot.workspaces.choice import settings_of  # noqa: PLC0415

    if at is not None and not dry_run:
        raise WrongUseError("--at only goes with --dry-run: alerts are opened as of now.")
    settings = settings_of(workspace, "bot")
    now = instant(at, settings) if at is not None else datetime.now(UTC)
    if at is not None and not RECKONED[0] <= now.year <= RECKONED[1]:
        raise WrongUseError(TOO_FAR.format(option="--at", text=at))
    with opened(settings, writes=not dry_run) as database:
        if dry_run:
            with database.read() as session:
                fresh = _freshness(session, settings)
                plan = alerts_scan.plan(session, now, rules_of(settings)(session), fresh)
                show_plan(plan, as_json=as_json)
            return
        if not settings.alert_channel:
            raise WrongUseError("ALERT_CHANNEL is missing: the id of the channel for alerts, such as C0123ABCD.")
        rules = rules_of(settings)
        with database.write() as session:
            recompute.look_at_edition(session, rules(session).watch, now)
        # Nothing is told while due times are those of former limits, and here may be no bot that runs and sees to it.
        while recompute.step(database, now, lambda session: rules(session).watch):
            pass
        show_scan(alerts_scan.everything(database, now, rules), as_json=as_json)


def deliver(*, as_json: Json = False, workspace: Workspace = "") -> None:
    """Post and redraw every message that Slack does not show yet, as far as Slack's pace allows now."""
    from bot.app import delivery_of  # noqa: PLC0415
    from bot.privacy.looked_up import Recorder  # noqa: PLC0415
    from bot.terminal import show_delivery  # noqa: PLC0415
    from bot.workspaces.choice import settings_of  # noqa: PLC0415

    settings = settings_of(workspace, "bot")
    if not settings.slack_bot_token:
        raise WrongUseError("SLACK_BOT_TOKEN is missing: the bot token (xoxb-…) of the Slack app.")
    with opened(settings, writes=True) as database:
        recorder = Recorder(database)
        report = delivery_of(settings, database, recorder=recorder).run()
        recorder.write()
        show_delivery(report, as_json=as_json)


def _freshness(session: Session, settings: Settings) -> Freshness | None:
    """What tells whether data are missing; None where none are expected, or no sync was ever begun."""
    from bot.alerts.stale import freshness  # noqa: PLC0415
    from bot.sends import sync as walk  # noqa: PLC0415
    from storage.sync import cursor  # noqa: PLC0415

    known = cursor(session, walk.SOURCE) if settings.has_sendoso else None
    since = known and (known.last_ok_at or known.started_at)
    return freshness(known, settings.sync_every, since) if since else None
