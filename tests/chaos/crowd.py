"""People who press, several at once, some of them on the same thing and some of it twice."""

from __future__ import annotations

import threading
from random import Random

from bot.playground.workspace import Message
from tests.chaos.pressing import Pressed, Wish, bring_again, fill_in, press, wishes
from tests.chaos.stage import Stage

AT_ONCE = {
    "alert_acknowledge": 30, "alert_assign": 12, "alert_resolve": 14, "alert_undo": 14, "alert_meaning": 2,
    "alert_support": 3, "group_acknowledge": 12, "group_resolve": 6, "group_undo": 8,
}
IN_WINDOWS = {"alert_snooze": 6, "alert_assign_to": 4, "group_snooze": 3, "group_assign": 2}
LIKING = AT_ONCE | IN_WINDOWS
"""How much people like each of the things that stand below a message."""
TOGETHER, AGAIN, LATE = 0.15, 0.12, 0.1
"""How often somebody else presses on the same message at the same time; how often a press is brought a second time;
how often somebody presses what stood there some time ago."""

ANYWAY = 0.03
"""How often somebody looks around who has no reason to, so that presses also come while the bot is down."""


class Crowd:
    """Everybody in a thread of their own, until `wanted` presses were accepted."""

    def __init__(self, stage: Stage, wanted: int) -> None:
        self._stage, self._wanted = stage, wanted
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self.pressed: list[Pressed] = []
        self.share = 0.0
        """How much of the load stands in Slack: people press as they see something to press."""
        self.failure: BaseException | None = None
        people = list(stage.playground.slack.state.people)[:stage.plan.people]
        self._threads = [
            threading.Thread(target=self._live, args=(user, stage.plan.chance(user)), daemon=True) for user in people
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Wait until everybody has left off. Raises what went wrong in here."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        if self.failure is not None:
            raise self.failure

    @property
    def accepted(self) -> int:
        """How many presses Slack saw acknowledged."""
        with self._lock:
            return sum(press.acked for press in self.pressed)

    @property
    def is_done(self) -> bool:
        return self.accepted >= self._wanted or self.failure is not None

    def _live(self, user: str, chance: Random) -> None:
        try:
            while not self._stopping.is_set():
                if self.accepted < self._wanted * self.share or chance.random() < ANYWAY:
                    self._look_around(user, chance)
                self._stopping.wait(chance.uniform(0, 0.1))
        except BaseException as error:  # noqa: BLE001 - told by `stop`, in the thread that asks
            self.failure = error

    def _look_around(self, user: str, chance: Random) -> None:
        found = self._stage.playground.slack.state.messages(chance.choice(self._stage.channels))
        able = [message for message in found if message.bot and message.ephemeral_for is None and message.blocks]
        if not able:
            return
        message = chance.choice(able)
        liked = [wish for wish in wishes(message) if wish.name in LIKING]
        if not liked:
            return
        wish = chance.choices(liked, [LIKING[one.name] for one in liked])[0]
        if chance.random() < LATE:
            self._stopping.wait(chance.uniform(0, 1))
        if wish.name in IN_WINDOWS:
            self._keep(fill_in(self._stage, user, message, wish, chance), chance)
        elif chance.random() < TOGETHER:
            self._both(user, message, wish, chance)
        else:
            self._keep(press(self._stage, user, message, wish), chance)

    def _both(self, user: str, message: Message, wish: Wish, chance: Random) -> None:
        someone = chance.choice([one for one in self._stage.playground.slack.state.people if one != user])
        theirs = self._stage.plan.chance(f"{someone} {chance.random()}")
        other = threading.Thread(
            target=lambda: self._keep(press(self._stage, someone, message, wish), theirs), daemon=True,
        )
        other.start()
        self._keep(press(self._stage, user, message, wish), chance)
        other.join()

    def _keep(self, pressed: Pressed | None, chance: Random) -> None:
        if pressed is None:
            return
        if chance.random() < AGAIN:
            self._stopping.wait(chance.choice([0.0, 0.0, 0.5, 2.0]))
            bring_again(self._stage, pressed)
        with self._lock:
            self.pressed.append(pressed)
