"""Examples by hand before those that Hypothesis looks for: most mistakes are noticed by the first, which are quick."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: hasattr(getattr(item, "obj", None), "hypothesis"))
