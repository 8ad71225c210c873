"""The one door for Slack's requests: verified first, then answered by the bot of the workspace that they name."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from functools import partial
from http import HTTPStatus
from typing import Any

import structlog
from slack_bolt import BoltRequest, BoltResponse
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier

from bot.origin import signer
from bot.redirects import staying
from bot.sends.sources.sendoso_webhook import WebhookRefused
from bot.slack import errors, payloads
from bot.slack.blocks.help_card import note
from bot.slack.replies import answer_by
from bot.workspaces.addresses import address
from bot.workspaces.registry import Registry
from bot.workspaces.running import Workspaces

log = structlog.get_logger(__name__)

NOT_HERE = "Sendwatch is not installed in this workspace, or not any more. Install it here: {url}"
GONE = (
    "Nothing was done: the workspace whose Sendwatch has drawn this is not served here any more. Type `/sends help` to "
    "see what there is in yours."
)
STARTING = (
    "Sendwatch is just starting for this workspace, so that nothing was done. Please try again in some seconds; if "
    "that does not help, tell whoever runs it."
)
UNSIGNED = "This request is not signed by Slack."
NO_WORKSPACE = "There is no workspace {team} here that has Sendwatch and a webhook secret of its own."
WHICH = "Each workspace has its own address for webhooks: /sendoso/<id of the workspace>/webhooks."


class Front:
    """Answers in place of a Bolt app, for all workspaces; `logger` and `client` are for Socket Mode's client."""

    def __init__(
        self, workspaces: Workspaces, registry: Registry, executor: Executor, *, signing_secret: str, install_url: str,
        api_url: str,
    ) -> None:
        self._workspaces, self._registry, self._executor = workspaces, registry, executor
        self._verifier = SignatureVerifier(signing_secret)
        self._install_url = install_url
        # The SDK's Socket Mode writes whole requests with it at DEBUG, which bot.logs keeps out below that name.
        self.logger, self.client = logging.getLogger("bot.slack.bolt.front"), staying(WebClient(base_url=api_url))

    def dispatch(self, request: BoltRequest) -> BoltResponse:
        """Answer one request of Slack's, however it came."""
        if request.mode != "socket_mode" and not self._is_signed(request):
            return BoltResponse(status=HTTPStatus.UNAUTHORIZED, body={"error": UNSIGNED})
        body = request.body
        if body.get("type") == "url_verification":
            return BoltResponse(status=HTTPStatus.OK, body={"challenge": str(body.get("challenge", ""))})
        if self._workspaces.taken_out(body):
            # Whether or not a bot is up, and for an organisation, whose word names no workspace.
            return BoltResponse(status=HTTPStatus.OK)
        team_id = self._workspaces.team_of(body)
        if not team_id:
            to = address(body)
            log.info("workspace_unknown", team=to.team_id, enterprise=to.enterprise_id)
            return self._refused(GONE if signer(body) else NOT_HERE.format(url=self._install_url), body)
        change = self._changes_channel(team_id, body)
        if change is not None:
            # The bot begins anew with its channel, which takes longer than Slack waits.
            self._executor.submit(self._change_channel, team_id, change, request)
            return BoltResponse(status=HTTPStatus.OK)
        return self._answered(team_id, request)

    def receive_webhook(self, team_id: str, headers: Mapping[str, str], raw: bytes, event: str | None) -> None:
        """Keep a webhook of a workspace's Sendoso account. Raises `WebhookRefused`."""
        with self._workspaces.use(team_id) as runtime:
            if runtime is None and self._workspaces.is_expected(team_id):
                # Whoever sends it sends it again.
                raise WebhookRefused(HTTPStatus.SERVICE_UNAVAILABLE, STARTING)
            if runtime is None or not runtime.settings.sendoso_webhook_secrets:
                raise WebhookRefused(HTTPStatus.NOT_FOUND, NO_WORKSPACE.format(team=team_id[:40]))
            runtime.receive_webhook(headers, raw, event)

    def _answered(self, team_id: str, request: BoltRequest) -> BoltResponse:
        with self._workspaces.use(team_id) as runtime:
            if runtime is None and ("command" in request.body or request.body.get("type") == "view_submission"):
                return errors.answer(STARTING, request.body)
            if runtime is None:
                # Slack tells events again; a press gets its warning sign, since nothing came of it.
                return BoltResponse(status=HTTPStatus.SERVICE_UNAVAILABLE, body={"error": STARTING})
            return runtime.app.dispatch(request)

    def _refused(self, sentence: str, body: Mapping[str, Any]) -> BoltResponse:
        if body.get("type") != "block_actions":
            return errors.answer(sentence, body)
        url = body.get("response_url")
        if isinstance(url, str):
            self._executor.submit(self._tell, url, sentence)
            return BoltResponse(status=HTTPStatus.OK)
        # A window can only be opened with the token of a workspace: Slack's warning sign must do.
        return BoltResponse(status=HTTPStatus.NOT_FOUND, body={"error": sentence})

    def _tell(self, url: str, sentence: str) -> None:
        answer_by(url, {**note(sentence).reply(), "replace_original": False}, self.client.base_url)

    def _is_signed(self, request: BoltRequest) -> bool:
        stamp, signature = (_first(request.headers, name) for name in (
            "x-slack-request-timestamp", "x-slack-signature",
        ))
        try:
            return self._verifier.is_valid(request.raw_body, stamp, signature)
        except ValueError:
            return False

    def _changes_channel(self, team_id: str, body: Mapping[str, Any]) -> Callable[[], bool] | None:
        """What is to be changed in the registry because of an event, if that is about the channel for alerts."""
        event = payloads.part(body, "event")
        if event.get("type") == "channel_id_changed":
            old, new = (payloads.channel(event, name) for name in ("old_channel_id", "new_channel_id"))
            leads_there = bool(old and new) and self._workspaces.alerts_go_to(team_id, old)
            return partial(self._registry.move_channel, team_id, old, new) if leads_there else None
        wanted = self._workspaces.channel_wanted(team_id)
        if (
            wanted is not None and event.get("type") == "member_joined_channel"
            and payloads.is_own(event.get("user"), body, wanted or None) and isinstance(event.get("channel"), str)
        ):
            return partial(self._registry.settle_in, team_id, event["channel"])
        return None

    def _change_channel(self, team_id: str, change: Callable[[], bool], request: BoltRequest) -> None:
        try:
            if change():
                self._workspaces.reconcile()
            self._answered(team_id, request)
        except Exception:
            log.exception("channel_not_taken", team=team_id)


def which(_headers: Mapping[str, str], _raw: bytes, _event: str | None) -> None:
    """Refuse a webhook at the address that serves one workspace only."""
    raise WebhookRefused(HTTPStatus.NOT_FOUND, WHICH)


def _first(headers: Mapping[str, Any], name: str) -> str:
    found = headers.get(name)
    return str(found[0]) if isinstance(found, list) and found else str(found or "")
