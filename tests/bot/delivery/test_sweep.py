"""What no protocol can rule out is found in the channels, and repaired."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.delivery.deliver import DeliveryReport
from bot.delivery.pacing import Terms
from bot.delivery.slack_web import SlackWeb
from bot.delivery.sweep import NAME, Sweep, SweepReport
from storage import due, leases, sync
from tests.bot.delivery.conftest import Killed, MortalSlackWeb, Office
from tests.bot.delivery.slack_double import Fault

TERMS = Terms()
HISTORY, REPLIES = "conversations.history", "conversations.replies"


def sweep(office: Office, **figures: Any) -> SweepReport:  # noqa: ANN401 - fields of Terms
    return Sweep(office.database, SlackWeb("xoxb-test", office.url), office.clock, Terms(**figures)).run()


def double(office: Office, channel: str = "C1", *, number: int = 0, later: float = 5) -> dict[str, Any]:
    """A second post of what stands in the channel."""
    post = office.slack.channels[channel][number]
    copy = post | {"ts": f"{float(post['ts']) + later:.6f}", "text": f"{post['text']} again"}
    office.slack.channels[channel].append(copy)
    for file in post.get("files", []):
        office.slack.files[file["id"]]["shares"]["public"][channel].append({"ts": copy["ts"]})
    return copy


def looked_at(office: Office, since: int = 0) -> list[str]:
    return [
        call.body.get("ts") or call.body["channel"] for call in office.slack.calls[since:]
        if call.method in {HISTORY, REPLIES}
    ]


def test_of_two_posts_the_one_that_the_database_knows_stays(office: Office) -> None:
    office.wish("once")
    office.wish("other", channel="C2")
    office.until_rest()
    double(office)
    double(office, later=-5)
    report = sweep(office)
    assert (report.looked, report.doubled, report.adopted, report.unknown) == (2, 2, 0, 0)
    assert (report.trouble, report.next_at) == (None, None)
    assert office.slack.texts("C1") == ["once"]
    assert sweep(office).doubled == 0


def test_a_process_that_freezes_between_its_check_and_its_call_and_dies_of_it(office: Office) -> None:
    wished = office.wish("once")

    def overtaken() -> None:
        office.clock.forward(minutes=1)
        office.run()
        office.clock.forward(minutes=1)
        office.until_rest()

    office.slack.before["chat.postMessage"] = overtaken
    office.run(dies_after="chat.postMessage")
    assert office.slack.texts("C1") == ["once", "once"]
    assert sweep(office).doubled == 1
    assert office.slack.texts("C1") == ["once"]
    assert office.message(wished).ts == office.slack.channels["C1"][0]["ts"]
    office.change(wished, "later")
    office.until_rest()
    assert office.slack.texts("C1") == ["later"]


def test_a_post_that_nobody_has_recorded_is_adopted(office: Office) -> None:
    wished = office.wish("once")
    office.run(dies_after="chat.postMessage")
    assert sweep(office).adopted == 0, "it is under way"
    office.clock.forward(minutes=1)
    office.run()
    double(office)
    report = sweep(office)
    assert (report.adopted, report.doubled) == (1, 1)
    message = office.message(wished)
    assert (message.ts, message.phase, message.next_at) == (office.slack.channels["C1"][0]["ts"], "idle", None)
    office.until_rest()
    assert office.slack.texts("C1") == ["once"]


def test_an_adopted_post_that_shows_old_news_is_redrawn(office: Office) -> None:
    wished = office.wish("old")
    office.slack.fault("chat.postMessage", Fault(drops=True, stores=True))
    office.run()
    office.change(wished, "new")
    assert sweep(office).adopted == 1
    office.clock.forward(seconds=5)
    office.until_rest()
    assert office.slack.texts("C1") == ["new"]


def test_posts_of_which_nothing_is_known_are_left_alone(office: Office) -> None:
    office.wish("once", key="known")
    office.run()
    post = office.slack.channels["C1"][0]
    payload = post["metadata"]["event_payload"]
    stranger = post | {"metadata": {"event_type": "sendwatch_message", "event_payload": payload | {"key": "other"}}}
    before_the_wish = post | {"ts": f"{float(post['ts']) - 121:.6f}"}
    odd = [post | {"ts": "soon"}, post | {"ts": None}, {"ts": post["ts"], "metadata": "odd"}, {"text": "a person"}]
    office.slack.channels["C1"] += [stranger, before_the_wish]
    assert sweep(office).unknown == 2
    office.slack.fault(HISTORY, Fault(body=answer(odd)))
    assert sweep(office).unknown == 0
    assert len(office.slack.channels["C1"]) == 3


def answer(posts: list[dict[str, Any]]) -> bytes:
    return json.dumps({"ok": True, "messages": posts}).encode()


def test_replies_are_looked_for_in_their_threads(office: Office) -> None:
    office.wish("above", key="above")
    office.wish("reply", thread_of="above")
    office.wish("loud", thread_of="above", body={"broadcast": True})
    office.until_rest()
    double(office, number=1)
    report = sweep(office)
    assert (report.looked, report.doubled) == (2, 1)
    assert office.slack.texts("C1") == ["above", "reply", "loud"]
    assert looked_at(office) == ["C1", office.slack.channels["C1"][0]["ts"]]


def test_files_are_known_by_their_id(office: Office) -> None:
    wished = office.wish("a,b", kind="file")
    office.run()
    double(office)
    strange = {"ts": office.slack.channels["C1"][0]["ts"], "text": "mine", "files": [{"id": "F77"}, "odd"]}
    office.slack.channels["C1"].append(strange)
    report = sweep(office)
    assert (report.doubled, report.unknown) == (1, 0)
    assert [one["ts"] for one in office.slack.channels["C1"] if one is not strange] == [office.message(wished).ts]
    assert strange in office.slack.channels["C1"]


def test_a_file_that_was_given_up_and_shown_after_all_is_a_double(office: Office) -> None:
    wished = office.wish("a,b", kind="file")
    office.slack.late = True
    office.run()
    office.slack.late = False
    office.clock.forward(minutes=11)
    office.until_rest()
    assert office.slack.shown_files("C1") == [b"a,b"]
    office.clock.forward(seconds=5)
    office.slack.catch_up()
    assert len(office.slack.shown_files("C1")) == 2
    assert sweep(office).doubled == 1
    assert [one["ts"] for one in office.slack.channels["C1"]] == [office.message(wished).ts]


def test_a_file_that_nobody_has_recorded_is_adopted(sqlite_office: Office) -> None:
    office = sqlite_office
    wished = office.wish("a,b", kind="file")
    office.slack.fault("files.completeUploadExternal", Fault(drops=True, stores=True))
    office.run()
    assert sweep(office).adopted == 1
    assert office.message(wished).next_at is None
    assert office.until_rest()[0].endings.total() == 0


def test_direct_messages_are_looked_into_and_addresses_are_not(office: Office) -> None:
    office.wish("hi", channel="U1")
    office.run()
    office.slack.errors["U2"] = "user_disabled"
    office.wish("kept", channel="U2")
    office.wish("unknown", channel="mail:jane@acme.example")
    double(office, "D1")
    assert sweep(office).doubled == 1
    assert looked_at(office) == ["D1", "D2"]


def test_only_places_of_lately_are_looked_at(office: Office) -> None:
    office.wish("old", channel="C1")
    office.run()
    office.clock.forward(hours=25)
    office.wish("new", channel="C2")
    office.run()
    assert sweep(office).looked == 1
    assert looked_at(office) == ["C2"]
    assert float(office.slack.calls[-1].body["oldest"]) == (office.clock.at - timedelta(days=1)).timestamp()


def test_the_next_sweep_reads_what_came_since_the_last(office: Office) -> None:
    office.wish("first", channel="C1")
    office.run()
    begin = office.clock.at
    sweep(office)
    office.clock.forward(hours=2)
    office.wish("second", channel="C2")
    office.run()
    double(office, "C1", later=7_000)
    calls = len(office.slack.calls)
    assert (sweep(office).doubled, looked_at(office, calls)) == (1, ["C1", "C2"])
    oldest = {call.body["oldest"] for call in office.slack.calls[calls:] if call.method == HISTORY}
    assert oldest == {f"{(begin - TERMS.lease - TERMS.grace - TERMS.margin).timestamp():.6f}"}


def test_a_run_makes_only_so_many_calls_and_goes_on_where_it_stopped(office: Office) -> None:
    office.slack.page = 1
    for channel in ("C1", "C2", "C3"):
        office.wish(channel, channel=channel)
    office.run()
    for later in (1, 2):
        double(office, "C2", later=later)
    first = sweep(office, sweep_calls=2)
    assert (first.looked, first.doubled, first.trouble) == (1, 1, None)
    assert first.next_at == office.clock.at + timedelta(minutes=1)
    calls = len(office.slack.calls)
    assert sweep(office, sweep_calls=2) == SweepReport(next_at=first.next_at)
    assert len(office.slack.calls) == calls
    doubled = first.doubled
    report = first
    while report.next_at is not None:
        office.clock.at = report.next_at
        report = sweep(office, sweep_calls=2)
        doubled += report.doubled
    assert doubled == 2
    assert "C1" not in looked_at(office, calls)
    assert [office.slack.texts(channel) for channel in ("C1", "C2", "C3")] == [["C1"], ["C2"], ["C3"]]


def test_too_fast_ends_the_run_and_the_next_one_goes_on_there(office: Office) -> None:
    for channel in ("C1", "C2"):
        office.wish(channel, channel=channel)
    office.run()
    double(office, "C2")
    limited = Fault(status=429, headers={"Retry-After": "90"}, body=b"{}")
    office.slack.fault(HISTORY, Fault(stores=True), limited)
    report = sweep(office)
    assert (report.looked, report.trouble) == (1, "ratelimited")
    assert report.next_at == office.clock.at + timedelta(seconds=90)
    office.clock.forward(seconds=89)
    assert sweep(office).looked == 0
    office.clock.forward(seconds=1)
    calls = len(office.slack.calls)
    assert sweep(office).doubled == 1
    assert looked_at(office, calls) == ["C2"]


@pytest.mark.parametrize("code", ["not_in_channel", "missing_scope", "channel_not_found"])
def test_a_channel_that_cannot_be_read_stops_no_other(sqlite_office: Office, code: str) -> None:
    office = sqlite_office
    for channel in ("C1", "C2"):
        office.wish(channel, channel=channel)
    office.run()
    double(office, "C2")
    office.slack.errors[f"{HISTORY}:C1"] = code
    report = sweep(office)
    assert (report.looked, report.doubled, report.trouble, report.next_at) == (1, 1, code, None)


@pytest.mark.parametrize("fault", [
    Fault(status=500), Fault(drops=True), Fault(error="token_revoked"), Fault(body=b"<html>"),
])
def test_a_slack_that_does_not_answer_is_looked_at_later(sqlite_office: Office, fault: Fault) -> None:
    office = sqlite_office
    office.wish("once")
    office.run()
    double(office)
    office.slack.fault(HISTORY, fault)
    report = sweep(office)
    assert report.trouble
    assert report.next_at == office.clock.at + timedelta(minutes=1)
    office.clock.forward(minutes=1)
    assert sweep(office).doubled == 1


def test_a_double_that_cannot_be_taken_away_now_is_later(sqlite_office: Office) -> None:
    office = sqlite_office
    office.wish("once")
    office.run()
    for later in (1, 2):
        double(office, later=later)
    office.slack.fault("chat.delete", Fault(status=429, headers={"Retry-After": "30"}, body=b"{}"))
    report = sweep(office)
    assert (report.doubled, report.trouble) == (0, "ratelimited")
    assert report.next_at == office.clock.at + timedelta(seconds=30)
    office.clock.forward(seconds=30)
    assert sweep(office).doubled == 2


def test_a_double_that_slack_will_not_delete_stays(sqlite_office: Office) -> None:
    office = sqlite_office
    for channel in ("C1", "C2"):
        office.wish(channel, channel=channel)
    office.run()
    for channel in ("C1", "C2"):
        double(office, channel)
    office.slack.errors["chat.delete:C1"] = "cant_delete_message"
    report = sweep(office)
    assert (report.looked, report.doubled, report.next_at) == (2, 1, None)


def test_one_process_sweeps_at_a_time(office: Office) -> None:
    office.wish("once")
    office.run()
    with office.database.write() as session:
        assert leases.take(session, NAME, "another", office.clock.at, timedelta(minutes=5))
    assert sweep(office) == SweepReport(is_elsewhere=True)
    assert looked_at(office) == []
    office.clock.forward(minutes=5)
    assert sweep(office).looked == 1


def test_who_loses_the_lease_stops(office: Office) -> None:
    for channel in ("C1", "C2"):
        office.wish(channel, channel=channel)
    office.run()

    def overtaken() -> None:
        office.clock.forward(minutes=6)
        assert sweep(office).looked == 2

    office.slack.before[HISTORY] = overtaken
    report = sweep(office)
    assert (report.looked, report.trouble) == (1, "another process sweeps")
    assert sweep(office).looked == 2, "the other one's end counts, and not where this one stopped"


def test_a_killed_sweep_is_followed(office: Office) -> None:
    for channel in ("C1", "C2", "C3"):
        office.wish(channel, channel=channel)
    office.run()
    double(office, "C3")

    class Dying(MortalSlackWeb):
        def history(self, **asked: Any) -> Any:  # noqa: ANN401 - as the parent's
            if asked["channel"] == "C2":
                raise Killed
            return super().history(**asked)

    with pytest.raises(Killed):
        Sweep(office.database, Dying("xoxb-test", office.url), office.clock).run()
    calls = len(office.slack.calls)
    assert sweep(office).doubled == 1
    assert looked_at(office, calls) == ["C2", "C3"]


def test_the_sweep_is_no_walk_through_the_sends(office: Office) -> None:
    office.wish("once")
    office.run()
    office.slack.fault(HISTORY, Fault(status=500))
    sweep(office)
    with office.database.read() as session:
        assert due.first_walk_since(session) is None
        stands = sync.cursor(session, NAME)
        assert stands is not None
        assert stands.cursor["channel"] == "C1"


def test_a_sweep_with_nothing_to_look_at_asks_nobody(sqlite_office: Office) -> None:
    assert sweep(sqlite_office) == SweepReport()
    assert sqlite_office.slack.calls == []


def test_a_post_that_is_recorded_while_the_page_is_read_is_no_double(office: Office) -> None:
    wished = office.wish("once")
    office.slack.fault("chat.postMessage", Fault(drops=True, stores=True))
    office.run()
    office.clock.forward(minutes=1)
    others = list[DeliveryReport]()
    office.slack.before[HISTORY] = lambda: others.append(office.run())
    report = sweep(office)
    assert (report.adopted, report.doubled) == (0, 0)
    assert office.message(wished).ts == office.slack.channels["C1"][0]["ts"]
