"""Which of the measured things are worse than they may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Row = dict[str, Any]
BARS = ("bar_ms", "bar_mb", "bar_share", "bar_ratio")


def verdict(rows: Sequence[Row]) -> str:
    """What misses its bar, a line each: times by 99 of 100 where so many were measured, else by the middle one."""
    found = [f"  {row['what']}: {said}" for row in rows if (said := missed(row))]
    bars = sum(name in row for row in rows for name in BARS)
    if not found:
        return f"All {bars} bars are kept."
    return "\n".join([f"{len(found)} of {bars} bars are missed:", *found])


def missed(row: Row) -> str:
    """By what a row misses its bar, in words; empty where it keeps it or has none."""
    taken = float(row.get("p99_ms") or row.get("p50_ms") or 0)
    if "bar_ms" in row and taken > row["bar_ms"]:
        return f"{taken:,.{0 if taken >= 100 else 1}f} ms, at most {row['bar_ms']:,} ms"
    if "bar_ratio" in row and row["ratio"] > row["bar_ratio"]:
        return f"{row['ratio']:.1f} times {row['against']}, at most {row['bar_ratio']} times"
    if "bar_mb" in row and row["rss_mb"] > row["bar_mb"]:
        return f"{row['rss_mb']:,.0f} MB, at most {row['bar_mb']:,} MB"
    if "bar_share" in row and row["share"] < row["bar_share"]:
        return f"{row['share']:.0%} of {row['against']}, at least {row['bar_share']:.0%}"
    return ""
