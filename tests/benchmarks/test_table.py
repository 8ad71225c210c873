"""The benchmark's table: what it compares with the last release, and which misses of a bar it names."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from tests.benchmarks import bars, table

Row = dict[str, Any]


def shown(rows: list[Row], released: list[Row]) -> list[list[str]]:
    out = io.StringIO()
    Console(file=out, width=300).print(table.drawn(rows, {"rows": released}, "title"))
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in out.getvalue().splitlines() if "│" in line]


def test_a_ratio_is_compared_with_the_last_releases_although_its_machine_was_slower() -> None:
    now: Row = {"what": "look-up", "p50_ms": 1.0, "floor_ms": 0.25, "against": "SQL", "ratio": 4.0}
    then: Row = {**now, "p50_ms": 10.0, "floor_ms": 2.0, "ratio": 5.0}
    assert shown([now], [then]) == [["look-up", "1.00 ms", "", "SQL: 0.25 ms", "4.00", "5.00", "4.00", "-20%", ""]]


def test_what_has_no_ratio_is_compared_by_its_time_or_size() -> None:
    rows: list[Row] = [{"what": "start", "p50_ms": 2_500.0}, {"what": "memory", "rss_mb": 110.0, "bar_mb": 120}]
    found = shown(rows, [{"what": "start", "p50_ms": 2_000.0}, {"what": "memory", "rss_mb": 100.0}])
    assert found == [
        ["start", "2.5 s", "", "", "", "2.0 s", "2.5 s", "+25%", ""],
        ["memory", "110 MB", "", "", "", "100 MB", "110 MB", "+10%", "kept"],
    ]


def test_what_the_last_release_did_not_measure_is_compared_with_nothing() -> None:
    known: Row = {"what": "known", "p50_ms": 10.0}
    assert shown([{"what": "new", "p50_ms": 150.0}, known], [known]) == [
        ["new", "150 ms", *[""] * 7], ["known", "10.00 ms", "", "", "", "10.00 ms", "10.00 ms", "+0%", ""],
    ]


def test_before_there_is_a_release_nothing_is_compared() -> None:
    assert shown([{"what": "new", "p50_ms": 150.0}], []) == [["new", "150 ms", "", "", "", ""]]


@pytest.mark.parametrize(("row", "said"), [
    ({"p50_ms": 1, "p99_ms": 26, "bar_ms": 25}, "26.0 ms, at most 25 ms"),
    ({"p50_ms": 1.25, "bar_ms": 1}, "1.2 ms, at most 1 ms"),
    ({"ratio": 13.0, "against": "a trivial one", "bar_ratio": 12}, "13.0 times a trivial one, at most 12 times"),
    ({"rss_mb": 121, "bar_mb": 120}, "121 MB, at most 120 MB"),
    ({"share": 0.5, "against": "the driver", "bar_share": 0.6}, "50% of the driver, at least 60%"),
    ({"p50_ms": 24, "p99_ms": 25, "bar_ms": 25}, ""),
    ({"ratio": 12.0, "against": "a trivial one", "bar_ratio": 12}, ""),
    ({"share": 0.6, "bar_share": 0.6}, ""),
    ({"p50_ms": 10_000}, ""),
])
def test_a_missed_bar_is_named_with_what_was_measured(row: Row, said: str) -> None:
    assert bars.missed(row) == said
    verdict = bars.verdict([{"what": "it", **row}])
    assert verdict.endswith(f"  it: {said}" if said else " bars are kept.")
