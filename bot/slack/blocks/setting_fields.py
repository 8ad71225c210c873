"""Fields of the settings' forms: each drawn from one table and read back into plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.slack.blocks.drawn import Block
from bot.slack.blocks.limits import INPUT, OPTION, OPTION_VALUE, option, plain
from bot.slack.blocks.text import clip

FIND = "setting_find"
"""Begins the action ids of fields that look for something; what is looked for stands after the dot."""
LONGEST_PICKS = 100
"""So much is chosen in one field at most."""
PLACEHOLDER, LABEL = 150, 2000

Kind = Literal["text", "lines", "number", "time", "choice", "ticks", "search", "one", "people", "channel"]
Value = str | tuple[str, ...] | tuple[Block, ...]
"""A text; of ticks, people and channels the ids; of what is looked for the options as they were chosen."""
Values = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a form. `options` are (text, value, description) of what is ticked or chosen from."""

    name: str
    label: str
    kind: Kind
    hint: str = ""
    placeholder: str = ""
    optional: bool = True
    options: Sequence[tuple[str, str, str]] = ()
    find: str = ""
    """What a field looks for, as the listener that answers it knows it."""
    most: int = 0
    """So many can be chosen; 0: any number."""
    longest: int = 200
    least: int = 0
    largest: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict)


def block(asked: Field, value: Any = None) -> Block:  # noqa: ANN401 - a Value of the field's kind
    """The field with what stands in it already."""
    drawn: Block = {
        "type": "input", "block_id": asked.name, "label": plain(asked.label, LABEL),
        # One of several is always chosen, so that nobody can leave it out.
        "optional": asked.optional and asked.kind != "choice",
        "element": {**_ELEMENTS[asked.kind](asked, value), **asked.extra},
    }
    if asked.hint:
        drawn["hint"] = plain(asked.hint, LABEL)
    return drawn


def overfull(fields: Sequence[Field], values: Values) -> str:
    """The label of a field that holds more than can be shown and sent back; empty where all of it can."""
    several = [one for one in fields if one.kind in {"search", "people"}]
    return next((one.label for one in several if len(values.get(one.name) or ()) > LONGEST_PICKS), "")


def read(fields: Sequence[Field], values: Values) -> dict[str, Any]:
    """What was filled in, by the name of the field; a field that the form does not show is left out."""
    found = {}
    for asked in fields:
        elements = values.get(asked.name)
        state = next(iter(elements.values()), None) if isinstance(elements, dict) else None
        if isinstance(state, dict):
            found[asked.name] = _READ[asked.kind](state)
    return found


# --- elements -----------------------------------------------------------------------------------------


def _id(asked: Field) -> str:
    return f"{FIND}.{asked.find}" if asked.find else f"setting_field.{asked.name}"


def _element(kind: str, asked: Field, **more: object) -> Block:
    element: Block = {"type": kind, "action_id": _id(asked), **more}
    if asked.placeholder:
        element["placeholder"] = plain(asked.placeholder, PLACEHOLDER)
    return element


def _text(asked: Field, value: Any) -> Block:  # noqa: ANN401 - as above
    longest = INPUT if asked.kind == "lines" else asked.longest
    element = _element("plain_text_input", asked, max_length=longest, multiline=asked.kind == "lines")
    return element | ({"initial_value": clip(value, longest)} if value else {})


def _number(asked: Field, value: Any) -> Block:  # noqa: ANN401 - as above
    element = _element(
        "number_input", asked, is_decimal_allowed=False, min_value=str(asked.least), max_value=str(asked.largest),
    )
    return element | ({"initial_value": str(value)} if value else {})


def _time(asked: Field, value: Any) -> Block:  # noqa: ANN401 - as above
    return _element("timepicker", asked) | ({"initial_time": value} if value else {})


def _choice(asked: Field, value: Any) -> Block:  # noqa: ANN401 - as above
    options = [option(*one) for one in asked.options]
    chosen = next((one for one in options if one["value"] == value), options[0])
    return {"type": "radio_buttons", "action_id": _id(asked), "options": options, "initial_option": chosen}


def _ticks(asked: Field, value: Any) -> Block:  # noqa: ANN401 - as above
    options = [option(*one) for one in asked.options]
    chosen = [one for one in options if one["value"] in (value or ())]
    element: Block = {"type": "checkboxes", "action_id": _id(asked), "options": options}
    return element | ({"initial_options": chosen} if chosen else {})


def _search(asked: Field, value: Any) -> Block:  # noqa: ANN401 - as above
    element = _element("multi_external_select", asked, min_query_length=0)
    if asked.most:
        element["max_selected_items"] = asked.most
    chosen = list(value or ())[:LONGEST_PICKS]
    return element | ({"initial_options": chosen} if chosen else {})


def _one(asked: Field, value: Any) -> Block:  # noqa: ANN401 - as above
    element = _element("external_select", asked, min_query_length=0)
    return element | ({"initial_option": value[0]} if value else {})


def _people(asked: Field, value: Any) -> Block:  # noqa: ANN401 - as above
    chosen = list(value or ())[:LONGEST_PICKS]
    return _element("multi_users_select", asked) | ({"initial_users": chosen} if chosen else {})


def _channel(asked: Field, value: Any) -> Block:  # noqa: ANN401 - as above
    # One of several can be taken out again; what is chosen in a menu of one cannot.
    element = _element(
        "multi_conversations_select", asked, max_selected_items=1,
        filter={"include": ["public", "private"], "exclude_bot_users": True},
    )
    return element | ({"initial_conversations": list(value)} if value else {})


_ELEMENTS: Mapping[str, Callable[[Field, Any], Block]] = {
    "text": _text, "lines": _text, "number": _number, "time": _time, "choice": _choice, "ticks": _ticks,
    "search": _search, "one": _one, "people": _people, "channel": _channel,
}


# --- what comes back ----------------------------------------------------------------------------------


def _said(state: Mapping[str, Any]) -> str:
    found = state.get("value")
    return found.strip() if isinstance(found, str) else ""


def _picked(state: Mapping[str, Any]) -> tuple[Block, ...]:
    several = state.get("selected_options")
    some = several if isinstance(several, list) else [state.get("selected_option")]
    return tuple(option(*_pair(one)) for one in some if isinstance(one, dict) and all(_pair(one)))


def _pair(chosen: Mapping[str, Any]) -> tuple[str, str]:
    text = chosen.get("text")
    words = text.get("text") if isinstance(text, dict) else ""
    value = chosen.get("value")
    return clip(str(words or ""), OPTION), clip(value if isinstance(value, str) else "", OPTION_VALUE)


def _values(state: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(one["value"] for one in _picked(state))


def _ids(name: str) -> Callable[[Mapping[str, Any]], tuple[str, ...]]:
    def found(state: Mapping[str, Any]) -> tuple[str, ...]:
        some = state.get(name)
        return tuple(one for one in some if isinstance(one, str)) if isinstance(some, list) else ()

    return found


_READ: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "text": _said, "lines": _said, "number": _said,
    "time": lambda state: state.get("selected_time") or "",
    "choice": lambda state: next(iter(_values(state)), ""),
    "ticks": _values, "search": _picked, "one": _picked,
    "people": _ids("selected_users"), "channel": _ids("selected_conversations"),
}
