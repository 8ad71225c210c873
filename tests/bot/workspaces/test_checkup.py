"""`doctor` for a Sendwatch that serves several workspaces."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from bot.doctor.finding import Finding, State
from bot.settings import load
from bot.workspaces import checkup
from storage import rooms
from storage.engine import Database
from tests.stories.house import ACORN, BEECH, House, house, lose_access

GIVEN = {
    "slack_client_id": "1.2", "slack_client_secret": "x", "slack_signing_secret": "y", "http_port": 0,
    "public_url": "https://gifts.example.com", "encryption_keys": Fernet.generate_key().decode(),
}


def looked(found: House) -> list[Finding]:
    return list(checkup.examine(found.hosting.settings, found.clock).findings)


def wrong(findings: list[Finding]) -> dict[str, str]:
    return {f"{one.topic} / {one.what}": one.mend for one in findings if one.state is State.WRONG}


def test_each_workspace_is_looked_at_by_itself(database: Database, tmp_path: Path, now: datetime) -> None:
    with house(tmp_path, now, url=database.url.render_as_string(hide_password=False)) as found:
        [nobody] = [one for one in looked(found) if one.what == "Workspaces"]
        assert nobody.state is State.WARNING
        assert "https://gifts.example.com/slack/install" in nobody.mend
        for team in (ACORN, BEECH):
            found.install(team)
        found.connect(ACORN)
        assert found.hosting.registry.settle_in(ACORN.id, "C01GIFTING")
        found.hosting.workspaces.reconcile()
        found.slack(BEECH).slack.revoked = True
        findings = looked(found)
    assert {one.state for one in findings if one.topic == "Server"} == {State.GOOD}
    assert any(one.topic.startswith("Workspace T0DEMO Acorn: ") and one.state is State.GOOD for one in findings)
    [channel] = [one for one in findings if one.what == "Channel for alerts"]
    assert channel.topic == "Workspace T0BEECH Beech"
    assert not [name for name in wrong(findings) if "T0DEMO" in name and "Token" in name]
    [again] = [mend for name, mend in wrong(findings).items() if "T0BEECH" in name and name.endswith("Token")]
    assert "install the app again: https://gifts.example.com/slack/install" in again
    for setting in ("SLACK_BOT_TOKEN", "ALERT_CHANNEL", "ADMIN_USERS", "api.slack.com"):
        assert setting not in repr(findings)
    [access] = [one for one in findings if "T0BEECH" in one.topic and one.what == "API"]
    assert "“sendwatch workspaces sendoso T0BEECH FILE” stores them" in access.mend
    assert "xoxb" not in repr(findings)


def test_an_extension_in_the_schema_of_a_workspace_is_told(postgresql: Database, tmp_path: Path, now: datetime) -> None:
    with house(tmp_path, now, url=postgresql.url.render_as_string(hide_password=False)) as found:
        found.install(ACORN)
        assert "Search" not in {one.what for one in looked(found) if one.topic == "Server"}
        with postgresql.engine.begin() as connection:
            connection.exec_driver_sql("ALTER EXTENSION pg_trgm SET SCHEMA workspace_t0demo")
        [told] = [one for one in looked(found) if one.topic == "Server" and one.what == "Search"]
    assert (told.state, "workspace_t0demo" in told.value) == (State.WARNING, True)
    assert "ALTER EXTENSION pg_trgm SET SCHEMA public" in told.mend


def test_the_database_of_one_workspace_is_not_taken_for_the_main_one(
    database: Database, tmp_path: Path, now: datetime,
) -> None:
    main = database.url.render_as_string(hide_password=False)
    with house(tmp_path, now, url=main) as found:
        found.install(ACORN)
        found.hosting.workspaces.reconcile()
        own = found.hosting.settings.model_copy(update={"database_url": SecretStr(rooms.url_of(main, ACORN.id))})
        report = checkup.examine(own, found.clock)
    assert not report.ok
    [told] = report.findings
    assert told.value == "DATABASE_URL names the database of one workspace, T0DEMO"
    assert "that of the main database" in told.mend


def test_a_key_that_is_gone_is_told_by_workspace(tmp_path: Path, now: datetime) -> None:
    with house(tmp_path, now) as found:
        found.install(ACORN)
    with house(tmp_path, now, encryption_keys=Fernet.generate_key().decode()) as lost:
        told = wrong(looked(lost))
    assert list(told) == ["Workspace T0DEMO Acorn / Token"]
    assert "ENCRYPTION_KEYS" in told["Workspace T0DEMO Acorn / Token"]


def test_a_damaged_database_is_told_although_no_key_opens_the_token(tmp_path: Path, now: datetime) -> None:
    with house(tmp_path, now) as found:
        found.install(ACORN)
        found.hosting.workspaces.reconcile()
    (tmp_path / f"house-{ACORN.id}.db").write_bytes(b"this is no database" * 100)
    with house(tmp_path, now, encryption_keys=Fernet.generate_key().decode()) as lost:
        told = wrong(looked(lost))
    assert list(told) == ["Workspace T0DEMO Acorn / Token", "Workspace T0DEMO Acorn: Database / SQLite"]


def test_access_that_no_key_opens_is_told_while_the_bot_works(tmp_path: Path, now: datetime) -> None:
    with house(tmp_path, now) as found:
        found.install(ACORN)
        lose_access(found, ACORN)
        told = wrong(looked(found))
    name = "Workspace T0DEMO Acorn / Access to Sendoso"
    assert "sendwatch workspaces sendoso T0DEMO FILE" in told[name]
    assert "install" not in told[name]
    assert "Workspace T0DEMO Acorn / Token" not in told


@pytest.mark.parametrize("is_there", [False, True])
def test_who_installed_the_app_is_no_channel_that_must_be_mended(
    tmp_path: Path, now: datetime, *, is_there: bool,
) -> None:
    with house(tmp_path, now) as found:
        found.install(ACORN)
        found.hosting.workspaces.reconcile()
        found.hosting.workspaces.stop()
        own = tmp_path / f"house-{ACORN.id}.db"
        own.unlink()
        if is_there:
            own.write_bytes(b"this is no database" * 100)
        told = wrong(looked(found))
    assert [name.rpartition(": ")[2] for name in told if "Database" in name] == ["Database / SQLite"] * is_there
    assert not [name for name in told if "Channel" in name]


def test_why_the_main_database_cannot_be_read_is_told_without_its_password(now: datetime) -> None:
    settings = load(_env_file=None, **(GIVEN | {"database_url": "postgresql://nobody:hush@127.0.0.1:9/none"}))
    [told] = checkup.examine(settings, lambda: now).findings
    assert told.state is State.WRONG
    assert "cannot be read: connection" in told.value
    assert "refused" in told.value
    assert "hush" not in told.value
    assert "DATABASE_URL" in told.mend


def test_nothing_is_made_where_nothing_is(tmp_path: Path, now: datetime) -> None:
    given = GIVEN | {"database_url": f"sqlite:///{tmp_path / 'none.db'}"}
    [empty] = checkup.examine(load(_env_file=None, **given), lambda: now).findings
    assert empty.value == "nothing is there yet"
    assert list(tmp_path.iterdir()) == []
    report = checkup.examine(load(_env_file=None, **(given | {"public_url": None})), lambda: now)
    assert not report.ok
    assert report.findings[0].what == "PUBLIC_URL"
