"""Menus of shortcuts, links that unfold, and what stands in the way of writing."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from bot.playground.server import Playground
from tests.bot.playground.static.looking import CHANNEL, Opener, messages
from tests.bot.playground.trivial import TrivialApp

pytestmark = pytest.mark.browser
LINK = "https://acorn.example/track/1"


def test_a_shortcut_beside_the_box_opens_a_window(visit: Opener, app: TrivialApp) -> None:
    page = visit()
    button = page.get_by_test_id("shortcuts")
    button.click()
    menu = page.get_by_test_id("menu-popup")
    expect(menu.get_by_role("menuitem")).to_have_text(["Make a wishA window opens"])
    expect(menu.get_by_role("menuitem")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("modal").get_by_role("heading")).to_have_text("A wish")


def test_a_shortcut_on_a_message_brings_that_message(visit: Opener, playground: Playground, app: TrivialApp) -> None:
    playground.person("ben").say("tea or <cake>?")
    page = visit()
    said = messages(page).first
    said.hover()
    said.get_by_test_id("message-shortcuts").click()
    page.get_by_role("menuitem", name="Which is it?").click()
    expect(page.get_by_test_id("modal")).to_contain_text("You chose: tea or <cake>?")
    assert app.body("which")["user"]["id"] == "U01ANN"


def test_what_only_one_person_sees_has_no_shortcuts(visit: Opener, app: TrivialApp) -> None:
    page = visit()
    page.get_by_test_id("composer").fill("/send-status x")
    page.keyboard.press("Enter")
    expect(page.locator(".message.ephemeral")).to_have_count(1)
    expect(page.get_by_test_id("message-shortcuts")).to_have_count(0)


def test_a_shortcut_that_fails_is_told(visit: Opener) -> None:
    page = visit()
    page.get_by_test_id("shortcuts").click()
    page.get_by_role("menuitem", name="Make a wish").click()
    expect(page.get_by_test_id("toasts").locator(".toast").first).to_contain_text("dispatch_failed")


def test_a_link_unfolds_while_it_is_written_and_once_it_is_sent(visit: Opener, app: TrivialApp) -> None:
    page = visit()
    box, preview = page.get_by_test_id("composer"), page.get_by_test_id("preview")
    box.fill(f"see {LINK}")
    expect(preview).to_contain_text("On its way")
    assert messages(page).count() == 0
    page.keyboard.press("Enter")
    expect(preview).to_be_hidden()
    card = messages(page).first.get_by_test_id("attachment")
    expect(card).to_contain_text("On its way")
    card.get_by_role("button", name="More").click()
    assert app.body("press")["container"]["type"] == "message_attachment"


def test_a_preview_can_be_taken_away(visit: Opener, app: TrivialApp) -> None:
    page = visit()
    box, preview = page.get_by_test_id("composer"), page.get_by_test_id("preview")
    box.fill(f"see {LINK}")
    expect(preview).to_be_visible()
    preview.get_by_role("button", name="Remove the preview").click()
    expect(preview).to_be_hidden()
    box.fill("no link")
    expect(preview).to_be_hidden()


def test_an_app_that_only_speaks_takes_no_messages(visit: Opener, playground: Playground) -> None:
    object.__setattr__(playground.slack.app, "messages_read_only", True)
    page = visit("user=U01ANN&channel=dm")
    expect(page.get_by_test_id("composer")).to_be_disabled()
    page = visit(f"user=U01ANN&channel={CHANNEL}")
    expect(page.get_by_test_id("composer")).to_be_enabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_menus_fit_a_narrow_page(visit: Opener, app: TrivialApp, scheme: str) -> None:
    page = visit(viewport={"width": 360, "height": 700}, color_scheme=scheme)
    page.get_by_test_id("shortcuts").click()
    box = page.get_by_test_id("menu-popup").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
