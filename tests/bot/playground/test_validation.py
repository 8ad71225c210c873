"""What Slack accepts of Block Kit: limits, fields, places, ids; and how it words its refusal."""

from __future__ import annotations

import json
from typing import Any

import pytest
import slackblocks
from hypothesis import given
from hypothesis import strategies as st

from bot.playground import block_rules, element_rules, rate_limits
from bot.playground.slack_errors import SlackError
from bot.playground.validation import checked_blocks, checked_view
from tests.bot.playground.trivial import WISH, actions, asked, button, option, plain, section

Json = dict[str, Any]


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def select(**more: object) -> Json:
    return {"type": "static_select", "options": [option("Tea")], **more}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def table(rows: list[Any], **more: object) -> Json:
    return {"type": "table", "rows": rows, **more}


CELL = {"type": "raw_text", "text": "x"}
IMAGE = {"type": "image", "image_url": "https://example.com/x.png", "alt_text": "x"}
CONFIRM = {"title": plain("Sure?"), "text": mrkdwn("*Really*"), "confirm": plain("Yes"), "deny": plain("No")}
ON_ENTER = {"trigger_actions_on": ["on_enter_pressed"]}
RIGHT = {"align": "right", "is_wrapped": True}
GOOD: list[Json] = [
    {"type": "divider"},
    {"type": "header", "text": {"type": "plain_text", "text": "x" * 150, "emoji": True}},
    section("x" * 3000),
    {"type": "section", "fields": [mrkdwn("x" * 2000)] * 5},
    {"type": "section", "text": plain("x"), "accessory": button("x", "x")},
    {"type": "section", "text": plain("x"), "accessory": IMAGE},
    {"type": "section", "text": plain("x"), "accessory": {"type": "multi_static_select", "options": [option("x")]}},
    {"type": "context", "elements": [mrkdwn("x"), plain("x"), IMAGE]},
    {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "x", "title": plain("x")},
    actions(*(button("x", str(n)) for n in range(25))),
    actions({**button("x" * 75, "x"), "confirm": CONFIRM, "style": "danger", "accessibility_label": "x"}),
    actions(select(initial_option=option("Tea"), placeholder=plain("x" * 150))),
    actions(select(options=None, option_groups=[{"label": plain("x"), "options": [option("x")]}])),
    actions({"type": "overflow", "options": [option("x")] * 5}),
    actions({"type": "datepicker", "initial_date": "2026-11-23"}, {"type": "timepicker", "initial_time": "23:59"}),
    actions({"type": "datetimepicker", "initial_date_time": 1_795_000_000}),
    actions({"type": "users_select", "initial_user": "U01ANN"}, {"type": "channels_select"}),
    actions({"type": "conversations_select", "filter": {"include": ["im"], "exclude_bot_users": True}}),
    actions({"type": "checkboxes", "options": [{"text": mrkdwn("*x*"), "value": "x"}]}),
    actions({"type": "external_select", "min_query_length": 0}),
    asked("x", {"type": "plain_text_input", "multiline": True, "dispatch_action_config": ON_ENTER}),
    asked("x", {"type": "number_input", "is_decimal_allowed": False, "min_value": "1"}),
    {"type": "markdown", "text": "**x**"},
    rich({"type": "text", "text": "x", "style": {"bold": True}}, {"type": "link", "url": "https://x"}),
    rich({"type": "user", "user_id": "U1"}, {"type": "emoji", "name": "gift"}, {"type": "broadcast", "range": "here"}),
    rich({"type": "date", "timestamp": 1_795_000_000, "format": "{date}", "fallback": "x"}),
    {"type": "rich_text", "elements": [
        {"type": "rich_text_list", "style": "bullet", "elements": [{"type": "rich_text_section", "elements": []}]},
        {"type": "rich_text_quote", "elements": []},
        {"type": "rich_text_preformatted", "elements": [], "border": 1},
    ]},
    table([[CELL, {"type": "raw_number", "value": 1.5, "text": "1.5"}], [rich(), CELL]], column_settings=[RIGHT]),
]  # fmt: skip


@pytest.mark.parametrize("block", GOOD, ids=lambda block: block["type"])
def test_what_is_right(block: Json) -> None:
    (stored,) = checked_blocks([block])
    assert stored["block_id"]
    assert {**stored, "block_id": None} | block == {**stored, "block_id": None} | block


MISSING, EXTRA = "missing required field: ", "invalid additional property: "
WRONG: list[tuple[object, str, str]] = [
    ("text", "", "must be an array"),
    ([1], "/0", "must provide an object"),
    ([{}], "/0", f"{MISSING}type"),
    ([{"type": "nonsense"}], "/0/type", "unsupported type: nonsense"),
    ([{"type": "alert", "text": plain("x")}], "/0/type", "unsupported type: alert"),
    ([{"type": "divider"}] * 51, "", "no more than 50 items allowed"),
    ([{"type": "divider", "color": "red"}], "/0", f"{EXTRA}color"),
    ([{"type": "header", "text": mrkdwn("x")}], "/0/text/type", "unsupported type: mrkdwn"),
    ([{"type": "header"}], "/0", f"{MISSING}text"),
    ([{"type": "section"}], "/0", "must define either `text` or `fields`"),
    ([section("")], "/0/text/text", "must be more than 0 characters"),
    ([section("x" * 3001)], "/0/text/text", "must be less than 3001 characters"),
    ([section(7)], "/0/text/text", "must provide a string"),  # type: ignore[arg-type]
    ([{"type": "section", "text": "x"}], "/0/text", "must provide an object"),
    ([{"type": "section", "fields": [plain("x")] * 11}], "/0/fields", "no more than 10 items allowed"),
    ([{"type": "section", "fields": [plain("x" * 2001)]}], "/0/fields/0/text", "must be less than 2001 characters"),
    ([{"type": "context", "elements": []}], "/0/elements", "no fewer than 1 items allowed"),
    ([{"type": "context", "elements": [button("x", "x")]}], "/0/elements/0/type", "unsupported type: button"),
    ([actions(*(button("x", str(n)) for n in range(26)))], "/0/elements", "no more than 25 items allowed"),
    ([actions(button("x" * 76, "x"))], "/0/elements/0/text/text", "must be less than 76 characters"),
    ([actions(button("x", "x" * 256))], "/0/elements/0/action_id", "must be less than 256 characters"),
    ([actions(button("x", "x", "v" * 2001))], "/0/elements/0/value", "must be less than 2001 characters"),
    ([actions({**button("x", "x"), "value": 1})], "/0/elements/0/value", "must provide a string"),
    ([actions({**button("x", "x"), "style": "green"})], "/0/elements/0/style", "must be a valid enum value"),
    ([actions({**button("x", "x"), "confirm": "?"})], "/0/elements/0/confirm", "must provide an object"),
    ([actions({**button("x", "x"), "confirm": {}})], "/0/elements/0/confirm", f"{MISSING}title"),
    ([actions({"type": "plain_text_input"})], "/0/elements/0/type", "unsupported type: plain_text_input"),
    ([actions(select(options=[]))], "/0/elements/0/options", "no fewer than 1 items allowed"),
    ([actions(select(options=None))], "/0/elements/0", "must define exactly one of: options, option_groups"),
    (
        [actions(select(options=[option("x" * 76)]))],
        "/0/elements/0/options/0/text/text",
        "must be less than 76 characters",
    ),
    (
        [actions(select(initial_option=option("Coal")))],
        "/0/elements/0/initial_option",
        "must be one of the provided options",
    ),
    (
        [actions({"type": "overflow", "options": [option("x")] * 6})],
        "/0/elements/0/options",
        "no more than 5 items allowed",
    ),
    ([actions({"type": "datepicker", "initial_date": "tomorrow"})], "/0/elements/0/initial_date", "invalid format"),
    ([actions({"type": "timepicker", "initial_time": "25:00"})], "/0/elements/0/initial_time", "invalid format"),
    (
        [actions({"type": "datetimepicker", "initial_date_time": "x"})],
        "/0/elements/0/initial_date_time",
        "must be a valid integer",
    ),
    (
        [actions({"type": "external_select", "min_query_length": -1})],
        "/0/elements/0/min_query_length",
        "must be between 0 and",
    ),
    ([asked("x", button("x", "x"))], "/0/element/type", "unsupported type: button"),
    ([asked("x", {"type": "number_input"})], "/0/element", f"{MISSING}is_decimal_allowed"),
    ([asked("x", {"type": "plain_text_input"}, optional="yes")], "/0/optional", "must be a valid boolean"),
    ([{"type": "image", "alt_text": "x"}], "/0", "must define exactly one of: image_url, slack_file"),
    ([{"type": "image", "image_url": "https://x", "alt_text": ""}], "/0/alt_text", "must be more than 0 characters"),
    ([rich({"type": "text", "text": ""})], "/0/elements/0/elements/0/text", "must be more than 0 characters"),
    ([rich({"type": "mrkdwn", "text": "x"})], "/0/elements/0/elements/0/type", "unsupported type: mrkdwn"),
    ([table([[CELL] * 21])], "/0/rows/0", "no more than 20 items allowed"),
    ([table([[CELL]] * 101)], "/0/rows", "no more than 100 items allowed"),
    ([table([[{"type": "raw_number", "value": True, "text": "x"}]])], "/0/rows/0/0/value", "must be a valid number"),
    ([table([[CELL]]), table([[CELL]])], "", "only one table is allowed"),
    ([{"type": "markdown", "text": "x" * 6001}] * 2, "", "markdown blocks may hold 12000 characters together"),
    ([{"type": "divider", "block_id": "b"}] * 2, "/1/block_id", '`block_id` "b" already exists'),
    ([actions(button("x", "a"), button("y", "a"))], "/0", '`action_id` "a" already exists in this block'),
]  # fmt: skip


@pytest.mark.parametrize(("blocks", "at", "sentence"), WRONG)
def test_what_is_wrong(blocks: object, at: str, sentence: str) -> None:
    with pytest.raises(SlackError) as caught:
        checked_blocks(blocks)
    assert caught.value.code == "invalid_blocks"
    answer = caught.value.answer()
    assert any(
        message.startswith(f"[ERROR] {sentence}") and message.endswith(f"[json-pointer:/blocks{at}]")
        for message in answer["response_metadata"]["messages"]
    ), answer


def test_a_message_may_not_hold_too_much_text() -> None:
    checked_blocks([section("x" * 2640)] * 5)
    with pytest.raises(SlackError, match="msg_blocks_too_long"):
        checked_blocks([section("x" * 2641)] * 5)


@pytest.mark.parametrize(
    ("change", "code", "sentence"),
    [
        (
            {"title": plain("x" * 25)},
            "invalid_arguments",
            "must be less than 25 characters [json-pointer:/view/title/text]",
        ),
        ({"title": None}, "invalid_arguments", "missing required field: title [json-pointer:/view]"),
        ({"type": "home"}, "invalid_arguments", "unsupported type: home [json-pointer:/view/type]"),
        (
            {"blocks": [{"type": "divider"}] * 101},
            "invalid_arguments",
            "no more than 100 items allowed [json-pointer:/view/blocks]",
        ),
        (
            {"blocks": [{"type": "markdown", "text": "x"}]},
            "invalid_arguments",
            "unsupported type: markdown [json-pointer:/view/blocks/0/type]",
        ),
        (
            {"blocks": [{"type": "divider", "block_id": "x"}] * 2},
            "invalid_arguments",
            "already exists [json-pointer:/view/blocks/0/block_id]",
        ),
        (
            {"private_metadata": "x" * 3001},
            "invalid_arguments",
            "must be less than 3001 characters [json-pointer:/view/private_metadata]",
        ),
        (
            {"callback_id": "x" * 256},
            "invalid_arguments",
            "must be less than 256 characters [json-pointer:/view/callback_id]",
        ),
        ({"submit": None}, "invalid_arguments", "missing required field: submit [json-pointer:/view]"),
        ({"blocks": [section("x" * 2900)] * 90}, "view_too_large", "the view is larger than 250 kB"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_view(change: Json, code: str, sentence: str) -> None:
    with pytest.raises(SlackError) as caught:
        checked_view({**WISH, **change}, "modal")
    assert caught.value.code == code
    assert any(sentence in message for message in caught.value.answer()["response_metadata"]["messages"])


def test_a_home_tab_has_no_title() -> None:
    home = {"type": "home", "blocks": [table([[CELL]])]}
    assert checked_view(home, "home")["blocks"][0]["type"] == "table"
    with pytest.raises(SlackError):
        checked_view({**home, "title": plain("x")}, "home")


words = st.text(min_size=1, max_size=30).filter(str.strip)


@given(st.lists(words, min_size=1, max_size=5, unique=True), words)
def test_what_slackblocks_builds_is_right(labels: list[str], title: str) -> None:
    blocks = [
        slackblocks.HeaderBlock(title),
        slackblocks.SectionBlock(title, accessory=slackblocks.Button("Go", action_id="go", value=title)),
        slackblocks.ActionsBlock([slackblocks.Button(label, action_id=f"a{n}") for n, label in enumerate(labels)]),
        slackblocks.ContextBlock([slackblocks.Text(title)]),
        slackblocks.InputBlock(title, slackblocks.PlainTextInput(action_id="x", multiline=True)),
        slackblocks.DividerBlock(),
    ]
    checked_blocks([json.loads(repr(block)) for block in blocks])


def test_limits_are_those_of_slackblocks() -> None:
    """Another project keeps the same table; where both know a block, they say the same of where it may stand."""
    known = {block for surface in block_rules.SURFACES.values() for block in surface}
    for surface, theirs in slackblocks._surfaces._BLOCK_TYPES_BY_SURFACE.items():  # noqa: SLF001 - not public
        assert block_rules.SURFACES[surface] == theirs & known
    assert block_rules.MOST_BLOCKS["message"] == slackblocks._limits.MESSAGE_BLOCKS_MAX_ITEMS  # noqa: SLF001 - as above
    assert {"button", "overflow"} <= set(element_rules.ELEMENTS)
    assert rate_limits.TIERS["chat.update"] == 50
