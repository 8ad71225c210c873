"""When a send becomes worth an alert: pure rules over its status, its dates and the business calendar."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import chain

from bot.statuses.catalogue import NEEDS_ACTION, Source, Status, title
from bot.statuses.limits import NEEDS, Limit, limit_of
from bot.statuses.offers import expired, expiring
from bot.statuses.watch import Watch
from bot.statuses.watched import (
    EXPIRED,
    EXPIRING,
    LEVELS,
    NEEDS_ACTION_RULE,
    OVERDUE,
    OVERDUE_LEVELS,
    RULES,
    UNKNOWN_RULE,
    Finding,
    Told,
    Watched,
    later,
)

__all__ = ["LEVELS", "RULES", "Finding", "Told", "Watched", "are_alike", "can_be_due", "due", "findings", "next_due"]


_ANY_DAY = datetime(2024, 1, 8, tzinfo=UTC)


def findings(watched: Watched, watch: Watch) -> tuple[Finding, ...]:
    """Everything that this stay in the status will ever give reason to say, the earliest first.

    None falls due before the stay began, and within a rule a more pressing level never before a milder one.
    """
    raised: set[tuple[str, str]] = set()
    kept = []
    for finding in sorted(_all(watched, watch), key=_order):
        # A milder level that would come only after a stronger one has nothing left to say.
        if not _milder(finding, raised):
            raised.add((finding.rule, finding.level))
            kept.append(finding)
    return tuple(kept)


def _all(watched: Watched, watch: Watch) -> Iterator[Finding]:
    return chain(_at_once(watched), _overdue(watched, watch), expiring(watched), expired(watched))


def _order(finding: Finding) -> tuple[datetime, int, int]:
    return finding.due_at, RULES.index(finding.rule), -LEVELS[finding.level]


def can_be_due(watched: Watched, watch: Watch) -> bool:
    """Whether there can ever be something to say about such a send in this status, whatever its dates are."""
    on_any_day = replace(watched, status_since=_ANY_DAY, created_at=None, warehouse_since=None, expires_at=None)
    return bool(findings(on_any_day, watch))


def due(watched: Watched, watch: Watch, now: datetime, told: Told = frozenset()) -> tuple[Finding, ...]:
    """What is to be said at `now` and has not been told: for each rule its strongest level only.

    What has ended is no longer called late or about to end, so `expired` covers those two; and what is overdue
    is no longer merely in need of somebody, so that one send does not speak up twice.
    """
    latest = {
        finding.rule: finding
        for finding in findings(watched, watch)
        if finding.due_at <= now and not _milder(finding, told)
    }
    rules = latest.keys() | {rule for rule, _ in told}
    return tuple(finding for finding in latest.values() if not _covered(finding, rules))


def next_due(
    watched: Watched, watch: Watch, told: Told = frozenset(),
) -> tuple[datetime, str] | None:
    """The earliest instant, with its rule, at which something not yet told is due; None if nothing is left.

    It is never later than the first instant at which `due` has an answer, and once all that `due` answers
    at an instant has been told, it lies after that instant.
    """
    if not told:
        # Nothing hides the first, and of a thousand that come in at once nearly all are asked for that.
        first = min(_all(watched, watch), key=_order, default=None)
        return None if first is None else (first.due_at, first.rule)
    rules = {rule for rule, _ in told}
    for finding in findings(watched, watch):
        if not _milder(finding, told) and not _covered(finding, rules):
            return finding.due_at, finding.rule
    return None


def are_alike(watched: Watched, old: Watch, new: Watch) -> bool:
    """Whether both give the same findings for a send; quicker than to compare them, where the limits are the same."""
    limits = [limit_of(watched, level, old) for level in OVERDUE_LEVELS]
    same = limits == [limit_of(watched, level, new) for level in OVERDUE_LEVELS]
    in_business_days = any(limit is not None and limit.in_business_days for limit in limits)
    if same and (old.calendar == new.calendar or not in_business_days):
        return True
    return list(_overdue(watched, old)) == list(_overdue(watched, new))


def _milder(finding: Finding, told: AbstractSet[tuple[str, str]]) -> bool:
    """Whether this level, or a stronger one of its rule, has been told."""
    return any(
        rule == finding.rule and LEVELS.get(level, 0) >= LEVELS[finding.level] for rule, level in told
    )


def _covered(finding: Finding, rules: set[str]) -> bool:
    if EXPIRED in rules:
        return finding.rule in {OVERDUE, EXPIRING}
    if finding.rule == NEEDS_ACTION_RULE:
        return OVERDUE in rules
    # "Late" comes three days after the end that is assumed for an address confirmation.
    assumed_confirmation = finding.level == "1d" and finding.threshold["assumed"]
    return finding.rule == EXPIRING and OVERDUE in rules and assumed_confirmation


def _at_once(watched: Watched) -> Iterator[Finding]:
    if watched.status in NEEDS_ACTION:
        rule, why = NEEDS_ACTION_RULE, NEEDS[watched.status]
    elif watched.status == Status.UNKNOWN:
        rule, why = UNKNOWN_RULE, "Sendoso reports a status that Sendwatch does not know; its text is kept as it came."
    elif watched.status == Status.EXPIRED:
        rule, why = EXPIRED, "Sendoso reports Expired: the offer is over, and nobody used it in time."
    elif watched.status == Status.CONFIRMATION_CANCELED:
        rule = EXPIRED
        why = (
            "Sendoso reports Confirmation Canceled: the time for confirming the address ran out, or the sender "
            "canceled."
        )
    else:
        return
    threshold = {"amount": 0, "unit": "days", "source": str(Source.OURS), "words": "at once"}
    yield Finding(rule=rule, level="notice", due_at=watched.status_since, threshold=threshold, why=why)


def _overdue(watched: Watched, watch: Watch) -> Iterator[Finding]:
    for level in OVERDUE_LEVELS:
        limit = limit_of(watched, level, watch)
        if limit is None:
            continue
        start = (watched.warehouse_since if limit.from_warehouse else None) or watched.status_since
        moment = _after(start, limit, watch)
        if moment is not None:
            threshold, why = _told(limit, watched.status, since_receipt=start != watched.status_since)
            # The 7 days of the warehouse may be over before the send enters Fulfilling.
            yield Finding(
                rule=OVERDUE, level=level, due_at=max(moment, watched.status_since), threshold=dict(threshold), why=why,
            )


@lru_cache(maxsize=4_096)
def _told(limit: Limit, status: str, *, since_receipt: bool) -> tuple[dict[str, object], str]:
    """What a finding says of its limit; the same for all sends to which the limit applies."""
    said: dict[str, object] = {"amount": limit.amount, "unit": limit.unit, "source": limit.source, "words": limit.words}
    return said, limit.sentence(title(status), since_receipt=since_receipt)


def _after(start: datetime, limit: Limit, watch: Watch) -> datetime | None:
    if not limit.in_business_days:
        # Elapsed time, so many times 24 hours: no page of Sendoso counts its plain "days" otherwise.
        return later(start, timedelta(days=limit.amount))
    try:
        return watch.calendar.add_business_days(start, limit.amount)
    except OverflowError:
        return None
