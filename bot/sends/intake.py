"""The one way in: snapshots from any source become rows, history and due times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.sends import forgotten, known, watching
from bot.sends.checks import checked
from bot.sends.known import HISTORY, SENDS, Told
from bot.sends.marks import Shelf, gid_apart, gid_for
from bot.sends.prints import print_of
from bot.sends.record import Addition, Record
from bot.sends.snapshots import CSV, Rejected, Snapshot
from bot.statuses import catalogue, thresholds
from bot.statuses.kinds import Kind
from bot.statuses.watch import Watch
from bot.statuses.watched import Told as Findings
from bot.statuses.watched import Watched
from storage import alerts, gids, messages, notifications, retention, rows, search_index, sends
from storage.gids import Renamed
from storage.models import Alert
from storage.sends import SOME

# Put together once: building a statement anew costs as much time as running it, and a press may be waiting.
IDS = select(SENDS.c.send_gid, SENDS.c.id).where(SENDS.c.send_gid.in_(SOME))
CHANGE = SENDS.update().where(SENDS.c.id == bindparam("row_id"))
SHOWN = (
    "recipient_name", "recipient_email", "recipient_company", "sender_name", "sender_email", "type", "subtype", "kind",
    "campaign", "team", "cost_minor", "currency", "tracking_url",
)
"""What alerts show of a send besides its status, and by what they are routed."""
EVENT = ("send_id", "status", "status_key", "status_raw", "occurred_at", "source", "observed_at", "late")
_ALIKE = itemgetter("status", "kind", "type", "subtype", "campaign", "team")
"""What the rules look at besides dates: most of a batch have arrived, and share these with others."""
FINDINGS = select(
    Alert.send_id, Alert.rule, Alert.level, Alert.status_seq, Alert.state, Alert.resolved_by,
).where(Alert.send_id.in_(SOME))


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
        left = forgotten.left_of(session, told)
        taken.rejected += [one for one in left if isinstance(one, Rejected)]
        shelf = _apply(session, [one for one in left if isinstance(one, Snapshot)], taken)
        _write(session, _kept(session, shelf.records, taken), now, watch)
    return taken


def _kept(session: Session, records: list[Record], taken: Taken) -> list[Record]:
    """Without those that were over before the time from which on finished sends are kept: they would go at once."""
    since = retention.kept_since(session)
    if since is None:
        return records
    kept = [
        record for record in records
        if not (record.is_new and record.row["status_since"] < since and catalogue.is_final(record.row["status"]))
    ]
    left_out = len(records) - len(kept)
    taken.new -= left_out
    taken.unchanged += left_out
    return kept


def mark_for_refresh(session: Session, send_gid: str, changed_at: datetime, now: datetime) -> bool:
    """Note that a send changed at Sendoso at `changed_at`, without knowing how; the next sync will see.

    A gid not yet known is kept as an incomplete row. Gives whether the gid is new. Raises ValueError for a
    gid that cannot be stored.
    """
    fit = checked(Snapshot(source="webhook", observed_at=now, send_gid=send_gid), 1)
    if isinstance(fit, Rejected) or fit.send_gid is None:
        raise ValueError("a webhook must name a send by its gid")
    # Whoever takes snapshots in has its turn first and the rows then: the other way round, both would wait for each
    # other; and a row that becomes one with another in between would lose the wish.
    sends.wait_for_turn(session)
    return sends.want_refresh(session, fit.send_gid, min(changed_at, now), now)


def _apply(session: Session, told: Sequence[Snapshot], taken: Taken) -> Shelf:
    batch = [
        Told(gid_for(one), gid_apart(one) if one.source == CSV else gid_for(one), print_of(one), one) for one in told
    ]
    news, present = known.news(session, batch)
    taken.unchanged += len(told) - len(news)
    shelf = Shelf(
        known.records(session, news, present), [one.snapshot for one in news], {one.said for one in batch},
    )
    for _gid, _apart, said, snapshot in news:
        record = shelf.find(snapshot, said)
        if record is None:
            record = Record.new(shelf.free_gid(snapshot), snapshot.observed_at)
            record.apply(snapshot, said)
            shelf.add(record)
            taken.new += 1
        elif record.apply(forgotten.left_to(record, snapshot), said):
            taken.changed += 1
            shelf.index(record)
        else:
            taken.unchanged += 1
    return shelf


def _write(session: Session, records: Sequence[Record], now: datetime, watch: Watch) -> None:
    # Always in the same order, so that two processes never wait for each other in a circle.
    ordered = sorted(records, key=lambda record: str(record.row["send_gid"]))
    knew = watching.known(session, ordered)
    for record in ordered:
        if record.id is not None and record.formers:
            gids.join(
                session, record.id, {one.row_id: one.shift for one in record.formers}, record.row["status_seq"],
                record.present_episodes,
            )
    new = [record for record in ordered if record.is_new]
    known_before = [record for record in ordered if not record.is_new]
    set_due = _due_times(session, known_before, now, watch)
    for record in known_before:
        set_due(record)
    changed = [record for record in known_before if record.row != record.stored]
    for record in (*new, *changed):
        record.row["updated_at"] = now

    def settled(record: Record) -> dict[str, Any]:
        set_due(record)
        return record.row

    if new:
        # The database takes some in while the rest is still being worked out.
        ids = rows.ids_for(session, SENDS, len(new))
        rows.add_new(session, SENDS, [*new[0].row], map(settled, new), ids=ids)
        for record, row_id in zip(new, ids or _ids(session, new), strict=True):
            record.id = row_id
    if changed:
        gids.rename(session, {
            record.id: Renamed(olds, record.row["send_gid"])
            for record in changed if record.id is not None and (olds := record.former_gids)
        })
        # Only columns that differ somewhere: an index of an untouched column then stays untouched.
        names = [name for name in changed[0].row if any(r.row[name] != r.stored[name] for r in changed)]
        values = [{"row_id": r.id, **{name: r.row[name] for name in names}} for r in changed]
        session.execute(CHANGE, values)
    rows.add_new(
        session, HISTORY, EVENT, (_history_row(record, one) for record in new for one in record.additions),
    )
    # Of a record that has absorbed another some of its events are there.
    rows.add(session, HISTORY, [
        _history_row(record, one) for record in known_before for one in record.additions
    ])
    if new or changed:
        search_index.owe(session, len(new) + len(changed))
    watching.tell(session, changed, now, knew)
    _draw_anew(session, changed, now)


def _draw_anew(session: Session, changed: Sequence[Record], now: datetime) -> None:
    """Messages about alerts say whose gift it is: of what a webhook began, the API tells it only later."""
    others = [
        record.id for record in changed
        if record.id is not None and (record.formers or any(record.row[n] != record.stored[n] for n in SHOWN))
    ]
    if others:
        found = [alert for some in alerts.open_for_sends(session, others).values() for alert in some]
        # These were routed without a team or a campaign. What is left to a choice stays there.
        named = {
            one.id: one.row["status_seq"] for one in changed
            if one.id is not None and (one.formers or one.row["complete"] > one.stored["complete"])
        }
        found += _may_be_opened_again(session, named)
        messages.touch(session, alerts.messages_of(session, found), now)
        notifications.route_anew(session, [
            alert.id for alert in found if alert.send_id in named and alert.reason != notifications.BACKLOG
        ], now)


def _may_be_opened_again(session: Session, episodes: Mapping[int, int]) -> list[Alert]:
    """What somebody has resolved of these sends, by row id, in their present episodes: it may be undone."""
    return [
        alert for some in alerts.of_sends(session, episodes).values() for alert in some
        if alert.resolved_by not in {None, "scan"} and alert.status_seq == episodes[alert.send_id or 0]
    ]


def _ids(session: Session, records: Sequence[Record]) -> list[int]:
    found: dict[str, int] = {}
    for some in sends.chunks([record.row["send_gid"] for record in records]):
        found.update((row.send_gid, row.id) for row in session.execute(IDS, {"some": some}))
    return [found[record.row["send_gid"]] for record in records]


def _history_row(record: Record, addition: Addition) -> dict[str, Any]:
    event = addition.event
    return {
        "send_id": record.id, "status": event.status, "status_key": event.status_key,
        "status_raw": event.status_raw, "occurred_at": event.occurred_at, "source": event.source,
        "observed_at": addition.observed_at, "late": addition.late,
    }


def _due_times(
    session: Session, known_before: Sequence[Record], now: datetime, watch: Watch,
) -> Callable[[Record], None]:
    """What sets when a record is next due, where that may have changed."""
    told, unsettled = _alerts(session, [record for record in known_before if record.wants_due])
    can_be_due: dict[tuple[str, ...], bool] = {}

    def set_due(record: Record) -> None:
        if not record.wants_due:
            return
        row, shown = record.row, unsettled.get(record.id, frozenset())
        row["due_at"], row["due_rule"] = None, None
        alike = _ALIKE(row)
        if not can_be_due.get(alike, True) and not shown:
            return
        seen = watched(record)
        if alike not in can_be_due:
            can_be_due[alike] = thresholds.can_be_due(seen, watch)
        found = thresholds.next_due(seen, watch, told.get(record.id, frozenset()))
        # A status nobody has told of yet is no unknown status.
        if found and record.events:
            row["due_at"], row["due_rule"] = found
        holding = {(one.rule, one.level) for one in thresholds.due(seen, watch, now)} if shown else set()
        if not shown <= holding and (row["due_at"] is None or row["due_at"] > now):
            row["due_at"], row["due_rule"] = now, row["due_rule"] or min(shown)[0]

    return set_due


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
        for send_id, rule, level, status_seq, state, resolved_by in session.execute(FINDINGS, {"some": some}):
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
