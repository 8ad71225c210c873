"""Which send a snapshot is about where no gid says so. Pure.

The marks are Sendoso's id, the tracking link, or the recipient with the time and the campaign.
"""

from __future__ import annotations

from base64 import b64decode
from collections import defaultdict
from collections.abc import Callable, Container, Iterable
from datetime import datetime
from functools import partial
from hashlib import sha256

from bot.sends.checks import codes_of, link_of
from bot.sends.record import CSV, SEARCHED, SYNTHETIC, Record, is_rounded
from bot.sends.snapshots import Snapshot
from bot.sends.text import fields_of, folded
from bot.statuses.kinds import Kind, kind_of
from bot.statuses.spelling import canonical

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


def gid_apart(told: Snapshot) -> str:
    """The other gid that a send may have: for a made-up one, whose one mark may be another send's, one of all marks.

    For Sendoso's own in a file, the same in clear, as earlier versions stored it.
    """
    if is_named(told):
        return _in_clear(gid_for(told)) if told.source == CSV else gid_for(told)
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


def is_named(told: Snapshot) -> bool:
    """Whether a snapshot says which send it is about by Sendoso's own gid."""
    return told.send_gid is not None and not told.send_gid.startswith(SYNTHETIC)


class Shelf:
    """The records at hand, found by gid or else by their marks."""

    def __init__(self, records: Iterable[Record] = (), told: Iterable[Snapshot] = ()) -> None:
        """`told` are the snapshots for which they will be looked for."""
        self.records: list[Record] = []
        self._by_gid: dict[str, Record] = {}
        self._by_id: Index = defaultdict(list)
        self._by_link: Index = defaultdict(list)
        self._by_email: Index = defaultdict(list)
        self._has_made_up = False
        self._parcels = {parcel for one in told if not is_named(one) for parcel in parcels_of(one)}
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
        self._has_made_up = self._has_made_up or _has_made_up_gid(record)
        marks = (row["sendoso_id"], row["tracking_url"], row["recipient_email"])
        for index, mark in zip((self._by_id, self._by_link, self._by_email), marks, strict=True):
            if mark and record not in index[mark]:
                index[mark].append(record)

    def find(self, told: Snapshot) -> Record | None:
        """The record of that send; None where it is not at hand.

        A snapshot with a gid is also the send that a file without gids brought earlier; that record takes
        the gid on, so that no send is there twice. Where a webhook has brought the gid meanwhile, the two
        records become one.
        """
        named, found = is_named(told), self._by_gid.get(gid_for(told))
        if not named:
            apart = self._by_gid.get(gid_apart(told))
            # A gid made up from one mark is no more than that mark.
            its = found if found is not None and _is_no_other(found, told, self._parcels) else None
            found = apart or its
        elif found is None:
            found = self._by_gid.get(gid_apart(told))
        elif not found.row["complete"] and not found.is_new:
            found = self._joined(found, told)
        if found is not None:
            return found
        if named and not self._has_made_up:
            return None
        is_no_other = partial(_is_no_other, told=told, taken=self._parcels)
        return self._by_marks(told, _has_made_up_gid if named else is_no_other)

    def free_gid(self, told: Snapshot) -> str:
        """The gid under which to put a send that was not found."""
        gid = gid_for(told)
        return gid if gid not in self._by_gid else gid_apart(told)

    def _joined(self, stub: Record, told: Snapshot) -> Record:
        """What a webhook made of a send, and the record of it that a file has brought, if there is one, as one."""
        found = self._by_marks(told, _is_stored_without_gid) if self._has_made_up else None
        if found is None:
            return stub
        found.absorb(stub)
        self.records.remove(stub)
        self.index(found)
        return found

    def _by_marks(self, told: Snapshot, usable: Callable[[Record], bool]) -> Record | None:
        for candidates, fits in (
            (self._by_id.get(told.sendoso_id, []), _agrees),
            (self._by_link.get(link_of(told.tracking_url), []), _agrees),
            (self._by_email.get(told.recipient_email, []), _is_same_gift),
        ):
            found = _only(record for record in candidates if usable(record) and fits(record, told))
            if found is not None:
                return found
        if is_named(told):
            theirs = self._by_email.get(told.recipient_email, [])
            return _likeliest((record for record in theirs if usable(record) and _is_same_gift(record, told)), told)
        return None


def _has_made_up_gid(record: Record) -> bool:
    return str(record.row["send_gid"]).startswith(SYNTHETIC)


def _is_stored_without_gid(record: Record) -> bool:
    return _has_made_up_gid(record) and not record.is_new


def _only(records: Iterable[Record]) -> Record | None:
    # Two that fit equally well are two sends; which one is meant cannot be known.
    fitting = list(records)
    return fitting[0] if len(fitting) == 1 else None


def _likeliest(records: Iterable[Record], told: Snapshot) -> Record | None:
    # Gifts of one campaign to one person on one day, which only the file tells apart: whichever is taken, as many are
    # there as were sent; were none taken, each would be there twice.
    status = canonical(told.status_raw or "", kind=kind_of(told.type, told.subtype))
    return max(
        records, default=None,
        key=lambda one: (_has_its_kind(one, told), _has_its_name(one, told), one.row["status"] == status),
    )


def _agrees(record: Record, told: Snapshot) -> bool:
    """Nothing that both name contradicts: an id in a file may be another count, a parcel may hold two gifts."""
    row = record.row
    if row["recipient_email"] and told.recipient_email and row["recipient_email"] != told.recipient_email:
        return False
    return not row["created_at"] or not told.created_at or _is_near(row["created_at"], told.created_at)


def _is_no_other(record: Record, told: Snapshot, taken: Container[str]) -> bool:
    """Whether a row of a file may be about this send; `taken` are the parcels of the rows beside it."""
    if not _has_made_up_gid(record):
        return True
    created = record.row["created_at"]
    return (
        (not created or not told.created_at or _is_near(created, told.created_at))
        and _has_its_recipient(record, told) and _has_its_kind(record, told)
        and _may_have_its_parcel(record, told, taken)
    )


def _has_its_recipient(record: Record, told: Snapshot) -> bool:
    email, name = record.row["recipient_email"], record.row["recipient_name"]
    if not email or not told.recipient_email:
        return _has_its_name(record, told)
    # A name may be spelt otherwise, or an address corrected; another one of both is another person.
    return email == told.recipient_email or bool(name and told.recipient_name and _has_its_name(record, told))


def _has_its_name(record: Record, told: Snapshot) -> bool:
    name, other = record.row["recipient_name"], told.recipient_name
    return not name or not other or folded(name) == folded(other)


def _has_its_kind(record: Record, told: Snapshot) -> bool:
    kinds = {record.row["kind"], kind_of(told.type, told.subtype).value}
    return not kinds >= {Kind.EGIFT.value, Kind.PHYSICAL.value}


def _may_have_its_parcel(record: Record, told: Snapshot, taken: Container[str]) -> bool:
    """Whether the parcels are the same, or a send may go on in another one: none of these rows has the one it had."""
    link = record.row["tracking_url"]
    known = {link} if link else set(fields_of(record.row["search_text"])[len(SEARCHED):])
    parcels = parcels_of(told)
    is_comparable = bool(link) == bool(link_of(told.tracking_url))
    if not known or not parcels or not is_comparable or known & parcels:
        return True
    return not record.prints.are_of(told) and not any(parcel in taken for parcel in known)


def parcels_of(told: Snapshot) -> set[str]:
    """What a row calls its parcel: the link, or else the bare numbers."""
    link = link_of(told.tracking_url)
    if link or not told.tracking_url:
        return {link} if link else set()
    return {folded(number) for number in codes_of(told.tracking_url)}


def _is_same_gift(record: Record, told: Snapshot) -> bool:
    row = record.row
    if row["created_at"] is None or told.created_at is None:
        return False
    campaign = not row["campaign"] or not told.campaign or folded(row["campaign"]) == folded(told.campaign)
    ids = row["sendoso_id"] is None or told.sendoso_id is None or row["sendoso_id"] == told.sendoso_id
    return campaign and ids and _is_near(row["created_at"], told.created_at)


def _is_near(one: datetime, other: datetime) -> bool:
    """Whether two times may be the same moment, one of them told to the minute or the day only."""
    earlier, later = sorted((one, other))
    return earlier == later or is_rounded(earlier, later)


