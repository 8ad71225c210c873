"""What each end of a call to Slack leads to: recorded in one transaction with the channel's pace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy.orm import Session

from bot.delivery import notices
from bot.delivery.pacing import Terms
from bot.delivery.slack_answers import Done, RateLimited, Refused, Trouble, Unclear, Unreachable
from bot.delivery.slack_codes import FILES_ADVICE, NOBODY, Blame
from storage import outgoing, uploads, watches
from storage.outgoing import FILES, LINKS, UPDATES, WORKSPACE, Claim

log = structlog.get_logger()

UNREACHABLE = "unreachable"
"""Stands in the workspace's row while no connection to Slack comes about."""


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
    ADDRESSED = "addressed"
    TOLD_ANEW = "told_anew"
    """An address is nobody's, and its alerts wait to be told elsewhere; the next scan does that."""
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
            case Refused(code=code) if code in NOBODY and claim.key.startswith(watches.KEY):
                return self._nobody(session, claim, rev, now)
            case Refused():
                return self._refused(session, claim, outcome, now)
            case Unreachable(reason=reason):
                return self._unreachable(session, claim, reason, now)
            case Unclear(reason=reason):
                return self._unclear(session, claim, reason, now)

    def file_trouble(self, session: Session, claim: Claim, trouble: Trouble, now: datetime) -> Ending:
        """A file could not be shared; but for an unclear end, nobody sees it."""
        if isinstance(trouble, Refused) and trouble.code in FILES_ADVICE:
            return self._no_files(session, claim, trouble, now)
        return self.settle(session, claim, trouble, 0, now)

    def not_uploaded(self, session: Session, claim: Claim, trouble: Trouble, now: datetime) -> Ending:
        """A step before the sharing of a file failed: whatever became of it, nobody sees the file."""
        if not isinstance(trouble, Unclear):
            return self.file_trouble(session, claim, trouble, now)
        again_at = now + self.terms.retry_after_unclear(claim.attempts)
        if outgoing.failed(session, claim, again_at=again_at, error=trouble.reason):
            outgoing.hold(session, claim.channel, now + self.terms.pace)
        log.warning("file_not_uploaded", key=claim.key, reason=trouble.reason, again_at=again_at)
        return Ending.HELD

    def taken(self, session: Session, claim: Claim, now: datetime) -> Ending:
        """Slack said yes to a file, but does not show it yet: looked for, and never shared a second time."""
        uploads.taken(session, claim.message_id, claim.attempt, now)
        again_at = now + self.terms.after_unclear
        if not outgoing.unclear(session, claim, again_at=again_at, error="not shown by Slack yet"):
            return Ending.LOST
        outgoing.hold(session, claim.channel, now + self.terms.pace)
        return Ending.UNCLEAR

    def begin_anew(self, session: Session, claim: Claim, reason: str, now: datetime) -> Ending:
        """Slack shows the file nowhere and will not: given up for a new one."""
        uploads.drop(session, claim.message_id, claim.attempt)
        wait = self.terms.retry_after_failures(claim.files_before - 1) if claim.files_before else timedelta(0)
        if outgoing.failed(session, claim, again_at=now + wait, error=reason):
            outgoing.hold(session, claim.channel, now + self.terms.pace)
        log.warning("file_given_up", key=claim.key, file_id=claim.file_id, reason=reason)
        return Ending.HELD

    def nothing(self, session: Session, claim: Claim, rev: int, now: datetime) -> Ending:
        """There is nothing to show any more; Slack was not called."""
        outgoing.shown(session, claim, rev=rev, now=now)
        outgoing.hold(session, claim.channel, now)
        return Ending.SETTLED

    def _nobody(self, session: Session, claim: Claim, rev: int, now: datetime) -> Ending:
        """Whoever watched a send has left Slack: nobody needs to hear of that, and nothing more is told."""
        ended = watches.end_of_person(session, claim.channel, now)
        log.info("watches_ended", user=claim.channel, watches=ended)
        return self.nothing(session, claim, rev, now)

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
        self.works(session, claim.channel, WORKSPACE)
        return Ending.POSTED if is_post else Ending.UPDATED

    def works(self, session: Session, *names: str) -> None:
        """Slack has just taken something of this kind: whatever was wrong is over."""
        for name in names:
            if outgoing.mend(session, name):
                log.info("channel_works_again", channel=name)

    def _held(self, session: Session, claim: Claim, until: datetime, now: datetime) -> Ending:
        if outgoing.unsent(session, claim, now=now, error="ratelimited"):
            outgoing.hold(session, claim.channel, until)
            if claim.ts is not None and claim.channel != LINKS:
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
        self.mark(session, broken, refused.code, now)
        return Ending.BROKEN

    def _no_files(self, session: Session, claim: Claim, refused: Refused, now: datetime) -> Ending:
        again_at = self.mark(session, FILES, refused.code, now)
        if outgoing.failed(session, claim, again_at=again_at, error=refused.code):
            outgoing.hold(session, claim.channel, now + self.terms.pace)
        return Ending.BROKEN

    def mark(self, session: Session, broken: str, code: str, now: datetime) -> datetime:
        """Note a channel, or what stands for many, as broken; admins are told once. Gives when to try again."""
        pace = outgoing.broke(session, broken, code, now)
        since = pace.broken_since or now
        pace.not_before = max(pace.not_before, now + self.terms.retry_after(since, now))
        told = notices.tell(
            session, channel=broken, code=code, since=since, now=now, admins=self.admins, fallback=self.fallback,
        )
        log.error("channel_broken", channel=broken, code=code, since=since, admins_told=told)
        return pace.not_before

    def _unreachable(self, session: Session, claim: Claim, reason: str, now: datetime) -> Ending:
        if outgoing.unsent(session, claim, now=now, error=reason):
            outgoing.hold(session, claim.channel, now)
        self.unreachable(session, reason, now)
        return Ending.HELD

    def unreachable(self, session: Session, reason: str, now: datetime) -> None:
        """No connection comes about: nothing goes anywhere for a moment."""
        pace = outgoing.lock_pace(session, WORKSPACE)
        # What is wrong with the token stays known: it will still be wrong when the connection is back.
        pace.broken_code = pace.broken_code or UNREACHABLE
        pace.broken_since = pace.broken_since or now
        pace.not_before = now + self.terms.reconnect_after(pace.broken_since, now)
        log.error("slack_unreachable", reason=reason, again_at=pace.not_before)

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
