"""What a look-up costs those who may see some sends only, by the steps of SQLite's machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Connection, event, insert, text
from sqlalchemy.orm import Session

from bot.sends import lookup
from storage import mute_names, schema, scope, search, search_index, sends
from storage.engine import Database
from storage.models import Send
from storage.scope import Look, Scope, looking
from storage.sends import BLANK
from tests.conftest import NOW
from tests.storage.test_search import work

SENDS = 20_000
"""A tenth of those of the store that the limits are made for, of which there is a tenth, too."""
BOUNDS = (
    (scope, "FEW"), (scope, "SOME"), (scope, "MANY"), (search, "FEW"), (search, "OWN"), (search, "LISTED"),
    (search, "WALKED"), (search, "WANTED"),
)


def whose(number: int) -> tuple[str, str]:
    """The sender and the team of a send."""
    if number in {7, 9_007, 19_007}:
        return "few", "Few"
    turn = number % 100
    if turn < 10:
        return "ten", "Ten"
    if turn < 15:
        return f"five{turn % 5}", "Five"
    return f"other{number % 1_000}", "Half" if turn < 65 else "Rest"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A fifth belong to a campaign of others only; a fiftieth are held up."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('limited') / 'many.db'}")
    schema.upgrade(database)
    rows = []
    for number in range(SENDS):
        sender, team = whose(number)
        campaign = "launch party" if number % 100 >= 80 else ("box", "win-back", "renewal")[number % 3]
        rows.append({
            **BLANK, "send_gid": f"gid{number}", "status": "sent", "status_raw": "Sent", "status_since": NOW,
            "first_seen_at": NOW, "updated_at": NOW, "complete": True, "created_at": NOW + timedelta(minutes=number),
            "sender_email": f"{sender}@example.com", "team": team, "campaign": campaign,
            "search_text": f"|jane {number}|jane.{number}@acme.example|{campaign}|rep {sender}|",
            "due_at": NOW if number % 50 == 3 else None,
        })
    with database.write() as session:
        session.execute(insert(Send), rows)
        search_index.owe(session, SENDS)
    yield database
    database.close()


PEOPLE = {
    "many": Scope(email="ten@example.com", user_id="U1"), "few": Scope(email="few@example.com", user_id="U1"),
    "none": Scope(email="nobody@example.com", user_id="U1"), "team": Scope(teams=("Five",), user_id="U1"),
    "team of few": Scope(email="few@example.com", teams=("Few",), user_id="U1"),
    "team of half": Scope(email="other20@example.com", teams=("Half",), user_id="U1"),
}
ASKED: dict[str, Callable[[Session], object]] = {
    **{f"find {words}": lambda session, words=words: lookup.find(session, words, limit=8) for words in (  # type: ignore[misc]
        "jane", "launch party", "box", "17@", "jane.1999", "j", "@", "rep ten", "jane.1@acme.example", "gid81", "win",
        "nobody at all",
    )},
    **{f"complete {words}": lambda session, words=words: lookup.complete(session, words) for words in (  # type: ignore[misc]
        "", "j", "jane", "launch party", "box",
    )},
    "stuck": lambda session: lookup.stuck(session, NOW),
    "stuck box": lambda session: lookup.stuck(session, NOW, 10, *lookup.fits(session, "box")),
    "mine": lambda session: lookup.mine(session, "ten@example.com"),
    "newest": lambda session: sends.newest(session, 10),
    "campaigns": lambda session: mute_names.recent(session, "campaign", 300),
}


def a_tenth(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in BOUNDS:
        monkeypatch.setattr(module, name, getattr(module, name) // 10)


@pytest.mark.parametrize("person", PEOPLE)
def test_the_work_is_bounded_for_whoever_sees_some(
    many: Database, monkeypatch: pytest.MonkeyPatch, person: str,
) -> None:
    """Against a look at every text: less for whoever sees a few, some of it for whoever sees many."""
    a_tenth(monkeypatch)
    whole = text("SELECT count(*) FROM sends WHERE search_text LIKE '%|z|%'")
    every = work(many, lambda session: session.execute(whole))
    taken = {}
    for name, ask in ASKED.items():
        with looking(Look(scope=PEOPLE[person])):
            taken[name] = work(many, ask) / every
    most = 1 if "few" in person or person == "none" else 5.5
    assert {name: times for name, times in taken.items() if times > most} == {}


@contextmanager
def plans(database: Database) -> Iterator[list[str]]:
    """The steps of SQLite's plan for each statement that is run meanwhile."""
    steps: list[str] = []

    def explain(connection: Connection, _cursor: object, statement: str, values: object, *_: object) -> None:
        asked = connection.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", values)  # type: ignore[arg-type]
        steps.extend(str(row[3]) for row in asked.fetchall())

    event.listen(database.engine, "before_cursor_execute", explain)
    yield steps
    event.remove(database.engine, "before_cursor_execute", explain)


@pytest.mark.parametrize("has_statistics", [False, True])
@pytest.mark.parametrize("person", ["many", "team of half"])
def test_no_search_starts_from_all_that_somebody_with_many_has_sent(
    many: Database, monkeypatch: pytest.MonkeyPatch, person: str, *, has_statistics: bool,
) -> None:
    monkeypatch.setattr(scope, "SOME", 0)
    a_tenth(monkeypatch)
    with many.write() as session:
        session.execute(text("ANALYZE" if has_statistics else "DROP TABLE IF EXISTS sqlite_stat1"))
    for name in ("find jane", "find launch party", "find 17@", "complete jane", "complete ", "stuck", "newest"):
        with plans(many) as steps, looking(Look(scope=PEOPLE[person])), many.read() as session:
            ASKED[name](session)
        assert any("own" in step for step in steps), "the limits have another name now"
        by_sender = [step for step in steps if " own " in f"{step} " and ("sender" in step or "team" in step)]
        assert by_sender == [], name
