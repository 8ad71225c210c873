from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.statuses.typos import slips


@pytest.mark.parametrize(
    ("typed", "meant", "count"),
    [
        ("delivered", "delivered", 0),
        ("delivred", "delivered", 1),
        ("delviered", "delivered", 1),
        ("dlivred", "delivered", 2),
        ("elivered", "delivered", 1),
        ("edlivered", "delivered", 1),
        ("dilivered", "delivered", 1),
        ("shiped", "shipped", 1),
        ("shjpped", "shipped", 1),
        ("snet", "sent", 1),
        ("sentt", "sent", 1),
        ("udelivered", "undelivered", 1),
        ("insufficent", "insufficient", 1),
        ("undelivarbal", "undeliverable", 3),
        # Two wrong letters are many in most words, but not in one of twelve.
        ("imsufficiemt", "insufficient", 2),
        # In a word of eight it may be any wrong letter, in a shorter one only a neighbor's.
        ("redeebed", "redeemed", 1),
        # The last letter may be wrong, if it does not make somebody of it who does the thing.
        ("shippes", "shipped", 1),
        ("undelvierer", "undelivered", 2),
        # Eight letters allow two slips, and the first of them to be missing.
        ("rdeemd", "redeemed", 2),
        ("edeemed", "redeemed", 1),
    ],
)
def test_slips_are_counted(typed: str, meant: str, count: int) -> None:
    assert slips(typed, meant) == count


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("undelivered", "delivered"), ("undeliverd", "delivered"), ("delivered", "undelivered"),
        ("deliverable", "undeliverable"), ("unopened", "opened"), ("reopened", "opened"), ("unfunded", "refunded"),
        ("spent", "sent"), ("seat", "sent"), ("set", "sent"), ("used", "paused"), ("caused", "paused"),
        ("opener", "opened"), ("skipped", "shipped"), ("whipped", "shipped"), ("clocked", "clicked"),
        ("order", "offer"), ("no", "on"), ("not", "now"), ("retained", "returned"), ("foiled", "failed"),
        ("", "sent"), ("x", "sent"), ("sentences", "sent"), ("semt", "sent"), ("reroasting", "roasting"),
        ("roasting", "reroasting"), ("dlivrd", "delivered"), ("isuficen", "insufficient"), ("felivered", "delivered"),
    ],
)
def test_other_words_are_no_slips(typed: str, meant: str) -> None:
    assert slips(typed, meant) is None


@settings(deadline=None)
@given(st.text("abcdeilnrstuv", min_size=1, max_size=15), st.text("abcdeilnrstuv", min_size=1, max_size=15))
def test_there_are_never_more_than_three_slips_and_none_only_for_the_same_word(typed: str, meant: str) -> None:
    count = slips(typed, meant)
    assert count is None or 0 <= count <= 3
    assert (count == 0) == (typed == meant)
