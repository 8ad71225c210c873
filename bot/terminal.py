"""What the command line shows to people: short, aligned, and the same facts as the JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from bot import answers
from bot.reports import words
from bot.reports.summary import Summary
from bot.statuses import catalogue
from storage.models import Send, SendHistory

REJECTED_SHOWN = 20
CAMPAIGNS = 5
LONGEST = 200
"""Characters of what was looked for that are said again."""


def _console() -> Console:
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int | None], None]]:
    """A progress bar on a terminal, nothing elsewhere; gives the function that moves it."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _done, _total: None
        return
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=console, transient=True,
    ) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _print_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def show_tally(counts: Any, *, as_json: bool, source: str) -> None:  # noqa: ANN401 - a Tally or a sync's report
    """What an import or a sync read, and each line that it could not take."""
    if as_json:
        _print_json(answers.tally(counts))
        return
    console = _console()
    console.print(
        f"{source}: {counts.read:,} read, {counts.new:,} new, {counts.changed:,} changed, "
        f"{counts.unchanged:,} unchanged, {len(counts.rejected):,} rejected.",
    )
    for one in counts.rejected[:REJECTED_SHOWN]:
        console.print(Text(f"  line {one.line}: {one.reason}"))
    if len(counts.rejected) > REJECTED_SHOWN:
        console.print(f"  … and {len(counts.rejected) - REJECTED_SHOWN:,} more; --json lists them all.")


def show_status(
    found: Any, histories: Mapping[int, Sequence[SendHistory]], zone: ZoneInfo, *, as_json: bool,  # noqa: ANN401
) -> None:
    """The sends that a look-up found, each with its history."""
    if as_json:
        _print_json(answers.status(found.query, found.total, found.sends, histories, found.nearest))
        return
    console = _console()
    if not found.sends:
        console.print(Text(f"No send matches “{_short(found.query)}”."))
        if found.nearest:
            console.print(Text(f"Nearest: {', '.join(found.nearest)}"))
        return
    many = f"{found.total:,} sends match" if found.total != 1 else "1 send matches"
    console.print(Text(f"{many} “{_short(found.query)}”." + _shown(found.total, len(found.sends))))
    for send in found.sends:
        _show_send(console, send, histories.get(send.id, ()), zone)


def _shown(total: int, shown: int) -> str:
    return f" The first {shown}:" if shown < total else ""


def _show_send(console: Console, send: Send, history: Sequence[SendHistory], zone: ZoneInfo) -> None:
    meaning = catalogue.meanings(send.status)
    title = catalogue.title(send.status) if send.status != "unknown" else send.status_raw
    who = send.recipient_name or send.recipient_email or "an unnamed recipient"
    console.print()
    console.print(Text(f"{title}: {send.type or 'gift'} for {who}", style="bold"))
    rows = [
        ("since", _local(send.status_since, zone)),
        ("recipient", _joined(send.recipient_name, send.recipient_email, send.recipient_company)),
        ("sender", _joined(send.sender_name, send.sender_email, send.team)),
        ("campaign", send.campaign),
        ("means", meaning[0].meaning if len(meaning) == 1 else ""),
        ("looked at", f"{_local(send.due_at, zone)} ({send.due_rule})" if send.due_at else ""),
        ("tracking", send.tracking_url or ""),
        ("send gid", send.send_gid),
    ]
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in rows:
        if value:
            table.add_row(f"  {name}", Text(value))
    for number, event in enumerate(history):
        name = catalogue.title(event.status) if event.status != "unknown" else event.status_raw
        table.add_row("  history" if number == 0 else "", Text(f"{_local(event.occurred_at, zone)}  {name}"))
    console.print(table)


def show_meaning(answer: dict[str, Any], *, as_json: bool) -> None:
    """What a status means for each kind of send, or which ones were perhaps meant."""
    if as_json:
        _print_json(answer)
        return
    console = _console()
    if not answer["matches"]:
        console.print(Text(f"No status is surely meant by “{_short(answer['query'])}”."))
        if answer["suggestions"]:
            names = ", ".join(catalogue.title(status) for status in answer["suggestions"])
            console.print(Text(f"Did you mean: {names}?"))
        return
    for match in answer["matches"]:
        kind = "" if match["kind"] == "any" else f" ({match['kind']})"
        console.print(Text(f"{catalogue.title(match['status'])}{kind}", style="bold"))
        table = Table(box=None, show_header=False, pad_edge=False)
        for label, key in (
            ("means", "meaning"), ("acts next", "next_actor"), ("to do", "advice"),
            ("threshold", "threshold"), ("source", "source"),
        ):
            table.add_row(f"  {label}", Text(str(match[key] or "—")))
        table.add_row("  final", "yes" if match["final"] else "no")
        console.print(table)


def show_plan(plan: Any, *, as_json: bool) -> None:  # noqa: ANN401 - `bot.alerts.scan.Plan`
    """What a scan would find and post."""
    answer = plan.as_json()
    if as_json:
        _print_json(answer)
        return
    console = _console()
    findings, messages = answer["findings"], answer["messages"]
    console.print(
        f"As of {answer['now']}: {_counted(len(findings), 'finding')}, {_counted(len(messages), 'message')}. "
        "Nothing was written or posted.",
    )
    for finding in findings:
        level = "" if finding["level"] == "notice" else f" ({finding['level']})"
        console.print()
        about = f": {finding['send_gid']}" if finding["send_gid"] else ""
        console.print(Text(f"{finding['rule']}{level}{about}", style="bold"))
        console.print(Text(f"  {finding['status'] or 'nothing'} since {finding['since']}, due {finding['due_at']}"))
        console.print(Text(f"  {finding['why']}"))
    for number, message in enumerate(messages, 1):
        console.print()
        console.print(Text(f"Message {number} to {message['channel'] or 'nowhere: ALERT_CHANNEL is not set'}"))
        console.print(Text(f"  {message['text']}"))


def show_scan(report: Any, *, as_json: bool) -> None:  # noqa: ANN401 - `bot.alerts.scan.ScanReport`
    """What a scan did."""
    counts = report.as_json()
    if as_json:
        _print_json(counts)
        return
    _console().print(", ".join(f"{value:,} {name.replace('_', ' ')}" for name, value in counts.items()) + ".")


def show_delivery(report: Any, *, as_json: bool) -> None:  # noqa: ANN401 - `bot.delivery.deliver.DeliveryReport`
    """What Slack was told."""
    show_scan(report, as_json=as_json)


def show_report(found: Summary, *, as_json: bool) -> None:
    """What was sent in a period, and what became of it."""
    if as_json:
        _print_json(found.as_json())
        return
    console = _console()
    console.print(Text(words.title(found), style="bold"))
    if found.about:
        console.print(Text(f"Only {found.about}"))
    console.print(Text(f"Compared with {found.period.before_name}"))
    if found.held_since:
        console.print(Text(words.held(found)))
    table = Table(box=None, show_header=False, pad_edge=False)
    for fact in words.facts(found):
        table.add_row(Text(f"  {fact.name}"), Text(_joined(fact.value, fact.small)))
    console.print(table)
    for heading, lines in (
        (f"Median days per stage, of {_counted(found.stages[-1].number, 'gift')} that arrived" if found.stages else "",
         [words.stage(one) for one in found.stages]),
        ("Campaigns with most gifts stuck or expired",
         [f"{one.name}: {words.worst(one)}" for one in found.worst[:CAMPAIGNS]]),
        ("Open now, by days in their status", [f"{words.age(one, found.ages)}: {one.number:,}" for one in found.ages]),
    ):
        if lines:
            console.print(Text(f"\n{heading}", style="bold"))
            for line in lines:
                console.print(Text(f"  {line}"))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _local(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z") if moment else ""


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _short(query: str) -> str:
    """What was looked for, as far as it is worth a line."""
    return query if len(query) <= LONGEST else f"{query[:LONGEST]}…"
