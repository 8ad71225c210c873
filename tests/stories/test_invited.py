"""The bot is invited to a channel, says what it is for, and gets alerts routed there; channels go and come back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

import pytest

from bot.config.current import in_force
from bot.playground.modal import Modal
from bot.playground.person import Person
from bot.playground.seen import PATIENCE, SeenChannel, SeenMessage
from bot.playground.seen_view import SeenView
from storage import config, messages, outgoing, people
from storage.models import ConfigChange
from tests.bot.slack import gate
from tests.stories.sending import add
from tests.stories.world import World, world

OPS = "#ops"


@pytest.fixture(params=["socket", "http"])
def either(tmp_path: Path, now: datetime, request: pytest.FixtureRequest) -> Iterator[World]:
    transport: Literal["socket", "http"] = request.param
    with world(tmp_path, now, transport=transport) as made:
        yield made


def ops(story: World) -> SeenChannel:
    return story.playground.channel(OPS)


def welcomed(story: World, by: str = "ben") -> SeenMessage:
    """The welcome after somebody has invited the bot."""
    story.person(by).invite_bot(OPS)
    story.playground.slack.state.wait_for(lambda: _wanted(story) or None, PATIENCE)
    story.deliver()
    [message] = ops(story).messages
    return message


def _wanted(story: World) -> bool:
    """Whether the bot has heard of the invitation, and who invited."""
    with story.bot.database.read() as session:
        return bool(messages.with_key(session, "C04OPS", "welcome:")) and people.by_id(session, "U02BEN") is not None


def window(who: Person, text: str) -> Modal:
    """The window on top, once it shows `text`: it is opened and drawn anew after the answer to a press."""

    def look() -> Modal | None:
        top = who.slack.views.top(who.id)
        found = Modal(who, SeenView(who.slack, who.reader, top)) if top else None
        return found if found and text in found.visible_text else None

    found = who.slack.state.wait_for(look, PATIENCE)
    assert found is not None, f"no window shows {text!r}"
    return found


def routes(story: World) -> list[tuple[str, str | None]]:
    with story.bot.database.read() as session:
        return [(route.name, route.channel) for route in in_force(session).document.routes]


def test_invited_it_says_once_what_it_does_and_thanks_without_a_ping(either: World) -> None:
    shown = welcomed(either)
    seen = shown.visible_text
    assert "Sendwatch is here" in seen
    assert "Thanks for the invitation, Ben Okafor." in seen
    assert "No alerts come here yet. They go to #gifting-alerts." in seen
    assert "/send-status" in shown.text
    assert shown.mentions == set()
    assert either.person("ben").pings == []
    assert gate.problems({"text": shown.text, "blocks": list(shown.blocks)}) == []


def test_the_same_event_again_changes_nothing_and_a_later_invitation_welcomes_again(story: World) -> None:
    story.playground.faults.add("socket", "duplicate", times=5)
    welcomed(story)
    ben = story.person("ben")
    ben.remove_bot(OPS)
    ben.invite_bot(OPS)
    story.later(seconds=30)
    story.deliver()
    assert len(ops(story).messages) == 1

    ben.remove_bot(OPS)
    story.later(hours=1)
    ben.invite_bot(OPS)
    story.playground.slack.state.wait_for(lambda: len(_keys(story)) == 2 or None, PATIENCE)
    story.deliver()
    assert len(ops(story).messages) == 2


def _keys(story: World) -> list[str]:
    with story.bot.database.read() as session:
        return [one.key for one in messages.with_key(session, "C04OPS", "welcome:")]


def test_somebody_else_who_joins_is_not_welcomed(story: World) -> None:
    story.playground.run(_somebody_joins(story))
    story.deliver()
    assert ops(story).messages == []


async def _somebody_joins(story: World) -> None:
    event = {"type": "member_joined_channel", "user": "U02BEN", "channel": "C02SALES", "event_ts": "1.0"}
    story.playground.speaking.membership._events.send(event)  # noqa: SLF001 - Slack tells of everybody


def test_a_team_is_routed_here_shown_with_its_effect_and_taken_back(either: World) -> None:
    add(either, "Undeliverable", days=1, name="Jane Doe", team="EMEA")
    add(either, "Undeliverable", days=1, name="Max Moll", team="Sales")
    either.tick()
    shown, ann = welcomed(either), either.person("ann")
    ann.press(shown, "Route alerts here")
    first = window(ann, "Which alerts shall come to #ops?")
    assert "What no route takes goes to #gifting-alerts." in first.visible_text
    ann.choose(first, "What shall come here", "A team's gifts")
    window(ann, "Which team?").fill("Which team?", "EMEA").submit()
    second = window(ann, "What is sent by team “EMEA”\ncomes to #ops from now on.")
    effect = "Of the 2 newest open alerts 1 would have come to #ops, not to #gifting-alerts."
    assert effect in second.visible_text
    assert routes(either) == []
    second.submit()
    assert routes(either) == [("team EMEA", "C04OPS")]

    add(either, "Failed", days=1, name="Ada Abara", team="EMEA")
    either.tick()
    ops(either).expect("Ada Abara")
    assert "Alerts come here already, by the route team EMEA." in shown.latest().visible_text

    ann.press(window(ann, "✅"), "Undo")
    window(ann, "as they were before")
    assert routes(either) == []
    either.deliver()
    assert "No alerts come here yet" in shown.latest().visible_text
    assert [one.changed_by for one in _history(either)] == ["U01ANN", "U01ANN"]


def _history(story: World) -> list[ConfigChange]:
    with story.bot.database.read() as session:
        return list(config.history(session, "routes"))


def test_everything_can_be_led_here_and_back_goes_back(story: World) -> None:
    shown, ann = welcomed(story), story.person("ann")
    ann.press(shown, "Route alerts here")
    window(ann, "Which alerts").submit()
    ann.press(window(ann, "There is no open alert now"), "Back")
    window(ann, "Which alerts").submit()
    window(ann, "comes to #ops").submit()
    assert routes(story) == [("everything else", "C04OPS")]
    window(ann, "✅").close()
    ann.press(shown, "Route alerts here")
    refused = window(ann, "Which alerts").submit_refused()
    assert "That comes here already" in refused["What shall come here"]


def test_who_may_not_is_told_who_may(story: World) -> None:
    shown, ben = welcomed(story), story.person("ben")
    told = ben.press(shown, "Route alerts here").visible_text
    assert "You may not do that here. It is for" in told
    assert not ben.has_modal
    assert routes(story) == []


def test_routes_that_somebody_else_changed_meanwhile_are_not_overwritten(story: World) -> None:
    shown, ann = welcomed(story), story.person("ann")
    ann.press(shown, "Route alerts here")
    window(ann, "Which alerts").submit()
    story.configure("routes: [{name: gifts, when: {team: EMEA}, channel: C02SALES}]")
    window(ann, "comes to #ops").submit()
    window(ann, "have been changed meanwhile")
    assert routes(story) == [("gifts", "C02SALES")]


def test_a_route_s_channel_that_goes_away_is_told_once_and_its_alerts_come_when_it_is_back(either: World) -> None:
    ann, ben = either.person("ann"), either.person("ben")
    add(either, "Delivered", days=1, name="First One")
    either.tick()
    either.configure("routes: [{name: marketing, channel: C03MARKETING}]")
    ben.archive("#marketing")
    either.playground.slack.state.wait_for(lambda: _broken(either) == "is_archived" or None, PATIENCE)
    add(either, "Undeliverable", days=1)
    either.bot.sync()
    either.bot.scan()
    for _ in range(5):
        either.bot.deliver()
        either.later(minutes=10)
    [told] = ann.dm().messages
    assert "#marketing" in told.visible_text
    assert "archived" in told.visible_text

    ben.archive("#marketing", archived=False)
    either.playground.slack.state.wait_for(lambda: _broken(either) is None or None, PATIENCE)
    either.deliver()
    assert "Jane Doe" in either.playground.channel("#marketing").messages[0].visible_text
    assert len(ann.dm().messages) == 1


def _broken(story: World) -> str | None:
    with story.bot.database.read() as session:
        pace = outgoing.paces(session).get("C03MARKETING")
        return pace.broken_code if pace else None


def test_a_channel_that_no_route_names_may_go_without_a_word(story: World) -> None:
    story.person("ben").archive("#sales")
    story.person("ben").remove_bot("#marketing")
    story.deliver()
    assert story.person("ann").dm().messages == []
