from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sends.snapshots import Rejected
from bot.sends.sources.sendoso_page import Item, Page
from bot.sends.walk import DRY, MOST_PASSES, Walk

MOST_PAGES = 1_000


class List:
    """A numbered list that others change while it is read, `size` to a page."""

    def __init__(self, names: list[str], size: int, *, count: int | None = -1, shuffled: bool = False) -> None:
        self.names, self.size, self._count, self._shuffled = names, size, count, shuffled
        self.asked: list[int] = []

    def page(self, number: int) -> Page:
        self.asked.append(number)
        if self._shuffled:
            random.Random(number * len(self.asked)).shuffle(self.names)  # noqa: S311 - no secret
        shown = self.names[(number - 1) * self.size : number * self.size]
        told = Rejected(line=0, reason="")
        return Page(
            number=number, size=self.size, total=len(self.names) if self._count == -1 else self._count,
            items=tuple(Item(key=name, told=told) for name in shown),
        )


def walked(sends: List, walk: Walk | None = None, between: dict[int, object] | None = None) -> tuple[Walk, list[str]]:
    walk = walk or Walk()
    fresh: list[str] = []
    while walk.next_page is not None:
        change = (between or {}).get(len(sends.asked))
        if callable(change):
            change()
        fresh += [item.key for item in walk.take(sends.page(walk.next_page))[0]]
        assert len(sends.asked) < MOST_PAGES
    return walk, fresh


def names(count: int) -> list[str]:
    return [str(number) for number in range(count)]


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (9, 1), (10, 2), (25, 3), (30, 4)])
def test_a_calm_list_is_read_once(count: int, pages: int) -> None:
    sends = List(names(count), 10)
    walk, fresh = walked(sends)
    assert fresh == names(count)
    assert sends.asked == list(range(1, pages + 1))
    assert (walk.met, walk.missing, walk.passes) == (count, 0, 1)


def test_without_a_count_it_ends_with_a_short_page() -> None:
    sends = List(names(25), 10, count=None)
    walk, fresh = walked(sends)
    assert (fresh, walk.missing, walk.total) == (names(25), 0, None)


def test_a_count_that_is_too_low_stops_nobody() -> None:
    _, fresh = walked(List(names(35), 10, count=1))
    assert fresh == names(35)


def test_a_send_that_vanished_pulls_nothing_past_the_reader() -> None:
    sends = List(names(10), 5)
    _, fresh = walked(sends, between={1: lambda: sends.names.remove("2")})
    assert sorted(fresh, key=int) == names(10)
    assert sends.asked == [1, 2, 1, 2]


def test_more_vanished_than_a_page_holds() -> None:
    sends = List(names(40), 5)

    def vanish() -> None:
        del sends.names[:12]

    _, fresh = walked(sends, between={3: vanish})
    assert set(fresh) == set(names(40))


def test_new_sends_in_front_are_fetched_without_a_second_walk() -> None:
    sends = List(names(50), 10)
    walk, fresh = walked(sends, between={2: lambda: sends.names.insert(0, "new")})
    assert set(fresh) == {*names(50), "new"}
    assert (walk.passes, walk.missing) == (1, 0)
    assert sends.asked[-2:] == [6, 1]


def test_a_flood_in_front_that_fills_pages() -> None:
    sends = List(names(100), 10)

    def flood() -> None:
        sends.names[:0] = [f"n{number}" for number in range(60)]

    walk, fresh = walked(sends, between={5: flood})
    assert set(fresh) == {*names(100), *(f"n{number}" for number in range(60))}
    assert walk.missing == 0


def test_a_new_send_where_nobody_looks_first_takes_a_second_walk() -> None:
    sends = List(names(50), 10)
    walk, fresh = walked(sends, between={3: lambda: sends.names.insert(15, "new")})
    assert set(fresh) == {*names(50), "new"}
    assert walk.passes == 2


def test_a_list_in_no_order_is_walked_a_few_times_and_what_lacks_is_said() -> None:
    sends = List(names(60), 10, shuffled=True)
    walk, fresh = walked(sends)
    assert len(fresh) == len(set(fresh)) == walk.met
    assert walk.missing == 60 - walk.met
    assert 1 < walk.passes <= MOST_PASSES


class Circle(List):
    def page(self, number: int) -> Page:
        page = super().page(1)
        return Page(number=number, size=page.size, total=892, items=page.items)


def test_a_list_that_goes_round_in_circles_ends() -> None:
    sends = Circle(names(10), 10)
    walk, fresh = walked(sends)
    assert (fresh, walk.missing) == (names(10), 882)
    assert len(sends.asked) < 5 * (DRY + 1)


def test_a_full_last_page_that_repeats_itself_ends() -> None:
    class Last(List):
        def page(self, number: int) -> Page:
            return super().page(min(number, 3))

    sends = Last(names(30), 10)
    walk, fresh = walked(sends)
    assert (fresh, walk.missing) == (names(30), 0)


def test_a_stopped_walk_goes_on_with_the_last_page_it_read() -> None:
    sends = List(names(50), 10)
    first = Walk()
    for _ in range(3):
        first.take(sends.page(first.next_page or 0))
    assert first.resume == {"page": 3, "before": 20, "total": 50}
    second, fresh = walked(sends, Walk(**first.resume))
    assert sends.asked == [1, 2, 3, 3, 4, 5, 6]
    assert fresh == names(50)[20:]
    assert (second.met, second.missing, second.passes) == (50, 0, 1)


def test_what_vanished_while_a_walk_was_stopped_is_noticed() -> None:
    sends = List(names(50), 10)
    first = Walk()
    for _ in range(3):
        first.take(sends.page(first.next_page or 0))
    del sends.names[:15]
    _, fresh = walked(sends, Walk(**first.resume))
    assert set(names(50)[30:]) <= set(fresh)


def test_a_resumed_walk_that_lacks_sends_walks_all_pages_anew() -> None:
    sends = List(names(50), 10)
    walk, fresh = walked(sends, Walk(page=4, before=10, total=50))
    assert walk.passes == 2
    assert set(fresh) == set(names(50))
    assert walk.missing == 0


def test_where_to_resume_follows_a_step_back() -> None:
    sends = List(names(30), 5)
    walk = Walk()
    for _ in range(3):
        walk.take(sends.page(walk.next_page or 0))
    sends.names.pop(0)
    walk.take(sends.page(walk.next_page or 0))
    assert walk.next_page == 3
    assert walk.resume == {"page": 3, "before": 10, "total": 29}


change = st.none() | st.tuples(st.sampled_from(["insert", "remove"]), st.floats(0, 1, exclude_max=True))


@given(st.integers(0, 60), st.integers(1, 9), st.lists(change, max_size=12))
def test_whoever_is_there_all_the_time_is_met_whatever_comes_and_goes(
    count: int, size: int, changes: list[tuple[str, float] | None],
) -> None:
    sends = List(names(count), size)
    removed = 0
    removals = [one for one in changes if one and one[0] == "remove"]
    kept = [one for one in changes if one is None or one[0] == "insert" or removals.index(one) < 10]

    def apply(number: int) -> None:
        nonlocal removed
        one = kept[number]
        if one is None:
            return
        at = int(one[1] * (len(sends.names) + (one[0] == "insert")))
        if one[0] == "insert":
            sends.names.insert(at, f"new{number}")
        elif sends.names:
            del sends.names[at]
            removed += 1

    between: dict[int, object] = {number + 1: lambda number=number: apply(number) for number in range(len(kept))}
    walk, fresh = walked(sends, between=between)
    assert set(names(count)) & set(sends.names) <= set(fresh)
    assert len(fresh) == len(set(fresh))
    if removed == 0:
        assert walk.missing <= len(kept)
