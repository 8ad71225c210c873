"""Where a person is: channels, threads, time, Sendoso, a telephone, a lost connection."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect
from slack_sdk import WebClient

from bot.playground.clock import PlayClock
from bot.playground.server import Playground
from tests.bot.playground.static.looking import CHANNEL, HOSTILE, Opener, messages
from tests.bot.playground.trivial import TrivialApp, section

pytestmark = pytest.mark.browser


def test_news_elsewhere_is_counted_and_read_by_going_there(visit: Opener, web: WebClient) -> None:
    page = visit()
    web.chat_postMessage(channel="C02SALES", text="one")
    place = page.get_by_test_id("channel-C02SALES")
    expect(place.locator(".badge")).to_have_text("1")
    place.click()
    expect(messages(page)).to_have_count(1)
    expect(place.locator(".badge")).to_have_count(0)
    assert "channel=C02SALES" in page.url


def test_reading_back_is_not_interrupted(visit: Opener, playground: Playground, web: WebClient) -> None:
    for number in range(40):
        playground.slack.state.post(CHANNEL, "U02BEN", f"line {number}")
    page = visit()
    expect(messages(page).last).to_be_in_viewport()
    page.locator(".message-scroll").evaluate("node => node.scrollTo(0, 0)")
    expect(messages(page).first).to_be_in_viewport()
    web.chat_postMessage(channel=CHANNEL, text="news")
    expect(page.get_by_test_id("new-pill")).to_have_text("1 new message")
    expect(messages(page).first).to_be_in_viewport()
    page.get_by_test_id("new-pill").click()
    expect(messages(page).last).to_be_in_viewport()
    expect(page.get_by_test_id("new-pill")).to_be_hidden()


def test_the_newest_stays_in_view_when_there_is_less_room(visit: Opener, playground: Playground) -> None:
    for number in range(12):
        playground.slack.state.post(CHANNEL, "U02BEN", f"line {number} " + "and more words " * 20)
    page = visit()
    left = "node => node.scrollHeight - node.scrollTop - node.clientHeight"
    for width in (1440, 900, 500):
        page.set_viewport_size({"width": width, "height": 700})
        if width == 1440:
            page.get_by_test_id("sendoso-button").click()
            expect(page.get_by_test_id("sendoso-send")).to_be_visible()
        page.wait_for_function("async () => new Promise((done) => requestAnimationFrame(() => done(true)))")
        assert page.locator(".message-scroll").evaluate(left) < 2


def test_a_thread_is_read_and_answered(visit: Opener, web: WebClient) -> None:
    parent = web.chat_postMessage(channel=CHANNEL, text="parent")["ts"]
    page = visit()
    web.chat_postMessage(channel=CHANNEL, text="child", thread_ts=parent)
    expect(messages(page)).to_have_count(1)
    page.get_by_test_id("replies").click()
    thread = page.get_by_test_id("thread")
    expect(thread.get_by_test_id("message")).to_have_count(2)
    page.get_by_test_id("thread-composer").fill("thanks")
    page.keyboard.press("Enter")
    expect(thread.get_by_test_id("message")).to_have_count(3)
    expect(page.get_by_test_id("replies")).to_contain_text("2 replies")


def test_the_clock_moves_and_times_are_the_readers(visit: Opener, web: WebClient) -> None:
    web.chat_postMessage(channel=CHANNEL, text="<!date^1795447800^{date_short_pretty} at {time}|x>")
    page = visit(f"user=U04DEE&channel={CHANNEL}")
    expect(page.get_by_test_id("clock")).to_contain_text("7:00 AM")
    expect(messages(page)).to_contain_text("Today at 7:30 AM")
    page.get_by_test_id("clock-86400").click()
    expect(page.get_by_test_id("clock")).to_contain_text("Tue, Nov 24")
    expect(messages(page)).to_contain_text("Yesterday at 7:30 AM")
    expect(page.get_by_test_id("toasts")).to_contain_text("Tuesday, November 24th")
    page.get_by_test_id("person-switcher").click()
    page.get_by_test_id("person-U02BEN").click()
    expect(messages(page)).to_contain_text("Yesterday at 3:30 PM")


def test_sendoso_moves_a_send_and_trouble_is_caused(visit: Opener, playground: Playground) -> None:
    page = visit()
    page.get_by_test_id("sendoso-button").click()
    panel = page.get_by_test_id("sendoso")
    expect(panel.get_by_test_id("sendoso-send").locator("strong")).to_have_text(HOSTILE)
    expect(panel.get_by_test_id("sendoso-move")).to_be_disabled()
    panel.get_by_role("combobox").select_option("Delivered")
    panel.get_by_test_id("sendoso-move").click()
    expect(panel.locator(".pill")).to_have_text("Delivered")
    panel.get_by_test_id("sendoso-search").fill("nobody")
    expect(panel).to_contain_text("No send fits these words.")
    page.get_by_test_id("trouble").locator("summary").click()
    page.get_by_role("button", name="500, nothing done").click()
    expect(page.get_by_test_id("toasts")).to_contain_text("Once: 500")
    assert [fault.kind for fault in playground.faults.take("chat.postMessage")] == ["500"]


def test_hints_run_what_they_say_until_they_are_closed(visit: Opener, app: TrivialApp) -> None:
    page = visit()
    page.get_by_test_id("hints").get_by_text("/send-status jane").click()
    expect(page.locator(".message.ephemeral")).to_contain_text("you typed jane")
    page.get_by_label("Hide these hints").click()
    page.reload()
    expect(messages(page)).to_have_count(1)
    expect(page.get_by_test_id("hints")).to_be_hidden()
    page.get_by_test_id("hints-button").click()
    expect(page.get_by_test_id("hints")).to_be_visible()
    assert len(app.bodies("command")) == 1


def test_the_page_finds_its_way_back_after_a_lost_connection(browser: Browser, clock: PlayClock) -> None:
    first = Playground(clock).start()
    port = int(first.url.rpartition(":")[2])
    page = browser.new_page()
    page.goto(f"{first.url}/?channel={CHANNEL}")
    page.wait_for_selector("body[data-ready]")
    first.stop()
    expect(page.get_by_text("Connecting to the playground again")).to_be_visible()
    page.get_by_test_id("composer").fill("/sends")
    page.keyboard.press("Enter")
    expect(page.locator(".composer-note.error")).to_contain_text("not running any more")
    with Playground(clock, port=port) as second:
        second.slack.state.post(CHANNEL, "U02BEN", "back again")
        expect(messages(page)).to_contain_text("back again")
        expect(page.get_by_text("Connecting to the playground again")).to_be_hidden()
        page.close()


def test_themes(visit: Opener) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    assert visit(color_scheme="dark").evaluate(ground) == visit("theme=dark").evaluate(ground)
    page = visit(color_scheme="light")
    light = page.evaluate(ground)
    page.get_by_test_id("theme").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate(ground) != light
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_on_a_telephone_nothing_is_cut_off(visit: Opener, web: WebClient) -> None:
    rows = [[{"type": "raw_text", "text": "wide " * 9}] * 6] * 3
    long = section("x" * 400 + " https://example.com/" + "y" * 300)
    web.chat_postMessage(channel="C02SALES", text="x", blocks=[long, {"type": "table", "rows": rows}])
    page = visit(viewport={"width": 390, "height": 844})
    expect(page.get_by_test_id("channel-C02SALES")).to_be_hidden()
    page.get_by_test_id("menu").click()
    page.get_by_test_id("channel-C02SALES").click()
    expect(page.get_by_test_id("channel-C02SALES")).to_be_hidden()
    expect(messages(page)).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.locator(".message-scroll").evaluate("node => node.scrollWidth <= node.clientWidth")
    page.locator(".clock-face").click()
    page.get_by_test_id("clock-3600").click()
    expect(page.get_by_test_id("clock-3600")).to_be_hidden()


@pytest.mark.parametrize("width", [320, 340])
def test_on_a_narrow_telephone_the_tools_are_all_in_reach(visit: Opener, width: int) -> None:
    page = visit(viewport={"width": width, "height": 700})
    box = page.locator(".top-tools").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= width


def test_a_link_to_a_message_opens_at_it(visit: Opener, playground: Playground) -> None:
    sent = [playground.slack.state.post("C02SALES", "U02BEN", f"line {number}") for number in range(40)]
    page = visit("user=U01ANN", path=f"/archives/C02SALES/p{sent[0].ts.replace('.', '')}")
    expect(messages(page).first).to_be_in_viewport()
    expect(messages(page).first).to_have_class(re.compile("look-here"))
