"""The form of one digest: of which sends, where and when it comes; and what a change of it would do."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.reports import digest, schedule
from bot.reports.counting import count
from bot.reports.schedule import DAY, WEEK, Digest
from bot.slack.blocks import digest_words
from bot.slack.blocks.setting_fields import Field
from bot.slack.settings import choices
from bot.slack.settings.form import Form, Item, Words, filled, first, picks
from bot.slack.settings.policies import WEEK as WEEKDAYS

PICTURE, SKIP = "picture", "skip_empty"
FIELDS = (
    Field(name="every", label="How often", kind="choice", options=(
        ("Every week", WEEK, "About the seven days before"),
        ("Every day", DAY, "Since the one before: Monday's tells of the weekend, too"),
    )),
    Field(name="at", label="At", kind="time", optional=False, placeholder="09:00"),
    Field(name="zone", label="By the clock of", kind="search", find="zone", most=1,
          placeholder="The clock of the business days"),
    Field(name="days", label="On", kind="ticks", options=WEEKDAYS,
          hint="One for a weekly digest. None ticked: Monday, or Monday to Friday for a daily one."),
    Field(name="route", label="Only sends of this route", kind="search", find="route", most=1,
          placeholder="All sends", hint="Those of the team, campaign, cost and so on that the route asks for."),
    Field(name="channel", label="Channel", kind="channel", placeholder="Choose a channel",
          hint="Without one: the route's channel, else the alert channel."),
    Field(name="ways", label="And", kind="ticks", options=(
        ("A picture hangs in its thread", PICTURE, ""),
        ("It is left out when there is nothing at all to tell", SKIP, ""),
    ), hint="A table for spreadsheets comes to whoever presses “Send me a CSV” below it."),
)
NEW = {"every": WEEK, "at": "09:00", "ways": (PICTURE, SKIP)}
"""What stands in the fields of a new one."""


def _values(item: Item) -> dict[str, object]:
    return {
        "every": item["every"], "at": item["at"], "days": tuple(item.get("days", ())),
        "zone": (choices.by_id(item["zone"], item["zone"]),) if "zone" in item else (),
        "route": picks(item.get("route")), "channel": (item["channel"],) if "channel" in item else (),
        "ways": tuple(name for name in (PICTURE, SKIP) if item.get(name, True)),
    }


def _item(words: Words, _before: Item | None) -> Item:
    found = {name: first(words, name) for name in ("zone", "route", "channel")}
    ways = {name: name in words["ways"] for name in (PICTURE, SKIP)}
    return filled({"every": words["every"], "at": words["at"], "days": list(words["days"]), **found, **ways})


FORM = Form(
    name="digest", section="digests", title="Edit digest", new="New digest", fields=lambda _: FIELDS, values=_values,
    item=_item, beside={(): "days"},
)


# --- what it would do ---------------------------------------------------------------------------------


def next_time(session: Session, found: Digest, now: datetime) -> str:
    """When it comes next, as finished mrkdwn."""
    return digest_words.coming(digest.coming(session, found, now), now)


def effect(session: Session, found: Digest, others: list[Digest], now: datetime) -> tuple[str, ...]:
    """When it would come next, what the last one would have told, and whether another takes its place."""
    last = schedule.latest(found, now)
    told = digest_words.last(count(session, last.period, now, digest.limits_of(found)), found) if last else ""
    twice = digest_words.TWICE if any(one.name == found.name for one in others) else ""
    return tuple(text for text in (next_time(session, found, now), told, twice) if text)
