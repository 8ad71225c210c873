"""The Web API as the SDK's client meets it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground.clock import PlayClock
from bot.playground.server import Playground
from tests.bot.playground.trivial import section
from tests.conftest import NOW

GIFTING, OPS = "C01GIFTING", "C04OPS"
MANIFEST = {
    "features": {
        "slash_commands": [{"command": "/send-status", "description": "Where", "should_escape": True}],
        "app_home": {"home_tab_enabled": False},
    },
    "oauth_config": {"scopes": {"bot": ["chat:write", "users:read", "im:write"]}},
    "settings": {"event_subscriptions": {"bot_events": ["app_mention"]}},
}


@pytest.fixture(autouse=True)
def _without_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK warns of messages without a text, which are the point here."""
    monkeypatch.setenv("SKIP_SLACK_SDK_WARNING", "1")


def refused(call: Callable[..., Any], **args: object) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**args)
    return str(caught.value.response["error"])


def test_a_message_is_posted_and_read_back(web: WebClient) -> None:
    metadata = {"event_type": "gift", "event_payload": {"key": "1"}}
    posted = web.chat_postMessage(channel=GIFTING, text="hi", blocks=[section("*hi*")], metadata=metadata)
    assert posted["channel"] == GIFTING
    assert posted["message"]["bot_id"] == "B0SENDWATCH"
    assert posted["message"]["blocks"][0]["block_id"]
    plain = web.conversations_history(channel=GIFTING)["messages"]
    assert "metadata" not in plain[0]
    full = web.conversations_history(channel=GIFTING, include_all_metadata=True)["messages"]
    assert full[0]["metadata"] == metadata
    assert full[0]["ts"] == posted["ts"]


def test_what_is_read_after_its_sender_has_gone_is_known_as_such(web: WebClient, playground: Playground) -> None:
    body = f"token={playground.bot_token}&channel={GIFTING}&text=last"
    address = httpx2.URL(playground.url)
    request = (
        f"POST /api/chat.postMessage HTTP/1.1\r\nHost: {address.host}:{address.port}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )

    async def write_and_die() -> None:
        # In the playground's own loop, which reads nothing meanwhile.
        with socket.create_connection((address.host, address.port)) as sender:
            sender.sendall(request.encode())

    playground.run(write_and_die())
    assert playground.slack.state.wait_for(lambda: playground.slack.calls.of("chat.postMessage"), 10.0)
    web.chat_postMessage(channel=GIFTING, text="from somebody who waits")
    assert [call.is_left for call in playground.slack.calls.of("chat.postMessage")] == [True, False]


def test_a_channel_may_be_named_or_be_a_person(web: WebClient, playground: Playground) -> None:
    assert web.chat_postMessage(channel="#sales", text="x")["channel"] == "C02SALES"
    assert web.chat_postMessage(channel="U01ANN", text="x")["channel"] == "D01ANN"
    assert web.conversations_open(users="U01ANN")["channel"]["id"] == "D01ANN"
    assert [seen.text for seen in playground.person("ann").dm().messages] == ["x"]


def test_ids_of_messages_only_grow(web: WebClient) -> None:
    stamps = [web.chat_postMessage(channel=f"#{name}", text="x")["ts"] for name in ("sales", "marketing")]
    assert stamps == sorted(set(stamps))
    assert stamps[0].startswith(str(int(NOW.timestamp())))


def test_where_the_bot_cannot_post(web: WebClient, playground: Playground) -> None:
    post = web.chat_postMessage
    assert refused(post, channel="C0NONE", text="x") == "channel_not_found"
    assert refused(post, channel=OPS, text="x") == "not_in_channel"
    playground.channel("#ops").invite_bot()
    assert post(channel=OPS, text="x")["ok"]
    playground.channel("#ops").remove_bot().channel.is_private = True
    assert refused(post, channel=OPS, text="x") == "channel_not_found"
    assert refused(web.conversations_info, channel=OPS) == "channel_not_found"
    playground.channel("#sales").archive()
    assert refused(post, channel="C02SALES", text="x") == "is_archived"
    playground.channel("#sales").unarchive()
    assert post(channel="C02SALES", text="x")["ok"]


def test_what_cannot_be_posted(web: WebClient, playground: Playground) -> None:
    playground.slack.limits.posts = False

    def post(**more: object) -> str:
        return refused(web.chat_postMessage, channel=GIFTING, **more)

    assert post(text=" ") == "no_text"
    assert post(text="x", blocks="{") == "invalid_blocks_format"
    assert post(text="x", blocks=[{"type": "header"}]) == "invalid_blocks"
    assert post(text="x", metadata={"event_type": "x"}) == "invalid_metadata_schema"
    assert post(text="x", metadata="{") == "invalid_metadata_format"
    assert post(text="x", attachments="1") == "invalid_attachments"
    assert post(text="x", thread_ts="1.1") == "thread_not_found"


def test_details_of_what_is_wrong_with_blocks(web: WebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        web.chat_postMessage(
            channel=GIFTING, text="x", blocks=[{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]
        )
    assert caught.value.response["response_metadata"]["messages"] == [
        "[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ]


def test_a_very_long_text_is_cut_off(web: WebClient) -> None:
    posted = web.chat_postMessage(channel=GIFTING, text="x" * 40_001)
    assert len(posted["message"]["text"]) == 40_000
    assert posted["response_metadata"]["warnings"] == ["message_truncated"]


def test_blocks_alone_have_no_words_for_those_who_listen(web: WebClient) -> None:
    posted = web.chat_postMessage(channel=GIFTING, blocks=[section("hi")])
    assert posted["message"]["text"] == "This content can't be displayed."


def test_a_message_is_changed_in_place(web: WebClient, playground: Playground) -> None:
    metadata = {"event_type": "gift", "event_payload": {}}
    first = web.chat_postMessage(channel=GIFTING, text="one", blocks=[section("one")], metadata=metadata)
    seen = playground.channel(GIFTING).messages[0]
    answer = web.chat_update(channel=GIFTING, ts=first["ts"], text="two", blocks=[section("two")])
    assert (answer["ts"], answer["text"]) == (first["ts"], "two")
    changed = seen.expect_update("two", within=0)
    assert changed.edited
    assert changed.metadata == metadata
    web.chat_update(channel=GIFTING, ts=first["ts"], blocks=[section("three")])
    assert seen.latest().text == "two"
    web.chat_update(channel=GIFTING, ts=first["ts"], text="four", metadata={"event_type": "x", "event_payload": {}})
    assert seen.latest().blocks == []
    assert (seen.latest().metadata or {})["event_type"] == "x"
    with pytest.raises(AssertionError, match="did not change to show 'five' within 0 s:\nfour"):
        seen.expect_update("five", within=0)


def test_what_cannot_be_changed(web: WebClient, playground: Playground) -> None:
    own = web.chat_postMessage(channel=GIFTING, text="x")["ts"]
    said = playground.person("ann").say("mine").ts
    secret = web.chat_postEphemeral(channel=GIFTING, user="U01ANN", text="x")["message_ts"]
    update, delete = web.chat_update, web.chat_delete
    assert refused(update, channel=GIFTING, ts="1.1", text="x") == "message_not_found"
    assert refused(update, channel=GIFTING, ts=secret, text="x") == "message_not_found"
    assert refused(update, channel=GIFTING, ts=said, text="x") == "cant_update_message"
    assert refused(update, channel=GIFTING, ts=own, text="x" * 4001) == "msg_too_long"
    assert refused(update, channel=GIFTING, ts=own) == "no_text"
    assert refused(delete, channel=GIFTING, ts=said) == "cant_delete_message"
    assert delete(channel=GIFTING, ts=own)["ok"]
    assert refused(delete, channel=GIFTING, ts=own) == "message_not_found"
    own = web.chat_postMessage(channel=GIFTING, text="x")["ts"]
    playground.channel(GIFTING).archive()
    assert refused(update, channel=GIFTING, ts=own, text="x") == "is_archived"


def test_an_ephemeral_message_is_for_one_person(web: WebClient, playground: Playground) -> None:
    web.chat_postEphemeral(channel=GIFTING, user="U01ANN", text="psst")
    assert playground.person("ann").sees("psst").ephemeral_for == "U01ANN"
    assert playground.person("ben").channel().messages == []
    assert web.conversations_history(channel=GIFTING)["messages"] == []
    assert refused(web.chat_postEphemeral, channel=GIFTING, user="U0NONE", text="x") == "user_not_in_channel"
    assert refused(web.chat_postEphemeral, channel=GIFTING, user="", text="x") == "invalid_arguments"


def test_threads(web: WebClient, playground: Playground) -> None:
    parent = web.chat_postMessage(channel=GIFTING, text="top")["ts"]
    web.chat_postMessage(channel=GIFTING, text="quiet", thread_ts=parent)
    web.chat_postMessage(channel=GIFTING, text="loud", thread_ts=parent, reply_broadcast=True)
    assert [m["text"] for m in web.conversations_history(channel=GIFTING)["messages"]] == ["loud", "top"]
    thread = web.conversations_replies(channel=GIFTING, ts=parent)["messages"]
    assert [m["text"] for m in thread] == ["top", "quiet", "loud"]
    assert thread[0]["reply_count"] == 2
    assert [reply.text for reply in playground.channel(GIFTING).messages[0].replies] == ["quiet", "loud"]
    assert refused(web.conversations_replies, channel=GIFTING, ts="1.1") == "thread_not_found"


def test_history_has_pages_and_bounds(web: WebClient, playground: Playground) -> None:
    playground.slack.limits.posts = False
    stamps = [web.chat_postMessage(channel=GIFTING, text=str(i))["ts"] for i in range(5)]
    history = web.conversations_history
    first = history(channel=GIFTING, limit=2)
    assert [m["text"] for m in first["messages"]] == ["4", "3"]
    assert first["has_more"]
    second = history(channel=GIFTING, limit=4, cursor=first["response_metadata"]["next_cursor"])
    assert [m["text"] for m in second["messages"]] == ["2", "1", "0"]
    assert not second["has_more"]
    between = history(channel=GIFTING, oldest=stamps[1], latest=stamps[3])["messages"]
    assert [m["text"] for m in between] == ["2"]
    around = history(channel=GIFTING, oldest=stamps[1], latest=stamps[3], inclusive=True)["messages"]
    assert [m["text"] for m in around] == ["3", "2", "1"]
    assert refused(history, channel=GIFTING, cursor="?") == "invalid_cursor"
    assert refused(history, channel=GIFTING, oldest="x") == "invalid_ts_oldest"
    assert refused(history, channel=GIFTING, limit=0) == "invalid_limit"
    assert refused(history, channel=GIFTING, limit="many") == "invalid_limit"
    assert refused(history, channel=OPS) == "not_in_channel"


def test_channels_and_who_is_in_them(web: WebClient) -> None:
    info = web.conversations_info(channel=OPS)["channel"]
    assert (info["name"], info["is_member"], info["is_archived"]) == ("ops", False, False)
    assert web.conversations_info(channel="D01ANN")["channel"]["user"] == "U01ANN"
    names = [channel["name"] for channel in web.conversations_list()["channels"]]
    assert names == ["gifting-alerts", "sales", "marketing", "ops"]
    assert len(web.conversations_list(types="im", exclude_archived=True)["channels"]) == 4
    page = web.conversations_list(limit=1)
    assert page["response_metadata"]["next_cursor"]
    assert "U01ANN" in web.conversations_members(channel=GIFTING)["members"]
    assert refused(web.conversations_open, users="U0NONE") == "user_not_found"
    assert refused(web.conversations_open, users="") == "users_list_not_supplied"
    assert refused(web.chat_update, channel=GIFTING, ts="1.1", text="x", blocks="") == "message_not_found"
    assert web.chat_postMessage(channel=GIFTING, text="x", blocks="")["ok"]


def test_people(web: WebClient) -> None:
    ann = web.users_info(user="U01ANN")["user"]
    assert (ann["real_name"], ann["tz"], ann["tz_offset"]) == ("Ann Lopez", "America/New_York", -18_000)
    assert ann["profile"]["email"] == "ann@example.com"
    assert web.users_info(user="U0SENDWATCH")["user"]["is_bot"]
    assert refused(web.users_info, user="U0NONE") == "user_not_found"
    assert web.users_lookupByEmail(email="Ben@example.com")["user"]["id"] == "U02BEN"
    assert refused(web.users_lookupByEmail, email="x@example.com") == "users_not_found"
    assert len(web.users_list()["members"]) == 5


def test_the_rest(web: WebClient, playground: Playground) -> None:
    assert web.auth_test()["user_id"] == "U0SENDWATCH"
    assert web.api_test(a="1")["args"] == {"a": "1"}
    assert refused(web.api_test, error="my_error") == "my_error"
    assert refused(web.api_call, api_method="no.such") == "unknown_method"
    ts = web.chat_postMessage(channel=GIFTING, text="x")["ts"]
    link = web.chat_getPermalink(channel=GIFTING, message_ts=ts)["permalink"]
    assert link == f"{playground.url}/archives/{GIFTING}/p{ts.replace('.', '')}"
    assert refused(web.chat_getPermalink, channel=GIFTING, message_ts="1.1") == "message_not_found"


def test_tokens(playground: Playground) -> None:
    def client(token: str | None) -> WebClient:
        return WebClient(token, base_url=playground.api_url)

    assert refused(client(None).auth_test) == "not_authed"
    assert refused(client("xoxb-wrong").auth_test) == "invalid_auth"
    assert refused(client(playground.app_token).auth_test) == "not_allowed_token_type"
    bot = client(playground.bot_token)
    assert refused(bot.apps_connections_open, app_token=playground.bot_token) == "not_allowed_token_type"
    assert refused(bot.apps_connections_open, app_token="xapp-wrong") == "invalid_auth"
    assert bot.apps_connections_open(app_token=playground.app_token)["url"].startswith("ws://127.0.0.1:")


def test_bodies_of_every_kind(playground: Playground) -> None:
    url = f"{playground.api_url}auth.test"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with httpx2.Client(trust_env=False) as http:
        assert http.post(url, data={"token": playground.bot_token}).json()["ok"]
        assert http.get(url, params={"token": playground.bot_token}).json()["ok"]
        header = {"Authorization": f"Bearer {playground.bot_token}"}
        assert http.post(url, json={}, headers=header).json()["ok"]
        json = {"Content-Type": "application/json; charset=utf-8", **header}
        assert http.post(url, content=b"{", headers=json).json()["error"] == "invalid_json"
        assert http.post(url, content=b"[]", headers=json).json()["error"] == "json_not_object"
        assert http.post(url, content=b"\xff", headers=form).json()["error"] == "invalid_form_data"
        assert http.get(url, headers={"Host": "evil.example"}).status_code == 400


def test_scopes_come_from_the_manifest(clock: PlayClock) -> None:
    with Playground(clock, manifest=MANIFEST) as playground:
        web = WebClient(playground.bot_token, base_url=playground.api_url)
        assert "email" not in web.users_info(user="U01ANN")["user"]["profile"]
        with pytest.raises(SlackApiError) as caught:
            web.users_lookupByEmail(email="ann@example.com")
        assert caught.value.response["error"] == "missing_scope"
        assert caught.value.response["needed"] == "users:read.email"
        assert caught.value.response["provided"] == "chat:write,im:write,users:read"
        for channel, needed in ((GIFTING, "channels:history"), ("D01ANN", "im:history")):
            with pytest.raises(SlackApiError) as caught:
                web.conversations_history(channel=channel)
            assert caught.value.response["needed"] == needed
        playground.channel("#sales").channel.is_private = True
        with pytest.raises(SlackApiError, match="groups:history"):
            web.conversations_history(channel="C02SALES")
        assert refused(web.views_publish, user_id="U01ANN", view={}) == "not_enabled"
        assert playground.person("ann").command("/sends").error == "unknown_command"
        assert [each.command for each in playground.slack.app.commands] == ["/send-status"]


def test_public_channels_may_be_open_to_all_apps(clock: PlayClock) -> None:
    scopes = {"oauth_config": {"scopes": {"bot": ["chat:write", "chat:write.public"]}}}
    with Playground(clock, manifest=scopes) as playground:
        web = WebClient(playground.bot_token, base_url=playground.api_url)
        assert web.chat_postMessage(channel=OPS, text="x")["ok"]


def test_one_post_a_second_in_a_channel(web: WebClient, clock: PlayClock) -> None:
    for _ in range(3):
        web.chat_postMessage(channel=GIFTING, text="x")
    with pytest.raises(SlackApiError) as caught:
        web.chat_postMessage(channel=GIFTING, text="x")
    assert caught.value.response.status_code == 429
    assert caught.value.response["error"] == "ratelimited"
    assert caught.value.response.headers["Retry-After"] == "1"
    assert web.chat_postMessage(channel="C02SALES", text="x")["ok"]
    clock.advance(timedelta(seconds=1))
    assert web.chat_postMessage(channel=GIFTING, text="x")["ok"]
    assert refused(web.chat_postMessage, channel=GIFTING, text="x") == "ratelimited"


def test_tiers_hold_when_asked_for(web: WebClient, playground: Playground) -> None:
    playground.slack.limits.tiers = True
    for _ in range(20):
        web.users_list()
    with pytest.raises(SlackApiError) as caught:
        web.users_list()
    assert caught.value.response.headers["Retry-After"] == "3"


def test_calls_are_written_down(web: WebClient, playground: Playground) -> None:
    web.api_call("auth.test", data={"token": playground.bot_token})
    web.chat_postMessage(channel=GIFTING, text="x")
    assert [call.method for call in playground.calls] == ["auth.test", "chat.postMessage"]
    (call,) = playground.calls.of("chat.postMessage")
    assert (call.args["text"], call.at, call.status) == ("x", NOW, 200)
    assert call.answer is not None
    assert call.answer["ok"]
    assert "token" not in playground.calls[0].args
    playground.calls.clear()
    assert len(playground.calls) == 0


@pytest.mark.parametrize(
    ("text", "more", "called"),
    [
        ("<!channel> <@U01ANN|ann> <!subteam^S1|x>", {}, {"@channel", "U01ANN", "S1"}),
        ("&lt;!channel&gt; @channel", {}, set()),
        ("@here", {"link_names": True}, {"@here"}),
        ("@everyone", {"parse": "full"}, {"@everyone"}),
        ("x", {"blocks": [section("<!here>")]}, {"@here"}),
        ("x", {"blocks": [{"type": "section", "text": {"type": "plain_text", "text": "<!here>"}}]}, set()),
    ],
)
def test_whom_a_message_calls(
    web: WebClient, playground: Playground, text: str, more: dict[str, Any], called: set[str]
) -> None:
    web.chat_postMessage(channel=GIFTING, text=text, **more)
    assert playground.channel(GIFTING).messages[0].mentions == called


def test_an_update_turns_plain_names_into_calls_unless_told_not_to(web: WebClient, playground: Playground) -> None:
    ts = web.chat_postMessage(channel=GIFTING, text="x")["ts"]
    seen = playground.channel(GIFTING).messages[0]
    web.chat_update(channel=GIFTING, ts=ts, text="@channel")
    assert seen.latest().mentions == {"@channel"}
    web.chat_update(channel=GIFTING, ts=ts, text="@channel", parse="none")
    assert seen.latest().mentions == set()


def test_rich_text_calls_too(web: WebClient, playground: Playground) -> None:
    words = [
        {"type": "user", "user_id": "U01ANN"},
        {"type": "usergroup", "usergroup_id": "S1"},
        {"type": "broadcast", "range": "here"},
    ]
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": words}]}
    web.chat_postMessage(channel=GIFTING, text="x", blocks=[rich])
    assert playground.channel(GIFTING).messages[0].mentions == {"U01ANN", "S1", "@here"}
