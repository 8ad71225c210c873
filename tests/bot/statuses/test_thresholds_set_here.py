"""Limits that an installation sets for itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.statuses.limits import Limit
from bot.statuses.thresholds import Finding, Watched, due, findings, next_due
from bot.statuses.watch import Threshold, Watch, us_watch

MONDAY = datetime(2026, 11, 9, 18, 0, tzinfo=UTC)  # 10:00 in the west; Veterans Day follows on Wednesday


def days(amount: float) -> datetime:
    return MONDAY + timedelta(days=amount)


def limit(status: str, level: str, amount: int | None, **more: Any) -> Threshold:  # noqa: ANN401 - fields of Threshold
    return Threshold(status=status, level=level, amount=amount, **more)


def found(status: str, *thresholds: Threshold, **more: Any) -> tuple[Finding, ...]:  # noqa: ANN401 - fields of Watched
    send = Watched(status=status, status_since=MONDAY, **more)
    return findings(send, Watch(calendar=us_watch().calendar, thresholds=thresholds))


def listed(status: str, *thresholds: Threshold, **more: Any) -> list[tuple[str, datetime]]:  # noqa: ANN401 - as above
    return [(one.level, one.due_at) for one in found(status, *thresholds, **more) if one.rule == "overdue"]


def test_a_level_may_be_added_to_a_status_that_has_none() -> None:
    late = limit("sent", "late", 14)
    assert listed("sent", late) == [("late", days(14))]
    assert listed("sent") == []
    assert listed("shipped", late) == [("late", days(10))]


def test_amount_and_unit_may_be_changed() -> None:
    assert listed("shipped", limit("shipped", "late", 2)) == [("late", days(2))]
    working = limit("shipped", "late", 2, in_business_days=True)
    assert listed("shipped", working) == [("late", days(3))]


def test_a_level_may_be_switched_off() -> None:
    off = limit("order_received", "late", None)
    assert listed("order_received", off) == [("support", days(7))]
    assert listed("order_received", off, limit("order_received", "support", None)) == []


def test_a_milder_level_that_would_come_after_the_stronger_is_left_out() -> None:
    assert listed("order_received", limit("order_received", "support", 1)) == [("support", days(1))]
    assert listed("order_received", limit("order_received", "late", 9)) == [("support", days(7))]
    # Of two that come together only the stronger speaks.
    assert listed("order_received", limit("order_received", "late", 7)) == [("support", days(7))]


@pytest.mark.parametrize(
    ("scope", "amount"),
    [
        ({}, 1),
        ({"type": "Amazon"}, 2),
        ({"type": "Mugs"}, 2),
        ({"team": "West"}, 3),
        ({"campaign": "Autumn"}, 4),
        ({"team": "West", "type": "Amazon"}, 3),  # one field each: the later in the list
        ({"campaign": "Autumn", "team": "West"}, 5),
        ({"campaign": "Autumn", "team": "West", "type": "Amazon"}, 6),
        ({"campaign": "Autumn", "team": "East", "type": "Amazon"}, 4),
    ],
)
def test_the_threshold_that_asks_for_most_counts(scope: dict[str, str], amount: int) -> None:
    thresholds = (
        limit("shipped", "late", 6, campaign="Autumn", team="West", type="Amazon"),
        limit("shipped", "late", 5, campaign="Autumn", team="West"),
        limit("shipped", "late", 2, type="Amazon"),
        limit("shipped", "late", 2, type="Mugs"),
        limit("shipped", "late", 3, team="West"),
        limit("shipped", "late", 4, campaign="Autumn"),
        limit("shipped", "late", 9),
        limit("shipped", "late", 1),
    )
    assert listed("shipped", *thresholds, **scope) == [("late", days(amount))]


def test_a_type_is_that_of_sendoso_or_its_subtype() -> None:
    late = limit("shipped", "late", 2, type="bundles")
    assert listed("shipped", late, type="Inventoried Sends", subtype="Bundles") == [("late", days(2))]
    assert listed("shipped", late, type="Bundles") == [("late", days(2))]
    assert listed("shipped", late, type="Inventoried Sends") == [("late", days(10))]


@pytest.mark.parametrize("name", ["autumn  gifts", " Autumn Gifts ", "AUTUMN\tGIFTS"])
def test_case_and_white_space_make_no_difference(name: str) -> None:
    assert listed("shipped", limit("shipped", "late", 2, campaign=name), campaign="Autumn Gifts") == [
        ("late", days(2)),
    ]


def test_a_blank_asks_for_nothing() -> None:
    blank = limit("shipped", "late", 2, campaign=" ", team="", type=None)
    assert listed("shipped", blank, campaign="Autumn") == listed("shipped", blank) == [("late", days(2))]
    # And a send without a campaign is no send of a campaign.
    assert listed("shipped", limit("shipped", "late", 2, campaign="Autumn")) == [("late", days(10))]


def test_the_finding_says_that_its_limit_was_set_here() -> None:
    [one] = found("sent", limit("sent", "late", 14), expires_at=days(0))[1:]
    assert one.threshold == {
        "amount": 14, "unit": "days", "source": "set for this installation", "words": "14 days",
    }
    assert one.why == "In Sent for more than 14 days; this limit is set for this installation."


def test_the_finding_says_for_what_its_limit_was_set() -> None:
    one = limit("shipped", "support", 1, in_business_days=True, campaign=" Autumn \n gifts", team="West")
    [_, support] = found("shipped", one, limit("shipped", "late", 0), campaign="autumn gifts", team="west")
    whom = "set for this installation, for campaign Autumn gifts and team West"
    assert support.threshold == {"amount": 1, "unit": "business days", "source": whom, "words": "1 business day"}
    assert support.why == f"In Shipped for more than 1 business day; this limit is {whom}."


def test_a_long_name_is_cut_in_the_sentence() -> None:
    [one] = found("shipped", limit("shipped", "late", 1, campaign="x" * 900), campaign="x" * 900)
    assert len(one.why) < 200
    assert "x…" in one.threshold["source"]


def test_the_days_for_support_still_run_from_the_warehouse() -> None:
    received = days(-4)
    support = limit("fulfilling", "support", 10)
    [one] = [one for one in found("fulfilling", support, warehouse_since=received) if one.level == "support"]
    assert one.due_at == days(6)
    assert one.why == (
        "In Fulfilling, more than 10 days after the order was received; this limit is set for this installation."
    )


def test_the_days_set_for_order_received_run_on_while_the_order_is_packed() -> None:
    received = days(-9)
    longer = limit("order_received", "support", 14, type="Amazon")
    levels = found("fulfilling", longer, warehouse_since=received, type="Amazon")
    assert [(one.level, one.due_at) for one in levels] == [("late", days(4)), ("support", days(5))]
    assert levels[1].why == (
        "In Fulfilling, more than 14 days after the order was received; this limit is set for this installation, "
        "for type Amazon, and the days of Order Received run on while the order is packed."
    )
    assert listed("fulfilling", longer, warehouse_since=received) == [("support", MONDAY)]
    off = limit("order_received", "support", None)
    assert listed("fulfilling", off, warehouse_since=received) == [("late", days(4))]
    own = limit("fulfilling", "support", 12)
    assert listed("fulfilling", longer, own, warehouse_since=received, type="Amazon") == [("support", days(3))]


def test_a_final_status_is_watched_only_where_a_threshold_names_it() -> None:
    everything_else = [
        limit(status, level, 0) for status in ("shipped", "unknown", "sent", "failed") for level in ("late", "support")
    ]
    assert listed("delivered", *everything_else) == []
    assert listed("delivered", limit("delivered", "late", 5)) == [("late", days(5))]


def test_a_held_send_may_get_a_second_limit() -> None:
    watch = Watch(calendar=us_watch().calendar, thresholds=(limit("insufficient_funds", "late", 3),))
    send = Watched(status="insufficient_funds", status_since=MONDAY)
    first = due(send, watch, days(2))
    assert [one.rule for one in first] == ["needs_action"]
    assert next_due(send, watch, frozenset({("needs_action", "notice")})) == (days(3), "overdue")


def test_no_limit_for_a_day_beyond_the_calendar() -> None:
    send = Watched(status="shipped", status_since=datetime(9999, 1, 1, tzinfo=UTC))
    for working in (True, False):
        thresholds = (limit("shipped", "late", 3_650, in_business_days=working),)
        assert findings(send, Watch(calendar=us_watch().calendar, thresholds=thresholds)) == ()


@pytest.mark.parametrize("amount", [-1, 3_651])
def test_an_amount_out_of_range_is_refused(amount: int) -> None:
    with pytest.raises(ValueError, match=r"between 0 and 3,650"):
        limit("shipped", "late", amount)


def test_another_level_is_refused() -> None:
    with pytest.raises(ValueError, match="late, support"):
        limit("shipped", "notice", 1)


def test_what_is_set_for_a_status_is_told_in_the_order_of_the_list() -> None:
    mine = [limit("shipped", "support", 9, team="West"), limit("sent", "late", 2), limit("shipped", "late", 3)]
    watch = Watch(calendar=us_watch().calendar, thresholds=tuple(mine))
    assert watch.set_for("shipped") == (mine[0], mine[2])
    assert watch.set_for("delivered") == ()


def test_when_an_order_is_late_says_nothing_of_when_it_is_late_to_be_packed() -> None:
    assert listed("fulfilling", limit("order_received", "late", 1)) == listed("fulfilling")


@pytest.mark.parametrize(("name", "told"), [
    ("x" * 60, "x" * 60), ("x" * 61, f"{'x' * 59}…"), (f"{'x' * 58} {'y' * 9}", f"{'x' * 58}…"),
])
def test_a_name_in_a_sentence_has_sixty_letters_at_most(name: str, told: str) -> None:
    assert limit("shipped", "late", 1, campaign=name).whom == f"campaign {told}"


def test_a_limit_is_counted_from_the_status_unless_it_is_said_otherwise() -> None:
    one = Limit(amount=1, because="why.")
    assert one.sentence("Shipped") == "In Shipped for more than 1 day; why."
    assert one.sentence("Shipped", since_receipt=True) == (
        "In Shipped, more than 1 day after the order was received; why."
    )
