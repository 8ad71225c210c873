"""After an unclear post: look into the channel before posting again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.delivery.pacing import Terms
from bot.delivery.settling import Ending
from bot.delivery.slack_codes import Blame
from bot.delivery.slack_web import EVENT_TYPE, Page, RateLimited, Refused, SlackWeb, Trouble
from storage import messages, outgoing
from storage.engine import Database
from storage.outgoing import Claim

log = structlog.get_logger()

MOST_PAGES = 50
NO_HISTORY = frozenset({"missing_scope"})
"""Blamed on the workspace when posting, but here it only says that the app may not read."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where posts are looked for: a channel, or one thread in it."""

    channel: str
    thread_ts: str | None


@dataclass(frozen=True, kw_only=True, order=True)
class Sighting:
    """A post found in the channel; `rev` is the revision that it shows."""

    ts: str
    channel: str
    rev: int


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a look gave: the posts of each key, the oldest first, or why nothing could be seen."""

    seen: dict[str, list[Sighting]] = field(default_factory=dict)
    trouble: Trouble | None = None


def look(slack: SlackWeb, place: Place, keys: Iterable[str], since: datetime) -> Look:
    """Look for posts that carry one of `keys`, written at `since` or later."""
    channel = place.channel
    if channel.startswith(("U", "W")):
        # A direct message was addressed to a person; its history has a channel id of its own.
        found = slack.direct_channel(channel)
        if not isinstance(found, str):
            return Look(trouble=found)
        channel = found
    wanted, seen = set(keys), dict[str, list[Sighting]]()
    for page in _pages(slack, channel, place.thread_ts, f"{since.timestamp():.6f}"):
        if not isinstance(page, Page):
            return Look(trouble=page)
        for key, sighting in _sightings(page, channel):
            if key in wanted:
                seen.setdefault(key, []).append(sighting)
    return Look(seen={key: sorted(found) for key, found in seen.items()})


def _pages(slack: SlackWeb, channel: str, thread_ts: str | None, oldest: str) -> Iterator[Page | Trouble]:
    cursor = ""
    for _ in range(MOST_PAGES):
        page = slack.history(channel=channel, oldest=oldest, thread_ts=thread_ts, cursor=cursor)
        yield page
        if not isinstance(page, Page) or not page.cursor:
            return
        cursor = page.cursor


def _sightings(page: Page, channel: str) -> Iterator[tuple[str, Sighting]]:
    for message in page.messages:
        metadata, ts = message.get("metadata"), message.get("ts")
        if not isinstance(metadata, dict) or metadata.get("event_type") != EVENT_TYPE or not isinstance(ts, str):
            continue
        payload = metadata.get("event_payload")
        if isinstance(payload, dict) and isinstance(payload.get("key"), str):
            rev = payload.get("rev")
            yield payload["key"], Sighting(ts=ts, channel=channel, rev=rev if isinstance(rev, int) else 0)


class Recovery:
    """Resolves claims of unclear posts, all those of one channel together."""

    def __init__(self, database: Database, slack: SlackWeb, clock: Clock, terms: Terms) -> None:
        self._database, self._slack, self._clock, self._terms = database, slack, clock, terms

    def resolve(self, claims: Sequence[Claim]) -> Counter[Ending]:
        """One look for each place (the channel, or a thread); `claims` are of one channel."""
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
            return Place(channel=channel or claim.channel, thread_ts=parent.ts if parent is not None else None)

    def _look(self, place: Place, claims: Sequence[Claim]) -> Counter[Ending]:
        now = self._clock()
        since = min(claim.first_attempt_at or now for claim in claims) - self._terms.margin
        found = look(self._slack, place, (claim.key for claim in claims), since)
        endings = Counter(self._end(claim, found) for claim in claims)
        for claim in claims:
            self._remove_doubles(found.seen.get(claim.key, [])[1:])
        return endings

    def _end(self, claim: Claim, found: Look) -> Ending:
        now = self._clock()
        with self._database.write() as session:
            if found.trouble is not None and not _unreadable(found):
                again = found.trouble.after if isinstance(found.trouble, RateLimited) else self._retry()
                outgoing.unclear(session, claim, again_at=now + again, error=f"not looked yet: {found.trouble}"[:200])
                return Ending.UNCLEAR
            seen = found.seen.get(claim.key)
            if seen:
                first = seen[0]
                outgoing.shown(session, claim, rev=first.rev, now=now, ts=first.ts, channel=first.channel)
                log.info("post_adopted", key=claim.key, channel=first.channel, ts=first.ts)
                return Ending.ADOPTED
            outgoing.absent(session, claim, now=now)
        if found.trouble is not None:
            log.warning("posted_at_least_once", key=claim.key, channel=claim.channel, reason=str(found.trouble))
        return Ending.HELD

    def _retry(self) -> timedelta:
        return max(self._terms.after_unclear, self._terms.grace / 4)

    def _remove_doubles(self, extra: Sequence[Sighting]) -> None:
        for sighting in extra:
            log.warning("double_removed", channel=sighting.channel, ts=sighting.ts)
            self._slack.delete(channel=sighting.channel, ts=sighting.ts)


def _unreadable(found: Look) -> bool:
    """Whether the channel can never be read by this app as it is installed; waiting would not help."""
    trouble = found.trouble
    return isinstance(trouble, Refused) and (trouble.code in NO_HISTORY or trouble.blame is not Blame.WORKSPACE)
