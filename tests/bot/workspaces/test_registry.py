"""A workspace that moves into Enterprise Grid keeps its data, whichever way it has the app there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from bot.playground.clock import PlayClock
from bot.settings import load
from bot.workspaces.addresses import Address
from bot.workspaces.registry import Registry
from storage import rooms, workspaces
from storage.engine import Database
from storage.models import Workspace
from storage.workspaces import Grant
from tests.stories.house import KEY

ACORN = Grant(
    enterprise_id="", team_id="T0ACORN", name="Acorn", token="xoxb-acorn", bot_id="B1", bot_user_id="U0BOT",
    scopes="chat:write", installed_by="U01ANN",
)
IN_GRID = replace(ACORN, enterprise_id="E0OAK", token="xoxb-grid")
OAK = replace(ACORN, enterprise_id="E0OAK", team_id="", name="Oak", token="xoxb-oak", installed_by="U02BEN")
ALONE, OF_OAK = Address(team_id="T0ACORN"), Address(team_id="T0ACORN", enterprise_id="E0OAK")
BY_OAK = replace(OF_OAK, is_enterprise_install=True)
KEEP = timedelta(days=30)
LONG = 60.0


@dataclass
class Desk:
    """The registry of a bot that has one workspace, with a room in which something is kept."""

    database: Database
    clock: PlayClock
    registry: Registry = field(init=False)

    def __post_init__(self) -> None:
        settings = load(
            _env_file=None, slack_client_id="1.2", slack_client_secret="x", slack_signing_secret="y",
            public_url="https://gifts.example.com", encryption_keys=KEY,
            database_url=self.database.url.render_as_string(hide_password=False),
        )
        self.registry = Registry(settings, self.database, self.clock)
        self.registry.install(ACORN)
        assert self.registry.settle_in("T0ACORN", "C0GIFTS")
        assert self.registry.connect("T0ACORN", {"sendoso_access_token": "s-1"})
        room = Database(rooms.make(self.registry.main, "T0ACORN"), pool_size=1)
        with room.write() as session:
            session.execute(text("CREATE TABLE sends (name text)"))
            session.execute(text("INSERT INTO sends VALUES ('Jane Doe')"))
        room.close()

    def forget(self) -> list[str]:
        return self.registry.forget(self.clock() - KEEP)

    def kept(self) -> list[str]:
        """What is in the workspace's room."""
        if not rooms.exists(self.registry.main, "T0ACORN"):
            return []
        room = Database(rooms.url_of(self.registry.main, "T0ACORN"), pool_size=1)
        with room.read() as session:
            found = list(session.scalars(text("SELECT name FROM sends")))
        room.close()
        return found

    def served_by(self) -> str:
        """The token with which the workspace is served, as it was set up; empty where it is not."""
        kept = self.registry.installed()[0].get("T0ACORN")
        if kept is None:
            return ""
        token, access = kept.settings.slack_bot_token, kept.settings.sendoso_access_token
        assert (kept.settings.alert_channel, kept.has_channel) == ("C0GIFTS", True)
        assert access is not None
        assert access.get_secret_value() == "s-1"
        assert len(self.registry.recorded("T0ACORN")) == 1
        assert token is not None
        return token.get_secret_value()

    def two_rows(self) -> None:
        """As former versions left them."""
        self.registry.uninstall(ALONE, self.clock())
        with self.database.write() as session:
            old = workspaces.by_team(session, "T0ACORN")
            assert old is not None
            session.add(Workspace(
                team_id="T0ACORN", enterprise_id="E0OAK", name="Acorn", installed_at=self.clock(), token=None,
                installed_by="U02BEN", alert_channel=old.alert_channel, sendoso=old.sendoso,
            ))


@pytest.fixture
def desk(database: Database, now: datetime) -> Desk:
    return Desk(database, PlayClock(frozen_at=now))


def by_itself(desk: Desk) -> str:
    desk.registry.install(IN_GRID)
    return IN_GRID.token


def taken_out_and_by_itself(desk: Desk) -> str:
    desk.registry.uninstall(ALONE, desk.clock())
    return by_itself(desk)


def by_its_organisation(desk: Desk) -> str:
    desk.registry.uninstall(ALONE, desk.clock())
    desk.registry.install(OAK)
    # No word has come from it yet.
    assert desk.served_by() == ""
    assert desk.registry.team_of(BY_OAK, desk.clock()) == "T0ACORN"
    return OAK.token


def with_two_rows(desk: Desk) -> str:
    desk.two_rows()
    desk.registry.install(OAK)
    return OAK.token


@pytest.mark.parametrize("move", [by_itself, taken_out_and_by_itself, by_its_organisation, with_two_rows])
def test_a_workspace_that_moves_into_grid_goes_on_where_it_was(desk: Desk, move: Callable[[Desk], str]) -> None:
    token = move(desk)
    for _ in range(2):
        assert desk.served_by() == token
        desk.clock.advance(KEEP + timedelta(days=1))
        assert desk.forget() == []
        assert desk.kept() == ["Jane Doe"]
    # What former versions may have left is gone, and nothing but that.
    assert [row.team_id for row in desk.registry.every() if row.team_id] == ["T0ACORN"]


@pytest.mark.parametrize("move", [by_itself, taken_out_and_by_itself, by_its_organisation, with_two_rows])
@pytest.mark.parametrize("whose", [OF_OAK, ALONE])
def test_taken_out_after_the_move_it_is_not_served_and_its_data_go_in_their_time(
    desk: Desk, move: Callable[[Desk], str], whose: Address,
) -> None:
    move(desk)
    desk.clock.advance(timedelta(days=29))
    assert desk.registry.uninstall(whose, desk.clock()) == ["T0ACORN"]
    assert desk.served_by() == ""
    desk.clock.advance(timedelta(days=29))
    # The row of before the move has had its time, where there is one.
    assert desk.forget() == []
    assert desk.kept() == ["Jane Doe"]
    desk.clock.advance(timedelta(days=1))
    assert desk.forget() == ["T0ACORN"]
    assert desk.kept() == []
    assert desk.registry.recorded("T0ACORN") == []


def test_with_its_organisation_goes_what_came_by_it(desk: Desk) -> None:
    by_its_organisation(desk)
    assert desk.registry.uninstall(BY_OAK, desk.clock()) == ["T0ACORN"]
    assert desk.served_by() == ""
    # Back by the organisation: another installer, the same workspace.
    desk.registry.install(replace(OAK, token="xoxb-oak-2", installed_by="U03CAT"))
    assert desk.registry.team_of(BY_OAK, desk.clock()) == "T0ACORN"
    assert desk.served_by() == "xoxb-oak-2"
    [row] = [one for one in desk.registry.every() if one.team_id]
    assert row.admins == ["U01ANN", "U02BEN", "U03CAT"]


def test_its_own_installation_outlives_its_organisations(desk: Desk) -> None:
    by_itself(desk)
    desk.registry.install(OAK)
    assert desk.registry.uninstall(BY_OAK, desk.clock()) == []
    assert desk.served_by() == IN_GRID.token


def test_what_is_installed_again_while_it_is_forgotten_stays(desk: Desk) -> None:
    desk.registry.uninstall(ALONE, desk.clock())
    desk.clock.advance(KEEP)
    gone = list[str]()
    forgetting = threading.Thread(target=lambda: gone.extend(desk.forget()))
    with desk.database.write() as session:
        row = workspaces.by_team(session, "T0ACORN")
        assert row is not None
        row.uninstalled_at = None
        session.flush()
        forgetting.start()
        # It waits for the end of this; should it not, it has the time to go wrong.
        forgetting.join(0.5)
    forgetting.join(LONG)
    assert gone == []
    assert desk.kept() == ["Jane Doe"]
    assert [row.team_id for row in desk.registry.every()] == ["T0ACORN"]


def test_what_is_installed_again_just_after_it_was_forgotten_begins_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk.registry.uninstall(ALONE, desk.clock())
    desk.clock.advance(KEEP)
    installing, remove = threading.Thread(target=lambda: desk.registry.install(IN_GRID)), rooms.remove

    def slow(main: str, team_id: str) -> None:
        installing.start()
        installing.join(0.5)
        remove(main, team_id)

    monkeypatch.setattr(rooms, "remove", slow)
    assert desk.forget() == ["T0ACORN"]
    installing.join(LONG)
    [row] = desk.registry.every()
    assert (row.enterprise_id, row.uninstalled_at, row.alert_channel) == ("E0OAK", None, "")
    assert desk.kept() == []


def side_by_side(*works: Callable[[], object]) -> None:
    """Do all of it at the same moment. Raises what one of them raises."""
    start = threading.Barrier(len(works))

    def work(one: Callable[[], object]) -> None:
        start.wait(LONG)
        one()

    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(work, one) for one in works]:
            done.result(LONG)


def test_first_requests_that_come_side_by_side_make_one_row(desk: Desk) -> None:
    desk.registry.install(OAK)
    for number in range(10):
        address = Address(team_id=f"T0LEAF{number}", enterprise_id="E0OAK")
        side_by_side(*[lambda to=address: desk.registry.team_of(to, desk.clock())] * 3)
    assert len(desk.registry.every()) == 2 + 10


@pytest.mark.parametrize("team_id", ["T0LEAF", ""])
def test_installations_that_come_side_by_side_make_one_row(desk: Desk, team_id: str) -> None:
    for number in range(10):
        grant = replace(OAK, team_id=team_id and f"{team_id}{number}", enterprise_id=f"E0ELM{number}")
        side_by_side(*[lambda given=grant: desk.registry.install(given)] * 3)
    assert len(desk.registry.every()) == 1 + 10
