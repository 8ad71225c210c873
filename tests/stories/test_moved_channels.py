"""Slack gives a channel another id: routes, budgets and digests follow, and nothing is told twice or lost."""

from __future__ import annotations

from collections.abc import Callable

from bot import audit
from bot.config.current import in_force
from bot.config.writing import write
from bot.playground.seen import PATIENCE
from storage import outgoing
from tests.stories.sending import add
from tests.stories.world import World

SET = """
routes: [{name: emea, when: {team: EMEA}, channel: C02SALES}]
budgets: {C02SALES: {a_day: 20}}
digests: [{every: week, route: emea, channel: C02SALES}]
"""


def until(story: World, look: Callable[[], bool]) -> None:
    assert story.playground.slack.state.wait_for(lambda: look() or None, PATIENCE)


def waits(story: World) -> bool:
    """Whether anything is still to be told."""
    with story.bot.database.read() as session:
        return outgoing.backlog(session)[0] > 0


def exported(story: World) -> str:
    with story.bot.database.read() as session:
        return write(in_force(session).document)


def test_a_channel_that_a_route_names(story: World) -> None:
    story.configure(SET)
    sales = story.playground.channel("#sales")
    add(story, "Processing", days=8, name="Jane Doe", team="EMEA")
    story.tick()
    told = sales.expect("Jane Doe")
    story.person("ann").change_channel_id("#sales", "C0NEWSALES")
    until(story, lambda: "C02SALES" not in exported(story))
    assert exported(story).count("C0NEWSALES") == 3
    with story.bot.database.read() as session:
        changes = [line for line in audit.lines(session) if line.action == "config"]
    by = {line.detail["section"]: line.actor_name for line in changes if line.actor != "cli"}
    assert by == dict.fromkeys(("routes", "budgets", "digests"), "Sendwatch")
    ann = story.person("ann")
    ann.command("/sends settings")
    ann.modal("Settings").press("Recent changes")
    assert "Sendwatch" in ann.modal("Recent changes").visible_text

    # What was told there is still changed there, and what is new comes there.
    moved = story.playground.channel("#sales")
    ann.press(moved.expect("Jane Doe"), "Acknowledge")
    story.tick()
    assert "Acknowledged" in moved.expect("Jane Doe").visible_text
    add(story, "Processing", days=8, name="Max Roe", team="EMEA")
    story.later(minutes=20)
    story.tick()
    moved.expect("Max Roe")
    assert len([one for one in moved.messages if "Jane Doe" in one.visible_text]) == 1
    assert told.ts == moved.expect("Jane Doe").ts


def test_the_alert_channel_itself(story: World) -> None:
    add(story, "Processing", days=8, name="Jane Doe")
    story.tick()
    ann = story.person("ann")
    ann.change_channel_id("#gifting-alerts", "C0NEWALERTS")
    until(story, lambda: waits(story))
    story.deliver()
    told = ann.sees("Slack has given the alert channel another id", ann.id)
    assert "Please set ALERT_CHANNEL=C0NEWALERTS where Sendwatch is set up" in told.visible_text
    # Until then what the setting leads to the old id is told at the new one.
    add(story, "Processing", days=8, name="Max Roe")
    story.later(minutes=20)
    story.tick()
    names = [name for one in story.alerts.messages for name in ("Jane Doe", "Max Roe") if name in one.visible_text]
    assert names == ["Jane Doe", "Max Roe"]
    assert "cannot post" not in "\n".join(one.visible_text for one in ann.dm().messages)
