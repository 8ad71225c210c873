from __future__ import annotations

from datetime import time, timedelta

from bot.alerts.policy import ONCE, Budget, Escalation, Policy
from bot.alerts.quiet_hours import WORKWEEK, QuietHours

FULL = Policy(
    name="slow", repeat=(timedelta(hours=12), timedelta(days=2)), repeat_in_channel=True,
    escalate=(Escalation(after=timedelta(days=1), mention=("U1", "S2"), channel="C2", dm_sender=True),),
    quiet=QuietHours(
        zone="Europe/Berlin", start=time(18), end=time(8, 30), working_days=WORKWEEK,
        except_for=frozenset({"overdue/support", "expired"}),
    ),
)


def test_a_policy_is_stored_in_words_that_later_versions_read() -> None:
    assert FULL.as_json() == {
        "name": "slow", "repeat": [43_200.0, 172_800.0], "repeat_in_channel": True,
        "escalate": [{"after": 86_400.0, "mention": ["U1", "S2"], "channel": "C2", "dm_sender": True}],
        "quiet": {
            "zone": "Europe/Berlin", "start": "18:00:00", "end": "08:30:00", "working_days": [0, 1, 2, 3, 4],
            "except_for": ["expired", "overdue/support"],
        },
    }
    assert Policy.from_json(FULL.as_json()) == FULL


def test_a_policy_without_quiet_hours_is_stored_without_them() -> None:
    assert ONCE.as_json()["quiet"] is None
    assert Policy.from_json(ONCE.as_json()) == ONCE


def test_what_was_stored_before_there_were_policies_says_nothing_more() -> None:
    assert Policy.from_json({}) == Policy(name="", repeat=(), repeat_in_channel=False, escalate=(), quiet=None)


def test_quiet_hours_of_which_little_is_stored_are_no_hours_and_no_free_days() -> None:
    assert QuietHours.from_json({"zone": "UTC"}) == QuietHours(
        zone="UTC", start=None, end=None, working_days=frozenset(range(7)), except_for=frozenset(),
    )


def test_ten_messages_at_once_are_the_most() -> None:
    assert Budget().at_once + 1 == 10


def test_in_a_direct_message_people_get_the_alert_in_place_of_being_called() -> None:
    steps = (
        Escalation(after=timedelta(hours=1), mention=("S01", "U02", "W03")),
        Escalation(after=timedelta(hours=2), mention=("S01",)),
        Escalation(after=timedelta(hours=3), mention=("U02",), channel="C9", dm_sender=True),
    )
    loud = Policy(name="loud", escalate=steps)
    assert loud.told_directly(calls_elsewhere=False).escalate == (
        Escalation(after=timedelta(hours=1), people=("U02", "W03")),
        Escalation(after=timedelta(hours=3), people=("U02",), channel="C9", dm_sender=True),
    )
    # Where they are called in a channel they need no message as well.
    assert loud.told_directly(calls_elsewhere=True).escalate == (
        Escalation(after=timedelta(hours=3), channel="C9", dm_sender=True),
    )
    stored = loud.told_directly(calls_elsewhere=False)
    assert Policy.from_json(stored.as_json()) == stored
    assert "people" not in loud.as_json()["escalate"][0]
