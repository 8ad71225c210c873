"""What is in force, section by section, in words for mrkdwn. What admins wrote is treated as from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from bot.alerts.policy import Budget
from bot.alerts.quiet_hours import QuietHours
from bot.alerts.routing import DEFAULT
from bot.alerts.rulebook import Rulebook
from bot.config.business_days import CalendarPart
from bot.config.document import Document
from bot.config.names import NOBODY
from bot.slack.blocks import digest_words, route_words
from bot.slack.blocks.text import count, escape, own, whole
from bot.statuses import catalogue, country_holidays
from bot.statuses.working_time import WorkCalendar

TITLES: Mapping[str, str] = {
    "thresholds": "Thresholds", "routes": "Routes", "policies": "Repeats, quiet hours",
    "calendar": "Business days, holidays",
    "permissions": "Permissions", "budgets": "Message budgets",
    "digests": "Digests", "look_ups": "Record of look-ups",
}
"""Sections in the order in which people look for them, by what they are called (as the title of a window)."""
ABOUT: Mapping[str, str] = {
    "thresholds": "How long a send may stay in a status until it is late, or a case for Sendoso's support.",
    "routes": "Where alerts go. The first route that fits decides; those after it are asked only if it goes on.",
    "policies": "How an alert is told again while nobody acts, when nothing is told, and who is called in the end.",
    "calendar": "Which days count as business days: the clock, public holidays, and days off of your own.",
    "permissions": "Who may press what. The admins of Sendwatch may do everything.",
    "budgets": "How many messages a channel may get. What is above stands together in one summary.",
    "digests": "What became of the gifts of a day or a week, told in a channel beside the period before.",
    "look_ups": "Whether it is put on record who looks up which gifts, and for how long that is kept.",
}
ACTIONS: Mapping[str, str] = {
    "acknowledge": "Acknowledge an alert", "assign": "Assign an alert", "snooze": "Snooze an alert",
    "resolve": "Resolve an alert", "support": "Open the message to Support",
    "support_sent": "Note that Support was told", "undo": "Take a press back",
    "baseline_post": "Have a first backlog told", "baseline_settle": "Settle a first backlog",
    "mute": "Mute and end mutes", "look_up": "Find gifts", "settings": "Change these settings",
}
"""What permissions are given for -> what a person does; what a status means is always for anyone to ask."""
AHEAD, NEXT = 120, 3
"""Days that are looked ahead for days off, and so many of them are named."""
NAMES = 3

Key = str | int | None


# --- one thing ----------------------------------------------------------------------------------------


def thing(section: str, document: Document, rules: Rulebook, key: Key, now: datetime) -> str:
    """One thing of a section: a limit, a route, a policy, a budget, a permission, or the calendar as a whole."""
    return _THINGS[section](document, rules, key, now)


def _threshold(_document: Document, rules: Rulebook, key: Any, _now: datetime) -> str:  # noqa: ANN401 - a Key
    found = rules.watch.thresholds[key]
    return f"*{own(catalogue.title(found.status))}*: {escape(found.words, 400)}"


def _route(_document: Document, rules: Rulebook, key: Any, _now: datetime) -> str:  # noqa: ANN401 - a Key
    found = rules.routing.rules[key]
    goes_on = " · goes on" if found.goes_on else ""
    return (
        f"*{whole(key + 1)}. {escape(found.name)}*: {route_words.asked(found.match)} → {route_words.leads(found)} · "
        f"policy {escape(found.policy)}{goes_on}"
    )


def _policy(_document: Document, rules: Rulebook, key: Any, now: datetime) -> str:  # noqa: ANN401 - a Key
    found = rules.routing.policy(key)
    coming = [f"Quiet next: {spell(found.quiet, now)}."] if found.quiet is not None else []
    return "\n".join([f"*{escape(key)}*", *route_words.policy(found), *coming])


def _budget(_document: Document, rules: Rulebook, key: Any, _now: datetime) -> str:  # noqa: ANN401 - a Key
    place = "*Every channel without a line of its own*" if key == DEFAULT else f"*{route_words.channel(key)}*"
    return f"{place}: {budget(rules.routing.budget if key == DEFAULT else rules.routing.budget_of(key))}"


def budget(found: Budget) -> str:
    """How many messages a channel may get."""
    within = route_words.length(found.at_once_within)
    return f"at most {count(found.a_day, 'message')} a day, {whole(found.at_once)} within {within}"


def _permission(_document: Document, rules: Rulebook, key: Any, _now: datetime) -> str:  # noqa: ANN401 - a Key
    who = [route_words.who(word) for word in rules.permissions.who(key)]
    return f"*{ACTIONS.get(key) or escape(key)}*: {route_words.listed(who, 'or')}"


def _calendar(document: Document, rules: Rulebook, _key: Key, now: datetime) -> str:
    part, calendar = document.calendar, rules.watch.calendar
    lines = [
        f"By the clock of {escape(calendar.zone.key)}{'' if part.zone else ' (from `TZ_DEFAULT`)'}.",
        f"{_country(part)} {_weekdays(part)}",
        f"Days off of our own: {_spans(part.days_off)}" if part.days_off else "No days off of our own.",
        f"Worked although they would be free: {_spans(part.working_days)}" if part.working_days else "",
        f"What starts at {part.cut_off:%H:%M} or later counts from the next business day." if part.cut_off else "",
        days_off_ahead(calendar, now),
    ]
    return "\n".join(line for line in lines if line)


def _country(part: CalendarPart) -> str:
    if part.country == NOBODY:
        return "No public holidays."
    name = country_holidays.names().get(part.country, part.country)
    return f"Public holidays of {own(name)}{f' ({escape(part.subdivision)})' if part.subdivision else ''}."


def _weekdays(part: CalendarPart) -> str:
    if part.weekdays is None:
        return "The country's own week." if part.country != NOBODY else "Monday to Friday."
    return f"Worked: {route_words.listed([route_words.DAYS[day] for day in sorted(part.weekdays)], shown=7)}."


def _spans(spans: tuple[Any, ...]) -> str:
    shown = [escape(str(span), 60) for span in spans[:NAMES]]
    more = len(spans) - NAMES
    return f"{'; '.join(shown)}{f' and {whole(more)} more' if more > 0 else ''}."


def days_off_ahead(calendar: WorkCalendar, now: datetime) -> str:
    """The next days off that are no ordinary weekend, or that there is none soon."""
    today = now.astimezone(calendar.zone).date()
    ahead = (today + timedelta(days=step) for step in range(AHEAD))
    found = [day for day in ahead if not calendar.is_business_day(day) and calendar.name_of(day)][:NEXT]
    if not found:
        return ""
    return f"Next days off: {', '.join(f'{_day(day)} ({escape(calendar.name_of(day), 60)})' for day in found)}."


def _day(day: date) -> str:
    return f"{day:%a, %b} {day.day}"


def _digest(_document: Document, rules: Rulebook, key: Any, _now: datetime) -> str:  # noqa: ANN401 - a Key
    return digest_words.digest(rules.digests[key])


def _look_ups(document: Document, _rules: Rulebook, _key: Key, _now: datetime) -> str:
    found = document.look_ups
    kept = f"what is on record is kept for {route_words.length(found.keep)}"
    return f"Each look-up is put on record; {kept}." if found.record else f"Look-ups are not put on record; {kept}."


_THINGS: Mapping[str, Callable[[Document, Rulebook, Any, datetime], str]] = {
    "thresholds": _threshold, "routes": _route, "policies": _policy, "budgets": _budget,
    "permissions": _permission, "calendar": _calendar, "digests": _digest,
    "look_ups": _look_ups,
}


def spell(quiet: QuietHours | None, now: datetime) -> str:
    """From when to when a policy is quiet next, by its own clock."""
    coming = quiet.coming(now) if quiet is not None else None
    if quiet is None or coming is None:
        return "never"
    start, end = coming
    begins = "now" if start <= now else f"from {start:%a, %b} {start.day} at {start:%H:%M}"
    return f"{begins} until {end:%a, %b} {end.day} at {end:%H:%M} ({escape(quiet.zone)})"


# --- a section as a whole -----------------------------------------------------------------------------


def summary(section: str, document: Document, rules: Rulebook, now: datetime) -> str:
    """A section in a sentence or two."""
    return _SUMMARIES[section](document, rules, now)


def _thresholds(document: Document, _rules: Rulebook, _now: datetime) -> str:
    found = document.thresholds
    if not found:
        return "The limits that Sendwatch has by itself; none of your own."
    titles = list(dict.fromkeys(own(catalogue.title(one.status)) for one in found))
    return f"{count(len(found), 'limit')} of your own, for {route_words.listed(titles, shown=NAMES)}."


def _routes(document: Document, rules: Rulebook, _now: datetime) -> str:
    rest = route_words.channel(rules.routing.alert_channel)
    if not document.routes:
        return f"No route is set: everything goes to {rest}."
    names = route_words.listed([escape(route.name, 40) for route in document.routes], shown=NAMES)
    return f"{count(len(document.routes), 'route')}: {names}. All the rest goes to {rest}."


def _policies(document: Document, rules: Rulebook, now: datetime) -> str:
    standard = rules.routing.policy(DEFAULT)
    others = [escape(name, 40) for name in document.policies if name != DEFAULT]
    more = f" Besides: {route_words.listed(others, shown=NAMES)}." if others else ""
    quiet = f" Quiet next: {spell(standard.quiet, now)}." if standard.quiet else " No quiet hours."
    return f"{route_words.policy(standard)[0]}{quiet}{more}"


def _budgets(document: Document, rules: Rulebook, _now: datetime) -> str:
    others = len(document.budgets) - 1
    more = f" {count(others, 'channel')} with numbers of {'its' if others == 1 else 'their'} own." if others else ""
    return f"A channel gets {budget(rules.routing.budget)}.{more}"


def _permissions(document: Document, rules: Rulebook, _now: datetime) -> str:
    who = route_words.listed([route_words.who(word) for word in rules.permissions.who("settings")], "or")
    closed = [name for name in document.permissions if name != "settings" and name in ACTIONS]
    rest = "Everything else is for everybody." if not closed else (
        f"{count(len(closed), 'other action')} {'is' if len(closed) == 1 else 'are'} limited, too."
    )
    return f"Settings are for {who}. {rest}"


def _calendar_summary(document: Document, rules: Rulebook, now: datetime) -> str:
    first = f"{_country(document.calendar)} By the clock of {escape(rules.watch.calendar.zone.key)}."
    return " ".join(part for part in (first, days_off_ahead(rules.watch.calendar, now)) if part)


def _digests(_document: Document, rules: Rulebook, _now: datetime) -> str:
    found = rules.digests
    if not found:
        return "None is set: nobody is told by the day or week what became of the gifts."
    told = [f"{digest_words.often(one).lower()}, {digest_words.leads(one)}" for one in found[:NAMES]]
    more = f"; and {whole(len(found) - NAMES)} more" if len(found) > NAMES else ""
    return f"{count(len(found), 'digest')}: {'; '.join(told)}{more}."


_SUMMARIES: Mapping[str, Callable[[Document, Rulebook, datetime], str]] = {
    "thresholds": _thresholds, "routes": _routes, "policies": _policies, "calendar": _calendar_summary,
    "permissions": _permissions, "budgets": _budgets, "digests": _digests,
    "look_ups": lambda document, rules, now: _look_ups(document, rules, None, now),
}
