"""What becomes of a channel when the bot is invited, put out, or the channel is archived. The caller commits."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from bot.delivery.pacing import Terms
from bot.delivery.settling import Settling
from bot.delivery.slack_codes import Blame, blame
from storage import messages, moved_channels, outgoing
from storage.models import Message

log = structlog.get_logger()

WELCOME = "welcome"
"""What stands in the body of such a notice, and begins its key."""
APART = timedelta(minutes=1)
"""Who is put out and invited again within this time knows already what the bot is for."""


def welcome(session: Session, channel: str, inviter: str, joined_at: datetime, now: datetime, **more: str) -> bool:
    """Wish for the message that says what the bot does; False where this arrival has one, or has just had one.

    `inviter` is a Slack user id, or empty; `more` goes into the body. `joined_at` tells one arrival from another.
    """
    # One process at a time: two copies of one event may come to two of them.
    outgoing.lock_pace(session, channel)
    if any(abs(joined_at - _joined_at(one)) < APART for one in welcomes(session, channel)):
        return False
    wished = messages.want(
        session, key=f"{WELCOME}:{channel}:{joined_at.timestamp():.6f}", kind="notice", channel=channel, now=now,
        body={"notice": WELCOME, "by": inviter, "joined_at": joined_at.isoformat(), **more},
    )
    # Somebody has just done something and looks: it is not put behind a flood of alerts.
    wished.priority = messages.PRESS_PRIORITY
    return True


def welcomes(session: Session, channel: str) -> list[Message]:
    """The welcomes of a channel, the newest first."""
    return messages.with_key(session, channel, f"{WELCOME}:")


def _joined_at(message: Message) -> datetime:
    return datetime.fromisoformat(str(message.body["joined_at"]))


def lost(
    session: Session, channel: str, code: str, now: datetime, *, admins: tuple[str, ...], alert_channel: str,
) -> bool:
    """Slack says that nothing can be told there any more: admins are told now, not with the next alert.

    It is the same word with the same key as when a post is refused, so that nobody hears it twice. False where
    trouble with the channel is known already.
    """
    if outgoing.lock_pace(session, channel).broken_code is not None:
        return False
    Settling(terms=Terms(), admins=admins, fallback=alert_channel or None).mark(session, channel, code, now)
    return True


def moved(
    session: Session, old: str, new: str, now: datetime, *, admins: tuple[str, ...], alert_channel: str,
) -> int:
    """Slack has given a channel another id: what was told there or waits is there again. Gives how many messages.

    ALERT_CHANNEL stands where nobody but an admin can change it: what is told there is led to the new id from now on,
    and admins hear of it once.
    """
    number = moved_channels.move(session, old, new)
    outgoing.mend(session, old)
    if old == alert_channel:
        moved_channels.remember(session, old, new, now)
        for reader in admins:
            messages.want(
                session, key=f"notice:moved:{old}:{new}:{reader}", kind="notice", channel=reader, now=now,
                body={"text": _renamed(old, new), "place": new},
            )
    log.info("channel_moved", old=old, new=new, messages=number)
    return number


def _renamed(old: str, new: str) -> str:
    return (
        f"Slack has given the alert channel another id: channel {new} was {old} until now. "
        "Alerts go there all the same.\n"
        f"Please set ALERT_CHANNEL={new} where Sendwatch is set up; it counts from its next start on."
    )


def found_again(session: Session, channel: str, now: datetime) -> bool:
    """The channel is there again: what was kept for it goes out now. False where nothing was wrong with it."""
    code = outgoing.lock_pace(session, channel).broken_code
    if code is None or blame(code) is not Blame.CHANNEL:
        return False
    outgoing.go_on(session, channel, now)
    log.info("channel_works_again", channel=channel)
    return True
