from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.alerts.judgement import Judgement, judge, key_of, milder, watched
from bot.statuses.catalogue import Status
from bot.statuses.thresholds import findings
from bot.statuses.watched import Finding, Watched
from storage.models import Alert, Send
from tests.bot.alerts.making import CALENDAR, DAY

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def a_send(**values: Any) -> Send:  # noqa: ANN401 - columns of every type
    given_values: dict[str, Any] = {
        "send_gid": "gid", "kind": "physical", "type": "Inventoried Sends", "status": "order_received",
        "status_raw": "Order Received", "status_since": NOW - 8 * DAY, "created_at": NOW - 9 * DAY,
        "first_seen_at": NOW, "updated_at": NOW,
    }
    return Send(**given_values | values)


def an_alert(number: int, rule: str = "overdue", level: str = "late", **values: Any) -> Alert:  # noqa: ANN401 - columns of every type
    given_values: dict[str, Any] = {
        "key": str(number), "status": "order_received", "due_at": NOW - DAY, "opened_at": NOW - DAY,
    }
    alert = Alert(rule=rule, level=level, **given_values | values)
    alert.id = number
    return alert


def opened(found: Judgement) -> list[tuple[str, str, str]]:
    return [(one.finding.rule, one.finding.level, one.reason) for one in found.openings]


def closed(found: Judgement) -> list[tuple[int, str]]:
    return [(alert.id, why) for alert, why in found.closings]


def test_a_fresh_send_that_is_due() -> None:
    found = judge(a_send(), [], CALENDAR, NOW)
    assert opened(found) == [("overdue", "support", "first")]
    assert (found.due_at, found.closings, found.awakened) == (None, (), ())


def test_only_the_first_of_two_limits_has_passed() -> None:
    found = judge(a_send(status_since=NOW - 6 * DAY), [], CALENDAR, NOW)
    assert opened(found) == [("overdue", "late", "first")]
    assert (found.due_at, found.due_rule) == (NOW + DAY, "overdue")


def test_an_open_alert_that_still_holds_stays() -> None:
    found = judge(a_send(), [an_alert(1, level="support", state="acknowledged")], CALENDAR, NOW)
    assert found == Judgement()


def test_an_alert_of_a_former_stay_is_closed_and_the_new_one_says_reopened() -> None:
    found = judge(a_send(status_seq=3), [an_alert(1)], CALENDAR, NOW)
    assert closed(found) == [(1, "moved_on")]
    assert opened(found) == [("overdue", "support", "reopened")]


def test_a_former_stay_in_another_status_makes_no_reopening() -> None:
    former = an_alert(1, status="fulfilling", state="resolved", resolved_by="scan")
    assert opened(judge(a_send(status_seq=2), [former], CALENDAR, NOW)) == [("overdue", "support", "first")]


@pytest.mark.parametrize(("told", "expected"), [
    ({}, (None, None, None)),
    ({"support_by": "U02BEN", "support_at": NOW, "follow_up_at": NOW + timedelta(days=1)},
     ("U02BEN", NOW, NOW + timedelta(days=1))),
    # Reminded already.
    ({"support_by": "U02BEN", "support_at": NOW}, ("U02BEN", NOW, None)),
])
def test_the_further_limit_keeps_who_told_support(
    told: dict[str, Any], expected: tuple[str | None, datetime | None, datetime | None],
) -> None:
    (raised,) = judge(a_send(), [an_alert(1, **told)], CALENDAR, NOW).openings
    assert (raised.support_by, raised.support_at, raised.follow_up_at) == expected
    assert raised.takes_over_from == (1,)


def test_what_is_opened_anew_takes_nothing_over() -> None:
    told: dict[str, Any] = {"support_by": "U02BEN", "support_at": NOW, "assignee": "U01ANN"}
    (first,) = judge(a_send(status_seq=2), [an_alert(1, **told)], CALENDAR, NOW).openings
    assert (first.assignee, first.support_by, first.takes_over_from) == (None, None, ())


@pytest.mark.parametrize("latest", [0, 1])
def test_of_two_milder_alerts_the_one_counts_about_which_support_was_told_last(latest: int) -> None:
    times = [NOW - 2 * DAY, NOW - 2 * DAY]
    times[latest] = NOW - DAY
    before = [
        an_alert(1, support_by="U1", support_at=times[0]),
        an_alert(2, level="notice", support_by="U2", support_at=times[1]),
    ]
    (raised,) = judge(a_send(), before, CALENDAR, NOW).openings
    assert (raised.support_by, raised.support_at) == (f"U{latest + 1}", NOW - DAY)


@pytest.mark.parametrize(("one", "other", "is_milder"), [
    ("no_more", "late", True), ("no_more", "notice", False), ("notice", "no_more", False), ("late", "no_more", False),
])
def test_a_level_that_is_no_more_counts_as_the_mildest(one: str, other: str, *, is_milder: bool) -> None:
    former = an_alert(1, level=one, state="resolved", resolved_by="scan")
    assert milder(an_alert(2, level=other), [former]) == ([former] if is_milder else [])


@pytest.mark.parametrize(("other", "is_milder"), [
    ({}, True),
    ({"rule": "needs_action", "level": "notice"}, True),
    ({"status_seq": 2}, False),
    ({"resolved_by": "U01ANN"}, False),
    ({"state": "firing", "resolved_by": None}, False),
    ({"rule": "expiring", "level": "7d"}, False),
    ({"level": "support"}, False),
])
def test_which_alerts_one_took_over_from(other: dict[str, Any], *, is_milder: bool) -> None:
    one = an_alert(1, **{"state": "resolved", "resolved_by": "scan"} | other)
    found = milder(an_alert(2, level="support"), [one])
    assert found == ([one] if is_milder else [])


def test_the_further_limit_closes_the_milder_alert_and_keeps_who_has_it() -> None:
    found = judge(a_send(), [an_alert(1, assignee="U01ANN")], CALENDAR, NOW)
    assert closed(found) == [(1, "raised")]
    assert opened(found) == [("overdue", "support", "raised")]
    assert found.openings[0].assignee == "U01ANN"


def test_a_stronger_alert_than_the_data_now_say_gives_way_to_the_milder() -> None:
    alerts = [
        an_alert(1, state="resolved", resolved_by="scan"),
        an_alert(2, level="support"),
    ]
    found = judge(a_send(status_since=NOW - 6 * DAY), alerts, CALENDAR, NOW)
    assert closed(found) == [(2, "cleared")]
    assert opened(found) == [("overdue", "late", "reopened")]
    assert found.openings[0].reopens is alerts[0]
    assert found.due_at == NOW + DAY


def test_what_a_person_settled_is_silent_at_every_level() -> None:
    settled = an_alert(1, state="resolved", resolved_by="U01ANN")
    assert judge(a_send(), [settled], CALENDAR, NOW) == Judgement()


def test_another_rule_is_told_although_one_was_settled() -> None:
    settled = an_alert(
        1, state="resolved", resolved_by="U01ANN", status="fulfillment_issue", rule="needs_action", level="notice",
    )
    found = judge(a_send(status="fulfillment_issue"), [settled], CALENDAR, NOW)
    assert opened(found) == [("overdue", "support", "first")]


def test_an_overdue_send_that_was_settled_is_not_told_as_merely_in_need_of_somebody() -> None:
    settled = an_alert(1, state="resolved", resolved_by="U01ANN", status="fulfillment_issue")
    assert opened(judge(a_send(status="fulfillment_issue"), [settled], CALENDAR, NOW)) == []


def test_an_unknown_status_goes_by_its_spelling() -> None:
    send = a_send(status="unknown", status_raw="  Lost in SPACE ")
    found = judge(send, [], CALENDAR, NOW).openings[0].finding
    assert key_of(send, found) == key_of(a_send(send_gid="other", status_raw="lost in space", status="unknown"), found)
    assert key_of(send, found).startswith("unknown_status:")


def test_a_key_names_rule_send_stay_and_level() -> None:
    send = a_send(status_seq=4)
    assert key_of(send, judge(send, [], CALENDAR, NOW).openings[0].finding) == "overdue:gid:4:support"


def test_the_thresholds_look_at_all_that_a_send_is() -> None:
    send = a_send(
        subtype="Bundles", campaign="Autumn", team="West", warehouse_since=NOW - 9 * DAY, expires_at=NOW + DAY,
    )
    assert watched(send) == Watched(
        status="order_received", kind="physical", type="Inventoried Sends", subtype="Bundles", campaign="Autumn",
        team="West", status_since=NOW - 8 * DAY, warehouse_since=NOW - 9 * DAY, created_at=NOW - 9 * DAY,
        expires_at=NOW + DAY,
    )


def test_a_snooze_of_the_milder_level_holds_the_stronger_back_until_it_ends() -> None:
    asleep = an_alert(1, state="snoozed", snoozed_until=NOW + DAY)
    found = judge(a_send(), [asleep], CALENDAR, NOW)
    assert found == Judgement(due_at=NOW + DAY, due_rule="overdue")
    ended = an_alert(1, state="snoozed", snoozed_until=NOW, assignee="U01ANN")
    found = judge(a_send(), [ended], CALENDAR, NOW)
    assert (closed(found), found.awakened) == ([(1, "raised")], ())
    assert opened(found) == [("overdue", "support", "raised")]


@pytest.mark.parametrize(("state", "until", "wakes"), [
    ("snoozed", NOW + DAY, False), ("snoozed", NOW, True), ("snoozed", NOW - DAY, True), ("snoozed", None, True),
    ("acknowledged", None, False), ("acknowledged", NOW + DAY, False), ("firing", NOW - DAY, False),
])
def test_who_slept_and_still_holds_wakes(state: str, until: datetime | None, wakes: bool) -> None:
    alert = an_alert(1, level="support", state=state, snoozed_until=until)
    found = judge(a_send(), [alert], CALENDAR, NOW)
    assert found.awakened == ((alert,) if wakes else ())
    assert (found.openings, found.closings) == ((), ())


def test_what_is_awake_is_raised_whatever_end_of_a_snooze_is_left_on_it() -> None:
    awake = an_alert(1, state="acknowledged", snoozed_until=NOW + DAY)
    assert closed(judge(a_send(), [awake], CALENDAR, NOW)) == [(1, "raised")]


HELD = {"status": "fulfillment_issue", "status_raw": "Fulfillment Issue"}


def test_a_held_send_that_becomes_overdue_is_told_as_that_and_its_first_alert_ends() -> None:
    first = an_alert(1, "needs_action", "notice", assignee="U01ANN", status="fulfillment_issue")
    found = judge(a_send(**HELD), [first], CALENDAR, NOW)
    assert closed(found) == [(1, "raised")]
    assert opened(found) == [("overdue", "support", "raised")]
    assert found.openings[0].assignee == "U01ANN"


def test_a_snoozed_held_send_is_not_told_as_overdue_before_its_snooze_ends() -> None:
    asleep = an_alert(
        1, "needs_action", "notice", state="snoozed", snoozed_until=NOW + DAY, status="fulfillment_issue",
    )
    assert judge(a_send(**HELD), [asleep], CALENDAR, NOW) == Judgement(due_at=NOW + DAY, due_rule="overdue")
    later = judge(a_send(**HELD), [asleep], CALENDAR, NOW + DAY)
    assert (closed(later), opened(later)) == ([(1, "raised")], [("overdue", "support", "raised")])


def test_an_offer_that_is_over_ends_the_alert_that_it_would_end() -> None:
    send = a_send(
        kind="egift", type="eGifts USA", status="sent", status_since=NOW - 20 * DAY,
        expires_at=NOW - timedelta(hours=1),
    )
    found = judge(send, [an_alert(1, "expiring", "2d", status="sent")], CALENDAR, NOW)
    assert closed(found) == [(1, "ended")]
    assert opened(found) == [("expired", "notice", "first")]


def test_what_the_data_no_longer_say_is_cleared() -> None:
    found = judge(a_send(status_since=NOW - DAY), [an_alert(1), an_alert(2, "expiring", "7d")], CALENDAR, NOW)
    assert closed(found) == [(1, "cleared"), (2, "cleared")]
    assert (opened(found), found.due_rule) == ([], "overdue")
    asleep = an_alert(1, state="snoozed", snoozed_until=NOW + DAY)
    assert closed(judge(a_send(status_since=NOW - DAY), [asleep], CALENDAR, NOW)) == [(1, "cleared")]


def test_an_alert_of_a_level_that_is_no_more_gives_way_to_the_one_that_is() -> None:
    old = an_alert(1, "needs_action", "made_up", status="failed")
    found = judge(a_send(status="failed"), [old], CALENDAR, NOW)
    assert closed(found) == [(1, "raised")]
    assert opened(found) == [("needs_action", "notice", "raised")]


def test_a_stronger_level_that_the_scan_had_closed_is_opened_again_and_not_made_twice() -> None:
    before = an_alert(2, level="support", state="resolved", resolved_by="scan")
    found = judge(a_send(), [an_alert(1), before], CALENDAR, NOW)
    assert opened(found) == [("overdue", "support", "raised")]
    assert found.openings[0].reopens is before


def test_a_milder_level_that_the_scan_closed_in_this_stay_makes_no_coming_back_of_the_stronger() -> None:
    late = an_alert(1, state="resolved", resolved_by="scan", status_seq=1)
    found = judge(a_send(status_seq=1), [late], CALENDAR, NOW)
    assert opened(found) == [("overdue", "support", "first")]
    assert found.openings[0].reopens is None


moments = st.integers(-100 * 24, 24).map(lambda hours: NOW + timedelta(hours=hours))
sends = st.builds(
    a_send,
    status=st.sampled_from([str(status) for status in Status]),
    kind=st.sampled_from(["egift", "physical", "choice", "unknown"]),
    type=st.sampled_from(["Amazon", "Inventoried Sends", "eGifts USA", ""]),
    status_since=moments, created_at=moments | st.none(), warehouse_since=moments | st.none(),
    expires_at=st.none() | st.integers(-50, 100).map(lambda days: NOW + days * DAY),
    status_seq=st.just(2),
)


@st.composite
def alerts_of(draw: st.DrawFn, possible: tuple[Finding, ...]) -> list[Alert]:
    found: list[Alert] = []
    pairs = sorted({(one.rule, one.level) for one in possible}) or [("overdue", "late")]
    for seq in (1, 2):
        for rule, level in draw(st.lists(st.sampled_from(pairs), unique=True, max_size=3)):
            # A scan never leaves two levels of a rule open at once.
            taken = any((one.rule, one.status_seq) == (rule, seq) and one.state != "resolved" for one in found)
            open_states = [] if taken else ["firing", "acknowledged", "snoozed"]
            state = draw(st.sampled_from([*open_states, "resolved"]))
            found.append(an_alert(
                len(found) + 1, rule, level, status_seq=seq, state=state,
                resolved_by=draw(st.sampled_from(["scan", "U01ANN"])) if state == "resolved" else None,
                snoozed_until=NOW + draw(st.integers(-5, 5)) * DAY if state == "snoozed" else None,
            ))
    return found


def carried_out(send: Send, alerts: list[Alert], found: Judgement) -> list[Alert]:
    """The alerts as a scan would leave them."""
    for alert, _ in found.closings:
        alert.state, alert.resolved_by, alert.snoozed_until = "resolved", "scan", None
    for alert in found.awakened:
        alert.state, alert.snoozed_until = "firing", None
    after = list(alerts)
    for one in found.openings:
        if one.reopens is not None:
            one.reopens.state, one.reopens.resolved_by = "firing", None
        else:
            after.append(an_alert(
                len(after) + 1, one.finding.rule, one.finding.level, status_seq=send.status_seq, status=send.status,
            ))
    return after


@settings(max_examples=300)
@given(st.data(), sends)
def test_judging_again_gives_nothing_to_do_and_the_next_time_lies_ahead(data: st.DataObject, send: Send) -> None:
    alerts = data.draw(alerts_of(findings(watched(send), CALENDAR)))
    found = judge(send, alerts, CALENDAR, NOW)
    assert found.due_at is None or found.due_at > NOW
    assert (found.due_at is None) == (found.due_rule is None)
    after = carried_out(send, alerts, found)
    again = judge(send, after, CALENDAR, NOW)
    assert (again.openings, again.closings, again.awakened) == ((), (), ())
    assert again.due_at == found.due_at
    still_open = [alert for alert in after if alert.state != "resolved"]
    assert {alert.status_seq for alert in still_open} <= {send.status_seq}
    assert len({alert.rule for alert in still_open}) == len(still_open), "one alert of a rule at a time"


@given(st.data(), sends)
def test_nothing_settled_by_a_person_comes_back_in_the_same_stay(data: st.DataObject, send: Send) -> None:
    alerts = data.draw(alerts_of(findings(watched(send), CALENDAR)))
    silent = {
        alert.rule for alert in alerts
        if alert.state == "resolved" and alert.resolved_by != "scan" and alert.status_seq == send.status_seq
    }
    found = judge(send, alerts, CALENDAR, NOW)
    assert not silent & {one.finding.rule for one in found.openings}
