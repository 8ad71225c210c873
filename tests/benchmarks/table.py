"""The one table: what was measured, against what, whether it keeps its bar, and what the last release said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from tests.benchmarks import bars

Row = dict[str, Any]
COLUMNS = ("what", "takes", "99 of 100", "against", "ratio", "then", "now", "change", "bar")
COMPARED = {"then", "now", "change"}
"""Columns that only the figures of a release fill."""


def drawn(rows: Sequence[Row], released: Mapping[str, Any], title: str) -> Table:
    """The rows, a line each; `released` is the JSON of the last release, or empty.

    Ratios are compared where there are any, since they say the same on any machine; else times and sizes.
    """
    then = {row["what"]: row for row in released.get("rows", ())}
    table = Table(title=title)
    shown = [name for name in COLUMNS if then or name not in COMPARED]
    for name in shown:
        table.add_column(name, justify="left" if name in {"what", "against"} else "right", overflow="fold")
    for row in rows:
        said = dict(zip(COLUMNS, _cells(row, then.get(row["what"], {})), strict=True))
        table.add_row(*(said[name] for name in shown))
    return table


def _cells(row: Row, then: Row) -> tuple[str, ...]:
    name = _compared(row)
    before, now = then.get(name), row[name]
    change = f"{now / before - 1:+.0%}" if before else ""
    return (
        row["what"], _said("rss_mb" if "rss_mb" in row else "p50_ms", row), _said("p99_ms", row), _against(row),
        _said("share" if "share" in row else "ratio", row), "" if before is None else _said(name, then),
        "" if before is None else _said(name, row), change, "missed" if bars.missed(row) else _kept(row),
    )


def _compared(row: Row) -> str:
    return next(name for name in ("share", "ratio", "rss_mb", "p50_ms") if name in row)


def _kept(row: Row) -> str:
    return "kept" if any(name in row for name in bars.BARS) else ""


def _against(row: Row) -> str:
    against = row.get("against", "")
    return f"{against}: {_time(row['floor_ms'])}" if "floor_ms" in row else against


def _said(name: str, row: Row) -> str:
    if name not in row:
        return ""
    value = row[name]
    if name in {"p50_ms", "p99_ms"}:
        return _time(value)
    return {"share": f"{value:.0%}", "ratio": f"{value:.2f}", "rss_mb": f"{value:.0f} MB"}[name]


def _time(milliseconds: float) -> str:
    if milliseconds >= 1_000:
        return f"{milliseconds / 1_000:.1f} s"
    return f"{milliseconds:.0f} ms" if milliseconds >= 100 else f"{milliseconds:.2f} ms"
