"""Telling: what is said now of every alert that waits to be told, or told again. One stage after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts import budgets, grouping, inhibition, notices, recompute, reminders
from bot.alerts.escalation import Kind, Standing, along, decide
from bot.alerts.grouping import BASELINE, NOTICE, Planned
from bot.alerts.holding import Holds
from bot.alerts.lifecycle import State
from bot.alerts.muting import Muted
from bot.alerts.policy import Policy
from bot.alerts.quiet_hours import QuietHours
from bot.alerts.reminders import Told
from bot.alerts.routing import ADMIN_RULES, DEFAULT, Routing
from bot.alerts.rulebook import Rulebook
from bot.alerts.subjects import item_of, places, subject_of
from storage import alerts as stored
from storage import due, messages, mutes, sends
from storage import notifications as notified
from storage.models import Alert, Message, Send

Pair = tuple[Alert, Send | None]
PATIENCE = timedelta(hours=1)
"""For so long a first walk through Sendoso may go on before its findings are told without its end."""
ROUNDS = 5
"""Telling one thing may give reason for another, such as an escalation to another channel; never for long."""


def tell(session: Session, now: datetime, rules: Rulebook) -> int:
    """Say what is due in every place; gives how many messages are new. Wishes for messages, posts nothing itself.

    Waits while sends are still due, since groups are formed over a whole scan, and while the first walk through
    Sendoso goes on, since what it brings belongs to the backlog; what is about the bot itself waits for neither.
    The backlog waits for the end of the quiet hours, too, but for what may break through these.
    One process does it at a time. A crash before this loses nothing: the next call finds the same alerts.
    """
    first_scan = not due.first_scan_is_over(session)
    waits = _more_to_find(session, now) or (first_scan and not due.any_send(session))
    backlog = first_scan and not waits
    quiet = _quiet(rules.routing, now) if backlog else None
    if not (backlog or notified.any_due(session, now)) or not notified.alone(session):
        return 0
    if backlog and quiet is None and not due.end_first_scan(session, now):
        return 0
    total = 0
    for _ in range(ROUNDS if quiet is None else 1):
        found = notified.due(session, now, lock=True, about_sends=not waits)
        if not found:
            break
        total += _round(session, found, now, rules, backlog=backlog, quiet=quiet)
        backlog = False
    return total


def _more_to_find(session: Session, now: datetime) -> bool:
    oldest = sends.oldest_due(session)
    if oldest is not None and oldest <= now:
        return True
    since = due.first_walk_since(session)
    return (since is not None and now - since < PATIENCE) or recompute.under_way(session)


def _quiet(routing: Routing, now: datetime) -> QuietHours | None:
    """The quiet hours for whose end the backlog waits; None when it may be told now."""
    quiet = routing.policy(DEFAULT).quiet
    return quiet if quiet is not None and quiet.until(now) is not None else None


def _through(told: Sequence[Told], quiet: QuietHours) -> list[Told]:
    """What is decided now although the backlog waits for the end of the quiet: all but what would be many messages.

    What its own place lets be told is told. Where that is more than a backlog's summary is made of, the channel of
    the summary must let it be told as well.
    """
    first = {one.alert.id for one in told if one.decision.kind is Kind.TELL and one.alert.rule not in ADMIN_RULES}
    if len(first) <= grouping.BASELINE_ABOVE:
        return list(told)
    return [
        one for one in told
        if one.alert.id not in first or quiet.may_break_through(one.alert.rule, one.alert.level)
    ]


def _round(
    session: Session, found: Sequence[notified.Row], now: datetime, rules: Rulebook, *, backlog: bool,
    quiet: QuietHours | None,
) -> int:
    _route(session, [one for one in found if not one[0].channel], rules.routing, now)
    routed = [one for one in found if one[0].channel]
    told = decided(session, routed, now)
    if quiet is not None:
        told = _through(told, quiet)
    told = with_those_beside(session, told, now, lock=True)
    first = [one for one in told if one.decision.kind is Kind.TELL]
    made = _tell_first(session, first, now, rules, backlog=backlog)
    made += reminders.remind(session, told, now, budgets.Room(session, now, rules).take)
    reminders.escalate(session, told, now)
    notified.change(session, [_noted(one, now) for one in told if one.decision.kind is not Kind.TELL])
    if any(one.alert.reason == BASELINE and one.row.held != one.decision.held for one in told):
        # The summary of the first look says what of it is told nowhere yet.
        messages.touch(session, messages.ids(session, [BASELINE]), now)
    return made


def _route(session: Session, unrouted: Iterable[notified.Row], routing: Routing, now: datetime) -> None:
    """Alerts from before there were routes, or before it was known whose gift it is, take theirs now."""
    for row, alert, send in unrouted:
        session.delete(row)
        session.flush()
        notified.want(session, places(alert.id, subject_of(alert, send), routing, now))


def holds_now(
    session: Session, found: Iterable[notified.Row], now: datetime, *, opened: Iterable[Pair] = (),
    closed: Collection[int] = (),
) -> Holds:
    """Everything that can hold these alerts at `now`.

    Where it is only asked what a scan would do: `opened` are alerts that it would open, and `closed` row ids of
    those that it would close.
    """
    about = [(alert, send) for _, alert, send in found if send is not None]
    campaigns = {send.campaign for alert, send in about if inhibition.waits_for_funds(alert.rule, alert.status)}
    there = stored.that_hide(session, {send.id for _, send in about}, campaigns)
    there = [pair for pair in there if pair[0].id not in closed]
    hiding = [inhibition.source_of(subject_of(alert, send)) for alert, send in (*there, *opened)]
    return Holds(
        mutes=[
            Muted(
                mute_id=mute.id, scope=mute.scope, value=mute.value, ends_at=mute.ends_at,
                created_by=mute.created_by, label=mute.label,
            )
            for mute in mutes.in_force(session, now)
        ],
        sources=inhibition.Sources(source for source in hiding if source is not None),
    )


def decided(
    session: Session, found: Sequence[notified.Row], now: datetime, *, opened: Iterable[Pair] = (),
    closed: Collection[int] = (),
) -> list[Told]:
    """What is to be said at `now` of each alert in each place; `opened` and `closed` as above."""
    holds = holds_now(session, found, now, opened=opened, closed=closed)
    return [_decided(one, holds, now) for one in found]


def _decided(found: notified.Row, holds: Holds, now: datetime) -> Told:
    row, alert, send = found
    policy = Policy.from_json(row.policy)
    decision = decide(_standing(found), policy, now, holds.on(subject_of(alert, send), policy, now))
    return Told(row=row, alert=alert, send=send, policy=policy, decision=decision)


def _standing(found: notified.Row) -> Standing:
    row, alert, _ = found
    return Standing(
        state=State(alert.state), told_at=row.told_at, last_told_at=row.last_told_at, repeats=row.repeats,
        escalations=row.escalations, held=row.held,
    )


def with_those_beside(session: Session, told: Sequence[Told], now: datetime, *, lock: bool = False) -> list[Told]:
    """The same, with what goes along: alerts of messages that are told again now, whose own time is near.

    Without them, each alert of a summary would be a reply of its own, minutes apart. `lock` as in `storage`.
    """
    kinds = defaultdict[int, set[Kind]](set)
    for one in told:
        if one.row.message_id is not None and one.decision.kind in {Kind.REPEAT, Kind.ESCALATE}:
            kinds[one.row.message_id].add(one.decision.kind)
    if not kinds:
        return list(told)
    known = [(one.row, one.alert, one.send) for one in told if one.row.message_id in kinds]
    added = notified.beside(session, kinds, [row.id for row, _, _ in known], lock=lock)
    holds = holds_now(session, [*known, *added], now)
    early = {}
    for found in (*known, *added):
        row, alert, send = found
        policy = Policy.from_json(row.policy)
        hold = holds.on(subject_of(alert, send), policy, now)
        decision = along(_standing(found), policy, now, hold, kinds[row.message_id or 0])
        if decision is not None:
            early[row.id] = Told(row=row, alert=alert, send=send, policy=policy, decision=decision)
    return [*(early.pop(one.row.id, one) for one in told), *early.values()]


def _noted(one: Told, now: datetime) -> dict[str, Any]:
    """What the row is after a decision other than a first telling."""
    row, decision = one.row, one.decision
    speaks = decision.kind in {Kind.AGAIN, Kind.REPEAT, Kind.ESCALATE}
    afresh = decision.kind is Kind.AGAIN
    return {
        "id": row.id, "next_at": decision.next_at, "held": decision.held,
        "reason": decision.reason if speaks else row.reason,
        "told_at": now if afresh else row.told_at,
        "last_told_at": now if speaks else row.last_told_at,
        "repeats": 0 if afresh else row.repeats + (decision.kind is Kind.REPEAT),
        "escalations": 0 if afresh else row.escalations + len(decision.steps),
    }


def _tell_first(session: Session, first: Sequence[Told], now: datetime, rules: Rulebook, *, backlog: bool) -> int:
    """Put alerts into messages; gives how many of these are new."""
    budgeted = first_messages(session, first, now, rules, backlog=backlog)
    by_place = {(one.alert.id, one.row.channel): one for one in first}
    made = 0
    for message in budgeted:
        is_new, wanted = _want(session, message, now)
        made += is_new
        shown = [by_place[item.ref, item.channel] for item in message.items]
        notified.change(session, [_first_told(one, wanted, message.kind, now) for one in shown])
        if message.kind == BASELINE:
            stored.set_reason(session, [one.alert.id for one in shown], BASELINE)
    session.flush()
    return made


def first_messages(
    session: Session, first: Sequence[Told], now: datetime, rules: Rulebook, *, backlog: bool,
) -> list[Planned]:
    """The messages in which these alerts are told for the first time; `backlog` for those of the first scan."""
    items = [item_of(one.alert, one.send, one.row.channel) for one in first]
    # What was told of it in quiet hours grows, unless somebody has chosen about that already.
    together = backlog and _is_undecided(session)
    planned = grouping.backlog(items, rules.routing.alert_channel) if together else grouping.plan(items)
    # What was taken back stands there still, and takes no room of its own when it is shown again.
    standing = messages.known(session, [message.key for message in planned])
    fresh = [message for message in planned if message.key not in standing]
    shown_again = [message for message in planned if message.key in standing]
    return [*shown_again, *budgets.within(session, fresh, now, rules)]


def _is_undecided(session: Session) -> bool:
    summary = messages.by_key(session, BASELINE)
    return summary is None or "chosen" not in summary.body


def _want(session: Session, planned: Planned, now: datetime) -> tuple[bool, Message]:
    known = messages.by_key(session, planned.key)
    if known is not None:
        # The day's summary grows, or a message that was taken back is shown again.
        messages.touch(session, [known.id], now)
        return False, known
    return True, messages.want(
        session, key=planned.key, kind=planned.kind, channel=planned.channel, now=now, body=_body(planned, now),
    )


def _body(planned: Planned, now: datetime) -> dict[str, Any]:
    """What the message cannot read from its alerts' own rows."""
    if planned.kind == BASELINE:
        return {"count": len({item.ref for item in planned.items}), "by_rule": grouping.by_rule(planned.items)}
    if planned.kind == grouping.SUMMARY:
        return {"day": str(planned.day)}
    if planned.kind == NOTICE:
        return {"notice": planned.items[0].rule, "text": notices.stale_line(planned.items[0], now)}
    return {}


def _first_told(one: Told, message: Message, kind: str, now: datetime) -> dict[str, Any]:
    in_backlog = kind == BASELINE
    return {
        "id": one.row.id, "message_id": message.id, "told_at": now, "last_told_at": now, "repeats": 0,
        "escalations": 0, "held": BASELINE if in_backlog else "",
        "reason": "" if in_backlog else one.row.reason or one.decision.reason,
        # A backlog waits for somebody's choice; nothing of it is repeated before.
        "next_at": None if in_backlog else one.decision.next_at,
    }


