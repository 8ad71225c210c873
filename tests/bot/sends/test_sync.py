from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.playground.sendoso import SendosoState
from bot.sends import intake, salvage, sync
from bot.sends.snapshots import Rejected, Snapshot, StatusUpdate
from bot.sends.sources.sendoso_api import Page, SendosoError
from bot.sends.sync import SyncBusyError, SyncReport
from bot.statuses.watch import us_watch
from bot.statuses.working_time import PACIFIC
from storage import leases
from storage import sync as standing
from storage.engine import Database
from storage.models import Send, SendHistory, SyncCursor
from tests.bot.sends.standin import Time, client, gift, sendoso

EXAMPLE = Path(__file__).parents[2] / "stories" / "example_page.json"
CALENDAR = us_watch(PACIFIC)


@pytest.fixture
def time() -> Time:
    return Time()


def run(database: Database, state: SendosoState, time: Time, **options: object) -> SyncReport:
    reader = client(state, database, time, **{"attempts": 1, **options})
    return sync.run(database, reader, clock=time)


def counts(report: SyncReport) -> tuple[int, int, int, int, int]:
    return report.read, report.new, report.changed, report.unchanged, len(report.rejected)


def cursor(database: Database) -> SyncCursor:
    with database.write() as session:
        found = standing.cursor(session, "sendoso")
    assert found is not None
    return found


def pages(state: SendosoState) -> list[int]:
    return [int(query["page"]) for _, query in state.asked]


def fail_after(state: SendosoState, after: int, times: int | None = 1) -> None:
    def fail(page: int) -> None:
        if page == after:
            state.faults.add("list", "500", times)

    state.on_list = fail


def stored(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.scalars(select(Send.send_gid)))


def test_the_documented_example_page_arrives(database: Database, time: Time) -> None:
    state = sendoso(time, vocabulary="verbatim")
    state.load(json.loads(EXAMPLE.read_text()))
    assert counts(run(database, state, time)) == (2, 2, 0, 0, 0)
    assert counts(run(database, state, time)) == (2, 0, 0, 2, 0)
    with database.read() as session:
        by_id = {send.sendoso_id: send for send in session.scalars(select(Send))}
        egift, gift_sent = by_id[1], by_id[2]
        assert (egift.status, egift.status_raw, egift.cost_minor) == ("expired", "Expired", 200)
        assert egift.status_since == datetime.fromisoformat("2022-12-11T00:00:02-08:00")
        assert gift_sent.status == "confirmation_canceled"
        assert gift_sent.status_raw == "Address Confirmation - Cancelled"
        assert session.scalar(select(func.count()).select_from(SendHistory)) == 6


def test_everything_is_walked_counted_and_shown(database: Database, time: Time) -> None:
    state = sendoso(time, 250)
    seen: list[tuple[int, int | None]] = []
    report = sync.run(
        database, client(state, database, time), clock=time, watch=lambda _session: CALENDAR,
        progress=lambda met, total: seen.append((met, total)),
    )
    assert counts(report) == (250, 250, 0, 0, 0)
    assert (report.passes, report.missing, report.resumed_at) == (1, 0, None)
    assert seen == [(100, 250), (200, 250), (250, 250)]
    assert (cursor(database).cursor, cursor(database).last_ok_at, cursor(database).last_error) == ({}, time.now, None)


def test_the_next_sync_tells_what_changed(database: Database, time: Time) -> None:
    state = sendoso(time, 120)
    run(database, state, time)
    time.now += timedelta(minutes=15)
    state.move(state.gids()[110], "Opened")
    state.add(gift(500))
    assert counts(run(database, state, time)) == (121, 1, 1, 119, 0)


def test_sends_that_shift_while_being_walked(database: Database, time: Time) -> None:
    state = sendoso(time, 305)
    gids = state.gids()

    def shift(page: int) -> None:
        if page == 2 and state.gids()[0] == gids[0]:
            state.add(gift(900))
            state.add(gift(901))
        if page == 3 and gids[5] in state.gids():
            state.remove(gids[5])

    state.on_list = shift
    report = run(database, state, time)
    assert stored(database) >= set(state.gids())
    assert report.read == report.new == 307
    assert report.missing == 0


@pytest.mark.parametrize("order", ["oldest", "shuffled"])
def test_no_order_is_relied_on(sqlite: Database, time: Time, order: str) -> None:
    state = sendoso(time, 220, order=order)
    report = run(sqlite, state, time)
    assert len(stored(sqlite)) == report.read == 220 - report.missing


def test_what_sendoso_never_shows_is_said(sqlite: Database, time: Time) -> None:
    state = sendoso(time, 7)
    reader = client(state, sqlite, time)

    class Boasting:
        def page(self, number: int, before_each: Callable[[], None]) -> Page:
            page = reader.page(number, before_each)
            return Page(number=page.number, size=page.size, total=9, items=page.items)

    assert sync.run(sqlite, Boasting(), clock=time).missing == 2
    assert cursor(sqlite).last_error == "Sendoso counts 9 sends but showed only 7."
    assert cursor(sqlite).last_ok_at == time.now


def test_bad_items_are_named_and_the_rest_goes_in(database: Database, time: Time) -> None:
    state = sendoso(time, 3, vocabulary="verbatim")
    good = state.listed(1, 1)["sends"][0]
    for number, wrong in enumerate([{"status": None, "status_updates": None}, {"created_at": "2999-01-01T00:00:00Z"}]):
        state.add_json(good | {"send_gid": f"bad{number}", "id": None} | wrong)
    report = run(database, state, time)
    assert counts(report) == (5, 3, 0, 0, 2)
    assert sorted(one.line for one in report.rejected) == [1, 2]
    far, bare = sorted(report.rejected, key=lambda one: one.line)
    assert bare.reason == "page 1, item 2: status is missing"
    assert far.reason.startswith("page 1, item 1: it was created on 2999-01-01")


# -- stopped, killed, busy


def test_two_failing_pages_keep_the_place(database: Database, time: Time) -> None:
    state = sendoso(time, 450)
    fail_after(state, 3, times=2)
    with pytest.raises(SendosoError, match="500") as caught:
        run(database, state, time)
    assert caught.value.status == 500
    assert pages(state) == [1, 2, 3, 4, 5]
    assert len(stored(database)) == 300
    assert "500" in (cursor(database).last_error or "")
    assert cursor(database).last_ok_at is None
    state.on_list = lambda _page: None
    report = run(database, state, time)
    assert pages(state)[5:] == [3, 4, 5]
    assert (report.resumed_at, report.read, report.new) == (3, 250, 150)
    assert len(stored(database)) == 450
    assert (cursor(database).cursor, cursor(database).last_error) == ({}, None)


def test_a_killed_sync_blocks_for_its_lease_and_is_then_gone_on_with(database: Database, time: Time) -> None:
    state = sendoso(time, 350)

    class KilledError(BaseException):
        pass

    def kill(page: int) -> None:
        if page == 3:
            raise KilledError

    state.on_list = kill
    with pytest.raises(KilledError):
        run(database, state, time)
    # As after kill -9: nobody gave the lease back.
    with database.write() as session:
        leases.take(session, "sync", "the dead", time.now, timedelta(minutes=2))
    state.on_list = lambda _page: None
    with pytest.raises(SyncBusyError, match=r"already running. If it was killed, .* 15:02:0\d UTC"):
        run(database, state, time)
    time.now += timedelta(minutes=2)
    assert run(database, state, time).resumed_at == 2
    assert pages(state) == [1, 2, 3, 2, 3, 4]


def test_a_walk_stopped_long_ago_begins_anew(sqlite: Database, time: Time) -> None:
    state = sendoso(time, 250)
    fail_after(state, 1, times=2)
    with pytest.raises(SendosoError):
        run(sqlite, state, time)
    state.on_list = lambda _page: None
    state.faults.clear()
    time.now += timedelta(hours=7)
    assert run(sqlite, state, time).resumed_at is None


def test_pages_that_never_come_do_not_hold_up_the_first_ones_for_ever(sqlite: Database, time: Time) -> None:
    state = sendoso(time, 450)
    fail_after(state, 2, times=2)
    for _ in range(4):
        with pytest.raises(SendosoError):
            run(sqlite, state, time)
        state.faults.clear()
    assert pages(state) == [1, 2, 3, 4, 2, 3, 4, 2, 3, 4, 1, 2, 3, 4]


def test_sendoso_being_down_keeps_the_place(sqlite: Database, time: Time) -> None:
    state = sendoso(time, 450)
    fail_after(state, 2, times=None)
    for _ in range(5):
        with pytest.raises(SendosoError):
            run(sqlite, state, time)
    assert pages(state) == [1, 2, 3, 4, 2, 2, 2, 2]


def test_only_one_sync_runs_at_a_time(database: Database, time: Time) -> None:
    state = sendoso(time, 150)
    refused: list[str] = []

    def second(page: int) -> None:
        if page == 2:
            with pytest.raises(SyncBusyError) as caught:
                run(database, sendoso(time, 1), time)
            refused.append(str(caught.value))

    state.on_list = second
    assert run(database, state, time).read == 150
    assert len(refused) == 1


def test_of_two_that_start_at_once_one_runs(database: Database, time: Time) -> None:
    state, start = sendoso(time, 1), threading.Barrier(2)
    ended: list[int | None] = []
    inside = threading.Event()

    def first_page(_page: int) -> None:
        inside.wait(10)

    state.on_list = first_page

    def go() -> None:
        start.wait()
        try:
            ended.append(run(database, state, time).read)
        except SyncBusyError:
            ended.append(None)
            inside.set()

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended, key=str) == [1, None]


def test_a_sync_that_overslept_its_lease_writes_nothing_more(database: Database, time: Time) -> None:
    state = sendoso(time, 250)
    other = sendoso(time, 1)

    def oversleep(page: int) -> None:
        if page == 2 and not other.asked:
            time.now += timedelta(minutes=10)
            run(database, other, time)

    state.on_list = oversleep
    with pytest.raises(SyncBusyError, match="taken over"):
        run(database, state, time)
    assert len(stored(database)) == 101
    assert (cursor(database).cursor, cursor(database).last_error) == ({}, None)
    assert run(database, state, time).read == 250


def test_the_lease_lasts_through_long_trouble(sqlite: Database, time: Time) -> None:
    state = sendoso(time, 150)
    kept: list[datetime | None] = []
    reader = client(state, sqlite, time)

    class Slow:
        def page(self, number: int, before_each: Callable[[], None]) -> Page:
            for _ in range(5):
                time.now += timedelta(seconds=90)
                before_each()
                with sqlite.read() as session:
                    kept.append(leases.held_until(session, "sync", time.now))
            return reader.page(number, before_each)

    assert sync.run(sqlite, Slow(), clock=time).read == 150
    assert None not in kept


def test_a_database_that_breaks_is_told_as_such(sqlite: Database, time: Time) -> None:
    class Broken:
        def page(self, number: int, before_each: Callable[[], None]) -> Page:
            raise ZeroDivisionError("quotes jane@acme.com")

    with pytest.raises(ZeroDivisionError):
        sync.run(sqlite, Broken(), clock=time)
    assert cursor(sqlite).last_error == "The sync failed (ZeroDivisionError)."
    with sqlite.read() as session:
        assert leases.held_until(session, "sync", time.now) is None


# -- what webhooks asked for


def test_a_full_walk_answers_what_webhooks_asked_for(database: Database, time: Time) -> None:
    state = sendoso(time, 3)
    run(database, state, time)
    with database.write() as session:
        assert not sync.wanted(session)
        intake.mark_for_refresh(session, state.gids()[0], time.now, time.now)
        intake.mark_for_refresh(session, "gone-at-sendoso", time.now, time.now)
    with database.read() as session:
        assert sync.wanted(session)
    time.now += timedelta(minutes=1)
    run(database, state, time)
    with database.read() as session:
        assert not sync.wanted(session)


def test_what_is_asked_for_during_a_walk_waits_for_the_next(database: Database, time: Time) -> None:
    state = sendoso(time, 150)

    def ask(page: int) -> None:
        if page == 2:
            with database.write() as session:
                intake.mark_for_refresh(session, state.gids()[0], time.now, time.now)

    state.on_list = ask
    run(database, state, time)
    with database.read() as session:
        assert sync.wanted(session)


# -- poison


def poisoned(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    real = intake.take

    def take(session: Session, told: list[Snapshot | Rejected], *rest: object) -> intake.Taken:
        taken = real(session, told, *rest)  # type: ignore[arg-type]
        if any(isinstance(one, Snapshot) and one.recipient_name == "Person 2" for one in told):
            raise error
        return taken

    monkeypatch.setattr(intake, "take", take)


def test_one_poisoned_send_costs_itself(
    database: Database, time: Time, monkeypatch: pytest.MonkeyPatch,
) -> None:
    poisoned(monkeypatch, ZeroDivisionError("quotes jane@acme.com"))
    report = run(database, sendoso(time, 5), time)
    assert counts(report) == (5, 4, 0, 0, 1)
    assert report.rejected == [
        Rejected(line=3, reason="page 1, item 3: it could not be stored (ZeroDivisionError)"),
    ]
    assert len(stored(database)) == 4


def test_a_text_that_no_index_can_hold_whole_costs_no_other_send(database: Database, time: Time) -> None:
    drawn = random.Random(1)  # noqa: S311 - not compressible is all that it has to be
    long = f"https://x.example/{''.join(chr(drawn.randrange(0x20000, 0x2A000)) for _ in range(970))}"
    status = StatusUpdate(status_raw=long, occurred_at=time.now - timedelta(days=1))
    texts: list[dict[str, Any]] = [
        {"recipient_email": long}, {"sender_email": long}, {"team": long}, {"tracking_url": long},
        {"status_raw": long, "updates": (status,)},
    ]
    state = sendoso(time, 3)
    for number, text in enumerate(texts, start=10):
        state.add(replace(gift(number), **text))
    assert counts(run(database, state, time)) == (8, 8, 0, 0, 0)
    assert len(stored(database)) == 8


class _TooLarge(Exception):  # noqa: N818 - stands for the driver's own
    sqlstate = "54000"


def test_what_is_too_large_for_the_database_is_the_fault_of_the_send(
    database: Database, time: Time, monkeypatch: pytest.MonkeyPatch,
) -> None:
    poisoned(monkeypatch, OperationalError("insert", {}, _TooLarge("index row size 2992")))
    report = run(database, sendoso(time, 5), time)
    assert counts(report) == (5, 4, 0, 0, 1)
    assert report.rejected[0].reason.endswith("it could not be stored (OperationalError)")


def test_when_nothing_gets_in_it_is_not_the_sends_that_are_bad(
    sqlite: Database, time: Time, monkeypatch: pytest.MonkeyPatch,
) -> None:
    def take(*_args: object) -> intake.Taken:
        raise ZeroDivisionError

    monkeypatch.setattr(intake, "take", take)
    with pytest.raises(ZeroDivisionError):
        run(sqlite, sendoso(time, 5), time)
    assert counts(run(sqlite, sendoso(time, 1), time)) == (1, 0, 0, 0, 1)


def test_a_database_that_does_not_work_is_no_poison(
    sqlite: Database, time: Time, monkeypatch: pytest.MonkeyPatch,
) -> None:
    poisoned(monkeypatch, OperationalError("select", {}, Exception("disk full")))
    with sqlite.write() as session, pytest.raises(OperationalError):
        salvage.take(session, [gift(2)], time.now, CALENDAR)


def test_nor_is_one_that_stops_working_amid_the_salvage(
    sqlite: Database, time: Time, monkeypatch: pytest.MonkeyPatch,
) -> None:
    def take(_session: Session, told: list[Snapshot], *_rest: object) -> intake.Taken:
        raise ZeroDivisionError if len(told) > 1 else OperationalError("select", {}, Exception("disk full"))

    monkeypatch.setattr(intake, "take", take)
    with sqlite.write() as session, pytest.raises(OperationalError):
        salvage.take(session, [gift(1), gift(2)], time.now, CALENDAR)


# -- discretion


def test_logs_name_neither_tokens_nor_people(sqlite: Database, time: Time) -> None:
    state = sendoso(time, 3)
    state.faults.add("list", "422")
    with structlog.testing.capture_logs() as logs:
        with pytest.raises(SendosoError):
            run(sqlite, state, time)
        run(sqlite, state, time)
    written = repr(logs)
    assert "sync_stopped" in written
    assert "sync_finished" in written
    assert "@" not in written
    assert state.access.access_token not in written
