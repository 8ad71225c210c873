"""State of forms: what is chosen at first, what is given, and what the form itself refuses."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground import element_state
from tests.bot.playground.trivial import asked, button, option

Json = dict[str, Any]
TEXT = {"type": "plain_text_input", "action_id": "a"}


def state_of(element: Json, given: object = None) -> Json:
    blocks = [asked("F", {**element, "action_id": "a"})]
    name = element_state.KEPT[element["type"]][0]
    values = element_state.values(blocks, {"f": {"a": {name: given}}} if given is not None else {})
    found: Json = values["f"]["a"]
    return found


@pytest.mark.parametrize(
    ("element", "name", "value"),
    [
        (TEXT, "value", None),
        ({**TEXT, "initial_value": "x"}, "value", "x"),
        ({"type": "checkboxes"}, "selected_options", []),
        ({"type": "datepicker", "initial_date": "2026-01-01"}, "selected_date", "2026-01-01"),
        ({"type": "multi_users_select", "initial_users": ["U1"]}, "selected_users", ["U1"]),
        ({"type": "static_select", "initial_option": option("x")}, "selected_option", option("x")),
    ],
)
def test_what_an_element_starts_with(element: Json, name: str, value: object) -> None:
    assert state_of(element) == {"type": element["type"], name: value}


def test_buttons_have_no_state() -> None:
    section: Json = {"type": "section", "block_id": "b", "accessory": button("x", "x")}
    blocks: list[Json] = [section, {"type": "divider", "block_id": "d"}]
    assert element_state.values(blocks, {"b": {"x": {"value": "1"}}}) == {}


NUMBER = {"type": "number_input", "is_decimal_allowed": False, "min_value": "1", "max_value": "9"}


@pytest.mark.parametrize(
    ("element", "given", "refusal"),
    [
        (TEXT, "x", None),
        (TEXT, "", "Please complete this required field."),
        ({**TEXT, "min_length": 3}, "ab", "Enter at least 3 characters."),
        (TEXT, "x" * 3001, "Enter at most 3000 characters."),
        ({"type": "email_text_input"}, "x", "Enter an email address."),
        ({"type": "email_text_input"}, "a@b.c", None),
        ({"type": "url_text_input"}, "x", "Enter a URL."),
        ({"type": "url_text_input"}, "https://x", None),
        (NUMBER, "x", "Enter a number."),
        (NUMBER, "1.5", "Enter a number."),
        (NUMBER, "0", "Enter a number that is at least 1."),
        (NUMBER, "10", "Enter a number that is at most 9."),
        ({**NUMBER, "is_decimal_allowed": True}, "1.5", None),
        ({"type": "checkboxes"}, [], "Please complete this required field."),
        ({"type": "static_select"}, option("x"), None),
    ],
)
def test_what_a_form_refuses(element: Json, given: object, refusal: str | None) -> None:
    blocks = [asked("F", {**element, "action_id": "a"})]
    state = {"f": {"a": state_of(element, given)}}
    assert element_state.refused(blocks, state) == ({"f": refusal} if refusal else {})
    if given in ("", []):
        assert element_state.refused([{**blocks[0], "optional": True}], state) == {}
