from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from starlette.applications import Starlette

from bot.playground.sendoso import SendosoState, answers, routes
from bot.playground.sendoso.access import PER_SECOND
from bot.playground.sendoso.faults import WORDS, FaultKind
from bot.playground.sendoso.send_json import amount, gid_of
from bot.playground.sendoso.vocabulary import API, EVENTS, UI
from bot.sends.money import minor_units
from bot.sends.snapshots import Snapshot, StatusUpdate
from bot.sends.sources.sendoso_api import SendosoError, connect
from bot.sends.sources.sendoso_webhook import verify
from bot.statuses.catalogue import Status
from bot.statuses.spelling import canonical
from storage.engine import Database
from tests.bot.sends.standin import Time, gift, sendoso
from tests.conftest import NOW

EXAMPLE = json.loads((Path(__file__).parents[2] / "stories" / "example_page.json").read_text())


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def served(clock: Time) -> Iterator[tuple[SendosoState, str]]:
    """The small Sendoso behind a real server, under a prefix."""
    state = SendosoState(clock)
    app = Starlette(routes=list(routes(state, prefix="/sendoso")))
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    sockets = [config.bind_socket()]
    thread = threading.Thread(target=server.run, args=(sockets,))
    thread.start()
    while not server.started:
        time.sleep(0.005)
    yield state, f"http://127.0.0.1:{sockets[0].getsockname()[1]}/sendoso"
    server.should_exit = True
    thread.join()
    state.close()


# -- its shape


def test_a_page_has_exactly_the_documented_shape(clock: Time) -> None:
    state = sendoso(clock, 3)
    page = state.listed(1, 2)
    assert set(page) == set(EXAMPLE)
    assert (page["current_page"], page["per_page"], page["total_count"], len(page["sends"])) == (1, 2, 3, 2)
    shown, documented = page["sends"][0], EXAMPLE["sends"][0]
    assert _types(shown) == _types(documented)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-0[78]:00", shown["created_at"])
    assert not shown["send_gid"].endswith("=")


def _types(value: object) -> object:
    if isinstance(value, dict):
        return {name: _types(inner) for name, inner in value.items()}
    return [_types(value[0])] if isinstance(value, list) else type(value)


def test_the_documented_gids_are_built_the_same_way() -> None:
    assert [gid_of(44), gid_of(1)] == [send["send_gid"] for send in EXAMPLE["sends"]]


def test_the_example_goes_through_unchanged(clock: Time) -> None:
    state = SendosoState(clock, vocabulary="verbatim")
    assert state.load(EXAMPLE) == [send["send_gid"] for send in EXAMPLE["sends"]]
    assert state.listed(1, 10)["sends"] == EXAMPLE["sends"]


def test_it_spells_as_the_documentation_or_as_the_send_tracker(clock: Time) -> None:
    for vocabulary, word in (("api", "Processing"), ("ui", "Order Received")):
        state = SendosoState(clock, vocabulary=vocabulary)  # type: ignore[arg-type]
        gid = state.add(gift(1))
        state.move(gid, "send.order_received")
        send = state.listed(1, 10)["sends"][0]
        assert (send["status"], send["status_updates"][-1]["status"]) == (word, word)


def test_every_status_is_named_and_every_name_is_understood() -> None:
    known = {str(status) for status in Status} - {"unknown"}
    assert set(UI) == set(API) == set(EVENTS) == known
    for names in (UI, API, EVENTS):
        for status, name in names.items():
            assert canonical(name) == status, name


def test_a_status_nobody_named_stays_as_it_is(clock: Time) -> None:
    state = sendoso(clock, 1)
    state.move(state.gids()[0], "Quality Hold!")
    assert state.listed(1, 1)["sends"][0]["status"] == "Quality Hold!"


@pytest.mark.parametrize(("minor", "currency", "text"), [
    (200, "USD", "2.0"), (0, "USD", "0.0"), (12345, "USD", "123.45"), (500, "JPY", "500.0"), (1234, "KWD", "1.234"),
    (100_000, "USD", "1000.0"), (-150, "EUR", "-1.5"),
])
def test_amounts_are_decimal_texts(minor: int, currency: str, text: str) -> None:
    assert amount(minor, currency) == text
    assert minor_units(text, currency) == minor


def test_a_snapshot_that_says_little_still_makes_a_send(clock: Time) -> None:
    state = SendosoState(clock)
    state.add(Snapshot(source="sample", observed_at=NOW))
    state.add(Snapshot(source="sample", observed_at=NOW, updates=(StatusUpdate(status_raw="Sent", occurred_at=NOW),)))
    newest, oldest = state.listed(1, 10)["sends"]
    assert (oldest["status"], oldest["status_updates"]) == ("pending", [])
    assert (newest["status"], newest["created_at"]) == ("Sent", "2026-11-23T07:00:00-08:00")


# -- its life


def test_sends_move_in_the_order_of_time(clock: Time) -> None:
    state = sendoso(clock, 1)
    (gid,) = state.gids()
    state.move(gid, "Clicked")
    state.move(gid, "opened", NOW - timedelta(hours=1))
    send = state.listed(1, 1)["sends"][0]
    assert [update["status"] for update in send["status_updates"]] == ["Sent", "Opened", "Clicked"]
    assert send["status"] == "Clicked"
    with pytest.raises(LookupError):
        state.move("nobody", "Sent")


def test_sends_come_in_the_wanted_order_and_go(clock: Time) -> None:
    newest, oldest = sendoso(clock, 5), sendoso(clock, 5, order="oldest")
    assert newest.gids() == oldest.gids()[::-1]
    shuffled = sendoso(clock, 50, order="shuffled")
    assert shuffled.gids() != shuffled.gids()
    newest.remove(newest.gids()[0])
    assert len(newest.gids()) == 4


def test_the_page_finds_sends_by_words(clock: Time) -> None:
    state = sendoso(clock, 80)
    assert len(state.find()) == 50
    (found,) = state.find("PERSON 17 sent")
    assert found == {
        "send_gid": found["send_gid"], "type": "eGifts USA", "recipient": "Person 17", "campaign": "", "status": "Sent",
    }
    state.add_json(state.listed(1, 1)["sends"][0] | {"send_gid": "bare", "recipient": None, "touch": None})
    assert state.find("bare")[0]["recipient"] == ""
    assert "Order Received" in state.statuses()


# -- how it answers


def asked(state: SendosoState, token: str | None = None, **query: str) -> answers.Answer:
    return answers.list_sends(state, query, {"authorization": f"Bearer {token or state.access.access_token}"})


@pytest.mark.parametrize(("query", "page", "per_page"), [
    ({}, 1, 10), ({"page": "2", "per_page": "3"}, 2, 3), ({"per_page": "500"}, 1, 100),
    ({"page": "0", "per_page": "-1"}, 1, 10), ({"page": "x", "per_page": "9" * 5000}, 1, 10),
])
def test_pages_are_asked_for_by_number(clock: Time, query: dict[str, str], page: int, per_page: int) -> None:
    told = json.loads(asked(sendoso(clock, 1), **query).body)
    assert (told["current_page"], told["per_page"]) == (page, per_page)


def test_only_a_good_token_opens(clock: Time) -> None:
    state = sendoso(clock, 1)
    for headers in ({}, {"authorization": "Basic abc"}, {"authorization": "Bearer no"}):
        answer = answers.list_sends(state, {}, headers)
        assert answer.status == 401
        assert json.loads(answer.body) == {
            "success": False, "description": "The access token is invalid", "expired": False,
        }


def test_more_than_ten_calls_a_second_are_too_many(clock: Time) -> None:
    state = sendoso(clock, 1)
    assert [asked(state).status for _ in range(PER_SECOND + 2)] == [200] * PER_SECOND + [429, 429]
    clock.sleep(1)
    assert asked(state).status == 200


def refreshed(state: SendosoState, token: str, **changes: str) -> tuple[int, dict[str, Any]]:
    form = {
        "grant_type": "refresh_token", "refresh_token": token, "client_id": state.access.client_id,
        "client_secret": state.access.client_secret,
    } | changes
    answer = answers.token(state, str(httpx2.QueryParams(form)).encode())
    return answer.status, json.loads(answer.body)


def test_a_refresh_token_works_once(clock: Time) -> None:
    state = sendoso(clock, 1)
    status, pair = refreshed(state, state.access.refresh_token)
    assert status == 200
    assert (pair["token_type"], pair["expires_in"], pair["created_at"]) == ("bearer", 7200, int(NOW.timestamp()))
    assert asked(state, pair["access_token"]).status == 200
    assert refreshed(state, state.access.refresh_token)[0] == 400
    assert (state.access.refreshes, state.access.spent_again) == (1, 1)
    assert refreshed(state, pair["refresh_token"])[0] == 200
    clock.now += timedelta(hours=2)
    assert asked(state, pair["access_token"]).status == 401


@pytest.mark.parametrize(("changes", "error"), [
    ({"client_secret": "no"}, "invalid_client"), ({"grant_type": "password"}, "unsupported_grant_type"),
    ({"refresh_token": "no"}, "invalid_grant"),
])
def test_oauth_says_what_is_wrong(clock: Time, changes: dict[str, str], error: str) -> None:
    state = sendoso(clock, 1)
    assert refreshed(state, state.access.refresh_token, **changes)[1]["error"] == error


@pytest.mark.parametrize("kind", list(FaultKind))
def test_every_fault_happens_as_often_as_wished_and_has_words(clock: Time, kind: FaultKind) -> None:
    state = sendoso(clock, 1)
    good = asked(state)
    state.faults.add("*", kind)
    assert asked(state) != good
    assert asked(state) == good
    state.faults.add("list", kind, None)
    assert asked(state) != good
    assert asked(state) != good
    state.faults.clear()
    assert asked(state) == good
    assert WORDS[kind]


def test_faults_of_one_method_leave_the_other_alone(clock: Time) -> None:
    state = sendoso(clock, 1)
    state.faults.add("token", "drop_after")
    assert asked(state).status == 200
    with pytest.raises(ValueError, match="earthquake"):
        state.faults.add("list", "earthquake")


# -- over a real connection


def test_a_client_syncs_over_http_and_survives_dropped_and_silent_connections(
    served: tuple[SendosoState, str], sqlite: Database,
) -> None:
    state, url = served
    state.add(gift(1))
    for kind in ("drop", "500"):
        state.faults.add("list", kind)
    client = connect(
        sqlite, url=url, access_token=state.access.access_token, first_wait=0.0,
    )
    assert len(client.page(1).items) == 1
    assert len(state.asked) == 3
    state.faults.add("list", "timeout", seconds=0.01)
    assert len(client.page(1).items) == 1
    state.faults.add("list", "302")
    with pytest.raises(SendosoError, match="sends elsewhere"):
        client.page(1)
    client.close()


def test_tokens_are_had_over_http(served: tuple[SendosoState, str]) -> None:
    state, url = served
    form = {
        "grant_type": "refresh_token", "refresh_token": state.access.refresh_token,
        "client_id": state.access.client_id, "client_secret": state.access.client_secret,
    }
    assert httpx2.post(f"{url}/oauth/token", data=form).json()["scope"] == "public"


# -- its webhooks


def test_a_move_is_told_to_the_address_of_its_event(clock: Time) -> None:
    state = sendoso(clock, 1)
    told: list[tuple[str, Mapping[str, str], bytes]] = []

    def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
        told.append((url, headers, body))
        return 204

    assert state.move(state.gids()[0], "Opened") is None
    state.webhooks.url, state.webhooks.post = "http://bot/sendoso/webhooks/", post
    for status in ("Invalid Email Format", "Quality Hold!"):
        answered = state.move(state.gids()[0], status)
        assert answered is not None
        assert answered.result(5) == 204
    state.webhooks.per_event = False
    last = state.move(state.gids()[0], "Opened", NOW)
    assert last is not None
    last.result(5)
    assert [url for url, _, _ in told] == [
        "http://bot/sendoso/webhooks/send.invalid_email_format",
        "http://bot/sendoso/webhooks/send.quality_hold",
        "http://bot/sendoso/webhooks/",
    ]
    _, headers, body = told[2]
    assert set(json.loads(body)) == {"send_gid", "status_changed_at"}
    assert verify(headers, body, [state.webhooks.secret], NOW).status_changed_at == NOW
    state.close()


def test_webhooks_really_travel(clock: Time) -> None:
    class Bot(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Bot)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    state = sendoso(clock, 1)
    state.webhooks.url = f"http://127.0.0.1:{server.server_port}/sendoso/webhooks"
    heard = state.move(state.gids()[0], "Opened")
    assert heard is not None
    assert heard.result(10) == 204
    thread.join()
    server.server_close()
    unheard = state.move(state.gids()[0], "Clicked", datetime(2026, 11, 23, tzinfo=UTC))
    assert unheard is not None
    assert unheard.result(10) == 0
    state.close()
