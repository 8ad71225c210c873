"""The whole check against a Slack and a Sendoso that are broken in many ways, while a bot runs or not."""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from cryptography.fernet import Fernet
from sqlalchemy import text

from bot import app as bot_app
from bot import checkup, manifest
from bot.clock import system_clock
from bot.config.changes import apply
from bot.config.current import in_force
from bot.config.reading import read
from bot.doctor.finding import Finding, Report, State
from bot.playground.sendoso import SendosoState, routes
from bot.playground.server import Playground
from bot.settings import Settings, load
from storage import schema, secrets
from storage.engine import Database
from storage.secrets import TokenPair, Vault

MANIFEST = manifest.text()
ROUTES = """
routes: [{name: sales, when: {team: Sales}, channel: C02SALES}]
permissions: {mute: [S01GIFTOPS, U02BEN]}
"""


class Place:
    """A Slack, a Sendoso, a database that is set up, and the settings for them."""

    def __init__(self, playground: Playground, sendoso: SendosoState, url: str) -> None:
        self.playground, self.sendoso = playground, sendoso
        self.values: dict[str, Any] = {
            "slack_bot_token": playground.bot_token, "slack_app_token": "xapp-1-A0SENDWATCH-1-secret",
            "slack_api_url": playground.api_url, "database_url": url, "alert_channel": "C01GIFTING",
            "admin_users": ("U01ANN",), "sendoso_api_url": f"{playground.url}/sendoso",
            "sendoso_access_token": sendoso.access.access_token, "http_port": 9,
        }

    @property
    def settings(self) -> Settings:
        return load(_env_file=None, **self.values)

    def examine(self) -> Report:
        settings = self.settings
        return checkup.examine(settings, system_clock, is_connected=lambda: checkup.connected(settings))

    def change_app(self, **changes: Any) -> None:  # noqa: ANN401 - fields of SlackApp
        self.playground.slack.app = replace(self.playground.slack.app, **changes)

    def without(self, *scopes: str) -> None:
        self.change_app(scopes=frozenset(manifest.scopes(MANIFEST)) - set(scopes))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    sendoso = SendosoState()
    parsed = yaml.safe_load(MANIFEST)
    url = f"sqlite:///{tmp_path / 'doctor.db'}"
    database = Database(url)
    schema.upgrade(database)
    with database.write() as session:
        apply(session, in_force(session), read(ROUTES).document, system_clock(), "cli")
    database.close()
    with Playground(manifest=parsed, sendoso=sendoso, routes=routes(sendoso, "/sendoso")) as playground:
        yield Place(playground, sendoso, url)


def wrong(found: Report) -> list[Finding]:
    return found.of(State.WRONG)


def only(found: Report, what: str) -> Finding:
    [one] = [one for one in found.findings if one.what == what and one.state is not State.GOOD]
    return one


def test_a_set_up_without_a_fault_has_nothing_to_mend(place: Place) -> None:
    found = place.examine()
    assert wrong(found) == []
    assert found.ok
    assert {one.about for one in found.findings if one.about} == {
        "C01GIFTING", "C02SALES", "U01ANN", "U02BEN", "S01GIFTOPS",
    }
    assert [one.value for one in found.findings if one.what == "Scopes"] == [
        f"all {len(manifest.scopes(MANIFEST))} are granted",
    ]


def _archive(place: Place) -> None:
    place.playground.channel("#sales").archive()


def _put_out(place: Place) -> None:
    place.playground.channel("#gifting-alerts").remove_bot()


def _no_such_channel(place: Place) -> None:
    place.values["alert_channel"] = "C0NOWHERE"


def _revoke(place: Place) -> None:
    place.playground.faults.add("auth.test", "error", times=None, error="token_revoked")


def _other_token(place: Place) -> None:
    place.values["slack_bot_token"] = "xoxb-other"


def _scope(place: Place) -> None:
    place.without("users:read.email")


def _leaver(place: Place) -> None:
    place.playground.person("ann").deactivate()


def _no_group(place: Place) -> None:
    place.playground.group("gifting-ops").is_disabled = True


def _sendoso_refuses(place: Place) -> None:
    place.values["sendoso_access_token"] = "wrong"


def _sendoso_elsewhere(place: Place) -> None:
    place.values["sendoso_api_url"] = "http://127.0.0.1:9"


def _no_network(place: Place) -> None:
    place.values["slack_api_url"] = "http://127.0.0.1:9/api/"


@pytest.mark.parametrize(("breaks", "what", "says"), [
    (_archive, "Channel", "archived (the route 'sales')"),
    (_put_out, "Channel", "the bot is not in it (ALERT_CHANNEL)"),
    (_no_such_channel, "Channel", "does not exist"),
    (_revoke, "Token", "token_revoked"),
    (_other_token, "Token", "invalid_auth"),
    (_scope, "Scope users:read.email", "What it is for: which sends"),
    (_leaver, "Person", "switched off (ADMIN_USERS)"),
    (_no_group, "User group", "permissions.mute"),
    (_sendoso_refuses, "API", "401"),
    (_sendoso_elsewhere, "API", "not"),
    (_no_network, "Token", "could not be reached"),
])
def test_what_is_broken_is_named(place: Place, breaks: Callable[[Place], None], what: str, says: str) -> None:
    breaks(place)
    found = place.examine()
    named = [one for one in wrong(found) if one.what == what]
    assert len(named) == 1, wrong(found)
    assert says in named[0].value
    assert named[0].mend
    assert {one.what for one in wrong(found)} == {what}


def test_without_network_it_says_what_could_not_be_asked_and_ends_soon(place: Place) -> None:
    _no_network(place)
    found = place.examine()
    assert {one.what for one in found.of(State.UNASKED)} >= {"Scopes", "Channel", "Person", "User group", "Clock"}


def test_missing_scopes_for_looking_do_not_stop_the_rest(place: Place) -> None:
    place.without("channels:read", "groups:read", "users:read", "usergroups:read")
    found = place.examine()
    assert {one.what for one in wrong(found)} == {
        "Scope channels:read", "Scope groups:read", "Scope users:read", "Scope usergroups:read", "Channel",
    }
    assert {one.what for one in found.of(State.UNASKED)} >= {"Person", "User group"}


def test_a_slack_that_breaks_off_in_the_middle_is_one_that_could_not_be_asked(place: Place) -> None:
    place.playground.faults.add("conversations.info", "drop", times=None)
    found = place.examine()
    assert "could not be reached" in only(found, "Token").value


def test_a_slack_that_asks_for_a_pause_is_asked_no_further(place: Place) -> None:
    place.playground.faults.add("conversations.info", "429", times=None)
    found = place.examine()
    channels = [one for one in found.findings if one.what == "Channel"]
    assert {one.state for one in channels} == {State.UNASKED}
    assert len(place.playground.calls.of("conversations.info")) == 1


def test_nothing_is_changed_and_no_connection_is_opened(place: Place) -> None:
    place.examine()
    asked = {call.method for call in place.playground.calls}
    assert asked == {"auth.test", "conversations.info", "users.info", "usergroups.users.list"}


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("host", ["127.0.0.1", pytest.param("::", marks=pytest.mark.skipif(
    not has_ipv6(), reason="no IPv6 here",
))])
def test_a_bot_that_runs_is_seen_and_not_disturbed(place: Place, host: str) -> None:
    place.values |= {"slack_app_token": place.playground.app_token, "http_port": 0, "http_host": host}
    bot = bot_app.build(place.settings)
    try:
        bot.start()
        place.playground.wait_until_connected()
        place.values["http_port"] = bot.web.port
        found = place.examine()
        assert [one.value for one in found.findings if one.what == "The bot"] == ["at work"]
        assert [one.value for one in found.findings if one.what == "Socket Mode"] == ["the bot is connected"]
        assert wrong(found) == []
    finally:
        bot.stop()
    after = place.examine()
    assert [one.value for one in after.findings if one.what == "The bot"] == ["none is at work on this database"]


def test_a_missing_or_foreign_database_is_told_and_not_made(place: Place, tmp_path: Path) -> None:
    place.values["database_url"] = f"sqlite:///{tmp_path / 'none.db'}"
    assert "nothing is there yet" in only(place.examine(), "SQLite").value
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "odd.db").write_bytes(b"this is no database" * 100)
    place.values["database_url"] = f"sqlite:///{tmp_path / 'odd.db'}"
    assert "not a database" in only(place.examine(), "SQLite").value
    sqlite3.connect(tmp_path / "old.db").close()
    (tmp_path / "old.db").touch()
    place.values["database_url"] = f"sqlite:///{tmp_path / 'old.db'}"
    assert only(place.examine(), "Schema").state is State.WRONG


def test_a_database_that_cannot_be_made_is_told(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "file").touch()
    place.values["database_url"] = f"sqlite:///{tmp_path / 'file' / 'new.db'}"
    found = only(place.examine(), "SQLite")
    assert found.state is State.WRONG
    assert "new.db cannot be opened: Not a directory." in found.value
    # Root may write everywhere.
    monkeypatch.setattr(os, "access", lambda *_: False)
    place.values["database_url"] = f"sqlite:///{tmp_path / 'none' / 'new.db'}"
    assert "new.db cannot be opened: Permission denied." in only(place.examine(), "SQLite").value
    assert not (tmp_path / "none").exists()


def test_a_database_that_cannot_be_written_to_or_has_no_room_is_told(
    place: Place, monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Whoever is root may write to any file.
    monkeypatch.setattr(os, "access", lambda path, _how: not str(path).endswith(".db"))
    monkeypatch.setattr("bot.disk.free", lambda _database: 0)
    told = {finding.what: finding for finding in place.examine().findings}
    assert (told["Writing"].state, told["Room"].state) == (State.WRONG, State.WRONG)
    assert told["Writing"].value.endswith(".db")
    monkeypatch.undo()
    told = {finding.what: finding for finding in place.examine().findings}
    assert "Writing" not in told


def test_a_folder_that_cannot_be_written_to_is_told_where_a_file_is_to_be_made_in_it(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:
    # As `run` has it, which works in a folder of mode 0555 for as long as it has to make nothing there.
    monkeypatch.setattr(os, "access", lambda path, _how: Path(path).is_file())
    path = Path(place.values["database_url"].removeprefix("sqlite:///"))
    kept = [path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm", ".lock")]
    for one in kept:
        one.touch()
    assert "Writing" not in {finding.what for finding in place.examine().findings}
    kept[2].unlink()
    assert only(place.examine(), "Writing").value == f"no right to write to {path.resolve().parent}"


def test_a_postgresql_that_is_not_there_is_told(place: Place) -> None:
    place.values["database_url"] = "postgresql://nobody:hush@127.0.0.1:9/none"
    found = only(place.examine(), "PostgreSQL")
    assert found.state is State.WRONG
    assert "hush" not in found.value


def test_a_postgresql_with_nothing_in_it_is_new(place: Place, postgresql: Database) -> None:
    with postgresql.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
    place.values["database_url"] = postgresql.url.render_as_string(hide_password=False)
    found = place.examine()
    assert "nothing is there yet" in only(found, "PostgreSQL").value
    assert only(found, "Writing").value == "no right to write to any schema"


def test_a_postgresql_that_cannot_be_used_is_told(
    place: Place, postgresql: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    place.values["database_url"] = postgresql.url.render_as_string(hide_password=False)
    monkeypatch.setattr("storage.servers.ENCODING", "UTF7")
    assert "has the encoding UTF8" in only(place.examine(), "PostgreSQL").value


def test_a_postgresql_that_is_slow_is_given_up_behind_a_pooler_too(place: Place, postgresql: Database) -> None:
    """By nothing that a connection begins with: a pooler refuses that, or leaves it out."""
    place.values["database_url"] = postgresql.url.render_as_string(hide_password=False)
    database = checkup.opened(place.settings)
    assert "options" not in database.url.query
    with database.read() as session:
        assert session.scalar(text("SHOW statement_timeout")) == "5s"
    database.close()


def _keep_pair(place: Place, key: str, seed: str, life: timedelta) -> None:
    database = Database(place.values["database_url"])
    now = system_clock()
    with database.write() as session:
        pair = TokenPair(access=place.sendoso.access.access_token, refresh="next", expires_at=now + life)
        secrets.store(session, Vault([key]), "sendoso", seed, pair, now, over=None)
    database.close()


@pytest.mark.parametrize(("same_key", "life", "what", "state", "says"), [
    (True, timedelta(hours=1), "API", State.GOOD, "it answers"),
    (True, timedelta(hours=-1), "API", State.UNASKED, "has run out"),
    (False, timedelta(hours=1), "Stored token", State.WRONG, "none of ENCRYPTION_KEYS opens it"),
])
def test_oauth_is_looked_at_without_spending_a_token(
    place: Place, same_key: bool, life: timedelta, what: str, state: State, says: str,
) -> None:
    key, other = (Fernet.generate_key().decode() for _ in range(2))
    _keep_pair(place, key if same_key else other, "seed", life)
    place.values |= {
        "sendoso_access_token": None, "sendoso_client_id": "id", "sendoso_client_secret": "secret",
        "sendoso_refresh_token": "seed", "encryption_keys": (key,),
    }
    [found] = [one for one in place.examine().findings if one.what == what]
    assert found.state is state
    assert says in found.value


def test_no_secret_and_no_address_stands_in_the_report(place: Place) -> None:
    told = str(place.examine().as_json())
    for secret in (place.playground.bot_token, place.values["sendoso_access_token"], "ann@example.com", "Ann Lopez"):
        assert secret not in told


def test_the_manifest_s_scopes_have_their_reasons() -> None:
    parsed = yaml.safe_load(MANIFEST)
    found = manifest.scopes(MANIFEST)
    assert set(found) == set(parsed["oauth_config"]["scopes"]["bot"])
    assert all(len(why) > 10 for why in found.values())
    assert found["groups:read"].endswith("(in private channels)")
    assert manifest.scopes("") == {}


def test_the_database_of_each_kind_is_read(database: Database) -> None:
    settings = load(_env_file=None, database_url=database.url.render_as_string(hide_password=False))
    for given in (None, database):
        found = checkup.examine(settings, system_clock, given)
        assert [one.value for one in found.findings if one.what == "Schema"] == ["up to date"]


def test_another_server_at_the_bots_address_says_nothing_of_its_socket(place: Place) -> None:
    found = urlsplit(place.playground.url)
    place.values |= {"http_host": found.hostname, "http_port": found.port}
    assert checkup.connected(place.settings) is None
