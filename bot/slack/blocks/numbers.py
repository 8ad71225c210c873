"""Numbers and amounts as one reader is used to them: 1,204.50 USD for many, 1.204,50 USD for somebody in Germany.

Builders draw for anybody. Numbers in what they draw are marked, invisibly, and the marks are taken out again before a
message or window is whole; what was drawn with them is kept beside it, so that it can be written for one reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from bot.sends.money import decimals
from bot.slack.blocks.text import CLOSE, OPEN, escape

if TYPE_CHECKING:
    from babel import Locale
    from babel.numbers import NumberPattern

T = TypeVar("T")
MARKED = re.compile(rf"{OPEN}(-?[0-9,]+(?:\.[0-9]+)?)(?: ([A-Z]{{3}}))?{CLOSE}")
WRITTEN = re.compile(
    r"(?<![\w.,])-?(?:[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+\.[0-9]+)(?: [A-Z]{3}\b)?(?![\w,.]*[0-9])",
)
"""A number as it is for many readers, of which some write it otherwise: 1,204 or 3.5, with its currency or without."""
SHOWN = {"text", "accessibility_label", "alt_text", "caption"}
"""Fields whose words somebody reads; ids and what a button carries are never written anew."""
CURRENCY = re.compile(r"[A-Za-z]{3}")
AS_FOR_MANY = {"", "en-US", "en-GB"}
"""Who reads numbers as they are for many: as our English has them."""
OTHERWISE = {"es-LA": "es-419"}
"""Slack's name of a locale -> Unicode's, where they differ."""
BESIDE = re.compile(r"(?<=¤)(?=[-#0-9])|(?<=[#0-9])(?=¤)")
LOCALE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


def amount(minor: int, currency: str) -> str:
    """An amount in the smallest unit of its currency, for mrkdwn: 1,200.00 USD, 500 JPY; a currency is always named."""
    digits, code = decimals(currency), currency.strip()
    said = f"{Decimal(minor).scaleb(-digits):,.{digits}f}"
    if CURRENCY.fullmatch(code):
        return f"{OPEN}{said} {code.upper()}{CLOSE}"
    return f"{OPEN}{said}{CLOSE} {escape(code, 8)}".strip()


def rounded(value: float | Decimal, digits: int = 1) -> str:
    """A number with so many digits behind the point: 2.5."""
    return f"{OPEN}{Decimal(str(value)):,.{digits}f}{CLOSE}"


def mark(sentence: str) -> str:
    """A finished sentence of ours, in which nothing is from outside, with the numbers in it marked."""
    return WRITTEN.sub(rf"{OPEN}\g<0>{CLOSE}", sentence)


def plain(said: str) -> str:
    """The words as they are for many readers at once."""
    return said.replace(OPEN, "").replace(CLOSE, "")


def for_many(drawn: T) -> T:
    """Blocks, a view or a text without the marks; what has none is given back itself."""
    return _written(drawn, plain)


def for_one(drawn: T, locale: str) -> T:
    """The same with its numbers as they are written where the reader is at home; a locale such as de-DE.

    A locale that nobody knows is as none: the numbers are as for many.
    """
    known = _known(locale) if locale not in AS_FOR_MANY and LOCALE.fullmatch(locale) else ""
    if not known:
        return for_many(drawn)
    return _written(drawn, lambda said: plain(MARKED.sub(lambda found: _number(found[1], found[2], known), said)))


def prepare(locale: str) -> None:
    """Read how numbers are written there, which takes some 50 milliseconds, before somebody waits for it."""
    for_one(f"{OPEN}1,000.00{CLOSE} {OPEN}1,000.00 USD{CLOSE}", locale)


def _written(drawn: T, write: Callable[[str], str], name: str = "text") -> T:
    """The same with what is marked in it written; a part without marks is given back itself, not a copy."""
    if isinstance(drawn, str):
        return write(drawn) if name in SHOWN and (OPEN in drawn or CLOSE in drawn) else drawn  # type: ignore[return-value]
    if not isinstance(drawn, dict | list):
        return drawn
    # Every message is gone through, so that what needs no change is neither copied nor asked by a call of its own.
    written: Any = None
    children: Any = drawn.items() if isinstance(drawn, dict) else enumerate(drawn)
    for place, child in children:
        if child.__class__ is str and OPEN not in child and CLOSE not in child:
            continue
        new = _written(child, write, place if isinstance(drawn, dict) else name)
        if new is not child:
            written = drawn.copy() if written is None else written
            written[place] = new
    return drawn if written is None else written


@lru_cache(maxsize=4096)
def _number(said: str, currency: str | None, locale: str) -> str:
    # What stands in the blocks of a message stands in its text, too, so that half of all numbers come twice.
    value = Decimal(said.replace(",", ""))
    form, home = _form(locale, -int(value.as_tuple().exponent), is_money=currency is not None)
    written: str = form.apply(value, home, currency=currency, currency_digits=False)
    return written


@lru_cache(maxsize=256)
def _form(name: str, digits: int, *, is_money: bool) -> tuple[NumberPattern, Locale]:
    from babel import Locale  # noqa: PLC0415 - as below
    from babel.numbers import parse_pattern  # noqa: PLC0415 - as below

    locale = Locale.parse(name)
    written = locale.currency_formats["standard"] if is_money else locale.decimal_formats[None]
    # The code in place of the sign, and never run together with the digits.
    form = parse_pattern(BESIDE.sub("\u00a0", written.pattern).replace("¤", "¤¤"))
    form.frac_prec = (digits, digits)
    return form, locale


@lru_cache(maxsize=64)
def _known(name: str) -> str:
    """Unicode's name of a locale of Slack's; empty where there is none."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - only for who reads otherwise: it takes its time

    wanted = OTHERWISE.get(name, name).replace("-", "_")
    # A language is better than nothing where Unicode has no such country's customs.
    for one in (wanted, wanted.partition("_")[0]):
        try:
            return str(Locale.parse(one))
        except (UnknownLocaleError, ValueError):
            continue
    return ""
