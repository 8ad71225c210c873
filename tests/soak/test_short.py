"""A soak of three quarters of a minute: that it measures, notices what it should, and finds nothing lost.

Memory, threads and descriptors are still settling after so short a time: here they only must not run away. The limits
of `python3 run.py soak` are for an hour.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.soak.run import soak
from tests.soak.watch import Sample, courses, sample


def test_a_short_soak_loses_nothing(tmp_path: Path) -> None:
    result = soak(0.75, tmp_path, seed=1, margin=0.5, slack=25)
    assert result.findings == []
    for what in ("commands", "commands over HTTP", "sends", "disturbances"):
        assert result.counts[what] > 0, what
    assert all(course.last > 0 for course in result.courses)


def test_growth_is_told_from_the_time_after_the_warm_up() -> None:
    samples = [Sample(memory=10 * number, threads=5, descriptors=7) for number in range(1, 6)]
    samples += [Sample(memory=100.0 if number < 10 else 120.0, threads=5, descriptors=7) for number in range(15)]
    memory, threads, descriptors = courses(samples, 0.25)
    assert (memory.first, memory.last) == (100, 120)
    assert memory.growth == pytest.approx(0.2)
    assert threads.growth == descriptors.growth == 0
    with pytest.raises(ValueError, match="too few"):
        courses(samples[:4], 0.25)


def test_this_process_can_be_sampled() -> None:
    now = sample(os.getpid())
    assert now.memory > 10
    assert now.threads >= 1
    assert now.descriptors >= 3
    with pytest.raises(FileNotFoundError):
        sample(2**22 + 1)
