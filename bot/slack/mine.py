"""`/sends mine`: what is assigned to the one who asks, and what they have sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.sends import lookup
from bot.sends.lookup import Found
from bot.slack import facts
from bot.slack.blocks import alert_list, mine_card, send_list
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.mine_card import TOP, Mine
from bot.slack.blocks.send_list import PAGE, Page
from bot.slack.blocks.text import at_least, clip, count
from bot.slack.payloads import FOREIGN, USER, BadPayloadError
from storage import scope
from storage import sends as stored
from storage.scope import Look, Scope

LONGEST = 200
"""Letters of the words that a list is narrowed to."""
NO_EMAIL = (
    "Slack does not tell me your e-mail, so I cannot know which sends are yours. "
    "`/send-status` with your name or e-mail finds them."
)
NO_SENDS = (
    "Sendwatch knows no send of yours. It looks for your Slack e-mail among the senders. `/send-status` with a name "
    "finds what others have sent."
)
NOTHING = "No alert is assigned to you. 🎉 `/sends alerts` lists all that are open."
NEXT = "“Open” shows what can be done. `/sends watch jane@acme.com` tells you each step of one."


def asked(user_id: str, email: str, words: str = "") -> dict[str, Any]:
    """What names the list of this person, or of it the sends that the words fit."""
    return {"list": "mine", "q": email, "u": user_id, "offset": 0, **({"w": clip(words, LONGEST)} if words else {})}


def page(session: Session, asked: Mapping[str, Any], offset: int, now: datetime) -> Drawn:
    """The assigned alerts and the first own sends; further pages show sends only."""
    user_id, email = _user(asked), str(asked.get("q") or "")
    if email and isinstance(asked.get("w"), str):
        return _that_fit(session, asked, offset, now)
    again = {"list": "mine", "q": email, "u": user_id, "offset": offset}
    sends = _sends(session, email, offset, again)
    if offset and sends is not None:
        return send_list.build(sends, now)
    alerts, hidden = facts.assigned(session, user_id, now)
    mine = Mine(asked=again, top=alerts[:TOP], total=len(alerts), hidden=hidden)
    return mine_card.build(mine, sends, NO_SENDS if email else NO_EMAIL, now)


def _that_fit(session: Session, asked: Mapping[str, Any], offset: int, now: datetime) -> Drawn:
    """Those of one's own sends that the words fit."""
    email, words, limits = str(asked["q"]).lower(), str(asked["w"]), scope.current()
    # Whoever may find nothing does not find what is their own either.
    own = Scope(email=email if limits is None or limits.email else "")
    with scope.looking(Look(scope=own)):
        found = lookup.find(session, words, limit=offset + PAGE)
    title = f"{_title(found)} {send_list.that_fit(found.total, words)}"
    page = _page(session, title, found, offset, {**asked, "offset": offset})
    return send_list.build(page, now) if page is not None else send_list.none_of_yours(words)


def assigned(session: Session, asked: Mapping[str, Any], offset: int, now: datetime) -> Drawn:
    """A page of the alerts that are assigned to this person."""
    user_id = _user(asked)
    alerts, _ = facts.assigned(session, user_id, now)
    shown = alerts[offset:offset + PAGE]
    if not shown:
        return send_list.empty(NOTHING)
    return alert_list.build(
        shown, total=len(alerts), offset=offset, asked={"list": "assigned", "u": user_id, "offset": offset}, now=now,
        title=f"{count(len(alerts), 'alert')} assigned to you",
    )


def _user(asked: Mapping[str, Any]) -> str:
    user_id = asked.get("u")
    if not isinstance(user_id, str) or not USER.fullmatch(user_id):
        raise BadPayloadError(FOREIGN)
    return user_id


def _sends(session: Session, email: str, offset: int, again: dict[str, Any]) -> Page | None:
    if not email:
        return None
    found = lookup.mine(session, email, offset + PAGE)
    return _page(session, _title(found), found, offset, again)


def _title(found: Found) -> str:
    number = at_least(found.total, more=found.more).capitalize()
    return f"{number} {'send' if found.total == 1 else 'sends'} of yours"


def _page(session: Session, title: str, found: Found, offset: int, again: dict[str, Any]) -> Page | None:
    shown = found.sends[offset:offset + PAGE]
    if not shown:
        return None
    alerting = {alert.send_id for alert in stored.open_alerts(session, [send.id for send in shown])}
    return Page(
        title=title, asked=again, sends=shown, total=found.total, more=found.more, offset=offset, next_step=NEXT,
        alerting=frozenset(send_id for send_id in alerting if send_id is not None),
    )
