"""Numbers added up, medians, and what is kept of many campaigns."""

from __future__ import annotations

import json
import statistics
from datetime import date
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.reports import summary
from bot.reports.period import days_between
from bot.reports.summary import OTHERS, Age, Campaign, Figures, Summary
from storage.counted import WHOLE_WAY, Lasted, Sum

WEEK = days_between(date(2026, 11, 16), date(2026, 11, 23), ZoneInfo("UTC"))


def a_sum(what: str, number: int = 1, cost: int = 0, currency: str = "USD", campaign: str = "A", risk: int = 0) -> Sum:
    return Sum(
        what=what, of=(campaign,), currency=currency, number=number, cost_minor=cost, at_risk_minor=risk,
    )


def test_money_is_told_by_currency_and_only_where_it_belongs() -> None:
    found = summary.figures([
        a_sum("sent", 2, 500), a_sum("sent", 1, 300, "eur"), a_sum("delivered", 4, 900), a_sum("stuck", 1, 250),
        a_sum("expired", 3, 700, risk=400), a_sum("refunded", 2, 100), a_sum("redeemed", 1, 50, "EUR"),
        a_sum("stuck", 1, 70, ""),
    ])
    assert found == Figures(
        sent=3, delivered=4, redeemed=1, expired=3, refunded=2, stuck=2, spent={"EUR": 300, "USD": 500},
        at_risk={"?": 70, "USD": 650}, refunds={"USD": 100},
    )
    assert (found.arrived, found.trouble, found.is_empty) == (5, 5, False)
    assert summary.figures([]).is_empty


def test_campaigns_stand_with_most_trouble_first_and_the_rest_is_one_line() -> None:
    now = [
        a_sum("sent", 50, campaign="Quiet"), a_sum("sent", 1, campaign="Small"), a_sum("stuck", 2, 10, campaign="Bad"),
        a_sum("expired", 3, 10, campaign="Worse", risk=10), a_sum("sent", 4, campaign=""),
    ]
    before = [a_sum("sent", 7, campaign="Gone"), a_sum("sent", 8, campaign="Quiet")]
    found = summary.campaigns(now, before, lambda one: one.of[0], most=4)
    assert [one.name for one in found] == ["Worse", "Bad", "Quiet", summary.NO_CAMPAIGN, OTHERS]
    assert found[2].before == Figures(sent=8)
    assert found[-1] == Campaign(name=OTHERS, now=Figures(sent=1), before=Figures(sent=7))
    whole = Summary(period=WEEK, now=summary.figures(now), before=summary.figures(before), campaigns=found)
    assert [one.name for one in whole.worst] == ["Worse", "Bad"]
    assert sum(one.now.sent for one in found) == whole.now.sent


@given(st.lists(st.integers(0, 2000), min_size=1, max_size=60))
def test_medians_are_those_of_the_single_values(hours: list[int]) -> None:
    lasted = [Lasted(stage="shipped", of=(), hours=one, number=1) for one in hours]
    [found] = summary.stages(lasted, [])
    assert found.number == len(hours)
    assert found.days == round(statistics.median(hours) / 24, 1)


def test_stages_stand_in_the_order_of_the_way_and_ends_are_none() -> None:
    now = [
        Lasted(stage=stage, of=(), hours=48, number=3)
        for stage in (WHOLE_WAY, "shipped", "delivered", "order_received", "refunded", "unknown:odd", "opened")
    ]
    found = summary.stages(now, [Lasted(stage="shipped", of=(), hours=60, number=1)])
    assert [one.status for one in found] == ["opened", "order_received", "shipped", WHOLE_WAY]
    assert [(one.days, one.days_before) for one in found] == [(2, None), (2, None), (2, 2.5), (2, None)]
    assert found[-1].title == "Sent to arrived"


def test_a_report_is_the_same_after_it_was_stored() -> None:
    found = Summary(
        period=WEEK, about="campaign Ünïted 🎁", now=Figures(sent=3, at_risk={"USD": 5}), before=Figures(sent=1),
        stages=summary.stages([Lasted(stage="shipped", of=(), hours=30, number=2)], []),
        campaigns=[Campaign(name="A", now=Figures(sent=3))], ages=[Age(least=0, number=4)],
    )
    assert Summary.from_json(json.loads(json.dumps(found.as_json()))) == found
