"""People of another organisation in a shared channel: told so, and nothing is done for them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from sqlalchemy import select

from bot.slack import outsiders
from bot.slack.blocks import event_words, home
from bot.slack.homes import Keeper
from storage.models import Alert, AlertEvent
from tests.bot.slack.conftest import World, alert_of
from tests.bot.slack.harness import RULES, Slack, words

PAT = {"id": "U0PAT", "username": "pat", "team_id": "T9OTHER"}
"""At home in another workspace, as Slack tells of a press; `team` is that of the app."""
THERE = {"ok": True, "user": {"id": "U0PAT", "team_id": "T9OTHER"}}


def of_organisation(organisation: str, *teams: str) -> dict[str, Any]:
    member = {"id": "U0PAT", "enterprise_id": organisation, "teams": list(teams)}
    return {"ok": True, "user": {"id": "U0PAT", "team_id": "T9OTHER", "enterprise_user": member}}


def refused(code: str) -> SlackApiError:
    return SlackApiError("refused", {"error": code})  # type: ignore[no-untyped-call]


@pytest.fixture
def press(slack: Slack, world: World) -> Any:  # noqa: ANN401 - a function
    def pressed(action: str = "alert_acknowledge", **more: Any) -> str:  # noqa: ANN401 - parts of a payload
        slack.press(action, {"alert": world.alert, "v": 1}, user=PAT, **more)
        return slack.said[-1]["text"] if slack.said else ""

    return pressed


@pytest.mark.parametrize("action", [
    "alert_acknowledge", "alert_assign", "alert_snooze", "alert_resolve", "alert_support", "alert_meaning",
    "alert_open", "alert_timeline",
])
def test_a_press_is_answered_and_changes_nothing(slack: Slack, world: World, press: Any, action: str) -> None:  # noqa: ANN401
    slack.client.answers["users.info"] = [THERE]
    assert "another organisation than yours" in press(action)
    assert slack.said[-1]["replace_original"] is False
    assert (alert_of(slack.database, world.alert).state, slack.client.views()) == ("firing", [])


def test_slack_is_asked_once_in_a_while(slack: Slack, press: Any) -> None:  # noqa: ANN401
    slack.client.answers["users.info"] = [THERE, THERE]
    press()
    press("alert_resolve")
    assert [name for name, _ in slack.client.calls] == ["users.info"]
    slack.now += timedelta(minutes=11)
    press()
    assert [name for name, _ in slack.client.calls] == ["users.info"] * 2


@pytest.mark.parametrize("told", [
    of_organisation("E1", "T9OTHER"), of_organisation("", "T9OTHER", "T0DEMO"), of_organisation("E1"),
    {"ok": True, "user": {"id": "U0PAT", "team_id": "T0DEMO"}},
])
def test_people_of_another_workspace_of_the_organisation_may(
    slack: Slack, world: World, press: Any, told: dict[str, Any],  # noqa: ANN401
) -> None:
    slack.client.answers["users.info"] = [told]
    slack.client.answers["auth.test"] = [{"ok": True, "team_id": "T0DEMO", "enterprise_id": "E1"}]
    assert press() == ""
    assert alert_of(slack.database, world.alert).acknowledged_by == "U0PAT"


@pytest.mark.parametrize("own", ["E1", ""])
def test_people_of_another_organisation_of_workspaces_may_not(slack: Slack, press: Any, own: str) -> None:  # noqa: ANN401
    slack.client.answers["users.info"] = [of_organisation("E9", "T9OTHER")]
    slack.client.answers["auth.test"] = [{"ok": True, "team_id": "T0DEMO", "enterprise_id": own}]
    assert press() == outsiders.OUTSIDER


@pytest.mark.parametrize(("answer", "said"), [
    (TimeoutError(), outsiders.SILENT), (refused("internal_error"), outsiders.SILENT),
    (refused("user_not_visible"), outsiders.OUTSIDER),
    ({"ok": True, "user": None}, outsiders.OUTSIDER),
])
def test_where_slack_does_not_say_nothing_is_done(
    slack: Slack, world: World, press: Any, answer: Any, said: str,  # noqa: ANN401
) -> None:
    slack.client.answers["users.info"] = [answer]
    assert press() == said
    assert alert_of(slack.database, world.alert).state == "firing"


@pytest.mark.parametrize("rules", [
    replace(RULES, routing=replace(RULES.routing, admins=("U0PAT",))),
    replace(RULES, permissions=replace(RULES.permissions, allowed={"acknowledge": ("anyone", "U0PAT")})),
])
def test_whom_an_admin_has_named_may(slack: Slack, world: World, press: Any, rules: Any) -> None:  # noqa: ANN401
    object.__setattr__(slack.deps, "rules", lambda _session: rules)
    slack.app = slack.build()
    assert press() == ""
    assert alert_of(slack.database, world.alert).acknowledged_by == "U0PAT"
    assert slack.client.calls == []


def test_of_a_window_only_the_window_itself_says_whose_it_is(slack: Slack, world: World) -> None:
    slack.press("alert_snooze", {"alert": world.alert, "v": 1})
    slack.executor.finish()
    (opened,) = slack.client.views()
    slack.client.answers["users.info"] = [THERE]
    told = slack.submit({**opened, "app_installed_team_id": "T0DEMO"}, {}, user=PAT, team={"id": "T9OTHER"})
    assert outsiders.OUTSIDER in words(told["view"])
    assert alert_of(slack.database, world.alert).state == "firing"


def test_commands_and_menus_tell_them_nothing(slack: Slack, world: World) -> None:
    slack.deps.identity.team_id = "T0DEMO"
    slack.client.answers["users.info"] = [THERE]
    assert words(slack.command("/send-status", "jane", user_id="U0PAT", team_id="T9OTHER")) == outsiders.OUTSIDER
    assert slack.options("look_up_find", "jane", user=PAT) == []


def test_a_shortcut_of_a_message_is_answered_too(slack: Slack, world: World) -> None:
    slack.client.answers["users.info"] = [THERE]
    slack.interact({
        "type": "message_action", "callback_id": "which_sends", "user": PAT, "trigger_id": "1.2",
        "message": {"ts": "1.1", "text": "jane@acme.com"}, "response_url": slack.response_url,
    })
    assert [one["text"] for one in slack.said] == [outsiders.OUTSIDER]
    assert slack.client.views() == []


def test_a_refused_press_is_counted_and_on_record_once(slack: Slack, world: World) -> None:
    refusals: list[str] = []
    object.__setattr__(slack.deps, "count_refused", refusals.append)
    slack.app = slack.build()
    slack.client.answers["users.info"] = [THERE]
    carried = json.dumps({"do": "resolve_why", "alert": world.alert})
    resolve = {"action_id": "alert_more", "action_ts": "7.7", "value": carried}
    slack.press("alert_more", user=PAT, actions=[resolve])
    slack.press("alert_more", user=PAT, actions=[resolve])
    slack.press("alert_acknowledge", {"alert": 999_999, "v": 1}, user=PAT)
    slack.press("alert_open", {"alert": world.alert}, user=PAT)
    assert slack.said
    assert refusals == ["outsider"] * 4
    with slack.database.read() as session:
        (row,) = session.scalars(select(AlertEvent).where(AlertEvent.action == "refused"))
        told = event_words.words(row, session.get_one(Alert, world.alert))
    assert (row.actor, row.team_id, row.alert_id) == ("U0PAT", "T9OTHER", world.alert)
    assert told.endswith("wanted to resolve it, which is for people of this organisation: not done")


def test_that_slack_does_not_say_is_counted_too(slack: Slack, press: Any) -> None:  # noqa: ANN401
    refusals: list[str] = []
    object.__setattr__(slack.deps, "count_refused", refusals.append)
    slack.app = slack.build()
    slack.client.answers["users.info"] = [TimeoutError()]
    assert press() == outsiders.SILENT
    assert refusals == ["undecided"]


def opens(slack: Slack, user: str = "U0PAT") -> str:
    slack.event({"type": "app_home_opened", "tab": "home", "user": user, "channel": "D1"})
    slack.executor.finish()
    return str(words(slack.client.views("views.publish")[-1]))


def test_the_home_tab_of_an_outsider_says_so_and_stays_so(slack: Slack, world: World) -> None:
    slack.client.answers["users.info"] = [THERE, THERE]
    assert opens(slack) == home.NOT_YOURS
    assert [name for name, _ in slack.client.calls] == ["users.info", "users.info", "views.publish"]
    slack.now += timedelta(minutes=1)
    assert Keeper(slack.deps).run() == 0
    assert opens(slack) == home.NOT_YOURS


def test_a_tab_that_was_drawn_before_slack_told_is_shut(slack: Slack, world: World) -> None:
    slack.client.answers["users.info"] = [TimeoutError(), TimeoutError(), TimeoutError(), THERE, THERE]
    assert "Your gifts" in opens(slack)
    assert opens(slack) == home.NOT_YOURS
    slack.now += timedelta(minutes=1)
    assert Keeper(slack.deps).run() == 0


def test_a_tab_is_shut_as_soon_as_slack_tells(slack: Slack, world: World) -> None:
    user = {"id": "U0PAT", "team_id": "T9OTHER", "profile": {"email": "pat@elsewhere.example"}}
    slack.client.answers["users.info"] = [TimeoutError(), TimeoutError(), {"ok": True, "user": user}, THERE]
    assert opens(slack) == home.NOT_YOURS
    assert len(slack.client.views("views.publish")) == 2


def test_colleagues_of_another_workspace_have_their_tab(slack: Slack, world: World) -> None:
    slack.client.answers["users.info"] = [of_organisation("E1", "T9OTHER")] * 2
    slack.client.answers["auth.test"] = [{"ok": True, "team_id": "T0DEMO", "enterprise_id": "E1"}]
    assert "Your gifts" in opens(slack)
    slack.client.calls.clear()
    assert "Your gifts" in opens(slack)
    assert [name for name, _ in slack.client.calls] == ["views.publish"]
