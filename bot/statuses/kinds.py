"""Families of sends: what is given decides which statuses a send can have and what they mean."""

from __future__ import annotations

import re
from enum import StrEnum


class Kind(StrEnum):
    """The family of a send; CHOICE is one where the recipient picks, so that it may become either."""

    EGIFT = "egift"
    PHYSICAL = "physical"
    CHOICE = "choice"
    UNKNOWN = "unknown"


# First match wins. Types come before subtypes, because "Coffee" or "Lunch" alone says nothing sure.
_MARKS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (Kind.CHOICE, re.compile(r"\bchoice\b")),
    (Kind.EGIFT, re.compile(r"\be ?gifts?\b|\bgift ?cards?\b|\bvirtual\b|\bdigital\b")),
    (
        Kind.PHYSICAL,
        re.compile(
            r"\binventor|\bhandwritten\b|\bamazon\b|\bdirect\b|\bphysical\b|\bbundles?\b"
            r"|\bddo gift\b|\bon demand\b|\bwine\b|\bmail(er)?\b|\bpackages?\b|\bswag\b",
        ),
    ),
)
_NOT_WORDS = re.compile(r"[^a-z0-9]+")
_LONGEST = 200


def _words(text: str | None) -> str:
    return _NOT_WORDS.sub(" ", (text or "")[:_LONGEST].casefold()).strip()


def kind_of(type: str | None, subtype: str | None = "") -> Kind:  # noqa: A002 - Sendoso's own name of the field
    """The family of a send from Sendoso's `type` and, where that says nothing, its `subtype`.

    The seven types are those of the API documentation; other words of the same sense (CSV exports) are
    understood too. UNKNOWN where neither says anything sure.
    """
    for text in (_words(type), _words(subtype)):
        for kind, marks in _MARKS:
            if marks.search(text):
                return kind
    return Kind.UNKNOWN


def is_amazon(type: str | None) -> bool:  # noqa: A002 - as above
    """Whether a send is bought at Amazon and passes through a Sendoso fulfillment center."""
    return "amazon" in _words(type).split()


def is_direct(type: str | None) -> bool:  # noqa: A002 - as above
    """Whether a vendor, not Sendoso's warehouse, makes and ships the gift (Sendoso Direct)."""
    return "direct" in _words(type).split()


def is_inventoried(type: str | None) -> bool:  # noqa: A002 - as above
    """Whether a send is taken from stock in Sendoso's warehouse, for which the SLA article is written."""
    return _words(type).startswith("inventor")
