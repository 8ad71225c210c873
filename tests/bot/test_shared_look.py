"""One look for all who ask while it is under way, and nobody waits for it beyond its time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot import shared_look
from bot.shared_look import SharedLook

LONG = 30


class Looked:
    """Counts its looks; each of them waits until it is let go on."""

    def __init__(self) -> None:
        self.number, self.go_on = 0, threading.Event()

    def __call__(self) -> int:
        self.number += 1
        self.go_on.wait(LONG)
        return self.number


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as made:
        yield made


def test_who_asks_meanwhile_waits_for_the_same_look(threads: ThreadPoolExecutor) -> None:
    looked = Looked()
    shared = SharedLook(looked, threads)
    asked = [shared.ask() for _ in range(5)]
    looked.go_on.set()
    assert [one.found() for one in asked] == [1] * 5
    assert shared.ask().found() == 2, "the next looks anew"


def test_once_it_hangs_nobody_waits(threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_look, "ANSWERS_WITHIN", timedelta(milliseconds=20))
    looked = Looked()
    shared = SharedLook(looked, threads)
    with pytest.raises(TimeoutError):
        shared.ask().found()
    begun = time.monotonic()
    monkeypatch.setattr(shared_look, "ANSWERS_WITHIN", timedelta(seconds=LONG))
    for _ in range(10):
        with pytest.raises(TimeoutError):
            shared.ask().found()
    assert time.monotonic() - begun < LONG
    assert looked.number == 1
    looked.go_on.set()


def test_what_it_raises_is_raised_to_all_who_asked(threads: ThreadPoolExecutor) -> None:
    shared = SharedLook[int](lambda: int("no number"), threads)
    for _ in range(2):
        with pytest.raises(ValueError, match="no number"):
            shared.ask().found()


def test_without_threads_it_is_an_error_and_no_wait() -> None:
    gone = ThreadPoolExecutor(1)
    gone.shutdown()
    with pytest.raises(RuntimeError):
        SharedLook(int, gone).ask().found()
