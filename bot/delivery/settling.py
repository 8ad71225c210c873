"""What each end of a call to Slack leads to: recorded in one transaction with the channel's pace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy.orm import Session

from bot.delivery import notices
from bot.delivery.pacing import Terms
from bot.delivery.slack_codes import Blame
from bot.delivery.slack_web import Done, RateLimited, Refused, Trouble, Unclear, Unreachable
from storage import outgoing
from storage.models import ChannelPace
from storage.outgoing import UPDATES, WORKSPACE, Claim

log = structlog.get_logger()

UNREACHABLE = "unreachable"
"""Stands in the workspace's row while no connection to Slack comes about."""
SOONEST_RECONNECT, LATEST_RECONNECT = timedelta(seconds=2), timedelta(minutes=1)


class Ending(StrEnum):
    """How one turn of a channel ended; the words of the report."""

    POSTED = "posted"
    UPDATED = "updated"
    ADOPTED = "adopted"
    SETTLED = "settled"
    HELD = "held"
    BROKEN = "broken"
    UNCLEAR = "unclear"
    FAILED = "failed"
    LOST = "lost"
    IDLE = "idle"


@dataclass(frozen=True, kw_only=True)
class Settling:
    """Records ends. `admins` and `fallback` are told when a channel cannot be written to."""

    terms: Terms
    admins: tuple[str, ...] = ()
    fallback: str | None = None

    def settle(self, session: Session, claim: Claim, outcome: Done | Trouble, rev: int, now: datetime) -> Ending:
        """Record how the call for `claim`, which carried revision `rev`, ended."""
        match outcome:
            case Done():
                return self._done(session, claim, outcome, rev, now)
            case RateLimited(after=after):
                return self._held(session, claim, now + after, now)
            case Refused():
                return self._refused(session, claim, outcome, now)
            case Unreachable(reason=reason):
                return self._unreachable(session, claim, reason, now)
            case Unclear(reason=reason):
                return self._unclear(session, claim, reason, now)

    def nothing(self, session: Session, claim: Claim, rev: int, now: datetime) -> Ending:
        """There is nothing to show any more; Slack was not called."""
        outgoing.shown(session, claim, rev=rev, now=now)
        outgoing.hold(session, claim.channel, now)
        return Ending.SETTLED

    def not_tried(self, session: Session, claim: Claim, reason: str, now: datetime) -> Ending:
        """Slack was not called, for a reason that is not the message's."""
        if outgoing.unsent(session, claim, now=now, error=reason):
            outgoing.hold(session, claim.channel, now + self.terms.pace)
        return Ending.HELD

    def failed(self, session: Session, claim: Claim, reason: str, now: datetime) -> Ending:
        """The message itself cannot be drawn or is refused, even in plain words: a mistake of ours."""
        again_at = now + self.terms.retry_after_failures(claim.attempts)
        if outgoing.failed(session, claim, again_at=again_at, error=reason):
            outgoing.hold(session, claim.channel, now + self.terms.pace)
        log.error("message_refused", key=claim.key, channel=claim.channel, reason=reason, again_at=again_at)
        return Ending.FAILED

    def _done(self, session: Session, claim: Claim, done: Done, rev: int, now: datetime) -> Ending:
        is_post = claim.ts is None
        ts = done.ts if is_post else None
        if not outgoing.shown(session, claim, rev=rev, now=now, ts=ts, channel=done.channel if is_post else None):
            return Ending.LOST
        outgoing.hold(session, claim.channel, now + self.terms.pace)
        for channel in (claim.channel, WORKSPACE):
            if outgoing.mend(session, channel):
                log.info("channel_works_again", channel=channel)
        return Ending.POSTED if is_post else Ending.UPDATED

    def _held(self, session: Session, claim: Claim, until: datetime, now: datetime) -> Ending:
        if outgoing.unsent(session, claim, now=now, error="ratelimited"):
            outgoing.hold(session, claim.channel, until)
            if claim.ts is not None:
                # Slack counts redraws for the whole workspace.
                outgoing.hold(session, UPDATES, self.terms.updates_held(until))
        log.warning("rate_limited", channel=claim.channel, until=until)
        return Ending.HELD

    def _refused(self, session: Session, claim: Claim, refused: Refused, now: datetime) -> Ending:
        if refused.blame in {Blame.CHANNEL, Blame.WORKSPACE}:
            return self._broken(session, claim, refused, now)
        if refused.blame is Blame.GONE and claim.ts is not None:
            return self._gone(session, claim, refused, now)
        return self.failed(session, claim, refused.code, now)

    def _broken(self, session: Session, claim: Claim, refused: Refused, now: datetime) -> Ending:
        broken = WORKSPACE if refused.blame is Blame.WORKSPACE else claim.channel
        if outgoing.unsent(session, claim, now=now, error=refused.code):
            outgoing.hold(session, claim.channel, now)
        told, since = self._mark(session, broken, refused.code, now)
        log.error(
            "channel_broken", channel=broken, code=refused.code, since=since, admins_told=told, key=claim.key,
        )
        return Ending.BROKEN

    def _mark(self, session: Session, broken: str, code: str, now: datetime) -> tuple[int, datetime]:
        pace = outgoing.broke(session, broken, code, now)
        since = pace.broken_since or now
        pace.not_before = max(pace.not_before, now + self.terms.retry_after(since, now))
        told = notices.tell(
            session, channel=broken, code=code, since=since, now=now, admins=self.admins, fallback=self.fallback,
        )
        return told, since

    def _unreachable(self, session: Session, claim: Claim, reason: str, now: datetime) -> Ending:
        if outgoing.unsent(session, claim, now=now, error=reason):
            outgoing.hold(session, claim.channel, now)
        pace = outgoing.lock_pace(session, WORKSPACE)
        _wait_for_connection(pace, now)
        log.error("slack_unreachable", reason=reason, again_at=pace.not_before)
        return Ending.HELD

    def _unclear(self, session: Session, claim: Claim, reason: str, now: datetime) -> Ending:
        rest = self.terms.grace if claim.ts is None else self.terms.after_unclear
        if outgoing.unclear(session, claim, again_at=now + rest, error=reason):
            outgoing.hold(session, claim.channel, now + self.terms.after_unclear)
        log.warning("call_unclear", key=claim.key, channel=claim.channel, reason=reason)
        return Ending.UNCLEAR

    def _gone(self, session: Session, claim: Claim, refused: Refused, now: datetime) -> Ending:
        if outgoing.gone(session, claim, now=now, error=refused.code):
            outgoing.hold(session, claim.channel, now + self.terms.pace)
        log.warning("message_gone", key=claim.key, channel=claim.channel, code=refused.code)
        return Ending.HELD


def _wait_for_connection(pace: ChannelPace, now: datetime) -> None:
    # What is wrong with the token stays known: it will still be wrong when the connection is back.
    pace.broken_code = pace.broken_code or UNREACHABLE
    pace.broken_since = pace.broken_since or now
    pace.not_before = now + min(max(now - pace.broken_since, SOONEST_RECONNECT), LATEST_RECONNECT)
