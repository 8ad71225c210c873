"""What every request of Slack's goes through before its listener."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

from slack_bolt import BoltRequest, BoltResponse
from slack_bolt.middleware import Middleware

from bot.slack.deps import Deps


class Before(Middleware):
    """A look at each request, by which it may be answered already."""

    def __init__(self, deps: Deps) -> None:
        self.deps = deps

    def process(
        self, *, req: BoltRequest, resp: BoltResponse,  # noqa: ARG002 - Bolt passes it by name
        next: Callable[[], BoltResponse],  # noqa: A002 - Bolt's name for it
    ) -> BoltResponse:
        """Bolt's call."""
        return self.look_at(req) or next()

    @abstractmethod
    def look_at(self, req: BoltRequest) -> BoltResponse | None:
        """The answer, where the request shall go no further; None to go on."""
