"""Putting the bot together while its database is still coming up."""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from bot import app
from bot.ending import StopWish
from bot.runtime import Runtime
from bot.settings import load
from storage.engine import Database

NOWHERE = "postgresql://nobody@127.0.0.1:9/none"


def built(url: str) -> Runtime:
    return app.build(load(_env_file=None, database_url=url, slack_bot_token="xoxb-none", alert_channel="C01GIFTING"))


def test_a_database_that_comes_up_meanwhile_is_waited_for(postgresql: Database) -> None:
    name = f"{postgresql.url.database}_late"
    server = postgresql.engine.execution_options(isolation_level="AUTOCOMMIT")

    def waits() -> Iterator[float]:
        yield 0
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        yield 0

    url = postgresql.url.set(database=name).render_as_string(hide_password=False)
    runtime = app.when_up(lambda: built(url), StopWish(), waits())
    assert runtime is not None
    runtime.close()
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def test_a_database_that_does_not_come_is_an_error() -> None:
    with pytest.raises(OperationalError, match="refused"):
        app.when_up(lambda: built(NOWHERE), StopWish(), (0, 0))


def test_who_waits_for_a_database_can_be_stopped() -> None:
    stopping = StopWish()
    stopping.set()
    assert app.when_up(lambda: built(NOWHERE), stopping) is None


def test_a_file_that_cannot_be_opened_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "sendwatch.db-journal").mkdir()
    with pytest.raises(OperationalError, match="unable to open database file"):
        app.when_up(lambda: built(f"sqlite:///{tmp_path / 'sendwatch.db'}"), StopWish())


STORES = """
import sys, threading
if sys.argv[1] == "shared":
    from bot.app import share_memory
    share_memory()
held, ready = [], threading.Barrier(9)

def take():
    held.append([bytes(60_000) for _ in range(20)])
    ready.wait()

for _ in range(8):
    threading.Thread(target=take).start()
ready.wait()
places = [[int(end, 16) for end in line.split()[0].split("-")] for line in open("/proc/self/maps")]
size = 64 << 20
print(sum(
    first[0] % size == 0 and first[1] == rest[0] and rest[1] == first[0] + size
    for first, rest in zip(places, places[1:])
))
"""
"""Counts the stores of glibc besides the program's own: each has 64 megabytes for itself and uses the first of them."""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library keeps its memory in other ways")
def test_threads_take_their_memory_from_few_stores() -> None:
    def stores(how: str) -> int:
        told = subprocess.run([sys.executable, "-c", STORES, how], check=True, capture_output=True, text=True)
        return int(told.stdout)

    assert stores("shared") == 1
    assert stores("as it is") > 3
