"""Text as it is compared: folded, and for people's typing cut into words without what says nothing."""

from __future__ import annotations

import re
import unicodedata

_READ = 1000  # characters of a raw text that are looked at; no name of a status is near that long
_KEPT = 200  # characters of a folded text that are kept

_APOSTROPHES = re.compile(r"['\u2019\u02bc`\u00b4]")
_SPELLINGS = {
    "cancelled": "canceled", "cancelling": "canceling", "cancellation": "cancelation", "fulfilment": "fulfillment",
    "fulfil": "fulfill", "despatch": "dispatch", "addresses": "address", "adress": "address",
    "addres": "address",
    "organisation": "organization", "emails": "email", "recieved": "received",
}
_NEGATIONS = frozenset((
    "not", "never", "isnt", "wasnt", "arent", "werent", "didnt", "doesnt", "dont", "hasnt", "havent", "hadnt",
    "wont", "aint", "cant", "couldnt", "wouldnt", "shouldnt", "nt", "non", "un",
))
NEGATIONS = frozenset({"not", "no", "cannot"})
"""Words that turn what follows into its opposite, as `words` writes them."""

_FILLERS = frozenset((
    "what", "whats", "does", "do", "did", "is", "are", "was", "were", "be", "been", "being", "the", "a", "an",
    "my", "our", "your", "their", "this", "that", "these", "it", "its", "of", "in", "on", "at", "for", "to",
    "with", "mean", "means", "meaning", "meant", "status", "statuses", "stage", "state", "send", "sends",
    "gift", "gifts", "say", "says", "saying", "said", "tell", "me", "us", "explain", "please", "pls", "help",
    "about", "when", "why", "how", "where", "i", "we", "you", "he", "she", "they", "has", "have", "had",
    "still", "just", "now", "currently", "already", "yet", "ago", "since", "more", "than", "day", "days",
    "week", "weeks", "hour", "hours", "show", "shows", "showing", "shown", "see", "tracker", "get", "got",
    "gets", "so", "hello", "hi", "hey", "thanks", "thank", "egift", "egifts", "physical", "type", "kind",
    "marked", "labeled", "called", "gone", "go", "goes", "went",
))
_SINGULAR = ("ss", "us", "is")
"""Endings of words such as address, bonus and analysis, whose s is no plural."""
_THINGS = frozenset((
    "order", "package", "parcel", "shipment", "item", "present", "swag", "product", "box",
))


def fold(text: str) -> str:
    """A text for comparing: NFKC, case folded, everything but letters and digits one space; at most 200 characters."""
    text = "".join(ch for ch in text[:_READ] if unicodedata.category(ch) != "Cf")
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = "".join(ch if ch.isalnum() else " " for ch in text)
    return " ".join(text.split())[:_KEPT].strip()


def american(folded: str) -> str:
    """A folded name in the spelling that Sendoso's pages use: canceled, fulfillment."""
    return " ".join(
        _SPELLINGS[word] if word in {"cancelled", "fulfilment"} else word for word in folded.split()
    )


def words(text: str) -> tuple[str, ...]:
    """What a person typed, word by word: American, singular, each negation as "not", "e-mail" as "email"."""
    folded = fold(_APOSTROPHES.sub("", text[:_READ]))
    folded = re.sub(r"\be (mail|gift)", r"e\1", folded).replace("without ", "no ").replace("can not ", "cannot ")
    return tuple(_plain(word) for word in folded.split())


def _plain(word: str) -> str:
    if word in _NEGATIONS:
        return "not"
    if word in _FILLERS:
        return word
    word = _SPELLINGS.get(word, word)
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(_SINGULAR)  # noqa: PLR2004 - "oos" stays
    return word[:-1] if plural else word


def without_fillers(typed: tuple[str, ...]) -> tuple[str, ...]:
    """The words without those that say nothing about a status, such as "what does … mean"."""
    return tuple(word for word in typed if word not in _FILLERS and not word.isdigit())


def without_things(typed: tuple[str, ...]) -> tuple[str, ...]:
    """The words without those for the thing that is sent, such as "order" or "package"."""
    return tuple(word for word in typed if word not in _THINGS)
