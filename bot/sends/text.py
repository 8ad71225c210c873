"""Text from outside, made fit to store, and folded so that people find it however they type it."""

# ruff: noqa: RUF001 - look-alike characters are what this module is about

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

LONGEST = 1_000
"""Characters of any text that are kept; no name, campaign or status is longer, and a message must stay readable."""

LONGEST_KEY = 2_000
"""Bytes of a text that an index leads to, as UTF-8: PostgreSQL stores nothing under a key of more than 2,704."""

LONGEST_FIELD = 200
"""Characters of one field that can be searched for."""

_SPACES = re.compile(r"\s+")
# Control characters (NUL among them, which PostgreSQL refuses), lone surrogates, which no database stores,
# and marks that turn the direction of writing, by which a name can pretend to be another.
_UNFIT = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
RUNS_ON = re.compile(
    "[\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\ua4cf\ua960-\ua97f\ua9e0-\ua9ff\uaa60-\uaa7f\uac00-\ud7ff"
    "\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff]",
)
"""Letters of scripts that set no space between words, or put endings right behind a name: Thai, Lao, Tibetan, Burmese,
Khmer, Chinese, Japanese, Korean."""
UNSEEN = re.compile("[\u200b-\u200d\u2060]")
"""Joiners, and spaces without width."""
_UNHEARD = {"Mn", "Cf"}
"""Marks on letters, and joiners and the like between them: people leave them out when they type."""
# Where marks stand, by Unicode's numbers: accents beside or above a letter, vowel points in Hebrew, Arabic and Syriac.
_ACCENTS, _POINTS = 200, range(10, 37)
_STRAIGHT = str.maketrans({
    "‘": "'", "’": "'", "ʼ": "'", "´": "'", "`": "'", "“": '"', "”": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-", "|": " ",
    # Letters that Unicode does not take apart, as people without that key type them.
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h",
    # An Arabic word drawn out is the same word.
    "ـ": "",
})


def clean(text: str, longest: int = LONGEST) -> str:
    """The text without control characters, its runs of white space made single, cut at `longest` characters."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()[:longest].rstrip()
    return _SPACES.sub(" ", _UNFIT.sub("", text)).strip()[:longest].rstrip()


def cut_to_key(text: str) -> str:
    """The text cut, between two characters, so that an index may lead to it."""
    if len(text) * 4 <= LONGEST_KEY:
        return text
    return text.encode()[:LONGEST_KEY].decode(errors="ignore").rstrip()


def folded(text: str) -> str:
    """The text as it is compared: no case, no accents, straight quotes and dashes, single spaces.

    Works for names in any script; stored text and queries go through the same folding.
    """
    if text.isascii():
        # Nearly every text is one in which there is nothing to straighten.
        if text.isprintable() and not ("  " in text or "`" in text or "|" in text):
            return text.lower().strip()
        return _SPACES.sub(" ", text.lower().translate(_STRAIGHT)).strip()
    straight = unicodedata.normalize("NFKD", text.casefold().translate(_STRAIGHT)).casefold()
    bare = "".join(letter for letter in straight if unicodedata.category(letter) not in _UNHEARD)
    return _SPACES.sub(" ", bare.translate(_STRAIGHT)).strip()


def spread(text: str) -> tuple[str, list[int]]:
    """The text as it is compared letter by letter, and for each of these letters the place in the text it came from.

    As `folded`, but white space stays as it is, and so do marks that make another word, as in Thai or kana.
    """
    if text.isascii():
        return text.lower().translate(_STRAIGHT), [*range(len(text))]
    letters = [(letter, place) for place, sign in enumerate(text) for letter in _compared(sign)]
    return "".join([letter for letter, _ in letters]), [place for _, place in letters]


@lru_cache(maxsize=4_096)
def _compared(sign: str) -> str:
    straight = unicodedata.normalize("NFKD", sign.casefold().translate(_STRAIGHT)).casefold()
    return "".join(letter for letter in straight if not _is_unheard(letter)).translate(_STRAIGHT)


def _is_unheard(letter: str) -> bool:
    """Whether it is an accent, a vowel point, or a joiner."""
    place = unicodedata.combining(letter)
    return place >= _ACCENTS or place in _POINTS or unicodedata.category(letter) == "Cf"


def searchable(fields: Iterable[str]) -> str:
    """The fields in one text to search: `|jane doe|jane@acme.com|acme|`.

    By the bars a query can ask for a whole field or its beginning.
    """
    return "".join(["|", *[_searched(field) for field in fields]])


@lru_cache(maxsize=4_096)
def _searched(field: str) -> str:
    # Companies, campaigns and senders come again and again.
    return f"{folded(field)[:LONGEST_FIELD].rstrip()}|"


def begins_words(name: str, typed: str) -> bool:
    """Whether each of the words typed begins a word of the name, whatever their case and accents; False for none."""
    pieces, words = folded(typed).split(), folded(name).split()
    return bool(pieces) and all(any(word.startswith(piece) for word in words) for piece in pieces)


def fields_of(search_text: str) -> list[str]:
    """The folded fields of a text that `searchable` made."""
    return search_text.split("|")[1:-1]
