"""What a person enters in a field, as Slack sends it."""

from __future__ import annotations

from datetime import date, datetime, time

from bot.playground.element_state import KEPT
from bot.playground.reading import Reader
from bot.playground.slack import Slack
from bot.playground.slack_errors import Json

OPTION_FIELDS = {"selected_option", "selected_options"}


def answer(slack: Slack, reader: Reader, element: Json, choice: object) -> Json:
    """`choice` for this element: {"value": …}, {"selected_option": …} and so on. AssertionError if impossible."""
    kind = element["type"]
    name = "selected_option" if kind == "overflow" else KEPT[kind][0]
    if name.endswith("s"):
        several = choice if isinstance(choice, list | tuple) else [choice]
        return {name: [_one(slack, reader, element, name, entry) for entry in several]}
    return {name: _one(slack, reader, element, name, choice)}


def _one(slack: Slack, reader: Reader, element: Json, name: str, choice: object) -> object:
    if name in OPTION_FIELDS:
        return choice if isinstance(choice, dict) else _option(reader, element, str(choice))
    if name.startswith("selected_user"):
        return slack.state.person(str(choice)).id
    if name.startswith(("selected_conversation", "selected_channel")):
        return slack.state.channel(str(choice)).id
    if name == "selected_date_time":
        return int(choice.timestamp()) if isinstance(choice, datetime) else choice
    if isinstance(choice, time):
        return f"{choice:%H:%M}"
    return choice.isoformat() if isinstance(choice, date) else str(choice)


def _option(reader: Reader, element: Json, words: str) -> Json:
    groups = element.get("option_groups") or [{"options": element.get("options", [])}]
    options: list[Json] = [option for group in groups for option in group["options"]]
    for option in options:
        if words in {reader.words(option["text"]), option["value"]}:
            return option
    raise AssertionError(f"no option {words!r}, only {[reader.words(option['text']) for option in options]}")
