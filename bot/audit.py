"""The audit log: who did what, when, and what it was before and after, as CSV, JSON or lines for people."""

from __future__ import annotations

import csv
import heapq
import io
import itertools
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz, process
from sqlalchemy.orm import Session

from bot.alerts import follow_up, judgement, mutes
from bot.alerts.lifecycle import Action
from bot.alerts.pressed import REFUSED
from bot.whole_files import whole
from storage import audit as stored
from storage import look_ups
from storage.access_record import ACTION as ACCESS
from storage.audit import CONFIG

COLUMNS = (
    "occurred_at", "action", "actor", "actor_name", "alert_id", "send_gid", "rule", "level", "status", "channel",
    "before", "after", "detail",
)
BOM = "\ufeff"
"""Stands at the beginning of each CSV file: without it spreadsheets take UTF-8 for something else."""
FORMULA = re.compile('(^|[;\t\r\n])(?=[\\s"\ufeff\u200b-\u200f]*[-=+@\uff0d\uff1d\uff0b\uff20])|^(?=[\t\r\n])')
"""What a spreadsheet may take for the beginning of something to be worked out.

Where the comma is a decimal sign, spreadsheets part the cells of a file at semicolons, and heed no quotes in between.
"""
MOST_IN_SLACK = 50_000
"""Rows of a file that is sent to somebody in Slack."""
LOOK_UP = "look_up"
"""The action of a look-up, where these are put on record."""
ACTIONS = frozenset({
    *map(str, Action), REFUSED, mutes.MUTE, mutes.ENDED, mutes.EDITED, follow_up.FOLLOW_UP, CONFIG, ACCESS, LOOK_UP,
    "audit",
    judgement.RAISED, judgement.MOVED_ON, judgement.ENDED, judgement.CLEARED,
    "opened", "reopened", "snooze_ended", "fresh",
})
"""All that this version puts on record."""
OWN_NAMES = {"scan": "Sendwatch", "cli": "the command line"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row of the log; times in UTC, names from outside as they came."""

    occurred_at: datetime
    action: str
    actor: str
    actor_name: str
    alert_id: int | None = None
    send_gid: str = ""
    rule: str = ""
    level: str = ""
    status: str = ""
    channel: str = ""
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    detail: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """For programs: times in ISO 8601, what is nested as it is."""
        return asdict(self) | {"occurred_at": self.occurred_at.astimezone(UTC).isoformat()}

    def cells(self) -> list[str]:
        """For a spreadsheet: what is nested as JSON, and nothing that could be taken for a formula."""
        told = self.as_json()
        return [safe(_cell(told[name])) for name in COLUMNS]

    def words(self, zone: ZoneInfo) -> str:
        """For people: when, what, by whom, about what."""
        section, version = (self.detail.get(name, "") for name in ("section", "version"))
        by, number = self.detail.get("by", ""), self.detail.get("number", 0)
        about = [
            f"{by}, {number:,} send{'' if number == 1 else 's'}" if self.action == LOOK_UP else "",
            f"{section} version {version}" if self.action == CONFIG else "",
            f"{self.detail.get('did')}" if self.action == ACCESS else "",
            f"alert {self.alert_id}" if self.alert_id else "", f"{self.rule} {self.level}".strip(), self.send_gid,
        ]
        when = self.occurred_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z")
        told = f"{when}  {self.action:<16}  {self.actor_name or self.actor:<20}  {', '.join(filter(None, about))}"
        return " ".join(told.splitlines()).rstrip()


def _cell(told: object) -> str:
    if told is None or told == {}:
        return ""
    if isinstance(told, dict):
        text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        # In JSON nothing has to be added: a sign may be written as its number.
        return FORMULA.sub(r"\\u003b", text)
    return str(told)


def safe(cell: str) -> str:
    """The cell of a spreadsheet, with an apostrophe in front of what could be taken for a formula."""
    return FORMULA.sub(r"\g<0>'", cell)


def lines(
    session: Session, since: datetime | None = None, until: datetime | None = None, actions: Collection[str] = (),
    *, skip: int = 0,
) -> Iterator[Line]:
    """The log from `since` up to but without `until` (aware), the oldest first, read bit by bit.

    Only those `actions` if any are named; "config" is a change of the configuration, and "look_up" a look-up: those
    are there only if they are named. The first `skip` events are left out.
    """
    both: list[Iterator[Line]] = []
    if not actions or set(actions) - {CONFIG, LOOK_UP}:
        both.append(map(_event, stored.events(session, since, until, actions, skip=skip)))
    if not actions or CONFIG in actions:
        both.append(map(_config, stored.config_changes(session, since, until)))
    if LOOK_UP in actions:
        both.append(itertools.starmap(_look_up, look_ups.every(session, since, until)))
    return heapq.merge(*both, key=lambda line: line.occurred_at)


def unknown(session: Session, actions: Iterable[str]) -> dict[str, str]:
    """Those of the actions that are none, neither of this version nor on record, each with the nearest that is one."""
    wrong = [name for name in actions if name not in ACTIONS]
    if not wrong:
        return {}
    known = sorted(ACTIONS | stored.actions(session))
    return {name: process.extractOne(name, known, scorer=fuzz.ratio)[0] for name in wrong if name not in known}


def _event(row: stored.AnyRow) -> Line:
    return Line(
        occurred_at=row.occurred_at, action=row.action, actor=row.actor,
        actor_name=row.person or row.actor_name or OWN_NAMES.get(row.actor, ""), alert_id=row.alert_id,
        send_gid=row.send_gid or "", rule=row.rule or "", level=row.level or "", status=row.status or "",
        channel=row.channel, before=row.before, after=row.after, detail=row.detail,
    )


def _config(row: stored.AnyRow) -> Line:
    return Line(
        occurred_at=row.changed_at, action=CONFIG, actor=row.changed_by,
        actor_name=row.person or OWN_NAMES.get(row.changed_by, ""), before=row.before, after=row.after,
        detail={"section": row.section, "version": row.version},
    )


def _look_up(row: stored.AnyRow, gids: list[str]) -> Line:
    return Line(
        occurred_at=row.looked_at, action=LOOK_UP, actor=row.user_id, actor_name=row.person or "",
        send_gid=gids[0] if len(gids) == 1 else "", before={}, after={},
        detail={"by": f"{row.surface} {row.name}".strip(), "sends": gids, "number": row.number},
    )


def write_csv(found: Iterable[Line], file: IO[str]) -> int:
    """Write the log as CSV with a heading; gives how many rows there are."""
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    number = 0
    for number, line in enumerate(found, 1):  # noqa: B007 - the last one is how many there were
        writer.writerow(line.cells())
    return number


def save_csv(found: Iterable[Line], path: Path) -> int:
    """The same as a file, in UTF-8 with a mark in front; it is there as a whole or not at all. OSError."""
    with whole(path) as there, there.open("w", encoding="utf-8", errors="replace", newline="") as file:
        file.write(BOM)
        return write_csv(found, file)


def write_lines(found: Iterable[Line], file: IO[str], zone: ZoneInfo) -> None:
    """Write the log for people, a line for each row, or that there is none."""
    number = 0
    for number, line in enumerate(found, 1):  # noqa: B007 - only whether there was one is asked
        file.write(f"{line.words(zone)}\n")
    if not number:
        file.write("Nothing is on record for that.\n")


def write_json(found: Iterable[Line], file: IO[str]) -> None:
    """Write the log as one JSON list, a row at a time."""
    file.write("[")
    for number, line in enumerate(found):
        file.write(",\n" if number else "\n")
        json.dump(line.as_json(), file, ensure_ascii=False)
    file.write("\n]\n")


def csv_bytes(
    session: Session, since: datetime | None = None, until: datetime | None = None, limit: int = MOST_IN_SLACK,
) -> bytes:
    """The log as a whole CSV file in UTF-8 with a mark in front; of more than `limit` events the latest."""
    skip = max(0, stored.count_events(session, since, until) - limit)
    written = io.BytesIO()
    with io.TextIOWrapper(written, encoding="utf-8", errors="replace", newline="", write_through=True) as file:
        file.write(BOM)
        write_csv(lines(session, since, until, skip=skip), file)
        return written.getvalue()
