"""Asks Sendoso whether an access opens its API, before it counts. It changes nothing that is in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx2

from bot.clock import Clock
from bot.sends.connecting import OAUTH, TOKEN, NotConnectedError, how, refused
from bot.sends.sources import sendoso_page
from bot.sends.sources.oauth import PROVIDER, TRIED, Credentials, FixedToken, OAuthTokens
from bot.sends.sources.sendoso_http import SendosoError, SendosoHttp
from storage import secrets
from storage.engine import Database
from storage.secrets import UnreadableSecretError, Vault

PATIENCE = httpx2.Timeout(5.0)
LIST, ONE = "/api/v3/send", {"page": 1, "per_page": 1}


def try_out(database: Database, keys: Sequence[str], address: str, access: Mapping[str, Any], clock: Clock) -> None:
    """Ask Sendoso for one send. Raises `NotConnectedError`; access without a way into the API is not asked.

    A refresh token of OAuth is spent by that. The pair that it buys is kept, encrypted, in a name of its own, so that
    who comes with the same refresh token once more is not turned away, and what is in force stays untouched.
    """
    if not how(access):
        return
    http = SendosoHttp(address, attempts=1, timeout=PATIENCE)
    try:
        credentials = _credentials(http, database, keys, access, clock)
        token = _asked(credentials.token, address, buying=True)
        body = _asked(lambda: http.get(LIST, ONE, token), address)
        _asked(lambda: sendoso_page.read(body, 1, clock()), address)
    finally:
        http.close()


def _asked(ask: Any, address: str, *, buying: bool = False) -> Any:  # noqa: ANN401 - JSON, or a token
    try:
        return ask()
    except SendosoError as error:
        said = refused(error, address, buying=buying)
    raise NotConnectedError(said)


def _credentials(
    http: SendosoHttp, database: Database, keys: Sequence[str], access: Mapping[str, Any], clock: Clock,
) -> Credentials:
    if how(access) == "token":
        return FixedToken(str(access[TOKEN]))
    client_id, client_secret, seed = (str(access[name]) for name in OAUTH)
    vault = Vault(keys)
    return OAuthTokens(
        http, database, vault, client_id=client_id, client_secret=client_secret, seed=seed, clock=clock,
        provider=PROVIDER if _is_in_force(database, vault, seed) else TRIED,
    )


def _is_in_force(database: Database, vault: Vault, seed: str) -> bool:
    """Whether the pair in use comes from this very refresh token, which then must not be spent again."""
    try:
        with database.read() as session:
            return secrets.pair(session, vault, PROVIDER, seed) is not None
    except UnreadableSecretError:
        return False
