"""Whom Slack notifies of a message."""

from __future__ import annotations

import pytest
from slack_sdk import WebClient

from bot.playground.server import Playground
from tests.bot.playground.trivial import section

GIFTING = "C01GIFTING"
EVERYBODY = {"ann", "ben", "chi", "dee"}


def pinged(playground: Playground) -> set[str]:
    return {name for name in EVERYBODY if playground.person(name).pings}


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("nobody in particular, not even @ben or U02BEN", set()),
        ("<@U02BEN> look", {"ben"}),
        ("<!subteam^S01GIFTOPS|@gifting-ops> and <@U01ANN>", {"ann", "chi"}),
        ("<!subteam^S0NONE>", set()),
        ("<!here>", EVERYBODY),
        ("&lt;!channel&gt; &lt;@U02BEN&gt;", set()),
    ],
)
def test_whom_a_message_notifies(playground: Playground, web: WebClient, text: str, who: set[str]) -> None:
    web.chat_postMessage(channel=GIFTING, text=text)
    assert pinged(playground) == who


def test_a_mention_in_blocks_counts_once(playground: Playground, web: WebClient) -> None:
    web.chat_postMessage(channel=GIFTING, text="<@U02BEN>", blocks=[section("<@U02BEN> and <!subteam^S02REVOPS>")])
    [ping] = playground.person("ben").pings
    assert ping.visible_text == "@Ben Okafor and @revenue-ops"


def test_a_direct_message_notifies_its_reader(playground: Playground, web: WebClient) -> None:
    parent = web.chat_postMessage(channel="U01ANN", text="yours")["ts"]
    web.chat_postMessage(channel="U01ANN", text="more", thread_ts=parent)
    ann = playground.person("ann")
    ann.say("thanks", channel=ann.id)
    assert [ping.text for ping in ann.pings] == ["yours", "more"]
    assert pinged(playground) == {"ann"}


def test_a_changed_message_notifies_nobody(playground: Playground, web: WebClient) -> None:
    ts = web.chat_postMessage(channel=GIFTING, text="late")["ts"]
    web.chat_update(channel=GIFTING, ts=ts, text="later, <@U02BEN>, <!channel>")
    assert playground.channel(GIFTING).messages[0].mentions == {"U02BEN", "@channel"}
    assert pinged(playground) == set()


def test_replies_files_and_people_notify_too(playground: Playground, web: WebClient) -> None:
    ts = web.chat_postMessage(channel=GIFTING, text="late")["ts"]
    web.chat_postMessage(channel=GIFTING, text="<@U02BEN>", thread_ts=ts, reply_broadcast=True)
    web.files_upload_v2(channel=GIFTING, content=b"x", filename="x.csv", initial_comment="for <@U03CHI>")
    playground.person("ann").say("@dee and @ann look")
    assert {name: len(playground.person(name).pings) for name in sorted(EVERYBODY)} == {
        "ann": 0, "ben": 1, "chi": 1, "dee": 1,
    }  # fmt: skip


def test_who_is_not_notified(playground: Playground, web: WebClient) -> None:
    playground.person("chi").deactivate()
    playground.channel(GIFTING).channel.members.remove("U02BEN")
    playground.group("revenue-ops").members.append("U04DEE")
    playground.group("revenue-ops").is_disabled = True
    web.chat_postEphemeral(channel=GIFTING, user="U01ANN", text="<@U01ANN> only for you")
    web.chat_postMessage(channel=GIFTING, text="<@U02BEN> <@U03CHI> <!subteam^S02REVOPS>")
    assert pinged(playground) == set()
