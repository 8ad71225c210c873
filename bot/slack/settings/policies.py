"""The forms of one policy: how an alert is told again, when nothing is told, and what happens when nobody acts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.config.names import NEVER
from bot.config.times import WEEKDAYS
from bot.slack.blocks.route_words import DAYS
from bot.slack.blocks.setting_fields import Field
from bot.slack.settings import choices
from bot.slack.settings.form import Form, Item, Words, filled, first
from bot.slack.settings.group_hint import group_hint

MOST_STEPS = 8
"""Steps of an escalation that one window shows; those of a file that has more are changed there."""
WEEK = tuple((day, short, "") for day, short in zip(DAYS, WEEKDAYS, strict=True))


# --- told again ---------------------------------------------------------------------------------------

NAME = Field(
    name="name", label="Name", kind="text", optional=False, placeholder="urgent", longest=60,
    hint="Lower case letters, digits, - and _. Routes choose a policy by its name.",
)
REPEATS = (
    Field(name="repeat", label="Told again after", kind="text", optional=False, placeholder="1d, 3d, 7d",
          hint="For example 1d, 3d, 7d: the next day, three days later, then every week. Or never."),
    Field(name="repeat_in", label="Where", kind="choice", options=(
        ("In the alert's thread", "thread", ""), ("In the channel, too", "channel", ""),
    )),
)


def _repeat_fields(data: Mapping[str, Any]) -> Sequence[Field]:
    return (NAME, *REPEATS) if data.get("op") == "add" else REPEATS


def _repeat_values(item: Item) -> dict[str, object]:
    return {"repeat": ", ".join(item["repeat"]) or NEVER, "repeat_in": item["repeat_in"]}


def _repeat_item(words: Words, before: Item | None) -> Item:
    said = words["repeat"]
    several = [part.strip() for part in said.split(",")] if "," in said else said
    return {**(before or {}), "repeat": several, "repeat_in": words["repeat_in"]}


REPEAT = Form(
    name="repeat", section="policies", title="Told again", new="New policy", fields=_repeat_fields,
    values=_repeat_values, item=_repeat_item, key=lambda words: str(words["name"]),
    taken="There is a policy of that name. Choose another.",
    beside={(): "name"},
)


# --- quiet hours --------------------------------------------------------------------------------------

QUIET_FIELDS = (
    Field(name="hours", label="Quiet hours", kind="ticks", options=(
        ("Nothing is told in these hours of each day", "hours", ""),
    )),
    Field(name="from", label="From", kind="time", placeholder="18:00"),
    Field(name="to", label="Until", kind="time", placeholder="08:00",
          hint="Earlier than “From” means the next morning."),
    Field(name="working_days", label="Days on which something is told at all", kind="ticks", options=WEEK,
          hint="The others are quiet from midnight to midnight."),
    Field(name="zone", label="By the clock of", kind="search", find="zone", most=1,
          placeholder="The clock of the business days"),
    Field(name="except", label="Told at any hour all the same", kind="search", find="rule", placeholder="Nothing"),
)


def _quiet_values(item: Item) -> dict[str, object]:
    quiet = item.get("quiet") or {}
    return {
        "hours": ("hours",) if "from" in quiet else (), "from": quiet.get("from", ""), "to": quiet.get("to", ""),
        "working_days": tuple(quiet.get("working_days", WEEKDAYS)),
        "zone": (choices.by_id(quiet["zone"], quiet["zone"]),) if "zone" in quiet else (),
        "except": tuple(choices.rule(one) for one in quiet.get("except", ())),
    }


def _quiet_item(words: Words, before: Item | None) -> Item:
    rest = {name: one for name, one in (before or {}).items() if name != "quiet"}
    hours, days = _hours(words, (before or {}).get("quiet") or {}), list(words["working_days"])
    every_day = len(days) == len(WEEKDAYS)
    if not hours and every_day:
        return rest
    told = filled({"zone": first(words, "zone"), "except": words["except"]})
    return rest | {"quiet": {**hours, **({} if every_day else {"working_days": days}), **told}}


def _hours(words: Words, before: Item) -> Item:
    # Times that were not there before are meant, ticked or not; a time once chosen cannot be taken out of its field.
    meant = words["hours"] or ("from" not in before and (words["from"] or words["to"]))
    return {"from": words["from"], "to": words["to"]} if meant else {}


QUIET = Form(
    name="quiet", section="policies", title="Quiet hours", fields=lambda _: QUIET_FIELDS, values=_quiet_values,
    item=_quiet_item, beside={("quiet",): "from", (): "from"},
)


# --- nobody acts --------------------------------------------------------------------------------------


def steps_of(item: Item) -> int:
    """How many steps the window shows: those that there are, and an empty one."""
    return min(len(item.get("escalate", ())) + 1, MOST_STEPS)


def _step_fields(data: Mapping[str, Any]) -> list[Field]:
    found = data.get("steps")
    number = found if isinstance(found, int) and 0 < found <= MOST_STEPS else 1
    hint = group_hint(data)
    return [one for place in range(number) for one in _step(place, hint if place == 0 else "")]


def _step(place: int, group_hint: str) -> tuple[Field, ...]:
    return (
        Field(name=f"after{place}", label=f"Step {place + 1}: when nobody has acted for", kind="text",
              placeholder="4h", longest=40,
              hint="For example 30m, 4h, 1d or 1w. Empty: there is no such step." if place == 0 else ""),
        Field(name=f"people{place}", label="Call these people in its thread", kind="people", placeholder="Nobody"),
        Field(name=f"groups{place}", label="Call these user groups", kind="search", find="group",
              placeholder="None", hint=group_hint, extra={"action_id": f"setting_find.group.{place}"}),
        Field(name=f"channel{place}", label="Tell it in this channel, too", kind="channel", placeholder="None"),
        Field(name=f"dm{place}", label="And", kind="ticks", options=(("Tell the sender", "dm_sender", ""),)),
    )


def _step_values(item: Item) -> dict[str, object]:
    values: dict[str, object] = {}
    for place, step in enumerate(item.get("escalate", ())):
        named = step.get("mention", ())
        values |= {
            f"after{place}": step["after"],
            f"people{place}": tuple(one for one in named if not one.startswith("S")),
            f"groups{place}": tuple(choices.by_id(one, one) for one in named if one.startswith("S")),
            f"channel{place}": (step["channel"],) if "channel" in step else (),
            f"dm{place}": ("dm_sender",) if step.get("dm_sender") else (),
        }
    return values


def _step_item(words: Words, before: Item | None) -> Item:
    number = sum(name.startswith("after") for name in words)
    steps = [_one_step(words, place) for place in range(number)]
    rest = {name: one for name, one in (before or {}).items() if name != "escalate"}
    kept = [step for step in steps if step]
    return rest | ({"escalate": kept} if kept else {})


def _one_step(words: Words, place: int) -> Item:
    found = filled({
        "after": words[f"after{place}"], "mention": [*words[f"people{place}"], *words[f"groups{place}"]],
        "channel": first(words, f"channel{place}"),
    })
    return found | ({"dm_sender": True} if words[f"dm{place}"] else {})


ESCALATE = Form(
    name="escalate", section="policies", title="When nobody acts", fields=_step_fields, values=_step_values,
    item=_step_item, asks_groups=True, beside={
        ("escalate",): "after0",
        **{
            ("escalate", place, key): f"{name}{place}" for place in range(MOST_STEPS) for key, name in (
                ("after", "after"), ("mention", "groups"), ("channel", "channel"), ("dm_sender", "dm"),
            )
        },
        **{("escalate", place): f"after{place}" for place in range(MOST_STEPS)},
    },
)
