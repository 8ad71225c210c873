from __future__ import annotations

import json

import pytest

from bot.statuses.answers import answer
from bot.statuses.catalogue import Status
from bot.statuses.kinds import Kind

KEYS = {"status", "kind", "meaning", "next_actor", "advice", "final", "threshold", "source"}


def test_an_answer_has_the_agreed_shape() -> None:
    found = answer("Order Received")
    assert found.keys() == {"query", "matches", "suggestions"}
    assert found["query"] == "Order Received"
    assert found["suggestions"] == []
    (match,) = found["matches"]
    assert match.keys() == KEYS
    assert match["status"] == "order_received"
    assert match["kind"] == "physical"
    assert match["final"] is False
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize("word", ["initiated", "refunded", "expired", "canceled", "Failed"])
def test_both_kinds_are_answered_where_they_differ(word: str) -> None:
    assert {match["kind"] for match in answer(word)["matches"]} == {"egift", "physical"}


def test_a_kind_that_is_given_or_named_leaves_one() -> None:
    assert [match["kind"] for match in answer("refunded", kind=Kind.PHYSICAL)["matches"]] == ["physical"]
    assert [match["kind"] for match in answer("what does refunded mean for an eGift?")["matches"]] == ["egift"]
    assert [match["kind"] for match in answer("initiated (physical)")["matches"]] == ["physical"]


@pytest.mark.parametrize("word", ["pending", "amazon", "banana", "", "not delivered"])
def test_when_unsure_there_is_no_match_but_something_to_choose(word: str) -> None:
    found = answer(word)
    assert found["matches"] == []
    assert 1 <= len(found["suggestions"]) <= 3
    assert set(found["suggestions"]) <= set(Status) - {"unknown"}
