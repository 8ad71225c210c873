from __future__ import annotations

from bot.alerts.rerouting import rerouting
from bot.alerts.routing import Match, Routing, Rule
from storage.engine import Database
from tests.bot.slack.conftest import add_alert, add_send

OLD = Routing(alert_channel="C1")
NEW = Routing(alert_channel="C1", rules=(Rule(name="west", match=Match(team=("West",)), channel="C2"),))


def test_open_alerts_and_the_newest_sends_are_counted_with_examples(sqlite: Database) -> None:
    west, east, calm = (add_send(sqlite, number, team=team) for number, team in enumerate(("West", "East", "West"), 1))
    add_alert(sqlite, west, None, rule="overdue")
    add_alert(sqlite, east, None, rule="overdue")
    add_alert(sqlite, calm, None, rule="overdue", state="resolved")
    with sqlite.read() as session:
        found = rerouting(session, OLD, NEW)
        assert (found.alerts, found.alerts_of, found.sends, found.sends_of) == (1, 2, 2, 3)
        first = found.examples[0]
        assert first.send is not None
        assert (first.send.id, first.before, first.after) == (west, (("C1", "default"),), (("C2", "default"),))
        assert rerouting(session, NEW, NEW).examples == ()


def test_nothing_there_is_nothing_elsewhere(sqlite: Database) -> None:
    with sqlite.read() as session:
        found = rerouting(session, OLD, NEW)
    assert (found.alerts_of, found.sends_of, found.examples) == (0, 0, ())
