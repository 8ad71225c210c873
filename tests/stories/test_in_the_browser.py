"""What an admin and a seller do in Slack, clicked through in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bot.config.current import in_force
from bot.config.document import Document
from tests.stories.sending import add
from tests.stories.world import ALERTS, World

pytestmark = pytest.mark.browser
PATIENCE = 30_000
"""Milliseconds in which the bot has answered, on a machine that has other things to do as well."""
SIZES = [({"width": 1280, "height": 900}, "light"), ({"width": 390, "height": 844}, "dark")]


@pytest.fixture(params=SIZES, ids=["wide, light", "narrow, dark"])
def page(browser: Browser, story: World, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page as Ann sees it, wide and on a telephone; nothing may go wrong in it."""
    size, scheme = request.param
    context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    trouble: list[str] = []
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    go(opened, story, ALERTS)
    yield opened
    assert opened.evaluate("document.documentElement.scrollWidth") <= size["width"]
    context.close()
    assert trouble == []


def go(page: Page, story: World, channel: str) -> None:
    page.goto(f"{story.playground.url}/?user=U01ANN&channel={channel}")
    page.wait_for_selector("body[data-ready]")


def type_(page: Page, text: str) -> None:
    box = page.get_by_test_id("composer").first
    box.fill(text)
    box.press("Escape")
    box.press("Enter")


def window(page: Page, text: str) -> Locator:
    """The window on top, once it shows a text."""
    opened = page.get_by_test_id("modal")
    expect(opened).to_contain_text(text, timeout=PATIENCE)
    return opened


def find(page: Page, opened: Locator, field: str, typed: str, choice: str) -> None:
    """Type into a field that finds something, and take what it offers."""
    opened.get_by_label(re.compile(f"^{field}")).click()
    search = page.get_by_role("combobox", name="Search options")
    search.fill(typed)
    page.get_by_role("option", name=choice, exact=True).click()
    # A list from which several can be taken stays open.
    if search.count():
        page.keyboard.press("Escape")


def send_off(page: Page) -> None:
    page.get_by_test_id("modal-submit").click()


def document(story: World) -> Document:
    with story.bot.database.read() as session:
        return in_force(session).document


def test_a_threshold_is_changed_looked_at_put_into_force_and_taken_back(page: Page, story: World) -> None:
    add(story, "Shipped", days=5, name="Jane Doe")
    story.tick()
    type_(page, "/sends settings")
    window(page, "Digests").get_by_role("button", name="Change: Thresholds").click()
    window(page, "None of your own yet").get_by_role("button", name="Add a threshold").click()
    form = window(page, "After how long in this status")
    find(page, form, "Status", "ship", "Shipped")
    form.get_by_label("After how long in this status").fill("3 days")
    send_off(page)
    window(page, "1 send becomes due now")
    assert document(story).thresholds == ()
    send_off(page)
    done = window(page, "It is in force")
    assert [one.after.amount for one in document(story).thresholds] == [3]
    done.get_by_role("button", name="Undo").click()
    page.get_by_test_id("confirm").get_by_role("button", name="Take it back").click()
    window(page, "as it was before")
    assert document(story).thresholds == ()


def test_a_watched_gift_takes_its_next_step(page: Page, story: World) -> None:
    gid = add(story, "Shipped", days=1, name="Jane Doe")
    story.tick()
    type_(page, "/sends watch jane")
    answer = page.get_by_test_id("message").filter(has_text="Jane Doe").last
    expect(answer.get_by_role("button", name=re.compile("^Stop"))).to_be_visible(timeout=PATIENCE)
    story.sendoso.move(gid, "Delivered")
    story.later(minutes=20)
    story.tick()
    go(page, story, "dm")
    step = page.get_by_test_id("message").filter(has_text="Jane Doe").last
    expect(step).to_contain_text("Delivered", timeout=PATIENCE)


def test_the_shortcut_looks_a_gift_up(page: Page, story: World) -> None:
    add(story, "Shipped", days=1, name="Jane Doe", campaign="Autumn Gifts")
    add(story, "Shipped", days=1, name="Max Roe", campaign="Spring")
    story.tick()
    page.get_by_test_id("shortcuts").click()
    page.get_by_role("menuitem", name="Look up a send").click()
    opened = window(page, "Look up a send")
    opened.locator("button.select").click()
    page.get_by_role("combobox", name="Search options").fill("max")
    page.get_by_role("option", name=re.compile("Max Roe")).click()
    expect(window(page, "Shipped for 1 day")).to_contain_text("Spring")


def test_a_digest_is_set(page: Page, story: World) -> None:
    type_(page, "/sends settings")
    window(page, "None is set").get_by_role("button", name="Change: Digests").click()
    window(page, "None yet").get_by_role("button", name="Add a digest").click()
    form = window(page, "How often")
    form.get_by_label(re.compile("^Every day")).check()
    form.get_by_label("At", exact=True).fill("08:30")
    find(page, form, "By the clock of", "berlin", "Europe/Berlin")
    send_off(page)
    window(page, "Comes next: Tomorrow at 2:30 AM by your clock")
    send_off(page)
    window(page, "It is in force")
    page.get_by_test_id("modal-close").click()
    window(page, "Daily, Monday to Friday at 08:30 (Europe/Berlin): all sends → #gifting-alerts")
    [digest] = document(story).digests
    assert (digest.every, digest.zone, digest.picture) == ("day", "Europe/Berlin", True)
