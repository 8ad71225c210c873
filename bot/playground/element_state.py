"""What is chosen or typed in the elements of a message or view, as `state.values` shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bot.playground.slack_errors import Json
from bot.playground.validation import elements_of

KEPT: dict[str, tuple[str, str, object]] = {
    "plain_text_input": ("value", "initial_value", None),
    "email_text_input": ("value", "initial_value", None),
    "url_text_input": ("value", "initial_value", None),
    "number_input": ("value", "initial_value", None),
    "static_select": ("selected_option", "initial_option", None),
    "external_select": ("selected_option", "initial_option", None),
    "radio_buttons": ("selected_option", "initial_option", None),
    "users_select": ("selected_user", "initial_user", None),
    "conversations_select": ("selected_conversation", "initial_conversation", None),
    "channels_select": ("selected_channel", "initial_channel", None),
    "datepicker": ("selected_date", "initial_date", None),
    "timepicker": ("selected_time", "initial_time", None),
    "datetimepicker": ("selected_date_time", "initial_date_time", None),
    "checkboxes": ("selected_options", "initial_options", ()),
    "multi_static_select": ("selected_options", "initial_options", ()),
    "multi_external_select": ("selected_options", "initial_options", ()),
    "multi_users_select": ("selected_users", "initial_users", ()),
    "multi_conversations_select": ("selected_conversations", "initial_conversations", ()),
    "multi_channels_select": ("selected_channels", "initial_channels", ()),
}
"""Type of element -> (name of its value, name of its first value, what stands for nothing)."""


def elements(blocks: Sequence[Json]) -> Iterator[tuple[Json, Json]]:
    """Each element that can be pressed or filled, with its block."""
    for block in blocks:
        for element in elements_of(block):
            yield block, element


def values(blocks: Sequence[Json], given: Json) -> Json:
    """`state.values` of these blocks: what was given, else what each element starts with.

    Given values of elements that do not stand there are left out, as Slack leaves them out.
    """
    state: Json = {}
    for block, element in elements(blocks):
        if element["type"] not in KEPT:
            continue
        name, first, nothing = KEPT[element["type"]]
        start = element.get(first, list(nothing) if isinstance(nothing, tuple) else nothing)
        answer = given.get(block["block_id"], {}).get(element["action_id"], {})
        value = {"type": element["type"], name: answer.get(name, start)}
        state.setdefault(block["block_id"], {})[element["action_id"]] = value
    return state


def current_conversation(blocks: Sequence[Json], channel: str) -> Json:
    """Values of those menus that are to start with the conversation from which their modal was opened."""
    given: Json = {}
    for block, element in elements(blocks):
        name, first, nothing = KEPT.get(element["type"], ("", "", None))
        if element.get("default_to_current_conversation") and first not in element:
            value = [channel] if nothing is not None else channel
            chosen = {element["action_id"]: {"type": element["type"], name: value}}
            given.setdefault(block["block_id"], {}).update(chosen)
    return given


def refused(blocks: Sequence[Json], state: Json) -> dict[str, str]:
    """What Slack's own form refuses to submit: a sentence for each block that is not filled rightly."""
    wrong = {}
    for block, element in elements(blocks):
        if block["type"] == "input":
            name = KEPT[element["type"]][0]
            value = state[block["block_id"]][element["action_id"]].get(name)
            problem = _problem(element, value, optional=block.get("optional", False))
            if problem:
                wrong[block["block_id"]] = problem
    return wrong


def _problem(element: Json, value: object, *, optional: bool) -> str | None:
    if value in (None, "", []):
        return None if optional else "Please complete this required field."
    check = FORMS.get(element["type"])
    return check(element, str(value)) if check else None


def _length_problem(element: Json, value: str) -> str | None:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if len(value) < least:
        return f"Enter at least {least} characters."
    return f"Enter at most {most} characters." if len(value) > most else None


def _email_problem(_element: Json, value: str) -> str | None:
    return None if "@" in value else "Enter an email address."


def _url_problem(_element: Json, value: str) -> str | None:
    return None if "://" in value else "Enter a URL."


def _number_problem(element: Json, value: str) -> str | None:
    try:
        number = float(value) if element["is_decimal_allowed"] else int(value)
    except ValueError:
        return "Enter a number."
    low, high = element.get("min_value"), element.get("max_value")
    if low is not None and number < float(low):
        return f"Enter a number that is at least {low}."
    if high is not None and number > float(high):
        return f"Enter a number that is at most {high}."
    return None


FORMS: dict[str, Callable[[Json, str], str | None]] = {
    "plain_text_input": _length_problem,
    "email_text_input": _email_problem,
    "url_text_input": _url_problem,
    "number_input": _number_problem,
}
