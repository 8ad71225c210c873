"""Makes the pictures of the README and of these pages from the demo: `python3 run.py python docs/pictures.py`.

Needs a Chromium.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from bot.playground.demo import ALERTS, demo

HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
SUBJECT = "Order Received for 8 days"


def main() -> None:
    """Write alert.png, playground.png, home.png, report.png and snooze.png beside this file."""
    browser_path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser_path is None:
        sys.exit("No Chromium was found on this machine.")
    with demo() as playground, sync_playwright() as playwright:
        playground.channel("#gifting-alerts").expect("Sent: the offer ends", within=60)
        browser = playwright.chromium.launch(executable_path=browser_path, args=OPTIONS)
        page = browser.new_page(viewport={"width": 1180, "height": 860}, device_scale_factor=2)
        page.goto(f"{playground.url}/?user=U01ANN&channel={ALERTS}&theme=light")
        page.wait_for_selector("body[data-ready]")
        _picture_of_an_alert(page)
        _picture_of_the_page(page)
        _picture_of_a_window(page)
        _picture_of_a_report(page)
        page.set_viewport_size({"width": 1100, "height": 1100})
        page.goto(f"{playground.url}/?user=U02BEN&channel=home&theme=light")
        _picture_of_home(page)
        browser.close()


def _picture_of_an_alert(page: Page) -> None:
    alert = page.get_by_test_id("message").filter(has_text=SUBJECT).first
    alert.scroll_into_view_if_needed()
    alert.screenshot(path=HERE / "alert.png")
    _make_small(HERE / "alert.png")


def _picture_of_the_page(page: Page) -> None:
    composer = page.get_by_test_id("composer").first
    composer.fill("/send-status jane")
    composer.press("Escape")
    composer.press("Enter")
    page.get_by_test_id("message").filter(has_text="sends match").first.wait_for()
    page.wait_for_timeout(500)
    page.screenshot(path=HERE / "playground.png")
    _make_small(HERE / "playground.png")


def _picture_of_a_window(page: Page) -> None:
    alert = page.get_by_test_id("message").filter(has_text=SUBJECT).first
    alert.get_by_role("button", name="Snooze").first.click()
    window = page.get_by_test_id("modal")
    window.get_by_test_id("modal-submit").wait_for()
    page.wait_for_timeout(500)
    window.screenshot(path=HERE / "snooze.png")
    _make_small(HERE / "snooze.png")
    page.get_by_test_id("modal-close").click()


def _picture_of_a_report(page: Page) -> None:
    page.set_viewport_size({"width": 1100, "height": 1700})
    composer = page.get_by_test_id("composer").first
    composer.fill("/sends report 60 days")
    composer.press("Escape")
    composer.press("Enter")
    report = page.get_by_test_id("message").filter(has_text="Only visible to you").last
    page.get_by_test_id("message").filter(has_text="arrived").last.wait_for()
    page.wait_for_timeout(2500)
    report.screenshot(path=HERE / "report.png")
    _make_small(HERE / "report.png")


def _picture_of_home(page: Page) -> None:
    page.get_by_test_id("home").filter(has_text="Your last 8 weeks").wait_for()
    page.wait_for_timeout(500)
    page.get_by_test_id("home").screenshot(path=HERE / "home.png")
    _make_small(HERE / "home.png")


def _make_small(path: Path) -> None:
    # A page has few colours: a palette of them is a third of the size, and looks the same.
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
