"""What stands in the audit record of a press."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.alerts.lifecycle import Action, AlertState, Code, Refused, State
from bot.alerts.pressed import Outcome, Press, about, refuse, row, whole
from tests.bot.slack.rows import alert
from tests.conftest import NOW

PRESS = Press(
    action=Action.SNOOZE, user_id="U01ANN", dedupe_key="press-1", alert_ids=(1, 2), message_id=7, user_name="ann",
    team_id="T01", channel="C01GIFTING", message_ts="1764000000.000100",
)
COMMON = {
    "action": "snooze", "actor": "U01ANN", "actor_name": "ann", "team_id": "T01", "channel": "C01GIFTING",
    "occurred_at": NOW, "dedupe_key": "press-1", "detail": {"press": "press-1", "message_ts": "1764000000.000100"},
}
FIRING = AlertState(state=State.FIRING)
SNOOZED = AlertState(state=State.SNOOZED, snoozed_until=NOW + timedelta(days=1), snoozed_by="U01ANN")


def test_the_record_says_who_pressed_what_where_and_when() -> None:
    made = about(Action.SNOOZE, PRESS, NOW)
    assert made == COMMON
    assert type(made["action"]) is str


@pytest.mark.parametrize(("version", "note", "more"), [
    (3, None, {"seen_version": 3}), (0, None, {"seen_version": 0}), (None, "Please call.", {"note": "Please call."}),
    (3, "x", {"seen_version": 3, "note": "x"}), (None, "", {}),
])
def test_the_version_that_was_seen_and_a_note_are_kept(
    version: int | None, note: str | None, more: dict[str, object],
) -> None:
    press = replace(PRESS, version=version, args={} if note is None else {"note": note})
    assert about(Action.SNOOZE, press, NOW) == COMMON | {"detail": {
        "press": "press-1", "message_ts": "1764000000.000100", **more,
    }}


def test_a_press_on_many_has_a_row_for_all_and_one_for_each() -> None:
    made = whole(Action.SNOOZE, PRESS, 2, NOW, not_allowed=3)
    assert made == COMMON | {"detail": {
        "press": "press-1", "message_ts": "1764000000.000100", "message": 7, "changed": 2, "not_allowed": 3,
    }}
    each = row(Action.SNOOZE, PRESS, NOW, alert(5, version=4), FIRING, SNOOZED, until="tomorrow")
    assert each == COMMON | {
        "alert_id": 5, "dedupe_key": "press-1|5",
        "before": {"state": "firing", "version": 4},
        "after": {
            "state": "snoozed", "snoozed_until": "2026-11-24T15:00:00+00:00", "snoozed_by": "U01ANN", "version": 5,
        },
        "detail": {"press": "press-1", "message_ts": "1764000000.000100", "until": "tomorrow"},
    }


def test_a_press_on_one_alert_is_on_record_by_its_own_name_only() -> None:
    made = row(Action.SNOOZE, PRESS, NOW, alert(5), FIRING, SNOOZED, single=True)
    assert made["dedupe_key"] == "press-1"


def test_what_changed_nothing_makes_no_new_version() -> None:
    made = row(Action.MEANING, PRESS, NOW, alert(5, version=4), FIRING, FIRING)
    assert made["before"] == made["after"] == {"state": "firing", "version": 4}


def test_a_refusal_is_told_before_what_was_done_in_part() -> None:
    assert Outcome(refused="No.", partly="Some.").told == "No."
    assert Outcome(partly="Some.").told == "Some."
    assert Outcome(changed=1).told is None


def test_a_refusal_is_told_to_the_one_who_pressed() -> None:
    refused = Refused(code=Code.ACKNOWLEDGED, by="U01ANN", at=NOW - timedelta(minutes=3))
    assert refuse(PRESS, refused, NOW) == Outcome(
        refused="You already acknowledged them 3 minutes ago.", refusal=refused, alert_ids=(1, 2),
    )
    other = refuse(replace(PRESS, user_id="U02BEN"), refused, NOW)
    assert other.refused == "Already acknowledged by <@U01ANN> 3 minutes ago."
    of_one = refuse(replace(PRESS, alert_ids=(1,), message_id=None), refused, NOW)
    assert of_one.refused == "You already acknowledged it 3 minutes ago."
