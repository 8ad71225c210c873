"""Words from outside in every place of a window, and that nothing in the page can make markup of words at all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from bot.playground import page_api
from bot.playground.server import Playground
from tests.bot.playground.static.looking import HOSTILE, Opener
from tests.bot.playground.test_fields import form, opened
from tests.bot.playground.trivial import TrivialApp, plain, section

STATIC = Path(page_api.__file__).parent / "static"
MAKES_MARKUP = re.compile(
    r"(?:inner|outer)HTML\s*[+=(]|insertAdjacentHTML|setHTML|document\.write|DOMParser|createContextualFragment|srcdoc"
    r"|\beval\s*\(|new Function|setTimeout\(\s*[\"'`]",
)
OPTION = {"text": plain(HOSTILE[:75]), "value": HOSTILE[:75], "description": plain(HOSTILE[:75])}


def field(label: str, element: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "input", "block_id": label[:20], "label": plain(label), "hint": plain(HOSTILE), "element": element,
        "optional": True,
    }


def test_nothing_in_the_page_makes_markup_of_words() -> None:
    sources = [*STATIC.rglob("*.js"), STATIC / "index.html"]
    assert len(sources) > 30
    found = {
        path.name: made for path in sources
        if (made := [
            line.strip() for line in path.read_text(encoding="utf-8").splitlines()
            if not line.lstrip().startswith(("//", "*", "/*")) and MAKES_MARKUP.search(line)
        ])
    }
    assert found == {}
    assert all(MAKES_MARKUP.search(bad) for bad in ("a.innerHTML = x", "eval (x)", "setTimeout('x')"))


def test_the_page_runs_only_its_own_scripts() -> None:
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    told = dict(part.split(" ", 1) for part in policy[1].split("; "))
    assert (told["default-src"], told["script-src"], told["base-uri"]) == ("'none'", "'self'", "'none'")
    assert re.findall(r"<script(?![^>]* src=)[^>]*>", page) == []


@pytest.mark.browser
def test_no_word_in_a_window_becomes_an_element(visit: Opener, app: TrivialApp, playground: Playground) -> None:
    page = visit()
    opened(app, playground.person("ann"), form(
        section(HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("*", "\u2217")),
        {"type": "header", "text": plain(HOSTILE)},
        field("Typed", {
            "type": "plain_text_input", "action_id": "typed", "initial_value": HOSTILE, "multiline": True,
            "placeholder": plain(HOSTILE),
        }),
        field("Chosen", {
            "type": "static_select", "action_id": "chosen", "placeholder": plain(HOSTILE), "options": [OPTION],
            "initial_option": OPTION,
        }),
        field("Ticked", {"type": "checkboxes", "action_id": "ticked", "options": [OPTION]}),
        field("One", {"type": "radio_buttons", "action_id": "one", "options": [OPTION]}),
        field(HOSTILE[:40], {"type": "plain_text_input", "action_id": "named"}),
        title=plain(HOSTILE[:24]), submit=plain(HOSTILE[:24]), private_metadata=HOSTILE,
    ))
    window = page.get_by_test_id("modal")
    expect(window.get_by_role("textbox").first).to_have_value(HOSTILE)
    window.locator("button.select").click()
    expect(page.get_by_role("option").first).to_contain_text("<img src=x")
    assert page.locator("img, iframe, object, [onerror], script:not([src])").count() == 0
    assert page.evaluate("window.hacked") is None
