"""Which send a snapshot is about where no gid says so. Pure.

The marks are Sendoso's id, the tracking link, or the recipient with the time and the campaign.
"""

from __future__ import annotations

from base64 import b64decode
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import UTC
from hashlib import sha256

from bot.sends.checks import link_of
from bot.sends.likeness import (
    agrees,
    has_its_kind,
    has_its_name,
    has_its_recipient,
    has_made_up_gid,
    is_another_gift,
    is_corrected,
    is_named,
    is_near,
    is_same_gift,
    may_have_its_parcel,
    parcels_of,
)
from bot.sends.record import MINUTE, SYNTHETIC, Record
from bot.sends.snapshots import API, CSV, Snapshot
from bot.sends.text import folded
from bot.statuses.kinds import kind_of
from bot.statuses.spelling import canonical
from bot.statuses.working_time import PACIFIC

PLAIN = "gid://"
"""How Sendoso's gids begin in clear; its API and its webhooks name sends by the base64 of that."""

Index = dict[str | int | None, list[Record]]


def gid_for(told: Snapshot) -> str:
    """The gid of a snapshot, or one made up from its strongest mark; the same marks give the same gid."""
    if told.send_gid is not None:
        return told.send_gid
    if told.sendoso_id is not None:
        mark = f"id:{told.sendoso_id}"
    elif told.recipient_email and told.created_at:
        mark = f"send:{told.recipient_email}|{told.created_at.isoformat()}|{folded(told.campaign or '')}"
    else:
        mark = f"tracking:{(told.tracking_url or '').lower()}"
    return made_up(mark)


def _made_up_of(record: Record) -> set[str]:
    """The gids that a record may have for its marks."""
    names = ("sendoso_id", "recipient_email", "created_at", "campaign", "tracking_url")
    by_id = Snapshot(source=CSV, observed_at=record.row["updated_at"], **{name: record.row[name] for name in names})
    by_email = replace(by_id, sendoso_id=None)
    return {gid_for(by_id), gid_for(by_email), gid_for(replace(by_email, created_at=None))}


def gid_apart(told: Snapshot) -> str:
    """The other gid that a send may have: for a made-up one, whose one mark may be another send's, one of all marks.

    For Sendoso's own, the one that it had before, or the same in clear, as earlier versions stored it from a file.
    """
    if is_named(told):
        return told.former_gid or _in_clear(gid_for(told))
    created = told.created_at.isoformat() if told.created_at else ""
    whose = told.recipient_email or folded(told.recipient_name or "")
    link = (told.tracking_url or "").lower()
    kind = kind_of(told.type, told.subtype)
    return made_up("|".join(["apart", gid_for(told), whose, created, folded(told.campaign or ""), link, kind]))


def _in_clear(gid: str) -> str:
    try:
        clear = b64decode(gid + "=" * (-len(gid) % 4), validate=True).decode()
    except ValueError:
        return gid
    return clear if clear.startswith(PLAIN) else gid


def made_up(mark: str) -> str:
    """A gid for what a file calls a send by, where Sendoso's own is not known."""
    return SYNTHETIC + sha256(mark.encode()).hexdigest()[:24]


class Shelf:
    """The records at hand, found by gid or else by their marks."""

    def __init__(
        self, records: Iterable[Record] = (), told: Iterable[Snapshot] = (), said: Collection[str] = frozenset(),
    ) -> None:
        """`told` are the snapshots for which they will be looked for; `said` are the hashes of all in their batch."""
        self.records: list[Record] = []
        self._by_gid: dict[str, Record] = {}
        self._by_id: Index = defaultdict(list)
        self._by_link: Index = defaultdict(list)
        self._by_email: Index = defaultdict(list)
        self._by_print: Index = defaultdict(list)
        self._has_made_up = False
        self._rows: dict[str | None, list[Snapshot]] = defaultdict(list)
        self._parcels: set[str] = set()
        self._tell_times = False
        self._ids = {one.sendoso_id for one in told}
        for one in told:
            if not is_named(one):
                self._rows[one.recipient_email].append(one)
                self._parcels |= parcels_of(one)
                created = one.created_at
                self._tell_times = self._tell_times or bool(created and (created.minute or created.second))
        self._said = frozenset(said)
        for record in records:
            self.add(record)

    def add(self, record: Record) -> None:
        """Put a record on the shelf, under all that is known of it."""
        self.records.append(record)
        self.index(record)

    def index(self, record: Record) -> None:
        """Make a record found by what has just been learnt of it."""
        row = record.row
        self._by_gid[row["send_gid"]] = record
        self._has_made_up = self._has_made_up or has_made_up_gid(record)
        marks = (row["sendoso_id"], row["tracking_url"], row["recipient_email"])
        for index, mark in zip((self._by_id, self._by_link, self._by_email), marks, strict=True):
            if mark and record not in index[mark]:
                index[mark].append(record)
        for said in record.prints.last(CSV):
            if record not in self._by_print[said]:
                self._by_print[said].append(record)

    def find(self, told: Snapshot, said: str = "") -> Record | None:
        """The record of that send; None where it is not at hand. `said` is the snapshot's `print_of`.

        A snapshot with a gid is also the send that a file without gids brought earlier; that record takes
        the gid on, so that no send is there twice. Where a webhook has brought the gid meanwhile, the two
        records become one.
        """
        return self._named(told) if is_named(told) else self._of_row(told, said)

    def free_gid(self, told: Snapshot) -> str:
        """The gid under which to put a send that was not found."""
        gid = gid_for(told)
        return gid if gid not in self._by_gid else gid_apart(told)

    def _named(self, told: Snapshot) -> Record | None:
        found, in_clear = self._by_gid.get(gid_for(told)), self._by_gid.get(gid_apart(told))
        if found is None:
            found = in_clear
        elif in_clear not in {None, found} and not (found.is_new or in_clear.is_new):
            found = self._as_one(in_clear, found)
        if not self._has_made_up:
            return found
        if found is None:
            found = self._by_marks(told, has_made_up_gid)
        return self._joined(found, told) if found is not None and _is_vague(found, told) else found

    def _of_row(self, told: Snapshot, said: str) -> Record | None:
        # Sends of which the API tells the same are told apart by what this file last said of them.
        same = (one for one in self._by_print.get(said, []) if one.prints.holds(CSV, said))
        found = _only(same, told) or self._by_gid.get(gid_apart(told))
        if found is not None:
            return found
        # A gid made up from one mark is no more than that mark.
        its = self._by_gid.get(gid_for(told))
        if its is None or not self._may_be(its, told):
            its = self._by_marks(told, lambda one: self._may_be(one, told))
        return self._next_of(told) if its is None else self._as_told_fully(its, told)

    def _may_be(self, record: Record, told: Snapshot) -> bool:
        """Whether a row of a file may be about this send."""
        if self._is_taken(record, told) and is_another_gift(record, told):
            return False
        if not has_made_up_gid(record):
            return True
        created = record.row["created_at"]
        is_then = (
            not created or not told.created_at or created == told.created_at
            # The rows of one file tell the time in one way.
            or (is_near(record, told) and not self._is_taken(record, told) and not self._is_later(record, told))
        )
        return (
            is_then and has_its_recipient(record, told) and has_its_kind(record, told)
            and may_have_its_parcel(record, told, self._parcels) and not self._is_called_otherwise(record, told)
        )

    def _is_called_otherwise(self, record: Record, told: Snapshot) -> bool:
        """Whether a file has names of its own for its sends, and this record another one."""
        gid = str(record.row["send_gid"])
        if told.send_gid is None or gid == told.send_gid:
            return False
        # A name that several rows share tells none of them apart.
        is_shared = told.send_gid in self._by_gid
        return record.prints.are_of(told) or not (is_shared or gid in _made_up_of(record))

    def _is_later(self, record: Record, told: Snapshot) -> bool:
        """Whether a send was made after a row's time, which is no day alone where other rows tell times of day."""
        created = record.row["created_at"]
        if not self._tell_times or not created or not told.created_at or created - told.created_at < MINUTE:
            return False
        # A midnight among them may be one all the same.
        return all(told.created_at.astimezone(zone).hour for zone in (PACIFIC, UTC))

    def _is_taken(self, record: Record, told: Snapshot) -> bool:
        """Whether another row of the same file is about this send."""
        return record.prints.are_of(told) or not self._said.isdisjoint(record.prints.last(CSV))

    def _next_of(self, told: Snapshot) -> Record | None:
        """Of sends that fit equally one that no row of this file was about yet; None where it is not sure.

        The API's gifts of one campaign to one person on one day: were none taken, each would be there twice.
        """
        theirs = [one for one in self._by_email.get(told.recipient_email, []) if not has_made_up_gid(one)]
        free = [one for one in theirs if self._is_gift_of(one, told) and not self._is_taken(one, told)]
        if not free:
            return None
        status = _status(told)
        if any(one.row["status"] == status for one in free):
            return _likeliest(free, told)
        # Fewer rows than sends leave open which of them is meant.
        rows = [
            row for row in self._rows[told.recipient_email] if any(is_same_gift(one, row, self._ids) for one in free)
        ]
        return _likeliest(free, told) if len(rows) >= len(free) else None

    def _joined(self, found: Record, told: Snapshot) -> Record:
        """What a webhook and files have made of a send, each by marks of its own, as one."""
        parts = [Record(dict(found.row))]
        while not found.is_new:
            other = self._by_marks(told, lambda one: all(_may_be_joined(one, part) for part in parts))
            if other is None:
                break
            parts.append(Record(dict(other.row)))
            is_kept = found.formers or has_made_up_gid(found)
            found = self._as_one(found, other) if is_kept else self._as_one(other, found)
        return found

    def _as_told_fully(self, found: Record, told: Snapshot) -> Record:
        """A send of which files told no recipient or date so far, and what the API tells of it, if they are one now."""
        if not has_made_up_gid(found) or (found.row["recipient_email"] and found.row["created_at"]):
            return found
        theirs = self._by_email.get(told.recipient_email, [])
        named = [
            one for one in theirs
            if not has_made_up_gid(one) and not one.prints.last(CSV) and self._is_gift_of(one, told)
        ]
        its = _only(named, told)
        return found if its is None else self._as_one(found, its)

    def _as_one(self, kept: Record, gone: Record) -> Record:
        if kept.is_new or gone.is_new or gone.formers:
            return kept
        kept.absorb(gone)
        self.records.remove(gone)
        self._by_gid[gone.row["send_gid"]] = kept
        # What webhooks made stands under no mark.
        if gone.row["complete"]:
            for index in (self._by_id, self._by_link, self._by_email, self._by_print):
                for found in index.values():
                    if gone in found:
                        found.remove(gone)
        self.index(kept)
        return kept

    def _by_marks(self, told: Snapshot, usable: Callable[[Record], bool]) -> Record | None:
        for candidates, fits in (
            (self._by_id.get(told.sendoso_id, []), _has_its_id),
            (self._by_link.get(link_of(told.tracking_url), []), agrees),
        ):
            found = _only((one for one in candidates if usable(one) and fits(one, told)), told)
            if found is not None:
                return found
        theirs = self._by_email.get(told.recipient_email, [])
        gifts = [one for one in theirs if usable(one) and self._is_gift_of(one, told)]
        return _only(gifts, told) or (_likeliest(gifts, told) if is_named(told) else None)

    def _is_gift_of(self, record: Record, told: Snapshot) -> bool:
        if not is_same_gift(record, told, self._ids) or (not is_named(told) and self._is_later(record, told)):
            return False
        # Another parcel of the same file is another gift, though the API may have told of this one alone.
        return is_named(told) or may_have_its_parcel(record, told, self._parcels)


def _is_vague(record: Record, told: Snapshot) -> bool:
    """Whether a row without a gid may have been about this send without being known for it."""
    is_first = told.source == API and not record.prints.have(API)
    return is_first or not record.row["complete"] or record.row["created_at"] is None


def _may_be_joined(record: Record, part: Record) -> bool:
    row, its = record.row, part.row
    if not has_made_up_gid(record) or record.is_new or row["send_gid"] == its["send_gid"]:
        return False
    # Two rows of one file are two sends, and so are two parcels.
    if record.prints.are_beside(part.prints, CSV) or _differ(row["tracking_url"], its["tracking_url"]):
        return False
    if not has_made_up_gid(part):
        return True
    if _differ(row["sendoso_id"], its["sendoso_id"]) or _differ(folded(row["campaign"]), folded(its["campaign"])):
        return False
    # Rows that could be compared when they came were told apart then.
    is_full = all(one["recipient_email"] and one["created_at"] for one in (row, its))
    return not is_full or any(row[name] and row[name] == its[name] for name in ("sendoso_id", "tracking_url"))


def _differ(one: object, other: object) -> bool:
    return bool(one and other and one != other)


def _has_its_id(record: Record, told: Snapshot) -> bool:
    return agrees(record, told) or is_corrected(record, told)


def _only(records: Iterable[Record], told: Snapshot) -> Record | None:
    fitting = list(records)
    if len(fitting) > 1:
        fitting = [one for one in fitting if one.row["created_at"] == told.created_at] or fitting
        fitting = [one for one in fitting if has_its_name(one, told)] or fitting
    # Two that fit equally well are two sends; which one is meant cannot be known.
    return fitting[0] if len(fitting) == 1 else None


def _likeliest(records: Iterable[Record], told: Snapshot) -> Record | None:
    # Gifts of one campaign to one person on one day, which only the file tells apart: whichever is taken, as many are
    # there as were sent; were none taken, each would be there twice.
    status = _status(told)
    return max(
        records, default=None,
        key=lambda one: (
            one.row["created_at"] == told.created_at, has_its_name(one, told), one.row["status"] == status,
        ),
    )


def _status(told: Snapshot) -> str:
    return canonical(told.status_raw or "", kind=kind_of(told.type, told.subtype)).value
