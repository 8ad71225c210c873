"""What is said of the numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.reports import words
from bot.reports.money import amounts
from bot.reports.summary import Age, Campaign, Figures, Stage, Summary
from tests.bot.reports.gifts import WEEK

NOW = Figures(
    sent=1204, moving=80, delivered=12, redeemed=9, expired=0, stuck=3, spent={"USD": 120_400, "JPY": 500},
    at_risk={"USD": 7500},
)
BEFORE = Figures(sent=1200, moving=80, delivered=9, redeemed=11, at_risk={"EUR": 100})
FOUND = Summary(
    period=WEEK, now=NOW, before=BEFORE, ages=[Age(least=0, number=5), Age(least=3, number=4), Age(least=30, number=1)],
)


def test_each_number_is_compared_in_words() -> None:
    told = {one.name: (one.value, one.small) for one in words.facts(FOUND)}
    assert told == {
        "Sent": ("1,204, 4 more than the week before", "cost 1,204.00 USD and 500 JPY"),
        "Opened or shipped": ("80, as before", ""), "Delivered": ("12, 3 more", ""), "Redeemed": ("9, 2 fewer", ""),
        "Expired": ("none", ""), "Refunded": ("none", ""), "Stuck at the end": ("3, 3 more", ""),
        "Money at risk": ("75.00 USD", "1.00 EUR before"),
    }


@pytest.mark.parametrize(("money", "told"), [
    ({}, "nothing"), ({"USD": 5}, "0.05 USD"), ({"KWD": 1500, "USD": 120}, "1.500 KWD and 1.20 USD"),
    ({"?": 250}, "2.50"), (dict.fromkeys("ABCDE", 100), "1.00 A, 1.00 B, 1.00 C, 1.00 D and 1 more currency"),
    (dict.fromkeys("ABCDEF", 100), "1.00 A, 1.00 B, 1.00 C, 1.00 D and 2 more currencies"),
])
def test_money_is_told_by_currency(money: dict[str, int], told: str) -> None:
    assert amounts(money) == told


def test_stages_campaigns_and_ages() -> None:
    assert words.stage(Stage(status="shipped", days=1.0, number=3)) == "Shipped 1 day"
    assert words.stage(Stage(status="shipped", days=0.0, number=3, days_before=0.0)) == (
        "Shipped under 0.1 days (under 0.1 before)"
    )
    assert words.stage(Stage(status="whole_way", days=3.4, number=3, days_before=2.9)) == (
        "Sent to arrived 3.4 days (2.9 before)"
    )
    bad = Campaign(name="A", now=Figures(sent=80, stuck=9, expired=3, at_risk={"USD": 30_000}))
    assert words.worst(bad) == "9 stuck and 3 expired, 80 sent, 300.00 USD at risk"
    assert [words.age(one, FOUND.ages) for one in FOUND.ages] == ["under 3", "3 to 29", "30 or more"]


def test_who_cannot_see_the_picture_hears_every_number_in_it() -> None:
    told = words.alt_text(FOUND)
    assert told == (
        "Gifts, 16 to 22 Nov 2026, compared with the week before. Bars: Sent 1,204, before 1,200; "
        "Opened or shipped 80, before 80; Delivered or redeemed 21, before 20; Expired 0, before 0; "
        "Refunded 0, before 0; Stuck at the end 3, before 0. Sends that are open now, by days in their status: "
        "under 3 days 5; 3 to 29 days 4; 30 or more days 1."
    )
    huge = replace(NOW, sent=10**90, moving=10**90, delivered=10**90, expired=10**90, refunded=10**90, stuck=10**90)
    assert len(words.alt_text(replace(FOUND, now=huge, before=huge))) <= 1000
