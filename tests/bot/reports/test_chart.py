"""The picture, drawn by a process of its own."""

from __future__ import annotations

import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bot.reports import chart, picture
from bot.reports.picture import NotDrawnError
from bot.reports.summary import Age, Figures, Summary
from tests.bot.reports.gifts import WEEK

FOUND = Summary(
    period=WEEK, now=Figures(sent=120, moving=90, delivered=60, redeemed=20, expired=4, refunded=2, stuck=7),
    before=Figures(sent=108, moving=95, delivered=50, redeemed=22, expired=9), ages=[
        Age(least=0, number=40), Age(least=3, number=22), Age(least=7, number=9), Age(least=14, number=4),
        Age(least=30, number=2),
    ],
)


def size(content: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def test_it_is_a_png_of_a_fixed_size_and_the_same_each_time() -> None:
    first = chart.png(FOUND)
    assert first.startswith(picture.SIGNATURE)
    assert size(first) == (1280, 720)
    assert len(first) < 150_000
    assert chart.png(FOUND) == first
    assert chart.png(replace(FOUND, now=Figures())) != first


@pytest.mark.parametrize("found", [
    replace(FOUND, now=Figures(), before=Figures(), ages=[]), replace(FOUND, now=Figures(sent=10**9), before=Figures()),
])
def test_nothing_at_all_and_very_much_can_be_drawn(found: Summary) -> None:
    assert size(chart.png(found)) == (1280, 720)


def test_another_process_draws_it_and_is_told_no_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:
    assert picture.png(FOUND) == chart.png(FOUND)
    seen = tmp_path / "seen"
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\nenv > {seen}\ncat > /dev/null\necho 'no fonts here' >&2\nexit 3\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-hidden")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hidden@h/d")
    with pytest.raises(NotDrawnError, match="no fonts here"):
        picture.png(FOUND)
    assert "hidden" not in seen.read_text()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere"))
    with pytest.raises(NotDrawnError, match="FileNotFoundError"):
        picture.png(FOUND)


def test_the_bot_does_without_the_library_until_a_picture_is_drawn() -> None:
    code = "import sys, bot.app, bot.cli; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
