"""No request to Slack goes on to where an answer points: it would take our token, and people's names, along."""

from __future__ import annotations

from http.client import HTTPMessage
from typing import IO, TypeVar
from urllib.request import HTTPRedirectHandler, Request, build_opener, install_opener

from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

Client = TypeVar("Client", WebClient, WebhookClient)


class Stay(HTTPRedirectHandler):
    """Takes an answer that points elsewhere for what it is: not the answer that was asked for."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str,  # noqa: ARG002
    ) -> None:
        """Follow nothing; urllib then raises the answer as an error, which the SDK gives on as Slack's."""
        return


def staying(client: Client) -> Client:
    """The SDK's client, following no redirect.

    The SDK opens addresses by urllib as the process has it, which sends all headers along. For a proxy of the
    environment it would make an opener of its own; urllib itself knows of that proxy.
    """
    install_opener(build_opener(Stay))
    client.proxy = None
    return client
