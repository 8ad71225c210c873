"""What tests of the page look at, and whom they are."""

from __future__ import annotations

from typing import Protocol

from playwright.sync_api import Locator, Page, expect

CHANNEL = "C01GIFTING"
HOSTILE = '<img src=x onerror="window.hacked=1"><!channel><https://evil.example|win>*x*'


class Opener(Protocol):
    """Opens the page at a query; `options` are those of a browser context."""

    def __call__(self, query: str = ..., *, path: str = ..., **options: object) -> Page: ...


def messages(page: Page) -> Locator:
    return page.get_by_test_id("messages").get_by_test_id("message")


def run(page: Page, text: str) -> Locator:
    """Types a command and gives the answer that only this person sees."""
    page.get_by_test_id("composer").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator(".message.ephemeral").last).to_be_visible()
    return page.locator(".message.ephemeral").last
