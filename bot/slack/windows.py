"""Windows: which is opened for which press, and how one that is open is drawn anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts import refusals
from bot.alerts.lifecycle import Action, AlertState, Refused, step
from bot.slack import answers, facts, payloads
from bot.slack.blocks import group_modal, meaning_card, send_card, snooze_modal
from bot.slack.blocks.alert_state import explained
from bot.slack.blocks.drawn import Block, Drawn
from bot.slack.blocks.group_modal import PAGE
from bot.slack.blocks.help_card import note, window
from bot.slack.blocks.text import with_people
from bot.slack.deps import Deps
from bot.slack.payloads import Where
from bot.slack.replies import redraw, show, tell
from storage.models import Alert, Send

GONE = note("Sendwatch does not know this alert any more. `/sends alerts` lists those that are open.")
Pair = tuple[Alert, Send | None]


def gone() -> Block:
    """The window in place of one about an alert that is not there any more."""
    return window(GONE)


def origin(place: Where, content: Mapping[str, Any]) -> dict[str, Any]:
    """Which window is open beneath, as ids for the one on top, so that it can be drawn anew afterwards."""
    if place.view_callback == group_modal.CALLBACK:
        return {"message": place.view_data.get("message"), "page": payloads.count(content, "p")}
    if place.view_callback == send_card.CALLBACK:
        return {"send": place.view_data.get("send")}
    return {}


def beneath(data: Mapping[str, Any]) -> dict[str, Any]:
    """The same out of what came back with the one on top."""
    return {name: data[name] for name in ("message", "page", "send") if name in data}


def meaning(deps: Deps, place: Where, alert_id: int, _beneath: dict[str, Any]) -> None:
    """Explain the status that an alert is about; where no window opens, in words."""
    with deps.database.read() as session:
        pair = facts.alert_with_send(session, alert_id)
    found = explained(*pair) if pair else ()
    if pair is None or not found:
        tell(deps, place, GONE)
        return
    raw = pair[0].status_raw if pair[0].status == "unknown" else ""
    show(deps, place, meaning_card.view(found, raw), instead=meaning_card.build(found))


def refused(pair: Pair | None, action: Action, place: Where, deps: Deps) -> Drawn | None:
    """Why the action would have no effect, known before somebody fills in a window for nothing."""
    if pair is None:
        return GONE
    now = deps.clock()
    made = step(AlertState.of(pair[0]), action, place.user_id, now, {"until": now + snooze_modal.SOONEST})
    if not isinstance(made, Refused):
        return None
    return note(with_people(refusals.refusal(made, now, place.user_id), made.people))


def group(session: Session, deps: Deps, message_id: int, page: int) -> Block | None:
    """A page of all alerts of a message, as it is now; None when there are none."""
    found = facts.group(session, message_id)
    if found is None:
        return None
    number = min(page, max(0, -(-found.total // PAGE) - 1))
    rows = facts.page_of_message(session, message_id, offset=number * PAGE, limit=PAGE)
    return group_modal.build(found, rows, number=number, now=deps.clock())


def refresh(
    deps: Deps, view_id: str, beneath: Mapping[str, Any], view_hash: str = "", *, reader: str,
) -> None:
    """Draw the window beneath anew for `reader` (a Slack user id), if there is one that shows what has changed."""
    if not view_id:
        return
    if "message" in beneath:
        message_id, page = payloads.number(beneath, "message"), payloads.count(beneath, "page")
        redraw(deps, view_id, lambda: _group_now(deps, message_id, page), view_hash, reader=reader)
    elif "send" in beneath:
        send_id = payloads.number(beneath, "send")
        redraw(deps, view_id, lambda: _send_now(deps, send_id, reader), view_hash, reader=reader)


def _group_now(deps: Deps, message_id: int, page: int) -> Block:
    with deps.database.read() as session:
        found = group(session, deps, message_id, page)
    return found or window(answers.GONE)


def _send_now(deps: Deps, send_id: int, reader: str) -> Block:
    with deps.database.read() as session:
        send = session.get(Send, send_id)
        now = deps.clock()
        if send is None:
            return send_card.lookup(answers.GONE.text)
        return send_card.view(answers.facts(session, send, now, reader), now)
