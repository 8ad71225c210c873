"""What the runs came to, as a table."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from tests.chaos.findings import DOUBLED, LOST, WRONG
from tests.chaos.performance import Result

QUIET = 10.0
"""Seconds between two lines of progress where there is no terminal."""


@contextmanager
def progress(title: str, console: Console) -> Iterator[Callable[[str], None]]:
    """What takes the latest word on how a run goes: in one line on a terminal, else now and then a line."""
    last = [-QUIET]

    def tell(words: str) -> None:
        if time.monotonic() - last[0] >= QUIET:
            last[0] = time.monotonic()
            console.print(f"{title}: {words}")

    if console.is_terminal:
        with console.status(title) as status:
            yield lambda words: status.update(f"{title}: {words}")
    else:
        yield tell


def table(results: Sequence[Result], console: Console) -> None:
    """A column for each run; a line for everything that was counted in any of them."""
    shown = Table(title="Chaos", show_header=True)
    shown.add_column("", no_wrap=True)
    for result in results:
        shown.add_column(f"{result.plan.database}\nseed {result.plan.seed}", justify="right", no_wrap=True)
    for part in (_counts, _faults, _verdict):
        lines = [part(result) for result in results]
        for name in dict.fromkeys(name for line in lines for name in line):
            values = [line.get(name, 0) for line in lines]
            bad = name in {LOST, DOUBLED, WRONG} and any(values)
            shown.add_row(name, *(f"{value:,}" for value in values), style="bold red" if bad else None)
        shown.add_section()
    console.print(shown)


def _counts(result: Result) -> dict[str, int]:
    return {"processes": result.plan.workers} | result.counts


def _faults(result: Result) -> dict[str, int]:
    limits = {f"limit exceeded: {method}": count for method, count in result.exceeded.items()}
    return {f"fault {kind}": count for kind, count in sorted(result.faults.items())} | limits


def _verdict(result: Result) -> dict[str, int]:
    return {kind: result.findings.counts[kind] for kind in (LOST, DOUBLED, WRONG)} | {"seconds": round(result.seconds)}


def findings(result: Result, console: Console) -> None:
    """Say what was found wrong in a run, if anything."""
    name = f"{result.plan.database}, seed {result.plan.seed}"
    verdict = "nothing lost, nothing doubled" if result.is_good else f"[bold red]not good[/]\n{result.findings}"
    console.print(f"{name}, {result.seconds:.0f} s: {verdict}")
