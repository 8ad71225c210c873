"""The windows that ask until when it shall be quiet, and show an answer in words back before it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.alerts.until import examples, spoken
from bot.slack.blocks import alert_state, group_card
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.group_card import Group
from bot.slack.blocks.limits import actions, button, context, header, modal, option, plain, section
from bot.slack.blocks.text import clip, count, own, person, stamp
from bot.statuses.wall_time import instant
from bot.statuses.working_time import WorkCalendar
from storage.models import Alert, Send

CALLBACK = "snooze_modal"
CONFIRM_CALLBACK = "snooze_confirm_modal"
BLOCK, ACTION = "until", "snooze_until"
WORDS_BLOCK, WORDS_ACTION = "words", "snooze_words"
BACK = "snooze_back"
SOONEST = timedelta(hours=1)
MORNING = time(9)
MONDAY = 0
BUSINESS_DAYS = 3
LONGEST_WORDS = 120
SNOOZE_ALL = "Snooze all"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One way to snooze: its words, and the instant (aware) at which the alert comes back."""

    text: str
    until: datetime


@dataclass(frozen=True, kw_only=True)
class About:
    """What shall be quiet: how it is shown, and the ids that come back with the window."""

    title: str
    shown: Sequence[Block]
    data: Mapping[str, Any] = field(default_factory=dict)


def about_alert(alert: Alert, send: Send | None, now: datetime, beneath: Mapping[str, Any] | None = None) -> About:
    """One alert; `beneath` names the window that is open under this one."""
    return About(
        title=alert_state.label("snooze", alert), shown=_shown(alert, send, now),
        data={"alert": alert.id, "v": alert.version, **(beneath or {})},
    )


def _shown(alert: Alert, send: Send | None, now: datetime) -> list[Block]:
    line = section(group_card.line(alert, send, now))
    if alert.state != "snoozed" or alert.snoozed_until is None:
        return [line]
    since = f"Snoozed until {stamp(alert.snoozed_until)} by {person(alert.snoozed_by)}; your choice takes its place."
    return [line, section(since)]


def about_group(group: Group, now: datetime) -> About:
    """All that is open of a message."""
    return About(
        title=SNOOZE_ALL, data={"group": group.message_id},
        shown=[header(group_card.title(group)), *([section(group_card.lines(group, now))] if group.top else [])],
    )


def choices(now: datetime, zone: ZoneInfo, calendar: WorkCalendar) -> tuple[Choice, ...]:
    """What can be chosen at `now` by somebody whose clock shows `zone`; soonest first, no two alike."""
    today = now.astimezone(zone).date()
    monday = today + timedelta(days=(MONDAY - today.weekday() - 1) % 7 + 1)
    offered = [
        Choice(text="For 1 hour", until=now + SOONEST),
        Choice(text="For 4 hours", until=now + timedelta(hours=4)),
        Choice(text="Until tomorrow at 9:00", until=_morning(today + timedelta(days=1), zone)),
        Choice(text="Until Monday at 9:00", until=_morning(monday, zone)),
        Choice(
            text=f"For {BUSINESS_DAYS} business days, until 9:00",
            until=_morning(calendar.business_day_after(today, BUSINESS_DAYS), zone),
        ),
        Choice(text="For 1 week", until=now + timedelta(days=7)),
    ]
    unlike = {choice.until: choice for choice in reversed(offered)}
    return tuple(sorted(unlike.values(), key=lambda choice: choice.until))


def _morning(day: date, zone: ZoneInfo) -> datetime:
    return instant(day, MORNING, zone)


def build(
    about: About, now: datetime, zone: ZoneInfo, calendar: WorkCalendar, *, words: str = "", problem: str = "",
) -> Block:
    """The choices, each with the local time at which it comes back, and a field for any other time.

    `words` stand in the field already; `problem` (plain text) is told above all.
    """
    return modal(
        about.title, [
            section(f"⚠️ {own(problem)}") if problem else None,
            *about.shown, _quick(now, zone, calendar), _own_words(now, zone, words),
        ],
        callback_id=CALLBACK, data=dict(about.data), submit="Snooze", close="Cancel",
    )


def _quick(now: datetime, zone: ZoneInfo, calendar: WorkCalendar) -> Block:
    options = [
        option(choice.text, str(int(choice.until.timestamp())), _local(choice.until, zone))
        for choice in choices(now, zone, calendar)
    ]
    return {
        "type": "input", "block_id": BLOCK, "label": plain("Be quiet about it"),
        "element": {
            "type": "radio_buttons", "action_id": ACTION, "options": options, "initial_option": options[0],
        },
        "hint": plain("What moves on before then resolves itself."),
    }


def _own_words(now: datetime, zone: ZoneInfo, words: str) -> Block:
    element: Block = {
        "type": "plain_text_input", "action_id": WORDS_ACTION, "max_length": LONGEST_WORDS,
        "placeholder": plain("tomorrow 9am"),
    }
    if words:
        element["initial_value"] = clip(words, LONGEST_WORDS)
    return {
        "type": "input", "block_id": WORDS_BLOCK, "optional": True, "label": plain("Or in your own words"),
        "element": element,
        "hint": plain(
            f"Such as {', '.join(examples(now, zone))}. This goes before the choice above and is shown to you once "
            "more before it counts.",
        ),
    }


def confirm(
    about: About, until: datetime, words: str, now: datetime, zone: ZoneInfo, calendar: WorkCalendar,
) -> Block:
    """What the words were taken to mean: sent off it counts, and a button leads back."""
    return modal(
        about.title, [
            section(f"*Quiet until* {own(meant(until, now, zone, calendar))}."),
            *about.shown,
            actions(button("Back", BACK, {"words": clip(words, LONGEST_WORDS)}, label="Back, to choose another time")),
            context("What moves on before then resolves itself."),
        ],
        callback_id=CONFIRM_CALLBACK, data={**about.data, "until": int(until.timestamp())},
        submit="Snooze", close="Cancel",
    )


def meant(until: datetime, now: datetime, zone: ZoneInfo, calendar: WorkCalendar) -> str:
    """An instant in words, and from a day on how many business days there are up to it."""
    said = spoken(until, now, zone)
    if until - now < timedelta(days=1):
        return said
    number = calendar.business_days_after(now.astimezone(zone).date(), until.astimezone(zone).date())
    days = f"which is {count(number, 'business day')}" if number else "none of which is a business day"
    return f"{said}, {days}"


def _local(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M} ({zone.key})"
