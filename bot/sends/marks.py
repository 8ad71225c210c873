"""Which send a snapshot is about where no gid says so. Pure.

The marks are Sendoso's id, the tracking link, or the recipient with the time and the campaign.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from bot.sends.checks import link_of
from bot.sends.record import SYNTHETIC, Record
from bot.sends.snapshots import Snapshot
from bot.sends.text import folded

Index = dict[str | int | None, list[Record]]

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


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


def made_up(mark: str) -> str:
    """A gid for what a file calls a send by, where Sendoso's own is not known."""
    return SYNTHETIC + sha256(mark.encode()).hexdigest()[:24]


def is_named(told: Snapshot) -> bool:
    """Whether a snapshot says which send it is about by Sendoso's own gid."""
    return told.send_gid is not None and not told.send_gid.startswith(SYNTHETIC)


class Shelf:
    """The records at hand, found by gid or else by their marks."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.records: list[Record] = []
        self._by_gid: dict[str, Record] = {}
        self._by_id: Index = defaultdict(list)
        self._by_link: Index = defaultdict(list)
        self._by_email: Index = defaultdict(list)
        self._has_made_up = False
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
        the gid on, so that no send is there twice.
        """
        found = self._by_gid.get(gid_for(told))
        if found is not None:
            return found
        named = is_named(told)
        if named and not self._has_made_up:
            return None
        usable = _has_made_up_gid if named else _any
        for candidates, fits in (
            (self._by_id.get(told.sendoso_id, []), _agrees),
            (self._by_link.get(link_of(told.tracking_url), []), _agrees),
            (self._by_email.get(told.recipient_email, []), _is_same_gift),
        ):
            found = _only(record for record in candidates if usable(record) and fits(record, told))
            if found is not None:
                return found
        return None


def _any(_record: Record) -> bool:
    return True


def _has_made_up_gid(record: Record) -> bool:
    return str(record.row["send_gid"]).startswith(SYNTHETIC)


def _only(records: Iterable[Record]) -> Record | None:
    # Two that fit equally well are two sends; which one is meant cannot be known.
    fitting = list(records)
    return fitting[0] if len(fitting) == 1 else None


def _agrees(record: Record, told: Snapshot) -> bool:
    """Nothing that both name contradicts: an id in a file may be another count, a parcel may hold two gifts."""
    row = record.row
    if row["recipient_email"] and told.recipient_email and row["recipient_email"] != told.recipient_email:
        return False
    return not row["created_at"] or not told.created_at or _is_near(row["created_at"], told.created_at)


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
    if earlier == later:
        return True
    if earlier.second == 0 and earlier.microsecond == 0 and later - earlier < MINUTE:
        return True
    return earlier.minute == 0 and earlier.second == 0 and later - earlier < DAY


