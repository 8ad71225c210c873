"""After an unclear post: look into the channel before posting again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.delivery import doubles
from bot.delivery.settling import Ending, Settling
from bot.delivery.sharing import Gone, Taken, whereabouts
from bot.delivery.sightings import Look, Place, Sighting, channel_id, look
from bot.delivery.slack_answers import Done, RateLimited, Refused, Trouble
from bot.delivery.slack_codes import THREAD_GONE, Blame
from bot.delivery.slack_web import SlackWeb
from storage import messages, outgoing
from storage.engine import Database
from storage.outgoing import Claim
from storage.uploads import FILE

log = structlog.get_logger()

NO_READING = frozenset({"missing_scope"})
"""Blamed on the workspace when posting, but here it only says that the app may not read."""


class Recovery:
    """Resolves claims of unclear posts, all those of one channel together."""

    def __init__(self, database: Database, slack: SlackWeb, clock: Clock, settling: Settling) -> None:
        self._database, self._slack, self._clock = database, slack, clock
        self._settling, self._terms = settling, settling.terms

    def resolve(self, claims: Sequence[Claim]) -> Counter[Ending]:
        """One look for each place (the channel, or a thread), and one at each file; `claims` are of one channel."""
        places: dict[Place, list[Claim]] = defaultdict(list)
        for claim in claims:
            places[self._place(claim)].append(claim)
        endings = Counter[Ending]()
        for place, group in places.items():
            endings += self._look(place, group)
        with self._database.write() as session:
            outgoing.hold(session, claims[0].channel, self._clock())
        return endings

    def _place(self, claim: Claim) -> Place:
        with self._database.read() as session:
            parent = messages.by_key(session, claim.thread_of) if claim.thread_of else None
            channel = parent.posted_channel if parent is not None else None
            return Place(channel=channel or claim.channel, thread_ts=messages.thread_ts(parent, claim.thread_of))

    def _look(self, place: Place, claims: Sequence[Claim]) -> Counter[Ending]:
        endings, left = Counter[Ending](), list[Claim]()
        for claim in claims:
            ending = self._look_at_file(place, claim) if claim.file_id is not None else None
            if ending is None:
                left.append(claim)
            else:
                endings[ending] += 1
        return endings + (self._look_at_history(place, left) if left else Counter())

    # -- files

    def _look_at_file(self, place: Place, claim: Claim) -> Ending | None:
        """How it ended; None where files cannot be asked about, and the history must tell."""
        channel = channel_id(self._slack, place.channel)
        found = whereabouts(self._slack, claim.file_id or "", channel) if isinstance(channel, str) else channel
        with self._database.write() as session:
            now = self._clock()
            match found:
                case Done():
                    return self._adopt(session, claim, Sighting(ts=found.ts, channel=found.channel, rev=0), now)
                case Taken():
                    return self._absent(session, claim, now)
                case Gone():
                    return self._settling.begin_anew(session, claim, "file_not_found", now)
            return None if _unreadable(found) else self._later(session, claim, found, now)

    # -- everything else

    def _look_at_history(self, place: Place, claims: Sequence[Claim]) -> Counter[Ending]:
        now = self._clock()
        since = min(claim.first_attempt_at or now for claim in claims) - self._terms.margin
        keys = [claim.key for claim in claims]
        files = {claim.file_id: claim.key for claim in claims if claim.file_id is not None}
        found = look(self._slack, place, keys, since, files)
        if isinstance(found.trouble, Refused) and place.thread_ts and found.trouble.code in THREAD_GONE:
            # Without its thread, a reply was posted into the channel.
            found = look(self._slack, replace(place, thread_ts=None), keys, since, files)
        endings = Counter(self._end(claim, found) for claim in claims)
        for claim in claims:
            for extra in found.seen.get(claim.key, [])[1:]:
                doubles.remove(self._slack, extra.channel, extra.ts)
        return endings

    def _end(self, claim: Claim, found: Look) -> Ending:
        now = self._clock()
        with self._database.write() as session:
            if found.trouble is not None and not _unreadable(found.trouble):
                return self._later(session, claim, found.trouble, now)
            seen = found.seen.get(claim.key)
            if seen:
                return self._adopt(session, claim, seen[0], now)
            ending = self._absent(session, claim, now)
        if found.trouble is not None:
            log.warning("posted_at_least_once", key=claim.key, channel=claim.channel, reason=str(found.trouble))
        return ending

    # -- what is recorded

    def _adopt(self, session: Session, claim: Claim, found: Sighting, now: datetime) -> Ending:
        # A file is never drawn anew, so that it always shows what is wanted.
        rev = outgoing.wanted_rev(session, claim.message_id) if claim.kind == FILE else found.rev
        outgoing.shown(session, claim, rev=rev, now=now, ts=found.ts, channel=found.channel)
        log.info("post_adopted", key=claim.key, channel=found.channel, ts=found.ts)
        return Ending.ADOPTED

    def _absent(self, session: Session, claim: Claim, now: datetime) -> Ending:
        if claim.file_taken_at is None:
            outgoing.absent(session, claim, now=now)
            return Ending.HELD
        if now < claim.file_taken_at + self._terms.share_patience:
            outgoing.unclear(session, claim, again_at=now + self._retry(), error="not shown by Slack yet")
            return Ending.UNCLEAR
        return self._settling.begin_anew(session, claim, "never shown by Slack", now)

    def _later(self, session: Session, claim: Claim, trouble: Trouble, now: datetime) -> Ending:
        again = trouble.after if isinstance(trouble, RateLimited) else self._retry()
        outgoing.unclear(session, claim, again_at=now + again, error=f"not looked yet: {trouble}"[:200])
        return Ending.UNCLEAR

    def _retry(self) -> timedelta:
        return max(self._terms.after_unclear, self._terms.grace / 4)


def _unreadable(trouble: Trouble) -> bool:
    """Whether it can never be read by this app as it is installed; waiting would not help."""
    return isinstance(trouble, Refused) and (trouble.code in NO_READING or trouble.blame is not Blame.WORKSPACE)
