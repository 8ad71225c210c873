"""Does something for each of many workspaces, several at a time: whichever hangs keeps one thread, and no more."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Condition

import structlog

log = structlog.get_logger(__name__)


class Turns:
    """Never twice at once for one name. `do` is called with a name, in one of so many `threads`."""

    def __init__(self, do: Callable[[str], None], threads: int) -> None:
        self._do = do
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="begin")
        self._waiting = deque[str]()
        self._running, self._again = set[str](), set[str]()
        self._state = Condition()

    def want(self, name: str) -> None:
        """Have it done for a name. Several wishes that wait are one.

        While it is being done already, it is done once more afterwards.
        """
        with self._state:
            if name in self._running:
                self._again.add(name)
                return
            if name in self._waiting:
                return
            self._waiting.append(name)
        self._submit()

    def hurry(self, name: str) -> None:
        """Let it be the next one if it waits."""
        with self._state:
            if name in self._waiting:
                self._waiting.remove(name)
                self._waiting.appendleft(name)

    def under_way(self) -> list[str]:
        """The names for which it waits or is being done."""
        with self._state:
            return sorted({*self._waiting, *self._running})

    def wait_for(self, names: Collection[str], patience: timedelta) -> bool:
        """Until it is done for all of them; False once none of them has been for so long."""
        with self._state:
            left = self._left(names)
            while left:
                before = left
                self._state.wait_for(lambda: self._left(names) < before, patience.total_seconds())  # noqa: B023
                left = self._left(names)
                if left >= before:
                    return False
        return True

    def close(self) -> None:
        """Begin nothing more; what is being done ends by itself."""
        with self._state:
            self._waiting.clear()
            self._state.notify_all()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _left(self, names: Iterable[str]) -> set[str]:
        return {name for name in names if name in self._running or name in self._waiting}

    def _submit(self) -> None:
        try:
            self._pool.submit(self._turn)
        except RuntimeError:
            # All of them are about to end.
            with self._state:
                self._waiting.clear()
                self._state.notify_all()

    def _turn(self) -> None:
        with self._state:
            if not self._waiting:
                return
            name = self._waiting.popleft()
            self._running.add(name)
        try:
            self._do(name)
        except Exception:
            log.exception("turn_failed", name=name)
        with self._state:
            self._running.discard(name)
            is_wanted_again = name in self._again
            self._again.discard(name)
            if is_wanted_again:
                self._waiting.append(name)
            self._state.notify_all()
        if is_wanted_again:
            self._submit()
