"""A report in words: what is said of each number, and of the picture to who cannot see it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.reports.money import amounts
from bot.reports.summary import Age, Campaign, Figures, Money, Stage, Summary

LONGEST_ALT = 990
"""Slack takes 1,000 characters."""
NOTHING = "Nothing was sent in that time, nothing happened to what was sent before, and nothing is stuck."


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One number with its name, and how it compares."""

    name: str
    value: str
    small: str = ""


def title(found: Summary) -> str:
    """What a report is called: "Gifts, 16 to 22 Nov 2026"."""
    return f"Gifts, {found.period.name}"


def held(found: Summary) -> str:
    """Why numbers of long ago are too small; empty where they are whole."""
    since = found.held_since
    if since is None:
        return ""
    return (
        f"Gifts that were finished before {since.day} {since:%b %Y} are no longer kept here, so what is told of that "
        "time is less than there was."
    )


def facts(found: Summary) -> list[Fact]:
    """Every number of the report, each with how many more or fewer there were than before."""
    now, before = found.now, found.before
    return [
        Fact(
            name="Sent", value=_counted(now.sent, before.sent, found.period.before_name),
            small=_if_any("cost", now.spent),
        ),
        Fact(name="Opened or shipped", value=_counted(now.moving, before.moving)),
        Fact(name="Delivered", value=_counted(now.delivered, before.delivered)),
        Fact(name="Redeemed", value=_counted(now.redeemed, before.redeemed)),
        Fact(name="Expired", value=_counted(now.expired, before.expired)),
        Fact(name="Refunded", value=_counted(now.refunded, before.refunded), small=_if_any("had cost", now.refunds)),
        Fact(name="Stuck at the end", value=_counted(now.stuck, before.stuck)),
        Fact(name="Money at risk", value=amounts(now.at_risk), small=_risk_before(now, before)),
    ]


def _if_any(word: str, money: Money) -> str:
    return f"{word} {amounts(money)}" if money else ""


def _risk_before(now: Figures, before: Figures) -> str:
    if now.at_risk == before.at_risk:
        return "as much as before" if now.at_risk else ""
    return f"{amounts(before.at_risk)} before"


def _counted(number: int, before: int, than: str = "") -> str:
    if not (number or before):
        return "none"
    return f"{number:,}, {compared(number, before, than)}"


def compared(number: int, before: int, than: str = "") -> str:
    """How a number stands beside the one before: "3 more than the week before", or in short "3 more"."""
    if number == before:
        return f"as many as {than}" if than else "as before"
    word = f"{number - before:,} more" if number > before else f"{before - number:,} fewer"
    return f"{word} than {than}" if than else word


def stage(found: Stage) -> str:
    """The median of one stage: "Shipped 3.4 days (2.9 before)"."""
    before = "" if found.days_before is None else f" ({_days(found.days_before)} before)"
    return f"{found.title} {_days(found.days)} {'day' if found.days == 1 else 'days'}{before}"


def _days(days: float) -> str:
    # Rounded to a tenth of a day, which is 2.4 hours.
    return f"{days:g}" if days else "under 0.1"


def worst(found: Campaign) -> str:
    """What is wrong in a campaign, without its name: "9 stuck and 3 expired, 80 sent, 300.00 USD at risk"."""
    now = found.now
    wrong = [f"{number:,} {word}" for number, word in ((now.stuck, "stuck"), (now.expired, "expired")) if number]
    parts = [
        " and ".join(wrong), f"{now.sent:,} sent", f"{amounts(now.at_risk)} at risk" if now.at_risk else "",
    ]
    return ", ".join(part for part in parts if part)


def age(found: Age, ages: Sequence[Age]) -> str:
    """The name of a group of open sends: "3 to 6 days"."""
    later = [one.least for one in ages if one.least > found.least]
    if not later:
        return f"{found.least} or more"
    return f"under {later[0]}" if found.least == 0 else f"{found.least} to {min(later) - 1}"


def alt_text(found: Summary) -> str:
    """All that the picture shows, for who cannot see it."""
    now, before = found.now, found.before
    pairs = "; ".join(f"{name} {these:,}, before {those:,}" for name, these, those in bars(now, before))
    ages = "; ".join(f"{age(one, found.ages)} days {one.number:,}" for one in found.ages)
    told = (
        f"{title(found)}, compared with {found.period.before_name}. Bars: {pairs}. "
        f"Sends that are open now, by days in their status: {ages}."
    )
    return told if len(told) <= LONGEST_ALT else f"{told[:LONGEST_ALT - 1]}…"


def bars(now: Figures, before: Figures) -> list[tuple[str, int, int]]:
    """The bars of the picture from top to bottom: name, number, number before."""
    return [
        ("Sent", now.sent, before.sent), ("Opened or shipped", now.moving, before.moving),
        ("Delivered or redeemed", now.arrived, before.arrived), ("Expired", now.expired, before.expired),
        ("Refunded", now.refunded, before.refunded), ("Stuck at the end", now.stuck, before.stuck),
    ]
