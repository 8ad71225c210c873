"""Who may read: bearer tokens, and refresh tokens that each work once."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Clock

LIFE = timedelta(seconds=7200)
PER_SECOND = 10


class Access:
    """The tokens that Sendoso knows. `access_token` always works; others come from `refresh`."""

    def __init__(self, clock: Clock) -> None:
        self.client_id, self.client_secret = "playground-client", secrets.token_urlsafe(16)
        self.access_token = secrets.token_urlsafe(24)
        self.refresh_token = secrets.token_urlsafe(24)
        """The first refresh token, as an admin would set it in SENDOSO_REFRESH_TOKEN."""
        self.refreshes = 0
        self.spent_again = 0
        """How often somebody came with a refresh token that had been used before."""
        self._clock = clock
        self._lock = threading.Lock()
        self._until: dict[str, datetime] = {}
        self._fresh = {self.refresh_token}
        self._spent: set[str] = set()

    def allows(self, headers: Mapping[str, str]) -> bool:
        """Whether the Authorization header carries a token that works now."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return False
        return token == self.access_token or self._until.get(token, self._clock()) > self._clock()

    def revoke(self) -> None:
        """Make every access token void that came from a refresh; the refresh tokens stay good."""
        self._until.clear()

    def authorise(self) -> str:
        """A new first refresh token, as if an admin had authorised the application anew; older ones are void."""
        with self._lock:
            self._fresh = {secrets.token_urlsafe(24)}
            (self.refresh_token,) = self._fresh
            return self.refresh_token

    def refresh(self, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        """The answer to `POST /oauth/token`: a new pair for a refresh token that was not used yet."""
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return 401, {"error": "invalid_client", "error_description": "Client authentication failed."}
        if form.get("grant_type") != "refresh_token":
            return 400, {"error": "unsupported_grant_type", "error_description": "This grant type is not supported."}
        token = form.get("refresh_token", "")
        with self._lock:
            self.spent_again += token in self._spent
            if token not in self._fresh:
                return 400, {"error": "invalid_grant", "error_description": "The refresh token is not valid."}
            self._fresh.remove(token)
            self._spent.add(token)
            self.refreshes += 1
            return 200, self._pair()

    def _pair(self) -> dict[str, Any]:
        access, refresh, now = secrets.token_urlsafe(24), secrets.token_urlsafe(24), self._clock()
        self._until[access] = now + LIFE
        self._fresh.add(refresh)
        return {
            "access_token": access, "token_type": "bearer", "expires_in": int(LIFE.total_seconds()),
            "refresh_token": refresh, "scope": "public", "created_at": int(now.timestamp()),
        }


class Throttle:
    """Ten calls in any second, and no more."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._last: deque[float] = deque(maxlen=PER_SECOND)

    def allows(self) -> bool:
        """Count a call; False when it is one too many."""
        with self._lock:
            now = self._monotonic()
            if len(self._last) == PER_SECOND and now - self._last[0] < 1:
                return False
            self._last.append(now)
            return True
