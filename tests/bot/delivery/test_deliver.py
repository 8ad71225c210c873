from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from bot.delivery.pacing import Terms
from bot.delivery.payload import Payload
from bot.delivery.settling import Ending
from storage import job_runs, messages, outgoing
from storage.models import Message
from tests.bot.delivery.conftest import Office, show_body
from tests.bot.delivery.slack_double import Fault


def test_a_wished_message_is_posted_once(office: Office) -> None:
    wished = office.wish("hello")
    assert office.run().posted == 1
    office.clock.forward(hours=1)
    assert office.run().as_json() == dict.fromkeys(office.run().as_json(), 0)
    message = office.message(wished)
    assert office.slack.texts("C1") == ["hello"]
    assert (message.ts, message.posted_channel) == (office.slack.channels["C1"][0]["ts"], "C1")
    assert (message.posted_rev, message.next_at, message.phase, message.attempt) == (1, None, "idle", None)
    assert message.posted_at == office.clock.at - timedelta(hours=1)
    assert message.first_attempt_at is None


def test_a_post_carries_its_key_and_nothing_that_mentions_or_unfurls(sqlite_office: Office) -> None:
    office = sqlite_office
    office.wish("hello", key="alert:7")
    office.run()
    body = office.slack.calls[0].body
    assert body["metadata"]["event_type"] == "sendwatch_message"
    assert body["metadata"]["event_payload"]["key"] == "alert:7"
    assert len(body["metadata"]["event_payload"]["attempt"]) == 32
    assert body["parse"] == "none"
    assert not any(body[name] for name in ("link_names", "unfurl_links", "unfurl_media"))


def test_a_change_redraws_in_place(office: Office) -> None:
    wished = office.wish("one")
    office.run()
    office.clock.forward(seconds=1)
    office.change(wished, "two")
    office.change(wished, "three")
    assert office.run().updated == 1
    assert office.slack.texts("C1") == ["three"]
    assert office.slack.count("chat.update") == 1
    assert office.slack.calls[-1].body["parse"] == "none"


def test_a_change_while_slack_is_called_leads_to_one_more_redraw(office: Office) -> None:
    wished = office.wish("old")

    def change_meanwhile(session: object, message: Message, now: object) -> Payload:
        text = message.body["text"]
        if text == "old":
            office.change(wished, "new", priority=messages.PRESS_PRIORITY)
        return Payload(text=text)

    if office.database.is_sqlite:
        pytest.skip("on SQLite a reader's snapshot cannot be made to overlap with a writer from one thread")
    office.run(render=change_meanwhile)
    assert office.message(wished).wanted_rev > office.message(wished).posted_rev
    assert office.message(wished).priority == messages.PRESS_PRIORITY
    office.clock.forward(seconds=1)
    office.run(render=change_meanwhile)
    assert office.slack.texts("C1") == ["new"]
    assert office.message(wished).priority == 0


def test_nothing_to_show_settles_without_a_call(sqlite_office: Office) -> None:
    office = sqlite_office
    wished = office.wish("")
    assert office.run()[Ending.SETTLED] == 1
    assert office.slack.calls == []
    assert office.message(wished).next_at is None


def test_one_call_a_second_and_channel(office: Office) -> None:
    for number in range(3):
        office.wish(str(number))
    report = office.run()
    assert (report.posted, report.next_at) == (1, office.clock.at + timedelta(seconds=1))
    office.clock.forward(seconds=0.9)
    assert office.run().posted == 0
    office.clock.forward(seconds=0.1)
    assert office.run().posted == 1
    office.clock.forward(seconds=1)
    assert office.run().next_at is None
    assert office.slack.texts("C1") == ["0", "1", "2"]


def test_a_clock_that_is_put_back_holds_nothing(office: Office) -> None:
    deliver = office.deliver()
    office.wish("first")
    office.wish("second")
    assert deliver.run().posted == 1
    office.clock.forward(hours=-1)
    office.wish("third")
    deliver.run()
    for _ in range(2):
        office.clock.forward(seconds=1)
        deliver.run()
    assert office.slack.texts("C1") == ["first", "second", "third"]


def test_a_clock_that_was_put_back_while_nothing_ran_holds_nothing(office: Office) -> None:
    office.wish("first")
    office.wish("second")
    assert office.deliver().run().posted == 1
    # Another was killed in the midst of a call, which had not reached Slack.
    office.wish("cut off", channel="C2")
    with office.database.write() as session:
        now = office.clock()
        claims = outgoing.claim_next(
            session, "C2", now, updates=True, attempt="killed", lease_until=now + Terms().lease,
        )
        assert claims
        job_runs.ended(session, "deliver", started_at=now, ended_at=now)
    office.clock.forward(hours=-1)
    deliver = office.deliver()
    deliver.run()
    for _ in range(70):
        office.clock.forward(seconds=1)
        deliver.run()
    assert (office.slack.texts("C1"), office.slack.texts("C2")) == (["first", "second"], ["cut off"])


def test_channels_do_not_wait_for_each_other(office: Office) -> None:
    for number in range(20):
        office.wish("hello", channel=f"C{number}")
    assert office.run(workers=4).posted == 20


def test_a_slow_channel_delays_no_other(office: Office) -> None:
    stuck = threading.Event()
    office.wish("slow", channel="CSLOW")
    office.slack.fault("chat.postMessage", Fault(waits_for=stuck, stores=True))
    runner = threading.Thread(target=office.deliver(workers=2).run)
    runner.start()
    while not office.slack.calls:
        assert runner.is_alive()
    late = office.wish("quick", channel="CQUICK")
    while office.message(late).ts is None:
        assert runner.is_alive()
    stuck.set()
    runner.join(10)
    assert office.slack.texts("CSLOW") == ["slow"]


def test_a_slow_channel_does_not_hold_what_comes_up_elsewhere(office: Office) -> None:
    stuck = threading.Event()
    office.wish("slow", channel="CSLOW")
    above = office.wish("above", key="above")
    office.edit(above, next_at=office.clock.at + timedelta(days=1))
    office.wish("reply", thread_of="above")
    office.slack.fault("chat.postMessage", Fault(waits_for=stuck, stores=True))
    runner = threading.Thread(target=office.deliver(workers=2).run)
    runner.start()
    while not office.slack.calls:
        assert runner.is_alive()
    assert office.message(above).ts is None, "the channel's only reply waits for its message"
    office.edit(above, next_at=office.clock.at)
    while office.message(above).ts is None:
        assert runner.is_alive()
    stuck.set()
    runner.join(10)


def test_slow_channels_leave_room_for_presses(office: Office) -> None:
    pressed = office.wish("card", channel="CPRESSED")
    office.run()
    office.clock.forward(seconds=1)
    stuck = threading.Event()
    for number in range(8):
        office.wish("slow", channel=f"C{number}")
    office.slack.fault("chat.postMessage", *[Fault(waits_for=stuck, stores=True) for _ in range(8)])
    runner = threading.Thread(target=office.deliver(workers=4).run)
    runner.start()
    while office.slack.count("chat.postMessage") < 1 + 3:
        assert runner.is_alive()
    office.change(pressed, "card, done", priority=messages.PRESS_PRIORITY)
    while office.slack.texts("CPRESSED") != ["card, done"]:
        assert runner.is_alive()
    assert office.slack.count("chat.postMessage") == 1 + 3, "the fourth worker is kept"
    stuck.set()
    runner.join(10)


@pytest.mark.parametrize("flood", ["posts", "redraws"])
def test_presses_go_before_a_flood_in_other_channels(sqlite_office: Office, flood: str) -> None:
    office = sqlite_office
    channels = [f"C{number:02}" for number in range(20)]
    cards = [office.wish("card", channel=channel) for channel in [*channels, "CPRESSED"]]
    office.run()
    office.clock.forward(seconds=2)
    for channel, card in zip(channels, cards, strict=False):
        if flood == "redraws":
            office.change(card, "news")
        else:
            office.wish("news", channel=channel)
    office.clock.forward(seconds=2)
    office.change(cards[-1], "done", priority=messages.PRESS_PRIORITY)
    before = len(office.slack.calls)
    office.run(workers=1)
    assert office.slack.calls[before].body["channel"] == "CPRESSED"


def test_a_press_in_the_midst_of_a_flood_of_redraws_waits_for_one_of_them_at_most(sqlite_office: Office) -> None:
    office = sqlite_office
    cards = [office.wish("card", channel=f"C{number:02}") for number in range(40)]
    office.run()
    office.clock.forward(seconds=2)
    for card in cards:
        office.change(card, "news")
    report = office.run()
    assert report.updated == 10
    office.change(cards[-1], "done", priority=messages.PRESS_PRIORITY)
    report = office.run()
    assert report.next_at == office.clock.at + timedelta(seconds=1.5)
    office.clock.at = report.next_at
    # One worker: of several, which asks first for the one redraw that fits is up to the machine.
    office.run(workers=1)
    assert office.slack.texts("C39") == ["done"]


def test_presses_on_one_message_become_one_redraw(office: Office) -> None:
    pressed = office.wish("card")
    office.run()
    for number in range(50):
        office.change(pressed, f"card {number}", priority=messages.PRESS_PRIORITY)
    office.until_rest()
    assert office.slack.count("chat.update") == 1
    assert office.slack.texts("C1") == ["card 49"]


def test_presses_are_redrawn_before_floods(office: Office) -> None:
    pressed = office.wish("card")
    office.run()
    for number in range(5):
        office.wish(f"flood {number}")
    office.change(pressed, "card, done", priority=messages.PRESS_PRIORITY)
    office.clock.forward(seconds=1)
    office.run()
    assert office.slack.texts("C1") == ["card, done"]


def test_redraws_keep_within_the_budget_of_the_workspace(sqlite_office: Office) -> None:
    office = sqlite_office
    terms = Terms(update_pace=timedelta(seconds=15), update_burst=2)
    wished = [office.wish("a", channel=f"C{number}") for number in range(9)]
    office.run()
    office.clock.forward(seconds=2)
    for message_id in wished:
        office.change(message_id, "b")
    begin = office.clock.at
    report = office.run(terms=terms)
    assert report.updated == 2
    while report.next_at is not None:
        assert report.next_at > office.clock.at
        office.clock.at = report.next_at
        report = office.run(terms=terms)
    at = [call.at for call in office.slack.calls if call.method == "chat.update"]
    assert len(at) == 9
    assert sum(moment < begin + timedelta(minutes=1) for moment in at) == 5


def test_posts_go_on_while_redraws_wait(sqlite_office: Office) -> None:
    office = sqlite_office
    wished = [office.wish("a", channel=f"C{number:02}") for number in range(11)]
    office.run()
    office.clock.forward(seconds=2)
    for message_id in wished:
        office.change(message_id, "b")
    office.wish("news", channel="C10")
    report = office.run(workers=1)
    assert (report.updated, report.posted) == (10, 1)


def test_a_reply_waits_for_the_message_above_it(office: Office) -> None:
    above = office.wish("above", key="above")
    reply = office.wish("reply", thread_of="above")
    office.edit(above, next_at=office.clock.at + timedelta(seconds=30))
    report = office.run()
    assert (report.posted, report[Ending.IDLE]) == (0, 1)
    office.clock.forward(seconds=30)
    office.run()
    office.clock.forward(seconds=1)
    office.run()
    assert office.slack.channels["C1"][1]["thread_ts"] == office.message(above).ts
    assert office.message(reply).ts


def test_a_reply_under_nothing_is_settled(sqlite_office: Office) -> None:
    office = sqlite_office
    office.edit(office.wish("", key="above"), next_at=None)
    office.wish("reply", thread_of="above")
    assert office.run()[Ending.SETTLED] == 1
    office.wish("reply to a stranger", thread_of="never wished")
    assert office.run().posted == 1


def test_a_reply_whose_thread_was_deleted_goes_into_the_channel(sqlite_office: Office) -> None:
    office = sqlite_office
    office.wish("above", key="above")
    office.run()
    office.clock.forward(seconds=1)
    office.wish("reply", thread_of="above")
    office.slack.fault("chat.postMessage", Fault(error="thread_not_found"))
    assert office.run().posted == 1
    assert "thread_ts" not in office.slack.channels["C1"][1]


def test_a_reply_is_shown_in_the_channel_too_where_that_is_wanted(sqlite_office: Office) -> None:
    office = sqlite_office
    office.wish("above", key="above", body={"broadcast": True})
    office.wish("quiet", thread_of="above")
    office.wish("loud", thread_of="above", body={"broadcast": True})
    office.wish("odd", thread_of="above", body={"broadcast": "yes"})
    office.until_rest()
    posts = office.slack.channels["C1"]
    assert [(post["text"], post.get("reply_broadcast")) for post in posts] == [
        ("above", None), ("quiet", None), ("loud", True), ("odd", None),
    ]


def test_a_direct_message_is_redrawn_in_the_channel_that_slack_gave_it(sqlite_office: Office) -> None:
    office = sqlite_office
    wished = office.wish("hi", channel="U1")
    office.run()
    assert office.message(wished).posted_channel == "D1"
    office.clock.forward(seconds=1)
    office.change(wished, "bye")
    office.run()
    assert office.slack.texts("D1") == ["bye"]


def test_a_message_deleted_in_slack_is_posted_anew(office: Office) -> None:
    for code in ("message_not_found", "cant_update_message", "edit_window_closed"):
        wished = office.wish(code, channel=code)
        office.run()
        office.slack.channels[code].clear()
        office.clock.forward(seconds=1)
        office.change(wished, f"{code} again")
        office.slack.fault("chat.update", Fault(error=code))
        office.run()
        assert office.message(wished).ts is None
        office.clock.forward(seconds=1)
        office.run()
        assert office.slack.texts(code) == [f"{code} again"]


def test_a_message_that_cannot_be_drawn_stops_no_other(sqlite_office: Office) -> None:
    office = sqlite_office
    broken = office.wish("x", body={"bug": True})
    office.wish("fine")
    assert office.run()[Ending.FAILED] == 1
    office.clock.forward(seconds=1)
    assert office.run().posted == 1
    message = office.message(broken)
    assert "KeyError" in (message.last_error or "")
    assert message.next_at == office.clock.at - timedelta(seconds=1) + timedelta(minutes=1)


def test_retries_of_a_failing_message_grow_apart(sqlite_office: Office) -> None:
    office = sqlite_office
    broken = office.wish("x", body={"bug": True})
    waits = []
    for _ in range(9):
        office.run()
        following = office.message(broken).next_at
        assert following is not None
        waits.append((following - office.clock.at) // timedelta(minutes=1))
        office.clock.at = following
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_changed_message_need_not_wait_for_its_retry(sqlite_office: Office) -> None:
    office = sqlite_office
    broken = office.wish("x", body={"bug": True})
    office.run()
    office.clock.forward(seconds=1)
    office.change(broken, "mended")
    assert office.run().posted == 1


def test_refused_blocks_are_replaced_by_plain_words(sqlite_office: Office) -> None:
    office = sqlite_office
    wished = office.wish("w" * 5_000)
    office.slack.fault("chat.postMessage", Fault(error="invalid_blocks"))
    assert office.run().posted == 1
    assert office.slack.calls[-1].body["blocks"] == []
    assert len(office.slack.texts("C1")[0]) == 3_900
    office.clock.forward(seconds=1)
    office.change(wished, "short")
    office.slack.fault("chat.update", Fault(error="msg_blocks_too_long"))
    office.run()
    assert office.slack.texts("C1") == ["short"]


def test_a_message_refused_even_in_plain_words_is_kept(sqlite_office: Office) -> None:
    office = sqlite_office
    wished = office.wish("x")
    office.slack.fault("chat.postMessage", Fault(error="invalid_blocks"), Fault(error="msg_too_long"))
    assert office.run()[Ending.FAILED] == 1
    assert office.message(wished).last_error == "msg_too_long"
    office.clock.forward(minutes=1)
    assert office.run().posted == 1


def test_a_run_ends_after_its_limit(sqlite_office: Office) -> None:
    office = sqlite_office
    for number in range(5):
        office.wish("a", channel=f"C{number}")
    deliver = office.deliver(limit=3)
    assert [deliver.run().posted, deliver.run().posted, deliver.run().posted] == [3, 2, 0]


def test_a_stopping_run_begins_nothing(sqlite_office: Office) -> None:
    office = sqlite_office
    office.wish("a")
    deliver = office.deliver()
    deliver.stop()
    assert deliver.run().posted == 0
    assert office.run().posted == 1


def test_a_failing_database_ends_only_that_turn(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch,
) -> None:
    office = sqlite_office
    office.wish("a")
    deliver = office.deliver()

    def fails(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(deliver, "_claim", fails)
    assert deliver.run().as_json()["posted"] == 0
    assert office.run().posted == 1


def test_a_claim_that_ran_out_before_the_call_is_given_back(sqlite_office: Office) -> None:
    office = sqlite_office
    wished = office.wish("a")

    def slow(session: object, message: Message, now: object) -> Payload:
        office.clock.forward(seconds=55)
        return Payload(text="a")

    assert office.run(render=slow)[Ending.HELD] == 1
    assert office.slack.calls == []
    assert office.message(wished).attempts == 0
    office.clock.forward(seconds=1)
    assert office.run(render=show_body).posted == 1


def test_every_call_is_counted(sqlite_office: Office) -> None:
    office = sqlite_office
    office.wish("a")
    office.slack.fault("chat.postMessage", Fault(error="is_archived"))
    office.run()
    assert office.counted == [("chat.postMessage", "is_archived"), ("chat.postMessage", "ok")]
