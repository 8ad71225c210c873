from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from bot import audit
from bot.cli import main
from bot.settings import Settings
from storage import access_record, rooms, schema, secrets, workspaces
from storage.engine import Database
from storage.secrets import TokenPair, Vault
from storage.workspaces import Grant

KEY, NEW_KEY = Fernet.generate_key().decode(), Fernet.generate_key().decode()
TOKEN = "sendoso-token-of-acorn"
SIGNING = "whsec_YWNvcm4tYW5ldw==,whsec_YWNvcm4tYWdhaW4="
GRANT = Grant(
    enterprise_id="", team_id="T0ACORN", name="Ac\x1b[31morn", token="xoxb-1", bot_id="B1", bot_user_id="U0", scopes="",
    installed_by="U01ANN",
)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "s", "ENCRYPTION_KEYS": KEY,
        # The bot's own account must never become a workspace's.
        "SENDOSO_CLIENT_ID": "environment", "SENDOSO_CLIENT_SECRET": "e", "SENDOSO_REFRESH_TOKEN": "e",
    }.items():
        monkeypatch.setenv(name, value)
    database = Database(f"sqlite:///{tmp_path / 'sendwatch.db'}")
    schema.upgrade(database)
    with database.write() as session:
        workspaces.install(session, Vault([KEY]), GRANT, datetime(2026, 11, 23, tzinfo=UTC))
    database.close()

    def ran(*arguments: str, stdin: str = "", **environment: str) -> tuple[int, str, str]:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        monkeypatch.setattr(sys, "argv", ["sendwatch", "workspaces", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return ran


def kept(folder: Path, key: str = KEY) -> dict[str, Any]:
    database = Database(f"sqlite:///{folder / 'sendwatch.db'}")
    with database.read() as session:
        [row] = workspaces.every(session)
        found = workspaces.sendoso_of(Vault([key]), row)
    database.close()
    return found


def test_what_is_listed_holds_no_secret(run: Run) -> None:
    assert run("sendoso", "T0ACORN", "-", stdin=f"SENDOSO_ACCESS_TOKEN={TOKEN}")[0] == 0
    code, out, _ = run("list")
    assert code == 0
    assert "T0ACORN" in out
    assert "Sendoso connected" in out
    assert "\x1b" not in out
    listed = run("list", "--json")[1]
    assert json.loads(listed)["workspaces"][0]["sendoso"] is True
    assert TOKEN not in out + listed
    assert "xoxb" not in out + listed


def test_of_one_that_was_taken_out_it_is_told_when_its_data_go(run: Run, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'sendwatch.db'}")
    at = datetime(2026, 11, 24, tzinfo=UTC)
    with database.write() as session:
        workspaces.uninstall(session, "", "T0ACORN", at, at)
    database.close()
    assert run("list", KEEP_UNINSTALLED="10d")[1].endswith(
        "  uninstalled 2026-11-24; what is kept of it is deleted on 2026-12-04\n",
    )
    assert "once the app is installed there again" in run("sendoso", "T0ACORN", "--off")[1]


def test_access_is_kept_encrypted_and_can_be_forgotten(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "acorn.env"
    file.write_text(f"SENDOSO_ACCESS_TOKEN={TOKEN}\nSENDOSO_WEBHOOK_SECRETS={SIGNING}\n")
    code, out, _ = run("sendoso", "T0ACORN", str(file))
    assert code == 0
    assert TOKEN not in out
    assert kept(tmp_path) == {
        "sendoso_access_token": TOKEN, "sendoso_webhook_secrets": SIGNING.split(","),
    }
    assert TOKEN.encode() not in (tmp_path / "sendwatch.db").read_bytes()
    # As the schema of PostgreSQL is called.
    code, out, _ = run("sendoso", "t0acorn", "--off")
    assert (code, out) == (0, "T0ACORN: access to Sendoso forgotten. The bot takes it up within half a minute.\n")
    assert kept(tmp_path) == {}


def test_each_change_is_put_on_record_without_a_secret(run: Run, tmp_path: Path) -> None:
    # The first one before the workspace has a database of its own, the second one beside it.
    run("sendoso", "T0ACORN", "-", stdin=f"SENDOSO_ACCESS_TOKEN={TOKEN}\nSENDOSO_WEBHOOK_SECRETS={SIGNING}\n")
    room = Database(rooms.make(f"sqlite:///{tmp_path / 'sendwatch.db'}", "T0ACORN"))
    schema.upgrade(room)
    assert run("sendoso", "T0ACORN", "--off")[0] == 0
    with room.read() as session:
        lines = list(audit.lines(session))
    room.close()
    told = {"access": "token", "webhook_secrets": 2}
    assert [(one.action, one.actor, one.actor_name, one.before, one.after, one.detail) for one in lines] == [
        ("sendoso_access", "cli", "the command line", {}, told, {"did": "set"}),
        ("sendoso_access", "cli", "the command line", told, {}, {"did": "removed"}),
    ]
    assert TOKEN not in repr(lines)
    # Nothing is recorded where nothing was there to be removed.
    run("sendoso", "T0ACORN", "--off")
    database = Database(f"sqlite:///{tmp_path / 'sendwatch.db'}")
    with database.read() as session:
        assert len(access_record.rows(session, "T0ACORN")) == 2
    database.close()


@pytest.mark.parametrize(("arguments", "stdin", "says"), [
    (("sendoso", "T0NONE", "-"), "SENDOSO_ACCESS_TOKEN=x", "'T0NONE' is not a workspace"),
    (("sendoso", "t0none", "-"), "SENDOSO_ACCESS_TOKEN=x", "'t0none' is not a workspace"),
    (("sendoso", "T0ACORN", "-"), "SENDOSO_CLIENT_ID=x", "needs three settings"),
    (("sendoso", "T0ACORN", "-"), "SENDOSO_ACCESS_TOKEN=x\na: b\nc", "Line 2 of - is not NAME=value."),
    (("sendoso", "T0ACORN", "-"), "SLACK_BOT_TOKEN=x", "SLACK_BOT_TOKEN says nothing about access"),
    (("sendoso", "T0ACORN", "-"), "SENDOSO_API_URL=nowhere", "SENDOSO_API_URL"),
    (("sendoso", "T0ACORN", "-"), "", "SENDOSO_ACCESS_TOKEN is missing"),
    (("sendoso", "T0ACORN", "nothing.env"), "", "nothing.env cannot be read (No such file or directory)."),
    (("sendoso", "T0ACORN"), "", "either the file"),
    (("sendoso", "T0ACORN", "-", "--off"), "", "either the file"),
])
def test_what_is_wrong_is_told_by_name(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], stdin: str, says: str,
) -> None:
    code, _, err = run(*arguments, stdin=stdin)
    assert code == 2
    assert says in err
    assert kept(tmp_path) == {}


def test_oauth_of_a_workspace_is_stored_where_the_keys_stand_in_the_file_of_the_settings(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ENCRYPTION_KEYS")
    (tmp_path / ".env").write_text(f"ENCRYPTION_KEYS={KEY}\nSENDOSO_ACCESS_TOKEN=of-the-bot\n")
    access = {"sendoso_client_id": "acorn", "sendoso_client_secret": "s", "sendoso_refresh_token": "r"}
    lines = "".join(f"{name.upper()}={value}\n" for name, value in access.items())
    code, _, err = run("sendoso", "T0ACORN", "-", stdin=lines)
    assert (code, err) == (0, "")
    assert kept(tmp_path) == access


def test_a_mistaken_call_is_not_blamed_on_the_settings(run: Run) -> None:
    assert run("sendoso", "T0NONE", "--off") == (
        2, "", "'T0NONE' is not a workspace that has installed the app; those are: T0ACORN.\n",
    )


def test_keys_are_changed(run: Run, tmp_path: Path) -> None:
    run("sendoso", "T0ACORN", "-", stdin=f"SENDOSO_ACCESS_TOKEN={TOKEN}")
    code, out, _ = run("rekey", ENCRYPTION_KEYS=f"{NEW_KEY},{KEY}")
    assert code == 0
    assert out.startswith("2 secrets")
    assert kept(tmp_path, NEW_KEY) == {"sendoso_access_token": TOKEN}


def test_what_no_key_opens_is_named_and_holds_up_nothing_else(run: Run, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'sendwatch.db'}")
    lost = Vault([Fernet.generate_key().decode()])
    with database.write() as session:
        for grant in (
            replace(GRANT, team_id="T0BEECH", token="xoxb-beech"),
            replace(GRANT, team_id="", enterprise_id="E0OAK", token="xoxb-oak"),
        ):
            workspaces.install(session, lost, grant, datetime(2026, 11, 23, tzinfo=UTC))
        acorn = workspaces.by_team(session, "T0ACORN")
        assert acorn is not None
        acorn.sendoso = lost.seal({"sendoso_access_token": TOKEN})
    code, out, err = run("rekey", ENCRYPTION_KEYS=f"{NEW_KEY},{KEY}")
    assert (code, err) == (1, "")
    told = [line.partition(", encrypted")[0] for line in out.splitlines()]
    assert told == [
        "1 secret encrypted with the first key.", "T0ACORN: its access to Sendoso", "T0BEECH: its token in Slack",
        "E0OAK: its token in Slack",
    ]
    assert "workspaces sendoso T0ACORN FILE" in out
    with database.read() as session:
        row = workspaces.by_team(session, "T0ACORN")
        assert row is not None
        assert workspaces.token_of(session, Vault([NEW_KEY]), row) == GRANT.token
    database.close()
    run("sendoso", "T0ACORN", "-", stdin=f"SENDOSO_ACCESS_TOKEN={TOKEN}", ENCRYPTION_KEYS=NEW_KEY)
    assert "T0ACORN" not in run("rekey", ENCRYPTION_KEYS=NEW_KEY)[1]


def keep_pair(url: str, key: str) -> None:
    database = Database(url)
    pair = TokenPair(access="a", refresh="r", expires_at=datetime(2026, 11, 24, tzinfo=UTC))
    with database.write() as session:
        secrets.store(session, Vault([key]), "sendoso", "seed", pair, datetime(2026, 11, 23, tzinfo=UTC), over=None)
    database.close()


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, run: Run) -> str:
    """One workspace, whose rotating tokens of Sendoso's are kept; gives its database's URL."""
    url = f"sqlite:///{tmp_path / 'alone.db'}"
    for name, value in {"SLACK_BOT_TOKEN": "xoxb-1", "DATABASE_URL": url}.items():
        monkeypatch.setenv(name, value)
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):
        monkeypatch.delenv(name)
    database = Database(url)
    schema.upgrade(database)
    database.close()
    return url


def test_keys_are_changed_with_one_workspace_too_while_its_bot_runs(run: Run, alone: str) -> None:
    keep_pair(alone, KEY)
    bot = Database(alone, exclusive=True)
    assert run("rekey", ENCRYPTION_KEYS=f"{NEW_KEY},{KEY}") == (0, (
        "1 secret encrypted with the first key.\nAll but the first of ENCRYPTION_KEYS can be taken out.\n"
    ), "")
    with bot.read() as session:
        pair = secrets.pair(session, Vault([NEW_KEY]), "sendoso", "seed")
    bot.close()
    assert pair is not None
    assert (pair.access, pair.refresh) == ("a", "r")


def test_with_one_workspace_a_key_that_is_gone_is_told(
    run: Run, alone: str, monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert run("rekey", ENCRYPTION_KEYS=NEW_KEY)[:2] == (
        0, "0 secrets encrypted with the first key.\nAll but the first of ENCRYPTION_KEYS can be taken out.\n",
    )
    keep_pair(alone, KEY)
    code, out, _ = run("rekey", ENCRYPTION_KEYS=NEW_KEY)
    assert code == 1
    assert out.startswith("0 secrets encrypted with the first key.\nNot read: rotating tokens of Sendoso's OAuth")
    assert "set the new SENDOSO_REFRESH_TOKEN" in out
    assert "taken out" not in out
    # Where no refresh token is used any more, nobody needs what grew from it.
    for name in ("SENDOSO_CLIENT_ID", "SENDOSO_CLIENT_SECRET", "SENDOSO_REFRESH_TOKEN"):
        monkeypatch.delenv(name)
    assert run("rekey")[0] == 0
    code, _, err = run("rekey", ENCRYPTION_KEYS="")
    assert (code, "ENCRYPTION_KEYS is missing" in err) == (2, True)


def test_no_database_is_made_to_change_the_keys_of(run: Run, alone: str, tmp_path: Path) -> None:
    code, _, err = run("rekey", DATABASE_URL=f"sqlite:///{tmp_path / 'none.db'}")
    assert (code, "There is no database at" in err, (tmp_path / "none.db").exists()) == (1, True, False)


def test_a_workspace_whose_tokens_no_key_opens_is_named(run: Run, tmp_path: Path) -> None:
    own = rooms.make(f"sqlite:///{tmp_path / 'sendwatch.db'}", "T0ACORN")
    room = Database(own)
    schema.upgrade(room)
    room.close()
    keep_pair(own, Fernet.generate_key().decode())
    code, out, _ = run("rekey", ENCRYPTION_KEYS=f"{NEW_KEY},{KEY}")
    assert (code, out.splitlines()[0]) == (1, "1 secret encrypted with the first key.")
    assert "T0ACORN: rotating tokens of Sendoso's OAuth" in out


@pytest.fixture
def broken(run: Run, tmp_path: Path) -> str:
    """Three workspaces with rotating tokens; the database of the one in the middle is damaged. Gives the URL."""
    url = f"sqlite:///{tmp_path / 'sendwatch.db'}"
    main = Database(url)
    with main.write() as session:
        for team in ("T0BEECH", "T0CEDAR"):
            grant = replace(GRANT, team_id=team)
            workspaces.install(session, Vault([KEY]), grant, datetime(2026, 11, 23, tzinfo=UTC))
    main.close()
    for team in ("T0ACORN", "T0CEDAR"):
        room = Database(rooms.make(url, team))
        schema.upgrade(room)
        room.close()
        keep_pair(rooms.url_of(url, team), KEY)
    (tmp_path / "sendwatch-T0BEECH.db").write_bytes(b"nothing of the kind" * 1000)
    return url


@pytest.mark.parametrize(("left", "says"), [
    (b"nothing of the kind" * 1000, "file is not a database"), (b"", "no such table: oauth_tokens"),
])
def test_a_database_that_does_not_work_keeps_no_other_from_the_new_key(
    run: Run, broken: str, tmp_path: Path, left: bytes, says: str,
) -> None:
    (tmp_path / "sendwatch-T0BEECH.db").write_bytes(left)
    code, out, err = run("rekey", ENCRYPTION_KEYS=f"{NEW_KEY},{KEY}")
    assert (code, err) == (1, "")
    assert out == (
        "5 secrets encrypted with the first key.\n"
        f"T0BEECH: its database does not work ({says}), and nothing in it was encrypted anew. Restore it, and run this "
        "again.\n"
    )
    for team in ("T0ACORN", "T0CEDAR"):
        room = Database(rooms.url_of(broken, team))
        with room.read() as session:
            assert secrets.pair(session, Vault([NEW_KEY]), "sendoso", "seed") is not None
        room.close()


def test_access_is_stored_where_the_workspaces_own_database_does_not_work(run: Run, broken: str) -> None:
    code, out, err = run("sendoso", "T0BEECH", "-", stdin=f"SENDOSO_ACCESS_TOKEN={TOKEN}")
    assert (code, out.partition(" (")[0]) == (1, "T0BEECH: access to Sendoso stored, encrypted")
    assert "T0BEECH: its own database does not work (file is not a database), so its audit log does not have" in err
    main = Database(broken)
    with main.read() as session:
        row = workspaces.by_team(session, "T0BEECH")
        assert row is not None
        assert workspaces.sendoso_of(Vault([KEY]), row) == {"sendoso_access_token": TOKEN}
    main.close()


def test_the_database_of_one_workspace_holds_no_workspaces(run: Run, tmp_path: Path) -> None:
    own = rooms.make(f"sqlite:///{tmp_path / 'sendwatch.db'}", "T0ACORN")
    room = Database(own)
    schema.upgrade(room)
    room.close()
    code, out, err = run("list", DATABASE_URL=own)
    assert (code, out) == (2, "")
    assert "DATABASE_URL names the database of T0ACORN; the workspaces stand in the main one." in err


def test_with_a_bot_token_there_is_one_workspace(run: Run) -> None:
    code, _, err = run("list", SLACK_BOT_TOKEN="xoxb-1")
    assert code == 2
    assert "serves one" in err
