"""The bots of several workspaces: all of them end side by side, and one that hangs takes nothing from the others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import app as bot_app
from bot import shared_look
from bot.runtime import Runtime
from bot.settings import SettingsError, load
from bot.workspaces import running
from bot.workspaces.hosting import Hosting
from storage import rooms
from storage.engine import Database
from storage.workspaces import Grant
from tests.stories.house import KEY

NOWHERE = "http://127.0.0.1:9/api/"
LONG = 60.0


@dataclass
class Ends:
    """Notes which bots are ending at the same time."""

    wanted: int
    all_there: threading.Event = field(default_factory=threading.Event)
    let: threading.Event = field(default_factory=threading.Event)
    under_way: int = 0
    given: list[timedelta] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def hosting(folder: Path, now: datetime, number: int, *, begun: bool = True) -> Hosting:
    loaded = load(
        _env_file=None, slack_client_id="1.2", slack_client_secret="x", slack_signing_secret="y",
        slack_api_url=NOWHERE, public_url="https://gifts.example.com", encryption_keys=KEY, http_port=0,
        database_url=f"sqlite:///{folder / 'main.db'}",
    )
    made = bot_app.build_many(loaded, clock=lambda: now, at_work=False)
    for team in range(number):
        made.registry.install(Grant(
            enterprise_id="", team_id=f"T0WORK{team}", name=f"Work {team}", token=f"xoxb-{team}", bot_id=f"B{team}",
            bot_user_id=f"U{team}", scopes="chat:write", installed_by="U01ANN",
        ))
    if begun:
        made.workspaces.reconcile()
        assert len(made.workspaces.running()) == number
    return made


def test_all_bots_end_side_by_side(tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    made, ends, stop = hosting(tmp_path, now, 4), Ends(wanted=4), Runtime.stop

    def noted(runtime: Runtime, within: timedelta) -> None:
        with ends.lock:
            ends.under_way += 1
            ends.given.append(within)
            if ends.under_way == ends.wanted:
                ends.all_there.set()
        # Nobody ends before all have begun to: one after the other this would take a minute each.
        assert ends.all_there.wait(LONG)
        stop(runtime, within)

    monkeypatch.setattr(Runtime, "stop", noted)
    made.stop()
    assert ends.all_there.is_set()
    assert all(timedelta(0) < one <= timedelta(seconds=8) for one in ends.given)
    assert made.workspaces.running() == {}


def test_one_that_hangs_takes_nothing_from_the_others(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, let, stop, ended = hosting(tmp_path, now, 3), threading.Event(), Runtime.stop, list[str]()

    def noted(runtime: Runtime, within: timedelta) -> None:
        if runtime.identity.team_id == "T0WORK1":
            let.wait(LONG)
        stop(runtime, within)
        ended.append(str(runtime.identity.team_id))

    monkeypatch.setattr(Runtime, "stop", noted)
    made.workspaces.stop(timedelta(seconds=5))
    assert sorted(ended) == ["T0WORK0", "T0WORK2"]
    let.set()
    made.stop()


def test_none_is_begun_any_more_when_all_are_about_to_end(tmp_path: Path, now: datetime) -> None:
    made = hosting(tmp_path, now, 1)
    made.workspaces.begin_no_more()
    made.registry.install(Grant(
        enterprise_id="", team_id="T0LATE", name="Late", token="xoxb-late", bot_id="B9", bot_user_id="U9",
        scopes="chat:write", installed_by="U01ANN",
    ))
    made.workspaces.reconcile()
    assert list(made.workspaces.running()) == ["T0WORK0"]
    made.stop()


def test_until_all_are_begun_it_is_not_ready(tmp_path: Path, now: datetime) -> None:
    made = hosting(tmp_path, now, 0)
    assert [problem.name for problem in made.workspaces.problems()] == []
    made.stop()
    loaded = made.settings
    fresh = bot_app.build_many(loaded, clock=lambda: now, at_work=False)
    assert [problem.name for problem in fresh.workspaces.problems()] == ["workspaces"]
    fresh.stop()


def test_the_database_of_one_workspace_is_no_main_one(tmp_path: Path, now: datetime) -> None:
    made = hosting(tmp_path, now, 1)
    made.stop()
    url = SecretStr(rooms.url_of(made.registry.main, "T0WORK0"))
    with pytest.raises(SettingsError, match="DATABASE_URL names the database of T0WORK0; the workspaces stand"):
        bot_app.build_many(made.settings.model_copy(update={"database_url": url}), clock=lambda: now, at_work=False)


def test_one_that_hangs_at_its_start_holds_up_no_other_and_is_told(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, let, make = hosting(tmp_path, now, 12, begun=False), threading.Event(), rooms.make

    def hanging(main: str, team_id: str) -> str:
        if team_id == "T0WORK3":
            let.wait(LONG)
        if team_id == "T0WORK5":
            raise OSError("no room")
        return make(main, team_id)

    monkeypatch.setattr(rooms, "make", hanging)
    monkeypatch.setattr(running, "STUCK", timedelta(seconds=8))
    made.workspaces.reconcile()
    assert len(made.workspaces.running()) == 10
    assert {one.name: one.reason for one in made.workspaces.problems()} == {
        "workspace T0WORK5": "its bot does not start (OSError)",
        "workspaces": "their bots are being started: 10 of 12 are up; not yet T0WORK3",
    }
    # One that is installed meanwhile is not held up, either; nor is a request for one that hangs.
    made.registry.install(Grant(
        enterprise_id="", team_id="T0LATE", name="Late", token="xoxb-late", bot_id="B9", bot_user_id="U9",
        scopes="chat:write", installed_by="U01ANN",
    ))
    made.workspaces.reconcile()
    assert "T0LATE" in made.workspaces.running()
    with made.workspaces.use("T0WORK3") as runtime:
        assert runtime is None
    monkeypatch.setattr(rooms, "make", make)
    let.set()
    made.workspaces.reconcile()
    assert len(made.workspaces.running()) == 13
    assert made.workspaces.problems() == []
    made.stop()


def test_a_request_comes_before_those_that_nobody_waits_for(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, let, order, make = hosting(tmp_path, now, 12, begun=False), threading.Event(), list[str](), rooms.make

    def noted(main: str, team_id: str) -> str:
        order.append(team_id)
        let.wait(LONG)
        return make(main, team_id)

    monkeypatch.setattr(rooms, "make", noted)
    monkeypatch.setattr(running, "PATIENCE", timedelta(milliseconds=10))
    at_start = threading.Thread(target=made.workspaces.reconcile)
    at_start.start()
    wait_until(lambda: len(order) == running.AT_ONCE)
    # The first ones are begun while the others are still being found.
    wait_until(lambda: not any("about to be" in one.reason for one in made.workspaces.problems()))
    [last] = sorted({f"T0WORK{number}" for number in range(12)} - {*order})[-1:]
    body = {"command": "/sends", "text": "help", "team_id": last, "user_id": "U01ANN"}
    with made.workspaces.use(made.workspaces.team_of(body)) as runtime:
        assert runtime is None
    let.set()
    at_start.join(LONG)
    assert order[running.AT_ONCE] == last
    assert len(made.workspaces.running()) == 12
    made.stop()


def test_what_is_being_started_ends_with_all_the_rest(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, let, reached, make = hosting(tmp_path, now, 2, begun=False), threading.Event(), threading.Event(), rooms.make

    def slow(main: str, team_id: str) -> str:
        reached.set()
        let.wait(LONG)
        return make(main, team_id)

    monkeypatch.setattr(rooms, "make", slow)
    at_start = threading.Thread(target=made.workspaces.reconcile)
    at_start.start()
    assert reached.wait(LONG)
    made.workspaces.begin_no_more()
    let.set()
    made.stop()
    at_start.join(LONG)
    assert made.workspaces.running() == {}


def wait_until(is_so: Callable[[], bool]) -> None:
    """Until something is so that other threads are bringing about."""
    pause, ends = threading.Event(), time.monotonic() + LONG
    while not is_so():
        assert time.monotonic() < ends
        pause.wait(0.01)


def test_databases_that_hang_are_waited_for_together_and_leave_the_rest(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, free, read = hosting(tmp_path, now, 4), threading.Event(), Database.read
    hanging = {id(made.workspaces.running()[team].database) for team in ("T0WORK0", "T0WORK1", "T0WORK2")}

    def wait_for_some(database: Database) -> object:
        if id(database) in hanging:
            free.wait(LONG)
        return read(database)

    monkeypatch.setattr(shared_look, "ANSWERS_WITHIN", timedelta(seconds=2))
    monkeypatch.setattr(Database, "read", wait_for_some)
    begun = time.monotonic()
    assert [problem.name for problem in made.health.problems()] == [
        f"workspace T0WORK{number}: database" for number in range(3)
    ]
    first = time.monotonic() - begun
    assert 2 <= first < 6, "not one after the other"
    numbers = [made.metrics.text().decode() for _ in range(10)][-1]
    assert sum(thread.name.startswith("looks_") for thread in threading.enumerate()) <= 2 * len(hanging) + 2
    assert time.monotonic() - begun < first + 10
    for number in range(4):
        assert f'sendwatch_database_up{{workspace="T0WORK{number}"}} {float(number == 3)}' in numbers
    free.set()
    made.stop()
