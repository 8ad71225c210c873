"""Faults on demand: so many times, or by chance until it is enough."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection, Mapping

from bot.playground.fault import Fault, FaultKind
from bot.playground.storms import Storm


class Faults:
    """The faults that are waiting to happen, first come, first served, and the storms that rage."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self._storms: list[Storm] = []
        self._counts: Counter[tuple[str, str]] = Counter()

    @property
    def counts(self) -> Counter[tuple[str, str]]:
        """How often which kind has struck which method so far: (method, kind) -> number; `clear` keeps it."""
        with self._lock:
            return self._counts.copy()

    def add(
        self,
        method: str,
        kind: str,
        times: int | None = 1,
        *,
        seconds: float | None = None,
        error: str = "fatal_error",
    ) -> Fault:
        """Lets the next `times` calls of `method` ("*": any call of the Web API) go wrong.

        `seconds` is 1 for a Retry-After or a delay and 60 for an answer that never comes unless given.
        ValueError for a kind that does not exist.
        """
        known = FaultKind(kind)
        if known.startswith("timeout") and seconds is None:
            seconds = 60.0
        fault = Fault(method=method, kind=known, times=times, seconds=seconds or 1.0, error=error)
        with self._lock:
            self._waiting.append(fault)
        return fault

    def delay(self, seconds: float, method: str = "*") -> Fault:
        """Every call takes so many seconds longer until this is cleared."""
        return self.add(method, FaultKind.DELAY, None, seconds=seconds)

    def storm(
        self,
        seed: int,
        chances: Mapping[str, float],
        *,
        seconds: float | Mapping[str, float] = 1.0,
        methods: Collection[str] | None = None,
        error: str = "fatal_error",
    ) -> Storm:
        """Lets every call go wrong with a certain chance until this is cleared; the arguments are Storm's."""
        storm = Storm(seed, chances, seconds=seconds, methods=methods, error=error)
        with self._lock:
            self._storms.append(storm)
        return storm

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._waiting.clear()
            self._storms.clear()

    def take(self, method: str) -> list[Fault]:
        """The faults of this call: every delay that fits, and the first of the others."""
        if not self._waiting and not self._storms:
            return []
        with self._lock:
            fitting = [fault for fault in self._waiting if fault.fits(method)]
            waiting = _first(fitting)
            for fault in waiting:
                self._used(fault)
            struck = _first([*waiting, *(fault for storm in self._storms for fault in storm.strike(method))])
            self._counts.update((method, fault.kind.value) for fault in struck)
            return struck

    def _used(self, fault: Fault) -> None:
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self._waiting.remove(fault)


def _first(faults: list[Fault]) -> list[Fault]:
    delays = [fault for fault in faults if fault.kind == FaultKind.DELAY]
    return delays + [fault for fault in faults if fault.kind != FaultKind.DELAY][:1]
