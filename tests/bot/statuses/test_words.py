from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.statuses.words import american, fold, without_fillers, without_things, words


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("Confirming Address/*Offer Sent", "confirming address offer sent"),
        ("Address Confirmation - Cancelled", "address confirmation cancelled"),
        ("send.order_received", "send order received"),
        ("  \uff33\uff48\uff49\uff50\uff50\uff45\uff44  ", "shipped"),
        ("deli\u200bvered", "delivered"),
        ("已发货", "已发货"),
        ("!?*", ""),
        ("", ""),
    ],
)
def test_folding(raw: str, folded: str) -> None:
    assert fold(raw) == folded


@settings(deadline=None)
@given(st.text())
def test_folding_twice_changes_nothing(raw: str) -> None:
    assert fold(fold(raw)) == fold(raw)
    assert len(fold(raw)) <= 200


def test_british_becomes_american() -> None:
    assert american("fulfilment issue cancelled") == "fulfillment issue canceled"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hasn\u2019t been opened yet", ("not", "opened")),
        ("What do the refunds mean?", ("refund",)),
        ("e-mail bounces", ("email", "bounce")),
        ("can not be delivered", ("cannot", "delivered")),
        ("without an address", ("no", "address")),
        ("addresses", ("address",)),
        ("oos", ("oos",)),
        ("fees", ("fee",)),
        ("bonus analysis", ("bonus", "analysis")),
        ("received 7 days ago", ("received",)),
        ("Fulfilment Issues", ("fulfillment", "issue")),
    ],
)
def test_what_a_person_says(text: str, said: tuple[str, ...]) -> None:
    assert without_fillers(words(text)) == said


def test_things_that_are_sent_can_be_left_out() -> None:
    assert without_things(("order", "shipped")) == ("shipped",)
