"""Who watches a send is told each step once, whatever comes in whatever order."""

from __future__ import annotations

import threading
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import event, select

from bot.sends import intake, watching
from bot.sends.snapshots import Snapshot, StatusUpdate
from bot.sends.watching import Outcome, Wish
from storage import watches
from storage.engine import Database
from storage.models import Message, Watch
from tests.bot.sends.test_intake import CREATED, GID, csv_row, day, gids, hook, stored, take, told, watch
from tests.conftest import NOW

ANN, BEN = "U01ANN", "U02BEN"
ORDERED = ("Processing", 1.0)
SHIPPED = ("Shipped", 3.0)
ARRIVED = ("Delivered", 5.0)


def begin(database: Database, user: str = ANN, gid: str = GID) -> Wish:
    send = stored(database, gid)
    with database.write() as session:
        return watching.begin(session, user, send.id, NOW)


def said(database: Database, user: str = ANN) -> list[list[str]]:
    """The statuses of each message to this person, in the order of the messages."""
    with database.read() as session:
        found = session.scalars(select(Message).where(Message.channel == user).order_by(Message.id))
        return [[step["status"] for step in one.body["steps"]] for one in found]


def the_watch(database: Database, user: str = ANN) -> Watch:
    with database.read() as session:
        return session.scalars(select(Watch).where(Watch.user_id == user)).one()


def test_each_step_is_told_once_until_it_has_arrived(database: Database) -> None:
    take(database, told(ORDERED))
    assert begin(database).outcome is Outcome.BEGUN
    assert said(database) == []
    for steps in ((ORDERED, SHIPPED), (ORDERED, SHIPPED), (ORDERED, SHIPPED, ARRIVED), (ORDERED, SHIPPED, ARRIVED)):
        take(database, told(*steps))
    assert said(database) == [["shipped"], ["delivered"]]
    ended = the_watch(database)
    assert (ended.ended_at, ended.ended_why, ended.told_seq) == (NOW, "final", 3)


def test_steps_that_come_together_are_one_message(database: Database) -> None:
    take(database, told(ORDERED))
    begin(database)
    take(database, told(ORDERED, SHIPPED, ARRIVED))
    assert said(database) == [["shipped", "delivered"]]


def test_of_very_many_steps_the_latest_are_told(database: Database) -> None:
    take(database, told(ORDERED))
    begin(database)
    many = [("Shipped" if number % 2 else "Fulfillment Issue", 2 + number / 10) for number in range(15)]
    take(database, told(ORDERED, *many))
    assert len(said(database)[0]) == watching.SHOWN
    with database.read() as session:
        message = session.scalars(select(Message)).one()
        assert (message.body["before"], message.key) == (7, watches.key(the_watch(database), 2))


def test_what_comes_late_is_not_told(database: Database) -> None:
    take(database, told(ORDERED))
    begin(database)
    take(database, told(ORDERED, ARRIVED))
    take(database, told(ORDERED, SHIPPED, ARRIVED))
    assert said(database) == [["delivered"]]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_in_any_order_nobody_reads_that_it_goes_back(sqlite: Database, order: tuple[int, ...]) -> None:
    take(sqlite, told(ORDERED))
    begin(sqlite)
    each = [told(step, observed_at=day(9), status_raw=None) for step in (("Fulfilling", 2.0), SHIPPED, ARRIVED)]
    for place in order:
        take(sqlite, each[place])
    way = [status for message in said(sqlite) for status in message]
    assert way == sorted(way, key=["fulfilling", "shipped", "delivered"].index)
    assert way[-1] == "delivered"


def test_each_watcher_is_told_and_nobody_else(database: Database) -> None:
    take(database, told(ORDERED), told(ORDERED, send_gid="other"))
    begin(database)
    begin(database, BEN)
    begin(database, "U03CHI", "other")
    take(database, told(ORDERED, SHIPPED))
    assert (said(database), said(database, BEN), said(database, "U03CHI")) == ([["shipped"]], [["shipped"]], [])


def test_who_has_stopped_is_told_no_more_and_can_begin_again(database: Database) -> None:
    take(database, told(ORDERED))
    begin(database)
    take(database, told(ORDERED, ("Fulfilling", 2.0)))
    with database.write() as session:
        assert watching.stop(session, ANN, stored(database).id, NOW)
        assert not watching.stop(session, ANN, stored(database).id, NOW)
        assert session.scalars(select(Message)).one().wanted_rev == 2
    take(database, told(ORDERED, ("Fulfilling", 2.0), SHIPPED))
    assert said(database) == [["fulfilling"]]
    assert begin(database).outcome is Outcome.BEGUN
    take(database, told(ORDERED, ("Fulfilling", 2.0), SHIPPED, ARRIVED))
    assert said(database) == [["fulfilling"], ["delivered"]]


CAL = "U03CAL"


def in_a_file_and_by_webhook(database: Database) -> None:
    """The file says that it is shipped, and a webhook what was before that: two records, each watched by somebody."""
    take(database, csv_row(status_raw="Shipped", updates=(
        StatusUpdate(status_raw="Shipped", occurred_at=day(3)),
    )))
    (from_file,) = gids(database)
    hook(database, "send.order_received", 1)
    begin(database, ANN, GID)
    begin(database, BEN, from_file)
    for gid in (GID, from_file):
        begin(database, CAL, gid)
    hook(database, "send.fulfilling", 2)


def joined(*steps: tuple[str, float]) -> Snapshot:
    return told(ORDERED, ("Fulfilling", 2.0), *steps, recipient_email="jane@x.example", campaign="Q4")


def test_two_records_that_become_one_go_on_being_told_to_who_watched_either(database: Database) -> None:
    in_a_file_and_by_webhook(database)
    before = said(database, CAL)
    take(database, joined(SHIPPED))
    assert gids(database) == [GID]
    assert (said(database), said(database, BEN)) == ([["fulfilling"], ["shipped"]], [])
    assert said(database, CAL) == before
    lost = ("Undeliverable", 4.0)
    take(database, joined(SHIPPED, lost))
    take(database, joined(SHIPPED, lost, ARRIVED))
    assert said(database) == [["fulfilling"], ["shipped"], ["undeliverable"], ["delivered"]]
    assert said(database, BEN) == [["undeliverable"], ["delivered"]]
    assert said(database, CAL) == [*before, ["undeliverable"], ["delivered"]]


def test_no_step_is_told_again_when_two_records_become_one(database: Database) -> None:
    in_a_file_and_by_webhook(database)
    hook(database, "send.delivered", 5)
    assert (said(database), said(database, BEN)) == ([["fulfilling"], ["delivered"]], [])
    before = said(database, CAL)
    for _ in range(2):
        take(database, joined(SHIPPED, ARRIVED))
    assert gids(database) == [GID]
    assert (said(database), said(database, BEN)) == ([["fulfilling"], ["delivered"]], [["delivered"]])
    assert said(database, CAL) == before
    with database.read() as session:
        assert set(session.scalars(select(Watch.ended_why))) == {"final"}


def test_what_cannot_be_watched(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    take(database, told(ORDERED, ARRIVED), told(ORDERED, send_gid="b"), told(ORDERED, send_gid="c"))
    assert begin(database).outcome is Outcome.OVER
    monkeypatch.setattr(watching, "MOST", 1)
    assert begin(database, gid="b").outcome is Outcome.BEGUN
    assert begin(database, gid="b").outcome is Outcome.ALREADY
    assert begin(database, gid="c").outcome is Outcome.FULL
    assert begin(database, BEN, "c").outcome is Outcome.BEGUN
    with database.write() as session:
        assert watching.begin(session, ANN, 404, NOW).outcome is Outcome.GONE


def test_two_processes_that_take_the_same_in_tell_it_once(postgresql: Database) -> None:
    take(postgresql, told(ORDERED))
    begin(postgresql)
    threads = [threading.Thread(target=take, args=(postgresql, told(ORDERED, SHIPPED))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said(postgresql) == [["shipped"]]


def test_a_watch_that_begins_during_a_sync_misses_no_step(postgresql: Database) -> None:
    """The send is held while it is moved; the watch then begins from where it has come to."""
    take(postgresql, told(ORDERED))
    begun: list[Wish] = []
    with postgresql.write() as session:
        intake.take(session, [told(ORDERED, SHIPPED)], NOW, watch())
        waiting = threading.Thread(target=lambda: begun.append(begin(postgresql)))
        waiting.start()
        waiting.join(timeout=0.2)
        assert waiting.is_alive()
    waiting.join()
    assert begun[0].send is not None
    assert begun[0].send.status == "shipped"
    assert the_watch(postgresql).told_seq == stored(postgresql).status_seq


def test_sends_that_nobody_watches_cost_one_question_a_batch(sqlite: Database) -> None:
    gids = [f"g{number}" for number in range(50)]
    take(sqlite, *(told(ORDERED, send_gid=gid) for gid in gids))
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own
        asked.append(text)

    event.listen(sqlite.engine, "before_cursor_execute", note)
    take(sqlite, *(told(ORDERED, SHIPPED, send_gid=gid) for gid in gids))
    assert sum("FROM watches" in text for text in asked) == 1
    asked.clear()
    take(sqlite, *(told(ORDERED, SHIPPED, send_gid=gid, observed_at=NOW + timedelta(hours=1)) for gid in gids))
    take(sqlite, *(told(ORDERED, send_gid=f"n{gid}", created_at=CREATED) for gid in gids))
    assert not any("watches" in text for text in asked)
    with sqlite.read() as session:
        assert watches.of_sends(session, range(200)) == []
