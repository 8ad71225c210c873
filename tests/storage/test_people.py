"""People as Slack has told of them."""

from __future__ import annotations

from datetime import timedelta

from storage import people
from storage.engine import Database
from tests.conftest import NOW


def test_what_slack_says_is_kept_and_overwritten(database: Database) -> None:
    with database.write() as session:
        people.keep(session, user_id="U01ANN", email=" Ann@Example.com ", tz="America/New_York", name="Ann", now=NOW)
    with database.write() as session:
        people.keep(
            session, user_id="U01ANN", email="lopez@example.com", tz="Asia/Tokyo", now=NOW + timedelta(hours=1),
        )
    with database.read() as session:
        person = people.by_id(session, "U01ANN")
        assert person is not None
        assert (person.email, person.tz, person.name) == ("lopez@example.com", "Asia/Tokyo", "")
        assert people.by_id(session, "U02BEN") is None


def test_by_email_in_any_case(database: Database) -> None:
    with database.write() as session:
        for user in ("U02", "U01"):
            people.keep(session, user_id=user, email="ann@example.com", now=NOW)
        people.keep(session, user_id="U03", email="", now=NOW)
    with database.read() as session:
        found = people.by_email(session, " ANN@example.com ")
        assert found is not None
        assert found.user_id == "U01"
        assert people.by_email(session, " ") is None
        assert people.by_email(session, "ben@example.com") is None


def test_a_day_later_slack_is_asked_again(sqlite: Database) -> None:
    with sqlite.write() as session:
        people.keep(session, user_id="U01", now=NOW)
    with sqlite.read() as session:
        person = people.by_id(session, "U01")
        assert person is not None
        assert people.is_fresh(person.fetched_at, NOW + timedelta(hours=23))
        assert not people.is_fresh(person.fetched_at, NOW + timedelta(days=1))
