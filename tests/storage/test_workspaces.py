from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography.fernet import Fernet

from storage import workspaces
from storage.engine import Database
from storage.secrets import UnreadableSecretError, Vault
from storage.workspaces import Grant

KEY, NEW_KEY = Fernet.generate_key().decode(), Fernet.generate_key().decode()
VAULT = Vault([KEY])
ACORN = Grant(
    enterprise_id="", team_id="T0ACORN", name="Acorn", token="xoxb-acorn", bot_id="B1", bot_user_id="U0BOT",
    scopes="commands,chat:write", installed_by="U01ANN",
)
OAK = replace(ACORN, enterprise_id="E0OAK", team_id="", name="Oak", token="xoxb-oak")


def test_a_grant_is_kept_with_its_token_encrypted(database: Database, now: datetime) -> None:
    with database.write() as session:
        row = workspaces.install(session, VAULT, ACORN, now)
        assert "xoxb" not in (row.token or "")
        assert "xoxb" not in repr(ACORN)
    with database.read() as session:
        [row] = workspaces.installed(session)
        assert workspaces.token_of(session, VAULT, row) == "xoxb-acorn"
        assert (row.admins, row.installed_at, row.alert_channel) == (["U01ANN"], now, "")
        with pytest.raises(UnreadableSecretError):
            workspaces.token_of(session, Vault([NEW_KEY]), row)


def test_installing_again_replaces_the_token_and_keeps_the_rest(database: Database, now: datetime) -> None:
    with database.write() as session:
        row = workspaces.install(session, VAULT, ACORN, now)
        row.alert_channel = "C0GIFTS"
        assert workspaces.uninstall(session, "", "T0ACORN", now) == ["T0ACORN"]
        assert workspaces.uninstall(session, "", "T0ACORN", now) == []
        assert row.token is None
        again = workspaces.install(session, VAULT, replace(ACORN, token="xoxb-2", installed_by="U02BEN"), now)
        assert (again.id, again.alert_channel, again.admins) == (row.id, "C0GIFTS", ["U01ANN", "U02BEN"])
        assert again.uninstalled_at is None
        assert workspaces.token_of(session, VAULT, again) == "xoxb-2"


def test_an_organisation_serves_its_workspaces_until_it_goes(database: Database, now: datetime) -> None:
    with database.write() as session:
        org = workspaces.install(session, VAULT, OAK, now)
        assert workspaces.installed(session) == []
        team = workspaces.join(session, org, "T0LEAF", now)
        assert workspaces.join(session, org, "T0LEAF", now) is team
        assert workspaces.token_of(session, VAULT, team) == "xoxb-oak"
        own = workspaces.install(session, VAULT, replace(ACORN, enterprise_id="E0OAK"), now)
        assert workspaces.uninstall(session, "E0OAK", "", now) == ["T0LEAF"]
        assert workspaces.organisation(session, "E0OAK") is None
        assert workspaces.installed(session) == [own]
        assert workspaces.token_of(session, VAULT, own) == "xoxb-acorn"


def test_what_was_uninstalled_is_forgotten_in_its_time(database: Database, now: datetime) -> None:
    with database.write() as session:
        workspaces.install(session, VAULT, ACORN, now)
        workspaces.uninstall(session, "", "T0ACORN", now)
        assert workspaces.forget(session, now - timedelta(seconds=1)) == []
        assert workspaces.forget(session, now) == ["T0ACORN"]
        assert workspaces.every(session) == []


def test_keys_are_changed_one_by_one(database: Database, now: datetime) -> None:
    both = Vault([NEW_KEY, KEY])
    with database.write() as session:
        row = workspaces.install(session, VAULT, ACORN, now)
        row.sendoso = VAULT.seal({"sendoso_access_token": "s-1"})
        assert workspaces.rekey(session, both) == 2
    with database.read() as session:
        [row] = workspaces.every(session)
        assert workspaces.token_of(session, Vault([NEW_KEY]), row) == "xoxb-acorn"
        assert workspaces.sendoso_of(Vault([NEW_KEY]), row) == {"sendoso_access_token": "s-1"}


def test_a_state_is_good_once_and_for_ten_minutes(database: Database, now: datetime) -> None:
    with database.write() as session:
        state, late = workspaces.begin(session, now), workspaces.begin(session, now)
        assert state != late
        assert not workspaces.finish(session, "made up", now)
        assert workspaces.finish(session, state, now + timedelta(minutes=9))
        assert not workspaces.finish(session, state, now + timedelta(minutes=9))
        assert not workspaces.finish(session, late, now + timedelta(minutes=10))
