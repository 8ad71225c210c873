"""Sends come up at Sendoso, wave after wave, and some of them move on."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from tests.chaos.gifts import Gift
from tests.chaos.plan import START
from tests.chaos.stage import Stage


class Load:
    """Puts the gifts into Sendoso, a wave every few seconds, in a thread."""

    def __init__(self, stage: Stage, gifts: list[Gift]) -> None:
        self._stage, self._gifts = stage, gifts
        self._chance = stage.plan.chance("load")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Wait until everything is there."""
        self._thread.join()

    @property
    def is_done(self) -> bool:
        return not self._thread.is_alive()

    def _live(self) -> None:
        for wave in range(self._stage.plan.waves):
            put(self._stage, [gift for gift in self._gifts if gift.wave == wave])
            self._stopping.wait(self._stage.plan.wave_every)
            self._move_some()
        for _ in range(3):
            self._stopping.wait(self._stage.plan.wave_every / 3)
            self._move_some()
        self._move([gift for gift in self._gifts if gift.moves_on])

    def _move_some(self) -> None:
        able = [gift for gift in self._gifts if gift.moves_on and gift.number in self._stage.gids]
        self._move(self._chance.sample(able, len(able) // 3))

    def _move(self, gifts: Iterable[Gift]) -> None:
        for gift in gifts:
            gid = self._stage.gids[gift.number]
            if gid not in self._stage.moved:
                self._stage.sendoso.move(gid, "Delivered")
                self._stage.moved.add(gid)


def put(stage: Stage, gifts: Iterable[Gift]) -> None:
    """Have these gifts at Sendoso from now on."""
    now = stage.clock()
    for gift in gifts:
        stage.gids[gift.number] = stage.sendoso.add(gift.snapshot(START, now))
