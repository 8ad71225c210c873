from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import time as wall
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from standardwebhooks.webhooks import WebhookVerificationError
from svix.webhooks import Webhook as Svix

from bot.playground.sendoso.vocabulary import EVENTS
from bot.playground.sendoso.webhooks import signed
from bot.sends import intake
from bot.sends.sources.sendoso_webhook import Delivery, WebhookRefused, event_of, process, receive, verify
from bot.statuses.watch import us_watch
from bot.statuses.working_time import PACIFIC
from storage import sync as standing
from storage.engine import Database
from storage.models import Send, SendHistory, WebhookDelivery
from tests.bot.sends.standin import gift
from tests.conftest import NOW

SECRET = "whsec_" + base64.b64encode(b"a secret of some length, 24+").decode()
OTHER = "whsec_" + base64.b64encode(b"another secret entirely, yes").decode()
GID = "Z2lkOi8vc2VuZG9zby9TZW5kLzQ0"
CHANGED = "2026-11-23T06:59:00-08:00"
CHANGED_AT = datetime(2026, 11, 23, 14, 59, tzinfo=UTC)
CALENDAR = us_watch(PACIFIC)


def sign(body: bytes, at: datetime = NOW, secret: str = SECRET, svix_id: str = "msg_1") -> dict[str, str]:
    """By the documented recipe, apart from the library that the code under test uses."""
    stamp = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{svix_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"svix-id": svix_id, "svix-timestamp": stamp, "svix-signature": signature}


def body(**changes: object) -> bytes:
    told = {"send_gid": GID, "status_changed_at": CHANGED} | changes
    return json.dumps({name: value for name, value in told.items() if value != "absent"}).encode()


def refused(headers: dict[str, str], raw: bytes, *secrets: str, now: datetime = NOW) -> WebhookRefused:
    with pytest.raises(WebhookRefused) as caught:
        verify(headers, raw, secrets or (SECRET,), now)
    return caught.value


# -- who may speak


def test_a_webhook_signed_by_svix_is_read() -> None:
    raw = body()
    expected = Delivery(svix_id="msg_1", send_gid=GID, status_changed_at=CHANGED_AT)
    assert verify(sign(raw), raw, [SECRET], NOW) == expected


def test_the_playgrounds_webhooks_are_real_ones() -> None:
    headers, raw = signed(SECRET, GID, CHANGED, NOW)
    assert verify(headers, raw, [SECRET], NOW).send_gid == GID


@pytest.mark.parametrize("spelling", [str.title, str.upper, lambda name: name.replace("svix", "webhook")])
def test_header_names_in_any_spelling(spelling: object) -> None:
    assert callable(spelling)
    raw = body()
    headers = {spelling(name): value for name, value in sign(raw).items()}
    assert verify(headers | {"Host": "x"}, raw, [SECRET], NOW).svix_id == "msg_1"


def test_secrets_are_rotated_without_a_gap() -> None:
    raw = body()
    assert verify(sign(raw, secret=OTHER), raw, [SECRET, OTHER], NOW)
    both = sign(raw)
    both["svix-signature"] = f"v1a,bm8= {sign(raw, secret=OTHER)['svix-signature']} {both['svix-signature']}"
    assert verify(both, raw, [SECRET], NOW)
    assert verify(both, raw, [OTHER], NOW)


@pytest.mark.parametrize("away", [timedelta(0), timedelta(minutes=5), timedelta(minutes=-5)])
def test_clocks_may_be_five_minutes_apart(away: timedelta) -> None:
    raw = body()
    assert verify(sign(raw, at=NOW - away), raw, [SECRET], NOW)
    further = away + timedelta(seconds=1) * (1 if away >= timedelta(0) else -1)
    if away:
        assert "five minutes" in refused(sign(raw, at=NOW - further), raw).reason


def test_other_bytes_of_the_same_meaning_are_not_what_was_signed() -> None:
    raw = body()
    assert refused(sign(raw), raw.replace(b", ", b",")).status == 401


@pytest.mark.parametrize("changes", [
    {"svix-id": "msg_2"}, {"svix-id": ""}, {"svix-id": "x" * 256}, {"svix-id": "müll"}, {"svix-id": "a\nb"},
    {"svix-timestamp": ""}, {"svix-timestamp": "soon"}, {"svix-timestamp": "1e9"}, {"svix-timestamp": "-1"},
    {"svix-timestamp": "9" * 400}, {"svix-timestamp": "99999999999"}, {"svix-timestamp": "NaN"},
    {"svix-timestamp": "\uff11\uff17"}, {"svix-timestamp": str(int(NOW.timestamp()) + 1)},
    {"svix-signature": ""}, {"svix-signature": "v1"}, {"svix-signature": "v1,"}, {"svix-signature": "v1,nö"},
    {"svix-signature": ",,,"}, {"svix-signature": "v1,\ud800"}, {"svix-signature": " " * 50},
    {"svix-signature": sign(body(), secret=OTHER)["svix-signature"]},
])
def test_whatever_is_wrong_with_the_headers_is_refused(changes: dict[str, str]) -> None:
    raw = body()
    refusal = refused(sign(raw) | changes, raw)
    assert refusal.status == 401
    assert refusal.reason.endswith(".")


def test_a_signature_of_another_version_does_not_count() -> None:
    raw = body()
    headers = sign(raw)
    assert refused(headers | {"svix-signature": headers["svix-signature"].replace("v1,", "v2,")}, raw).status == 401


def test_without_a_usable_secret_nobody_is_believed() -> None:
    raw = body()
    with structlog.testing.capture_logs() as logs:
        for secrets in ([], ["whsec_"], ["whsec_ä"], [""], ["whsec_a"]):
            with pytest.raises(WebhookRefused, match="SENDOSO_WEBHOOK_SECRETS"):
                verify(sign(raw), raw, secrets, NOW)
        assert verify(sign(raw), raw, ["whsec_a", SECRET], NOW)
    assert {entry["event"] for entry in logs} == {"webhook_secret_unusable"}


@given(st.binary(max_size=40), st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_noise_is_always_refused_and_never_worse(raw: bytes, one: str, two: str, three: str) -> None:
    refused({"svix-id": one, "svix-timestamp": two, "svix-signature": three}, raw)
    refused(sign(b"x") | {"svix-signature": one}, raw)


@given(
    st.sampled_from(["svix-id", "svix-timestamp", "svix-signature", "body", "nothing"]),
    st.integers(0, 30), st.sampled_from(["x", "0", ",", " v1,x", "=", ""]),
)
def test_nothing_is_taken_that_svix_own_library_refuses(part: str, at: int, put: str) -> None:
    # The library reads the system's clock, so this test goes by it as well.
    now = datetime.fromtimestamp(int(wall.time()), UTC)
    raw = body()
    headers = sign(raw, at=now)
    if part == "body":
        raw = (raw.decode()[:at] + put + raw.decode()[at + 1:]).encode()
    elif part != "nothing":
        headers[part] = headers[part][:at] + put + headers[part][at + 1:]
    try:
        Svix(SECRET).verify(raw, headers)
        theirs = True
    except (WebhookVerificationError, ValueError):
        theirs = False
    try:
        verify(headers, raw, [SECRET], now)
        ours = True
    except WebhookRefused as refusal:
        ours = refusal.status == 400
    assert theirs or not ours
    assert ours or part != "nothing"


# -- what is said


@pytest.mark.parametrize(("raw", "reason"), [
    (b"", "it is not JSON"),
    (b"{", "it is not JSON"),
    (b"[" * 10_000, "it is not JSON"),
    (b"9" * 10_000, "it is not JSON"),
    (b"[]", "it is not a JSON object"),
    (b"null", "it is not a JSON object"),
    (body(send_gid="absent"), "send_gid is missing or no text"),
    (body(send_gid=None), "send_gid is missing or no text"),
    (body(send_gid=44), "send_gid is missing or no text"),
    (body(send_gid="  "), "send_gid is missing or no text"),
    (body(send_gid="x" * 201), "send_gid has more than 200 characters"),
    (body(send_gid="a\u0000b"), "or some that no gid has"),
    (body(send_gid="a\ud800b"), "or some that no gid has"),
    (body(status_changed_at="absent"), "status_changed_at is missing or no text"),
    (body(status_changed_at=1700000000), "status_changed_at is missing or no text"),
    (body(status_changed_at="yesterday"), "status_changed_at is not a time in ISO 8601"),
    (body(status_changed_at="9999-12-31T23:59:59-12:00"), "status_changed_at is not a time in ISO 8601"),
    (body(status_changed_at="2026-11-23T06:59:00"), "status_changed_at has no time zone"),
    (body(status_changed_at="0001-01-01T00:00:00Z"), "status_changed_at is too long ago"),
])
def test_a_body_that_is_no_webhook_is_answered_with_what_is_wrong(raw: bytes, reason: str) -> None:
    refusal = refused(sign(raw), raw)
    assert refusal.status == 400
    assert reason in refusal.reason


def test_bytes_that_are_no_text_and_far_too_many_are_refused() -> None:
    assert refused(sign(b"\xff\xfe"), b"\xff\xfe").status == 400
    assert refused(sign(b" " * 20_000), b" " * 20_000).status == 413


def test_more_than_is_documented_may_be_said() -> None:
    raw = body(carrier="UPS")
    assert verify(sign(raw), raw, [SECRET], NOW).send_gid == GID


@pytest.mark.parametrize(("segment", "event"), [
    ("shipped", "send.shipped"), ("send.shipped", "send.shipped"), (" Send.Shipped ", "send.shipped"),
    ("send.on_the_moon", "send.on_the_moon"), ("x-9.y", "send.x-9.y"),
])
def test_the_path_names_the_event(segment: str, event: str) -> None:
    assert event_of(segment) == event


@pytest.mark.parametrize("segment", ["", "send.", "9", "a b", "../x", "a" * 65, "<!channel>", "é"])
def test_a_path_that_names_nothing_is_refused(segment: str) -> None:
    with pytest.raises(WebhookRefused, match="names no event") as caught:
        event_of(segment)
    assert caught.value.status == 400


# -- kept, then taken in

numbers = itertools.count(1)


def come(
    database: Database, event: str | None, at: datetime = CHANGED_AT, gid: str = GID, svix_id: str | None = None,
) -> bool:
    told = Delivery(svix_id=svix_id or f"msg_{next(numbers)}", send_gid=gid, status_changed_at=at)
    with database.write() as session:
        return receive(session, told, event, NOW)


def take_in(database: Database) -> int:
    with database.write() as session:
        return process(session, NOW, CALENDAR)


def send(database: Database, gid: str = GID) -> Send:
    with database.write() as session:
        return session.scalars(select(Send).where(Send.send_gid == gid)).one()


def history(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(SendHistory.status).order_by(SendHistory.occurred_at)))


def errors(database: Database) -> list[str | None]:
    with database.read() as session:
        return list(session.scalars(select(WebhookDelivery.error).order_by(WebhookDelivery.svix_id)))


def test_an_event_of_an_unknown_send_is_kept_and_taken_in_later(database: Database) -> None:
    assert come(database, "shipped")
    with database.read() as session:
        assert standing.pending_count(session) == 1
        assert session.scalar(select(Send.id)) is None
    assert take_in(database) == 1
    assert take_in(database) == 0
    found = send(database)
    assert (found.status, found.status_raw, found.status_since) == ("shipped", "send.shipped", CHANGED_AT)
    assert not found.complete


@pytest.mark.parametrize(("status", "event"), sorted(EVENTS.items()))
def test_each_of_the_28_events_is_a_status(sqlite: Database, status: str, event: str) -> None:
    come(sqlite, event)
    take_in(sqlite)
    assert send(sqlite).status == status


def test_there_are_28_events() -> None:
    assert len(set(EVENTS.values())) == 28


def test_an_event_nobody_has_named_is_kept_raw(database: Database) -> None:
    come(database, "on_the_moon")
    take_in(database)
    found = send(database)
    assert (found.status, found.status_raw) == ("unknown", "send.on_the_moon")


def test_a_repeat_changes_nothing(database: Database) -> None:
    assert come(database, "shipped", svix_id="msg_same")
    assert not come(database, "shipped", svix_id="msg_same")
    take_in(database)
    assert not come(database, "shipped", svix_id="msg_same")
    assert take_in(database) == 0
    # The same event under a new id, as a replay from the portal may come.
    assert come(database, "shipped")
    take_in(database)
    assert history(database) == ["shipped"]


def test_a_repeat_with_another_body_changes_nothing_either(database: Database) -> None:
    assert come(database, "shipped", svix_id="msg_same")
    assert not come(database, "shipped", at=CHANGED_AT + timedelta(minutes=4), gid=f"{GID}5", svix_id="msg_same")
    assert take_in(database) == 1
    with database.read() as session:
        assert list(session.scalars(select(Send.send_gid))) == [GID]
    assert history(database) == ["shipped"]


@pytest.mark.parametrize(("second", "taken"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)])
def test_a_webhook_that_is_played_back_is_taken_within_the_window_only(second: int, *, taken: bool) -> None:
    raw, now = body(), NOW + timedelta(seconds=second)
    if taken:
        assert verify(sign(raw), raw, [SECRET], now).send_gid == GID
    else:
        assert "five minutes" in refused(sign(raw), raw, now=now).reason


def test_an_event_type_that_no_path_names_asks_for_a_refresh(database: Database) -> None:
    come(database, None)
    take_in(database)
    assert send(database).refresh_wanted_at == CHANGED_AT


def test_the_order_in_which_webhooks_come_makes_no_difference(sqlite: Database, postgresql: Database) -> None:
    told = [("sent", 0), ("opened", 60), ("clicked", 60), ("redeemed", 90)]
    for database, order in ((sqlite, told), (postgresql, told[::-1])):
        for event, seconds in order:
            come(database, event, CHANGED_AT + timedelta(seconds=seconds) - timedelta(hours=1))
            take_in(database)
        assert send(database).status == "redeemed"
        assert sorted(history(database)) == ["clicked", "opened", "redeemed", "sent"]


def test_a_time_to_come_is_not_believed_but_nothing_is_lost(database: Database) -> None:
    come(database, "shipped", NOW - timedelta(hours=2))
    come(database, "delivered", NOW + timedelta(days=300))
    take_in(database)
    found = send(database)
    assert found.status == "shipped"
    assert found.refresh_wanted_at == NOW
    assert errors(database)[-1] == "Its time lies in the future; the send is read again instead."


def test_clocks_that_differ_a_little_are_no_future(database: Database) -> None:
    come(database, "shipped", NOW + timedelta(minutes=4))
    take_in(database)
    assert send(database).status == "shipped"


def test_one_message_at_an_address_for_all_and_at_one_for_its_event(database: Database) -> None:
    assert come(database, None, svix_id="msg_same")
    take_in(database)
    assert come(database, "delivered", svix_id="msg_same")
    assert not come(database, None, svix_id="msg_same")
    take_in(database)
    assert send(database).status == "delivered"


def test_addresses_that_contradict_each_other_are_not_believed(database: Database) -> None:
    assert come(database, "delivered", svix_id="msg_same")
    with structlog.testing.capture_logs() as logs:
        assert come(database, "shipped", svix_id="msg_same")
    assert not come(database, "opened", svix_id="msg_same")
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["webhook_addresses_overlap"]
    take_in(database)
    assert history(database) == []
    assert send(database).refresh_wanted_at == CHANGED_AT


def test_a_poisoned_delivery_keeps_its_error_and_holds_up_nobody(
    database: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = intake.take

    def take(session: object, told: list[object], *rest: object) -> intake.Taken:
        taken = real(session, told, *rest)  # type: ignore[arg-type]
        if getattr(told[0], "send_gid", "") == "poison":
            raise ZeroDivisionError
        return taken

    monkeypatch.setattr(intake, "take", take)
    come(database, "shipped", gid="a", svix_id="1")
    come(database, "shipped", gid="poison", svix_id="2")
    come(database, "shipped", gid="z", svix_id="3")
    assert take_in(database) == 3
    assert take_in(database) == 0
    first, second, third = errors(database)
    assert (first, third) == (None, None)
    assert second is not None
    assert second.startswith("It could not be taken in (ZeroDivisionError")
    with database.read() as session:
        assert set(session.scalars(select(Send.send_gid))) == {"a", "z"}


def test_what_intake_turns_down_is_noted(database: Database) -> None:
    with database.write() as session:
        standing.keep_delivery(session, WebhookDelivery(
            svix_id="m", received_at=NOW, event="send.sent", send_gid="x" * 300, status_changed_at=NOW, pending_at=NOW,
        ))
    take_in(database)
    assert errors(database) == ["its gid is longer than 200 characters"]


def test_a_database_that_does_not_work_leaves_deliveries_waiting(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    def take(*_args: object) -> intake.Taken:
        raise OperationalError("select", {}, Exception("disk full"))

    come(sqlite, "shipped")
    monkeypatch.setattr(intake, "take", take)
    with pytest.raises(OperationalError):
        take_in(sqlite)
    with sqlite.read() as session:
        assert standing.pending_count(session) == 1


def test_a_batch_is_bounded(sqlite: Database) -> None:
    for number in range(5):
        come(sqlite, "sent", gid=f"g{number}")
    with sqlite.write() as session:
        assert [process(session, NOW, CALENDAR, limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_a_sync_completes_what_a_webhook_began(database: Database) -> None:
    come(database, "opened", gid="gid-1")
    take_in(database)
    with database.write() as session:
        intake.take(session, [replace(gift(1), send_gid="gid-1", source="api")], NOW, CALENDAR)
    found = send(database, "gid-1")
    assert found.complete
    assert (found.status, found.recipient_name) == ("opened", "Person 1")
