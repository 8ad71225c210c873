"""Home tabs are kept true: drawn when somebody looks, when their own press has changed something, and by a job."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from slack_sdk.errors import SlackApiError
from sqlalchemy.orm import Session

from bot.slack import grammar, home_facts, look_ups, reading
from bot.slack.blocks import home, limits
from bot.slack.blocks.drawn import Block
from bot.slack.deps import Deps
from bot.slack.payloads import Where
from bot.slack.replies import UNANSWERED, later, reason
from storage import homes as stored
from storage import scope
from storage.homes import Drawing
from storage.scope import Look

log = structlog.get_logger(__name__)

AT_ONCE = 15
"""Home tabs that one tick of the job draws at most: with a tick each ten seconds, Slack's limit of 100 a minute."""
ROUNDS = 3
"""So often a Home tab is drawn again when it changes while it is being drawn; then it waits for the job."""
RATE_LIMITED = "ratelimited"
PAUSE = timedelta(seconds=30)
"""How long the job waits where Slack wants it to, and does not say how long."""
LEFT = frozenset({"user_not_found", "users_not_found", "user_not_visible", "user_disabled", "user_is_bot"})
"""Slack's words for somebody who has no Home tab any more."""


class SlowDownError(Exception):
    """Slack takes no more for a while; `wait` says how long."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"Slack takes no more for {wait}")
        self.wait = wait


def build(session: Session, deps: Deps, user_id: str) -> Block:
    """The Home tab of one person from what is true now, on the pages that they have turned to."""
    now = deps.clock()
    rules, pages = deps.rules(session), stored.pages(session, user_id)
    with scope.looking(Look(scope=look_ups.of(session, user_id, rules, now))):
        found = home_facts.of(session, user_id, rules, now, pages, deps.offered)
    return limits.read_in(home.build(found, grammar.usages(), now), reading.locale(session, user_id))


def follow(deps: Deps, place: Where) -> None:
    """Have the presser's own Home tab drawn after the answer, if they have looked at it lately."""

    def task() -> None:
        with deps.database.read() as session:
            looking = stored.is_open(session, place.user_id, deps.clock())
        if looking:
            # Nobody has asked for it: it is no part of the look-up that came before.
            with scope.looking(None):
                redraw(deps, place.user_id)

    later(deps, place, task)


def redraw(deps: Deps, user_id: str) -> None:
    """Draw one person's Home tab; where Slack takes no more just now, the next tick of the job does it."""
    try:
        draw(deps, user_id)
    except SlowDownError as slow:
        log.info("home drawn later", user=user_id, wait=slow.wait.total_seconds())


def draw(deps: Deps, user_id: str) -> bool:
    """Draw one person's Home tab where it is not true any more; gives whether Slack was told something.

    One process at a time does it for a person; what changes meanwhile is drawn by that one, or by the next tick.
    Raises SlowDownError where Slack takes no more.
    """
    told = False
    for _ in range(ROUNDS):
        with deps.database.write() as session:
            drawing = stored.claim(session, user_id, deps.clock())
        if drawing is None:
            return told
        shown, slow = _publish(deps, drawing)
        told = told or shown != drawing.shown
        if shown is None:
            with deps.database.write() as session:
                stored.forget(session, user_id)
            return False
        with deps.database.write() as session:
            again = stored.finish(session, drawing, shown)
        if slow is not None:
            raise slow
        if not again:
            return told
    return told


def _publish(deps: Deps, drawing: Drawing) -> tuple[str | None, SlowDownError | None]:
    """Tell Slack, if what it shows is not so any more.

    Gives the hash of what it shows now: empty where that is not known, None for somebody who has left.
    """
    with deps.database.read() as session:
        view = build(session, deps, drawing.user_id)
    shown = home.fingerprint(view)
    if shown == drawing.shown:
        return shown, None
    try:
        deps.client.views_publish(user_id=drawing.user_id, view=view)
    except UNANSWERED as error:
        log.warning("home not drawn", error=reason(error), user=drawing.user_id)
        if reason(error) in LEFT:
            return None, None
        return "", SlowDownError(_wait(error)) if reason(error) == RATE_LIMITED else None
    return shown, None


def _wait(error: BaseException) -> timedelta:
    headers = getattr(error.response, "headers", {}) if isinstance(error, SlackApiError) else {}
    asked = str(headers.get("Retry-After") or headers.get("retry-after") or "")
    return timedelta(seconds=int(asked)) if asked.isascii() and asked.isdigit() else PAUSE


class Keeper:
    """The job: looks at the Home tabs that somebody has opened lately, and draws those that are not true any more."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._not_before: datetime | None = None

    def run(self) -> int:
        """One round; gives how many were drawn. What is left over comes in the next one."""
        deps, now = self._deps, self._deps.clock()
        if self._not_before is not None and now < self._not_before:
            return 0
        with deps.database.read() as session:
            due = stored.due(session, now)
        drawn, tried, same = 0, 0, []
        for user_id, shown in due:
            if tried >= AT_ONCE:
                break
            if self._is_same(user_id, shown):
                same.append(user_id)
                continue
            tried += 1
            try:
                drawn += draw(deps, user_id)
            except SlowDownError as slow:
                self._not_before = now + slow.wait
                break
        if same:
            with deps.database.write() as session:
                stored.looked(session, same, now)
        return drawn

    def _is_same(self, user_id: str, shown: str) -> bool:
        with self._deps.database.read() as session:
            return home.fingerprint(build(session, self._deps, user_id)) == shown
