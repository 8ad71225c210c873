"""Who has looked up which gifts is on record where that is set, whatever way they took; never what they typed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from sqlalchemy import inspect, select, text

from bot import audit
from bot.playground.person import Person
from storage import look_ups
from storage.engine import Database
from storage.models import LookUp, LookUpSend, Send
from tests.stories.sending import add
from tests.stories.test_looking_up import FIELD
from tests.stories.test_talking import answered, until
from tests.stories.world import World, world

TRACK = "https://app.sendoso.com/track/0123456789abcdef0123456789abcdef01234567"
ON = "look_ups:\n  record: true\n"
JANE = "Jane Doe"


@contextmanager
def made(folder: Path, now: datetime, **settings: Any) -> Iterator[World]:  # noqa: ANN401 - as `world` takes them
    """A world with a gift of Ben's that is stuck, and one of Dee's that is not."""
    with world(folder, now, **settings) as story:
        add(story, "Processing", days=8)
        add(story, "Shipped", days=1, name="Own One", sender_email="dee@example.com", sender_name="Dee Novak")
        story.tick()
        with story.bot.database.write() as session:
            session.scalars(select(Send).where(Send.recipient_name == JANE)).one().tracking_url = TRACK
        yield story


@pytest.fixture(params=["socket", "http"])
def story(request: pytest.FixtureRequest, tmp_path: Path, now: datetime) -> Iterator[World]:
    """That world with each transport, on SQLite; look-ups go on record."""
    transport: Literal["socket", "http"] = request.param
    with made(tmp_path, now, transport=transport) as one:
        one.configure(ON)
        yield one


@pytest.fixture(params=["sqlite", "postgresql"])
def on_each(request: pytest.FixtureRequest, tmp_path: Path, now: datetime) -> Iterator[World]:
    """The same on both databases."""
    database: Database = request.getfixturevalue(request.param)
    url = database.url.render_as_string(hide_password=False)
    with made(tmp_path, now, url=url) as one:
        one.configure(ON)
        yield one


def on_record(story: World) -> list[tuple[str, str, str, list[str]]]:
    """Who, by what, and the recipients, the oldest first."""
    story.bot.record_look_ups()
    with story.bot.database.read() as session:
        found = [(row.user_id, row.surface, row.name, gids, row.number) for row, gids in look_ups.every(session)]
        names = {send.send_gid: send.recipient_name for send in session.scalars(select(Send))}
    assert all(number == len(gids) for *_, gids, number in found)
    return [(*one, [names[gid] for gid in gids]) for *one, gids, _ in found]


Act = Callable[[World, Person], object]


def typed(command: str) -> Act:
    return lambda _story, who: who.command(command, channel="#sales")


def say(words: str, channel: str = "") -> Act:
    def act(story: World, who: Person) -> None:
        who.say(words, channel=channel or who.id)
        answered(story)
        # Drawn again it is no other look-up.
        answered(story)

    return act


def in_the_window(_story: World, who: Person) -> None:
    who.shortcut("Look up a send")
    window = who.modal("Look up a send")
    for letters in ("j", "ja", "jan", "jane"):
        assert len(who.options(window, FIELD, letters)) == 1


def about_a_message(story: World, who: Person) -> None:
    said = story.person("ben").say("jane@acme.example?", channel="#sales")
    who.shortcut("Which sends is it about?", on=said)
    assert JANE in who.modal("Send").visible_text


def link(story: World, who: Person) -> None:
    who.say(f"look: {TRACK}", channel="#sales").expect_update("Order Received")


SURFACES: dict[str, tuple[Act, str, str, list[str]]] = {
    "a name": (typed("/send-status jane"), "command", "/send-status", [JANE]),
    "an address": (typed("/send-status jane@acme.example"), "command", "/send-status", [JANE]),
    "a list": (typed("/send-status door opener"), "command", "/send-status", [JANE, "Own One"]),
    "stuck": (typed("/sends stuck"), "command", "/sends", [JANE]),
    "alerts": (typed("/sends alerts"), "command", "/sends", [JANE]),
    "why": (typed("/sends why jane"), "command", "/sends", [JANE]),
    "route": (typed("/sends route jane"), "command", "/sends", [JANE]),
    "watch": (typed("/sends watch jane"), "command", "/sends", [JANE]),
    "a question": (say("@sendwatch where is jane?", "#sales"), "question", "", [JANE]),
    "a direct message": (say("where is jane?"), "question", "", [JANE]),
    "what is offered": (in_the_window, "suggestions", FIELD, [JANE]),
    "a message": (about_a_message, "shortcut", "which_sends", [JANE]),
    "a link": (link, "link", "", [JANE]),
}


@pytest.mark.parametrize("name", SURFACES)
def test_each_way_leaves_one_record(story: World, name: str) -> None:
    act, surface, by, read = SURFACES[name]
    dee = story.person("dee")
    act(story, dee)
    until(story, lambda: bool(on_record(story)))
    [(who, *told, names)] = on_record(story)
    assert (who, *told, sorted(names)) == (dee.id, surface, by, read)


def test_ones_own_sends_and_the_home_tab(story: World) -> None:
    dee = story.person("dee")
    dee.command("/sends mine", channel="#sales")
    until(story, lambda: len(on_record(story)) == 1)
    assert on_record(story)[0] == (dee.id, "command", "/sends", ["Own One"])
    ben = story.person("ben")
    ben.home(JANE)
    until(story, lambda: len(on_record(story)) == 2)
    assert on_record(story)[1] == (ben.id, "home", "", [JANE])
    # The bot keeps the tab true by itself: nobody has looked.
    story.later(minutes=5)
    story.bot.draw_homes()
    assert len(on_record(story)) == 2


def test_buttons_of_an_alert_are_no_look_up_but_the_card_is(story: World) -> None:
    dee, alert = story.person("dee"), story.only_alert()
    dee.press(alert, "Acknowledge")
    story.deliver()
    dee.press(alert.latest(), "What does this mean?")
    assert on_record(story) == []
    listed = dee.command("/sends alerts", channel="#sales")
    until(story, lambda: len(on_record(story)) == 1)
    assert JANE in dee.press(listed.message, "Open").visible_text
    until(story, lambda: len(on_record(story)) == 2)
    assert on_record(story)[1] == (dee.id, "button", "send_open", [JANE])


def test_what_finds_nothing_leaves_none_and_neither_do_help_and_meanings(story: World) -> None:
    dee = story.person("dee")
    for command in ("/send-status zzyzx", "/sends help", "/send-meaning shipped", "/sends report 30 days"):
        assert dee.command(command, channel="#sales").visible_text
    assert on_record(story) == []


@pytest.mark.parametrize("name", ["a name", "what is offered", "a question", "a link"])
def test_without_the_setting_there_is_none(story: World, name: str) -> None:
    story.configure("look_ups:\n")
    SURFACES[name][0](story, story.person("dee"))
    assert on_record(story) == []


def test_what_is_typed_stands_nowhere_in_the_record(on_each: World) -> None:
    dee = on_each.person("dee")
    for words in ("jane@acme.example", "Jane Doe", "jane door"):
        assert JANE in dee.command(f"/send-status {words}", channel="#sales").visible_text
    on_each.bot.record_look_ups()
    with on_each.bot.database.read() as session:
        for table in ("look_ups", "look_up_sends"):
            columns = [one["name"] for one in inspect(on_each.bot.database.engine).get_columns(table)]
            told = str([*session.execute(text(f"SELECT {', '.join(columns)} FROM {table}"))]).lower()  # noqa: S608 - ours
            assert [word for word in ("jane", "acme", "door") if word in told] == []
        lines = list(audit.lines(session, actions=["look_up"]))
        assert [one for one in audit.lines(session) if one.action == "look_up"] == []
    assert len(lines) == 3
    assert {(one.actor, one.detail["by"], one.detail["number"]) for one in lines} == {
        (dee.id, "command /send-status", 1),
    }
    assert "jane" not in json.dumps([asdict(one) for one in lines], default=str).lower()
    assert {one.send_gid for one in lines} == {lines[0].send_gid}


def test_a_send_that_goes_takes_its_part_with_it_and_old_look_ups_go(on_each: World) -> None:
    dee = on_each.person("dee")
    dee.command("/send-status door opener", channel="#sales")
    assert [sorted(names) for *_, names in on_record(on_each)] == [[JANE, "Own One"]]
    with on_each.bot.database.write() as session:
        session.delete(session.scalars(select(Send).where(Send.recipient_name == "Own One")).one())
    with on_each.bot.database.read() as session:
        [(row, gids)] = look_ups.every(session)
    assert (row.number, len(gids)) == (2, 1)
    on_each.later(days=89)
    on_each.bot.tidy()
    assert _count(on_each, LookUp) == 1
    on_each.later(days=2)
    on_each.bot.tidy()
    assert (_count(on_each, LookUp), _count(on_each, LookUpSend)) == (0, 0)


def test_the_length_is_that_of_the_setting_also_when_nothing_more_is_recorded(on_each: World) -> None:
    on_each.person("dee").command("/send-status jane", channel="#sales")
    on_each.bot.record_look_ups()
    on_each.configure("look_ups: {record: false, keep: 1d}\n")
    on_each.later(hours=23)
    on_each.bot.tidy()
    assert _count(on_each, LookUp) == 1
    on_each.later(hours=2)
    on_each.bot.tidy()
    assert _count(on_each, LookUp) == 0


def test_a_bot_that_ends_writes_down_the_last(tmp_path: Path, now: datetime) -> None:
    with made(tmp_path, now) as story:
        story.configure(ON)
        story.person("dee").command("/send-status jane", channel="#sales")
        url = story.bot.settings.database_url.get_secret_value()
    database = Database(url)
    with database.read() as session:
        assert [row.user_id for row, _ in look_ups.every(session)] == [story.person("dee").id]
    database.close()


def _count(story: World, model: type[LookUp | LookUpSend]) -> int:
    with story.bot.database.read() as session:
        return len(session.scalars(select(model.id)).all())


def test_minutes_of_typing_are_looks_of_their_own(story: World) -> None:
    dee = story.person("dee")
    dee.shortcut("Look up a send")
    window = dee.modal("Look up a send")
    dee.options(window, FIELD, "jane")
    dee.options(window, FIELD, "own")
    assert [sorted(names) for *_, names in on_record(story)] == [[JANE, "Own One"]]
    dee.options(window, FIELD, "own")
    assert len(on_record(story)) == 1
    story.clock.advance(timedelta(minutes=1))
    dee.options(window, FIELD, "jane")
    assert [sorted(names) for *_, names in on_record(story)] == [[JANE, "Own One"], [JANE]]
