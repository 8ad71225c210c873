from __future__ import annotations

import io
import json
import logging
import re
import warnings
from typing import Literal

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine

from bot import logs
from storage.pools import PatientPool
from tests.hostile import hostile

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


@pytest.mark.parametrize(("text", "leak"), list(zip(SECRETS, LEAKS, strict=True)))
def test_secrets_and_addresses_do_not_show(text: str, leak: str) -> None:
    assert leak in text
    assert leak not in logs.redacted(text)


def test_what_is_harmless_stays() -> None:
    for text in ("", "posted 12 messages in C01", "at 15:00 @ noon", "key=alert:12", "https://slack.com/api/x"):
        assert logs.redacted(text) == text


@pytest.mark.parametrize(("text", "told"), [
    ('"john doe"@x.com wrote', "[e-mail] wrote"), ('"a\\"b"@x.com', "[e-mail]"),
    (r'{"to": "\"john doe\"@x.com"}', '{"to": "[e-mail]"}'), ("from a@localhost, twice", "from [e-mail], twice"),
    ("jane@[127.0.0.1]", "[e-mail]"), ("a%b@x.com", "[e-mail]"), ("'o'neil@x.com'", "'[e-mail]'"),
    ("to bob@@acme.com now", "to [e-mail] now"), ("bob@doe@acme.com", "[e-mail]"), ("bob%40%40acme.com", "[e-mail]"),
    ("ann＠acme.com wrote", "[e-mail] wrote"), ("ann﹫acme。com", "[e-mail]"),  # noqa: RUF001
    ("ａｎｎ．ｐｏｅ＠ａｃｍｅ．ｃｏｍ", "[e-mail]"),  # noqa: RUF001
    ("ENCRYPTION_KEYS=abcdEFGH,ijklMNOP next", "ENCRYPTION_KEYS=[hidden] next"),
    ("key wq3Fh0o7y1v5yTtVbqk0Qm8n2zR4uXk6aJc9eLsPdGI= is bad", "key [hidden] is bad"),
    ("got gAAAAABlX0abcdefghijklmnopqrstuv==", "got [hidden]"), ("jwt eyJhbGciOiJI.eyJzdWIi.abc-_", "jwt [hidden]"),
    ("client_secret: hunter2x and more", "client_secret: [hidden] and more"),
    ("client_secret%3Dabcdefg&x=1", "client_secret%3D[hidden]&x=1"), ("API-Key: abcdef", "API-Key: [hidden]"),
    ("refresh_token: abc.def/ghi", "refresh_token: [hidden]"), ("refreshToken=abcd1234", "refreshToken=[hidden]"),
    ("refresh token 8f2b1c9d0e7a6f5b4c3d was refused", "refresh token [hidden] was refused"),
    ("{'refresh_token': b'ab\\'cd', 'x': 1}", "{'refresh_token': '[hidden]', 'x': 1}"),
    (r'"{\"password\": \"ab, cd\", \"x\": 1}"', r'"{\"password\": \"[hidden]\", \"x\": 1}"'),
    ("postgresql://u:p@ss@w/rd@db:5432/sendwatch?x=1", "postgresql://[hidden]@db:5432/sendwatch?x=1"),
    ("redis://:pw@h/0", "redis://[hidden]@h/0"), ("Authorization: Bearer abc", "Authorization: [hidden]"),
    ("Cookie: a=bcd; e=fgh", "Cookie: [hidden]"), ("('authorization', 'abcdef')", "('authorization', '[hidden]')"),
])
def test_what_is_hidden_and_what_stays_around_it(text: str, told: str) -> None:
    assert logs.redacted(text) == told
    assert logs.redacted(told) == told


@pytest.mark.parametrize("text", [
    "token is missing", "SLACK_BOT_TOKEN: is missing", "refresh token expired", "authorization_failed", "tokens_left=3",
    "<@U123> pressed in <#C01>", "http://127.0.0.1:4603/api/auth.test", "http://h:80/ @ 12",
    '{"ok": true, "ts": "1.2", "tokens": 3}',
    'password: ""', "passwords", "key=overdue:12:3 took 0.12 s", "secretary=Jane Doe", "@here a @ b",
])
def test_lines_stay_readable(text: str) -> None:
    assert logs.redacted(text) == text


words = st.text(st.sampled_from("abcXYZ019.-_+!#$%&'*/=?^`{|}~éü"), min_size=1, max_size=20)
hosts = st.lists(st.text(st.sampled_from("abcxyz019-é"), min_size=1, max_size=9), min_size=1, max_size=3).map(".".join)
quoted = st.text(st.sampled_from("ab XY,.:;<>()@'"), min_size=1, max_size=20).map('"{}"'.format)
around = st.sampled_from(["{}", "a line\n{}", "to {}, and more", "<{}>", "({})", "[{}]", "who={} x", "“{}”"])
names = st.sampled_from([
    "token", "refresh_token", "SENDOSO_REFRESH_TOKEN", "clientSecret", "client_secret", "password", "DB-Password",
    "ENCRYPTION_KEYS", "api_key", "X-Slack-Signature", "accessToken",
])
forms = st.sampled_from(["{}={}", "{}: {}", "{} = {}", '"{}": "{}"', "'{}': '{}'", "{}=>{}", "x {}='{}', y"])
values = st.text(st.sampled_from("abcXYZ019.-_+/=,;@"), min_size=6, max_size=40).filter(lambda text: len(set(text)) > 2)


def fail(about: str) -> None:
    raise ValueError(about)


def written(about: str) -> str:
    """What a log holds of an event that has it in its message, its values, its nested data and its exception."""
    told = []
    for form in ("json", "text"):
        stream = io.StringIO()
        logs.configure("INFO", form, stream)
        log = structlog.get_logger("bot.x")
        try:
            fail(about)
        except ValueError:
            log.exception(about, value=about, deep={"a": [about, {about: (about,)}]}, other=KeyError(about))
        logging.getLogger("slack_sdk.web").info("body: %s", about)
        told.append(stream.getvalue())
    return "".join(told)


@hostile(60)
@given(st.one_of(words, quoted), hosts, around)
def test_no_address_is_ever_logged(local: str, host: str, form: str) -> None:
    local = f'"Qj{local[1:]}' if local.startswith('"') else f"Qj{local}Jq"
    told = written(form.format(f"{local}@{host}"))
    assert "Qj" not in told
    assert "Jq" not in told
    assert f"@{host}" not in told
    assert "[e-mail]" in told


@hostile(60)
@given(names, values, forms, around)
def test_no_secret_with_a_name_is_ever_logged(name: str, value: str, form: str, about: str) -> None:
    told = written(about.format(form.format(name, value)))
    assert value not in told
    assert name in told


@hostile(60)
@given(names, values)
def test_no_value_of_a_secret_name_is_ever_logged(name: str, value: str) -> None:
    stream = io.StringIO()
    logs.configure("INFO", "json", stream)
    structlog.get_logger("bot.x").info("made", deep=[{name: value}, (name, value), (name.encode(), value.encode())])
    assert value not in stream.getvalue()


def test_no_half_of_an_address_stands_before_the_cut() -> None:
    for length in range(logs.LONGEST - 30, logs.LONGEST + 5):
        told = logs.redacted("x" * length + " jane.doe@acme.com " + "y" * 900)
        assert "jane" not in told
        assert len(told) <= logs.LONGEST + 30


def test_a_long_word_does_not_take_long() -> None:
    # Without care for where an address may begin, this takes seconds.
    assert logs.redacted("a.b-" * 990 + "@ c@d").endswith("[e-mail]")


@given(st.text())
def test_any_text_can_be_redacted(text: str) -> None:
    assert len(logs.redacted(text)) <= max(len(text) * 12, 5_000)


def test_long_lines_are_cut() -> None:
    assert logs.redacted("x" * 10_000).endswith("… (10,000 characters)")


FORMS: tuple[Literal["text", "json"], ...] = ("text", "json")


@pytest.mark.parametrize("quoted", [1, 10_000])
def test_a_long_traceback_is_cut_in_its_middle(quoted: int) -> None:
    def there(depth: int) -> None:
        back(depth - 1)

    def back(depth: int) -> None:  # two that call each other, for Python tells one that calls itself only once
        if not depth:
            raise ValueError("jane.doe@acme.com, " * quoted + "the reason")
        there(depth - 1)

    for form in FORMS:
        stream = io.StringIO()
        logs.configure("INFO", form, stream)
        try:
            there(401)
        except ValueError:
            structlog.get_logger("bot.jobs").exception("job_failed")
        told = stream.getvalue()
        assert "Traceback (most recent call last)" in told
        assert "the reason" in told
        assert re.search(r"… \([\d,]+ characters\) …", told)
        assert "jane" not in told
        assert len(told) < logs.LONGEST_TRACE * 1.1


def test_a_usual_traceback_is_whole() -> None:
    stream = io.StringIO()
    logs.configure("INFO", "text", stream)
    structlog.get_logger("bot.jobs").error("job_failed", exc_info=ValueError("x" * (logs.LONGEST_TRACE - 100)))
    assert "characters)" not in stream.getvalue()


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


unseen = st.text(st.sampled_from(
    'a ="\\\n\r\t\x00\x07\x1b\x7f\x85\x9b\u00a0\u200e\u2028\u202e\u2066\ufeff\U000e0001é日😀',
))
"""Line ends of any kind, what a terminal obeys, and what turns the direction of letters."""


@hostile(60)
@given(unseen)
def test_what_a_terminal_obeys_is_written_out(said: str) -> None:
    for form in FORMS:
        stream = io.StringIO()
        logs.configure("INFO", form, stream)
        structlog.get_logger("bot.x").info("asked", said=said)
        line, end = stream.getvalue().split("\n")
        assert (line.isprintable(), end) == (True, "")
        shown = line.split("said=")[-1]
        read = json.loads(line)["said"] if form == "json" else said if said.isprintable() else json.loads(shown)
        assert read == said


@hostile(60)
@given(unseen)
def test_what_an_error_quotes_is_written_out_as_well(said: str) -> None:
    for form in FORMS:
        stream = io.StringIO()
        logs.configure("INFO", form, stream)
        structlog.get_logger("bot.x").error("stumbled", exc_info=ValueError(said))
        assert all(line.isprintable() for line in stream.getvalue().split("\n"))


def test_levels_and_quiet_libraries() -> None:
    stream = io.StringIO()
    logs.configure("INFO", "text", stream)
    structlog.get_logger("bot.x").debug("unheard")
    logging.getLogger("apscheduler.executors.default").info("Running job")
    logging.getLogger("apscheduler").warning("late")
    logging.getLogger("apscheduler.scheduler").warning("skipped, which is told as job_not_run")
    assert len(lines(stream)) == 1
    logs.configure("DEBUG", "text", stream)
    logging.getLogger("apscheduler.executors.default").info("Running job")
    assert len(lines(stream)) == 2
    logs.configure("ERROR", "text", stream)
    logging.getLogger("apscheduler").warning("late")
    assert len(lines(stream)) == 2


def test_a_pool_that_is_closed_says_nothing() -> None:
    stream = io.StringIO()
    logs.configure("DEBUG", "text", stream)
    engine = create_engine("sqlite://", poolclass=PatientPool)
    engine.connect().close()
    engine.dispose()
    assert stream.getvalue() == ""


def test_warnings_are_logged_as_well() -> None:
    stream = io.StringIO()
    logs.configure("INFO", "json", stream)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        logging.captureWarnings(capture=True)
        warnings.warn("old: jane@acme.com", UserWarning, stacklevel=1)
    assert "[e-mail]" in stream.getvalue()
