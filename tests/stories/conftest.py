"""Worlds to tell stories in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.chromium import chromium
from tests.stories.world import World, world


@pytest.fixture
def story(tmp_path: Path, now: datetime) -> Iterator[World]:
    """A world on SQLite, with Socket Mode."""
    with world(tmp_path, now) as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium to look at the world with."""
    with chromium() as started:
        yield started
