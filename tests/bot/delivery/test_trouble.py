"""When Slack does not take messages: nothing is lost, admins are told once, and it resumes by itself."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta

import pytest

from bot.delivery.deliver import Deliver
from bot.delivery.notices import words
from bot.delivery.settling import Ending
from bot.delivery.slack_codes import CHANNEL_ADVICE, WORKSPACE_ADVICE
from bot.delivery.slack_web import SlackWeb
from bot.slack.blocks import notice_card
from storage.models import ChannelPace
from storage.outgoing import WORKSPACE
from tests.bot.delivery.conftest import Office, show_body
from tests.bot.delivery.slack_double import Fault


def test_retry_after_holds_the_whole_channel_and_no_other(office: Office) -> None:
    for channel in ("C1", "C1", "C2"):
        office.wish("a", channel=channel)
    office.slack.fault("chat.postMessage", Fault(status=429, headers={"Retry-After": "30"}, body=b"{}"))
    office.run(workers=1)
    assert office.slack.texts("C2") == ["a"]
    report = office.run()
    assert (report.posted, report.next_at) == (0, office.clock.at + timedelta(seconds=30))
    office.clock.forward(seconds=30)
    office.run()
    office.clock.forward(seconds=1)
    office.run()
    assert office.slack.texts("C1") == ["a", "a"]


def test_a_limited_redraw_holds_every_redraw_but_no_post(office: Office) -> None:
    wished = [office.wish("a", channel=channel) for channel in ("C1", "C2")]
    office.run()
    office.clock.forward(seconds=1)
    for message_id in wished:
        office.change(message_id, "b")
    office.slack.fault("chat.update", Fault(status=429, headers={"Retry-After": "20"}, body=b"{}"))
    assert office.run(workers=1)[Ending.HELD] == 1
    office.wish("c", channel="C3")
    report = office.run()
    assert (report.updated, report.posted) == (0, 1)
    office.clock.forward(seconds=20)
    office.run()
    assert office.slack.count("chat.update") >= 2


@pytest.mark.parametrize("code", [*CHANNEL_ADVICE, "restricted_action_read_only_channel"])
def test_a_broken_channel_keeps_everything_and_resumes(sqlite_office: Office, code: str) -> None:
    office = sqlite_office
    office.wish("one")
    office.wish("two")
    office.slack.errors["C1"] = code
    assert office.run()[Ending.BROKEN] == 1
    notice, = office.notices()
    since = int(office.clock.at.timestamp())
    assert (notice.key, notice.channel) == (f"notice:channel:C1:{code}:{since}:UADMIN", "UADMIN")
    assert all(word in notice.body["text"] for word in ("C1", code))
    assert (office.pace().broken_code, office.pace().broken_since) == (code, office.clock.at)
    office.clock.forward(minutes=1)
    del office.slack.errors["C1"]
    office.run()
    office.clock.forward(seconds=1)
    office.run()
    assert office.slack.texts("C1") == ["one", "two"]
    assert (office.pace().broken_code, office.pace().broken_since) == (None, None)


def test_retries_of_a_broken_channel_grow_apart_and_tell_once(sqlite_office: Office) -> None:
    office = sqlite_office
    office.wish("kept")
    office.slack.errors["C1"] = "not_in_channel"
    tries = []
    begin = office.clock.at
    for _ in range(9):
        report = office.run()
        if any(call.at == office.clock.at and call.body["channel"] == "C1" for call in office.slack.calls):
            tries.append((office.clock.at - begin) // timedelta(minutes=1))
        assert report.next_at is not None
        office.clock.at = max(report.next_at, office.pace().not_before)
    assert tries == [0, 1, 2, 4, 8, 16, 32, 64, 124]
    assert len(office.notices()) == 1
    assert len(office.slack.texts("DADMIN")) == 1


def test_another_code_and_another_episode_are_told_again(office: Office) -> None:
    office.wish("kept")
    office.slack.errors["C1"] = "not_in_channel"
    office.run()
    office.slack.errors["C1"] = "is_archived"
    office.clock.forward(minutes=1)
    office.run()
    del office.slack.errors["C1"]
    office.clock.forward(hours=1)
    office.run()
    office.wish("later")
    office.slack.errors["C1"] = "is_archived"
    office.clock.forward(hours=1)
    office.run()
    assert [notice.key.split(":")[3] for notice in office.notices()] == [
        "not_in_channel", "is_archived", "is_archived",
    ]


@pytest.mark.parametrize("code", WORKSPACE_ADVICE)
def test_a_token_that_fails_stops_every_channel_until_it_is_mended(sqlite_office: Office, code: str) -> None:
    office = sqlite_office
    office.wish("one", channel="C1")
    office.slack.errors["*"] = code
    office.run()
    office.wish("two", channel="C2")
    report = office.run()
    assert office.slack.count("chat.postMessage") == 1
    assert report.next_at == office.clock.at + timedelta(minutes=1)
    assert office.pace(WORKSPACE).broken_code == code
    assert len(office.notices()) == 1
    del office.slack.errors["*"]
    office.clock.forward(minutes=1)
    assert office.run().posted == 3
    assert office.pace(WORKSPACE).broken_code is None
    assert "posting works again" in office.slack.texts("DADMIN")[0]


def test_nobody_is_told_about_a_direct_message_to_an_admin(sqlite_office: Office) -> None:
    office = sqlite_office
    office.wish("psst", channel="UADMIN")
    office.slack.errors["UADMIN"] = "user_disabled"
    assert office.run()[Ending.BROKEN] == 1
    office.clock.forward(minutes=1)
    office.run()
    assert office.notices() == []


def test_without_admins_the_alert_channel_is_told(sqlite_office: Office) -> None:
    office = sqlite_office
    office.wish("a", channel="C2")
    office.wish("b", channel="C1")
    office.slack.errors |= {"C1": "is_archived", "C2": "is_archived"}
    office.run(admins=(), fallback="C1")
    assert [(notice.channel, notice.key.split(":")[2]) for notice in office.notices()] == [("C1", "C2")]


def test_every_admin_is_told(office: Office) -> None:
    office.wish("a")
    office.slack.errors["C1"] = "is_archived"
    office.run(admins=("UA", "UB"))
    assert [notice.channel for notice in office.notices()] == ["UA", "UB"]


def test_a_slack_that_cannot_be_reached_holds_everything_for_a_moment(office: Office) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/api/"
    wished = office.wish("a")
    away = Deliver(office.database, SlackWeb("xoxb-test", url), show_body, office.clock, admins=("UADMIN",))
    waits = []
    for _ in range(7):
        assert away.run()[Ending.HELD] == 1
        pace: ChannelPace = office.pace(WORKSPACE)
        waits.append((pace.not_before - office.clock.at) // timedelta(seconds=1))
        office.clock.at = pace.not_before
    assert waits == [2, 2, 4, 8, 16, 32, 60]
    message = office.message(wished)
    assert (message.phase, message.attempts, message.first_attempt_at) == ("idle", 0, None)
    assert office.notices() == []
    assert office.run().posted == 1
    assert office.pace(WORKSPACE).broken_code is None


def test_unreachable_does_not_hide_what_is_wrong_with_the_token(sqlite_office: Office) -> None:
    office = sqlite_office
    office.wish("a")
    office.slack.errors["*"] = "token_revoked"
    office.run()
    office.clock.forward(minutes=1)
    url = office.url
    office.url = "http://127.0.0.1:1/api/"
    assert office.run()[Ending.HELD] <= 2, "one call for each channel that waits"
    office.url = url
    assert office.pace(WORKSPACE).broken_code == "token_revoked"


def test_who_names_the_channel_is_who_has_to_name_another() -> None:
    since = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    assert "ALERT_CHANNEL" in words("C012", "is_archived", since, "C012")
    routed = words("C023", "is_archived", since, "C012")
    assert "ALERT_CHANNEL" not in routed
    assert "routes and escalations" in routed
    drawn = notice_card.build(routed, place="C023").text
    assert drawn.startswith("Sendwatch cannot post in channel <#C023> since")
    assert "<#" not in notice_card.build("channel C023 since <!here>", place="<!here>").text


def test_every_code_comes_with_advice() -> None:
    since = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    for code in [*CHANNEL_ADVICE, *WORKSPACE_ADVICE, "restricted_action"]:
        text = words("C1", code, since)
        assert code in text
        assert "2026-01-02 03:04 UTC" in text
        assert "othing is lost" in text
