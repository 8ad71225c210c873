from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event, insert, text, update
from sqlalchemy.orm import Session

from bot.sends import likeliest, lookup
from storage import schema, scope, search, search_index, searches, trigrams
from storage.engine import Database
from storage.models import Send
from storage.sends import BLANK
from storage.trigrams import Needle, Trigrams
from tests.conftest import NOW


def add(database: Database, *texts: str, tended: bool = True) -> None:
    """Sends with these texts, each a minute newer than the one before."""
    with database.write() as session:
        session.execute(insert(Send), [
            {
                **BLANK, "send_gid": found, "status": "sent", "status_raw": "Sent", "status_since": NOW,
                "first_seen_at": NOW, "updated_at": NOW, "search_text": found, "complete": True,
                "created_at": NOW + timedelta(minutes=number),
            }
            for number, found in enumerate(texts)
        ])
        if tended:
            search_index.owe(session, len(texts))


def count(database: Database, *needles: Needle) -> int:
    with database.read() as session:
        return searches.of(session, needles).count()


def test_the_migration_makes_the_index(database: Database) -> None:
    with database.read() as session:
        made = search_index.is_indexed(session)
        assert made or not database.is_sqlite  # a PostgreSQL out of a wheel has no pg_trgm


def parts(database: Database) -> int:
    """Of how many parts SQLite's index consists; each transaction makes one more."""
    with database.read() as session:
        return session.scalar(text("SELECT count(DISTINCT segid) FROM sends_search_idx")) or 0


@pytest.mark.parametrize("tended", [True, False])
def test_the_index_of_sqlite_is_kept_in_shape_by_those_who_write_and_never_all_at_once(
    tmp_path: Path, *, tended: bool,
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'one.db'}")
    schema.upgrade(database)
    grew = 0
    for number in range(40):
        add(database, f"|somebody {number}|", tended=tended)
        grew = max(grew, parts(database))
    # Not tended, nothing is merged until SQLite makes one part of very many.
    assert grew <= 8 if tended else grew >= 40
    assert count(database, ("somebody",)) == 40
    database.close()


def test_an_index_can_be_dropped_and_made_again_over_existing_rows(database: Database) -> None:
    with database.read() as session:
        had = search_index.is_indexed(session)
    add(database, "|jane|", "|john|")
    writes = database.engine.execution_options(sendwatch_write=True)
    with writes.connect() as connection, connection.begin():
        search_index.drop(connection)
    with database.read() as session:
        assert not search_index.is_indexed(session)
    assert count(database, ("jan",)) == 1
    with writes.connect() as connection, connection.begin():
        assert search_index.create(connection) == had
    assert count(database, ("jan",)) == 1


def test_a_database_without_trigrams_is_served_all_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    nowhere = "CREATE VIRTUAL TABLE sends_search USING fts5(x, tokenize='none')"
    monkeypatch.setattr(search_index, "_SQLITE_FTS", (nowhere,))
    monkeypatch.setattr(search_index, "_POSTGRES_TRIGRAMS", ("CREATE EXTENSION nowhere_to_be_found",))
    with database.engine.execution_options(sendwatch_write=True).connect() as connection, connection.begin():
        search_index.drop(connection)
        assert not search_index.create(connection)
    add(database, "|jane|")
    with database.read() as session:
        assert not search_index.is_indexed(session)
        assert list(search.samples(session, ["jan", "zzz"], 5).values()) == ["|jane|"]
        assert search.samples(session, [], 5) == {}
    assert count(database, ("jan",)) == 1


def test_an_index_that_could_not_be_made_is_made_once_it_can_be(
    database: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was made with the first tables or never, whatever an administrator did later."""
    with database.read() as session:
        had = search_index.is_indexed(session)
    add(database, "|jane|", "|john|")
    nowhere = "CREATE VIRTUAL TABLE sends_search USING fts5(x, tokenize='none')"
    writes = database.engine.execution_options(sendwatch_write=True)
    with monkeypatch.context() as patched:
        patched.setattr(search_index, "_SQLITE_FTS", (nowhere,))
        patched.setattr(search_index, "_POSTGRES_TRIGRAMS", ("CREATE EXTENSION nowhere_to_be_found",))
        with writes.connect() as connection, connection.begin():
            search_index.drop(connection)
            search_index.create(connection)
        schema.upgrade(database)
        with database.read() as session:
            assert not search_index.is_indexed(session)
    for _ in range(2):
        schema.upgrade(database)
    with database.read() as session:
        assert search_index.is_indexed(session) == had
    add(database, "|jana|")
    assert count(database, ("jan",)) == 2
    assert schema.differences(database) == []


TEXTS = [
    f"|everybody {number:03}|{'rare' if number % 20 == 0 else 'usual'}|{'bygone' if number < 30 else 'box'}|"
    f"\u65e5\u672c{number % 7}|" for number in range(100)
]
ASKED: list[tuple[Needle, ...]] = [
    (("everybody",),), (("everybody",), ("rare",)), (("everybody",), ("usual",)), ((" 09", "|09"), ("everybody",)),
    ((" 0", "|0"), ("rare",)), (("absent", "rare"),), (("bygone",),), (("bygone|",), ("usual",)), (("|everybody|",),),
    (("everybody 1",),), ((" z", "|z"),), ((" z", "|z"), ("everybody",)), (("\u65e5",),), (("\u672c3",), ("body",)),
    ((" e", "|e"), (" b", "|b")), (("@",),), (("body 0",), (" 0", "|0")), (("absent",),),
]


@pytest.mark.parametrize("needles", ASKED)
@pytest.mark.parametrize("bounds", [(2_000, 10_000), (3, 5), (3, 40), (200, 5)])
def test_few_and_many_are_found_newest_first_however_they_are_looked_for(
    database: Database, monkeypatch: pytest.MonkeyPatch, needles: tuple[Needle, ...], bounds: tuple[int, int],
) -> None:
    monkeypatch.setattr(search, "FEW", bounds[0])
    monkeypatch.setattr(search, "WALKED", bounds[1])
    monkeypatch.setattr(searches, "DENSE", bounds[0])
    monkeypatch.setattr(searches, "NEWEST", bounds[1])
    monkeypatch.setattr(searches, "FREQUENT", bounds[0])
    monkeypatch.setattr(searches, "WALKED", bounds[1] * 4)
    add(database, *TEXTS)
    fit = [text for text in reversed(TEXTS) if all(any(one in text for one in needle) for needle in needles)]
    for most in (1, 7, 200):
        with database.read() as session:
            found = searches.of(session, needles)
            assert [row[2] for row in found.newest(most)] == fit[:most]
            assert min(found.count(most), most + 1) == min(len(fit), most + 1)
            assert found.count() == len(fit)
            few = searches.of(session, needles).few(most)
            assert few is None or [row[2] for row in few] == fit
            some = searches.of(session, needles).some(most)
            assert len(some) == min(len(fit), most)
            assert {row[2] for row in some} <= set(fit)


def test_signs_alone_are_found_and_on_postgresql_among_the_newest_without_reading_all(
    database: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(searches, "NEWEST", 2)
    add(database, "|a+b|", "|jane+doe|", "|jane+roe|")
    with database.read() as session:
        found = searches.of(session, [("+",)])
        there = ["|jane+roe|", "|jane+doe|", "|a+b|"][:None if database.is_sqlite else 2]
        assert [row[2] for row in found.newest(9)] == there
        assert [row[2] for row in found.few(9) or ()] == there
        assert found.count() == found.count(9) == len(there)
        absent = searches.of(session, [("#",)])
        assert (absent.newest(9), absent.few(9), absent.count(9)) == ([], [], 0)


def test_of_what_many_have_postgresql_does_not_read_all_to_find_the_better_ones(
    database: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(searches, "DENSE", 2)
    monkeypatch.setattr(searches, "COMMON", 2)
    add(database, *(f"|everybody {number}|" for number in range(5)))
    with database.read() as session:
        many, few = searches.of(session, [("everybody",)]), searches.of(session, [("everybody 1",)])
        assert (many.are_common, few.are_common) == (not database.is_sqlite, False)
        if not database.is_sqlite:
            assert many.few(9) is None
            assert [row[2] for row in many.met] == [f"|everybody {number}|" for number in reversed(range(5))]
            assert (many.count(3), many.count(9), many.count()) == (4, 5, 5)
            monkeypatch.setattr(searches, "DENSE", 9)
            # What there are more of than a few is not asked again.
            assert (many.few(3), many.count(3)) == (None, 4)


def test_sends_of_which_nobody_knows_when_they_were_made_come_last(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search, "FEW", 3)
    monkeypatch.setattr(search, "WALKED", 5)
    add(sqlite, *(f"|everybody {number}|" for number in range(10)))
    with sqlite.write() as session:
        session.execute(update(Send).where(Send.id > 2).values(created_at=None))
    with sqlite.read() as session:
        found = [row[2] for row in searches.of(session, [("everybody",)]).newest(10)]
    assert found[:2] == ["|everybody 1|", "|everybody 0|"]
    assert len(found) == 10


ENDS = ["|li|\u660e|", "|\u660e li|x|", "|x|\u5c0f\u660e|", "|\u660e|", "|jane|doe|"]


@pytest.mark.parametrize(("needles", "fit"), [
    ([("\u660e",)], ENDS[:4]), ([("\u660e",), ("li",)], ENDS[:2]), ([("\u5c0f\u660e",)], ENDS[2:3]),
    ([("x", "doe")], ENDS[1:3] + ENDS[4:]), ([("\u65e5",)], []),
])
def test_a_letter_that_stands_at_the_end_of_a_text_is_found(
    database: Database, needles: list[Needle], fit: list[str],
) -> None:
    """In SQLite's index no trigram begins with it: `明` was not found where a sender was called so."""
    add(database, *ENDS)
    with database.read() as session:
        found = searches.of(session, needles)
        assert [row[2] for row in found.newest(9)] == fit[::-1]
        assert found.count() == len(found.some(9)) == len(fit)


@pytest.mark.parametrize(("name", "most"), [("MOST_TERMS", 1), ("MOST_LETTERS", 1)])
def test_where_too_many_trigrams_hold_a_letter_the_texts_are_read(
    database: Database, monkeypatch: pytest.MonkeyPatch, name: str, most: int,
) -> None:
    monkeypatch.setattr(trigrams, name, most)
    add(database, *ENDS)
    with database.read() as session:
        assert Trigrams(session, [("\u660e",)]).exact == "" if database.is_sqlite else True
    assert count(database, ("\u660e",)) == 4


SENDS = 20_000


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Sends over years: all have an address at example.com, a fourth belongs to a campaign that is long over."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('search') / 'many.db'}")
    schema.upgrade(database)
    add(database, *(
        f"|jane {number}|jane.{number}@example.com|{'bygone' if number < SENDS / 4 else 'box'}|ann lopez|"
        for number in range(SENDS)
    ))
    yield database
    database.close()


RARE = ("z", "com", "17@", "jane.19999", "example.org", "\u65e5", "17 z", "nobody at all", "box z")
COMMON = (
    "@", "1", "jane 17", "j", "a", "example.com", "@example.com", "jane", "ann lopez", "lopez ann box", "box", "-",
)
BYGONE = ("bygone", "bygone jane", "box ann 3", "17", "bygone 4")


@pytest.mark.parametrize(("typed", "most"), [
    *((one, 0.2) for one in RARE), *((one, 0.8) for one in COMMON), *((one, 2.2) for one in BYGONE),
])
def test_whatever_is_typed_the_work_is_bounded(
    many: Database, monkeypatch: pytest.MonkeyPatch, typed: str, most: float,
) -> None:
    """Against a look at every text: little for what few have or many have, some for what only old ones have."""
    # With a tenth of the sends it is as with ten times as many.
    monkeypatch.setattr(search, "FEW", search.FEW // 10)
    monkeypatch.setattr(search, "WALKED", search.WALKED // 10)
    whole = text("SELECT count(*) FROM sends WHERE search_text LIKE '%|z|%'")
    every = work(many, lambda session: session.execute(whole))
    completed = work(many, lambda session: lookup.complete(session, typed))
    found = work(many, lambda session: lookup.find(session, typed, limit=8))
    assert max(completed, found) <= every * most, (completed / every, found / every)


def test_a_whole_name_that_many_have_is_found_among_the_newest(many: Database) -> None:
    """What people type most, and the index takes long to find two words together."""
    turned = work(many, lambda session: lookup.find(session, "lopez ann", limit=8))
    whole = work(many, lambda session: lookup.find(session, "ann lopez", limit=8))
    assert whole < turned / 2


def test_of_two_words_the_index_is_asked_for_what_joins_them(sqlite: Database) -> None:
    """Many have either word, few have both side by side: a million sends took 26 milliseconds without, 1 with it."""
    with sqlite.read() as session:
        assert Trigrams(session, [("win-back cobalt",)]).rough == '(("win" AND "k c" AND "alt"))'
        assert Trigrams(session, [("|a b c|",)]).rough == '(("|a " AND "a b" AND "b c" AND " c|"))'
        assert Trigrams(session, [(" jo", "|jo")]).rough == '((" jo") OR ("|jo"))'


def test_of_several_words_the_index_is_asked_for_one_trigram_each(sqlite: Database) -> None:
    """The rarest of each, as far as the newest sends tell: any other would have more sends walked along."""
    add(sqlite, "|jane|", *(f"|jan {number}|" for number in range(10)))
    with sqlite.read() as session:
        assert Trigrams(session, [("jane",), ("acme",)]).rough == '(("ane")) AND (("acm"))'
        assert Trigrams(session, [("jane",)]).rough == '(("jan" AND "ane"))'


def test_of_several_words_postgresql_is_asked_for_the_rarest_trigram_of_each(postgresql: Database) -> None:
    """And for the whole word where the trigram says less, where it has none, or where there is but one word."""
    add(postgresql, "|jane|", "|100% off|", *(f"|jan {number}|" for number in range(10)))
    with postgresql.read() as session:
        for typed, hints in [
            ("jane acme", ("%ane%", "%acm%")), ("janus 100%", ("%anu%", "%100%")),
            ("acme 1_\u65e5\u672c", ("%acm%", "%1\\_\u65e5\u672c%")),
            ("jan-e acme", ("%jan-e%", "%acm%")), ("jane", ()), ("jane li", ()),
        ]:
            assert searches.Planned(session, likeliest.needles(typed)).asked_for == hints, typed
        assert [row[2] for row in searches.of(session, [("100%",), ("off",)]).few(9) or ()] == ["|100% off|"]


@pytest.mark.parametrize("since", [searches.TID_RANGES, (999,)])
def test_what_many_of_the_newest_have_is_not_listed_to_know_that_there_are_many(
    postgresql: Database, monkeypatch: pytest.MonkeyPatch, since: tuple[int, ...],
) -> None:
    """The index would first list all: of a million sends that took half as long again.

    On a server that reads no part of a table, as where the table's end is empty, they are counted from the newest on.
    """
    monkeypatch.setattr(searches, "TID_RANGES", since)
    monkeypatch.setattr(searches, "DENSE", 4)
    monkeypatch.setattr(searches, "FREQUENT", 3)
    monkeypatch.setattr(searches, "NEWEST", 9)
    johns, janes = ([f"|{name} {number}|" for number in range(most)] for name, most in (("john", 9), ("jane", 3)))
    add(postgresql, "|jane old|", *johns, *janes)
    asked: list[str] = []
    event.listen(postgresql.engine, "before_cursor_execute", lambda _c, _cursor, told, *_: asked.append(told))
    with postgresql.read() as session:
        john, jane = searches.of(session, [("john",)]), searches.of(session, [("jane",)])
        assert (john.few(2), john.count(2)) == (None, 3)
        assert not any("sends.search_text LIKE" in one for one in asked)
        assert [one for one in asked if "search_text LIKE" in one]
        # Those who are found among the newest only are looked for by the index after all.
        assert [row[2] for row in jane.few(5) or ()] == ["|jane 2|", "|jane 1|", "|jane 0|", "|jane old|"]


def work(database: Database, task: Callable[[Session], object]) -> int:
    """Steps of SQLite's machine, in hundreds: what a look-up costs, whatever else the computer does."""
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    with database.read() as session:
        driver: Any = session.connection().connection.driver_connection
        driver.set_progress_handler(step, 100)
        task(session)
        driver.set_progress_handler(None, 0)
    return steps


def test_nothing_that_a_search_understands_has_to_be_spelt_with_care(database: Database) -> None:
    add(database, '|50% "off" a_b c\\d|', "|plain text|")
    for needle in ("50%", '"off"', "a_b", "c\\d", 'f" a'):
        assert count(database, (needle,)) == 1
    assert count(database, ("50_",)) == 0


def test_texts_that_have_the_trigrams_in_other_places_are_not_found(sqlite: Database) -> None:
    """The index is asked for trigrams wherever they stand, since that is quicker."""
    add(sqlite, "|jan xx eve|", "|janeve|", "|evejan|")
    assert count(sqlite, ("janeve",)) == 1
    with sqlite.read() as session:
        found = searches.of(session, [("janeve",)])
        assert [row[2] for row in found.newest(5)] == ["|janeve|"]
        few = found.few(5)
        assert few is not None
        assert [row[2] for row in few] == ["|janeve|"]


def test_many_that_have_the_trigrams_in_other_places_hide_none_that_fits(sqlite: Database) -> None:
    add(sqlite, "|janeve|", *(f"|jan {number} eve|" for number in range(search.FEW + 1)))
    with sqlite.read() as session:
        found = searches.of(session, [("janeve",)])
        few = found.few(5)
        assert few is not None
        assert [row[2] for row in few] == ["|janeve|"]
        assert found.count() == 1


def test_postgresql_plans_a_search_for_what_is_typed_and_not_for_whatever_might_be(
    postgresql: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After ten look-ups it had one plan for all, by which the eleventh took a second."""
    monkeypatch.setattr(searches, "NEWEST", 1)
    add(postgresql, "|jane doe|", "|adam roe|")
    kept = text("SELECT count(*) FILTER (WHERE statement LIKE '%LIKE%'), count(*) FROM pg_prepared_statements")
    with postgresql.glance() as session:
        for _ in range(20):
            for needles in ([("jane",)], [("jane",), ("do", "ro")]):
                found = searches.of(session, needles)
                assert [row[2] for row in found.newest(9)] == ["|jane doe|"]
                assert (found.few(9), found.count(9), found.count()) == (found.some(9), 1, 1)
            lookup.find(session, "gid")
        of_texts, others = session.execute(kept).one()
    assert of_texts == 0
    assert others > 0


def test_postgresql_reads_the_newest_texts_once_for_all_that_is_looked_for_in_a_look(
    postgresql: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    def rows(session: Session, *, looked_at: int) -> list[tuple[Any, ...]]:
        asked.append(looked_at)
        return newest.rows(session, looked_at=looked_at)

    newest = searches._NEWEST  # noqa: SLF001 - what is asked past SQLAlchemy is seen nowhere else
    monkeypatch.setattr(searches, "_NEWEST", SimpleNamespace(rows=rows))
    add(postgresql, "|jane doe|", "|adam roe|")
    for look in (postgresql.read, postgresql.glance):
        with look() as session:
            assert searches.of(session, [("jane",)]).recent(9) == [(1, NOW, "|jane doe|")]
            assert searches.of(session, [("roe",)]).recent(9)[0][2] == "|adam roe|"
            # Another person's look is another one.
            with scope.looking(scope.Look(scope=scope.Scope(), number=scope.MANY + 1)):
                assert searches.of(session, [("roe",)]).recent(9) == []
            assert len(searches.of(session, [("roe",)]).recent(9)) == 1
    assert asked == [searches.NEWEST] * 6
