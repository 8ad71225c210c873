from __future__ import annotations

import csv
import io
import os
import threading
import tracemalloc
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sends import intake
from bot.sends.snapshots import Rejected, Snapshot, StatusUpdate
from bot.sends.sources.csv_amounts import amount, currency_in
from bot.sends.sources.csv_columns import NAMES, recognised
from bot.sends.sources.csv_dates import UnreadableDateError, day_first, moment, zone_named
from bot.sends.sources.tracker_csv import PACIFIC, HeaderError, read
from bot.statuses.watch import us_watch
from storage import sends
from storage.engine import Database
from tests.conftest import NOW

ACCENTED = "Recipient,Email,Status,Sent Date\nJosé Álvarez,jose@x.example,Sent,2026-11-02\n"


def rows(text: str | bytes, zone: ZoneInfo = PACIFIC) -> list[Snapshot | Rejected]:
    data = text.encode() if isinstance(text, str) else text
    return list(read(io.BytesIO(data), NOW, zone))


def one(text: str | bytes) -> Snapshot:
    found = rows(text)
    assert len(found) == 1
    assert isinstance(found[0], Snapshot), found
    return found[0]


def pacific(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=PACIFIC)  # type: ignore[misc, arg-type]  # the parts of a time


def test_every_column_is_found_whatever_its_place_case_and_spelling() -> None:
    found = one(
        "Tracking Link;STATUS;recipient_e-mail;RecipientFirstName;Recipient Last Name;Company Name;Send GID;Send ID;"
        "Last Updated;Sent Date;Send Type;Sub-Type;Sender;Sender Email;Team;Touch Name;Total Cost (EUR);"
        "Expiration Date;Sent Via;Campaign ID;Team ID;Shoe Size\r\n"
        "https://x.example/t/1;Shipped;Jane@X.example;Jane;Doe;Acme;Z2lk;#44;2026-11-05 10:00;2026-11-02;"
        "Inventoried Sends;Custom;Ann Lopez;ann@example.com;Ops;Q4;1.234,50;2026-12-24;HubSpot;12;13;46\r\n",
    )
    assert found == Snapshot(
        source="csv", observed_at=NOW, line=2, send_gid="Z2lk", sendoso_id=44, status_raw="Shipped",
        updates=(StatusUpdate(status_raw="Shipped", occurred_at=pacific(2026, 11, 5, 10)),),
        created_at=pacific(2026, 11, 2), type="Inventoried Sends", subtype="Custom", recipient_name="Jane Doe",
        recipient_email="Jane@X.example", recipient_company="Acme", sender_name="Ann Lopez",
        sender_email="ann@example.com", team="Ops", team_id=13, campaign="Q4", campaign_id=12, cost_minor=123450,
        currency="EUR", sent_via="HubSpot", tracking_url="https://x.example/t/1",
        expires_at=pacific(2026, 12, 24, 23, 59, 59),
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_delimiter_and_line_end(delimiter: str, newline: str) -> None:
    found = one(ACCENTED.replace(",", delimiter).replace("\n", newline))
    assert (found.recipient_name, found.status_raw) == ("José Álvarez", "Sent")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_any_encoding(encoding: str) -> None:
    assert one(ACCENTED.encode(encoding)).recipient_name == "José Álvarez"


def test_text_of_other_alphabets_in_old_encodings() -> None:
    names = ["Дмитро Коваленко", "Світлана Шевченко", "Олександр Бондаренко", "Наталія Мельник"]
    text = "Recipient,Send ID,Status\n" + "".join(f"{name},{n},Sent\n" for n, name in enumerate(names))
    found = [row for row in rows(text.encode("cp1251")) if isinstance(row, Snapshot)]
    assert [row.recipient_name for row in found] == names


def test_a_single_windows_letter_in_a_long_utf8_file_is_read() -> None:
    start = b"Send ID,Status,Recipient\n" + b"1,Sent,Jane\n" * 8_000
    assert cast("Snapshot", rows(start + b"2,Sent,Jos\xe9\n")[-1]).recipient_name == "José"


def test_damaged_wide_text_is_read_as_far_as_it_goes() -> None:
    assert [type(row) for row in rows((ACCENTED + "xy").encode("utf-16")[:-1])] == [Snapshot, Rejected]
    with pytest.raises(UnicodeEncodeError):
        "\ud800".encode("utf-8", errors="sendwatch-windows")


def test_titles_hints_blank_and_repeated_lines_are_passed_over() -> None:
    found = rows("sep=;\nSend Tracker export\n\nSend ID;Status\n1;Sent\n;\n\nSend ID;Status\n2;Shipped\n")
    assert [(row.line, cast("Snapshot", row).sendoso_id) for row in found] == [(5, 1), (9, 2)]


def test_unreadable_lines_are_reported_and_the_rest_goes_in() -> None:
    found = rows(
        "Send ID,Status,Status Date,Recipient\n"
        "1,Sent,2026-11-02,Jane\n"
        "2\n"
        "3,Sent,2026-11-02,Jane,extra\n"
        "4,Sent,soon,Jane\n"
        "5,,2026-11-02,Jane\n"
        '6,Sent,2026-11-02,"Jane\n'
        '7,Sent,2026-11-02,"Jane ""the\nGreat"" Doe"\n'
        '8,Sent,2026-11-02,"Jane"x\n'
        '9,Sent,2026-11-02,5" Jane\n'
        "10,Sent,2026-11-02,Ja\x00ne,\n"
        f"11,Sent,2026-11-02,{'x' * 140_000}\n"
        f"12,Sent,2026-11-02,{'x' * 500_000}\n"
        "13,Customs Hold,n/a,-\n",
    )
    problems = {row.line: row.reason for row in found if isinstance(row, Rejected)}
    assert list(problems) == [3, 4, 5, 6, 7, 10, 13, 14]
    assert problems[3] == "it has 1 cell where the headings have 4"
    assert problems[4] == "it has 5 cells where the headings have 4"
    assert problems[5] == "'soon' is not a date that can be read"
    assert problems[6] == "it has no status"
    assert problems[7] == problems[10] == "a quotation mark is missing or in the wrong place"
    assert problems[13] == "a cell is longer than 131072 characters"
    assert problems[14] == "it is longer than 200000 characters"
    good = {row.line: row for row in found if isinstance(row, Snapshot)}
    assert {line: row.sendoso_id for line, row in good.items()} == {2: 1, 8: 7, 11: 9, 12: 10, 15: 13}
    assert good[8].recipient_name == 'Jane "the\nGreat" Doe'
    assert (good[15].status_raw, good[15].updates, good[15].recipient_name) == ("Customs Hold", (), None)


def test_a_quotation_mark_left_open_costs_one_line_and_not_the_file() -> None:
    text = "Send ID,Status\n" + '1,"Sent\n' + "".join(f"{number},Sent\n" for number in range(2, 200))
    found = rows(text)
    assert [row.line for row in found if isinstance(row, Rejected)] == [2]
    assert len(found) == 199


def test_a_row_whose_last_line_is_too_long_is_not_taken_with_its_end_cut_off() -> None:
    many = ",".join(["x" * 1_000] * 300)
    text = f'Send ID,Status,Campaign{"," * 200}\n1,Sent,"Q4\nand on",{many}\n2,Sent,Q4{"," * 200}\n'
    found = rows(text)
    assert [(row.line, type(row)) for row in found] == [(2, Rejected), (3, Rejected), (4, Snapshot)]


@pytest.mark.parametrize(("data", "words"), [
    (b"", "it is empty"),
    (b" \n\n", "it is empty"),
    (b"PK\x03\x04rest", "Excel workbook"),
    (b"\x89PNG\r\n\x1a\n", "a picture"),
    (b"%PDF-1.7", "a PDF"),
    (bytes(range(256)) * 40, "binary file"),
    (b"\x81\x8d\x8f\x01\x02\x03" * 500, "binary file"),
    (b"\xff\xfeS\x00t\x00a", "no column for the status"),
    (b"Status,Email\nSent,a@b.example\n", "none that tells one send from another"),
    (b"Send ID,Recipient\n1,Jane\n", 'no column for the status was found. Columns found: "Send ID", "Recipient"'),
    (b"hello\nworld\n", 'Columns found: "hello"'),
    (b'"Send ID,Status\n1,Sent\n', "none that tells one send from another"),
    (b'Send ID,Status,"x"y\n1,Sent,2\n', "line of headings is broken"),
])
def test_a_file_that_is_no_export_is_refused_with_what_was_found_and_is_needed(data: bytes, words: str) -> None:
    with pytest.raises(HeaderError) as refused:
        rows(data)
    assert words in str(refused.value)
    if "column" in words:
        assert "Needed: a column such as" in str(refused.value)


def test_a_path_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HeaderError, match="a directory"):
        list(read(tmp_path, NOW))
    with pytest.raises(HeaderError, match="No such file"):
        list(read(str(tmp_path / "none.csv"), NOW))


def test_a_path_a_text_stream_and_a_pipe_are_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(ACCENTED, encoding="utf-8")
    from_path = list(read(path, NOW))
    assert from_path == list(read(io.StringIO(ACCENTED), NOW)) == rows(ACCENTED)
    out, into = os.pipe()

    def write() -> None:
        with os.fdopen(into, "wb") as pipe:
            pipe.write(ACCENTED.encode())

    writer = threading.Thread(target=write)
    writer.start()
    with os.fdopen(out, "rb") as pipe:
        assert list(read(pipe, NOW)) == from_path
    writer.join()


@pytest.mark.parametrize("sign", ["@", "%40"])
def test_a_gid_in_which_an_address_stands_is_a_name_of_the_files_own(sign: str) -> None:
    first, other, again = cast("list[Snapshot]", rows("Send GID,Status\n" + "".join(
        f"jane{sign}acme.example-{number},Sent\n" for number in (1, 2, 1)
    )))
    assert str(first.send_gid).startswith("csv-")
    assert first.send_gid == again.send_gid != other.send_gid


@pytest.mark.parametrize("heading", ["Send GID", "Order Number"])
def test_a_gid_in_clear_is_the_one_that_the_api_names(heading: str) -> None:
    (found,) = rows(f"{heading},Status\ngid://sendoso/Send/44,Sent\n")
    assert isinstance(found, Snapshot)
    assert found.send_gid == "Z2lkOi8vc2VuZG9zby9TZW5kLzQ0"


def test_rows_are_told_apart_by_whatever_the_file_calls_them() -> None:
    text = "Order Number,Status\nSO-1,Sent\nZ2lkOi8vc2VuZG9zby9TZW5kLzQ0==,Sent\nSO-1,Sent\n"
    found = cast("list[Snapshot]", rows(text))
    assert str(found[0].send_gid).startswith("csv-")
    assert found[0].send_gid == found[2].send_gid
    assert found[1].send_gid == "Z2lkOi8vc2VuZG9zby9TZW5kLzQ0"
    assert found[1].sendoso_id is None


@pytest.mark.parametrize(("link", "taken"), [
    ("https://x.example/t/1", "https://x.example/t/1"),
    ("www.ups.com/track?tracknum=1Z", "https://www.ups.com/track?tracknum=1Z"),
    ("1Z999AA10123456784", "1Z999AA10123456784"),
])
def test_tracking_links_and_numbers_are_taken(link: str, taken: str) -> None:
    assert one(f"Send ID,Status,Tracking Number\n1,Shipped,{link}\n").tracking_url == taken
    assert one(f"Send ID,Status,Tracking URL,Tracking Number\n1,Shipped,,{link}\n").tracking_url == taken


def test_the_zone_in_a_heading_holds_for_its_column() -> None:
    found = one("Send ID,Status,Sent Date (UTC),Status Date (ET)\n1,Sent,2026-11-02 10:00,11/3/2026 9:00\n")
    assert found.created_at == datetime(2026, 11, 2, 10, tzinfo=UTC)
    assert found.updates[0].occurred_at == datetime(2026, 11, 3, 14, tzinfo=UTC)


def test_the_day_comes_first_where_any_date_of_the_file_shows_it() -> None:
    head = "Send ID,Status,Status Date,Sent Date\n"
    shown = cast("list[Snapshot]", rows(head + "1,Sent,3/9/2026,2/9/2026\n2,Sent,25/9/2026,3/9/2026\n"))
    assert shown[0].updates[0].occurred_at == pacific(2026, 9, 3)
    assert shown[0].created_at == pacific(2026, 9, 2)
    american = cast("list[Snapshot]", rows(head + "1,Sent,3/9/2026,2/9/2026\n2,Sent,9/25/2026,25/9/2026\n"))
    assert american[0].updates[0].occurred_at == pacific(2026, 3, 9)
    assert american[0].created_at == pacific(2026, 9, 2)
    assert one(head + "1,Sent,3/9/2026,2/9/2026\n").created_at == pacific(2026, 2, 9)


@pytest.mark.parametrize(("text", "expected"), [
    ("2022-09-12T12:08:27-07:00", "2022-09-12T19:08:27+00:00"),
    ("2022-09-12T19:08:27.123Z", "2022-09-12T19:08:27.123000+00:00"),
    ("2022-09-12 12:08:27 -0700", "2022-09-12T19:08:27+00:00"),
    ("2022-09-12 19:08:27 UTC", "2022-09-12T19:08:27+00:00"),
    ("2022-09-12", "2022-09-12T07:00:00+00:00"),
    ("2022/9/12 1:02", "2022-09-12T08:02:00+00:00"),
    ("20220912", "2022-09-12T07:00:00+00:00"),
    ("20220912T101112Z", "2022-09-12T10:11:12+00:00"),
    ("9/12/2022 12:08 PM", "2022-09-12T19:08:00+00:00"),
    ("9/12/2022 12:08 a.m.", "2022-09-12T07:08:00+00:00"),
    ("9/12/22", "2022-09-12T07:00:00+00:00"),
    ("9/12/2022 3 PM", "2022-09-12T22:00:00+00:00"),
    ("9/12/2022 3pm ET", "2022-09-12T19:00:00+00:00"),
    ("12 Sep 2022", "2022-09-12T07:00:00+00:00"),
    ("12-Sep-22", "2022-09-12T07:00:00+00:00"),
    ("Sep 12, 2022 12:08:27 -0700", "2022-09-12T19:08:27+00:00"),
    ("Mon Sep 12 2022 12:08:27 GMT-0700 (Pacific Daylight Time)", "2022-09-12T19:08:27+00:00"),
    ("2022-09-12 12:08:27 UTC+02:00", "2022-09-12T10:08:27+00:00"),
    ("September 12th, 2022 at 12:08 PM PDT", "2022-09-12T19:08:00+00:00"),
    ("Mon, 12 Sep 2022 19:08:27 GMT", "2022-09-12T19:08:27+00:00"),
    ("Sep 12 2022 11:08AM (PST)", "2022-09-12T19:08:00+00:00"),
    ("44816.505868", "2022-09-12T19:08:27+00:00"),
    ("1663009707", "2022-09-12T19:08:27+00:00"),
    ("1663009707000", "2022-09-12T19:08:27+00:00"),
    # The clocks skip 2:30 on the first of these days, and show 1:30 twice on the second.
    ("2022-03-13 02:30", "2022-03-13T10:30:00+00:00"),
    ("2022-11-06 01:30", "2022-11-06T08:30:00+00:00"),
])
def test_dates_are_read_in_every_usual_form(text: str, expected: str) -> None:
    assert moment(f" {text} ", PACIFIC).astimezone(UTC).isoformat() == expected


@pytest.mark.parametrize("text", [
    "", "soon", "9/12", "31/31/2022", "12 Foo 2022", "2022-13-01", "9/12/2022 13:00 PM", "2022-W01-1", "99999999",
    "٣/٣/2022", "2022-09-12T12:08:27+25:00", "2022-09-12 24:00", "12 Sep 2022 -0500", "1" * 5000, "1.5",
])
def test_what_is_no_date_is_not_guessed_at(text: str) -> None:
    with pytest.raises(UnreadableDateError):
        moment(text, PACIFIC)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_a_date_or_refused(text: str) -> None:
    with suppress(UnreadableDateError):
        assert moment(text, PACIFIC).tzinfo is not None


@settings(deadline=None)
@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)), st.booleans())  # noqa: DTZ001 - local times
def test_numeric_dates_come_back_as_they_were_written(local: datetime, day_comes_first: bool) -> None:
    form = "%d/%m/%Y %H:%M:%S" if day_comes_first else "%m/%d/%Y %I:%M:%S %p"
    found = moment(local.strftime(form), UTC, day_before_month=day_comes_first)
    expected = local.replace(microsecond=0, tzinfo=UTC)
    if local.day > 12 or day_comes_first or local.day == local.month:
        assert found == expected
    assert found.hour == local.hour


@pytest.mark.parametrize(("values", "expected"), [
    (["3/9/2026"], None), (["13/9/2026", "3/9/2026"], True), (["9/13/2026"], False), (["13/9/26", "9/13/26"], None),
    (["3.9.2026"], True), (["2026-09-03", "soon"], None), ([], None),
])
def test_which_comes_first_is_told_by_dates_that_can_only_be_read_one_way(
    values: list[str], expected: bool | None,
) -> None:
    assert day_first(values) is expected


def test_zones_are_known_by_their_abbreviation() -> None:
    assert zone_named("utc") is UTC
    assert zone_named("XYZ") is None


@pytest.mark.parametrize(("text", "currency", "expected"), [
    ("$1,234.50", None, (123450, "USD")), ("1.234,50 €", None, (123450, "EUR")), ("USD 12", None, (1200, "USD")),
    ("12,5", "EUR", (1250, "EUR")), ("1,234", None, (123400, None)), ("1.234.567", "EUR", (123456700, "EUR")),
    ("(5.00)", "USD", (-500, "USD")), ("-£3", None, (-300, "GBP")), ("CA$7.10", None, (710, "CAD")),
    ("¥1500", None, (1500, "JPY")), ("1 234,50", "EUR", (123450, "EUR")), ("1'234.50", "CHF", (123450, "CHF")),
    ("free", None, (None, None)), ("0.5", "USD", (50, "USD")), ("9" * 40, "USD", (None, "USD")),
    ("1.234", "USD", (123, "USD")), ("12.", "USD", (1200, "USD")),
    ("1e5", None, (10000000, None)), ("1.5E+3", "USD", (150000, "USD")), ("$1,5E+03", None, (150000, "USD")),
    ("-1.234E+03 EUR", None, (-123400, "EUR")), ("2E5USD", "USD", (20000000, "USD")), ("25E-1", "USD", (250, "USD")),
    ("1E400", "USD", (None, "USD")), ("1E99", "USD", (None, "USD")), ("1,234,567E2", "USD", (None, "USD")),
    ("12 EUR", None, (1200, "EUR")), ("5 e", None, (500, None)),
    ("NaN", None, (None, None)), ("TBD", None, (None, None)), ("inf", "USD", (None, "USD")),
    ("12 pts", None, (1200, None)), ("for USD 3", None, (300, "USD")),
    ("25.00 (USD)", None, (2500, "USD")), ("$25.00 (est.)", None, (2500, "USD")), ("$(25.00)", None, (-2500, "USD")),
    ("25 USD (2 items)", None, (2500, "USD")), ("(USD 25)", None, (-2500, "USD")), ("(25) €", None, (-2500, "EUR")),
    ("Gift (25.00)", None, (None, None)), ("$30 (EUR 25)", None, (3000, "USD")), ("( 5 ) ( 6 )", None, (None, None)),
    ("$.50", None, (50, "USD")), (".5", None, (50, None)), (",5 EUR", None, (50, "EUR")), ("No.5", None, (500, None)),
    ("\u221225.00", None, (-2500, None)), ("- 5", None, (-500, None)), ("USD -5", None, (-500, "USD")),
    ("-USD 5", None, (-500, "USD")), ("$-5", None, (-500, "USD")), ("a gift -$5", None, (-500, "USD")),
    ("gift - 25", None, (2500, None)), ("USD25", None, (2500, "USD")), ("1 234 567,5 kr", None, (123456750, None)),
    ("2 x $25.00", None, (2500, "USD")), ("Gift 3: $25", None, (2500, "USD")), ("25 EUR, 2 of 3", None, (2500, "EUR")),
    ("2 of 3", None, (None, None)), ("$20 - $30", None, (None, "USD")),
    ("$20-30", None, (None, "USD")), ("25.00-", None, (-2500, None)),
    ("₹1,00,000", None, (10000000, "INR")), ("₹12,34,567.50", None, (123456750, "INR")),
    ("1,23,45,678", "INR", (1234567800, "INR")), ("12,345", "INR", (1234500, "INR")), ("12.5.3", None, (None, None)),
    ("5,00,", "USD", (None, "USD")), ("1,2345,678", None, (None, None)), ("1,23,45", "INR", (None, "INR")),
    ("1,234,56", None, (None, None)), ("1.234.567,89", None, (123456789, None)), ("1,234,567", None, (123456700, None)),
    ("1,234.567", "KWD", (1234567, "KWD")), ("1 234,567", "KWD", (1234567, "KWD")), ("1.234,56,", None, (None, None)),
    ("5 -", None, (-500, None)), ("$5 -", None, (-500, "USD")), ("5 - gift", None, (500, None)),
    ("A$5", None, (500, "AUD")), ("CA$5 for S$6", "", (None, "CAD")), ("US$5", None, (500, "USD")),
    ("12%", "USD", (None, "USD")), ("12 %", None, (None, None)), ("20% off $50", None, (5000, "USD")),
    ("", None, (None, None)), ("()", None, (None, None)), ("$", None, (None, "USD")),
])
def test_amounts_are_read_as_people_write_them(
    text: str, currency: str | None, expected: tuple[int | None, str | None],
) -> None:
    assert amount(text, currency) == expected


@pytest.mark.parametrize(("first", "last", "name"), [
    ("Na", "Li", "Na Li"), ("Chris", "Null", "Chris Null"), ("Jo", "Nil", "Jo Nil"), ("Nil", "", None),
    ("Jo", "n/a", "Jo"), ("-", "Li", "Li"), ("#N/A", "#N/A", None), ("null", "null", None), ("None", "-", None),
    ("Jane", "null", "Jane"), ("NULL", "Doe", "Doe"),
])
def test_people_are_called_na_and_null(first: str, last: str, name: str | None) -> None:
    """Such a word was taken for an empty cell: Na Li was stored as Li."""
    headings = "Send ID,Status,Recipient First Name,Recipient Last Name"
    assert one(f"{headings}\n1,Sent,{first},{last}\n").recipient_name == name
    # A whole name that is one of these words says nothing, but one in which it stands is as it is.
    whole = one(f"Send ID,Status,Sender Name\n1,Sent,{first} {last}\n").sender_name
    assert whole == (f"{first} {last}".strip() if first != "Nil" else None)


def test_a_currency_stands_in_its_own_column_or_with_the_amount() -> None:
    assert one("Send ID,Status,Cost,Currency\n1,Sent,$5,cad\n").currency == "CAD"
    assert one("Send ID,Status,Cost,Currency\n1,Sent,,€\n").currency == "EUR"
    assert one("Send ID,Status,Cost,Currency\n1,Sent,5,xx\n").currency == "XX"
    assert one("Send ID,Status,Cost,Currency\n1,Sent,$5,NaN\n").currency == "USD"
    assert one("Send ID,Status,Cost,Currency\n1,Sent,NaN,NaN\n").currency is None
    assert currency_in("nothing") is None


def test_every_listed_heading_means_what_it_says() -> None:
    for meaning, names in NAMES.items():
        for name in names.split("|"):
            assert recognised([name.title()]).places == {meaning: 0}, name


@pytest.mark.parametrize(("heading", "meaning"), [
    ("Recipient's work e-mail", "recipient_email"), ("Email of Sender", "sender_email"),
    ("Gift Tracker Status", "status"), ("Status last changed on", "status_at"), ("FedEx tracking url", "tracking_link"),
    ("FedEx tracking", "tracking_code"), ("eGift link expiry", "expires_at"), ("The GID", "gid"),
    ("Marketing Campaign", "campaign"), ("Campaign Type", None), ("Send created date", "created_at"),
    ("Salesforce Account", "recipient_company"), ("Account ID", None), ("Email Status", "status"), ("Notes", None),
    ("Recipient State", None), ("", None),
])
def test_other_headings_are_told_by_their_words(heading: str, meaning: str | None) -> None:
    assert recognised([heading]).places == ({meaning: 0} if meaning else {})


def test_an_exact_heading_goes_before_a_likely_one() -> None:
    assert recognised(["Email Status", "Status", "Status"]).places == {"status": 1}


_CELL = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)


@settings(deadline=None)
@given(st.lists(st.tuples(_CELL, _CELL), max_size=8), st.sampled_from([",", ";", "\t", "|"]), st.booleans())
def test_whatever_a_csv_writer_writes_is_read_or_rejected(
    cells: list[tuple[str, str]], delimiter: str, quoted: bool,
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writerow(["Send ID", "Status", "Recipient"])
    writer.writerows((str(number), *pair) for number, pair in enumerate(cells))
    found = rows(out.getvalue().encode())
    assert len(found) == len(cells)
    for row, (status, name) in zip(found, cells, strict=True):
        if isinstance(row, Snapshot):
            assert (row.status_raw or "").split() == status.replace("\r", "\n").split()
            assert row.recipient_name is None or row.recipient_name.split() == name.split()
        else:
            assert row.reason == "it has no status"


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for start in (b"", b"Send ID,Status\n", b"\xff\xfe"):
        with suppress(HeaderError):
            rows(start + data)


def test_memory_stays_flat_however_long_the_file_is(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(b"Send ID,Status,Recipient,Email,Date\n" + b"1,Sent,Jane Doe,jane@x.example,2026-11-02\n" * 60_000)

    def peak(number: int) -> int:
        tracemalloc.start()
        taken = sum(1 for _ in islice(read(path, NOW), number))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert taken == number
        return most

    few = peak(3_000)
    assert peak(20_000) < few * 1.2


def test_the_same_file_twice_changes_nothing(database: Database) -> None:
    text = (
        "Recipient Email,Campaign,Status,Status Date,Sent Date,Tracking\n"
        "jane@x.example,Q4,Shipped,11/5/2026 9:00 AM,11/2/2026,1Z999AA10123456784\n"
        "jane@x.example,Welcome,Delivered,,11/2/2026,\n"
        "joe@x.example,Q4,Customs Hold,,11/2/2026,\n"
        ",Q4,Sent,,11/2/2026,\n"
    )
    tallies = []
    for _ in range(2):
        with database.write() as session:
            taken = intake.take(session, rows(text), NOW, us_watch(PACIFIC))
        tallies.append((taken.read, taken.new, taken.changed, taken.unchanged, [one.line for one in taken.rejected]))
    assert tallies == [(4, 3, 0, 0, [5]), (4, 0, 0, 3, [5])]
    with database.read() as session:
        assert sends.count_by_status(session) == {"delivered": 1, "shipped": 1, "unknown": 1}
