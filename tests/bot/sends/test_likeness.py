"""Whether two tell of one send, by what both say; the rows and files around them are in test_intake."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.sends.likeness import (
    agrees,
    has_its_kind,
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
from bot.sends.prints import print_of
from bot.sends.record import Record
from bot.sends.snapshots import Snapshot
from tests.conftest import NOW

CREATED = datetime(2026, 11, 2, 18, 23, 45, tzinfo=UTC)
DATE = datetime(2026, 11, 2, 8, tzinfo=UTC)
"""The day of `CREATED` alone, as a file tells it."""
BEFORE = NOW - timedelta(days=1)
MADE_UP, GID = "csv-1", "Z2lkOi8vMQ"
LINK, OTHER_LINK = "https://ups.example/1Z1", "https://ups.example/1Z2"


def told(**more: object) -> Snapshot:
    given: dict[str, Any] = {"source": "csv", "observed_at": NOW}
    return Snapshot(**(given | more))


def known(gid: str = MADE_UP, **more: object) -> Record:
    """The record of a send of which one telling said this: the API's where it has Sendoso's gid, else a file's."""
    said = told(**{"source": "csv" if gid == MADE_UP else "api", "observed_at": BEFORE} | more)
    record = Record.new(gid, BEFORE)
    record.apply(said, print_of(said))
    return record


def test_a_gid_that_was_made_up_names_no_send_of_sendosos() -> None:
    assert [has_made_up_gid(known(gid)) for gid in (MADE_UP, GID)] == [True, False]
    assert [is_named(told(send_gid=gid)) for gid in (MADE_UP, GID, None)] == [False, True, False]


@pytest.mark.parametrize(("record", "other", "expected"), [
    ({}, {}, True),
    ({"created_at": CREATED}, {}, True), ({}, {"created_at": CREATED}, True),
    ({"created_at": CREATED}, {"created_at": CREATED}, True), ({"created_at": CREATED}, {"created_at": DATE}, True),
    ({"created_at": CREATED}, {"created_at": CREATED + timedelta(days=2)}, False),
    ({"recipient_email": "a@x.example"}, {}, True), ({}, {"recipient_email": "a@x.example"}, True),
    ({"recipient_email": "a@x.example"}, {"recipient_email": "a@x.example"}, True),
    ({"recipient_email": "a@x.example"}, {"recipient_email": "b@x.example"}, False),
])
def test_what_both_name_must_not_contradict(record: dict[str, Any], other: dict[str, Any], expected: bool) -> None:
    assert agrees(known(**record), told(**other)) is expected


@pytest.mark.parametrize(("name", "email", "other_name", "other_email", "expected"), [
    ("Bob Ray", "bob@x.example", "Bob Ray", "bob@x.example", True),
    # One mailbox of two people; a name that is spelt otherwise.
    ("Bob Ray", "bob@x.example", "Eve Fox", "bob@x.example", False),
    ("Bob Ray", "bob@x.example", "Robert Ray", "bob@x.example", True),
    (None, "bob@x.example", "Eve Fox", "bob@x.example", True),
    # An address that was corrected; a namesake would have to be called just the same.
    ("Bob Ray", "bob@x.example", "bob ray", "ray@x.example", True),
    ("Bob Ray", "bob@x.example", "Robert Ray", "ray@x.example", False),
    (None, "bob@x.example", "Bob Ray", "ray@x.example", False),
    ("Bob Ray", "bob@x.example", None, "ray@x.example", False),
    # By the name alone.
    ("Bob Ray", None, "bob ray", "bob@x.example", True), ("Bob Ray", "bob@x.example", "bob ray", None, True),
    ("Bob Ray", None, "Robert Ray", "bob@x.example", False), ("Bob Ray", "bob@x.example", "Eve Fox", None, False),
    (None, "bob@x.example", "Bob Ray", None, True), ("Bob Ray", None, None, "bob@x.example", True),
    (None, None, "Bob Ray", None, True), ("Bob Ray", None, None, None, True),
])
def test_a_person_is_known_by_address_and_name(
    name: str | None, email: str | None, other_name: str | None, other_email: str | None, expected: bool,
) -> None:
    record = known(recipient_name=name, recipient_email=email)
    assert has_its_recipient(record, told(recipient_name=other_name, recipient_email=other_email)) is expected


@pytest.mark.parametrize(("kind", "other", "expected"), [
    ("eGifts USA", "Inventoried Sends", False), ("Inventoried Sends", "eGifts USA", False),
    ("eGifts USA", "eGifts USA", True), (None, "eGifts USA", True), ("Inventoried Sends", None, True),
])
def test_an_egift_is_no_parcel(kind: str | None, other: str | None, expected: bool) -> None:
    assert has_its_kind(known(type=kind), told(type=other)) is expected
    # Where the type says nothing, the subtype does.
    assert has_its_kind(known(type=kind), told(type="Lunch", subtype=other)) is expected


@pytest.mark.parametrize(("tracking", "other", "taken", "expected"), [
    (LINK, LINK, {LINK}, True), (None, LINK, {LINK}, True), (LINK, None, {LINK}, True),
    # It may go on in another parcel, unless a row beside this one has the parcel that it had.
    (LINK, OTHER_LINK, {OTHER_LINK}, True), (LINK, OTHER_LINK, {LINK, OTHER_LINK}, False),
    ("1ZAAA1111111", "1ZBBB2222222", set(), True), ("1ZAAA1111111", "1ZBBB2222222", {"1zaaa1111111"}, False),
    ("1ZAAA1111111", "1ZAAA1111111", {"1zaaa1111111"}, True), ("1ZAAA1111111", None, {"1zaaa1111111"}, True),
    # A bare number and a link cannot be compared.
    ("1ZAAA1111111", LINK, {"1zaaa1111111"}, True), (LINK, "1ZAAA1111111", {LINK}, True),
])
def test_a_send_goes_on_in_another_parcel_where_nobody_has_its_own(
    tracking: str | None, other: str | None, taken: set[str], expected: bool,
) -> None:
    assert may_have_its_parcel(known(tracking_url=tracking), told(tracking_url=other), taken) is expected


def test_another_parcel_of_the_same_telling_is_another_send() -> None:
    assert not may_have_its_parcel(known(tracking_url=LINK, observed_at=NOW), told(tracking_url=OTHER_LINK), set())


def test_a_parcel_is_called_by_its_link_or_else_by_its_numbers() -> None:
    assert parcels_of(told(tracking_url=LINK)) == {LINK}
    assert parcels_of(told(tracking_url="1ZAAA1111111")) == {"1zaaa1111111"}
    assert parcels_of(told()) == set()


@pytest.mark.parametrize(("gid", "record", "other", "expected"), [
    (MADE_UP, {}, {}, True),
    (MADE_UP, {"campaign": "Q4"}, {"campaign": "q4"}, True), (MADE_UP, {"campaign": "Q4"}, {"campaign": "Q3"}, False),
    (MADE_UP, {"campaign": "Q4"}, {}, True), (MADE_UP, {}, {"campaign": "Q4"}, True),
    (MADE_UP, {"recipient_name": "Bob Ray"}, {"recipient_name": "Robert Ray"}, True),
    (MADE_UP, {"recipient_name": "Bob Ray"}, {"recipient_name": "Eve Fox"}, False),
    (MADE_UP, {"type": "eGifts USA"}, {"type": "Inventoried Sends"}, False),
    (MADE_UP, {}, {"created_at": None}, False), (MADE_UP, {"created_at": None}, {}, False),
    (MADE_UP, {}, {"created_at": CREATED + timedelta(days=2)}, False),
    (MADE_UP, {"sendoso_id": 1}, {"sendoso_id": 1}, True), (MADE_UP, {"sendoso_id": 1}, {}, True),
    (MADE_UP, {}, {"sendoso_id": 1}, True), (MADE_UP, {"sendoso_id": 1}, {"sendoso_id": 2}, False),
    # Numbers of the file's own, where time and campaign say that it is the same.
    (GID, {"sendoso_id": 77, "campaign": "Q4"}, {"sendoso_id": 2, "campaign": "Q4"}, True),
    (GID, {"sendoso_id": 77, "campaign": "Q4"}, {"sendoso_id": 2}, False),
    (GID, {"sendoso_id": 77}, {"sendoso_id": 2, "campaign": "Q4"}, False),
    (GID, {"sendoso_id": 77, "campaign": "Q4"}, {"sendoso_id": 2, "campaign": "Q4", "created_at": DATE}, False),
    # Beside a row that has Sendoso's number, all are Sendoso's.
    (GID, {"sendoso_id": 44, "campaign": "Q4"}, {"sendoso_id": 2, "campaign": "Q4"}, False),
])
def test_a_gift_is_known_by_time_campaign_name_kind_and_number(
    gid: str, record: dict[str, Any], other: dict[str, Any], expected: bool,
) -> None:
    one, two = {"created_at": CREATED} | record, {"created_at": CREATED} | other
    assert is_same_gift(known(gid, **one), told(**two), {44}) is expected


@pytest.mark.parametrize(("gid", "record", "other", "expected"), [
    (MADE_UP, {}, {}, False),
    (MADE_UP, {"sendoso_id": 1}, {"sendoso_id": 2}, True), (MADE_UP, {"sendoso_id": 1}, {}, False),
    (MADE_UP, {}, {"sendoso_id": 2}, False),
    (MADE_UP, {"campaign": "Mug"}, {"campaign": "Book"}, True),
    (MADE_UP, {"campaign": "Mug"}, {"campaign": "mug"}, False),
    (MADE_UP, {"campaign": "Mug"}, {}, False), (MADE_UP, {}, {"campaign": "Book"}, False),
    # The same number is the same gift, whatever its campaign is called.
    (MADE_UP, {"sendoso_id": 1, "campaign": "Mug"}, {"sendoso_id": 1, "campaign": "Book"}, False),
    (GID, {"sendoso_id": 1, "campaign": "Mug"}, {"sendoso_id": 1, "campaign": "Book"}, False),
    # Sendoso's number and another of a file's own say nothing.
    (GID, {"sendoso_id": 77, "campaign": "Mug"}, {"sendoso_id": 2, "campaign": "Mug"}, False),
    (GID, {"sendoso_id": 77, "campaign": "Mug"}, {"sendoso_id": 2, "campaign": "Book"}, True),
])
def test_two_gifts_of_one_parcel_are_told_apart_by_number_or_campaign(
    gid: str, record: dict[str, Any], other: dict[str, Any], expected: bool,
) -> None:
    assert is_another_gift(known(gid, **record), told(**other)) is expected


@pytest.mark.parametrize(("record", "other", "expected"), [
    ({}, {}, True), ({}, {"sendoso_id": 2}, False), ({}, {"recipient_name": "Robert Ray"}, False),
    ({"recipient_name": None}, {}, False), ({}, {"recipient_name": None}, False),
    ({"campaign": "Q4"}, {"campaign": "Q3"}, False), ({"created_at": None}, {}, False),
])
def test_an_address_is_corrected_where_number_name_and_gift_are_the_same(
    record: dict[str, Any], other: dict[str, Any], expected: bool,
) -> None:
    whose: dict[str, Any] = {"sendoso_id": 1, "recipient_name": "Bob Ray", "created_at": CREATED}
    one, two = whose | {"recipient_email": "bob@x.example"} | record, whose | {"recipient_email": "b@x.example"} | other
    assert is_corrected(known(**one), told(**two)) is expected


@pytest.mark.parametrize(("gid", "created", "other", "more", "expected"), [
    (MADE_UP, CREATED, CREATED, {}, True), (MADE_UP, None, CREATED, {}, False), (MADE_UP, CREATED, None, {}, False),
    # A file may tell the day alone, of the send that it brought or of the API's.
    (MADE_UP, CREATED, DATE, {}, True), (GID, CREATED, DATE, {}, True), (MADE_UP, DATE, CREATED, {}, True),
    (MADE_UP, DATE, CREATED, {"source": "api", "send_gid": GID}, True),
    # The API's times are exact.
    (GID, DATE, CREATED, {}, False), (MADE_UP, CREATED, DATE, {"source": "api", "send_gid": GID}, False),
    (GID, DATE, CREATED, {"send_gid": GID}, True),
])
def test_a_file_may_tell_a_time_by_its_day(
    gid: str, created: datetime | None, other: datetime | None, more: dict[str, Any], expected: bool,
) -> None:
    assert is_near(known(gid, created_at=created), told(created_at=other, **more)) is expected


def test_of_a_send_that_only_files_have_told_of_by_its_gid_the_time_may_be_a_day() -> None:
    record = known(GID, source="csv", send_gid=GID, created_at=DATE)
    assert is_near(record, told(created_at=CREATED))
    for source in ("api", "csv"):
        said = told(source=source, send_gid=GID, created_at=DATE, cost_minor=5 if source == "csv" else None)
        record.apply(said, print_of(said))
        # A file that says something else later changes nothing about that.
        assert not is_near(record, told(created_at=CREATED))
