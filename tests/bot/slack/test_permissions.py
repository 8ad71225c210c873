"""Who may press what: answered to the one who pressed, with who may, and on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from sqlalchemy import select

from bot.alerts.permissions import Permissions
from bot.slack import groups
from storage import people
from storage.models import AlertEvent
from tests.bot.slack.conftest import World, add_alert, add_message, add_send, alert_of
from tests.bot.slack.harness import RULES, Slack
from tests.conftest import NOW

ANN: Mapping[str, Any] = {}
BEN: Mapping[str, Any] = {"user": {"id": "U02BEN", "username": "ben", "team_id": "T0DEMO"}}
GROUP = {"ok": True, "users": ["U02BEN", "U03CHO"]}
SAM = {"ok": True, "user": {"profile": {"email": "Sam@Acme.com"}}}


def allow(slack: Slack, **allowed: tuple[str, ...]) -> None:
    rules = replace(RULES, permissions=Permissions(allowed=allowed))
    object.__setattr__(slack.deps, "rules", lambda _session: rules)


def events(slack: Slack) -> list[AlertEvent]:
    with slack.database.read() as session:
        return list(session.scalars(select(AlertEvent).order_by(AlertEvent.id)))


def press(slack: Slack, world: World, action: str = "alert_resolve", *, by: Mapping[str, Any] = ANN) -> str:
    slack.press(action, {"alert": world.alert, "v": 1}, **by)
    return alert_of(slack.database, world.alert).state


def test_a_refusal_says_who_may_and_is_on_record(slack: Slack, world: World) -> None:
    allow(slack, resolve=("sender", "S01OPS", "admins"))
    slack.client.answers["usergroups.users.list"] = [{"ok": True, "users": ["U09EVE"]}]
    slack.client.answers["users.info"] = [{"ok": True, "user": {"profile": {"email": "ben@acme.com"}}}]
    assert press(slack, world, by=BEN) == "firing"
    assert [body["text"] for body in slack.said] == [
        "You may not do that here. It is for the sender of the gift, <!subteam^S01OPS> or the admins of Sendwatch.",
    ]
    (event,) = events(slack)
    assert (event.action, event.actor, event.alert_id, event.detail["wanted"]) == (
        "refused", "U02BEN", world.alert, "resolve",
    )
    assert event.before == event.after == {}


def test_the_same_refused_press_is_on_record_once(slack: Slack, world: World) -> None:
    allow(slack, resolve=("admins",))
    action = {
        "type": "button", "action_id": "alert_resolve", "action_ts": "7.7", "value": f'{{"alert":{world.alert}}}',
    }
    for _ in range(2):
        slack.press("x", actions=[action], **BEN)
    assert [one.action for one in events(slack)] == ["refused"]


@pytest.mark.parametrize("action", ["alert_acknowledge", "alert_assign", "alert_meaning"])
def test_what_is_not_named_is_for_anyone(slack: Slack, world: World, action: str) -> None:
    allow(slack, resolve=("admins",))
    press(slack, world, action, by=BEN)
    assert [one.action for one in events(slack)] == [action.removeprefix("alert_")]
    assert slack.client.calls == [] or action == "alert_meaning"


def test_admins_may_everything(slack: Slack, world: World) -> None:
    allow(slack, resolve=("S01OPS",))
    assert press(slack, world) == "resolved"
    assert slack.client.calls == []


def test_a_member_of_the_group_may_and_slack_is_asked_once(slack: Slack, world: World) -> None:
    allow(slack, resolve=("S01OPS",), acknowledge=("S01OPS",))
    slack.client.answers["usergroups.users.list"] = [GROUP]
    assert press(slack, world, "alert_acknowledge", by=BEN) == "acknowledged"
    assert press(slack, world, by=BEN) == "resolved"
    assert [name for name, _ in slack.client.calls] == ["usergroups.users.list"]


def test_the_sender_may_by_the_email_that_slack_tells(slack: Slack) -> None:
    send = add_send(slack.database, 1, sender_email="sam@acme.com")
    world = World(send=send, alert=add_alert(slack.database, send, None), message=0)
    allow(slack, resolve=("sender",))
    slack.client.answers["users.info"] = [SAM]
    assert press(slack, world, by=BEN) == "resolved"


def test_where_slack_does_not_say_nobody_is_let_in(slack: Slack, world: World) -> None:
    allow(slack, resolve=("sender", "S01OPS"))
    down = SlackApiError("refused", {"ok": False, "error": "missing_scope"})  # type: ignore[no-untyped-call] # the SDK's
    slack.client.answers["usergroups.users.list"] = [down]
    slack.client.answers["users.info"] = [down]
    assert press(slack, world, by=BEN) == "firing"
    assert "You may not do that here" in slack.said[-1]["text"]


def test_of_a_group_those_are_changed_that_may_be(slack: Slack) -> None:
    message = add_message(slack.database, "group")
    for number, email in enumerate(("ben@acme.com", "sam@acme.com"), start=1):
        add_alert(slack.database, add_send(slack.database, number, sender_email=email), message)
    with slack.database.write() as session:
        people.keep(session, user_id="U02BEN", now=NOW, email="ben@acme.com")
    allow(slack, acknowledge=("sender",))
    slack.press("group_acknowledge", {"message": message}, **BEN)
    assert [(one.action, one.alert_id) for one in events(slack)] == [("acknowledge", None), ("acknowledge", 1)]
    assert events(slack)[0].detail["not_allowed"] == 1
    assert [body["text"] for body in slack.said] == [
        "Done with 1 alert, but not with another one: that is for the sender of the gift.",
    ]


def test_what_would_not_have_been_changed_anyway_is_not_spoken_of(slack: Slack) -> None:
    message = add_message(slack.database, "group")
    for number, (email, state) in enumerate((("ben@acme.com", "firing"), ("sam@acme.com", "resolved")), start=1):
        send = add_send(slack.database, number, sender_email=email)
        add_alert(slack.database, send, message, state=state)
    with slack.database.write() as session:
        people.keep(session, user_id="U02BEN", now=NOW, email="ben@acme.com")
    allow(slack, acknowledge=("sender",))
    slack.press("group_acknowledge", {"message": message}, **BEN)
    assert slack.said == []
    assert "not_allowed" not in events(slack)[0].detail


def test_the_groups_that_are_named_are_asked_about_in_good_time(slack: Slack) -> None:
    allow(slack, resolve=("S01OPS", "sender"), snooze=("S02EVE",))

    def asked(now: timedelta) -> int:
        slack.client.answers["usergroups.users.list"] = [GROUP, GROUP]
        return groups.refresh(slack.database, slack.client, slack.deps.rules, NOW + now)

    assert [asked(timedelta(minutes=minutes)) for minutes in (0, 5, 10)] == [2, 0, 2]
    with slack.database.read() as session:
        assert people.groups_of(session, "U02BEN") == {"S01OPS", "S02EVE"}


def test_an_answer_that_is_none_leaves_what_was_known(slack: Slack) -> None:
    down = SlackApiError("refused", {"ok": False, "error": "ratelimited"})  # type: ignore[no-untyped-call] # the SDK's
    slack.client.answers["usergroups.users.list"] = [GROUP, down]
    assert groups.ask(slack.database, slack.client, "S01OPS", NOW)
    assert not groups.ask(slack.database, slack.client, "S01OPS", NOW)
    with slack.database.read() as session:
        assert people.groups(session)["S01OPS"].members == GROUP["users"]
