"""The page has a picture for every emoji that the bot uses, on systems without any of their own too."""

from __future__ import annotations

import re
from pathlib import Path

import bot

PACKAGE = Path(bot.__file__).parent
PICTURES = re.compile("[\U0001f200-\U0001faff\u231a-\u23ff\u2600-\u26ff\u2700-\u2712\u2728-\u27bf]")
SHORTCODES = re.compile(r"(?<![\w:]):([a-z][a-z0-9_]+):(?![\w:])")


def test_every_emoji_of_the_bot_is_in_the_pages_table() -> None:
    table = (PACKAGE / "playground/static/kit/emoji.js").read_text().partition("TABLE = `")[2].partition("`")[0]
    names = {name for entry in re.split(r"[|\n]", table) for name in entry.split()[1:]}
    sources = [path.read_text() for folder in ("slack", "statuses", "alerts", "delivery")
               for path in (PACKAGE / folder).rglob("*.py")]
    used = {picture for source in sources for picture in PICTURES.findall(source)}
    codes = {code for source in sources for code in SHORTCODES.findall(source)} - {"mailto", "channel"}
    assert used
    assert used - set(table) == set()
    assert codes - names == set()
