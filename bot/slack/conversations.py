"""What is written to the bot: with its name in a channel, or in the direct message with it. Answered once, in words.

The question is kept as a row of `messages` before Slack hears that it was taken, so that it is answered once however
often Slack tells of it, and whatever stops meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_bolt import App
from sqlalchemy.exc import IntegrityError

from bot.slack import answers, mine, people, question_answers
from bot.slack.blocks import question_card
from bot.slack.deps import Deps
from bot.slack.payloads import USER, Pressed, Where
from bot.slack.questions import Question, understand
from bot.slack.replies import later, respond
from storage import messages
from storage import people as stored_people
from storage.messages import OTHERS, PRESS_PRIORITY
from storage.models import Message

CHANNEL = re.compile(r"[CDG][A-Z0-9]{2,}")
TS = re.compile(r"\d{1,20}\.\d{1,10}")
SPOKEN = frozenset({None, "file_share", "thread_broadcast"})
"""Subtypes of messages that a person has just written; all others tell of something else, such as an edit."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """Something that a person has written to the bot."""

    question: Question
    user: str
    channel: str
    ts: str
    thread_ts: str | None
    """The message under which the answer goes; None where it stands for itself."""
    is_private: bool

    @property
    def key(self) -> str:
        """Names the answer for ever: there is one for a message."""
        return f"answer:{self.channel}:{self.ts}"


def register(app: App, deps: Deps) -> None:
    """Listen for mentions, and for what is written in direct messages."""

    @app.event("app_mention")
    def mentioned(body: Mapping[str, Any]) -> None:
        take(deps, said(body))

    @app.event("message")
    def written(body: Mapping[str, Any]) -> None:
        if _of(body).get("channel_type") == "im":
            take(deps, said(body))


def said(body: Mapping[str, Any]) -> Said | None:
    """What a person asks by an event; None for bots, edits, and whatever is no question."""
    event = _of(body)
    user, channel, ts = (_text(event, name) for name in ("user", "channel", "ts"))
    spoken = event.get("subtype") in SPOKEN and not any(event.get(name) for name in ("bot_id", "edited", "hidden"))
    bots = _bots(body)
    if not (spoken and USER.fullmatch(user) and CHANNEL.fullmatch(channel) and TS.fullmatch(ts)) or user in bots:
        return None
    is_private = event.get("channel_type") == "im" or channel.startswith("D")
    thread = _text(event, "thread_ts")
    thread_ts = thread if TS.fullmatch(thread) else None if is_private else ts
    question = Question(what="elsewhere") if _is_shared(body, event) else understand(_text(event, "text"), bots)
    return Said(question=question, user=user, channel=channel, ts=ts, thread_ts=thread_ts, is_private=is_private)


def _of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    event = body.get("event")
    return event if isinstance(event, dict) else {}


def _text(event: Mapping[str, Any], name: str) -> str:
    found = event.get(name)
    return found if isinstance(found, str) else ""


def _bots(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The user ids of the bot, as the event itself names them."""
    return tuple(one for one in _authorized(body, "user_id") if USER.fullmatch(one))


def _authorized(body: Mapping[str, Any], name: str) -> list[str]:
    found = body.get("authorizations")
    return [_text(one, name) for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _is_shared(body: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Whether people of another organisation read it, or wrote it."""
    teams = {_text(event, name) for name in ("user_team", "source_team")} - {""}
    # Of somebody in an organisation of several workspaces `user_team` may be the organisation.
    own = {_text(body, "team_id"), *_authorized(body, "enterprise_id")}
    return body.get("is_ext_shared_channel") is True or bool(teams - own)


def take(deps: Deps, found: Said | None) -> None:
    """Keep a question to be answered; what was kept before is not kept again."""
    if found is None:
        return
    is_own = found.is_private and found.question.what == "mine"
    try:
        with deps.database.write() as session:
            is_known = is_own and stored_people.by_id(session, found.user) is not None
            message = messages.want(
                session, key=found.key, kind=question_answers.ANSWER, channel=found.channel, now=deps.clock(),
                thread_of=f"{OTHERS}{found.thread_ts}" if found.thread_ts else None,
                body=question_answers.body(
                    found.question, found.user, is_private=found.is_private, is_known=is_known,
                ),
            )
            is_new = message.posted_rev == 0 and message.attempts == 0
            if is_new:
                message.priority = PRESS_PRIORITY
    except IntegrityError:
        # Another process has kept it a moment ago.
        return
    deps.wake()
    if is_new and is_own and not is_known:
        place = Where(user_id=found.user, channel=found.channel)
        later(deps, place, partial(_meet, deps, place, message.id))


def go_on(deps: Deps) -> None:
    """Ask who those are about whom a process that was killed had no time to ask: their answers say that it is done."""
    with deps.database.read() as session:
        kept = messages.of_kind(session, question_answers.ANSWER)
        left = [(one.id, question_answers.looks_up(one.body), one.channel) for one in kept]
    for message_id, asker, channel in left:
        if asker:
            place = Where(user_id=asker, channel=channel)
            later(deps, place, partial(_meet, deps, place, message_id))


def _meet(deps: Deps, place: Where, message_id: int) -> None:
    """Ask Slack who asks for what is theirs, and have the answer drawn anew, which may say that this is done."""
    with deps.database.read() as session:
        known = stored_people.by_id(session, place.user_id)
    # Who became known in between, by another request of theirs, may have been drawn as a stranger all the same.
    if known is None:
        people.ask(deps, place)
    with deps.database.write() as session:
        message = session.get(Message, message_id)
        if message is None:
            return
        message.body = {**message.body, "looked_up": True}
        messages.touch(session, [message_id], deps.clock(), priority=PRESS_PRIORITY)
    deps.wake()


def draw_again(deps: Deps, place: Where) -> None:
    """Have an answer of ours drawn anew on which somebody has pressed; nothing where it was none."""
    with deps.database.read() as session:
        found = messages.posted(session, [place.channel], place.message_ts)
    if found is None or found.kind != question_answers.ANSWER:
        return
    with deps.database.write() as session:
        messages.touch(session, [found.id], deps.clock(), priority=PRESS_PRIORITY)
    deps.wake()


def show_mine(deps: Deps, found: Pressed) -> None:
    """Show to who pressed, and to nobody else, what is theirs."""
    place, words = found.where, found.content.get("w")

    def task() -> None:
        with deps.database.read() as session:
            email = people.known(session, place.user_id, deps.clock()).email
        email = email or people.ask(deps, place)
        asked = mine.asked(place.user_id, email, words if isinstance(words, str) else "")
        with deps.database.read() as session:
            respond(deps, place, answers.page(session, asked, deps.clock()))

    later(deps, place, task)


HANDLERS: dict[str, Callable[[Deps, Pressed], Any]] = {question_card.MINE: show_mine}
