"""The state of an installation under way, signed instead of stored: whoever begins one leaves nothing behind. Pure."""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256

LIFE = timedelta(minutes=10)
"""How long somebody may take to press Allow."""
_STATE = re.compile(r"([0-9]{1,12})\.[\w-]{32}\.([0-9a-f]{64})", re.ASCII)
_WHAT_FOR = "sendwatch install state"
"""Signed along, so that what else may be signed with the same secret is no state."""


def begun(secret: str, now: datetime) -> str:
    """A state that nobody has had before, and that says itself until when it is good."""
    said = f"{int((now + LIFE).timestamp())}.{secrets.token_urlsafe(24)}"
    return f"{said}.{_signature(secret, said)}"


def ends_at(secret: str, state: str, now: datetime) -> datetime | None:
    """Until when a state is good; None for one that was not begun with this secret, or is over."""
    found = _STATE.fullmatch(state)
    if found is None or not hmac.compare_digest(found[2], _signature(secret, state.rpartition(".")[0])):
        return None
    until = datetime.fromtimestamp(int(found[1]), UTC)
    return until if now < until else None


def _signature(secret: str, said: str) -> str:
    return hmac.new(secret.encode(), f"{_WHAT_FOR}.{said}".encode(), sha256).hexdigest()
