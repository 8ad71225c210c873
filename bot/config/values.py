"""The values that the configuration holds: how each is written, what it means, and how it is written back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, PlainSerializer

from bot.alerts.lifecycle import Action
from bot.alerts.permissions import ADMINS, ANYONE, SENDER
from bot.alerts.routing import DEFAULT
from bot.config.problems import meant, said
from bot.sends.money import decimals, minor_units
from bot.statuses.catalogue import Status, title
from bot.statuses.spelling import canonical, fold, resolve
from bot.statuses.watch import LONGEST_LIMIT
from bot.statuses.watched import EXPIRING, OVERDUE, RULES

MOST = 200
"""Routes, thresholds, policies or members of any other list; whoever needs more has another problem."""
LONGEST_TEXT = 200
LONGEST_NAME = 60
LONGEST = timedelta(days=366)
LONGEST_SPAN = 366
_YEARS = range(2000, 2101)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NEVER, NOBODY = "never", "none"
PRESSES = (*(str(action) for action in Action), "mute", "settings")
"""What permissions can be given for: every action of people on an alert, mutes, and these settings."""

LEVELS_OF: dict[str, tuple[str, ...]] = {OVERDUE: ("late", "support"), EXPIRING: ("7d", "2d", "1d")}
RULE_NAMES = tuple(
    name for rule in RULES for name in (rule, *(f"{rule}/{level}" for level in LEVELS_OF.get(rule, ())))
)

_WORDS = (ANYONE, SENDER, ADMINS)
_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}
_LENGTH = re.compile(
    r"(\d{1,6})\s*(m|h|d|w|min|mins|minutes?|hours?|days?|weeks?)(?![a-z])\s*", re.IGNORECASE | re.ASCII,
)
_TIME = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_AFTER = re.compile(r"(\d{1,4})\s*(business\s+days?|days?|d)", re.IGNORECASE | re.ASCII)
_AMOUNT = re.compile(r"(\d{1,12}(?:\.\d{1,3})?)\s*([A-Za-z]{3})", re.ASCII)
_SPAN = re.compile(r"(\S+)(?: (?:to|until|-|–) (\d\S*))?(?: (?!(?:to|until|-|–)(?: |$))(.+))?", re.IGNORECASE)  # noqa: RUF001
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{2,20}")
_PERSON = re.compile(r"[UWS][A-Z0-9]{2,20}")
_NAME = re.compile(rf"[a-z0-9][a-z0-9_-]{{0,{LONGEST_NAME - 1}}}")


def counted(value: object) -> object:
    """The value, unless it has too many members: then ValueError before any of them is looked at."""
    if isinstance(value, dict | list | tuple | set | frozenset) and len(value) > MOST:
        raise ValueError(f"has more than {MOST} entries")
    return value


def listed(value: object) -> object:
    """One value where a list is expected counts as a list of one; ValueError where there are too many."""
    if value is None:
        return []
    return counted(value) if isinstance(value, list | tuple | set | frozenset) else [value]


# --- texts -------------------------------------------------------------------------------------------


def _text(value: object) -> str:
    if isinstance(value, dict | list) or value is None:
        raise ValueError("a text is expected here")
    text = " ".join(str(value).split())
    if not text:
        raise ValueError("is empty; a text is expected here")
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"{said(text)} is longer than {LONGEST_TEXT} characters")
    if not all(letter.isprintable() for letter in text):
        raise ValueError(f"{said(text)} holds characters that cannot be shown")
    return text


def _policy_name(value: object) -> str:
    text = _text(value)
    if not _NAME.fullmatch(text):
        raise ValueError(f"{said(text)} is no name; use lower case letters, digits, - and _, at most {LONGEST_NAME}")
    return text


def _channel(value: object) -> str:
    text = _text(value)
    if not _CHANNEL.fullmatch(text):
        raise ValueError(
            f"{said(text)} is no channel id; one looks like C0123ABCD and stands at the end of the channel's details",
        )
    return text


def _person(value: object) -> str:
    text = _text(value)
    if not _PERSON.fullmatch(text):
        raise ValueError(
            f"{said(text)} is neither a user id nor a user group id; they look like U0123ABCD and S0123ABCD",
        )
    return text


def _allowed(value: object) -> str:
    text = _text(value)
    if text.casefold() in _WORDS:
        return text.casefold()
    if not _PERSON.fullmatch(text):
        raise ValueError(f"{said(text)} is nobody{meant(text, (*_WORDS, 'user ids (U…)', 'user group ids (S…)'))}")
    return text


def _action(value: object) -> str:
    text = _text(value)
    if text not in PRESSES:
        raise ValueError(f"{said(text)} is nothing that people press{meant(text, PRESSES)}")
    return text


def _budget_of(value: object) -> str:
    text = _text(value)
    return text if text == DEFAULT else _channel(text)


def rule_name(value: object) -> str:
    """A rule id, or a rule with its level as `rule/level`, in any spelling; ValueError where it is none."""
    text = re.sub(r"\s*/\s*", "/", _text(value).casefold()).replace(" ", "_").replace("-", "_")
    if text not in RULE_NAMES:
        raise ValueError(f"{said(value)} is no rule{meant(str(value), RULE_NAMES)}")
    return text


def _status(value: object) -> str:
    text = _text(value)
    status = canonical(text)
    if status is not Status.UNKNOWN or fold(text) == Status.UNKNOWN:
        return str(status)
    spelling = resolve(text)
    if spelling.status is not None:
        return str(spelling.status)
    names = " or ".join(f'"{title(one)}"' for one in spelling.suggestions)
    hint = f"did you mean {names}?" if spelling.near else f"some are {names}"
    raise ValueError(f"{said(text)} is no status; {hint}")


Text = Annotated[str, BeforeValidator(_text)]
PolicyName = Annotated[str, BeforeValidator(_policy_name)]
ChannelId = Annotated[str, BeforeValidator(_channel)]
PersonId = Annotated[str, BeforeValidator(_person)]
Allowed = Annotated[str, BeforeValidator(_allowed)]
BudgetName = Annotated[str, BeforeValidator(_budget_of)]
Press = Annotated[str, BeforeValidator(_action)]
RuleName = Annotated[str, BeforeValidator(rule_name)]
StatusId = Annotated[str, BeforeValidator(_status)]


# --- time --------------------------------------------------------------------------------------------


def _length(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    text = _text(value)
    parts = list(_LENGTH.finditer(text))
    if not parts or "".join(part.group() for part in parts) != text:
        raise ValueError(f"{said(text)} is no length of time; write for example 4h, 1d or 3d")
    length = timedelta(seconds=sum(int(part[1]) * _UNITS[part[2][0].lower()] for part in parts))
    if not timedelta(minutes=1) <= length <= LONGEST:
        raise ValueError(f"{said(text)} is not between one minute and {LONGEST.days} days")
    return length


def length_text(length: timedelta) -> str:
    """A length of time as the configuration writes it, such as 3d, 36h as 1d12h."""
    left, text = int(length.total_seconds()), ""
    for unit in ("d", "h", "m"):
        number, left = divmod(left, _UNITS[unit])
        text += f"{number}{unit}" if number else ""
    return text


def _wall(value: object) -> time:
    if isinstance(value, time):
        return value
    text = _text(value)
    found = _TIME.fullmatch(text)
    hour, minute = (int(found[1]), int(found[2])) if found else (99, 0)
    if (hour, minute) == (24, 0):
        return time()
    if hour > 23 or minute > 59:  # noqa: PLR2004 - a clock's own numbers
        raise ValueError(f"{said(text)} is no time of day; write for example 18:00")
    return time(hour, minute)


def _zone(value: object) -> str:
    text = _text(value)
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{said(text)} is no time zone; write for example America/Los_Angeles") from None
    return text


def _weekday(value: object) -> int:
    text = _text(value).casefold()
    names = [name for name in WEEKDAYS if len(text) >= len(name) and _DAY_NAMES[name].startswith(text)]
    if not names:
        raise ValueError(f"{said(text)} is no weekday{meant(text, WEEKDAYS)}")
    return WEEKDAYS.index(names[0])


_DAY_NAMES = dict(zip(
    WEEKDAYS, ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), strict=True,
))


def _weekdays(value: object) -> frozenset[int]:
    days: set[int] = set()
    for one in _parts(value):
        first, dash, last = str(one).partition("-")
        start, end = _weekday(first), _weekday(last if dash else first)
        days |= {(start + step) % 7 for step in range((end - start) % 7 + 1)}
    if not days:
        raise ValueError("names no weekday; write for example [mon, tue, wed, thu, fri]")
    return frozenset(days)


def _parts(value: object) -> Iterable[object]:
    some = listed(value)
    assert isinstance(some, Iterable)  # noqa: S101 - what `listed` gives; for the type checker
    return some


@dataclass(frozen=True, kw_only=True, order=True)
class Span:
    """A day, or several in a row, both ends included, and what people call it."""

    first: date
    last: date
    name: str = ""

    @property
    def days(self) -> tuple[date, ...]:
        """Each day of it."""
        return tuple(self.first + timedelta(days=step) for step in range((self.last - self.first).days + 1))

    def __str__(self) -> str:
        days = str(self.first) if self.first == self.last else f"{self.first} to {self.last}"
        return f"{days} {self.name}".strip()


def _span(value: object) -> Span:
    if isinstance(value, Span):
        return value
    text = _text(value)
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f"{said(text)} is no day; write for example 2026-12-24, or 2026-12-24 to 2026-12-31")
    first = _day(found[1])
    last = _day(found[2]) if found[2] else first
    if not 0 <= (last - first).days <= LONGEST_SPAN:
        raise ValueError(f"{said(text)} ends before it begins, or after more than a year")
    return Span(first=first, last=last, name=found[3] or "")


def _day(text: str) -> date:
    if text[:3].casefold() in WEEKDAYS:
        raise ValueError(f"{said(text)} is no date; weekdays belong to the key weekdays")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{said(text)} is no date; write for example 2026-12-24, or 2026-12-24 to 2026-12-31",
        ) from None
    if day.year not in _YEARS:
        raise ValueError(f"{said(text)} is not a day of these times")
    return day


Length = Annotated[timedelta, BeforeValidator(_length), PlainSerializer(length_text)]
WallTime = Annotated[time, BeforeValidator(_wall), PlainSerializer(lambda wall: wall.strftime("%H:%M"))]
Zone = Annotated[str, BeforeValidator(_zone)]
Weekdays = Annotated[
    frozenset[int], BeforeValidator(_weekdays), PlainSerializer(lambda days: [WEEKDAYS[day] for day in sorted(days)]),
]
Days = Annotated[Span, BeforeValidator(_span), PlainSerializer(str)]


# --- amounts and limits ------------------------------------------------------------------------------


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
    text = _text(value)
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
    text = _text(value)
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

