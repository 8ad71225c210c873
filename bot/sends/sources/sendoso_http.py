"""One line to Sendoso's API: its pace, its troubles, and what they mean for the person who must act."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from http import HTTPStatus
from typing import Any

import httpx2
import stamina

PER_SECOND = 8
"""Requests a second; Sendoso's FAQ allows 10 per application, and others may use the same one."""

ATTEMPTS = 6
TIMEOUT = httpx2.Timeout(15.0, connect=5.0)
FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
"""Seconds between attempts, doubling. Sendoso's 429 says neither how long it lasts nor Retry-After."""

LARGEST_ANSWER = 16 * 1024 * 1024
"""Bytes, unpacked. A page of sends has some 100 KB; more than this is a mistake or an attack on the memory."""

LONGEST_ANSWER = 60.0
"""Seconds. `TIMEOUT` only says how long a single piece may take, of which there may be any number."""

LONGEST_ASKED_WAIT = 60.0
"""A longer Retry-After than this is not sat out; the next sync comes anyway."""

ADVICE: dict[int, str] = {
    HTTPStatus.FORBIDDEN: " The token lacks the right to read sends.",
    HTTPStatus.NOT_FOUND: " Is SENDOSO_API_URL right?",
}

SAID = 200
_EMAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
_SECONDS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?")


class SendosoError(Exception):
    """Sendoso cannot be read now. The text is for a person; `status` is the HTTP status where there was one."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class PassingError(SendosoError):
    """Trouble that may be over soon, so that asking again is right. `after`: seconds to wait, if Sendoso said."""

    def __init__(self, message: str, status: int | None = None, after: float | None = None) -> None:
        super().__init__(message, status)
        self.after = after


class Pace:
    """Lets calls pass at most `per_second` times a second, evenly spaced, whoever calls."""

    def __init__(self, per_second: float, monotonic: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._gap = 1 / per_second
        self._monotonic, self._sleep = monotonic, sleep
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Come back when it is this call's turn."""
        with self._lock:
            now = self._monotonic()
            turn = max(now, self._next)
            self._next = turn + self._gap
        if turn > now:
            self._sleep(turn - now)


class SendosoHttp:
    """Asks Sendoso and gives back JSON. `url` as in SENDOSO_API_URL, with or without `/api/v3` behind it."""

    def __init__(
        self, url: str, *, transport: httpx2.BaseTransport | None = None, attempts: int = ATTEMPTS,
        first_wait: float = FIRST_WAIT, sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic, timeout: httpx2.Timeout = TIMEOUT,
    ) -> None:
        self._url = re.sub(r"(/api(/v3)?)?/*$", "", url)
        self._pace = Pace(PER_SECOND, monotonic, sleep)
        self._attempts, self._first_wait, self._monotonic = attempts, first_wait, monotonic
        # Redirects are not followed: a token must not travel to wherever an answer points.
        self._client = httpx2.Client(transport=transport, timeout=timeout, follow_redirects=False)

    def close(self) -> None:
        self._client.close()

    def get(
        self, path: str, params: Mapping[str, int], token: str, before_each: Callable[[], None] = lambda: None,
    ) -> Any:  # noqa: ANN401 - JSON
        """What Sendoso answers to a bearer of `token`, asked again while the trouble is a passing one.

        `before_each` runs before every attempt. Raises `SendosoError`, with status 401 for a token refused.
        """
        if not (token.isascii() and token.isprintable()):
            raise SendosoError("Sendoso's access token contains characters that no token has.")
        headers = {"Authorization": f"Bearer {token}"}
        return self._ask(self._request("GET", path, headers=headers, params=dict(params)), before_each)

    def post(self, path: str, form: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
        """What Sendoso answers to a form. Retries and errors as with `get`."""
        return self._ask(self._request("POST", path, data=dict(form)))

    def _request(self, method: str, path: str, **parts: Any) -> httpx2.Request:  # noqa: ANN401 - as httpx2 takes them
        try:
            request = self._client.build_request(method, self._url + path, **parts)
        except httpx2.InvalidURL:
            raise SendosoError(f"SENDOSO_API_URL is not an address: {self._url}") from None
        request.headers["Accept"] = "application/json"
        return request

    def _ask(self, request: httpx2.Request, before_each: Callable[[], None] = lambda: None) -> Any:  # noqa: ANN401
        again = stamina.retry_context(
            on=_worth_asking_again, attempts=self._attempts, timeout=None,
            wait_initial=self._first_wait, wait_max=LONGEST_WAIT, wait_jitter=self._first_wait,
        )
        try:
            for attempt in again:
                with attempt:
                    before_each()
                    self._pace.wait()
                    return self._once(request)
        except PassingError as error:
            tried = f" Asked {self._attempts} times." if self._attempts > 1 else ""
            raise SendosoError(f"{error}{tried}", error.status) from None
        raise AssertionError("stamina gave up without an error")  # pragma: no cover

    def _once(self, request: httpx2.Request) -> Any:  # noqa: ANN401 - JSON
        try:
            response = self._client.send(request, stream=True)
            with closing(response):
                body = self._body(response)
        except httpx2.TimeoutException:
            raise PassingError("Sendoso did not answer in time.") from None
        except httpx2.ConnectError:
            raise PassingError(f"Cannot reach Sendoso at {self._url}; is SENDOSO_API_URL right?") from None
        except httpx2.HTTPError as error:
            raise PassingError(f"The connection to Sendoso broke ({type(error).__name__}).") from None
        if response.is_success:
            return _json(response.status_code, body)
        raise _trouble(response, body)

    def _body(self, response: httpx2.Response) -> bytes:
        """All that was answered, unpacked."""
        body, until = bytearray(), self._monotonic() + LONGEST_ANSWER
        for piece in response.iter_bytes():
            body += piece
            if len(body) > LARGEST_ANSWER:
                raise SendosoError(
                    f"Sendoso's answer is larger than {LARGEST_ANSWER // 1024 ** 2} MB, which no page of sends is.",
                    response.status_code,
                )
            if self._monotonic() > until:
                raise PassingError(
                    f"Sendoso's answer took longer than {LONGEST_ANSWER:.0f} seconds.", response.status_code,
                )
        return bytes(body)


def _worth_asking_again(error: Exception) -> bool | float:
    if not isinstance(error, PassingError):
        return False
    return True if error.after is None else error.after


def _json(status: int, body: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        # A proxy's page, or an answer cut short.
        raise PassingError("Sendoso answered with something that is not JSON.", status) from None


def _trouble(response: httpx2.Response, body: bytes) -> SendosoError:
    status = response.status_code
    what = f"Sendoso answered {status}{_said(body)}"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return PassingError(f"{what}: too many requests.", status, _retry_after(response))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return PassingError(f"{what}.", status)
    advice = ADVICE.get(status, "")
    if response.is_redirect:
        advice = " It sends elsewhere; SENDOSO_API_URL must be the address of the API itself."
    return SendosoError(f"{what}.{advice}", status)


def _retry_after(response: httpx2.Response) -> float | None:
    given = response.headers.get("retry-after", "").strip()
    if not _SECONDS.fullmatch(given) or float(given) > LONGEST_ASKED_WAIT:
        return None
    return float(given)


def _said(body: bytes) -> str:
    """The words of an error body, in any of the shapes in which Sendoso writes one."""
    try:
        return said(json.loads(body))
    except (ValueError, RecursionError):
        return ""


def said(body: object) -> str:
    """What an error body says, as ` (…)`, clipped and without e-mail addresses; empty if it says nothing."""
    if not isinstance(body, dict):
        return ""
    names = ("message", "description", "error_description", "error")
    words = next((body[name] for name in names if isinstance(body.get(name), str) and body[name].strip()), "")
    line = _EMAIL.sub("…", " ".join(words.split()))[:SAID].rstrip(".")
    return f" ({line})" if line else ""
