from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import access_record, workspaces
from storage.engine import Database
from storage.models import InstallState, Workspace
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


def test_installed_again_an_organisation_gets_its_workspaces_back(database: Database, now: datetime) -> None:
    with database.write() as session:
        org = workspaces.install(session, VAULT, OAK, now)
        elm = workspaces.install(session, VAULT, replace(OAK, enterprise_id="E0ELM"), now)
        leaf, twig, bark = (
            workspaces.join(session, of, team_id, now)
            for of, team_id in ((org, "T0LEAF"), (org, "T0TWIG"), (elm, "T0BARK"))
        )
        own = workspaces.install(session, VAULT, replace(ACORN, enterprise_id="E0OAK"), now)
        leaf.alert_channel = "C0GIFTS"
        day = timedelta(days=1)
        # Out of these two it was taken before.
        workspaces.revoke(session, "E0OAK", ["T0TWIG"], now + day)
        workspaces.uninstall(session, "", "T0ACORN", now + day)
        for enterprise_id in ("E0OAK", "E0ELM"):
            workspaces.uninstall(session, enterprise_id, "", now + 2 * day)
    with database.write() as session:
        again = replace(OAK, token="xoxb-2", installed_by="U02BEN")
        assert workspaces.install(session, VAULT, again, now + 3 * day).id == org.id
        [back] = workspaces.installed(session)
        assert (back.id, back.alert_channel, back.installed_at) == (leaf.id, "C0GIFTS", now + 3 * day)
        assert back.admins == ["U01ANN", "U02BEN"]
        assert workspaces.token_of(session, VAULT, back) == "xoxb-2"
        # Told late, the uninstall of before takes nothing from that.
        assert workspaces.uninstall(session, "E0OAK", "", now + 4 * day, now + 2 * day) == []
        assert sorted(workspaces.forget(session, now + 31 * day)) == ["T0ACORN", "T0BARK", "T0TWIG"]
        assert {row.id for row in workspaces.every(session)} == {org.id, leaf.id}
    assert {twig.id, bark.id, own.id}.isdisjoint({org.id, leaf.id})


def test_what_was_uninstalled_is_forgotten_in_its_time(database: Database, now: datetime) -> None:
    with database.write() as session:
        workspaces.install(session, VAULT, ACORN, now)
        workspaces.uninstall(session, "", "T0ACORN", now)
        assert workspaces.forget(session, now - timedelta(seconds=1)) == []
        assert workspaces.forget(session, now) == ["T0ACORN"]
        assert workspaces.every(session) == []


# --- into Enterprise Grid -----------------------------------------------------------------------------


def settled(session: Session, now: datetime) -> Workspace:
    """Installed by itself, before its company moved into Grid, with all that a workspace gets later."""
    row = workspaces.install(session, VAULT, ACORN, now)
    row.alert_channel, row.sendoso = "C0GIFTS", VAULT.seal({"sendoso_access_token": "s-1"})
    return row


def two_rows(session: Session, now: datetime) -> tuple[Workspace, Workspace]:
    """As former versions left them: the second was made when the workspace had moved into Grid."""
    old = settled(session, now)
    new = Workspace(
        team_id="T0ACORN", enterprise_id="E0OAK", name="Acorn", installed_at=now, installed_by="U02BEN",
        admins=["U02BEN"], token=VAULT.seal({"token": "xoxb-2"}),
    )
    session.add(new)
    session.flush()
    return old, new


def takes_out(row: Workspace, now: datetime) -> None:
    row.token, row.uninstalled_at = None, now


def keeps_its_own(row: Workspace) -> None:
    assert (row.team_id, row.enterprise_id, row.alert_channel) == ("T0ACORN", "E0OAK", "C0GIFTS")
    assert workspaces.sendoso_of(VAULT, row) == {"sendoso_access_token": "s-1"}


def test_installed_again_in_grid_a_workspace_keeps_its_row(database: Database, now: datetime) -> None:
    with database.write() as session:
        before = settled(session, now)
        row = workspaces.install(session, VAULT, replace(ACORN, enterprise_id="E0OAK", token="xoxb-2"), now)
        assert row is before
        keeps_its_own(row)
        assert workspaces.every(session) == [row]
        assert workspaces.token_of(session, VAULT, row) == "xoxb-2"
        # And back out of Grid.
        assert workspaces.install(session, VAULT, ACORN, now) is row
        assert row.enterprise_id == ""
        assert workspaces.uninstall(session, "", "T0ACORN", now) == ["T0ACORN"]
        assert workspaces.installed(session) == []


def test_with_the_organisations_installation_a_workspace_keeps_its_row(database: Database, now: datetime) -> None:
    later = now + timedelta(days=1)
    with database.write() as session:
        row = settled(session, now)
        org = workspaces.install(session, VAULT, replace(OAK, installed_by="U02BEN"), now)
        # As long as its own installation stands, that is the one that serves it.
        assert workspaces.join(session, org, "T0ACORN", now) is row
        assert workspaces.token_of(session, VAULT, row) == "xoxb-acorn"
        workspaces.uninstall(session, "", "T0ACORN", now)
        assert workspaces.join(session, org, "T0ACORN", later) is row
        keeps_its_own(row)
        assert workspaces.installed(session) == [row]
        assert workspaces.token_of(session, VAULT, row) == "xoxb-oak"
        assert (row.name, row.admins, row.installed_by) == ("Acorn", ["U01ANN", "U02BEN"], "U02BEN")
        assert (row.bot_id, row.bot_user_id, row.installed_at) == ("", "", later)
        # It goes with the installation by which it came.
        assert workspaces.uninstall(session, "E0OAK", "", later) == ["T0ACORN"]
        assert workspaces.installed(session) == []


def test_a_workspace_may_move_on_to_another_organisation(database: Database, now: datetime) -> None:
    with database.write() as session:
        oak = workspaces.install(session, VAULT, OAK, now)
        row = workspaces.join(session, oak, "T0LEAF", now)
        workspaces.uninstall(session, "E0OAK", "", now)
        elm = workspaces.install(session, VAULT, replace(OAK, enterprise_id="E0ELM", token="xoxb-elm"), now)
        assert workspaces.join(session, elm, "T0LEAF", now) is row
        assert workspaces.token_of(session, VAULT, row) == "xoxb-elm"
        workspaces.install(session, VAULT, OAK, now)
        assert workspaces.uninstall(session, "E0OAK", "", now) == []
        assert workspaces.installed(session) == [row]


def test_of_two_rows_the_newest_that_is_installed_counts(database: Database, now: datetime) -> None:
    with database.write() as session:
        old, new = two_rows(session, now)
        assert workspaces.by_team(session, "T0ACORN") is new
        assert workspaces.installed(session) == [new]
        new.uninstalled_at = now
        assert workspaces.by_team(session, "T0ACORN") is old
        assert workspaces.installed(session) == [old]
        new.uninstalled_at = None
        # Taken out, neither of them serves it.
        assert workspaces.uninstall(session, "", "T0ACORN", now) == ["T0ACORN"]
        assert [row.token for row in workspaces.every(session)] == [None, None]
        assert workspaces.installed(session) == []


@pytest.mark.parametrize("gone", [(), (0,), (1,), (0, 1)])
@pytest.mark.parametrize("enterprise_id", ["", "E0OAK"])
def test_two_rows_become_one_with_the_next_installation(
    database: Database, now: datetime, gone: tuple[int, ...], enterprise_id: str,
) -> None:
    with database.write() as session:
        rows = two_rows(session, now)
        for number in gone:
            takes_out(rows[number], now)
        row = workspaces.install(session, VAULT, replace(ACORN, enterprise_id=enterprise_id, token="xoxb-3"), now)
        assert workspaces.every(session) == [row]
        assert (row.enterprise_id, row.alert_channel) == (enterprise_id, "C0GIFTS")
        assert sorted(row.admins) == ["U01ANN", "U02BEN"]
        assert workspaces.sendoso_of(VAULT, row) == {"sendoso_access_token": "s-1"}
        assert workspaces.token_of(session, VAULT, row) == "xoxb-3"


def test_two_rows_become_one_with_the_organisations_installation(database: Database, now: datetime) -> None:
    with database.write() as session:
        org = workspaces.install(session, VAULT, OAK, now)
        for row in two_rows(session, now):
            takes_out(row, now)
        joined = workspaces.join(session, org, "T0ACORN", now)
        keeps_its_own(joined)
        assert workspaces.installed(session) == [joined]
        assert len(workspaces.every(session)) == 2


def test_access_that_was_removed_does_not_come_back_from_an_old_row(database: Database, now: datetime) -> None:
    with database.write() as session:
        two_rows(session, now)
        access_record.note(session, "T0ACORN", "U02BEN", now, key="1", before={"access": "token"}, after={})
        assert workspaces.install(session, VAULT, ACORN, now).sendoso is None


@pytest.mark.parametrize("is_served", [True, False])
def test_data_are_given_up_with_the_last_row_of_a_workspace(
    database: Database, now: datetime, *, is_served: bool,
) -> None:
    later = now + timedelta(days=1)
    with database.write() as session:
        old, new = two_rows(session, now)
        takes_out(old, now)
        if not is_served:
            # Not served, but it may still come back.
            takes_out(new, later)
        assert workspaces.forget(session, now) == []
        assert workspaces.every(session) == [new]
        assert workspaces.forget(session, later) == ([] if is_served else ["T0ACORN"])


# --- keys, states -------------------------------------------------------------------------------------


def test_keys_are_changed_one_by_one(database: Database, now: datetime) -> None:
    both = Vault([NEW_KEY, KEY])
    with database.write() as session:
        row = workspaces.install(session, VAULT, ACORN, now)
        row.sendoso = VAULT.seal({"sendoso_access_token": "s-1"})
        assert workspaces.rekey(session, both) == (2, [])
    with database.read() as session:
        [row] = workspaces.every(session)
        assert workspaces.token_of(session, Vault([NEW_KEY]), row) == "xoxb-acorn"
        assert workspaces.sendoso_of(Vault([NEW_KEY]), row) == {"sendoso_access_token": "s-1"}


def test_a_state_is_used_once_and_kept_for_as_long_as_it_is_good(database: Database, now: datetime) -> None:
    soon = now + timedelta(minutes=10)
    with database.write() as session:
        assert not workspaces.is_used(session, "one")
        assert workspaces.use_up(session, "one", soon, now)
        assert workspaces.is_used(session, "one")
        assert not workspaces.use_up(session, "one", soon, now)
        assert workspaces.use_up(session, "other", soon + timedelta(minutes=1), soon)
        assert session.scalar(select(func.count()).select_from(InstallState)) == 1
