"""Numbers for Prometheus about the process itself: its readiness, its socket, its build."""

from __future__ import annotations

import platform
import threading
import tomllib
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.health import Problem
from storage.engine import Database


class Connection(Protocol):
    """What is asked of Socket Mode."""

    @property
    def connected(self) -> bool: ...

    @property
    def silence(self) -> timedelta | None: ...

    @property
    def connections(self) -> int: ...


class Vitals(Collector):
    """`problems` is what `/readyz` shows; `socket` is None where Slack comes over HTTP."""

    def __init__(
        self, database: Database, problems: Callable[[], Sequence[Problem]], socket: Connection | None,
    ) -> None:
        self._database, self._problems, self._socket = database, problems, socket

    def describe(self) -> list[Metric]:
        # Nobody is asked when the collector is registered.
        return []

    def collect(self) -> Iterator[Metric]:
        """All of it, as it is now."""
        build = GaugeMetricFamily("sendwatch_build_info", "Always 1; its labels say what runs", labels=[
            "version", "python", "database",
        ])
        kind = "sqlite" if self._database.is_sqlite else "postgresql"
        build.add_metric([release(), platform.python_version(), kind], 1)
        yield build
        yield from self._of_readiness()
        if self._socket is not None:
            yield from _of_socket(self._socket)
        yield GaugeMetricFamily("sendwatch_threads", "Threads of this process", value=threading.active_count())

    def _of_readiness(self) -> Iterator[Metric]:
        found = self._problems()
        yield GaugeMetricFamily("sendwatch_ready", "Whether /readyz answers 200", value=not found)
        named = GaugeMetricFamily("sendwatch_problem", "1 for each problem that /readyz names", labels=["name"])
        # What a workspace's own numbers name is not named a second time.
        for name in sorted({problem.name for problem in found if not problem.workspace}):
            named.add_metric([name], 1)
        yield named


def _of_socket(socket: Connection) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "sendwatch_socket_connected", "Whether Socket Mode has a connection", value=socket.connected,
    )
    yield CounterMetricFamily(
        "sendwatch_socket_connections", "Connections of Socket Mode that came up", value=socket.connections,
    )
    silence = socket.silence
    if silence is not None:
        yield GaugeMetricFamily(
            "sendwatch_socket_pong_age_seconds", "Since Slack last answered a ping", value=silence.total_seconds(),
        )


@cache
def release() -> str:
    """The version of Sendwatch, installed or run from its folder."""
    try:
        return version("sendwatch")
    except PackageNotFoundError:
        told = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
        return str(told["project"]["version"])
