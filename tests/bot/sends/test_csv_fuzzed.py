"""Whatever file somebody gives to `sendwatch import`: each row is taken or told, and nothing ever breaks."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.cli import main
from bot.settings import Settings
from tests.hostile import hostile

HEADINGS = (
    "Send ID", "Send GID", "Status", "Status Date", "Recipient", "Recipient Email", "Date Sent", "Total Cost (EUR)",
    "Currency", "Tracking Link", "Expiration Date", "Team ID", "Campaign", "Send Type", "Sender Email", "Shoe Size",
)
NEVER = 10**9
COMMANDS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")

odd = st.one_of(
    st.text(max_size=30),
    st.sampled_from([
        "", "-", "n/a", "Shipped", "Order Received", "0", "-1", "9" * 400, "1e999", "NaN", "Infinity", "=1+1",
        "@SUM(A1)", '=HYPERLINK("http://x","y")', "2026-11-02", "0000-00-00", "9999-12-31 23:59:59 -1200", "31/02/2026",
        "1/1/1", "99999", "9999999999999", "44816.999999999", "Feb 30, 2026", "2026-11-02T25:61:61Z", "12:00", "\x00",
        "\x00\x00", "a\nb", "\r", "\u2028", "\x85", "\x0b", "\x1c", "\ufeff", "\u202e", "a\x00b", "jane@acme.com",
        "JANE@ACME.COM", "$1,234.50", "1.234,50 €", "€", "(5)", "--5", "1,,2", "Z2lkOi8v",
        "Z2lkOi8vc2VuZG9zby9TZW5kLzQ0===", "=" * 9,
        "https://[::1", "https://x.example/\x00", "http://", "🎁" * 40, "İ" * 300, "{long}", '"', '""', "'",
        "²", "٣", "\u0663" * 20, "#4", "4.0", "1" * 19, "ẞ", "\udc80",
    ]),
)


@dataclass(frozen=True)
class Ended:
    """How `sendwatch import --json` ended."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> dict[str, Any]:
        """The counts, checked for being an account of every row that was read."""
        told: dict[str, Any] = json.loads(self.out)
        assert told["read"] == told["new"] + told["changed"] + told["unchanged"] + len(told["rejected"])
        assert all(one["line"] >= 1 and one["reason"] for one in told["rejected"])
        lines = [one["line"] for one in told["rejected"]]
        assert lines == sorted(set(lines))
        return told


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[bytes], Ended]:
    """Gives a file of these bytes to the command line, always with the same database."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "export.csv"

    def ran(data: bytes) -> Ended:
        path.write_bytes(data.replace(b"{long}", LONG.encode()))
        out, err = io.StringIO(), io.StringIO()
        arguments = ["sendwatch", "import", str(path), "--json"]
        streams = redirect_stdout(out), redirect_stderr(err)
        with streams[0], streams[1], mock.patch("sys.argv", arguments), pytest.raises(SystemExit) as ended:
            main()
        return Ended(int(ended.value.code or 0), out.getvalue(), err.getvalue())

    return ran


def is_clear(ended: Ended) -> bool:
    """Whether it is good, or says in a line or two what is wrong with the file."""
    assert "Traceback" not in ended.err, ended.err
    assert not COMMANDS.search(ended.err), "a file commands the terminal"
    if ended.code == 0:
        return not ended.err and ended.told["read"] >= 0
    assert ended.code == 1
    assert 1 <= len(ended.err.splitlines()) <= 2, ended.err
    return "export.csv: " in ended.err and (not ended.out or ended.told["read"] == len(ended.told["rejected"]))


LONG = "x" * 300_000
"""What "{long}" stands for in an example, so that examples stay readable."""


def written(rows: list[list[str]], delimiter: str = ",", *, quoted: bool = True, end: str = "\r\n") -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(
        out, delimiter=delimiter, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL, lineterminator=end,
    )
    writer.writerows(rows)
    return out.getvalue()


@hostile(40)
@given(
    headings=st.permutations(HEADINGS), rows=st.lists(st.lists(odd, min_size=16, max_size=16), min_size=1, max_size=4),
    delimiter=st.sampled_from(",;\t|"), encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
@example(
    headings=list(HEADINGS), rows=[[""] * 15 + ["\x00\x00"]] * 4, delimiter=",", encoding="utf-8", end="\n",
)
def test_each_row_of_a_table_is_taken_or_told_with_its_line(
    taken: Callable[[bytes], Ended], headings: list[str], rows: list[list[str]], delimiter: str, encoding: str,
    end: str,
) -> None:
    text = written([headings, *rows], delimiter, end=end)
    data = text.encode(encoding, errors="replace")
    ended = taken(data)
    assert is_clear(ended)
    if not ended.out:
        # So many of them are in no text.
        assert "some binary file" in ended.err
        assert data.count(0) > 4
        return
    blank = sum(not any(cell.strip() for cell in row) for row in rows)
    # A row of several lines, of which one is too long to be kept, is told line by line.
    apart = sum(len(",".join(row).splitlines()) for row in rows if "{long}" in "".join(row))
    assert len(rows) - blank <= ended.told["read"] <= len(rows) - blank + apart


@hostile(40)
@given(
    headings=st.lists(st.sampled_from((*HEADINGS, "Status", "", "Send ID")) | st.text(max_size=12), max_size=8),
    rows=st.lists(st.lists(odd, max_size=9), max_size=4), quoted=st.booleans(),
)
@example(headings=["0\x1e\r0", "\x1b[2J", "\u202e"], rows=[], quoted=False)
def test_columns_that_are_missing_doubled_or_renamed(
    taken: Callable[[bytes], Ended], headings: list[str], rows: list[list[str]], *, quoted: bool,
) -> None:
    assert is_clear(taken(written([headings, *rows], quoted=quoted).encode("utf-8", errors="replace")))


@hostile(40)
@given(
    cuts=st.lists(st.tuples(st.integers(0, NEVER), st.integers(0, 12), st.binary(max_size=6) | st.sampled_from([
        b'"', b'""', b"\0", b"\r", b"\n", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b",", b";", b"\x1a", b"\xed\xa0\x80",
        b'"' * 7, b"\n" * 50, b"{long}",
    ])), min_size=1, max_size=5),
    mark=st.sampled_from([b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b"sep=;\n", b"\n\n"]),
    encoding=st.sampled_from(["utf-8", "utf-16-le", "cp1252"]),
)
def test_a_file_with_broken_bytes(
    taken: Callable[[bytes], Ended], cuts: list[tuple[int, int, bytes]], mark: bytes, encoding: str,
) -> None:
    rows = [[str(number), "Sent", "José", "2026-11-02", f'says "{number}"\nand goes'] for number in range(8)]
    data = written([["Send ID", "Status", "Recipient", "Date Sent", "Campaign"], *rows]).encode(encoding)
    for at, length, put in cuts:
        place = at % (len(data) + 1)
        data = data[:place] + put + data[place + length:]
    assert is_clear(taken(mark + data))


@hostile(40)
@given(
    start=st.sampled_from([b"", b"Send ID,Status\r\n", b"Status;Send GID\n", "Send ID,Status\n".encode("utf-16")]),
    data=st.binary(max_size=400),
)
def test_a_file_of_any_bytes(taken: Callable[[bytes], Ended], start: bytes, data: bytes) -> None:
    assert is_clear(taken(start + data))


@hostile(40)
@given(
    place=st.integers(0, 59), put=st.sampled_from(["", '"', "\0", "{long}", '"{long}', "\0\0\0", '""x']),
    column=st.integers(0, 2), end=st.sampled_from(["\n", "\r\n", "\r"]),
)
@example(place=0, put='"', column=0, end="\n")
@example(place=59, put='"', column=2, end="\r\n")
def test_one_broken_row_costs_no_other(
    taken: Callable[[bytes], Ended], place: int, put: str, column: int, end: str,
) -> None:
    rows = [[f"{number}", "Sent", f"Person {number}"] for number in range(60)]
    rows[place][column] = put + rows[place][column]
    data = end.join(",".join(row) for row in [["Send ID", "Status", "Recipient"], *rows]).encode()
    ended = taken(data)
    assert is_clear(ended)
    assert ended.told["read"] == len(rows)
    assert all(one["line"] == place + 2 for one in ended.told["rejected"])
