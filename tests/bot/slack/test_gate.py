"""The gate itself: one broken thing at a time is caught, and the whole thing passes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.slack.blocks import alert_card, snooze_modal
from bot.statuses.working_time import us_calendar
from tests.bot.slack import gate
from tests.bot.slack.rows import alert, send
from tests.conftest import NOW

Message = dict[str, Any]


def message() -> Message:
    drawn = alert_card.build(alert(), send(), NOW)
    return copy.deepcopy({"text": drawn.text, "blocks": drawn.blocks})


def first_button(told: Message) -> Message:
    found: Message = gate.elements(told["blocks"][-1])[0]
    return found


SAID = {"type": "plain_text", "text": "x", "emoji": False}
PICTURE = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "x"}


def spoken(told: Message) -> list[str]:
    return [element["accessibility_label"] for element in told["blocks"][-1]["elements"] if element["type"] == "button"]


def table(*rows: list[str]) -> Message:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": cell} for cell in row] for row in rows]}


def rich(word: Message) -> Message:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [word]}]}


BREAKS: list[tuple[str, Callable[[Message], object]]] = [
    ("no text", lambda m: m.update(text=" ")),
    ("text of", lambda m: m.update(text="x" * 4001)),
    ("blocks", lambda m: m.update(blocks=[])),
    ("blocks", lambda m: m.update(blocks=m["blocks"] * 20)),
    ("times action_id", lambda m: first_button(m).update(action_id="alert_assign")),
    ("times block_id", lambda m: [block.update(block_id="b") for block in m["blocks"]]),
    ("accessibility_label", lambda m: first_button(m).pop("accessibility_label")),
    ("accessibility_label", lambda m: first_button(m).update(accessibility_label="x" * 76)),
    ("button.text", lambda m: first_button(m)["text"].update(text="😀" * 38)),
    ("button value", lambda m: first_button(m).update(value="x" * 2001)),
    ("button url", lambda m: first_button(m).update(url="javascript:alert(1)")),
    ("emoji codes", lambda m: first_button(m)["text"].update(emoji=True)),
    ("must be plain_text", lambda m: first_button(m)["text"].update(type="mrkdwn", verbatim=True)),
    ("header.text", lambda m: m["blocks"][0]["text"].update(text="x" * 151)),
    ("not verbatim", lambda m: m["blocks"][2]["text"].update(verbatim=False)),
    ("mention", lambda m: m.update(text="hello <!channel>")),
    ("mention", lambda m: m["blocks"][2]["text"].update(text="hello @here")),
    ("loose sign", lambda m: m.update(text="<https://evil.com|x>")),
    ("loose sign", lambda m: m.update(text="a & b")),
    ("link", lambda m: m.update(text="https://evil.com")),
    ("surrogate", lambda m: m.update(text="\ud800")),
    ("in a message", lambda m: m["blocks"].append({"type": "alert", "text": {"type": "mrkdwn", "text": "x"}})),
    ("in context", lambda m: m["blocks"].append({"type": "context", "elements": []})),
    ("in actions", lambda m: m["blocks"].append({"type": "actions", "elements": []})),
    ("empty section", lambda m: m["blocks"].append({"type": "section"})),
    ("action_id length", lambda m: first_button(m).update(action_id="")),
    ("no rule for a video block", lambda m: m["blocks"].append({"type": "video"})),
    ("no rule for a workflow_button", lambda m: first_button(m).update(type="workflow_button")),
    ("buttons are called", lambda m: first_button(m).update(accessibility_label=spoken(m)[1])),
    ("shown but not said", lambda m: m.update(text="Something happened.")),
    ("shown but not said: 'funnel'", lambda m: m["blocks"].append({**PICTURE, "alt_text": "funnel"})),
    ("alt_text", lambda m: m["blocks"].append({**PICTURE, "alt_text": ""})),
    ("image_url and slack_file", lambda m: m["blocks"].append({**PICTURE, "slack_file": {"id": "F1"}})),
    ("image_url", lambda m: m["blocks"].append({**PICTURE, "image_url": "data:image/png;base64,x"})),
    ("alt_text", lambda m: m["blocks"][2].update(accessory={**PICTURE, "alt_text": "x" * 2001})),
    ("blocks of type table", lambda m: m["blocks"].extend([table(["a"]), table(["b"])])),
    ("101 rows", lambda m: m["blocks"].append(table(*[["a"]] * 101))),
    ("columns", lambda m: m["blocks"].append(table(["a"] * 21))),
    ("columns", lambda m: m["blocks"].append(table(["a", "b"], ["c"]))),
    ("empty cell", lambda m: m["blocks"].append(table([""]))),
    ("shown but not said", lambda m: m["blocks"].append(table(["Order 66"]))),
    ("no caption", lambda m: m["blocks"].append({**table(["a"], ["b"]), "type": "data_table"})),
    ("nothing below", lambda m: m["blocks"].append({**table(["a"]), "type": "data_table", "caption": "x"})),
    ("broadcast", lambda m: m["blocks"].append(rich({"type": "broadcast", "range": "here"}))),
    ("rich_text link", lambda m: m["blocks"].append(rich({"type": "link", "url": "javascript:x"}))),
    ("rich_text user", lambda m: m["blocks"].append(rich({"type": "user", "user_id": "jane"}))),
    ("empty text in rich_text", lambda m: m["blocks"].append(rich({"type": "text", "text": ""}))),
    ("empty rich_text", lambda m: m["blocks"].append({"type": "rich_text", "elements": []})),
    ("mark of a number", lambda m: first_button(m).update(accessibility_label="\u20631,204\u2064 sends")),
    ("header.text is blank", lambda m: m["blocks"][0]["text"].update(text="  ")),
    ("button url", lambda m: first_button(m).update(url="https://example.com/a b")),
    ("button url", lambda m: first_button(m).update(url="https://example.com/<b")),
    ("wrong type", lambda m: first_button(m).update(value=5)),
    ("button in context", lambda m: m["blocks"].append({"type": "context", "elements": [first_button(m)]})),
    ("plain_text_input in a block of type section", lambda m: m["blocks"][2].update(
        accessory={"type": "plain_text_input", "action_id": "f"},
    )),
    ("email_text_input in a block of type actions", lambda m: m["blocks"][-1]["elements"].append(
        {"type": "email_text_input", "action_id": "f"},
    )),
    ("datetimepicker in a block of type section", lambda m: m["blocks"][2].update(
        accessory={"type": "datetimepicker", "action_id": "f"},
    )),
    ("response_url_enabled", lambda m: m["blocks"][2].update(
        accessory={"type": "channels_select", "action_id": "f", "response_url_enabled": True},
    )),
    ("confirm.text", lambda m: first_button(m).update(confirm={"text": {**SAID, "text": "x" * 301}})),
]


def test_a_whole_message_passes() -> None:
    assert gate.problems(message()) == []


@pytest.mark.parametrize(("problem", "change"), BREAKS)
def test_each_break_is_caught(problem: str, change: Callable[[Message], object]) -> None:
    broken = message()
    change(broken)
    assert any(problem in found for found in gate.problems(broken))


def choices(number: int) -> list[Message]:
    return [{"text": SAID, "value": f"v{place}"} for place in range(number)]


def field(action_id: str = "f", **element: Any) -> Message:  # noqa: ANN401 - parts of a payload
    return {"type": "input", "label": SAID, "element": {"action_id": action_id, **element}}


def asked(**element: Any) -> Callable[[Message], object]:  # noqa: ANN401 - as above
    return lambda view: view["blocks"].append(field(**element))


CHOICE = choices(1)[0]
FIELD_BREAKS: list[tuple[str, Message]] = [
    ("initial_value", {"type": "plain_text_input", "initial_value": "x" * 3001}),
    ("initial_value", {"type": "plain_text_input", "initial_value": "xxx", "max_length": 2}),
    ("initial_value", {"type": "plain_text_input", "initial_value": "x", "min_length": 2}),
    ("an option with a url", {"type": "static_select", "options": [{**CHOICE, "url": "https://example.com"}]}),
    ("a fraction", {"type": "number_input", "is_decimal_allowed": False, "initial_value": "1.5"}),
    ("timezone", {"type": "timepicker", "timezone": "Europe/Nowhere"}),
    ("initial_users", {"type": "multi_users_select", "initial_users": ["jane"]}),
    ("initial_channels", {"type": "multi_channels_select", "initial_channels": ["sales"]}),
    ("initial_conversations", {"type": "multi_conversations_select", "initial_conversations": ["sales"]}),
    ("wrong type", {"type": "external_select", "min_query_length": "1"}),
    ("min_length", {"type": "plain_text_input", "min_length": 9, "max_length": 2}),
    ("placeholder", {"type": "plain_text_input", "placeholder": {**SAID, "text": "x" * 151}}),
    ("must be plain", {"type": "plain_text_input", "placeholder": {"type": "mrkdwn", "text": "x"}}),
    ("exactly one", {"type": "static_select"}),
    ("options: none", {"type": "static_select", "options": []}),
    ("101 options", {"type": "static_select", "options": choices(101)}),
    ("option_group.label", {"type": "static_select", "option_groups": [{
        "label": {**SAID, "text": "x" * 76}, "options": choices(1),
    }]}),
    ("min_query_length", {"type": "external_select", "min_query_length": -1}),
    ("option.text", {"type": "external_select", "initial_option": {**CHOICE, "text": {**SAID, "text": "x" * 76}}}),
    ("max_selected", {"type": "multi_external_select", "max_selected_items": 1, "initial_options": choices(2)}),
    ("initial_user", {"type": "users_select", "initial_user": "jane"}),
    ("initial_date", {"type": "datepicker", "initial_date": "12/24/2026"}),
    ("initial_time", {"type": "timepicker", "initial_time": "25:00"}),
    ("is_decimal_allowed", {"type": "number_input"}),
    ("out of order", {"type": "number_input", "is_decimal_allowed": False, "min_value": "9", "max_value": "2"}),
    ("checkboxes options: 11", {"type": "checkboxes", "options": choices(11)}),
    ("button in an input", {"type": "button", "text": SAID, "accessibility_label": "x"}),
]
VIEW_BREAKS: list[tuple[str, Callable[[Message], object]]] = [
    ("type", lambda v: v.update(type="home")),
    ("no title", lambda v: v.pop("title")),
    ("view.title", lambda v: v["title"].update(text="x" * 25)),
    ("view.title is blank", lambda v: v["title"].update(text=" ")),
    ("view.title has a new line", lambda v: v["title"].update(text="a\nb")),
    ("wrong type", lambda v: v.update(private_metadata={"a": 1})),
    ("without submit", lambda v: v.pop("submit")),
    ("private_metadata", lambda v: v.update(private_metadata="x" * 3001)),
    ("view_too_large", lambda v: v.update(private_metadata="x" * 250_001)),
    ("radio_buttons options", lambda v: v["blocks"][1]["element"].update(options=[])),
    ("option value", lambda v: v["blocks"][1]["element"]["options"][0].update(value="x" * 151)),
    ("input.label", lambda v: v["blocks"][1]["label"].update(text="x" * 2001)),
    ("callback_id", lambda v: v.update(callback_id="x" * 256)),
    ("external_id", lambda v: v.update(external_id="x" * 256)),
    ("is no option", lambda v: v["blocks"][1]["element"].update(initial_option=CHOICE)),
    ("one value twice", lambda v: v["blocks"][1]["element"].update(options=choices(1) * 2)),
    ("radio_buttons options: 11", lambda v: v["blocks"][1]["element"].update(options=choices(11))),
    ("table in a modal", lambda v: v["blocks"].append(table(["a"]))),
    *((problem, asked(**element)) for problem, element in FIELD_BREAKS),
    ("want the focus", lambda v: [
        v["blocks"].append(field(f"f{place}", type="plain_text_input", focus_on_load=True)) for place in range(2)
    ]),
]


@pytest.mark.parametrize(("problem", "change"), VIEW_BREAKS)
def test_each_break_of_a_window_is_caught(problem: str, change: Callable[[Message], object]) -> None:
    about = snooze_modal.about_alert(alert(), send(), NOW)
    view = copy.deepcopy(snooze_modal.build(about, NOW, ZoneInfo("UTC"), us_calendar()))
    change(view)
    assert any(problem in found for found in gate.problems(view, gate.MODAL))


def test_a_home_view_has_no_title() -> None:
    view = {"type": "home", "blocks": [{"type": "divider"}]}
    assert gate.problems(view, gate.HOME) == []
    assert gate.problems({**view, "title": SAID}, gate.HOME) == ["title on a home view"]


def test_what_is_answered_to_a_search() -> None:
    assert gate.choices({"options": choices(3)}) == []
    assert gate.choices({"option_groups": [{"label": SAID, "options": choices(2)}]}) == []
    assert gate.choices({"options": []}) == []
    assert "exactly one" in gate.choices({})[0]
    assert gate.choices({"options": choices(101)}) == ["101 options"]
    assert gate.choices({"option_groups": []}) == ["0 option_groups"]


def test_every_kind_of_field_passes() -> None:
    view = {
        "type": "modal", "title": SAID, "submit": SAID, "callback_id": "x",
        "blocks": [
            {**block, "element": {**block["element"], "action_id": f"a{place}"}} for place, block in enumerate([
                field(type="plain_text_input", min_length=1, max_length=2, initial_value="xx", placeholder=SAID),
                field(type="static_select", option_groups=[{"label": SAID, "options": choices(2)}]),
                field(type="multi_static_select", options=choices(3), initial_options=choices(2)),
                field(type="external_select", min_query_length=0, initial_option=choices(1)[0]),
                field(type="users_select", initial_user="U01ANN"),
                field(type="multi_users_select", initial_users=["U01ANN"], max_selected_items=1),
                field(type="conversations_select", initial_conversation="C01X", filter={"include": ["public"]}),
                field(type="channels_select", initial_channel="C01X"),
                field(type="datepicker", initial_date="2026-12-24"),
                field(type="timepicker", initial_time="09:30", timezone="Europe/Berlin"),
                field(type="datetimepicker", initial_date_time=1_790_000_000),
                field(type="number_input", is_decimal_allowed=False, min_value="1", initial_value="2", max_value="10"),
                field(type="email_text_input"), field(type="url_text_input"),
                field(type="checkboxes", options=choices(10), initial_options=choices(1)),
            ])
        ],
    }
    assert gate.problems(view, gate.MODAL) == []


def test_pictures_tables_and_rich_text_pass_where_all_is_said() -> None:
    blocks = [
        PICTURE, table(["Name", "Sends"], ["Jane", "3"]),
        rich({"type": "text", "text": "<!channel>", "style": {"bold": True}}),
        rich({"type": "user", "user_id": "U01ANN"}),
    ]
    assert gate.problems({"text": "x. Name, Sends: Jane, 3. &lt;!\u2060channel&gt;", "blocks": blocks}) == []
