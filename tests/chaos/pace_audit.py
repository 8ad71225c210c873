"""Slack's pace: no two posts in a channel within a second, no limit exceeded by the bot's own doing."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from itertools import pairwise

from bot.playground.calls import Call
from tests.chaos.findings import Findings
from tests.chaos.stage import Stage

SECOND = timedelta(seconds=1)
OURS = ("chat.postMessage", "chat.update", "conversations.history", "conversations.replies", "users.lookupByEmail")
"""The methods that only the delivery calls, by its own pace."""


def check(stage: Stage, findings: Findings) -> dict[str, int]:
    """Look at every call that the playground got; gives how often each method's limit was exceeded."""
    posts = defaultdict[str, list[Call]](list)
    state = stage.playground.slack.state
    for call in stage.calls.all:
        if call.method == "chat.postMessage":
            posts[state.id_of(str(call.args.get("channel"))) or ""].append(call)
    for channel, calls in posts.items():
        # What a killed process wrote may be read long after, together with what its follower writes.
        close = [pair for pair in pairwise(calls) if _gap(*pair) < SECOND and not pair[0].is_left]
        # What wakes up after its lease does not ask whose turn it is.
        if close and not stage.plan.freezes:
            first, second = min(close, key=lambda pair: _gap(*pair))
            findings.wrong(
                f"{len(close)} posts in {channel} came within a second, the closest after {_gap(first, second)}: "
                f"{_told(first)}, then {_told(second)}",
            )
    exceeded = dict(stage.playground.slack.limits.exceeded)
    for method in OURS:
        if exceeded.get(method):
            findings.wrong(f"the limit of {method} was exceeded {exceeded[method]} times")
    return exceeded


def _gap(first: Call, second: Call) -> timedelta:
    return second.at - first.at


def _told(call: Call) -> str:
    return f"{call.at.time()} {key_of(call)} (status {call.status}, fault {call.fault})"


def key_of(call: Call) -> str:
    """The key of the message that the bot wrote with this call, empty if it named none."""
    metadata = call.args.get("metadata") or {}
    return str(metadata.get("event_payload", {}).get("key")) if isinstance(metadata, dict) else ""
