from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from bot.reports import counting, period
from bot.sends import lookup
from bot.sends.intake import take
from bot.sends.snapshots import Snapshot, StatusUpdate
from bot.statuses.watch import us_watch
from storage import mute_names, own_found, personal, reports, scope, search, sends
from storage.engine import Database
from storage.models import Alert, AlertEvent, Mute, Send, SendHistory, Watch
from storage.scope import Look, Scope, looking
from tests.conftest import NOW

TEAMS = ("Sales", "Success", "O'Brien; DROP TABLE sends", "")
SENDERS = ("ben@example.com", "cat@example.com", "")


@pytest.fixture
def filled(database: Database) -> Database:
    """Sends of each team and each sender, each with history, an alert, an event of it and a watch."""
    made = [
        Snapshot(
            source="api", observed_at=NOW, send_gid=f"Z2lkOi8v{number:02}", status_raw="Shipped", team=team,
            created_at=NOW - timedelta(days=9), recipient_name=f"Jane {number}",
            recipient_email=f"jane{number}@acme.example",
            sender_email=sender, sender_name="Ben" if sender else "", campaign=f"Door {team}", sendoso_id=number,
            tracking_url=f"https://parcels.example/1Z999AA10123456{number:03}", cost_minor=100, currency="USD",
            updates=(StatusUpdate(status_raw="Shipped", occurred_at=NOW - timedelta(days=8)),),
        )
        for number, (team, sender) in enumerate((team, sender) for team in TEAMS for sender in SENDERS)
    ]
    with database.write() as session:
        take(session, made, NOW, us_watch())
        for send in session.scalars(select(Send).order_by(Send.id)):
            alert = Alert(
                key=f"a{send.id}", send_id=send.id, rule="overdue", level="late", due_at=NOW - timedelta(days=1),
                opened_at=NOW,
            )
            session.add(alert)
            session.flush()
            session.add(AlertEvent(
                alert_id=alert.id, action="x", actor="scan", occurred_at=NOW, dedupe_key=f"e{send.id}",
            ))
            session.add(Watch(user_id="U1", send_id=send.id, created_at=NOW))
            session.add(Mute(scope="send", value=send.send_gid, created_by="U9", created_at=NOW, ends_at=NOW))
    return database


def ids(found: object) -> set[int]:
    return {one.id for one in found}  # type: ignore[attr-defined]


LOOKS: dict[str, Callable[[Session, Send], set[int]]] = {
    "find by name": lambda session, _: ids(lookup.find(session, "jane", limit=99).sends),
    "find by e-mail": lambda session, send: ids(lookup.find(session, send.recipient_email, limit=99).sends),
    "find by sender": lambda session, send: ids(lookup.find(session, send.sender_email or "x", limit=99).sends),
    "find by gid": lambda session, send: ids(lookup.find(session, send.send_gid, limit=99).sends),
    "find by id": lambda session, send: ids(lookup.find(session, str(send.sendoso_id), limit=99).sends),
    "find by link": lambda session, send: ids(lookup.find(session, send.tracking_url or "", limit=99).sends),
    "find by campaign": lambda session, send: ids(lookup.find(session, send.campaign, limit=99).sends),
    "complete": lambda session, send: ids(lookup.complete(session, send.recipient_name)),
    "complete nothing": lambda session, _: ids(lookup.complete(session, "")),
    "holding": lambda session, send: set(lookup.holding(session, send.recipient_name)),
    "exactly": lambda session, send: ids(lookup.exactly(session, send.recipient_email).sends),
    "links": lambda session, send: ids(lookup.by_links(session, [send.tracking_url or ""]).values()),
    "people": lambda session, send: {
        one.id for found in lookup.to_people(session, [send.recipient_name]) for one in found.sends
    },
    "stuck": lambda session, _: ids(lookup.stuck(session, NOW, 99).sends),
    "in status": lambda session, _: ids(lookup.in_status(session, "shipped", 99).sends),
    "mine": lambda session, send: ids(lookup.mine(session, send.sender_email, 99).sends),
    "by id": lambda session, send: {one.id for one in [session.get(Send, send.id)] if one is not None},
    "history": lambda session, _: set(session.scalars(select(SendHistory.send_id))),
    "alerts": lambda session, _: {one for one in session.scalars(select(Alert.send_id)) if one is not None},
    "watches": lambda session, _: set(session.scalars(select(Watch.send_id))),
    "events": lambda session, _: {
        one for one in session.scalars(select(Alert.send_id).join(AlertEvent, AlertEvent.alert_id == Alert.id))
        if one is not None
    },
    "last alerting": lambda session, _: set(mute_names.last_alerting(session, 99)),
    "union": lambda session, _: set(session.scalars(union_all(select(Send.id), select(Alert.send_id)))),
    "subquery": lambda session, _: set(session.scalars(
        select(Send.id).where(Send.id.in_(select(SendHistory.send_id)), Send.id.in_(select(Watch.send_id))),
    )),
    "newest": lambda session, _: ids(sends.newest(session, 99)),
}
SCOPES = [
    Scope(), Scope(email="ben@example.com"), Scope(teams=(TEAMS[2],)), Scope(email="cat@example.com", teams=TEAMS[:2]),
    Scope(email="' OR 1=1 --", teams=("%", "') OR ('1'='1")),
]


def is_within(limits: Scope, send: Send) -> bool:
    return bool(limits.email and send.sender_email == limits.email) or send.team in limits.teams


BOUNDS = (
    (scope, "FEW"), (scope, "SOME"), (scope, "MANY"), (search, "OWN"), (search, "LISTED"), (search, "WANTED"),
    (own_found, "TEXT"),
)
WAYS = (
    (2_000, 10_000, 200_000, 5_000, 100_000, 1_000, 8), (0, 10_000, 200_000, 0, 0, 1_000, 8),
    (0, 0, 200_000, 5_000, 100_000, 1_000, 8), (0, 0, 0, 0, 0, 1_000, 8), (0, 0, 0, 0, 0, 2, 8),
    # The ids are compared, however few there are.
    (0, 0, 200_000, 1, 100_000, 1_000, -1_000),
)


def ways(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As few or many sends are looked for; PostgreSQL knows three ways, of few, some and many."""
    for numbers in WAYS if database.is_sqlite else (WAYS[0], WAYS[1], WAYS[3]):
        for (module, name), number in zip(BOUNDS, numbers, strict=True):
            monkeypatch.setattr(module, name, number)
        yield


@pytest.mark.parametrize("limits", SCOPES, ids=str)
@pytest.mark.parametrize("name", LOOKS)
def test_no_way_of_looking_gives_what_is_not_to_be_seen(
    filled: Database, monkeypatch: pytest.MonkeyPatch, name: str, limits: Scope,
) -> None:
    with filled.read() as session:
        everything = session.scalars(select(Send)).all()
    may = {one.id for one in everything if is_within(limits, one)}
    for send in everything:
        with filled.read() as session:
            free = LOOKS[name](session, send)
        for _ in ways(filled, monkeypatch):
            with looking(Look(scope=limits)), filled.read() as session:
                found = LOOKS[name](session, send)
            # Where what was meant is not to be seen, something else may fit the same words.
            assert free & may <= found <= may


@pytest.mark.parametrize("way", range(len(WAYS)))
@pytest.mark.parametrize("limits", SCOPES, ids=str)
def test_counts_and_sums_count_no_others(
    filled: Database, monkeypatch: pytest.MonkeyPatch, limits: Scope, way: int,
) -> None:
    for _, _ in zip(range(way + 1), ways(filled, monkeypatch), strict=False):
        pass
    with filled.read() as session:
        everything = session.scalars(select(Send)).all()
    may = [one for one in everything if is_within(limits, one)]
    with looking(Look(scope=limits)), filled.read() as session:
        assert lookup.find(session, "jane").total == len(may)
        assert lookup.stuck(session, NOW).total == len(may)
        assert session.scalar(select(func.count()).select_from(Mute)) == len(may)
        found = counting.count(session, period.last(30, NOW, us_watch().calendar.zone), NOW)
        assert found.now.sent == found.now.moving == found.now.stuck == len(may)
        assert sum(found.now.spent.values()) == 100 * len(may)
        assert {one.name for one in found.campaigns} == {one.campaign for one in may}
        assert {one.text for one in mute_names.recent(session, "campaign", 99)} == {one.campaign for one in may}
        assert sum(one.number for one in reports.ages(session, ["shipped"], [NOW], ())) == len(may)


def test_who_has_taken_an_alert_on_sees_its_send(filled: Database) -> None:
    with filled.write() as session:
        alert = session.scalars(select(Alert)).first()
        assert alert is not None
        alert.assignee = "U7"
    with looking(Look(scope=Scope(user_id="U7"))), filled.read() as session:
        assert set(session.scalars(select(Send.id))) == {alert.send_id}
        assert len(personal.alerts(session, [alert.id])) == 1


def test_what_writes_is_left_alone_and_a_look_ends(filled: Database) -> None:
    with looking(Look(scope=Scope())):
        with filled.write() as session:
            assert len(session.scalars(select(Send)).all()) == 12
        with looking(None), filled.read() as session:
            assert len(session.scalars(select(Send)).all()) == 12
        with filled.read() as session:
            assert session.scalars(select(Send)).all() == []
    with filled.read() as session:
        assert len(session.scalars(select(Send)).all()) == 12


def test_a_look_knows_what_it_has_read(filled: Database) -> None:
    look = Look()
    with looking(look), filled.read() as session:
        found = lookup.find(session, "jane0@acme.example").sends
    assert look.seen == ids(found)
    assert len(look.seen) == 1


def test_a_session_that_writes_searches_all(filled: Database) -> None:
    with looking(Look(scope=Scope(email="ben@example.com"))), filled.write() as session:
        assert lookup.find(session, "jane").total == 12


def test_a_session_shows_each_who_looks_their_own(filled: Database) -> None:
    with filled.read() as session:
        for sender in ("ben@example.com", "cat@example.com"):
            with looking(Look(scope=Scope(email=sender))):
                found = lookup.find(session, "jane")
            assert {one.sender_email for one in found.sends} == {sender}
        assert lookup.find(session, "jane").total == 12
