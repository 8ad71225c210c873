"""Mutes from the press to the telling after their end, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import event, text, update

from bot.alerts import mute_walk, muted, mutes, telling
from bot.alerts import scan as scans
from bot.alerts.mute_refusals import Refused
from bot.alerts.mutes import Made
from bot.alerts.muting import Target
from bot.alerts.permissions import Permissions
from bot.alerts.policy import Policy
from bot.alerts.pressed import Press
from bot.alerts.quiet_hours import QuietHours
from bot.alerts.rulebook import Rulebook
from storage import alerts as alert_rows
from storage import people
from storage.engine import Database
from storage.models import Alert, AlertEvent, Mute, Notification, Send, SyncCursor
from tests.bot.alerts.making import (
    DAY,
    RULES,
    add,
    alert,
    events,
    message_of,
    messages,
    move,
    no_backlog,
    places,
    press_on,
    scan,
)
from tests.bot.alerts.test_telling import late, replies, told

HOUR = timedelta(hours=1)
AUTUMN = Target(scope="campaign", value="autumn box", label="Autumn Box")
EMEA = Target(scope="team", value="emea", label="EMEA")
NIGHTLY = replace(RULES, routing=replace(RULES.routing, policies={
    "default": Policy(quiet=QuietHours(zone="UTC", start=time(18), end=time(8))),
}))
_numbers = count(1)


def pressing(user: str = "U02BEN", **values: Any) -> Press:  # noqa: ANN401 - columns of every type
    values.setdefault("dedupe_key", f"mute-press-{next(_numbers)}")
    return Press(action="mute", user_id=user, user_name=user.lower(), **values)


def mute(
    database: Database, now: datetime, *, target: Target = AUTUMN, lasts: timedelta = 3 * DAY, user: str = "U02BEN",
    rules: Rulebook = RULES, **values: Any,  # noqa: ANN401 - columns of every type
) -> Made | Refused:
    with database.write() as session:
        return mutes.mute(session, pressing(user, **values), target, now + lasts, now, rules)


def made(found: Made | Refused) -> Mute:
    assert isinstance(found, Made), found
    return found.mute


def refused(found: Made | Refused) -> str:
    assert isinstance(found, Refused), found
    return found.sentence


def end(database: Database, now: datetime, mute_id: int, user: str = "U02BEN", **values: Any) -> Made | Refused:  # noqa: ANN401
    with database.write() as session:
        return mutes.end(session, pressing(user, **values), mute_id, now, RULES)


def edit(
    database: Database, now: datetime, mute_id: int, ends_at: datetime, user: str = "U02BEN", reason: str | None = None,
) -> Made | Refused:
    with database.write() as session:
        return mutes.edit(session, pressing(user), mute_id, ends_at, now, RULES, reason=reason)


def undo(
    database: Database, now: datetime, mute_id: int, user: str = "U02BEN", rules: Rulebook = RULES,
) -> Made | Refused:
    with database.write() as session:
        return mutes.undo(session, pressing(user), mute_id, now, rules)


def place(database: Database, gid: str) -> Notification:
    with database.read() as session:
        (found,) = places(session, alert(session, gid).id)
        return found


def wanted_rev(database: Database, gid: str) -> int:
    with database.read() as session:
        shown = message_of(session, alert(session, gid))
        return next(one.wanted_rev for one in messages(session) if one.id == shown)


def actions(database: Database) -> list[str]:
    with database.read() as session:
        return [one.action for one in events(session) if one.actor.startswith("U")]


@pytest.fixture
def late_one(database: Database, now: datetime) -> Database:
    """A database with one late gift of the campaign, told."""
    no_backlog(database, now)
    late(database, now, "one", campaign="Autumn  Box", team="EMEA", sender_email="sam@acme.com")
    scan(database, now)
    return database


# --- making one ---------------------------------------------------------------------------------------


def test_what_was_told_is_held_until_the_end_and_told_again(late_one: Database, now: datetime) -> None:
    row = made(mute(late_one, now + HOUR))
    held = place(late_one, "one")
    assert (held.held, held.next_at) == ("muted", row.ends_at)
    assert wanted_rev(late_one, "one") == 2
    for hours in (24, 72):
        scan(late_one, now + timedelta(hours=hours))
    assert replies(late_one) == []
    scan(late_one, row.ends_at)
    (again,) = replies(late_one)
    assert again["text"].startswith("The mute has ended and nothing has moved")
    told_again = place(late_one, "one")
    assert (told_again.held, told_again.reason, told_again.told_at) == ("", "mute_ended", row.ends_at)
    assert wanted_rev(late_one, "one") > 2
    scan(late_one, row.ends_at + HOUR)
    assert len(replies(late_one)) == 1


def test_what_comes_meanwhile_is_told_when_it_ends(late_one: Database, now: datetime) -> None:
    row = made(mute(late_one, now))
    late(late_one, now + HOUR, "new", campaign="AUTUMN BOX")
    late(late_one, now + HOUR, "else", campaign="Spring")
    scan(late_one, now + HOUR)
    assert [kind for kind, _ in told(late_one)] == ["alert", "alert"]
    assert (place(late_one, "new").held, place(late_one, "new").next_at) == ("muted", row.ends_at)
    scan(late_one, row.ends_at)
    assert len(told(late_one)) == 3
    assert place(late_one, "new").reason == "mute_ended"


def test_what_moves_on_meanwhile_is_never_told(late_one: Database, now: datetime) -> None:
    row = made(mute(late_one, now))
    late(late_one, now + HOUR, "new", campaign="Autumn Box")
    scan(late_one, now + HOUR)
    with late_one.write() as session:
        move(session, now + DAY, "new", "delivered")
        move(session, now + DAY, "one", "delivered")
    scan(late_one, now + DAY)
    scan(late_one, row.ends_at)
    assert (len(told(late_one)), replies(late_one)) == (1, [])


def test_what_somebody_has_taken_up_stays_quiet_but_its_message_is_drawn(late_one: Database, now: datetime) -> None:
    with late_one.read() as session:
        one = alert(session, "one").id
    press_on(late_one, now, "acknowledge", one)
    row = made(mute(late_one, now))
    before = wanted_rev(late_one, "one")
    scan(late_one, row.ends_at)
    assert replies(late_one) == []
    # It said "muted until", which is no longer so.
    assert wanted_rev(late_one, "one") == before + 1


def test_taken_up_during_the_mute_and_given_back(late_one: Database, now: datetime) -> None:
    row = made(mute(late_one, now))
    with late_one.read() as session:
        one = alert(session, "one").id
    press_on(late_one, now + HOUR, "acknowledge", one)
    press_on(late_one, now + 2 * HOUR, "undo", one)
    scan(late_one, now + 2 * HOUR)
    assert (place(late_one, "one").held, replies(late_one)) == ("muted", [])
    scan(late_one, row.ends_at)
    assert len(replies(late_one)) == 1


def test_a_mute_of_something_else_holds_nothing(late_one: Database, now: datetime) -> None:
    made(mute(late_one, now, target=Target(scope="campaign", value="spring", label="Spring")))
    assert (place(late_one, "one").held, wanted_rev(late_one, "one")) == ("", 1)


@pytest.mark.parametrize(("scope", "value"), [
    ("team", "emea"), ("sender", "sam@acme.com"), ("rule", "overdue"), ("status", "order_received"), ("send", "one"),
])
def test_every_scope_holds(late_one: Database, now: datetime, scope: str, value: str) -> None:
    with late_one.read() as session:
        assert muted.count(session, scope, value, now).alerts == 1
    made(mute(late_one, now, target=Target(scope=scope, value=value, label=value)))
    assert place(late_one, "one").held == "muted"


def test_it_is_counted_before_and_after(late_one: Database, now: datetime) -> None:
    late(late_one, now, "new", campaign="autumn box")
    with late_one.write() as session:
        assert muted.count(session, "campaign", "autumn box", now) == muted.Held(alerts=1, told=1)
    scan(late_one, now)
    with late_one.read() as session:
        before = muted.count(session, "campaign", "autumn box", now)
    made(mute(late_one, now))
    with late_one.read() as session:
        after = muted.count(session, "campaign", "autumn box", now)
    assert before == muted.Held(alerts=2, told=2)
    assert after == replace(before, already=2)


# --- with other holds ---------------------------------------------------------------------------------


def test_of_a_group_some_are_muted(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    for number in range(6):
        late(database, now, f"g{number}", campaign="Autumn Box", sender_email="sam@acme.com" if number < 2 else "")
    scan(database, now)
    assert [kind for kind, _ in told(database)] == ["group"]
    row = made(mute(database, now, target=Target(scope="sender", value="sam@acme.com", label="Sam"), lasts=2 * HOUR))
    assert [place(database, f"g{number}").held for number in range(6)] == ["muted"] * 2 + [""] * 4
    scan(database, row.ends_at)
    (again,) = replies(database)
    assert "2 alerts above still open" in again["text"]


def test_a_second_mute_that_lasts_longer_holds_on(late_one: Database, now: datetime) -> None:
    first = made(mute(late_one, now))
    second = made(mute(late_one, now + HOUR, target=EMEA, lasts=9 * DAY))
    assert place(late_one, "one").next_at == second.ends_at
    scan(late_one, first.ends_at)
    assert (place(late_one, "one").held, replies(late_one)) == ("muted_owed", [])
    # Ended early, the first changes nothing; the second lets go.
    third = made(mute(late_one, first.ends_at, lasts=30 * DAY))
    assert place(late_one, "one").next_at == third.ends_at
    made(end(late_one, first.ends_at, third.id))
    scan(late_one, first.ends_at + HOUR)
    assert (place(late_one, "one").next_at, replies(late_one)) == (second.ends_at, [])
    scan(late_one, second.ends_at)
    assert len(replies(late_one)) == 1


def test_made_in_quiet_hours_it_holds_beyond_them(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    night = now.replace(hour=20)
    late(database, night, "one", campaign="Autumn Box")
    scan(database, night, NIGHTLY)
    assert place(database, "one").held == "quiet"
    row = made(mute(database, night, lasts=timedelta(hours=40)))
    scan(database, night + timedelta(hours=12), NIGHTLY)
    assert (place(database, "one").held, len(told(database))) == ("muted", 0)
    assert place(database, "one").next_at == row.ends_at
    scan(database, row.ends_at, NIGHTLY)
    assert place(database, "one").reason == "mute_ended"


@pytest.mark.parametrize("was_told", [True, False])
def test_one_that_ends_in_quiet_hours_speaks_in_the_morning(database: Database, now: datetime, was_told: bool) -> None:
    no_backlog(database, now)
    late(database, now, "one", campaign="Autumn Box")
    if was_told:
        scan(database, now, NIGHTLY)
    row = made(mute(database, now, lasts=timedelta(hours=7)))
    for at in (now, row.ends_at, row.ends_at + HOUR):
        scan(database, at, NIGHTLY)
    assert (len(told(database)), replies(database)) == (was_told, [])
    morning = now.replace(hour=8) + DAY
    scan(database, morning, NIGHTLY)
    assert (len(told(database)), len(replies(database))) == (1, was_told)
    assert place(database, "one").reason == "mute_ended"


@pytest.mark.parametrize(("snoozed_for", "said"), [(HOUR, "mute_ended"), (5 * DAY, "snooze_ended")])
def test_a_snoozed_one_is_told_when_both_are_over(
    late_one: Database, now: datetime, snoozed_for: timedelta, said: str,
) -> None:
    with late_one.read() as session:
        one = alert(session, "one").id
    press_on(late_one, now, "snooze", one, args={"until": now + snoozed_for})
    row = made(mute(late_one, now))
    scan(late_one, now + snoozed_for - timedelta(minutes=1))
    scan(late_one, min(now + snoozed_for, row.ends_at))
    assert replies(late_one) == []
    scan(late_one, row.ends_at)
    scan(late_one, max(now + snoozed_for, row.ends_at))
    (again,) = replies(late_one)
    assert again["notice"] == said


def test_a_first_look_keeps_its_choice(database: Database, now: datetime) -> None:
    late(database, now, *(f"g{number}" for number in range(30)), campaign="Autumn Box")
    scan(database, now)
    assert [kind for kind, _ in told(database)] == ["baseline"]
    row = made(mute(database, now))
    assert place(database, "g0").held == "baseline"
    scan(database, row.ends_at)
    assert (place(database, "g0").held, replies(database)) == ("baseline", [])


# --- ending, changing, taking back --------------------------------------------------------------------


def test_ended_early_it_tells_again_at_once(late_one: Database, now: datetime) -> None:
    row = made(mute(late_one, now))
    late(late_one, now + HOUR, "new", campaign="Autumn Box")
    scan(late_one, now + HOUR)
    ended = made(end(late_one, now + DAY, row.id, "U01ANN"))
    assert (ended.ended_at, ended.ended_by, ended.told_end_at) == (now + DAY, "U01ANN", now + DAY)
    scan(late_one, now + DAY)
    assert (len(told(late_one)), len(replies(late_one))) == (2, 1)
    assert {place(late_one, gid).reason for gid in ("one", "new")} == {"mute_ended"}
    # Its own end comes to nobody any more.
    scan(late_one, row.ends_at)
    assert len(told(late_one)) == 2
    assert actions(late_one) == ["mute", "mute_ended"]


def test_an_edit_makes_a_new_one_and_leaves_the_old(late_one: Database, now: datetime) -> None:
    first = made(mute(late_one, now))
    second = made(edit(late_one, now + HOUR, first.id, now + 5 * DAY, "U01ANN", reason=" Holidays "))
    assert (second.replaces, second.reason, second.created_by) == (first.id, "Holidays", "U01ANN")
    with late_one.read() as session:
        old = session.get_one(Mute, first.id)
        assert (old.ends_at, old.ended_at, old.ended_by) == (first.ends_at, now + HOUR, "U01ANN")
        detail = events(session, "mute_edited")[0].detail
    assert (detail["mute"], detail["replaces"], detail["reason"]) == (second.id, first.id, "Holidays")
    scan(late_one, first.ends_at)
    assert (place(late_one, "one").next_at, replies(late_one)) == (second.ends_at, [])
    third = made(edit(late_one, first.ends_at, second.id, first.ends_at + HOUR))
    assert third.reason == "Holidays"
    scan(late_one, third.ends_at)
    assert len(replies(late_one)) == 1


def test_undo_of_making_one_ends_it(late_one: Database, now: datetime) -> None:
    row = made(mute(late_one, now))
    assert "Only <@U02BEN>" in refused(undo(late_one, now + HOUR, row.id, "U04DEE"))
    taken_back = made(undo(late_one, now + HOUR, row.id))
    assert (taken_back.id, taken_back.ended_by) == (row.id, "U02BEN")
    scan(late_one, now + HOUR)
    # As if it had never been: there is no end of which somebody would have to be told.
    assert (replies(late_one), place(late_one, "one").held) == ([], "")
    assert actions(late_one) == ["mute", "undo"]
    assert refused(undo(late_one, now + HOUR, row.id)) == "You already undid it just now."
    assert refused(undo(late_one, now + HOUR, row.id, "U04DEE")) == "Already undone by <@U02BEN> just now."


@pytest.mark.parametrize("target", [
    Target(scope="send", value="one", label="Jane", sender_email="sam@acme.com"),
    Target(scope="sender", value="sam@acme.com", label="Sam", sender_email="sam@acme.com"),
])
def test_the_sender_may_take_back_what_they_muted_of_their_own(
    late_one: Database, now: datetime, target: Target,
) -> None:
    rules = replace(RULES, permissions=Permissions(allowed={"mute": ("sender",), "undo": ("sender",)}))
    with late_one.write() as session:
        people.keep(session, user_id="U07SAM", email="sam@acme.com", now=now)
        session.execute(update(Send).values(sender_email="Sam@acme.com"))
    row = made(mute(late_one, now, target=target, user="U07SAM", rules=rules))
    assert made(undo(late_one, now + HOUR, row.id, "U07SAM", rules)).ended_by == "U07SAM"


def test_after_an_undo_it_goes_on_as_before(late_one: Database, now: datetime) -> None:
    row = made(mute(late_one, now, lasts=10 * DAY))
    late(late_one, now + HOUR, "new", campaign="Autumn Box")
    scan(late_one, now + 2 * DAY)
    assert (len(told(late_one)), replies(late_one)) == (1, [])
    made(undo(late_one, now + 2 * DAY, row.id))
    scan(late_one, now + 2 * DAY)
    # What came meanwhile is told now, and what would have been repeated is.
    assert [(one["notice"]) for one in replies(late_one)] == ["repeated"]
    assert (len(told(late_one)), place(late_one, "new").reason) == (2, "")


def test_an_undo_does_not_swallow_that_a_snooze_has_ended(late_one: Database, now: datetime) -> None:
    with late_one.read() as session:
        one = alert(session, "one").id
    press_on(late_one, now, "snooze", one, args={"until": now + HOUR})
    row = made(mute(late_one, now))
    scan(late_one, now + 2 * HOUR)
    assert (place(late_one, "one").held, replies(late_one)) == ("muted_owed", [])
    made(undo(late_one, now + 3 * HOUR, row.id))
    scan(late_one, now + 3 * HOUR)
    assert len(replies(late_one)) == 1


def test_an_undo_does_not_swallow_that_another_mute_has_ended(late_one: Database, now: datetime) -> None:
    made(mute(late_one, now, lasts=HOUR))
    longer = made(mute(late_one, now, target=EMEA, lasts=30 * DAY))
    scan(late_one, now + 2 * HOUR)
    assert replies(late_one) == []
    made(undo(late_one, now + 3 * HOUR, longer.id))
    scan(late_one, now + 3 * HOUR)
    assert [one["notice"] for one in replies(late_one)] == ["mute_ended"]


def test_an_undo_in_a_quiet_night_waits_for_the_morning(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    night = now.replace(hour=20)
    late(database, night, "one", campaign="Autumn Box")
    row = made(mute(database, night, lasts=timedelta(hours=40)))
    scan(database, night, NIGHTLY)
    made(undo(database, night + HOUR, row.id))
    scan(database, night + HOUR, NIGHTLY)
    assert (place(database, "one").held, len(told(database))) == ("quiet", 0)
    scan(database, now.replace(hour=8) + DAY, NIGHTLY)
    assert (place(database, "one").reason, len(told(database))) == ("held_quiet", 1)


def test_undo_of_an_edit_brings_the_former_end_back(late_one: Database, now: datetime) -> None:
    first = made(mute(late_one, now, lasts=3 * DAY))
    second = made(edit(late_one, now + HOUR, first.id, now + 9 * DAY, "U01ANN"))
    assert refused(undo(late_one, now + HOUR, first.id)) == "Already changed by <@U01ANN> just now."
    third = made(undo(late_one, now + 2 * HOUR, second.id, "U01ANN"))
    assert (third.ends_at, third.replaces) == (first.ends_at, second.id)
    assert place(late_one, "one").next_at == first.ends_at
    assert refused(undo(late_one, now + 2 * HOUR, third.id, "U01ANN")) == "You already undid it just now."


def test_undo_of_an_edit_whose_former_end_has_passed_ends_it(late_one: Database, now: datetime) -> None:
    first = made(mute(late_one, now, lasts=HOUR))
    second = made(edit(late_one, now, first.id, now + 9 * DAY))
    assert made(undo(late_one, now + 2 * HOUR, second.id)).ended_at == now + 2 * HOUR


def test_undo_of_an_end_puts_it_in_force_again(late_one: Database, now: datetime) -> None:
    row = made(mute(late_one, now))
    end(late_one, now + HOUR, row.id, "U01ANN")
    assert "Only <@U01ANN>" in refused(undo(late_one, now + HOUR, row.id))
    again = made(undo(late_one, now + HOUR, row.id, "U01ANN"))
    assert (again.ends_at, again.replaces) == (row.ends_at, row.id)
    scan(late_one, now + HOUR)
    assert replies(late_one) == []


def test_what_cannot_be_done_says_why(late_one: Database, now: datetime) -> None:
    assert refused(mute(late_one, now, lasts=timedelta(0))) == "A mute must end later than now."
    assert refused(mute(late_one, now, lasts=367 * DAY)) == "A mute can last a year at most."
    row = made(mute(late_one, now))
    assert refused(edit(late_one, now, row.id, now)) == "A mute must end later than now."
    assert refused(edit(late_one, now, row.id, row.ends_at)).startswith("That is how it stands")
    unknown = (end(late_one, now, 404), edit(late_one, now, 404, now), undo(late_one, now, 404))
    assert {refused(found) for found in unknown} == {"Sendwatch does not know this mute any more."}
    end(late_one, now, row.id, "U01ANN")
    assert refused(end(late_one, now + HOUR, row.id)) == "Already ended by <@U01ANN> 1 hour ago."
    assert refused(end(late_one, now + HOUR, row.id, "U01ANN")) == "You already ended it 1 hour ago."
    short = made(mute(late_one, now, lasts=HOUR))
    assert refused(end(late_one, now + 3 * HOUR, short.id)) == "This mute ran out 2 hours ago."
    assert refused(undo(late_one, now + 3 * HOUR, short.id)) == "There is nothing of yours to undo here."


# --- twice, at once, and not allowed ------------------------------------------------------------------


def test_a_press_that_comes_twice_has_one_effect(late_one: Database, now: datetime) -> None:
    first = mute(late_one, now, dedupe_key="once")
    again = mute(late_one, now + HOUR, dedupe_key="once")
    assert isinstance(again, Made)
    assert (again.mute.id, again.replayed) == (made(first).id, True)
    for _ in range(2):
        ended = end(late_one, now + HOUR, made(first).id, dedupe_key="ended once")
    assert isinstance(ended, Made)
    assert ended.replayed
    assert actions(late_one) == ["mute", "mute_ended"]


def test_two_who_want_the_same_are_told_who_was_first(late_one: Database, now: datetime) -> None:
    made(mute(late_one, now, user="U01ANN"))
    told_who = mute(late_one, now + HOUR, lasts=DAY)
    assert isinstance(told_who, Refused)
    assert told_who.sentence == "Already muted by <@U01ANN> for another 2 days."
    assert told_who.people == ("U01ANN",)
    made(mute(late_one, now + HOUR, lasts=4 * DAY))
    with late_one.read() as session:
        assert len(muted.in_force(session, now + HOUR)) == 2


@pytest.mark.parametrize(("target", "may"), [
    (AUTUMN, False), (Target(scope="sender", value="sam@acme.com", label="Sam", sender_email="sam@acme.com"), True),
])
def test_who_may_not_is_told_who_may_and_it_is_on_record(
    late_one: Database, now: datetime, target: Target, may: bool,
) -> None:
    rules = replace(RULES, permissions=Permissions(allowed={"mute": ("sender", "S9"), "undo": ("admins",)}))
    with late_one.write() as session:
        people.keep(session, user_id="U07SAM", email="sam@acme.com", now=now)
    found = mute(late_one, now, target=target, user="U07SAM", rules=rules)
    if not may:
        again = mute(late_one, now, target=target, user="U07SAM", rules=rules, dedupe_key="x")
        assert refused(found) == refused(again)
        assert "the sender of the gift or <!subteam^S9>" in refused(found)
        assert isinstance(found, Refused)
        assert found.people == ("sender", "S9")
        with late_one.read() as session:
            rows = events(session, "refused")
        assert [row.detail["wanted"] for row in rows] == ["mute", "mute"]
        made(mute(late_one, now, target=target, user="U01ANN", rules=rules))
        return
    row = made(found)
    assert refused(undo(late_one, now, row.id, "U07SAM", rules)).startswith("You may not do that here")
    with late_one.write() as session:
        own = mutes.end(session, pressing("U07SAM"), row.id, now, rules)
    assert made(own).ended_by == "U07SAM"
    with late_one.write() as session:
        theirs = mutes.edit(session, pressing("U04DEE"), row.id, now + DAY, now, rules)
    assert refused(theirs).startswith("You may not do that here")


def test_the_message_in_which_it_was_pressed_is_drawn_first(late_one: Database, now: datetime) -> None:
    with late_one.read() as session:
        one = alert(session, "one")
        shown = message_of(session, one)
    mute(late_one, now, alert_ids=(one.id,), message_id=shown)
    with late_one.read() as session:
        assert next(row.priority for row in messages(session) if row.id == shown) > 0


# --- many ---------------------------------------------------------------------------------------------


def many(database: Database, now: datetime, number: int) -> None:
    """So many told alerts of the campaign, each in no message of its own."""
    with database.write() as session:
        ids = [add(session, now, f"many{next(_numbers)}", campaign="Autumn Box").id for _ in range(number)]
        rows = [
            {
                "key": f"m{send_id}", "send_id": send_id, "rule": "overdue", "level": "late", "due_at": now,
                "opened_at": now,
            }
            for send_id in ids
        ]
        found = alert_rows.add(session, rows)
        session.add_all(
            Notification(alert_id=alert_id, channel="C01GIFTING", told_at=now, last_told_at=now)
            for alert_id in found.values()
        )


def held(database: Database) -> int:
    with database.read() as session:
        return session.query(Notification).filter_by(held="muted").count()


def test_many_are_held_and_let_go_of_step_by_step(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch,
) -> None:
    no_backlog(database, now)
    many(database, now, 7)
    monkeypatch.setattr(mute_walk.step, "__defaults__", (3, None))
    row = made(mute(database, now, lasts=HOUR))
    assert held(database) == 3
    steps = []
    while True:
        with database.write() as session:
            steps.append(mute_walk.settle(session, now, 3))
        if not steps[-1]:
            break
    assert (steps, held(database)) == ([3, 1, 0], 7)
    with database.write() as session:
        assert mute_walk.settle(session, row.ends_at, 3) == 3
    # A scan tells of nothing before all of them are let go of: they belong together.
    assert scan(database, row.ends_at).settled == 4
    assert held(database) == 0
    with database.read() as session:
        assert session.query(SyncCursor).all() == []


def test_one_that_is_ended_before_it_is_carried_out_holds_nothing_in_the_end(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch,
) -> None:
    no_backlog(database, now)
    many(database, now, 7)
    monkeypatch.setattr(mute_walk.step, "__defaults__", (3, None))
    row = made(mute(database, now))
    end(database, now + HOUR, row.id)
    scan(database, now + HOUR)
    assert held(database) == 0


def test_many_alerts_cost_no_more_statements_than_few(sqlite: Database, now: datetime) -> None:
    no_backlog(sqlite, now)
    statements: list[str] = []
    event.listen(sqlite.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    counts = []
    for number in (3, 60):
        many(sqlite, now, number)
        statements.clear()
        made(mute(sqlite, now, lasts=number * DAY))
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_two_processes_carry_one_out_together(
    postgresql: Database, now: datetime, monkeypatch: pytest.MonkeyPatch,
) -> None:
    no_backlog(postgresql, now)
    many(postgresql, now, 5)
    monkeypatch.setattr(mute_walk.step, "__defaults__", (2, None))
    made(mute(postgresql, now))
    with postgresql.write() as first:
        assert mute_walk.settle(first, now, 2) == 2
    with postgresql.write() as second:
        assert mute_walk.settle(second, now, 2) == 1
    assert held(postgresql) == 5


def waiting(database: Database) -> bool:
    """Whether somebody waits for somebody else in this PostgreSQL database."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with database.read() as session:
        return bool(session.scalar(text(asked)))


def test_what_is_being_told_just_now_is_held_afterwards(postgresql: Database, now: datetime) -> None:
    no_backlog(postgresql, now)
    late(postgresql, now, "one", campaign="Autumn Box")
    with postgresql.write() as session:
        scans.run(session, now, RULES)
    with ThreadPoolExecutor(1) as other:
        with postgresql.write() as session:
            telling.tell(session, now, RULES)
            muting = other.submit(mute, postgresql, now)
            while not waiting(postgresql):
                assert not muting.done()
        row = made(muting.result())
    found = place(postgresql, "one")
    assert (found.told_at, found.held, found.next_at) == (now, "muted", row.ends_at)


def test_the_same_press_in_two_processes_has_one_effect(postgresql: Database, now: datetime) -> None:
    with ThreadPoolExecutor(1) as other:
        with postgresql.write() as session:
            first = mutes.mute(session, pressing(dedupe_key="same"), AUTUMN, now + DAY, now, RULES)
            second = other.submit(mute, postgresql, now, lasts=DAY, dedupe_key="same")
            while not waiting(postgresql):
                assert not second.done()
        again = second.result()
    assert isinstance(again, Made)
    assert (again.mute.id, again.replayed) == (made(first).id, True)
    assert actions(postgresql) == ["mute"]


def test_the_record_says_what_was_muted(late_one: Database, now: datetime) -> None:
    row = made(mute(late_one, now, channel="C01GIFTING", message_ts="1.2"))
    with late_one.read() as session:
        (event,) = session.query(AlertEvent).filter_by(action="mute").all()
        assert session.query(Alert).count() == 1
    assert (event.alert_id, event.actor, event.channel) == (None, "U02BEN", "C01GIFTING")
    assert event.detail == {
        "press": event.dedupe_key, "message_ts": "1.2", "mute": row.id, "scope": "campaign", "value": "autumn box",
        "label": "Autumn Box", "ends_at": row.ends_at.isoformat(),
    }
