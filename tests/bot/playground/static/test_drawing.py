"""What messages look like: Block Kit, mrkdwn, dates; nothing from outside comes alive."""

from __future__ import annotations

import pytest
from slack_sdk import WebClient

from tests.bot.playground.static.looking import CHANNEL, HOSTILE, Opener, messages
from tests.bot.playground.trivial import actions, button, plain, section

pytestmark = pytest.mark.browser


def test_names_from_outside_never_become_elements(visit: Opener, web: WebClient) -> None:
    escaped = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("*", "\u2217")
    rich = {"type": "rich_text_section", "elements": [{"type": "text", "text": HOSTILE}]}
    blocks = [
        {"type": "header", "text": plain(HOSTILE)},
        section(escaped),
        {"type": "section", "fields": [plain(HOSTILE)]},
        {"type": "context", "elements": [plain(HOSTILE)]},
        {"type": "rich_text", "elements": [rich]},
        {"type": "table", "rows": [[{"type": "raw_text", "text": HOSTILE}]]},
        section("<javascript:alert(1)|press> <data:text/html,x|me>"),
        actions(button(HOSTILE[:75], "press")),
    ]
    web.chat_postMessage(channel=CHANNEL, text=escaped, blocks=blocks)
    page = visit()
    body = messages(page).last.locator(".message-body")
    assert body.locator("img, a, script, strong, .mention").count() == 0
    assert body.inner_text().count("<!channel>") == 7
    assert page.evaluate("window.hacked") is None


def test_mrkdwn_is_drawn_as_slack_draws_it(visit: Opener, web: WebClient) -> None:
    web.chat_postMessage(channel=CHANNEL, text=(
        "*bold* _italic_ ~gone~ `co*d*e` :gift: :not-one: 3*4*5 snake_case_word <@U02BEN> <#C02SALES> <!here> "
        "<https://example.com/a?b=1&amp;c|a link> https://example.com/raw. &lt;b&gt; "
        "<!date^1763900000^{date_num} {time}|then>\n&gt; quoted\n• first\n```pre *x* &lt;y&gt;```"
    ))  # fmt: skip
    body = messages(visit()).last.locator(".message-body")
    assert body.locator("strong").all_inner_texts() == ["bold"]
    assert body.locator("em").all_inner_texts() == ["italic"]
    assert body.locator("s").all_inner_texts() == ["gone"]
    assert body.locator("code").all_inner_texts() == ["co*d*e"]
    assert body.locator("pre").all_inner_texts() == ["pre *x* <y>"]
    assert body.locator("blockquote").all_inner_texts() == ["quoted"]
    assert body.locator(".mention").all_inner_texts() == ["@Ben Okafor", "#sales", "@here"]
    assert [link.get_attribute("href") for link in body.locator("a").all()] == [
        "https://example.com/a?b=1&c", "https://example.com/raw",
    ]  # fmt: skip
    assert body.locator("time").inner_text() == "2025-11-23 7:13 AM"
    assert "🎁 :not-one: 3*4*5 snake_case_word" in body.inner_text()


def test_dates_have_all_of_slacks_tokens_in_the_readers_zone(visit: Opener) -> None:
    told = visit().evaluate("""async () => {
      const { formatDate, instantOf, localOf } = await import("/static/base/times.js");
      const at = (iso) => new Date(iso), now = at("2026-11-23T15:00:00Z"), zone = "Asia/Tokyo";
      const say = (template, iso) => formatDate(template, at(iso), zone, now);
      return [
        say("{date_num} {date_slash} {date_short} {date} {date_long} {date_long_full}", "2026-11-02T18:05:09Z"),
        say("{time} {time_secs} {unknown}", "2026-11-02T18:05:09Z"),
        say("{date_short_pretty} at {time}", "2026-11-24T14:59:00Z"), say("on {date_pretty}", "2026-11-22T15:30:00Z"),
        say("{date_long_pretty}", "2026-11-24T15:00:00Z"), say("{day_divider_pretty}", "2026-11-11T00:00:00Z"),
        say("{ago}", "2026-11-20T15:00:00Z"), say("{ago}", "2026-11-23T17:00:00Z"),
        localOf(instantOf("2026-03-08T09:30", "America/New_York"), "America/New_York"),
      ];
    }""")
    assert told == [
        "2026-11-03 11/03/2026 Nov 3, 2026 November 3rd, 2026 Tuesday, November 3rd, 2026 November 3, 2026",
        "3:05 AM 3:05:09 AM {unknown}", "Today at 11:59 PM", "on yesterday", "Tomorrow",
        "Wednesday, November 11th", "3 days ago", "In 2 hours", "2026-03-08T09:30",
    ]  # fmt: skip


def test_blocks_that_cannot_be_drawn_say_so(visit: Opener) -> None:
    told = visit().evaluate("""async () => {
      const { blocks } = await import("/static/kit/blocks.js");
      return blocks([{ type: "hologram" }, { type: "constructor" }], {}).map((node) => node.textContent);
    }""")
    assert told == [f"The playground cannot draw a block of type “{kind}”." for kind in ("hologram", "constructor")]
