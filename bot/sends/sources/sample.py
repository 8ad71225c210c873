"""Made-up sends of realistic variety, for the demo and for trying things out; the same for the same `now`."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from bot.sends.snapshots import Snapshot, StatusUpdate
from bot.sends.sources.sample_people import (
    ANN,
    BEN,
    CHI,
    CHOICE,
    COFFEE,
    COMPANIES,
    DEE,
    DOORS,
    EVENT,
    HOLIDAY,
    MEETING,
    PEOPLE,
    RENEWAL,
    SENDERS,
    THANK_YOU,
    WELCOME,
    Sender,
)

HOSTILE = "<!channel> *Bobby* <https://evil.example|click>"
OFFER = timedelta(days=30)

Step = tuple[str, float]
"""A status and how many days ago it was entered."""


class Gift(NamedTuple):
    """What is sent: Sendoso's type and subtype, the campaign, price and currency, and how it was ordered."""

    type: str
    subtype: str
    campaign: tuple[int, str]
    cost_minor: int
    currency: str
    sent_via: str = "Sendoso.com"


KIT = Gift("Inventoried Sends", "Custom", WELCOME, 6450, "USD", "Salesforce Trigger")
THANKS = Gift("Inventoried Sends", "Bundles", THANK_YOU, 8900, "USD")
BUNDLE = Gift("Inventoried Sends", "Custom Bundles", HOLIDAY, 12500, "USD")
NOTE = Gift("Handwritten Notes", "Handwritten Notes", RENEWAL, 1275, "USD")
WINE = Gift("Sendoso Direct", "Wine", RENEWAL, 7400, "USD")
LUNCH = Gift("Sendoso Direct", "Lunch", EVENT, 5500, "GBP")
BOOK = Gift("Amazon", "Buy/Send via Amazon", DOORS, 3299, "USD")
BOOK_UK = Gift("Amazon", "Buy/Send via Amazon UK", DOORS, 2799, "GBP")
CARD = Gift("eGifts USA", "eGift Cards USA", COFFEE, 1000, "USD", "HubSpot")
VISA = Gift("eGifts USA", "Visa eGift Credit Card (US)", MEETING, 5000, "USD", "Salesforce Trigger")
CARD_DE = Gift("eGifts International", "eGift Cards Germany", MEETING, 2500, "EUR")
CARD_IN = Gift("eGifts International", "eGift Cards India", COFFEE, 150000, "INR")
CARD_CA = Gift("eGifts International", "eGift Cards Canada", MEETING, 3000, "CAD")
PICK = Gift("Sendoso Choice", "Custom", CHOICE, 7500, "USD")


@dataclass(frozen=True, kw_only=True)
class _Plan:
    gift: Gift
    steps: tuple[Step, ...]
    times: int = 1
    sender: Sender | None = None
    name: str | None = None


def _plans(*rows: tuple[Gift, int, Sequence[Step]]) -> tuple[_Plan, ...]:
    return tuple(_Plan(gift=gift, times=times, steps=tuple(steps)) for gift, times, steps in rows)


_OLD = _plans(
    # Done, as most of any tracker is.
    (KIT, 9, [("Initiated", 24), ("Order Received", 23.9), ("Fulfilling", 22), ("Shipped", 21), ("Delivered", 17)]),
    (THANKS, 7, [("Initiated", 31), ("Confirming Address", 30.9), ("Order Received", 29), ("Shipped", 27),
                 ("Delivered", 23)]),
    (BUNDLE, 4, [("Order Received", 19), ("Fulfilling", 18), ("Shipped", 17), ("Delivered", 12)]),
    (NOTE, 5, [("Initiated", 15), ("Processing", 14.9), ("Packed", 13), ("Shipped", 12), ("Delivered", 7)]),
    (WINE, 3, [("Offer Sent", 28), ("Order Received", 26), ("Shipped", 24), ("Delivered", 21)]),
    (BOOK, 3, [("Amazon Fulfilling", 20), ("Amazon Shipped", 18), ("Order Received", 14), ("Shipped", 11),
               ("Delivered", 8)]),
    (CARD, 9, [("Sent", 16), ("Opened", 15.5), ("Clicked", 15.5), ("Used/Redeemed", 15.4)]),
    (VISA, 5, [("Sent", 41), ("Opened", 38), ("Clicked", 37.9), ("Used", 37.8)]),
    (CARD_DE, 3, [("Sent", 12), ("Opened", 11), ("Clicked", 10.9), ("Used/Redeemed", 10.8)]),
    (PICK, 3, [("Offer Sent", 18), ("Clicked", 17), ("Used/Redeemed", 16.9)]),
    (CARD, 4, [("Sent", 45), ("Refunded", 15)]),
    (CARD_IN, 2, [("Sent", 50), ("Bounced", 49.9), ("Bounced and Credited", 49.8)]),
    (KIT, 2, [("Initiated", 12), ("Order Received", 11.9), ("Canceled", 11), ("Refunded", 10)]),
    (LUNCH, 1, [("Offer Sent", 9), ("Cancelled", 8)]),
    # On their way, with nothing to say about them.
    (KIT, 4, [("Initiated", 1.3), ("Order Received", 1.2)]),
    (BUNDLE, 3, [("Order Received", 2.5), ("Fulfilling", 0.8)]),
    (THANKS, 3, [("Initiated", 5), ("Order Received", 4.9), ("Fulfilling", 3.5), ("Shipped", 2)]),
    (WINE, 2, [("Offer Sent", 4), ("Order Received", 1)]),
    (BOOK, 2, [("Amazon Fulfilling", 1.5)]),
    (BOOK_UK, 2, [("Amazon Fulfilling", 4), ("Amazon Shipped", 2)]),
    (NOTE, 2, [("Initiated", 1.5), ("Confirming Address", 1.4)]),
    (CARD, 4, [("Sent", 3)]),
    (CARD_CA, 2, [("Sent", 6), ("Opened", 2)]),
    (PICK, 2, [("Offer Sent", 1)]),
    # Left lying: what the first scan finds.
    (KIT, 2, [("Initiated", 16), ("Order Received", 15.8)]),
    (NOTE, 1, [("Order Received", 11), ("Fulfilling", 9)]),
    (BOOK, 1, [("Amazon Fulfilling", 12)]),
    (BOOK_UK, 1, [("Amazon Fulfilling", 16), ("Amazon Shipped", 11)]),
    (THANKS, 1, [("Order Received", 21), ("Shipped", 18)]),
    (LUNCH, 1, [("Collecting recipient info", 12)]),
    (CARD_DE, 1, [("Sent", 95), ("Opened", 92), ("Expired", 5)]),
    (CARD, 1, [("Sent", 38), ("Expired", 8)]),
    (VISA, 2, [("Sent", 25)]),
    (VISA, 1, [("Sent", 30), ("Opened", 14)]),
    (PICK, 1, [("Offer Sent", 9), ("Address Confirmation - Cancelled", 4)]),
    (BUNDLE, 1, [("Order Received", 10), ("Paused", 6)]),
    (KIT, 1, [("Order Received", 20), ("Shipped", 18), ("Undeliverable", 9)]),
    (CARD_IN, 1, [("Initiated", 6), ("Invalid Email Format", 5.9)]),
    (VISA, 1, [("Initiated", 4), ("Suspicious Email", 3.9)]),
    (CARD, 1, [("Initiated", 5), ("Pending Approval", 4.9)]),
    (WINE, 1, [("Initiated", 7), ("Pending Sendoso Approval", 6.9)]),
    (BOOK, 1, [("Initiated", 3), ("Failed", 2.9)]),
    (BUNDLE, 1, [("Initiated", 4), ("Out of Stock", 3.8)]),
    (CARD_CA, 1, [("Sent", 11), ("Clicked", 9), ("Blocked", 8.9)]),
    (CARD, 1, [("Sent", 7), ("Clicked", 6), ("Email Blacklist", 5.9)]),
    (CARD_DE, 1, [("Sent", 3), ("Bounced", 2.9)]),
)

_NEW = (
    _Plan(gift=KIT, sender=DEE, steps=(("Initiated", 8.1), ("Order Received", 8))),
    _Plan(gift=BUNDLE, sender=ANN, steps=(("Order Received", 5.5), ("Fulfillment Issue", 4))),
    _Plan(gift=VISA, sender=ANN, steps=(("Initiated", 0.3), ("Insufficient Funds", 0.28))),
    _Plan(gift=WINE, sender=BEN, steps=(("Order Received", 9), ("Shipped", 6), ("Undeliverable", 0.4))),
    _Plan(gift=CARD_DE, sender=BEN, steps=(("Sent", 28.5),)),
    _Plan(gift=BOOK_UK, sender=CHI, steps=(("Amazon Fulfilling", 6), ("Amazon Shipped", 5), ("Customs Hold", 0.5))),
    _Plan(gift=THANKS, sender=CHI, times=6, steps=(("Initiated", 6.1), ("Order Received", 6))),
    _Plan(gift=NOTE, sender=DEE, name=HOSTILE, steps=(("Initiated", 0.9), ("Order Received", 0.8))),
    *_plans(
        (KIT, 2, [("Initiated", 0.6), ("Order Received", 0.5)]),
        (BUNDLE, 1, [("Order Received", 2), ("Fulfilling", 0.6)]),
        (CARD, 3, [("Sent", 0.7), ("Opened", 0.2)]),
        (CARD_CA, 1, [("Sent", 1.1), ("Opened", 0.9), ("Clicked", 0.9), ("Used/Redeemed", 0.8)]),
        (PICK, 1, [("Offer Sent", 0.4)]),
        (WINE, 1, [("Order Received", 3), ("Shipped", 0.5)]),
        (BOOK, 1, [("Amazon Fulfilling", 0.6)]),
        (LUNCH, 1, [("Offer Sent", 2), ("Order Received", 0.3)]),
        (NOTE, 1, [("Order Received", 8), ("Fulfilling", 6), ("Shipped", 5), ("Delivered", 0.3)]),
    ),
)

_ODD_NAMES = (
    '=HYPERLINK("https://evil.example","Anna")', "Robert'); DROP TABLE sends;--", "<@U01ANN> & </b> `code` ~x~",
    "Wolfeschlegelsteinhausenbergerdorff " * 8, "🎁 Pat O\N{RIGHT SINGLE QUOTATION MARK}Hara",
)


def snapshots(now: datetime) -> list[Snapshot]:
    """All sample sends: the older pile and what comes in later."""
    return [*backlog(now), *today(now)]


def backlog(now: datetime) -> list[Snapshot]:
    """About a hundred sends of the last three months; more than a dozen of them need somebody at once."""
    return list(_sends(_OLD, now, Random(2611), first_number=44_100, odd_names=_ODD_NAMES))  # noqa: S311 - no secret


def today(now: datetime) -> list[Snapshot]:
    """Some twenty-five sends that come in later, among them one of every kind of trouble.

    Order Received for 8 days; Fulfillment Issue for 4; Insufficient Funds; Undeliverable; an eGift whose
    offer ends in a day and a half; six of one campaign stuck since the same day; a status that nobody has
    named; a recipient whose name tries to be markup.
    """
    return list(_sends(_NEW, now, Random(4711), first_number=44_800, odd_names=()))  # noqa: S311 - no secret


def _sends(
    plans: Sequence[_Plan], now: datetime, chance: Random, *, first_number: int, odd_names: Sequence[str],
) -> Iterator[Snapshot]:
    number = first_number
    odd = iter(odd_names)
    for plan in plans:
        for _ in range(plan.times):
            number += 1
            name, email, company = _recipient(chance)
            if plan.name is not None:
                name = plan.name
            elif number % 17 == 0:  # now and then, so that they stand among ordinary ones
                name = next(odd, name)
            yield _send(plan, number, now, chance, (name, email, company))


def _recipient(chance: Random) -> tuple[str, str, str]:
    name, local = chance.choice(PEOPLE)
    company, domain = chance.choice(COMPANIES)
    return name, f"{local}@{domain}.example", company


def _send(plan: _Plan, number: int, now: datetime, chance: Random, recipient: tuple[str, str, str]) -> Snapshot:
    gift = plan.gift
    # Sends of one plan lie some minutes apart; seconds are whole, as Sendoso gives them.
    shift = timedelta(minutes=chance.randrange(1, 40), seconds=chance.randrange(60))
    base = now.replace(microsecond=0)
    updates = tuple(
        StatusUpdate(status_raw=status, occurred_at=base - timedelta(days=days) - shift)
        for status, days in plan.steps
    )
    sender = plan.sender or chance.choice(SENDERS)
    is_offer = gift.type.startswith("eGifts")
    return Snapshot(
        source="sample", observed_at=now, send_gid=gid(number), sendoso_id=number - 43_000,
        status_raw=updates[-1].status_raw, updates=updates, created_at=updates[0].occurred_at,
        type=gift.type, subtype=gift.subtype, cost_minor=gift.cost_minor, currency=gift.currency,
        sent_via=gift.sent_via, campaign_id=gift.campaign[0], campaign=gift.campaign[1],
        recipient_name=recipient[0], recipient_email=recipient[1], recipient_company=recipient[2],
        sender_name=sender.name, sender_email=sender.email, team_id=sender.team_id, team=sender.team,
        tracking_url=_tracking(number) if any(u.status_raw == "Shipped" for u in updates) else None,
        expires_at=updates[0].occurred_at + OFFER if is_offer else None,
    )


def gid(number: int) -> str:
    """A gid as Sendoso makes them: base64 of its global id, without padding."""
    return b64encode(f"gid://sendoso/Send/{number}".encode()).decode().rstrip("=")


def _tracking(number: int) -> str:
    return f"https://www.ups.com/track?tracknum=1Z999AA1{number * 7919 % 10**10:010d}"
