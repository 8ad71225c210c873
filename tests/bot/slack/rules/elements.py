"""What Slack asks of everything that can be pressed, chosen or filled in, and of pictures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from zoneinfo import available_timezones

from slackblocks import _limits

from tests.bot.slack.rules import texts
from tests.bot.slack.rules.texts import Json

Rule = Callable[[Json], Iterator[str]]
CONFIRM = {
    "title": _limits.CONFIRMATION_TITLE_MAX_LENGTH, "text": _limits.CONFIRMATION_TEXT_MAX_LENGTH,
    "confirm": _limits.CONFIRMATION_CONFIRM_MAX_LENGTH, "deny": _limits.CONFIRMATION_DENY_MAX_LENGTH,
}
FORMATS = {
    "initial_date": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "initial_time": re.compile(r"([01]\d|2[0-3]):[0-5]\d"),
    "initial_date_time": re.compile(r"\d{10}"),
    "initial_user": re.compile(r"[UW][A-Z0-9]+"),
    "initial_channel": re.compile(r"C[A-Z0-9]+"),
    "initial_conversation": re.compile(r"[CDG][A-Z0-9]+"),
}
ZONES = available_timezones()


def problems(element: Json) -> Iterator[str]:
    """Everything wrong with one element."""
    kind = element["type"]
    if kind not in RULES:
        yield f"no rule for a {kind}"
        return
    if kind != "image":
        yield from texts.length(element.get("action_id", ""), "action_id length", _limits.ACTION_ID_MAX_LENGTH)
    if "placeholder" in element:
        yield from texts.text(
            element["placeholder"], "placeholder", "text", _limits.SELECT_PLACEHOLDER_MAX_LENGTH,
        )
    for name, said in element.get("confirm", {}).items():
        if name != "style":
            yield from texts.text(said, "confirm", name, CONFIRM[name])
    yield from _forms(element)
    yield from RULES[kind](element)


def _forms(element: Json) -> Iterator[str]:
    """Dates, times, zones and ids that are none."""
    for name, form in FORMATS.items():
        if name in element and not form.fullmatch(str(element[name])):
            yield f"{name} {element[name]!r}"
        for one in element.get(f"{name}s", ()):
            if not form.fullmatch(str(one)):
                yield f"{name}s {one!r}"
    if "timezone" in element and element["timezone"] not in ZONES:
        yield f"timezone {element['timezone']!r}"


def _button(button: Json) -> Iterator[str]:
    yield from texts.text(button["text"], "button", "text", _limits.BUTTON_TEXT_MAX_LENGTH)
    yield from texts.length(button.get("value", ""), "button value", _limits.BUTTON_VALUE_MAX_LENGTH, 0)
    yield from texts.address(button.get("url"), "button url")
    yield from texts.length(
        button.get("accessibility_label", ""), "accessibility_label", _limits.BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH,
    )


def _list(element: Json) -> Iterator[str]:
    """A menu, radio buttons or boxes: what is chosen at first is one of what can be chosen, letter by letter."""
    yield from texts.choices(element)
    found = [*element.get("options", ()), *(one for g in element.get("option_groups", ()) for one in g["options"])]
    if not found:
        yield f"{element['type']} options: none"
    if element["type"] != "overflow" and any("url" in one for one in found):
        yield f"{element['type']}: an option with a url"
    yield from _chosen(element)
    for one in _initial(element):
        if one not in found:
            yield f"{element['type']}: what is chosen at first is no option"


def _few(most: int) -> Rule:
    def rule(element: Json) -> Iterator[str]:
        if len(element.get("options", ())) > most:
            yield f"{element['type']} options: {len(element['options'])}"
        yield from _list(element)

    return rule


def _chosen(element: Json) -> Iterator[str]:
    for one in _initial(element):
        yield from texts.option(one)
    if not element["type"].startswith("multi_"):
        return
    most = element.get("max_selected_items", 100)
    if most < 1 or any(len(element.get(name, ())) > most for name in element if name.startswith("initial_")):
        yield "max_selected_items"


def _initial(element: Json) -> list[Json]:
    alone = element.get("initial_option")
    return [*element.get("initial_options", ()), *([alone] if alone else [])]


def _searched(element: Json) -> Iterator[str]:
    if element.get("min_query_length", 3) < 0:
        yield "min_query_length"
    yield from _chosen(element)


def _typed(element: Json) -> Iterator[str]:
    least, most = element.get("min_length", 0), element.get("max_length", _limits.PLAIN_TEXT_INPUT_MAX_LENGTH_MAX)
    if not 0 <= least <= most <= _limits.PLAIN_TEXT_INPUT_MAX_LENGTH_MAX or most < 1:
        yield f"min_length {least}, max_length {most}"
    first = element.get("initial_value", "")
    yield from texts.length(first, "initial_value", most, least if first else 0)


def _number(element: Json) -> Iterator[str]:
    if not isinstance(element.get("is_decimal_allowed"), bool):
        yield "is_decimal_allowed"
    told = [element[name] for name in ("min_value", "initial_value", "max_value") if name in element]
    if not all(isinstance(one, str) for one in told):
        yield "numbers are told as text"
    elif [float(one) for one in told] != sorted(float(one) for one in told):
        yield f"numbers out of order: {told}"
    elif element.get("is_decimal_allowed") is False and not all(float(one).is_integer() for one in told):
        yield f"a fraction where is_decimal_allowed is false: {told}"


def picture(element: Json) -> Iterator[str]:
    """A picture, alone or beside text: where it lies, and what it shows in words."""
    yield from texts.length(element.get("alt_text", ""), "alt_text", _limits.IMAGE_ALT_TEXT_MAX_LENGTH)
    if ("image_url" in element) == ("slack_file" in element):
        yield "image_url and slack_file: exactly one of them"
    yield from texts.address(element.get("image_url"), "image_url")


RULES: dict[str, Rule] = {
    "button": _button,
    "overflow": _few(_limits.OVERFLOW_OPTIONS_MAX_ITEMS),
    "radio_buttons": _few(_limits.RADIO_BUTTONS_OPTIONS_MAX_ITEMS),
    "checkboxes": _few(_limits.CHECKBOXES_OPTIONS_MAX_ITEMS),
    "static_select": _list, "multi_static_select": _list,
    "external_select": _searched, "multi_external_select": _searched,
    "users_select": _chosen, "multi_users_select": _chosen,
    "channels_select": _chosen, "multi_channels_select": _chosen,
    "conversations_select": _chosen, "multi_conversations_select": _chosen,
    "plain_text_input": _typed, "email_text_input": _typed, "url_text_input": _typed, "number_input": _number,
    "datepicker": _chosen, "timepicker": _chosen, "datetimepicker": _chosen,
    "image": picture,
}
"""An element without a rule is not used: whoever needs a new one writes its rule first."""
