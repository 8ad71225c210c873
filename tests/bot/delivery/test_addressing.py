"""People of whom only the e-mail is known: found, or their alerts go where somebody reads them."""

from __future__ import annotations

import socket
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.delivery.addressing import NOT_ALLOWED
from bot.delivery.deliver import DeliveryReport
from bot.delivery.settling import Ending
from bot.delivery.slack_codes import WORKSPACE_ADVICE
from storage import people
from storage.models import Alert, Notification
from storage.outgoing import ADDRESSES, WORKSPACE
from tests.bot.delivery.conftest import Office
from tests.bot.delivery.slack_double import Fault

LOOKUP = "users.lookupByEmail"
JANE = "jane@acme.example"
USER: dict[str, Any] = {
    "id": "U1", "team_id": "T1", "name": "jane", "tz": "Europe/Paris", "deleted": False, "is_bot": False,
    "profile": {"real_name": "Jane Roe"},
}
FALLBACK = {"fallback": "C1"}


def write_to(office: Office, address: str = JANE, text: str = "for you", **options: object) -> int:
    return office.wish(text, channel=f"mail:{address}", **options)


def alert_in(office: Office, *message_ids: int) -> int:
    """An alert that these messages show."""
    with office.database.write() as session:
        count = len(session.scalars(select(Alert)).all())
        made = Alert(
            key=f"overdue:{count}", rule="overdue", level="late", due_at=office.clock.at, opened_at=office.clock.at,
        )
        session.add(made)
        session.flush()
        for message_id in message_ids:
            channel = office.message(message_id).channel
            session.add(Notification(alert_id=made.id, channel=channel, message_id=message_id))
        return made.id


def places(office: Office, alert_id: int) -> list[str]:
    with office.database.read() as session:
        return list(session.scalars(select(Notification.channel).where(Notification.alert_id == alert_id)))


def posted_to(office: Office) -> set[str]:
    return {call.body["channel"] for call in office.slack.calls if call.method.startswith("chat.")}


def test_a_person_is_found_and_written_to(office: Office) -> None:
    office.slack.users[JANE] = USER
    wished = write_to(office)
    told = alert_in(office, wished)
    report = office.run()
    assert (report[Ending.ADDRESSED], report.posted, report.next_at) == (1, 1, None)
    assert office.slack.texts("D1") == ["for you"]
    assert (office.message(wished).channel, places(office, told)) == ("U1", ["U1"])
    with office.database.read() as session:
        person = people.by_email(session, JANE)
        assert person is not None
        assert (person.user_id, person.team_id, person.name, person.tz) == ("U1", "T1", "Jane Roe", "Europe/Paris")


def test_who_is_known_is_not_asked_about(office: Office) -> None:
    with office.database.write() as session:
        people.keep(session, user_id="U7", email=JANE, now=office.clock.at)
    write_to(office)
    assert office.run().posted == 1
    assert office.slack.texts("D7") == ["for you"]
    assert office.slack.count(LOOKUP) == 0


def test_who_was_known_long_ago_is_asked_about_again(sqlite_office: Office) -> None:
    office = sqlite_office
    with office.database.write() as session:
        people.keep(session, user_id="U7", email=JANE, now=office.clock.at - timedelta(days=1))
    write_to(office)
    office.run(**FALLBACK)
    assert office.slack.texts("C1") == ["for you"]


@pytest.mark.parametrize("user", [
    None, USER | {"deleted": True}, USER | {"is_bot": True},
])
def test_what_is_meant_for_nobody_reaches_the_channel(office: Office, user: dict[str, Any] | None) -> None:
    office.slack.users |= {JANE: user} if user else {}
    wished = write_to(office)
    office.run(**FALLBACK)
    assert office.slack.texts("C1") == ["for you"]
    assert office.message(wished).channel == "C1"
    assert office.notices() == []


def test_an_alert_for_nobody_waits_to_be_told_in_the_channel_like_any_other(office: Office) -> None:
    told = alert_in(office, write_to(office))
    assert office.run(**FALLBACK)[Ending.TOLD_ANEW] == 1
    assert (places(office, told), posted_to(office)) == (["C1"], set())
    # The next one is not asked about.
    again = alert_in(office, write_to(office))
    report = office.run(**FALLBACK)
    assert (report[Ending.TOLD_ANEW], report.next_at) == (1, None)
    assert (places(office, again), office.slack.count(LOOKUP)) == (["C1"], 1)


def test_nobody_is_asked_about_again_for_a_day(office: Office) -> None:
    for _ in range(3):
        write_to(office)
    office.until_rest(**FALLBACK)
    office.clock.forward(hours=23)
    write_to(office)
    office.until_rest(**FALLBACK)
    assert office.slack.count(LOOKUP) == 1
    office.slack.users[JANE] = USER
    office.clock.forward(hours=2)
    write_to(office)
    office.until_rest(**FALLBACK)
    assert (len(office.slack.texts("C1")), len(office.slack.texts("D1"))) == (4, 1)


def test_an_address_that_slack_will_not_have_reaches_the_channel_and_is_asked_about_again(
    sqlite_office: Office,
) -> None:
    office = sqlite_office
    office.slack.fault(LOOKUP, Fault(error="invalid_arguments"))
    office.slack.users[JANE] = USER
    write_to(office)
    office.until_rest(**FALLBACK)
    office.clock.forward(seconds=2)
    write_to(office)
    office.until_rest(**FALLBACK)
    assert (office.slack.texts("C1"), office.slack.texts("D1")) == (["for you"], ["for you"])


def test_what_another_message_shows_is_not_said_twice(office: Office) -> None:
    there, here = office.wish("in the channel"), write_to(office)
    alert_in(office, there, here)
    office.until_rest(**FALLBACK)
    assert office.slack.texts("C1") == ["in the channel"]
    assert (office.message(here).next_at, office.message(here).last_error) == (None, "users_not_found")
    office.clock.forward(days=3)
    office.change(here, "for you, again")
    office.until_rest(**FALLBACK)
    assert office.slack.texts("C1") == ["in the channel"]


def test_without_a_fallback_it_is_kept(sqlite_office: Office) -> None:
    office = sqlite_office
    wished = write_to(office)
    report = office.run(fallback=None)
    assert report.next_at == office.clock.at + timedelta(hours=1)
    assert posted_to(office) == set()
    office.clock.forward(days=2)
    office.slack.users[JANE] = USER
    office.until_rest(fallback=None)
    assert office.message(wished).ts


def test_questions_keep_their_pace_and_delay_nobody(office: Office) -> None:
    for number in range(4):
        office.slack.users[f"{number}@x.example"] = USER | {"id": f"U{number}"}
        write_to(office, f"{number}@x.example")
    office.wish("hello", channel="C2")
    report = office.run()
    assert (report[Ending.ADDRESSED], report.posted) == (1, 2)
    assert report.next_at == office.clock.at + timedelta(milliseconds=1500)
    office.until_rest()
    at = [call.at for call in office.slack.calls if call.method == LOOKUP]
    assert [(later - at[0]) / timedelta(seconds=1) for later in at] == [0, 1.5, 3, 4.5]
    assert all(office.slack.texts(f"D{number}") == ["for you"] for number in range(4))


def test_who_waits_for_a_press_is_asked_about_first(sqlite_office: Office) -> None:
    office = sqlite_office
    write_to(office, "early@x.example")
    office.edit(write_to(office, "pressed@x.example"), priority=10)
    office.run(**FALLBACK)
    assert [call.body["email"] for call in office.slack.calls if call.method == LOOKUP] == ["pressed@x.example"]


def test_too_many_questions_wait_as_long_as_slack_says(office: Office) -> None:
    office.slack.users[JANE] = USER
    wished = write_to(office)
    office.slack.fault(LOOKUP, Fault(status=429, headers={"Retry-After": "30"}, body=b"{}"))
    office.wish("hello", channel="C2")
    report = office.run(**FALLBACK)
    assert (report[Ending.HELD], report.posted) == (1, 1)
    assert report.next_at == office.clock.at + timedelta(seconds=30)
    office.clock.forward(seconds=29)
    assert office.run(**FALLBACK).next_at == office.clock.at + timedelta(seconds=1)
    office.clock.forward(seconds=1)
    assert office.run(**FALLBACK).posted == 1
    assert office.message(wished).posted_channel == "D1"


@pytest.mark.parametrize("fault", [
    Fault(status=500), Fault(drops=True), Fault(body=b"<html>"), Fault(body=b'{"ok":true}'),
    Fault(body=b'{"ok":true,"user":{"id":7}}'), Fault(error="internal_error"),
])
def test_an_unclear_answer_is_asked_for_again(sqlite_office: Office, fault: Fault) -> None:
    office = sqlite_office
    office.slack.users |= {JANE: USER, "joe@x.example": USER | {"id": "U2"}}
    write_to(office)
    office.slack.fault(LOOKUP, fault, fault)
    report = office.run(**FALLBACK)
    assert report.next_at == office.clock.at + timedelta(seconds=5)
    write_to(office, "joe@x.example")
    office.clock.forward(seconds=5)
    assert office.run(**FALLBACK).next_at == office.clock.at + timedelta(seconds=1.5), "joe need not wait for jane"
    office.until_rest(**FALLBACK)
    assert (office.slack.texts("D1"), office.slack.texts("D2")) == (["for you"], ["for you"])
    assert "C1" not in office.slack.channels


@pytest.mark.parametrize("code", sorted(NOT_ALLOWED))
def test_where_nobody_may_be_looked_for_admins_are_told_once_and_the_channel_is_used(
    sqlite_office: Office, code: str,
) -> None:
    office = sqlite_office
    office.slack.errors[LOOKUP] = code
    for address in (JANE, JANE, "joe@x.example"):
        write_to(office, address)
    office.until_rest(**FALLBACK)
    assert office.slack.texts("C1") == ["for you"] * 3
    assert office.slack.count(LOOKUP) == 1
    assert office.pace(ADDRESSES).broken_code == code
    notice, = office.notices()
    assert notice.channel == "UADMIN"
    assert "e-mail" in notice.body["text"]
    assert code in notice.body["text"]
    del office.slack.errors[LOOKUP]
    office.slack.users[JANE] = USER
    office.clock.forward(hours=1)
    write_to(office)
    office.until_rest(**FALLBACK)
    assert office.slack.texts("D1") == ["for you"]
    assert office.pace(ADDRESSES).broken_code is None


@pytest.mark.parametrize("code", sorted(set(WORKSPACE_ADVICE) - NOT_ALLOWED))
def test_a_token_that_fails_keeps_everything(sqlite_office: Office, code: str) -> None:
    office = sqlite_office
    office.slack.users[JANE] = USER
    wished = write_to(office)
    office.slack.errors[LOOKUP] = code
    report = office.run(**FALLBACK)
    assert report[Ending.BROKEN] == 1
    assert report.next_at == office.clock.at + timedelta(minutes=1)
    assert (office.pace(WORKSPACE).broken_code, len(office.notices())) == (code, 1)
    del office.slack.errors[LOOKUP]
    office.until_rest(**FALLBACK)
    assert office.message(wished).posted_channel == "D1"
    assert "C1" not in office.slack.channels


def test_a_slack_that_cannot_be_reached_is_asked_later(office: Office) -> None:
    office.slack.users[JANE] = USER
    wished = write_to(office)
    url = office.url
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        office.url = f"http://127.0.0.1:{probe.getsockname()[1]}/api/"
    report = office.run(**FALLBACK)
    assert (report[Ending.HELD], report.next_at) == (1, office.clock.at + timedelta(seconds=2))
    office.url = url
    office.until_rest(**FALLBACK)
    assert office.message(wished).posted_channel == "D1"


def test_a_process_killed_while_it_asks_is_followed(office: Office) -> None:
    office.slack.users[JANE] = USER
    wished = write_to(office)
    office.run(dies_after=LOOKUP)
    assert office.run().posted == 0
    office.until_rest()
    assert office.message(wished).posted_channel == "D1"


def test_two_processes_do_not_ask_at_once(office: Office) -> None:
    office.slack.users |= {JANE: USER, "joe@x.example": USER | {"id": "U2"}}
    write_to(office)
    write_to(office, "joe@x.example")
    others = list[DeliveryReport]()
    office.slack.before[LOOKUP] = lambda: others.append(office.run())
    office.run()
    assert others[0][Ending.ADDRESSED] == 0
    assert office.slack.count(LOOKUP) == 1
    office.until_rest()
    assert (office.slack.texts("D1"), office.slack.texts("D2")) == (["for you"], ["for you"])


def test_a_reply_follows_its_message(office: Office) -> None:
    office.slack.users[JANE] = USER
    write_to(office, key="above")
    write_to(office, text="still stuck", thread_of="above")
    office.until_rest()
    first, second = office.slack.channels["D1"]
    assert second["thread_ts"] == first["ts"]


def test_a_file_for_an_address_is_posted_to_its_person(office: Office) -> None:
    office.slack.users[JANE] = USER
    wished = write_to(office, kind="file")
    office.until_rest()
    assert office.slack.shown_files("D1") == [b"for you"]
    assert office.message(wished).ts
