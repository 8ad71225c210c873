"""The main stories, clicked through by somebody in front of the demo: the real bot behind the page."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bot.playground.demo import ALERTS, demo
from bot.playground.server import Playground

pytestmark = pytest.mark.browser
PATIENCE = 15_000
"""Milliseconds in which the bot, which posts at Slack's pace, has answered."""


@pytest.fixture(scope="module")
def town() -> Iterator[Playground]:
    with demo() as running:
        running.channel("#gifting-alerts").expect("Sent: the offer ends", within=90)
        yield running


@pytest.fixture
def page(browser: Browser, town: Playground) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1440, "height": 900})
    trouble: list[str] = []
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    opened.goto(f"{town.url}/?user=U01ANN&channel={ALERTS}")
    opened.wait_for_selector("body[data-ready]")
    yield opened
    context.close()
    assert trouble == []


def type_(page: Page, text: str) -> None:
    box = page.get_by_test_id("composer").first
    box.fill(text)
    box.press("Escape")
    box.press("Enter")


def newest(page: Page, text: str) -> Locator:
    found = page.get_by_test_id("message").filter(has_text=text).last
    expect(found).to_be_visible(timeout=PATIENCE)
    return found


def go(page: Page, channel: str) -> None:
    page.get_by_test_id(f"channel-{channel}").click()


def modal(page: Page, text: str) -> Locator:
    opened = page.get_by_test_id("modal")
    expect(opened).to_contain_text(text, timeout=PATIENCE)
    return opened


def test_a_gift_is_asked_for_and_its_card_comes(page: Page) -> None:
    type_(page, "/send-status jane")
    answer = newest(page, "sends match")
    answer.get_by_role("button", name=re.compile("^Open|^Details")).first.click()
    card = newest(page, "Campaign")
    expect(card.get_by_role("button", name=re.compile("^Back"))).to_be_visible()


def test_an_alert_is_acknowledged_and_says_who_has_it(page: Page) -> None:
    alert = page.get_by_test_id("message").filter(has=page.get_by_role("button", name=re.compile("^Acknowledge")))
    alert.last.scroll_into_view_if_needed()
    ts = alert.last.get_attribute("data-ts")
    alert.last.get_by_role("button", name=re.compile("^Acknowledge")).first.click()
    expect(page.locator(f'[data-ts="{ts}"]').first).to_contain_text("Ann Lopez", timeout=PATIENCE)


def test_the_bot_is_invited_and_gets_a_team_s_alerts_routed(page: Page) -> None:
    go(page, "C04OPS")
    page.get_by_test_id("invite").click()
    welcome = newest(page, "Sendwatch is here")
    expect(welcome).to_contain_text("Thanks for the invitation, Ann Lopez", timeout=PATIENCE)
    expect(page.get_by_test_id("invite")).to_have_count(0)
    welcome.get_by_role("button", name="Route alerts to this channel").click()
    opened = modal(page, "Which alerts shall come to")
    opened.get_by_label("What shall come here").click()
    page.get_by_role("option", name="One kind of finding").click()
    expect(opened).to_contain_text("Which finding?")
    opened.get_by_label("Which finding?").click()
    page.get_by_role("option", name="Offers that are over").click()
    page.get_by_test_id("modal-submit").click()
    modal(page, "comes to #ops from now on")
    page.get_by_test_id("modal-submit").click()
    done = modal(page, "✅")
    done.get_by_role("button", name="Take this route back").click()
    modal(page, "as they were before")
    page.keyboard.press("Escape")


def test_an_admin_checks_the_set_up(page: Page) -> None:
    type_(page, "/sends check")
    expect(newest(page, "Set-up:")).to_contain_text("Socket Mode", timeout=PATIENCE)


def test_a_gift_is_looked_up_on_the_home_tab(page: Page, town: Playground) -> None:
    page.goto(f"{town.url}/?user=U02BEN&channel=home")
    home = page.get_by_test_id("home")
    expect(home).to_contain_text("Your last 8 weeks", timeout=PATIENCE)
    expect(home.locator("pre")).to_contain_text("█")
    field = home.get_by_role("textbox", name="Look up a send")
    field.fill("jane")
    field.press("Enter")
    found = modal(page, "match “jane”")
    found.get_by_role("button", name=re.compile("^Open")).first.click()
    expect(page.get_by_test_id("modal").last).to_contain_text("Campaign", timeout=PATIENCE)
    page.keyboard.press("Escape")


def test_the_home_tab_follows_the_clock(page: Page, town: Playground) -> None:
    page.goto(f"{town.url}/?user=U01ANN&channel=home")
    expect(page.get_by_test_id("home")).to_contain_text("Needs you", timeout=PATIENCE)
    before = town.slack.views.homes["U01ANN"].hash
    page.get_by_role("button", name="+3 days").click()
    assert town.slack.state.wait_for(lambda: town.slack.views.homes["U01ANN"].hash != before, PATIENCE / 1000)
