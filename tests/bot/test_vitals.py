from __future__ import annotations

import re
import time
from datetime import timedelta

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from slack_bolt import App
from slack_sdk import WebClient

from bot.health import Problem
from bot.playground.server import Playground
from bot.slack.socket import Socket
from bot.vitals import Vitals, release
from storage.engine import Database


class Line:
    connected, silence, connections = True, timedelta(seconds=3), 2


def numbers(vitals: Vitals) -> dict[tuple[str, ...], float]:
    registry = CollectorRegistry()
    registry.register(vitals)
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(generate_latest(registry).decode()) for sample in family.samples
    }


def test_the_process_tells_of_itself(database: Database) -> None:
    found = numbers(Vitals(database, lambda: [Problem(name="scan", reason="Jane stands still")], Line()))
    assert found["sendwatch_ready",] == 0
    assert found["sendwatch_problem", "scan"] == 1
    assert found["sendwatch_socket_connected",] == 1
    assert found["sendwatch_socket_connections_total",] == 2
    assert found["sendwatch_socket_pong_age_seconds",] == 3
    assert found["sendwatch_threads",] >= 1
    build, = (name for name in found if name[0] == "sendwatch_build_info")
    assert release() in build
    assert re.fullmatch(r"\d+\.\d+\.\d+", release())
    assert "Jane" not in str(found), "reasons are for people, names for programs"


def test_what_a_workspace_tells_of_itself_is_named_once(sqlite: Database) -> None:
    problem = Problem(name="workspace T0ELM: sync", reason="stands still", workspace="T0ELM")
    found = numbers(Vitals(sqlite, lambda: [problem], None))
    assert found["sendwatch_ready",] == 0
    assert not [name for name in found if name[0] == "sendwatch_problem"]


def test_without_a_socket_nothing_is_told_of_it(sqlite: Database) -> None:
    found = numbers(Vitals(sqlite, list, None))
    assert found["sendwatch_ready",] == 1
    assert not [name for name in found if "socket" in name[0]]


def test_a_real_socket_tells_of_its_pongs() -> None:
    with Playground() as playground:
        client = WebClient(token=playground.bot_token, base_url=playground.api_url)
        app = App(client=client, signing_secret="none", token_verification_enabled=False)
        socket = Socket(app, playground.app_token)
        assert (socket.connected, socket.silence, socket.connections) == (False, None, 0)
        socket.start()
        try:
            playground.wait_until_connected(30)
            deadline = time.monotonic() + 20
            while not socket.connections and time.monotonic() < deadline:
                time.sleep(0.05)
            silence = socket.silence
            assert silence is not None
            assert silence < timedelta(seconds=20)
            assert socket.connections == 1
        finally:
            socket.stop()
