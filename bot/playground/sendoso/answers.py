"""How the small Sendoso answers a call, whatever carries it: HTTP in the playground, a function in tests."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from bot.playground.sendoso.faults import Fault, FaultKind
from bot.playground.sendoso.state import SendosoState

MOST_PER_PAGE = 100
USUAL_PER_PAGE = 10


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What goes back. `silent_for`: seconds without any answer; `dropped`: the connection ends instead."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    silent_for: float = 0.0
    dropped: bool = False


def list_sends(state: SendosoState, query: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
    """`GET /api/v3/send`. `headers` in lower case."""
    state.asked.append(("list", dict(query)))
    fault = state.faults.take("list")
    if fault is not None:
        return _gone_wrong(fault)
    if not state.throttle.allows():
        return _json(429, {"success": False, "message": "Too many requests"})
    if not state.access.allows(headers):
        return _refused()
    page, per_page = _number(query.get("page"), 1), _number(query.get("per_page"), USUAL_PER_PAGE)
    return _json(200, state.listed(page, min(per_page, MOST_PER_PAGE)))


def token(state: SendosoState, body: bytes) -> Answer:
    """`POST /oauth/token` with a form."""
    state.asked.append(("token", {}))
    fault = state.faults.take("token")
    if fault is not None and not fault.kind.endswith("_after"):
        return _gone_wrong(fault)
    status, said = state.access.refresh(dict(parse_qsl(body.decode("ascii", "replace"))))
    return _json(status, said) if fault is None else _gone_wrong(fault)


def _gone_wrong(fault: Fault) -> Answer:
    silent = Answer(silent_for=fault.seconds)
    return {
        FaultKind.TOO_MANY: _json(429, {"success": False, "message": "Too many requests"}),
        FaultKind.SERVER_ERROR: _json(500, {"success": False, "message": "Something went wrong"}),
        FaultKind.SERVER_ERROR_AFTER: _json(500, {"success": False, "message": "Something went wrong"}),
        FaultKind.UNAVAILABLE: Answer(status=503, body=b"<html>Down for maintenance</html>"),
        FaultKind.UNAUTHORIZED: _refused(),
        FaultKind.FORBIDDEN: _json(403, {"success": False, "message": "Not allowed"}),
        FaultKind.REFUSED: _json(422, {"success": False, "message": "Not to the liking of pat@example.com"}),
        FaultKind.REDIRECT: Answer(status=302, headers={"location": "https://sign-in.example.com/"}),
        FaultKind.DROP: Answer(dropped=True),
        FaultKind.DROP_AFTER: Answer(dropped=True),
        FaultKind.TIMEOUT: silent,
        FaultKind.NOT_JSON: Answer(body=b"<html>Hello</html>"),
        FaultKind.WRONG_SHAPE: _json(200, {"success": False, "message": "No sends here"}),
    }[fault.kind]


def _refused() -> Answer:
    return _json(401, {"success": False, "description": "The access token is invalid", "expired": False})


def _json(status: int, body: dict[str, Any]) -> Answer:
    return Answer(status=status, body=json.dumps(body).encode(), headers={"content-type": "application/json"})


def _number(given: str | None, usual: int) -> int:
    return int(given) if given and re.fullmatch(r"[1-9][0-9]{0,8}", given) else usual
