"""The form of the business calendar: the clock, the country, and days off of one's own."""

from __future__ import annotations

from bot.config.names import NOBODY
from bot.slack.blocks.limits import INPUT
from bot.slack.blocks.setting_fields import Field
from bot.slack.blocks.text import width
from bot.slack.settings import choices
from bot.slack.settings.form import Form, Item, Words, filled, first
from bot.slack.settings.policies import WEEK

EXAMPLE = "2026-12-24\n2026-12-27 to 2026-12-31 office closed"
LISTS = ("days_off", "working_days")
FIELDS = (
    Field(name="zone", label="By the clock of", kind="search", find="zone", most=1,
          placeholder="The clock of the installation"),
    Field(name="country", label="Public holidays of", kind="one", find="country", optional=False,
          placeholder="Type a country"),
    Field(name="subdivision", label="Only in this part of the country", kind="text", placeholder="CA", longest=40,
          hint="Its short name, such as CA for California or BE for Berlin. Empty: the whole country."),
    Field(name="weekdays", label="Days of the week that are worked", kind="ticks", options=WEEK,
          hint="None ticked: the country's own week."),
    Field(name="days_off", label="Days off of your own", kind="lines", placeholder=EXAMPLE,
          hint="One a line: a day or several in a row, with a name if you like."),
    Field(name="working_days", label="Worked although they would be free", kind="lines",
          placeholder="2026-12-19 inventory", hint="One a line."),
    Field(name="cut_off", label="Cut-off hour", kind="text", placeholder="12:00", longest=10,
          hint="What starts at this hour or later counts from the next business day. Empty: none."),
)


def fits(item: Item) -> bool:
    """Whether the days of the calendar fit into the fields; else they are changed in the file."""
    return all(width("\n".join(item.get(name, ()))) <= INPUT for name in LISTS)


def _values(item: Item) -> dict[str, object]:
    return {
        "zone": (choices.by_id(item["zone"], item["zone"]),) if "zone" in item else (),
        "country": (choices.country(item.get("country", NOBODY)),), "subdivision": item.get("subdivision", ""),
        "weekdays": tuple(item.get("weekdays", ())), "cut_off": item.get("cut_off", ""),
        **{name: "\n".join(item.get(name, ())) for name in LISTS},
    }


def _item(words: Words, before: Item | None) -> Item:
    told = {name: _lines(words[name]) if name in words else (before or {}).get(name, []) for name in LISTS}
    return filled({
        "zone": first(words, "zone"), "country": first(words, "country"), "subdivision": words["subdivision"],
        "weekdays": list(words["weekdays"]), "cut_off": words["cut_off"], **told,
    })


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


FORM = Form(
    name="calendar", section="calendar", title="Business days",
    fields=lambda data: [one for one in FIELDS if not (data.get("short") and one.name in LISTS)],
    values=_values, item=_item, beside={(): "country"},
)
