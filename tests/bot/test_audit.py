"""The audit log: whole, in time order, safe for spreadsheets, and read bit by bit."""

from __future__ import annotations

import csv
import io
import json
import re
import tracemalloc
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import audit
from bot.slack import audit_file
from storage import audit as stored
from storage import config, events, people, schema
from storage.engine import Database
from tests.bot.alerts.making import add, alert, press_on, scan
from tests.bot.test_cli import Ran, run  # noqa: F401 - a fixture
from tests.hostile import hostile

MINUTE = timedelta(minutes=1)
PACIFIC = ZoneInfo("America/Los_Angeles")


def record(database: Database, number: int, at: datetime, **values: Any) -> None:  # noqa: ANN401 - columns of an event
    with database.write() as session:
        events.record(session, [{
            "action": "meaning", "actor": "U01ANN", "occurred_at": at, "dedupe_key": f"k{number}", **values,
        }])


def lines(database: Database, *arguments: Any, **more: Any) -> list[audit.Line]:  # noqa: ANN401 - those of `audit.lines`
    with database.read() as session:
        return list(audit.lines(session, *arguments, **more))


def rows(written: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(written.removeprefix(audit.BOM), newline="")))


@pytest.fixture
def life(database: Database, now: datetime) -> Database:
    """An alert that was opened, acknowledged and resolved, with a change of the configuration in between."""
    with database.write() as session:
        add(session, now, "a")
        people.keep(session, user_id="U01ANN", now=now, name="Ann Lopez")
    scan(database, now)
    with database.read() as session:
        one = alert(session, "a")
    press_on(database, now + MINUTE, "acknowledge", one.id, channel="C01GIFTING")
    with database.write() as session:
        config.save(session, "thresholds", [], now + 2 * MINUTE, "U01ANN")
        config.save(session, "thresholds", [{"status": "shipped"}], now + 3 * MINUTE, "cli")
    press_on(database, now + 4 * MINUTE, "resolve", one.id, "U02BEN", args={"reason": "=cmd|' /C calc'!A0"})
    return database


def test_everything_is_there_in_time_order(life: Database, now: datetime) -> None:
    found = lines(life)
    assert [(one.action, one.actor, one.actor_name) for one in found] == [
        ("opened", "scan", "Sendwatch"), ("acknowledge", "U01ANN", "Ann Lopez"), ("config", "U01ANN", "Ann Lopez"),
        ("config", "cli", "the command line"), ("resolve", "U02BEN", "u02ben"),
    ]
    acknowledged = found[1]
    assert (acknowledged.send_gid, acknowledged.rule, acknowledged.level, acknowledged.status) == (
        "a", "overdue", "support", "order_received",
    )
    assert (acknowledged.occurred_at, acknowledged.channel) == (now + MINUTE, "C01GIFTING")
    assert (acknowledged.before["state"], acknowledged.after["state"]) == ("firing", "acknowledged")
    assert (found[3].detail, found[3].after) == (
        {"section": "thresholds", "version": 2}, {"value": [{"status": "shipped"}]},
    )


def test_a_span_and_actions(life: Database, now: datetime) -> None:
    assert [one.action for one in lines(life, now + MINUTE, now + 3 * MINUTE)] == ["acknowledge", "config"]
    assert [one.action for one in lines(life, None, None, ["resolve"])] == ["resolve"]
    assert [one.action for one in lines(life, None, None, ["config"])] == ["config", "config"]
    assert [one.action for one in lines(life, None, None, ["config", "opened"])] == ["opened", "config", "config"]
    assert lines(life, None, None, ["nonsense"]) == []


def test_what_happened_later_stands_later_whatever_came_first_into_the_table(sqlite: Database, now: datetime) -> None:
    for number in (3, 1, 2):
        record(sqlite, number, now + number * MINUTE, actor=f"U{number}")
    assert [one.actor for one in lines(sqlite)] == ["U1", "U2", "U3"]


def test_the_csv_has_a_heading_and_is_safe_for_spreadsheets(life: Database, now: datetime) -> None:
    with life.read() as session:
        written = audit.csv_bytes(session).decode()
    assert written.startswith("\ufeff")
    heading, opened, acknowledged, *_, resolved = rows(written)
    assert tuple(heading) == audit.COLUMNS
    assert opened[:4] == [now.isoformat(), "opened", "scan", "Sendwatch"]
    assert acknowledged[4:6] == ["1", "a"]
    assert json.loads(resolved[11])["resolved_reason"] == "=cmd|' /C calc'!A0"
    assert resolved[11].startswith("{")


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\ufeff=", "\uff1d", "\uff0b"])
def test_no_cell_begins_like_a_formula(sqlite: Database, now: datetime, begins: str) -> None:
    record(sqlite, 1, now, actor=f"{begins}1+1", actor_name=f"{begins}HYPERLINK(1)", channel=f"{begins}x")
    with sqlite.read() as session:
        _, row = rows(audit.csv_bytes(session).decode())
    assert (row[2], row[3], row[9]) == (f"'{begins}1+1", f"'{begins}HYPERLINK(1)", f"'{begins}x")


BEGINS = re.compile("[\\s\ufeff\u200b-\u200f]*[-=+@\uff0d\uff1d\uff0b\uff20]")
cells = st.text() | st.lists(
    st.sampled_from([*"=+-@;,\t\r\n \"'", "x", "\u200b", "\uff1d", '";=', ";\n+"]), max_size=8,
).map("".join)


@hostile(150)
@given(cells, cells)
def test_whatever_a_cell_holds_it_comes_back_and_is_no_formula(actor: str, name: str) -> None:
    line = audit.Line(
        occurred_at=datetime(2026, 1, 1, tzinfo=PACIFIC), action="meaning", actor=actor, actor_name=name,
        before={}, after={}, detail={"note": name},
    )
    written = io.StringIO(newline="")
    audit.write_csv([line], written)
    row = rows(written.getvalue())[1]
    # Where the comma is a decimal sign, cells are parted at semicolons, and quotes do not hold them together.
    parted = re.split(r"[;\t\r\n]", written.getvalue().replace('"', ""))
    assert not [cell for cell in [*row, *parted] if BEGINS.match(cell)]
    assert [one for one in row[2] if one != "'"] == [one for one in actor if one != "'"]
    assert json.loads(row[12]) == {"note": name}


def test_of_too_many_rows_a_file_holds_the_latest(sqlite: Database, now: datetime) -> None:
    for number in range(5):
        record(sqlite, number, now + number * MINUTE, actor=f"U{number}")
    with sqlite.read() as session:
        assert [row[2] for row in rows(audit.csv_bytes(session, limit=2).decode())[1:]] == ["U3", "U4"]
        assert len(rows(audit.csv_bytes(session, now + MINUTE, now + 3 * MINUTE).decode())) == 3


def test_an_empty_log(database: Database) -> None:
    with database.read() as session:
        assert rows(audit.csv_bytes(session).decode()) == [list(audit.COLUMNS)]


def test_memory_does_not_grow_with_the_log(sqlite: Database, now: datetime) -> None:
    with sqlite.write() as session:
        events.record(session, [
            {
                "action": "meaning", "actor": "U01ANN", "occurred_at": now + number * timedelta(seconds=1),
                "dedupe_key": f"k{number}", "detail": {"note": "x" * 500},
            }
            for number in range(20_000)
        ])

    def peak(limit: int) -> int:
        tracemalloc.start()
        with sqlite.read() as session:
            for number, _ in enumerate(audit.lines(session), 1):
                if number == limit:
                    break
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(2_000)
    assert peak(20_000) < 2 * peak(2_000)


# -- on the command line


@pytest.fixture
def log(tmp_path: Path, now: datetime) -> str:
    """A database with two events and one change of the configuration."""
    url = f"sqlite:///{tmp_path / 'log.db'}"
    database = Database(url)
    schema.upgrade(database)
    record(database, 1, now)
    record(database, 2, now + MINUTE, action="resolve", actor_name="=Ben")
    with database.write() as session:
        config.save(session, "thresholds", [], now + 2 * MINUTE, "cli")
    database.close()
    return url


def test_audit_prints_lines_for_people(run: Callable[..., Ran], log: str) -> None:  # noqa: F811 - the fixture
    done = run("audit", DATABASE_URL=log)
    assert done.code == 0
    first, second, third = done.out.splitlines()
    assert first.startswith("2026-11-23 07:00:00 PST  meaning")
    assert "=Ben" in second
    assert third.startswith("2026-11-23 07:02:00 PST  config ")
    assert third.endswith("  thresholds version 1")


def test_audit_says_that_there_is_nothing(run: Callable[..., Ran], log: str) -> None:  # noqa: F811 - the fixture
    done = run("audit", "--until", "2020-01-01", DATABASE_URL=log)
    assert (done.code, done.out) == (0, "Nothing is on record for that.\n")


def test_an_action_of_another_version_can_be_asked_for(run: Callable[..., Ran], log: str, now: datetime) -> None:  # noqa: F811
    database = Database(log)
    record(database, 9, now, action="teleported")
    database.close()
    assert len(run("audit", "--action", "teleported", DATABASE_URL=log).out.splitlines()) == 1


def test_all_that_a_life_puts_on_record_is_known(life: Database) -> None:
    with life.read() as session:
        assert audit.unknown(session, stored.actions(session)) == {}
    assert {line.action for line in lines(life)} <= audit.ACTIONS
    assert audit_file.AUDIT in audit.ACTIONS


def test_audit_writes_a_file(run: Callable[..., Ran], log: str, tmp_path: Path) -> None:  # noqa: F811 - the fixture
    span = ("--since", "2026-11-23T15:01Z", "--until", "2026-11-23T15:02Z")
    done = run("audit", "--csv", "log.csv", *span, DATABASE_URL=log)
    assert (done.code, done.out) == (0, "log.csv: 1 row.\n")
    written = (tmp_path / "log.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbfoccurred_at,")
    assert b"'=Ben" in written
    assert not (tmp_path / "log.csv.part").exists()


def test_audit_prints_csv_and_json(run: Callable[..., Ran], log: str) -> None:  # noqa: F811 - the fixture
    assert len(rows(run("audit", "--csv", "-", DATABASE_URL=log).out)) == 4
    found = run("audit", "--json", "--action", "resolve", "--action", "config", DATABASE_URL=log).json
    assert [one["action"] for one in found] == ["resolve", "config"]
    assert found[0]["actor_name"] == "=Ben"
    assert run("audit", "--json", "--action", "snooze", DATABASE_URL=log).json == []


@pytest.mark.parametrize(("arguments", "code", "sentence"), [
    (("--since", "soon"), 2, "--since 'soon' is not a time"), (("--until", "x"), 2, "--until 'x' is not a time"),
    (("--action", "nosuch"), 2, "--action 'nosuch' is nothing that is put on record; did you mean "),
    (("--action", "resolved", "--json"), 2,
     "--action 'resolved' is nothing that is put on record; did you mean resolve?"),
    (("--since", "2026-11-24", "--until", "2026-11-23T09:00"), 2,
     "--since 2026-11-24 is not before --until 2026-11-23T09:00: there is nothing in between."),
    (("--until", "9999-12-31T23:59-12:00"), 2, "--until '9999-12-31T23:59-12:00' is too near an end of the calendar"),
    (("--since", "0001-01-01T00:00+14:00"), 2, "--since '0001-01-01T00:00+14:00' is too near an end of the calendar"),
    (("--csv", "nowhere/log.csv"), 1, "nowhere/log.csv cannot be written: No such file or directory."),
])
def test_audit_says_what_is_wrong(
    run: Callable[..., Ran], log: str, arguments: tuple[str, ...], code: int, sentence: str,  # noqa: F811 - the fixture
) -> None:
    done = run("audit", *arguments, DATABASE_URL=log)
    assert done.code == code
    assert sentence in done.err


def test_the_rows_are_counted(life: Database) -> None:
    with life.read() as session:
        assert stored.count_events(session) == 3
        assert stored.count_events(session, actions=["resolve"]) == 1
