from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.sends.naming import FORGOTTEN
from storage import access_record, rooms, schema, workspaces
from storage.engine import Database
from storage.models import Person, Workspace
from tests.bot.privacy.test_forgetting import snapshot, take
from tests.bot.test_cli import Ran, run, tracker
from tests.conftest import NOW

__all__ = ["run", "tracker"]


@pytest.fixture
def imported(run: Callable[..., Ran], tracker: str) -> Callable[..., Ran]:
    assert run("import", tracker).code == 0
    return run


def test_forget_says_what_it_did_and_another_import_keeps_to_it(
    imported: Callable[..., Ran], tracker: str, tmp_path: Path,
) -> None:
    would = imported("forget", "Jane@Acme.example", "--dry-run", "--json")
    assert (would.code, would.json["rows"], would.json["dry_run"]) == (0, {"sends": 1}, True)
    assert imported("status", "jane", "--json").json["total"] == 1
    done = imported("forget", "Jane@Acme.example")
    assert (done.code, done.out.splitlines()) == (
        0, ["Changed: 1 in sends.", "A later sync or import does not bring the address back."],
    )
    again = imported("import", tracker, "--json")
    assert (again.json["new"], len(again.json["rejected"])) == (0, 1)
    assert imported("status", "jane", "--json").json["total"] == 0
    assert imported("status", "max", "--json").json["total"] == 1
    assert b"jane" not in (tmp_path / "sendwatch.db").read_bytes().lower()
    # Once more changes nothing, and is no failure: whoever runs it for a list of people may begin anew.
    assert imported("forget", "jane@acme.example").out.startswith(
        "Nothing is held about jane@acme.example.",
    )


def test_export_tells_what_is_held(imported: Callable[..., Ran], tmp_path: Path) -> None:
    told = imported("export", "jane@acme.example")
    assert told.code == 0
    assert [send["recipient_name"] for send in told.json["held"]["sends"]] == ["Jane Doe"]
    file = tmp_path / "jane.json"
    assert imported("export", "jane@acme.example", "--json", str(file)).out == f"{file}: 2 rows.\n"
    assert json.loads(file.read_text()) == told.json
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    missing = imported("export", "jane@acme.example", "--json", str(tmp_path / "none" / "jane.json"))
    assert (missing.code, "cannot be written" in missing.err) == (1, True)


@pytest.mark.parametrize("command", ["forget", "export"])
@pytest.mark.parametrize("typed", ["Jane Doe", "mailto:", "jane@acme.example, max@acme.example", "@acme.example", ""])
def test_what_is_no_address_is_wrong_use(imported: Callable[..., Ran], command: str, typed: str) -> None:
    ran = imported(command, typed)
    assert (ran.code, ran.out) == (2, "")
    assert f"{typed!r} is not an e-mail address; write for example jane@acme.com." in ran.err


@pytest.mark.parametrize("typed", [
    "mailto:jane@acme.example", "<mailto:Jane@acme.example|jane@acme.example>", "jane@acme.example.",
    "ｊａｎｅ＠ａｃｍｅ．ｅｘａｍｐｌｅ",  # noqa: RUF001 - letters as wide as signs
])
def test_an_address_is_found_however_it_was_copied(imported: Callable[..., Ran], typed: str) -> None:
    told = imported("export", typed).json
    assert (told["email"], len(told["held"]["sends"])) == ("jane@acme.example", 1)
    done = imported("forget", typed, "--json").json
    assert (done["email"], done["rows"]) == ("jane@acme.example", {"sends": 1})
    assert imported("export", "jane@acme.example").json["forgotten"] is True
    assert imported("status", "jane", "--json").json["total"] == 0


@pytest.fixture
def invalid(run: Callable[..., Ran], tmp_path: Path) -> Callable[..., Ran]:
    """Recipients of sends in "Invalid Email Format", as an export has them."""
    emails = (
        "john.doe.acme.example", "ann poe@acme.example", "bob@@acme.example", "eve@acme.example, adam@acme.example",
    )
    lines = [f'{number},Somebody,"{email}",Invalid Email Format\n' for number, email in enumerate(emails, start=1)]
    (tmp_path / "invalid.csv").write_text("Send ID,Recipient Name,Recipient Email,Status\n" + "".join(lines))
    assert run("import", "invalid.csv", "--json").json["new"] == 4
    return run


@pytest.mark.parametrize("typed", [
    "john.doe.acme.example", "Ann Poe@acme.example", "bob@@acme.example", "adam@acme.example",
    "eve@acme.example, adam@acme.example", "ｂｏｂ＠＠ａｃｍｅ．ｅｘａｍｐｌｅ",  # noqa: RUF001 - letters as wide as signs
])
def test_what_stands_in_an_address_field_is_found_although_it_is_no_address(
    invalid: Callable[..., Ran], typed: str,
) -> None:
    assert len(invalid("export", typed).json["held"]["sends"]) == 1
    done = invalid("forget", typed, "--yes")
    assert (done.code, done.out.splitlines()[0]) == (0, "Changed: 1 in sends.")
    assert invalid("import", "invalid.csv", "--json").json["new"] == 0
    again = invalid("export", typed).json
    assert (again["held"], again["forgotten"]) == ({}, True)
    assert invalid("forget", typed).out.startswith("Nothing is held about ")
    for nobody in ("jane@@acme.example", "acme.example", "adam@acme.example, eve@acme.example"):
        ran = invalid("forget", nobody)
        assert (ran.code, ran.out) == (2, "")
        assert f"{nobody!r} is not an e-mail address; write for example jane@acme.com." in ran.err


@pytest.mark.parametrize("command", ["forget", "export"])
def test_where_there_is_no_database_none_is_made(run: Callable[..., Ran], tmp_path: Path, command: str) -> None:
    ran = run(command, "jane@acme.example")
    assert (ran.code, ran.out) == (1, "")
    assert f"There is no database at {tmp_path / 'sendwatch.db'}; run it with the settings of the bot" in ran.err
    assert list(tmp_path.iterdir()) == []
    nowhere = run(command, "jane@acme.example", DATABASE_URL="sqlite://")
    assert (nowhere.code, "DATABASE_URL: names no file" in nowhere.err) == (2, True)


def test_forget_fails_where_settings_name_the_person(imported: Callable[..., Ran], tmp_path: Path) -> None:
    routes = tmp_path / "routes.yml"
    routes.write_text(
        "routes:\n  - name: hers\n    when: {sender: jane@acme.example}\n    channel: C02SALES\n", encoding="utf-8",
    )
    assert imported("config", "import", str(routes)).code == 0
    ran = imported("forget", "jane@acme.example")
    assert ran.code == 1
    assert "The configuration names the person in: routes." in ran.out


@pytest.fixture
def several(imported: Callable[..., Ran], tmp_path: Path) -> Callable[..., Ran]:
    """Jane in the main database and in those of two workspaces; a third has none yet."""
    main = f"sqlite:///{tmp_path / 'sendwatch.db'}"
    database = Database(main)
    with database.write() as session:
        for team in ("T0ACME", "T0BEECH", "T0NEW"):
            session.add(Workspace(team_id=team, name=team, installed_at=NOW))
    database.close()
    for team in ("T0ACME", "T0BEECH"):
        room = Database(rooms.make(main, team))
        schema.upgrade(room)
        take(room, snapshot(recipient_email="jane@acme.example", recipient_name="Jane Doe", campaign="Door opener"))
        room.close()
    return imported


def sends_of(told: Any) -> dict[str | None, int]:  # noqa: ANN401 - JSON
    return {one["workspace"]: len(one["held"].get("sends", ())) for one in told["databases"]}


def test_where_several_workspaces_are_served_all_are_gone_through(
    several: Callable[..., Ran], tmp_path: Path,
) -> None:
    told = several("export", "jane@acme.example")
    assert (told.code, sends_of(told.json)) == (0, {None: 1, "T0ACME": 1, "T0BEECH": 1})
    assert told.json["rows"] == sum(
        len(rows) for one in told.json["databases"] for rows in one["held"].values()
    ) > 3
    assert (told.json["without_database"], told.json["failed"]) == (["T0NEW"], {})
    room = Database(rooms.url_of(f"sqlite:///{tmp_path / 'sendwatch.db'}", "T0BEECH"))
    take(room, snapshot(send_gid="odd", recipient_email="bob@@acme.example", recipient_name="Bob"))
    room.close()
    assert sends_of(several("export", "bob@@acme.example").json) == {None: 0, "T0ACME": 0, "T0BEECH": 1}
    assert several("export", "bob@@acme.example", "--workspace", "T0ACME").code == 2
    would = several("forget", "jane@acme.example", "--dry-run", "--json").json
    assert (would["rows"], [one["rows"] for one in would["databases"]]) == ({"sends": 3}, [{"sends": 1}] * 3)
    done = several("forget", "jane@acme.example")
    assert (done.code, done.out.splitlines(), done.err) == (0, [
        "The main database:", "  Changed: 1 in sends.", "T0ACME:", "  Changed: 1 in sends.",
        "T0BEECH:", "  Changed: 1 in sends.",
        "T0NEW: it has no database yet. Nothing is held there, and nothing keeps the address out of it later.",
        "In 3 databases: Changed: 3 in sends.", "A later sync or import does not bring the address back.",
    ], "")
    assert sends_of(several("export", "jane@acme.example").json) == {None: 0, "T0ACME": 0, "T0BEECH": 0}


@pytest.mark.parametrize("command", [("export",), ("forget", "--dry-run"), ("forget",)])
def test_a_database_that_was_moved_away_is_no_workspace_without_one(
    several: Callable[..., Ran], tmp_path: Path, command: tuple[str, ...],
) -> None:
    main = Database(f"sqlite:///{tmp_path / 'sendwatch.db'}")
    with main.write() as session:
        for team in ("T0ACME", "T0BEECH"):
            rooms.note(session, team, NOW)
    main.close()
    lost = tmp_path / "sendwatch-T0BEECH.db"
    lost.rename(tmp_path / "aside.db")
    told = several(command[0], "jane@acme.example", *command[1:])
    assert told.code == 1
    assert f"Not looked through: T0BEECH: The database of T0BEECH is gone: {lost} was there" in told.err
    one = several(command[0], "jane@acme.example", *command[1:], "--workspace", "T0BEECH")
    assert (one.code, "The database of T0BEECH is gone" in one.err) == (1, True)
    assert not lost.exists()


def test_the_schemas_of_workspaces_are_gone_through_in_postgresql(
    run: Callable[..., Ran], tracker: str, postgresql: Database,
) -> None:
    main = postgresql.url.render_as_string(hide_password=False)
    assert run("import", tracker, DATABASE_URL=main).code == 0
    with postgresql.write() as session:
        for team in ("T0ACME", "T0BROKEN", "T0NEW"):
            session.add(Workspace(team_id=team, name=team, installed_at=NOW))
    for team in ("T0ACME", "T0BROKEN"):
        room = Database(rooms.make(main, team))
        schema.upgrade(room)
        take(room, snapshot(recipient_email="jane@acme.example", recipient_name="Jane Doe", campaign="Door opener"))
        room.close()
    with postgresql.engine.begin() as connection:
        connection.exec_driver_sql(f"DROP TABLE {rooms.schema_of('T0BROKEN')}.people")
    done = run("forget", "jane@acme.example", "--json")
    assert (done.code, done.json["rows"], done.json["without_database"]) == (1, {"sends": 2}, ["T0NEW"])
    assert [one["workspace"] for one in done.json["databases"]] == [None, "T0ACME"]
    assert list(done.json["failed"]) == ["T0BROKEN"]
    assert re.fullmatch(r"Not looked through: T0BROKEN: .*people.* does not exist\n", done.err)


def test_one_workspace_alone_is_gone_through_by_name(several: Callable[..., Ran], tmp_path: Path) -> None:
    ran = several("forget", "jane@acme.example", "--workspace", "T0ACME", "--json")
    assert (ran.code, ran.json["rows"], "databases" in ran.json) == (0, {"sends": 1}, False)
    # As the schema of PostgreSQL is called.
    assert several("export", "jane@acme.example", "--workspace", "t0acme").json["held"] == {}
    assert sends_of(several("export", "jane@acme.example").json) == {None: 1, "T0ACME": 0, "T0BEECH": 1}
    for team, says in (("T0NEW", "has no database yet"), ("T0ELSE", "no workspace that this bot serves; known are T0")):
        ran = several("forget", "jane@acme.example", "--workspace", team)
        assert (ran.code, says in ran.err) == (2, True)
    assert not (tmp_path / "sendwatch-T0NEW.db").exists()


def test_a_workspace_that_cannot_be_opened_is_named_and_the_others_are_gone_through(
    several: Callable[..., Ran], tmp_path: Path,
) -> None:
    for end in ("-wal", "-shm"):
        (tmp_path / f"sendwatch-T0ACME.db{end}").unlink(missing_ok=True)
    (tmp_path / "sendwatch-T0ACME.db").write_bytes(b"no database " * 1_000)
    told = several("export", "jane@acme.example")
    assert (told.code, sends_of(told.json)) == (1, {None: 1, "T0BEECH": 1})
    assert told.json["failed"] == {"T0ACME": "file is not a database"}
    assert told.err == "Not looked through: T0ACME: file is not a database\n"
    done = several("forget", "jane@acme.example")
    assert done.code == 1
    assert "In 2 databases: Changed: 2 in sends." in done.out
    assert "NOT LOOKED THROUGH, so the person may still be there: T0ACME." in done.out
    assert "T0ACME: file is not a database" in done.err


def test_while_the_bot_has_the_files_nothing_is_said_to_be_gone(several: Callable[..., Ran], tmp_path: Path) -> None:
    held = [Database(f"sqlite:///{file}", exclusive=True) for file in tmp_path.glob("sendwatch*.db")]
    ran = several("forget", "jane@acme.example")
    for one in held:
        one.close()
    assert (ran.code, len(held)) == (1, 3)
    assert "NOT LOOKED THROUGH, so the person may still be there: the main database, T0ACME, T0BEECH." in ran.out
    assert "Nothing is held about" not in ran.out
    assert "does not bring the address back" not in ran.out


def test_the_main_database_knows_an_admin_by_the_slack_user_alone(
    run: Callable[..., Ran], database: Database,
) -> None:
    main = database.url.render_as_string(hide_password=False)
    with database.write() as session:
        session.add(Workspace(team_id="T0ACME", installed_at=NOW, installed_by="U0JANE", admins=["U0MAX", "U0JANE"]))
        session.add(Workspace(team_id="T0BEECH", installed_at=NOW, installed_by="U0JANE", admins=["U0JANE"]))
        access_record.note(session, "T0ACME", "U0JANE", NOW, key="1", before={}, after={"access": "token"})
    room = Database(rooms.make(main, "T0ACME"))
    schema.upgrade(room)
    with room.write() as session:
        session.add(Person(user_id="U0JANE", email="jane@acme.example", name="Jane Doe", fetched_at=NOW))
    room.close()

    def told() -> tuple[Ran, Any]:
        ran = run("export", "jane@acme.example", DATABASE_URL=main)
        return ran, ran.json["databases"][0]["held"]

    held = told()[1]
    assert [event["actor"] for event in held["alert_events"]] == ["U0JANE"]
    assert [(one["team_id"], one["installed_it"], one["is_admin"]) for one in held["workspaces"]] == [
        ("T0ACME", True, True), ("T0BEECH", True, True),
    ]
    would = run("forget", "jane@acme.example", "--dry-run", "--json", DATABASE_URL=main)
    assert (would.code, told()[1]) == (1, held)
    done = run("forget", "jane@acme.example", "--json", DATABASE_URL=main)
    assert (done.code, done.json["only_admin"]) == (1, ["T0BEECH"])
    assert done.json["rows"] == would.json["rows"] == {"alert_events": 1, "people": 1, "workspaces": 1}
    with database.read() as session:
        acme, beech = workspaces.every(session)
        last = access_record.last(session, "T0ACME")
    assert (acme.installed_by, acme.admins) == ("U0MAX", ["U0MAX"])
    assert (beech.installed_by, beech.admins) == ("U0JANE", ["U0JANE"])
    assert last is not None
    assert last.actor.startswith(FORGOTTEN)
