from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from bot.cli import main
from bot.invocation import trouble
from bot.playground.sendoso import SendosoState, routes
from bot.playground.server import Playground
from bot.sends.snapshots import Snapshot, StatusUpdate
from bot.settings import Settings
from storage import rooms, schema
from storage.engine import Database
from storage.servers import UnfitServerError

HEADINGS = "Send ID,Recipient Name,Recipient Email,Status,Send Type,Date Sent,Status Date,Campaign\n"


class Ran:
    """What a command said and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.out)


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> Callable[..., Ran]:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")

    def ran(*arguments: str, **environment: str) -> Ran:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["sendwatch", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Ran(int(ended.value.code or 0), said.out, said.err)

    return ran


def day(ago: float) -> str:
    return (datetime.now(UTC) - timedelta(days=ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def tracker(tmp_path: Path) -> str:
    path = tmp_path / "tracker.csv"
    path.write_text(
        HEADINGS
        + f"1,Jane Doe,jane@acme.example,Order Received,Inventoried Sends,{day(9)},{day(8)},Door opener\n"
        + f"2,Max Moll,max@acme.example,Used/Redeemed,eGifts USA,{day(9)},{day(8)},Door opener\n"
        + f"3,Bad Row,bad@acme.example,Sent,eGifts USA,someday,{day(8)},Door opener\n",
        encoding="utf-8",
    )
    return str(path)


def test_help_names_every_command(run: Callable[..., Ran]) -> None:
    ran = run("--help")
    assert ran.code == 0
    for command in ("demo", "run", "migrate", "import", "sync", "scan", "deliver", "status", "meaning"):
        assert command in ran.out


def test_help_begins_with_what_somebody_begins_with_and_fits_any_terminal(run: Callable[..., Ran]) -> None:
    listed = re.findall(r"^. ([a-z]+)  ", run("--help").out, re.MULTILINE)
    assert listed[:2] == ["demo", "run"]
    told = run("forget", "--help", COLUMNS="80").out.partition("What was counted")[2].partition("\n \n")[0]
    lines = [line.strip() for line in told.splitlines()][1:5]
    assert all(len(line) > 60 for line in lines), "no line ends where it ends in the source"


def test_an_import_counts_reports_and_repeats_without_effect(run: Callable[..., Ran], tracker: str) -> None:
    first = run("import", tracker, "--json")
    assert first.code == 0
    assert {name: first.json[name] for name in ("read", "new", "changed", "unchanged")} == {
        "read": 3, "new": 2, "changed": 0, "unchanged": 0}
    [rejected] = first.json["rejected"]
    assert rejected["line"] == 4
    assert "someday" in rejected["reason"]
    again = run("import", tracker)
    assert "0 new, 0 changed, 2 unchanged, 1 rejected" in again.out
    assert "line 4: " in again.out


def test_a_full_disk_is_named_by_what_sqlite_says_of_it(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "one.db")
    connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(sqlite3.OperationalError) as raised:
        connection.execute("CREATE TABLE one (a)")
    connection.close()
    code, lines = trouble(OperationalError("CREATE", {}, raised.value))
    assert (code, lines[0]) == (1, "The database does not work: database or disk is full")
    assert "“sendwatch doctor” says how much is free" in lines[1]


def test_a_server_that_cannot_be_used_is_told_in_a_sentence() -> None:
    assert trouble(UnfitServerError("It has another encoding.")) == (1, ["It has another encoding."])


def test_who_only_looks_brings_no_database_up_to_date_that_another_version_may_be_at_work_on(
    run: Callable[..., Ran], postgresql: Database,
) -> None:
    with postgresql.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0014'"))
    url = postgresql.url.render_as_string(hide_password=False)
    for command in (("status", "jane"), ("report",), ("export", "jane@acme.com"), ("config", "check")):
        ran = run(*command, DATABASE_URL=url)
        assert (ran.code, ran.out) == (1, ""), command
        assert "An older version of Sendwatch has made the database" in ran.err
        assert "“sendwatch migrate”" in ran.err
    with postgresql.engine.begin() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "0014"


def test_a_standby_is_told_as_such(run: Callable[..., Ran], postgresql: Database, tracker: str) -> None:
    with postgresql.engine.begin() as connection:
        connection.execute(text(f"ALTER DATABASE {postgresql.url.database} SET default_transaction_read_only TO on"))
    ran = run("import", tracker, DATABASE_URL=postgresql.url.render_as_string(hide_password=False))
    assert ran.code == 1
    assert "takes no writes: the server is a standby" in ran.err


def test_a_file_that_cannot_be_written_to_is_told_as_such(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "sendwatch.db").execute("CREATE TABLE one (two)").connection.close()
    closed = create_engine(f"sqlite:///file:{tmp_path}/sendwatch.db?mode=ro&uri=true")
    with pytest.raises(OperationalError) as raised, closed.connect() as connection:
        connection.exec_driver_sql("INSERT INTO one VALUES (1)")
    code, lines = trouble(raised.value)
    assert (code, lines[0].partition(":")[2]) == (
        1, " this user may not write to its file, or to the folder where it is.",
    )


def test_a_long_argument_is_not_said_again_whole(run: Callable[..., Ran]) -> None:
    long = "x" * 50_000
    for ran in (run("status", long), run("scan", "--at", long), run("import", long[:5_000]), run("meaning", long)):
        assert 0 < len(ran.out + ran.err) < 5_000
    assert run("status", long, "--json").json["query"] == long


def test_a_status_is_looked_up(run: Callable[..., Ran], tracker: str) -> None:
    run("import", tracker)
    [send] = run("status", "jane@acme.example", "--json").json["sends"]
    assert (send["status"], send["status_raw"], send["due_rule"]) == ("order_received", "Order Received", "overdue")
    assert send["recipient"]["name"] == "Jane Doe"
    assert [event["status"] for event in send["history"]] == ["order_received"]
    shown = run("status", "jane")
    assert "1 send matches" in shown.out
    assert "Jane Doe" in shown.out
    nobody = run("status", "Jane", "Dough", "--json").json
    assert (nobody["total"], nobody["sends"], nobody["query"]) == (0, [], "Jane Dough")
    assert run("status", " <!channel> ", "--json").json["query"] == " <!channel> "
    assert "Jane Doe" in nobody["nearest"]
    assert "No send matches" in run("status", "zzzz").out


def test_a_dry_run_shows_and_writes_nothing(run: Callable[..., Ran], tracker: str) -> None:
    run("import", tracker)
    for _ in range(2):
        plan = run("scan", "--dry-run", "--json", ALERT_CHANNEL="C012").json
        [finding] = plan["findings"]
        assert (finding["rule"], finding["level"], finding["status"]) == ("overdue", "support", "order_received")
        assert "7 days" in finding["why"]
        [message] = plan["messages"]
        assert message["channel"] == "C012"
    assert "overdue (support)" in run("scan", "--dry-run").out
    earlier = run("scan", "--dry-run", "--json", "--at", day(4)).json
    assert [finding["level"] for finding in earlier["findings"]] in ([], ["late"])
    assert run("scan", "--dry-run", "--json", "--at", day(7.9)).json["findings"] == []


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_a_time_at_an_end_of_the_calendar_is_told_in_a_sentence(
    run: Callable[..., Ran], tracker: str, zone: str,
) -> None:
    run("import", tracker)
    for at in ("0001-01-01T00:00", "1899-06-01", "9001-06-01T12:00Z", "9999-12-31T23:59"):
        ran = run("scan", "--dry-run", "--at", at, TZ_DEFAULT=zone)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == (
            f"--at {at!r} is too near an end of the calendar to reckon with; name a time between 1900 and 9000.\n"
        )
    for at in ("1900-06-01", "9000-06-01"):
        assert run("scan", "--dry-run", "--at", at).code == 0


def test_a_scan_opens_alerts_once(run: Callable[..., Ran], tracker: str) -> None:
    run("import", tracker)
    assert run("scan", "--json", ALERT_CHANNEL="C012").json["opened"] == 1
    assert "0 opened" in run("scan").out


def test_a_scan_after_a_change_of_the_limits_tells_without_a_bot_that_runs(
    run: Callable[..., Ran], tracker: str, tmp_path: Path,
) -> None:
    run("import", tracker, ALERT_CHANNEL="C012")
    assert run("scan", "--json").json["messages"] == 1
    settings = tmp_path / "settings.yml"
    settings.write_text("thresholds: [{status: Order Received, level: support, after: 20 days}]\n", encoding="utf-8")
    assert run("config", "import", str(settings)).code == 0
    told = run("scan", "--json").json
    assert (told["opened"], told["resolved"], told["messages"]) == (1, 1, 1)


@pytest.mark.parametrize("arguments", [
    ("import", "nowhere.csv"), ("scan",), ("scan", "--at", "2026-01-01"), ("scan", "--dry-run", "--at", "soon"),
    ("sync",), ("deliver",), ("run",), ("bogus",), ("status",), ("meaning",), ("status", "x", "--limit", "0"),
    ("status", ""), ("status", " ", ""), ("meaning", ""), ("meaning", " "),
])
def test_wrong_use_says_what_to_do_and_ends_with_2(run: Callable[..., Ran], arguments: tuple[str, ...]) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    assert ran.err.strip()
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"a,b\n1,2\n", b"\xff\xfe", HEADINGS.encode() + b"1,2\n"])
def test_a_file_that_is_no_export_fails_with_a_sentence(
    run: Callable[..., Ran], tmp_path: Path, content: bytes,
) -> None:
    (tmp_path / "odd.csv").write_bytes(content)
    ran = run("import", "odd.csv")
    assert ran.code == 1
    assert "odd.csv" in ran.err
    assert "Traceback" not in ran.err


def test_wrong_settings_are_listed(run: Callable[..., Ran]) -> None:
    ran = run("scan", "--dry-run", SCAN_EVERY="often", ADMIN_USERS="ann")
    assert ran.code == 2
    assert "SCAN_EVERY is 'often'" in ran.err
    assert "not Slack user ids: ann" in ran.err


def test_a_database_that_does_not_answer_is_one_sentence(run: Callable[..., Ran]) -> None:
    ran = run("migrate", DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert ran.code == 1
    assert "The database does not work" in ran.err


def test_who_only_looks_changes_no_schema_under_a_bot_of_a_former_version(run: Callable[..., Ran]) -> None:
    former = Database("sqlite:///sendwatch.db", exclusive=True)
    schema.upgrade(former, "0014")
    ran = run("status", "Jane")
    assert (ran.code, "in use by another Sendwatch process" in ran.err) == (1, True)
    assert not schema.is_current(former)
    former.close()
    assert run("status", "Jane").code == 0
    assert run("status", "Jane").code == 0


def test_a_meaning_is_explained_or_asked_back(run: Callable[..., Ran]) -> None:
    answer = run("meaning", "fulfilment", "isue", "--json").json
    assert {match["status"] for match in answer["matches"]} == {"fulfillment_issue"}
    assert set(answer["matches"][0]) == {
        "status", "kind", "meaning", "next_actor", "advice", "final", "threshold", "source"}
    assert run("meaning", "amazon", "--json").json["matches"] == []
    assert "Did you mean" in run("meaning", "amazon").out
    assert "Fulfillment Issue" in run("meaning", "paused").out


def test_sync_and_deliver_reach_their_servers(run: Callable[..., Ran]) -> None:
    sendoso = SendosoState()
    since = datetime.now(UTC) - timedelta(days=8)
    sendoso.add(Snapshot(
        source="sample", observed_at=since, status_raw="Processing", created_at=since, type="Inventoried Sends",
        recipient_name="Jane Doe", updates=(StatusUpdate(status_raw="Processing", occurred_at=since),),
    ))
    with Playground(sendoso=sendoso, routes=routes(sendoso, "/sendoso")) as playground:
        here = {
            "SENDOSO_API_URL": f"{playground.url}/sendoso", "SENDOSO_ACCESS_TOKEN": sendoso.access.access_token,
            "SLACK_BOT_TOKEN": playground.bot_token, "SLACK_API_URL": playground.api_url, "ALERT_CHANNEL": "C01GIFTING",
        }
        assert run("sync", "--json", **here).json["new"] == 1
        assert "1 unchanged" in run("sync").out
        assert run("scan", "--json").json["messages"] == 1
        assert run("deliver", "--json").json["posted"] == 1
        assert "Jane Doe" in playground.channel("#gifting-alerts").messages[0].visible_text
        later = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
        foreseen = run("scan", "--dry-run", "--at", later, "--json").json
        assert [found["rule"] for found in foreseen["findings"]] == ["stale_data"]
        assert "stale_data\n  nothing since" in run("scan", "--dry-run", "--at", later).out
        refused = run("sync", SENDOSO_ACCESS_TOKEN="wrong")
    assert refused.code == 1
    assert "SENDOSO_ACCESS_TOKEN" in refused.err


def test_the_doctor_names_what_is_missing_and_ends_with_1(run: Callable[..., Ran], tmp_path: Path) -> None:
    ran = run("doctor")
    assert ran.code == 1
    assert "MEND  SLACK_BOT_TOKEN: missing\n        → Set it to" in ran.out
    assert "things must be mended" in ran.out
    assert list(tmp_path.iterdir()) == []
    found = run("doctor", "--json").json
    assert (found["ok"], {one["state"] for one in found["findings"]}) == (
        False, {"good", "warning", "wrong", "unasked"},
    )


def test_the_doctor_lists_wrong_settings_too(run: Callable[..., Ran]) -> None:
    ran = run("doctor", SCAN_EVERY="often")
    assert ran.code == 1
    assert "SCAN_EVERY is 'often'" in ran.out
    assert "not asked, since the settings are wrong" in ran.out


def test_the_doctor_finds_nothing_to_mend_where_all_is_set_up(run: Callable[..., Ran]) -> None:
    run("migrate")
    with Playground() as playground:
        ran = run(
            "doctor", "--json", SLACK_BOT_TOKEN=playground.bot_token, SLACK_APP_TOKEN=playground.app_token,
            SLACK_API_URL=playground.api_url, ALERT_CHANNEL="C01GIFTING", ADMIN_USERS="U01ANN", HTTP_PORT="9",
        )
    assert ran.code == 0, ran.out
    assert ran.json["ok"] is True
    assert playground.bot_token not in ran.out


def test_a_second_process_on_the_same_file_is_refused(run: Callable[..., Ran]) -> None:
    first = Database("sqlite:///sendwatch.db", exclusive=True)
    ran = run("migrate")
    first.close()
    assert ran.code == 1
    assert "sendwatch.db is in use by another Sendwatch process" in ran.err


def test_a_back_up_is_taken_beside_a_bot_that_runs_and_put_back_when_it_is_gone(
    run: Callable[..., Ran], tracker: str, tmp_path: Path,
) -> None:
    run("import", tracker)
    bot = Database("sqlite:///sendwatch.db", exclusive=True)
    took = run("backup", "copy.db")
    assert (took.code, took.out[:9]) == (0, "copy.db: ")
    assert "2 sends, 0 alerts. Every page was checked." in took.out
    assert "is there already" in run("backup", "copy.db").err
    refused = run("restore", "copy.db")
    assert refused.code == 1
    assert "in use by another Sendwatch process" in refused.err
    bot.close()
    put = run("restore", "copy.db", "--json")
    assert put.code == 0
    assert put.json[0]["sends"] == 2
    assert (tmp_path / put.json[0]["former"]).is_file()
    assert run("status", "jane", "--json").json["total"] == 1


def test_the_databases_of_workspaces_are_backed_up_and_put_back_too(run: Callable[..., Ran], tracker: str) -> None:
    run("import", tracker)
    run("import", tracker, DATABASE_URL="sqlite:///sendwatch-T0OTHER.db")
    known("sendwatch.db", "T0OTHER")
    environment = {"DATABASE_URL": "sqlite:///sendwatch.db"}
    took = run("backup", "copy.db", "--json", **environment)
    assert [one["file"] for one in took.json] == ["copy.db", "copy-T0OTHER.db"]
    put = run("restore", "copy.db", "--json", **environment)
    assert [(one["file"], one["sends"]) for one in put.json] == [("sendwatch.db", 2), ("sendwatch-T0OTHER.db", 2)]


def known(path: str, *teams: str) -> None:
    """Have a main database know workspaces."""
    from storage.engine import Database  # noqa: PLC0415 - only here
    from storage.models import Workspace  # noqa: PLC0415

    database = Database(f"sqlite:///{path}")
    with database.write() as session:
        session.add_all(Workspace(team_id=team, installed_at=datetime(2026, 11, 23, tzinfo=UTC)) for team in teams)
    database.close()


@pytest.fixture
def saved(run: Callable[..., Ran], tracker: str) -> dict[str, str]:
    """A back-up, `copy.db`, of one that serves two workspaces of which each has two sends; gives its settings."""
    environment = {"DATABASE_URL": "sqlite:///sendwatch.db"}
    run("migrate", **environment)
    for team in ("T0ELM", "T0OAK"):
        run("import", tracker, DATABASE_URL=f"sqlite:///sendwatch-{team}.db")
    known("sendwatch.db", "T0ELM", "T0OAK")
    assert run("backup", "copy.db", **environment).code == 0
    return environment


def test_the_databases_of_all_workspaces_are_brought_up_to_date(
    run: Callable[..., Ran], saved: dict[str, str], tmp_path: Path,
) -> None:
    from storage import schema  # noqa: PLC0415 - only here
    from storage.engine import Database  # noqa: PLC0415

    known("sendwatch.db", "T0FIR")
    (tmp_path / "sendwatch-T0OAK.db").unlink()
    old = Database("sqlite:///sendwatch-T0OAK.db")
    schema.upgrade(old, "0013")
    with sqlite3.connect(tmp_path / "sendwatch-T0ELM.db") as line:
        line.execute("UPDATE alembic_version SET version_num = '9999'")
    ran = run("migrate", **saved)
    assert ran.code == 1
    assert ran.out.splitlines() == ["The database is up to date.", "T0OAK: its database is up to date."]
    assert "T0ELM: A newer version of Sendwatch has brought the database to schema 9999" in ran.err
    assert "Not brought up to date: T0ELM." in ran.err
    assert schema.is_current(old)
    old.close()
    (tmp_path / "sendwatch-T0OAK.db").unlink()
    lost = run("export", "ann@acme.example", **saved)
    assert lost.code == 1
    assert "The database of T0OAK is gone" in lost.err
    # None is made for a workspace that has none yet.
    assert not (tmp_path / "sendwatch-T0FIR.db").exists()


def test_nothing_is_restored_where_the_copy_of_a_workspace_is_missing(
    run: Callable[..., Ran], saved: dict[str, str], tmp_path: Path,
) -> None:
    (tmp_path / "copy-T0OAK.db").unlink()
    refused = run("restore", "copy.db", **saved)
    assert refused.code == 1
    assert "copy.db knows T0OAK, and copy-T0OAK.db is not there." in refused.err
    assert "--incomplete" in refused.err
    assert not list(tmp_path.glob("*.before-*"))
    put = run("restore", "copy.db", "--incomplete", "--json", **saved)
    assert [one["file"] for one in put.json] == ["sendwatch.db", "sendwatch-T0ELM.db"]
    (tmp_path / "sendwatch-T0OAK.db").unlink()
    put = run("restore", "copy.db", **saved | {"DATABASE_URL": "sqlite:///other.db"})
    assert put.code == 0
    assert "T0OAK has no copy beside copy.db, and no database here: it begins with an empty one." in put.err


def test_all_are_restored_or_none(run: Callable[..., Ran], saved: dict[str, str], tmp_path: Path) -> None:
    known("sendwatch.db", "T0ASH")
    (tmp_path / "sendwatch-T0ASH.db").write_bytes(b"of one that came later")
    before = {path.name: path.read_bytes() for path in tmp_path.glob("sendwatch*.db")}
    # The place where the last of the former ones would be kept is taken.
    (tmp_path / "sendwatch-T0OAK.db").rename(tmp_path / "away.db")
    (tmp_path / "sendwatch-T0OAK.db").mkdir()
    refused = run("restore", "copy.db", **saved)
    assert (refused.code, "sendwatch-T0OAK.db" in refused.err) == (1, True)
    assert {path.name: path.read_bytes() for path in tmp_path.glob("sendwatch*.db") if path.is_file()} == {
        name: content for name, content in before.items() if name != "sendwatch-T0OAK.db"
    }
    assert not list(tmp_path.glob("*.before-*"))
    assert not list(tmp_path.glob(".*.part"))


def test_the_database_of_a_workspace_that_came_after_the_back_up_is_set_aside(
    run: Callable[..., Ran], saved: dict[str, str], tracker: str, tmp_path: Path,
) -> None:
    known("sendwatch.db", "T0NEW")
    for name in ("T0NEW", "TEST"):
        run("import", tracker, DATABASE_URL=f"sqlite:///sendwatch-{name}.db")
    put = run("restore", "copy.db", **saved)
    assert put.code == 0
    assert "the back-up does not know T0NEW, which came later. What was there is kept as" in put.out
    assert not (tmp_path / "sendwatch-T0NEW.db").exists()
    assert len(list(tmp_path.glob("sendwatch-T0NEW.db.before-*"))) == 1
    assert (tmp_path / "sendwatch-TEST.db").is_file(), "nobody knows of it: it is somebody's own"


@pytest.mark.parametrize("left", [b"damaged" * 10_000, b"", None, "begun anew"])
def test_where_the_main_database_is_lost_no_workspaces_database_stays_that_nobody_would_look_after(
    run: Callable[..., Ran], saved: dict[str, str], tracker: str, tmp_path: Path, left: bytes | str | None,
) -> None:
    known("sendwatch.db", "T0NEW")
    run("import", tracker, DATABASE_URL="sqlite:///sendwatch-T0NEW.db")
    (tmp_path / "copy.db").rename(tmp_path / "sendwatch-TUESDAY.db")
    for team in ("T0ELM", "T0OAK"):
        (tmp_path / f"copy-{team}.db").rename(tmp_path / f"sendwatch-TUESDAY-{team}.db")
    for end in ("", "-wal", "-shm"):
        (tmp_path / f"sendwatch.db{end}").unlink(missing_ok=True)
    if isinstance(left, bytes):
        (tmp_path / "sendwatch.db").write_bytes(left)
    elif left is not None:
        assert run("migrate", **saved).code == 0
    put = run("restore", str(tmp_path / "sendwatch-TUESDAY.db"), **saved)
    assert put.code == 0
    assert "does not know T0NEW, and the former main database cannot tell whose it is. What was there is" in put.out
    assert not (tmp_path / "sendwatch-T0NEW.db").exists()
    assert len(list(tmp_path.glob("sendwatch-T0NEW.db.before-*"))) == 1
    assert (tmp_path / "sendwatch-TUESDAY.db").is_file(), "it is the back-up itself, although it is called like one"
    assert {path.name for path in tmp_path.glob("sendwatch-T0*.db")} == {"sendwatch-T0ELM.db", "sendwatch-T0OAK.db"}


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_restore_that_was_killed_leaves_no_database_that_the_next_one_would_not_look_after(
    run: Callable[..., Ran], saved: dict[str, str], tracker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    at: int,
) -> None:
    known("sendwatch.db", "T0NEW")
    run("import", tracker, DATABASE_URL="sqlite:///sendwatch-T0NEW.db")
    taken, replace = list[Path](), Path.replace

    def killed(part: Path, target: Path) -> Path:
        taken.append(target)
        if len(taken) == at:
            raise KeyboardInterrupt  # after which nothing is put right, as after SIGKILL
        return replace(part, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        assert run("restore", "copy.db", **saved).code == 130
    assert not (tmp_path / "sendwatch-T0NEW.db").exists()
    assert len(list(tmp_path.glob("sendwatch-T0NEW.db.before-*"))) == 1
    # A second later.
    monkeypatch.setattr(rooms, "put_aside", lambda path, _now: path.with_name(f"{path.name}.before-20261123T160000Z"))
    assert run("restore", "copy.db", **saved).code == 0
    assert not (tmp_path / "sendwatch-T0NEW.db").exists()


def test_a_copy_of_a_workspace_that_the_back_up_does_not_know_is_not_put_back(
    run: Callable[..., Ran], saved: dict[str, str], tmp_path: Path,
) -> None:
    (tmp_path / "copy-T0OAK.db").rename(tmp_path / "copy-T0GONE.db")
    (tmp_path / "sendwatch-T0OAK.db").unlink()
    put = run("restore", "copy.db", "--json", **saved)
    assert put.code == 0
    assert [one["file"] for one in put.json] == ["sendwatch.db", "sendwatch-T0ELM.db"]
    assert "copy-T0GONE.db is left where it is: copy.db does not know T0GONE." in put.err
    assert (tmp_path / "copy-T0GONE.db").is_file()
    assert not (tmp_path / "sendwatch-T0GONE.db").exists()


def test_the_copy_of_one_workspace_takes_the_place_of_no_main_database(
    run: Callable[..., Ran], saved: dict[str, str], tmp_path: Path,
) -> None:
    own = {"DATABASE_URL": "sqlite:///sendwatch-T0OAK.db"}
    refused = run("restore", "copy-T0OAK.db", **saved)
    assert refused.code == 2
    assert "copy-T0OAK.db is the copy of one workspace's database, that of T0OAK. Name the back-up of" in refused.err
    refused = run("restore", "copy.db", **own)
    assert refused.code == 2
    assert "DATABASE_URL names the database of T0OAK, and copy.db is the back-up of a main one." in refused.err
    assert not list(tmp_path.glob("*.before-*"))
    # In the place of that workspace's database it may be put, alone.
    put = run("restore", "copy-T0OAK.db", "--json", **own)
    assert (put.code, [(one["file"], one["sends"]) for one in put.json]) == (0, [("sendwatch-T0OAK.db", 2)])
    (tmp_path / "copy.db").unlink()
    assert run("restore", "copy-T0OAK.db", **saved).code == 2


def test_a_workspace_that_cannot_be_read_keeps_no_other_from_being_backed_up(
    run: Callable[..., Ran], tracker: str, tmp_path: Path,
) -> None:
    for name in ("sendwatch", "sendwatch-T0OTHER"):
        run("import", tracker, DATABASE_URL=f"sqlite:///{name}.db")
    (tmp_path / "sendwatch-T0BROKEN.db").write_bytes(b"nothing of the kind")
    took = run("backup", "copy.db", DATABASE_URL="sqlite:///sendwatch.db")
    assert took.code == 1
    assert [line.split(":")[0] for line in took.out.splitlines()] == ["copy.db", "copy-T0OTHER.db"]
    assert "sendwatch-T0BROKEN.db" in took.err
    assert ".part" not in took.err
    assert "saved all the same" in took.err


@pytest.mark.parametrize(("command", "program"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_postgresql_has_its_own_programs_for_back_ups(run: Callable[..., Ran], command: str, program: str) -> None:
    ran = run(command, "my copy.db", DATABASE_URL="postgresql://me:secret@db.example:5433/gifts")
    assert ran.code == 2
    assert f"{program} --dbname=postgresql://me@db.example:5433/gifts " in ran.err
    assert "'my copy.db'" in ran.err or "'--file=my copy.db'" in ran.err
    assert "secret" not in ran.err


def test_postgresqls_programs_are_told_what_else_is_in_the_url(run: Callable[..., Ran]) -> None:
    url = "postgresql+psycopg://me:secret@/gifts?host=/var/run/pg&port=5433&sslmode=require&password=secret"
    ran = run("restore", "my.dump", DATABASE_URL=url)
    reached = "postgresql://me@/{}?host=%2Fvar%2Frun%2Fpg&port=5433&sslmode=require"
    making, filling = ran.err.splitlines()[1:]
    assert making == (
        f"  psql '--dbname={reached.format('postgres')}' "
        "'--command=ALTER DATABASE \"gifts\" RENAME TO \"before_gifts\"' '--command=CREATE DATABASE \"gifts\"'"
    )
    assert filling == f"  pg_restore '--dbname={reached.format('gifts')}' --no-owner my.dump"


def test_the_bot_runs_until_it_is_told_to_stop(tmp_path: Path) -> None:
    with Playground() as playground:
        environment = {name: value for name, value in os.environ.items() if name not in
                       {field.upper() for field in Settings.model_fields}}
        bot = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"], cwd=tmp_path, stderr=subprocess.PIPE, text=True,
            env=environment | {
                "PYTHONPATH": str(Path(__file__).parents[2]), "SLACK_BOT_TOKEN": playground.bot_token,
                "SLACK_APP_TOKEN": playground.app_token, "SLACK_API_URL": playground.api_url,
                "ALERT_CHANNEL": "C01GIFTING", "HTTP_PORT": "0", "LOG_FORMAT": "json",
            },
        )
        playground.wait_until_connected(30)
        assert playground.person("ann").command("/sends help").visible_text
        bot.send_signal(signal.SIGTERM)
        _, log = bot.communicate(timeout=20)
    assert bot.returncode == 0, log
    assert '"event": "running"' in log
    assert playground.bot_token not in log


def test_a_database_of_a_newer_version_is_left_as_it_is(run: Callable[..., Ran], tmp_path: Path) -> None:
    assert run("migrate").code == 0
    with sqlite3.connect(tmp_path / "sendwatch.db") as line:
        line.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in (["migrate"], ["status", "jane"], ["scan", "--dry-run"], ["config", "export"]):
        ran = run(*command)
        assert (ran.code, ran.out) == (1, "")
        assert "A newer version of Sendwatch has brought the database to schema 9999" in ran.err
        assert "restore a back-up that was made before the upgrade" in ran.err


@pytest.mark.parametrize("every", [251, 499, 997, 1_999])
def test_a_damaged_database_is_told_in_a_sentence(run: Callable[..., Ran], tmp_path: Path, every: int) -> None:
    line = f"1,Jane Doe,jane@acme.com,Processing,Direct Mail,{day(9)},{day(9)},Q4\n"
    (tmp_path / "a.csv").write_text(HEADINGS + line)
    assert run("import", "a.csv").code == 0
    file = tmp_path / "sendwatch.db"
    broken = bytearray(file.read_bytes())
    broken[100::every] = bytes(one ^ 0xFF for one in broken[100::every])
    file.write_bytes(broken)
    # Nothing gets out of `main` but an exit code.
    for command in (["status", "jane"], ["doctor"], ["restore", "sendwatch.db"], ["scan"], ["backup", "b.db"]):
        ran = run(*command)
        assert ran.code in {0, 1}
        assert "Traceback" not in ran.err


@pytest.mark.parametrize("command", [["migrate"], ["scan"], ["restore", "copy.db"]])
def test_a_database_whose_lock_cannot_be_opened_is_told_in_a_sentence(
    run: Callable[..., Ran], tmp_path: Path, command: list[str],
) -> None:
    assert run("migrate").code == 0
    assert run("backup", "copy.db").code == 0
    (tmp_path / "sendwatch.db.lock").unlink()
    (tmp_path / "sendwatch.db.lock").mkdir()
    ran = run(*command)
    assert (ran.code, ran.out) == (1, "")
    assert "sendwatch.db.lock cannot be opened: Is a directory. The bot's user must be able to write" in ran.err


def test_a_database_in_what_is_no_folder_is_told_in_a_sentence(run: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for command in ("migrate", "doctor"):
        ran = run(command, DATABASE_URL=f"sqlite:///{tmp_path / 'file' / 'new.db'}")
        assert ran.code == 1
        assert "cannot be opened: Not a directory" in ran.out + ran.err


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_lock_that_root_makes_is_the_bot_s_own(run: Callable[..., Ran], tmp_path: Path) -> None:
    assert run("migrate").code == 0
    assert run("backup", "copy.db").code == 0
    (tmp_path / "sendwatch.db.lock").unlink()
    os.chown(tmp_path / "sendwatch.db", 65534, 65534)
    assert run("restore", "copy.db").code == 0
    for name in ("sendwatch.db", "sendwatch.db.lock"):
        assert (tmp_path / name).stat().st_uid == 65534


def test_nobody_else_on_the_machine_reads_the_database(run: Callable[..., Ran], tmp_path: Path) -> None:
    assert run("migrate").code == 0
    assert (tmp_path / "sendwatch.db").stat().st_mode & 0o777 == 0o600


def test_a_port_that_is_taken_is_told_in_a_sentence(run: Callable[..., Ran]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        slack = {"SLACK_BOT_TOKEN": "xoxb-none", "SLACK_SIGNING_SECRET": "x", "ALERT_CHANNEL": "C01GIFTING"}
        ran = run("run", **slack, HTTP_PORT=str(port))
    assert ran.code == 1
    assert f"127.0.0.1, port {port} cannot be listened on" in ran.err
    assert "HTTP_PORT" in ran.err


def test_a_terminal_without_a_sign_shows_another_for_it(tmp_path: Path) -> None:
    about = os.environ | {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    command = [sys.executable, "-m", "bot", "meaning", "delivered"]
    ran = subprocess.run(command, cwd=tmp_path, env=about, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Delivered" in ran.stdout


@pytest.mark.parametrize("mark", [
    "jane@acme.com", "Z2lkOi8vc2VuZG9zby9TZW5kLzQ0", "https://app.sendoso.com/track/116d64dc686937dd", "jane",
])
def test_a_process_of_its_own_finds_a_send_by_whatever_names_it(tmp_path: Path, mark: str) -> None:
    (tmp_path / "sends.csv").write_text(
        "Send GID,Recipient Name,Recipient Email,Status,Send Type,Created At,Tracking Link\n"
        "Z2lkOi8vc2VuZG9zby9TZW5kLzQ0,Jane Roe,jane@acme.com,Shipped,eGifts USA,2026-11-20,"
        "https://app.sendoso.com/track/116d64dc686937dd\n",
    )
    about = os.environ | {
        "PYTHONPATH": str(Path(__file__).parents[2]), "DATABASE_URL": f"sqlite:///{tmp_path / 'fresh.db'}",
    }

    def run(*words: str) -> str:
        # What another command has done before in this process is not there.
        ran = subprocess.run(
            [sys.executable, "-m", "bot", *words], cwd=tmp_path, env=about, capture_output=True, text=True, check=False,
        )
        assert (ran.returncode, ran.stderr) == (0, "")
        return ran.stdout

    run("import", "sends.csv", "--json")
    assert [send["recipient"]["name"] for send in json.loads(run("status", mark, "--json"))["sends"]] == ["Jane Roe"]
    assert "Jane Roe" in run("status", mark)


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_what_cannot_be_printed_is_said_in_one_sentence(tmp_path: Path, unbuffered: str) -> None:
    if not Path("/dev/full").is_char_device():
        pytest.skip("this system has no /dev/full")
    about = {**os.environ, "PYTHONPATH": str(Path.cwd()), "PYTHONUNBUFFERED": unbuffered}
    for words in (["meaning", "shipped"], ["meaning", "shipped", "--json"], ["--help"]):
        with Path("/dev/full").open("wb") as full:
            ran = subprocess.run(
                [sys.executable, "-m", "bot", *words], cwd=tmp_path, env=about, stdout=full, stderr=subprocess.PIPE,
                text=True, check=False,
            )
        assert (ran.returncode, ran.stderr.count("\n"), "could be printed" in ran.stderr) == (1, 1, True)


def test_a_closed_output_is_no_trouble(tmp_path: Path) -> None:
    command = f"{sys.executable} -m bot meaning shipped >&- 2>&-"
    about = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    assert subprocess.run(["sh", "-c", command], cwd=tmp_path, env=about, check=False).returncode == 0
