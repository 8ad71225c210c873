"""Block Kit's elements and the objects in them: their fields and limits, as Slack documents them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.playground.checks import (
    Check,
    Problem,
    all_of,
    flag,
    integer,
    list_of,
    number,
    one_field,
    one_of,
    shape,
    string,
    typed,
)

ID = string(255)
DATE = string(10, pattern=r"\d{4}-\d{2}-\d{2}")
TIME = string(5, pattern=r"([01]\d|2[0-3]):[0-5]\d")
SLACK_ID = string(255)
MANY = 10_000
EPOCH = integer(0, 9_999_999_999)


def plain(longest: int) -> Check:
    """A `plain_text` object."""
    return typed({"plain_text": shape({"type": ID, "text": string(longest)}, {"emoji": flag})})


def text(longest: int) -> Check:
    """A `plain_text` or `mrkdwn` object."""
    return typed(
        {
            "plain_text": shape({"type": ID, "text": string(longest)}, {"emoji": flag}),
            "mrkdwn": shape({"type": ID, "text": string(longest)}, {"verbatim": flag}),
        },
    )


CONFIRM = shape(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
_OPTION_MORE = {"description": plain(75), "url": string(3000)}
OPTION = shape({"text": plain(75), "value": string(150)}, _OPTION_MORE)
MARKED_OPTION = shape({"text": text(75), "value": string(150)}, {**_OPTION_MORE, "description": text(75)})
GROUP = shape({"label": plain(75), "options": list_of(OPTION, 100)}, {})
DISPATCH = shape(
    {"trigger_actions_on": list_of(one_of("on_enter_pressed", "on_character_entered"), 2)}, {},
)  # fmt: skip
FILTER = shape(
    {},
    {
        "include": list_of(one_of("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": flag,
        "exclude_bot_users": flag,
    },
)


def known_initial(value: object, at: str) -> Iterator[Problem]:
    """What is chosen at first must be one of the options, letter by letter."""
    if not isinstance(value, dict):
        return
    options = list(value.get("options") or [])
    for group in value.get("option_groups") or []:
        options += group.get("options") or [] if isinstance(group, dict) else []
    for field in ("initial_option", "initial_options"):
        chosen = value.get(field)
        for entry in chosen if isinstance(chosen, list) else [chosen]:
            if entry is not None and entry not in options:
                yield f"{at}/{field}", "must be one of the provided options"


def _element(required: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    return shape({"type": ID, **required}, {"action_id": ID, **optional})


_ASKED = {"confirm": CONFIRM, "focus_on_load": flag, "placeholder": plain(150)}
_SEVERAL = {**_ASKED, "max_selected_items": integer(1, MANY)}
_TYPED = {"initial_value": string(3000, 0), "dispatch_action_config": DISPATCH, "focus_on_load": flag}
_TYPED = {**_TYPED, "placeholder": plain(150)}
_LIST = {"options": list_of(OPTION, 100), "option_groups": list_of(GROUP, 100)}
_ONE_LIST = one_field("options", "option_groups")
_CONVERSATION = {"default_to_current_conversation": flag, "filter": FILTER}


def _ids(name: str) -> dict[str, Check]:
    return {name: list_of(SLACK_ID, MANY, 0)}


ELEMENTS: dict[str, Check] = {
    "button": _element(
        {"text": plain(75)},
        {
            "url": string(3000),
            "value": string(2000),
            "style": one_of("primary", "danger"),
            "confirm": CONFIRM,
            "accessibility_label": string(75),
        },
    ),
    "static_select": all_of(
        _element({}, {**_ASKED, **_LIST, "initial_option": OPTION}), _ONE_LIST, known_initial,
    ),
    "multi_static_select": all_of(
        _element({}, {**_SEVERAL, **_LIST, "initial_options": list_of(OPTION, 100)}),
        _ONE_LIST,
        known_initial,
    ),
    "external_select": _element(
        {}, {**_ASKED, "initial_option": OPTION, "min_query_length": integer(0, MANY)},
    ),
    "multi_external_select": _element(
        {},
        {**_SEVERAL, "initial_options": list_of(OPTION, 100), "min_query_length": integer(0, MANY)},
    ),
    "users_select": _element({}, {**_ASKED, "initial_user": SLACK_ID}),
    "multi_users_select": _element({}, {**_SEVERAL, **_ids("initial_users")}),
    "conversations_select": _element(
        {},
        {**_ASKED, **_CONVERSATION, "initial_conversation": SLACK_ID, "response_url_enabled": flag},
    ),
    "multi_conversations_select": _element(
        {}, {**_SEVERAL, **_CONVERSATION, **_ids("initial_conversations")},
    ),
    "channels_select": _element(
        {}, {**_ASKED, "initial_channel": SLACK_ID, "response_url_enabled": flag},
    ),
    "multi_channels_select": _element({}, {**_SEVERAL, **_ids("initial_channels")}),
    "overflow": _element({"options": list_of(OPTION, 5)}, {"confirm": CONFIRM}),
    "datepicker": _element({}, {**_ASKED, "initial_date": DATE}),
    "timepicker": _element({}, {**_ASKED, "initial_time": TIME, "timezone": string(100)}),
    "datetimepicker": _element(
        {}, {"confirm": CONFIRM, "focus_on_load": flag, "initial_date_time": EPOCH},
    ),
    "checkboxes": all_of(
        _element(
            {"options": list_of(MARKED_OPTION, 10)},
            {"initial_options": list_of(MARKED_OPTION, 10), "confirm": CONFIRM, "focus_on_load": flag},
        ),
        known_initial,
    ),
    "radio_buttons": all_of(
        _element(
            {"options": list_of(MARKED_OPTION, 10)},
            {"initial_option": MARKED_OPTION, "confirm": CONFIRM, "focus_on_load": flag},
        ),
        known_initial,
    ),
    "plain_text_input": _element(
        {},
        {**_TYPED, "multiline": flag, "min_length": integer(0, 3000), "max_length": integer(1, 3000)},
    ),
    "email_text_input": _element({}, _TYPED),
    "url_text_input": _element({}, _TYPED),
    "number_input": _element(
        {"is_decimal_allowed": flag}, {**_TYPED, "min_value": string(100), "max_value": string(100)},
    ),
    "image": all_of(
        shape(
            {"type": ID, "alt_text": string(2000)},
            {"image_url": string(3000), "slack_file": shape({}, {"id": ID, "url": string(3000)})},
        ),
        one_field("image_url", "slack_file"),
    ),
    "plain_text": plain(3000),
    "mrkdwn": text(3000),
}  # fmt: skip

_STYLE = shape({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), flag))
_MENTION = shape({}, dict.fromkeys(("bold", "italic", "strike", "highlight", "client_highlight", "unlink"), flag))
WORDS: dict[str, Check] = {
    "text": shape({"type": ID, "text": string(MANY)}, {"style": _STYLE}),
    "link": shape(
        {"type": ID, "url": string(3000)}, {"text": string(MANY), "unsafe": flag, "style": _STYLE},
    ),
    "user": shape({"type": ID, "user_id": SLACK_ID}, {"style": _MENTION}),
    "usergroup": shape({"type": ID, "usergroup_id": SLACK_ID}, {"style": _MENTION}),
    "channel": shape({"type": ID, "channel_id": SLACK_ID}, {"style": _MENTION}),
    "broadcast": shape({"type": ID, "range": one_of("here", "channel", "everyone")}, {"style": _STYLE}),
    "emoji": shape({"type": ID, "name": string(255)}, {"unicode": string(255), "style": _STYLE}),
    "color": shape({"type": ID, "value": string(20)}, {}),
    "date": shape(
        {"type": ID, "timestamp": EPOCH, "format": string(255)},
        {"url": string(3000), "fallback": string(MANY), "style": _STYLE},
    ),
}  # fmt: skip
_LINE = list_of(typed(WORDS), MANY, 0)
_BORDER = {"border": integer(0, 1)}
SECTION_OF_WORDS = shape({"type": ID, "elements": _LINE}, {})
RICH_TEXT: dict[str, Check] = {
    "rich_text_section": SECTION_OF_WORDS,
    "rich_text_preformatted": shape({"type": ID, "elements": _LINE}, {**_BORDER, "language": string(50)}),
    "rich_text_quote": shape({"type": ID, "elements": _LINE}, _BORDER),
    "rich_text_list": shape(
        {
            "type": ID,
            "style": one_of("bullet", "ordered"),
            "elements": list_of(typed({"rich_text_section": SECTION_OF_WORDS}), MANY, 0),
        },
        {**_BORDER, "indent": integer(0, 8), "offset": integer(0, MANY)},
    ),
}
CELLS: dict[str, Check] = {
    "raw_text": shape({"type": ID, "text": string(MANY, 0)}, {"emoji": flag}),
    "raw_number": shape({"type": ID, "value": number, "text": string(MANY)}, {}),
    "rich_text": shape({"type": ID, "elements": list_of(typed(RICH_TEXT), MANY, 0)}, {"block_id": ID}),
}
