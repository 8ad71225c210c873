from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from standardwebhooks import Webhook

from bot.settings import Settings, SettingsError, duration, load, load_to_run

SIGNING, OTHER_SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_YWNvcm4tYW5ldw=="


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def problems(**values: str) -> list[str]:
    with pytest.raises(SettingsError) as error:
        load(**values)
    return error.value.problems


def test_nothing_set_gives_the_documented_defaults() -> None:
    settings = load()
    assert settings.database_url.get_secret_value() == "sqlite:///sendwatch.db"
    assert (settings.http_host, settings.http_port) == ("127.0.0.1", 3000)
    assert settings.slack_api_url == "https://slack.com/api/"
    assert not settings.has_sendoso


def test_the_environment_and_env_file_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ALERT_CHANNEL=C0123ABCD\nSCAN_EVERY=30s\n")
    monkeypatch.setenv("SCAN_EVERY", "5m")
    monkeypatch.setenv("ADMIN_USERS", "U012, W034 ,")
    monkeypatch.setenv("SENDOSO_WEBHOOK_SECRETS", f"{SIGNING}, {OTHER_SIGNING}")
    monkeypatch.setenv("LOG_LEVEL", "debug")
    settings = load()
    assert settings.alert_channel == "C0123ABCD"
    assert settings.scan_every == timedelta(minutes=5)
    assert settings.admin_users == ("U012", "W034")
    assert [s.get_secret_value() for s in settings.sendoso_webhook_secrets] == [SIGNING, OTHER_SIGNING]
    assert settings.log_level == "DEBUG"


@pytest.mark.parametrize(("text", "seconds"), [
    ("30s", 30), ("5m", 300), ("1h30m", 5400), ("2d", 172800), ("500ms", 0.5), (" 1 m ", 60), ("1.5h", 5400),
])
def test_durations(text: str, seconds: float) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(("text", "days"), [("30d", 30), ("26w", 182), (" 2Y ", 730), ("20y", 7300)])
def test_how_long_finished_sends_are_kept(text: str, days: int) -> None:
    assert load(keep_sends=text).keep_sends == timedelta(days=days)


def test_without_a_word_finished_sends_are_kept_for_ever() -> None:
    assert load().keep_sends is None


@pytest.mark.parametrize("text", ["", "5", "five minutes", "5x", "-5m", "0s", "400d", "5m!", "m5"])
def test_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|longer"):
        duration(text)


@pytest.mark.parametrize(("name", "value", "says"), [
    ("sync_every", "soon", "SYNC_EVERY is 'soon': not a duration; write for example 30s, 5m or 1h."),
    ("alert_channel", "#gifts", "ALERT_CHANNEL is '#gifts': not a channel id"),
    ("admin_users", "U1A,ann", "not Slack user ids: ann"),
    ("tz_default", "Mars/Base", "TZ_DEFAULT is 'Mars/Base': not a time zone"),
    ("http_port", "70000", "HTTP_PORT is '70000'"),
    ("slack_api_url", "slack.com", "SLACK_API_URL is 'slack.com': not an http:// or https:// address"),
    ("database_url", "nonsense", "DATABASE_URL: not a database URL"),
    ("database_url", "mysql://h/db", "DATABASE_URL: only sqlite and postgresql are supported"),
    ("database_url", "sqlite:///file:a.db?uri=true", "DATABASE_URL: name the file itself"),
    ("database_url", "sqlite://", "DATABASE_URL: names no file"),
    ("database_url", "sqlite:///", "DATABASE_URL: names no file"),
    ("database_url", "sqlite:///:memory:", "DATABASE_URL: names no file"),
    ("database_url", "sqlite:////", "DATABASE_URL: names a folder; name a file in it"),
    ("database_url", "sqlite:///a%00.db", "DATABASE_URL: has %00 in it"),
    ("database_url", "postgresql://u:p@ss@h:x/y", "DATABASE_URL: the port is no number; in a password @ is written"),
    ("database_url", "postgresql://u@a:1,b:2/y", "several servers are written postgresql://user:password@/name?host="),
    ("sendoso_webhook_secrets", "abc", "SENDOSO_WEBHOOK_SECRETS: number 1 is no signing secret"),
    ("sendoso_webhook_secrets", f"{SIGNING},whsec_", "SENDOSO_WEBHOOK_SECRETS: number 2 is no signing secret"),
    ("sendoso_webhook_secrets", f"{SIGNING}-_", "SENDOSO_WEBHOOK_SECRETS: number 1 is no signing secret"),
    ("sendoso_webhook_secrets", "whsec_MfKQ9r8GKYqrTwjU1", "SENDOSO_WEBHOOK_SECRETS: number 1 is no signing secret"),
    ("slack_bot_token", "xoxb-…", "SLACK_BOT_TOKEN: has a character that no token or secret has, such as the “…”"),
    ("slack_bot_token", "xapp-1-A0-1-x", "SLACK_BOT_TOKEN: is an app-level token, which goes into SLACK_APP_TOKEN"),
    ("slack_app_token", "xoxb-1", "SLACK_APP_TOKEN: is no app-level token, which begins with xapp-"),
    ("sendoso_refresh_token", "…", "SENDOSO_REFRESH_TOKEN: has a character"),
    ("encryption_keys", "short", "ENCRYPTION_KEYS: each key must be 32 bytes in url-safe base64"),
    ("log_format", "xml", "LOG_FORMAT is 'xml'"),
    ("keep_sends", "a while", "KEEP_SENDS is 'a while': not a number of days, weeks or years; write for example 90d"),
    ("keep_sends", "7d", "KEEP_SENDS is '7d': must be at least 30d"),
    ("keep_sends", "99y", "KEEP_SENDS is '99y': must be at least 30d, so that reports have something to count, and at"),
])
def test_each_mistake_names_the_setting_and_what_to_write(name: str, value: str, says: str) -> None:
    [problem] = problems(**{name: value})
    assert says in problem


@pytest.mark.parametrize("secret", [
    SIGNING, SIGNING.removeprefix("whsec_"), OTHER_SIGNING, OTHER_SIGNING.rstrip("="), f"{OTHER_SIGNING}=",
])
def test_a_secret_with_which_signatures_can_be_checked_is_taken(secret: str) -> None:
    assert load(sendoso_webhook_secrets=secret).sendoso_webhook_secrets[0].get_secret_value() == secret
    assert Webhook(secret).sign("msg_1", datetime(2026, 11, 10, tzinfo=UTC), "{}")


def test_all_mistakes_are_told_at_once_and_secrets_are_not_shown() -> None:
    found = problems(
        sync_every="x", tz_default="y", encryption_keys="hunter2", sendoso_client_id="id",
        database_url="mysql://bob:hunter2@h/db", sendoso_webhook_secrets="hunter2",
    )
    text = "\n".join(found)
    assert [name for name in ("SYNC_EVERY", "TZ_DEFAULT", "ENCRYPTION_KEYS", "SENDOSO_CLIENT_SECRET") if name in text]
    assert "missing: SENDOSO_CLIENT_SECRET, SENDOSO_REFRESH_TOKEN" in text
    assert "hunter2" not in text


def test_rotating_tokens_need_a_key_to_be_stored_with() -> None:
    oauth = {"sendoso_client_id": "i", "sendoso_client_secret": "s", "sendoso_refresh_token": "r"}
    assert problems(**oauth) == ["ENCRYPTION_KEYS is missing: Sendoso's OAuth tokens rotate and are stored encrypted."]
    assert load(**oauth, encryption_keys=Fernet.generate_key().decode()).has_sendoso


def test_what_running_needs_is_listed_together() -> None:
    assert [line.split()[0] for line in load().missing_for_slack()] == [
        "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "ALERT_CHANNEL",
    ]
    ready = load(slack_bot_token="xoxb-1", slack_signing_secret="s", alert_channel="C012")
    assert ready.missing_for_slack() == []


@pytest.mark.parametrize(("given", "first"), [
    ({"sync_every": "x"}, ["SYNC_EVERY"]),
    ({"sendoso_client_id": "id"}, ["Sendoso's"]),
    ({"alert_channel": "#gifts", "sendoso_client_id": "id"}, ["ALERT_CHANNEL", "Sendoso's"]),
])
def test_what_is_wrong_and_what_running_lacks_is_one_list(given: dict[str, str], first: list[str]) -> None:
    with pytest.raises(SettingsError) as error:
        load_to_run(**given)
    told = [line.split()[0] for line in error.value.problems]
    missing = ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "ALERT_CHANNEL"]
    assert told == first + [name for name in missing if name not in first]
    assert "SLACK_BOT_TOKEN" not in "".join(problems(**given)), "commands that need no Slack do not ask for it"


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    assert "hunter2" not in repr(load(slack_bot_token="xoxb-hunter2", sendoso_webhook_secrets="whsec_hunter2hunter2"))


MANY = {
    "slack_client_id": "1.2", "slack_client_secret": "s", "slack_signing_secret": "t",
    "encryption_keys": Fernet.generate_key().decode(), "public_url": "https://gifts.example.com/",
}


def test_with_a_client_id_workspaces_install_it_themselves() -> None:
    settings = load(**MANY)
    assert settings.serves_many
    assert settings.missing_for_slack() == []
    assert settings.public_url == "https://gifts.example.com"
    assert not load(**MANY, slack_bot_token="xoxb-1").serves_many


@pytest.mark.parametrize("name", sorted(MANY))
def test_what_several_workspaces_need_is_told_by_name(name: str) -> None:
    settings = load(**{key: value for key, value in MANY.items() if key != name})
    [problem] = settings.missing_for_slack()
    assert problem.startswith(f"{name.upper()} is missing")


def test_all_that_is_missing_for_several_is_one_list() -> None:
    told = load(slack_client_id="1.2").missing_for_slack()
    assert [one.split()[0] for one in told] == [
        "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET", "ENCRYPTION_KEYS", "PUBLIC_URL",
    ]


@pytest.mark.parametrize("url", [
    "http://gifts.example.com", "gifts.example.com", "https://gifts.example.com/app", "https://u:p@gifts.example.com",
    "https://", "https://a b", "https://gifts.example.com?x=1",
])
def test_no_public_address(url: str) -> None:
    [problem] = problems(public_url=url)
    assert "PUBLIC_URL" in problem
    assert url in problem
