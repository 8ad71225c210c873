"""The Bolt app: one for Socket Mode and HTTP, with one listener for each kind of request."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

import structlog
from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.authorize import Authorize
from slack_bolt.error import BoltUnhandledRequestError
from slack_sdk import WebClient

from bot.origin import Origin, unsigned
from bot.redirects import staying
from bot.slack import (
    buttons,
    channels,
    commands,
    conversations,
    errors,
    home,
    lookups,
    modals,
    mute_windows,
    on_record,
    route_here,
    shortcuts,
    unfurls,
    uninstalled,
)
from bot.slack.blocks.help_card import note
from bot.slack.deps import Deps, Identity
from bot.slack.look_ups import Limits
from bot.slack.middleware import Before
from bot.slack.outsiders import Gate
from bot.slack.payloads import ANYTHING, FOREIGN, BadPayloadError, has_shape, where
from bot.slack.replies import later, tell
from bot.slack.settings import choices
from bot.tracing import traced
from storage import scope

log = structlog.get_logger(__name__)

WORKERS = 32
"""Bolt's own five would make the sixth of several slow listeners wait past Slack's three seconds."""


class StaticAuthorize(Authorize):
    """One workspace, one token: every request is authorised without asking Slack."""

    def __init__(self, token: str, identity: Identity) -> None:
        self._token, self._identity = token, identity

    def __call__(self, *, enterprise_id: str | None, team_id: str | None, **_: object) -> AuthorizeResult:
        """The same token for everybody."""
        return AuthorizeResult(
            enterprise_id=enterprise_id, team_id=team_id, bot_token=self._token,
            bot_id=self._identity.bot_id, bot_user_id=self._identity.bot_user_id,
        )


class PromptApp(App):
    """An app whose answers go before what the bot does in the background."""

    def __init__(self, deps: Deps, **options: Any) -> None:  # noqa: ANN401 - Bolt's own options
        super().__init__(**options)
        self._deps = deps

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        """Answer one request of Slack's, however it came."""
        with self._deps.database.answering(), traced(workspace=self._deps.origin.workspace), scope.looking(None):
            req.body = unsigned(req.body)
            answer = super().dispatch(req)
            on_record.note(self._deps)
            return _signed(answer, self._deps.origin)


def _signed(answer: BoltResponse, origin: Origin) -> BoltResponse:
    if origin.workspace and answer.body.startswith("{"):
        answer.body = json.dumps(origin.signed(json.loads(answer.body)))
    return answer


class ShapeCheck(Before):
    """Answers payloads that lack what Bolt takes for granted, over which it would stumble without a word."""

    def look_at(self, req: BoltRequest) -> BoltResponse | None:
        """Nothing for what is whole; an answer for the rest."""
        return None if has_shape(req.body) else failure(self.deps, BadPayloadError(FOREIGN), req.body)


class HomeCheck(Before):
    """Answers people of another organisation, and has nothing done for them that no admin has allowed."""

    def __init__(self, deps: Deps, gate: Gate) -> None:
        super().__init__(deps)
        self._gate = gate

    def look_at(self, req: BoltRequest) -> BoltResponse | None:
        """Nothing for people of the workspace and of its organisation; an answer for the rest."""
        refused = self._gate.refused(req.body)
        return failure(self.deps, BadPayloadError(refused), req.body) if refused else None


def build_app(
    deps: Deps, *, token: str, signing_secret: str | None, api_url: str = WebClient.BASE_URL,
) -> App:
    """The app with all its listeners. `signing_secret` is needed for HTTP; without it no HTTP request passes.

    Nothing is asked of Slack here: the app starts when Slack is down. `deps.identity` may be filled in later.
    """
    # Bolt warns that a token in the environment is not its own to use; that is so on purpose.
    bolt = logging.getLogger("bot.slack.bolt")
    bolt.disabled = True
    app = PromptApp(
        deps,
        name="sendwatch",
        logger=bolt,
        client=staying(WebClient(token=token, base_url=api_url)),
        before_authorize=ShapeCheck(deps),
        authorize=StaticAuthorize(token, deps.identity),
        # An empty secret would be one that everybody knows.
        signing_secret=signing_secret or secrets.token_hex(32),
        token_verification_enabled=False,
        # Bolt's other way polls for the answer and costs 10 ms each time.
        process_before_response=True,
        raise_error_for_unhandled_request=True,
        listener_executor=ThreadPoolExecutor(WORKERS, thread_name_prefix="slack"),
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
    bolt.disabled = False
    # Of whom Slack has been asked for one request, it need not be asked for another.
    gate = Gate(deps)
    app.use(HomeCheck(deps, gate))
    app.use(Limits(deps))
    register(app, deps, gate)
    return app


def register(app: App, deps: Deps, gate: Gate) -> None:
    """Every listener, in the order in which requests are most frequent."""
    commands.register(app, deps)
    buttons.register(app, deps)
    modals.register(app, deps)
    mute_windows.register(app, deps)
    lookups.register(app, deps)
    shortcuts.register(app, deps)
    conversations.register(app, deps)
    unfurls.register(app, deps)
    choices.register(app, deps)
    home.register(app, deps, gate)
    channels.register(app, deps)
    route_here.register(app, deps)
    uninstalled.register(app, deps)
    _strays(app)

    @app.error
    def answer_failure(error: Exception, body: Mapping[str, Any]) -> BoltResponse:
        return failure(deps, error, body)


def _strays(app: App) -> None:
    # A shortcut or menu of an older version of the app: answered, so that nobody sees a warning sign.
    @app.shortcut(ANYTHING)
    def stray_shortcut(ack: Callable[..., BoltResponse]) -> None:
        ack()

    @app.options(ANYTHING)
    def stray_options(ack: Callable[..., BoltResponse]) -> None:
        ack(options=[])


def failure(deps: Deps, error: Exception, body: Mapping[str, Any]) -> BoltResponse:
    """The answer in place of an error: always a sentence.

    A press that failed is besides not acknowledged: the sentence may be lost on its way, and Slack's own warning
    sign is not. What Slack has seen acknowledged is on record, or was refused. So it is with events, of which Slack
    tells again.
    """
    failed = not isinstance(error, BadPayloadError | BoltUnhandledRequestError)
    if isinstance(error, BadPayloadError):
        sentence = str(error)
    elif isinstance(error, BoltUnhandledRequestError):
        # Only its type: an event holds what somebody has written.
        event = body.get("event")
        kind_of_event = event.get("type") if isinstance(event, Mapping) else None
        log.warning("nobody listens", type=body.get("type"), event_type=kind_of_event)
        sentence = errors.UNKNOWN
    else:
        sentence = errors.noted(error)
    kind = body.get("type")
    if kind in {"block_actions", "message_action"}:
        _tell(deps, body, sentence)
    if failed and kind in {"block_actions", "event_callback"}:
        return BoltResponse(status=HTTPStatus.INTERNAL_SERVER_ERROR)
    return errors.answer(sentence, body)


def _tell(deps: Deps, body: Mapping[str, Any], sentence: str) -> None:
    try:
        place = where(body)
    except BadPayloadError:
        return
    later(deps, place, lambda: tell(deps, place, note(sentence)))
