"""A file of unknown encoding as numbered records of cells, read as a stream so that its size does not matter."""

from __future__ import annotations

import codecs
import csv
import io
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

from charset_normalizer import from_bytes

Source = str | Path | BinaryIO | TextIO

SAMPLE = 65_536
"""Bytes that are looked at to tell the encoding."""

LONGEST_LINE = 200_000
"""Characters; a longer line is no line of a table, and reading it whole would fill the memory."""

MOST_LINES = 40
"""Lines that one record may span; beyond that a quotation mark was left open."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY = (
    (b"PK\x03\x04", "an Excel workbook or another zipped file"), (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF"), (b"\x1f\x8b", "a compressed file"), (b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"),
)
_LIKELY = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp932", "euc_jp", "gb18030", "big5",
    "cp949", "mac_roman",
]
_WESTERN = frozenset({"cp1250", "cp1252", "cp1254", "mac_roman", "latin_1", "ascii"})
_MANY_NULS = 0.2


class UnreadableFileError(ValueError):
    """The file as a whole cannot be read as a table; the text says why."""


@dataclass(frozen=True)
class Record:
    """One record: the line on which it begins (the first is 1), and its cells or why it has none."""

    line: int
    cells: list[str]
    problem: str | None = None


def _as_windows_text(error: UnicodeError) -> tuple[str, int]:
    # A file that calls itself UTF-8 but was pasted together: its odd bytes are nearly always Windows text.
    if not isinstance(error, UnicodeDecodeError):
        raise error
    odd = error.object[error.start:error.end]
    return odd.decode("cp1252", errors="replace"), error.end


codecs.register_error("sendwatch-windows", _as_windows_text)


@contextmanager
def opened(source: Source) -> Iterator[TextIO]:
    """The source as text, its encoding found by looking. Raises `UnreadableFileError`."""
    if not isinstance(source, str | Path) and isinstance(source.read(0), str):
        yield cast("TextIO", source)
        return
    try:
        with _binary(cast("str | Path | BinaryIO", source)) as binary:
            sample = binary.read(SAMPLE)
            replayed = io.BufferedReader(_Replayed(sample, binary), buffer_size=SAMPLE)
            yield io.TextIOWrapper(replayed, encoding=_encoding(sample), errors="sendwatch-windows", newline=None)
    except IsADirectoryError:
        raise UnreadableFileError("this is a directory, not a file") from None
    except OSError as error:
        raise UnreadableFileError(f"it cannot be read: {error.strerror or error}") from None


@contextmanager
def _binary(source: str | Path | BinaryIO) -> Iterator[BinaryIO]:
    if isinstance(source, str | Path):
        with Path(source).open("rb") as file:
            yield file
    else:
        # Whoever opened it closes it.
        yield source


class _Replayed(io.RawIOBase):
    """A stream with what was already read from it put back in front; not every stream can go back."""

    def __init__(self, start: bytes, stream: BinaryIO) -> None:
        self._start = start
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        size = len(buffer)
        read = self._start[:size] or self._stream.read(size)
        self._start = self._start[size:]
        buffer[:len(read)] = read
        return len(read)


def _encoding(sample: bytes) -> str:
    if not sample.strip():
        raise UnreadableFileError("it is empty")
    for start, what in _BINARY:
        if sample.startswith(start):
            raise UnreadableFileError(f"it is {what}, not a CSV; export or save it as CSV")
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    if b"\0" in sample:
        return _wide(sample)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return _old_encoding(sample)
    return "utf-8"


def _wide(sample: bytes) -> str:
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) > len(sample) * _MANY_NULS:
        return "utf-16-le" if odd > even else "utf-16-be"
    if even + odd > max(len(sample) // 1000, 4):
        raise UnreadableFileError("it is not text but some binary file; export or save it as CSV")
    return "utf-8"


def _old_encoding(sample: bytes) -> str:
    # Cut at a line's end, so that no letter of several bytes is torn.
    best = from_bytes(sample[:sample.rfind(b"\n") + 1] or sample, cp_isolation=_LIKELY).best()
    if best is None:
        controls = sum(byte < 9 for byte in sample)  # noqa: PLR2004 - below the tab
        if controls > len(sample) // 100:
            raise UnreadableFileError("it is not text but some binary file; export or save it as CSV")
    return "cp1252" if best is None or best.encoding in _WESTERN else best.encoding


class Records:
    """The records of a text, one after the other; a broken one costs no more than its own first line."""

    def __init__(self, text: TextIO) -> None:
        self.delimiter = ","
        self._text = text
        self._number = 0
        self._ahead: deque[tuple[int, str]] = deque()

    def first_lines(self, number: int) -> list[str]:
        """The first lines, which stay to be read; for finding out how the records are written."""
        lines: list[tuple[int, str]] = []
        while len(lines) < number and (line := self._line()) is not None:
            lines.append(line)
        self._ahead.extendleft(reversed(lines))
        return [line for _, line in lines]

    def __iter__(self) -> Iterator[Record]:
        while (first := self._line()) is not None:
            yield self._record(*first)

    def _record(self, number: int, line: str) -> Record:
        if len(line) > LONGEST_LINE:
            return Record(number, [], f"it is longer than {LONGEST_LINE} characters")
        text = line
        taken: list[tuple[int, str]] = []
        while True:
            try:
                return Record(number, self._cells(text))
            except csv.Error as error:
                # Only a quotation mark that is still open lets the next line be part of this record.
                open_cell = "unexpected end" in str(error) and len(taken) < MOST_LINES and len(text) <= LONGEST_LINE
                following = self._line() if open_cell else None
                if following and len(following[1]) > LONGEST_LINE:
                    # Of that line the end is not there any more: what is put together of it would be a lie.
                    taken.append(following)
                    following = None
                if following is None:
                    self._ahead.extendleft(reversed(taken))
                    return Record(number, [], _reason(error))
                taken.append(following)
                text += following[1]

    def _cells(self, text: str) -> list[str]:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter, strict=True), [])

    def _line(self) -> tuple[int, str] | None:
        if self._ahead:
            return self._ahead.popleft()
        line = self._text.readline(LONGEST_LINE + 1)
        if not line:
            return None
        self._number += 1
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith("\n"):
            rest = self._text.readline(LONGEST_LINE + 1)
        return self._number, line


def _reason(error: csv.Error) -> str:
    if "field limit" in str(error):
        return f"a cell is longer than {csv.field_size_limit()} characters"
    return "a quotation mark is missing or in the wrong place"
