"""Watching in Slack: the command, its lists and buttons, and the direct messages."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.sends import watching
from bot.slack.blocks import watch_card, watch_list
from bot.slack.blocks.pick_list import Picked
from storage import people, watches
from storage.engine import Database
from storage.models import Message, Send
from tests.bot.slack import gate
from tests.bot.slack.conftest import World, add_message, add_send, send_of
from tests.bot.slack.harness import RULES, Slack, buttons, words
from tests.bot.slack.rows import HOSTILE, send
from tests.bot.slack.test_render import drawn, shown
from tests.conftest import NOW

HERE = {"type": "message", "message_ts": "5.5", "channel_id": "C02SALES", "is_ephemeral": True}
DIRECT = {"type": "message", "message_ts": "7.7", "channel_id": "D01ANN", "is_ephemeral": False}


def is_watched(slack: Slack, send_id: int, user: str = "U01ANN") -> bool:
    with slack.database.read() as session:
        return bool(watches.watched(session, user, [send_id]))


def watch(database: Database, send_id: int, user: str = "U01ANN") -> int:
    with database.write() as session:
        wish = watching.begin(session, user, send_id, NOW)
        assert wish.watch is not None
        return wish.watch.id


def test_one_that_fits_is_watched_at_once(slack: Slack, world: World) -> None:
    told = slack.command("/sends", "watch jane@acme.com")
    assert "You watch *Jane Doe* · Acme now" in words(told)
    assert set(buttons(told)) == {"Open", "Stop watching", "All that I watch"}
    assert is_watched(slack, world.send)
    assert not is_watched(slack, world.send, "U02BEN")


def test_what_is_watched_already_is_said(slack: Slack, world: World) -> None:
    slack.command("/sends", "watch jane")
    told = slack.command("/sends", "follow jane")
    assert "already, since <!date^" in words(told)
    assert "Stop watching" in buttons(told)


def test_what_is_over_is_said(slack: Slack) -> None:
    one = add_send(slack.database, status="delivered", status_raw="Delivered")
    told = slack.command("/sends", "watch jane")
    assert "nothing to watch" in words(told)
    assert not is_watched(slack, one)
    slack.press("watch_start", {"send": one}, container=HERE)
    assert "nothing to watch" in words(slack.said[-1])


def test_nobody_watches_more_than_a_hundred(slack: Slack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MOST", 1)
    watch(slack.database, add_send(slack.database, 1))
    add_send(slack.database, 2, recipient_name="Kim Lee", recipient_email="kim@lee.example")
    told = slack.command("/sends", "watch kim")
    assert "Stop one of them first" in words(told)
    assert set(buttons(told)) == {"All that I watch"}


def test_several_have_a_button_each_and_pages(slack: Slack) -> None:
    made = [add_send(slack.database, number, recipient_email=f"jane{number}@acme.com") for number in range(1, 21)]
    watch(slack.database, made[0])
    told = slack.command("/sends", "watch jane")
    assert "20 sends match “jane”" in words(told)
    assert "1 to 8 of 20" in words(told)
    assert {"Watch", "Stop", "Show more"} <= set(buttons(told))
    more = buttons(told)["Show more"]
    slack.press(more["action_id"], more["value"], container=HERE)
    assert "9 to 16 of 20" in words(slack.said[-1])
    one = buttons(slack.said[-1])["Watch"]
    slack.press(one["action_id"], one["value"], container=HERE)
    assert "You watch *Jane Doe* · Acme now" in words(slack.said[-1])
    assert is_watched(slack, json.loads(one["value"])["send"])


def test_none_offers_the_nearest_names(slack: Slack, world: World) -> None:
    told = slack.command("/sends", "watch jane dow")
    assert "Nothing matches “jane dow”, so nothing is watched. Did you mean one of these?" in words(told)
    near = next(one for text, one in buttons(told).items() if "jane" in text.lower())
    slack.press(near["action_id"], near["value"], container=HERE)
    assert "Is it this one?" in words(slack.said[-1])
    one = buttons(slack.said[-1])["Watch"]
    slack.press(one["action_id"], one["value"], container=HERE)
    assert is_watched(slack, world.send)
    assert "takes a name" in words(slack.command("/sends", "watch zzzzzzzzzz"))


def test_without_words_it_lists_and_stops(slack: Slack) -> None:
    assert "You watch no send at present." in words(slack.command("/sends", "watch"))
    made = [add_send(slack.database, number) for number in range(1, 20)]
    for one in made:
        watch(slack.database, one)
    told = slack.command("/sends", "watch")
    assert "You watch 19 sends" in words(told)
    assert "1 to 8 of 19" in words(told)
    slack.press("watch_list.16", {"offset": 16}, container=HERE)
    last = slack.said[-1]
    assert "17 to 19 of 19" in words(last)
    for number in range(3):
        stop = buttons(slack.said[-1])["Stop"]
        slack.press(stop["action_id"], stop["value"], container=HERE)
        assert f"You watch {18 - number} sends" in words(slack.said[-1])
    # The page has become empty: the one before it is shown.
    assert "9 to 16 of 16" in words(slack.said[-1])
    slack.press("watch_list.150", {"offset": 150}, container=HERE)
    assert "9 to 16 of 16" in words(slack.said[-1])


def test_from_the_card_and_back(slack: Slack, world: World) -> None:
    add_send(slack.database, 2)
    told = slack.command("/send-status", "jane")
    slack.press("send_open.0", buttons(told)["Open"]["value"], container=HERE)
    card = slack.said[-1]
    press = buttons(card)["Watch"]
    slack.press(press["action_id"], press["value"], container=HERE)
    watched = slack.said[-1]
    assert "You watch this send" in words(watched)
    assert {"Stop watching", "Back to the list"} <= set(buttons(watched))
    press = buttons(watched)["Stop watching"]
    slack.press(press["action_id"], press["value"], container=HERE)
    assert "You watch this send" not in words(slack.said[-1])
    assert {"Watch", "Back to the list"} <= set(buttons(slack.said[-1]))


def test_the_card_knows_who_reads_it(slack: Slack, world: World) -> None:
    watch(slack.database, world.send, "U02BEN")
    assert "Watch" in buttons(slack.command("/send-status", "jane@acme.com"))
    assert "Stop watching" in buttons(slack.command("/send-status", "jane@acme.com", user_id="U02BEN"))


def test_in_a_window_the_card_is_drawn_anew(slack: Slack, world: World) -> None:
    slack.press("alert_open", {"alert": world.alert}, container={"type": "view", "view_id": "V0"},
                view={"id": "V0", "type": "home", "hash": "h", "callback_id": "home"})
    slack.executor.finish()
    [view] = slack.client.views()
    press = buttons(view)["Watch"]
    slack.press(press["action_id"], press["value"], channel=None, container={"type": "view", "view_id": "V1"},
                view={**view, "id": "V1", "hash": "h1"})
    slack.executor.finish()
    [again] = slack.client.views("views.update")
    assert "You watch this send" in words(again)
    assert slack.client.views("views.push") == []


def test_a_press_on_what_is_gone(slack: Slack) -> None:
    for action in ("watch_start", "watch_stop"):
        slack.press(action, {"send": 404}, container=HERE)
        assert "not known any more" in words(slack.said[-1])


# --- the direct message -------------------------------------------------------------------------------


def test_nobody_watches_what_they_may_not_look_up(slack: Slack, world: World) -> None:
    rules = replace(RULES, permissions=replace(RULES.permissions, allowed={"look_up": ("sender",)}))
    object.__setattr__(slack.deps, "rules", lambda _session: rules)
    slack.app = slack.build()
    with slack.database.write() as session:
        people.keep(session, user_id="U02BEN", email="ben@elsewhere.example", tz="Europe/Berlin", now=NOW)
    ben = {"id": "U02BEN", "username": "ben", "team_id": "T0DEMO"}
    for action in ("watch_start", "watch_stop"):
        # The answer to somebody else's question stands in a thread, with its buttons.
        slack.press(action, {"send": world.send}, user=ben, container=DIRECT)
        assert "not known any more" in words(slack.said[-1])
        assert "Jane" not in words(slack.said[-1])
    assert not is_watched(slack, world.send, "U02BEN")
    watch(slack.database, world.send, "U02BEN")
    slack.press("watch_stop", {"send": world.send}, user=ben, container=DIRECT)
    assert "You do not watch *Jane Doe*" in words(slack.said[-1])


def step(status: str, days: float = 0.0, raw: str = "") -> dict[str, Any]:
    return {"status": status, "raw": raw or status.title(), "at": (NOW - timedelta(days=days)).isoformat()}


def direct(database: Database, send_id: int, *steps: dict[str, Any], **body: Any) -> int:  # noqa: ANN401 - of a body
    known: dict[str, Any] = {
        "notice": "watch", "watch": watch(database, send_id), "seq": 1, "steps": list(steps), "before": 0,
        "over": False, **body,
    }
    with database.read() as session:
        one = watches.by_id(session, known["watch"])
        key = watches.key(one, known["seq"]) if one is not None else "watch:of nobody"
    return add_message(database, "notice", channel="U01ANN", key=key, body=known)


def test_a_step_says_what_it_means_and_who_acts_next(slack: Slack, world: World) -> None:
    told = shown(slack.database, direct(slack.database, world.send, step("shipped", 1)))
    assert "🚚 Jane Doe: now Shipped" in words(told)
    for part in ("*Since*\n<!date^", "*Next:*", "Q4 thank-you", "You get this because you watch this send"):
        assert part in words(told)
    assert list(buttons(told)) == ["Open", "Track", "Stop watching"]
    assert "now Shipped" in told["text"]
    assert "since you were told last" not in words(told)


def test_several_steps_are_told_in_order(slack: Slack, world: World) -> None:
    message = direct(slack.database, world.send, step("fulfilling", 3), step("shipped", 1), before=2)
    told = words(shown(slack.database, message))
    assert "*4 steps since you were told last*\n…after 2 earlier steps\n• <!date^" in told
    assert told.index("Fulfilling") < told.index("— Shipped")


@pytest.mark.parametrize(("status", "sentence"), [
    ("delivered", "It has arrived, so this watch has ended."),
    ("canceled", "Nothing more happens to it by itself, so this watch has ended."),
])
def test_the_end_says_that_it_has_ended(slack: Slack, world: World, status: str, sentence: str) -> None:
    told = shown(slack.database, direct(slack.database, world.send, step(status), over=True))
    assert sentence in words(told)
    assert list(buttons(told)) == ["Open", "Track"]


def test_what_has_moved_on_since_gives_no_advice(slack: Slack, world: World) -> None:
    message = direct(slack.database, world.send, step("fulfilling"))
    with slack.database.write() as session:
        session.get_one(Send, world.send).status_seq = 2
        [watched] = watches.of_sends(session, [world.send])
        watches.told(session, watched, 2, NOW, is_over=False)
    told = words(shown(slack.database, message))
    assert "It has moved on since." in told
    assert "*Next:*" not in told


def test_stopped_from_the_message_it_says_so_there(slack: Slack, world: World) -> None:
    message = direct(slack.database, world.send, step("shipped"))
    slack.press("watch_stop", {"send": world.send}, container=DIRECT, channel={"id": "D01ANN"})
    assert "You do not watch *Jane Doe* · Acme any more" in words(slack.said[-1])
    assert slack.said[-1]["replace_original"] is False
    with slack.database.read() as session:
        assert session.get_one(Message, message).wanted_rev == 2
    assert slack.woken == 1
    told = shown(slack.database, message)
    assert "You have stopped watching this send." in words(told)
    assert list(buttons(told)) == ["Open", "Track", "Watch again"]


def test_of_what_is_gone_nothing_is_told(slack: Slack, world: World) -> None:
    message = direct(slack.database, world.send, step("shipped"))
    with slack.database.write() as session:
        session.delete(session.get_one(Send, world.send))
    assert drawn(slack.database, message) is None
    assert drawn(slack.database, direct(slack.database, add_send(slack.database, 9), seq=2)) is None


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(slack: Slack, name: str) -> None:
    name = name.encode("utf-8", "replace").decode()
    one = add_send(
        slack.database, recipient_name=name, recipient_company=name, campaign=name, sender_name=name, type=name,
    )
    found = send_of(slack.database, one)
    for told in (
        watch_card.begun(found, NOW), watch_card.over(found, NOW), watch_card.stopped(found),
        watch_list.several([found] * 8, Picked(query=name, total=500, offset=8, action="watch_find"), NOW, {one}),
        watch_list.nothing(name, [name] * 9),
    ):
        assert gate.problems({"text": told.text, "blocks": told.blocks}) == []
    shown(slack.database, direct(slack.database, one, *[step("unknown", raw=name)] * 8, before=99))


@pytest.mark.parametrize("number", [0, 1, 50, 500])
def test_however_many(slack: Slack, number: int) -> None:
    rows = [send(row_id) for row_id in range(1, number + 1)][:8]
    told = watch_list.several(rows, Picked(query="jane", total=number, offset=0, action="watch_find"), NOW, set())
    assert gate.problems({"text": told.text, "blocks": told.blocks}) == []
    for row_id in range(1, min(number, 60) + 1):
        watch(slack.database, add_send(slack.database, row_id))
    slack.command("/sends", "watch")
