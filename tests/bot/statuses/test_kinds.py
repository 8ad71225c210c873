from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.statuses.kinds import Kind, is_amazon, is_direct, is_inventoried, kind_of

TYPES = [
    ("Amazon", Kind.PHYSICAL),
    ("Handwritten Notes", Kind.PHYSICAL),
    ("Inventoried Sends", Kind.PHYSICAL),
    ("Sendoso Choice", Kind.CHOICE),
    ("Sendoso Direct", Kind.PHYSICAL),
    ("eGifts International", Kind.EGIFT),
    ("eGifts USA", Kind.EGIFT),
    ("egift", Kind.EGIFT),
    ("E-Gift", Kind.EGIFT),
    ("Gift Card", Kind.EGIFT),
    ("Physical", Kind.PHYSICAL),
    ("Inventory", Kind.PHYSICAL),
    ("Direct", Kind.PHYSICAL),
    ("something else", Kind.UNKNOWN),
    ("", Kind.UNKNOWN),
    (None, Kind.UNKNOWN),
]


@pytest.mark.parametrize(("send_type", "kind"), TYPES)
def test_a_type_tells_the_kind(send_type: str | None, kind: Kind) -> None:
    assert kind_of(send_type, "") is kind


@pytest.mark.parametrize(
    ("subtype", "kind"),
    [
        ("eGift Cards USA", Kind.EGIFT),
        ("eGift Cards New Zealand", Kind.EGIFT),
        ("Visa eGift Credit Card (US)", Kind.EGIFT),
        ("Buy/Send via Amazon UK", Kind.PHYSICAL),
        ("Custom Bundles", Kind.PHYSICAL),
        ("DDO_GIFT", Kind.PHYSICAL),
        ("Handwritten Notes", Kind.PHYSICAL),
        ("On-Demand", Kind.PHYSICAL),
        ("Wine", Kind.PHYSICAL),
        ("Coffee", Kind.UNKNOWN),
        ("Lunch", Kind.UNKNOWN),
        ("Custom", Kind.UNKNOWN),
        (None, Kind.UNKNOWN),
    ],
)
def test_a_subtype_tells_it_where_the_type_is_missing(subtype: str | None, kind: Kind) -> None:
    assert kind_of("", subtype) is kind


def test_the_type_goes_before_the_subtype() -> None:
    assert kind_of("Sendoso Choice", "eGift Cards USA") is Kind.CHOICE
    assert kind_of("Inventoried Sends", "eGift Cards USA") is Kind.PHYSICAL
    assert kind_of("eGifts USA", "Coffee") is Kind.EGIFT


def test_routes_through_the_warehouse_are_told_apart() -> None:
    assert is_amazon("Amazon")
    assert not is_amazon("Inventoried Sends")
    assert not is_amazon(None)
    assert is_direct("Sendoso Direct")
    assert not is_direct("directory")
    assert is_inventoried("Inventoried Sends")
    assert not is_inventoried("")


@settings(deadline=None)
@given(st.text(), st.text())
def test_any_text_has_a_kind(send_type: str, subtype: str) -> None:
    assert kind_of(send_type, subtype) in Kind
