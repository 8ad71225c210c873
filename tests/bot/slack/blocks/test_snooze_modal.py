from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.blocks import snooze_modal
from bot.slack.blocks.group_card import Group
from bot.slack.blocks.snooze_modal import About
from bot.statuses.working_time import us_calendar
from storage.models import Alert, Send
from tests.bot.slack import gate
from tests.bot.slack.harness import words
from tests.bot.slack.rows import HOSTILE, alert, ids, moments, pairs, send, texts
from tests.conftest import NOW
from tests.hostile import hostile

NEW_YORK, TOKYO = ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")
US = us_calendar()
ONE = snooze_modal.about_alert(alert(), send(), NOW, {"send": 1})


def local(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(("now", "offered"), [
    # A Monday: three business days lead over Thanksgiving.
    ("2026-11-23 10:00", [
        ("For 1 hour", "11-23 11:00"), ("For 4 hours", "11-23 14:00"), ("Until tomorrow at 9:00", "11-24 09:00"),
        ("For 3 business days, until 9:00", "11-27 09:00"), ("Until Monday at 9:00", "11-30 09:00"),
        ("For 1 week", "11-30 10:00"),
    ]),
    # A Sunday: Monday is tomorrow, and stands there once.
    ("2026-12-06 10:00", [
        ("For 1 hour", "12-06 11:00"), ("For 4 hours", "12-06 14:00"), ("Until tomorrow at 9:00", "12-07 09:00"),
        ("For 3 business days, until 9:00", "12-09 09:00"), ("For 1 week", "12-13 10:00"),
    ]),
    # A Thursday evening: the third business day is Tuesday.
    ("2026-12-03 22:00", [
        ("For 1 hour", "12-03 23:00"), ("For 4 hours", "12-04 02:00"), ("Until tomorrow at 9:00", "12-04 09:00"),
        ("Until Monday at 9:00", "12-07 09:00"), ("For 3 business days, until 9:00", "12-08 09:00"),
        ("For 1 week", "12-10 22:00"),
    ]),
])
def test_the_quick_choices(now: str, offered: list[tuple[str, str]]) -> None:
    found = snooze_modal.choices(local(now), NEW_YORK, US)
    assert [(choice.text, choice.until) for choice in found] == [
        (text, local(f"2026-{until}")) for text, until in offered
    ]


def test_the_morning_after_a_change_of_the_clocks_is_nine() -> None:
    found = snooze_modal.choices(local("2027-03-13 20:00"), NEW_YORK, US)
    assert local("2027-03-14 09:00") in [choice.until for choice in found]


def test_every_choice_says_when_on_the_clock_of_the_person() -> None:
    view = snooze_modal.build(ONE, NOW, TOKYO, US)
    assert "Wed 25 Nov, 09:00 (Asia/Tokyo)" in words(view)
    assert "Tue 1 Dec, 00:00 (Asia/Tokyo)" in words(view)
    assert json.loads(view["private_metadata"]) == {"alert": 1, "v": 1, "send": 1}


def test_the_field_for_ones_own_words() -> None:
    view = snooze_modal.build(ONE, NOW, NEW_YORK, US, words="x" * 300, problem="That <time> has passed.")
    field = next(block for block in view["blocks"] if block.get("block_id") == snooze_modal.WORDS_BLOCK)
    assert field["optional"] is True
    assert len(field["element"]["initial_value"]) == snooze_modal.LONGEST_WORDS
    assert "2h, tomorrow 9am, monday 14:30, 3 business days, 7 Dec" in words(view)
    assert "⚠️ That &lt;time&gt; has passed." in words(view)


@pytest.mark.parametrize(("until", "meant"), [
    ("2026-11-23 15:00", "Monday 23 Nov, 15:00 (America/New_York), in 5 hours"),
    ("2026-11-24 09:00", "Tuesday 24 Nov, 09:00 (America/New_York), in 23 hours"),
    ("2026-11-24 10:00", "Tuesday 24 Nov, 10:00 (America/New_York), in 1 day, which is 1 business day"),
    ("2026-11-30 09:00", "Monday 30 Nov, 09:00 (America/New_York), in 7 days, which is 4 business days"),
])
def test_what_is_said_back(until: str, meant: str) -> None:
    now = local("2026-11-23 10:00")
    assert snooze_modal.meant(local(until), now, NEW_YORK, US) == meant
    view = snooze_modal.confirm(ONE, local(until), "whatever", now, NEW_YORK, US)
    assert f"*Quiet until* {meant}." in words(view)
    assert "Jane Doe" in words(view)


def test_a_weekend_has_no_business_day() -> None:
    friday = local("2026-12-04 10:00")
    meant = snooze_modal.meant(local("2026-12-06 10:00"), friday, NEW_YORK, US)
    assert meant.endswith("in 2 days, none of which is a business day")


def test_the_second_step_carries_the_instant_and_leads_back_with_the_words() -> None:
    until = local("2026-11-30 09:00")
    view = snooze_modal.confirm(ONE, until, "next monday", NOW, NEW_YORK, US)
    assert json.loads(view["private_metadata"]) == {"alert": 1, "v": 1, "send": 1, "until": int(until.timestamp())}
    assert view["submit"]["text"] == "Snooze"
    [back] = [element for block in view["blocks"] for element in gate.elements(block)]
    assert (back["action_id"], json.loads(back["value"])) == (snooze_modal.BACK, {"words": "next monday"})


def test_a_whole_message() -> None:
    group = Group(
        message_id=7, rule="overdue", campaign="Autumn", by_state={"firing": 9, "snoozed": 3},
        top=[(alert(number), send(number)) for number in range(1, 6)],
    )
    about = snooze_modal.about_group(group, NOW)
    for view in (
        snooze_modal.build(about, NOW, NEW_YORK, US),
        snooze_modal.confirm(about, NOW + timedelta(days=2), "2 days", NOW, NEW_YORK, US),
    ):
        assert gate.problems(view, gate.MODAL) == []
        assert view["title"]["text"] == "Snooze all"
        assert "12 gifts are late: Autumn" in words(view)
        assert "…and 7 more" in words(view)
        assert json.loads(view["private_metadata"])["group"] == 7
    empty = snooze_modal.about_group(Group(message_id=7, rule="x"), NOW)
    assert gate.problems(snooze_modal.build(empty, NOW, NEW_YORK, US), gate.MODAL) == []


ZONES = st.sampled_from([ZoneInfo(name) for name in (
    "UTC", "America/Argentina/ComodRivadavia", "America/North_Dakota/New_Salem", "Africa/Cairo", "Asia/Kathmandu",
)])
ABOUTS = st.builds(snooze_modal.about_alert, st.just(alert()), st.just(send()), moments) | st.builds(
    lambda pair, now, send_id: snooze_modal.about_alert(pair[0], pair[1], now, {"send": send_id}), pairs, moments, ids,
)
NOWS = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


@hostile(60)
@given(ABOUTS, NOWS, ZONES, texts, st.integers(1, 366 * 86_400))
def test_both_steps_keep_the_limits(about: About, now: datetime, zone: ZoneInfo, typed: str, seconds: int) -> None:
    until = now + timedelta(seconds=seconds)
    for view in (
        snooze_modal.build(about, now, zone, US, words=typed, problem="Passed."),
        snooze_modal.confirm(about, until, typed, now, zone, US),
    ):
        assert gate.problems(view, gate.MODAL) == []


@settings(deadline=None)
@given(NOWS, ZONES)
def test_every_choice_lies_ahead_and_stands_there_once(now: datetime, zone: ZoneInfo) -> None:
    found = [choice.until for choice in snooze_modal.choices(now, zone, US)]
    assert now < found[0]
    assert found == sorted(set(found))


@pytest.mark.parametrize("name", HOSTILE)
def test_names_from_outside_do_no_harm(name: str) -> None:
    stuck: Alert = alert(status="unknown", status_raw=name, why=name)
    told: Send = send(recipient_name=name, campaign=name)
    view = snooze_modal.confirm(snooze_modal.about_alert(stuck, told, NOW), NOW + timedelta(1), name, NOW, TOKYO, US)
    assert gate.problems(view, gate.MODAL) == []
    group = Group(message_id=7, rule="overdue", campaign=name, by_state={"firing": 2}, top=[(stuck, told)])
    assert gate.problems(snooze_modal.build(snooze_modal.about_group(group, NOW), NOW, TOKYO, US), gate.MODAL) == []
