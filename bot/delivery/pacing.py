"""How fast Slack may be written to, and when the next message may go (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.alerts.routing import MAIL
from storage.models import ChannelPace
from storage.outgoing import ADDRESSES, PACE, UPDATES, WORKSPACE, Waiting


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The figures of delivery.

    Slack's page on rate limits gives one post a second and channel, and for chat.update (tier 3) about
    50 a minute and workspace; the others are our own judgement.
    """

    pace: timedelta = PACE
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
    soonest_reconnect: timedelta = timedelta(seconds=2)
    latest_reconnect: timedelta = timedelta(minutes=1)
    lookup_pace: timedelta = timedelta(milliseconds=1500)
    """Between two questions about an e-mail address: tier 3, as above."""
    unknown_for: timedelta = timedelta(days=1)
    """For so long an address that Slack does not know is not asked about again."""
    share_patience: timedelta = timedelta(minutes=10)
    """Slack says yes to a file before it shows it; after this it never will."""
    sweep_back: timedelta = timedelta(days=1)
    """How far the first sweep looks back, and how old a message may be whose channel is looked into."""
    sweep_lease: timedelta = timedelta(minutes=5)
    sweep_calls: int = 20
    """Calls to Slack in one run of the sweep (history is tier 3, and recovery needs some of it, too)."""
    sweep_pause: timedelta = timedelta(minutes=1)
    """Until the rest of a sweep that had more to look at."""

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

    def retry_after_unclear(self, failures: int) -> timedelta:
        """Distance to the next try of what Slack shows to nobody yet, after `failures` that came to nothing."""
        return min(self.after_unclear * (1 << min(failures, 16)), self.longest_retry)

    def reconnect_after(self, since: datetime, now: datetime) -> timedelta:
        """Distance to the next try of a Slack that has not been reached since `since`."""
        return min(max(now - since, self.soonest_reconnect), self.latest_reconnect)

    def retry_after_failures(self, failures: int) -> timedelta:
        """The same for one message that failed `failures` times before."""
        return min(self.shortest_retry * (1 << min(failures, 16)), self.longest_retry)


def turn_of(channel: str) -> str:
    """Whose turn it is when something for this channel is due: the channel's own, or that of all addresses."""
    return ADDRESSES if channel.startswith(MAIL) else channel


def ready_at(group: Waiting, paces: Mapping[str, ChannelPace], terms: Terms) -> datetime:
    """When the next message of this group may go, or when the address that it goes to may be asked about."""
    holds = [paces[name].not_before for name in (WORKSPACE, turn_of(group.channel)) if name in paces]
    if group.is_update and UPDATES in paces:
        holds.append(terms.update_at(paces[UPDATES].not_before))
    return max(group.next_at, *holds) if holds else group.next_at


def turns(
    groups: Iterable[Waiting], paces: Mapping[str, ChannelPace], terms: Terms, now: datetime,
) -> dict[str, int]:
    """The channels that may be written to now, each with its priority, in the order in which it is their turn.

    Where somebody waits for a press comes first, then the longest wait. `ADDRESSES` stands among them where an
    address may be asked about.
    """
    ready = [group for group in groups if group.priority >= 0 and ready_at(group, paces, terms) <= now]
    ready.sort(key=lambda group: (-group.priority, group.next_at, group.channel))
    found: dict[str, int] = {}
    for group in ready:
        found.setdefault(turn_of(group.channel), group.priority)
    return found
