"""The one way in: snapshots from any source become rows, history and due times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, select
from sqlalchemy.orm import Session

from bot.sends import watching
from bot.sends.checks import checked, link_of
from bot.sends.history import Event
from bot.sends.marks import DAY, Shelf, gid_for, is_named
from bot.sends.record import SYNTHETIC, Addition, Prints, Record, print_of
from bot.sends.snapshots import Rejected, Snapshot
from bot.statuses import thresholds
from bot.statuses.kinds import Kind
from bot.statuses.watch import Watch
from bot.statuses.watched import Told as Findings
from bot.statuses.watched import Watched
from storage import sends
from storage.dialect import insert_of
from storage.models import Alert, Send, SendHistory

SENDS: Table = Send.__table__  # type: ignore[assignment]
HISTORY: Table = SendHistory.__table__  # type: ignore[assignment]

Told = tuple[str, str, Snapshot]
"""A snapshot with its gid (Sendoso's or made up) and the hash of what it says."""


@dataclass(kw_only=True)
class Taken:
    """What became of one batch: every item read is new, changed, unchanged or rejected."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)


def take(
    session: Session, snapshots: Iterable[Snapshot | Rejected], now: datetime, watch: Watch,
) -> Taken:
    """Take in one batch (at most about 1,000, so that people's presses get in between), and say what became of it.

    Order, repeats and splitting make no difference to where a send stands: its status is a function of its
    whole history. What cannot be true or stored is rejected with its line and reason; the rest goes in.
    Reads and writes in a fixed number of statements; the caller commits.
    """
    taken = Taken()
    told: list[Snapshot] = []
    for place, item in enumerate(snapshots, start=1):
        taken.read += 1
        fit = item if isinstance(item, Rejected) else checked(item, place)
        if isinstance(fit, Rejected):
            taken.rejected.append(fit)
        else:
            told.append(fit)
    if told:
        session.flush()
        sends.wait_for_turn(session)
        shelf = _apply(session, told, taken)
        _write(session, shelf.records, now, watch)
    return taken


def mark_for_refresh(session: Session, send_gid: str, changed_at: datetime, now: datetime) -> bool:
    """Note that a send changed at Sendoso at `changed_at`, without knowing how; the next sync will see.

    A gid not yet known is kept as an incomplete row. Gives whether the gid is new. Raises ValueError for a
    gid that cannot be stored.
    """
    fit = checked(Snapshot(source="webhook", observed_at=now, send_gid=send_gid), 1)
    if isinstance(fit, Rejected) or fit.send_gid is None:
        raise ValueError("a webhook must name a send by its gid")
    return sends.want_refresh(session, fit.send_gid, min(changed_at, now), now)


def _apply(session: Session, told: Sequence[Snapshot], taken: Taken) -> Shelf:
    news = _news(session, [(gid_for(snapshot), print_of(snapshot), snapshot) for snapshot in told])
    taken.unchanged += len(told) - len(news)
    shelf = Shelf(_load(session, [snapshot for _, _, snapshot in news]))
    for gid, said, snapshot in news:
        record = shelf.find(snapshot)
        if record is None:
            record = Record.new(gid, snapshot.observed_at)
            record.apply(snapshot, said)
            shelf.add(record)
            taken.new += 1
        elif record.apply(snapshot, said):
            taken.changed += 1
            shelf.index(record)
        else:
            taken.unchanged += 1
    return shelf


def _news(session: Session, told: list[Told]) -> list[Told]:
    """What says something else than the last telling of its source; found by a cheap look at few columns."""
    known: dict[str, Prints] = {}
    waiting: set[str] = set()
    for some in sends.chunks(sorted({gid for gid, _, _ in told})):
        rows = session.execute(
            select(Send.send_gid, Send.fingerprint, Send.refresh_wanted_at).where(Send.send_gid.in_(some)),
        )
        for gid, fingerprint, refresh_wanted_at in rows:
            known[gid] = Prints(fingerprint)
            if refresh_wanted_at is not None:
                waiting.add(gid)
    # All that a batch says of one send is taken in its order, or none of it.
    fresh = waiting | {
        gid for gid, said, snapshot in told if gid not in known or not known[gid].holds(snapshot.source, said)
    }
    return [one for one in told if one[0] in fresh]


def _load(session: Session, told: Sequence[Snapshot]) -> list[Record]:
    rows: dict[int, dict[str, Any]] = {}
    for condition in _wanted(told):
        statement = select(SENDS).where(condition).order_by(SENDS.c.send_gid).with_for_update()
        rows.update((row["id"], dict(row)) for row in session.execute(statement).mappings())
    events = _events(session, sorted(rows))
    ordered = sorted(rows.values(), key=lambda row: row["send_gid"])
    return [Record(row, events.get(row_id, ()), row_id) for row in ordered for row_id in [row.pop("id")]]


def _wanted(told: Sequence[Snapshot]) -> list[ColumnElement[bool]]:
    gids = sorted({gid_for(snapshot) for snapshot in told})
    wanted: list[ColumnElement[bool]] = [SENDS.c.send_gid.in_(some) for some in sends.chunks(gids)]
    made_up = SENDS.c.send_gid.startswith(SYNTHETIC)
    for named in (True, False):
        # A snapshot with a gid can only be meant by marks where a file brought the send without one.
        some_told = [snapshot for snapshot in told if is_named(snapshot) == named]
        wanted.extend(made_up & marks if named else marks for marks in _by_marks(some_told))
    return wanted


def _by_marks(told: Sequence[Snapshot]) -> list[ColumnElement[bool]]:
    ids = sorted({snapshot.sendoso_id for snapshot in told if snapshot.sendoso_id is not None})
    links = sorted({link for snapshot in told if (link := link_of(snapshot.tracking_url))})
    dated = [(s.recipient_email, s.created_at) for s in told if s.recipient_email and s.created_at]
    marks: list[ColumnElement[bool]] = [SENDS.c.sendoso_id.in_(some) for some in sends.chunks(ids)]
    marks += [SENDS.c.tracking_url.in_(some) for some in sends.chunks(links)]
    if dated:
        times = [created_at for _, created_at in dated]
        near = SENDS.c.created_at.between(min(times) - DAY, max(times) + DAY)
        emails = sorted({email for email, _ in dated})
        marks += [SENDS.c.recipient_email.in_(some) & near for some in sends.chunks(emails)]
    return marks


def _events(session: Session, ids: Sequence[int]) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = {}
    c = HISTORY.c
    for some in sends.chunks(ids):
        statement = select(c.send_id, c.status, c.status_key, c.status_raw, c.occurred_at, c.source)
        for row in session.execute(statement.where(c.send_id.in_(some)).order_by(c.id)):
            found.setdefault(row.send_id, []).append(Event(
                status=row.status, status_key=row.status_key, status_raw=row.status_raw,
                occurred_at=row.occurred_at, source=row.source,
            ))
    return found


def _write(session: Session, records: Sequence[Record], now: datetime, watch: Watch) -> None:
    # Always in the same order, so that two processes never wait for each other in a circle.
    ordered = sorted(records, key=lambda record: str(record.row["send_gid"]))
    _set_due(session, ordered, now, watch)
    new = [record for record in ordered if record.is_new]
    changed = [record for record in ordered if not record.is_new and record.row != record.stored]
    for record in (*new, *changed):
        record.row["updated_at"] = now
    if new:
        session.execute(_insert(session, SENDS), [record.row for record in new])
        ids = _ids(session, [record.row["send_gid"] for record in new])
        for record in new:
            record.id = ids[record.row["send_gid"]]
    if changed:
        # Only columns that differ somewhere: an index of an untouched column then stays untouched.
        names = [name for name in changed[0].row if any(r.row[name] != r.stored[name] for r in changed)]
        statement = SENDS.update().where(SENDS.c.id == bindparam("row_id"))
        values = [{"row_id": r.id, **{name: r.row[name] for name in names}} for r in changed]
        session.execute(statement, values)
    additions = [_history_row(record, addition) for record in ordered for addition in record.additions]
    if additions:
        session.execute(_insert(session, HISTORY), additions)
    watching.tell(session, changed, now)


def _insert(session: Session, table: Table) -> Any:  # noqa: ANN401 - each dialect has its own type
    insert = insert_of(session)
    return insert(table).on_conflict_do_nothing()


def _ids(session: Session, gids: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in sends.chunks(gids):
        rows = session.execute(select(SENDS.c.send_gid, SENDS.c.id).where(SENDS.c.send_gid.in_(some)))
        found.update((row.send_gid, row.id) for row in rows)
    return found


def _history_row(record: Record, addition: Addition) -> dict[str, Any]:
    event = addition.event
    return {
        "send_id": record.id, "status": event.status, "status_key": event.status_key,
        "status_raw": event.status_raw, "occurred_at": event.occurred_at, "source": event.source,
        "observed_at": addition.observed_at, "late": addition.late,
    }


def _set_due(session: Session, records: Sequence[Record], now: datetime, watch: Watch) -> None:
    waiting = [record for record in records if record.wants_due]
    told, unsettled = _alerts(session, waiting)
    for record in waiting:
        row, seen = record.row, watched(record)
        found = thresholds.next_due(seen, watch, told.get(record.id, frozenset()))
        # A status nobody has told of yet is no unknown status.
        row["due_at"], row["due_rule"] = found if found and record.events else (None, None)
        shown = unsettled.get(record.id, frozenset())
        holding = {(one.rule, one.level) for one in thresholds.due(seen, watch, now)} if shown else set()
        if not shown <= holding and (row["due_at"] is None or row["due_at"] > now):
            row["due_at"], row["due_rule"] = now, row["due_rule"] or min(shown)[0]


def _alerts(
    session: Session, records: Sequence[Record],
) -> tuple[dict[int | None, Findings], dict[int | None, Findings]]:
    """Per send: the findings already told of its present stay, and those of which an alert is open.

    An open alert of a former stay stands under no level, since nothing of the present one can hold it.
    """
    seqs: dict[int | None, int] = {r.id: r.row["status_seq"] for r in records if r.id is not None}
    told: dict[int | None, Findings] = {}
    unsettled: dict[int | None, Findings] = {}
    for some in sends.chunks(list(seqs)):
        rows = session.execute(
            select(Alert.send_id, Alert.rule, Alert.level, Alert.status_seq, Alert.state, Alert.resolved_by)
            .where(Alert.send_id.in_(some)),
        )
        for send_id, rule, level, status_seq, state, resolved_by in rows:
            present = status_seq == seqs[send_id]
            # What the scan closed, such as on data that were corrected since, may have to be told again.
            if present and resolved_by != "scan":
                told[send_id] = told.get(send_id, frozenset()) | {(rule, level)}
            if state != "resolved":
                unsettled[send_id] = unsettled.get(send_id, frozenset()) | {(rule, level if present else "")}
    return told, unsettled


def watched(record: Record) -> Watched:
    """What the thresholds look at."""
    row = record.row
    return Watched(
        status=row["status"], kind=Kind(row["kind"]), type=row["type"], subtype=row["subtype"],
        campaign=row["campaign"], team=row["team"], status_since=row["status_since"],
        warehouse_since=row["warehouse_since"], created_at=row["created_at"], expires_at=row["expires_at"],
    )
