"""Whatever Sendoso's API may answer: a sync takes in what makes sense, tells of the rest, and comes to its end."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import httpx2
import pytest
import structlog
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import delete, select

from bot.sends import sync
from bot.sends.sources import sendoso_http
from bot.sends.sources.sendoso_api import SendosoError, connect
from bot.sends.sync import SyncReport
from storage.engine import Database
from storage.models import Send, SyncCursor
from tests.bot.sends.standin import URL, Time
from tests.hostile import hostile

Answer = Callable[[httpx2.Request], httpx2.Response]
MOST_ASKED = 60
"""Requests within which a walk through these few pages must have ended."""

SEND: dict[str, Any] = {
    "send_gid": "Z2lkOi8vc2VuZG9zby9TZW5kLzQ0", "id": 44, "status": "Shipped", "type": "Inventoried Sends",
    "subtype": "Custom", "created_at": "2026-11-20T10:00:00-08:00", "current_total_cost": "12.50", "currency": "USD",
    "sent_via": "Web", "touch": {"id": 3, "name": "Door opener"},
    "status_updates": [{"status": "Shipped", "occurred_at": "2026-11-21T10:00:00-08:00"}],
    "recipient": {"name": "Jane Doe", "email": "jane@acme.com", "company_name": "Acme"},
    "sender": {"name": "Ann Lopez", "email": "ann@example.com", "team_id": 7, "team_name": "West"},
}
odd_times = st.sampled_from([
    "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z", "",
    "soon",
    "2026-11-21T10:00:00+23:59", "2026-11-21T10:00:00-23:59:59.999999", "2026-11-21T10:00:00+24:00", "2026-W48-6",
    "2026-11-21", "20261121T100000Z", "2026-11-21T24:00:00Z", "2026-06-31T10:00:00Z", "2026-11-21T10:00:60Z", "\x00",
    "2026-11-21T10:00:00.123456789Z", "١٩٩٩-01-01T00:00:00Z", "2026-11-21 10:00:00 UTC", "1969-12-31T23:59:59Z",
])
odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | odd_times
    | st.sampled_from([2**63, -(2**63), 10**400, 1e308, -0.0, "\ud800", "<!channel>", "x" * 5_000, "=1+1", "\u202e",
    "İ"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from([*SEND, "name", "email", "occurred_at", "team_id"]), inner, max_size=4),
    max_leaves=8,
)
broken_send = st.one_of(
    odd,
    st.dictionaries(st.sampled_from(sorted(SEND)), odd, max_size=4).map(lambda changes: SEND | changes),
    st.dictionaries(st.sampled_from(["name", "email", "company_name", "team_id", "id"]), odd, max_size=3).map(
        lambda part: SEND | {"recipient": part, "sender": part, "touch": part},
    ),
    st.lists(st.fixed_dictionaries({"status": odd, "occurred_at": odd_times | odd}) | odd, max_size=4).map(
        lambda updates: SEND | {"status_updates": updates},
    ),
    st.sampled_from(sorted(SEND)).map(lambda name: {key: value for key, value in SEND.items() if key != name}),
    st.text(max_size=9).map(lambda gid: SEND | {"send_gid": gid}),
)
counts = st.none() | st.integers(-3, 500) | st.sampled_from([2**70, "250", 1.5, True, float("nan"), [], 10**300])


def numbered(number: object) -> dict[str, Any]:
    return SEND | {"send_gid": f"gid-{number}", "id": None}


@pytest.fixture
def synced(sqlite: Database) -> Callable[..., tuple[SyncReport | None, str]]:
    """Walks through what `answer` answers: gives the report or the words of the error, and checks how it went."""

    time = Time()

    def ran(answer: Answer, most: int = MOST_ASKED, *, afresh: bool = True) -> tuple[SyncReport | None, str]:
        asked = 0
        if afresh:
            with sqlite.write() as session:
                session.execute(delete(SyncCursor))

        def counted(request: httpx2.Request) -> httpx2.Response:
            nonlocal asked
            asked += 1
            assert asked <= most, "it goes on and on"
            return answer(request)

        reader = connect(
            sqlite, url=URL, access_token="t", transport=httpx2.MockTransport(counted), attempts=2, first_wait=0.0,
            clock=time, sleep=time.sleep, monotonic=time.monotonic,
        )
        report, words = None, ""
        with structlog.testing.capture_logs() as logged, closing(reader):
            try:
                report = sync.run(sqlite, reader, clock=time)
            except SendosoError as error:
                words = str(error)
        assert not [one for one in logged if one.get("exc_info") or one["event"] == "send_not_stored"]
        if report is None:
            assert words.endswith((".", "?"))
            assert [one["reason"] for one in logged if one["event"] == "sync_stopped"] == [words]
        else:
            assert report.read == report.new + report.changed + report.unchanged + len(report.rejected)
            assert all(one.reason.startswith("page ") for one in report.rejected)
        return report, words

    return ran


def stored(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.scalars(select(Send.send_gid)))


def page_of(request: httpx2.Request) -> int:
    return int(request.url.params["page"])


def said(body: object, status: int = 200) -> httpx2.Response:
    return httpx2.Response(status, content=json.dumps(body).encode())


@hostile(60)
@given(sends=st.lists(broken_send, min_size=1, max_size=4), total=counts, size=counts, place=st.integers(0, 4))
@example(sends=[SEND | {"send_gid": "\ud800"}], total=None, size=None, place=0)
def test_broken_sends_cost_no_other(
    synced: Callable[..., tuple[SyncReport | None, str]], sqlite: Database, sends: list[object], total: object,
    size: object, place: int,
) -> None:
    good = numbered("good")
    shown = [*sends[:place], good, *sends[place:]]

    def answer(request: httpx2.Request) -> httpx2.Response:
        on_page = shown if page_of(request) == 1 else []
        return said({"success": True, "sends": on_page, "total_count": total, "per_page": size, "page": 1})

    report, words = synced(answer)
    assert report is not None, words
    assert 1 <= report.read <= len(shown)
    assert "gid-good" in stored(sqlite)


@hostile(60)
@given(bodies=st.lists(odd | st.fixed_dictionaries({"sends": st.lists(broken_send, max_size=3)}), max_size=4))
def test_pages_of_any_json(synced: Callable[..., tuple[SyncReport | None, str]], bodies: list[object]) -> None:
    synced(lambda request: said(bodies[(page_of(request) - 1) % len(bodies)] if bodies else {}))


@hostile(25)
@given(
    pages=st.lists(st.lists(st.integers(0, 40), max_size=6), min_size=1, max_size=5),
    totals=st.lists(counts, max_size=5), size=counts,
)
def test_pages_that_go_round_in_circles_and_counts_that_lie(
    synced: Callable[..., tuple[SyncReport | None, str]], sqlite: Database, pages: list[list[int]],
    totals: list[object], size: object,
) -> None:
    asked = 0

    def answer(request: httpx2.Request) -> httpx2.Response:
        nonlocal asked
        asked += 1
        return said({
            "sends": [numbered(one) for one in pages[(page_of(request) - 1) % len(pages)]],
            "total_count": totals[asked % len(totals)] if totals else None, "per_page": size,
        })

    report, words = synced(answer, most=400)
    assert report is not None, words
    assert {f"gid-{one}" for one in pages[0]} <= stored(sqlite)


@pytest.mark.parametrize("total", [None, 7])
def test_a_list_without_an_end_is_given_up(
    synced: Callable[..., tuple[SyncReport | None, str]], monkeypatch: pytest.MonkeyPatch, total: int | None,
) -> None:
    monkeypatch.setattr("bot.sends.walk.MOST_PAGES", 30)
    monkeypatch.setattr("bot.sends.walk.SPARE_PAGES", 5)
    started: list[int] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        started.append(page_of(request))
        return said({"sends": [numbered(f"{len(started)}-{one}") for one in range(3)], "total_count": total,
        "per_page": 3})

    for times in (1, 2):
        _, words = synced(answer, afresh=False)
        assert "does not end" in words
        assert started.count(1) == times


@hostile(60)
@given(
    status=st.sampled_from([*range(200, 209), *range(300, 309), *range(400, 432), 451, *range(500, 512), 599, 999]),
    body=st.binary(max_size=30) | odd.map(lambda body: json.dumps(body).encode())
    | st.sampled_from([b"<html><h1>502</h1>", b'{"sends": [', b"\xff\xfe{", b"[" * 3_000]),
    headers=st.dictionaries(
        st.sampled_from(["Retry-After", "Location", "Content-Type", "Content-Encoding", "X-Odd"]),
        st.sampled_from(["0", "-1", "1e9", "Wed, 21 Oct 2015 07:28:00 GMT", "http://169.254.169.254/", "gzip", "?"]),
    ),
)
def test_any_status_with_any_body_and_headers(
    synced: Callable[..., tuple[SyncReport | None, str]], status: int, body: bytes, headers: dict[str, str],
) -> None:
    def answer(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(status, headers=headers, stream=httpx2.ByteStream(body))

    report, words = synced(answer)
    if status >= 300:
        assert report is None
        assert "Sendoso" in words


@pytest.mark.parametrize("depth", range(700, 1_000, 6))
def test_deep_json_is_rejected_at_any_depth(
    synced: Callable[..., tuple[SyncReport | None, str]], depth: int,
) -> None:
    deep = f'{{"send_gid": 5, "x": {"[" * depth}{"]" * depth}}}'
    body = f'{{"sends": [{deep}, {json.dumps(numbered(1))}]}}'.encode()
    report, words = synced(lambda _: httpx2.Response(200, content=body))
    assert "not JSON" in words or (report is not None and report.read == 2)


@pytest.mark.parametrize("body", ["<html>", "[]"])
def test_a_page_that_cannot_be_read_is_named(synced: Callable[..., tuple[SyncReport | None, str]], body: str) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if page_of(request) == 1:
            return said({"sends": [numbered(1)], "total_count": 9, "per_page": 1})
        return httpx2.Response(200, text=body)

    _, words = synced(answer)
    assert "page 2" in words


# -- over a real connection


@contextmanager
def listening(answer: bytes, *, again: bytes = b"") -> Iterator[str]:
    """Answers every request with these very bytes, then with `again` for as long as somebody reads, and hangs up."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            with line:
                line.recv(65_536)
                try:
                    line.sendall(answer)
                    while again:
                        line.sendall(again)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)


def asked(database: Database, url: str, time: Time | None = None) -> str:
    """What the error says after one attempt."""
    time = time or Time()
    reader = connect(
        database, url=url, access_token="t", attempts=1, first_wait=0.0, monotonic=time.monotonic, sleep=time.sleep,
    )
    with closing(reader), pytest.raises(SendosoError) as caught:
        reader.page(1)
    return str(caught.value)


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize("answer", [
    b"", b"\r\n", b"\x00" * 100, b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}",
    b"HTTP/9.9 200 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
    b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFFFF\r\n{}", b"HTTP/1.1 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", b"GET / HTTP/1.1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
    b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n", b"SSH-2.0-OpenSSH_9.6\r\n",
])
def test_garbled_answers_over_the_wire(sqlite: Database, answer: bytes) -> None:
    with listening(answer) as url:
        assert asked(sqlite, url).startswith(("The connection to Sendoso broke", "Sendoso answered"))


def test_a_packed_answer_is_not_unpacked_beyond_all_measure(sqlite: Database) -> None:
    bomb = gzip.compress(b" " * 1024**2 * 64)
    head = OK + f"Content-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()
    with listening(head + bomb) as url:
        assert "larger than 16 MB" in asked(sqlite, url)


@pytest.mark.parametrize("status", [200, 500])
def test_an_answer_without_an_end_is_given_up(sqlite: Database, status: int) -> None:
    with listening(f"HTTP/1.1 {status} Odd\r\n\r\n".encode(), again=b" " * 65_536) as url:
        assert "larger than 16 MB" in asked(sqlite, url)


def test_an_answer_that_trickles_is_given_up(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time()
    taken = sendoso_http.SendosoHttp._body  # noqa: SLF001 - the clock goes on with each piece

    def slow(self: sendoso_http.SendosoHttp, response: httpx2.Response) -> bytes:
        pieces = response.iter_bytes

        def trickling() -> Iterator[bytes]:
            for piece in pieces():
                time.now += timedelta(seconds=14)
                yield piece

        monkeypatch.setattr(response, "iter_bytes", trickling)
        return taken(self, response)

    monkeypatch.setattr(sendoso_http.SendosoHttp, "_body", slow)
    with listening(OK + b"\r\n", again=b" ") as url:
        assert asked(sqlite, url, time) == "Sendoso's answer took longer than 60 seconds."
