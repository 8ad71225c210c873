from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot import logs

SECRETS = [
    "xoxb-123-456-abcDEF", "xoxp-1-2-3", "xoxe.xoxp-1-abcdef", "xapp-1-A0-9-abc",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "Bearer abc.def-ghi123", "basic dXNlcjpwYXNz", "postgresql://user:hunter2@db/sendwatch",
    "https://hooks.slack.com/commands/T0/1/abcdef", "refresh_token=abcdef123", "client_secret=s3cr3t99",
    "{'access_token': 'abcdef123'}", '"client_secret": "abcdef123"', "jane.doe+gift@acme.co.uk", "jürgen@müller.de",
    "email=jane%40acme.com&x=1", "j@acme.com wrote", "a line\njane@acme.com", "token=xoxb-1-2-3",
]
LEAKS = [
    "123-456-abcDEF", "xoxp-1-2-3", "xoxp-1-abcdef", "xapp-1", "MfKQ9r8", "abc.def-ghi123", "dXNlcjpwYXNz", "hunter2",
    "/T0/1/abcdef", "abcdef123", "s3cr3t99", "abcdef123", "abcdef123", "jane", "rgen", "jane", "j@acme", "jane",
    "xoxb-1-2",
]


@pytest.fixture
def _restored() -> Iterator[None]:
    root, config = logging.getLogger(), structlog.get_config()
    before = (root.handlers[:], root.level)
    yield
    root.handlers[:], level = before[0], before[1]
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    for name in logs.QUIET:
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.configure(**config)


pytestmark = pytest.mark.usefixtures("_restored")


@pytest.mark.parametrize(("text", "leak"), list(zip(SECRETS, LEAKS, strict=True)))
def test_secrets_and_addresses_do_not_show(text: str, leak: str) -> None:
    assert leak in text
    assert leak not in logs.redacted(text)


def test_what_is_harmless_stays() -> None:
    for text in ("", "posted 12 messages in C01", "at 15:00 @ noon", "key=alert:12", "https://slack.com/api/x"):
        assert logs.redacted(text) == text


@given(st.text())
def test_any_text_can_be_redacted(text: str) -> None:
    assert len(logs.redacted(text)) <= max(len(text) * 12, 5_000)


def test_long_lines_are_cut() -> None:
    assert logs.redacted("x" * 10_000).endswith("… (10,000 characters)")


def lines(stream: io.StringIO) -> list[str]:
    return stream.getvalue().splitlines()


@pytest.mark.parametrize("text", SECRETS)
def test_json_lines_stay_json_whatever_is_hidden(text: str) -> None:
    stream = io.StringIO()
    logs.configure("INFO", "json", stream)
    structlog.get_logger("bot.x").info("said", what=text, deep={"a": [text, {text: 1}]}, when=None, n=3)
    logging.getLogger("slack_sdk.web").info("body: %s", text)
    first, second = map(json.loads, lines(stream))
    assert (first["event"], first["n"], first["level"], first["logger"]) == ("said", 3, "info", "bot.x")
    assert LEAKS[SECRETS.index(text)] not in stream.getvalue()
    assert second["logger"] == "slack_sdk.web"


def test_values_with_secret_names_are_hidden() -> None:
    stream = io.StringIO()
    logs.configure("INFO", "json", stream)
    structlog.get_logger().info(
        "made", token="abc", client_secret="abc", headers={"Authorization": "abc", "x-slack-signature": "abc"},
        password="", tokens_left=3,
    )
    said = json.loads(stream.getvalue())
    assert "abc" not in stream.getvalue()
    assert (said["password"], said["tokens_left"]) == ("", 3)


def test_errors_are_told_without_what_they_quote() -> None:
    stream = io.StringIO()
    logs.configure("INFO", "text", stream)
    try:
        int("jane@acme.com")
    except ValueError:
        structlog.get_logger("bot.x").exception("failed", error=ValueError("xoxb-1-2"))
        logging.getLogger("apscheduler").exception("library failed")
    said = stream.getvalue()
    assert said.count("with base 10: '[e-mail]'") == 2
    assert "jane" not in said
    assert "xoxb" not in said
    assert "(apscheduler)" in said


def test_nothing_from_outside_forges_a_line() -> None:
    stream = io.StringIO()
    logs.configure("INFO", "text", stream)
    structlog.get_logger("bot.x").info("asked", words="a\n2026-01-01 INFO all is well", many=["x\ny"])
    assert len(lines(stream)) == 1
    assert "INFO all is well" in lines(stream)[0]


def test_levels_and_quiet_libraries() -> None:
    stream = io.StringIO()
    logs.configure("INFO", "text", stream)
    structlog.get_logger("bot.x").debug("unheard")
    logging.getLogger("apscheduler.executors.default").info("Running job")
    logging.getLogger("apscheduler").warning("late")
    assert len(lines(stream)) == 1
    logs.configure("DEBUG", "text", stream)
    logging.getLogger("apscheduler.executors.default").info("Running job")
    assert len(lines(stream)) == 2
    logs.configure("ERROR", "text", stream)
    logging.getLogger("apscheduler").warning("late")
    assert len(lines(stream)) == 2


def test_warnings_are_logged_as_well() -> None:
    stream = io.StringIO()
    logs.configure("INFO", "json", stream)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        logging.captureWarnings(capture=True)
        warnings.warn("old: jane@acme.com", UserWarning, stacklevel=1)
    assert "[e-mail]" in stream.getvalue()
