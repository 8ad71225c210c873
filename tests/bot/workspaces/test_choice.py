"""Commands about sends, where one bot serves several workspaces: each is asked to say which one, or is told it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.playground.sendoso import SendosoState, routes
from bot.playground.server import Playground
from storage import rooms, schema, workspaces
from storage.engine import Database
from storage.secrets import Vault
from storage.workspaces import Grant
from tests.bot.privacy.test_forgetting import snapshot, take
from tests.bot.test_cli import Ran, run, tracker
from tests.conftest import NOW

__all__ = ["run", "tracker"]
KEY = Fernet.generate_key().decode()
NAMES = {"T0ACORN": "Ac\x1b[31morn", "T0BEECH": "Beech"}
Told = Callable[..., Ran]
ABOUT_SENDS = [
    ("status", "jane"), ("report",), ("audit",), ("scan",), ("scan", "--dry-run"), ("deliver",), ("sync",),
    ("import", "tracker.csv"), ("config", "check"), ("config", "export"), ("config", "import", "tracker.csv"),
]


def install(main: str, *teams: str, room: bool = True) -> None:
    """Have workspaces install the app; each has one send in its database, to somebody of its own."""
    database = Database(main)
    schema.upgrade(database)
    with database.write() as session:
        for team in teams:
            workspaces.install(session, Vault([KEY]), Grant(
                enterprise_id="", team_id=team, name=NAMES.get(team, team), token="xoxb-1", bot_id="B1",
                bot_user_id="U0", scopes="", installed_by="U01ANN",
            ), NOW)
    database.close()
    for team in teams if room else ():
        place = Database(rooms.make(main, team))
        schema.upgrade(place)
        take(place, snapshot(recipient_email=f"jane@{team.lower()}.example", recipient_name="Jane Doe"))
        place.close()


def change(main: str, team: str, **values: object) -> None:
    database = Database(main)
    with database.write() as session:
        row = workspaces.by_team(session, team)
        for name, value in values.items():
            setattr(row, name, value)
    database.close()


@pytest.fixture
def main(run: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "s", "ENCRYPTION_KEYS": KEY}.items():
        monkeypatch.setenv(name, value)
    return f"sqlite:///{tmp_path / 'sendwatch.db'}"


def found(ran: Ran) -> list[str]:
    assert ran.code == 0, ran.err
    return [send["recipient"]["email"] for send in ran.json["sends"]]


@pytest.mark.parametrize("command", ABOUT_SENDS, ids=" ".join)
def test_without_a_name_the_workspaces_are_told_and_nothing_else(
    run: Told, main: str, tracker: str, command: tuple[str, ...],
) -> None:
    install(main, "T0ACORN", "T0BEECH")
    ran = run(*command)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "This bot serves several workspaces. Each has a database of its own with its sends, and the main one holds "
        "none of them: name one with --workspace ID. They are T0ACORN (Ac[31morn), T0BEECH (Beech).\n"
    )


@pytest.mark.parametrize("command", [one for one in ABOUT_SENDS if one[0] != "sync"], ids=" ".join)
def test_with_a_name_each_works_on_that_one(run: Told, main: str, tracker: str, command: tuple[str, ...]) -> None:
    install(main, "T0ACORN", "T0BEECH")
    ran = run(*command, "--workspace", "T0BEECH", SLACK_API_URL="http://127.0.0.1:1/api/")
    # The file is a table, and no configuration.
    assert ran.code == (1 if command[:2] == ("config", "import") else 0), ran.err
    assert "several" not in ran.err


def test_a_look_up_finds_the_sends_of_the_workspace_that_is_named(run: Told, main: str) -> None:
    install(main, "T0ACORN", "T0BEECH")
    for team in ("T0ACORN", "T0BEECH"):
        assert found(run("status", "jane", "--json", "--workspace", team)) == [f"jane@{team.lower()}.example"]
    # As the schema of PostgreSQL is called.
    assert found(run("status", "jane", "--json", "--workspace", "t0beech")) == ["jane@t0beech.example"]
    ran = run("status", "jane", "--workspace", "T0OAK")
    assert (ran.code, ran.err) == (2, (
        "'T0OAK' is no workspace that this bot serves; known are T0ACORN (Ac[31morn), T0BEECH (Beech).\n"
    ))


def test_an_import_goes_to_the_workspace_that_is_named_only(
    run: Told, main: str, tracker: str, tmp_path: Path,
) -> None:
    install(main, "T0ACORN", "T0BEECH")
    assert run("import", tracker, "--workspace", "T0BEECH", "--json").json["new"] == 2
    assert len(found(run("status", "jane", "--json", "--workspace", "T0BEECH"))) == 2
    assert len(found(run("status", "jane", "--json", "--workspace", "T0ACORN"))) == 1


def test_the_only_workspace_is_taken(run: Told, main: str) -> None:
    install(main, "T0ACORN", "T0BEECH")
    change(main, "T0ACORN", token=None, uninstalled_at=datetime(2026, 11, 23, tzinfo=UTC))
    assert found(run("status", "jane", "--json")) == ["jane@t0beech.example"]
    # What is kept of one that was uninstalled can be looked at, but its bot has stopped.
    assert found(run("status", "jane", "--json", "--workspace", "T0ACORN")) == ["jane@t0acorn.example"]
    for command in ("deliver", "scan", "sync"):
        ran = run(command, "--workspace", "T0ACORN")
        assert (ran.code, "T0ACORN has taken the app out" in ran.err) == (2, True)


def test_a_database_of_one_workspace_is_known_by_its_url(run: Told, main: str) -> None:
    install(main, "T0ACORN", "T0BEECH")
    own = {"DATABASE_URL": rooms.url_of(main, "T0BEECH")}
    assert found(run("status", "jane", "--json", **own)) == ["jane@t0beech.example"]
    for typed in ("T0BEECH", "t0beech"):
        assert found(run("status", "jane", "--json", "--workspace", typed, **own)) == ["jane@t0beech.example"]
    ran = run("status", "jane", "--workspace", "T0ACORN", **own)
    assert (ran.code, "DATABASE_URL names the database of T0BEECH" in ran.err) == (2, True)


def test_its_channel_and_its_admins_are_those_of_the_check(run: Told, main: str) -> None:
    install(main, "T0ACORN", "T0BEECH")
    change(main, "T0BEECH", alert_channel="C0BEECH", admins=["U0BEN"])
    ways: list[tuple[tuple[str, ...], dict[str, str]]] = [
        (("--workspace", "T0BEECH"), {}), ((), {"DATABASE_URL": rooms.url_of(main, "T0BEECH")}),
    ]
    for arguments, environment in ways:
        ran = run("config", "check", *arguments, **environment)
        assert (ran.code, "C0BEECH" in ran.out) == (0, True), ran.out
        assert "ALERT_CHANNEL is missing" not in ran.out + ran.err
        assert "ADMIN_USERS is empty" not in ran.out + ran.err


def test_a_sync_and_a_delivery_go_by_what_the_workspace_has_given(run: Told, main: str, tmp_path: Path) -> None:
    sendoso = SendosoState()
    sendoso.add(snapshot(recipient_name="Max Moll", status_raw="Processing"))
    with Playground(sendoso=sendoso, routes=routes(sendoso, "/sendoso")) as playground:
        install(main, "T0ACORN", "T0BEECH")
        token = Vault([KEY]).seal({"token": playground.bot_token})
        change(main, "T0BEECH", alert_channel="C01GIFTING", token=token)
        (tmp_path / "beech.env").write_text(
            f"SENDOSO_ACCESS_TOKEN={sendoso.access.access_token}\nSENDOSO_API_URL={playground.url}/sendoso\n",
        )
        here = {"SLACK_API_URL": playground.api_url, "SENDOSO_ACCESS_TOKEN": "of nobody"}
        assert run("workspaces", "sendoso", "T0BEECH", "beech.env", **here).code == 0
        assert run("sync", "--workspace", "T0BEECH", "--json").json["read"] == 1
        assert run("scan", "--workspace", "T0BEECH", "--json").json["messages"] == 1
        assert run("deliver", "--workspace", "T0BEECH", "--json").json["posted"] == 1
        assert playground.channel("#gifting-alerts").messages
        # The account of the server itself is nobody's.
        assert "T0ACORN has no access" in run("sync", "--workspace", "T0ACORN").err
    sendoso.close()


def test_what_is_missing_is_told_with_what_to_do(run: Told, main: str, tmp_path: Path) -> None:
    ran = run("status", "jane")
    assert (ran.code, "There is no database at" in ran.err, list(tmp_path.iterdir())) == (1, True, [])
    install(main)
    ran = run("status", "jane")
    assert (ran.code, "nobody has installed the app yet" in ran.err) == (2, True)
    install(main, "T0ACORN", room=False)
    ran = run("status", "jane")
    assert (ran.code, "T0ACORN has no database yet: the bot makes it" in ran.err) == (2, True)
    install(main, "T0ACORN")
    ran = run("sync")
    assert (ran.code, "“sendwatch workspaces sendoso T0ACORN FILE” gives it" in ran.err) == (2, True)
    ran = run("deliver", ENCRYPTION_KEYS=Fernet.generate_key().decode())
    assert (ran.code, "Put the former key behind the new one" in ran.err) == (2, True)
    # What is no secret needs no key.
    assert found(run("status", "jane", "--json")) == ["jane@t0acorn.example"]
    ran = run("deliver", ENCRYPTION_KEYS="")
    assert (ran.code, "ENCRYPTION_KEYS is missing" in ran.err) == (2, True)


def test_a_copy_of_a_database_answers_whatever_it_is_called(run: Told, main: str, tmp_path: Path) -> None:
    install(main, "T0ACORN", "T0BEECH")
    (tmp_path / "sendwatch-T0BEECH.db").rename(tmp_path / "copy.db")
    assert found(run("status", "jane", "--json", DATABASE_URL="sqlite:///copy.db")) == ["jane@t0beech.example"]


def test_with_a_bot_token_there_is_no_workspace_to_be_named(run: Told, main: str, tracker: str) -> None:
    one = {"SLACK_BOT_TOKEN": "xoxb-1"}
    assert run("import", tracker, **one).code == 0
    assert found(run("status", "jane", "--json", **one)) == ["jane@acme.example"]
    ran = run("status", "jane", "--workspace", "T0ACORN", **one)
    assert (ran.code, "this Sendwatch serves one workspace" in ran.err) == (2, True)
