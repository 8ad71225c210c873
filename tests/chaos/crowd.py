"""People who press: what they pressed, what Slack was told of it, and what they saw."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from bot.playground import element_state
from bot.playground.outcome import Outcome, Transport
from bot.playground.pressing import Pressing
from bot.playground.slack_errors import Json, SlackError
from bot.playground.workspace import Message
from tests.chaos.stage import Stage

WISHES = {
    "alert_acknowledge": 30, "alert_assign": 12, "alert_resolve": 14, "alert_undo": 14, "group_acknowledge": 12,
    "group_resolve": 6, "group_undo": 8, "alert_meaning": 2,
}
"""How much people like each button, of those that stand below a message."""
TOGETHER, AGAIN, STALE = 0.15, 0.12, 0.1
"""How often somebody else presses on the same message at the same time; how often a press comes a second time;
how often somebody presses what stood there some time ago."""


@dataclass(kw_only=True)
class Pressed:
    """One press: who, on what, and what came of it as far as Slack knows."""

    user: str
    action: str
    message: Message
    key: str = ""
    """By which the bot tells it from all others."""
    content: Json = field(default_factory=dict)
    payload: Json = field(default_factory=dict)
    began_at: datetime
    ended_at: datetime
    acked: bool = False
    times: int = 1
    """How often it was brought to the bot; more than once where Slack brought it again."""


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


class Crowd:
    """Several people at once, each in a thread of their own, until `wanted` presses were accepted."""

    def __init__(self, stage: Stage, wanted: int) -> None:
        self._stage, self._wanted = stage, wanted
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self.pressed: list[Pressed] = []
        self.share = 0.0
        """How much of the load stands in Slack: people press as they see something to press."""
        people = list(stage.playground.slack.state.people)[:stage.plan.people]
        self._threads = [
            threading.Thread(target=self._live, args=(user, stage.plan.chance(user)), daemon=True)
            for user in people
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    @property
    def accepted(self) -> int:
        """How many presses Slack saw acknowledged."""
        with self._lock:
            return sum(press.acked for press in self.pressed)

    @property
    def is_done(self) -> bool:
        return self.accepted >= self._wanted

    def _live(self, user: str, chance: Random) -> None:
        while not self._stopping.is_set():
            if self.accepted >= self._wanted * self.share:
                self._stopping.wait(0.05)
                continue
            message = self._somewhere(chance)
            if message is not None:
                self._press(user, message, chance)
            self._stopping.wait(chance.uniform(0, 0.1))

    def _somewhere(self, chance: Random) -> Message | None:
        state = self._stage.playground.slack.state
        found = state.messages(chance.choice(self._stage.channels))
        able = [message for message in found if message.bot and message.ephemeral_for is None and message.blocks]
        return chance.choice(able) if able else None

    def _press(self, user: str, message: Message, chance: Random) -> None:
        wishes = list(_wishes(message))
        if not wishes:
            return
        action = chance.choices(wishes, [WISHES[_name(wish)] for wish in wishes])[0]
        if chance.random() < STALE:
            self._stopping.wait(chance.uniform(0, 1))
        if chance.random() < TOGETHER:
            self._both(user, message, action, chance)
        else:
            self._once(user, message, action, chance)

    def _both(self, user: str, message: Message, action: Json, chance: Random) -> None:
        someone = chance.choice([one for one in self._stage.playground.slack.state.people if one != user])
        theirs = self._stage.plan.chance(f"{someone} {chance.random()}")
        other = threading.Thread(target=self._once, args=(someone, message, action, theirs))
        other.start()
        self._once(user, message, action, chance)
        other.join()

    def _once(self, user: str, message: Message, action: Json, chance: Random) -> None:
        playground, clock = self._stage.playground, self._stage.clock
        recorder = Recorder(playground.sockets)
        began_at = clock()
        try:
            playground.run(Pressing(playground.slack, recorder).act(user, message, action, stale=True))
        except SlackError:
            return
        press = Pressed(
            user=user, action=_name(action), message=message, key=key_of(recorder.payload), content=action,
            payload=recorder.payload, began_at=began_at, ended_at=clock(), acked=recorder.outcome.ok,
        )
        if chance.random() < AGAIN:
            self._again(press, chance)
        with self._lock:
            self.pressed.append(press)

    def _again(self, press: Pressed, chance: Random) -> None:
        """The same press comes once more, at once or after a while, as Slack may bring it."""
        self._stopping.wait(chance.choice([0.0, 0.0, 0.5, 2.0]))
        way = self._stage.playground.sockets
        outcome = self._stage.playground.run(way.deliver("interactive", press.payload, answerable=False))
        press.times += 1
        press.acked = press.acked or outcome.ok
        press.ended_at = self._stage.clock()


def _wishes(message: Message) -> Iterator[Json]:
    for block, element in element_state.elements(list(message.blocks)):
        if element["type"] == "button" and _name(element) in WISHES:
            yield {"block_id": block["block_id"], **element}


def _name(action: Json) -> str:
    return str(action["action_id"]).partition(".")[0]


def key_of(payload: dict[str, Any]) -> str:
    """The key under which the bot records a press with this payload."""
    action = payload["actions"][0]
    spot = payload["container"].get("message_ts") or payload["container"].get("view_id")
    return f"{spot}|{action['action_ts']}|{payload['user']['id']}|{action['action_id']}"
