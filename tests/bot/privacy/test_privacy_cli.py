from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from storage import rooms, schema
from storage.engine import Database
from storage.models import Workspace
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
    assert imported("forget", "jane@acme.example").out.startswith("Nothing is held about this address.")


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
def test_what_is_no_address_is_wrong_use(run: Callable[..., Ran], command: str) -> None:
    ran = run(command, "Jane Doe")
    assert ran.code == 2
    assert "'Jane Doe' is not an e-mail address" in ran.err


def test_forget_fails_where_settings_name_the_person(imported: Callable[..., Ran], tmp_path: Path) -> None:
    routes = tmp_path / "routes.yml"
    routes.write_text(
        "routes:\n  - name: hers\n    when: {sender: jane@acme.example}\n    channel: C02SALES\n", encoding="utf-8",
    )
    assert imported("config", "import", str(routes)).code == 0
    ran = imported("forget", "jane@acme.example")
    assert ran.code == 1
    assert "The configuration names the person in: routes." in ran.out


def test_where_several_workspaces_are_served_each_database_is_gone_through_by_name(
    imported: Callable[..., Ran], tmp_path: Path,
) -> None:
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
    ran = imported("forget", "jane@acme.example", "--workspace", "T0ACME", "--json")
    assert (ran.code, ran.json["rows"]["sends"]) == (0, 1)
    assert "Not looked through: the databases of T0BEECH, T0NEW." in ran.err
    assert imported("export", "jane@acme.example", "--workspace", "T0ACME").json["held"] == {}
    for left in (("--workspace", "T0BEECH"), ()):
        assert len(imported("export", "jane@acme.example", *left).json["held"]["sends"]) == 1
    for team, says in (("T0NEW", "has no database yet"), ("T0ELSE", "no workspace that this bot serves; known are T0")):
        ran = imported("forget", "jane@acme.example", "--workspace", team)
        assert (ran.code, says in ran.err) == (2, True)
