"""Every kind of field in modals and messages: filled in by a person, told to the app as Slack tells it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from slack_bolt import Ack

from bot.playground.modal import Modal
from bot.playground.person import Person
from bot.playground.server import Playground
from tests.bot.playground.trivial import TrivialApp, actions, asked, button, option, plain, section

Json = dict[str, Any]
CHOICES = [option(words) for words in ("Tea", "Cake", "Mug")]
ELEMENTS: dict[str, Json] = {
    "Text": {"type": "plain_text_input", "multiline": True},
    "Mail": {"type": "email_text_input"},
    "Link": {"type": "url_text_input"},
    "Count": {"type": "number_input", "is_decimal_allowed": True},
    "One": {"type": "static_select", "options": CHOICES},
    "Grouped": {"type": "static_select", "option_groups": [{"label": plain("Gifts"), "options": CHOICES}]},
    "Some": {"type": "multi_static_select", "options": CHOICES, "max_selected_items": 2},
    "Ticks": {"type": "checkboxes", "options": CHOICES},
    "Radio": {"type": "radio_buttons", "options": CHOICES},
    "Who": {"type": "users_select"},
    "Team": {"type": "multi_users_select"},
    "Where": {"type": "conversations_select", "filter": {"include": ["public"]}},
    "Places": {"type": "multi_conversations_select"},
    "Room": {"type": "channels_select"},
    "Rooms": {"type": "multi_channels_select"},
    "Owner": {"type": "external_select", "min_query_length": 1},
    "Owners": {"type": "multi_external_select", "min_query_length": 1},
    "Day": {"type": "datepicker"},
    "Hour": {"type": "timepicker"},
    "Moment": {"type": "datetimepicker"},
}
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
FILLED: dict[str, tuple[object, str, object]] = {
    "Text": ("two\nlines", "value", "two\nlines"),
    "Mail": ("jane@acme.com", "value", "jane@acme.com"),
    "Link": ("https://acme.com", "value", "https://acme.com"),
    "Count": (2.5, "value", "2.5"),
    "One": ("Cake", "selected_option", CHOICES[1]),
    "Grouped": ("Tea", "selected_option", CHOICES[0]),
    "Some": (["Tea", "Mug"], "selected_options", [CHOICES[0], CHOICES[2]]),
    "Ticks": (["Cake"], "selected_options", [CHOICES[1]]),
    "Radio": ("Mug", "selected_option", CHOICES[2]),
    "Who": ("ben", "selected_user", "U02BEN"),
    "Team": (["ann", "dee"], "selected_users", ["U01ANN", "U04DEE"]),
    "Where": ("#sales", "selected_conversation", "C02SALES"),
    "Places": (["sales", "ann"], "selected_conversations", ["C02SALES", "D01ANN"]),
    "Room": ("ops", "selected_channel", "C04OPS"),
    "Rooms": (["ops", "sales"], "selected_channels", ["C04OPS", "C02SALES"]),
    "Owner": ("Andy", "selected_option", option("Andy")),
    "Owners": (["Ann", "Ben"], "selected_options", [option("Ann"), option("Ben")]),
    "Day": (date(2026, 12, 1), "selected_date", "2026-12-01"),
    "Hour": (time(9, 5), "selected_time", "09:05"),
    "Moment": (NOON, "selected_date_time", int(NOON.timestamp())),
}


def form(*blocks: Json, **more: object) -> Json:
    title, submit = plain("A form"), plain("Send")
    return {"type": "modal", "callback_id": "form", "title": title, "submit": submit, "blocks": list(blocks), **more}


@pytest.fixture
def ann(playground: Playground) -> Person:
    return playground.person("ann")


def listen(app: TrivialApp) -> None:
    def sent(ack: Ack, body: Json) -> None:
        ack()
        app.note("form", body)

    def offered(ack: Ack, body: Json) -> None:
        app.note("asked", body)
        ack(options=[option(name) for name in ("Ann", "Andy", "Ben") if name.startswith(body["value"])])

    def chosen(ack: Ack, body: Json) -> None:
        ack()
        app.note("chosen", body)

    app.bolt.view("form")(sent)
    app.bolt.action("more")(chosen)
    for name in ELEMENTS:
        app.bolt.options(name)(offered)
        app.bolt.action(name)(chosen)


def opened(app: TrivialApp, ann: Person, view: Json) -> Modal:
    ann.command("/send-status silent")
    app.client.views_open(trigger_id=app.body("command")["trigger_id"], view=view)
    return ann.modal()


def every_field(*, but: tuple[str, ...] = ()) -> list[Json]:
    return [
        asked(name, {**element, "action_id": name}, optional=True)
        for name, element in ELEMENTS.items()
        if name not in but
    ]


def test_every_field_of_a_modal_comes_as_slack_sends_it(app: TrivialApp, ann: Person) -> None:
    listen(app)
    modal = opened(app, ann, form(*every_field()))
    for name, (choice, _, _) in FILLED.items():
        modal.fill(name, choice)
    modal.submit()
    values = app.body("form")["view"]["state"]["values"]
    for name, (_, key, value) in FILLED.items():
        assert values[name.lower()][name] == {"type": ELEMENTS[name]["type"], key: value}


def test_fields_that_are_left_empty(app: TrivialApp, ann: Person) -> None:
    listen(app)
    opened(app, ann, form(*every_field())).submit()
    values = app.body("form")["view"]["state"]["values"]
    for name, (_, key, _) in FILLED.items():
        assert values[name.lower()][name] == {"type": ELEMENTS[name]["type"], key: [] if key.endswith("s") else None}


def test_a_menu_may_start_with_the_conversation_of_the_command(app: TrivialApp, ann: Person) -> None:
    listen(app)
    here = {"default_to_current_conversation": True}
    one = {"type": "conversations_select", "action_id": "Where", **here}
    several = {"type": "multi_conversations_select", "action_id": "Places", **here}
    named = {**one, "initial_conversation": "C02SALES"}
    opened(app, ann, form(asked("One", one), asked("Several", several), asked("Named", named))).submit()
    values = app.body("form")["view"]["state"]["values"]
    assert values["one"]["Where"]["selected_conversation"] == "C01GIFTING"
    assert values["several"]["Places"]["selected_conversations"] == ["C01GIFTING"]
    assert values["named"]["Where"]["selected_conversation"] == "C02SALES"


IN_MESSAGES = {name: kind for name, kind in ELEMENTS.items() if "input" not in kind["type"]}


@pytest.mark.parametrize("name", IN_MESSAGES)
def test_every_menu_of_a_message(app: TrivialApp, ann: Person, name: str) -> None:
    listen(app)
    element = {**ELEMENTS[name], "action_id": name}
    several = element["type"].startswith("multi_")
    block = {**section("Choose"), "accessory": element} if several else actions(element)
    app.client.chat_postMessage(channel="C01GIFTING", text="x", blocks=[{**block, "block_id": "b"}])
    choice, key, value = FILLED[name]
    assert ann.choose(ann.channel().messages[0], name, choice).error is None
    body = app.body("chosen")
    assert body["actions"][0] | {"action_ts": ""} == {
        "type": element["type"], "block_id": "b", "action_id": name, key: value, "action_ts": "",
    }  # fmt: skip
    assert body["state"]["values"] == {"b": {name: {"type": element["type"], key: value}}}


def test_what_one_person_chose_another_has_not(app: TrivialApp, playground: Playground, ann: Person) -> None:
    listen(app)
    menus = [{**ELEMENTS[name], "action_id": name} for name in ("One", "Day")]
    app.client.chat_postMessage(channel="C01GIFTING", text="x", blocks=[{**actions(*menus), "block_id": "b"}])
    [message] = ann.channel().messages
    ann.choose(message, "One", "Tea")
    ann.choose(message, "Day", date(2026, 12, 1))
    state = app.body("chosen", 2)["state"]["values"]["b"]
    assert (state["One"]["selected_option"], state["Day"]["selected_date"]) == (CHOICES[0], "2026-12-01")
    playground.person("ben").choose(message, "Day", date(2026, 12, 2))
    assert app.body("chosen", 3)["state"]["values"]["b"]["One"]["selected_option"] is None


def test_choices_that_are_not_offered(app: TrivialApp, playground: Playground, ann: Person) -> None:
    modal = opened(app, ann, form(*every_field()))
    with pytest.raises(AssertionError, match="only 2 may be chosen"):
        modal.fill("Some", ["Tea", "Cake", "Mug"])
    with pytest.raises(AssertionError, match="is im, only"):
        modal.fill("Where", "ann")
    playground.channel("#ops").channel.is_private = True
    with pytest.raises(AssertionError, match="#ops is private"):
        modal.fill("Room", "ops")
    playground.person("dee").deactivate()
    with pytest.raises(AssertionError, match="Dee Novak is deactivated"):
        modal.fill("Who", "dee")


def test_a_press_in_a_modal_tells_what_has_been_filled_in(app: TrivialApp, ann: Person) -> None:
    listen(app)
    typed = {"type": "plain_text_input", "action_id": "Text"}
    modal = opened(app, ann, form(asked("Text", typed), actions(button("More", "more"))))
    modal.fill("Text", "so far").press("More")
    assert app.body("chosen")["view"]["state"]["values"]["text"]["Text"]["value"] == "so far"


def test_a_field_that_dispatches_tells_the_app_at_once(app: TrivialApp, ann: Person) -> None:
    listen(app)
    config = {"trigger_actions_on": ["on_character_entered"]}
    typed = {"type": "plain_text_input", "action_id": "Text", "dispatch_action_config": config}
    modal = opened(app, ann, form(asked("Text", typed, dispatch_action=True)))
    modal.fill("Text", "2 business days")
    body = app.body("chosen")
    assert body["actions"][0]["value"] == "2 business days"
    assert body["view"]["state"]["values"]["text"]["Text"]["value"] == "2 business days"


def test_choices_for_what_is_typed_in_a_message(app: TrivialApp, ann: Person) -> None:
    listen(app)
    menu = {**ELEMENTS["Owner"], "action_id": "Owner", "placeholder": plain("Assign to")}
    app.client.chat_postMessage(channel="C01GIFTING", text="x", blocks=[actions(menu)])
    [message] = ann.channel().messages
    assert ann.options(message, "Assign to", "An") == ["Ann", "Andy"]
    body = app.body("asked")
    assert (body["type"], body["container"]["message_ts"]) == ("block_suggestion", message.ts)
    ann.choose(message, "Assign to", "Andy")
    assert app.body("chosen")["actions"][0]["selected_option"] == option("Andy")


def test_a_second_step_of_a_modal_counts_when_it_is_sent(app: TrivialApp, ann: Person) -> None:
    def step(ack: Ack, body: Json) -> None:
        view = body["view"]
        app.note("step", body)
        if view["private_metadata"]:
            ack()
            return
        first = view["state"]["values"]["text"]["Text"]["value"]
        typed = {"type": "plain_text_input", "action_id": "Text"}
        ack(response_action="update", view=form(section(first), asked("Sure", typed), private_metadata=first))

    app.bolt.view("form")(step)
    typed = {"type": "plain_text_input", "action_id": "Text"}
    opened(app, ann, form(asked("Text", typed))).fill("Text", "for 2 days").submit()
    second = ann.modal("A form")
    assert second.visible_text.splitlines()[0] == "for 2 days"
    second.fill("Sure", "yes").submit()
    assert not ann.has_modal
    first, last = (body["view"] for body in app.bodies("step"))
    assert (last["id"], last["private_metadata"]) == (first["id"], "for 2 days")
    assert last["hash"] != first["hash"]
    assert last["state"]["values"] == {"sure": {"Text": {"type": "plain_text_input", "value": "yes"}}}
