"""Access to Sendoso: a fixed token, or OAuth whose refresh tokens each work only once."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Protocol

import structlog
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.sends.sources.sendoso_http import SendosoError, SendosoHttp
from storage import leases, secrets
from storage.engine import Database
from storage.secrets import TokenPair, UnreadableSecretError, Vault

log = structlog.get_logger()

PROVIDER = "sendoso"
TRIED = "sendoso-tried"
"""In whose name a pair is kept that was bought to see whether it works, before it counts."""
LEASE_LENGTH = timedelta(minutes=4)
"""Longer than all attempts at one refresh together, so that no second process spends the same token."""

EARLY = timedelta(minutes=2)
"""An access token with less time left is renewed before it is used."""

LIFE = 7200.0
"""Seconds an access token lives, as Sendoso's documentation gives it, where an answer does not say."""

LONGEST_LIFE = 10**9
"""Seconds; an answer that names more has made a mistake."""

WAITS = 240
"""Seconds to wait for another process; a little less than its lease."""

ANEW = "Authorise Sendwatch with Sendoso anew and set SENDOSO_REFRESH_TOKEN to the refresh token you get."


class Credentials(Protocol):
    """What opens Sendoso's API."""

    def token(self) -> str:
        """An access token that should work now."""

    def renew(self, refused: str) -> str:
        """Another token after Sendoso refused that one. Raises `SendosoError` saying what a person must do."""


@dataclass(frozen=True, repr=False)
class FixedToken:
    """SENDOSO_ACCESS_TOKEN."""

    value: str

    def token(self) -> str:
        return self.value

    def renew(self, refused: str) -> str:  # noqa: ARG002 - as Credentials asks
        raise SendosoError(
            "Sendoso refuses SENDOSO_ACCESS_TOKEN (401): it has run out or was revoked. Set a new one, "
            "or use SENDOSO_CLIENT_ID, SENDOSO_CLIENT_SECRET and SENDOSO_REFRESH_TOKEN, which renew themselves.",
            HTTPStatus.UNAUTHORIZED,
        )


class OAuthTokens:
    """Token pairs that follow one another from SENDOSO_REFRESH_TOKEN on, kept encrypted in the database.

    A refresh token is spent under a lease, by one process at a time, and the pair that it bought is
    committed before anybody uses it. What cannot be promised: if the process dies between Sendoso's answer
    and that commit, the new pair is lost and somebody has to authorise again.
    """

    def __init__(
        self, http: SendosoHttp, database: Database, vault: Vault, *, client_id: str, client_secret: str,
        seed: str, clock: Clock, sleep: Callable[[float], None] = time.sleep, provider: str = PROVIDER,
    ) -> None:
        self._http, self._database, self._vault, self._provider = http, database, vault, provider
        self._form = {"client_id": client_id, "client_secret": client_secret}
        self._seed, self._clock, self._sleep = seed, clock, sleep
        self._holder = uuid.uuid4().hex

    @property
    def _lease(self) -> str:
        return f"{self._provider}-token"

    def token(self) -> str:
        with self._database.read() as session:
            pair = self._stored(session)
        return pair.access if pair and self._lasts(pair) else self._successor(None)

    def renew(self, refused: str) -> str:
        return self._successor(refused)

    def _successor(self, refused: str | None) -> str:
        """A working access token: one that another process bought meanwhile, or else the next of the line."""
        for _ in range(WAITS):
            now = self._clock()
            holder = f"{self._holder}/{uuid.uuid4().hex}"
            with self._database.write() as session:
                fencing = leases.take(session, self._lease, holder, now, LEASE_LENGTH)
                pair = self._stored(session)
                usable = pair is not None and pair.access != refused and self._lasts(pair)
                if fencing is not None and usable:
                    leases.release(session, self._lease, holder, fencing)
            if pair is not None and usable:
                return pair.access
            if fencing is not None:
                return self._buy(pair, holder, fencing)
            self._sleep(1)
        raise SendosoError("Another Sendwatch process has been renewing Sendoso's token for minutes. Try again later.")

    def _buy(self, pair: TokenPair | None, holder: str, fencing: int) -> str:
        try:
            bought = self._exchange(pair.refresh if pair else self._seed)
            with self._database.write() as session:
                kept = secrets.store(
                    session, self._vault, self._provider, self._seed, bought, self._clock(), over=pair,
                )
                current = bought if kept else self._stored(session)
        finally:
            with self._database.write() as session:
                leases.release(session, self._lease, holder, fencing)
        log.info("sendoso_token_renewed", first=pair is None, stored=kept)
        return (current or bought).access

    def _exchange(self, refresh: str) -> TokenPair:
        asked = self._clock()
        form = self._form | {"grant_type": "refresh_token", "refresh_token": refresh}
        try:
            reply = self._http.post("/oauth/token", form)
        except SendosoError as error:
            if error.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
                raise SendosoError(
                    # No colon behind "token": what follows one is taken out of the log.
                    f"Sendoso does not renew the access. {error} Are SENDOSO_CLIENT_ID and "
                    f"SENDOSO_CLIENT_SECRET right? If so, the refresh token was used up or revoked. {ANEW}",
                    error.status,
                ) from None
            raise
        return _bought(reply, refresh, asked)

    def _stored(self, session: Session) -> TokenPair | None:
        try:
            return secrets.pair(session, self._vault, self._provider, self._seed)
        except UnreadableSecretError as error:
            raise SendosoError(f"Sendoso's token cannot be read. {error} If that key is lost: {ANEW}") from None

    def _lasts(self, pair: TokenPair) -> bool:
        return pair.expires_at - self._clock() > EARLY


def _bought(reply: object, spent: str, asked: datetime) -> TokenPair:
    fields: dict[str, Any] = reply if isinstance(reply, dict) else {}
    access, refresh, given = fields.get("access_token"), fields.get("refresh_token"), fields.get("expires_in")
    if not isinstance(access, str) or not access:
        raise SendosoError("Sendoso answered the renewal of its token without an access_token.")
    life = float(given) if isinstance(given, int | float) and 0 < given < LONGEST_LIFE else LIFE
    return TokenPair(
        access=access,
        refresh=refresh if isinstance(refresh, str) and refresh else spent,
        expires_at=asked + timedelta(seconds=life),
    )
