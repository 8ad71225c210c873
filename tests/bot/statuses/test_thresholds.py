from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.statuses.catalogue import NEEDS_ACTION, Status
from bot.statuses.thresholds import Finding, Told, Watched, can_be_due, due, findings, next_due
from bot.statuses.watch import Threshold, us_watch

US = us_watch()
MONDAY = datetime(2026, 11, 9, 18, 0, tzinfo=UTC)  # 10:00 in the west; Veterans Day follows on Wednesday
NOTHING: Told = frozenset()


def watched(status: str, since: datetime = MONDAY, **more: object) -> Watched:
    return Watched(status=status, status_since=since, **more)  # type: ignore[arg-type]


def listed(send: Watched) -> list[tuple[str, str, datetime]]:
    return [(one.rule, one.level, one.due_at) for one in findings(send, US)]


def days(amount: float, since: datetime = MONDAY) -> datetime:
    return since + timedelta(days=amount)


@pytest.mark.parametrize(
    ("status", "late"),
    [
        ("initiated", days(1)),
        ("pending_approval", days(1)),
        ("pending_sendoso_approval", days(3)),  # Veterans Day does not count
        ("amazon_fulfilling", days(8)),  # nor do the days of the weekend
        ("amazon_shipped", days(7)),
        ("shipped", days(10)),
    ],
)
def test_when_a_send_is_late(status: str, late: datetime) -> None:
    assert listed(watched(status)) == [("overdue", "late", late)]


OTHERS = "our judgement, taken from the SLA article for inventoried sends"


@pytest.mark.parametrize(
    ("send_type", "source"), [("Inventoried Sends", "SLA article"), ("", OTHERS), ("Handwritten Notes", OTHERS)],
)
def test_an_order_is_late_after_three_business_days(send_type: str, source: str) -> None:
    late, support = findings(watched("order_received", type=send_type), US)
    assert (late.rule, late.level, late.due_at) == ("overdue", "late", days(4))
    assert late.threshold == {"amount": 3, "unit": "business days", "source": source, "words": "3 business days"}
    assert (support.rule, support.level, support.due_at) == ("overdue", "support", days(7))
    assert support.threshold == {"amount": 7, "unit": "days", "source": "Send Tracker article", "words": "7 days"}


@pytest.mark.parametrize(("send_type", "source"), [("Amazon", "Amazon article"), ("Sendoso Direct", "our judgement")])
def test_five_business_days_are_seldom_shorter_than_the_seven_days_that_lead_to_support(
    send_type: str, source: str,
) -> None:
    assert listed(watched("order_received", type=send_type)) == [("overdue", "support", days(7))]
    spring = datetime(2026, 3, 3, 18, 0, tzinfo=UTC)  # the clocks go forward on the Sunday, so that a week is short
    late, support = findings(watched("order_received", spring, type=send_type), US)
    assert (late.threshold["amount"], late.threshold["source"]) == (5, source)
    assert support.due_at - late.due_at == timedelta(hours=1)


def test_the_seven_days_run_from_the_warehouse_and_go_on_while_the_order_is_packed() -> None:
    received = days(-4)
    assert listed(watched("fulfilling", warehouse_since=received)) == [("overdue", "support", days(3))]
    assert listed(watched("fulfilling", warehouse_since=days(-2))) == [
        ("overdue", "late", days(4)), ("overdue", "support", days(5)),
    ]
    assert listed(watched("fulfilling", warehouse_since=days(-9))) == [("overdue", "support", MONDAY)]
    assert listed(watched("fulfilling")) == [("overdue", "late", days(4)), ("overdue", "support", days(7))]


def test_an_issue_in_the_warehouse_is_told_at_once_and_again_after_three_days() -> None:
    assert listed(watched("fulfillment_issue")) == [
        ("needs_action", "notice", MONDAY), ("overdue", "support", days(3)),
    ]


@pytest.mark.parametrize("status", sorted(NEEDS_ACTION - {Status.FULFILLMENT_ISSUE}))
def test_what_needs_somebody_is_told_at_once_and_only_once(status: str) -> None:
    assert listed(watched(status)) == [("needs_action", "notice", MONDAY)]


@pytest.mark.parametrize("status", ["expired", "confirmation_canceled"])
def test_what_is_over_is_told_at_once(status: str) -> None:
    assert listed(watched(status)) == [("expired", "notice", MONDAY)]


def test_an_unknown_status_is_told_at_once() -> None:
    assert listed(watched("unknown")) == [("unknown_status", "notice", MONDAY)]


@pytest.mark.parametrize(("status", "why"), [
    ("unknown", "Sendoso reports a status that Sendwatch does not know; its text is kept as it came."),
    ("expired", "Sendoso reports Expired: the offer is over, and nobody used it in time."),
    ("confirmation_canceled", (
        "Sendoso reports Confirmation Canceled: the time for confirming the address ran out, or the sender canceled."
    )),
    ("failed", "Sendoso reports Failed: the send could not be completed, and its pages say to contact Support."),
])
def test_what_is_told_at_once_says_what_sendoso_reports_and_that_nothing_was_waited_for(status: str, why: str) -> None:
    [one] = findings(watched(status), US)
    assert one.why == why
    assert one.threshold == {"amount": 0, "unit": "days", "source": "our judgement", "words": "at once"}


@pytest.mark.parametrize("status", ["redeemed", "refunded", "delivered", "canceled"])
def test_what_ended_well_or_is_settled_is_silent(status: str) -> None:
    assert listed(watched(status)) == []
    assert next_due(watched(status), US, NOTHING) is None


def test_what_can_be_due_is_asked_of_everything_but_the_dates() -> None:
    last = datetime(9999, 12, 31, tzinfo=UTC)
    for at_the_end_of_the_calendar in (watched("shipped", last), watched("sent", created_at=last)):
        assert findings(at_the_end_of_the_calendar, US) == ()
        assert can_be_due(at_the_end_of_the_calendar, US)
    only_for_support = replace(US, thresholds=(Threshold(status="order_received", level="late", amount=None),))
    received = watched("order_received", warehouse_since=last)
    assert findings(received, only_for_support) == ()
    assert can_be_due(received, only_for_support)
    arrived = watched("delivered", campaign="Autumn")
    assert not can_be_due(arrived, US)
    own = Threshold(status="delivered", level="late", amount=3, campaign="autumn")
    assert can_be_due(arrived, replace(US, thresholds=(own,)))
    assert not can_be_due(watched("delivered"), replace(US, thresholds=(own,)))


def test_an_unopened_offer_with_a_known_end() -> None:
    assert listed(watched("sent", expires_at=days(20))) == [
        ("expiring", "7d", days(13)), ("expiring", "2d", days(18)), ("expired", "notice", days(20)),
    ]


def test_an_unopened_offer_without_a_known_end_is_taken_to_run_thirty_days_but_not_to_be_over_then() -> None:
    send = watched("sent", created_at=days(-1))
    assert listed(send) == [
        ("expiring", "7d", days(22)), ("expiring", "2d", days(27)), ("expired", "notice", days(90)),
    ]
    first = findings(send, US)[0]
    assert first.threshold["assumed"] is True
    assert first.threshold["ends_at"] == days(29).isoformat()
    assert "API example" in first.threshold["source"]


@pytest.mark.parametrize(("status", "late"), [("opened", 7), ("clicked", 3)])
def test_an_opened_offer_runs_ninety_days_from_the_send(status: str, late: int) -> None:
    assert listed(watched(status, created_at=days(-2))) == [
        ("overdue", "late", days(late)),
        ("expiring", "7d", days(81)),
        ("expiring", "2d", days(86)),
        ("expired", "notice", days(89)),
    ]


def test_an_end_that_the_recipient_outlived_did_not_hold() -> None:
    """The eGift article: whoever opens in time has 90 days from the send, beyond the end of the offer."""
    send = watched("clicked", created_at=days(-31), expires_at=days(-1))
    assert ("expired", "notice", days(60)) in listed(send)
    unopened = watched("sent", created_at=days(-31), expires_at=days(-1))
    assert listed(unopened) == [("expired", "notice", MONDAY)]


def test_an_address_confirmation() -> None:
    assert listed(watched("confirming_address")) == [("expiring", "1d", days(4)), ("overdue", "late", days(8))]
    assert listed(watched("confirming_address", expires_at=days(7))) == [
        ("expiring", "1d", days(6)), ("expired", "notice", days(7)), ("overdue", "late", days(8)),
    ]


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (10, [("7d", days(3)), ("2d", days(8))]),
        (5, [("7d", MONDAY), ("2d", days(3))]),
        (2, [("2d", MONDAY)]),
        (1, [("2d", MONDAY)]),
        (0, []),
        (-3, []),
    ],
)
def test_of_warnings_from_before_the_stay_only_the_last_is_given(
    left: int, expected: list[tuple[str, datetime]],
) -> None:
    found = findings(watched("sent", expires_at=days(left)), US)
    assert [(one.level, one.due_at) for one in found if one.rule == "expiring"] == expected


def test_a_change_of_the_clocks_makes_plain_days_neither_longer_nor_shorter() -> None:
    before = datetime(2026, 10, 30, 18, 0, tzinfo=UTC)
    assert listed(watched("order_received", before, type="Inventoried Sends")) == [
        ("overdue", "late", datetime(2026, 11, 4, 19, 0, tzinfo=UTC)),  # 11:00 in the west on either side
        ("overdue", "support", before + timedelta(days=7)),
    ]


@pytest.mark.parametrize(
    ("send", "sentence"),
    [
        (
            watched("order_received", datetime(2026, 8, 3, 18, tzinfo=UTC)),
            "In Order Received for more than 7 days; Sendoso's Send Tracker article says to contact Support.",
        ),
        (
            watched("fulfillment_issue"),
            "In Fulfillment Issue for more than 3 days; Sendoso's Send Tracker article says to contact Support.",
        ),
        (
            watched("fulfilling", warehouse_since=days(-1)),
            (
                "In Fulfilling, more than 7 days after the order was received; Sendoso's Send Tracker article says "
                "to contact Support after so long in Order Received."
            ),
        ),
        (
            watched("initiated"),
            (
                "In Initiated for more than 1 business day; Sendoso publishes no limit for it, so this one is our "
                "judgement."
            ),
        ),
    ],
)
def test_why_is_a_plain_sentence_with_its_number_and_source(send: Watched, sentence: str) -> None:
    assert findings(send, US)[-1].why == sentence


def told(*found: Finding) -> Told:
    return frozenset((one.rule, one.level) for one in found)


def test_only_the_strongest_level_of_a_rule_is_told() -> None:
    send = watched("order_received", type="Inventoried Sends")
    assert [one.level for one in due(send, US, days(5), NOTHING)] == ["late"]
    assert [one.level for one in due(send, US, days(7), NOTHING)] == ["support"]
    assert due(send, US, days(5), frozenset({("overdue", "late")})) == ()
    assert [one.level for one in due(send, US, days(7), frozenset({("overdue", "late")}))] == ["support"]
    assert due(send, US, days(9), frozenset({("overdue", "support")})) == ()


def test_nothing_is_due_a_moment_too_early() -> None:
    send = watched("fulfillment_issue")
    shown = told(*due(send, US, MONDAY, NOTHING))
    assert shown == {("needs_action", "notice")}
    assert due(send, US, days(3) - timedelta(microseconds=1), shown) == ()
    assert [one.rule for one in due(send, US, days(3), shown)] == ["overdue"]
    assert next_due(send, US, shown) == (days(3), "overdue")


def test_what_is_over_is_no_longer_called_late_or_about_to_end() -> None:
    send = watched("opened", expires_at=days(20))
    assert [one.rule for one in due(send, US, days(30), NOTHING)] == ["expired"]
    assert next_due(send, US, frozenset({("expired", "notice")})) is None


def test_late_says_more_than_an_end_that_was_only_assumed() -> None:
    send = watched("confirming_address")
    assert [one.rule for one in due(send, US, days(5), NOTHING)] == ["expiring"]
    assert [one.rule for one in due(send, US, days(9), NOTHING)] == ["overdue"]
    assert next_due(send, US, frozenset({("overdue", "late")})) is None
    known = watched("confirming_address", expires_at=days(12))
    assert next_due(known, US, frozenset({("overdue", "late")})) == (days(11), "expiring")


def test_a_day_beyond_the_calendar_never_comes() -> None:
    late = datetime(9999, 12, 30, tzinfo=UTC)
    assert listed(watched("order_received", late)) == []
    assert listed(watched("shipped", late)) == []
    assert listed(watched("sent", late)) == []
    assert listed(watched("confirming_address", late)) == []
    assert listed(watched("pending_approval", datetime(1, 1, 3, tzinfo=UTC)))
    first = datetime(1, 1, 1, tzinfo=UTC)
    early = watched("sent", first, expires_at=first + timedelta(days=1))
    assert [one.due_at for one in findings(early, US)] == [first, first + timedelta(days=1)]


def test_a_level_that_is_no_more_counts_as_the_mildest() -> None:
    send = watched("order_received", type="Inventoried Sends")
    assert [one.level for one in due(send, US, days(5), frozenset({("overdue", "made_up")}))] == ["late"]
    failed = watched("failed")
    assert due(failed, US, days(5), frozenset({("needs_action", "made_up")})) == ()
    assert next_due(failed, US, frozenset({("needs_action", "made_up")})) is None
