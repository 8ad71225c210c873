from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.privacy import looked_up
from bot.privacy.looked_up import BATCH, Asked, LookUpsLostError, Recorder
from bot.sends.intake import take
from bot.sends.snapshots import Snapshot
from bot.statuses.watch import us_watch
from storage import look_ups
from storage.engine import Database
from storage.models import LookUp, LookUpSend, Send
from storage.scope import looking
from tests.conftest import NOW


@pytest.fixture
def filled(database: Database) -> Database:
    """Six hundred sends: more than one look-up names."""
    made = [
        Snapshot(source="api", observed_at=NOW, send_gid=f"gid{number:04}", status_raw="Shipped", created_at=NOW)
        for number in range(600)
    ]
    with database.write() as session:
        take(session, made, NOW, us_watch())
    return database


def asked(key: str = "command:1", user: str = "U1") -> Asked:
    return Asked(key=key, user_id=user, looked_at=NOW, surface="command", name="/send-status")


def some(database: Database, number: int, look: Asked, after: int = 0) -> Asked:
    """That look, once so many sends have been read in it."""
    with looking(look), database.read() as session:
        session.scalars(select(Send).where(Send.id > after).order_by(Send.id).limit(number)).all()
    return look


def recorded(database: Database) -> list[tuple[str, str, int, int]]:
    with database.read() as session:
        return [(row.user_id, row.name, row.number, len(gids)) for row, gids in look_ups.every(session)]


def test_what_was_read_is_written_down_once_and_by_nobody_but_the_recorder(filled: Database) -> None:
    recorder, look = Recorder(filled), some(filled, 3, asked())
    recorder.note(look)
    recorder.note(look)
    assert recorded(filled) == []
    assert (recorder.waiting, recorder.write(), recorder.waiting, recorder.write()) == (1, 1, 0, 0)
    assert recorded(filled) == [("U1", "/send-status", 3, 3)]
    # More of the same request comes later: it is the same look.
    recorder.note(some(filled, 5, look))
    recorder.note(look)
    assert recorder.write() == 1
    assert recorded(filled) == [("U1", "/send-status", 5, 5)]


def test_who_reads_no_send_has_looked_up_nothing(filled: Database) -> None:
    recorder = Recorder(filled)
    recorder.note(some(filled, 0, asked()))
    assert (recorder.waiting, recorder.write()) == (0, 0)


def test_what_is_read_in_a_look_within_another_was_read_in_both(filled: Database) -> None:
    outer, inner = asked(), asked("command:2")
    with looking(outer):
        some(filled, 2, inner)
        with looking(None):
            some(filled, 9, asked("command:3"))
    assert (len(outer.seen), len(inner.seen)) == (2, 2)


def test_of_very_many_only_the_number_is_kept(filled: Database) -> None:
    recorder = Recorder(filled)
    recorder.note(some(filled, 600, asked()))
    recorder.write()
    assert recorded(filled) == [("U1", "/send-status", 600, look_ups.MOST)]


def test_what_is_gone_when_it_is_written_down_is_counted_and_not_named(filled: Database) -> None:
    recorder = Recorder(filled)
    recorder.note(some(filled, 3, asked()))
    with filled.write() as session:
        session.delete(session.scalars(select(Send).order_by(Send.id).limit(1)).one())
    recorder.write()
    assert recorded(filled) == [("U1", "/send-status", 3, 2)]


def test_what_the_database_does_not_take_waits(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder, real = Recorder(filled), look_ups.record

    def broken(_session: Session, _some: object) -> None:
        raise OperationalError("no room", {}, OSError())

    for number in range(BATCH + 5):
        recorder.note(some(filled, 1, asked(f"command:{number}"), after=number))
    monkeypatch.setattr(look_ups, "record", broken)
    with pytest.raises(OperationalError):
        recorder.write()
    assert recorder.waiting == BATCH + 5
    monkeypatch.setattr(look_ups, "record", real)
    assert recorder.write() == BATCH + 5
    assert len(recorded(filled)) == BATCH + 5


def test_what_there_is_no_room_for_is_not_lost_without_a_word(filled: Database) -> None:
    recorder = Recorder(filled, room=2)
    for number in range(5):
        recorder.note(some(filled, 1, asked(f"command:{number}")))
    # One that waits already may still grow.
    recorder.note(some(filled, 4, asked("command:0")))
    with pytest.raises(LookUpsLostError, match="3 look-ups are not on record"):
        recorder.write()
    assert [number for *_, number, _ in recorded(filled)] == [4, 1]
    assert recorder.write() == 0


def test_many_at_once_leave_one_each(filled: Database) -> None:
    recorder = Recorder(filled)

    def work(user: str) -> None:
        for number in range(20):
            recorder.note(some(filled, 2, asked(f"{user}:{number}", user)))
            if number % 7 == 0:
                recorder.write()

    threads = [threading.Thread(target=work, args=(f"U{number}",)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    recorder.write()
    found = recorded(filled)
    assert len(found) == 80
    assert {(number, named) for *_, number, named in found} == {(2, 2)}


def test_old_ones_go_bit_by_bit(filled: Database) -> None:
    recorder = Recorder(filled)
    for number in range(BATCH + 5):
        recorder.note(some(filled, 1, asked(f"command:{number}")))
    recorder.write()
    keep = timedelta(days=30)
    assert looked_up.tidy(filled, keep, NOW + keep) == 0
    assert looked_up.tidy(filled, keep, NOW + keep + timedelta(seconds=1), is_stopping=lambda: True) == 0
    assert looked_up.tidy(filled, keep, NOW + keep + timedelta(seconds=1)) == BATCH + 5
    with filled.read() as session:
        assert session.scalars(select(LookUp)).all() == []
        assert session.scalars(select(LookUpSend)).all() == []
