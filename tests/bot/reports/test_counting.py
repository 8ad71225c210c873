"""What counts as what, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from bot.alerts import scan
from bot.alerts.routing import Match, Routing
from bot.alerts.rulebook import Rulebook
from bot.reports import counting, names
from bot.reports.counting import Limits, of_match
from bot.reports.summary import Figures, Summary
from bot.statuses.watch import us_watch
from storage.engine import Database
from storage.models import Alert
from tests.bot.reports.gifts import DAY, HOUR, IN_WEEK, MONDAY, WEEK, gift, numbers

RULES = Rulebook(watch=us_watch(), routing=Routing(alert_channel="C01GIFTING"))


def counted(database: Database, limits: Limits | None = None) -> Summary:
    with database.read() as session:
        return counting.count(session, WEEK, MONDAY, limits)


def test_each_step_counts_when_it_happened_and_once_for_each_send(database: Database) -> None:
    gift(database, ("Processing", IN_WEEK), ("Shipped", IN_WEEK + DAY), ("Delivered", IN_WEEK + 2 * DAY))
    gift(
        database, ("Sent", IN_WEEK - 9 * DAY), ("Opened", IN_WEEK), ("Opened", IN_WEEK + HOUR),
        ("Used", IN_WEEK + DAY), type="eGifts USA",
    )
    gift(database, ("Sent", IN_WEEK - 90 * DAY), ("Expired", IN_WEEK), type="eGifts USA", cost_minor=1000)
    gift(database, ("Sent", IN_WEEK - 90 * DAY), ("Expired", IN_WEEK), ("Refunded", IN_WEEK + DAY), type="eGifts USA")
    gift(database, ("Processing", IN_WEEK - 30 * DAY), ("Delivered", IN_WEEK - 7 * DAY))
    found = counted(database)
    assert numbers(found) == {"sent": 1, "moving": 2, "delivered": 1, "redeemed": 1, "expired": 2, "refunded": 1}
    assert (found.now.spent, found.now.at_risk, found.now.refunds) == ({"USD": 2500}, {"USD": 1000}, {"USD": 2500})
    assert found.before == Figures(sent=1, delivered=1, spent={"USD": 2500})


def test_the_bounds_of_a_period_belong_to_one_side_only(database: Database) -> None:
    gift(database, ("Delivered", WEEK.since))
    gift(database, ("Delivered", WEEK.until))
    gift(database, ("Delivered", WEEK.since - timedelta(milliseconds=1)))
    found = counted(database)
    assert (found.now.sent, found.now.delivered) == (1, 1)
    assert (found.before.sent, found.before.delivered) == (1, 1)


def test_stuck_is_as_of_the_end_whatever_became_of_it_since(database: Database) -> None:
    gift(database, ("Processing", IN_WEEK - 10 * DAY), campaign="Held")
    gift(database, ("Processing", IN_WEEK - 10 * DAY), campaign="Held", cost_minor=None)
    gift(database, ("Processing", IN_WEEK), campaign="Fresh")
    assert counted(database).now.stuck == 2
    with database.write() as session:
        scan.run(session, MONDAY - 2 * DAY, RULES)
    found = counted(database)
    assert (found.now.stuck, found.now.at_risk, found.before.stuck) == (2, {"USD": 2500}, 2)
    assert [(one.name, one.now.stuck) for one in found.worst] == [("Held", 2)]
    with database.write() as session:
        for alert in session.query(Alert):
            alert.state, alert.resolved_at = "resolved", WEEK.until + HOUR
    assert counted(database).now.stuck == 2
    with database.write() as session:
        for alert in session.query(Alert):
            alert.resolved_at = WEEK.until - HOUR
    assert counted(database).now.stuck == 0


def test_what_was_stuck_before_the_first_scan_was_stuck_all_the_same(database: Database) -> None:
    gift(database, ("Processing", IN_WEEK - 30 * DAY), campaign="Held")
    gift(database, ("Processing", MONDAY - HOUR), campaign="Fresh")
    with database.write() as session:
        scan.run(session, MONDAY, RULES)
    found = counted(database)
    assert (found.now.stuck, found.before.stuck) == (1, 1)


def test_how_long_stages_take_is_told_of_what_arrived(database: Database) -> None:
    for days in (1, 2, 9):
        gift(
            database, ("Processing", IN_WEEK - 12 * DAY), ("Shipped", IN_WEEK - days * DAY), ("Delivered", IN_WEEK),
            ("Refunded", IN_WEEK + DAY),
        )
    gift(database, ("Processing", IN_WEEK - 50 * DAY), ("Shipped", IN_WEEK))
    found = {one.status: (one.days, one.number, one.days_before) for one in counted(database).stages}
    assert found == {"order_received": (10, 3, None), "shipped": (2, 3, None), "whole_way": (12, 3, None)}
    route = of_match(Match(campaign=("autumn*",), amount_from=1, currency="usd"))
    assert {one.status: one.days for one in counted(database, route).stages} == {
        "order_received": 10, "shipped": 2, "whole_way": 12,
    }


@pytest.mark.parametrize("named", [0, counting.NAMED])
def test_stages_are_of_the_sends_that_a_route_is_for_however_many_names_these_have(
    database: Database, monkeypatch: pytest.MonkeyPatch, named: int,
) -> None:
    monkeypatch.setattr(counting, "NAMED", named)
    for days, team, sender in ((1, "EMEA", "ann"), (2, "EMEA", "zoe"), (4, "APAC", "ann"), (8, "EMEA", "ann")):
        gift(
            database, ("Processing", IN_WEEK - days * DAY), ("Delivered", IN_WEEK),
            team=team, sender_email=f"{sender}@acme.example", campaign=f"Box {days}",
        )
    for match, number in (
        (Match(team=("emea",)), 3), (Match(team=("EMEA",), sender=("ann*",)), 2),
        (Match(campaign=("box *",)), 4), (Match(team=("nobody",)), 0),
    ):
        stages = counted(database, of_match(match)).stages
        assert [one.number for one in stages if one.status == "whole_way"] == ([number] if number else [])


def test_open_sends_by_age_are_those_of_now(database: Database) -> None:
    for days in (0, 2, 4, 8, 20, 31, 400):
        gift(database, ("Processing", MONDAY - days * DAY - HOUR))
    gift(database, ("Delivered", MONDAY - DAY))
    assert [(one.least, one.number) for one in counted(database).ages] == [(0, 2), (3, 1), (7, 1), (14, 1), (30, 2)]
    assert sum(one.number for one in counted(database, of_match(Match(team=("EMEA",)))).ages) == 0


def test_a_backlog_from_a_file_without_times_is_not_news(database: Database) -> None:
    file: dict[str, Any] = {
        "source": "csv", "updates": (), "seen": IN_WEEK, "created_at": IN_WEEK - 90 * DAY,
        "send_gid": "Z2lkOi8vc2VuZG9zby9TZW5kL7",
    }
    gift(database, ("Shipped", IN_WEEK - 90 * DAY), **file)
    assert numbers(counted(database)) == {"stuck": 1}
    gift(database, ("Delivered", IN_WEEK), **file | {"seen": IN_WEEK + DAY})
    assert numbers(counted(database)) == {"delivered": 1}


@pytest.mark.parametrize(("match", "sent"), [
    (Match(), 4), (Match(campaign=("autumn box",)), 2), (Match(campaign=("*box", "Win*")), 4),
    (Match(team=("emea",)), 1), (Match(team=("EMEA",), campaign=("Autumn*",)), 0),
    (Match(sender=("*@PARTNER.example",)), 1),
    (Match(type=("eGift*",)), 1), (Match(rule=("needs_action",)), 4), (Match(amount_from=2500, currency="USD"), 3),
    (Match(amount_to=2500, currency="USD"), 0), (Match(amount_from=1, amount_to=2501, currency="eur"), 1),
])
def test_limits_are_those_of_routes(database: Database, match: Match, sent: int) -> None:
    gift(database, ("Processing", IN_WEEK))
    gift(database, ("Processing", IN_WEEK), sender_email="zoe@partner.example")
    gift(database, ("Processing", IN_WEEK), campaign="Spring box", team="EMEA", currency="EUR")
    gift(database, ("Sent", IN_WEEK), campaign="Win-back", type="eGifts USA")
    assert counted(database, of_match(match)).now.sent == sent


def test_names_are_found_however_they_are_typed_and_else_the_nearest(database: Database) -> None:
    gift(database, ("Processing", IN_WEEK), campaign="Autumn  Box")
    gift(database, ("Processing", IN_WEEK), campaign="Holiday box", team="Box Office")
    with database.read() as session:
        found, nearest = names.find(session, "autumn box")
        assert found is not None
        assert ((found.scope, found.name), nearest) == (("campaign", "Autumn Box"), ())
        office, _ = names.find(session, "BOX OFFICE")
        assert office is not None
        assert office.scope == "team"
        nobody, nearest = names.find(session, "Autum Bx")
        assert nobody is None
        assert nearest[0].name == "Autumn Box"
        assert names.find(session, "zzzz qqqq") == (None, ())
        wild, _ = names.find(session, "Holi*", ("team",))
        assert wild is not None
        assert (wild.scope, wild.name) == ("team", "Holi*")


def test_what_is_asked_most_is_answered_by_indexes(sqlite: Database) -> None:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(sqlite.engine, "before_cursor_execute", note)
    counted(sqlite)
    event.remove(sqlite.engine, "before_cursor_execute", note)
    asked = [one for one in statements if one.startswith(("SELECT", "WITH"))]
    asked = [one for one in asked if "FROM retention" not in one]
    assert len(asked) == 9
    with sqlite.engine.connect() as connection:
        for one in asked:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            plan = [row[-1] for row in raw.execute(f"EXPLAIN QUERY PLAN {one}", [0] * one.count("?")).fetchall()]
            scanned = [line for line in plan if line.startswith(("SCAN sends", "SCAN send_history", "SCAN alerts"))]
            assert scanned == [], (one, plan)
