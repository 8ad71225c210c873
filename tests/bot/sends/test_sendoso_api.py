from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from bot.logs import redacted
from bot.playground.sendoso import SendosoState
from bot.sends.snapshots import Rejected, Snapshot
from bot.sends.sources import sendoso_page
from bot.sends.sources.oauth import OAuthTokens
from bot.sends.sources.sendoso_api import PER_PAGE, SendosoClient, SendosoError, connect
from bot.sends.sources.sendoso_http import PER_SECOND, SendosoHttp, said
from storage import leases
from storage.engine import Database
from storage.secrets import Vault
from tests.bot.sends.standin import URL, Line, Time, client, sendoso
from tests.conftest import NOW

EXAMPLE = Path(__file__).parents[2] / "stories" / "example_page.json"
KEY = Fernet.generate_key().decode()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def waits() -> Iterator[list[float]]:
    """Retries do not wait; the seconds they would have waited are noted."""
    noted: list[float] = []

    def note(details: RetryDetails) -> None:
        noted.append(details.wait_for)

    set_on_retry_hooks([note])
    yield noted
    set_on_retry_hooks(None)


def item(**changes: object) -> dict[str, Any]:
    page: dict[str, Any] = json.loads(EXAMPLE.read_text())
    send: dict[str, Any] = page["sends"][0]
    return {name: value for name, value in {**send, **changes}.items() if value != "absent"}


def read(*sends: object, number: int = 1, **around: object) -> sendoso_page.Page:
    body = {"current_page": number, "per_page": 100, "total_count": len(sends), "sends": list(sends)} | around
    return sendoso_page.read(body, number, NOW)


def told(**changes: object) -> Snapshot:
    found = read(item(**changes)).items[0].told
    assert isinstance(found, Snapshot), found
    return found


def refusal(send: object, number: int = 1) -> Rejected:
    page = read(item(), send, number=number)
    found = page.items[1].told
    assert isinstance(found, Rejected)
    return page.explained(found)


# -- what a page says


def test_the_documented_example() -> None:
    page = sendoso_page.read(json.loads(EXAMPLE.read_text()), 1, NOW)
    egift, gift = (one.told for one in page.items)
    assert (page.size, page.total) == (10, 892)
    assert isinstance(egift, Snapshot)
    assert isinstance(gift, Snapshot)
    assert egift.send_gid == "Z2lkOi8vc2VuZG9zby9TZW5kLzQ0"
    assert (egift.sendoso_id, egift.type, egift.subtype) == (1, "eGifts USA", "eGift Cards USA")
    assert (egift.cost_minor, egift.currency, egift.campaign_id, egift.campaign) == (200, "USD", 12, "eGift Cards USA")
    assert (egift.recipient_name, egift.recipient_email, egift.recipient_company) == (
        "John Doe", "johndoe@acme.com", "Acme",
    )
    assert (egift.sender_name, egift.team_id, egift.team) == ("Marc Fernandez", 123, "Marketing Ops")
    assert [update.status_raw for update in egift.updates] == ["Sent", "Opened", "Clicked", "Expired"]
    assert egift.updates[-1].occurred_at == datetime(2022, 12, 11, 8, 0, 2, tzinfo=UTC)
    assert (gift.status_raw, gift.sent_via) == ("Address Confirmation - Cancelled", "Salesforce Trigger")
    assert (gift.source, gift.line, gift.observed_at) == ("api", 2, NOW)


@pytest.mark.parametrize("name", ["touch", "recipient", "sender", "status_updates", "created_at", "subtype", "id"])
@pytest.mark.parametrize("value", [None, "absent"])
def test_what_is_not_said_is_left_open(name: str, value: object) -> None:
    assert told(**{name: value}).send_gid


@pytest.mark.parametrize("name", ["touch", "recipient", "sender", "type", "sent_via", "id", "current_total_cost"])
@pytest.mark.parametrize("value", [[], {}, 3.5, True, "words", 10**30, {"id": "x", "name": 4, "email": []}])
def test_odd_details_do_not_cost_the_send(name: str, value: object) -> None:
    assert told(**{name: value}).status_raw == "Expired"


@pytest.mark.parametrize(("currency", "code"), [
    ("USD", "USD"), (" eur ", "eur"), ("", None), ("US dollars", None), ("jane@acme.example", None), (7, None),
])
def test_what_is_no_code_is_no_currency(currency: object, code: str | None) -> None:
    assert told(currency=currency).currency == code


@pytest.mark.parametrize(("cost", "currency", "minor"), [
    ("2.0", "USD", 200), ("2.005", "USD", 201), ("-1.5", "EUR", -150), ("500.0", "JPY", 500), ("1.2345", "kwd", 1235),
    (2.5, "USD", 250), (7, "USD", 700), ("NaN", "USD", None), ("1e9", "USD", None), ("", "USD", None),
    ("9" * 13, "USD", None), (None, "USD", None), (True, "USD", None), ("3", None, 300), ("\uff11", "USD", None),
])
def test_costs_are_whole_smallest_units(cost: object, currency: object, minor: int | None) -> None:
    assert told(current_total_cost=cost, currency=currency).cost_minor == minor


@pytest.mark.parametrize(("send", "reason"), [
    (None, "a send was expected, not missing"),
    ([], "a send was expected, not a list"),
    (7, "a send was expected, not a number"),
    (item(send_gid=None), "send_gid is missing"),
    (item(send_gid="  "), "send_gid is missing"),
    (item(send_gid=44), "send_gid is a number, not a text"),
    (item(status=None, status_updates=[]), "status is missing"),
    (item(status={"name": "Sent"}), "status is an object, not a text"),
    (item(created_at="yesterday"), "created_at is not a time: 'yesterday'"),
    (item(created_at=1663009707), "created_at is a number, not a time"),
    (item(created_at="2022-09-12T12:08:27"), "created_at has no time zone: '2022-09-12T12:08:27'"),
    (item(status_updates="Sent"), "status_updates is a text, not a list"),
    (item(status_updates=["Sent"]), "status update 1 is a text"),
    (item(status_updates=[None, {"status": 4, "occurred_at": "x"}]),
     "the status of status update 2 is a number, not a text"),
    (item(status_updates=[{"status": "Sent", "occurred_at": "soon"}]),
     "occurred_at of status update 1 is not a time: 'soon'"),
])
def test_a_send_without_the_essentials_is_refused_with_its_place(send: object, reason: str) -> None:
    assert refusal(send, number=3) == Rejected(line=202, reason=f"page 3, item 2: {reason}")


def test_blank_updates_are_passed_over() -> None:
    blank = [None, {"status": None, "occurred_at": "2022-09-12T12:08:27-07:00"}, {"status": "Sent"}]
    assert told(status_updates=blank).updates == ()
    only = told(status=None, status_updates=[{"status": "Sent", "occurred_at": "2022-09-12T12:08:27Z"}])
    assert (only.status_raw, len(only.updates)) == (None, 1)


@pytest.mark.parametrize("body", [None, [], "x", {}, {"sends": None}, {"sends": {"a": 1}}, {"success": False}])
def test_json_that_is_no_page_is_an_error(body: object) -> None:
    with pytest.raises(SendosoError, match="page 4 holds no list of sends"):
        sendoso_page.read(body, 4, NOW)


def test_odd_counts_are_not_believed() -> None:
    assert read(item(), per_page="many", total_count="lots").total is None
    assert read(item(), per_page=None, total_count=-1).total is None
    assert read(item(), per_page=True).size == PER_PAGE
    assert read(item(), item(), per_page=1).size == 2
    assert read(per_page=0).size == 1
    assert read(per_page=5_000).size == PER_PAGE


def test_an_unreadable_send_is_the_same_one_wherever_it_turns_up() -> None:
    bad = item(status=None, status_updates=None)
    assert read(bad).items[0].key == bad["send_gid"]
    assert read(4, number=2).items[0].key == read(item(), 4, number=3).items[1].key


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(item())), JSON)
def test_whatever_stands_in_a_field_the_send_is_taken_or_refused(name: str, value: object) -> None:
    page = read(item() | {name: value}, item())
    assert [type(one.told) for one in page.items][1] is Snapshot


# -- asking


def test_pages_come_up_to_the_first_empty_one(sqlite: Database, time: Time) -> None:
    state = sendoso(time, 250)
    pages = list(client(state, sqlite, time).pages())
    assert [len(page.items) for page in pages] == [100, 100, 50]
    assert state.asked[0] == ("list", {"page": "1", "per_page": "100"})
    assert [page.reaches for page in pages] == [100, 200, 300]


def test_requests_keep_sendosos_pace(sqlite: Database, time: Time) -> None:
    state = sendoso(time, 1)
    reader = client(state, sqlite, time)
    began = time.monotonic()
    for _ in range(40):
        reader.page(1)
    assert time.monotonic() - began == pytest.approx(39 / PER_SECOND)
    assert all(wait <= 1 / PER_SECOND for wait in time.slept)


@pytest.mark.parametrize("kind", ["429", "500", "503", "drop", "timeout", "not_json"])
def test_passing_trouble_is_sat_out(sqlite: Database, time: Time, waits: list[float], kind: str) -> None:
    state = sendoso(time, 3)
    state.faults.add("list", kind, 5)
    assert len(client(state, sqlite, time).page(1).items) == 3
    assert len(waits) == 5


@pytest.mark.parametrize(("kind", "status", "words"), [
    ("429", 429, r"429 \(Too many requests\): too many requests\. Asked 6 times"),
    ("500", 500, r"500 \(Something went wrong\)\. Asked 6 times"),
    ("503", 503, r"answered 503\. Asked"),
    ("drop", None, r"connection to Sendoso broke \(RemoteProtocolError\)"),
    ("timeout", None, "did not answer in time"),
    ("not_json", 200, "not JSON"),
    ("wrong_shape", None, r"page 1 holds no list of sends \(No sends here\)"),
    ("403", 403, r"403 \(Not allowed\)\. The token lacks the right"),
    ("422", 422, r"422 \(Not to the liking of …\)\.$"),
    ("302", 302, "sends elsewhere; SENDOSO_API_URL"),
])
def test_lasting_trouble_ends_in_words_for_a_person(
    sqlite: Database, time: Time, waits: list[float], kind: str, status: int | None, words: str,
) -> None:
    state = sendoso(time, 3)
    state.faults.add("list", kind, None)
    with pytest.raises(SendosoError, match=words) as caught:
        client(state, sqlite, time).page(1)
    assert caught.value.status == status
    assert state.access.access_token not in str(caught.value)


def test_waits_grow(sqlite: Database, time: Time, waits: list[float]) -> None:
    state = sendoso(time, 3)
    state.faults.add("list", "429", None)
    with pytest.raises(SendosoError):
        client(state, sqlite, time, first_wait=0.001).page(1)
    assert len(waits) == 5
    assert waits[4] > 3 * waits[0]


def line(*answers: httpx2.Response) -> httpx2.MockTransport:
    queue = list(answers)
    return httpx2.MockTransport(lambda _request: queue.pop(0) if len(queue) > 1 else queue[0])


@pytest.mark.parametrize(("given", "first_wait"), [("0.01", 0.01), ("86400", 0.0), ("soon", 0.0), ("-1", 0.0)])
def test_a_sensible_retry_after_is_heeded(
    sqlite: Database, time: Time, waits: list[float], given: str, first_wait: float,
) -> None:
    busy = httpx2.Response(429, headers={"Retry-After": given})
    transport = line(busy, httpx2.Response(200, json={"sends": []}))
    reader = connect(sqlite, url=URL, access_token="t", transport=transport, sleep=time.sleep, first_wait=0.0)
    assert reader.page(1).items == ()
    assert waits == pytest.approx([first_wait])


@pytest.mark.parametrize("deep", ["[" * 200_000, "9" * 100_000, '{"sends": ["\\ud800"'])
def test_poisonous_json_is_only_not_json(sqlite: Database, deep: str) -> None:
    reader = connect(
        sqlite, url=URL, access_token="t", transport=line(httpx2.Response(200, text=deep)), attempts=1,
    )
    with pytest.raises(SendosoError, match=r"not JSON|no list"):
        reader.page(1)


def test_an_error_with_an_odd_body_is_still_told(sqlite: Database) -> None:
    for body in ("[" * 200_000, '["x"]', '{"message": 4}', ""):
        reader = connect(sqlite, url=URL, access_token="t", transport=line(httpx2.Response(404, text=body)))
        with pytest.raises(SendosoError, match=r"404\. Is SENDOSO_API_URL right\?"):
            reader.page(1)


def test_a_sendoso_that_is_not_there_is_named(sqlite: Database, waits: list[float]) -> None:
    reader = connect(sqlite, url="http://127.0.0.1:9", access_token="t", attempts=2, first_wait=0.0)
    with pytest.raises(SendosoError, match=r"Cannot reach Sendoso at http://127.0.0.1:9; is SENDOSO_API_URL"):
        reader.page(1)
    reader.close()


@pytest.mark.parametrize("url", ["https://a.example.com", "https://a.example.com/", "https://a.example.com/api/v3/"])
def test_the_address_may_be_written_in_several_ways(sqlite: Database, url: str) -> None:
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(str(request.url))
        return httpx2.Response(200, json={"sends": []})

    connect(sqlite, url=url, access_token="t", transport=httpx2.MockTransport(answer)).page(2)
    assert asked == ["https://a.example.com/api/v3/send?page=2&per_page=100"]


@pytest.mark.parametrize(("url", "token", "words"), [
    ("https://a.example.com:port", "t", "SENDOSO_API_URL is not an address"),
    (URL, "tøken", "characters that no token has"),
    (URL, "to\nken", "characters that no token has"),
])
def test_settings_that_cannot_work_are_named(sqlite: Database, url: str, token: str, words: str) -> None:
    with pytest.raises(SendosoError, match=words):
        connect(sqlite, url=url, access_token=token, transport=line(httpx2.Response(200))).page(1)


def test_a_client_needs_something_that_opens_the_api(sqlite: Database) -> None:
    with pytest.raises(ValueError, match="needs an access token"):
        connect(sqlite, url=URL, client_id="a", client_secret="b")


def test_a_fixed_token_that_is_refused_says_what_to_set(sqlite: Database, time: Time) -> None:
    state = sendoso(time, 1)
    with pytest.raises(SendosoError, match="Sendoso refuses SENDOSO_ACCESS_TOKEN") as caught:
        client(state, sqlite, time, access_token="old").page(1)
    assert caught.value.status == 401
    assert len(state.asked) == 1


@pytest.mark.parametrize(("body", "words"), [
    ({"success": False, "message": "Nope."}, " (Nope)"),
    ({"success": False, "description": "The access token is invalid", "expired": False},
     " (The access token is invalid)"),
    ({"error": "invalid_grant", "error_description": "Used up"}, " (Used up)"),
    ({"message": "x" * 900}, f" ({'x' * 200})"),
    ({"message": "tell\n  ann@example.com"}, " (tell …)"),
    ({"message": " "}, ""), ([], ""), (None, ""),
])
def test_both_error_bodies_are_read(body: object, words: str) -> None:
    assert said(body) == words


# -- OAuth


def oauth(state: SendosoState, database: Database, time: Time, **changes: object) -> SendosoClient:
    given: dict[str, object] = {
        "access_token": None, "client_id": state.access.client_id, "client_secret": state.access.client_secret,
        "refresh_token": state.access.refresh_token, "encryption_keys": [KEY],
    }
    return client(state, database, time, **{**given, **changes})


def tokens(
    state: SendosoState, database: Database, time: Time, transport: httpx2.BaseTransport | None = None,
) -> OAuthTokens:
    return OAuthTokens(
        SendosoHttp(URL, transport=transport or Line(state), sleep=time.sleep, monotonic=time.monotonic),
        database, Vault([KEY]), client_id=state.access.client_id, client_secret=state.access.client_secret,
        seed=state.access.refresh_token, clock=time, sleep=time.sleep,
    )


def calls(state: SendosoState) -> list[str]:
    return [name for name, _ in state.asked]


def test_the_first_pair_is_bought_with_the_seed_and_then_lasts(database: Database, time: Time) -> None:
    state = sendoso(time, 1)
    oauth(state, database, time).page(1)
    oauth(state, database, time).page(1)
    assert calls(state) == ["token", "list", "list"]


def test_pairs_follow_one_another(database: Database, time: Time) -> None:
    state = sendoso(time, 1)
    reader = oauth(state, database, time)
    for _ in range(4):
        reader.page(1)
        time.now += timedelta(hours=2)
    assert calls(state) == ["token", "list"] * 4
    assert state.access.spent_again == 0


def test_a_token_refused_before_its_time_is_renewed_once(database: Database, time: Time) -> None:
    state = sendoso(time, 1)
    reader = oauth(state, database, time)
    reader.page(1)
    state.access.revoke()
    state.faults.add("list", "401")
    assert len(reader.page(1).items) == 1
    assert state.access.refreshes == 2


def test_a_new_token_that_is_refused_too_is_an_error(sqlite: Database, time: Time) -> None:
    state = sendoso(time, 1)
    state.faults.add("list", "401", None)
    with pytest.raises(SendosoError, match="only just given") as caught:
        oauth(state, sqlite, time).page(1)
    assert caught.value.status == 401
    assert calls(state) == ["token", "list", "token", "list"]


def test_other_trouble_after_a_renewal_is_told_as_it_is(sqlite: Database, time: Time) -> None:
    state = sendoso(time, 1)
    state.faults.add("list", "401")
    state.faults.add("list", "403")
    with pytest.raises(SendosoError, match="lacks the right") as caught:
        oauth(state, sqlite, time).page(1)
    assert caught.value.status == 403


def test_another_process_has_renewed_meanwhile(database: Database, time: Time) -> None:
    state = sendoso(time, 1)
    one, other = tokens(state, database, time), tokens(state, database, time)
    stale = one.token()
    state.access.revoke()
    # Both hold the same refused token; the second must take what the first bought.
    fresh = one.renew(stale)
    assert other.renew(stale) == fresh != stale
    assert (state.access.refreshes, state.access.spent_again) == (2, 0)


def test_a_process_waits_while_another_renews(database: Database, time: Time) -> None:
    state = sendoso(time, 1)
    with database.write() as session:
        leases.take(session, "sendoso-token", "another", time(), timedelta(seconds=30))
    oauth(state, database, time).page(1)
    assert sum(time.slept) >= 30


def test_and_gives_up_after_minutes(sqlite: Database, time: Time) -> None:
    state = sendoso(time, 1)
    with sqlite.write() as session:
        leases.take(session, "sendoso-token", "another", time(), timedelta(minutes=5))
    with pytest.raises(SendosoError, match="renewing Sendoso's token for minutes"):
        oauth(state, sqlite, time).page(1)
    assert calls(state) == []


def test_a_refresh_that_was_not_answered_is_asked_again(sqlite: Database, time: Time, waits: list[float]) -> None:
    state = sendoso(time, 1)
    for kind in ("500", "timeout", "429"):
        state.faults.add("token", kind)
    assert len(oauth(state, sqlite, time).page(1).items) == 1
    assert state.access.spent_again == 0


def test_a_pair_lost_on_its_way_asks_for_a_new_authorisation(
    sqlite: Database, time: Time, waits: list[float],
) -> None:
    state = sendoso(time, 1)
    state.faults.add("token", "drop_after")
    reader = oauth(state, sqlite, time)
    with pytest.raises(SendosoError, match=r"The refresh token is not valid.*Authorise Sendwatch") as caught:
        reader.page(1)
    assert state.access.refresh_token not in str(caught.value)
    # Nothing in it is taken for a secret: the log says who answered.
    assert redacted(str(caught.value)) == str(caught.value)
    assert len(oauth(state, sqlite, time, refresh_token=state.access.authorise()).page(1).items) == 1


def test_a_wrong_client_secret_is_named(sqlite: Database, time: Time) -> None:
    with pytest.raises(SendosoError, match="SENDOSO_CLIENT_SECRET right"):
        oauth(sendoso(time, 1), sqlite, time, client_secret="wrong").page(1)


def test_sendoso_being_down_is_no_reason_to_authorise(sqlite: Database, time: Time, waits: list[float]) -> None:
    state = sendoso(time, 1)
    state.faults.add("token", "503", None)
    with pytest.raises(SendosoError, match="answered 503") as caught:
        oauth(state, sqlite, time).page(1)
    assert "Authorise" not in str(caught.value)


def test_the_stored_pair_wins_until_the_seed_changes(database: Database, time: Time) -> None:
    state = sendoso(time, 1)
    seed = state.access.refresh_token
    oauth(state, database, time).page(1)
    time.now += timedelta(hours=3)
    oauth(state, database, time, refresh_token=seed).page(1)
    assert state.access.spent_again == 0
    oauth(state, database, time, refresh_token=state.access.authorise()).page(1)
    assert (state.access.refreshes, state.access.spent_again) == (3, 0)


def test_a_lost_encryption_key_is_named(sqlite: Database, time: Time) -> None:
    state = sendoso(time, 1)
    oauth(state, sqlite, time).page(1)
    other = [Fernet.generate_key().decode()]
    with pytest.raises(SendosoError, match="Put the former key behind the new one"):
        oauth(state, sqlite, time, encryption_keys=other).page(1)
    assert len(oauth(state, sqlite, time, encryption_keys=[*other, KEY]).page(1).items) == 1


@pytest.mark.parametrize("reply", [{}, [], {"access_token": 4}, {"access_token": ""}])
def test_a_reply_without_a_token_is_an_error(sqlite: Database, reply: object) -> None:
    reader = connect(
        sqlite, url=URL, client_id="a", client_secret="b", refresh_token="c", encryption_keys=[KEY],
        transport=line(httpx2.Response(200, json=reply)),
    )
    with pytest.raises(SendosoError, match="without an access_token"):
        reader.page(1)


@pytest.mark.parametrize("life", [None, "7200", -1, math.inf, 10**40])
def test_a_life_that_makes_no_sense_is_taken_as_documented(sqlite: Database, time: Time, life: object) -> None:
    text = json.dumps({"access_token": "a", "expires_in": life})
    reader = connect(
        sqlite, url=URL, client_id="a", client_secret="b", refresh_token="c", encryption_keys=[KEY], clock=time,
        transport=line(httpx2.Response(200, text=text), httpx2.Response(200, json={"sends": []})),
    )
    assert reader.page(1).items == ()


def test_a_zombies_pair_gives_way_to_the_newer_one(sqlite: Database, time: Time) -> None:
    state = sendoso(time, 1)
    other = tokens(state, sqlite, time)

    def overslept(_request: httpx2.Request) -> httpx2.Response:
        # While the first still waits for its answer, its lease runs out and another buys and stores a pair.
        time.now += timedelta(minutes=10)
        other.token()
        return httpx2.Response(200, json={"access_token": "too-late", "refresh_token": "never-kept"})

    token = tokens(state, sqlite, time, httpx2.MockTransport(overslept)).token()
    assert token == other.token() != "too-late"
