"""What is told again is no flood either: one reply for a message, and a channel gets what its budget says."""

from __future__ import annotations

import pytest

from tests.stories.sending import add
from tests.stories.world import World


@pytest.mark.parametrize("where", ["thread", "channel"])
def test_reminders_and_calls_keep_the_budget_and_a_summary_calls_once(story: World, where: str) -> None:
    add(story, "Delivered", days=1, name="First One")
    story.tick()
    story.configure(f"""
        budgets: {{default: {{a_day: 3, at_once: 3}}}}
        policies: {{default: {{repeat: [1d], repeat_in: {where}, escalate: [{{after: 2d, mention: [S01GIFTOPS]}}]}}}}
    """)
    for number in range(12):
        add(story, "Processing", days=8, name=f"P{number} Zed", campaign=f"C{number}")
        story.tick()
        story.later(minutes=15)
    first = len(story.alerts.messages)
    summary = next(one for one in story.alerts.messages if "more alerts on " in one.visible_text)
    chi = story.person("chi")
    pinged = len(chi.pings)

    for _ in range(26):
        story.later(hours=1)
        story.bot.scan()
        story.deliver()
    assert len(story.alerts.messages) - first == (3 if where == "channel" else 0)
    reminder, = story.replies(summary)
    assert "9 alerts above still open (9 Order Received): P3 Zed, P4 Zed, P5 Zed and 6 more." in reminder

    for _ in range(24):
        story.later(hours=1)
        story.bot.scan()
        story.deliver()
    assert len(chi.pings) - pinged == 4, "for three alerts and one summary"
    assert "@gifting-ops" in story.replies(summary)[-1]
