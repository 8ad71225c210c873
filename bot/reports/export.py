"""A report as CSV: a line for each campaign and currency, of the period and of the one before."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from bot.audit import BOM, safe
from bot.reports.period import Period
from bot.reports.summary import Figures, Summary
from bot.sends.money import decimals
from bot.whole_files import whole

COLUMNS = (
    "period", "from", "until", "limited_to", "campaign", "sent", "opened_or_shipped", "delivered", "redeemed",
    "expired", "refunded", "stuck", "currency", "cost_of_sent", "money_at_risk", "refunded_money",
)
NOW, BEFORE = "this", "before"


def lines(found: Summary) -> Iterator[tuple[str, ...]]:
    """The lines without the heading: every campaign in the period, then every one in the period before.

    Of a campaign with several currencies the numbers stand in the first of its lines only, so that a column adds up.
    """
    period = found.period
    for name, since_until in (
        (NOW, (period.since, period.until)), (BEFORE, (period.before, period.before_until)),
    ):
        times = tuple(moment.isoformat(timespec="seconds") for moment in since_until)
        for one in found.campaigns:
            yield from _of(name, times, found.about, one.name, one.now if name == NOW else one.before)


def _of(name: str, times: tuple[str, ...], about: str, campaign: str, counted: Figures) -> Iterator[tuple[str, ...]]:
    if counted.is_empty:
        return
    numbers = tuple(str(number) for number in (
        counted.sent, counted.moving, counted.delivered, counted.redeemed, counted.expired, counted.refunded,
        counted.stuck,
    ))
    codes = sorted({*counted.spent, *counted.at_risk, *counted.refunds}) or [""]
    for place, code in enumerate(codes):
        money = tuple(
            _amount(held.get(code, 0), code) if code else ""
            for held in (counted.spent, counted.at_risk, counted.refunds)
        )
        yield (name, *times, about, campaign, *(numbers if place == 0 else [""] * len(numbers)), code, *money)


def _amount(minor: int, code: str) -> str:
    digits = decimals(code)
    return f"{minor / 10**digits:.{digits}f}"


def content(found: Summary) -> bytes:
    """The whole file in UTF-8 with a mark in front, as spreadsheets want it; no cell can be taken for a formula."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    writer.writerows([safe(cell) for cell in line] for line in lines(found))
    return f"{BOM}{written.getvalue()}".encode(errors="replace")


def save(content: bytes, path: Path) -> None:
    """Write a file that is there as a whole or not at all. OSError."""
    with whole(path) as there:
        there.write_bytes(content)


def filename(period: Period, ending: str) -> str:
    """A name for a file with the report of that period, such as sendwatch-2026-11-16-to-2026-11-22.csv."""
    first, final = period.days
    return f"sendwatch-{first}{'' if first == final else f'-to-{final}'}.{ending}"
