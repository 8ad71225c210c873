"""What people are told when nothing is done with a mute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.alerts.mute_refusals import Refused, changed, ended, muted_already, not_yours, ran_out, undone

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=3)
ANN, BEN = "U01ANN", "U02BEN"


def test_who_comes_too_late_is_told_who_was_first_and_when() -> None:
    told = [
        muted_already(BEN, NOW + timedelta(days=2), NOW),
        changed(BEN, EARLIER, NOW, ANN), ended(BEN, EARLIER, NOW, ANN), undone(BEN, EARLIER, NOW, ANN), not_yours(BEN),
    ]
    assert told == [
        Refused(sentence="Already muted by <@U02BEN> for another 2 days.", people=(BEN,)),
        Refused(sentence="Already changed by <@U02BEN> 3 minutes ago.", people=(BEN,)),
        Refused(sentence="Already ended by <@U02BEN> 3 minutes ago.", people=(BEN,)),
        Refused(sentence="Already undone by <@U02BEN> 3 minutes ago.", people=(BEN,)),
        Refused(sentence="Only <@U02BEN>, who did it, can undo that.", people=(BEN,)),
    ]


def test_of_oneself_and_of_the_clock_it_is_said_without_a_name() -> None:
    told = [
        changed(ANN, EARLIER, NOW, ANN), ended(ANN, EARLIER, NOW, ANN), undone(ANN, EARLIER, NOW, ANN),
        ran_out(EARLIER, NOW),
    ]
    assert told == [
        Refused(sentence="You already changed it 3 minutes ago."),
        Refused(sentence="You already ended it 3 minutes ago."),
        Refused(sentence="You already undid it 3 minutes ago."),
        Refused(sentence="This mute ran out 3 minutes ago."),
    ]


def test_what_was_done_within_this_minute_was_done_just_now() -> None:
    at = NOW - timedelta(seconds=59)
    assert ended(BEN, at, NOW, ANN).sentence == "Already ended by <@U02BEN> just now."
    assert ended(ANN, at, NOW, ANN).sentence == "You already ended it just now."
    assert ran_out(at, NOW).sentence == "This mute ran out just now."
    assert ran_out(NOW - timedelta(minutes=1), NOW).sentence == "This mute ran out 1 minute ago."


def test_nobody_is_mentioned_who_is_not_known_any_more() -> None:
    assert ended(None, EARLIER, NOW, ANN) == Refused(sentence="Already ended by somebody 3 minutes ago.")
    gone = "UFORGOTTEN7K"
    sentences = [
        muted_already(gone, NOW + timedelta(days=2), NOW).sentence, changed(gone, EARLIER, NOW, ANN).sentence,
        ended(gone, EARLIER, NOW, ANN).sentence, not_yours(gone).sentence,
    ]
    assert sentences == [
        "Already muted by somebody who was forgotten for another 2 days.",
        "Already changed by somebody who was forgotten 3 minutes ago.",
        "Already ended by somebody who was forgotten 3 minutes ago.",
        "Only somebody who was forgotten, who did it, can undo that.",
    ]
