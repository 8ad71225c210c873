"""The window that asks until when an alert shall be quiet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.slack.blocks import alert_state
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.group_card import line
from bot.slack.blocks.limits import modal, option, plain, section
from storage.models import Alert, Send

CALLBACK = "snooze_modal"
BLOCK = "until"
ACTION = "snooze_until"
SOONEST = timedelta(hours=1)
MORNING = time(9)
MONDAY = 0


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One way to snooze: its words, and the instant (aware) at which the alert comes back."""

    text: str
    until: datetime


def choices(now: datetime, zone: ZoneInfo) -> tuple[Choice, ...]:
    """What can be chosen at `now` by somebody whose clock shows `zone`; soonest first, no two alike."""
    local = now.astimezone(zone)
    offered = [
        Choice(text="For 1 hour", until=now + SOONEST),
        Choice(text="For 4 hours", until=now + timedelta(hours=4)),
        Choice(text="Until tomorrow at 9:00", until=_morning(local, 1)),
        Choice(text="Until Monday at 9:00", until=_morning(local, (MONDAY - local.weekday() - 1) % 7 + 1)),
        Choice(text="For 1 week", until=now + timedelta(days=7)),
    ]
    unlike = {choice.until: choice for choice in reversed(offered)}
    return tuple(sorted(unlike.values(), key=lambda choice: choice.until))


def _morning(local: datetime, days: int) -> datetime:
    # Wall time on a later date: a change of clocks in between must not make it eight or ten o'clock.
    return datetime.combine(local.date() + timedelta(days=days), MORNING, tzinfo=local.tzinfo)


def build(
    alert: Alert, send: Send | None, now: datetime, zone: ZoneInfo, data: dict[str, Any] | None = None,
) -> Block:
    """The choices as radio buttons, each with the local time at which the alert comes back."""
    options = [
        option(choice.text, str(int(choice.until.timestamp())), _local(choice.until, zone))
        for choice in choices(now, zone)
    ]
    question: Block = {
        "type": "input", "block_id": BLOCK, "label": plain("Be quiet about it"),
        "element": {
            "type": "radio_buttons", "action_id": ACTION, "options": options, "initial_option": options[0],
        },
        "hint": plain("If the send moves on before then, the alert resolves itself."),
    }
    return modal(
        alert_state.LABELS["snooze"], [section(line(alert, send, now)), question],
        callback_id=CALLBACK, data={"alert": alert.id, "v": alert.version, **(data or {})},
        submit="Snooze", close="Cancel",
    )


def _local(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M} ({zone.key})"
