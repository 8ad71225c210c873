from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.alerts.judgement import Judgement, judge, key_of, watched
from bot.statuses.catalogue import Status
from bot.statuses.thresholds import findings
from bot.statuses.watched import Finding
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
