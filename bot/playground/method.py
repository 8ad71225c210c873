"""What a method of the Web API is: its arguments, and the table in which all of them stand."""

from __future__ import annotations

import json
from collections.abc import Callable

from bot.playground.slack import Slack
from bot.playground.slack_errors import Json, SlackError, bad_argument

Method = Callable[[Slack, "Args"], Json]


class Args(dict[str, object]):
    """Arguments of a call, from a form (all strings) or from JSON."""

    def words(self, name: str, default: str = "") -> str:
        """A string."""
        value = self.get(name)
        return default if value is None else str(value)

    def flag(self, name: str) -> bool:
        """True or false, however it was written."""
        return str(self.get(name, "")).lower() in {"1", "true"}

    def count(self, name: str, default: int, most: int) -> int:
        """A number from 1 to `most`. SlackError `invalid_limit`."""
        try:
            value = int(self.words(name) or default)
        except ValueError:
            raise SlackError("invalid_limit") from None
        if value < 1:
            raise SlackError("invalid_limit")
        return min(value, most)

    def structure(self, name: str, error: str) -> object:
        """A list or object, written as JSON in a form. SlackError `error` when it cannot be read."""
        value = self.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(error) from None

    def needed(self, name: str) -> str:
        """A string that must be there. SlackError `invalid_arguments`."""
        value = self.words(name)
        if not value:
            raise bad_argument("invalid_arguments", f"missing required field: {name}")
        return value
