"""Open alerts, and sends that are held up, by what people type: a kind of alert, a status, whom or what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import Session

from bot.alerts import muted
from bot.alerts.muting import RULES
from bot.sends import joints, lookup
from bot.slack import grammar, mute_targets
from bot.slack.facts import Pair
from bot.statuses import spelling
from bot.statuses.catalogue import Status
from storage import mutes, sends
from storage.models import Alert, Send

JOINS = re.compile(r"\s(?:in|with|of)\Z", re.IGNORECASE)
"""What joins a name to a kind of alert or a status behind it: "Acme in order received"."""
SIGNS = ".,;:!?"
LONGEST_NAME = 4
"""Words of a kind of alert or a status where more words follow it."""


def page(session: Session, words: str, offset: int, limit: int, now: datetime) -> tuple[int, list[Pair]]:
    """How many open alerts the words fit, and some of them, the newest first; without those that a mute hides."""
    rule, status, rest = _parts(session, words)
    wanted = [Alert.rule == rule] if rule else [Alert.status == status] if status else []
    wanted += lookup.fits(session, rest) if rest else []
    found, total = mutes.open_page(session, and_(true(), *wanted, ~muted.hidden(session, now)), offset, limit)
    return total, found


def fits(session: Session, words: str) -> list[ColumnElement[bool]]:
    """What is true of a send that the words fit: that it has such an alert or status, and is about the rest of them."""
    rule, status, rest = _parts(session, words)
    has_it = Send.id.in_(select(Alert.send_id).where(Alert.rule == rule, Alert.state != "resolved"))
    wanted = [has_it] if rule else [sends.has_status(status)] if status else []
    return [*wanted, *(lookup.fits(session, rest) if rest else [])]


def near(session: Session, words: str) -> tuple[str, ...]:
    """What may have been meant by words that fit nothing: kinds of alert, and names that some send has."""
    rule, status, rest = _parts(session, words)
    # A slip may have been taken for a status while the kind of alert that is called so was meant.
    is_kind = bool(rule or status) and bool(rest)
    called = [word for kind in RULES for word in (kind, *mute_targets.RULE_WORDS.get(kind, ())) if "_" not in word]
    kinds = () if is_kind else grammar.nearest(words.casefold(), called)
    names = lookup.find(session, rest, limit=1).nearest if rest else ()
    return tuple(one for one in dict.fromkeys((*kinds, *names)) if one.casefold() != words.casefold())


def _parts(session: Session, words: str) -> tuple[str, str, str]:
    """The kind of alert or else the status that the words begin or end with, as ids, and what is left of them."""
    rule, status, rest = _named_in(joints.without(session, words))
    return rule, status, joints.without(session, JOINS.sub("", rest) if rule or status else rest)


def _named_in(words: str) -> tuple[str, str, str]:
    said = [word.strip(SIGNS) for word in words.split()]
    for named, rest in _cuts([word for word in said if word]):
        rule = mute_targets.rule_called(named)
        # A slip is only mended where nothing else was typed: to look for one in each part would take long.
        status = spelling.canonical(named) if rest else spelling.resolve(named).status or Status.UNKNOWN
        if rule or status is not Status.UNKNOWN:
            return rule, "" if rule else str(status), rest
    return "", "", " ".join(word for word in said if word)


def _cuts(said: list[str]) -> Iterator[tuple[str, str]]:
    yield " ".join(said), ""
    for length in range(min(len(said) - 1, LONGEST_NAME), 0, -1):
        yield " ".join(said[:length]), " ".join(said[length:])
        yield " ".join(said[-length:]), " ".join(said[:-length])
