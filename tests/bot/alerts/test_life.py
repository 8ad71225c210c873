"""Whatever people, sends and time do in whatever order, the promises about alerts hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.alerts.lifecycle import Action, AlertState
from bot.alerts.press import press
from bot.alerts.pressed import Press
from storage.engine import Database
from storage.models import Alert, AlertEvent, Base, Message, Send
from tests.bot.alerts.making import DAY, RULES, add, alerts, events, message_of, messages, move, scan

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
PEOPLE = ("U01ANN", "U02BEN")
STATUSES = ("order_received", "fulfilling", "fulfillment_issue", "shipped", "unknown", "confirming_address")


class Life(RuleBasedStateMachine):
    """Three sends, two people, a scan, and a clock that only goes forward."""

    @initialize()
    def begin(self) -> None:
        self.database = Database("sqlite://")
        Base.metadata.create_all(self.database.engine)
        self.now = START
        self.pressed: list[Press] = []
        with self.database.write() as session:
            for gid in "abc":
                add(session, self.now, gid, campaign="Autumn", since=self.now - DAY)

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()

    @rule(hours=st.integers(1, 24 * 5))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def scan(self) -> None:
        scan(self.database, self.now)

    @rule(gid=st.sampled_from("abc"), status=st.sampled_from(STATUSES))
    def send_moves(self, gid: str, status: str) -> None:
        with self.database.write() as session:
            move(session, self.now, gid, status)

    @rule(
        action=st.sampled_from([action for action in Action if not action.startswith("baseline")]),
        user=st.sampled_from(PEOPLE), place=st.integers(0, 5), hours=st.integers(0, 48), whole=st.booleans(),
    )
    def somebody_presses(self, action: Action, user: str, place: int, hours: int, whole: bool) -> None:
        with self.database.read() as session:
            ids = [one.id for one in alerts(session)]
            shown = [one.id for one in messages(session)]
        targets = shown if whole else ids
        if not targets:
            return
        target = targets[place % len(targets)]
        self.do(Press(
            action=action, user_id=user, dedupe_key=f"press {len(self.pressed)}",
            alert_ids=() if whole else (target,), message_id=target if whole else None,
            args={"until": self.now + timedelta(hours=hours), "reason": "done"},
        ))

    def do(self, made: Press) -> None:
        before = self.settled_by_people()
        with self.database.write() as session:
            outcome = press(session, made, self.now, RULES)
        assert (outcome.refused is None) != (outcome.refusal is not None)
        self.pressed.append(made)
        if made.action != Action.UNDO:
            assert before <= self.settled_by_people(), "no press opens what is settled"

    def settled_by_people(self) -> set[int]:
        with self.database.read() as session:
            return {one.id for one in alerts(session) if one.state == "resolved" and one.resolved_by in PEOPLE}

    @rule(place=st.integers(0, 5))
    def slack_delivers_again(self, place: int) -> None:
        if not self.pressed:
            return
        again = self.pressed[place % len(self.pressed)]
        with self.database.read() as session:
            recorded = [one.dedupe_key for one in events(session)]
        before = self.everything()
        if again.dedupe_key not in recorded:
            return  # it was refused then, and may be possible now
        with self.database.write() as session:
            assert press(session, again, self.now, RULES).replayed
        assert self.everything() == before

    def everything(self) -> list[object]:
        with self.database.read() as session:
            return [
                [(one.id, one.state, one.version, message_of(session, one)) for one in alerts(session)],
                [(one.id, one.wanted_rev) for one in messages(session)],
                [one.id for one in events(session)],
            ]

    @rule()
    def scanning_twice_is_scanning_once(self) -> None:
        scan(self.database, self.now)
        before = self.everything()
        scan(self.database, self.now)
        assert self.everything() == before
        with self.database.read() as session:
            seqs = {send.id: send.status_seq for send in session.query(Send)}
            still_open = session.query(Alert).filter(Alert.state != "resolved").all()
            about = [(one.send_id, one.rule) for one in still_open]
            assert len(set(about)) == len(about), "one open alert of a rule for a send"
            assert all(one.status_seq == seqs[one.send_id or 0] for one in still_open)
            assert all(message_of(session, one) is not None for one in still_open)
            assert all(send.due_at is None or send.due_at > self.now for send in session.query(Send))

    @invariant()
    def the_record_tells_how_each_alert_came_to_be_what_it_is(self) -> None:
        if not hasattr(self, "database"):
            return
        with self.database.read() as session:
            for one in session.query(Alert):
                history = session.query(AlertEvent).filter_by(alert_id=one.id).order_by(AlertEvent.id).all()
                changes = [event for event in history if event.before.get("version") != event.after["version"]]
                assert [event.after["version"] for event in changes] == list(range(1, one.version + 1))
                for earlier, later in pairwise(changes[1:]):
                    assert later.before == earlier.after
                if len(changes) > 1:
                    assert AlertState.from_json(changes[-1].after) == AlertState.of(one)
                assert (one.snoozed_until is None) == (one.state != "snoozed")

    @invariant()
    def every_change_is_wanted_in_its_message(self) -> None:
        if not hasattr(self, "database"):
            return
        with self.database.read() as session:
            for message in session.query(Message).filter(Message.kind != "notice"):
                assert message.next_at is not None


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
