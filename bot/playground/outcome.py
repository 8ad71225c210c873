"""How a payload on its way to the app ended, and what a person was told of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from bot.playground.slack_errors import Json
from bot.playground.slack_state import SlackState

NO_CONNECTION = "dispatch_failed"
NO_ANSWER = "operation_timeout"
BAD_STATUS = "http_service_error"
BAD_ANSWER = "invalid_command_response"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`error` None: the app took it. `answer` is what it said with its acknowledgement."""

    error: str | None = None
    answer: Json | None = None
    retry: bool = True

    @property
    def ok(self) -> bool:
        return self.error is None


@dataclass(frozen=True, kw_only=True)
class Done:
    """How it ended: `error` as Slack names it, `errors` sentences under the inputs of a modal."""

    error: str | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.error is None and not self.errors


class Transport(Protocol):
    """A way to the app. `kind` is slash_commands, interactive or events_api."""

    async def deliver(self, kind: str, payload: Json, *, answerable: bool, retry: int = 0) -> Outcome:
        """Brings one payload to the app and waits for its acknowledgement."""

    async def ready(self) -> None:
        """Returns when there is somebody to deliver to."""


def told(state: SlackState, user: str, outcome: Outcome, words: str) -> Done:
    """The end of a gesture; a failure is shown to the person."""
    if outcome.error is not None:
        state.notify(user, f"{words} ({outcome.error}).", "error")
    return Done(error=outcome.error)
