"""Faults by chance: the same for the same seed, counted, and until it is enough."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground.faults import Faults
from bot.playground.server import Playground
from tests.bot.playground.trivial import TrivialApp

POST = "chat.postMessage"


def struck(faults: Faults, method: str = POST, calls: int = 2_000) -> Counter[str]:
    return Counter(fault.kind.value for _ in range(calls) for fault in faults.take(method))


def test_a_storm_strikes_by_chance_and_always_alike() -> None:
    faults, again = Faults(), Faults()
    chances = {"429": 0.05, "drop_after": 0.1, "delay": 0.2}
    faults.storm(7, chances)
    again.storm(7, chances)
    found = struck(faults)
    assert found == struck(again)
    for kind, chance in chances.items():
        assert found[kind] / 2_000 == pytest.approx(chance, abs=0.03)
    assert faults.counts == {(POST, kind): number for kind, number in found.items()}
    faults.clear()
    assert not struck(faults)
    assert faults.counts[POST, "429"] == found["429"]


def test_each_call_has_at_most_one_fault_beside_delays() -> None:
    faults = Faults()
    faults.storm(1, {"delay": 1, "500": 1})
    faults.storm(2, {"drop": 1})
    faults.add(POST, "timeout")
    assert [fault.kind for fault in faults.take(POST)] == ["delay", "timeout"]
    assert [fault.kind for fault in faults.take(POST)] == ["delay", "500"]


def test_where_a_storm_rages() -> None:
    faults = Faults()
    faults.storm(1, {"500": 1, "cut": 1})
    for method, kinds in {"auth.test": ["500"], "upload": ["500"], "response_url": [], "socket": ["cut"]}.items():
        assert [fault.kind for fault in faults.take(method)] == kinds
    faults.clear()
    faults.storm(1, {"500": 1}, methods=["response_url", POST])
    assert [len(faults.take(method)) for method in ("auth.test", "upload", "response_url", POST)] == [0, 0, 1, 1]


def test_how_long_what_a_storm_does_lasts() -> None:
    faults = Faults()
    faults.storm(1, {"timeout": 1, "delay": 1}, seconds=0.25)
    assert [fault.seconds for fault in faults.take(POST)] == [0.25, 60]
    faults.clear()
    faults.storm(1, {"timeout_after": 1, "delay": 1}, seconds={"timeout_after": 5})
    assert [fault.seconds for fault in faults.take(POST)] == [1, 5]


@pytest.mark.parametrize("chances", [{"500": 0.6, "drop": 0.5}, {"500": -0.1}, {"delay": 2}, {"fire": 0.1}])
def test_storms_that_cannot_be(chances: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"chances|fire"):
        Faults().storm(1, chances)


def test_a_storm_over_many_threads_counts_every_strike() -> None:
    faults = Faults()
    faults.storm(3, {"500": 0.5})
    found: list[Counter[str]] = []
    threads = [threading.Thread(target=lambda: found.append(struck(faults, calls=500))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(each["500"] for each in found) == faults.counts[POST, "500"]


def test_an_app_in_a_storm(playground: Playground, web: WebClient) -> None:
    playground.faults.storm(5, {"429": 0.5}, seconds=0.05)
    waits = set()
    for _ in range(20):
        try:
            web.auth_test()
        except SlackApiError as error:
            waits.add(error.response.headers["Retry-After"])
    assert waits == {"0.05"}
    assert 0 < playground.faults.counts["auth.test", "429"] < 20


def test_payloads_in_a_storm(playground: Playground, app: TrivialApp) -> None:
    playground.faults.storm(5, {"duplicate": 1})
    playground.person("ann").command("/send-status silent")
    app.body("command", 2)
    assert playground.faults.counts == {("socket", "duplicate"): 1}
