"""The table for spreadsheets."""

from __future__ import annotations

import csv
import io
import re

from bot.reports import export
from bot.reports.summary import Campaign, Figures, Summary
from tests.bot.reports.gifts import WEEK
from tests.bot.slack.rows import HOSTILE

FOUND = Summary(
    period=WEEK, about="team =EMEA", now=Figures(sent=5), before=Figures(),
    campaigns=[
        Campaign(
            name="=cmd|' /C calc'!A0",
            now=Figures(sent=3, stuck=1, spent={"EUR": 5, "USD": 120000}, at_risk={"USD": 7}, refunds={"JPY": 9}),
            before=Figures(delivered=2),
        ),
        Campaign(name="Autumn Box", now=Figures(), before=Figures(sent=1, spent={"USD": 1})),
    ],
)


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_line_for_each_campaign_and_currency_now_and_before() -> None:
    rows = read(export.content(FOUND))
    assert tuple(rows[0]) == export.COLUMNS
    assert [(row["period"], row["campaign"], row["sent"], row["currency"], row["cost_of_sent"]) for row in rows] == [
        ("this", "'=cmd|' /C calc'!A0", "3", "EUR", "0.05"), ("this", "'=cmd|' /C calc'!A0", "", "JPY", "0"),
        ("this", "'=cmd|' /C calc'!A0", "", "USD", "1200.00"), ("before", "'=cmd|' /C calc'!A0", "0", "", ""),
        ("before", "Autumn Box", "1", "USD", "0.01"),
    ]
    assert (rows[0]["from"], rows[0]["until"]) == ("2026-11-15T23:00:00+00:00", "2026-11-22T23:00:00+00:00")
    assert (rows[2]["money_at_risk"], rows[1]["refunded_money"], rows[0]["limited_to"]) == ("0.07", "9", "team =EMEA")


def test_names_of_any_kind_come_through_and_none_is_a_formula() -> None:
    names = [*HOSTILE, "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "x;=1+1", 'x;"=1', "x\n@SUM(A1)", "\uff1d1+1"]
    found = Summary(
        period=WEEK, now=Figures(), before=Figures(),
        campaigns=[Campaign(name=name, now=Figures(sent=1)) for name in names],
    )
    rows = read(export.content(found))
    assert len(rows) == len(names)
    # Where the comma is a decimal sign, cells are parted at semicolons, and quotes do not hold them together.
    parted = re.split(r"[;\t\r\n]", export.content(found).decode("utf-8-sig").replace('"', ""))
    cells = [*parted, *(row["campaign"] for row in rows)]
    assert not [cell for cell in cells if cell.strip().startswith(("=", "+", "-", "@", "\uff1d"))]


def test_files_are_named_by_their_days() -> None:
    assert export.filename(WEEK, "csv") == "sendwatch-2026-11-16-to-2026-11-22.csv"
