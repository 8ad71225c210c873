"""A real Chromium without a window, for tests that look at the playground's page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

PATH = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser; a machine without one skips the test."""
    if PATH is None:
        pytest.skip("no Chromium or Chrome on this machine")
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=PATH, args=QUIET)
        yield started
        started.close()
