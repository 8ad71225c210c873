"""Contact Support: the draft, the e-mail, and the choice of a reminder."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.slack.blocks import support_modal
from bot.slack.blocks.support_modal import FOLLOW_UP_ACTION, FOLLOW_UP_BLOCK, LONGEST_LINK, Draft, mail_link, tried
from storage import people
from storage.models import Alert, AlertEvent, Send
from tests.bot.slack import rows
from tests.bot.slack.conftest import World, alert_of
from tests.bot.slack.harness import Slack, words
from tests.bot.slack.rows import alerts, records, sends, texts
from tests.conftest import NOW
from tests.hostile import hostile

PACIFIC = ZoneInfo("America/Los_Angeles")


def opened(slack: Slack, world: World, method: str = "views.open") -> dict[str, Any]:
    slack.press("alert_support", {"alert": world.alert, "v": 1})
    slack.executor.finish()
    return slack.client.views(method)[-1]


def chosen(value: str) -> dict[str, Any]:
    return {FOLLOW_UP_BLOCK: {FOLLOW_UP_ACTION: {"type": "static_select", "selected_option": {"value": value}}}}


def select(view: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in view["blocks"] if one.get("block_id") == FOLLOW_UP_BLOCK)["element"]
    return found


def test_the_window_says_that_it_takes_the_alert_on(slack: Slack, world: World) -> None:
    assert "Whoever opens this takes the alert on" in words(opened(slack, world))
    alert = alert_of(slack.database, world.alert)
    assert (alert.state, alert.assignee) == ("acknowledged", "U01ANN")


def test_a_reminder_in_two_business_days_is_chosen_already(slack: Slack, world: World) -> None:
    element = select(opened(slack, world))
    assert [one["text"]["text"] for one in element["options"]] == [
        "In 1 business day", "In 2 business days", "In 3 business days", "In 5 business days", "Do not remind me",
    ]
    assert element["initial_option"] == element["options"][1]
    assert element["options"][2]["description"]["text"] == "Fri 27 Nov, 09:00 (America/Los_Angeles)"


@pytest.mark.parametrize(("value", "at"), [
    ("1", datetime(2026, 11, 24, 9, tzinfo=PACIFIC)), ("2", datetime(2026, 11, 25, 9, tzinfo=PACIFIC)),
    ("3", datetime(2026, 11, 27, 9, tzinfo=PACIFIC)), ("5", datetime(2026, 12, 1, 9, tzinfo=PACIFIC)), ("0", None),
])
def test_what_is_chosen_is_recorded(slack: Slack, world: World, value: str, at: datetime | None) -> None:
    assert slack.submit(opened(slack, world), chosen(value)) == {}
    alert = alert_of(slack.database, world.alert)
    assert (alert.support_by, alert.follow_up_at) == ("U01ANN", at)


@pytest.mark.parametrize("value", ["4", "-1", "x", "9" * 40])
def test_no_other_reminder_is_taken(slack: Slack, world: World, value: str) -> None:
    told = slack.submit(opened(slack, world), chosen(value))
    assert told == {"response_action": "errors", "errors": {FOLLOW_UP_BLOCK: "Choose one of these."}}
    assert alert_of(slack.database, world.alert).support_at is None


def test_the_reminder_is_by_the_persons_own_clock(slack: Slack, world: World) -> None:
    slack.client.answers["users.info"] = [{"ok": True, "user": {"tz": "Asia/Tokyo", "profile": {}}}]
    slack.client.answers["views.open"] = [{"ok": True, "view": {"id": "V5", "hash": "h5"}}]
    first = opened(slack, world)
    assert "(America/Los_Angeles)" in words(first)
    again = slack.client.views("views.update")[-1]
    # There it is Tuesday already, and the calendar's Thursday is Thanksgiving.
    assert select(again)["options"][1]["description"]["text"] == "Fri 27 Nov, 09:00 (Asia/Tokyo)"
    slack.submit(again, chosen("1"))
    at = alert_of(slack.database, world.alert).follow_up_at
    assert at == datetime(2026, 11, 25, 9, tzinfo=ZoneInfo("Asia/Tokyo"))


def test_a_window_that_comes_back_before_slack_has_told_the_zone(slack: Slack, world: World) -> None:
    slack.client.answers["users.info"] = [
        {"ok": False, "error": "internal_error"}, {"ok": True, "user": {"tz": "Europe/London", "profile": {}}},
    ]
    slack.submit(opened(slack, world), chosen("1"))
    at = alert_of(slack.database, world.alert).follow_up_at
    assert at == datetime(2026, 11, 24, 9, tzinfo=ZoneInfo("Europe/London"))
    assert len([name for name, _ in slack.client.calls if name == "users.info"]) == 2


def test_a_reminder_is_in_the_zone_of_the_business_where_slack_tells_none(slack: Slack, world: World) -> None:
    slack.client.answers["users.info"] = [{"ok": False, "error": "internal_error"}] * 2
    slack.submit(opened(slack, world), chosen("1"))
    assert alert_of(slack.database, world.alert).follow_up_at == datetime(2026, 11, 24, 9, tzinfo=PACIFIC)


def test_who_wants_no_reminder_is_not_asked_for(slack: Slack, world: World) -> None:
    slack.client.answers["users.info"] = [{"ok": False, "error": "internal_error"}]
    slack.submit(opened(slack, world), chosen("0"))
    assert len([name for name, _ in slack.client.calls if name == "users.info"]) == 1


def test_the_draft_says_what_was_done(slack: Slack, world: World) -> None:
    with slack.database.write() as session:
        people.keep(session, user_id="U02BEN", now=NOW, name="Ben Okafor")
    slack.press("alert_acknowledge", {"alert": world.alert, "v": 1}, user={"id": "U02BEN", "username": "ben"})
    slack.now = NOW + timedelta(days=3)
    draft = opened(slack, world)["blocks"][1]["element"]["initial_value"]
    assert "What was done so far:\n- 2026-11-23 (3 days ago): taken up by Ben Okafor\n" in draft
    for part in ("Send id: 1\n", "Recipient: Jane Doe", "Sender: Ann Lopez", "Status: Order Received", "1Z999"):
        assert part in draft


def step(action: str, version: int, actor: str = "U02BEN", **more: Any) -> AlertEvent:  # noqa: ANN401 - columns
    before, after = more.pop("before", {}), more.pop("after", {})
    return AlertEvent(
        action=action, actor=actor, actor_name=more.pop("actor_name", "ben"), occurred_at=NOW - timedelta(hours=5),
        dedupe_key=f"{action}{version}", before={"version": version} | before,
        after={"version": version + (action not in {"meaning", "follow_up"})} | after,
    )


def test_what_was_undone_is_not_told_to_support() -> None:
    history = [
        step("opened", 0, "scan"), step("acknowledge", 1), step("meaning", 2), step("support_sent", 2),
        step("follow_up", 3), step("snooze", 3), step("undo", 4), step("assign", 5, after={"assignee": "U07EVE"}),
        step("resolve", 6, "U09<!here>", actor_name=""), step("reopened", 7, "scan"),
    ]
    assert tried(history, {"U02BEN": "Ben Okafor", "U07EVE": "Eve\n<@U1A>"}, NOW) == [
        "2026-11-23 (5 hours ago): taken up by Ben Okafor",
        "2026-11-23 (5 hours ago): Support was told by Ben Okafor",
        "2026-11-23 (5 hours ago): looked at again: nothing had moved",
        "2026-11-23 (5 hours ago): given to Eve <\u2060@U1A>",
        "2026-11-23 (5 hours ago): closed by a colleague",
        "2026-11-23 (5 hours ago): opened again",
    ]
    assert len(tried([step("acknowledge", number) for number in range(20)], {}, NOW)) == support_modal.TRIED


def mailed(link: str) -> dict[str, str]:
    """What the mail program gets."""
    address = link.removeprefix("<mailto:?").partition("|")[0].replace("&amp;", "&")
    return {name: value for name, (value,) in parse_qs(address, strict_parsing=True).items()}


def test_the_e_mail_holds_the_whole_draft(slack: Slack, world: World) -> None:
    view = opened(slack, world)
    assert "|write an e-mail with it>" in words(view)
    draft = Draft(alert=rows.alert(), send=rows.send(), now=NOW, history=[step("acknowledge", 1)])
    told = mailed(mail_link(draft, "write"))
    assert told["subject"] == "Send 44: Order Received for 8 days"
    assert told["body"].replace("\r\n", "\n") == draft.text


@hostile(60)
@given(send=sends, alert=alerts, history=st.lists(records, max_size=4), said=texts)
@example(send=rows.send(campaign="x\r\nBcc: all@acme.com", status="unknown", status_raw="x%0D%0ACc: all@acme.com"),
         alert=rows.alert(), history=[], said="")
@example(send=rows.send(status="unknown", status_raw="&bcc=all@acme.com&subject=x", recipient_name="?to=all@acme.com"),
         alert=rows.alert(), history=[], said="#|>")
def test_no_words_add_a_header_or_a_reader_to_the_e_mail(
    send: Send, alert: Alert, history: list[AlertEvent], said: str,
) -> None:
    link = mail_link(Draft(alert=alert, send=send, now=NOW, history=history, names={"U01ANN": said}), "write")
    assert re.fullmatch(r"<mailto:\?[A-Za-z0-9._~%=-]+(&amp;[A-Za-z0-9._~%=-]+)?\|write>", link)
    told = mailed(link)
    assert set(told) <= {"subject", "body"}
    # A line break in the subject would begin the next header.
    assert not re.search("[\x00-\x1f\x7f\u2028\u2029]", told["subject"])
    assert not re.search("[\x00-\x09\x0b\x0c\x0e-\x1f]", told.get("body", ""))


def test_an_e_mail_that_would_be_too_long_holds_less() -> None:
    history = [step("acknowledge", number) for number in range(8)]
    send = rows.send(campaign="x" * 70, tracking_url="y" * 500)
    longer = Draft(alert=rows.alert(), send=send, now=NOW, history=history)
    assert mailed(mail_link(longer, "write"))["body"].replace("\r\n", "\n") == longer.short
    longest = Draft(alert=rows.alert(), send=rows.send(recipient_name="名" * 80, campaign="前" * 80), now=NOW)
    assert set(mailed(mail_link(longest, "write"))) == {"subject"}
    for draft in (longer, longest):
        assert len(mail_link(draft, "write").replace("&amp;", "&")) <= LONGEST_LINK + len("<|write>")


def test_a_window_from_before_there_were_reminders(slack: Slack, world: World) -> None:
    assert slack.submit(opened(slack, world), {}) == {}
    assert alert_of(slack.database, world.alert).follow_up_at is None
