"""How long a send may stay in a status, who says so, and the sentence that tells it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from bot.statuses.kinds import is_amazon, is_direct, is_inventoried
from bot.statuses.meaning import Source, Status
from bot.statuses.watch import Threshold, Watch
from bot.statuses.watched import Watched

SET_HERE = "set for this installation"
"""The source of a limit that does not come from the catalogue."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A number of days or business days, its source, and what to add to "In X for more than …"."""

    amount: int
    in_business_days: bool = False
    source: str = Source.OURS
    because: str = "Sendoso publishes no limit for it, so this one is our judgement."
    from_warehouse: bool = False

    @property
    def unit(self) -> str:
        """The unit, in the plural: "days" or "business days"."""
        return "business days" if self.in_business_days else "days"

    @property
    def words(self) -> str:
        """The limit as a person says it, such as "1 business day"."""
        return f"{self.amount} {self.unit.removesuffix('s') if self.amount == 1 else self.unit}"

    def sentence(self, status_title: str, *, since_receipt: bool = False) -> str:
        """One sentence that says why a send in that status is overdue.

        `since_receipt`: counted from the day the warehouse got the order, not from the status.
        """
        if since_receipt:
            return f"In {status_title}, more than {self.words} after the order was received; {self.because}"
        return f"In {status_title} for more than {self.words}; {self.because}"


_OURS_SLA = "our judgement, since Sendoso's SLA article names 2 to 3 business days for the whole of it."

LATE_IN: dict[str, Limit] = {
    Status.INITIATED: Limit(amount=1, in_business_days=True),
    Status.PENDING_APPROVAL: Limit(amount=1, in_business_days=True),
    Status.PENDING_SENDOSO_APPROVAL: Limit(amount=2, in_business_days=True),
    Status.OPENED: Limit(amount=7, because="nothing has been chosen, and this limit is our judgement."),
    Status.CLICKED: Limit(
        amount=3, because="the recipient has not verified the e-mail address, and this limit is our judgement.",
    ),
    Status.CONFIRMING_ADDRESS: Limit(
        amount=8,
        because="the longest time for an answer that Sendoso offers is 7 days, and 1 day more is our judgement.",
    ),
    Status.FULFILLING: Limit(amount=3, in_business_days=True, because=_OURS_SLA),
    Status.AMAZON_FULFILLING: Limit(amount=5, in_business_days=True),
    Status.AMAZON_SHIPPED: Limit(amount=7),
    Status.SHIPPED: Limit(amount=10),
}
"""When a send is late; for Order Received see `late_in_warehouse`."""

SUPPORT_IN: dict[str, Limit] = {
    Status.ORDER_RECEIVED: Limit(
        amount=7, source=Source.TRACKER, from_warehouse=True,
        because="Sendoso's Send Tracker article says to contact Support.",
    ),
    Status.FULFILLING: Limit(
        amount=7, source=f"{Source.TRACKER}, whose 7 days we let run on while the order is packed",
        from_warehouse=True,
        because="Sendoso's Send Tracker article says to contact Support after so long in Order Received.",
    ),
    Status.FULFILLMENT_ISSUE: Limit(
        amount=3, source=Source.TRACKER, because="Sendoso's Send Tracker article says to contact Support.",
    ),
}
"""When Sendoso's own pages say to contact Support."""

RUNS_ON: dict[str, str] = {Status.FULFILLING: Status.ORDER_RECEIVED}
"""Support's limit for the first is that of the second, running on; so it is with one that was set here."""

_INVENTORIED = Limit(
    amount=3, in_business_days=True, source=Source.SLA,
    because="Sendoso's SLA article names 2 to 3 business days for inventoried sends.",
)
_AMAZON = Limit(
    amount=5, in_business_days=True, source=Source.AMAZON,
    because="Sendoso's Amazon article names 3 to 5 business days once the item has arrived.",
)
_DIRECT = Limit(
    amount=5, in_business_days=True,
    because="the vendor's own estimate is not known here, so this limit is our judgement.",
)
_OTHER = Limit(
    amount=3, in_business_days=True, source=f"{Source.OURS}, taken from the {Source.SLA} for inventoried sends",
    because="Sendoso's SLA article names 2 to 3 business days for inventoried sends, and none for others.",
)


def edition() -> str:
    """A word for the catalogue's limits as they are in this version of Sendwatch: another one where any differs."""
    known = (LATE_IN, SUPPORT_IN, RUNS_ON, _INVENTORIED, _AMAZON, _DIRECT, _OTHER)
    return hashlib.sha256(repr(known).encode()).hexdigest()


def late_in_warehouse(send_type: str) -> Limit:
    """When an order of that Sendoso `type` is late in Order Received."""
    if is_amazon(send_type):
        return _AMAZON
    if is_direct(send_type):
        return _DIRECT
    return _INVENTORIED if is_inventoried(send_type) else _OTHER


def limit_of(watched: Watched, level: str, watch: Watch) -> Limit | None:
    """How long that send may stay in its status before it is late or one for Support; None if for ever.

    What this installation has set comes before the catalogue. A limit takes over from where days are counted: for
    Support in Order Received and Fulfilling that is the day the order was received, as in the limit it replaces.
    """
    published = _published(watched, level)
    from_warehouse = published is not None and published.from_warehouse
    own = watch.own(watched, level)
    if own is not None:
        return _set_here(own, from_warehouse=from_warehouse)
    former = RUNS_ON.get(watched.status) if level == "support" else None
    own = watch.own(watched, level, former) if former is not None else None
    return _set_here(own, from_warehouse=True, runs_on=True) if own is not None else published


def statuses_between(old: Watch, new: Watch) -> frozenset[str]:
    """The statuses for whose sends the one may have another limit than the other."""
    found = {
        one.status for one in (*old.thresholds, *new.thresholds)
        if _named(old, one.status) != _named(new, one.status)
    }
    if old.calendar != new.calendar:
        found |= {one.status for one in (*old.thresholds, *new.thresholds) if one.in_business_days}
        found |= {Status.ORDER_RECEIVED, *(status for status, one in LATE_IN.items() if one.in_business_days)}
    found |= {status for status, former in RUNS_ON.items() if former in found}
    return frozenset(str(status) for status in found)


def _named(watch: Watch, status: str) -> list[Threshold]:
    return [one for one in watch.thresholds if one.status == status]


def _published(watched: Watched, level: str) -> Limit | None:
    if level == "support":
        return SUPPORT_IN.get(watched.status)
    return late_in_warehouse(watched.type) if watched.status == Status.ORDER_RECEIVED else LATE_IN.get(watched.status)


@lru_cache(maxsize=1_024)
def _set_here(own: Threshold, *, from_warehouse: bool, runs_on: bool = False) -> Limit | None:
    if own.amount is None:
        return None
    whom = f", for {own.whom}" if own.whom else ""
    rest = ", and the days of Order Received run on while the order is packed" if runs_on else ""
    return Limit(
        amount=own.amount, in_business_days=own.in_business_days, from_warehouse=from_warehouse,
        source=f"{SET_HERE}{whom}", because=f"this limit is {SET_HERE}{whom}{rest}.",
    )


NEEDS: dict[str, str] = {
    Status.FAILED: "Sendoso reports Failed: the send could not be completed, and its pages say to contact Support.",
    Status.UNDELIVERABLE: "Sendoso reports Undeliverable: the parcel could not be handed over and may come back.",
    Status.INSUFFICIENT_FUNDS: "Sendoso reports Insufficient Funds: the send is held until there is money for it.",
    Status.INVALID_EMAIL: "Sendoso reports Invalid Email Format: the recipient's e-mail address is not a valid one.",
    Status.SUSPICIOUS_EMAIL: "Sendoso reports Suspicious Email: it is held until somebody approves or cancels it.",
    Status.FULFILLMENT_ISSUE: "Sendoso reports Fulfillment Issue: the order is held in the fulfillment center.",
    Status.BOUNCED: "Sendoso reports Bounced: the e-mail with the offer came back undelivered.",
    Status.BLOCKED: "Sendoso reports Blocked: an attempt to redeem the eGift was blocked.",
    Status.EMAIL_BLACKLIST: "Sendoso reports Email Blacklist: the eGift cannot be redeemed with that e-mail address.",
    Status.OUT_OF_STOCK: "Sendoso reports Out of Stock: the item is missing, so the order cannot be packed.",
}
"""Why a send in that status needs somebody at once."""
