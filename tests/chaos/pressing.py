"""One press of one person: a button, a choice in a menu, or a window that is filled in; and what Slack was told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from bot.playground import element_state
from bot.playground.outcome import Outcome, Transport
from bot.playground.pressing import Pressing
from bot.playground.slack_errors import Json, SlackError
from bot.playground.submitting import Submitting
from bot.playground.views import View
from bot.playground.workspace import Message
from tests.chaos.stage import Stage

WINDOW_WITHIN = 2.0
"""Real seconds that a person waits for a window before they go on without it."""
WORDS = ("20 minutes", "2h", "tomorrow 9am", "3 business days")


@dataclass(kw_only=True)
class Pressed:
    """What was pressed, by whom, and what came of it as far as Slack knows."""

    user: str
    action: str
    """As `bot.alerts.lifecycle.Action` names it."""
    about: Json
    """`alert` with its id, or `message` with the id of a message of many."""
    channel: str
    key: str
    """By which the bot tells it from all others."""
    payload: Json
    began_at: datetime
    ended_at: datetime
    acked: bool
    answer: str = ""
    """What was said with the acknowledgement: of a window, why nothing was done."""
    times: int = 1
    """How often it was brought to the bot; more than once where Slack brought it again."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Something that can be pressed in a message: its name, and the action as Slack would describe it."""

    name: str
    action: Json = field(hash=False)
    content: Json = field(hash=False)


class Recorder:
    """A way to the bot that remembers what went over it."""

    def __init__(self, way: Transport) -> None:
        self._way = way
        self.payload: Json = {}
        self.outcome = Outcome(error="not sent")

    async def deliver(self, kind: str, payload: Json, *, answerable: bool, retry: int = 0) -> Outcome:
        self.payload = payload
        self.outcome = await self._way.deliver(kind, payload, answerable=answerable, retry=retry)
        return self.outcome

    async def ready(self) -> None:
        await self._way.ready()


def wishes(message: Message) -> Iterator[Wish]:
    """Everything that can be pressed or chosen in a message."""
    for block, element in element_state.elements(list(message.blocks)):
        name = str(element["action_id"]).partition(".")[0]
        action = {"block_id": block["block_id"], **element}
        if element["type"] == "button":
            yield Wish(name=name, action=action, content=json.loads(element.get("value") or "{}"))
        elif element["type"] == "overflow":
            for option in element["options"]:
                content = json.loads(option["value"])
                chosen = action | {"selected_option": option}
                yield Wish(name=f"alert_{content.get('do')}", action=chosen, content=content)


def press(stage: Stage, user: str, message: Message, wish: Wish) -> Pressed | None:
    """Press what has its effect at once; None where Slack itself has nothing like it."""
    recorder, began_at = Recorder(stage.way), stage.clock()
    try:
        stage.playground.run(
            Pressing(stage.playground.slack, recorder).act(user, message, wish.action, stale=True),
        )
    except SlackError:
        return None
    return Pressed(
        user=user, action=wish.name.partition("_")[2], about=wish.content, channel=message.channel,
        key=_key(recorder.payload), payload=recorder.payload, began_at=began_at, ended_at=stage.clock(),
        acked=recorder.outcome.ok,
    )


def fill_in(stage: Stage, user: str, message: Message, wish: Wish, chance: Random) -> Pressed | None:
    """Press what opens a window, and send the window off; None where none came."""
    slack = stage.playground.slack
    slack.views.clear(user)
    if press(stage, user, message, wish) is None:
        return None
    view = slack.state.wait_for(lambda: slack.views.top(user), WINDOW_WITHIN)
    if view is None:
        return None
    sent = _submit(stage, user, view, message, _filled(view, chance))
    second = slack.views.top(user)
    if sent is not None and sent.answer and second is not None and "confirm" in str(second.content.get("callback_id")):
        # What was written in words is shown back; only now it counts.
        sent = _submit(stage, user, second, message, {})
    slack.views.clear(user)
    return sent


def _filled(view: View, chance: Random) -> Json:
    values: Json = {}
    for block, element in element_state.elements(view.blocks):
        if element["action_id"] == "snooze_words" and chance.random() < 0.6:
            answer = {"type": element["type"], "value": chance.choice(WORDS)}
            values[block["block_id"]] = {element["action_id"]: answer}
    return values


def _submit(stage: Stage, user: str, view: View, message: Message, values: Json) -> Pressed | None:
    recorder, began_at = Recorder(stage.way), stage.clock()
    data = json.loads(str(view.content.get("private_metadata") or "{}"))
    action = str(view.content.get("callback_id")).partition("_")[0]
    if action not in {"snooze", "assign"} or not ({"alert", "group"} & set(data)):
        return None  # another window, which says why there is nothing to fill in
    try:
        stage.playground.run(Submitting(stage.playground.slack, recorder).submit(user, view.id, values))
    except SlackError:
        return None
    if not recorder.payload:
        return None
    return Pressed(
        user=user, action=action, about={"message": data["group"]} if "group" in data else data,
        channel=message.channel, key=_key(recorder.payload), payload=recorder.payload, began_at=began_at,
        ended_at=stage.clock(), acked=recorder.outcome.ok,
        answer=_said(recorder.outcome),
    )


def _said(outcome: Outcome) -> str:
    return json.dumps(outcome.answer) if outcome.answer else ""


def bring_again(stage: Stage, pressed: Pressed) -> None:
    """The same press reaches the bot once more, as Slack may bring it."""
    answerable = pressed.payload["type"] == "view_submission"
    outcome = stage.playground.run(stage.way.deliver("interactive", pressed.payload, answerable=answerable))
    pressed.times += 1
    if outcome.ok and not pressed.acked:
        pressed.acked, pressed.answer = True, _said(outcome)
    pressed.ended_at = stage.clock()


def _key(payload: dict[str, Any]) -> str:
    """The key under which the bot records what comes with this payload."""
    user = payload["user"]["id"]
    if payload["type"] == "view_submission":
        return f"view|{payload['view']['id']}|{payload['view']['hash']}|{user}"
    action, container = payload["actions"][0], payload["container"]
    return f"{container['message_ts']}|{action['action_ts']}|{user}|{action['action_id']}"
