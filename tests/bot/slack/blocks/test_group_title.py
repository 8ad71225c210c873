"""The title of a message of many says what is the matter; once all is settled it asks nobody for anything."""

from __future__ import annotations

import pytest

from bot.slack.blocks import group_card
from bot.slack.blocks.group_card import Group


def title(rule: str, level: str, **by_state: int) -> str:
    return group_card.title(Group(message_id=1, rule=rule, level=level, campaign="Big", by_state=by_state))


@pytest.mark.parametrize(("rule", "level", "one", "many"), [
    ("overdue", "late", "1 gift that was late", "4 gifts that were late"),
    ("overdue", "support", "1 gift that was stuck", "4 gifts that were stuck"),
    ("expiring", "", "1 offer that was ending soon", "4 offers that were ending soon"),
    ("expired", "", "1 offer that was over", "4 offers that were over"),
    ("needs_action", "", "1 gift that needed somebody to act", "4 gifts that needed somebody to act"),
    ("unknown_status", "", "1 status that nobody had named", "4 statuses that nobody had named"),
    ("another", "", "1 alert", "4 alerts"),
])
def test_what_is_settled_is_told_as_past(rule: str, level: str, one: str, many: str) -> None:
    assert title(rule, level, resolved=1) == f"✅ Resolved: {one}: Big"
    assert title(rule, level, resolved=4) == f"✅ Resolved: {many}: Big"


def test_while_one_is_open_it_says_what_to_do() -> None:
    assert title("overdue", "support", firing=1, resolved=3) == "🔔 1 gift is stuck: contact Support: Big"


def test_every_matter_that_can_be_open_can_be_settled() -> None:
    assert group_card.SETTLED.keys() == group_card.TITLES.keys()
