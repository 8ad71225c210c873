"""Whose sends somebody finds, for each request of theirs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from slack_bolt import BoltRequest
from sqlalchemy.orm import Session

from bot.alerts.permissions import ADMINS, ANYONE, LOOK_UP, SENDER, TEAM, Reach
from bot.alerts.rights import presser_of
from bot.alerts.rulebook import Rulebook
from bot.slack import home_facts, on_record, people
from bot.slack.blocks.drawn import Drawn, draw
from bot.slack.blocks.limits import context
from bot.slack.blocks.route_words import listed, who
from bot.slack.deps import Deps
from bot.slack.middleware import Before
from bot.slack.payloads import USER, Where, part
from storage import people as stored
from storage import personal
from storage.kept import Kept
from storage.scope import Scope, current, look

ON_ALERTS = ("alert_", "group_", "baseline_")
"""Buttons of messages about alerts begin so: who sees the message may see the alert. Permissions say who may press."""
OPENS_SEND = "alert_open"
"""But this one opens the whole card of the send."""
OF_ALERTS = frozenset({
    "snooze_modal", "snooze_confirm_modal", "assign_modal", "support_modal", "timeline_modal", "why_modal",
    "group_modal", "resolve_modal",
})
"""Windows that such a button opens."""


class Limits(Before):
    """Before anything else is done, says whose sends the rest of the request may read."""

    def __init__(self, deps: Deps) -> None:
        super().__init__(deps)
        self._rules = Kept(deps.database, deps.rules)

    def look_at(self, req: BoltRequest) -> None:
        """Set it. It ends with the request, see `PromptApp`."""
        if is_look_up(req.body):
            deps, user, rules = self.deps, asker(req.body), self._rules.now()
            look(on_record.begun(req.body, user, limit(deps, user, rules), rules, deps.clock()))


def asker(body: Mapping[str, Any]) -> str:
    """The Slack user who did it; empty where nobody did."""
    for said in (part(body, "user").get("id"), body.get("user_id"), _person(part(body, "event").get("user"))):
        if isinstance(said, str) and USER.fullmatch(said):
            return said
    return ""


def is_look_up(body: Mapping[str, Any]) -> bool:
    """Whether a request may be about sends that the person has not been shown yet."""
    callback = str(part(body, "view").get("callback_id"))
    if body.get("type") == "view_submission":
        return callback not in OF_ALERTS
    actions = body.get("actions")
    if body.get("type") != "block_actions" or not isinstance(actions, list):
        return True
    ids = [str(one.get("action_id")) if isinstance(one, Mapping) else "" for one in actions]
    return not ids or not all(
        (one.startswith(ON_ALERTS) or callback in OF_ALERTS) and one.partition(".")[0] != OPENS_SEND for one in ids
    )


def limit(deps: Deps, user_id: str, rules: Rulebook) -> Scope | None:
    """What one person (empty: nobody knows who) may find; None where that is everything.

    Whoever has never been met is asked of Slack, once: nobody else could say whose sends are theirs.
    """
    allowed = rules.permissions.who(LOOK_UP)
    if ANYONE in allowed:
        return None
    if not user_id:
        return Scope(reach=str(Reach.NONE), everybody=(ADMINS,))
    people.learn(deps, Where(user_id=user_id), [*allowed, *([SENDER] if TEAM in allowed else [])])
    with deps.database.read() as session:
        return of(session, user_id, rules, deps.clock())


def of(session: Session, user_id: str, rules: Rulebook, now: datetime) -> Scope | None:
    """The same by what is known already."""
    allowed = rules.permissions.who(LOOK_UP)
    if ANYONE in allowed:
        return None
    reach = rules.permissions.reach(presser_of(session, user_id, rules))
    others = [word for word in allowed if word not in {SENDER, TEAM}]
    return _scope(session, user_id, reach, tuple(dict.fromkeys([*others, ADMINS])), now)


def _scope(session: Session, user_id: str, reach: str, everybody: tuple[str, ...], now: datetime) -> Scope | None:
    if reach == Reach.ALL:
        return None
    person = stored.by_id(session, user_id)
    email = person.email if person is not None and reach in {Reach.OWN, Reach.TEAM} else ""
    teams = personal.teams(session, email, now - home_facts.TEAM_WITHIN) if email and reach == Reach.TEAM else []
    return Scope(
        email=email, teams=tuple(teams), user_id="" if reach == Reach.NONE else user_id, reach=str(reach),
        everybody=everybody,
    )


def kept() -> dict[str, Any]:
    """What has to be kept with a request that is answered later, so that the answer is limited as it is now."""
    scope = current()
    return {} if scope is None else {"reach": scope.reach, "everybody": list(scope.everybody)}


def again(session: Session, body: Mapping[str, Any], user_id: str, now: datetime) -> Scope | None:
    """The limits under which somebody has asked what is answered now; None where there were none."""
    reach, everybody = body.get("reach"), body.get("everybody")
    if reach is None:
        return None
    words = tuple(str(one) for one in everybody) if isinstance(everybody, list) else (ADMINS,)
    return _scope(session, user_id, str(reach), words, now)


def told(drawn: Drawn) -> Drawn:
    """An answer in which nothing was found, with whose gifts were looked for, and who finds all."""
    scope = current()
    if scope is None:
        return drawn
    whose = {
        str(Reach.TEAM): "You find your own gifts and those of your team.", str(Reach.OWN): "You find your own gifts.",
    }.get(scope.reach, "You may not look gifts up.")
    everybody = listed([who(word) for word in scope.everybody], "and")
    return draw([*drawn.parts, context(f"🔒 {whose} All gifts are found by {everybody}.")])



def _person(said: object) -> object:
    return said.get("id") if isinstance(said, Mapping) else said
