"""The SDK's client for Slack's Web API, signing what it draws."""

from __future__ import annotations

from typing import Any

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.origin import Origin


class OriginClient(WebClient):
    """A client of one workspace's bot; the options are the SDK's own."""

    def __init__(self, origin: Origin, **options: Any) -> None:  # noqa: ANN401 - the SDK's own
        super().__init__(**options)
        self.origin = origin

    def api_call(
        self, api_method: str, *, json: dict[str, Any] | None = None, **more: Any,  # noqa: ANN401 - the SDK's own
    ) -> SlackResponse:
        """One call; every method of the SDK's comes by here."""
        return super().api_call(api_method, json=self.origin.signed(json), **more)
