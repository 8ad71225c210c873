"""SQLite's search index is merged after those who write, and whoever presses is let past."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from storage.gate import ASKED_AGAIN, WriterGate
from storage.merges import LONG, MANY_PARTS, PERSEVERANCE, REST, Merges

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
PATIENCE = 30


class Watched(sqlite3.Connection):
    """A connection that tells of merges, and does something else during them."""

    def __init__(self, *given: Any, **more: Any) -> None:  # noqa: ANN401 - as the driver has it
        super().__init__(*given, **more)
        self.merged: list[int] = []
        self.began, self.was_stopped = threading.Event(), threading.Event()
        self.during: Callable[[], object] = lambda: None

    def execute(self, statement: str, parameters: Any = (), /) -> sqlite3.Cursor:  # noqa: ANN401 - as the driver has it
        if "'merge'" not in statement:
            return super().execute(statement, parameters)
        self.began.set()
        self.during()
        done = super().execute(statement, parameters)
        self.merged.append(parameters[0])
        return done

    def interrupt(self) -> None:
        self.was_stopped.set()
        super().interrupt()

    def go_on_for_ever(self) -> None:
        self.execute(ENDLESS).fetchone()


class Index:
    """An index that is written to and merged, and a clock that stands still."""

    def __init__(self, path: Path) -> None:
        self.now = 100.0
        self.gate = WriterGate()
        self.path = path
        self.merges = Merges(self._connect, self.gate, lambda: self.now)
        self.connection = self._connect()
        self.connection.execute("CREATE VIRTUAL TABLE sends_search USING fts5(search_text)")

    def write(self, sends: int = 1) -> None:
        self.gate.acquire()
        for _ in range(sends):
            self.connection.execute("INSERT INTO sends_search VALUES ('jane')")
        self.merges.owe(sends)
        self.gate.release()
        self.merges.pay(sends)

    def write_beside(self, executor: ThreadPoolExecutor) -> Future[None]:
        """Begin to write in another thread; returns once it is at merging."""
        self.connection.began.clear()
        writing = executor.submit(self.write)
        assert self.connection.began.wait(PATIENCE)
        return writing

    def press(self) -> None:
        with self.gate.answering():
            self.take_turn()

    def take_turn(self) -> None:
        self.gate.acquire()
        self.gate.release()

    def _connect(self) -> Watched:
        if "connection" in vars(self):
            return self.connection
        return sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, factory=Watched)

    @property
    def merged(self) -> list[int]:
        """Of how many pages each merge was that came to its end."""
        return self.connection.merged


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    made = Index(tmp_path / "one.db")
    yield made
    made.merges.close()


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as made:
        yield made


def test_for_each_send_some_pages_are_merged_and_few_at_a_time(index: Index) -> None:
    for sends in (1, 5, 100):
        index.write(sends)
    assert index.merged == [4, 20, 400]


def test_what_nobody_wrote_is_not_merged(index: Index) -> None:
    index.merges.pay(0)
    assert index.merged == []


def test_what_was_committed_does_not_fail_with_a_merge_for_which_the_disk_has_no_room(index: Index) -> None:
    def full() -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    index.connection.during = full
    index.write()
    index.connection.during = lambda: None
    index.now += REST.total_seconds()
    index.write()
    assert index.merged == [8]


def test_whoever_presses_is_let_past_a_long_merge(index: Index, executor: ThreadPoolExecutor) -> None:
    index.connection.during = index.connection.go_on_for_ever
    writing = index.write_beside(executor)
    index.press()  # comes back, though the merge would never end
    writing.result(PATIENCE)
    assert index.merged == []
    assert index.connection.execute("SELECT count(*) FROM sends_search").fetchone() == (1,)


def test_work_in_the_background_waits_for_the_end_of_a_merge(index: Index, executor: ThreadPoolExecutor) -> None:
    index.connection.during = index.connection.go_on_for_ever
    writing = index.write_beside(executor)
    another = executor.submit(index.take_turn)
    while not index.gate._queue:  # noqa: SLF001 - the only way to know that it stands in line
        pass
    assert not another.done()
    index.press()
    writing.result(PATIENCE)
    another.result(PATIENCE)


def stopped(index: Index, executor: ThreadPoolExecutor) -> None:
    """Have somebody press while a long merge is under way."""
    index.connection.during = index.connection.go_on_for_ever
    writing = index.write_beside(executor)
    index.press()
    writing.result(PATIENCE)
    index.connection.during = lambda: None


def test_what_was_stopped_is_merged_after_a_rest(index: Index, executor: ThreadPoolExecutor) -> None:
    stopped(index, executor)
    index.write()
    assert index.merged == []
    index.now += REST.total_seconds()
    index.write()
    assert index.merged == [12]


def test_many_small_parts_are_merged_while_large_ones_rest(index: Index, executor: ThreadPoolExecutor) -> None:
    stopped(index, executor)
    for _ in range(MANY_PARTS - 1):
        assert index.merged == []
        index.write()
    assert index.merged == [32]


def test_a_debt_is_paid_off_by_and_by(index: Index, executor: ThreadPoolExecutor) -> None:
    stopped(index, executor)
    for _ in range(MANY_PARTS - 2):
        index.write(10)
    index.now += REST.total_seconds()
    for _ in range(10):
        index.write(10)
    assert index.merged == [80, 80, 80, 80, 80, 80, 44, 40, 40, 40]


def test_one_merge_in_thirty_seconds_is_seen_through_however_many_people_press(
    index: Index, executor: ThreadPoolExecutor,
) -> None:
    stopped(index, executor)
    index.now += PERSEVERANCE.total_seconds()
    index.connection.was_stopped.clear()

    def be_long() -> None:
        pressing.append(executor.submit(index.press))
        assert not index.connection.was_stopped.wait(5 * ASKED_AGAIN.total_seconds())
        index.now += LONG.total_seconds()

    pressing: list[Future[None]] = []
    index.connection.during = be_long
    index.write()
    assert index.merged == [8]
    pressing[0].result(PATIENCE)
    stopped(index, executor)
    assert index.merged == [8]


def test_a_short_merge_does_not_take_the_place_of_the_one_that_is_seen_through(
    index: Index, executor: ThreadPoolExecutor,
) -> None:
    stopped(index, executor)
    index.now += PERSEVERANCE.total_seconds()
    index.write()
    assert index.merged == [8]
    index.connection.was_stopped.clear()
    index.connection.during = lambda: executor.submit(index.press)
    index.write()
    assert index.merged == [8, 4]
    assert not index.connection.was_stopped.is_set()
