"""Text that is safe to show: names from outside can neither mention nor link nor format, and always fit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import regex

from bot.sends.naming import FORGOTTEN

NAME_LIMIT = 80
"""Longest name shown on a card, in UTF-16 units; the rest is told by an ellipsis."""

MENTIONED = re.compile(r"[UWS][A-Z0-9]{2,}")
LONGEST_SENTENCE = 1000

JOINER = "\u2060"
"""WORD JOINER: takes no space and breaks what Slack would otherwise recognise."""
OPEN, CLOSE = "\u2063", "\u2064"
"""Around a number of ours that can be written anew for one reader (see `numbers`); nothing from outside has them."""
FIRST_STRONG, POP = "\u2068", "\u2069"

PLAIN = re.compile(r"[ -~]*")
INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\uffff\ud800-\udfff]"
    # Tags draw the flags of Scotland and its like; anywhere else they hide words.
    "|(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0000-\U000e007f]+",
)
"""What has no shape of its own, or turns the direction of what follows; joiners inside emoji stay."""
SIGN = regex.compile(r"\X")
"""What people see as one sign (an extended grapheme cluster)."""
UNSEEN = {"\u200c", "\u200d", "\ufe0e", "\ufe0f"}
"""Joiners and choosers of a shape: part of what stands beside them, and nothing alone."""
EMOJI_CODE = re.compile(r":(?=[\w+'-]+:)")
BARE_MENTION = re.compile(r"(?<!\w)([@#])(?=\w)")
ENTITY = re.compile(r"<(?=[!@#])")
SCHEME = re.compile(r":(?=//)")
EMAIL_OR_DOMAIN = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+|(?<=\w)\.(?=[^\W\d_]{2})")
LOOSE_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
HARMLESS = re.compile(r"[A-Za-z0-9 ,'()+-]*")
"""Nothing in it could do anything: so are most names, campaigns and companies."""
# mrkdwn has no escape character, so a sign that could open or close a run gives way to its look-alike.
LOOK_ALIKE = str.maketrans({"*": "\u2217", "~": "\u223c", "`": "\u02cb", "&": "&amp;", "<": "&lt;", ">": "&gt;"})
FORMATS = re.compile(r"[*~`&<>]")
OWN = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
USER = re.compile(r"[UW][A-Z0-9]{2,}")
CHANNEL = re.compile(r"[CG][A-Z0-9]{2,}")
UNITS = ((1440, "day"), (60, "hour"), (1, "minute"))
MAX_MARKS = 3
"""Combining marks kept on one letter; more are decoration that spills over the lines around it."""


def width(text: str) -> int:
    """Length as Slack counts it: UTF-16 units, so that most emoji count two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def clip(text: str, limit: int) -> str:
    """At most `limit` UTF-16 units, ending in an ellipsis when something was left out.

    A letter and its marks, a syllable that is written as one, or an emoji made of several is never cut in the middle.
    """
    if width(text) <= limit:
        return text
    if text.isascii():
        # Each sign is one letter, so none needs to be looked at: the fields that find things clip hundreds.
        return text[:max(limit - 1, 0)].rstrip() + "…"
    room, end = limit - 1, 0
    for sign in SIGN.finditer(text):
        room -= width(sign[0])
        if room < 0:
            break
        end = sign.end()
    return text[:end].rstrip() + "…"


def one_line(text: str, limit: int = NAME_LIMIT) -> str:
    """Text from outside as one clean line for plain_text: nothing invisible, no emoji codes, clipped.

    Text that runs from right to left is isolated, so that it cannot reorder what stands around it.
    """
    # Slack reads no mention in plain_text, but where it is copied to (the draft for Support) it might be one.
    return _line(text, limit, ENTITY)


@lru_cache(maxsize=4096)
def _line(text: str, limit: int, broken: re.Pattern[str] | None = None) -> str:
    if not PLAIN.fullmatch(text):
        text = _calm(INVISIBLE.sub("", unicodedata.normalize("NFC", text)))
    text = " ".join(text.split())
    if ":" in text:
        text = EMOJI_CODE.sub(f":{JOINER}", text)
    if broken is not None:
        text = broken.sub(rf"\g<0>{JOINER}", text)
    if not text.isascii() and any(unicodedata.bidirectional(letter) in {"R", "AL", "AN"} for letter in text):
        return FIRST_STRONG + clip(text, limit - 2) + POP
    return clip(text, limit)


def _calm(text: str) -> str:
    kept, marks = [], 0
    for letter in text:
        marks = marks + 1 if unicodedata.category(letter) in {"Mn", "Me"} else 0
        if marks <= MAX_MARKS:
            kept.append(letter)
    return "".join(kept)


def shows(text: str) -> bool:
    """Whether anything is to be seen of a text from outside."""
    if text.isascii() and text.isprintable():
        return bool(text) and not text.isspace()
    return any(not letter.isspace() and letter not in UNSEEN for letter in INVISIBLE.sub("", text))


def first_of(*names: str) -> str:
    """The first of these names that anything is to be seen of; empty when none is."""
    for name in names:
        if shows(name):
            return name
    return ""


@lru_cache(maxsize=4096)
def escape(text: str, limit: int = NAME_LIMIT) -> str:
    """Text from outside for mrkdwn and for a message's `text`: it mentions nobody, links and formats nothing.

    `limit` counts before the entities are written out; the result is at most five times as long.
    """
    return disarmed(_line(text, limit))


def disarmed(text: str) -> str:
    """One clean line, such as a header of ours, for mrkdwn: what stands in it mentions, links and formats nothing."""
    if HARMLESS.fullmatch(text):
        return text
    # Each expression is asked only where the sign is that it looks for: a card has twenty such texts.
    if "@" in text or "#" in text:
        text = BARE_MENTION.sub(lambda found: found[1] + JOINER, text)
    if ":" in text:
        text = SCHEME.sub(f":{JOINER}", text)
    if "." in text:
        text = EMAIL_OR_DOMAIN.sub(lambda found: found[0] if len(found[0]) > 1 else f"{JOINER}.", text)
    if "_" in text:
        text = LOOSE_UNDERSCORE.sub("\u02cd", text)
    return text.translate(LOOK_ALIKE) if FORMATS.search(text) else text


def own(text: str) -> str:
    """A sentence of ours for mrkdwn: only the three signs that Slack reserves are written out."""
    return text.translate(OWN) if "&" in text or "<" in text or ">" in text else text


def cut(markup: str, limit: int) -> str:
    """Finished mrkdwn of at most `limit` units: whole lines go first, and no token is ever cut open."""
    if width(markup) <= limit:
        return markup
    kept = markup
    while "\n" in kept and width(kept) > limit - 2:
        kept = kept.rpartition("\n")[0]
    if width(kept) <= limit - 2:
        return f"{kept}\n…"
    kept = clip(kept, limit)[:-1]
    for opening, closing in (("<", ">"), ("&", ";")):
        start = kept.rfind(opening)
        if start > kept.rfind(closing):
            kept = kept[:start]
    return f"{kept}…"


def utc(moment: datetime) -> str:
    """An instant in words that are right for every reader, such as 2026-11-23 14:05 UTC."""
    # A third of what strftime takes; a card has five.
    there = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return f"{there.isoformat(' ', 'minutes')[:16]} UTC"


def stamp(moment: datetime) -> str:
    """An instant for mrkdwn, which Slack shows in each reader's own zone."""
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}} at {{time}}|{utc(moment)}>"


def age(since: datetime, now: datetime) -> str:
    """How long something has lasted, in its largest full unit: 40 minutes, 3 hours, 8 days."""
    lasted = max(now - since, timedelta(0))
    minutes = int(lasted.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    size, unit = next(pair for pair in UNITS if minutes >= pair[0])
    number = minutes // size
    return f"{number:,} {unit}{'' if number == 1 else 's'}"


def person(user: str | None) -> str:
    """Who did something, for mrkdwn: a Slack user, or Sendwatch itself."""
    if user and user.startswith(FORGOTTEN):
        return "somebody who was forgotten"
    if user and USER.fullmatch(user):
        return f"<@{user}>"
    return "Sendwatch" if user in {None, "", "scan"} else escape(user or "")


def channel(place: str) -> str:
    """A channel for mrkdwn, as a link to it."""
    return f"<#{place}>" if CHANNEL.fullmatch(place) else escape(place)


def with_people(sentence: str, ids: Iterable[str]) -> str:
    """A sentence in which mentions of these users and user groups stay mentions; the rest is as from outside."""
    known = [one for one in ids if MENTIONED.fullmatch(one)]
    tokens = [f"<!subteam^{one}>" if one.startswith("S") else f"<@{one}>" for one in known]
    if not tokens:
        return escape(sentence, LONGEST_SENTENCE)
    parts = re.split(f"({'|'.join(map(re.escape, tokens))})", sentence)
    return "".join(part if part in tokens else _between(part) for part in parts)


def _between(part: str) -> str:
    # What is escaped loses the blanks at its ends; between two mentions they are wanted.
    start, end = " " * part.startswith(" "), " " * part.endswith(" ")
    return f"{start}{escape(part, LONGEST_SENTENCE)}{end}" if part.strip() else part


def count(number: int, noun: str, plural: str | None = None) -> str:
    """A number and its noun: 1 send, 1,204 sends."""
    return f"{whole(number)} {noun if number == 1 else plural or noun + 's'}"


def at_least(number: int, *, more: bool) -> str:
    """A number, or that there are more than that many: 1,000 or more than 1,000."""
    return f"more than {whole(number)}" if more else whole(number)


def whole(number: int) -> str:
    """A whole number, marked where readers are used to different signs in it: 12, 1,204."""
    return f"{OPEN}{number:,}{CLOSE}" if abs(number) >= 1000 else str(number)  # noqa: PLR2004 - the first with a sign
