"""People of another organisation: they see what stands in a channel that is shared with theirs, and may press it.

Slack keeps them from none of its buttons; only the request tells where somebody is at home. Within an organisation of
several workspaces (Enterprise Grid) that may be another workspace than the one that has the app, and yet be no other
organisation: Slack is asked of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.alerts import rights
from bot.alerts.lifecycle import Action, Code, Refused
from bot.alerts.pressed import Press
from bot.slack import payloads
from bot.slack.deps import Deps, Identity
from bot.slack.payloads import USER, BadPayloadError, part
from bot.slack.recording import pressed_by
from bot.slack.replies import UNANSWERED, later, reason
from storage import alerts
from storage import people as stored
from storage.kept import Kept

log = structlog.get_logger(__name__)

OUTSIDER = (
    "Sendwatch works for another organisation than yours, with which this channel is shared, so nothing was done. "
    "Ask somebody there, please."
)
SILENT = "Slack does not say just now whether you belong to this organisation, so nothing was done. Please try again."
UNKNOWN = frozenset({"user_not_found", "user_not_visible", "users_not_found"})
"""What Slack says of people whom the bot's workspace does not know."""
GOOD_FOR = timedelta(minutes=10)
"""How long it is taken for true what Slack has said of somebody."""
MOST = 1000
"""People of whom it is remembered."""
INSIDERS = "organisation"
"""Who may, on record, where somebody of another organisation has pressed."""
WANTED = {
    **{str(action): action for action in Action if action is not Action.MEANING},
    "assign_to": Action.ASSIGN, "resolve_why": Action.RESOLVE,
}
"""What the buttons and menus of alerts do, by the end of their names."""


class Gate:
    """Lets people of the workspace and of its organisation through, and whom an admin has named."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._rules = Kept(deps.database, deps.rules)
        self._belong: dict[tuple[str, str], tuple[datetime, bool]] = {}

    def refused(self, body: Mapping[str, Any]) -> str:
        """Why nothing is done for who has made this request; empty for nearly everybody."""
        home, own = home_of(body), self._deps.identity.team_id or installed_in(body)
        if not home or not own or home in {own, self._deps.identity.enterprise_id}:
            return ""
        user = user_of(body)
        if not USER.fullmatch(user) or self._is_named(user):
            return ""
        try:
            belongs = self._belongs(user, own)
        except UNANSWERED as error:
            log.warning("outsider_or_not", error=reason(error))
            self._deps.count_refused("undecided")
            return SILENT
        if belongs:
            return ""
        log.info("outsider_refused", user=user, home=home)
        self._deps.count_refused("outsider")
        _put_on_record(self._deps, body, home)
        return OUTSIDER

    def is_outsider(self, user: str, own: str) -> bool:
        """The same of somebody of whom no request says where they are at home; no where Slack does not say either."""
        with self._deps.database.read() as session:
            person = stored.by_id(session, user)
        if not own or (person is not None and person.team_id in {"", own}) or self._is_named(user):
            return False
        try:
            return not self._belongs(user, own)
        except UNANSWERED as error:
            log.warning("outsider_or_not", error=reason(error))
            return False

    def _is_named(self, user: str) -> bool:
        rules = self._rules.now()
        return user in rules.routing.admins or any(user in words for words in rules.permissions.allowed.values())

    def _belongs(self, user: str, own: str) -> bool:
        now, known = self._deps.clock(), self._belong.get((user, own))
        if known is not None and now - known[0] < GOOD_FOR:
            return known[1]
        found = belongs(self._deps.identity, self._deps.quick, self._ask(user), own)
        if len(self._belong) >= MOST:
            self._belong.clear()
        self._belong[user, own] = now, found
        return found

    def _ask(self, user: str) -> Mapping[str, Any]:
        try:
            told = self._deps.quick.users_info(user=user).get("user")
        except SlackApiError as error:
            if reason(error) in UNKNOWN:
                return {"is_stranger": True}
            raise
        return told if isinstance(told, dict) else {"is_stranger": True}


def _put_on_record(deps: Deps, body: Mapping[str, Any], home: str) -> None:
    """Have a press on an alert written down as any that is not allowed, once it is answered."""
    press = _press_on_alerts(body, home)
    if press is None:
        return

    def task() -> None:
        with deps.database.write() as session:
            if press.message_id is not None:
                meant = alerts.for_message(session, press.message_id)
            else:
                meant = alerts.refresh(session, press.alert_ids)
            if meant:
                refused = Refused(code=Code.FORBIDDEN, detail=INSIDERS)
                rights.forbid(session, Action(press.action), press, meant, deps.clock(), refused)

    later(deps, payloads.where(body), task)


def _press_on_alerts(body: Mapping[str, Any], home: str) -> Press | None:
    if body.get("type") != "block_actions":
        return None
    try:
        found = payloads.pressed(body)
        action = WANTED.get(str(found.content.get("do") or found.action.partition("_")[2])) or WANTED.get(found.action)
        whole = "message" in found.content
        meant = payloads.number(found.content, "message" if whole else "alert")
    except BadPayloadError:
        return None
    about = {"message_id": meant} if whole else {"alert_ids": (meant,)}
    place = replace(found.where, team_id=home)
    return pressed_by(place, action, f"{found.dedupe_key}|denied", **about) if action is not None else None


def belongs(identity: Identity, client: WebClient, user: Mapping[str, Any], own: str) -> bool:
    """Whether somebody, as users.info tells of them, is of the workspace `own` or of its organisation.

    Raises one of `UNANSWERED` where Slack has to be asked for the organisation, and does not say.
    """
    if user.get("is_stranger") is True:
        return False
    if user.get("team_id") in {None, "", own}:
        return True
    organisation = part(user, "enterprise_user")
    teams, theirs = organisation.get("teams"), organisation.get("enterprise_id")
    if isinstance(teams, list) and own in teams:
        return True
    return bool(theirs) and theirs == _organisation(identity, client)


def _organisation(identity: Identity, client: WebClient) -> str:
    if identity.enterprise_id is None:
        identity.enterprise_id = str(client.auth_test().get("enterprise_id") or "")
    return identity.enterprise_id


def home_of(body: Mapping[str, Any]) -> str:
    """The workspace of who presses, sends a window off or types a command; empty where that is not told."""
    home = part(body, "user").get("team_id") or ("command" in body and body.get("team_id"))
    return home if isinstance(home, str) else ""


def installed_in(body: Mapping[str, Any]) -> str:
    """The workspace whose app a request is for, as far as it says so.

    Of what is done in a window `team` is the presser's, and the window itself says who has opened it.
    """
    found = part(body, "view").get("app_installed_team_id") or part(body, "team").get("id")
    return found if isinstance(found, str) else ""


def user_of(body: Mapping[str, Any]) -> str:
    """The id of who makes the request."""
    found = part(body, "user").get("id") or body.get("user_id")
    return found if isinstance(found, str) else ""
