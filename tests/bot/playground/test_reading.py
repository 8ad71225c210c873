"""Slack's markup and blocks as plain words, in the reader's zone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.playground.clock import PlayClock
from bot.playground.reading import Reader
from bot.playground.slack_state import SlackState
from tests.bot.playground.trivial import actions, asked, button, option, plain
from tests.conftest import NOW


@pytest.fixture
def state() -> SlackState:
    return SlackState(PlayClock(frozen_at=NOW))


@pytest.fixture
def chi(state: SlackState) -> Reader:
    return Reader(state=state, zone=state.person("chi").zone)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*bold* _lean_ ~gone~ `code *kept*`", "bold lean gone code *kept*"),
        ("*_both_* snake_case_name 2*3*4", "both snake_case_name 2*3*4"),
        ("a &amp; b &lt;!channel&gt; &amp;lt;", "a & b <!channel> &lt;"),
        ("<@U01ANN> <@U0X> <@U0SENDWATCH> <#C02SALES> <#C0X>", "@Ann Lopez @U0X @sendwatch #sales #C0X"),
        ("<!here> <!channel|all> <!subteam^S1> <!subteam^S1|@ops>", "@here all @S1 @ops"),
        ("<https://x.example|the page> <https://x.example>", "the page https://x.example"),
    ],
)
def test_markup(chi: Reader, text: str, shown: str) -> None:
    assert chi.mrkdwn(text) == shown


@pytest.mark.parametrize(
    ("form", "after", "shown"),
    [
        ("{date_num} {time_secs}", timedelta(0), "2026-11-24 12:00:00 AM"),
        ("{date_short_pretty} at {time}", timedelta(hours=13), "Today at 1:00 PM"),
        ("{date_pretty}", timedelta(days=1), "Tomorrow"),
        ("{date_long_pretty}", timedelta(days=-1), "Yesterday"),
        ("{date_short_pretty}", timedelta(days=3), "Nov 27"),
        ("{date} {date_slash}", timedelta(days=-365), "November 24th, 2025 11/24/2025"),
        ("{date}", timedelta(days=-23), "November 1st"),
        ("{date}", timedelta(days=-12), "November 12th"),
        ("{date_long}", timedelta(days=8), "Wednesday, December 2nd"),
        ("{ago}, {unknown}", timedelta(hours=-3), "3 hours ago, {unknown}"),
        ("{ago}", timedelta(days=1), "in 1 day"),
        ("{ago}", timedelta(minutes=-2), "2 minutes ago"),
        ("{ago}", timedelta(seconds=2), "just now"),
    ],
)
def test_dates(chi: Reader, form: str, after: timedelta, shown: str) -> None:
    seconds = int((NOW + after).timestamp())
    assert chi.mrkdwn(f"<!date^{seconds}^{form}|in other words>") == shown


def test_dates_without_a_zone_are_in_utc(state: SlackState) -> None:
    assert Reader(state=state).mrkdwn(f"<!date^{int(NOW.timestamp())}^{{time}}^https://x|y>") == "3:00 PM"


BLOCKS: list[dict[str, Any]] = [
    {"type": "header", "text": plain("*Title*")},
    {"type": "section", "fields": [plain("left"), plain("right")], "accessory": button("Open", "x")},
    {"type": "context", "elements": [plain("small"), {"type": "image", "image_url": "x", "alt_text": "gift"}]},
    actions(
        {"type": "static_select", "options": [option("Tea")], "initial_option": option("Tea")},
        {"type": "datepicker", "placeholder": plain("Day")},
        {"type": "overflow", "options": [option("x")]},
    ),
    asked("Why", {"type": "plain_text_input", "initial_value": "so"}, hint=plain("be brief")),
    asked("Which", {"type": "radio_buttons", "options": [option("This"), option("That")]}),
    {"type": "markdown", "text": "**as is**"},
    {"type": "image", "image_url": "x", "alt_text": "chart", "title": plain("Chart")},
    {"type": "divider"},
    {
        "type": "table",
        "rows": [
            [{"type": "raw_text", "text": "a"}, {"type": "raw_number", "value": 1, "text": "1"}],
            [
                {
                    "type": "rich_text",
                    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "b"}]}],
                },
            ],
        ],
    },
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "<!channel> "},
                    {"type": "user", "user_id": "U02BEN"},
                    {"type": "channel", "channel_id": "C02SALES"},
                    {"type": "broadcast", "range": "here"},
                    {"type": "emoji", "name": "gift"},
                    {"type": "link", "url": "https://x"},
                    {"type": "date", "timestamp": int(NOW.timestamp()), "format": " {date_num}"},
                ],
            },
            {
                "type": "rich_text_list",
                "style": "bullet",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}],
            },
        ],
    },
]
SHOWN = """\
*Title*
left
right
[Open]
small [image: gift]
[Tea] [Day] [overflow]
Why
[so]
be brief
Which
(This) (That)
**as is**
Chart [image: chart]
a | 1
b
<!channel> @Ben Okafor#sales@here:gift:https://x 2026-11-24
• one"""


def test_blocks_from_top_to_bottom(chi: Reader) -> None:
    assert "\n".join(chi.lines(BLOCKS)) == SHOWN
