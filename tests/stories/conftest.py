"""Worlds to tell stories in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.stories.world import World, world


@pytest.fixture
def story(tmp_path: Path, now: datetime) -> Iterator[World]:
    """A world on SQLite, with Socket Mode."""
    with world(tmp_path, now) as made:
        yield made
