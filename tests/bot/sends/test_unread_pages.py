"""A page of Sendoso's list that cannot be read costs itself: all others are read, it is named, and asked for again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.sends import sync
from bot.sends.sources import sendoso_page
from bot.sends.sources.sendoso_api import Page, SendosoClient, SendosoError
from bot.sends.sync import SyncBusyError, SyncReport, UnreadPagesError
from storage import leases
from storage import sync as standing
from storage.engine import Database
from storage.models import Send
from tests.bot.sends.standin import Time, client, sendoso
from tests.bot.sends.test_sync import cursor, stored

ODD = "Sendoso's answer for page 3 holds no list of sends."


class Failing:
    """Sendoso with 450 sends on five pages, some of which cannot be read."""

    def __init__(self, reader: SendosoClient, time: Time) -> None:
        self.reader, self.time = reader, time
        self.asked: list[int] = []
        self.wrong: dict[int, int | None] = {}
        """Page -> the status with which it is refused; None for an answer that is no page."""
        self.mended: Callable[[int], bool] = lambda _: False
        """Whether a page can be read after all, by how often it was asked for."""

    def page(self, number: int, before_each: Callable[[], None]) -> Page:
        self.asked.append(number)
        if number in self.wrong and not self.mended(self.asked.count(number)):
            if self.wrong[number] is None:
                return sendoso_page.read({"sends": "none"}, number, self.time())
            raise SendosoError(f"Sendoso answered {self.wrong[number]}.", self.wrong[number])
        return self.reader.page(number, before_each)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def failing(sqlite: Database, time: Time) -> Iterator[Failing]:
    with closing(client(sendoso(time, 450), sqlite, time, attempts=1)) as reader:
        yield Failing(reader, time)


def run(database: Database, failing: Failing, is_stopping: Callable[[], bool] = lambda: False) -> SyncReport:
    return sync.run(database, failing, clock=failing.time, is_stopping=is_stopping)


@pytest.mark.parametrize(("status", "said"), [(500, "Sendoso answered 500."), (200, "answered 200"), (None, ODD)])
def test_the_pages_behind_it_are_read(sqlite: Database, failing: Failing, status: int | None, said: str) -> None:
    failing.wrong = {3: status}
    with pytest.raises(UnreadPagesError, match="All pages could be read but this one; the next sync asks") as caught:
        run(sqlite, failing)
    assert said in str(caught.value)
    # Once more at the end, and no page a second time: what is missing is known to stand on it.
    assert failing.asked == [1, 2, 3, 4, 5, 3]
    assert len(stored(sqlite)) == 350
    assert (cursor(sqlite).last_ok_at, cursor(sqlite).cursor) == (None, {})
    assert cursor(sqlite).last_error == str(caught.value)


def test_the_next_sync_asks_for_it_again(sqlite: Database, failing: Failing, time: Time) -> None:
    failing.wrong = {3: 502}
    for _ in range(3):
        failing.asked.clear()
        with pytest.raises(UnreadPagesError):
            run(sqlite, failing)
        assert failing.asked == [1, 2, 3, 4, 5, 3]
    failing.wrong.clear()
    report = run(sqlite, failing)
    assert (report.read, report.new, report.unchanged) == (450, 100, 350)
    assert (cursor(sqlite).last_ok_at, cursor(sqlite).last_error) == (time.now, None)


def test_trouble_that_is_over_by_the_end_is_none(sqlite: Database, failing: Failing) -> None:
    failing.wrong, failing.mended = {3: 503}, lambda times: times > 1
    report = run(sqlite, failing)
    assert (report.read, report.new, report.missing) == (450, 450, 0)
    assert cursor(sqlite).last_error is None


def test_the_last_page_and_several_apart(sqlite: Database, failing: Failing) -> None:
    failing.wrong = {2: 500, 5: None}
    with pytest.raises(UnreadPagesError, match=r"Sendoso answered 500\. All pages could be read but these 2: 2, 5;"):
        run(sqlite, failing)
    assert failing.asked == [1, 2, 3, 4, 5, 6, 2, 5]
    assert len(stored(sqlite)) == 300


@pytest.mark.parametrize(("wrong", "asked"), [
    ({1: 500}, [1]), ({3: 500, 4: 500}, [1, 2, 3, 4]), ({3: 401}, [1, 2, 3]), ({3: 403}, [1, 2, 3]),
    ({3: 404}, [1, 2, 3]), ({3: 429}, [1, 2, 3]),
])
def test_what_is_not_one_pages_trouble_ends_the_sync(
    sqlite: Database, failing: Failing, wrong: dict[int, int | None], asked: list[int],
) -> None:
    failing.wrong = wrong
    with pytest.raises(SendosoError) as caught:
        run(sqlite, failing)
    assert not isinstance(caught.value, UnreadPagesError)
    assert failing.asked == asked


def test_with_too_many_it_is_not_the_pages(
    sqlite: Database, failing: Failing, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sync, "MOST_UNREAD", 1)
    failing.wrong = {2: 500, 4: 500}
    with pytest.raises(SendosoError, match=r"Sendoso answered 500\.$"):
        run(sqlite, failing)
    assert failing.asked == [1, 2, 3, 4]
    # The place is kept, as whenever a sync ends before its time.
    assert cursor(sqlite).cursor["page"] == 3


def test_a_sync_that_was_overtaken_passes_nothing_over(sqlite: Database, failing: Failing, time: Time) -> None:
    class Overtaken(Failing):
        def page(self, number: int, before_each: Callable[[], None]) -> Page:
            if number == 3:
                time.now += timedelta(minutes=10)
                with sqlite.write() as session:
                    leases.take(session, sync.LEASE, "another", time.now, sync.LEASE_LENGTH)
            return super().page(number, before_each)

    overtaken = Overtaken(failing.reader, time)
    with pytest.raises(SyncBusyError):
        run(sqlite, overtaken)
    assert overtaken.asked == [1, 2, 3]


def test_one_that_is_to_stop_does_not_ask_again(sqlite: Database, failing: Failing) -> None:
    failing.wrong = {3: 500}
    with pytest.raises(UnreadPagesError):
        run(sqlite, failing, is_stopping=lambda: failing.asked[-1:] == [5])
    assert failing.asked == [1, 2, 3, 4, 5]


def test_webhooks_do_not_ask_for_what_stands_on_it_without_end(sqlite: Database, failing: Failing) -> None:
    run(sqlite, failing)
    with sqlite.write() as session:
        for send in session.scalars(select(Send)):
            send.refresh_wanted_at = failing.time.now
    failing.wrong = {3: 500}
    with pytest.raises(UnreadPagesError):
        run(sqlite, failing)
    with sqlite.read() as session:
        assert not standing.refresh_wanted(session)
