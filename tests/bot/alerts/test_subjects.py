"""What rules and texts see of an alert and its send."""

from __future__ import annotations

from typing import Any

import pytest

from bot.alerts.grouping import Item
from bot.alerts.policy import Policy
from bot.alerts.quiet_hours import QuietHours
from bot.alerts.routing import Match, Routing, Rule, Subject
from bot.alerts.subjects import about, item_of, places, subject_of
from tests.bot.slack.rows import alert, send
from tests.conftest import NOW

SEND = send(campaign_id=12)
ALERT = alert(5, version=3)
SUBJECT = Subject(
    rule="overdue", level="support", status="order_received", team="Marketing Ops", campaign="Q4 thank-you",
    sender_name="Ann Lopez", sender_email="ann@example.com", type="Inventoried Sends", subtype="Custom",
    send_gid="Z2lkOi8vc2VuZG9zby9TZW5kLzQ0", amount_minor=2500, currency="USD",
)


def test_rules_look_at_the_send_in_the_status_of_the_alert() -> None:
    assert subject_of(ALERT, SEND) == SUBJECT
    assert subject_of(ALERT, send(status="delivered")) == SUBJECT
    assert about("overdue", "support", "order_received", SEND) == SUBJECT


def test_an_alert_without_a_send_is_looked_at_by_itself() -> None:
    stale = alert(rule="stale_data", level="notice", status="")
    assert subject_of(stale, None) == Subject(rule="stale_data", level="notice", status="")
    assert about("overdue", "late", "shipped", None) == Subject(rule="overdue", level="late", status="shipped")


def test_texts_know_all_that_they_say_of_an_alert() -> None:
    assert item_of(ALERT, SEND, "C01GIFTING") == Item(
        ref=5, version=3, channel="C01GIFTING", rule="overdue", level="support", status="order_received",
        status_raw="Processing", since=ALERT.status_since, due_at=ALERT.due_at, why=ALERT.why,
        send_gid="Z2lkOi8vc2VuZG9zby9TZW5kLzQ0", gift="Inventoried Sends", recipient="Jane Doe",
        campaign="Q4 thank-you", campaign_id=12, subject=SUBJECT,
    )


def test_of_an_alert_without_a_send_texts_know_what_the_alert_says() -> None:
    stale = alert(5, rule="stale_data", level="notice", status="", status_raw="", status_since=None)
    assert item_of(stale, None) == Item(
        ref=5, version=1, channel="", rule="stale_data", level="notice", status="", status_raw="", since=None,
        due_at=stale.due_at, why=stale.why, send_gid="", gift="", recipient="", campaign="", campaign_id=None,
        subject=Subject(rule="stale_data", level="notice"),
    )


@pytest.mark.parametrize(("ref", "told"), [(None, 5), (0, 0), (9, 9)])
def test_what_is_not_stored_goes_by_its_place_in_the_plan(ref: int | None, told: int) -> None:
    assert item_of(ALERT, SEND, ref=ref).ref == told


@pytest.mark.parametrize(("known", "gift", "recipient"), [
    ({}, "Inventoried Sends", "Jane Doe"),
    ({"type": ""}, "Custom", "Jane Doe"),
    ({"type": "", "subtype": ""}, "", "Jane Doe"),
    ({"recipient_name": ""}, "Inventoried Sends", "jane@acme.com"),
    ({"recipient_name": "", "recipient_email": ""}, "Inventoried Sends", "Acme"),
    ({"recipient_name": "", "recipient_email": "", "recipient_company": ""}, "Inventoried Sends", ""),
])
def test_a_gift_and_its_recipient_are_called_by_the_best_that_is_known(
    known: dict[str, Any], gift: str, recipient: str,
) -> None:
    found = item_of(ALERT, send(**known))
    assert (found.gift, found.recipient) == (gift, recipient)


def test_an_alert_is_told_at_once_wherever_its_route_leads() -> None:
    night = Policy(quiet=QuietHours(zone="America/New_York"))
    routing = Routing(alert_channel="C01GIFTING", policies={"calm": night}, rules=(
        Rule(name="Ops", match=Match(team=("marketing ops",)), channel="C02OPS", dm_sender=True, policy="calm"),
    ))
    assert places(5, SUBJECT, routing, NOW) == [
        {"alert_id": 5, "channel": "C02OPS", "route": "Ops", "policy": night.as_json(), "next_at": NOW},
        {"alert_id": 5, "channel": "mail:ann@example.com", "route": "Ops", "policy": night.as_json(), "next_at": NOW},
    ]
    assert places(5, Subject(rule="overdue"), routing, NOW) == [
        {
            "alert_id": 5, "channel": "C01GIFTING", "route": "default", "policy": Policy().as_json(), "next_at": NOW,
        },
    ]
