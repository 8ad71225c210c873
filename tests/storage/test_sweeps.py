from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from storage import messages, sweeps
from storage.engine import Database
from storage.models import Message

HOUR = timedelta(hours=1)


def wish(session: Session, key: str, at: datetime, **values: Any) -> Message:  # noqa: ANN401 - columns of every type
    kind, thread_of = values.pop("kind", "notice"), values.pop("thread_of", None)
    message = messages.want(
        session, key=key, kind=kind, channel=values.pop("channel", "C1"), now=at, thread_of=thread_of,
        body=values.pop("body", None),
    )
    for name, value in ({"next_at": None} | values).items():
        setattr(message, name, value)
    session.flush()
    return message


def test_places_are_those_of_lately_by_the_id_that_slack_gave(database: Database, now: datetime) -> None:
    with database.write() as session:
        wish(session, "old", now - HOUR, channel="C1")
        wish(session, "wanted", now, channel="C2")
        wish(session, "posted", now - HOUR, channel="C3", posted_at=now)
        wish(session, "waits", now - HOUR, channel="C4", next_at=now)
        wish(session, "direct", now, channel="U5", posted_channel="D5", ts="1.1")
        wish(session, "twice", now, channel="C2")
        assert sweeps.channels(session, now) == ["C2", "C3", "C4", "D5"]


def test_threads_are_those_with_replies_of_lately(database: Database, now: datetime) -> None:
    with database.write() as session:
        for number in range(3):
            wish(session, f"above{number}", now - HOUR, ts=f"{number}.1", posted_channel="C1")
        wish(session, "never posted", now)
        for key, parent, at in (
            ("a", "above0", now), ("b", "above0", now), ("c", "above1", now - HOUR), ("d", "never posted", now),
        ):
            wish(session, key, at, thread_of=parent)
        assert sweeps.threads(session, now) == [("C1", "0.1")]


def test_what_is_known_of_messages_and_files(database: Database, now: datetime) -> None:
    with database.write() as session:
        plain = wish(session, "plain", now, ts="1.1")
        wish(session, "busy", now, attempt="x", wanted_rev=4)
        wish(session, "file", now, kind="file", body={"file_id": "F2", "files_before": ["F1"]})
        wish(session, "old file", now - HOUR, kind="file", body={"file_id": "F3"})
        wish(session, "no file", now, body={"file_id": "F4"})
        found = sweeps.known(session, ["plain", "busy", "file", "stranger"])
        assert set(found) == {"plain", "busy", "file"}
        assert (found["plain"].message_id, found["plain"].ts, found["plain"].created_at) == (plain.id, "1.1", now)
        assert (found["busy"].is_under_way, found["busy"].wanted_rev, found["busy"].is_file) == (True, 4, False)
        assert (found["file"].is_under_way, found["file"].is_file) == (False, True)
        assert sweeps.files(session, now) == {"F1": "file", "F2": "file"}
        assert sweeps.known(session, []) == {}
