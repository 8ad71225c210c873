"""Whatever Slack does and wherever a process dies, each file stands in the channel once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.delivery.payload import Payload
from bot.delivery.settling import Ending
from bot.delivery.slack_codes import FILES_ADVICE
from storage import uploads
from storage.outgoing import FILES
from tests.bot.delivery.conftest import Office
from tests.bot.delivery.slack_double import Fault

URL, UPLOAD, SHARE, INFO, OPEN = (
    "files.getUploadURLExternal", "upload", "files.completeUploadExternal", "files.info", "conversations.open",
)
BROKEN: dict[str, Callable[[], Fault]] = {
    "429": lambda: Fault(status=429, headers={"Retry-After": "7"}, body=b"{}"),
    "500 before storing": lambda: Fault(status=500, body=b"{}"),
    "500 after storing": lambda: Fault(status=500, body=b"{}", stores=True),
    "dropped before storing": lambda: Fault(drops=True),
    "dropped after storing": lambda: Fault(drops=True, stores=True),
    "a page after storing": lambda: Fault(status=503, body=b"<html>busy</html>", stores=True),
    "an array after storing": lambda: Fault(body=b"[1]", stores=True),
    "cut off": lambda: Fault(body=b'{"ok":true', stores=True),
    "internal_error after storing": lambda: Fault(error="internal_error", stores=True),
    "fatal_error before storing": lambda: Fault(error="fatal_error"),
    "a bare yes": lambda: Fault(body=b'{"ok":true}', stores=True),
}


def post_file(office: Office, text: str = "a,b", *, channel: str = "C1", **options: object) -> int:
    return office.wish(text, channel=channel, kind="file", **options)


def is_posted_once(office: Office, message_id: int, channel: str = "C1") -> bool:
    shown, message = office.slack.channels[channel], office.message(message_id)
    return (
        len(office.slack.shown_files(channel)) == 1 and message.ts in {one["ts"] for one in shown}
        and message.posted_channel == channel and message.next_at is None and message.phase == "idle"
    )


def test_a_file_is_posted_with_its_words(office: Office) -> None:
    wished = post_file(office, body={"filename": "week.csv", "title": "This week", "comment": "All sends:"})
    assert office.run().posted == 1
    assert is_posted_once(office, wished)
    assert office.slack.shown_files("C1") == [b"a,b"]
    assert office.slack.texts("C1") == ["All sends:"]
    file, = office.slack.files.values()
    assert (file["name"], file["title"], file["alt_txt"]) == ("week.csv", "This week", None)
    assert [method for method, _ in office.counted] == [URL, UPLOAD, SHARE]


def test_an_image_is_described(sqlite_office: Office) -> None:
    post_file(sqlite_office, body={"filename": "chart.png"})
    sqlite_office.run()
    assert sqlite_office.slack.files["F1"]["alt_txt"] == "what it shows"


def test_a_file_for_a_person_goes_into_the_direct_messages(office: Office) -> None:
    wished = post_file(office, channel="U1")
    assert office.run().posted == 1
    assert is_posted_once(office, wished, "D1")


def test_a_file_can_hang_in_a_thread(office: Office) -> None:
    office.wish("above", key="above")
    office.run()
    office.clock.forward(seconds=1)
    reply = post_file(office, thread_of="above")
    office.run()
    assert is_posted_once(office, reply)
    assert office.slack.channels["C1"][1]["thread_ts"] == office.slack.channels["C1"][0]["ts"]


def test_a_file_whose_thread_was_deleted_goes_into_the_channel(sqlite_office: Office) -> None:
    office = sqlite_office
    office.wish("above", key="above")
    office.run()
    office.clock.forward(seconds=1)
    reply = post_file(office, thread_of="above")
    office.slack.fault(SHARE, Fault(error="thread_not_found"))
    office.run()
    assert is_posted_once(office, reply)
    assert "thread_ts" not in office.slack.channels["C1"][1]


def test_a_posted_file_is_never_drawn_anew(office: Office) -> None:
    wished = post_file(office)
    office.run()
    office.clock.forward(seconds=1)
    office.change(wished, "c,d")
    calls = len(office.slack.calls)
    assert office.run()[Ending.SETTLED] == 1
    assert len(office.slack.calls) == calls
    assert office.message(wished).next_at is None


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize(("channel", "step"), [
    ("C1", URL), ("C1", UPLOAD), ("C1", SHARE), ("U1", OPEN), ("U1", SHARE),
])
def test_a_step_that_fails_neither_loses_nor_doubles(
    sqlite_office: Office, step: str, fault: str, channel: str,
) -> None:
    office = sqlite_office
    wished = post_file(office, channel=channel)
    office.slack.fault(step, BROKEN[fault]())
    office.until_rest()
    assert is_posted_once(office, wished, "D1" if channel == "U1" else "C1")


@pytest.mark.parametrize("fault", BROKEN)
def test_a_look_that_fails_is_tried_again(sqlite_office: Office, fault: str) -> None:
    office = sqlite_office
    wished = post_file(office)
    office.slack.fault(SHARE, Fault(drops=True, stores=True))
    office.slack.fault(INFO, BROKEN[fault]())
    office.until_rest()
    assert is_posted_once(office, wished)
    assert office.slack.count(SHARE) == 1


@pytest.mark.parametrize(("before", "after"), [
    (OPEN, ""), ("", OPEN), (URL, ""), ("", URL), (UPLOAD, ""), ("", UPLOAD), (SHARE, ""), ("", SHARE),
])
def test_a_process_killed_at_a_step_neither_loses_nor_doubles(office: Office, before: str, after: str) -> None:
    wished = post_file(office, channel="U1")
    assert office.run(dies_before=before, dies_after=after).posted == 0
    office.clock.forward(seconds=60)
    office.until_rest()
    assert is_posted_once(office, wished, "D1")
    assert office.slack.count(SHARE) == 1


@pytest.mark.parametrize("step", ["before", "after"])
def test_a_process_killed_while_it_looks_is_followed(office: Office, step: str) -> None:
    wished = post_file(office)
    office.slack.fault(SHARE, Fault(drops=True, stores=True))
    office.run()
    office.clock.forward(minutes=1)
    office.run(**{f"dies_{step}": INFO})
    office.clock.forward(minutes=1)
    office.until_rest()
    assert is_posted_once(office, wished)


def test_an_unclear_share_is_looked_for_and_shared_again_with_the_same_file(office: Office) -> None:
    wished = post_file(office)
    office.slack.fault(SHARE, Fault(drops=True))
    assert office.run()[Ending.UNCLEAR] == 1
    assert office.message(wished).body["file_id"] == "F1"
    office.clock.forward(seconds=59)
    assert office.run().posted == 0
    office.until_rest()
    assert is_posted_once(office, wished)
    assert (office.slack.count(URL), office.slack.count(INFO)) == (1, 1)


def test_a_file_that_slack_has_forgotten_is_brought_anew(office: Office) -> None:
    wished = post_file(office)
    office.slack.fault(SHARE, Fault(drops=True))
    office.run()
    office.slack.files.clear()
    office.until_rest()
    assert is_posted_once(office, wished)
    assert office.slack.count(URL) == 2
    assert uploads.ids_of(office.message(wished).body)[1:] == ("F1",)


def test_a_file_forgotten_between_two_tries_is_brought_anew(sqlite_office: Office) -> None:
    office = sqlite_office
    wished = post_file(office)
    office.slack.fault(SHARE, Fault(status=429, headers={"Retry-After": "7"}, body=b"{}"))
    office.run()
    office.slack.files.clear()
    office.until_rest()
    assert is_posted_once(office, wished)


def test_new_files_for_one_message_come_at_growing_distances(sqlite_office: Office) -> None:
    office = sqlite_office
    post_file(office)
    office.slack.errors[SHARE] = office.slack.errors[INFO] = "file_not_found"
    at = []
    for _ in range(8):
        report = office.run()
        at.append(office.clock.at)
        assert report.next_at is not None
        office.clock.at = report.next_at
    waits = [(later - earlier) // timedelta(seconds=1) for earlier, later in pairwise(at)]
    assert waits == [1, 60, 120, 240, 480, 960, 1920]


def test_slack_says_yes_before_it_shows_the_file(office: Office) -> None:
    wished = post_file(office)
    office.slack.late = True
    assert office.run()[Ending.UNCLEAR] == 1
    office.clock.forward(seconds=5)
    assert office.run()[Ending.UNCLEAR] == 1
    office.slack.catch_up()
    office.clock.forward(seconds=15)
    assert office.run()[Ending.ADOPTED] == 1
    assert is_posted_once(office, wished)
    assert office.slack.count(SHARE) == 1


def test_a_file_that_slack_never_shows_after_its_yes_is_brought_anew_without_a_description(office: Office) -> None:
    wished = post_file(office, body={"filename": "chart.png"})
    office.slack.late = True
    office.run()
    begin = office.clock.at
    while office.slack.count(URL) == 1:
        assert office.clock.at - begin < timedelta(minutes=11)
        office.clock.forward(seconds=15)
        office.slack.late = office.clock.at - begin < timedelta(minutes=9)
        office.run()
    assert office.clock.at - begin >= timedelta(minutes=10)
    office.until_rest()
    assert is_posted_once(office, wished)
    assert [file["alt_txt"] for file in office.slack.files.values()] == ["what it shows", None]


def test_an_unclear_share_that_slack_carries_out_late_is_not_doubled(sqlite_office: Office) -> None:
    office = sqlite_office
    wished = post_file(office)
    office.slack.once = office.slack.late = True
    office.slack.fault(SHARE, Fault(drops=True, stores=True))
    office.run()
    office.clock.forward(minutes=1)
    report = office.run()
    assert (report[Ending.HELD], report[Ending.UNCLEAR]) == (1, 1), "refused as shared before, and not to be seen yet"
    assert office.slack.count(SHARE) == 2
    office.slack.catch_up()
    office.until_rest()
    assert is_posted_once(office, wished)
    assert office.slack.count(URL) == 1


@pytest.mark.parametrize("late", [True, False])
def test_where_files_cannot_be_asked_about_the_history_tells(sqlite_office: Office, *, late: bool) -> None:
    office = sqlite_office
    wished = post_file(office)
    office.slack.errors[INFO] = "missing_scope"
    office.slack.late = late
    if not late:
        office.slack.fault(SHARE, Fault(drops=True, stores=True))
    office.run()
    office.slack.catch_up()
    office.until_rest()
    assert is_posted_once(office, wished)
    assert office.notices() == []


@pytest.mark.parametrize("code", FILES_ADVICE)
def test_what_stops_files_stops_nothing_else(sqlite_office: Office, code: str) -> None:
    office = sqlite_office
    files = [post_file(office), post_file(office, channel="C2")]
    words = office.wish("words")
    office.slack.errors[URL] = code
    assert office.run()[Ending.BROKEN] == 2
    office.clock.forward(seconds=1)
    office.run()
    assert office.message(words).ts
    notice, = office.notices()
    assert notice.key.split(":")[2] == FILES
    assert "files" in notice.body["text"]
    assert FILES_ADVICE[code] in notice.body["text"]
    office.clock.forward(minutes=1)
    office.run()
    assert office.pace(FILES).broken_code == code
    del office.slack.errors[URL]
    office.until_rest()
    assert is_posted_once(office, files[0])
    assert is_posted_once(office, files[1], "C2")
    assert len(office.notices()) == 1
    assert office.pace(FILES).broken_code is None


@pytest.mark.parametrize("code", ["is_archived", "not_in_channel", "token_revoked"])
def test_a_broken_channel_keeps_the_file_that_was_brought_already(sqlite_office: Office, code: str) -> None:
    office = sqlite_office
    wished = post_file(office)
    office.slack.errors["C1"] = code
    assert office.run()[Ending.BROKEN] == 1
    assert len(office.notices()) == 1
    del office.slack.errors["C1"]
    office.until_rest()
    assert is_posted_once(office, wished)
    assert office.slack.count(URL) == 1


def test_too_fast_holds_the_channel_and_brings_nothing_twice(office: Office) -> None:
    wished = post_file(office)
    office.slack.fault(SHARE, Fault(status=429, headers={"Retry-After": "30"}, body=b"{}"))
    report = office.run()
    assert (report[Ending.HELD], report.next_at) == (1, office.clock.at + timedelta(seconds=30))
    office.until_rest()
    assert is_posted_once(office, wished)
    assert office.slack.count(UPLOAD) == 1


def test_uploads_that_fail_are_tried_at_growing_distances(sqlite_office: Office) -> None:
    office = sqlite_office
    wished = post_file(office)
    office.slack.fault(UPLOAD, *[Fault(status=500) for _ in range(5)])
    waits = []
    for _ in range(5):
        report = office.run()
        assert report.next_at is not None
        waits.append((report.next_at - office.clock.at) // timedelta(seconds=1))
        office.clock.at = report.next_at
    assert waits == [5, 10, 20, 40, 80]
    office.until_rest()
    assert is_posted_once(office, wished)


@pytest.mark.parametrize("answer", [
    b'{"ok":true}', b'{"ok":true,"file_id":"F9"}', b'{"ok":true,"file_id":"F9","upload_url":"file:///etc/passwd"}',
    b'{"ok":true,"file_id":"F9","upload_url":"http://[::"}',
    b'{"ok":true,"file_id":"F9","upload_url":"http://127.0.0.1:1/"}',
])
def test_an_upload_address_that_is_none_is_asked_for_again(sqlite_office: Office, answer: bytes) -> None:
    wished = post_file(sqlite_office)
    sqlite_office.slack.fault(URL, Fault(body=answer))
    sqlite_office.wish("words", channel="C2")
    report = sqlite_office.run()
    assert (report[Ending.HELD], report.posted) == (1, 1), "where files go is another host; words still go"
    sqlite_office.until_rest()
    assert is_posted_once(sqlite_office, wished)


def test_a_refused_file_is_kept_and_tried_later(sqlite_office: Office) -> None:
    wished = post_file(sqlite_office)
    sqlite_office.slack.fault(SHARE, Fault(error="invalid_arguments"))
    assert sqlite_office.run()[Ending.FAILED] == 1
    sqlite_office.until_rest()
    assert is_posted_once(sqlite_office, wished)


def test_a_claim_that_ran_out_after_the_upload_shares_nothing(office: Office) -> None:
    wished = post_file(office)
    office.slack.before[UPLOAD] = lambda: office.clock.forward(seconds=55)
    assert office.run()[Ending.HELD] == 1
    assert office.slack.count(SHARE) == 0
    office.until_rest()
    assert is_posted_once(office, wished)
    assert office.slack.count(UPLOAD) == 1


def test_who_lost_the_claim_before_sharing_shares_nothing(office: Office) -> None:
    wished = post_file(office)

    def overtaken() -> None:
        office.clock.forward(minutes=1)
        office.run()
        office.clock.forward(minutes=1)
        office.until_rest()
        office.clock.at -= timedelta(minutes=2)  # the clock of a process that stood still

    office.slack.before[UPLOAD] = overtaken
    assert office.run()[Ending.LOST] == 1
    assert is_posted_once(office, wished)
    assert office.slack.count(SHARE) == 1


@pytest.mark.parametrize("once", [True, False])
def test_a_process_frozen_between_its_check_and_sharing_takes_its_double_back(office: Office, *, once: bool) -> None:
    wished = post_file(office)
    office.slack.once = once

    def overtaken() -> None:
        office.clock.forward(minutes=1)
        office.run()
        office.clock.forward(minutes=1)
        office.until_rest()

    office.slack.before[SHARE] = overtaken
    assert office.run()[Ending.LOST] == 1
    assert is_posted_once(office, wished)
    assert office.slack.count(SHARE) == 2


def test_words_in_the_place_of_a_file_are_posted_as_any_others(sqlite_office: Office) -> None:
    office = sqlite_office
    wished = post_file(office)
    office.slack.fault(SHARE, Fault(status=429, headers={"Retry-After": "7"}, body=b"{}"))
    office.run()
    office.slack.fault("chat.postMessage", Fault(drops=True, stores=True))
    office.until_rest(render=lambda *_: Payload(text="there is nothing to report"))
    assert office.slack.texts("C1") == ["there is nothing to report"]
    assert office.message(wished).ts == office.slack.channels["C1"][0]["ts"]
    assert office.slack.count("chat.postMessage") == 1
