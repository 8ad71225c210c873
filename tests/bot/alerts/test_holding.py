from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.alerts.escalation import Hold
from bot.alerts.holding import LOOK_AGAIN, Holds
from bot.alerts.inhibition import Source, Sources, source_of
from bot.alerts.muting import SCOPES, Muted, holding, key_of
from bot.alerts.policy import Policy
from bot.alerts.quiet_hours import QuietHours
from bot.alerts.routing import Subject

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LATE = Subject(
    rule="overdue", level="late", status="pending_approval", team="EMEA", campaign="Autumn  Box",
    sender_email="Sam@Acme.com", send_gid="gid-A",
)
FUNDS = replace(LATE, rule="needs_action", level="notice", status="insufficient_funds", send_gid="gid-B")
OVER = replace(LATE, rule="expired", level="notice", status="expired")
NIGHT = Policy(quiet=QuietHours(zone="UTC", start=time(14), end=time(20), except_for=frozenset({"needs_action"})))


def mute(scope: str, value: str, days: int = 1) -> Muted:
    return Muted(mute_id=days, scope=scope, value=value, ends_at=NOW + days * DAY)


@pytest.mark.parametrize(("scope", "value"), [
    ("send", "gid-A"), ("campaign", "autumn box"), ("team", "emea"), ("sender", "sam@acme.com"), ("rule", "overdue"),
    ("status", "pending_approval"),
])
def test_a_mute_holds_what_is_the_same_to_people(scope: str, value: str) -> None:
    assert key_of(scope, LATE) == value
    assert holding([mute(scope, value)], LATE) == mute(scope, value)
    assert holding([mute(scope, f"{value}x")], LATE) is None


def test_nothing_is_no_campaign_and_gids_are_told_apart_by_case() -> None:
    nothing = Subject(rule="overdue")
    assert all(holding([mute(scope, "")], nothing) is None for scope in SCOPES)
    assert holding([mute("send", "gid-a")], LATE) is None


def test_of_several_mutes_the_longest_holds() -> None:
    mutes = [mute("team", "emea", 1), mute("rule", "overdue", 3), mute("send", "gid-A", 2)]
    assert holding(mutes, LATE) == mutes[1]


@pytest.mark.parametrize(("source", "target", "hides"), [
    (FUNDS, LATE, True),
    (FUNDS, replace(LATE, status="initiated"), True),
    (FUNDS, replace(LATE, status="shipped"), False),
    (FUNDS, replace(LATE, campaign="Spring"), False),
    (FUNDS, replace(LATE, team="APAC"), False),
    (FUNDS, FUNDS, False),
    (FUNDS, replace(FUNDS, send_gid="gid-C"), False),
    (replace(FUNDS, team="", campaign=""), replace(LATE, team="", campaign=""), False),
    (OVER, LATE, True),
    (OVER, replace(LATE, rule="expiring"), True),
    (OVER, replace(LATE, send_gid="gid-C"), False),
    (OVER, replace(LATE, rule="needs_action"), False),
])
def test_one_alert_explains_others(source: Subject, target: Subject, hides: bool) -> None:
    found = source_of(source)
    assert found is not None
    assert (Sources([found]).hiding(target) == found) is hides


def test_most_alerts_explain_nothing() -> None:
    assert source_of(LATE) is None
    assert source_of(replace(FUNDS, status="failed")) is None


def test_what_holds_first() -> None:
    source = source_of(FUNDS)
    assert source is not None
    everything = Holds(mutes=[mute("team", "emea")], sources=Sources([source]))
    assert everything.on(LATE, NIGHT, NOW) == Hold(why="muted", until=NOW + DAY)
    assert Holds(sources=Sources([source])).on(LATE, NIGHT, NOW) == Hold(why="inhibited", until=NOW + LOOK_AGAIN)
    assert Holds().on(LATE, NIGHT, NOW) == Hold(why="quiet", until=NOW.replace(hour=20))
    assert Holds().on(FUNDS, NIGHT, NOW) is None
    assert Holds().on(LATE, Policy(), NOW) is None
    assert Holds(mutes=[mute("team", "emea", 0)]).on(LATE, Policy(), NOW) is None


def test_quiet_hours_let_a_single_level_through_and_hold_nothing_by_day() -> None:
    night = QuietHours(zone="UTC", start=time(14), end=time(20), except_for=frozenset({"overdue/support"}))
    assert Holds().on(replace(LATE, level="support"), Policy(quiet=night), NOW) is None
    assert Holds().on(LATE, Policy(quiet=night), NOW) == Hold(why="quiet", until=NOW.replace(hour=20))
    assert Holds().on(LATE, Policy(quiet=night), NOW.replace(hour=20)) is None


def test_a_mute_ends_at_its_end() -> None:
    ends = mute("team", "emea", 0)
    before = NOW - timedelta(microseconds=1)
    assert Holds(mutes=[ends]).on(LATE, Policy(), before) == Hold(why="muted", until=NOW)
    assert Holds(mutes=[ends]).on(LATE, Policy(), NOW) is None


def test_what_hides_others_is_known_by_all_that_it_is() -> None:
    assert source_of(FUNDS) == Source(
        rule="needs_action", status="insufficient_funds", send_gid="gid-B", team="EMEA", campaign="Autumn  Box",
    )


def test_a_campaign_or_a_team_alone_is_enough_to_wait_for_the_same_money() -> None:
    for team, campaign in (("", LATE.campaign), (LATE.team, "")):
        found = source_of(replace(FUNDS, team=team, campaign=campaign))
        assert found is not None
        assert Sources([found]).hiding(replace(LATE, team=team, campaign=campaign)) == found


def test_of_thousands_that_hide_the_first_one_is_named_and_nothing_hides_itself() -> None:
    several = [source_of(replace(FUNDS, send_gid=f"gid-{n}")) for n in range(5)]
    sources = Sources(one for one in several if one is not None)
    assert sources.hiding(LATE) == several[0]
    assert sources.hiding(replace(LATE, send_gid="gid-0")) == several[1]
    assert sources.hiding(replace(LATE, send_gid="gid-1")) == several[0]
    again = Sources([one for one in (several[0], several[0]) if one is not None])
    assert again.hiding(replace(LATE, send_gid="gid-0")) is None


def test_what_is_over_explains_its_own_send_before_missing_funds_do() -> None:
    funds, over = source_of(FUNDS), source_of(OVER)
    assert funds is not None
    assert over is not None
    assert Sources([funds, over]).hiding(LATE) == over
    assert Sources([over, replace(over, status="failed")]).hiding(LATE) == over
