"""Installing the app: the page on which somebody allows it, and the exchange of the code that they bring back."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.playground.method import Args, Method
from bot.playground.slack import Slack
from bot.playground.slack_app import APP_ID, BOT_USER
from bot.playground.slack_errors import Json, SlackError

AUTHORIZE, ALLOW = "/oauth/v2/authorize", "/oauth/v2/allow"
INSTALLER = "U01ANN"


def access(slack: Slack, args: Args) -> Json:
    """`oauth.v2.access`: a code, used once, for a bot token."""
    installs = slack.installs
    if args.words("client_id") != installs.client_id:
        raise SlackError("invalid_client_id")
    if args.words("client_secret") != installs.client_secret:
        raise SlackError("bad_client_secret")
    code = installs.codes.pop(args.words("code"), None)
    if code is None:
        raise SlackError("invalid_code")
    if code.redirect_uri != args.words("redirect_uri"):
        raise SlackError("bad_redirect_uri")
    team, whole = code.slack.team, bool(code.slack.team.enterprise_id)
    return {
        "ok": True,
        "app_id": APP_ID,
        "authed_user": {"id": code.user},
        "scope": ",".join(sorted(slack.app.scopes or ())),
        "token_type": "bot",
        "access_token": code.slack.grant(),
        "bot_user_id": BOT_USER,
        "team": None if whole else {"id": team.id, "name": team.name},
        "enterprise": team.enterprise,
        "is_enterprise_install": whole,
    }


def routes(slack: Slack) -> list[BaseRoute]:
    """The page and its two ways out."""

    async def authorize(request: Request) -> Response:
        given = {name: request.query_params.get(name, "") for name in ("client_id", "state", "redirect_uri")}
        if given["client_id"] != slack.installs.client_id:
            return PlainTextResponse("invalid_client_id", 400)
        teams = [(one.team.id, f"Allow in {one.team.name}") for one in slack.installs.workspaces]
        links = "".join(
            f'<p><a href="{escape(ALLOW + "?" + urlencode(given | {"team": team}))}">{escape(words)}</a></p>'
            for team, words in [*teams, ("", "Cancel")]
        )
        return HTMLResponse(f"<!doctype html><title>Allow Sendwatch?</title><h1>Allow Sendwatch?</h1>{links}")

    async def allow(request: Request) -> Response:
        asked = request.query_params
        team, back, state = asked.get("team", ""), asked.get("redirect_uri", ""), asked.get("state", "")
        if not team:
            return RedirectResponse(f"{back}?{urlencode({'error': 'access_denied', 'state': state})}", 302)
        try:
            code = slack.installs.allow(team, INSTALLER, back)
        except KeyError:
            return PlainTextResponse("invalid_team", 400)
        return RedirectResponse(f"{back}?{urlencode({'code': code, 'state': state})}", 302)

    return [Route(AUTHORIZE, authorize), Route(ALLOW, allow)]


METHODS: dict[str, Method] = {"oauth.v2.access": access}
