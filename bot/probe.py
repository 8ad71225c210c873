"""Asks the bot that runs on this machine how it is; for the health check of a container."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

SECONDS = 8
"""Longer than the three after which `/readyz` itself gives the database up."""
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is listened on, and how it is reached


STRANGE = "http"
"""Name of the problem that something else answers there, or in another way than a bot does."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What `/readyz` says: name and reason of each problem; `answers` is False where nobody is there."""

    is_ready: bool
    answers: bool = True
    problems: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, object]:
        """The same, for programs."""
        return {
            "ready": self.is_ready, "answers": self.answers,
            "problems": [{"name": name, "reason": reason} for name, reason in self.problems],
        }

    def as_text(self) -> str:
        """A line for each problem, or one that says that there is none."""
        return "\n".join(f"{name}: {reason}" for name, reason in self.problems) or "ready"


def ask(host: str, port: int) -> Told:
    """Ask the bot that listens on `host` and `port` of this machine."""
    host = EVERYWHERE.get(host, host)
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}/readyz"
    try:
        with urlopen(url, timeout=SECONDS) as answer:
            return _told(json.load(answer))
    except HTTPError as error:
        with error:
            return _of_error(error)
    except (OSError, HTTPException, ValueError):
        return Told(is_ready=False, answers=False, problems=(("gone", f"no Sendwatch answers at {url}"),))


def _of_error(error: HTTPError) -> Told:
    try:
        return _told(json.load(error))
    except (OSError, HTTPException, ValueError):
        return Told(is_ready=False, problems=((STRANGE, f"/readyz answers {error.code}"),))


def _told(found: Any) -> Told:  # noqa: ANN401 - JSON
    said = found.get("problems") if isinstance(found, dict) else None
    if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
        raise ValueError("not what /readyz says")
    problems = tuple((str(one.get("name")), str(one.get("reason"))) for one in said)
    return Told(is_ready=found.get("status") == "ready", problems=problems)
