""""Route alerts here": what shall come to a channel is asked, shown with its effect, put into force, taken back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from slack_bolt import App, BoltResponse
from sqlalchemy import true
from sqlalchemy.orm import Session

from bot.alerts.subjects import subject_of
from bot.config import changes, new_route
from bot.config.current import InForce, in_force
from bot.config.document import SETTINGS
from bot.config.new_route import EVERYTHING, Effect, Routed, TooManyRoutesError, Wish
from bot.config.rulebook import rulebook
from bot.delivery import channel_news
from bot.slack import mute_targets, payloads
from bot.slack.blocks import route_here_modal, welcome_card
from bot.slack.blocks.drawn import Block, Drawn
from bot.slack.blocks.help_card import note, window
from bot.slack.blocks.mute_modal import Choice
from bot.slack.blocks.route_here_modal import FINDINGS, Now
from bot.slack.blocks.text import person
from bot.slack.deps import Deps
from bot.slack.payloads import BadPayloadError, Pressed, Submitted, Where
from bot.slack.replies import later, redraw, show, tell
from bot.slack.rights import denied
from bot.slack.sharing import is_shared
from bot.slack.submissions import Answer, beside, instead
from storage import config as stored
from storage import messages, mutes
from storage.config import ConfigChangedError

log = structlog.get_logger(__name__)

WHAT = re.compile(rf"{route_here_modal.WHAT}\.(?:team|campaign)")
LOOKED_AT = 200
"""Open alerts, the newest first, by which the effect is told."""
CHOOSE = "Choose one of these."
HERE_ALREADY = "That comes here already; `/sends route` shows all routes."
CHANGED = "The routes have been changed meanwhile{}. Press “Route alerts here” again to see them as they are now."
FULL = "There is no room for another route. An admin can take some out: `/sends route` shows them all."
UNDONE = "Taken back: the routes are as they were before."


# --- asking -------------------------------------------------------------------------------------------


def open_window(deps: Deps, found: Pressed) -> None:
    """Ask what shall come to the channel of the message; who may not change settings is told who may."""
    place = found.where
    channel = payloads.channel(found.content) or payloads.channel({"channel": place.channel})
    if not channel:
        raise BadPayloadError(payloads.FOREIGN)

    def task() -> None:
        refused = denied(deps, place, SETTINGS, found.dedupe_key)
        if refused is not None:
            tell(deps, place, refused)
            return
        shared = is_shared(deps, channel)
        with deps.database.read() as session:
            view = route_here_modal.first(replace(_now(session, deps, channel), is_shared=shared))
        show(deps, place, view)

    later(deps, place, task)


def change_kind(deps: Deps, found: Pressed) -> None:
    """Something of another kind shall come: ask which."""
    kind = found.content.get("kind")
    _draw(deps, found.where, str(kind), None)


def back(deps: Deps, found: Pressed) -> None:
    """From what was shown back to what was asked, with all that was chosen."""
    data = found.where.view_data
    with deps.database.read() as session:
        chosen = _chosen(session, data)
    _draw(deps, found.where, str(data.get("kind")), chosen)


def _draw(deps: Deps, place: Where, kind: str, chosen: Choice | str | None) -> None:
    channel = _channel(place)

    def drawn() -> Block:
        with deps.database.read() as session:
            return route_here_modal.first(_seen(_now(session, deps, channel), place), kind, chosen)

    later(deps, place, lambda: redraw(deps, place.view_id, drawn, place.view_hash, reader=place.user_id))


def _channel(place: Where) -> str:
    channel = payloads.channel(place.view_data)
    if not channel:
        raise BadPayloadError(payloads.FOREIGN)
    return channel


def _seen(now: Now, place: Where) -> Now:
    """With what Slack said of the channel when the window was opened."""
    return replace(now, is_shared=place.view_data.get("shared") is True)


def _now(session: Session, deps: Deps, channel: str) -> Now:
    alert_channel = deps.rules(session).routing.alert_channel
    document = in_force(session).document
    return Now(
        channel=channel, alert_channel=alert_channel, routes=new_route.leading(document, channel, alert_channel),
    )


def register(app: App, deps: Deps) -> None:
    """Listen for what is typed into the field that finds teams and campaigns."""

    @app.options(WHAT)
    def listen(ack: Callable[..., BoltResponse], body: Mapping[str, Any]) -> None:
        scope = str(body.get("action_id", "")).partition(".")[2]
        typed = body.get("value")
        with deps.database.read() as session:
            found = mute_targets.complete(session, scope, typed if isinstance(typed, str) else "")
        ack(options=[route_here_modal.entry(one) for one in found])


# --- what was chosen ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was chosen, the field in which it was, and how it travels."""

    wish: Wish | None
    field: str
    data: Mapping[str, Any]


def _asked(session: Session, found: Submitted) -> Asked:
    """What stands in the first window."""
    kind = str(_json(payloads.chosen(found.values, route_here_modal.KIND, route_here_modal.KIND)).get("kind"))
    field = f"{route_here_modal.WHAT}.{kind}"
    chosen = payloads.chosen(found.values, field, field)
    ref = {"id": chosen} if kind == "rule" else _json(chosen)
    data = {"kind": kind, "ref": {name: ref[name] for name in ("scope", "of", "id") if name in ref}}
    return Asked(wish=_wish(session, data), field=route_here_modal.KIND if kind == EVERYTHING else field, data=data)


def _wish(session: Session, data: Mapping[str, Any]) -> Wish | None:
    """The wish that ids stand for; None where nothing is chosen, or it is gone."""
    kind, ref = data.get("kind"), data.get("ref")
    ref = ref if isinstance(ref, dict) else {}
    if kind == EVERYTHING:
        return Wish(kind=EVERYTHING)
    if kind == "rule":
        rule = ref.get("id")
        return Wish(kind="rule", word=rule) if isinstance(rule, str) and rule in FINDINGS else None
    if kind not in {"team", "campaign"} or not ref:
        return None
    target = mute_targets.target(session, {**ref, "scope": kind})
    return Wish(kind=kind, word=target.label) if target is not None else None


def _chosen(session: Session, data: Mapping[str, Any]) -> Choice | str | None:
    wish, ref = _wish(session, data), data.get("ref")
    if wish is None or wish.kind == EVERYTHING or not isinstance(ref, dict):
        return None
    return wish.word if wish.kind == "rule" else Choice(scope=wish.kind, label=wish.word, ref=ref)


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


# --- showing back, and doing it -----------------------------------------------------------------------


def submit(deps: Deps, found: Submitted, _body: Mapping[str, Any]) -> Answer:
    """Show back what would come here and what that changes; what cannot be is told beside the field."""
    channel = _channel(found.where)
    with deps.database.read() as session:
        asked, before = _asked(session, found), in_force(session)
        if asked.wish is None:
            return beside(asked.field, CHOOSE)
        routed = _put(session, deps, before, asked.wish, channel)
        if not isinstance(routed, Routed):
            return beside(asked.field, routed)
        effect = _effect(session, deps, routed, channel)
        now = _seen(_now(session, deps, channel), found.where)
    shared = {"shared": True} if now.is_shared else {}
    data = {"channel": channel, **shared, **asked.data, "seen": before.seen("routes")}
    return instead(route_here_modal.confirm(asked.wish, now, effect, routed.before, data))


def _put(session: Session, deps: Deps, found: InForce, wish: Wish, channel: str) -> Routed | str:
    """The document with the route, or why there is none, in plain words."""
    try:
        routed = new_route.put(found.document, wish, channel, deps.rules(session).routing.alert_channel)
    except TooManyRoutesError:
        return FULL
    except ValueError:
        return "This name is too long for a route, or holds what cannot be shown."
    return routed or HERE_ALREADY


def _effect(session: Session, deps: Deps, routed: Routed, channel: str) -> Effect:
    before = deps.rules(session)
    routing = before.routing
    after = rulebook(routed.document, before.watch.calendar.zone, routing.alert_channel, routing.admins)
    pairs, _ = mutes.open_page(session, true(), 0, LOOKED_AT)
    subjects = [subject_of(alert, send) for alert, send in pairs if send is not None]
    return new_route.effect(subjects, before, after, channel)


def confirm(deps: Deps, found: Submitted, _body: Mapping[str, Any]) -> Answer:
    """Put it into force, as long as nobody has changed the routes since they were shown."""
    place, channel, now = found.where, _channel(found.where), deps.clock()
    refused = denied(deps, place, SETTINGS, found.dedupe_key)
    if refused is not None:
        return instead(window(refused))
    with deps.database.read() as session:
        wish, before = _wish(session, place.view_data), in_force(session)
        routed = _put(session, deps, before, wish, channel) if wish is not None else CHOOSE
    if wish is None or not isinstance(routed, Routed):
        return instead(window(note(str(routed))))
    if before.seen("routes") != place.view_data.get("seen"):
        return instead(window(_changed(deps)))
    try:
        with deps.database.write() as session:
            changes.apply(session, before, routed.document, now, place.user_id, ("routes",))
            change = stored.history(session, "routes", 1)[0].id
            _redraw_welcome(session, channel, now)
    except ConfigChangedError:
        return instead(window(_changed(deps)))
    deps.wake()
    return instead(route_here_modal.done(wish, channel, change))


def undo(deps: Deps, found: Pressed) -> None:
    """Take the route back, unless something came after it."""
    place, change = found.where, payloads.number(found.content, "change")

    def task() -> None:
        told = denied(deps, place, SETTINGS, found.dedupe_key) or _undone(deps, place, change)
        redraw(deps, place.view_id, lambda: window(told), reader=place.user_id)

    later(deps, place, task)


def _undone(deps: Deps, place: Where, change: int) -> Drawn:
    now = deps.clock()
    try:
        with deps.database.write() as session:
            changes.undo(session, change, now, place.user_id)
            _redraw_welcome(session, payloads.channel(place.view_data), now)
    except (ConfigChangedError, LookupError):
        return _changed(deps)
    deps.wake()
    return note(UNDONE)


def _changed(deps: Deps) -> Drawn:
    with deps.database.read() as session:
        last = stored.history(session, "routes", 1)
    return note(CHANGED.format(f" by {person(last[0].changed_by)}" if last else ""))


def _redraw_welcome(session: Session, channel: str, now: datetime) -> None:
    """What the welcome says of the channel's alerts is said as it is now."""
    shown = channel_news.welcomes(session, channel)
    messages.touch(session, [one.id for one in shown[:1]], now, priority=messages.PRESS_PRIORITY)


BUTTONS: dict[str, Callable[[Deps, Pressed], Any]] = {
    welcome_card.ROUTE: open_window, route_here_modal.KIND: change_kind, route_here_modal.BACK: back,
    route_here_modal.UNDO: undo,
}
WINDOWS: dict[str, Callable[[Deps, Submitted, Mapping[str, Any]], Answer]] = {
    route_here_modal.CALLBACK: submit, route_here_modal.CONFIRM_CALLBACK: confirm,
}
