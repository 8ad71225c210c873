"""Offers and address confirmations: when they are about to end, and when they are over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.statuses.catalogue import Source, Status, title
from bot.statuses.watched import EXPIRED, EXPIRING, Finding, Watched, later

_ASKED = frozenset({Status.SENT, Status.OPENED, Status.CLICKED, Status.CONFIRMING_ADDRESS})
_CHOOSING = frozenset({Status.OPENED, Status.CLICKED})
_UNOPENED_OFFER = timedelta(days=30)  # the example of the API documentation; the true length is set per campaign
_LONGEST_OFFER = timedelta(days=90)  # the eGift article, from the day of sending
_CONFIRMATION = timedelta(days=5)  # the example of the API documentation; 2 to 7 may be chosen
_NIGHT_AFTER = timedelta(days=1)  # Sendoso's own job tells the end at the midnight after it
_REMINDER = 2  # days before the end when Sendoso itself reminds of an unopened offer (eGift article)


def _known_end(watched: Watched) -> datetime | None:
    """The end that a source gave, unless the recipient acted after it, which shows that it did not hold."""
    end = watched.expires_at
    if end is not None and watched.status in _CHOOSING and end <= watched.status_since:
        return None
    return end


def _end(watched: Watched) -> datetime | None:
    known = _known_end(watched)
    if known is not None:
        return known
    if watched.status == Status.CONFIRMING_ADDRESS:
        return later(watched.status_since, _CONFIRMATION)
    length = _UNOPENED_OFFER if watched.status == Status.SENT else _LONGEST_OFFER
    return later(watched.created_at or watched.status_since, length)


def expiring(watched: Watched) -> Iterator[Finding]:
    """What to say before the end: 7 and 2 days ahead of an offer's, 1 day ahead of an address confirmation's."""
    if watched.status not in _ASKED:
        return
    end = _end(watched)
    if end is None or end <= watched.status_since:
        return
    leads = (1,) if watched.status == Status.CONFIRMING_ADDRESS else (7, 2)
    started: Finding | None = None
    for lead in leads:
        before_end = later(end, -timedelta(days=lead)) or watched.status_since
        finding = _ending(watched, end, lead, max(before_end, watched.status_since))
        if finding.due_at == watched.status_since:
            started = finding  # of those that were due before the stay began only the last still holds
        else:
            if started is not None:
                yield started
                started = None
            yield finding
    if started is not None:
        yield started


def _ending(watched: Watched, end: datetime, lead: int, due_at: datetime) -> Finding:
    known = _known_end(watched) is not None
    left = "1 day" if lead == 1 else f"{lead} days"
    what = "time for an answer" if watched.status == Status.CONFIRMING_ADDRESS else "offer"
    threshold = {
        "amount": lead, "unit": "days", "source": _lead_source(watched.status, lead, known=known),
        "words": f"{left} before the {what} ends", "ends_at": end.isoformat(), "assumed": not known,
    }
    why = _ending_sentence(watched.status, left, known=known)
    return Finding(rule=EXPIRING, level=f"{lead}d", due_at=due_at, threshold=threshold, why=why)


def _lead_source(status: str, lead: int, *, known: bool) -> str:
    source = str(Source.EGIFTS if lead == _REMINDER else Source.OURS)
    if known:
        return source
    return f"{source}; the end: {Source.EGIFTS if status in _CHOOSING else 'API example'}"


def _ending_sentence(status: str, left: str, *, known: bool) -> str:
    """Why an end is near. It stays true when the alert is read later: "at most" so many days are left."""
    match status, known:
        case Status.CONFIRMING_ADDRESS, True:
            return f"The recipient has not answered yet, and at most {left} of the time for it is left."
        case Status.CONFIRMING_ADDRESS, False:
            return (
                f"The recipient has not answered yet; if the time for it is 5 days, as in Sendoso's API example, "
                f"at most {left} of it is left."
            )
        case Status.SENT, True:
            return f"The e-mail has not been opened, and at most {left} of the offer are left."
        case Status.SENT, False:
            return (
                f"The e-mail has not been opened; if the offer runs 30 days, as in Sendoso's API example, "
                f"at most {left} of it are left."
            )
        case _, True:
            return f"Nothing has been chosen in {title(status)}, and at most {left} of the offer are left."
        case _:
            return (
                f"Nothing has been chosen in {title(status)}, and at most {left} are left of the 90 days from "
                f"the send that Sendoso's eGift article gives."
            )


def expired(watched: Watched) -> Iterator[Finding]:
    """What to say once the end has passed although the source still reports the status before it."""
    if watched.status not in _ASKED:
        return
    name, end = title(watched.status), _known_end(watched)
    amount, words, source = 0, "at once when the end has passed", f"{Source.OURS}; the end: given with the send"
    why = f"The end that was given for this send has passed, although Sendoso still reports {name}."
    if end is None:
        if watched.status == Status.CONFIRMING_ADDRESS:
            return
        start = watched.created_at or watched.status_since
        end = later(start, _LONGEST_OFFER + _NIGHT_AFTER)
        amount, words = 91, "1 day after the 90 days from the send"
        source = f"{Source.OURS}; the 90 days: {Source.EGIFTS}"
        why = (
            f"More than 90 days since the send, the longest that Sendoso's eGift article gives, although Sendoso "
            f"still reports {name}."
        )
    if end is not None:
        threshold = {"amount": amount, "unit": "days", "source": source, "words": words}
        yield Finding(
            rule=EXPIRED, level="notice", due_at=max(end, watched.status_since), threshold=threshold, why=why,
        )
