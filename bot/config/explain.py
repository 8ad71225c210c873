"""Where the alerts of a given send go and why: every route as it took them, and what would hold them now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts import muting, telling
from bot.alerts.escalation import INHIBITED, MUTED
from bot.alerts.holding import Holds
from bot.alerts.inhibition import Source
from bot.alerts.judgement import watched
from bot.alerts.lifecycle import State
from bot.alerts.routing import ADMIN_RULES, Destination, Subject, Tried
from bot.alerts.rulebook import Rulebook
from bot.alerts.subjects import about, subject_of
from bot.answers import iso
from bot.config.names import LEVELS_OF
from bot.statuses import catalogue, thresholds
from bot.statuses.watched import EXPIRED
from storage import alerts as stored
from storage import sends
from storage.models import Alert, Notification, Send

NOTICE = "notice"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """An alert that a send has, will have, or might have: `state` is an alert's own, "expected" or "supposed"."""

    rule: str
    level: str
    state: str
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Held:
    """What keeps an alert back now: muted, inhibited or quiet, until when at least, and in words by what."""

    why: str
    until: datetime
    by: str


@dataclass(frozen=True, kw_only=True)
class Explained:
    """One alert: how each route took it, and each place where it is told, with what holds it there now."""

    asked: Asked
    tried: tuple[Tried, ...]
    places: tuple[tuple[Destination, Held | None], ...]
    to_admins: bool = False
    """About Sendwatch itself: no route is asked."""

    def as_json(self) -> dict[str, Any]:
        """The shape that programs read."""
        return {
            "rule": self.asked.rule, "level": self.asked.level, "state": self.asked.state,
            "due_at": iso(self.asked.due_at), "to_admins": self.to_admins,
            "tried": [
                {"route": one.rule.name, "result": _result(one), "misfits": list(one.misfits)} for one in self.tried
            ],
            "places": [
                {
                    "channel": place.channel, "route": place.route, "policy": place.policy.name,
                    "held": {"why": held.why, "until": iso(held.until), "by": held.by} if held else None,
                }
                for place, held in self.places
            ],
        }


def _result(tried: Tried) -> str:
    if not tried.reached:
        return "not reached"
    return "does not fit" if tried.misfits else "matched"


def explain(
    session: Session, now: datetime, rules: Rulebook, send: Send, rule: str | None = None,
) -> tuple[Explained, ...]:
    """Where this send's alerts go as of `now`; empty where none is open, and none is to be expected as it stands.

    `rule` is a rule id or `rule/level`: then it is told of that alert alone, whether it will ever come or not.
    """
    asked = _supposed(rule, send, rules) if rule else _open(session, send) or _expected(send, rules)
    holds = _holds(session, asked, send, now)
    return tuple(
        _explained(session, one, about(one.rule, one.level, send.status, send), rules, holds, now) for one in asked
    )


def explained_away(
    session: Session, alerts: Iterable[tuple[Alert, Send | None]], now: datetime,
) -> dict[int, str]:
    """Those of the alerts, by row id, that another open alert explains, with that one in words, from outside in part.

    None of which somebody has taken care: these are not held back.
    """
    firing = [(alert, send) for alert, send in alerts if send is not None and alert.state == State.FIRING]
    rows = [(Notification(alert_id=alert.id, channel=""), alert, send) for alert, send in firing]
    sources = telling.holds_now(session, rows, now).sources
    found = ((alert.id, sources.hiding(subject_of(alert, send))) for alert, send in firing)
    return {alert_id: _about(session, source) for alert_id, source in found if source is not None}


def _open(session: Session, send: Send) -> list[Asked]:
    found = stored.open_for_sends(session, [send.id])[send.id]
    return [Asked(rule=one.rule, level=one.level, state=one.state, due_at=one.due_at) for one in found]


def _expected(send: Send, rules: Rulebook) -> list[Asked]:
    return [
        Asked(rule=found.rule, level=found.level, state="expected", due_at=found.due_at)
        for found in thresholds.findings(watched(send), rules.watch)
    ]


def _supposed(rule: str, send: Send, rules: Rulebook) -> list[Asked]:
    name, _, level = rule.partition("/")
    likely = next((one for one in _expected(send, rules) if one.rule == name and level in {"", one.level}), None)
    if likely is not None:
        return [likely]
    return [Asked(rule=name, level=level or LEVELS_OF.get(name, (NOTICE,))[0], state="supposed")]


def _holds(session: Session, asked: Iterable[Asked], send: Send, now: datetime) -> Holds:
    # Never added to the session: only what the question is asked of.
    alerts = (
        Alert(
            key="", send_id=send.id, rule=one.rule, level=one.level, status=send.status, due_at=one.due_at or now,
            opened_at=now,
        )
        for one in asked
    )
    return telling.holds_now(session, [(Notification(alert_id=0, channel=""), alert, send) for alert in alerts], now)


def _explained(
    session: Session, asked: Asked, subject: Subject, rules: Rulebook, holds: Holds, now: datetime,
) -> Explained:
    to_admins = subject.rule in ADMIN_RULES and bool(rules.routing.admins)
    return Explained(
        asked=asked, to_admins=to_admins,
        tried=() if to_admins else rules.routing.explain(subject),
        places=tuple(
            (place, _held(session, place, subject, asked, holds, now))
            for place in rules.routing.destinations(subject)
        ),
    )


def _held(
    session: Session, place: Destination, subject: Subject, asked: Asked, holds: Holds, now: datetime,
) -> Held | None:
    hold = holds.on(subject, place.policy, now)
    if hold is None or asked.state == State.RESOLVED:
        return None
    if hold.why == MUTED:
        muted = muting.holding(holds.mutes, subject)
        by = f"{muted.scope} {muted.label or muted.value}" if muted else ""
    elif hold.why == INHIBITED:
        source = holds.sources.hiding(subject)
        by = _about(session, source) if source else ""
    else:
        by = f"policy {place.policy.name}"
    return Held(why=hold.why, until=hold.until, by=by)


def _about(session: Session, source: Source) -> str:
    """An alert in a few words: "the gift for Olga Okafor: Insufficient Funds"; the name comes from outside."""
    send = sends.by_gids(session, [source.send_gid]).get(source.send_gid)
    who = " ".join((send.recipient_name or send.recipient_company or send.recipient_email if send else "").split())
    matter = "the offer is over" if source.rule == EXPIRED else catalogue.title(source.status)
    return f"the gift for {who or 'somebody without a name'}: {matter}"
