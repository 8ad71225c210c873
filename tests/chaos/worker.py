"""One process of the bot as a run starts it: the whole bot, by a clock that is faster than a wall clock."""

from __future__ import annotations

import os
import sys
import threading
import traceback
from datetime import timedelta
from typing import Any

from bot import app, logs
from bot.delivery.pacing import Terms
from bot.ending import StopWish
from bot.playground.clock import PlayClock
from bot.runtime import Runtime
from bot.settings import load


def run(orders: dict[str, Any]) -> None:
    """Run until SIGTERM, or until whoever holds the other end of the pipe `orders["alive"]` is gone."""
    logs.configure("INFO", "json", stream=sys.stdout)
    clock, timeout = PlayClock.like(orders["clock"]), timedelta(seconds=orders["timeout"])
    stopping = StopWish()
    stopping.listen()
    threading.Thread(target=_die_with_parent, args=(orders["alive"],), daemon=True).start()
    settings, terms = load(_env_file=None, **orders["settings"]), Terms(timeout=timeout * clock.speed)
    try:
        runtime = app.when_up(lambda: app.build(settings, clock=clock, terms=terms, timeout=timeout), stopping)
    except Exception:
        traceback.print_exc()
        raise
    if runtime is None:
        return
    try:
        runtime.start()
        _hurry(runtime, clock, stopping, {name: timedelta(seconds=every) for name, every in orders["more"].items()})
        stopping.wait()
    finally:
        runtime.stop()


def _die_with_parent(alive: int) -> None:
    os.read(alive, 1)
    os._exit(1)


def _hurry(
    runtime: Runtime, clock: PlayClock, stopping: StopWish, more: dict[str, timedelta],
) -> None:
    """The bot's own ticks come by a wall clock; by the play clock they must come more often, those in `more` still."""
    for job in runtime.jobs.table:

        def tick(name: str = job.name, every: float = clock.real(more.get(job.name, job.every))) -> None:
            while not stopping.wait(every):
                runtime.jobs.run_now(name)

        threading.Thread(target=tick, daemon=True).start()
