from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack_hosts import is_slacks

SLACK, PLAY = "https://slack.com/api/", "http://127.0.0.1:4603/api/"


@pytest.mark.parametrize("url", [
    "https://hooks.slack.com/commands/T1/2/x", "https://files.slack.com/upload/v1/x", "https://slack.com/x",
    "https://HOOKS.SLACK.COM:443/actions/T1",
])
def test_slacks_own_addresses(url: str) -> None:
    assert is_slacks(url, SLACK)
    assert is_slacks(url, PLAY)


@pytest.mark.parametrize("url", [
    None, "", "hooks.slack.com/x", "http://hooks.slack.com/x", "https://hooks.slack.com:8443/x",
    "https://slack.com.evil.example/x", "https://evilslack.com/x", "https://evil.example/hooks.slack.com",
    "https://hooks.slack.com@evil.example/x", "https://evil.example#@hooks.slack.com", "https://u:p@hooks.slack.com/x",
    "http://169.254.169.254/latest/meta-data", "http://127.0.0.1:4603/x", "http://localhost/x", "http://[::1]/x",
    "file:///etc/passwd", "ftp://hooks.slack.com/x", "gopher://slack.com/x", "https://[bad/x",
    "https://hooks.slack.com:x/", "https://hooks.slack.com./x",
    "https://evil.example\\.slack.com/x", "https://evil.example%2f.slack.com/x", "https://127.0.0.1%20.slack.com/x",
])
def test_everybody_else_is_not_written_to(url: str | None) -> None:
    assert not is_slacks(url, SLACK)


def test_a_stand_in_is_written_to_on_any_port_and_nobody_else() -> None:
    assert is_slacks("http://127.0.0.1:50123/response/1", PLAY)
    assert not is_slacks("http://10.0.0.1:4603/response/1", PLAY)
    assert not is_slacks("file://127.0.0.1/etc/passwd", PLAY)


@given(st.text(max_size=60), st.sampled_from(["", "https://", "http://", "//", "https://hooks.slack.com"]))
def test_no_text_breaks_it(text: str, before: str) -> None:
    found = is_slacks(before + text, SLACK)
    assert not found or before == "https://hooks.slack.com" or "slack" in text.lower()
