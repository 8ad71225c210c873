"""The Send Tracker's CSV export, whatever its columns are called and however it is written.

A CSV is of unknown age: a status with a time counts at that time, one without never moves back a send of
which more is known (`bot.sends.history`). Dates that can be read both ways are read month first, as in the
United States, unless other dates of the column (or of the file) show that the day comes first. An end
given as a date alone is the last second of that day; any other date alone is its midnight.
"""

from __future__ import annotations

import csv
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import chain, islice
from zoneinfo import ZoneInfo

from bot.sends.addresses import has_sign
from bot.sends.marks import PLAIN, made_up
from bot.sends.snapshots import CSV, Rejected, Snapshot, StatusUpdate
from bot.sends.sources.csv_amounts import amount, currency_in
from bot.sends.sources.csv_columns import Columns, recognised
from bot.sends.sources.csv_dates import UnreadableDateError, day_first, moment
from bot.sends.sources.csv_lines import Record, Records, Source, UnreadableFileError, opened
from bot.sends.text import folded

PACIFIC = ZoneInfo("America/Los_Angeles")
"""Sendoso's own clock: its API and its nightly jobs keep Pacific time."""

DELIMITERS = (",", ";", "\t", "|")
HEADER_WITHIN = 20
"""Lines in which the headings are looked for: some programs put a title above them."""

SAMPLE_ROWS = 1_000
"""Rows that are looked at to tell whether dates begin with the day."""

_DATES = ("created_at", "status_at", "expires_at")
_BLANKS = frozenset({"", "-", "--", "n/a", "na", "none", "null", "nil", "#n/a", "\N{EM DASH}", "\N{EN DASH}"})
_NO_NAMES = _BLANKS - {"na", "none", "null", "nil"}
"""What beside another name says nothing: people are called Na, Null or Nil."""
_OF_PROGRAMS = frozenset({"null", "NULL", "none", "nil"})
"""As programs write it for a name that they do not have, and nobody their own."""
_GID_START = "Z2lkOi8v"  # what every base64 of "gid://" begins with
_CODES = 3


class HeaderError(ValueError):
    """The file cannot be read as an export of the Send Tracker; the text says what was found and what is needed."""


class _UnfitRowError(ValueError):
    """A row cannot become a snapshot; the text says why."""


@dataclass(frozen=True)
class _Layout:
    columns: Columns
    zone: tzinfo
    now: datetime
    day_first: dict[str, bool]


def read(source: Source, now: datetime, zone: tzinfo = PACIFIC) -> Iterator[Snapshot | Rejected]:
    """The sends of an export, one per row, in the order of the file; a row that cannot be read is Rejected.

    `source` is a path or an open stream (of bytes or text; the caller closes it). Times without a zone are
    in `zone`; `now` is when the file is read. Memory stays flat however long the file is. Raises
    `HeaderError` at the first item where the file is no such table at all.
    """
    try:
        with opened(source) as text:
            records = Records(text)
            columns = _columns(records)
            rows = _rows(records, columns)
            first = list(islice(rows, SAMPLE_ROWS))
            layout = _Layout(columns=columns, zone=zone, now=now, day_first=_day_first(first, columns))
            for row in chain(first, rows):
                yield _item(row, layout)
    except UnreadableFileError as error:
        raise HeaderError(str(error)) from None


def _columns(records: Records) -> Columns:
    lines = records.first_lines(HEADER_WITHIN)
    best = Columns(places={}, width=0, headings=())
    for delimiter in DELIMITERS:
        for cells in _loosely(lines, delimiter):
            columns = recognised(cells)
            if (columns.problem is None, len(columns.places)) > (best.problem is None, len(best.places)):
                best = columns
                records.delimiter = delimiter
    if best.problem:
        shown = best if best.places else recognised(next(_loosely(lines, ","), []))
        raise HeaderError(shown.problem or best.problem)
    return best


def _loosely(lines: list[str], delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            # A broken line near the top is no reason to miss the headings above it.
            continue
        if any(cells):
            yield cells


def _rows(records: Records, columns: Columns) -> Iterator[Record]:
    """The records below the headings, without empty ones and without headings that are repeated."""
    below = False
    for record in records:
        if tuple(cell.strip() for cell in record.cells if cell.strip()) == columns.headings:
            below = True
        elif below and (record.problem or any(cell.strip() for cell in record.cells)):
            yield record
    if not below:
        raise UnreadableFileError("its line of headings is broken")


def _day_first(rows: list[Record], columns: Columns) -> dict[str, bool]:
    seen = {
        name: day_first(row.cells[place] for row in rows if len(row.cells) > place)
        for name in _DATES if (place := columns.places.get(name)) is not None
    }
    # One program wrote all columns: what one shows holds for those that show nothing.
    shown = {value for value in seen.values() if value is not None}
    usual = shown == {True}
    return {name: usual if value is None else value for name, value in seen.items()}


def _item(row: Record, layout: _Layout) -> Snapshot | Rejected:
    try:
        return _snapshot(row, layout)
    except (_UnfitRowError, UnreadableDateError) as error:
        return Rejected(line=row.line, reason=str(error))


def _snapshot(row: Record, layout: _Layout) -> Snapshot:
    if row.problem:
        raise _UnfitRowError(row.problem)
    cells = _Cells(row.cells, layout)
    status = cells["status"]
    if status is None:
        raise _UnfitRowError("it has no status")
    status_at = cells.moment("status_at")
    cost, currency = _cost(cells, layout.columns)
    gid, sendoso_id = _identity(cells)
    return Snapshot(
        source=CSV, send_gid=gid, sendoso_id=sendoso_id, observed_at=layout.now, line=row.line, status_raw=status,
        updates=(StatusUpdate(status_raw=status, occurred_at=status_at),) if status_at else (),
        type=cells["type"], subtype=cells["subtype"],
        created_at=cells.moment("created_at"), expires_at=cells.moment("expires_at"),
        recipient_name=cells.name("recipient"), recipient_email=cells["recipient_email"],
        recipient_company=cells["recipient_company"],
        sender_name=cells.name("sender"), sender_email=cells["sender_email"],
        team_id=cells.number("team_id"), team=cells["team"],
        campaign_id=cells.number("campaign_id"), campaign=cells["campaign"],
        cost_minor=cost, currency=currency, sent_via=cells["sent_via"],
        tracking_url=_link(cells["tracking_link"] or cells["tracking_code"]),
    )


class _Cells:
    """The cells of one row by what they mean; a blank, a dash or "n/a" says nothing."""

    def __init__(self, cells: list[str], layout: _Layout) -> None:
        width = layout.columns.width
        if len(cells) < width or any(cell.strip() for cell in cells[width:]):
            number = f"{len(cells)} cell{'' if len(cells) == 1 else 's'}"
            raise _UnfitRowError(f"it has {number} where the headings have {width}")
        self._cells = cells
        self._layout = layout

    def __getitem__(self, meaning: str) -> str | None:
        text = self._text(meaning)
        return None if text.casefold() in _BLANKS else text

    def _text(self, meaning: str) -> str:
        place = self._layout.columns.places.get(meaning)
        return self._cells[place].strip() if place is not None else ""

    def name(self, whose: str) -> str | None:
        """The full name, or first and last name together."""
        parts = [self._text(f"{whose}_{part}") for part in ("first", "last")]
        said = [part for part in parts if part.casefold() not in _NO_NAMES and part not in _OF_PROGRAMS]
        is_blank = all(part.casefold() in _BLANKS for part in said)
        return self[f"{whose}_name"] or (None if is_blank else " ".join(said))

    def number(self, meaning: str) -> int | None:
        """The cell as a whole number, with or without "#"; None where it is none."""
        text = (self[meaning] or "").lstrip("#").strip().removesuffix(".0")
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None  # noqa: PLR2004 - 64 bits

    def moment(self, meaning: str) -> datetime | None:
        """The cell as an instant. Raises `UnreadableDateError`."""
        text = self[meaning]
        if text is None:
            return None
        layout = self._layout
        return moment(
            text, layout.columns.zones.get(meaning, layout.zone),
            day_before_month=layout.day_first.get(meaning, False), end_of_day=meaning == "expires_at",
        )


def _identity(cells: _Cells) -> tuple[str | None, int | None]:
    gid, name = cells["gid"], cells["sendoso_id"]
    if gid is None and name is not None and name.startswith((_GID_START, PLAIN)):
        gid = name
    number = cells.number("sendoso_id")
    if gid is not None and has_sign(gid):
        # None of Sendoso's: as it is, it would go on naming whoever is forgotten.
        gid, name = None, gid
    if gid is None and number is None and name is not None:
        # Some other name of the export's own; it tells the sends apart all the same.
        gid = made_up(f"name:{folded(name)}")
    if gid is not None and gid.startswith(PLAIN):
        gid = b64encode(gid.encode()).decode()
    return (gid.rstrip("=") if gid else None), number


def _cost(cells: _Cells, columns: Columns) -> tuple[int | None, str | None]:
    stated = cells["currency"]
    # Programs write NaN for an empty cell, in a column of words too.
    code = (currency_in(stated) or stated.upper()[:_CODES]) if stated and stated.upper() != "NAN" else columns.currency
    return amount(cells["cost"], code) if cells["cost"] else (None, code)


def _link(text: str | None) -> str | None:
    if text is None or "://" in text or "." not in text or "/" not in text or " " in text:
        return text
    return f"https://{text}"
