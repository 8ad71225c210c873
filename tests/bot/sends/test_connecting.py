"""What is said of an access to Sendoso that was filled in, and why Sendoso does not take it."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.sends import connecting
from bot.sends.connecting import NotConnectedError, Standing
from bot.sends.trial import try_out
from bot.settings import SettingsError, load
from storage.engine import Database

STAND = Standing(usual="https://app.sendoso.com")


@pytest.mark.parametrize("address", [
    "https://app.sendoso.com", "https://app.sendoso.com/", "https://eu.sendoso.com/api/v3", "https://sendoso.com:443",
])
def test_addresses_of_sendosos_may_be_named(address: str) -> None:
    assert connecting.is_allowed(address, STAND)


@pytest.mark.parametrize("address", [
    "http://app.sendoso.com", "https://sendoso.com.evil.example", "https://evilsendoso.com", "https://127.0.0.1",
    "https://u:p@app.sendoso.com", "https://app.sendoso.com:22", "https://app.sendoso.com:bad", "https://[::1",
    "https://app.sendoso.com\\@evil.example", "https://app.sendoso.com#@evil.example", "https://\uff21pp.sendoso.com",
    "https://app.sendoso.com/\r\nx", " https://app.sendoso.com", "file:///etc/passwd",
])
def test_no_other_is_asked(address: str) -> None:
    assert not connecting.is_allowed(address, STAND)


def test_one_that_the_server_uses_may_be_named() -> None:
    stand = Standing(usual="http://sendoso.internal:8080", address="http://127.0.0.1:4603/sendoso")
    assert connecting.is_allowed(stand.usual, stand)
    assert connecting.is_allowed(stand.address, stand)
    assert not connecting.is_allowed("http://sendoso.internal:8081", stand)


@pytest.mark.parametrize(("secret", "is_one"), [
    ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", True), ("whsec_c2l4dGVlbi1ieXRlcyE", True), ("whsec_YWJj", False),
    ("nonsense!", False),
])
def test_signing_secrets_are_taken_in_slack_as_in_the_settings(secret: str, is_one: bool) -> None:
    assert (connecting.mistakes({connecting.WEBHOOKS: [secret]}, STAND) == {}) is is_one
    if is_one:
        load(_env_file=None, sendoso_webhook_secrets=secret)
    else:
        with pytest.raises(SettingsError):
            load(_env_file=None, sendoso_webhook_secrets=secret)


def test_one_way_in_takes_the_place_of_the_other() -> None:
    oauth = dict.fromkeys(connecting.OAUTH, "x")
    before = {**oauth, connecting.WEBHOOKS: ["whsec_YQ=="]}
    given = {connecting.TOKEN: "t", connecting.WEBHOOKS: [], connecting.ADDRESS: ""}
    assert connecting.merged(before, given) == {connecting.TOKEN: "t", connecting.WEBHOOKS: ["whsec_YQ=="]}
    assert connecting.merged({connecting.TOKEN: "t"}, oauth) == oauth


def test_without_a_network_it_is_told_and_holds_no_token(sqlite: Database, now: datetime) -> None:
    with pytest.raises(NotConnectedError) as refused:
        try_out(sqlite, [], "http://127.0.0.1:9", {connecting.TOKEN: "the-token"}, lambda: now)
    assert "Sendoso did not answer at 127.0.0.1" in str(refused.value)
    assert str(refused.value).endswith("Nothing was stored.")
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None
    assert "the-token" not in repr(refused.value)
