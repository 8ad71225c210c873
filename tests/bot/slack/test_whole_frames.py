"""What the SDK reads from a socket that gives it whole frames: nothing is lost, however it comes."""

from __future__ import annotations

import logging
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from slack_sdk.socket_mode.builtin.connection import Connection, ConnectionState

from bot.slack.whole_frames import WholeFrames
from tests.conftest import NOW

TEXT, PING, PONG, CLOSE = 1, 9, 10, 8
STALL = 0.2


def frame(kind: int, payload: bytes, *, is_last: bool = True) -> bytes:
    length = len(payload)
    head = bytes([is_last << 7 | kind])
    if length < 126:
        return head + bytes([length]) + payload
    if length < 65_536:
        return head + b"\x7e" + length.to_bytes(2, "big") + payload
    return head + b"\x7f" + length.to_bytes(8, "big") + payload


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """For one end of a line with TLS, as Slack has it, and for the other, which trusts it."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "slack")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(NOW).not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("slack.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    told, secret = (tmp_path_factory.mktemp("tls") / kind for kind in ("cert.pem", "key.pem"))
    told.write_bytes(made.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    theirs, ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cafile=told)
    theirs.load_cert_chain(told, secret)
    return theirs, ours


def secured(
    near: socket.socket, far: socket.socket, contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> tuple[socket.socket, socket.socket]:
    """The two ends of a line, with TLS between them."""
    theirs, ours = contexts
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(theirs.wrap_socket, far, server_side=True)
        return ours.wrap_socket(near, server_hostname="slack.example"), other.result(5)


class Line:
    """A connection of the SDK's, and the other end of it."""

    def __init__(self, contexts: tuple[ssl.SSLContext, ssl.SSLContext] | None) -> None:
        self.came: queue.Queue[str] = queue.Queue()
        self.state = ConnectionState()  # type: ignore[no-untyped-call] # the SDK's
        near, self.far = socket.socketpair()
        if contexts is not None:
            near, self.far = secured(near, self.far, contexts)
        near.settimeout(STALL / 2)
        quiet = logging.getLogger("quiet")
        quiet.setLevel(logging.CRITICAL)
        self.connection = Connection(
            "ws://nowhere", quiet, on_message_listener=self.came.put, on_error_listener=lambda _: None,
        )
        self.connection.sock = WholeFrames(near)  # type: ignore[assignment] # it does what a socket does
        self.reader = threading.Thread(target=self.connection.run_until_completion, args=(self.state,), daemon=True)
        self.reader.start()

    def got(self, number: int) -> list[str]:
        return [self.came.get(timeout=5) for _ in range(number)]


@pytest.fixture(params=["plain", "tls"])
def line(request: pytest.FixtureRequest, contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> Iterator[Line]:
    made = Line(contexts if request.param == "tls" else None)
    yield made
    made.state.terminated = True
    made.reader.join(5)
    made.connection.disconnect()
    made.far.close()


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 3_000_000])
def test_a_message_of_any_length(line: Line, size: int) -> None:
    line.far.sendall(b"\n" + frame(TEXT, b"x" * size) + frame(TEXT, b"next"))
    assert line.got(2) == ["x" * size, "next"]


def test_a_message_that_cannot_be_read_takes_no_other_along(line: Line) -> None:
    line.far.sendall(frame(TEXT, b"one") + frame(PONG, b"\xff\xfe") + frame(TEXT, b"\xff") + frame(TEXT, b"two"))
    assert line.got(2) == ["one", "two"]


def test_a_frame_that_stops_in_its_middle_is_read_once_it_goes_on(line: Line) -> None:
    whole = frame(TEXT, b"y" * 500)
    for piece in (frame(TEXT, b"before") + whole[:1], whole[1:3], whole[3:100], whole[100:] + frame(TEXT, b"after")):
        line.far.sendall(piece)
        time.sleep(STALL)
    assert line.got(3) == ["before", "y" * 500, "after"]


def test_many_at_once_are_all_read(line: Line) -> None:
    line.far.sendall(b"".join(frame(TEXT, b"%d" % number + b" " * 300) for number in range(1_500)))
    assert [int(text) for text in line.got(1_500)] == [*range(1_500)]


def test_a_message_in_parts_is_one(line: Line) -> None:
    line.far.sendall(
        frame(TEXT, "Grüße".encode()[:3], is_last=False) + frame(PING, b"between")
        + frame(0, "Grüße".encode()[3:], is_last=False) + frame(0, b"") + frame(TEXT, b"whole"),
    )
    assert line.got(2) == ["Grüße", "whole"]


def test_whoever_has_hung_up_is_seen_at_once(line: Line) -> None:
    line.far.sendall(frame(TEXT, b"last") + frame(TEXT, b"cut off")[:4])
    # Without TLS's goodbye, as a cable does that is pulled.
    line.far.shutdown(socket.SHUT_WR)
    assert line.got(1) == ["last"]
    line.reader.join(5)
    assert not line.connection.is_active()
    assert line.came.empty()
