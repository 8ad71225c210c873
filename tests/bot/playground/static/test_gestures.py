"""What a person does: commands, buttons, modals, the Home tab."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from slack_sdk import WebClient

from tests.bot.playground.static.looking import CHANNEL, Opener, messages, run
from tests.bot.playground.trivial import TrivialApp, actions, button, plain

pytestmark = pytest.mark.browser


def test_a_command_is_completed_and_answered_to_one_person(visit: Opener, app: TrivialApp) -> None:
    page = visit()
    box, offers = page.get_by_test_id("composer"), page.get_by_test_id("completion")
    box.press_sequentially("/se")
    expect(offers.get_by_role("option")).to_have_count(2)
    expect(offers).to_contain_text("Where is this send?")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(box).to_have_value("/sends ")
    expect(offers.get_by_role("option")).to_have_text(["/sends stuck", "/sends mine", "/sends help"])
    page.keyboard.press("Escape")
    expect(offers).to_be_hidden()
    box.fill("/send-status ")
    expect(page.locator(".composer-note")).to_contain_text("<who or what>")
    answer = run(page, "/send-status jane")
    expect(answer).to_contain_text("Only visible to you")
    expect(answer).to_contain_text("you typed jane")
    assert app.body("command")["user_id"] == "U01ANN"
    page.keyboard.press("ArrowUp")
    expect(box).to_have_value("/send-status jane")
    assert messages(visit(f"user=U02BEN&channel={CHANNEL}")).count() == 0
    answer.get_by_test_id("dismiss").click()
    expect(messages(page)).to_have_count(0)


def test_a_command_that_fails_stays_in_the_box_and_says_why(visit: Opener, app: TrivialApp) -> None:
    app.playground.slack.ack_timeout = 1.0
    page = visit()
    box = page.get_by_test_id("composer")
    for text, why in (("/nothing", "is not a command here"), ("/send-status late", "did not answer")):
        box.fill(text)
        page.keyboard.press("Enter")
        expect(page.locator(".composer-note.error")).to_contain_text(why)
        expect(box).to_have_value(text)
    assert len(app.seen) == 1


def test_a_button_is_told_to_the_app_and_the_message_changes(visit: Opener, app: TrivialApp, web: WebClient) -> None:
    words = {"title": "Sure?", "text": "It cannot be undone.", "confirm": "Do it", "deny": "No"}
    ask = {name: plain(said) for name, said in words.items()}
    web.chat_postMessage(channel=CHANNEL, text="x", blocks=[actions(button("Press", "press") | {"confirm": ask})])
    page = visit()
    for answer in ("No", "Do it"):
        messages(page).first.locator("[data-action-id=press]").click()
        expect(page.get_by_test_id("confirm")).to_contain_text("It cannot be undone.")
        page.get_by_test_id("confirm").get_by_role("button", name=answer).click()
    pressed = app.body("press")
    assert (pressed["user"]["id"], pressed["actions"][0]["value"], len(app.bodies("press"))) == ("U01ANN", "1", 1)
    answer_card = run(page, "/send-status x")
    answer_card.get_by_role("button", name="Replace", exact=True).click()
    expect(page.locator(".message.ephemeral").last).to_contain_text("replaced")


def test_a_press_that_fails_is_marked(visit: Opener, web: WebClient) -> None:
    web.chat_postMessage(channel=CHANNEL, text="x", blocks=[actions(button("Press", "press"))])
    page = visit()
    pressed = messages(page).locator("[data-action-id=press]")
    pressed.click()
    expect(pressed).to_have_class(re.compile("failed"))
    expect(page.get_by_test_id("toasts").locator(".toast")).to_have_count(1)


def test_a_modal_is_filled_in_corrected_and_sent(visit: Opener, app: TrivialApp) -> None:
    page = visit()
    run(page, "/send-status x").get_by_role("button", name="Wish", exact=True).click()
    modal = page.get_by_test_id("modal")
    expect(modal.get_by_role("heading")).to_have_text("A wish")
    name = modal.get_by_label("Name")
    expect(name).to_be_focused()
    page.get_by_test_id("modal-submit").click()
    expect(modal).to_contain_text("This field is required.")
    assert app.bodies("submitted") == []
    modal.locator("[data-action-id=gift]").click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    name.fill("nobody")
    page.keyboard.press("Enter")
    expect(modal).to_contain_text("Somebody, please.")
    expect(name).to_have_attribute("aria-invalid", "true")
    modal.get_by_role("button", name="More").click()
    expect(modal.get_by_role("heading")).to_have_text("More")
    modal.locator("[data-action-id=owner]").click()
    modal.get_by_role("combobox").fill("An")
    modal.get_by_role("option", name="Andy").click()
    assert app.body("owner")["actions"][0]["selected_option"]["value"] == "andy"
    page.keyboard.press("Escape")
    expect(modal.get_by_role("heading")).to_have_text("A wish")
    expect(name).to_have_value("nobody")
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('dialog') !== null")
    name.fill("Ben")
    page.get_by_test_id("modal-submit").click()
    expect(modal).to_be_hidden()
    values = app.body("submitted", 2)["view"]["state"]["values"]
    assert (values["name"]["name"]["value"], values["gift"]["gift"]["selected_option"]["value"]) == ("Ben", "cake")


def test_an_open_modal_is_there_again_after_a_reload(visit: Opener, app: TrivialApp) -> None:
    page = visit()
    run(page, "/send-status x").get_by_role("button", name="Wish", exact=True).click()
    expect(page.get_by_test_id("modal")).to_be_visible()
    page.reload()
    expect(page.get_by_test_id("modal").get_by_role("heading")).to_have_text("A wish")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("modal")).to_be_hidden()
    assert app.body("closed")["view"]["callback_id"] == "wish"


def test_home_and_messages_of_the_bot(visit: Opener, app: TrivialApp) -> None:
    page = visit("user=U03CHI&channel=home")
    expect(page.get_by_test_id("home")).to_contain_text("Welcome")
    assert app.body("home")["event"]["user"] == "U03CHI"
    page.get_by_test_id("tab-messages").click()
    page.get_by_test_id("composer").fill("hello <b> *you*")
    page.keyboard.press("Enter")
    expect(messages(page)).to_have_count(1)
    expect(messages(page).locator("strong")).to_have_text("you")
    assert app.body("message")["event"]["text"] == "hello &lt;b&gt; *you*"
