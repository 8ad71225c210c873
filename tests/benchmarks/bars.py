"""Which of the measured things take longer than they may."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Row = dict[str, Any]


def verdict(rows: Sequence[Row]) -> str:
    """What is over its bar, a line each: by 99 of 100 where so many were measured, else by the middle one."""
    over = [
        f"  {row['what']}: {taken:,.0f} ms, at most {row['bar_ms']:,} ms"
        for row in rows if "bar_ms" in row and (taken := row.get("p99_ms", row["p50_ms"])) > row["bar_ms"]
    ]
    bars = sum("bar_ms" in row for row in rows)
    if not over:
        return f"All {bars} bars are kept."
    return "\n".join([f"{len(over)} of {bars} are over their bars:", *over])
