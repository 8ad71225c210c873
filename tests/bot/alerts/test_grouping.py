from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.grouping import BASELINE_ABOVE, GROUP_FROM, Item, Planned, backlog, by_rule, plan, within_budget
from bot.alerts.routing import ADMIN_RULES

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def item(ref: int, rule: str = "overdue", level: str = "late", **values: Any) -> Item:  # noqa: ANN401 - fields of Item
    given_values: dict[str, Any] = {
        "status": "order_received", "status_raw": "Order Received", "since": NOW - timedelta(days=9), "due_at": NOW,
        "why": "Why.", "channel": "C1", "campaign": "Autumn", "campaign_id": 1,
    }
    return Item(ref=ref, rule=rule, level=level, **given_values | values)


def shape(planned: list[Planned]) -> list[tuple[str, str, list[int]]]:
    return [(one.kind, one.channel, [item.ref for item in one.items]) for one in planned]


def test_below_three_each_has_its_own_message() -> None:
    assert shape(plan([item(1), item(2)])) == [("alert", "C1", [1]), ("alert", "C1", [2])]


def test_from_three_on_they_are_one_message_whatever_their_level() -> None:
    found = plan([item(1), item(2, level="support"), item(3)])
    assert shape(found) == [("group", "C1", [2, 1, 3])]


@pytest.mark.parametrize("other", [
    {"campaign_id": 2}, {"rule": "expired", "level": "notice"}, {"campaign_id": None, "campaign": "Autumn "},
])
def test_another_campaign_or_rule_stands_alone(other: dict[str, Any]) -> None:
    assert len(plan([item(1), item(2), item(3, **other)])) == 3


def test_campaigns_without_an_id_go_by_name_and_none_is_a_campaign_too() -> None:
    named = [item(ref, campaign_id=None) for ref in (1, 2, 3)]
    nameless = [item(ref, campaign_id=None, campaign="") for ref in (4, 5, 6)]
    assert [one.kind for one in plan([*named, *nameless])] == ["group", "group"]


def test_the_most_pressing_goes_first() -> None:
    items = [item(1), item(2, "expired", "notice"), item(3, "needs_action", "notice"), item(4, level="support")]
    assert [one.items[0].ref for one in plan(items)] == [3, 2, 4, 1]


def test_what_admins_must_mend_goes_to_each_of_them_alone() -> None:
    found = plan([item(1, "stale_data", "notice", channel=user) for user in ("U1", "U2")])
    assert shape(found) == [("notice", "U1", [1]), ("notice", "U2", [1])]
    assert [one.key for one in found] == ["notice:1:1:U1", "notice:1:1:U2"]
    many = plan([item(ref, "stale_data", "notice", channel="U1") for ref in range(4)])
    assert [one.kind for one in many] == ["notice"] * 4


def test_statuses_that_nobody_has_named_go_together_whatever_their_campaign() -> None:
    some = [
        item(ref, "unknown_status", "notice", channel="U1", campaign_id=ref, campaign=f"Campaign {ref}")
        for ref in (1, 2, 3)
    ]
    assert shape(plan(some)) == [("group", "U1", [1, 2, 3])]
    assert shape(plan(some[:2])) == [("alert", "U1", [1]), ("alert", "U1", [2])]
    assert shape(within_budget(plan(some), {"U1": 0}, NOW.date())) == [("summary", "U1", [1, 2, 3])]


def test_the_same_alert_in_two_channels_is_grouped_in_each_with_its_own() -> None:
    here = [item(ref) for ref in (1, 2, 3)]
    found = plan([*here, item(1, channel="C2"), item(4, channel="C2")])
    assert sorted(shape(found)) == [("alert", "C2", [1]), ("alert", "C2", [4]), ("group", "C1", [1, 2, 3])]


def test_a_first_scan_over_a_backlog_is_one_summary_besides_the_notices() -> None:
    items = [*(item(ref, campaign_id=ref, channel=f"C{ref % 2}") for ref in range(1, 7)), item(7, "unknown_status")]
    found = backlog(items, "C9")
    assert [(one.kind, one.channel, len(one.items)) for one in found] == [("baseline", "C9", 6), ("alert", "C1", 1)]
    assert [one.kind for one in backlog(items[1:], "C9")] == ["alert"] * 6


def test_what_goes_above_the_room_of_a_channel_goes_into_its_summary_of_the_day() -> None:
    items = [item(ref, campaign_id=ref, due_at=NOW - timedelta(days=9 - ref)) for ref in range(1, 6)]
    items += [item(6, "stale_data", "notice"), item(7, channel="C2")]
    found = within_budget(plan(items), {"C1": 2, "C2": 5}, NOW.date())
    assert shape(found) == [
        ("alert", "C1", [1]), ("alert", "C1", [2]), ("alert", "C2", [7]), ("notice", "C1", [6]),
        ("summary", "C1", [3, 4, 5]),
    ]
    assert found[-1].key == "summary:C1:2026-11-23"


def test_no_room_at_all_leaves_only_the_summary() -> None:
    found = within_budget(plan([item(1), item(2), item(3)]), {"C1": 0}, NOW.date())
    assert shape(found) == [("summary", "C1", [1, 2, 3])]


def test_keys_tell_an_alert_that_came_back_from_the_first_time() -> None:
    first, again = (Planned(kind="alert", channel="C1", items=(item(4, version=version),)) for version in (1, 3))
    assert (first.key, again.key) == ("alert:4:1:C1", "alert:4:3:C1")
    assert Planned(kind="group", channel="C1", items=(item(9), item(4))).key == "group:4:1:C1"
    assert Planned(kind="baseline", channel="C1", items=(item(9),)).key == "baseline"


def test_counts_by_rule_tell_support_apart() -> None:
    items = [item(1), item(2, level="support"), item(3, level="support"), item(4, "expired", "notice")]
    assert by_rule(items) == {"support": 2, "overdue": 1, "expired": 1}


rules = st.sampled_from([
    ("overdue", "late"), ("overdue", "support"), ("expiring", "7d"), ("expired", "notice"),
    ("needs_action", "notice"), ("unknown_status", "notice"), ("stale_data", "notice"), ("made_up", "new"),
])
items_of = st.lists(st.tuples(rules, st.integers(1, 3) | st.none(), st.integers(0, 9)), max_size=30).map(
    lambda rows: [
        item(place, *rule, campaign_id=campaign, due_at=NOW - timedelta(days=days))
        for place, (rule, campaign, days) in enumerate(rows)
    ],
)


@given(items_of, st.booleans(), st.dictionaries(st.just("C1"), st.integers(0, 6)))
def test_every_alert_is_shown_once_and_no_key_comes_twice(
    items: list[Item], first_scan: bool, room: dict[str, int],
) -> None:
    whole = backlog(items, "C1") if first_scan else plan(items)
    planned = within_budget(whole, room, NOW.date())
    assert len({one.key for one in planned}) == len(planned)
    assert Counter(item.ref for one in planned for item in one.items) == Counter(item.ref for item in items)
    gifts = [item for item in items if item.rule not in ADMIN_RULES]
    messages = [one for one in whole if one.kind != "notice"]
    assert sum(one.kind == "notice" for one in whole) == sum(item.rule == "stale_data" for item in items)
    sizes: Counter[tuple[str, int | None]] = Counter(
        (item.rule, None) for item in items if item.rule == "unknown_status"
    )
    if first_scan and len(gifts) > BASELINE_ABOVE:
        assert [one.kind for one in messages][:1] == ["baseline"]
        messages = messages[1:]
    else:
        sizes += Counter((item.rule, item.campaign_id) for item in gifts)
    assert len(messages) == sum(1 if size >= GROUP_FROM else size for size in sizes.values())
    counted = [one for one in planned if one.kind in {"alert", "group"}]
    assert len(counted) == min(len(messages), room.get("C1", len(messages)))
    assert whole == (backlog(items[::-1], "C1") if first_scan else plan(items[::-1]))


def test_an_address_has_one_room_with_its_person() -> None:
    planned = plan([item(1, channel="mail:a@b.example"), item(2, campaign_id=2, channel="U1")])
    found = within_budget(planned, {"U1": 1}, NOW.date(), {"mail:a@b.example": "U1"})
    assert [message.kind for message in found] == ["alert", "summary"]
