"""Amounts as people read them: each currency by itself."""

from __future__ import annotations

from bot.reports.summary import Money
from bot.sends.money import decimals

MOST = 4
"""Currencies that are named; the others are counted."""


def amounts(money: Money) -> str:
    """Such as "1,204.00 USD and 80.00 EUR", the largest numbers first; "nothing" where there is none."""
    codes = sorted(money, key=lambda code: (-money[code] / 10 ** decimals(code), code))
    shown = [amount(money[code], code) for code in codes[:MOST]]
    if len(codes) > MOST:
        others = len(codes) - MOST
        shown.append("1 more currency" if others == 1 else f"{others} more currencies")
    return listed(shown) or "nothing"


def amount(minor: int, code: str) -> str:
    """One amount, such as 25.00 USD; of a currency that nobody named the number alone."""
    digits = decimals(code)
    return f"{minor / 10**digits:,.{digits}f} {'' if code == '?' else code}".strip()


def listed(words: list[str]) -> str:
    """Words in a row: "a, b and c"."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)
