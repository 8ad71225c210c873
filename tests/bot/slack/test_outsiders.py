"""People of another organisation in a shared channel: told so, and nothing is done for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.slack import outsiders
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
