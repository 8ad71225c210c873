"""Each kind of message says why it is shown now, and why here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.alerts.policy import ONCE, Escalation, Policy
from bot.slack.blocks import alert_card, group_card, summary_card, why_now
from bot.slack.blocks.group_card import Group
from storage.engine import Database
from storage.models import Message, Notification
from tests.bot.slack import gate
from tests.bot.slack.conftest import add_alert, add_message, add_send
from tests.bot.slack.harness import words
from tests.bot.slack.rows import HOSTILE, alert, send
from tests.bot.slack.test_render import shown
from tests.conftest import NOW

WHY = "In Order Received for more than 7 days; Sendoso's Send Tracker article says to contact Support."
TOGETHER = "They stand together, since 3 or more of one rule and campaign at once become one message."
CAREFUL = Policy(
    name="careful", escalate=(
        Escalation(after=timedelta(days=2), mention=("S01GIFTOPS",)),
        Escalation(after=timedelta(days=4), channel="C03MARKETING", dm_sender=True),
    ),
).as_json()


def why(database: Database, message_id: int) -> str:
    """What stands after "Why now"."""
    seen = words(shown(database, message_id))
    assert seen.count("*Why now:*") == 1
    return seen.partition("*Why now:* ")[2].partition("\n")[0]


def told(
    database: Database, message: int, alert: int, channel: str = "C01GIFTING", **values: Any,  # noqa: ANN401 - columns
) -> None:
    """How an alert stands in a message."""
    with database.write() as session:
        session.get_one(Message, message).channel = channel
        session.add(Notification(alert_id=alert, channel=channel, message_id=message, told_at=NOW, **values))


@pytest.mark.parametrize(("reason", "here", "said"), [
    ("first", "", "This is the first alert about it."),
    ("raised", "", "It was told before and has now passed the next limit."),
    ("reopened", "", "It was reopened: it had gone away and is back."),
    ("snooze_ended", "", "Its snooze has ended and nothing has moved."),
    ("baseline", "", "It was already like this when Sendwatch first looked."),
    ("first", "snooze_ended", "Its snooze has ended and nothing has moved."),
    ("first", "mute_ended", "The mute that held it has ended."),
    ("raised", "held_quiet", "It was held over the quiet hours."),
    ("first", "held_inhibited", "It was held until what explained it was settled, and it still needs somebody."),
])
def test_an_alert(sqlite: Database, reason: str, here: str, said: str) -> None:
    message = add_message(sqlite)
    told(sqlite, message, add_alert(sqlite, add_send(sqlite), None, reason=reason), reason=here)
    assert why(sqlite, message) == f"{WHY} {said}"


@pytest.mark.parametrize(("state", "said"), [
    ({}, "It has been told 3 times and nobody has acted."),
    ({"state": "acknowledged", "acknowledged_by": "U1A"}, "It has been told 3 times."),
])
def test_a_repeat_counts_and_blames_nobody_who_has_acted(sqlite: Database, state: dict[str, Any], said: str) -> None:
    message = add_message(sqlite)
    told(sqlite, message, add_alert(sqlite, add_send(sqlite), None, **state), reason="repeated", repeats=2)
    assert why(sqlite, message) == f"{WHY} {said}"


def test_an_escalation_says_how_long_nobody_acted_and_where(database: Database) -> None:
    alert = add_alert(database, add_send(database), None)
    first, further = add_message(database, key=f"alert:{alert}:1:C02SALES"), add_message(database, key="further")
    told(database, first, alert, "C02SALES", reason="escalated", escalations=1, policy=CAREFUL)
    assert why(database, first) == f"{WHY} Nobody acted on it for 2 days, so people were called below."
    with database.write() as session:
        session.query(Notification).update({"escalations": 2})
    assert why(database, first) == (
        f"{WHY} Nobody acted on it for 4 days, so it went to <#C03MARKETING> and the sender (if Slack knows them), too."
    )
    told(database, further, alert, "C03MARKETING", reason="escalated", policy=ONCE.as_json())
    assert why(database, further) == (
        f"{WHY} Nobody acted on it in <#C02SALES> for 4 days, so it is told here, too."
    )
    to_sender = add_message(database, key=f"alert:{alert}:1:mail:ann@example.com")
    told(database, to_sender, alert, "U01ANN", reason="escalated", policy=ONCE.as_json())
    assert why(database, to_sender) == (
        f"{WHY} Nobody acted on it in <#C02SALES> for 4 days, so it is told here, too. "
        "You get this because you sent this gift."
    )


def test_an_escalation_to_where_it_stands_is_none_and_a_delay_counts_everywhere(sqlite: Database) -> None:
    steps = (Escalation(after=timedelta(hours=10), channel="C02SALES"),)
    alert = add_alert(sqlite, add_send(sqlite), None)
    first, further = add_message(sqlite, key="first"), add_message(sqlite, key="further")
    told(
        sqlite, first, alert, "C02SALES", reason="escalated", escalations=1, last_told_at=NOW + timedelta(hours=17),
        policy=Policy(escalate=steps).as_json(),
    )
    told(sqlite, further, alert, "C03MARKETING", reason="escalated", policy=ONCE.as_json())
    with sqlite.write() as session:
        session.query(Notification).filter_by(channel="C03MARKETING").update({"told_at": NOW + timedelta(hours=17)})
    assert why(sqlite, first) == f"{WHY} Nobody acted on it for 17 hours."
    assert why(sqlite, further) == f"{WHY} Nobody acted on it in <#C02SALES> for 17 hours, so it is told here, too."


@pytest.mark.parametrize(("policy", "escalations", "channel", "said"), [
    ({}, 0, "U01ANN", "Nobody acted on it where it was told first, so it is told here, too."),
    ({}, 1, "C02SALES", "Nobody acted on it where it was told first, so it is told here, too."),
    (CAREFUL, 1, "U01ANN", "Nobody acted on it for 2 days, so it is told here, too."),
])
def test_an_escalation_of_which_less_is_known(
    sqlite: Database, policy: dict[str, Any], escalations: int, channel: str, said: str,
) -> None:
    alert = add_alert(sqlite, add_send(sqlite), None)
    first, further = add_message(sqlite, key="first"), add_message(sqlite, key="further")
    told(sqlite, first, alert, channel, escalations=escalations, policy=policy)
    told(sqlite, further, alert, "C03MARKETING", reason="escalated", policy=ONCE.as_json())
    assert why(sqlite, further) == f"{WHY} {said}"


def test_an_escalation_without_its_policy(sqlite: Database) -> None:
    message = add_message(sqlite)
    told(sqlite, message, add_alert(sqlite, add_send(sqlite), None), reason="escalated", escalations=1)
    assert why(sqlite, message) == f"{WHY} Nobody acted on it for too long, so it was escalated."


@pytest.mark.parametrize(("kind", "key", "channel", "said"), [
    ("alert", "alert:7:1:mail:ann@example.com", "U01ANN", "You get this because you sent this gift."),
    ("alert", "alert:7:1:mail:ann@example.com", "C01GIFTING",
     "It was meant for Ann Lopez, whom Slack does not know by the e-mail of the sender, so it is told here."),
    ("notice", "notice:7:1:U01ANN", "U01ANN", "You get this as an admin of Sendwatch."),
    ("alert", "alert:7:1:U01ANN", "U01ANN", "You get this since no channel has been chosen for it."),
    ("alert", "alert:7:1:C01GIFTING", "C01GIFTING", ""),
])
def test_why_here(sqlite: Database, kind: str, key: str, channel: str, said: str) -> None:
    route = "admins" if kind == "notice" else "default"
    message = add_message(sqlite, kind, key=key)
    told(sqlite, message, add_alert(sqlite, add_send(sqlite), None), channel, route=route)
    assert why(sqlite, message) == f"{WHY} This is the first alert about it. {said}".strip()


def test_what_was_told_anew_says_for_whom_it_was(database: Database) -> None:
    message = add_message(database, key="alert:7:1:C01GIFTING")
    told(database, message, add_alert(database, add_send(database), None), policy={"for_sender": True})
    assert why(database, message).endswith(
        "It was meant for Ann Lopez, whom Slack does not know by the e-mail of the sender, so it is told here.",
    )


@pytest.mark.parametrize(("meant", "said"), [
    (0, ""), (1, " 1 of them was meant for the sender, whom Slack does not know by e-mail, so told here."),
    (2, " 2 of them were meant for their senders, whom Slack does not know by e-mail, so told here."),
    (3, " They were meant for their senders, whom Slack does not know by e-mail, so told here."),
])
def test_a_group_says_how_many_were_for_their_senders(database: Database, meant: int, said: str) -> None:
    message = a_group(database, [("", 0)] * 3)
    with database.write() as session:
        for row in session.query(Notification).limit(meant):
            row.policy = {"for_sender": True}
    assert why(database, message) == f"{WHY} {TOGETHER}{said}"


def a_group(database: Database, reasons: list[tuple[str, int]], kind: str = "group", **values: Any) -> int:  # noqa: ANN401
    """A message of alerts that are shown for those reasons; gives its row id."""
    message = add_message(database, kind, **values)
    for number, (reason, repeats) in enumerate(reasons, 1):
        alert = add_alert(database, add_send(database, number), None, level="support")
        told(database, message, alert, reason=reason, repeats=repeats)
    return message


@pytest.mark.parametrize(("reasons", "said"), [
    ([("", 0)] * 3, ""),
    ([("repeated", 1)] * 3, " They have been told 2 times and nobody has acted."),
    ([("repeated", 1), ("repeated", 4), ("", 0)], " 2 of them have been told 5 times and nobody has acted."),
    ([("repeated", 2), ("", 0), ("", 0)], " 1 of them has been told 3 times and nobody has acted."),
    ([("mute_ended", 0), ("held_quiet", 0), ("held_quiet", 0)],
     " 2 of them were held over the quiet hours. 1 of them was muted until now."),
    ([("escalated", 0)] * 3, " They were escalated, since nobody acted."),
    ([("snooze_ended", 0)] * 3, " They were snoozed until now, and nothing has moved."),
    ([("held_inhibited", 0)] * 3, " They were held until what explained them was settled, and still need somebody."),
])
def test_a_group(database: Database, reasons: list[tuple[str, int]], said: str) -> None:
    assert why(database, a_group(database, reasons)) == f"{WHY} {TOGETHER}{said}"


@pytest.mark.parametrize(("reason", "said"), [
    ("raised", "They were told before and have passed the next limit."),
    ("reopened", "They had gone away and are back."),
    ("baseline", "They were like this already when Sendwatch first looked."),
])
def test_a_group_whose_alerts_have_reasons_of_their_own(sqlite: Database, reason: str, said: str) -> None:
    message = add_message(sqlite, "group")
    for number in (1, 2, 3):
        told(sqlite, message, add_alert(sqlite, add_send(sqlite, number), None, reason=reason))
    assert why(sqlite, message) == f"{WHY} {TOGETHER} {said}"


def test_a_group_says_what_is_true_of_all(sqlite: Database) -> None:
    message = add_message(sqlite, "group")
    for number in range(1, 9):
        level = "support" if number < 7 else "late"
        alert = add_alert(
            sqlite, add_send(sqlite, number), None, level=level, status_since=NOW - timedelta(days=20 - number),
            why=WHY if level == "support" else "In Order Received for more than 3 business days.",
        )
        told(sqlite, message, alert)
    assert "🔔 8 gifts are late" in words(shown(sqlite, message))
    assert why(sqlite, message) == TOGETHER


def test_a_group_of_which_somebody_has_taken_care(sqlite: Database) -> None:
    message = add_message(sqlite, "group")
    for number in (1, 2, 3):
        state = {"state": "acknowledged", "acknowledged_by": "U1A"} if number < 3 else {}
        told(sqlite, message, add_alert(sqlite, add_send(sqlite, number), None, **state), reason="repeated", repeats=1)
    assert why(sqlite, message) == f"{WHY} {TOGETHER} 1 of them has been told 2 times and nobody has acted."


def test_a_group_that_is_settled_needs_no_reason(sqlite: Database) -> None:
    message = add_message(sqlite, "group")
    told(sqlite, message, add_alert(sqlite, add_send(sqlite), None, state="resolved", resolved_by="scan"))
    assert "Why now" not in words(shown(sqlite, message))


@pytest.mark.parametrize(("channel", "said"), [
    ("U01ANN", "You get this because you sent these gifts."),
    ("C01GIFTING",
     "It was meant for Ann Lopez, whom Slack does not know by the e-mail of the sender, so it is told here."),
])
def test_a_group_for_a_sender(sqlite: Database, channel: str, said: str) -> None:
    message = a_group(sqlite, [("", 0)] * 3, key="group:7:1:mail:ann@example.com")
    with sqlite.write() as session:
        session.get_one(Message, message).channel = channel
    assert why(sqlite, message) == f"{WHY} {TOGETHER} {said}"


@pytest.mark.parametrize(("key", "channel", "said"), [
    ("summary:C01GIFTING:2026-11-23", "C01GIFTING", ""),
    ("summary:mail:ann@example.com:2026-11-23", "U01ANN", " You get this because you sent these gifts."),
])
def test_a_summary(database: Database, key: str, channel: str, said: str) -> None:
    message = a_group(database, [("repeated", 1), ("", 0)], "summary", key=key)
    with database.write() as session:
        session.get_one(Message, message).channel = channel
    assert why(database, message) == (
        "Enough messages have come here for now, so the rest of the day's alerts stand together in this one. "
        f"1 of them has been told 2 times and nobody has acted.{said}"
    )


def test_a_first_look_says_that_it_is_one(sqlite: Database) -> None:
    message = add_message(sqlite, "baseline")
    for number in range(1, 8):
        add_alert(sqlite, add_send(sqlite, number), message, level="support")
    seen = words(shown(sqlite, message))
    assert "👋 A first look: 7 gifts already waiting" in seen
    assert "Sendwatch has not posted these one by one." in seen


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", ["alert", "group", "summary"])
def test_a_hostile_sender_stays_words(kind: str, name: str) -> None:
    here = why_now.here(f"{kind}:7:1:mail:{name}", "C01GIFTING", send(sender_name=name), several=kind != "alert")
    shown_here = Group(
        message_id=1, rule="overdue", by_state={"firing": 3}, top=[(alert(why=name), send())], here=here,
        reasons={"repeated": 2, name: 1}, repeats=10**6,
    )
    for drawn in (
        alert_card.build(alert(why=name), send(), NOW, here=here), group_card.build(shown_here, NOW),
        summary_card.build(shown_here, {"overdue": 3}, NOW),
    ):
        assert gate.problems({"text": drawn.text, "blocks": drawn.blocks}) == []
