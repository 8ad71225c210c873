"""`sendwatch report` on the command line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.bot.test_cli import Ran, run

__all__ = ["run"]

Run = Callable[..., Ran]


@pytest.fixture
def tracker(run: Run, tmp_path: Path) -> Run:
    day = (datetime.now(UTC) - timedelta(days=2)).strftime("%Y-%m-%d %H:%M:%S")
    (tmp_path / "tracker.csv").write_text(
        "Send ID,Recipient Name,Recipient Email,Status,Send Type,Date Sent,Status Date,Campaign,Team,Cost,Currency\n"
         f"1,Jane Doe,jane@acme.example,Delivered,Inventoried Sends,{day},{day},Autumn Box,EMEA,25.00,USD\n"
         f"2,Zoe Ito,zoe@acme.example,Processing,Inventoried Sends,{day},{day},=Spring,Sales,10.00,EUR\n",
    )
    assert run("import", "tracker.csv").code == 0
    return run


def test_it_is_printed_for_people(tracker: Run) -> None:
    shown = tracker("report")
    assert shown.code == 0
    assert shown.out.startswith("Gifts, the last 7 days\nCompared with the 7 days before\n")
    assert "2, 2 more than the 7 days before, cost 25.00 USD and 10.00 EUR" in shown.out
    assert "Open now, by days in their status" in shown.out
    one = tracker("report", "30", "days", "--campaign", "autumn box", "--team", "emea").out
    assert "Only campaign Autumn Box and team EMEA" in one
    assert "1, 1 more than the 30 days before, cost 25.00 USD" in one


def test_it_is_json_for_programs(tracker: Run) -> None:
    found = tracker("report", "--json", "--team", "sales").json
    assert (found["now"]["sent"], found["now"]["spent"], found["about"]) == (1, {"EUR": 1000}, "team Sales")
    assert found["period"]["name"] == "the last 7 days"


def test_a_picture_and_a_table_are_written(tracker: Run, tmp_path: Path) -> None:
    told = tracker("report", "30 days", "--png", "a.png", "--csv", "a.csv")
    assert (told.code, told.out) == (0, "a.csv is written.\na.png is written.\n")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text(encoding="utf-8-sig"), newline="")))
    assert {row["campaign"]: row["sent"] for row in rows} == {"Autumn Box": "1", "'=Spring": "1"}
    assert tracker("report", "--csv", "-").out.startswith("period,from,until,")
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(("arguments", "told"), [
    (("report", "--png", "a.csv", "--csv", "./a.csv"), "--png and --csv name the same file; give each"),
    (("report", "someday"), "'someday' is no period. Write for example yesterday, last week"),
    (("report", "9999-12-31"), "“9999-12-31” is too near an end of the calendar to reckon with. Write for example"),
    (("report", "0001-01-01"), "“0001-01-01” is too near an end of the calendar to reckon with. Write for example"),
    (("report", "--campaign", "Autum Bx"), "No campaign is called 'Autum Bx'; did you mean Autumn Box?"),
    (("report", "--team", "zzzz"), "No team is called 'zzzz'."),
    (("report", "--csv", "-", "--json"), "--csv - and --json both print"),
])
def test_what_cannot_be_is_said(tracker: Run, arguments: tuple[str, ...], told: str) -> None:
    ended = tracker(*arguments)
    assert ended.code == 2
    assert told in ended.err


def test_a_file_that_cannot_be_written_is_said(tracker: Run) -> None:
    ended = tracker("report", "--csv", "nowhere/a.csv")
    assert ended.code == 1
    assert "nowhere/a.csv cannot be written: No such file or directory." in ended.err
