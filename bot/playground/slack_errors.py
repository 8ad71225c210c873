"""Refusals, in the words that Slack's Web API uses for them."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
"""An object as it travels between Slack and an app."""


class SlackError(Exception):
    """`code` is Slack's error id; `extra` is what Slack puts beside it in the answer."""

    def __init__(self, code: str, **extra: object) -> None:
        self.code = code
        self.extra = extra
        super().__init__(code)

    def answer(self) -> Json:
        """The body of the answer."""
        return {"ok": False, "error": self.code, **self.extra}


class RateLimitedError(SlackError):
    """Too many calls; `retry_after` is in seconds."""

    def __init__(self, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__("ratelimited")


def bad_argument(code: str, *messages: str) -> SlackError:
    """An error that says in detail what is wrong with the arguments."""
    lines = [f"[ERROR] {message}" for message in messages]
    return SlackError(code, errors=list(messages), response_metadata={"messages": lines})
