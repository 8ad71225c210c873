"""A workspace's own access to Sendoso, as its admins see and change it: secrets go in, and none comes out again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from bot.sends.sources.sendoso_http import SendosoError
from bot.sends.webhook_secret import signs

TOKEN, WEBHOOKS, ADDRESS = "sendoso_access_token", "sendoso_webhook_secrets", "sendoso_api_url"
OAUTH = ("sendoso_client_id", "sendoso_client_secret", "sendoso_refresh_token")
"""What access may consist of, by the names of settings."""
OWN_DOMAIN = "sendoso.com"
MOST_SECRETS = 10
LONGEST = 3000

How = Literal["", "token", "oauth"]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What may be told of the access as it is: nothing of it is secret."""

    how: How = ""
    webhooks: int = 0
    """How many secrets of webhooks are stored."""
    address: str = ""
    """Where its own API is asked; empty where it is the server's `usual` one."""
    usual: str = ""
    by: str = ""
    """Who changed it last: a Slack user id, "cli", or empty where nobody knows."""
    at: datetime | None = None

    @property
    def is_set(self) -> bool:
        """Whether sends come in by themselves."""
        return bool(self.how or self.webhooks)


class NotConnectedError(Exception):
    """The access was not stored. The text says to a person why, and what to do; nothing in it is secret."""


class Desk(Protocol):
    """Where a workspace's access is looked at and changed. What is given is plain data by the names above."""

    def standing(self) -> Standing:
        """How it stands now."""

    def connect(self, given: Mapping[str, Any], by: str, key: str) -> Standing:
        """Ask Sendoso with what is given, and what is kept of before; put it into force. Takes seconds.

        Raises `NotConnectedError`, and then nothing is stored. `key` tells one wish from another.
        """

    def disconnect(self, by: str, key: str) -> bool:
        """Forget the access; False where there was none."""


# --- what was filled in -------------------------------------------------------------------------------


def mistakes(given: Mapping[str, Any], stand: Standing) -> dict[str, str]:
    """What cannot be right in what was filled in, a sentence by the name of its field; none quotes a secret."""
    found = dict(_ways(given, stand))
    for name in (TOKEN, *OAUTH):
        if given.get(name) and not _is_token(given[name]):
            found[name] = "Holds spaces or signs that none has: copy it once more, alone."
    wrong = [place for place, one in enumerate(given.get(WEBHOOKS, ()), 1) if not (isinstance(one, str) and signs(one))]
    if wrong:
        found[WEBHOOKS] = f"Number {wrong[0]} is no signing secret. Sendoso's portal shows one as whsec_…"
    elif len(given.get(WEBHOOKS, ())) > MOST_SECRETS:
        found[WEBHOOKS] = f"At most {MOST_SECRETS}, please: one for each endpoint that is in use."
    if given.get(ADDRESS) and not is_allowed(str(given[ADDRESS]), stand):
        found[ADDRESS] = (
            f"Write an https address of {OWN_DOMAIN}, such as https://app.{OWN_DOMAIN}. Any other one is set by "
            "whoever runs Sendwatch."
        )
    return found


def _ways(given: Mapping[str, Any], stand: Standing) -> Iterator[tuple[str, str]]:
    oauth = [name for name in OAUTH if given.get(name)]
    if given.get(TOKEN) and oauth:
        yield TOKEN, "Either this, or the three of OAuth below: leave the other empty."
    elif oauth:
        missing = (name for name in OAUTH if name not in oauth)
        yield from ((name, "OAuth needs all three. Fill this in, too.") for name in missing)
    elif not (given.get(TOKEN) or given.get(WEBHOOKS)) and (given.get(ADDRESS) or "") == stand.address:
        said = "Nothing would change by this. " if stand.is_set else ""
        yield TOKEN, f"{said}Fill in an access token, or the three of OAuth below."
    elif not (given.get(TOKEN) or given.get(WEBHOOKS) or stand.is_set):
        yield TOKEN, "An address alone opens nothing. Fill in an access token, or the three of OAuth below."


def _is_token(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable() and " " not in value


def is_allowed(address: str, stand: Standing) -> bool:
    """Whether a workspace's admin may have that address asked.

    It must be Sendoso's, or one that whoever runs the server has set: else an admin of one workspace could have the
    server ask addresses within its own network.
    """
    if address in {stand.usual, stand.address}:
        return True
    if not _is_token(address):
        # Python passes over line breaks and spaces in an address, where others may not.
        return False
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    return (
        parts.scheme == "https" and port in {None, 443} and parts.username is None
        and re.fullmatch(r"[a-z0-9.-]+", host) is not None
        and (host == OWN_DOMAIN or host.endswith(f".{OWN_DOMAIN}"))
        and re.fullmatch(r"[\w./~-]*", parts.path, re.ASCII) is not None and not (parts.query or parts.fragment)
    )


def merged(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The access as it would be: what was left empty stays, one way in takes the place of the other."""
    found = dict(before)
    for way in ((TOKEN,), OAUTH):
        if given.get(way[0]):
            found = {name: one for name, one in found.items() if name not in {TOKEN, *OAUTH}}
            found |= {name: given[name] for name in way}
    if given.get(WEBHOOKS):
        found[WEBHOOKS] = list(given[WEBHOOKS])
    if ADDRESS in given:
        found.pop(ADDRESS, None)
        found |= {ADDRESS: given[ADDRESS]} if given[ADDRESS] else {}
    return found


def how(access: Mapping[str, Any]) -> How:
    """Which way in it is."""
    return "oauth" if access.get(OAUTH[2]) else "token" if access.get(TOKEN) else ""


def told(access: Mapping[str, Any]) -> dict[str, Any]:
    """What the record says of an access; empty where there is none."""
    address = urlsplit(str(access.get(ADDRESS) or ""))
    named = {"access": how(access), "webhook_secrets": len(access.get(WEBHOOKS, ())), "host": address.hostname}
    return {name: one for name, one in named.items() if one}


# --- why Sendoso does not take it ---------------------------------------------------------------------

AGAIN = "Nothing was stored."
OWN_TROUBLE = "That is trouble of Sendoso's own, and may be over soon: try again in some minutes."


def refused(error: SendosoError, address: str, *, buying: bool = False) -> str:
    """Why Sendoso does not let us in, and what to do. What Sendoso says itself is left out: it may quote a token.

    `buying`: while OAuth's first token was asked for.
    """
    host, status = urlsplit(address).hostname or "there", error.status
    if status is None or status == HTTPStatus.OK:
        said = (
            f"Sendoso did not answer at {host}, or not as its API does. Look at the address; if it is right, try again "
            "in some minutes, and tell whoever runs Sendwatch if it lasts: the server may not get out to it."
        )
    elif status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        said = f"Sendoso answered {status}. {OWN_TROUBLE}"
    elif buying and status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
        said = (
            f"Sendoso does not take these three ({status}). Are client id and client secret right? A refresh token "
            "works only once: authorise Sendwatch with Sendoso anew and use the one that you get."
        )
    elif status == HTTPStatus.UNAUTHORIZED:
        said = (
            "Sendoso refuses this token (401): it is mistyped, has run out or was revoked. Copy it once more from "
            "Sendoso, or make a new one there."
        )
    elif status == HTTPStatus.FORBIDDEN:
        said = (
            "Sendoso knows this token, but it lacks the right to read sends (403). Have somebody make one who is an "
            "admin in Sendoso."
        )
    else:
        said = f"There is no API of Sendoso's at {host} ({status}). Look at the address."
    return f"{said} {AGAIN}"
