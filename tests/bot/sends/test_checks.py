from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sends.checks import LARGEST, checked, codes_of, link_of
from bot.sends.snapshots import Rejected, Snapshot, StatusUpdate
from bot.sends.text import LONGEST, LONGEST_KEY, clean, fields_of, folded, searchable
from tests.conftest import NOW


def told(**more: object) -> Snapshot:
    given: dict[str, Any] = {"source": "api", "observed_at": NOW, "send_gid": "g"}
    return Snapshot(**(given | more))


def fit(**more: object) -> Snapshot:
    found = checked(told(**more), 1)
    assert isinstance(found, Snapshot)
    return found


def reason(**more: object) -> str:
    found = checked(told(**more), 7)
    assert isinstance(found, Rejected)
    assert found.line == 7
    return found.reason


def updates(*times: datetime) -> tuple[StatusUpdate, ...]:
    return tuple(StatusUpdate(status_raw="Sent", occurred_at=time) for time in times)


def test_texts_are_cleaned_and_blanks_say_nothing() -> None:
    found = fit(recipient_name=" a\x00\x07b \n c ", recipient_email=" Jane@X.Example ", team="\t", campaign="x" * 5000)
    assert found.recipient_name == "ab c"
    assert found.recipient_email == "jane@x.example"
    assert found.team is None
    assert len(found.campaign or "") == LONGEST


@pytest.mark.parametrize("name", ["recipient_email", "sender_email", "team", "tracking_url", "status_raw"])
def test_what_an_index_leads_to_is_cut_by_its_bytes(name: str) -> None:
    found = getattr(fit(**{name: "\N{CJK UNIFIED IDEOGRAPH-4E00}" * 1000}), name)
    assert found == "\N{CJK UNIFIED IDEOGRAPH-4E00}" * (LONGEST_KEY // 3)
    assert getattr(fit(**{name: "x" * 1000}), name) == "x" * 1000


def test_a_status_update_is_cut_by_its_bytes() -> None:
    (update,) = fit(updates=(StatusUpdate(status_raw="\N{OLD ITALIC LETTER A}" * 1000, occurred_at=NOW),)).updates
    assert len(update.status_raw.encode()) == LONGEST_KEY


def test_times_are_put_in_utc_and_cut_to_the_millisecond() -> None:
    local = datetime(2026, 11, 2, 10, 0, 0, 123_999, ZoneInfo("America/Los_Angeles"))
    found = fit(created_at=local, updates=updates(local))
    assert found.created_at == datetime(2026, 11, 2, 18, 0, 0, 123_000, UTC)
    assert found.created_at.tzinfo is UTC
    assert found.updates[0].occurred_at == found.created_at


def test_an_update_without_a_status_says_nothing() -> None:
    assert fit(updates=(StatusUpdate(status_raw=" ", occurred_at=NOW),)).updates == ()


@pytest.mark.parametrize(("more", "words"), [
    ({"send_gid": None}, "nothing tells it from other sends"),
    ({"send_gid": None, "recipient_email": "a@b.example"}, "nothing tells it from other sends"),
    ({"send_gid": "x" * 201}, "longer than 200"),
    ({"sendoso_id": 2**63}, "sendoso id is too large"),
    ({"cost_minor": -2**70}, "too large"),
    ({"created_at": datetime(1899, 12, 30, tzinfo=UTC)}, "too long ago"),
    ({"created_at": NOW + timedelta(days=2)}, "too far ahead"),
    ({"created_at": datetime(2026, 1, 1)}, "has no zone"),  # noqa: DTZ001 - that is what is refused
    ({"created_at": datetime(1, 1, 1, tzinfo=ZoneInfo("Asia/Tokyo"))}, "out of range"),
    ({"expires_at": NOW + timedelta(days=4000)}, "too far ahead"),
    ({"updates": updates(NOW + timedelta(days=2))}, "entered 'Sent'"),
    ({"updates": updates(*[NOW] * 1001)}, "more than 1000"),
])
def test_what_cannot_be_true_or_stored_is_rejected(more: dict[str, Any], words: str) -> None:
    assert words in reason(**more)


def test_an_end_may_lie_ahead_and_numbers_may_be_large() -> None:
    found = fit(expires_at=NOW + timedelta(days=90), sendoso_id=LARGEST)
    assert found.sendoso_id == LARGEST


@pytest.mark.parametrize(("tracking", "link"), [
    (None, None),
    ("", None),
    ("1Z999AA10123456784", None),
    ("javascript:alert(1)", None),
    ("https://", None),
    ("http://[broken", None),
    ("https://x.example/a b", None),
    ("https://x.example/a", "https://x.example/a"),
    ("116D64DC686937DD17B1865019CEE71D295BCF38",
     "https://app.sendoso.com/track/116d64dc686937dd17b1865019cee71d295bcf38"),
])
def test_only_web_addresses_and_sendosos_own_codes_are_links(tracking: str | None, link: str | None) -> None:
    assert link_of(tracking) == link


def test_the_numbers_in_a_tracking_link_can_be_searched_for() -> None:
    assert codes_of("https://x.example/track?num=1Z999AA10123456784&l=en") == ["1Z999AA10123456784"]
    assert codes_of("4711 0815") == ["4711 0815"]


@pytest.mark.parametrize(("text", "plain"), [
    ("José  ÁLVAREZ", "jose alvarez"),
    ("Zoë Müller-Straße", "zoe muller-strasse"),
    ("Søren Łukasz", "soren lukasz"),
    ("O\N{RIGHT SINGLE QUOTATION MARK}Hara \N{EN DASH} x", "o'hara - x"),
    ("Ｊａｎｅ", "jane"),  # noqa: RUF001 - full-width letters are the point
    ("a|b", "a b"),
    ("李明", "李明"),
    ("ΝΊΚΟΣ", "νικοσ"),
])
def test_folding_makes_spellings_of_a_name_equal(text: str, plain: str) -> None:
    assert folded(text) == plain


@settings(deadline=None)
@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(), max_size=60))
def test_cleaned_text_can_be_stored_anywhere(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert "\x00" not in cleaned
    assert clean(cleaned) == cleaned


@settings(deadline=None)
@given(st.lists(st.text(max_size=30), max_size=6))
def test_searched_text_gives_its_fields_back(fields: list[str]) -> None:
    assert fields_of(searchable(fields)) == [folded(field) for field in fields]


FIELDS = ("recipient_name", "recipient_email", "recipient_company", "sender_email", "campaign", "sent_via")
ODD = st.text(st.sampled_from("aB~ |`\t\n\u00a0\u200eé@."), max_size=8) | st.text(max_size=8) | st.just("x" * 999)


@given(st.dictionaries(st.sampled_from(FIELDS), ODD))
def test_to_look_at_all_texts_at_once_makes_no_difference(texts: dict[str, str]) -> None:
    found = fit(**texts)
    for name, text in texts.items():
        by_itself = clean(text).lower() if name.endswith("_email") else clean(text)
        assert getattr(found, name) == (by_itself or None)


@given(st.text(st.sampled_from("aB~ |`'\"-\t"), max_size=8))
def test_plain_letters_are_folded_as_any_others_are(text: str) -> None:
    assert f"{folded(f'x{text}x')} e" == folded(f"x{text}x é")
    assert folded(text) == folded(f"{text} é").removesuffix("e").strip()
