"""Routes, policies and permissions in words, for mrkdwn. What admins wrote is treated as from outside."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from bot.alerts.permissions import ADMINS, ANYONE, SENDER, TEAM, Permissions
from bot.alerts.policy import Escalation, Policy
from bot.alerts.quiet_hours import WEEK, QuietHours
from bot.alerts.routing import Match, Rule, Subject
from bot.doctor.named import SHARED
from bot.slack.blocks.numbers import amount
from bot.slack.blocks.text import USER, escape, whole, width

SHOWN = 4
"""So many of a list's words are shown; the rest is counted."""
CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}")
GROUP = re.compile(r"S[A-Z0-9]{2,20}")
NOWHERE = "nowhere, since `ALERT_CHANNEL` is not set"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
UNITS = ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute"))
PRESSES = {
    "acknowledge": "acknowledge", "assign": "assign", "snooze": "snooze", "resolve": "resolve",
    "support": "open the message to Support", "support_sent": "say that Support was told", "undo": "undo",
    "mute": "mute",
}
"""What permissions name -> what a person does."""


def channel(place: str) -> str:
    """A place as Slack shows it: a channel, or whoever gets a direct message."""
    if CHANNEL.fullmatch(place):
        return f"<#{place}>"
    return f"a direct message to {who(place)}" if place else NOWHERE


def shared(place: str) -> str:
    """That a channel is read by others than one's own people."""
    return f"{channel(place)} is {SHARED}."


def who(word: str) -> str:
    """Somebody whom the configuration names: a word of it, a person, or a user group."""
    named = {
        ANYONE: "everybody", SENDER: "the sender of the gift", TEAM: "the sender's team",
        ADMINS: "the admins of Sendwatch",
    }.get(word)
    if named is not None:
        return named
    if GROUP.fullmatch(word):
        return f"<!subteam^{word}>"
    return f"<@{word}>" if USER.fullmatch(word) else escape(word)


def listed(words: Sequence[str], last: str = "and", shown: int = SHOWN) -> str:
    """Finished words in a row, such as "a, b and c"; of many the first few and how many more."""
    more = len(words) - shown
    kept = [*words[:shown], *([f"{whole(more)} more"] if more > 0 else [])]
    return kept[0] if len(kept) == 1 else f"{', '.join(kept[:-1])} {last} {kept[-1]}" if kept else ""


def length(span: timedelta) -> str:
    """A length of time to the minute, such as "1 day and 12 hours"."""
    parts, rest = [], span
    for size, unit in UNITS:
        number, rest = divmod(rest, size)
        if number:
            parts.append(f"{whole(number)} {unit}{'' if number == 1 else 's'}")
    return listed(parts) or "no time"


def asked(match: Match) -> str:
    """What a route asks for: "team EMEA or APAC, cost from 100.00 USD"; "everything" where it asks for nothing."""
    parts = [
        f"{name} {listed(_named(words), 'or')}"
        for name in ("team", "campaign", "sender", "type", "rule") if (words := getattr(match, name))
    ]
    return ", ".join([*parts, *([f"cost {_amounts(match)}"] if _asks_amount(match) else [])]) or "everything"


def leads(rule: Rule) -> str:
    """Where a route leads: "#emea and the sender"."""
    places = [*([channel(rule.channel)] if rule.channel else []), *(["the sender"] if rule.dm_sender else [])]
    return " and ".join(places) or NOWHERE


def misfits(match: Match, names: Sequence[str], subject: Subject) -> str:
    """Why a route does not fit: "team: EMEA asked, this send has Sales"."""
    return "; ".join(_misfit(match, name, subject) for name in names)


def _misfit(match: Match, name: str, subject: Subject) -> str:
    if name == "amount":
        cost = subject.amount_minor
        has = "no cost yet" if cost is None else amount(cost, subject.currency)
        return f"cost: {_amounts(match)} asked, this send has {has}"
    wanted = listed(_named(getattr(match, name)), "or")
    if name == "rule":
        return f"rule: {wanted} asked, this is {escape(f'{subject.rule}/{subject.level}')}"
    offered = {
        "team": (subject.team,), "campaign": (subject.campaign,), "type": (subject.type, subject.subtype),
        "sender": (subject.sender_name, subject.sender_email),
    }[name]
    return f"{name}: {wanted} asked, this send has {listed(_named(offered)) or 'none'}"


def _named(words: Sequence[str]) -> list[str]:
    return [escape(word, 60) for word in words if word.strip()]


def _asks_amount(match: Match) -> bool:
    return match.amount_from is not None or match.amount_to is not None


def _amounts(match: Match) -> str:
    low = f"from {amount(match.amount_from, match.currency)}" if match.amount_from is not None else ""
    high = f"below {amount(match.amount_to, match.currency)}" if match.amount_to is not None else ""
    return " and ".join(part for part in (low, high) if part)


def policy(found: Policy) -> list[str]:
    """How an alert is told again under this policy, what happens when nobody acts, and its quiet hours; a line each."""
    return [
        _repeats(found),
        *([f"If nobody acts, {'; '.join(_steps(found.escalate))}."] if found.escalate else []),
        *([_quiet(found.quiet)] if found.quiet else []),
    ]


def _repeats(found: Policy) -> str:
    if not found.repeat:
        return "Told once."
    *first, last = found.repeat
    shown = [f"after {length(first[0])}", *(f"{length(one)} later" for one in first[1:SHOWN])] if first else []
    again = f"{', '.join(shown)}{', …' if len(first) > SHOWN else ''}{', then ' if shown else ''}{_every(last)}"
    return f"Told again {again} while nobody acts, {'in the channel' if found.repeat_in_channel else 'in its thread'}."


def _every(span: timedelta) -> str:
    return f"every {length(span).removeprefix('1 ') if span in {size for size, _ in UNITS} else length(span)}"


def _steps(steps: Sequence[Escalation]) -> list[str]:
    more = len(steps) - SHOWN
    return [*map(step, steps[:SHOWN]), *([f"and {whole(more)} more steps"] if more > 0 else [])]


def step(one: Escalation) -> str:
    """One step in words: "after 1 day it calls @Ann and it goes to #boss, too"."""
    calls = f"it calls {listed([who(each) for each in one.mention])}" if one.mention else ""
    goes = [
        *([channel(one.channel)] if one.channel else []), *(["the sender"] if one.dm_sender else []),
        *([f"{listed([who(each) for each in one.people], 'and')} directly"] if one.people else []),
    ]
    parts = [calls, f"it goes to {listed(goes)}, too" if goes else ""]
    return f"after {length(one.after)} {' and '.join(part for part in parts if part)}"


def _quiet(found: QuietHours) -> str:
    hours = f"from {found.start:%H:%M} to {found.end:%H:%M}" if found.start and found.end else ""
    free = [day for number, day in enumerate(DAYS) if number not in found.working_days]
    days = "on all days" if len(free) == WEEK else f"all {listed(free, shown=WEEK)}" if free else ""
    but = listed(_named(sorted(found.except_for)))
    through = f"; {but} {'is' if len(found.except_for) == 1 else 'are'} told all the same" if but else ""
    return f"Quiet {' and '.join(part for part in (hours, days) if part)} ({escape(found.zone)}){through}."


def pressed_by(permissions: Permissions) -> list[str]:
    """Who may press what; those who may do the same stand together, a line each."""
    together = defaultdict[tuple[str, ...], list[str]](list)
    for action, does in PRESSES.items():
        together[permissions.who(action)].append(does)
    if list(together) == [(ANYONE,)]:
        return ["Everybody who sees an alert may press its buttons."]
    lines = [
        f"• {capital(listed([who(word) for word in words], 'or'))}{' only' if words == (ADMINS,) else ''}: "
        f"{', '.join(does)}"
        for words, does in together.items()
    ]
    return [*lines, "The admins of Sendwatch may do everything."]


def capital(text: str) -> str:
    """The text with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]


def packed(lines: Sequence[str], room: int) -> list[str]:
    """Lines put together into as few texts as have `room` (UTF-16 units); a line is never taken apart."""
    texts: list[str] = []
    for line in lines:
        if texts and width(texts[-1]) + 1 + width(line) <= room:
            texts[-1] = f"{texts[-1]}\n{line}"
        else:
            texts.append(line)
    return texts
