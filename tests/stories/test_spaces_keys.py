"""The keys of several workspaces are changed: afterwards the new one opens everything, and the former one nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, InvalidToken
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.workspaces.addresses import Address
from bot.workspaces.registry import Registry
from storage import rooms, secrets
from storage.engine import Database
from storage.secrets import Vault
from tests.stories.house import ACORN, BEECH, KEY, House, house
from tests.stories.sending import add

NEW = Fernet.generate_key().decode()


class PulledError(RuntimeError):
    """Somebody has pulled the plug."""


@pytest.fixture
def main(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


def connected(found: House) -> None:
    """Both workspaces have access by OAuth, whose first tokens the sync has bought."""
    for team in (ACORN, BEECH):
        access = found.sendosos[team.id].access
        found.install(team)
        assert found.hosting.registry.connect(team.id, {
            "sendoso_client_id": access.client_id, "sendoso_client_secret": access.client_secret,
            "sendoso_refresh_token": access.refresh_token, "sendoso_api_url": f"{found.slack(team).url}/sendoso",
        })
    found.hosting.workspaces.reconcile()
    for team in (ACORN, BEECH):
        add(found.world(team), "Processing", days=8)
        found.world(team).tick()


def sealed(main: str) -> Iterator[str]:
    """Every secret as it is kept, in the main database and in the workspaces' own."""
    for url in (main, *(rooms.url_of(main, team.id) for team in (ACORN, BEECH))):
        database = Database(url, pool_size=1)
        try:
            with database.read() as session:
                for token, sendoso in session.execute(text("SELECT token, sendoso FROM workspaces")):
                    yield from (one for one in (token, sendoso) if one)
                pairs = session.scalars(text("SELECT secret FROM oauth_tokens"))
                yield from (one.partition(":")[2] for one in pairs)
        finally:
            database.close()


def opens(key: str, secret: str) -> bool:
    try:
        Fernet(key).decrypt(secret)
    except InvalidToken:
        return False
    return True


def test_the_former_key_opens_nothing_afterwards(
    main: str, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch,
) -> None:
    with house(tmp_path, now, url=main) as found:
        connected(found)
        access = {team.id: found.sendosos[team.id].access for team in (ACORN, BEECH)}
        settings = found.hosting.settings
        assert len(list(sealed(main))) == 6
        assert all(opens(KEY, one) for one in sealed(main))
    both = settings.model_copy(update={"encryption_keys": _keys(NEW, KEY)})
    database, reseal, done = Database(main, pool_size=2), secrets.reseal, list[int]()

    def pulled(session: Session, vault: Vault) -> tuple[int, int]:
        if done:
            raise PulledError
        done.append(1)
        return reseal(session, vault)

    try:
        registry = Registry(both, database, lambda: now)
        monkeypatch.setattr(secrets, "reseal", pulled)
        with pytest.raises(PulledError):
            registry.rekey()
        # In the middle: some are done and some are not, and with both keys each can be read.
        assert {opens(NEW, one) for one in sealed(main)} == {True, False}
        assert all(opens(NEW, one) or opens(KEY, one) for one in sealed(main))
        monkeypatch.setattr(secrets, "reseal", reseal)
        rekeyed = registry.rekey()
    finally:
        database.close()
    assert (rekeyed.number, rekeyed.unreadable) == (6, ())
    assert all(opens(NEW, one) for one in sealed(main))
    assert not any(opens(KEY, one) for one in sealed(main))
    with house(tmp_path, now, url=main, encryption_keys=NEW) as after:
        assert sorted(after.hosting.workspaces.running()) == [BEECH.id, ACORN.id]
        for team in (ACORN, BEECH):
            database = after.hosting.workspaces.running()[team.id].database
            with database.read() as session:
                pair = secrets.pair(session, Vault([NEW]), "sendoso", _seed(after, team.id))
            assert pair is not None
            assert access[team.id].allows({"authorization": f"Bearer {pair.access}"})
            assert access[team.id].spent_again == 0


def test_replicas_that_change_keys_one_after_the_other_read_what_each_other_stores(
    database: Database, tmp_path: Path, now: datetime,
) -> None:
    with house(tmp_path, now, url=database.url.render_as_string(hide_password=False)) as found:
        found.install(ACORN)
        settings = found.hosting.settings
    # The order in which docs/operating.md has them go; before the last step everything is encrypted anew.
    steps = [
        Registry(settings.model_copy(update={"encryption_keys": _keys(*keys)}), database, lambda: now)
        for keys in ((KEY,), (KEY, NEW), (NEW, KEY), (NEW,))
    ]
    for former, later in pairwise(steps):
        if later is steps[-1]:
            assert former.rekey().unreadable == ()
        for storing, reading in ((former, later), (later, former)):
            assert storing.connect(ACORN.id, {"sendoso_access_token": storing.keys[0]})
            kept, broken = reading.installed()
            assert broken == {}
            assert kept[ACORN.id].unreadable == ""
            assert reading.access(ACORN.id) == {"sendoso_access_token": storing.keys[0]}


def test_bots_that_were_not_started_with_the_new_key_go_on(main: str, tmp_path: Path, now: datetime) -> None:
    with house(tmp_path, now, url=main) as found:
        found.install(ACORN)
        ann, workspaces = found.slack().person("ann"), found.hosting.workspaces
        both = found.hosting.settings.model_copy(update={"encryption_keys": _keys(NEW, KEY)})
        assert Registry(both, found.hosting.database, lambda: now).rekey().number == 1
        workspaces.tend()
        assert "How to use" in ann.command("/sends help").visible_text
        assert ["former key" in problem.reason for problem in workspaces.problems()] == [True]
        found.hosting.registry.uninstall(Address(team_id=ACORN.id), now)
        workspaces.tend()
        assert (workspaces.running(), workspaces.problems()) == ({}, [])


def _seed(found: House, team_id: str) -> str:
    return str(found.hosting.registry.access(team_id)["sendoso_refresh_token"])


def _keys(*keys: str) -> tuple[SecretStr, ...]:
    return tuple(SecretStr(one) for one in keys)
