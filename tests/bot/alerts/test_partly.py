"""A press on many alerts by somebody to whom only some of them are open."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.alerts.lifecycle import Action, Code, Refused
from bot.alerts.partly import barred, left, told, told_of_left, who_for_all
from bot.alerts.pressed import Outcome, Press
from storage.models import Alert
from tests.bot.slack.rows import alert
from tests.conftest import NOW

MINE, THEIRS, SETTLED = alert(1), alert(2), alert(3, state="resolved")
FOUND = [MINE, THEIRS, SETTLED]


def pressed(action: Action, **changes: Any) -> Press:  # noqa: ANN401 - fields of a press
    return replace(Press(action=action, user_id="U01ANN", dedupe_key="k", message_id=7), **changes)


@pytest.mark.parametrize(("allowed", "number"), [([], 2), ([MINE], 1), ([MINE, THEIRS], 0), (FOUND, 0)])
def test_those_are_counted_that_the_press_would_have_changed(allowed: list[Alert], number: int) -> None:
    assert barred(Action.RESOLVE, pressed(Action.RESOLVE), FOUND, allowed, NOW) == number


def test_what_would_be_refused_to_anybody_is_not_counted() -> None:
    for until, number in ((NOW + timedelta(days=1), 1), (NOW, 0)):
        press = pressed(Action.SNOOZE, args={"until": until})
        assert barred(Action.SNOOZE, press, FOUND, [MINE], NOW) == number
    taken = [MINE, alert(2, state="acknowledged", assignee="U02BEN")]
    for assignee, number in (("U01ANN", 1), ("U02BEN", 0)):
        press = pressed(Action.ASSIGN, args={"assignee": assignee})
        assert barred(Action.ASSIGN, press, taken, [MINE], NOW) == number
    mine = [MINE, alert(2, state="acknowledged", assignee="U01ANN")]
    assert barred(Action.ASSIGN, pressed(Action.ASSIGN), mine, [MINE], NOW) == 0


def test_on_one_alert_and_for_an_undo_there_are_no_others() -> None:
    one = pressed(Action.RESOLVE, message_id=None, alert_ids=(1, 2))
    assert barred(Action.RESOLVE, one, FOUND, [MINE], NOW) == 0
    assert barred(Action.UNDO, pressed(Action.UNDO), FOUND, [MINE], NOW) == 0


@pytest.mark.parametrize(("who", "senders", "may"), [
    (["sender"], ["ann@example.com"], ("sender",)),
    (["sender"], ["ann@example.com", " Ann@Example.com "], ("sender",)),
    (["sender"], ["ann@example.com", "ben@example.com"], ("admins",)),
    (["sender"], ["ann@example.com", ""], ("admins",)),
    (["sender"], ["", ""], ("admins",)),
    (["sender"], [], ("admins",)),
    (["sender", "S9", "U02BEN"], ["a@x", "b@x"], ("admins", "S9", "U02BEN")),
    (["S9", "sender", "admins"], ["a@x", "b@x"], ("admins", "S9")),
    (["S9", "U02BEN"], ["a@x", "b@x"], ("S9", "U02BEN")),
])
def test_the_sender_may_do_it_with_all_only_where_all_are_from_one(
    who: list[str], senders: list[str], may: tuple[str, ...],
) -> None:
    assert who_for_all(who, senders) == may


def test_who_did_it_with_some_is_told_for_whom_the_others_are() -> None:
    done = Outcome(changed=2, alert_ids=(1, 2))
    found = told(done, 1, ["sender", "S9"])
    sentence = (
        "Done with 2 alerts, but not with another one: that is for the sender of the gift or <!subteam^S9>."
    )
    assert found == Outcome(
        changed=2, alert_ids=(1, 2), partly=sentence, refusal=Refused(code=Code.FORBIDDEN, detail="sender S9"),
    )
    assert found.told == sentence
    assert found.refusal is not None
    assert found.refusal.people == ("sender", "S9")


@pytest.mark.parametrize("outcome", [Outcome(refused="No."), Outcome(replayed=True), Outcome(changed=0)])
def test_where_nothing_was_done_there_is_no_word_about_others(outcome: Outcome) -> None:
    assert told(outcome, 3, ["admins"]) == outcome


def test_who_could_do_all_of_it_hears_of_no_others() -> None:
    assert told(Outcome(changed=2), 0, ["admins"]) == Outcome(changed=2)


def test_who_is_named_as_the_one_who_may_and_as_the_one_who_took_care_stays_a_mention() -> None:
    left = {3: Refused(code=Code.SNOOZED_MEANWHILE, by="U02BEN"), 4: Refused(code=Code.ASSIGNED, by="U04DEE")}
    found = told_of_left(told(Outcome(changed=2), 1, ["S9"]), left)
    assert found.told == (
        "Done with 2 alerts, but not with another one: that is for <!subteam^S9>. "
        "2 others are left as they are: <@U02BEN> and <@U04DEE> took care of them."
    )
    assert found.refusal is not None
    assert found.refusal.people == ("S9", "U02BEN", "U04DEE")


def test_a_single_one_that_was_done_is_told_beside_those_that_were_not() -> None:
    assert told(Outcome(changed=1), 3, ["admins"]).told == (
        "Done with 1 alert, but not with 3 others: that is for the admins of Sendwatch."
    )


def test_of_the_alerts_of_a_message_those_are_left_that_a_colleague_took() -> None:
    theirs = alert(2, state="acknowledged", assignee="U02BEN")
    answer = Refused(code=Code.ASSIGNED, by="U02BEN", detail="U02BEN")
    found = [MINE, theirs, SETTLED]
    assert left(Action.ASSIGN, pressed(Action.ASSIGN), found) == {theirs.id: answer}
    assert left(Action.ASSIGN, pressed(Action.ASSIGN, args={"assignee": "U04DEE"}), found) == {theirs.id: answer}
    assert left(Action.ASSIGN, pressed(Action.ASSIGN, args={"assignee": "U02BEN"}), found) == {}
    assert left(Action.ASSIGN, pressed(Action.ASSIGN, user_id="U02BEN"), found) == {}
    # Who presses on one alert alone has looked at it.
    assert left(Action.ASSIGN, pressed(Action.ASSIGN, message_id=None, alert_ids=(2,)), found) == {}
    unheld = alert(3, state="acknowledged", assignee="")
    assert left(Action.ASSIGN, pressed(Action.ASSIGN), [unheld]) == {}


def test_who_did_it_with_some_is_told_who_took_care_of_the_others() -> None:
    done = Outcome(changed=2, alert_ids=(1, 2))
    one = {3: Refused(code=Code.SNOOZED_MEANWHILE, by="U02BEN")}
    found = told_of_left(done, one)
    assert found == replace(
        done, partly="Done with 2 alerts. Another one is left as it is: <@U02BEN> took care of it.",
        refusal=Refused(code=Code.ASSIGNED, by="U02BEN", detail="U02BEN"),
    )
    assert told_of_left(done, {**one, 4: one[3]}).told == (
        "Done with 2 alerts. 2 others are left as they are: <@U02BEN> took care of them."
    )
    nobody = told_of_left(Outcome(changed=1), {3: Refused(code=Code.SNOOZED_MEANWHILE)})
    assert nobody.told == "Done with 1 alert. Another one is left as it is: somebody took care of it."


@pytest.mark.parametrize("outcome", [Outcome(refused="No."), Outcome(replayed=True), Outcome(changed=0)])
def test_where_nothing_was_done_there_is_no_word_about_who_took_care(outcome: Outcome) -> None:
    assert told_of_left(outcome, {3: Refused(code=Code.ASSIGNED, by="U02BEN")}) == outcome
    assert told_of_left(Outcome(changed=2), {}) == Outcome(changed=2)
