"""Why an alert is shown, and when a send without one would have one: `/sends why` and "Why do I see this?"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts import explanation, muted, muting
from bot.alerts.escalation import INHIBITED, MUTED
from bot.alerts.judgement import watched
from bot.alerts.lifecycle import SCAN, State
from bot.alerts.rulebook import Rulebook
from bot.alerts.subjects import about, subject_of
from bot.config.explain import Explained, explain, explained_away
from bot.sends import lookup
from bot.slack import answers, escalated, facts, muted_timeline, payloads, undelivered, windows
from bot.slack.blocks import gift, pick_list, why_card, why_now, why_places
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.help_card import window
from bot.slack.blocks.mute_modal import muted_line
from bot.slack.blocks.why_card import AlertWhy, Coming, Outlook, Reason, Setting
from bot.slack.deps import Deps
from bot.slack.fitting import fitting
from bot.slack.payloads import Pressed, Where
from bot.slack.possible import coming
from bot.slack.replies import later, respond, show, tell
from bot.statuses import catalogue
from bot.statuses.limits import SET_HERE
from bot.statuses.watched import Finding
from storage import alerts as stored
from storage import config, notifications, watches
from storage.models import Alert, Notification, Send

FIND = "why_find"


# --- one alert ----------------------------------------------------------------------------------------


def show_alert(deps: Deps, found: Pressed) -> None:
    """Open the window that explains one alert; where none opens, it is said beside it."""
    alert_id, place = payloads.number(found.content, "alert"), found.where

    def task() -> None:
        now = deps.clock()
        with deps.database.read() as session:
            pair = facts.alert_with_send(session, alert_id)
            told = of_alert(session, *pair, deps.rules(session), now) if pair else None
        if told is None:
            tell(deps, place, windows.GONE)
        else:
            show(deps, place, why_card.view(told, now), instead=why_card.message(told, now))

    later(deps, place, task)


def of_alert(session: Session, alert: Alert, send: Send | None, rules: Rulebook, now: datetime) -> AlertWhy:
    """Everything that is known of why an alert is shown; what was stored with it is what is told."""
    return _with_next(session, _told(session, alert, send, rules, now), rules, now)


def _told(session: Session, alert: Alert, send: Send | None, rules: Rulebook, now: datetime) -> AlertWhy:
    rows = notifications.of_alerts(session, [alert.id])[alert.id]
    shown = next((row for row in rows if row.message_id is not None), None)
    first = next((row for row in rows if row.escalations), None)
    subject, unseen = subject_of(alert, send), undelivered.of(session, rows)
    return AlertWhy(
        alert=alert, send=send, reason=_of_alert(session, alert, send, rules),
        brought_up=why_now.brought_up(
            alert, shown, first if first is not shown else None,
            sender=escalated.sender_of(session, shown, send, now),
        ),
        places=[
            why_places.place(row, alert, subject, rules.routing, rows, now, unseen.get(row.id, "")) for row in rows
        ],
        holds=_holds(session, alert, send, rows, now),
    )


def _with_next(session: Session, told: AlertWhy, rules: Rulebook, now: datetime) -> AlertWhy:
    """The same with what comes next about its send if that does not move on."""
    send = told.send
    if send is None or told.alert.status_seq != send.status_seq:
        return told
    ahead = [_coming(session, one, send, rules, (), now) for one in coming(session, send, rules.watch, now)]
    return replace(told, coming=ahead)


def _of_alert(session: Session, alert: Alert, send: Send | None, rules: Rulebook) -> Reason:
    words, source = _limit(alert.threshold)
    return Reason(
        rule=alert.rule, level=alert.level, why=alert.why, words=words, source=source,
        status=gift.title(alert.status, alert.status_raw) if alert.status else "", since=alert.status_since,
        reckoning=explanation.of_alert(alert, send, rules.watch.calendar),
        setting=_setting(session, source, alert.opened_at),
    )


def _limit(threshold: dict[str, Any]) -> tuple[str, str]:
    words, source = threshold.get("words"), threshold.get("source")
    return words if isinstance(words, str) else "", source if isinstance(source, str) else ""


def _setting(session: Session, source: str, until: datetime) -> Setting | None:
    """Who changed the limits of this installation last before a moment, for a limit that is one of these."""
    if not source.startswith(SET_HERE):
        return None
    changes = config.history(session, "thresholds", limit=200)
    last = next((one for one in changes if one.changed_at <= until), None)
    return Setting(by=last.changed_by, at=last.changed_at) if last is not None else None


def _holds(
    session: Session, alert: Alert, send: Send | None, rows: Sequence[Notification], now: datetime,
) -> list[str]:
    """The mutes that ever held it, and whatever else holds it or has held it, in order of time."""
    told = [words for _, _, words in sorted(muted_timeline.entries(session, alert, now), key=lambda one: one[:2])]
    if alert.state != State.RESOLVED:
        held = muted.holding(session, [(alert, send)], now).get(alert.id)
        told += [f"Now: {muted_line(held)}"] if held is not None else []
    by = explained_away(session, [(alert, send)], now).get(alert.id, "")
    return [*told, *(words for row in rows if (words := why_places.held(row, alert, by)))]


# --- one send -----------------------------------------------------------------------------------------


def answer(session: Session, query: str, rules: Rulebook, now: datetime, reader: str, offset: int = 0) -> Drawn:
    """The answer to `/sends why …` for `reader` (a Slack user id): one send explained, or those that fit."""
    return fitting(
        session, query, offset, FIND, one=lambda send: of_send(session, send, rules, now, reader),
        several=lambda shown, picked: pick_list.several(
            shown, picked, now, lambda send, place: why_card.ask(send, f".{place}"),
        ),
        none=lambda nearest: pick_list.nothing(query, nearest, FIND, so="", command="/sends why"),
    )


def of_send(session: Session, send: Send, rules: Rulebook, now: datetime, reader: str) -> Drawn:
    """Each open alert of a send; without any, when it would get one, or why it will not."""
    is_watched = bool(watches.watched(session, reader, [send.id]))
    alerts = lookup.open_alerts_of(session, send)
    if alerts:
        *before, last = (_told(session, alert, send, rules, now) for alert in alerts[:why_card.ALERTS])
        # What comes next is the send's, and so told once, after the last.
        found = [*before, _with_next(session, last, rules, now)]
        return why_card.of_send(found, send, now, total=len(alerts), is_watched=is_watched)
    explained = explain(session, now, rules, send)
    return why_card.outlook(Outlook(
        send=send, is_watched=is_watched,
        coming=[_coming(session, one, send, rules, explained, now) for one in coming(session, send, rules.watch, now)],
        settled=_settled(session, send), deadline=catalogue.meanings(send.status, send.kind)[0].threshold,
    ), now)


def _settled(session: Session, send: Send) -> list[Alert]:
    present = stored.of_sends(session, [send.id])[send.id]
    return [
        alert for alert in present
        if alert.status_seq == send.status_seq and alert.state == State.RESOLVED and alert.resolved_by != SCAN
    ]


def _coming(
    session: Session, found: Finding, send: Send, rules: Rulebook, explained: Sequence[Explained], now: datetime,
) -> Coming:
    seen, (words, source) = watched(send), _limit(found.threshold)
    return Coming(
        due_at=found.due_at, holds=_would_hold(session, found, send, explained, now),
        reason=Reason(
            rule=found.rule, level=found.level, why=found.why, words=words, source=source, since=send.status_since,
            status=gift.title(send.status, send.status_raw), setting=_setting(session, source, now),
            reckoning=explanation.reckon(
                found.rule, found.threshold, found.due_at, rules.watch.calendar, since=seen.status_since,
                warehouse_since=seen.warehouse_since, created_at=seen.created_at,
            ),
        ),
    )


def _would_hold(
    session: Session, found: Finding, send: Send, explained: Sequence[Explained], now: datetime,
) -> list[str]:
    """The mute that would hide it when it comes, and the alert that would explain it away."""
    subject = about(found.rule, found.level, send.status, send)
    mute = muting.holding(muted.in_force(session, now), subject)
    told = [muted_line(mute)] if mute is not None and mute.ends_at > max(found.due_at, now) else []
    told += [f"{muted_line(mute)}; that ends before"] if mute is not None and not told else []
    same = (one for one in explained if (one.asked.rule, one.asked.level) == (found.rule, found.level))
    held = [held for one in same for _, held in one.places if held is not None and held.why != MUTED]
    return [*told, *(why_places.explained_by(one) for one in held if one.why == INHIBITED)][:3]


def show_send(deps: Deps, found: Pressed) -> None:
    """Explain the send that was chosen from a list, or whose card was open."""
    send_id = payloads.number(found.content, "send")

    def draw(session: Session, now: datetime) -> Drawn:
        send = session.get(Send, send_id)
        if send is None:
            return answers.GONE
        return of_send(session, send, deps.rules(session), now, found.where.user_id)

    _here(deps, found.where, draw)


def show_found(deps: Deps, found: Pressed) -> None:
    """A page of the sends that fit some words."""
    query, offset = found.content.get("q"), payloads.count(found.content, "offset", answers.LONGEST_LIST)
    words, reader = query if isinstance(query, str) else "", found.where.user_id
    _here(deps, found.where, lambda session, now: answer(session, words, deps.rules(session), now, reader, offset))


def _here(deps: Deps, place: Where, draw: Callable[[Session, datetime], Drawn]) -> None:
    def task() -> None:
        with deps.database.read() as session:
            drawn = draw(session, deps.clock())
        if place.view_id:
            show(deps, place, window(drawn))
        else:
            respond(deps, place, drawn, replace=place.ephemeral)

    later(deps, place, task)


HANDLERS: dict[str, Callable[[Deps, Pressed], Any]] = {
    "alert_why": show_alert,
    "why_open": show_send,
    FIND: show_found,
}
