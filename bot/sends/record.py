"""One send in memory while snapshots of it are taken in: its row, its history, what has changed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from bot.sends import history
from bot.sends.checks import codes_of, link_of
from bot.sends.history import Event, Standing
from bot.sends.prints import Prints
from bot.sends.snapshots import API, CSV, DETAILS, WEBHOOK, Snapshot, said_of
from bot.sends.text import fields_of, searchable
from bot.statuses.catalogue import Status
from bot.statuses.kinds import Kind, kind_of
from bot.statuses.spelling import canonical, status_key
from bot.statuses.working_time import PACIFIC
from storage.sends import BLANK

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)

LONGEST_DAY = timedelta(hours=25)
"""The day on which the clocks go back."""

SYNTHETIC = "csv-"
"""How the gids begin that are made up here; Sendoso's own are base64 of `gid://…` and begin otherwise."""

_TOLD = (*DETAILS, "tracking_url")

SEARCHED = ("recipient_name", "recipient_email", "recipient_company", "campaign", "sender_name")
"""The fields of `search_text`, in this order; tracking numbers follow them."""

_TIMING = (
    "status", "status_since", "status_seq", "warehouse_since", "kind", "type", "subtype", "campaign", "team",
    "created_at", "expires_at",
)
_BOOKKEEPING = frozenset({"fingerprint", "refresh_wanted_at", "updated_at", "due_at", "due_rule"})
_UNTOLD: dict[str, Any] = {
    **BLANK, **dict.fromkeys(("sendoso_id", "created_at", "team_id", "campaign_id", "cost_minor")),
    **dict.fromkeys(("tracking_url", "expires_at", "warehouse_since", "due_at", "due_rule", "refresh_wanted_at")),
    "complete": False, "status": Status.UNKNOWN.value, "status_raw": "",
}
"""The row of a send of which nothing is known yet, but for its gid and when it was first seen."""
_MOST_CODES = 8


class Addition(NamedTuple):
    """An event that history did not have: when it was learnt, and whether something newer was known by then."""

    event: Event
    observed_at: datetime
    late: bool


class Former(NamedTuple):
    """One of the records that became one: its row, its gid, what it knew, its episode, and what episodes move by."""

    row_id: int
    gid: str
    events: tuple[Event, ...]
    seq: int
    shift: int


class Record:
    """A send's row as plain values, with its events. `apply` takes one snapshot in."""

    def __init__(self, row: dict[str, Any], events: Iterable[Event] = (), row_id: int | None = None) -> None:
        self.id = row_id
        self.row = row
        self.stored = dict(row) if row_id is not None else {}
        self.events = list(events)
        self.additions: list[Addition] = []
        self.prints = Prints(row["fingerprint"])
        self.formers: tuple[Former, ...] = ()

    @classmethod
    def new(cls, send_gid: str, first_seen_at: datetime) -> Record:
        """A send that nobody has told of before."""
        return cls(_UNTOLD | {
            "send_gid": send_gid, "status_since": first_seen_at, "first_seen_at": first_seen_at,
            "updated_at": first_seen_at,
        })

    @property
    def is_new(self) -> bool:
        return self.id is None

    @property
    def wants_due(self) -> bool:
        """Whether something changed on which the time of the next alert depends, and whether an open one holds."""
        return self.is_new or any(self.row[name] != self.stored[name] for name in _TIMING)

    def apply(self, told: Snapshot, said: str) -> bool:
        """Take one checked snapshot in (`said` is its `print_of`); gives whether anything changed by it."""
        if told.source == API:
            self._refreshed(told.observed_at)
        if self.prints.holds(told.source, said):
            return False
        # What is new is changed by whatever is said of it.
        before, known = None if self.is_new else self._face(), len(self.events)
        self._take_details(told)
        if told.source == CSV and before is not None and any(self.row[name] != before[name] for name in _TOLD):
            # A file may be old: what others say counts again at their next telling, though it be the same.
            self.prints.keep_only(CSV)
        all_taken = self._take_statuses(told)
        if all_taken or told.source == CSV:
            self.prints.add(told, said)
        self.row["fingerprint"] = str(self.prints)
        return before is None or self._face() != before or len(self.events) != known

    @property
    def former_gids(self) -> list[str]:
        """The gids that it gives up: of those under which it, or what it has absorbed, is stored."""
        stored = [one.gid for one in self.formers] or [str(self.stored["send_gid"])]
        return [gid for gid in stored if gid != self.row["send_gid"]]

    @property
    def present_episodes(self) -> set[int]:
        """The episodes, by their moved numbers, of all the records that became one in which it still stands."""
        standing = history.current(self.events)
        return {
            one.seq + one.shift for one in self.formers
            if standing is not None and (before := history.current(one.events)) is not None
            and before.status_key == standing.status_key
            # A guessed time gives way.
            and (before.newest.source == history.UNDATED or not history.went_on(self.events, before, standing))
        }

    def absorb(self, other: Record) -> None:
        """Become one with a stored record of the same send, and take on Sendoso's gid and what it knows better."""
        if self.id is None or other.id is None or other.formers:
            raise ValueError("only what is stored can become one")
        row, before, seq = self.row, history.current(self.events), self.row["status_seq"]
        mine, theirs = tuple(self.events), tuple(other.events)
        known = {event.key for event in self.events}
        for event in other.events:
            if event.key not in known:
                self._add(event, other.row["updated_at"], before)
        self._stand(other.row["first_seen_at"], before)
        # The later stay is the present one, whichever of the two records had it, and its alerts stay those of it. Its
        # number is one that neither has had: people were told of steps by those.
        went_on = row["status_seq"] != seq
        row["status_seq"] = seq + other.row["status_seq"]
        shift = 0 if went_on else other.row["status_seq"]
        self.formers = (
            *(one._replace(shift=one.shift + shift) for one in self.formers or [
                Former(self.id, row["send_gid"], mine, seq, 0),
            ]),
            Former(other.id, other.row["send_gid"], theirs, other.row["status_seq"], seq if went_on else 0),
        )
        if other.id > self.id:
            # SQLite would give the highest id, once free, to the next send: buttons in Slack would then be of that.
            self.id, self.stored = other.id, other.stored
        if not other.row["send_gid"].startswith(SYNTHETIC):
            row["send_gid"], row["refresh_wanted_at"] = other.row["send_gid"], other.row["refresh_wanted_at"]
        if other.row["complete"]:
            row.update({name: other.row[name] for name in _TOLD if other.row[name] not in {None, ""}})
            row["kind"] = _kind(row["type"], row["subtype"])
            for whose in ("recipient", "sender"):
                is_gone = row[f"{whose}_forgotten"] or other.row[f"{whose}_forgotten"]
                row[f"{whose}_forgotten"] = is_gone and not row[f"{whose}_email"]
            numbers = dict.fromkeys([*self._codes(row["tracking_url"]), *other._codes(None)])
            row["search_text"] = searchable([*(row[name] for name in SEARCHED), *list(numbers)[:_MOST_CODES]])
        row["first_seen_at"] = min(row["first_seen_at"], other.row["first_seen_at"])

    def _face(self) -> dict[str, Any]:
        return {name: value for name, value in self.row.items() if name not in _BOOKKEEPING}

    def _refreshed(self, observed_at: datetime) -> None:
        wanted = self.row["refresh_wanted_at"]
        if wanted is not None and wanted <= observed_at:
            self.row["refresh_wanted_at"] = None

    def _take_details(self, told: Snapshot) -> None:
        row = self.row
        said = {name: value for name, value in zip(DETAILS, said_of(told), strict=True) if value is not None}
        row.update(_sharp(said, row) if told.source == CSV else said)
        if told.send_gid is not None and not told.send_gid.startswith(SYNTHETIC):
            row["send_gid"] = told.send_gid
        for whose in ("recipient", "sender"):
            # An address that is there and empty is that of somebody who was forgotten.
            if (email := said.get(f"{whose}_email")) is not None:
                row[f"{whose}_forgotten"] = not email
        row["tracking_url"] = None if row["recipient_forgotten"] else link_of(told.tracking_url) or row["tracking_url"]
        row["kind"] = _kind(row["type"], row["subtype"])
        row["complete"] = row["complete"] or told.source != WEBHOOK
        row["search_text"] = searchable([*(row[name] for name in SEARCHED), *self._codes(told.tracking_url)])

    def _codes(self, tracking: str | None) -> list[str]:
        if not tracking and self.is_new and not self.row["search_text"]:
            return []
        if self.row["recipient_forgotten"]:
            return []
        # A bare number has no column of its own: it lives on among the fields that are searched.
        told_before = fields_of(self.row["search_text"])[len(SEARCHED):]
        codes = [*codes_of(tracking or self.row["tracking_url"] or ""), *told_before]
        return list(dict.fromkeys(code.lower() for code in codes if code))[:_MOST_CODES]

    def _take_statuses(self, told: Snapshot) -> bool:
        """Add what history does not have; False where a status was set aside that may count at the next look."""
        before = history.current(self.events)
        own = [self._event(u.status_raw, u.occurred_at, told.source) for u in told.updates]
        known = {event.key for event in self.events}
        for event in own:
            if event.key not in known:
                known.add(event.key)
                self._add(event, told.observed_at, before)
        set_aside = bool(told.status_raw) and not self._take_top_status(told, own, before)
        self._stand(told.observed_at, before)
        return not set_aside

    def _take_top_status(self, told: Snapshot, own: list[Event], before: Standing | None) -> bool:
        seen = self._event(told.status_raw or "", told.observed_at, told.source)
        latest = max((event.occurred_at for event in own), default=None)
        if any(event.occurred_at == latest and event.status_key == seen.status_key for event in own):
            return True
        keys = {event.key for event in own}
        found = history.undated(seen, self.events, keys, self.row["created_at"], trusted=told.source != CSV)
        # One telling may name a send again and again, at one and the same time.
        if found is not None and all(event.key != found.key for event in self.events):
            self._add(found, told.observed_at, before)
            return True
        standing = history.current(self.events)
        return standing is not None and standing.status_key == seen.status_key

    def _event(self, raw: str, occurred_at: datetime, source: str) -> Event:
        status, key = _named(raw, self.row["kind"])
        return Event(status=status, status_key=key, status_raw=raw, occurred_at=occurred_at, source=source)

    def _add(self, event: Event, observed_at: datetime, before: Standing | None) -> None:
        late = before is not None and event.order < before.newest.order
        self.events.append(event)
        self.additions.append(Addition(event=event, observed_at=observed_at, late=late))

    def _stand(self, observed_at: datetime, before: Standing | None) -> None:
        standing = history.current(self.events)
        row = self.row
        if standing is None:
            row["status_since"] = min(row["created_at"] or observed_at, row["status_since"])
            return
        if before is not None and history.went_on(self.events, before, standing):
            row["status_seq"] += 1
        row["status"], row["status_raw"] = standing.status, standing.status_raw
        row["status_since"], row["warehouse_since"] = standing.since, standing.warehouse_since


def is_rounded(told: datetime, exact: datetime) -> bool:
    """Whether a time may be an exact one, told to the minute or the day only."""
    if exact < told or told.second:
        return False
    past = exact - told
    if past >= DAY:
        return past < LONGEST_DAY and _is_day_of(told.astimezone(PACIFIC), exact.astimezone(PACIFIC))
    return told.minute == 0 or (past < MINUTE and told.microsecond == 0)


def _is_day_of(told: datetime, exact: datetime) -> bool:
    return told.time() == time() and told.date() == exact.date()


def _sharp(said: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """Without what is known better: a file may tell the day alone, and have a count of its own for an id."""
    created, ends = said.get("created_at"), said.get("expires_at")
    vague = set()
    if row["sendoso_id"] is not None and not row["send_gid"].startswith(SYNTHETIC):
        vague.add("sendoso_id")
    if created and row["created_at"] and is_rounded(created, row["created_at"]):
        vague.add("created_at")
    # The end of a day is told by its last second.
    if ends and row["expires_at"] and row["expires_at"] <= ends and is_rounded(ends + SECOND - DAY, row["expires_at"]):
        vague.add("expires_at")
    return {name: value for name, value in said.items() if name not in vague}


@lru_cache(maxsize=4_096)
def _kind(type_: str, subtype: str) -> str:
    return kind_of(type_, subtype).value


@lru_cache(maxsize=4_096)
def _named(raw: str, kind: str) -> tuple[str, str]:
    # Sources use a few dozen spellings, hundreds of thousands of times.
    return canonical(raw, kind=Kind(kind)).value, status_key(raw, Kind(kind))


def key_of(raw: str, kind: str) -> str:
    """What tells a status apart from others, as a send of that kind spells it."""
    return _named(raw, kind)[1]
