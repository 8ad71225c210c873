"""Faults on demand: what can go wrong between Sendwatch and Sendoso, so many times."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What goes wrong. The `_after` kinds happen after the call has had its effect."""

    TOO_MANY = "429"
    SERVER_ERROR = "500"
    UNAVAILABLE = "503"
    SERVER_ERROR_AFTER = "500_after"
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    REFUSED = "422"
    REDIRECT = "302"
    DROP = "drop"
    DROP_AFTER = "drop_after"
    TIMEOUT = "timeout"
    NOT_JSON = "not_json"
    WRONG_SHAPE = "wrong_shape"


WORDS = {
    FaultKind.TOO_MANY: "Too many requests (429, without Retry-After)",
    FaultKind.SERVER_ERROR: "500",
    FaultKind.UNAVAILABLE: "503 with a page instead of JSON",
    FaultKind.SERVER_ERROR_AFTER: "500, although it was done",
    FaultKind.UNAUTHORIZED: "The access token is refused",
    FaultKind.FORBIDDEN: "Not allowed",
    FaultKind.REFUSED: "An error of Sendoso's own",
    FaultKind.REDIRECT: "It sends elsewhere",
    FaultKind.DROP: "Connection dropped",
    FaultKind.DROP_AFTER: "Connection dropped, although it was done",
    FaultKind.TIMEOUT: "No answer",
    FaultKind.NOT_JSON: "An answer that is not JSON",
    FaultKind.WRONG_SHAPE: "JSON that is no list of sends",
}


@dataclass(kw_only=True)
class Fault:
    """`method` is "list", "token" or "*". `times` None: until cleared. `seconds`: how long no answer comes."""

    method: str
    kind: FaultKind
    times: int | None = 1
    seconds: float = 60.0


class Faults:
    """The faults that wait to happen, first come, first served."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, method: str, kind: str, times: int | None = 1, *, seconds: float = 60.0) -> Fault:
        """Let the next `times` calls of `method` go wrong. ValueError for a kind that does not exist."""
        fault = Fault(method=method, kind=FaultKind(kind), times=times, seconds=seconds)
        with self._lock:
            self._waiting.append(fault)
        return fault

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._waiting.clear()

    def take(self, method: str) -> Fault | None:
        """The fault of this call, if one waits for it."""
        with self._lock:
            found = next((fault for fault in self._waiting if fault.method in {method, "*"}), None)
            if found is not None and found.times is not None:
                found.times -= 1
                if found.times <= 0:
                    self._waiting.remove(found)
            return found
