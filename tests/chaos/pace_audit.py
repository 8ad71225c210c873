"""Slack's pace: no two posts in a channel within a second, no limit exceeded by the bot's own doing."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

from tests.chaos.findings import Findings
from tests.chaos.stage import Stage

SECOND = timedelta(seconds=1)
OURS = ("chat.postMessage", "chat.update", "conversations.history", "conversations.replies", "users.lookupByEmail")
"""The methods that only the delivery calls, by its own pace."""


def check(stage: Stage, findings: Findings) -> dict[str, int]:
    """Look at every call that the playground got; gives how often each method's limit was exceeded."""
    posts = defaultdict[str, list[datetime]](list)
    state = stage.playground.slack.state
    for call in stage.calls.all:
        if call.method == "chat.postMessage":
            posts[state.id_of(str(call.args.get("channel"))) or ""].append(call.at)
    for channel, moments in posts.items():
        close = [after - before for before, after in pairwise(moments) if after - before < SECOND]
        # What wakes up after its lease does not ask whose turn it is.
        if close and not stage.plan.freezes:
            findings.wrong(f"{len(close)} posts in {channel} came within a second, the closest after {min(close)}")
    exceeded = dict(stage.playground.slack.limits.exceeded)
    for method in OURS:
        if exceeded.get(method):
            findings.wrong(f"the limit of {method} was exceeded {exceeded[method]} times")
    return exceeded
