"""A walk through numbered pages whose content may shift meanwhile. Pure: which page comes next, what is new.

Nothing is assumed about the order of the sends. New sends push others to later pages, where they are met
again; sends that vanish pull others to earlier pages, where they would be missed. The walk notices both by
Sendoso's count of all sends: when it drops, the walk goes back as many pages as can have been pulled over
its position; when at the end fewer sends were met than there are, it looks at the front pages again and
then walks all of them anew, a few times at most. What is still missing then is said, not hidden.
"""

from __future__ import annotations

from math import ceil
from typing import Any

from bot.sends.sources.sendoso_page import PER_PAGE, Item, Page

MOST_PASSES = 3
MOST_STEPS_BACK = 10
DRY = 3
"""Pages in a row without anything new after which the list must be going round in circles."""

MOST_PAGES = 100_000
"""Of a list without a count; ten million sends."""

SPARE_PAGES = 1_000
"""What a list may show beyond twice its count in each pass, before it is taken for one without an end."""


class Walk:
    """Where a walk stands. `next_page` is the page to read, None when there is nothing left to do."""

    def __init__(self, page: int = 1, before: int = 0, total: int | None = None) -> None:
        """Begin at `page`; a walk that was stopped had met `before` sends on earlier pages, of `total`."""
        self.next_page: int | None = page
        self.passes = 1
        self.total = total
        self.resume: dict[str, Any] = {"page": page, "before": before, "total": total} if page > 1 else {}
        """From where another walk can go on after this one is stopped: the last page read, once more."""
        self.passed_over: list[int] = []
        """Pages that could not be read, each once for every pass in which that was so."""
        self._before = before
        self._known: set[str] = set()
        self._at_front = False
        self._pages = 0
        self._most_pages, self._size = MOST_PAGES, PER_PAGE
        self._begin_pass()

    @property
    def is_endless(self) -> bool:
        """Whether more pages were read than a list of this count can have, however it shifts meanwhile."""
        return self._pages > self._most_pages

    @property
    def met(self) -> int:
        """Distinct sends met so far."""
        return self._before + len(self._known)

    @property
    def missing(self) -> int:
        """How many sends Sendoso counts beyond those met and those that can be on unread pages."""
        return max(0, (self.total or 0) - self.met - len(self.unread) * self._size)

    @property
    def unread(self) -> list[int]:
        """Pages that were passed over, and not read since, in their order."""
        return sorted(set(self.passed_over))

    def pass_over(self) -> None:
        """Go on behind the next page, which cannot be read."""
        if self.next_page is not None:
            self.passed_over.append(self.next_page)
            self._pages += 1
            self.next_page += 1

    def catch_up(self, page: Page) -> tuple[list[Item], list[Item]]:
        """Note what a page holds that was passed over before; gives the sends as `take` does."""
        self.passed_over = [number for number in self.passed_over if number != page.number]
        return self._met(page)

    def take(self, page: Page) -> tuple[list[Item], list[Item]]:
        """Note what a page holds and choose the next; gives the sends never met before, and the others."""
        in_pass = len(self._in_pass)
        self._pages += 1
        self._size = page.size
        # A page that is read in a later pass was not unreadable for good.
        fresh, again = self.catch_up(page)
        dropped = self._count(page.total)
        if self.total is not None:
            self._most_pages = min(MOST_PAGES, MOST_PASSES * (2 * ceil(self.total / page.size) + SPARE_PAGES))
        if self._at_front:
            self._step_at_front(page, fresh)
        else:
            self._found += len(fresh)
            self._step(page, new=len(self._in_pass) > in_pass, dropped=dropped)
            self._remember(page, in_pass)
        return fresh, again

    def _met(self, page: Page) -> tuple[list[Item], list[Item]]:
        fresh: list[Item] = []
        again: list[Item] = []
        for item in page.items:
            (again if item.key in self._known else fresh).append(item)
            self._known.add(item.key)
            self._in_pass.add(item.key)
        return fresh, again

    def _begin_pass(self) -> None:
        self._in_pass: set[str] = set()
        self._found = 0
        self._dry = 0
        self._steps_back = 0
        self._furthest = 0
        self._first_total = self.total

    def _count(self, total: int | None) -> int:
        """Take over the newer count; gives by how much it dropped."""
        if total is None:
            return 0
        last, self.total = self.total, total
        if self._first_total is None:
            self._first_total = total
        return max(0, last - total) if last is not None else 0

    def _step(self, page: Page, *, new: bool, dropped: int) -> None:
        if dropped and page.number > 1 and self._steps_back < MOST_STEPS_BACK:
            self._steps_back += 1
            self._furthest = max(self._furthest, page.number)
            self.next_page = max(1, page.number - ceil(dropped / page.size))
            return
        if new:
            self._dry = 0
        elif page.number > self._furthest:
            # A page gone through again after a step back is expected to hold nothing new.
            self._dry += 1
        self._furthest = max(self._furthest, page.number)
        if self._is_last(page, new=new):
            self._end_pass()
        else:
            self.next_page = page.number + 1

    def _is_last(self, page: Page, *, new: bool) -> bool:
        short = len(page.items) < page.size
        if not page.items:
            return True
        if self.total is None:
            return short or self._dry >= DRY
        if page.reaches >= self.total and (short or not new):
            return True
        # Sends that came in at the front meanwhile make pages without news, too.
        grown = max(0, self.total - (self._first_total or 0))
        return self._dry >= DRY + ceil(grown / page.size)

    def _end_pass(self) -> None:
        if not self.missing:
            self.next_page = None
        elif self._before == 0:
            # Most likely sends that were made during the walk; they stand in front if the newest do.
            self._at_front = True
            self.next_page = 1
        else:
            self._walk_again()

    def _step_at_front(self, page: Page, fresh: list[Item]) -> None:
        if fresh and self.missing:
            self.next_page = page.number + 1
            return
        self._at_front = False
        self.next_page = None
        if self.missing:
            self._walk_again()

    def _walk_again(self) -> None:
        fruitless = self.passes > 1 and not self._found
        if self.passes >= MOST_PASSES or fruitless:
            self.next_page = None
            return
        self.passes += 1
        self._before = 0
        self._begin_pass()
        self.next_page = 1

    def _remember(self, page: Page, in_pass: int) -> None:
        if self.next_page is None or self._at_front:
            return
        at = min(page.number, self.next_page)
        before = min(self._before + in_pass, (at - 1) * page.size)
        self.resume = {"page": at, "before": before, "total": self.total}
