"""Whatever is wished, pressed and limited, no channel hears more than Slack allows, and none waits for another."""

from __future__ import annotations

from collections import defaultdict
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from storage.engine import Database
from storage.messages import PRESS_PRIORITY
from storage.models import Base
from tests.bot.delivery.conftest import HandClock, Office
from tests.bot.delivery.slack_double import Call, SlackDouble, serving

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
CHANNELS = ("C1", "C2", "C3", "C4")
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
WRITES = {"chat.postMessage", "chat.update"}


class PacingLife(RuleBasedStateMachine):
    """Messages for a few channels, changes and presses of them, a Slack that limits, and a clock that goes forward."""

    @initialize()
    def begin(self) -> None:
        self.ending = ExitStack()
        folder = self.ending.enter_context(TemporaryDirectory())
        database = Database(f"sqlite:///{Path(folder) / 'sendwatch.db'}")
        self.ending.callback(database.close)
        Base.metadata.create_all(database.engine)
        clock = HandClock(at=START)
        slack = SlackDouble(clock)
        url = self.ending.enter_context(serving(slack))
        self.office = Office(database=database, slack=slack, url=url, clock=clock)
        self.shown: dict[int, tuple[str, str]] = {}
        """Of each message its channel and what it is to say in the end."""

    def teardown(self) -> None:
        if hasattr(self, "office"):
            with self.ending:
                self.office.until_rest()
                self.everything_is_shown_once()
                self.within_limits()

    @rule(number=st.integers(1, 4), channel=st.sampled_from(CHANNELS))
    def something_happens(self, number: int, channel: str) -> None:
        for _ in range(number):
            text = f"message {len(self.shown)}"
            self.shown[self.office.wish(text, channel=channel)] = channel, text

    @rule(place=st.integers(0, 30), times=st.integers(1, 3), pressed=st.booleans())
    def it_changes(self, place: int, times: int, pressed: bool) -> None:
        if self.shown:
            message_id = [*self.shown][place % len(self.shown)]
            for _ in range(times):
                channel, text = self.shown[message_id]
                self.shown[message_id] = channel, f"{text}!"
                self.office.change(message_id, f"{text}!", priority=PRESS_PRIORITY if pressed else 0)

    @rule(channel=st.sampled_from(CHANNELS), seconds=st.integers(1, 90))
    def slack_limits(self, channel: str, seconds: int) -> None:
        self.office.slack.busy[channel] = self.office.clock.at + seconds * SECOND

    @rule(seconds=st.sampled_from([0.1, 0.5, 0.999, 1, 3, 20, 61]))
    def time_passes(self, seconds: float) -> None:
        self.office.clock.forward(seconds=seconds)

    @rule()
    def the_bot_delivers(self) -> None:
        before = len(self.office.slack.calls)
        report = self.office.run()
        spoken = {call.body["channel"] for call in self.office.slack.calls[before:]}
        held = self.held()
        for message_id, (channel, text) in self.shown.items():
            message = self.office.message(message_id)
            if message.posted_rev == message.wanted_rev:
                assert message.body["text"] == text
            elif channel not in spoken and message.ts is None:
                # What waits here waits for its own channel and no other.
                assert channel in held, (channel, text)
                assert report.next_at is not None
        self.within_limits()

    def held(self) -> set[str]:
        """Channels that may not be written to now: each was a second ago, or Slack has said how long to wait."""
        now = self.office.clock.at
        limited = {channel for channel, refusals in self.office.slack.refused.items() if refusals[-1][1] > now}
        return limited | {call.body["channel"] for call in self.calls() if call.at > now - SECOND}

    def calls(self) -> list[Call]:
        return [call for call in self.office.slack.calls if call.method in WRITES]

    def within_limits(self) -> None:
        by_channel = defaultdict[str, list[datetime]](list)
        for call in self.calls():
            by_channel[call.body["channel"]].append(call.at)
        for channel, times in by_channel.items():
            assert all(later - earlier >= SECOND for earlier, later in pairwise(times)), (channel, times)
        redraws = [call.at for call in self.calls() if call.method == "chat.update"]
        for begin in redraws:
            assert sum(begin <= moment < begin + MINUTE for moment in redraws) <= 50
        for channel, refusals in self.office.slack.refused.items():
            # Told how long to wait, nobody asks again before that.
            for (at, until), (again, _) in pairwise(refusals):
                assert again >= until, (channel, at, until, again)

    def everything_is_shown_once(self) -> None:
        wanted = defaultdict[str, list[str]](list)
        for channel, text in self.shown.values():
            wanted[channel].append(text)
        for channel in CHANNELS:
            assert sorted(self.office.slack.texts(channel)) == sorted(wanted[channel])


TestPacingLife = PacingLife.TestCase
TestPacingLife.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
