"""What somebody is told whose press had no effect, or only with some of many alerts. Pure, and mrkdwn.

People are mention tokens. Who puts a line into Slack keeps those tokens and escapes the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.alerts.lifecycle import SCAN, Action, Code, Refused
from bot.alerts.notices import count, how_long_ago, joined
from bot.sends.naming import FORGOTTEN


def refusal(refused: Refused, now: datetime, reader: str = "", *, several: bool = False) -> str:
    """Why a press had no effect, in mrkdwn, for the person (a Slack user id) who pressed it.

    Names who was first and when; people are mention tokens. `several`: the press was on all alerts of a message.
    """
    if refused.code in _PLAIN:
        return _PLAIN[refused.code]
    ago = f" {how_long_ago(now - refused.at)}" if refused.at is not None else ""
    you = refused.by is not None and refused.by == reader
    match refused.code:
        case Code.MOVED_ON:
            return f"Too late to undo. {_safe(refused.detail) or 'The send has moved on.'}"
        case Code.NOT_YOURS:
            # Of several, it may be that they have done it with some only.
            done = _DONE[refused.detail].by_you.format("alerts of this message" if several else "it")
            return f"Only {person(refused.by)}, who {done}{ago}, can undo that."
        case Code.FORBIDDEN | Code.NOT_ALL:
            return f"{_FORBIDDEN[refused.code]} It is for {_listed(refused.detail.split())}."
        case Code.ASSIGNED if refused.detail not in {"", refused.by}:
            who = f"You already assigned {_them(several=several)}" if you else "Already assigned"
            whom = "you" if refused.detail == reader else person(refused.detail)
            return f"{who} to {whom}{'' if you else f' by {person(refused.by)}'}{ago}."
    return _too_late(refused, ago, you=you, several=several)


def partly(changed: int, barred: int, refused: Refused) -> str:
    """That a press on many alerts changed only some, in mrkdwn; `refused` says who may change the other `barred`."""
    others = "another one" if barred == 1 else f"{barred:,} others"
    who = _listed(refused.detail.split())
    return f"Done with {count(changed, 'alert')}, but not with {others}: that is for {who}."


def done(changed: int) -> str:
    """That a press on many alerts changed so many."""
    return f"Done with {count(changed, 'alert')}."


def left(by: Sequence[str]) -> str:
    """That a press on many alerts left some to colleagues, in mrkdwn; `by` names one for each of these (user ids)."""
    who = joined([person(one) for one in dict.fromkeys(by)], "and")
    if len(by) == 1:
        return f"Another one is left as it is: {who} took care of it."
    return f"{len(by):,} others are left as they are: {who} took care of them."


def assigns(number: int, barred: int, who: Sequence[str]) -> str:
    """How many open alerts an assignment is about, in mrkdwn; the other `barred` are for `who` (words and ids)."""
    if not barred:
        return f"This assigns {count(number, 'open alert')}."
    others = "The other one is" if barred == 1 else f"The other {barred:,} are"
    return f"This assigns {number:,} of {count(number + barred, 'open alert')}. {others} for {_listed(who)} to assign."


def _too_late(refused: Refused, ago: str, *, you: bool, several: bool) -> str:
    done_words = _DONE[refused.code]
    if you:
        return f"You already {done_words.by_you.format(_them(several=several))}{ago}."
    if refused.by == SCAN:
        return f"Already {done_words.by_others} by Sendwatch{ago}. {_safe(refused.detail)}".rstrip()
    return f"Already {done_words.by_others} by {person(refused.by)}{ago}."


def _them(*, several: bool) -> str:
    return "them" if several else "it"


@dataclass(frozen=True)
class _Done:
    by_others: str
    by_you: str
    """With braces for one alert or several; "it" is the press itself, or the first look."""


_DONE: Mapping[str, _Done] = {
    Code.RESOLVED: _Done("resolved", "resolved {}"),
    Code.ACKNOWLEDGED: _Done("acknowledged", "acknowledged {}"),
    Code.ASSIGNED: _Done("taken on", "took {} on"),
    Code.SNOOZED: _Done("snoozed until then", "snoozed {} until then"),
    # Until when is only told to who has asked for the very same.
    Code.SNOOZED_MEANWHILE: _Done("snoozed", "snoozed {}"),
    Code.SUPPORT_SENT: _Done("reported to Support", "told Support about {}"),
    Code.UNDONE: _Done("undone", "undid it"),
    Code.CHOSEN: _Done("decided", "decided it"),
    Action.ACKNOWLEDGE: _Done("acknowledged", "acknowledged {}"),
    Action.ASSIGN: _Done("assigned", "assigned {}"),
    Action.SNOOZE: _Done("snoozed", "snoozed {}"),
    Action.RESOLVE: _Done("resolved", "resolved {}"),
    Action.SUPPORT: _Done("taken up", "took {} up"),
    Action.SUPPORT_SENT: _Done("reported to Support", "told Support about {}"),
    Action.BASELINE_SETTLE: _Done("settled", "settled it"),
    Action.BASELINE_POST: _Done("posted", "posted them"),
}
"""What was done, after "Already" and after "You already"."""

_FORBIDDEN: Mapping[Code, str] = {
    Code.FORBIDDEN: "You may not do that here.",
    Code.NOT_ALL: "That is about all of these gifts at once, and some of them are not yours.",
}

_PLAIN: Mapping[Code, str] = {
    Code.SNOOZE_PAST: "A snooze must end later than now.",
    Code.SNOOZE_TOO_LONG: "A snooze can last a year at most.",
    Code.NOTHING_TO_UNDO: "There is nothing of yours to undo here.",
    Code.GONE: "Sendwatch does not know this alert any more.",
    Code.NOTHING_OPEN: "Everything here is settled already.",
    Code.WORKED_ON: "Too late to undo: every one of them has been worked on since.",
}


def _safe(text: str) -> str:
    # A reason may hold a status from outside; without angle brackets it mentions nobody.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _listed(words: Sequence[str]) -> str:
    """Who may do something, for mrkdwn: people and user groups as mention tokens, which ping nobody here."""
    named = [_WHO.get(word) or (f"<!subteam^{word}>" if word.startswith("S") else f"<@{word}>") for word in words]
    return joined(named, "or")


_WHO: Mapping[str, str] = {
    "sender": "the sender of the gift", "team": "the sender's team",
    "admins": "the admins of Sendwatch", "anyone": "everybody here",
}


def person(user: str | None) -> str:
    """Who did something, for mrkdwn: a mention token, or a word where there is nobody to mention."""
    if user and user.startswith(FORGOTTEN):
        return "somebody who was forgotten"
    return f"<@{user}>" if user else "somebody"
