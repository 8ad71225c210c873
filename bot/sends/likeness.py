"""Whether a record may be the send that a snapshot tells of, by what both say of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Container

from bot.sends.checks import codes_of, link_of
from bot.sends.record import SEARCHED, SYNTHETIC, Record, is_rounded
from bot.sends.snapshots import API, Snapshot
from bot.sends.text import fields_of, folded
from bot.statuses.kinds import Kind, kind_of

_WORDS = re.compile(r"\w+")


def has_made_up_gid(record: Record) -> bool:
    """Whether only files have told of that send, none of them with Sendoso's gid."""
    return str(record.row["send_gid"]).startswith(SYNTHETIC)


def is_named(told: Snapshot) -> bool:
    """Whether a snapshot says which send it is about by Sendoso's own gid."""
    return told.send_gid is not None and not told.send_gid.startswith(SYNTHETIC)


def agrees(record: Record, told: Snapshot) -> bool:
    """Nothing that both name contradicts: an id in a file may be another count, a parcel may hold two gifts."""
    row = record.row
    if row["recipient_email"] and told.recipient_email and row["recipient_email"] != told.recipient_email:
        return False
    return not row["created_at"] or not told.created_at or is_near(record, told)


def has_its_recipient(record: Record, told: Snapshot) -> bool:
    """Whether both are to one person; two names may share a mailbox."""
    email, name = record.row["recipient_email"], record.row["recipient_name"]
    if not email or not told.recipient_email:
        return has_its_name(record, told)
    # A name may be spelt otherwise, or an address corrected; another one of both is another person.
    if email == told.recipient_email:
        return may_have_its_name(record, told)
    return bool(name and told.recipient_name and has_its_name(record, told))


def has_its_name(record: Record, told: Snapshot) -> bool:
    """Whether the recipient is called the same, or one does not say how."""
    name, other = record.row["recipient_name"], told.recipient_name
    return not name or not other or folded(name) == folded(other)


def may_have_its_name(record: Record, told: Snapshot) -> bool:
    """Whether the recipient's names are the same or share a word, as Bob Ray and Robert Ray do."""
    words = _words(record.row["recipient_name"])
    return has_its_name(record, told) or not words.isdisjoint(_words(told.recipient_name))


def has_its_kind(record: Record, told: Snapshot) -> bool:
    """Whether not one is an eGift and the other a parcel."""
    kinds = {record.row["kind"], kind_of(told.type, told.subtype).value}
    return not kinds >= {Kind.EGIFT.value, Kind.PHYSICAL.value}


def may_have_its_parcel(record: Record, told: Snapshot, taken: Container[str]) -> bool:
    """Whether the parcels are the same, or a send may go on in another one: none of these rows has the one it had.

    `taken` are the parcels of the rows beside it.
    """
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


def is_same_gift(record: Record, told: Snapshot, ids: Container[int | None] = ()) -> bool:
    """Whether both are one person's gift of one campaign, kind and time; `ids` are those told beside it."""
    row = record.row
    if not is_near(record, told):
        return False
    if row["campaign"] and told.campaign and folded(row["campaign"]) != folded(told.campaign):
        return False
    return may_have_its_name(record, told) and has_its_kind(record, told) and _may_have_its_id(record, told, ids)


def is_another_gift(record: Record, told: Snapshot) -> bool:
    """Whether the number or else the campaign says that two rows of one file are two gifts, be it in one parcel."""
    row = record.row
    own, other = row["sendoso_id"], told.sendoso_id
    # Beside Sendoso's a file may have numbers of its own.
    if own is not None and other is not None and (own == other or has_made_up_gid(record)):
        return bool(own != other)
    return bool(row["campaign"] and told.campaign and folded(row["campaign"]) != folded(told.campaign))


def is_corrected(record: Record, told: Snapshot) -> bool:
    """Whether it is the send of that id, to the same name under another address."""
    row = record.row
    return bool(
        row["sendoso_id"] == told.sendoso_id and row["recipient_name"] and told.recipient_name
        and has_its_name(record, told) and is_same_gift(record, told)
    )


def _may_have_its_id(record: Record, told: Snapshot, ids: Container[int | None]) -> bool:
    row = record.row
    if row["sendoso_id"] is None or told.sendoso_id is None or row["sendoso_id"] == told.sendoso_id:
        return True
    # A file's may be numbers of its own, such as of orders; none of them is then the one that Sendoso has.
    is_across = has_made_up_gid(record) == is_named(told)
    return (
        is_across and row["sendoso_id"] not in ids and row["created_at"] == told.created_at
        and bool(row["campaign"] and told.campaign)
    )


def is_near(record: Record, told: Snapshot) -> bool:
    """Whether both were made at the same time, which a file may tell to the minute or the day only."""
    created, other = record.row["created_at"], told.created_at
    if created is None or other is None:
        return False
    if created == other:
        return True
    # The API's times are exact, though they be on the hour.
    may_be_rounded = is_named(told) or not record.prints.have(API)
    return (told.source != API and is_rounded(other, created)) or (may_be_rounded and is_rounded(created, other))


def _words(name: str | None) -> set[str]:
    return set(_WORDS.findall(folded(name or "")))
