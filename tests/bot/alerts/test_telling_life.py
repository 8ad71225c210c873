"""Whatever time, people, mutes and sends do, what is told stays within its limits, and nothing is forgotten."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.alerts import mutes
from bot.alerts.muting import Target
from bot.alerts.policy import Budget, Escalation, Policy
from bot.alerts.press import press
from bot.alerts.pressed import Press
from bot.alerts.quiet_hours import WORKWEEK, QuietHours
from bot.alerts.routing import Match, Rule
from bot.alerts.rulebook import Rulebook
from storage import due
from storage.engine import Database
from storage.models import Alert, Base, Message, Notification, Send
from tests.bot.alerts.making import DAY, RULES, add, alerts, messages, move, scan

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
NIGHT = QuietHours(
    zone="Europe/Berlin", start=time(18), end=time(8), working_days=WORKWEEK, except_for=frozenset({"needs_action"}),
)
STEPS = (Escalation(after=DAY, mention=("U7",)), Escalation(after=3 * DAY, channel="C9"))
BUDGET = Budget(a_day=5, at_once=2, at_once_within=timedelta(minutes=30))
RULEBOOK: Rulebook = replace(RULES, routing=replace(
    RULES.routing, budget=BUDGET,
    rules=(
        Rule(name="loud", match=Match(campaign=("spring",)), channel="C2", policy="loud", goes_on=True),
        Rule(name="calm", channel="C3", policy="calm"),
    ),
    policies={
        "loud": Policy(name="loud", repeat=(DAY, 2 * DAY), repeat_in_channel=True, escalate=STEPS),
        "calm": Policy(name="calm", repeat=(2 * DAY,), quiet=NIGHT),
    },
))
CAMPAIGNS = ("spring", "autumn", "winter", "summer")
ACTIONS = ("acknowledge", "resolve", "snooze", "assign", "undo")


class TellingLife(RuleBasedStateMachine):
    """Sends that get stuck, people who press and mute, quiet nights, small budgets, and a clock that goes forward."""

    @initialize()
    def begin(self) -> None:
        self.database = Database("sqlite://")
        Base.metadata.create_all(self.database.engine)
        self.now, self.count = START, 0
        with self.database.write() as session:
            due.end_first_scan(session, START)

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()

    @rule(number=st.integers(1, 6), campaign=st.sampled_from(CAMPAIGNS), status=st.sampled_from(["failed", "shipped"]))
    def sends_get_stuck(self, number: int, campaign: str, status: str) -> None:
        with self.database.write() as session:
            for _ in range(number):
                self.count += 1
                add(session, self.now, f"g{self.count}", campaign=campaign, status=status, since=self.now - 20 * DAY)

    @rule(place=st.integers(0, 9))
    def one_moves_on(self, place: int) -> None:
        if self.count:
            with self.database.write() as session:
                move(session, self.now, f"g{place % self.count + 1}", "delivered")

    @rule(minutes=st.sampled_from([1, 10, 45, 180, 600, 1_440, 4_320]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(action=st.sampled_from(ACTIONS), place=st.integers(0, 9), hours=st.integers(1, 60), whole=st.booleans())
    def somebody_presses(self, action: str, place: int, hours: int, whole: bool) -> None:
        with self.database.read() as session:
            targets = [one.id for one in (messages(session) if whole else alerts(session))]
        if not targets:
            return
        self.count_presses = getattr(self, "count_presses", 0) + 1
        target = targets[place % len(targets)]
        with self.database.write() as session:
            press(session, Press(
                action=action, user_id="U1", dedupe_key=f"press {self.count_presses}",
                alert_ids=() if whole else (target,), message_id=target if whole else None,
                args={"until": self.now + timedelta(hours=hours)},
            ), self.now, RULEBOOK)

    @rule(campaign=st.sampled_from(CAMPAIGNS), hours=st.integers(1, 100))
    def somebody_mutes(self, campaign: str, hours: int) -> None:
        self.count_mutes = getattr(self, "count_mutes", 0) + 1
        with self.database.write() as session:
            mutes.mute(
                session, Press(action="mute", user_id="U1", dedupe_key=f"mute {self.count_mutes}"),
                Target(scope="campaign", value=campaign, label=campaign), self.now + timedelta(hours=hours), self.now,
                RULEBOOK,
            )

    @rule()
    def the_bot_looks(self) -> None:
        scan(self.database, self.now, RULEBOOK)
        told = self.everything()
        scan(self.database, self.now, RULEBOOK)
        assert self.everything() == told, "looking again at the same moment says nothing more"
        with self.database.read() as session:
            self.nothing_is_forgotten(session.query(Notification, Alert).join(Alert, Alert.id == Notification.alert_id))
            assert session.query(Send).filter(Send.due_at <= self.now).count() == 0

    def nothing_is_forgotten(self, rows: object) -> None:
        for row, alert in rows:  # type: ignore[attr-defined] # a query of pairs
            if alert.state == "firing":
                # Owed: a mute has ended, and another one holds it still.
                is_held = row.held in {"quiet", "muted", "muted_owed", "inhibited"}
                assert row.message_id is not None or is_held, (alert.key, row.held)
                assert row.next_at is None or row.next_at > self.now
                if row.held or row.policy["repeat"]:
                    assert row.next_at is not None, "it comes up again"

    def everything(self) -> list[object]:
        with self.database.read() as session:
            return [
                [(one.key, one.wanted_rev, one.body) for one in messages(session)],
                [(one.id, one.message_id, one.next_at, one.repeats, one.held) for one in session.query(Notification)],
            ]

    @invariant()
    def no_channel_gets_more_than_its_budget(self) -> None:
        if not hasattr(self, "database"):
            return
        with self.database.read() as session:
            # A reply that the channel is shown, too, is one of its messages.
            posted = [
                one for one in session.query(Message)
                if (one.thread_of is None and one.kind in {"alert", "group"}) or one.body.get("broadcast")
            ]
            zone = RULEBOOK.watch.calendar.zone
            days = Counter((one.channel, one.created_at.astimezone(zone).date()) for one in posted)
            assert max(days.values(), default=0) <= BUDGET.a_day
            for one in posted:
                near = [other for other in posted if other.channel == one.channel and
                        timedelta(0) <= one.created_at - other.created_at < BUDGET.at_once_within]
                assert len(near) <= BUDGET.at_once

    @invariant()
    def quiet_nights_are_quiet(self) -> None:
        if not hasattr(self, "database"):
            return
        with self.database.read() as session:
            for one in session.query(Message).filter(Message.channel == "C3"):
                rules = {
                    alert.rule for alert in session.query(Alert)
                    .join(Notification, Notification.alert_id == Alert.id).filter(Notification.message_id == one.id)
                }
                if one.thread_of is None and one.kind != "summary" and rules and "needs_action" not in rules:
                    assert NIGHT.until(one.created_at) is None

    @invariant()
    def nobody_is_called_twice_for_one_step(self) -> None:
        if not hasattr(self, "database"):
            return
        with self.database.read() as session:
            assert all(one.escalations <= len(STEPS) for one in session.query(Notification))
            assert len({one.key for one in session.query(Message)}) == session.query(Message).count()


TestTellingLife = TellingLife.TestCase
TestTellingLife.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
