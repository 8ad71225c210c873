from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.alerts.grouping import Planned
from bot.alerts.notices import (
    closed_line,
    escalated_to,
    follow_up_line,
    lasting,
    reminder_line,
    stale_over_line,
    text_of,
    title,
)
from tests.bot.alerts.test_grouping import item

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=3)


@pytest.mark.parametrize(("length", "words"), [
    (timedelta(seconds=-5), "less than a minute"),
    (timedelta(seconds=59), "less than a minute"),
    (timedelta(minutes=1), "1 minute"),
    (timedelta(minutes=59), "59 minutes"),
    (timedelta(hours=1), "1 hour"),
    (timedelta(hours=23, minutes=59), "23 hours"),
    (timedelta(days=1), "1 day"),
    (timedelta(days=1500), "1,500 days"),
])
def test_lengths_are_told_in_their_largest_full_unit(length: timedelta, words: str) -> None:
    assert lasting(length) == words


def test_one_alert_in_one_line() -> None:
    one = item(1, gift="Bundles", recipient="Jane\nDoe", why="In Order Received for more than 7 days.")
    assert text_of(Planned(kind="alert", channel="C1", items=(one,)), NOW) == (
        "Order Received for 9 days: Bundles for Jane Doe, campaign Autumn. In Order Received for more than 7 days."
    )


def test_one_alert_of_which_little_is_known() -> None:
    one = item(1, campaign="", since=None, status="unknown", status_raw=" ")
    assert text_of(Planned(kind="alert", channel="C1", items=(one,)), NOW) == "Unknown status: a gift. Why."


def test_a_group_in_one_line() -> None:
    items = (item(1), item(2), item(3, status="shipped"))
    assert text_of(Planned(kind="group", channel="C1", items=items), NOW) == (
        "3 sends of campaign Autumn are late (2 Order Received, 1 Shipped)."
    )
    mixed = tuple(item(ref, level=level, campaign="") for ref, level in ((1, "late"), (2, "support"), (3, "support")))
    assert text_of(Planned(kind="group", channel="C1", items=mixed), NOW) == (
        "3 sends without a campaign: 2 are stuck: contact Support and 1 is late (3 Order Received)."
    )


def test_a_first_look_in_one_line() -> None:
    items = (*(item(ref) for ref in range(6)), item(9, "expired", "notice"))
    assert text_of(Planned(kind="baseline", channel="C1", items=items), NOW) == (
        "A first look found 7 sends that need somebody: 6 are late, 1 is over. "
        "Post them as alerts, or only tell about new ones?"
    )


def test_notices_to_admins() -> None:
    unknown = item(1, "unknown_status", "notice", status="unknown", status_raw="Eaten" + "x" * 200, send_gid="gid")
    told = text_of(Planned(kind="alert", channel="U1", items=(unknown,)), NOW)
    assert "does not know: “Eatenxxx" in told
    assert "…”. It was first seen on send gid." in told
    stale = item(1, "stale_data", "notice", since=NOW - timedelta(hours=5))
    assert text_of(Planned(kind="notice", channel="U1", items=(stale,)), NOW).startswith(
        "No sync with Sendoso has worked for 5 hours.",
    )
    never = item(1, "stale_data", "notice", since=None)
    assert "worked so far." in text_of(Planned(kind="notice", channel="U1", items=(never,)), NOW)
    nameless = item(1, "unknown_status", "notice", status_raw="Eaten")
    assert "first seen" not in text_of(Planned(kind="alert", channel="U1", items=(nameless,)), NOW)
    assert stale_over_line(NOW, NOW - timedelta(hours=30)) == "Data come in from Sendoso again, after 1 day without."


@pytest.mark.parametrize(("reason", "words"), [
    ("snooze_ended", "The snooze has ended and nothing has moved: still Order Received for 9 days (Jane)."),
    ("mute_ended", "The mute has ended and nothing has moved: still Order Received for 9 days (Jane)."),
    ("repeated", "Reminder 2: nobody has acted on this for 3 days: still Order Received for 9 days (Jane)."),
    ("escalated", "Nobody has acted on this for 3 days: still Order Received for 9 days (Jane)."),
])
def test_why_an_alert_is_brought_up_again(reason: str, words: str) -> None:
    told = NOW - timedelta(days=3)
    assert reminder_line([item(1, recipient="Jane")], reason, NOW, number=2, since=told) == words


def test_many_alerts_of_one_message_are_brought_up_together() -> None:
    items = [item(1), item(2), item(3, status="shipped", status_raw="Shipped")]
    assert reminder_line(items, "repeated", NOW, since=NOW - timedelta(days=1), alone=False) == (
        "Reminder 1: nobody has acted on this for 1 day: 3 alerts above still open (2 Order Received, 1 Shipped)."
    )
    assert reminder_line(items[:1], "repeated", NOW, since=NOW, alone=False).endswith(
        "1 alert above still open (1 Order Received).",
    )


@pytest.mark.parametrize(("others", "words"), [
    (0, "2 alerts above still open (2 Order Received)."),
    (1, "2 alerts above still open (2 Order Received). 1 other above is open, too."),
    (1_204, "2 alerts above still open (2 Order Received). 1,204 others above are open, too."),
])
def test_what_else_of_the_message_is_open_is_counted(others: int, words: str) -> None:
    said = reminder_line([item(1), item(2)], "repeated", NOW, since=NOW, alone=False, others=others)
    assert said == f"Reminder 1: nobody has acted on this for less than a minute: {words}"


@pytest.mark.parametrize(("number", "names"), [
    (1, ": Jane 0"), (2, ": Jane 0, Jane 1"), (3, ": Jane 0, Jane 1, Jane 2"),
    (4, ": Jane 0, Jane 1, Jane 2 and 1 more"),
    (1_203, ": Jane 0, Jane 1, Jane 2 and 1,200 more"),
])
def test_the_first_few_are_named_the_most_pressing_first(number: int, names: str) -> None:
    items = [item(ref, recipient=f"Jane {ref}") for ref in reversed(range(number))]
    said = reminder_line(items, "repeated", NOW, since=NOW, alone=False)
    assert said.endswith(f" Order Received){names}.")


def test_who_is_not_known_is_named_by_the_gift_or_only_counted() -> None:
    items = [item(1, gift="Bundles"), item(2, recipient="Jane", gift="Bundles"), item(3)]
    said = reminder_line(items, "repeated", NOW, since=NOW, alone=False)
    assert said.endswith(": Bundles, Jane and 1 more.")


def test_who_is_reminded_of_support_without_a_message_above_is_told_of_whom() -> None:
    two = [item(1, recipient="Jane"), item(2, recipient="Kim")]
    since = NOW - timedelta(hours=2)
    assert follow_up_line(two, since, NOW, days=0, alone=False, below=False) == (
        "You told Support of 2 gifts 2 hours ago, and they are still open (2 Order Received): Jane, Kim."
    )
    assert follow_up_line(two, since, NOW, days=0, alone=False) == (
        "You told Support of 2 of these gifts 2 hours ago, and they are still open (2 Order Received)."
    )


def test_how_many_more_people_an_escalation_reaches() -> None:
    assert escalated_to(channel=False, sender=False, people=1) == "It is now told to one more person, too."
    assert escalated_to(channel=True, sender=True, people=2_000) == (
        "It is now told to another channel, the sender and 2,000 more people, too."
    )


@pytest.mark.parametrize(("why", "words"), [
    ("moved_on", "Now Shipped: the send moved on."),
    ("raised", "The next limit has passed: a new alert says so."),
    ("ended", "The offer is over: a new alert says so."),
    ("cleared", "No longer so, by what Sendoso tells and the limits in force."),
])
def test_why_the_scan_closed_an_alert(why: str, words: str) -> None:
    assert closed_line(why, "shipped", "Shipped") == words


def test_a_status_that_nobody_has_named_stands_as_it_came() -> None:
    assert title("unknown", "Lost  in\nspace") == "“Lost in space”"
    assert title("shipped", "whatever") == "Shipped"


def test_a_channel_that_has_had_its_share_is_told_so() -> None:
    items = (item(1), item(2), item(3, "made_up", "notice"), item(4, "expired", "notice"))
    assert text_of(Planned(kind="summary", channel="C1", items=items), NOW) == (
        "4 more today: 2 are late, 1 needs a look, 1 is over. This channel has had as many messages as it is to get, "
        "so they stand together here."
    )


def test_a_finding_that_nobody_has_words_for_needs_a_look() -> None:
    items = tuple(item(ref, "made_up", "notice") for ref in range(3))
    assert text_of(Planned(kind="group", channel="C1", items=items), NOW) == (
        "3 sends of campaign Autumn need a look (3 Order Received)."
    )


def test_statuses_that_nobody_has_named_are_counted_as_they_came() -> None:
    lost = {"status": "unknown", "status_raw": "Lost in space"}
    items = (item(1, **lost), item(2, **lost), item(3))
    assert text_of(Planned(kind="group", channel="C1", items=items), NOW) == (
        "3 sends of campaign Autumn are late (2 “Lost in space”, 1 Order Received)."
    )
    assert reminder_line(items, "repeated", NOW, since=NOW, alone=False).endswith(
        "3 alerts above still open (2 “Lost in space”, 1 Order Received).",
    )
    assert reminder_line(items[:1], "snooze_ended", NOW, since=NOW) == (
        "The snooze has ended and nothing has moved: still “Lost in space” for 9 days."
    )
    assert closed_line("moved_on", "unknown", "Lost in space") == "Now “Lost in space”: the send moved on."
    assert closed_line("moved_on", "shipped", "Shipped", "Fulfilling") == "Now Shipped: the send moved on."
    assert closed_line("moved_on", "shipped", "sent out", "Shipped") == "Shipped counts anew, with an alert of its own."


def test_a_group_is_called_by_the_campaign_of_its_first() -> None:
    items = (item(1), item(2, campaign="Spring"), item(3, campaign="Spring"))
    assert text_of(Planned(kind="group", channel="C1", items=items), NOW).startswith("3 sends of campaign Autumn ")


def test_a_reminder_of_which_little_is_known() -> None:
    assert reminder_line([item(1, since=None)], "escalated", NOW, since=NOW - timedelta(days=2)) == (
        "Nobody has acted on this for 2 days: still Order Received."
    )
    assert reminder_line([item(1), item(2)], "repeated", NOW, number=1_000, since=NOW) == (
        "Reminder 1,000: nobody has acted on this for less than a minute: 2 alerts above still open (2 Order Received)."
    )


@pytest.mark.parametrize(("spellings", "named"), [
    (("Lost", "Eaten"), "2 statuses that Sendwatch does not know: “Lost” and “Eaten”."),
    (("Lost", "Eaten", "Torn"), "3 statuses that Sendwatch does not know: “Lost”, “Eaten” and “Torn”."),
    (("Lost", "Eaten", "Torn", "Sunk"), "4 statuses that Sendwatch does not know: “Lost”, “Eaten”, “Torn” and 1 more."),
])
def test_several_unknown_statuses_are_named_by_their_spellings(spellings: tuple[str, ...], named: str) -> None:
    items = tuple(item(ref, "unknown_status", "notice", status_raw=raw) for ref, raw in enumerate(spellings))
    assert text_of(Planned(kind="group", channel="U1", items=items), NOW) == (
        f"Sendoso reports {named} Their texts are kept as they came; no limit is watched for them."
    )


def test_unknown_statuses_above_a_budget_are_counted_with_the_rest_of_the_day() -> None:
    items = (item(1, "unknown_status", "notice"), item(2, "unknown_status", "notice"), item(3))
    assert text_of(Planned(kind="summary", channel="C1", items=items), NOW).startswith(
        "3 more today: 2 have statuses nobody has named, 1 is late.",
    )


def test_what_admins_are_told_in_full() -> None:
    unknown = item(1, "unknown_status", "notice", status="unknown", status_raw="Eaten")
    assert text_of(Planned(kind="alert", channel="U1", items=(unknown,)), NOW) == (
        "Sendoso reports a status that Sendwatch does not know: “Eaten”. Its text is kept as it came; no limit is "
        "watched for it."
    )
    stale = item(1, "stale_data", "notice", since=None)
    said = (
        "No sync with Sendoso has worked so far. Alerts may be out of date until one does: check the access token and "
        "whether Sendoso's API can be reached."
    )
    assert text_of(Planned(kind="notice", channel="U1", items=(stale,)), NOW) == said
    refused = replace(stale, why="No sync has worked for more than 2 hours. The last one said: “Not authorized”.")
    assert text_of(Planned(kind="notice", channel="U1", items=(refused,)), NOW) == (
        f"{said} The last one said: “Not authorized”."
    )


def test_a_long_name_is_cut_to_eighty_letters() -> None:
    assert title("unknown", "x" * 80) == f"“{'x' * 80}”"
    assert title("unknown", "x" * 81) == f"“{'x' * 79}…”"


@pytest.mark.parametrize(("several", "days", "alone", "values", "words"), [
    (
        False, 3, True, {"recipient": "Jane"},
        "You told Support 3 business days ago, and it is still Order Received, now for 9 days.",
    ),
    (
        False, 1, False, {"recipient": "Jane\nDoe", "status": "unknown", "status_raw": "Lost"},
        "You told Support 1 business day ago, and the gift for Jane Doe is still “Lost”, now for 9 days.",
    ),
    (False, 0, False, {"since": None}, "You told Support 2 hours ago, and it is still Order Received."),
    (
        True, 2, False, {"recipient": "Jane"},
        (
            "You told Support of 2 of these gifts 2 business days ago, and they are still open (1 Order Received, "
            "1 Shipped)."
        ),
    ),
])
def test_whoever_told_support_is_told_how_it_stands(
    several: bool, days: int, alone: bool, values: dict[str, Any], words: str,
) -> None:
    items = [item(1, **values), *([item(2, status="shipped")] if several else [])]
    assert follow_up_line(items, NOW - timedelta(hours=2), NOW, days=days, alone=alone) == words


@pytest.mark.parametrize(("channel", "sender", "words"), [
    (True, True, "It is now told to another channel and the sender, too."),
    (True, False, "It is now told to another channel, too."),
    (False, True, "It is now told to the sender, too."),
    (False, False, ""),
])
def test_who_else_hears_of_an_escalation(channel: bool, sender: bool, words: str) -> None:
    assert escalated_to(channel=channel, sender=sender) == words
