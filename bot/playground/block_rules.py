"""Block Kit's blocks, which of them may stand where, and what a view holds."""

from __future__ import annotations

from collections.abc import Mapping

from bot.playground.checks import Check, all_of, flag, list_of, one_field, one_of, shape, string, typed
from bot.playground.element_rules import CELLS, ELEMENTS, ID, MANY, RICH_TEXT, plain, text

PRESSED = (
    "button", "overflow", "static_select", "external_select", "users_select", "conversations_select",
    "channels_select", "datepicker", "timepicker", "checkboxes", "radio_buttons",
)  # fmt: skip
SEVERAL = (
    "multi_static_select", "multi_external_select", "multi_users_select", "multi_conversations_select",
    "multi_channels_select",
)  # fmt: skip
TYPED = ("plain_text_input", "email_text_input", "url_text_input", "number_input", "datetimepicker")
ACCESSORIES = {*PRESSED, *SEVERAL, "image"}
ACTIONS = {*PRESSED, "datetimepicker"}
INPUTS = {*PRESSED, *SEVERAL, *TYPED} - {"button", "overflow"}


def _block(required: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    return shape({"type": ID, **required}, {"block_id": ID, **optional})


def _says_something(value: object, at: str) -> list[tuple[str, str]]:
    if isinstance(value, dict) and not value.get("text") and not value.get("fields"):
        return [(at, "must define either `text` or `fields`")]
    return []


BLOCKS: dict[str, Check] = {
    "header": _block({"text": plain(150)}, {}),
    "section": all_of(
        _block(
            {},
            {
                "text": text(3000),
                "fields": list_of(text(2000), 10),
                "accessory": typed(ELEMENTS, ACCESSORIES),
                "expand": flag,
            },
        ),
        lambda value, at: iter(_says_something(value, at)),
    ),
    "context": _block({"elements": list_of(typed(ELEMENTS, {"image", "plain_text", "mrkdwn"}), 10)}, {}),
    "actions": _block({"elements": list_of(typed(ELEMENTS, ACTIONS), 25)}, {}),
    "divider": _block({}, {}),
    "image": all_of(
        _block(
            {"alt_text": string(2000)},
            {
                "image_url": string(3000),
                "title": plain(2000),
                "slack_file": shape({}, {"id": ID, "url": string(3000)}),
            },
        ),
        one_field("image_url", "slack_file"),
    ),
    "input": _block(
        {"label": plain(2000), "element": typed(ELEMENTS, INPUTS)},
        {"hint": plain(2000), "optional": flag, "dispatch_action": flag},
    ),
    "rich_text": _block({"elements": list_of(typed(RICH_TEXT), MANY, 0)}, {}),
    "markdown": _block({"text": string(12_000)}, {}),
    "table": _block(
        {"rows": list_of(list_of(typed(CELLS), 20), 100)},
        {
            "column_settings": list_of(
                shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": flag}), 20,
            ),
        },
    ),
    "alert": _block(
        {"text": text(200)}, {"level": one_of("default", "info", "warning", "error", "success")},
    ),
}  # fmt: skip

EVERYWHERE = {"header", "section", "context", "actions", "divider", "image", "input", "rich_text"}
SURFACES: dict[str, set[str]] = {
    "message": EVERYWHERE | {"markdown", "table"},
    "modal": EVERYWHERE | {"alert"},
    "home": EVERYWHERE | {"table"},
}
MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}

_VIEW = {"private_metadata": string(3000, 0), "callback_id": string(255, 0), "external_id": string(255, 0)}


def _blocks_of(surface: str) -> Check:
    return list_of(typed(BLOCKS, SURFACES[surface]), MOST_BLOCKS[surface], 0)


VIEWS: dict[str, Check] = {
    "modal": shape(
        {"type": ID, "title": plain(24), "blocks": _blocks_of("modal")},
        {
            **_VIEW,
            "submit": plain(24),
            "close": plain(24),
            "clear_on_close": flag,
            "notify_on_close": flag,
            "submit_disabled": flag,
        },
    ),
    "home": shape({"type": ID, "blocks": _blocks_of("home")}, _VIEW),
}
MESSAGE_BLOCKS = _blocks_of("message")
METADATA = shape({"event_type": string(255), "event_payload": lambda _value, _at: iter(())}, {})
