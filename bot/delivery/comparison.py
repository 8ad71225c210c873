"""A page of a channel held against the database: doubles go, unrecorded posts are adopted, strangers stay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.delivery import doubles
from bot.delivery.sightings import Sighting, file_ids, sightings
from bot.delivery.slack_answers import Done, Page, Refused, Trouble
from bot.delivery.slack_web import SlackWeb
from storage import outgoing, sweeps
from storage.engine import Database
from storage.sweeps import Known

log = structlog.get_logger()

FILES_BACK = timedelta(days=7)
"""A file is wanted at most so long before it is posted."""


@dataclass(kw_only=True)
class Compared:
    """What was found and done."""

    doubled: int = 0
    adopted: int = 0
    unknown: int = 0
    trouble: Trouble | None = None
    """Why not every double could be taken away; there is more to do on this page then."""


class Comparison:
    """Compares pages. `margin`: by so much our clock and Slack's may differ."""

    def __init__(self, database: Database, slack: SlackWeb, clock: Clock, margin: timedelta) -> None:
        self._database, self._slack, self._clock, self._margin = database, slack, clock, margin

    def compare(self, page: Page, channel: str, since: datetime) -> Compared:
        """Repair what a page of `channel` shows. It was asked for just now, and doing it twice does no harm."""
        done = Compared()
        seen, rows = self._known(page, channel, since)
        for key, found in seen.items():
            row = rows.get(key)
            mine = [one for one in found if row is not None and self._can_be(one, row)]
            if len(mine) < len(found):
                # Of another database, such as one that was made anew: nothing is known about them here.
                done.unknown += len(found) - len(mine)
                log.warning("unknown_posts", channel=channel, ts=[one.ts for one in found if one not in mine])
            if row is not None and mine and done.trouble is None:
                self._settle(row, mine, done)
        return done

    def _known(
        self, page: Page, channel: str, since: datetime,
    ) -> tuple[dict[str, list[Sighting]], dict[str, Known]]:
        # Read after the page: what was posted meanwhile is known by now.
        with self._database.read() as session:
            shows_files = any(file_ids(message) for message in page.messages)
            files = sweeps.files(session, since - FILES_BACK) if shows_files else {}
            seen = defaultdict[str, list[Sighting]](list)
            for key, sighting in sightings(page, channel, files, self._slack.origin):
                seen[key].append(sighting)
            return {key: sorted(found) for key, found in seen.items()}, sweeps.known(session, seen)

    def _can_be(self, found: Sighting, row: Known) -> bool:
        return float(found.ts) >= (row.created_at - self._margin).timestamp()

    def _settle(self, row: Known, found: Sequence[Sighting], done: Compared) -> None:
        if row.ts is None and row.is_under_way:
            return
        counts = row.ts or self._adopt(row, found[0], done)
        for one in found:
            if counts is not None and one.ts != counts and done.trouble is None:
                self._remove(one, done)

    def _adopt(self, row: Known, found: Sighting, done: Compared) -> str | None:
        """The post that counts from now on; None where somebody has just begun to post."""
        rev = row.wanted_rev if row.is_file else found.rev
        with self._database.write() as session:
            counts = outgoing.adopt_late(
                session, row.message_id, ts=found.ts, channel=found.channel, rev=rev, now=self._clock(),
            )
        if counts == found.ts:
            done.adopted += 1
            log.info("post_adopted", channel=found.channel, ts=found.ts)
        return counts

    def _remove(self, double: Sighting, done: Compared) -> None:
        outcome = doubles.remove(self._slack, double.channel, double.ts)
        if isinstance(outcome, Done):
            done.doubled += 1
        elif not isinstance(outcome, Refused):
            # What Slack will not delete, it will not delete tomorrow; the rest is tried again.
            done.trouble = outcome
