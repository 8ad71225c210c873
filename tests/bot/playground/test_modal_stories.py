"""Modals: opened in time, filled in, refused, pushed, updated, put away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from slack_sdk.errors import SlackApiError

from bot.playground.modal import Modal
from bot.playground.person import Person
from bot.playground.server import Playground
from tests.bot.playground.trivial import WISH, TrivialApp, section


@pytest.fixture
def ann(playground: Playground) -> Person:
    return playground.person("ann")


@pytest.fixture
def modal(app: TrivialApp, ann: Person) -> Modal:
    ann.command("/send-status x").press("Wish")
    return ann.modal("A wish")


def test_a_modal_is_filled_in_and_sent(ann: Person, modal: Modal, app: TrivialApp) -> None:
    assert modal.visible_text.splitlines() == [
        "Name", "[plain_text_input]", "Gift", "[static_select]", "[Owner] [More]",
    ]  # fmt: skip
    modal.fill("Name", "Ben").fill("Gift", "Cake").submit()
    assert not ann.has_modal
    view = app.body("submitted")["view"]
    assert view["callback_id"] == "wish"
    values = view["state"]["values"]
    assert values["name"]["name"] == {"type": "plain_text_input", "value": "Ben"}
    assert values["gift"]["gift"]["selected_option"]["value"] == "cake"
    with pytest.raises(AssertionError, match="no modal '' opened"):
        ann.modal(within=0)


def test_a_form_that_is_not_complete_is_not_sent(modal: Modal, app: TrivialApp) -> None:
    assert modal.submit_refused() == {"Name": "Please complete this required field."}
    modal.fill("Name", "x" * 21)
    assert modal.submit_refused() == {"Name": "Enter at most 20 characters."}
    assert app.bodies("submitted") == []


def test_the_app_may_refuse(ann: Person, modal: Modal) -> None:
    modal.fill("Name", "nobody")
    with pytest.raises(AssertionError, match=r"refused: .*Somebody, please"):
        modal.submit()
    assert modal.submit_refused() == {"Name": "Somebody, please."}
    assert ann.has_modal
    with pytest.raises(AssertionError, match="was not refused"):
        modal.fill("Name", "Ben").submit_refused()


def test_the_app_may_show_another_view(ann: Person, modal: Modal) -> None:
    modal.fill("Name", "again").submit()
    ann.modal("Again").fill("Name", "push").submit()
    pushed = ann.modal("Pushed")
    assert pushed.seen.view.previous_id == modal.seen.view.id
    assert pushed.seen.view.root_id == modal.seen.view.id
    pushed.fill("Name", "clear").submit()
    assert not ann.has_modal


def test_an_answer_that_slack_cannot_follow(ann: Person, modal: Modal) -> None:
    modal.fill("Name", "wrong")
    with pytest.raises(AssertionError, match="refused: invalid_errors"):
        modal.submit()
    with pytest.raises(AssertionError, match="refused: invalid_response_action"):
        modal.fill("Name", "odd").submit()
    assert "not understood" in ann.notices[1]


def test_no_answer_keeps_the_modal(playground: Playground, ann: Person, modal: Modal) -> None:
    playground.cut_sockets()
    with pytest.raises(AssertionError, match="refused: dispatch_failed"):
        modal.fill("Name", "Ben").submit()
    assert ann.has_modal


def test_putting_a_modal_away_is_told(ann: Person, modal: Modal, app: TrivialApp) -> None:
    modal.press("More")
    ann.modal("More").close()
    assert ann.modal().title == "A wish"
    modal.close()
    assert app.body("closed", 2)["view"]["id"] == modal.seen.view.id
    assert not ann.has_modal
    with pytest.raises(AssertionError, match="the modal was closed"):
        modal.press("More")


def test_modals_stack_three_deep(ann: Person, modal: Modal, app: TrivialApp) -> None:
    modal.press("More")
    ann.modal("More").press("More")
    assert app.playground.calls[-1].answer is not None
    deepest = ann.modal("More")
    app.playground.slack.ack_timeout = 0.2
    assert deepest.press("More").error == "operation_timeout"
    assert app.playground.calls[-1].answer == {"ok": False, "error": "push_limit_reached"}


def test_choices_come_from_the_app(ann: Person, modal: Modal, app: TrivialApp) -> None:
    assert ann.options(modal, "Owner", "An") == ["Ann", "Andy"]
    assert ann.options(modal, "Owner", "") == []
    body = app.body("options")
    assert (body["type"], body["value"], body["action_id"]) == ("block_suggestion", "An", "owner")
    modal.fill("Owner", "Ben")
    assert app.body("owner")["actions"][0]["selected_option"]["value"] == "ben"
    with pytest.raises(AssertionError, match="no option 'Zoe', only"):
        modal.fill("Owner", "Zoe")
    assert ann.options(modal, "Owner", "broken") == []
    assert ann.notices == ["The choices could not be shown."]


def test_a_trigger_works_once_and_for_three_seconds(playground: Playground, app: TrivialApp, ann: Person) -> None:
    ann.command("/send-status x")
    trigger = app.body("command")["trigger_id"]
    app.client.views_open(trigger_id=trigger, view=WISH)
    assert _refused(app, trigger) == "exchanged_trigger_id"
    assert _refused(app, "1.2.abc") == "invalid_trigger_id"
    ann.command("/send-status x")
    playground.clock.advance(timedelta(seconds=4))
    assert _refused(app, app.body("command", 2)["trigger_id"]) == "expired_trigger_id"


def _refused(app: TrivialApp, trigger: str, **view: object) -> str:
    with pytest.raises(SlackApiError) as caught:
        app.client.views_open(trigger_id=trigger, view={**WISH, **view})
    return str(caught.value.response["error"])


def test_a_view_changes_only_as_it_was_last_seen(modal: Modal, app: TrivialApp) -> None:
    view = modal.seen.view
    answer = app.client.views_update(view_id=view.id, hash=view.hash, view=WISH)
    assert answer["view"]["hash"] != modal.seen.hash
    with pytest.raises(SlackApiError, match="hash_conflict"):
        app.client.views_update(view_id=view.id, hash=modal.seen.hash, view=WISH)
    with pytest.raises(SlackApiError, match="not_found"):
        app.client.views_update(view_id="V0NONE", view=WISH)


def test_a_view_must_be_there(modal: Modal, app: TrivialApp, ann: Person) -> None:
    del modal
    ann.command("/send-status x")
    trigger = app.body("command", 2)["trigger_id"]
    for call in ("views.open", "views.push"):
        with pytest.raises(SlackApiError, match="missing required field: view"):
            app.client.api_call(call, json={"trigger_id": trigger})
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        app.playground.person("ben").command("/send-status x")
        app.client.views_push(trigger_id=app.body("command", 3)["trigger_id"], view=WISH)


def test_an_external_id_names_one_view(modal: Modal, app: TrivialApp, ann: Person) -> None:
    named = {**WISH, "external_id": "mine"}
    app.client.views_update(view_id=modal.seen.view.id, view=named)
    app.client.views_update(external_id="mine", view={**named, "title": {"type": "plain_text", "text": "Named"}})
    assert ann.modal().title == "Named"
    playground = app.playground
    playground.person("ben").command("/send-status x")
    trigger = app.body("command", 2)["trigger_id"]
    assert _refused(app, trigger, external_id="mine") == "duplicate_external_id"


def test_what_is_wrong_with_a_view_is_said(app: TrivialApp, ann: Person) -> None:
    ann.command("/send-status x")
    with pytest.raises(SlackApiError) as caught:
        app.client.views_open(trigger_id=app.body("command")["trigger_id"], view={**WISH, "submit": None})
    assert caught.value.response["error"] == "invalid_arguments"
    assert caught.value.response["response_metadata"]["messages"] == [
        "[ERROR] missing required field: submit [json-pointer:/view]",
    ]


def test_home_views_are_published(app: TrivialApp) -> None:
    home = {"type": "home", "blocks": [section("one")]}
    first = app.client.views_publish(user_id="U01ANN", view=home)["view"]
    app.client.views_publish(user_id="U01ANN", view=home, hash=first["hash"])
    for user, view, given, error in (
        ("U01ANN", home, first["hash"], "hash_conflict"),
        ("U02BEN", home, first["hash"], "hash_conflict"),
        ("U0NONE", home, None, "user_not_found"),
        ("U02BEN", WISH, None, "invalid_arguments"),
    ):
        with pytest.raises(SlackApiError, match=error):
            app.client.views_publish(user_id=user, view=view, hash=given)
