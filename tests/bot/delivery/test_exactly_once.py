"""Whatever Slack does, each message stands in the channel once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from bot.delivery.pacing import Terms
from bot.delivery.settling import Ending
from storage import outgoing
from tests.bot.delivery.conftest import Office
from tests.bot.delivery.slack_double import Fault

QUICK = Terms(timeout=timedelta(seconds=1))
UNCLEAR = {
    "500 before storing": Fault(status=500, body=b"{}"),
    "500 after storing": Fault(status=500, body=b"{}", stores=True),
    "503 page": Fault(status=503, body=b"<html>busy</html>", stores=True),
    "dropped before storing": Fault(drops=True),
    "dropped after storing": Fault(drops=True, stores=True),
    "no JSON after storing": Fault(body=b"<html>ok</html>", stores=True),
    "JSON array": Fault(body=b"[1]", stores=True),
    "null": Fault(body=b"null", stores=True),
    "cut off": Fault(body=b'{"ok":true', stores=True),
    "unknown charset": Fault(headers={"Content-Type": "text/plain; charset=martian"}, stores=True),
    "no ts": Fault(body=b'{"ok":true}', stores=True),
    "internal_error after storing": Fault(error="internal_error", stores=True),
    "fatal_error before storing": Fault(error="fatal_error"),
    "service_unavailable": Fault(error="service_unavailable"),
    "request_timeout": Fault(error="request_timeout", stores=True),
    "a proxy's page": Fault(status=403, body=b"blocked by policy"),
}


@pytest.mark.parametrize("name", UNCLEAR)
def test_an_unclear_post_is_looked_for_before_it_is_posted_again(sqlite_office: Office, name: str) -> None:
    office, fault = sqlite_office, UNCLEAR[name]
    wished = office.wish("once")
    office.slack.fault("chat.postMessage", fault)
    assert office.run()[Ending.UNCLEAR] == 1
    assert office.message(wished).phase == "unclear"
    office.clock.forward(seconds=59)
    report = office.run()
    assert (report.posted, report.next_at) == (0, office.clock.at + timedelta(seconds=1))
    assert office.slack.count("conversations.history") == 0
    office.clock.forward(seconds=1)
    report = office.run()
    office.clock.forward(hours=1)
    assert office.run().posted == 0
    assert report[Ending.ADOPTED] == int(fault.stores)
    assert office.slack.texts("C1") == ["once"]
    assert office.message(wished).ts == office.slack.channels["C1"][0]["ts"]
    assert office.message(wished).next_at is None


def test_a_post_that_is_not_answered_in_time_is_looked_for(office: Office) -> None:
    office.wish("once")
    late = threading.Event()
    office.slack.fault("chat.postMessage", Fault(waits_for=late, stores=True))
    assert office.run(terms=QUICK)[Ending.UNCLEAR] == 1
    late.set()
    office.clock.forward(minutes=1)
    assert office.run(terms=QUICK)[Ending.ADOPTED] == 1
    assert office.slack.texts("C1") == ["once"]


def test_the_channel_rests_after_an_unclear_end(office: Office) -> None:
    office.wish("first")
    office.wish("second")
    office.slack.fault("chat.postMessage", Fault(drops=True))
    assert office.run()[Ending.UNCLEAR] == 1
    office.clock.forward(seconds=4)
    assert office.run().posted == 0
    office.clock.forward(seconds=1)
    assert office.run().posted == 1


def test_an_adopted_post_that_shows_old_news_is_redrawn(office: Office) -> None:
    wished = office.wish("old")
    office.slack.fault("chat.postMessage", Fault(drops=True, stores=True))
    office.run()
    office.change(wished, "new", priority=10)
    assert office.run().as_json()["posted"] == 0, "a press does not shorten the grace"
    office.clock.forward(minutes=1)
    assert office.run().as_json() | {"adopted": 1, "updated": 1} == office.run().as_json() | {
        "adopted": 1, "updated": 1,
    }
    office.clock.forward(seconds=1)
    office.run()
    assert office.slack.texts("C1") == ["new"]
    assert office.slack.count("chat.postMessage") == 1


def test_one_look_answers_for_all_of_a_channel(office: Office) -> None:
    for number in range(3):
        office.wish(str(number))
        office.slack.fault("chat.postMessage", Fault(drops=True, stores=number != 1))
    for _ in range(3):
        office.run()
        office.clock.forward(seconds=5)
    office.clock.forward(minutes=1)
    report = office.run()
    assert (report[Ending.ADOPTED], office.slack.count("conversations.history")) == (2, 1)
    office.clock.forward(seconds=1)
    office.run()
    assert sorted(office.slack.texts("C1")) == ["0", "1", "2"]


def test_the_look_goes_through_every_page_and_removes_doubles(office: Office) -> None:
    wished = office.wish("once", key="twice")
    office.slack.fault("chat.postMessage", Fault(drops=True, stores=True))
    office.slack.page = 2
    office.run()
    post = office.slack.channels["C1"][0]
    noise = [{"ts": f"{float(post['ts']) + n:.6f}", "text": "noise"} for n in range(1, 6)]
    foreign = {"ts": noise[0]["ts"], "metadata": {"event_type": "other", "event_payload": {"key": "twice"}}}
    odd = {"ts": noise[0]["ts"], "metadata": {"event_type": "sendwatch_message", "event_payload": "odd"}}
    double = post | {"ts": noise[-1]["ts"]}
    office.slack.channels["C1"] += [*noise, foreign, odd, double]
    office.clock.forward(minutes=1)
    assert office.run()[Ending.ADOPTED] == 1
    assert office.message(wished).ts == post["ts"]
    assert double not in office.slack.channels["C1"]
    assert office.slack.count("conversations.history") == 5


@pytest.mark.parametrize("code", ["missing_scope", "not_in_channel", "channel_not_found", "no_permission"])
def test_where_history_cannot_be_read_it_is_posted_again(sqlite_office: Office, code: str) -> None:
    office = sqlite_office
    office.wish("at least once")
    office.slack.errors["conversations.history"] = code
    office.slack.fault("chat.postMessage", Fault(drops=True))
    office.run()
    office.clock.forward(minutes=1)
    office.run()
    assert office.slack.texts("C1") == ["at least once"]


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        (Fault(status=429, headers={"Retry-After": "7"}, body=b"{}"), 7),
        (Fault(status=500), 15),
        (Fault(drops=True), 15),
        (Fault(body=b'{"ok":true}'), 15),
        (Fault(error="invalid_auth"), 15),
    ],
)
def test_a_look_that_fails_is_tried_again(sqlite_office: Office, fault: Fault, wait: int) -> None:
    office = sqlite_office
    office.wish("once")
    office.slack.fault("chat.postMessage", Fault(drops=True, stores=True))
    office.slack.fault("conversations.history", fault)
    office.run()
    office.clock.forward(minutes=1)
    report = office.run()
    assert report[Ending.UNCLEAR] == 1
    assert report.next_at == office.clock.at + timedelta(seconds=wait)
    office.clock.forward(seconds=wait)
    assert office.run()[Ending.ADOPTED] == 1
    assert office.slack.texts("C1") == ["once"]


def test_a_direct_message_is_looked_for_in_its_own_channel(office: Office) -> None:
    office.wish("hi", channel="U1")
    office.slack.fault("chat.postMessage", Fault(drops=True, stores=True))
    office.slack.fault("conversations.open", Fault(status=500), Fault(body=b'{"ok":true}'))
    office.run()
    office.clock.forward(minutes=1)
    endings = []
    for _ in range(3):
        endings.append([ending for ending, count in office.run().endings.items() if count])
        office.clock.forward(seconds=15)
    assert endings == [[Ending.UNCLEAR], [Ending.UNCLEAR], [Ending.ADOPTED]]
    assert office.slack.texts("D1") == ["hi"]


def test_a_reply_is_looked_for_in_its_thread(office: Office) -> None:
    office.wish("above", key="above")
    office.run()
    office.clock.forward(seconds=1)
    office.wish("reply", thread_of="above")
    office.slack.fault("chat.postMessage", Fault(drops=True, stores=True))
    office.run()
    office.clock.forward(minutes=1)
    assert office.run()[Ending.ADOPTED] == 1
    assert office.slack.count("conversations.replies") == 1
    assert office.slack.texts("C1") == ["above", "reply"]


def test_a_reply_whose_thread_is_gone_is_looked_for_in_the_channel(office: Office) -> None:
    office.wish("above", key="above")
    office.run()
    office.clock.forward(seconds=1)
    office.wish("reply", thread_of="above")
    office.slack.fault("chat.postMessage", Fault(error="thread_not_found"), Fault(drops=True, stores=True))
    office.run()
    office.slack.errors["conversations.replies"] = "thread_not_found"
    office.clock.forward(minutes=1)
    assert office.run()[Ending.ADOPTED] == 1
    assert office.slack.texts("C1") == ["above", "reply"]


@pytest.mark.parametrize("fault", [Fault(status=500), Fault(drops=True, stores=True), Fault(error="internal_error")])
def test_an_unclear_redraw_is_simply_done_again(sqlite_office: Office, fault: Fault) -> None:
    office = sqlite_office
    wished = office.wish("a")
    office.run()
    office.clock.forward(seconds=1)
    office.change(wished, "b")
    office.slack.fault("chat.update", fault)
    assert office.run()[Ending.UNCLEAR] == 1
    office.clock.forward(seconds=5)
    assert office.run().updated == 1
    assert office.slack.texts("C1") == ["b"]


def dies_after_claiming(office: Office, *, stores: bool) -> None:
    """A worker that is killed between its call and its record, or before the call."""
    deliver = office.deliver()
    claims = deliver._claim("C1")  # noqa: SLF001 - the point where the process is killed
    assert claims
    if stores:
        office.slack.answer("chat.postMessage", {
            "channel": "C1", "text": "once",
            "metadata": {"event_type": "sendwatch_message", "event_payload": {"key": claims[0].key, "rev": 1}},
        })


@pytest.mark.parametrize("stores", [True, False])
def test_a_worker_that_dies_neither_loses_nor_doubles(office: Office, *, stores: bool) -> None:
    office.wish("once")
    dies_after_claiming(office, stores=stores)
    assert office.run().posted == 0
    office.clock.forward(seconds=60)
    assert office.run().as_json()["adopted"] == 0, "the lease has ended, the grace has not"
    office.clock.forward(seconds=60)
    office.run()
    assert office.slack.texts("C1") == ["once"]
    assert office.run().next_at is None


def test_a_worker_that_dies_while_redrawing_or_looking_is_followed(office: Office) -> None:
    wished = office.wish("a")
    office.run()
    office.clock.forward(seconds=1)
    office.change(wished, "b")
    assert office.deliver()._claim("C1")  # noqa: SLF001 - killed here
    lost = office.wish("c", channel="C2")
    office.edit(lost, phase="unclear", first_attempt_at=office.clock.at)
    assert office.deliver()._claim("C2")  # noqa: SLF001 - killed here
    office.clock.forward(minutes=1)
    office.run()
    assert (office.slack.texts("C1"), office.slack.texts("C2")) == (["b"], ["c"])


@pytest.mark.parametrize("dies", ["dies_before", "dies_after"])
@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update", "conversations.history"])
def test_a_process_killed_at_a_call_neither_loses_nor_doubles(office: Office, method: str, dies: str) -> None:
    wished = office.wish("old")
    if method == "conversations.history":
        office.slack.fault("chat.postMessage", Fault(drops=True, stores=True))
    if method != "chat.postMessage":
        office.run()
        office.clock.forward(minutes=1)
        office.change(wished, "new")
    office.run(**{dies: method})
    office.clock.forward(minutes=1)
    office.until_rest()
    assert office.slack.texts("C1") == ["old" if method == "chat.postMessage" else "new"]
    assert office.message(wished).ts == office.slack.channels["C1"][0]["ts"]


def test_two_processes_never_work_on_one_channel_at_once(office: Office) -> None:
    office.wish("first")
    office.wish("second")
    assert office.deliver()._claim("C1")  # noqa: SLF001 - one process, about to call
    office.clock.forward(seconds=30)
    assert office.run().posted == 0


def test_a_worker_that_slept_beyond_its_lease_takes_its_double_back(office: Office) -> None:
    wished = office.wish("once", key="k")
    deliver = office.deliver()
    claims = deliver._claim("C1")  # noqa: SLF001 - the process falls asleep here
    assert claims
    office.clock.forward(minutes=2)
    office.run()
    office.clock.forward(minutes=1)
    office.run()
    assert office.slack.texts("C1") == ["once"]
    office.clock.at -= timedelta(minutes=3)  # its clock slept too, so that its check sees nothing
    assert deliver._sending.send(claims[0]) is Ending.LOST  # noqa: SLF001 - and wakes up here
    assert office.slack.texts("C1") == ["once"]
    assert office.message(wished).ts == office.slack.channels["C1"][0]["ts"]


def test_a_late_post_is_adopted_while_nobody_has_posted_again(office: Office) -> None:
    wished = office.wish("once")
    deliver = office.deliver()
    claims = deliver._claim("C1")  # noqa: SLF001 - falls asleep
    assert claims
    office.clock.forward(minutes=1)
    office.run()
    office.clock.at -= timedelta(minutes=1)
    assert deliver._sending.send(claims[0]) is Ending.LOST  # noqa: SLF001 - wakes up during the grace
    assert office.message(wished).ts == office.slack.channels["C1"][0]["ts"]
    office.clock.forward(minutes=5)
    office.run()
    assert office.slack.texts("C1") == ["once"]


def test_a_late_post_waits_for_the_one_under_way(office: Office) -> None:
    wished = office.wish("once")
    assert office.deliver()._claim("C1")  # noqa: SLF001 - sleeps

    def adopted() -> str | None:
        with office.database.write() as session:
            return outgoing.adopt_late(session, wished, ts="9.9", channel="C1", rev=1, now=office.clock.at)

    office.clock.forward(minutes=1)
    office.run()
    office.clock.forward(minutes=1)
    with office.database.write() as session:
        until = office.clock.at + timedelta(minutes=1)
        under_way = outgoing.claim_unclear(session, "C1", office.clock.at, attempt="other", lease_until=until)
    assert [claim.message_id for claim in under_way] == [wished]
    assert adopted() is None
    for _ in range(2):
        office.clock.forward(minutes=2)
        office.run()
    assert office.slack.texts("C1") == ["once"]
    assert adopted() == office.slack.channels["C1"][0]["ts"]


def test_a_jump_of_the_clock_while_slack_is_called_does_no_harm(office: Office) -> None:
    office.wish("once")
    held = threading.Event()
    office.slack.fault("chat.postMessage", Fault(waits_for=held, stores=True))
    runner = threading.Thread(target=office.run)
    runner.start()
    while not office.slack.calls:
        assert runner.is_alive()
    office.clock.forward(days=3)
    office.run()
    held.set()
    runner.join(10)
    office.clock.forward(minutes=5)
    office.run()
    assert office.slack.texts("C1") == ["once"]
