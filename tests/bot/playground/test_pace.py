"""What many messages and many calls cost."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground.calls import WHOLE, Calls
from bot.playground.clock import PlayClock
from bot.playground.server import Playground
from bot.playground.slack_app import BOT_USER
from tests.conftest import NOW

GIFTING = "C01GIFTING"
FEW, MANY = 200, 30_000


def filled(playground: Playground, channel: str, count: int) -> str:
    """So many messages of the bot; gives the id of the last but four."""
    posted = [playground.slack.state.post(channel, BOT_USER, f"gift {number}", bot=True) for number in range(count)]
    return posted[-5].ts


def quickest(work: Callable[[], object], times: int = 30) -> float:
    """Seconds of the quickest of some tries."""

    def once() -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    return min(once() for _ in range(times))


def test_the_newest_messages_of_a_long_channel_cost_no_more_than_of_a_short_one(
    playground: Playground, web: WebClient
) -> None:
    def read(channel: str, oldest: str) -> Callable[[], object]:
        return lambda: web.conversations_history(channel=channel, oldest=oldest, inclusive=True)["messages"]

    short = read("C02SALES", filled(playground, "C02SALES", FEW))
    long = read(GIFTING, filled(playground, GIFTING, MANY))
    assert len(short()) == len(long()) == 5  # type: ignore[arg-type]
    # All of them would be a hundred times as long; a busy machine is none.
    assert quickest(long) < 10 * quickest(short)


def test_pages_of_a_long_channel_hold_each_message_once(playground: Playground, web: WebClient) -> None:
    filled(playground, GIFTING, 25)
    cursor, texts = "", []
    oldest = playground.slack.state.messages(GIFTING)[4].ts
    while True:
        page = web.conversations_history(channel=GIFTING, oldest=oldest, inclusive=True, limit=7, cursor=cursor)
        texts += [message["text"] for message in page["messages"]]
        playground.slack.state.post(GIFTING, BOT_USER, "newer", bot=True)
        if not page["has_more"]:
            break
        cursor = page["response_metadata"]["next_cursor"]
    assert texts == [f"gift {number}" for number in range(24, 3, -1)]


@pytest.mark.parametrize(("inclusive", "expected"), [(True, [3, 2, 1]), (False, [2])])
def test_the_edges_of_a_stretch(playground: Playground, web: WebClient, inclusive: bool, expected: list[int]) -> None:
    filled(playground, GIFTING, 6)
    stamps = [message.ts for message in playground.slack.state.messages(GIFTING)]
    web.chat_delete(channel=GIFTING, ts=stamps[0])
    found = web.conversations_history(channel=GIFTING, oldest=stamps[1], latest=stamps[3], inclusive=inclusive)
    assert [message["text"] for message in found["messages"]] == [f"gift {number}" for number in expected]
    whole_second = str(int(NOW.timestamp()) + 1)
    assert web.conversations_history(channel=GIFTING, oldest=whole_second)["messages"] == []
    for name in ("oldest", "latest"):
        with pytest.raises(SlackApiError, match=f"invalid_ts_{name}"):
            web.conversations_history(channel=GIFTING, **{name: "soon"})  # type: ignore[arg-type]


def test_a_post_a_second_is_counted_by_the_play_clock_and_by_channel() -> None:
    clock = PlayClock(start=NOW, speed=100)
    with Playground(clock) as playground:
        web = WebClient(playground.bot_token, base_url=playground.api_url, retry_handlers=[], timeout=5)
        limits = playground.slack.limits
        began = clock()
        with pytest.raises(SlackApiError) as caught:
            for number in range(10_000):
                web.chat_postMessage(channel=(GIFTING, "#gifting-alerts")[number % 2], text="x")
        assert caught.value.response.headers["Retry-After"] == "1"
        assert limits.exceeded["chat.postMessage"] == 1
        seconds = (clock() - began).total_seconds()
        assert len(playground.channel(GIFTING).messages) <= seconds + 3
        clock.advance(timedelta(seconds=5))
        assert web.chat_postMessage(channel=GIFTING, text="y")["ok"]


def test_old_calls_keep_only_the_words_of_their_answers() -> None:
    calls = Calls()
    for number in range(WHOLE + 1):
        calls.add("conversations.history", {"token": "x"}, NOW).answer = {"ok": True, "messages": [number]}
    assert (calls[0].answer, calls[1].answer) == ({"ok": True}, {"ok": True, "messages": [1]})
