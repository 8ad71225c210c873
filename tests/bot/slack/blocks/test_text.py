"""Text from outside: shown whole where it is harmless, and never live."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.blocks import gift, text
from bot.slack.blocks.limits import web_address
from tests.bot.slack.rows import HOSTILE, send, texts
from tests.bot.slack.rules.texts import markup
from tests.conftest import NOW

JOINER = text.JOINER


@pytest.mark.parametrize(("raw", "safe"), [
    ("Jane Doe", "Jane Doe"), ("jane_doe@acme.com", "jane_doe@acme.com"), ("Müller & Söhne", "Müller &amp; Söhne"),
    ("<!channel>", "&lt;!channel&gt;"), ("@here", f"@{JOINER}here"), ("a@b", "a@b"), ("#general", f"#{JOINER}general"),
    ("*bold*", "∗bold∗"), ("_it_", "ˍitˍ"), ("snake_case", "snake_case"), ("~x~", "∼x∼"), ("`x`", "ˋxˋ"),  # noqa: RUF001 - look-alikes are the point
    ("https://evil.com", f"https:{JOINER}//evil{JOINER}.com"), ("Booking.com", f"Booking{JOINER}.com"),
    ("J. R. Smith", "J. R. Smith"), ("v1.2", "v1.2"), (":smile:", f":{JOINER}smile:"), ("12:30", "12:30"),
    ("  two\n lines\t", "two lines"), ("\x00\u200bx\u202e", "x"), ("", ""), ("\u2028", ""),
])
def test_escape(raw: str, safe: str) -> None:
    assert text.escape(raw) == safe


@given(texts)
def test_nothing_from_outside_is_live(raw: str) -> None:
    safe = text.escape(raw)
    assert list(markup(safe, "x")) == []
    assert not set(safe) & set("*~`\n\r")
    assert text.width(text.one_line(raw)) <= text.NAME_LIMIT
    assert len(safe.encode("utf-16-le")) // 2 <= text.NAME_LIMIT * 6


@given(texts, st.integers(2, 200))
def test_clip_never_exceeds_nor_cuts_a_letter(raw: str, limit: int) -> None:
    cut = text.clip(raw, limit)
    assert text.width(cut) <= limit
    assert cut == raw or cut.endswith("…")


def test_families_stay_together() -> None:
    family = "👩‍👩‍👧‍👦"
    assert text.clip(family * 3, 14) == family + "…"
    assert text.clip("e\u0301" * 5, 4) == "e\u0301…"


@pytest.mark.parametrize("sign", [
    "👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇩🇪", "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", "1️⃣", "❤️",
    "e\u0301", "नि", "क्ष", "กำ", "நி", "각", "ᄀ\u1161\u11a8", "ក្រុ", "葛\U000e0101",
])
def test_no_sign_of_any_script_is_cut_open(sign: str) -> None:
    for limit in range(2, 3 * text.width(sign) + 1):
        cut = text.clip(sign * 4, limit)
        assert cut == sign * cut.count(sign) + "…"
        assert text.width(cut) <= limit


@pytest.mark.parametrize("hidden", [
    "", " ", "\u200b", "\u2063\u2064", "\u3164", "\u115f\u1160", "\u2800", "\ufeff", "\u00ad", "\u200d\u200d", "\ufe0f",
    "\U000e0041\U000e0042", "\n\t\u2028", "\x00",
])
def test_what_nobody_can_see_is_no_name(hidden: str) -> None:
    assert not text.shows(hidden)
    assert text.first_of(hidden, "", "Ann") == "Ann"
    told = send(recipient_name=hidden, recipient_email="", recipient_company=hidden)
    assert gift.name(told) == "an unnamed recipient"
    assert gift.label("Open", told) == "Open an unnamed recipient's gift"


@pytest.mark.parametrize("name", ["李", "Ō", "ज", "ع", "👻", "9"])
def test_one_sign_is_a_name(name: str) -> None:
    assert text.first_of(name, "x") == name


@pytest.mark.parametrize("name", ["أحمد العربي", "דנה כהן", "٣٤", "Jane أحمد", "أحمد 42!", "(דנה)"])
def test_a_sentence_stays_the_right_way_round(name: str) -> None:
    for said in (text.escape(name), text.one_line(name), text.escape(name, 4)):
        assert said[0] == "\u2068"
        assert said[-1] == "\u2069"
        assert said.count("\u2068") == said.count("\u2069") == 1


def test_hidden_words_are_taken_out_and_flags_stay() -> None:
    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "<!channel>")
    assert text.escape(f"Jane{tags} Doe") == "Jane Doe"
    scotland = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
    assert text.escape(scotland) == scotland


@pytest.mark.parametrize("raw", ["<!channel>", "<@U01ANN>", "<#C01|general>", "<!subteam^S1>"])
def test_a_plain_line_holds_no_mention_either(raw: str) -> None:
    line = text.one_line(f"Jane {raw}")
    assert raw not in line
    assert line.replace(text.JOINER, "") == f"Jane {raw}"


def test_right_to_left_is_isolated_and_stacked_marks_are_taken_off() -> None:
    assert text.one_line("أحمد") == "\u2068أحمد\u2069"
    assert text.one_line("Z" + "\u0351" * 40) == "Z" + "\u0351" * 3


@given(st.lists(st.sampled_from(["<!date^1^{date}|2026>", "&amp;", "<@U123>", "word", "\n", " ", "😀"]), max_size=60),
       st.integers(10, 80))
def test_cut_never_opens_a_token(parts: list[str], limit: int) -> None:
    cut = text.cut("".join(parts), limit)
    assert text.width(cut) <= limit
    assert list(markup(cut, "x")) == []


def test_times() -> None:
    pacific = NOW.astimezone(timezone(timedelta(hours=-8)))
    assert text.utc(pacific) == "2026-11-23 15:00 UTC"
    assert text.stamp(pacific) == "<!date^1795446000^{date_short_pretty} at {time}|2026-11-23 15:00 UTC>"


@pytest.mark.parametrize(("seconds", "words"), [
    (-5, "less than a minute"), (59, "less than a minute"), (60, "1 minute"), (3599, "59 minutes"), (3600, "1 hour"),
    (86399, "23 hours"), (86400, "1 day"), (8 * 86400, "8 days"), (1500 * 86400, "1,500 days"),
])
def test_age(seconds: int, words: str) -> None:
    assert text.age(NOW, NOW + timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(("user", "shown"), [
    ("U01ANN", "<@U01ANN>"), ("scan", "Sendwatch"), (None, "Sendwatch"), ("<!here>", "&lt;!here&gt;"),
])
def test_person(user: str | None, shown: str) -> None:
    assert text.person(user) == shown


@pytest.mark.parametrize("name", HOSTILE)
def test_only_the_one_mention_of_ours_stays(name: str) -> None:
    said = text.with_people(f"Already resolved by <@U01ANN> 5 minutes ago. {name} <@U02BEN>", ["U01ANN", "sender"])
    assert said.startswith("Already resolved by <@U01ANN> ")
    assert "<@U02BEN>" not in said
    assert "<@" not in text.with_people(f"by itself: {name}", [])


@pytest.mark.parametrize(("url", "opens"), [
    ("https://track.example.com/1?a=b&c=d", True), (" http://x.example ", True), ("javascript:alert(1)", False),
    ("https://", False), ("https://[::1", False), ("https://x:port/", False), ("https://x/ y", False), (None, False),
    ("https://x/\u202e", False), ("https://x/" + "a" * 3000, False), ("https://x/|y>", False), ("ftp://x", False),
])
def test_only_web_addresses_are_opened(url: str | None, opens: bool) -> None:
    assert (web_address(url) is not None) is opens
