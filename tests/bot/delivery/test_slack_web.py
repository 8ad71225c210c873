from __future__ import annotations

from datetime import timedelta

import pytest

from bot.delivery.slack_answers import (
    Done,
    Page,
    RateLimited,
    Refused,
    Shares,
    SlackUser,
    Trouble,
    Unclear,
    Unreachable,
    Waits,
    refusal,
    shares_of,
    user_of,
)
from bot.delivery.slack_codes import Blame, blame
from bot.delivery.slack_web import SlackWeb
from tests.bot.delivery.conftest import Office
from tests.bot.delivery.slack_double import Fault


def post(office: Office, fault: Fault) -> Done | Trouble:
    office.slack.fault("chat.postMessage", fault)
    web = SlackWeb("xoxb-test", office.url)
    return web.post(channel="C1", text="a", blocks=[], metadata={"key": "k"})


@pytest.mark.parametrize(("given", "seconds"), [
    ("7", 7), ("0", 1), ("-3", 30), ("soon", 30), ("", 30), ("1.5", 30), ("99999999", 3600), ("٣", 30),
])
def test_retry_after_is_read_whatever_stands_there(sqlite_office: Office, given: str, seconds: int) -> None:
    headers = {"Retry-After": given.encode().decode("latin-1")}
    fault = Fault(status=429, headers=headers, body=b'{"ok":false,"error":"ratelimited"}')
    assert post(sqlite_office, fault) == RateLimited(after=timedelta(seconds=seconds))


@pytest.mark.parametrize("code", ["ratelimited", "rate_limited", "message_limit_exceeded"])
def test_too_fast_may_also_be_said_in_the_body(sqlite_office: Office, code: str) -> None:
    assert post(sqlite_office, Fault(error=code)) == RateLimited(after=timedelta(seconds=30))


def test_codes_lead_to_who_is_to_blame(sqlite_office: Office) -> None:
    assert post(sqlite_office, Fault(error="not_in_channel")) == Refused(code="not_in_channel", blame=Blame.CHANNEL)
    assert post(sqlite_office, Fault(error="invalid_auth")) == Refused(code="invalid_auth", blame=Blame.WORKSPACE)
    assert post(sqlite_office, Fault(error="never_seen")) == Refused(code="never_seen", blame=Blame.MESSAGE)
    assert post(sqlite_office, Fault(status=403, body=b'{"ok":false,"error":"is_archived"}')) == Refused(
        code="is_archived", blame=Blame.CHANNEL,
    )


def test_a_bare_yes_is_a_yes(sqlite_office: Office) -> None:
    assert post(sqlite_office, Fault(body=b'{"ok":true,"ts":"1.5"}')) == Done(ts="1.5", channel="C1")
    sqlite_office.slack.fault("chat.update", Fault(body=b'{"ok":true}'))
    web = SlackWeb("xoxb-test", sqlite_office.url)
    assert web.update(channel="C1", ts="1.5", text="a", blocks=[]) == Done(ts="1.5", channel="C1")


@pytest.mark.parametrize(("code", "to_blame"), [
    ("restricted_action", Blame.CHANNEL), ("restricted_action_thread_only_channel", Blame.CHANNEL),
    ("is_archived", Blame.CHANNEL), ("missing_scope", Blame.WORKSPACE), ("token_revoked", Blame.WORKSPACE),
    ("team_access_revoked", Blame.WORKSPACE),
    ("account_inactive", Blame.WORKSPACE), ("invalid_blocks", Blame.MESSAGE), ("msg_too_long", Blame.MESSAGE),
    ("no_text", Blame.MESSAGE), ("message_not_found", Blame.GONE), ("cant_update_message", Blame.GONE),
    ("edit_window_closed", Blame.GONE), ("internal_error", Blame.UNCLEAR), ("fatal_error", Blame.UNCLEAR),
    ("request_timeout", Blame.UNCLEAR), ("service_unavailable", Blame.UNCLEAR), ("ratelimited", Blame.PACE),
])
def test_each_code_has_its_class(code: str, to_blame: Blame) -> None:
    assert blame(code) is to_blame


def test_no_connection_is_certain_and_a_broken_one_is_not(sqlite_office: Office) -> None:
    nowhere = SlackWeb("xoxb-test", "http://127.0.0.1:1/api/")
    assert isinstance(nowhere.delete(channel="C1", ts="1"), Unreachable)
    unknown = SlackWeb("xoxb-test", "http://slack.invalid/api/")
    assert isinstance(unknown.delete(channel="C1", ts="1"), Unreachable)
    plain = SlackWeb("xoxb-test", sqlite_office.url.replace("http:", "https:"))
    assert isinstance(plain.delete(channel="C1", ts="1"), Unclear)
    assert isinstance(SlackWeb("xoxb-test", "ftp://x/").delete(channel="C1", ts="1"), Unclear)


def test_the_token_does_not_stand_in_what_is_told(sqlite_office: Office) -> None:
    assert "xoxb" not in str(post(sqlite_office, Fault(drops=True)))


def test_answers_of_another_kind_are_unclear() -> None:
    assert isinstance(refusal({"ok": False}, Waits()), Unclear)


def test_a_call_is_made_exactly_once(sqlite_office: Office) -> None:
    post(sqlite_office, Fault(drops=True))
    assert sqlite_office.slack.count("chat.postMessage") == 1


def test_history_that_makes_no_sense_is_unclear(sqlite_office: Office) -> None:
    web = SlackWeb("xoxb-test", sqlite_office.url)
    answers = {
        b'{"ok":true}': Unclear(reason="history without messages"),
        b'{"ok":true,"messages":[1,{"ts":"1"}],"response_metadata":null}': Page(messages=[{"ts": "1"}], cursor=""),
        b'{"ok":true,"messages":[],"response_metadata":{"next_cursor":"x"}}': Page(messages=[], cursor="x"),
    }
    for body, expected in answers.items():
        sqlite_office.slack.fault("conversations.history", Fault(body=body))
        assert web.history(channel="C1", oldest="0") == expected


def test_where_a_file_stands_is_read_whatever_else_is_said() -> None:
    given = {
        "public": {"C1": [{"ts": "2.1"}, {"ts": "1.1"}, {"ts": 3}, "odd", {}], "C2": "odd", "C3": []},
        "private": {"D1": [{"ts": "5.1"}]}, "other": {"C4": [{"ts": "1.1"}]},
    }
    shares = shares_of({"shares": given})
    assert (shares.in_channel("C1"), shares.in_channel("D1"), shares.in_channel("C2")) == (("1.1", "2.1"), ("5.1",), ())
    assert set(shares.by_channel) == {"C1", "D1"}
    cases: list[object] = [None, 7, {}, {"shares": None}, {"shares": {"public": []}}]
    for odd in cases:
        assert shares_of(odd).by_channel == {}


def test_an_answer_about_another_file_says_nothing(sqlite_office: Office) -> None:
    web = SlackWeb("xoxb-test", sqlite_office.url)
    for files in (b'[{"id":"F2","shares":{"public":{"C1":[{"ts":"1.1"}]}}}]', b'"odd"', b"[7]"):
        sqlite_office.slack.fault("files.completeUploadExternal", Fault(body=b'{"ok":true,"files":' + files + b"}"))
        found = web.share(file_id="F1", title="t", channel="C1", comment="")
        assert isinstance(found, Shares)
        assert found.by_channel == {}
    sqlite_office.slack.fault("files.info", Fault(body=b'{"ok":true}'))
    assert isinstance(web.shares("F1"), Unclear)


def test_a_person_is_read_as_far_as_slack_tells() -> None:
    bare = user_of({"id": "U1", "name": "jane", "profile": None})
    assert bare == SlackUser(user_id="U1", team_id="", name="jane", tz="", is_reachable=True)
    assert user_of({"name": "jane"}) is None
    assert user_of("odd") is None


def test_how_long_to_wait_can_be_set(sqlite_office: Office) -> None:
    waits = Waits(unsaid=timedelta(seconds=3), longest=timedelta(seconds=4))
    web = SlackWeb("xoxb-test", sqlite_office.url, waits=waits)
    sqlite_office.slack.fault("chat.delete", Fault(status=429), Fault(status=429, headers={"Retry-After": "900"}))
    assert web.delete(channel="C1", ts="1") == RateLimited(after=timedelta(seconds=3))
    assert web.delete(channel="C1", ts="1") == RateLimited(after=timedelta(seconds=4))
