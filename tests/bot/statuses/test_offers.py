"""What is said of the end of an offer or of an address confirmation, word for word."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.statuses.offers import expired, expiring
from bot.statuses.watched import Watched

MONDAY = datetime(2026, 11, 9, 18, 0, tzinfo=UTC)
OURS, EGIFTS = "our judgement", "eGift article"


def days(amount: float) -> datetime:
    return MONDAY + timedelta(days=amount)


def watched(status: str, end: float | None = None, created: float | None = None) -> Watched:
    return Watched(
        status=status, status_since=MONDAY, expires_at=None if end is None else days(end),
        created_at=None if created is None else days(created),
    )


@pytest.mark.parametrize(("send", "why"), [
    (
        watched("confirming_address", 7),
        ["The recipient has not answered yet, and at most 1 day of the time for it is left."],
    ),
    (
        watched("confirming_address"),
        [(
            "The recipient has not answered yet; if the time for it is 5 days, as in Sendoso's API example, at most "
            "1 day of it is left."
        )],
    ),
    (
        watched("sent", 20),
        [f"The e-mail has not been opened, and at most {left} days of the offer are left." for left in (7, 2)],
    ),
    (
        watched("sent"),
        [
            "The e-mail has not been opened; if the offer runs 30 days, as in Sendoso's API example, at most "
            f"{left} days of it are left." for left in (7, 2)
        ],
    ),
    (
        watched("opened", 20),
        [f"Nothing has been chosen in Opened, and at most {left} days of the offer are left." for left in (7, 2)],
    ),
    (
        watched("clicked"),
        [
            f"Nothing has been chosen in Clicked, and at most {left} days are left of the 90 days from the send that "
            "Sendoso's eGift article gives." for left in (7, 2)
        ],
    ),
])
def test_why_an_end_is_near(send: Watched, why: list[str]) -> None:
    assert [one.why for one in expiring(send)] == why


@pytest.mark.parametrize(("send", "sources", "what", "end"), [
    (watched("confirming_address", 7), [OURS], "time for an answer", 7),
    (watched("confirming_address"), [f"{OURS}; the end: API example"], "time for an answer", 5),
    (watched("sent", 20), [OURS, EGIFTS], "offer", 20),
    (watched("sent"), [f"{OURS}; the end: API example", f"{EGIFTS}; the end: API example"], "offer", 30),
    (watched("opened", 20), [OURS, EGIFTS], "offer", 20),
    (watched("opened", created=-2), [f"{OURS}; the end: {EGIFTS}", f"{EGIFTS}; the end: {EGIFTS}"], "offer", 88),
    # Whoever chooses has outlived the end that was given, be it by no more than a moment.
    (watched("opened", 0), [f"{OURS}; the end: {EGIFTS}", f"{EGIFTS}; the end: {EGIFTS}"], "offer", 90),
])
def test_the_limit_as_it_was_used(send: Watched, sources: list[str], what: str, end: float) -> None:
    leads = [1] if send.status == "confirming_address" else [7, 2]
    assumed = "; the end" in sources[0]
    assert [(one.rule, one.level, one.due_at, one.threshold) for one in expiring(send)] == [
        (
            "expiring", f"{lead}d", days(end - lead),
            {
                "amount": lead, "unit": "days", "source": source, "ends_at": days(end).isoformat(), "assumed": assumed,
                "words": f"{'1 day' if lead == 1 else f'{lead} days'} before the {what} ends",
            },
        )
        for lead, source in zip(leads, sources, strict=True)
    ]


def test_what_is_over_although_sendoso_has_not_said_so() -> None:
    (given,) = expired(watched("sent", 20))
    assert (given.rule, given.level, given.due_at) == ("expired", "notice", days(20))
    assert given.threshold == {
        "amount": 0, "unit": "days", "source": f"{OURS}; the end: given with the send",
        "words": "at once when the end has passed",
    }
    assert given.why == "The end that was given for this send has passed, although Sendoso still reports Sent."
    (assumed,) = expired(watched("opened", created=-2))
    assert assumed.due_at == days(89)
    assert assumed.threshold == {
        "amount": 91, "unit": "days", "source": f"{OURS}; the 90 days: {EGIFTS}",
        "words": "1 day after the 90 days from the send",
    }
    assert assumed.why == (
        "More than 90 days since the send, the longest that Sendoso's eGift article gives, although Sendoso still "
        "reports Opened."
    )


@pytest.mark.parametrize("status", ["shipped", "expired", "unknown", "initiated"])
def test_what_has_no_end_never_nears_it(status: str) -> None:
    assert list(expiring(watched(status, 20))) == list(expired(watched(status, 20))) == []
    assert list(expired(watched("confirming_address"))) == []
