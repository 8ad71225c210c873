"""One fault: what can go wrong between an app and Slack."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What goes wrong. The `_after` kinds happen after the call has had its effect."""

    RATE_LIMITED = "429"
    INTERNAL_ERROR = "internal_error"
    INTERNAL_ERROR_AFTER = "internal_error_after"
    ERROR = "error"
    SERVER_ERROR = "500"
    SERVER_ERROR_AFTER = "500_after"
    DROP = "drop"
    DROP_AFTER = "drop_after"
    TIMEOUT = "timeout"
    TIMEOUT_AFTER = "timeout_after"
    NOT_JSON = "not_json"
    NOT_JSON_AFTER = "not_json_after"
    DELAY = "delay"
    DUPLICATE = "duplicate"
    DISCONNECT = "disconnect"
    CUT = "cut"


WORDS = {
    FaultKind.RATE_LIMITED: "Too many requests (429 with Retry-After)",
    FaultKind.INTERNAL_ERROR: "internal_error, nothing done",
    FaultKind.INTERNAL_ERROR_AFTER: "internal_error, although it was done",
    FaultKind.ERROR: "An error of your choice",
    FaultKind.SERVER_ERROR: "500, nothing done",
    FaultKind.SERVER_ERROR_AFTER: "500, although it was done",
    FaultKind.DROP: "Connection dropped, nothing done",
    FaultKind.DROP_AFTER: "Connection dropped, although it was done",
    FaultKind.TIMEOUT: "No answer, nothing done",
    FaultKind.TIMEOUT_AFTER: "No answer, although it was done",
    FaultKind.NOT_JSON: "An answer that is not JSON, nothing done",
    FaultKind.NOT_JSON_AFTER: "An answer that is not JSON, although it was done",
    FaultKind.DELAY: "A slow answer",
    FaultKind.DUPLICATE: "Each payload to the app comes twice",
    FaultKind.DISCONNECT: "Socket Mode asks the app to reconnect",
    FaultKind.CUT: "Socket Mode connection is cut",
}
SOCKET_KINDS = {FaultKind.DUPLICATE, FaultKind.DISCONNECT, FaultKind.CUT}
SOCKET = "socket"
"""The name under which faults of payloads on their way to the app are kept."""
RESPONSE_URL = "response_url"
"""The name under which faults of response URLs are kept: a delay, or any other kind for a 500."""
UPLOAD = "upload"
"""The name under which faults of upload URLs are kept: one that would give an answer of the Web API gives a 500."""
APART = {SOCKET, RESPONSE_URL, UPLOAD}
"""What "*" does not stand for."""


@dataclass(kw_only=True)
class Fault:
    """`times` None: until cleared. `seconds` is the Retry-After, the delay or how long no answer comes."""

    method: str
    kind: FaultKind
    times: int | None = 1
    seconds: float = 1.0
    error: str = "fatal_error"

    @property
    def after(self) -> bool:
        """Whether the call has its effect first."""
        return self.kind.endswith("_after")

    def fits(self, method: str) -> bool:
        return self.method == method or (self.method == "*" and method not in APART)
