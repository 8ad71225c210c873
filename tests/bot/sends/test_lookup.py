# ruff: noqa: RUF001 - names in any script are the point of some tests

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from bot.sends import addresses, intake, likeliest, lookup
from bot.sends.lookup import Found
from bot.sends.snapshots import Snapshot, StatusUpdate
from bot.statuses.watch import us_watch
from storage import beside, search_index
from storage.engine import Database
from storage.models import Alert, Send
from tests.conftest import NOW
from tests.hostile import hostile

CALENDAR = us_watch(ZoneInfo("America/Los_Angeles"))
CREATED = datetime(2026, 11, 2, 18, tzinfo=UTC)
_NUMBERS = count(1)


@pytest.fixture(params=["indexed", "plain"])
def searched(request: pytest.FixtureRequest, database: Database) -> Database:
    """Each database, with its trigram index and without."""
    if request.param == "plain":
        with database.engine.execution_options(sendwatch_write=True).connect() as connection, connection.begin():
            search_index.drop(connection)
    return database


def store(database: Database, *people: dict[str, Any]) -> None:
    told = []
    for person_ in people:
        number = next(_NUMBERS)
        plain: dict[str, Any] = {
            "source": "api", "observed_at": NOW, "send_gid": f"gid{number}", "status_raw": "Shipped",
            "created_at": CREATED + timedelta(minutes=number),
        }
        merged = plain | person_
        merged["updates"] = (StatusUpdate(status_raw=merged["status_raw"], occurred_at=merged["created_at"]),)
        told.append(Snapshot(**merged))
    with database.write() as session:
        intake.take(session, told, NOW, CALENDAR)


def person(name: str, email: str = "", company: str = "", campaign: str = "", **more: object) -> dict[str, Any]:
    return {"recipient_name": name, "recipient_email": email, "recipient_company": company, "campaign": campaign} | more


def find(database: Database, query: str, limit: int = 10) -> Found:
    with database.read() as session:
        return lookup.find(session, query, limit=limit)


def names(found: Found) -> list[str]:
    return [send.recipient_name for send in found.sends]


def some(database: Database) -> None:
    store(
        database,
        person("Jane Doe", "jane@acme.example", "Acme", "Q4 Thank-You", sendoso_id=44,
               send_gid="Z2lkOi8vc2VuZG9zby9TZW5kLzQ0", tracking_url="https://ups.example/t?n=1Z999AA10123456784"),
        person("Janet Doerr", "janet@globex.example", "Globex", "Q4 Thank-You", sender_name="Ann Lopez",
               sender_email="ann@example.com"),
        person("José Álvarez", "jose@acme.example", "Acme", "Welcome Kit", tracking_url="JD014600003SE"),
        person("李明", "ming@initech.example", "Initech", "Welcome Kit"),
        person("100% Real_Name", "percent@x.example", "Under_score", "50% off"),
        person("Mary Jane", "mj@daily.example", "Daily", "Webinar"),
    )


@pytest.mark.parametrize("query", [
    "jane@acme.example", " JANE@ACME.EXAMPLE ", "<mailto:jane@acme.example|jane@acme.example>",
    "Z2lkOi8vc2VuZG9zby9TZW5kLzQ0", "Z2lkOi8vc2VuZG9zby9TZW5kLzQ0=", "gid://sendoso/Send/44", "44", "#44",
    "https://ups.example/t?n=1Z999AA10123456784", "<https://ups.example/t?n=1Z999AA10123456784>",
    "1Z999AA10123456784", "1z999aa101", "jane doe", "Jane  DOE", "doe jane", "jane acme", "“Jane Doe”",
    "jane q4 thank", "jan doe",
])
def test_any_mark_of_a_send_finds_it(searched: Database, query: str) -> None:
    some(searched)
    found = find(searched, query)
    assert names(found)[:1] == ["Jane Doe"], query
    if not query.startswith(("jan", "Jane", "“", "doe")):
        assert (found.total, len(found.sends)) == (1, 1)


@pytest.mark.parametrize("query", [
    "jane@acme.example", " JANE@ACME.EXAMPLE ", "<mailto:jane@acme.example|jane@acme.example>",
    "Z2lkOi8vc2VuZG9zby9TZW5kLzQ0", "Z2lkOi8vc2VuZG9zby9TZW5kLzQ0=", "gid://sendoso/Send/44",
])
def test_the_only_send_to_an_address_or_of_a_gid_is_found_with_what_is_beside_it(
    database: Database, query: str,
) -> None:
    some(database)
    with database.read() as session:
        found = lookup.alone(session, query, "U01ANN")
        assert found is not None
        send, known = found
        assert known == beside.of(session, send.id, "U01ANN")
        assert known.history
        assert [send.id] == [one.id for one in lookup.find(session, query).sends]
    store(database, person("Jane Doe again", "jane@acme.example", send_gid="another"))
    with database.read() as session:
        again = lookup.alone(session, query, "U01ANN")
        assert (again is None) == ("@" in query.lower() and lookup.find(session, query).total == 2)


@pytest.mark.parametrize("query", [
    "", "jane", "jane@", "ann@example.com", "nobody@acme.example", "44", "Z2lkOi8vc2VuZG9zby9TZW5kLzQ1", "Z2lkOi8v",
    "Z2lkOi8vc2VuZG9zby9TZW5kLzQ0 x", "gid://sendoso/Send/45", "tess@t.example.", "\x00",
    "z2lkoi8vc2vuzg9zby9tzw5klzq0",
])
def test_whatever_else_is_typed_names_no_only_send(database: Database, query: str) -> None:
    some(database)
    with database.read() as session:
        assert lookup.alone(session, query, "U01ANN") is None


PAGE = "app.sendoso.com/track/0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(("query", "name"), [
    *((query, "Tess T") for query in (
        f"https://{PAGE}?utm_source=mail", f"https://{PAGE}/", f"http://{PAGE}", PAGE, f"{PAGE}?a=http://b.example/c",
        f"https://{PAGE}".upper(), f"<https://{PAGE}/|Track>",
        "tess@t.example.", "(tess@t.example)", "'tess@t.example'", "mailto:tess@t.example",
        "mailto:Tess@T.example?cc=x", "\u2018tess@t.example\u2019,",
    )),
    *((query, "Uma U") for query in (
        "https://www.fedex.example/track/?nr=123456789012&locale=en", "http://www.fedex.example/track/?nr=123456789012",
        "WWW.fedex.example/track/?nr=123456789012", "https://fedex.example/123456789012#top",
    )),
    *((query, "Vi V") for query in ("http://Parcels.example/of/vi/", "parcels.example/of/vi", "by@t.example;")),
])
def test_links_and_addresses_are_found_as_people_copy_them(searched: Database, query: str, name: str) -> None:
    """With a campaign's tags, another scheme, or signs around them nothing was found."""
    some(searched)
    store(
        searched,
        person("Tess T", "tess@t.example", tracking_url=f"https://{PAGE}"),
        person("Uma U", "uma@u.example", tracking_url="https://www.fedex.example/track/?nr=123456789012"),
        person("Vi V", tracking_url="https://parcels.example/of/vi", sender_email="by@t.example"),
    )
    found = find(searched, query)
    assert (found.total, names(found)) == (1, [name])
    with searched.read() as session:
        assert [send.recipient_name for send in lookup.complete(session, query)] == [name]
        fitting = session.scalars(select(Send.recipient_name).where(*lookup.fits(session, query))).all()
    assert fitting == [name]


@pytest.mark.parametrize("query", ["jane@acme.example", "Z2lkOi8vc2VuZG9zby9TZW5kLzQ0", "jane doe"])
def test_what_is_found_as_it_stands_is_not_read_in_other_ways(
    database: Database, monkeypatch: pytest.MonkeyPatch, query: str,
) -> None:
    """People wait for each of them."""
    some(database)
    monkeypatch.setattr(addresses, "read", None)
    monkeypatch.setattr(lookup, "tracking_page", None)
    assert names(find(database, query))[:1] == ["Jane Doe"]


@pytest.mark.parametrize(("query", "expected"), [
    ("jose alvarez", ["José Álvarez"]),
    ("JOSÉ", ["José Álvarez"]),
    ("jd014600003se", ["José Álvarez"]),
    ("李明", ["李明"]),
    ("明", ["李明"]),
    ("initech", ["李明"]),
    ("ann@example.com", ["Janet Doerr"]),
    ("ann lopez", ["Janet Doerr"]),
    ("100%", ["100% Real_Name"]),
    ("l_n", ["100% Real_Name"]),
    ("under_score", ["100% Real_Name"]),
    ("mj@daily", ["Mary Jane"]),
    ("d", ["Mary Jane", "Jane Doe", "Janet Doerr"]),
    ("do", ["Janet Doerr", "Jane Doe"]),
    ("kit welcome", ["李明", "José Álvarez"]),
])
def test_names_and_pieces_of_any_field_find_sends(searched: Database, query: str, expected: list[str]) -> None:
    some(searched)
    found = find(searched, query)
    assert sorted(names(found)) == sorted(expected)
    assert found.total == len(expected)
    assert found.nearest == ()


@pytest.mark.parametrize(("name", "typed"), [
    ("İpek Işık", "ipek isik"), ("İpek Işık", "İPEK IŞIK"), ("Hans Groß", "hans gross"), ("Hans Groß", "GROSS"),
    ("أَحْمَد", "احمد"), ("محـــمد", "محمد"), ("می\u200cخواهم", "میخواهم"), ("דָּנָה כהן", "דנה"), ("प्रिया शर्मा", "प्रिया"),
    ("प्रिया शर्मा", "शर्मा प्रिया"), ("王小明", "小明"), ("Ｋａｒｅｎ", "karen"), ("Kar\u200ben Poe", "karen poe"),
    ("Nguyễn Thị", "nguyen thi"), ("Ελένη", "ΕΛΕΝΗ"), ("สมชาย", "สมชาย"), ("김민준", "김민준"), ("Ѐлена", "елена"),
])
def test_names_in_any_script_are_found_as_people_type_them(searched: Database, name: str, typed: str) -> None:
    some(searched)
    store(searched, person(name, "someone@elsewhere.example"))
    assert names(find(searched, typed)) == [name]


def test_whole_fields_come_before_beginnings_and_those_before_pieces(searched: Database) -> None:
    some(searched)
    assert names(find(searched, "jane")) == ["Jane Doe", "Mary Jane", "Janet Doerr"]
    store(searched, person("Jane"), person("Mojanez"))
    assert names(find(searched, "jane"))[0] == "Jane"
    assert names(find(searched, "jane"))[-1] == "Mojanez"


def test_newer_sends_come_first_and_the_total_is_true(searched: Database) -> None:
    store(searched, *(
        person(f"Pat {number}", "pat@x.example", created_at=CREATED + timedelta(hours=hours))
        for number, hours in enumerate([3, 9, 1, 7])
    ))
    for query in ("pat@x.example", "pat", "pat@x"):
        found = find(searched, query, limit=3)
        assert (found.total, names(found)) == (4, ["Pat 1", "Pat 3", "Pat 0"])


def test_many_matches_are_counted_and_the_best_kinds_come_first(
    searched: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(likeliest, "RANKED", 5)
    store(
        searched,
        person("Acme", created_at=CREATED - timedelta(days=9)),
        person("Acme Fan", created_at=CREATED - timedelta(days=8)),
        *(person(f"Pat {number}", company="Big Acme") for number in range(20)),
        *(person(f"Sam {number}", company="Other") for number in range(20)),
    )
    found = find(searched, "acme", limit=4)
    assert found.total == 22
    assert names(found) == ["Acme", "Acme Fan", "Pat 19", "Pat 18"]
    assert find(searched, "pat acme", limit=4).total == 20
    assert find(searched, "p acme", limit=4).total == 20
    assert find(searched, "bi acme x", limit=4).total == 0


def test_a_number_may_be_an_id_and_a_piece_of_text(searched: Database) -> None:
    store(searched, person("Room 4711"), person("Jane Doe", sendoso_id=4711), person("Unit 4711", sendoso_id=4711))
    found = find(searched, "4711")
    assert found.total == 3
    assert names(found)[2] == "Room 4711"
    assert find(searched, "9" * 30).total == 0


@pytest.mark.parametrize(("query", "near"), [
    ("jnae doe", "Jane Doe"), ("jane deo", "Jane Doe"), ("janett", "Janet Doerr"),
    ("jane@acne.example", "jane@acme.example"),
    ("alvares", "José Álvarez"), ("globx", "Globex"), ("initek", "Initech"), ("welcom kitt", "Welcome Kit"),
    ("lopes ann", "Ann Lopez"),
])
def test_a_misspelt_name_gets_the_nearest_ones(searched: Database, query: str, near: str) -> None:
    some(searched)
    found = find(searched, query)
    assert (found.total, found.sends) == (0, ())
    assert near in found.nearest
    assert len(found.nearest) <= 5


@pytest.mark.parametrize("query", [
    "", "   ", "<>", "“”", "\x00", "qqq zzz", "%", "_", "\\", "a*", '"', "' OR 1=1 --", "AND", "^x", "|",
])
def test_what_nothing_has_finds_nothing_and_does_no_harm(searched: Database, query: str) -> None:
    store(searched, person("Bob", "bob@b.example"))
    found = find(searched, query)
    assert (found.total, found.sends) == (0, ())


def test_an_endless_query_is_cut(searched: Database) -> None:
    some(searched)
    found = find(searched, "jane " * 600)
    assert len(found.query) <= lookup.LONGEST_QUERY
    assert found.total == 3
    assert find(searched, "x" * 3_000).total == 0


@given(query=st.text(max_size=30))
@hostile(60)
def test_any_query_gets_an_answer(database: Database, query: str) -> None:
    found = find(database, query)
    assert found.total >= len(found.sends)


@given(name=st.text(min_size=1, max_size=20))
@hostile(30)
def test_any_name_is_found_by_itself(database: Database, name: str) -> None:
    store(database, person(name, f"n{next(_NUMBERS)}@x.example"))
    stored = find(database, f"n{next(_NUMBERS) - 2}@x.example").sends
    if stored and stored[0].search_text.split("|")[1].strip():
        assert stored[0].id in {send.id for send in find(database, stored[0].recipient_name, limit=500).sends}


def test_the_index_follows_changes_and_deletions(database: Database) -> None:
    store(database, person("Oldname", send_gid="x"))
    store(database, person("Newname", send_gid="x"))
    assert names(find(database, "newname")) == ["Newname"]
    assert find(database, "oldname").total == 0
    with database.write() as session:
        session.execute(text("DELETE FROM sends"))
    assert find(database, "newname").total == 0


def test_stuck_sends_are_those_with_an_open_alert_or_due_for_one(database: Database) -> None:
    store(
        database,
        person("Waiting", status_raw="Order Received", created_at=NOW - timedelta(days=9)),
        person("Held", status_raw="Delivered", created_at=NOW - timedelta(days=20)),
        person("Fine", status_raw="Order Received", created_at=NOW - timedelta(hours=2)),
        person("Done", status_raw="Delivered"),
    )
    held, done = find(database, "held").sends[0], find(database, "done").sends[0]
    with database.write() as session:
        for send, state in ((held, "acknowledged"), (done, "resolved")):
            session.add(Alert(
                key=f"a{send.id}", send_id=send.id, rule="overdue", level="late", state=state, due_at=NOW,
                opened_at=NOW,
            ))
    with database.read() as session:
        found = lookup.stuck(session, NOW)
        assert (names(found), found.total) == (["Held", "Waiting"], 2)
        assert [alert.state for alert in lookup.open_alerts_of(session, held)] == ["acknowledged"]
        assert lookup.open_alerts_of(session, done) == ()
        assert names(lookup.stuck(session, NOW, 1)) == ["Held"]


def test_mine_are_those_whose_sender_has_the_address(database: Database) -> None:
    some(database)
    with database.read() as session:
        assert names(lookup.mine(session, " Ann@Example.com ")) == ["Janet Doerr"]
        assert lookup.mine(session, "").total == 0


def test_one_s_own_sends_are_counted_so_far_only(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "MANY_OWN", 2)
    store(database, *(person(f"Jane {number}", sender_email="ann@example.com") for number in range(4)))
    with database.read() as session:
        found = lookup.mine(session, "ann@example.com", 1)
        assert (found.total, found.more, len(found.sends)) == (2, True, 1)


def test_the_history_of_a_send_runs_forward(database: Database) -> None:
    store(database, person("Jane", send_gid="j", created_at=CREATED))
    store(database, person("Jane", send_gid="j", status_raw="Delivered", created_at=CREATED + timedelta(days=2)))
    send = find(database, "jane").sends[0]
    with database.read() as session:
        assert [row.status for row in lookup.history_of(session, send)] == ["shipped", "delivered"]


def test_a_step_whose_time_was_only_guessed_is_not_told_twice(database: Database) -> None:
    file = Snapshot(
        source="csv", observed_at=NOW, send_gid="guessed", status_raw="Shipped", created_at=CREATED,
    )
    dated = StatusUpdate(status_raw="Shipped", occurred_at=CREATED + timedelta(days=2))
    page = Snapshot(
        source="api", observed_at=NOW, send_gid="guessed", status_raw="Shipped",
        updates=(StatusUpdate(status_raw="Order Received", occurred_at=CREATED), dated),
    )
    told = []
    for snapshot in (file, page):
        with database.write() as session:
            intake.take(session, [snapshot], NOW, CALENDAR)
        with database.read() as session:
            (send,) = lookup.find(session, "guessed").sends
            told.append([(row.status, row.occurred_at) for row in lookup.history_of(session, send)])
    assert told == [[("shipped", CREATED)], [("order_received", CREATED), ("shipped", dated.occurred_at)]]


@pytest.mark.parametrize("typed", ["jnae", "jame", "Jaen Deo"])
def test_slips_in_a_short_name_find_it_all_the_same(database: Database, typed: str) -> None:
    store(database, person("Jane Doe", "jane@acme.example"), person("Hugo Haas", "hugo@haas.example"))
    assert "Jane Doe" in find(database, typed).nearest


def complete(database: Database, typed: str, limit: int = 10) -> list[str]:
    with database.read() as session:
        return [send.recipient_name for send in lookup.complete(session, typed, limit=limit)]


@pytest.mark.parametrize("typed", [
    "jane", "Jane D", "jane@acme.com", "<mailto:jane@acme.com|jane@acme.com>", "acme", "autumn", "gid-jane",
    "https://app.sendoso.com/track/" + "a" * 40, "a" * 40, "JANÉ",
])
def test_a_send_is_completed_by_each_of_its_marks(searched: Database, typed: str) -> None:
    link = "https://app.sendoso.com/track/" + "a" * 40
    store(searched, person("Bob Ray", "bob@other.org", "Other", "Spring"), person(
        "Jane Doe", "jane@acme.com", "Acme", "Autumn Box", send_gid="gid-jane", tracking_url=link,
    ))
    assert complete(searched, typed) == ["Jane Doe"]


def test_completion_offers_the_newest_before_anything_is_typed(searched: Database) -> None:
    store(searched, *(person(f"Person {number}") for number in range(5)))
    for typed in ("", "  ", "|", "\u202e\x00"):
        assert complete(searched, typed, limit=3) == ["Person 4", "Person 3", "Person 2"]


@pytest.mark.parametrize("typed", ["%", "_", "\\", "'", '"', "x" * 5_000, "a OR b", "NEAR(", "é" * 300, "*"])
def test_completion_of_hostile_words_finds_nothing_and_breaks_nothing(searched: Database, typed: str) -> None:
    store(searched, person("Jane Doe", "jane@acme.com"))
    assert complete(searched, typed) == []


def test_completion_finds_what_a_look_up_finds_first(searched: Database) -> None:
    store(searched, *(person(f"Jane Number{number:03}", company="Acme") for number in range(200)))
    for typed in ("jane", "j", "number1", "jane number123", "acme"):
        assert complete(searched, typed, limit=8) == [one.recipient_name for one in find(searched, typed, 8).sends]


def test_a_whole_address_holds_what_is_to_or_from_just_that_one_and_else_what_has_it_as_a_piece(
    searched: Database,
) -> None:
    store(
        searched, person("Ann", "ann@acme.com"), person("Joann", "joann@acme.com"),
        person("Ben", "ben@acme.com", sender_email="ann@acme.com"), person("Cleo", "cleo@acme.com"),
    )

    def names(typed: str) -> list[str]:
        with searched.read() as session:
            ids = lookup.holding(session, typed)
            found = {send.id: send.recipient_name for send in session.scalars(select(Send))}
        return [found[one] for one in ids]

    assert names("<mailto:Ann@Acme.com|Ann@Acme.com>") == ["Ben", "Ann"]
    assert names("nn@acme.com") == ["Joann", "Ann"]
    assert names("@acme.com") == ["Cleo", "Ben", "Joann", "Ann"]
    assert names("nobody@acme.com") == []
