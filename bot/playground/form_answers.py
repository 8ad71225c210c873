"""What a person enters in a field, as Slack sends it."""

from __future__ import annotations

from datetime import date, datetime, time

from bot.playground.element_state import KEPT
from bot.playground.reading import Reader
from bot.playground.slack import Slack
from bot.playground.slack_errors import Json
from bot.playground.workspace import Channel

OPTION_FIELDS = {"selected_option", "selected_options"}


def answer(slack: Slack, reader: Reader, element: Json, choice: object) -> Json:
    """`choice` for this element: {"value": …}, {"selected_option": …} and so on. AssertionError if impossible."""
    kind = element["type"]
    name = "selected_option" if kind == "overflow" else KEPT[kind][0]
    if name.endswith("s"):
        several = choice if isinstance(choice, list | tuple) else [choice]
        most = element.get("max_selected_items", len(several))
        if len(several) > most:
            raise AssertionError(f"only {most} may be chosen here, not {len(several)}")
        return {name: [_one(slack, reader, element, name, entry) for entry in several]}
    return {name: _one(slack, reader, element, name, choice)}


def _one(slack: Slack, reader: Reader, element: Json, name: str, choice: object) -> object:
    if name in OPTION_FIELDS:
        return choice if isinstance(choice, dict) else _option(reader, element, str(choice))
    if name.startswith("selected_user"):
        return _user(slack, str(choice))
    if name.startswith(("selected_conversation", "selected_channel")):
        return _channel(slack, element, str(choice))
    if name == "selected_date_time":
        return int(choice.timestamp()) if isinstance(choice, datetime) else choice
    if isinstance(choice, time):
        return f"{choice:%H:%M}"
    return choice.isoformat() if isinstance(choice, date) else str(choice)


def _user(slack: Slack, name: str) -> str:
    person = slack.state.person(name)
    if person.deleted:
        raise AssertionError(f"{person.real_name} is deactivated and is not offered")
    return person.id


def _channel(slack: Slack, element: Json, name: str) -> str:
    people = {person.name: person.id for person in slack.state.people.values()}
    channel = slack.state.channel(people.get(name, name))
    wanted = element.get("filter", {}).get("include", ["public", "private", "im", "mpim"])
    kinds = ["public"] if element["type"].endswith("channels_select") else wanted
    if _kind(channel) not in kinds:
        raise AssertionError(f"#{channel.name} is {_kind(channel)}, only {kinds} are offered")
    return channel.id


def _kind(channel: Channel) -> str:
    return "im" if channel.is_im else "private" if channel.is_private else "public"


def _option(reader: Reader, element: Json, words: str) -> Json:
    groups = element.get("option_groups") or [{"options": element.get("options", [])}]
    options: list[Json] = [option for group in groups for option in group["options"]]
    for option in options:
        if words in {reader.words(option["text"]), option["value"]}:
            return option
    raise AssertionError(f"no option {words!r}, only {[reader.words(option['text']) for option in options]}")
