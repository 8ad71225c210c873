from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.alerts.lifecycle import SCAN, Code, Refused
from bot.alerts.refusals import assigns, partly, refusal
from bot.alerts.undo import UNDOABLE

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=3)


@pytest.mark.parametrize(("changed", "barred", "detail", "sentence"), [
    (1, 1, "admins", "Done with 1 alert, but not with another one: that is for the admins of Sendwatch."),
    (1_204, 2, "sender U2",
     "Done with 1,204 alerts, but not with 2 others: that is for the sender of the gift or <@U2>."),
    (3, 1_500, "admins", "Done with 3 alerts, but not with 1,500 others: that is for the admins of Sendwatch."),
])
def test_a_press_that_changed_only_some_says_how_many_and_who_may_change_the_others(
    changed: int, barred: int, detail: str, sentence: str,
) -> None:
    assert partly(changed, barred, Refused(code=Code.NOT_ALL, detail=detail)) == sentence


@pytest.mark.parametrize(("refused", "words"), [
    (Refused(code=Code.ACKNOWLEDGED, by="U02BEN", at=EARLIER), "Already acknowledged by <@U02BEN> 3 minutes ago."),
    (Refused(code=Code.ACKNOWLEDGED, by="U01ANN", at=NOW), "You already acknowledged it just now."),
    (Refused(code=Code.RESOLVED, by=SCAN, at=EARLIER), "Already resolved by Sendwatch 3 minutes ago."),
    (Refused(code=Code.RESOLVED), "Already resolved by somebody."),
    (Refused(code=Code.RESOLVED, by="UFORGOTTEN7K"), "Already resolved by somebody who was forgotten."),
    (Refused(code=Code.ASSIGNED, by="U01ANN"), "You already took it on."),
    (Refused(code=Code.SNOOZED, by="U02BEN"), "Already snoozed until then by <@U02BEN>."),
    (Refused(code=Code.SNOOZED_MEANWHILE, by="U02BEN"), "Already snoozed by <@U02BEN>."),
    (Refused(code=Code.SNOOZED_MEANWHILE, by="U01ANN", at=EARLIER), "You already snoozed it 3 minutes ago."),
    (
        Refused(code=Code.SUPPORT_SENT, by="U02BEN", at=EARLIER),
        "Already reported to Support by <@U02BEN> 3 minutes ago.",
    ),
    (Refused(code=Code.MOVED_ON, by=SCAN), "Too late to undo. The send has moved on."),
    (Refused(code=Code.MOVED_ON, by=SCAN, detail="Now <x> & y."), "Too late to undo. Now &lt;x&gt; &amp; y."),
    (
        Refused(code=Code.NOT_YOURS, by="U02BEN", at=EARLIER, detail="resolve"),
        "Only <@U02BEN>, who resolved it 3 minutes ago, can undo that.",
    ),
    (Refused(code=Code.SNOOZE_PAST), "A snooze must end later than now."),
])
def test_a_refusal_says_who_was_first_and_when(refused: Refused, words: str) -> None:
    assert refusal(refused, NOW, "U01ANN") == words


@pytest.mark.parametrize(("refused", "words"), [
    (Refused(code=Code.RESOLVED, by="U01ANN", at=EARLIER), "You already resolved them 3 minutes ago."),
    (Refused(code=Code.ASSIGNED, by="U01ANN"), "You already took them on."),
    (Refused(code=Code.ASSIGNED, by="U01ANN", detail="U03CHI"), "You already assigned them to <@U03CHI>."),
    (Refused(code=Code.SNOOZED, by="U01ANN"), "You already snoozed them until then."),
    (Refused(code=Code.UNDONE, by="U01ANN"), "You already undid it."),
    (Refused(code=Code.RESOLVED, by="U02BEN"), "Already resolved by <@U02BEN>."),
    (
        Refused(code=Code.NOT_YOURS, by="U02BEN", at=EARLIER, detail="resolve"),
        "Only <@U02BEN>, who resolved alerts of this message 3 minutes ago, can undo that.",
    ),
    (Refused(code=Code.NOT_YOURS, by="U02BEN", detail="baseline_settle"),
     "Only <@U02BEN>, who settled it, can undo that."),
])
def test_of_several_alerts_a_refusal_speaks_so(refused: Refused, words: str) -> None:
    assert refusal(refused, NOW, "U01ANN", several=True) == words


@pytest.mark.parametrize("code", list(Code))
@pytest.mark.parametrize("by", [None, SCAN, "U01ANN", "U02BEN"])
def test_every_refusal_is_a_sentence(code: Code, by: str | None) -> None:
    said = refusal(Refused(code=code, by=by, at=NOW, detail="resolve"), NOW, "U01ANN")
    assert said[0].isupper()
    assert said.endswith((".", "resolve"))


@pytest.mark.parametrize("action", sorted(UNDOABLE))
def test_whatever_can_be_undone_can_be_named(action: str) -> None:
    said = refusal(Refused(code=Code.NOT_YOURS, by="U02BEN", at=NOW, detail=action), NOW)
    assert said.startswith("Only <@U02BEN>, who ")


@pytest.mark.parametrize(("refused", "words"), [
    (
        Refused(code=Code.ASSIGNED, by="U02BEN", at=EARLIER, detail="U03CHI"),
        "Already assigned to <@U03CHI> by <@U02BEN> 3 minutes ago.",
    ),
    (
        Refused(code=Code.ASSIGNED, by="U02BEN", at=EARLIER, detail="U01ANN"),
        "Already assigned to you by <@U02BEN> 3 minutes ago.",
    ),
    (
        Refused(code=Code.ASSIGNED, by="U01ANN", at=NOW - timedelta(minutes=1), detail="U03CHI"),
        "You already assigned it to <@U03CHI> 1 minute ago.",
    ),
    (Refused(code=Code.ASSIGNED, by="U02BEN", detail="U02BEN"), "Already taken on by <@U02BEN>."),
    (Refused(code=Code.FORBIDDEN, detail="admins"), "You may not do that here. It is for the admins of Sendwatch."),
    (
        Refused(code=Code.FORBIDDEN, detail="sender S9 U03CHI"),
        "You may not do that here. It is for the sender of the gift, <!subteam^S9> or <@U03CHI>.",
    ),
    (
        Refused(code=Code.FORBIDDEN, detail="U03CHI S9"),
        "You may not do that here. It is for <@U03CHI> or <!subteam^S9>.",
    ),
    (
        Refused(code=Code.NOT_ALL, detail="admins"),
        "That is about all of these gifts at once, and some of them are not yours. It is for the admins of Sendwatch.",
    ),
    (Refused(code=Code.UNDONE, by=SCAN, detail="Now Shipped."), "Already undone by Sendwatch. Now Shipped."),
])
def test_a_refusal_says_for_whom_it_is(refused: Refused, words: str) -> None:
    assert refusal(refused, NOW, "U01ANN") == words


@pytest.mark.parametrize(("number", "barred", "who", "expected"), [
    (5, 0, ("anyone",), "This assigns 5 open alerts."),
    (1, 0, ("anyone",), "This assigns 1 open alert."),
    (2, 3, ("sender",), "This assigns 2 of 5 open alerts. The other 3 are for the sender of the gift to assign."),
    (1, 1, ("sender", "U01ANN"),
     "This assigns 1 of 2 open alerts. The other one is for the sender of the gift or <@U01ANN> to assign."),
])
def test_an_assignment_says_how_many(number: int, barred: int, who: tuple[str, ...], expected: str) -> None:
    assert assigns(number, barred, who) == expected
