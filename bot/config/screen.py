"""What the commands of the configuration show on a terminal: the same facts as the JSON."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.alerts.recompute import Preview
from bot.alerts.routing import ADMIN_RULES, DEFAULT, MAIL
from bot.config.amounts import Amount
from bot.config.changes import Change
from bot.config.check import Checked
from bot.config.document import SECTIONS
from bot.config.reading import Reading
from bot.statuses import catalogue


def _console() -> Console:
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def print_json(value: object) -> None:
    """One value as JSON, indented."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def show_changes(
    changes: Sequence[Change], repaired: Sequence[str], reading: Reading, effect: Preview | None, *, dry_run: bool,
) -> None:
    """What an import changes: each section with its lines before and after."""
    console = _console()
    for change in changes:
        console.print(Text(change.section, style="bold"))
        for line in change.lines():
            style = "green" if line.startswith("+") else "red" if line.startswith("-") else ""
            console.print(Text(f"  {line}", style=style))
    for section in repaired:
        console.print(Text(f"{section}: what is stored cannot be used, and is replaced."))
    for warning in reading.warnings:
        console.print(Text(f"Perhaps not meant: {warning}"))
    absent = [section for section in SECTIONS if section not in reading.given]
    if absent:
        console.print(Text(f"Not in the file, and left as it is: {', '.join(absent)}."))
    if effect is not None:
        console.print(Text(_effect(effect)))
    if not changes and not repaired:
        console.print("Nothing changes.")
    elif dry_run:
        console.print("Nothing was written.")
    else:
        console.print("It is in force: a running bot goes by it from its next pass on.")


def _effect(effect: Preview) -> str:
    becoming = "1 send becomes" if effect.becoming_due == 1 else f"{effect.becoming_due:,} sends become"
    of = ", ".join(f"{number:,} {catalogue.title(status)}" for status, number in effect.by_status.items())
    calmed = f"; {effect.no_longer_due:,} no longer {'is' if effect.no_longer_due == 1 else 'are'}"
    return (
        f"By the new calendar and thresholds {becoming} due now{f' ({of})' if of else ''}"
        f"{calmed if effect.no_longer_due else ''}."
    )


def show_check(checked: Checked) -> None:
    """Routes, policies, who may press, and where a send's alerts go, of a document without problems."""
    console, told = _console(), checked.as_json()
    console.print(Text(f"The configuration ({checked.source}) is valid."))
    for warning in checked.warnings:
        console.print(Text(f"Perhaps not meant: {warning}"))
    for sentence in checked.missing:
        console.print(Text(sentence))
    console.print()
    console.print(_routes(told))
    console.print()
    console.print(_policies(told["policies"]))
    console.print()
    console.print(_permissions(told["permissions"]))
    console.print()
    for sentence in checked.kept:
        console.print(Text(sentence))
    if checked.send is not None:
        console.print()
        _show_send(console, told, checked.zone)


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _routes(told: Mapping[str, Any]) -> Table:
    table = _table("#", "route", "when", "where", "policy", "then")
    for number, route in enumerate(told["routes"], 1):
        table.add_row(
            str(number), Text(route["name"]), Text(_when(route["when"])), Text(_where(route)), Text(route["policy"]),
            "goes on" if route["continue"] else "stops",
        )
    nowhere = "nowhere: ALERT_CHANNEL is not set"
    table.add_row("", DEFAULT, "no route fits", Text(told["alert_channel"] or nowhere), DEFAULT, "")
    if told["admins"]:
        table.add_row("", "admins", " or ".join(sorted(ADMIN_RULES)), Text(", ".join(told["admins"])), "told once", "")
    return table


def _when(when: Mapping[str, Any]) -> str:
    parts = [f"{key} {' or '.join(words)}" for key, words in when.items() if isinstance(words, list)]
    parts += [
        f"{words} {when[key]}" for key, words in (("amount_from", "from"), ("amount_to", "below")) if key in when
    ]
    return ", ".join(parts) or "always"


def _where(route: Mapping[str, Any]) -> str:
    places = [*([route["channel"]] if route["channel"] else []), *(["the sender"] if route["dm_sender"] else [])]
    return " and ".join(places) or "nowhere: ALERT_CHANNEL is not set"


def _policies(policies: Mapping[str, Any]) -> Table:
    table = _table("policy", "told again", "nobody acts", "quiet")
    for name, policy in policies.items():
        again = f"after {', '.join(policy['repeat'])}, in the {policy['repeat_in']}" if policy["repeat"] else "never"
        steps = "; ".join(_step(step) for step in policy.get("escalate", ()))
        table.add_row(Text(name), again, Text(steps or "—"), Text(_quiet(policy.get("quiet"))))
    return table


def _step(step: Mapping[str, Any]) -> str:
    mention = f"mention {', '.join(step['mention'])}" if "mention" in step else ""
    channel = f"also to {step['channel']}" if "channel" in step else ""
    parts = (mention, channel, "also to the sender" if "dm_sender" in step else "")
    return f"after {step['after']} {', '.join(part for part in parts if part)}"


def _quiet(quiet: Mapping[str, Any] | None) -> str:
    if quiet is None:
        return "—"
    hours = f"{quiet['from']} to {quiet['to']}" if "from" in quiet else ""
    days = f"all but {', '.join(quiet['working_days'])}" if "working_days" in quiet else ""
    zone = f"({quiet['zone']})" if "zone" in quiet else ""
    but = f"except {', '.join(quiet['except'])}" if "except" in quiet else ""
    return " ".join(part for part in (" and ".join(part for part in (hours, days) if part), zone, but) if part)


def _show_send(console: Console, told: Mapping[str, Any], zone: ZoneInfo) -> None:
    send = told["send"]
    cost = ""
    if send["cost_minor"] is not None:
        cost = str(Amount(minor=send["cost_minor"], currency=send["currency"])).strip()
    facts = (catalogue.title(send["status"]), send["type"], send["team"], send["campaign"], send["sender"], cost)
    console.print(Text(f"Send {send['send_gid']}: {', '.join(fact for fact in facts if fact)}", style="bold"))
    if not told["alerts"]:
        console.print("No alert is open, and none will come while it stays in this status. --rule asks for any rule.")
    for alert in told["alerts"]:
        _show_alert(console, alert, zone)


def _show_alert(console: Console, alert: Mapping[str, Any], zone: ZoneInfo) -> None:
    due = f", due {_local(alert['due_at'], zone)}" if alert["due_at"] else ""
    console.print(Text(f"{alert['rule']}/{alert['level']} ({alert['state']}{due})", style="bold"))
    if alert["to_admins"]:
        console.print("  No route is asked: it goes to the admins.")
    table = Table(box=None, show_header=False, pad_edge=False)
    for one in alert["tried"]:
        misfits = f": {', '.join(one['misfits'])}" if one["result"] == "does not fit" else ""
        table.add_row("  route", Text(one["route"]), f"{one['result']}{misfits}")
    if alert["tried"]:
        console.print(table)
    for place in alert["places"]:
        held = place["held"]
        why = f"; held until {_local(held['until'], zone)}: {held['why']} ({held['by']})" if held else ""
        where = _place(place["channel"])
        console.print(Text(f"  goes to {where} by route {place['route']}, policy {place['policy']}{why}"))


def _place(channel: str) -> str:
    if channel.startswith(MAIL):
        return f"{channel.removeprefix(MAIL)} as a direct message"
    return channel or "nowhere: ALERT_CHANNEL is not set"


def _permissions(permissions: Mapping[str, Sequence[str]]) -> Table:
    together = defaultdict[str, list[str]](list)
    for action, allowed in permissions.items():
        together[", ".join(allowed)].append(action)
    table = _table("who may press", "what")
    for allowed, actions in together.items():
        table.add_row(Text(allowed), Text(", ".join(actions)))
    return table


def _local(moment: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(moment).astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")
