"""User groups, people who are deactivated or new, and replies that stand in the channel too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground.server import Playground
from bot.playground.slack_app import Team
from bot.playground.slack_errors import SlackError

GIFTING = "C01GIFTING"


def refused(call: Callable[..., Any], **args: object) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**args)
    return str(caught.value.response["error"])


def test_who_is_in_a_user_group(web: WebClient, playground: Playground) -> None:
    assert web.usergroups_users_list(usergroup="S01GIFTOPS")["users"] == ["U01ANN", "U03CHI"]
    assert refused(web.usergroups_users_list, usergroup="S0NONE") == "no_such_subteam"
    assert refused(web.usergroups_users_list, usergroup="") == "invalid_arguments"
    playground.group("gifting-ops").members.append("U04DEE")
    playground.person("chi").deactivate()
    assert web.usergroups_users_list(usergroup="S01GIFTOPS")["users"] == ["U01ANN", "U04DEE"]
    with pytest.raises(SlackError, match="no_such_subteam"):
        playground.group("nobody")


def test_which_user_groups_there_are(web: WebClient, playground: Playground) -> None:
    playground.group("revenue-ops").is_disabled = True
    plain = web.usergroups_list()["usergroups"]
    assert [(group["id"], group["handle"], group["date_delete"]) for group in plain] == [
        ("S01GIFTOPS", "gifting-ops", 0),
        ("S03FIELD", "field-marketing", 0),
    ]
    assert not {"users", "user_count"} & set(plain[0])
    full = web.usergroups_list(include_users=True, include_count=True, include_disabled=True)["usergroups"]
    assert [(group["users"], group["user_count"]) for group in full[:2]] == [(["U01ANN", "U03CHI"], 2), (["U02BEN"], 1)]
    assert refused(web.usergroups_users_list, usergroup="S02REVOPS") == "no_such_subteam"
    assert web.usergroups_users_list(usergroup="S02REVOPS", include_disabled=True)["users"] == ["U02BEN"]


def test_an_organisations_token_must_say_which_workspace_is_meant() -> None:
    oak, elm = (Team(id=name, name=name, domain=name.lower(), enterprise_id="E0FOREST") for name in ("T0OAK", "T0ELM"))
    with Playground(team=oak) as one, Playground(team=elm, beside=one) as other:
        other.slack.bot_token = one.bot_token
        other.group("gifting-ops").members[:] = ["U04DEE"]
        web = WebClient(one.bot_token, base_url=one.api_url, retry_handlers=[], timeout=5)
        lists: list[tuple[Callable[..., Any], dict[str, str]]] = [
            (web.usergroups_list, {}), (web.users_list, {}), (web.conversations_list, {}),
            (web.usergroups_users_list, {"usergroup": "S01GIFTOPS"}),
        ]
        for call, args in lists:
            assert refused(call, **args) == "missing_argument"
            assert refused(call, **args, team_id="T0ASH") == "team_access_not_granted"
            assert call(**args, team_id="T0ELM")["ok"]
        assert web.usergroups_users_list(usergroup="S01GIFTOPS", team_id="T0ELM")["users"] == ["U04DEE"]
        assert web.usergroups_users_list(usergroup="S01GIFTOPS", team_id="T0OAK")["users"] == ["U01ANN", "U03CHI"]


def test_scopes_of_people_and_groups() -> None:
    manifest = {"oauth_config": {"scopes": {"bot": ["chat:write"]}}}
    with Playground(manifest=manifest) as playground:
        web = WebClient(playground.bot_token, base_url=playground.api_url, retry_handlers=[], timeout=5)
        assert refused(web.usergroups_list) == "missing_scope"
        assert refused(web.usergroups_users_list, usergroup="S01GIFTOPS") == "missing_scope"
        assert refused(web.users_lookupByEmail, email="ann@example.com") == "missing_scope"


def test_a_group_is_called_by_its_handle(web: WebClient, playground: Playground) -> None:
    words = {"type": "usergroup", "usergroup_id": "S03FIELD"}
    line = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [words]}]}
    web.chat_postMessage(channel=GIFTING, text="<!subteam^S01GIFTOPS> and <!subteam^S0NONE|@gone>, look")
    web.chat_postMessage(channel=GIFTING, text="x", blocks=[line])
    said, drawn = playground.channel(GIFTING).messages
    assert said.visible_text == "@gifting-ops and @gone, look"
    assert said.mentions == {"S01GIFTOPS", "S0NONE"}
    assert (drawn.visible_text, drawn.mentions) == ("@field-marketing", {"S03FIELD"})
    assert playground.person("ben").say("@gifting-ops help").text == "<!subteam^S01GIFTOPS> help"


def test_somebody_who_is_deactivated(web: WebClient, playground: Playground) -> None:
    dee = playground.person("dee")
    dee.deactivate()
    assert web.users_info(user=dee.id)["user"]["deleted"]
    assert refused(web.users_lookupByEmail, email="dee@example.com") == "users_not_found"
    assert refused(web.conversations_open, users=dee.id) == "user_disabled"
    assert dee.id not in web.conversations_members(channel=GIFTING)["members"]
    assert web.conversations_info(channel="D04DEE")["channel"]["is_user_deleted"]
    assert web.chat_postMessage(channel=dee.id, text="nobody reads this")["ok"]
    dee.reactivate()
    assert web.users_lookupByEmail(email=" Dee@Example.com ")["user"]["id"] == dee.id
    assert not web.users_info(user=dee.id)["user"]["deleted"]
    assert dee.id in web.conversations_members(channel=GIFTING)["members"]


def test_somebody_new(web: WebClient, playground: Playground) -> None:
    eve = playground.add_person("eve.m", "Eve Marsh", tz="Asia/Tokyo")
    assert web.users_lookupByEmail(email="eve.m@example.com")["user"]["id"] == eve.id == "U05EVEM"
    web.chat_postMessage(channel=eve.id, text="welcome")
    assert eve.dm().messages[0].text == "welcome"
    assert eve.say("hi").user == eve.id


def test_a_reply_that_stands_in_the_channel_too(web: WebClient, playground: Playground) -> None:
    parent = web.chat_postMessage(channel=GIFTING, text="late")["ts"]
    posted = web.chat_postMessage(channel=GIFTING, text="later", thread_ts=parent, reply_broadcast=True)
    web.chat_postMessage(channel=GIFTING, text="quiet", thread_ts=parent)
    assert posted["message"]["subtype"] == "thread_broadcast"
    assert posted["message"]["root"]["text"] == "late"
    newest, oldest = web.conversations_history(channel=GIFTING)["messages"]
    assert (newest["text"], newest["thread_ts"], oldest["text"]) == ("later", parent, "late")
    found = web.conversations_replies(channel=GIFTING, ts=parent)["messages"]
    assert [(message["text"], message.get("subtype")) for message in found] == [
        ("late", None), ("later", "thread_broadcast"), ("quiet", None),
    ]  # fmt: skip
    first, broadcast = playground.channel(GIFTING).messages
    assert [reply.text for reply in first.replies] == ["later", "quiet"]
    assert (first.is_broadcast, broadcast.is_broadcast, broadcast.thread_ts) == (False, True, parent)
    web.chat_delete(channel=GIFTING, ts=parent)
    [alone] = web.conversations_history(channel=GIFTING)["messages"]
    assert alone["root"] is None


def test_only_a_reply_can_stand_in_the_channel_too(web: WebClient, playground: Playground) -> None:
    posted = web.chat_postMessage(channel=GIFTING, text="x", reply_broadcast=True)
    assert "subtype" not in posted["message"]
    assert not playground.channel(GIFTING).messages[0].is_broadcast
