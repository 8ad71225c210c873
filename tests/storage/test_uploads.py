from __future__ import annotations

from datetime import datetime, timedelta

from storage import messages, outgoing, uploads
from storage.engine import Database
from storage.models import Message


def test_the_file_of_a_message_is_written_down_by_who_holds_the_claim(database: Database, now: datetime) -> None:
    with database.write() as session:
        message = messages.want(session, key="a", kind=uploads.FILE, channel="C1", now=now, body={"title": "Week"})
        claim = outgoing.claim_next(
            session, "C1", now, updates=True, attempt="mine", lease_until=now + timedelta(minutes=1),
        )
        assert claim is not None
        assert (claim.file_id, claim.file_taken_at, claim.files_before) == (None, None, 0)
        assert not uploads.keep(session, message.id, "another", "F9")
        assert uploads.keep(session, message.id, "mine", "F1")
        assert uploads.taken(session, message.id, "mine", now)
        assert uploads.taken(session, message.id, "mine", now + timedelta(hours=1))
    with database.read() as session:
        body = session.get_one(Message, message.id).body
        assert uploads.of_body(body) == {"file_id": "F1", "file_taken_at": now, "files_before": 0}
        assert body["title"] == "Week"


def test_a_file_that_is_given_up_is_remembered(database: Database, now: datetime) -> None:
    with database.write() as session:
        message = messages.want(session, key="a", kind=uploads.FILE, channel="C1", now=now, body={"title": "Week"})
        message.attempt = "mine"
        session.flush()
        for file_id in ("F1", "F2"):
            uploads.keep(session, message.id, "mine", file_id)
            uploads.taken(session, message.id, "mine", now)
            assert not uploads.drop(session, message.id, "another")
            assert uploads.drop(session, message.id, "mine")
        assert uploads.drop(session, message.id, "mine"), "with no file there is nothing to give up"
        assert uploads.of_body(message.body) == {"file_id": None, "file_taken_at": None, "files_before": 2}
        assert message.body["title"] == "Week"
        uploads.keep(session, message.id, "mine", "F3")
        assert uploads.ids_of(message.body) == ("F3", "F2", "F1")


def test_a_body_that_says_odd_things_of_its_file_has_none() -> None:
    assert uploads.ids_of({"file_id": 7, "files_before": "F1"}) == ()
    assert uploads.of_body({"file_taken_at": 7, "files_before": [7, "F1"]}) == {
        "file_id": None, "file_taken_at": None, "files_before": 1,
    }
