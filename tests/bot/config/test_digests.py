"""The section `digests`: what may stand there, what it becomes, and that its changes are on record."""

from __future__ import annotations

from datetime import time

import pytest

from bot.alerts.routing import Match
from bot.config.changes import apply, undo
from bot.config.current import in_force
from bot.config.document import Document
from bot.config.reading import read
from bot.reports.schedule import DAY, MONDAY, WEEK, WORKDAYS, Digest
from storage import config as stored
from storage.engine import Database
from tests.bot.config.test_rulebook import rules
from tests.conftest import NOW

ROUTES = """
routes:
  - {name: Big Gifts, when: {team: Sales, rule: expired, amount_from: 100 USD}, channel: C0123ABCD}
  - {name: senders, dm_sender: true}
  - {name: held, when: {rule: needs_action}}
"""


def test_what_it_becomes() -> None:
    found = rules(ROUTES + """
digests:
  - {}
  - {every: day, at: 7:30, route: big gifts, zone: Europe/Berlin}
  - {route: Big Gifts, channel: C0456EFGH, days: fri, picture: no, skip_empty: no}
  - {route: senders, channel: C0456EFGH}
""").digests
    zone = "America/Los_Angeles"
    match = Match(team=("Sales",), rule=("expired",), amount_from=10_000, currency="USD")
    assert found == (
        Digest(channel="C01GIFTING", every=WEEK, on=MONDAY, at=time(9), zone=zone),
        Digest(
            channel="C0123ABCD", route="big gifts", match=match, every=DAY, on=WORKDAYS, at=time(7, 30),
            zone="Europe/Berlin",
        ),
        Digest(
            channel="C0456EFGH", route="Big Gifts", match=match, every=WEEK, on=frozenset({4}), zone=zone,
            picture=False, skip_empty=False,
        ),
        Digest(channel="C0456EFGH", route="senders", every=WEEK, on=MONDAY, zone=zone),
    )


def test_without_a_place_it_has_none() -> None:
    [digest] = rules("digests: [{}]", alert_channel="").digests
    assert digest.channel == ""


@pytest.mark.parametrize(("text", "sentence"), [
    ("digests: [{every: month}]", 'digests[0].every: "month" is not accepted here; known are day, week.'),
    ("digests: [{days: mon-fri}]", "but a weekly digest comes on one day; write one, or every: day"),
    ("digests: [{at: 9}]", 'digests[0].at: "9" is no time of day; write for example 18:00.'),
    ("digests: [{zone: Berlin}]", 'digests[0].zone: "Berlin" is no time zone'),
    ("digests: [{route: big}]", 'digests[0].route: "big" is no route; there is none. Leave it out'),
    (f"{ROUTES}digests: [{{route: big gift}}]", 'digests[0].route: "big gift" is no route; did you mean "Big Gifts"?'),
    (f"{ROUTES}digests: [{{route: senders}}]", "leads only to senders; name the channel for its digest."),
    ("digests: [{at: 8:00}, {at: 9:00}]", "digests[1].every: is the same as digests[0]; keep one of the two."),
])
def test_a_mistake_is_told_with_its_place(text: str, sentence: str) -> None:
    assert any(sentence in str(problem) for problem in read(text).problems), read(text).problems


def test_a_route_that_asks_only_for_rules_is_odd() -> None:
    found = read(f"{ROUTES}digests: [{{route: held}}, {{route: big gifts}}]")
    told = [str(one) for one in found.warnings if one.path[0] == "digests"]
    assert len(told) == 1
    assert '"held" asks only for rules, which are about alerts: its digest tells of all sends.' in told[0]


def test_a_change_is_on_record_and_can_be_taken_back(database: Database) -> None:
    document = read("digests: [{every: day}]").document
    with database.write() as session:
        assert apply(session, in_force(session), document, NOW, "U01ANN") == ("digests",)
    with database.write() as session:
        [change] = stored.history(session, "digests")
        assert change.changed_by == "U01ANN"
        assert undo(session, change.id, NOW, "U01ANN")
    with database.read() as session:
        assert in_force(session).document == Document()
