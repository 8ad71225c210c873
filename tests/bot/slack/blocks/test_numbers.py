"""Numbers and amounts: one form for many readers, each reader's own for one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.blocks import numbers, send_card
from bot.slack.blocks.drawn import draw
from bot.slack.blocks.help_card import window
from bot.slack.blocks.limits import actions, button, header, is_for_reader, modal, read_in, section
from bot.slack.blocks.send_card import SendFacts
from bot.slack.blocks.text import CLOSE, OPEN, count, whole
from tests.bot.slack import gate
from tests.bot.slack.rows import HOSTILE, send
from tests.conftest import NOW

LOCALES = ["en-US", "en-GB", "de-DE", "es-ES", "es-LA", "fr-FR", "it-IT", "ja-JP", "ko-KR", "pt-BR", "ru-RU", "zh-CN",
           "zh-TW", "pl-PL", "sv-SE", "tr-TR", "hi-IN"]
"""Those in which Slack can be used, and some to come."""


def read(said: str, locale: str) -> str:
    return numbers.for_one(said, locale).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(("locale", "wanted"), [
    ("de-DE", "1.234.567 sends"), ("en-US", "1,234,567 sends"), ("fr-FR", "1 234 567 sends"),
    ("ja-JP", "1,234,567 sends"), ("es-ES", "1.234.567 sends"), ("hi-IN", "12,34,567 sends"),
    ("es-LA", "1,234,567 sends"), ("de-XX", "1.234.567 sends"), ("xx-YY", "1,234,567 sends"), ("", "1,234,567 sends"),
    ("<script>", "1,234,567 sends"), ("../../etc", "1,234,567 sends"),
])
def test_whole_numbers(locale: str, wanted: str) -> None:
    assert read(count(1_234_567, "send"), locale) == wanted


@pytest.mark.parametrize(("minor", "currency", "many", "german"), [
    (120450, "USD", "1,204.50 USD", "1.204,50 USD"), (2500, "eur", "25.00 EUR", "25,00 EUR"),
    (1500, "JPY", "1,500 JPY", "1.500 JPY"), (1_234_567, "KWD", "1,234.567 KWD", "1.234,567 KWD"),
    (-2500, "USD", "-25.00 USD", "-25,00 USD"), (0, "USD", "0.00 USD", "0,00 USD"),
    (120450, "", "1,204.50", "1.204,50"), (120450, "points", "1,204.50 points", "1.204,50 points"),
    (2500, "XQX", "25.00 XQX", "25,00 XQX"),
    (2**62, "USD", "46,116,860,184,273,879.04 USD", "46.116.860.184.273.879,04 USD"),
])
def test_amounts_name_their_currency(minor: int, currency: str, many: str, german: str) -> None:
    said = numbers.amount(minor, currency)
    assert numbers.for_many(said) == many
    assert read(said, "de-DE") == german


def test_numbers_with_a_point() -> None:
    assert numbers.for_many(numbers.rounded(2.5)) == "2.5"
    assert read(f"{numbers.rounded(1234.56, 1)} days", "de-DE") == "1.234,6 days"


@pytest.mark.parametrize("locale", LOCALES)
def test_every_locale_of_slacks_keeps_digits_and_currency(locale: str) -> None:
    said = read(numbers.amount(123456, "USD"), locale)
    assert "USD" in said
    assert "".join(filter(str.isdigit, said)) == "123456"


def test_a_message_for_many_and_for_one() -> None:
    drawn = draw([
        header(count(1204, "send")), section(f"*Cost so far*\n{numbers.amount(120000, 'EUR')}"),
        actions(button("Show all", "x", {"q": "1,204"}, label=f"Show all {whole(1204)} sends")),
    ])
    assert drawn.text == "1,204 sends\nCost so far: 1,200.00 EUR"
    german = drawn.read_in("de-DE")
    assert german.text.replace("\u00a0", " ") == "1.204 sends\nCost so far: 1.200,00 EUR"
    pressed = german.blocks[-1]["elements"][0]
    assert pressed["accessibility_label"] == "Show all 1.204 sends"
    assert json.loads(pressed["value"]) == {"q": "1,204"}
    for one in (drawn, german):
        assert gate.problems({"text": one.text, "blocks": one.blocks}) == []
        assert OPEN not in json.dumps(one.blocks, ensure_ascii=False)


def test_what_holds_no_number_is_left_as_it_is() -> None:
    drawn = draw([section("12 sends")])
    assert drawn.marked is None
    assert drawn.read_in("de-DE") is drawn
    assert not is_for_reader(modal("x", [section("12 sends")], callback_id="x"))


def test_a_window_for_its_reader() -> None:
    view = send_card.view(SendFacts(send=send(cost_minor=120450)), NOW)
    assert "1,204.50 USD" in json.dumps(view)
    german = read_in(view, "de-DE")
    assert "1.204,50" in json.dumps(german, ensure_ascii=False)
    assert gate.problems(view, gate.MODAL) == gate.problems(german, gate.MODAL) == []
    assert "1.204" in json.dumps(read_in(window(draw([section(count(1204, "send"))])), "de-DE"))


@given(st.sampled_from(LOCALES), st.sampled_from(HOSTILE), st.integers(0, 10**12))
def test_names_are_never_rewritten(locale: str, name: str, minor: int) -> None:
    told = send(recipient_name=f"{name} 1,204", campaign=f"{OPEN}9,999{CLOSE}", currency=name, cost_minor=minor)
    drawn = send_card.build(SendFacts(send=told), NOW)
    shown = drawn.read_in(locale)
    assert gate.problems({"text": shown.text, "blocks": shown.blocks}) == []
    assert fields(shown.blocks, "For") == fields(drawn.blocks, "For")
    assert fields(shown.blocks, "Campaign") == fields(drawn.blocks, "Campaign") == ["*Campaign*\n9,999"]


def fields(blocks: list[dict[str, Any]], label: str) -> list[str]:
    found = [field["text"] for block in blocks for field in block.get("fields", ())]
    return [text for text in found if text.startswith(f"*{label}*")]
