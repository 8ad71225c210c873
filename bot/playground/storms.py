"""A storm: faults that strike each call with a certain chance, the same for the same seed and the same calls."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping

from bot.playground.fault import APART, SOCKET, SOCKET_KINDS, UPLOAD, Fault, FaultKind

HELD = 60.0
"""Seconds for which an answer that never comes is awaited by Slack's side, unless the storm says otherwise."""


class Storm:
    """Not safe by itself: the lock of Faults guards it.

    `chances`: kind of fault -> its share of the calls, together at most 1; "delay" strikes beside the others.
    `seconds` is the Retry-After, the delay, or how long no answer comes: one for all (but the last, which is
    60 then) or one for each kind. `methods` None: the Web API and the upload URL. Kinds that concern Socket
    Mode strike payloads to the app in any case. ValueError for an unknown kind or impossible chances.
    """

    def __init__(
        self, seed: int, chances: Mapping[str, float], *, seconds: float | Mapping[str, float] = 1.0,
        methods: Collection[str] | None = None, error: str = "fatal_error",
    ) -> None:  # fmt: skip
        known = {FaultKind(kind): chance for kind, chance in chances.items()}
        self._delay = known.pop(FaultKind.DELAY, 0.0)
        self._api = {kind: chance for kind, chance in known.items() if kind not in SOCKET_KINDS}
        self._socket = {kind: chance for kind, chance in known.items() if kind in SOCKET_KINDS}
        if not all(0 <= chance <= 1 for chance in (self._delay, sum(self._api.values()), sum(self._socket.values()))):
            raise ValueError("the chances of a storm lie between 0 and 1 together")
        self._seconds, self._methods, self._error = seconds, methods, error
        self._random = random.Random(seed)  # noqa: S311 - nothing secret

    def strike(self, method: str) -> Iterator[Fault]:
        """The faults that hit this call: perhaps a delay, and at most one other."""
        if self._covers(method) and self._random.random() < self._delay:
            yield self._fault(method, FaultKind.DELAY)
        chances = self._socket if method == SOCKET else self._api if self._covers(method) else {}
        if not chances:
            return
        drawn = self._random.random()
        for kind, chance in chances.items():
            drawn -= chance
            if drawn < 0:
                yield self._fault(method, kind)
                return

    def _covers(self, method: str) -> bool:
        if self._methods is None:
            return method == UPLOAD or method not in APART
        return method in self._methods

    def _fault(self, method: str, kind: FaultKind) -> Fault:
        if isinstance(self._seconds, Mapping):
            seconds = self._seconds.get(kind, HELD if kind.startswith("timeout") else 1.0)
        else:
            seconds = HELD if kind.startswith("timeout") else self._seconds
        return Fault(method=method, kind=kind, seconds=seconds, error=self._error)
