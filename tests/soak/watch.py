"""What a process uses, looked at from outside, and whether that grows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

WINDOW = 0.2
"""The share of the samples after the warm-up that is compared: the first fifth with the last."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Resident memory in megabytes, threads, and open file descriptors."""

    memory: float
    threads: int
    descriptors: int


def sample(pid: int) -> Sample:
    """How a process is now. OSError where it is gone."""
    told = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return Sample(
        memory=int(told["VmRSS"].split()[0]) / 1024, threads=int(told["Threads"]),
        descriptors=len(list(Path(f"/proc/{pid}/fd").iterdir())),
    )


@dataclass(frozen=True, kw_only=True)
class Course:
    """One figure over time: its median after the warm-up, at the end, and the growth in between as a share."""

    name: str
    first: float
    last: float

    @property
    def growth(self) -> float:
        return self.last / self.first - 1


def courses(samples: Sequence[Sample], warm_up: float) -> list[Course]:
    """How each figure went, the first `warm_up` share of the samples left out. ValueError for too few."""
    counted = samples[int(len(samples) * warm_up):]
    size = int(len(counted) * WINDOW)
    if not size:
        raise ValueError(f"{len(samples)} samples are too few to tell growth")
    return [
        Course(
            name=name, first=median(getattr(one, name) for one in counted[:size]),
            last=median(getattr(one, name) for one in counted[-size:]),
        )
        for name in ("memory", "threads", "descriptors")
    ]


class Watch:
    """Samples a process every second, in a thread, until `stop`."""

    def __init__(self, pid: int, say: Callable[[Sample], None] = lambda _sample: None) -> None:
        self.samples: list[Sample] = []
        self._pid, self._say, self._stopping = pid, say, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stopping.wait(1.0):
            try:
                self.samples.append(sample(self._pid))
            except OSError:
                return
            self._say(self.samples[-1])
