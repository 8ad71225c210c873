"""Sendoso's list of sends, page by page, with whatever opens the API."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from typing import Any

import httpx2

from bot.clock import Clock, system_clock
from bot.sends.sources import sendoso_page
from bot.sends.sources.oauth import Credentials, FixedToken, OAuthTokens
from bot.sends.sources.sendoso_http import SendosoError, SendosoHttp
from bot.sends.sources.sendoso_page import PER_PAGE, Page
from storage.engine import Database
from storage.secrets import Vault

__all__ = ["PER_PAGE", "Page", "SendosoClient", "SendosoError", "connect"]


class SendosoClient:
    """Reads `GET /api/v3/send`, at most 8 requests a second."""

    def __init__(self, http: SendosoHttp, credentials: Credentials, clock: Clock = system_clock) -> None:
        self._http, self._credentials, self._clock = http, credentials, clock

    def page(self, number: int, before_each: Callable[[], None] = lambda: None) -> Page:
        """The page `number` (the first is 1). `before_each` runs before every attempt.

        Raises `SendosoError` once asking again makes no sense any more.
        """
        asked_at = self._clock()
        token = self._credentials.token()
        try:
            body = self._list(number, token, before_each)
        except SendosoError as error:
            if error.status != HTTPStatus.UNAUTHORIZED:
                # What `before_each` raises, such as that another sync has taken over, is no word of Sendoso's.
                if number == 1 or type(error) is not SendosoError:
                    raise
                raise SendosoError(f"{error} That was page {number} of its list.", error.status) from None
            body = self._list_again(number, self._credentials.renew(token), before_each)
        return sendoso_page.read(body, number, asked_at)

    def pages(self, start: int = 1) -> Iterator[Page]:
        """Pages from `start` on, up to the first that is empty."""
        number = start
        while (page := self.page(number)).items:
            yield page
            number += 1

    def close(self) -> None:
        """Close the connections to Sendoso."""
        self._http.close()

    def _list(self, number: int, token: str, before_each: Callable[[], None]) -> Any:  # noqa: ANN401 - JSON
        return self._http.get("/api/v3/send", {"page": number, "per_page": PER_PAGE}, token, before_each)

    def _list_again(self, number: int, token: str, before_each: Callable[[], None]) -> Any:  # noqa: ANN401 - JSON
        try:
            return self._list(number, token, before_each)
        except SendosoError as error:
            if error.status != HTTPStatus.UNAUTHORIZED:
                raise
            raise SendosoError(
                f"{error} That was a token Sendoso had only just given: does the application behind "
                "SENDOSO_CLIENT_ID have the right to read sends?",
                error.status,
            ) from None


def connect(
    database: Database, *, url: str, access_token: str | None = None, client_id: str | None = None,
    client_secret: str | None = None, refresh_token: str | None = None, encryption_keys: Sequence[str] = (),
    clock: Clock = system_clock, sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic, transport: httpx2.BaseTransport | None = None,
    attempts: int | None = None, first_wait: float | None = None,
) -> SendosoClient:
    """A client from settings of the same names; OAuth where it is set up, else the fixed token.

    ValueError where neither is complete. `transport`, `sleep`, `monotonic`, `attempts` and `first_wait` (in
    seconds) let tests stand in for the network and the time it takes.
    """
    given = {"attempts": attempts, "first_wait": first_wait}
    options: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    http = SendosoHttp(url, transport=transport, sleep=sleep, monotonic=monotonic, **options)
    credentials: Credentials
    if client_id and client_secret and refresh_token:
        credentials = OAuthTokens(
            http, database, Vault(encryption_keys), client_id=client_id, client_secret=client_secret,
            seed=refresh_token, clock=clock, sleep=sleep,
        )
    elif access_token:
        credentials = FixedToken(access_token)
    else:
        raise ValueError("Sendoso's API needs an access token, or OAuth's client id, client secret and refresh token")
    return SendosoClient(http, credentials, clock)
