"""Amounts of the configuration: money, and limits in days; how each is written and written back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

from bot.config.names import NEVER, text_of
from bot.config.problems import said
from bot.sends.money import decimals, minor_units
from bot.statuses.watch import LONGEST_LIMIT

_AFTER = re.compile(r"(\d{1,4})\s*(business\s+days?|days?|d)", re.IGNORECASE | re.ASCII)
_AMOUNT = re.compile(r"(\d{1,12}(?:\.\d{1,3})?)\s*([A-Za-z]{3})", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Amount:
    """Money in the smallest unit of a currency (ISO 4217 code, upper case)."""

    minor: int
    currency: str

    def __str__(self) -> str:
        places = decimals(self.currency)
        number = Decimal(self.minor).scaleb(-places)
        whole = number == number.to_integral_value()
        return f"{number:.{0 if whole else places}f} {self.currency}"


def _amount(value: object) -> Amount:
    if isinstance(value, Amount):
        return value
    text = text_of(value)
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise ValueError(f"{said(text)} is no amount; write for example 100 USD")
    number, currency = found[1], found[2].upper()
    if len(number.partition(".")[2].rstrip("0")) > decimals(currency):
        raise ValueError(f"{said(text)} is finer than {currency} goes")
    return Amount(minor=minor_units(number, currency) or 0, currency=currency)


@dataclass(frozen=True, kw_only=True)
class After:
    """A limit in days or business days; `amount` None is never."""

    amount: int | None
    in_business_days: bool = False

    def __str__(self) -> str:
        if self.amount is None:
            return NEVER
        return f"{self.amount} {'business ' if self.in_business_days else ''}day{'' if self.amount == 1 else 's'}"


def _after(value: object) -> After:
    if isinstance(value, After):
        return value
    text = text_of(value)
    if text.casefold() == NEVER:
        return After(amount=None)
    found = _AFTER.fullmatch(text)
    if found is None:
        raise ValueError(f'{said(text)} is no limit; write for example "5 business days", "7 days" or never')
    amount = int(found[1])
    if amount > LONGEST_LIMIT:
        raise ValueError(f"{said(text)} is more than {LONGEST_LIMIT:,} days; a limit without end is never")
    return After(amount=amount, in_business_days=found[2].casefold().startswith("business"))


Money = Annotated[Amount, BeforeValidator(_amount), PlainSerializer(str)]
Limit = Annotated[After, BeforeValidator(_after), PlainSerializer(str)]

