"""How fast Slack may be written to, and when the next message may go (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.models import ChannelPace
from storage.outgoing import UPDATES, WORKSPACE, Waiting


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The figures of delivery.

    Slack's page on rate limits gives one post a second and channel, and for chat.update (tier 3) about
    50 a minute and workspace; the others are our own judgement.
    """

    pace: timedelta = timedelta(seconds=1)
    """Between two calls for one channel."""
    update_pace: timedelta = timedelta(milliseconds=1500)
    """Between two redraws in the long run: 40 a minute, and 10 at once, make 50 in any minute."""
    update_burst: int = 10
    lease: timedelta = timedelta(seconds=60)
    """How long a worker may hold a message. Longer than any call to Slack takes."""
    timeout: timedelta = timedelta(seconds=10)
    """The longest that a call to Slack is waited for."""
    grace: timedelta = timedelta(seconds=60)
    """Slack may finish late what looked broken off; only then is it worth looking for."""
    after_unclear: timedelta = timedelta(seconds=5)
    """The channel rests so long after an unclear end: what broke one call breaks the next."""
    margin: timedelta = timedelta(minutes=2)
    """By so much our clock and Slack's may differ when a post is looked for."""
    shortest_retry: timedelta = timedelta(minutes=1)
    longest_retry: timedelta = timedelta(hours=1)

    def update_allowed(self, counter: datetime, now: datetime) -> bool:
        """Whether another redraw fits, `counter` being the instant up to which redraws are paid for."""
        return self.update_at(counter) <= now

    def update_at(self, counter: datetime) -> datetime:
        """When the next redraw fits."""
        return counter - self.update_pace * (self.update_burst - 1)

    def update_counted(self, counter: datetime, now: datetime) -> datetime:
        """The counter after one more redraw."""
        return max(counter, now) + self.update_pace

    def updates_held(self, until: datetime) -> datetime:
        """The counter that lets no redraw through before `until`."""
        return until + self.update_pace * (self.update_burst - 1)

    def retry_after(self, since: datetime, now: datetime) -> timedelta:
        """Distance to the next try of something broken since `since`: doubles from a minute to an hour."""
        return min(max(now - since, self.shortest_retry), self.longest_retry)

    def retry_after_failures(self, failures: int) -> timedelta:
        """The same for one message that failed `failures` times before."""
        return min(self.shortest_retry * (1 << min(failures, 16)), self.longest_retry)


def ready_at(group: Waiting, paces: Mapping[str, ChannelPace], terms: Terms) -> datetime:
    """When the next message of this group may go."""
    holds = [paces[name].not_before for name in (WORKSPACE, group.channel) if name in paces]
    if group.is_update and UPDATES in paces:
        holds.append(terms.update_at(paces[UPDATES].not_before))
    return max(group.next_at, *holds) if holds else group.next_at


def turns(
    groups: Iterable[Waiting], paces: Mapping[str, ChannelPace], terms: Terms, now: datetime,
) -> list[str]:
    """The channels that may be written to now: where somebody waits for a press first, then the longest wait."""
    ready = [group for group in groups if group.priority >= 0 and ready_at(group, paces, terms) <= now]
    ready.sort(key=lambda group: (-group.priority, group.next_at, group.channel))
    return list(dict.fromkeys(group.channel for group in ready))
