"""The report on a terminal: topic by topic, in words and colours; plain where it is piped."""

from __future__ import annotations

import json
import sys
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.doctor.finding import Finding, Report, State

WORDS = {State.GOOD: "good", State.WARNING: "look", State.WRONG: "MEND", State.UNASKED: "?"}
COLOURS = {State.GOOD: "green", State.WARNING: "yellow", State.WRONG: "bold red", State.UNASKED: "dim"}

WIDEST = 34
"""Letters of the column that says what was looked at."""


def show(report: Report, *, as_json: bool) -> None:
    """Everything that was looked at, then the whole in a sentence."""
    if as_json:
        sys.stdout.write(json.dumps(report.as_json(), ensure_ascii=False, indent=2) + "\n")
        return
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    width = max((len(_named(one)) for one in report.findings), default=0)
    for topic, found in groupby(report.findings, key=lambda one: one.topic):
        console.print(Text(topic, style="bold"))
        if console.is_terminal:
            _table(console, list(found), min(width, WIDEST))
        else:
            _lines(console, list(found))
        console.print()
    console.print(Text(report.summary, style="bold green" if report.ok else "bold red"))


def _table(console: Console, found: list[Finding], width: int) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(min_width=6, no_wrap=True)
    table.add_column(width=width)
    table.add_column(ratio=1)
    for one in found:
        said = Text(one.value)
        for line in _more(one):
            said.append(f"\n{line}", style="cyan")
        table.add_row(Text(f"  {WORDS[one.state]}", style=COLOURS[one.state]), Text(_named(one)), said)
    console.print(table)


def _lines(console: Console, found: list[Finding]) -> None:
    for one in found:
        console.print(Text(f"  {WORDS[one.state]:<5} {_named(one)}: {one.value}"))
        for line in _more(one):
            console.print(Text(f"        {line}"))


def _named(one: Finding) -> str:
    return f"{one.what} {one.about}".strip()


def _more(one: Finding) -> list[str]:
    return [f"→ {line}" for line in (one.mend, one.link if one.mend else "") if line]
