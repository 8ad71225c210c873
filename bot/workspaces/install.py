"""Installing the app by OAuth: begin with a state that only this browser has, end with a token that is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from http.client import HTTPException
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth import AuthorizeUrlGenerator, OAuthStateUtils
from slack_sdk.web import SlackResponse

from bot import manifest
from bot.clock import Clock
from bot.redirects import staying
from bot.sends.text import clean
from bot.settings import USER, Settings
from bot.workspaces import pages, states
from bot.workspaces.pages import Page
from bot.workspaces.registry import Registry
from bot.workspaces.running import Workspaces
from storage.rooms import TEAM
from storage.workspaces import Grant

log = structlog.get_logger(__name__)

INSTALL, REDIRECT = "/slack/install", "/slack/oauth_redirect"
SECONDS = 10
CODE = 60
"""Letters of an error of Slack's that are shown; it comes by way of the browser."""

TOKEN = re.compile(r"[!-~]{1,1000}", re.ASCII)
"""What can be sent in a header, as a token must."""

NO_OBJECT = (AttributeError, TypeError, ValueError, RecursionError)
"""What the SDK stumbles over where an answer is not what it takes for granted: a JSON object, not nested too deeply."""


class _StrangeAnswerError(ValueError):
    """Slack's answer is none; the text is a code for it, and quotes nothing of the answer."""


class Install:
    """The two steps of an installation."""

    def __init__(self, settings: Settings, registry: Registry, workspaces: Workspaces, clock: Clock) -> None:
        self._registry, self._workspaces, self._clock = registry, workspaces, clock
        secret = settings.slack_client_secret
        self._client_id = settings.slack_client_id or ""
        self._client_secret = secret.get_secret_value() if secret else ""
        self._redirect = f"{settings.public_url}{REDIRECT}"
        self._api = settings.slack_api_url
        self._scopes = manifest.scopes(manifest.text())
        self._urls = AuthorizeUrlGenerator(
            client_id=self._client_id, redirect_uri=self._redirect, scopes=[*self._scopes],
            authorization_url=f"{self._api.rstrip('/').removesuffix('/api')}/oauth/v2/authorize",
        )
        self._states = OAuthStateUtils(expiration_seconds=int(states.LIFE.total_seconds()))

    def begin(self) -> Page:
        """The page with the link to Slack. Its cookie binds the installation to this browser.

        Anybody may ask for it, as often as they like: nothing is stored.
        """
        state = states.begun(self._client_secret, self._clock())
        cookie = f"{self._states.build_set_cookie_for_new_state(state)}; SameSite=Lax"
        return pages.ask(self._urls.generate(state), self._scopes, cookie)

    def finish(self, params: Mapping[str, str], cookies: str) -> Page:
        """What Slack sends people back with: checked, exchanged for a token, kept; every end has its page."""
        state, code, error = (params.get(name, "") for name in ("state", "code", "error"))
        mine = self._states.is_valid_browser(state, {"cookie": cookies})
        ends_at = states.ends_at(self._client_secret, state, self._clock()) if mine else None
        if ends_at is None or self._registry.is_used(state):
            log.info("install_state_refused", is_of_this_browser=mine)
            return pages.failed(pages.STRANGE, HTTPStatus.BAD_REQUEST)
        if error == "access_denied":
            return pages.failed(pages.DENIED, HTTPStatus.OK)
        if error or not code:
            return self._refused(error or "no_code")
        return self._exchange(code, state, ends_at)

    def _exchange(self, code: str, state: str, ends_at: datetime) -> Page:
        try:
            grant = _grant(self._answer(code), self._api)
        except SlackApiError as error:
            return self._refused(_code(error.response))
        except (OSError, HTTPException) as error:
            log.warning("slack_not_reached", reason=type(error).__name__)
            return pages.failed(pages.UNREACHED, HTTPStatus.BAD_GATEWAY)
        except _StrangeAnswerError as error:
            return self._refused(str(error))
        # Only what Slack has granted is stored, and so is that the state is used: no stranger fills the database.
        if not self._registry.install(grant, state, ends_at):
            return pages.failed(pages.STRANGE, HTTPStatus.BAD_REQUEST)
        log.info("installed", team=grant.team_id, enterprise=grant.enterprise_id, by=grant.installed_by)
        self._workspaces.reconcile()
        return pages.done(grant.name, grant.team_id, is_organisation=not grant.team_id)

    def _answer(self, code: str) -> dict[str, Any]:
        # A code is good once: nothing asks again by itself.
        client = staying(WebClient(base_url=self._api, timeout=SECONDS, retry_handlers=[]))
        try:
            told = client.oauth_v2_access(
                client_id=self._client_id, client_secret=self._client_secret, code=code, redirect_uri=self._redirect,
            )
        except NO_OBJECT:
            raise _StrangeAnswerError("no_answer") from None
        return told.data if isinstance(told.data, dict) else {}

    def _refused(self, code: str) -> Page:
        log.warning("install_refused", code=code[:CODE])
        return pages.failed(pages.REFUSED.format(code=code[:CODE]), HTTPStatus.BAD_REQUEST, code)


def _grant(told: Mapping[str, Any], api: str) -> Grant:
    """What was granted. Raises `_StrangeAnswerError` for an answer that makes no sense."""
    team, org, user = (_part(told, name) for name in ("team", "enterprise", "authed_user"))
    whole = told.get("is_enterprise_install") is True
    ids = ["" if whole else _words(team, "id"), _words(org, "id")]
    token, installer = told.get("access_token"), _words(user, "id")
    # Neither is put into an address, a header or a list of admins unless it is what it should be.
    if not isinstance(token, str) or not TOKEN.fullmatch(token) or not USER.fullmatch(installer):
        raise _StrangeAnswerError("no_bot_token")
    if not TEAM.fullmatch(ids[1] if whole else ids[0]):
        raise _StrangeAnswerError("no_workspace")
    return Grant(
        team_id=ids[0], enterprise_id=ids[1], name=_words(org if whole else team, "name"), token=token,
        bot_id=_bot_id(token, api), bot_user_id=_words(told, "bot_user_id"), scopes=_words(told, "scope"),
        installed_by=installer,
    )


def _code(answer: object) -> str:
    """Slack's code for what went wrong."""
    data = answer.data if isinstance(answer, SlackResponse) else answer
    return (_words(data, "error") if isinstance(data, dict) else "") or "no_answer"


def _part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = told.get(name)
    return part if isinstance(part, dict) else {}


def _words(part: Mapping[str, Any], name: str) -> str:
    """A text of an answer, fit to store; empty for anything else."""
    text = part.get(name)
    return clean(text) if isinstance(text, str) else ""


def _bot_id(token: str, api: str) -> str:
    """The bot's id, by which its messages are known; empty where Slack does not say."""
    try:
        client = staying(WebClient(token=token, base_url=api, timeout=SECONDS, retry_handlers=[]))
        told = client.auth_test().data
    except (SlackApiError, OSError, HTTPException, *NO_OBJECT):
        return ""
    return _words(told, "bot_id") if isinstance(told, dict) else ""
