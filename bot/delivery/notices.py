"""What admins are told when Slack does not take messages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from bot.delivery.slack_codes import advice
from storage import messages
from storage.outgoing import ADDRESSES, FILES, WORKSPACE

PREFIX = "notice:channel:"


def tell(
    session: Session, *, channel: str, code: str, since: datetime, now: datetime, admins: Iterable[str],
    fallback: str | None,
) -> int:
    """Wish for one direct message to each admin (or one to the channel `fallback` where nobody is named).

    Once for each channel and code while the trouble lasts. Nobody is told about a direct message that
    did not reach an admin, as that notice would meet the same end. Gives how many people are told.
    """
    admins = tuple(admins)
    readers = admins or ((fallback,) if fallback and fallback != channel else ())
    if channel in admins:
        return 0
    for reader in readers:
        messages.want(
            session, key=f"{PREFIX}{channel}:{code}:{int(since.timestamp())}:{reader}", kind="notice",
            channel=reader, now=now, body={"text": words(channel, code, since, fallback), "place": channel},
        )
    return len(readers)


def words(channel: str, code: str, since: datetime, alert_channel: str | None = None) -> str:
    """The notice: where, since when, Slack's code, what to do, and that nothing is lost."""
    moment = f"{since.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if channel == WORKSPACE:
        # This one can only arrive when the trouble is over, and must be true then.
        return (
            f"Slack refused every message of Sendwatch from {moment} on ({code}). {advice(code)}\n"
            "If you can read this, posting works again. Nothing was lost: what was waiting is being posted now."
        )
    if channel == FILES:
        return (
            f"Sendwatch cannot post files since {moment}: Slack says {code}. {advice(code)}\n"
            "Everything else is posted. The files are kept, and posted as soon as Slack takes them."
        )
    if channel == ADDRESSES:
        return (
            f"Sendwatch cannot find people by their e-mail address since {moment}: Slack says {code}. {advice(code)}\n"
            "Until then, what is meant for them alone goes to the alert channel. Nothing is lost."
        )
    return (
        f"Sendwatch cannot post in channel {channel} since {moment}: Slack says {code}. "
        f"{advice(code, is_routed=channel != alert_channel)}\n"
        "Nothing is lost: what is waiting is kept, tried again at growing distances up to an hour, "
        "and posted as soon as Slack takes it."
    )
