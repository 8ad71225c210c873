"""The data of the `holidays` package, of which only the countries that are asked for are loaded."""

from __future__ import annotations

import importlib
import sys

import pytest

from bot.statuses.country_holidays import load_no_country_unasked

PACKAGE = "holidays.countries"


def test_a_country_is_loaded_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
        monkeypatch.delitem(sys.modules, name)
    load_no_country_unasked()
    iceland = importlib.import_module(f"{PACKAGE}.iceland")
    assert iceland.Iceland.country == "IS"
    assert sorted(name for name in sys.modules if name.startswith(PACKAGE)) == [PACKAGE, f"{PACKAGE}.iceland"]


def test_what_is_loaded_already_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    before = importlib.import_module(PACKAGE)
    monkeypatch.setitem(sys.modules, PACKAGE, before)
    load_no_country_unasked()
    assert sys.modules[PACKAGE] is before
