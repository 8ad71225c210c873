from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from bot.playground.clock import PlayClock
from tests.conftest import NOW


def test_a_clock_may_stand_still() -> None:
    clock = PlayClock(frozen_at=NOW)
    assert clock.frozen
    assert clock() == clock() == NOW


def test_a_clock_runs_from_where_it_is_set() -> None:
    clock = PlayClock(start=NOW)
    assert not clock.frozen
    assert NOW <= clock() < NOW + timedelta(minutes=1)
    clock.advance(timedelta(days=2))
    assert NOW + timedelta(days=2) <= clock() < NOW + timedelta(days=2, minutes=1)
    assert abs(PlayClock()() - datetime.now(UTC)) < timedelta(minutes=1)


def test_moves_are_told_until_nobody_listens() -> None:
    clock = PlayClock(frozen_at=NOW)
    told: list[datetime] = []
    forget = clock.on_advance(told.append)
    assert clock.advance(timedelta(hours=1)) == NOW + timedelta(hours=1)
    assert clock.set(NOW + timedelta(hours=3)) == NOW + timedelta(hours=3)
    forget()
    clock.advance(timedelta(hours=1))
    assert told == [NOW + timedelta(hours=1), NOW + timedelta(hours=3)]


def test_time_does_not_go_back() -> None:
    clock = PlayClock(frozen_at=NOW)
    with pytest.raises(ValueError, match="only moves forward"):
        clock.set(NOW - timedelta(seconds=1))
    assert clock() == NOW


def test_a_clock_may_run_faster_than_time() -> None:
    clock = PlayClock(start=NOW, speed=3600, began=time.monotonic() - 2)
    assert NOW + timedelta(hours=2) <= clock() < NOW + timedelta(hours=8)
    assert clock.real(timedelta(hours=1)) == 1
    assert clock().microsecond % 1000 == 0


def test_processes_share_a_clock_by_its_words() -> None:
    clock = PlayClock(start=NOW, speed=20)
    clock.advance(timedelta(days=1))
    other = PlayClock.like(clock.words)
    assert abs(other() - clock()) < timedelta(seconds=20)
    assert other() >= NOW + timedelta(days=1)
    program = "import sys; from bot.playground.clock import PlayClock; print(PlayClock.like(sys.argv[1])().isoformat())"
    before = clock()
    told = subprocess.run([sys.executable, "-c", program, clock.words], capture_output=True, text=True, check=True)
    assert before <= datetime.fromisoformat(told.stdout.strip()) <= clock()
    with pytest.raises(ValueError, match="stands still"):
        _ = PlayClock(frozen_at=NOW).words
