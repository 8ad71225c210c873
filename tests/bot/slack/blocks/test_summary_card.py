from __future__ import annotations

from datetime import date, timedelta

from bot.slack.blocks import assign_modal, group_modal, snooze_modal, summary_card
from bot.slack.blocks.group_card import Group
from tests.bot.slack import gate, rows
from tests.conftest import NOW


def group(**values: object) -> Group:
    known = {
        "message_id": 7, "rule": "overdue", "day": date(2026, 11, 23),
        "by_state": {"firing": 10, "acknowledged": 3, "resolved": 2},
        "acknowledged_by": {"U1A": 3}, "resolved_by": {"scan": 2},
        "top": [(rows.alert(status_since=NOW - timedelta(days=9)), rows.send())],
    }
    return Group(**known | values)  # type: ignore[arg-type] # fields of Group


def test_it_says_what_is_the_matter_how_often_and_why_it_is_here() -> None:
    drawn = summary_card.build(group(), {"overdue": 7, "support": 4, "needs_action": 2}, NOW)
    assert gate.problems({"text": drawn.text, "blocks": drawn.blocks}) == []
    lines = drawn.text.splitlines()
    assert lines[:4] == [
        "📚 13 of 15 more alerts on Mon 23 Nov still open", "• 2 gifts need somebody to act",
        "• 4 gifts are stuck: contact Support", "• 7 gifts are late",
    ]
    assert summary_card.WHY in drawn.text
    assert "10 open, 3 acknowledged, 2 resolved" in drawn.text
    row = next(block for block in drawn.blocks if block["type"] == "actions")
    labels = {element["text"]["text"] for element in row["elements"]}
    assert labels >= {"Show all", "Acknowledge all", "Resolve all", "Undo"}


def test_when_everything_is_settled_it_says_so() -> None:
    drawn = summary_card.build(group(by_state={"resolved": 15}), {}, NOW)
    assert drawn.text.splitlines()[:2] == ["✅ 15 more alerts on Mon 23 Nov", "Everything here is settled."]


def test_what_is_not_shown_counts_what_is_open() -> None:
    for by_state, more in (
        ({"firing": 10, "acknowledged": 3, "resolved": 2}, "…and 12 more open, 2 more resolved"),
        ({"firing": 13}, "…and 12 more"),
        ({"firing": 1, "resolved": 14}, "…and 14 more resolved"),
    ):
        assert more in summary_card.build(group(by_state=by_state), {"overdue": 1}, NOW).text.splitlines()


def test_its_windows_name_no_campaign_and_nothing_that_is_true_of_one_only() -> None:
    found = group(rule="needs_action")
    for view in (
        group_modal.build(found, found.top, number=0, now=NOW),
        assign_modal.build(assign_modal.about_group(found, "This assigns 13 open alerts."), "U1A"),
    ):
        assert view["blocks"][0]["text"]["text"] == "📚 13 of 15 more alerts on Mon 23 Nov still open"
    shown = snooze_modal.about_group(found, NOW).shown[0]["text"]["text"]
    assert shown == "📚 13 of 15 more alerts on Mon 23 Nov still open"
