from __future__ import annotations

from typing import Any

import pytest

from bot.config.document import Document
from bot.config.drafts import (
    again,
    drafted,
    moved,
    path_in,
    rearranged,
    warnings_of,
    with_item,
    with_part,
    without_item,
)
from bot.config.problems import Problem
from bot.config.reading import read

BASE = read("""
policies: {urgent: {repeat: 4h}}
routes:
  - {name: one, when: {team: A}, policy: urgent}
  - {name: two, when: {team: B}}
""").document


def test_a_draft_has_one_section_changed_and_its_digest_tells_it_apart() -> None:
    draft = drafted(BASE, "thresholds", [{"status": "Shipped", "after": "12 days"}])
    assert draft.problems == ()
    assert draft.document.routes == BASE.routes
    assert draft.document.thresholds[0].status == "shipped"
    assert draft.digest == drafted(BASE, "thresholds", [{"status": "shipped", "after": "12 days"}]).digest
    assert draft.digest != drafted(BASE, "thresholds", [{"status": "shipped", "after": "13 days"}]).digest


def test_the_default_again() -> None:
    draft = drafted(BASE, "routes", None)
    assert draft.document.routes == ()
    assert draft.document.policies == BASE.policies


def test_mistakes_have_their_place_and_what_rests_on_it_is_looked_at() -> None:
    [problem] = drafted(BASE, "thresholds", [{"status": "Shipped", "after": "soon"}]).problems
    assert problem.path == ("thresholds", 0, "after")
    [problem] = drafted(BASE, "policies", {"default": {}}).problems
    assert problem.path == ("routes", 0, "policy")
    assert '"urgent" is no policy' in problem.sentence


def test_what_is_wrong_or_odd_already_keeps_nobody_from_a_change() -> None:
    wrong = BASE.model_copy(update={"policies": Document().policies})
    assert drafted(wrong, "budgets", {"default": {"a_day": 7}}).problems == ()
    routes = BASE.plain()["routes"]
    odd = drafted(BASE, "routes", [{"name": "all"}, *routes])
    assert [problem.sentence.split(" is ")[0] for problem in warnings_of(odd, BASE)] == ['"one"', '"two"']
    after = drafted(odd.document, "budgets", {"default": {"a_day": 7}})
    assert warnings_of(after, odd.document) == []


@pytest.mark.parametrize(("place", "by", "order"), [
    (0, 1, "bac"), (1, -1, "bac"), (2, -1, "acb"), (0, -1, "abc"), (2, 1, "abc"), (0, 9, "bca"), (2, -9, "cab"),
])
def test_moving(place: int, by: int, order: str) -> None:
    assert "".join(moved(list("abc"), place, by)) == order


def test_things_are_added_changed_and_removed() -> None:
    assert with_item([1, 2], None, 3) == [1, 2, 3]
    assert with_item([1, 2], None, 3, at_top=True) == [3, 1, 2]
    assert with_item([1, 2], 0, 3) == [3, 2]
    assert with_item({"a": 1}, "b", 2) == {"a": 1, "b": 2}
    assert without_item([1, 2], 0) == [2]
    assert without_item({"a": 1, "b": 2}, "a") == {"b": 2}


ONE, TWO = ({"name": name} for name in ("One", "two"))
SHIPPED = {"status": "shipped", "level": "late", "after": "1 day"}


@pytest.mark.parametrize(("before", "after", "key", "place"), [
    ([ONE, TWO], [TWO, {"name": "one", "channel": "C1"}], 0, 1), ([ONE], [TWO], 0, None), ([ONE], [ONE], None, None),
    ([SHIPPED], [TWO | {"x": 1}, SHIPPED | {"after": "2 days"}], 0, 1), ([SHIPPED], [SHIPPED | {"team": "A"}], 0, None),
    ([ONE], [ONE], 5, None), ({"a": 1}, {"a": 2}, "a", "a"), ({"a": 1}, {}, "a", None),
])
def test_where_a_thing_stands_now(before: Any, after: Any, key: Any, place: Any) -> None:  # noqa: ANN401 - plain data
    assert again(before, after, key) == place


def test_the_place_of_a_mistake_within_a_thing() -> None:
    problem = Problem(path=("routes", 1, "when", "rule"), sentence="x")
    assert path_in(problem, "routes", 1) == ("when", "rule")
    assert path_in(problem, "routes", None) == (1, "when", "rule")
    assert path_in(problem, "routes", 0) is None
    assert path_in(problem, "thresholds", 1) is None


def test_one_part_of_a_list_is_read_alone() -> None:
    draft = with_part(BASE, "routes", 1, {"name": "three", "when": {"team": "C"}})
    assert [route.name for route in draft.document.routes] == ["one", "three"]
    assert draft.document.routes[0] is BASE.routes[0]
    assert with_part(BASE, "routes", None, {"name": "x"}, at_top=True).document.routes[0].name == "x"
    [problem] = with_part(BASE, "routes", None, {"name": "x", "policy": "nope"}).problems
    assert problem.path == ("routes", 2, "policy")
    [problem] = with_part(BASE, "routes", 1, {"name": "two", "channel": "#x"}).problems
    assert problem.path == ("routes", 1, "channel")
    [problem] = with_part(BASE, "routes", None, {"name": "ONE"}).problems
    assert problem.path == ("routes", 2, "name")


def test_what_is_full_takes_no_more() -> None:
    full = read("routes:\n" + "\n".join(f"  - {{name: r{number}}}" for number in range(200))).document
    assert len(full.routes) == 200
    [problem] = with_part(full, "routes", None, {"name": "one more"}).problems
    assert "200 already" in problem.sentence


def test_another_order_and_one_less() -> None:
    assert rearranged(BASE, "routes", moved(list(BASE.routes), 0, 1)).problems == ()
    [problem] = rearranged(BASE, "policies", without_item(dict(BASE.policies), "urgent")).problems
    assert problem.path == ("routes", 0, "policy")
