from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import JSON, Text, func, select

from bot.alerts import muted, muting, scan
from bot.alerts.judgement import unnamed_key
from bot.alerts.routing import Routing
from bot.alerts.rulebook import Rulebook
from bot.privacy import forgetting, holding, person
from bot.sends import intake
from bot.sends.addresses import plain
from bot.sends.naming import FORGOTTEN, GONE, Naming
from bot.sends.snapshots import Rejected, Snapshot, StatusUpdate
from bot.sends.sources import tracker_csv
from bot.sends.text import searchable
from bot.statuses.watch import us_watch
from storage import gids, held, look_ups, people
from storage.engine import Database
from storage.look_ups import LookedUp
from storage.models import (
    Alert,
    AlertEvent,
    Base,
    ChannelPace,
    ConfigChange,
    ConfigSection,
    Forgotten,
    Home,
    JobRun,
    Message,
    Mute,
    Notification,
    Person,
    Send,
    SyncCursor,
    UserGroup,
    Watch,
    WebhookDelivery,
)
from tests.conftest import NOW

EMAIL, NAME, USER = "zoe.quist+gifts@acme.example", "Zoë O'Quist & Co", "U07ZOEQ"
OTHER = "xzoe.quist+gifts@acme.example"
"""Not hers, though hers stands in it."""
TABLES = Base.metadata.tables


def snapshot(**values: Any) -> Snapshot:  # noqa: ANN401 - fields of Snapshot
    given: dict[str, Any] = {
        "source": "api", "observed_at": NOW, "send_gid": "Z2lkOi8vMQ", "status_raw": "Processing",
        "updates": (StatusUpdate(status_raw="Processing", occurred_at=NOW - timedelta(days=8)),),
        "created_at": NOW - timedelta(days=8), "type": "Inventoried Sends", "recipient_name": NAME,
        "recipient_email": EMAIL, "recipient_company": "Acme", "sender_name": "Ben Okafor",
        "sender_email": "ben@example.com", "team": "Sales", "campaign": f"Gift for {NAME}", "cost_minor": 500,
        "currency": "USD", "tracking_url": "https://parcels.example/1Z999AA10123456784",
    }
    return Snapshot(**given | values)


def take(database: Database, *snapshots: Snapshot | Rejected) -> intake.Taken:
    with database.write() as session:
        return intake.take(session, snapshots, NOW, us_watch())


def dump(database: Database) -> dict[str, list[dict[str, Any]]]:
    with database.read() as session:
        return {
            name: [dict(row) for row in session.execute(select(table).order_by(*table.primary_key)).mappings()]
            for name, table in TABLES.items()
        }


def texts(database: Database) -> str:
    """All that any column of text or JSON holds, accents and all."""
    return json.dumps(dump(database), default=str, ensure_ascii=False)


def names_nobody(database: Database, *words: str) -> None:
    everything = texts(database).replace(OTHER, "").lower()
    for word in words:
        assert word.lower() not in everything


def fill(database: Database, email: str = EMAIL, name: str = NAME, user: str = USER) -> None:
    """Everything that can be held of somebody, in every table; and as much of somebody else."""
    take(
        database, snapshot(recipient_email=email, recipient_name=name),
        snapshot(send_gid="Z2lkOi8vMg", recipient_name="Max Moll", recipient_email="max@acme.example",
                 sender_name=name, sender_email=email, campaign="Door opener", tracking_url=None),
        snapshot(send_gid="Z2lkOi8vMw", recipient_name="Max Moll", recipient_email=OTHER, campaign="Door opener",
                 tracking_url=None),
    )
    with database.write() as session:
        sends = {send.send_gid: send.id for send in session.scalars(select(Send))}
        for number, gid in enumerate(sorted(sends), start=1):
            about = "" if gid == "Z2lkOi8vMw" else name
            session.add(Alert(
                key=f"overdue:{gid}", send_id=sends[gid], rule="overdue", level="late", due_at=NOW, opened_at=NOW,
                why=f"{about} has waited for 8 days", threshold={"words": f"for {about}"}, assignee=user,
            ))
            session.flush()
            session.add(AlertEvent(
                alert_id=number, action="assign", actor=user, actor_name="zq", occurred_at=NOW,
                before={"assignee": None}, after={"assignee": user}, dedupe_key=f"press:{user}:{gid}",
                detail={"note": f"Ask {about} <{email.upper()}>", "deep": [{"of": [email]}]},
            ))
            message = Message(
                key=f"alert:{number}", kind="alert", channel="C01", ts=f"1.{number}", created_at=NOW, posted_rev=1,
                body={"text": f"Hello {about}, <@{user}>"}, last_error=f"no user {email}",
            )
            session.add(message)
            session.flush()
            session.add(Notification(alert_id=number, channel="C01", message_id=message.id))
            session.add(Notification(alert_id=number, channel=f"mail:{email}", next_at=NOW))
            session.add(Watch(user_id=user, send_id=sends[gid], created_at=NOW))
        session.add(Notification(alert_id=1, channel=user))
        session.add(Message(key=f"assigned:1:{user}:1.2", kind="notice", channel=user, ts="2.1", created_at=NOW))
        session.add(Message(key="step:1", kind="notice", channel=f"mail:{email}", created_at=NOW, next_at=NOW))
        session.add(ChannelPace(channel=f"mail:{email}", not_before=NOW))
        session.add(Mute(scope="sender", value=email, label=name, reason=f"{name} is away", created_by=user,
                         created_at=NOW, ends_at=NOW))
        session.add(ConfigChange(section="routes", before={"value": []}, after={"value": [{"sender": email}]},
                                 version=1, changed_at=NOW, changed_by=user))
        session.add(ConfigSection(section="routes", body={"value": []}, changed_at=NOW, changed_by=user))
        session.add(Person(user_id=user, name=name, email=email, fetched_at=NOW))
        session.add(Person(user_id="U02BEN", name="Ben Okafor", email="ben@example.com", fetched_at=NOW))
        session.add(UserGroup(group_id="S1", members=[user, "U02BEN"], fetched_at=NOW))
        session.add(Home(user_id=user, opened_at=NOW))
        session.add(Home(user_id="U02BEN", opened_at=NOW))
        session.add(SyncCursor(source=f"asked:{user}", cursor={"last": email}, last_error=f"{email}?"))
        session.add(JobRun(name="deliver", last_error=f"KeyError: {email}"))
        session.add(WebhookDelivery(svix_id="msg_1", received_at=NOW, send_gid="Z2lkOi8vMQ", status_changed_at=NOW,
                                    error=f"for {email}"))
        look_ups.record(session, [
            LookedUp(key=f"suggestions:{user}:find:1", user_id=user, looked_at=NOW, surface="suggestions", name="find",
                     sends=frozenset(sends.values())),
            LookedUp(key="command:1", user_id="U02BEN", looked_at=NOW, surface="command", name="/send-status",
                     sends=frozenset({sends["Z2lkOi8vMQ"]})),
        ])


def test_every_column_that_can_hold_somebody_is_listed() -> None:
    assert held.unlisted() == []


def test_afterwards_nothing_names_the_person_and_nothing_else_has_changed(database: Database) -> None:
    fill(database)
    before = dump(database)
    report = forgetting.forget(database, EMAIL.upper(), NOW)
    names_nobody(database, EMAIL, NAME, USER, "1Z999AA")
    after = dump(database)
    kept = [row for row in after["sends"] if row["send_gid"] == "Z2lkOi8vMw"]
    assert kept == [row for row in before["sends"] if row["send_gid"] == "Z2lkOi8vMw"]
    assert [row["user_id"] for row in after["people"]] == ["U02BEN"]
    assert [row["user_id"] for row in after["homes"]] == ["U02BEN"]
    assert after["user_groups"][0]["members"] == ["U02BEN"]
    assert after["watches"] == []
    for table in ("sends", "send_history", "alerts", "alert_events"):
        assert len(after[table]) == len(before[table]), table
    for counted in ("status", "campaign_id", "cost_minor", "created_at", "due_at", "kind", "team"):
        assert [row[counted] for row in after["sends"]] == [row[counted] for row in before["sends"]]
    assert report.rows["sends"] == 2
    assert report.settings == []


def test_an_open_alert_is_nobodys_and_the_trail_still_tells_one_person_from_another(database: Database) -> None:
    fill(database)
    forgetting.forget(database, EMAIL, NOW)
    with database.read() as session:
        assert session.scalars(select(Alert.assignee).distinct()).all() == [None]
        actors = session.scalars(select(AlertEvent.actor).distinct()).all()
        notes = [row.detail for row in session.scalars(select(AlertEvent).order_by(AlertEvent.id))]
    assert len(actors) == 1
    assert actors[0].startswith(FORGOTTEN)
    assert notes[0] == {"note": f"Ask {GONE} <{GONE}>", "deep": [{"of": [GONE]}]}


def test_what_slack_shows_of_the_person_is_drawn_anew_and_nobody_is_written_to(database: Database) -> None:
    fill(database)
    forgetting.forget(database, EMAIL, NOW)
    with database.read() as session:
        messages = session.scalars(select(Message).order_by(Message.id)).all()
        waiting = session.scalars(select(Notification.channel).where(Notification.next_at.is_not(None))).all()
    assert [one.channel for one in messages][:3] == ["C01"] * 3
    assert all(one.wanted_rev == 2 and one.next_at == NOW for one in messages if one.ts is not None)
    # Slack knows nobody of that address: what waited for the sender goes the way of all such alerts.
    assert {one.partition("-")[0] for one in waiting} == {"mail:forgotten"}


def test_a_dry_run_says_the_same_and_changes_nothing(database: Database) -> None:
    fill(database)
    before = dump(database)
    said = forgetting.forget(database, EMAIL, NOW, dry_run=True)
    assert dump(database) == before
    done = forgetting.forget(database, EMAIL, NOW)
    assert (said.rows, said.redrawn) == (done.rows, done.redrawn)


def test_again_finds_nothing_more(database: Database) -> None:
    fill(database)
    forgetting.forget(database, EMAIL, NOW)
    before = dump(database)
    report = forgetting.forget(database, EMAIL, NOW)
    assert sum(report.rows.values()) == 0
    assert dump(database) == before


def test_an_address_that_a_source_has_spelt_otherwise_is_found_and_does_not_come_back(database: Database) -> None:
    wide = EMAIL.replace("@", "＠")  # noqa: RUF001 - a sign as wide as a letter
    others = [
        *(
            snapshot(send_gid=f"A{place}", recipient_email=email)
            for place, email in enumerate((f"{EMAIL}.", f"<{EMAIL}>", wide))
        ),
        snapshot(
            send_gid="sent", sender_email=f"mailto:{EMAIL}", sender_name=NAME, recipient_email="max@acme.example",
            recipient_name="Max Moll",
        ),
    ]
    take(database, *others, snapshot(send_gid="other", recipient_email=OTHER, recipient_name="Mary Poe"))
    with database.read() as session:
        told = holding.about(session, EMAIL)
    assert {send["send_gid"] for send in told["held"]["sends"]} == {str(one.send_gid) for one in others}
    assert told["names"] == [NAME]
    would = forgetting.forget(database, EMAIL, NOW, dry_run=True)
    assert forgetting.forget(database, EMAIL, NOW).rows["sends"] == would.rows["sends"] == len(others)
    take(database, *others)
    with database.read() as session:
        assert sorted((send.recipient_name, send.sender_name) for send in session.scalars(select(Send))) == [
            *[("", "Ben Okafor")] * 3, ("Mary Poe", "Ben Okafor"), ("Max Moll", ""),
        ]
        assert holding.about(session, EMAIL)["held"] == {}


@pytest.mark.parametrize("at", ["alerts", "people", "sends"])
def test_what_a_scan_writes_down_meanwhile_names_nobody_either(database: Database, at: str) -> None:
    take(database, snapshot(status_raw="Fulfillment Issue", updates=(
        StatusUpdate(status_raw="Fulfillment Issue", occurred_at=NOW - timedelta(days=1)),
    )))
    rules = Rulebook(watch=us_watch(), routing=Routing(alert_channel="C01GIFTING"))
    with database.write() as session:
        scan.run(session, NOW, rules)
    later = [NOW + timedelta(days=days) for days in range(1, 9)]

    def step(name: str) -> None:
        if name == at and later:
            with database.write() as session:
                for now in later:
                    scan.run(session, now, rules)
            later.clear()

    forgetting.forget(database, EMAIL, NOW, step=step)
    assert len(dump(database)["messages"]) > 1
    names_nobody(database, NAME, EMAIL)


def test_one_that_was_stopped_is_begun_again_with_the_names_of_what_was_emptied(
    database: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    raw = "Returned to Zoe Quist"
    take(database, snapshot(recipient_name="Zoe Quist"), snapshot(
        send_gid="other", recipient_name="Z. Quist", campaign="For Zoe Quist", status_raw=raw,
        updates=(StatusUpdate(status_raw=raw, occurred_at=NOW),),
    ))
    monkeypatch.setattr(forgetting, "BATCH", 1)
    rename, stops = gids.rename, iter([False, True])

    def stopped(*given: Any) -> None:  # noqa: ANN401 - those of the function
        if next(stops, False):
            raise KeyboardInterrupt
        rename(*given)

    monkeypatch.setattr(gids, "rename", stopped)
    with pytest.raises(KeyboardInterrupt):
        forgetting.forget(database, EMAIL, NOW)
    assert [row["campaign"] for row in dump(database)["sends"]] == [f"Gift for {NAME}", "For Zoe Quist"]
    forgetting.forget(database, EMAIL, NOW)
    rows = dump(database)
    assert [row["campaign"] for row in rows["sends"]][1] == f"For {GONE}"
    assert f"Returned to {GONE}" in {row["status_raw"] for row in rows["send_history"]}
    names_nobody(database, "Zoe Quist")


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("hooked", [True, False])
def test_a_send_of_a_file_without_ids_is_one_with_what_the_api_first_tells_since(
    database: Database, exact: bool, hooked: bool,
) -> None:
    at = NOW - timedelta(days=8, minutes=-7)
    day = at.replace(hour=8, minute=0)  # midnight in California
    told = [snapshot(send_gid=gid, created_at=at + timedelta(minutes=minutes), tracking_url=None)
            for gid, minutes in (("Z2lkOi8vMQ", 0), ("Z2lkOi8vMg", 3))]
    lines = [replace(one, source="csv", send_gid=None, created_at=one.created_at if exact else day) for one in told]
    # Two gifts of one day, which such a file cannot tell apart but by what it says of them.
    lines[1] = replace(lines[1], campaign=lines[1].campaign if exact else None)
    take(database, *lines)
    forgetting.forget(database, EMAIL, NOW)
    if hooked:
        with database.write() as session:
            for one in told:
                intake.mark_for_refresh(session, str(one.send_gid), NOW, NOW)
    for _ in range(2):
        take(database, *told)
        assert {row["send_gid"] for row in dump(database)["sends"]} == {"Z2lkOi8vMQ", "Z2lkOi8vMg"}
        names_nobody(database, NAME, EMAIL)


ODD = ["bob@@acme.example", "john.doe.acme.example", "ann poe@acme.example", "ｂｏｂ＠ａｃｍｅ．ｅｘａｍｐｌｅ"]  # noqa: RUF001
"""As recipients stand in sends with Invalid Email Format; the last one in letters as wide as signs."""


@pytest.mark.parametrize("email", ODD)
def test_what_is_no_address_is_forgotten_everywhere_all_the_same(database: Database, email: str) -> None:
    fill(database, email=email)
    typed = plain(email)
    with database.read() as session:
        assert person.is_held(session, typed)
        assert not person.is_held(session, "nobody@@acme.example")
        assert set(holding.about(session, typed)["held"]) >= {"sends", "messages", "alert_events", "people", "mutes"}
    forgetting.forget(database, typed, NOW)
    names_nobody(database, email, NAME, USER)
    take(database, snapshot(recipient_email=email), snapshot(send_gid="Z2lkOi8vNA", sender_email=email.upper()))
    names_nobody(database, email)
    with database.read() as session:
        assert person.is_held(session, typed)  # as forgotten: whoever goes through a list may begin anew
        assert holding.about(session, typed)["forgotten"]


def test_a_field_in_which_an_address_is_one_among_several_is_that_persons(database: Database) -> None:
    field = "Eve@acme.example, adam@acme.example"
    fill(database, email=field.lower(), name="Eve & Adam")
    take(database, snapshot(send_gid="eve", recipient_email="eve@acme.example", recipient_name="Eve", campaign="Tea"))
    with database.read() as session:
        told = holding.about(session, "adam@acme.example")
    assert {send["send_gid"] for send in told["held"]["sends"]} == {"Z2lkOi8vMQ", "Z2lkOi8vMg"}
    would = forgetting.forget(database, "adam@acme.example", NOW, dry_run=True)
    assert forgetting.forget(database, "adam@acme.example", NOW).rows["sends"] == would.rows["sends"] == 2
    names_nobody(database, "adam", field)
    # The same cell, and others in which the address comes for the first time.
    later = (field, "adam@acme.example; zed@acme.example", "Adam <adam@acme.example>.")
    take(database, *(
        snapshot(send_gid=f"A{number}", recipient_email=one, recipient_name="Adam", campaign="For adam@acme.example")
        for number, one in enumerate(later)
    ))
    names_nobody(database, "adam", "zed@")
    eve = {row["send_gid"]: row for row in dump(database)["sends"]}["eve"]
    assert (eve["recipient_email"], eve["recipient_name"]) == ("eve@acme.example", "Eve")


@pytest.mark.parametrize(("held_as", "typed"), [
    ("jane@xn--bcher-kva.de", "jane@bücher.de"), ("jane@bücher.de", "jane@xn--bcher-kva.de"),
    ("jane%40acme.example", "jane@acme.example"),
])
def test_a_domain_in_letters_and_as_mail_has_it_is_one(database: Database, held_as: str, typed: str) -> None:
    told = [
        snapshot(recipient_email=held_as, recipient_name="Jane Doe", campaign="Door opener"),
        snapshot(send_gid="Z2lkOi8vMg", recipient_email="max@acme.example", recipient_name="Max Moll",
                 campaign=f"Gift for {held_as}"),
    ]
    take(database, *told)
    with database.read() as session:
        assert len(holding.about(session, typed)["held"]["sends"]) == 2
    forgetting.forget(database, typed, NOW)
    names_nobody(database, "jane@", "Jane Doe", "jane%40")
    take(database, *told)
    names_nobody(database, "jane@", "Jane Doe", "jane%40")


def test_a_word_in_the_place_of_an_address_is_forgotten_where_it_means_the_person(database: Database) -> None:
    fill(database, email="late", name="Zoe Quist")
    forgetting.forget(database, "late", NOW)
    rows = dump(database)
    assert {row["recipient_email"] for row in rows["sends"]} == {"", "max@acme.example", OTHER}
    assert {row["sender_email"] for row in rows["sends"]} == {"", "ben@example.com"}
    assert [row["level"] for row in rows["alerts"]] == ["late"] * 3
    assert "mail:late" not in texts(database)
    assert "late" not in {row["value"] for row in rows["mutes"]}
    assert rows["config_changes"][0]["after"] == {"value": [{"sender": "late"}]}


def test_settings_that_name_the_person_are_told_and_left(database: Database) -> None:
    fill(database)
    with database.write() as session:
        session.get_one(ConfigSection, "routes").body = {"value": [{"when": {"sender": EMAIL}}]}
        session.add(ConfigSection(section="admins", body={"value": [USER]}, changed_at=NOW))
    assert forgetting.forget(database, EMAIL, NOW).settings == ["admins", "routes"]


@pytest.mark.parametrize("source", ["api", "csv"])
def test_a_later_sync_or_import_does_not_bring_the_person_back(database: Database, source: str) -> None:
    fill(database)
    before = len(dump(database)["sends"])
    forgetting.forget(database, EMAIL, NOW)
    moved = (StatusUpdate(status_raw="Shipped", occurred_at=NOW - timedelta(days=1)),)
    taken = take(
        database, snapshot(source=source, status_raw="Shipped", updates=moved),
        snapshot(source=source, send_gid="Z2lkOi8vMg", sender_email=EMAIL.upper(), sender_name=NAME,
                 recipient_name="Max Moll", recipient_email="max@acme.example", campaign=f"By {EMAIL}",
                 tracking_url=None),
    )
    assert taken.new == 0
    names_nobody(database, EMAIL, NAME, "1Z999AA")
    rows = dump(database)["sends"]
    assert len(rows) == before
    assert {row["send_gid"]: row["status"] for row in rows}["Z2lkOi8vMQ"] == "shipped"
    assert take(database, snapshot(source=source, status_raw="Shipped", updates=moved)).unchanged == 1
    with database.write() as session:
        people.keep(session, user_id=USER, now=NOW, name=NAME, email=EMAIL, tz="Europe/Berlin")
    names_nobody(database, EMAIL, NAME)


@pytest.mark.parametrize("source", ["api", "csv", "webhook"])
def test_a_name_of_the_persons_other_sends_does_not_come_back(database: Database, source: str) -> None:
    welcome = snapshot(
        source=source, send_gid="welcome", recipient_name="Zoé Q.", campaign="Willkommen, Zoé O\u2019Quist!",
        team="O'Quists team; Zoe  O'Quist", sent_via="by zoe o'quist",
    )
    other = snapshot(send_gid="other", recipient_email=OTHER, recipient_name="Zoe", campaign=f"For {NAME}")
    take(database, snapshot(recipient_name="Zoe O'Quist", campaign="One"), welcome, other)
    forgetting.forget(database, EMAIL, NOW)
    before = dump(database)
    wanted = (f"Willkommen, {GONE}!", f"O'Quists team; {GONE}", f"by {GONE}")
    for _ in range(2):
        take(database, welcome, replace(welcome, send_gid="new"))
        rows = {row["send_gid"]: row for row in dump(database)["sends"]}
        assert [
            (row["campaign"], row["team"], row["sent_via"]) for row in (rows["welcome"], rows["new"])
        ] == [wanted] * 2
        assert "quist!" not in rows["welcome"]["search_text"]
    assert [row for row in dump(database)["send_history"] if row in before["send_history"]] == before["send_history"]
    # What she was called means nobody in the sends of others.
    take(database, replace(other, team=f"Team {NAME}"))
    assert {row["send_gid"]: row["team"] for row in dump(database)["sends"]}["other"] == f"Team {NAME}"


def test_no_name_can_be_read_from_what_it_is_known_again_by(database: Database) -> None:
    fill(database)
    forgetting.forget(database, EMAIL, NOW)
    with database.read() as session:
        marks = set(session.scalars(select(Forgotten.mark)))
    # Of the address, the name, and the parcel's link and number.
    assert len(marks) == 4
    assert all(re.fullmatch("[0-9a-f]{64}", mark) for mark in marks)


MENTION = {
    "send_gid": "mention", "recipient_name": "Max Moll", "recipient_email": "max@moll.example",
    "recipient_company": EMAIL, "campaign": f"Referral of {EMAIL.upper()}", "team": f"Team {EMAIL}",
    "status_raw": f"Waits for {EMAIL}", "tracking_url": f"https://x.example/?by={EMAIL.replace('@', '%40')}",
    "updates": (StatusUpdate(status_raw=f"Waits for {EMAIL}", occurred_at=NOW - timedelta(days=2)),),
}
"""A send to somebody else in whose texts the address stands."""


@pytest.mark.parametrize("source", ["api", "csv", "webhook"])
def test_an_address_in_the_texts_of_somebody_elses_send_does_not_come_back(database: Database, source: str) -> None:
    take(database, snapshot(), snapshot(source=source, **MENTION))
    forgetting.forget(database, EMAIL, NOW)
    names_nobody(database, EMAIL, EMAIL.replace("@", "%40"))
    before = dump(database)
    assert take(database, snapshot(source=source, **MENTION)).changed == 0
    names_nobody(database, EMAIL, EMAIL.replace("@", "%40"))
    max_ = next(row for row in dump(database)["sends"] if row["send_gid"] == "mention")
    assert (max_["recipient_name"], max_["recipient_email"]) == ("Max Moll", "max@moll.example")
    assert (max_["recipient_company"], max_["campaign"]) == (GONE, f"Referral of {GONE}")
    # No step of it is there twice.
    assert dump(database)["send_history"] == before["send_history"]
    again = dump(database)
    assert take(database, snapshot(source=source, **MENTION)).unchanged == 1
    assert dump(database) == again


def test_an_address_in_an_earlier_status_of_somebody_elses_send_is_forgotten_too(database: Database) -> None:
    steps = tuple(
        StatusUpdate(status_raw=raw, occurred_at=NOW - timedelta(days=days))
        for raw, days in ((f"Handed to {EMAIL.upper()}", 5), ("Delivered", 2))
    )
    told = snapshot(
        send_gid="handed", recipient_name="Max Moll", recipient_email="max@moll.example", campaign="Tea",
        status_raw="Delivered", updates=steps,
    )
    take(database, told)
    with database.read() as session:
        about = holding.about(session, EMAIL)["held"]
    assert [row["send_gid"] for row in about["sends"]] == ["handed"]
    assert f"Handed to {EMAIL.upper()}" in {row["status_raw"] for row in about["send_history"]}
    assert forgetting.forget(database, EMAIL, NOW).known
    names_nobody(database, EMAIL)
    # At the next telling no step of it is there twice.
    take(database, replace(told, cost_minor=900))
    raws = [row["status_raw"] for row in dump(database)["send_history"]]
    assert raws == [f"Handed to {GONE}", "Delivered"]


@pytest.mark.parametrize(("email", "spelt"), [
    ("josé@acme.example", "JOSÉ@ACME.EXAMPLE"), ("zoe@acme.example", "z\u2060oe@acme.example"),
    ("zoe@acme.example", "zoe@\u200bacme.example"), ("zoe@acme.example", "zoe\uff20acme.example"),
])
def test_an_address_in_the_texts_of_others_is_found_however_it_is_spelt(
    database: Database, email: str, spelt: str,
) -> None:
    told = snapshot(recipient_email="max@moll.example", recipient_name="Max Moll", team=f"Team {spelt}")
    take(database, told)
    assert forgetting.forget(database, email, NOW).rows["sends"] == 1
    for _ in range(2):
        assert [row["team"] for row in dump(database)["sends"]] == [f"Team {GONE}"]
        take(database, told)


@pytest.mark.parametrize(("text", "left"), [
    ("担当zoe@acme.exampleさん", f"担当{GONE}さん"),
    ("연락zoe@acme.example에게", f"연락{GONE}에게"),
    ("โทรหาzoe@acme.exampleแล้ว", f"โทรหา{GONE}แล้ว"),
    ("zoe@acme.example.日本", f"{GONE}.日本"),
    ("担当mary-zoe@acme.exampleさん", "担当mary-zoe@acme.exampleさん"),
])
def test_an_address_is_found_in_scripts_without_spaces(database: Database, text: str, left: str) -> None:
    """It stayed in the person's own send, too, and whatever a source told of it afterwards brought it back."""
    hers = snapshot(recipient_email="zoe@acme.example", recipient_name="山田", campaign=text)
    others = snapshot(send_gid="others", recipient_email="max@moll.example", recipient_name="Max Moll", campaign=text)
    take(database, hers, others)
    with database.write() as session:
        session.add(AlertEvent(action="note", actor="U1", occurred_at=NOW, dedupe_key="k", detail={"note": text}))
    forgetting.forget(database, "zoe@acme.example", NOW)
    take(database, hers, others, replace(others, send_gid="new"))
    rows = dump(database)
    assert [row["campaign"] for row in rows["sends"]] == [left] * 3
    assert rows["alert_events"][0]["detail"] == {"note": left}


def test_an_address_of_letters_without_spaces_is_not_found_within_another() -> None:
    naming = Naming(email="山田@acme.example")
    assert naming.without("高山田@acme.example 山田@acme.example", by_name=False) == f"高山田@acme.example {GONE}"


LINK = "https://parcels.example/1Z999AA10123456784"
NAMING_NOBODY: dict[str, Any] = {"recipient_email": None, "campaign": f"Gift for {NAME}", "team": f"Team {NAME}"}
"""What tells of a send without the recipient's address, and yet of them."""


@pytest.mark.parametrize("source", ["api", "csv"])
def test_what_is_told_without_the_address_does_not_bring_the_recipient_back(database: Database, source: str) -> None:
    raw, at = f"Returned to {NAME}", NOW - timedelta(days=3)
    told = snapshot(
        source=source, team=f"Team {NAME}", status_raw=raw, updates=(StatusUpdate(status_raw=raw, occurred_at=at),),
    )
    take(database, told)
    forgetting.forget(database, EMAIL, NOW)
    before = dump(database)
    for number, name in enumerate((NAME, None)):
        take(database, replace(told, **NAMING_NOBODY, recipient_name=name, cost_minor=number))
        names_nobody(database, NAME, "O Quist", "1Z999AA", "Acme")
        assert dump(database)["send_history"] == before["send_history"]
    send = dump(database)["sends"][0]
    assert (send["campaign"], send["cost_minor"]) == (f"Gift for {GONE}", 1)
    # Sendoso knows better: it was for somebody else.
    take(database, replace(told, source="api", recipient_email="max@moll.example", recipient_name="Max Moll",
                           campaign="Tea", team="", status_raw="Shipped", updates=()))
    send = dump(database)["sends"][0]
    assert (send["recipient_name"], send["tracking_url"], send["recipient_forgotten"]) == ("Max Moll", LINK, False)


def test_what_is_told_without_the_address_does_not_bring_the_sender_back(database: Database) -> None:
    told = snapshot(sender_email=EMAIL, sender_name=NAME, recipient_email="max@moll.example", recipient_name="Max Moll")
    take(database, told)
    forgetting.forget(database, EMAIL, NOW)
    take(database, replace(told, sender_email=None, cost_minor=900))
    names_nobody(database, NAME, EMAIL)
    send = dump(database)["sends"][0]
    assert (send["cost_minor"], send["recipient_name"], send["tracking_url"]) == (900, "Max Moll", LINK)


@pytest.mark.parametrize("told_before", [True, False])
def test_a_file_without_addresses_does_not_bring_the_recipient_back(database: Database, told_before: bool) -> None:
    line = snapshot(source="csv", send_gid=None, sendoso_id=7, updates=())
    if not told_before:
        fill(database)
        forgetting.forget(database, EMAIL, NOW)
    take(database, snapshot(sendoso_id=7) if not told_before else line)
    if told_before:
        forgetting.forget(database, EMAIL, NOW)
    before = len(dump(database)["sends"])
    nameless = replace(line, **NAMING_NOBODY, status_raw="Shipped", observed_at=NOW + timedelta(hours=1))
    later = take(database, nameless)
    assert (later.new, later.changed, later.rejected) == (0, 1, [])
    names_nobody(database, NAME, "O Quist", "1Z999AA")
    # The link is all by which these could be found, and nothing is kept of it.
    stray = Snapshot(source="csv", observed_at=NOW, line=2, tracking_url=LINK, status_raw="Shipped")
    taken = take(
        database, stray, replace(stray, line=3, recipient_name=NAME), replace(stray, line=4, sendoso_id=4711),
        replace(stray, line=5, tracking_url="1Z999AA10123456784"),
    )
    assert [one.line for one in taken.rejected] == [2, 3, 4, 5]
    assert len(dump(database)["sends"]) == before
    names_nobody(database, NAME, "1Z999AA")


def test_a_parcel_that_holds_somebody_elses_gift_too_is_still_told_of(database: Database) -> None:
    take(database, snapshot(), snapshot(send_gid="max", recipient_email="max@moll.example", recipient_name="Max Moll"))
    forgetting.forget(database, EMAIL, NOW)
    told = Snapshot(source="csv", observed_at=NOW, tracking_url=LINK, status_raw="Delivered")
    assert take(database, told).rejected == []
    rows = {row["send_gid"]: row for row in dump(database)["sends"]}
    assert (len(rows), rows["max"]["tracking_url"], rows["max"]["status"]) == (2, LINK, "delivered")


def test_a_line_without_a_gid_in_whose_texts_the_address_stands_is_found_again(database: Database) -> None:
    line = snapshot(source="csv", **MENTION | {"send_gid": None, "tracking_url": None})
    take(database, snapshot(), line)
    forgetting.forget(database, EMAIL, NOW)
    again = take(database, line)
    assert (again.new, again.rejected) == (0, [])
    names_nobody(database, EMAIL)


@pytest.mark.parametrize(("name", "campaign", "left"), [
    ("Zoe Quist", "Welcome Zoe Quist", f"Welcome {GONE}"),
    ("Zoë", "Für ZOE!", f"Für {GONE}!"),
])
def test_a_mute_goes_on_hiding_a_campaign_that_named_the_person(
    database: Database, name: str, campaign: str, left: str,
) -> None:
    hers = {"recipient_name": name, "campaign": campaign, "team": campaign}
    other = {"send_gid": "other", "recipient_email": OTHER, "recipient_name": "Max Moll", "campaign": "Welcome"}
    take(database, snapshot(**hers), snapshot(**other))
    with database.write() as session:
        send = session.scalars(select(Send).where(Send.campaign == campaign)).one()
        session.add(Alert(
            key="k", send_id=send.id, rule="overdue", level="late", due_at=NOW, opened_at=NOW, status="processing",
        ))
        session.flush()
        for scope in ("campaign", "team", "send"):
            value = send.send_gid if scope == "send" else muting.folded(campaign)
            made = Mute(scope=scope, value=value, label=name if scope == "send" else campaign, created_by="U1",
                        created_at=NOW, ends_at=NOW + timedelta(days=9))
            session.add(made)
            session.flush()
            session.add(AlertEvent(
                action="mute", actor="U1", occurred_at=NOW, dedupe_key=scope,
                detail={"mute": made.id, "scope": scope, "value": value, "label": made.label},
            ))
    forgetting.forget(database, EMAIL, NOW)
    names_nobody(database, name, name.lower(), campaign, muting.folded(campaign))
    take(database, snapshot(**hers))
    with database.read() as session:
        mutes = session.scalars(select(Mute).order_by(Mute.id)).all()
        assert [mute.label for mute in mutes] == [left, left, GONE]
        assert [muted.count(session, mute.scope, mute.value, NOW).alerts for mute in mutes] == [1, 1, 1]


@pytest.mark.parametrize("name", ["Zoe Quist", "Zoe"])
@pytest.mark.parametrize("scope", ["campaign", "team"])
def test_a_mute_of_what_others_have_too_hides_theirs_and_the_persons(
    database: Database, name: str, scope: str,
) -> None:
    called = {scope: f"Welcome {name}, by {EMAIL}"}
    told = [
        snapshot(recipient_name=name, **called),
        snapshot(send_gid="other", recipient_email=OTHER, recipient_name="Max Moll", **called),
    ]
    take(database, *told)
    with database.write() as session:
        for send in session.scalars(select(Send)):
            session.add(Alert(
                key=send.send_gid, send_id=send.id, rule="overdue", level="late", due_at=NOW, opened_at=NOW,
                status="processing",
            ))
        for days in (1, 9):
            session.add(Mute(scope=scope, value=muting.folded(called[scope]), label=called[scope], reason="Party",
                             created_by="U1", created_at=NOW, ends_at=NOW + timedelta(days=days)))
    forgetting.forget(database, EMAIL, NOW)
    take(database, *told)
    names_nobody(database, EMAIL)
    with database.read() as session:
        found = session.scalars(select(Mute).order_by(Mute.id)).all()
        assert [mute.label for mute in found] == [
            *[f"Welcome {name}, by {GONE}"] * 2, f"Welcome {GONE}, by {GONE}",
        ]
        assert [muted.count(session, mute.scope, mute.value, NOW).alerts for mute in found] == [1, 1, 1]
        assert (found[2].reason, found[2].created_by, found[2].ends_at) == ("Party", "U1", NOW + timedelta(days=9))
    forgetting.forget(database, EMAIL, NOW)
    assert len(dump(database)["mutes"]) == len(found)


def test_a_status_that_nobody_has_named_names_the_person_no_more(database: Database) -> None:
    raws = (f"Waits for {NAME}", f"Waits for {EMAIL}", "Delivered")
    steps = (raws[0], "Shipped", raws[1])
    told = snapshot(recipient_name=NAME, status_raw=raws[1], updates=tuple(
        StatusUpdate(status_raw=raw, occurred_at=NOW - timedelta(days=9 - day)) for day, raw in enumerate(steps)
    ))
    # Who is called like a status of Sendoso's is no reason to lose it.
    delivered = snapshot(
        send_gid="delivered", recipient_name="Delivered", campaign="Two", status_raw=raws[2],
        updates=(StatusUpdate(status_raw=raws[2], occurred_at=NOW),),
    )
    take(database, told, delivered)
    with database.write() as session:
        send_id = session.scalars(select(Send.id).where(Send.send_gid == told.send_gid)).one()
        session.add_all([
            Alert(key=unnamed_key(raw), send_id=send_id, rule="unknown-status", level="", due_at=NOW, opened_at=NOW,
                  status="unknown", status_raw=raw, status_seq=seq)
            for seq, raw in enumerate(raws[:2], start=1)
        ])
    forgetting.forget(database, EMAIL, NOW)
    names_nobody(database, EMAIL, NAME, "o quist", "gifts acme")
    before = dump(database)
    assert [row["status"] for row in before["sends"]] == ["unknown", "delivered"]
    assert unnamed_key(f"Waits for {GONE}") in {row["key"] for row in before["alerts"]}
    taken = take(database, told, delivered)
    assert taken.changed == 0
    after = dump(database)
    assert after["send_history"] == before["send_history"]
    assert len(after["send_history"]) == 4
    with database.read() as session:
        assert {session.get_one(Send, send_id).status_raw} == {f"Waits for {GONE}"}


def test_a_file_without_ids_neither_doubles_a_send_nor_tells_who_it_was_for(database: Database) -> None:
    line = snapshot(source="csv", send_gid=None, tracking_url=None)
    known = snapshot(send_gid="Z2lkOi8vOQ", created_at=NOW - timedelta(days=3), tracking_url=None)
    take(database, line, known)
    gid = next(row["send_gid"] for row in dump(database)["sends"] if row["send_gid"].startswith("csv-"))
    with database.write() as session:
        session.add(Mute(scope="send", value=gid, created_by="U1", created_at=NOW, ends_at=NOW + timedelta(days=9)))
        send_id = session.scalar(select(Send.id).where(Send.send_gid == gid))
        session.add(Alert(
            key=f"overdue:{gid}:1:late", send_id=send_id, rule="overdue", level="late", due_at=NOW, opened_at=NOW,
        ))
    forgetting.forget(database, EMAIL, NOW)
    with database.read() as session:
        hidden = session.scalar(select(Send.send_gid).where(Send.id == send_id))
        assert session.scalar(select(Mute.value)) == hidden
        assert session.scalar(select(Alert.key)) == f"overdue:{hidden}:1:late"
    # From the address and the time anybody could make the old one.
    names_nobody(database, gid)
    again = take(database, line, snapshot(source="csv", send_gid=None, tracking_url=None, created_at=known.created_at))
    assert (again.new, len(again.rejected)) == (0, 1)
    assert "forgotten here" in again.rejected[0].reason
    assert len(dump(database)["sends"]) == 2
    names_nobody(database, EMAIL, NAME)


def test_a_send_that_shares_its_id_in_a_file_is_found_again_too(database: Database) -> None:
    others = {"recipient_email": "bob@x.example", "recipient_name": "Bob"}
    lines = [
        snapshot(source="csv", send_gid=None, sendoso_id=1000, campaign="Q4", **one) for one in (others, {})
    ]
    assert take(database, *lines).new == 2
    forgetting.forget(database, EMAIL, NOW)
    again = take(database, *lines)
    assert (again.new, again.rejected) == (0, [])
    names_nobody(database, EMAIL, NAME)


def test_no_file_of_the_database_holds_the_person(sqlite: Database) -> None:
    fill(sqlite)
    path = Path(str(sqlite.url.database))
    there = (EMAIL.encode(), b"O'Quist", USER.encode(), b"1Z999AA")
    written = b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))
    assert all(word in written for word in there)
    forgetting.forget(sqlite, EMAIL, NOW)
    for one in path.parent.glob(f"{path.name}*"):
        left = one.read_bytes().replace(OTHER.encode(), b"").lower()
        for word in there:
            assert word.lower() not in left, (one.name, word)


def test_neither_a_files_gid_nor_what_stood_for_a_currency_names_the_person(database: Database) -> None:
    file = f"Send GID,Status,Recipient,Recipient Email,Created\n{EMAIL}-1,Processing,{NAME},{EMAIL},2026-11-01\n"
    take(database, *tracker_csv.read(StringIO(file), NOW), snapshot(currency=f"USD {EMAIL}"))
    forgetting.forget(database, EMAIL, NOW)
    for _ in range(2):
        names_nobody(database, EMAIL)
        take(database, *tracker_csv.read(StringIO(file), NOW))
        assert len(dump(database)["sends"]) == 2


def test_a_gid_that_an_earlier_version_took_from_a_file_names_the_person_no_more(database: Database) -> None:
    take(database, snapshot(source="csv", send_gid=f"{EMAIL}-1"))
    rules = Rulebook(watch=us_watch(), routing=Routing(alert_channel="C01GIFTING"))
    with database.write() as session:
        scan.run(session, NOW, rules)
    forgetting.forget(database, EMAIL, NOW)
    names_nobody(database, EMAIL)
    rows = dump(database)
    assert rows["alerts"][0]["key"] == f"overdue:{rows['sends'][0]['send_gid']}:1:support"


def test_the_search_no_longer_finds_the_person(database: Database) -> None:
    from bot.sends import lookup  # noqa: PLC0415 - only this test looks up

    fill(database)
    forgetting.forget(database, EMAIL, NOW)
    with database.read() as session:
        assert {send.send_gid for send in lookup.find(session, EMAIL).sends} <= {"Z2lkOi8vMw"}
        assert lookup.find(session, "O'Quist").total == 0
        assert lookup.find(session, "1Z999AA10123456784").total == 0
        assert lookup.find(session, "door opener").total == 2


def test_what_is_held_names_each_table_and_after_forgetting_there_is_nothing(database: Database) -> None:
    fill(database)
    with database.read() as session:
        told = holding.about(session, EMAIL)
    assert told["slack_users"] == [USER]
    assert told["names"] == [NAME]
    assert not told["forgotten"]
    holds = {name for name, columns in held.COLUMNS.items() if set(columns.values()) != {held.Holds.NOTHING}}
    assert set(told["held"]) == holds
    assert {row["send_gid"] for row in told["held"]["sends"]} >= {"Z2lkOi8vMQ", "Z2lkOi8vMg"}
    json.dumps(told)
    forgetting.forget(database, EMAIL, NOW)
    with database.read() as session:
        told = holding.about(session, EMAIL)
    assert told["forgotten"]
    assert set(told["held"]) <= {"sends", "send_history"}  # those of the address in which this one stands
    assert all(row["recipient_email"] == OTHER for row in told["held"].get("sends", []))


def test_a_name_that_somebody_else_bears_stays_where_it_may_mean_them(sqlite: Database) -> None:
    fill(sqlite, name="Ann Lee")
    with sqlite.write() as session:
        session.add(Person(user_id="U0OTHER", name="ann lee", email="ann@else.example", fetched_at=NOW))
        session.add(SyncCursor(source="note", cursor={"said": "Ann Lee is away", "of": "Annika Leeds"}))
    forgetting.forget(sqlite, EMAIL, NOW)
    with sqlite.read() as session:
        assert session.get_one(SyncCursor, "note").cursor == {"said": "Ann Lee is away", "of": "Annika Leeds"}
        assert "Ann Lee" not in session.get_one(Alert, 1).why


LOCAL = st.from_regex(r"[a-z][a-z0-9.+_'-]{0,12}", fullmatch=True)
SIGNS = st.characters(exclude_categories=("Cs", "Cc", "Z", "Cf", "Cn", "Mn", "Lm", "Sk"))
WORD = st.text(SIGNS, min_size=2, max_size=9)


@settings(
    # To make a failure smaller would take minutes: each example writes a database anew.
    max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate], deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(local=LOCAL, name=st.tuples(WORD, WORD).map(" ".join), user=st.from_regex(r"U[A-Z0-9]{6,9}", fullmatch=True))
def test_whoever_it_is_is_forgotten(sqlite: Database, local: str, name: str, user: str) -> None:
    with sqlite.write() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
    email = f"{local}@people.example"
    fill(sqlite, email=email, name=name, user=user)
    others = {row["send_gid"]: row for row in dump(sqlite)["sends"]}["Z2lkOi8vMw"]
    forgetting.forget(sqlite, email, NOW)
    rows = dump(sqlite)
    assert {row["send_gid"]: row for row in rows["sends"]}["Z2lkOi8vMw"] == others
    naming = Naming(email=email, users=[user], alias="x")
    for table in rows:
        for row in rows[table]:
            kinds = {column.name: column.type for column in TABLES[table].c}
            plain = {column: value for column, value in row.items() if isinstance(kinds[column], Text | JSON)}
            assert naming.without(plain, by_name=False) == plain
            assert email not in json.dumps(plain, ensure_ascii=False)


@pytest.mark.parametrize(("text", "left"), [
    ("to zoe@acme.com.", f"to {GONE}."),
    ("<mailto:ZOE@acme.com|zoe\u2060@acme\u2060.com>", f"<mailto:{GONE}|{GONE}>"),
    ("zoe%40acme.com&x", f"{GONE}&x"),
    ("mary-zoe@acme.com zoe@acme.com.au", "mary-zoe@acme.com zoe@acme.com.au"),
    ("AT&amp;T *Zoe  Quist* Zoe Quistson", f"AT&amp;T *{GONE}* Zoe Quistson"),
    ("<@U1ZOE> U1ZOEX", "<@UFORGOTTENA1> U1ZOEX"),
])
def test_naming_is_found_however_it_is_spelt(text: str, left: str) -> None:
    naming = Naming(email="zoe@acme.com", names=["Zoe Quist"], users=["U1ZOE"], alias="a1")
    assert naming.without(text, by_name=True) == left
    assert naming.without({text: [text, 3]}, by_name=True)[naming.without(text, by_name=False)] == [left, 3]


@pytest.mark.parametrize(("name", "text", "left"), [
    ("李明", "已联系李明的公司", f"已联系{GONE}的公司"),
    ("山田太郎", "山田太郎さんに電話した", f"{GONE}さんに電話した"),
    ("สมชาย", "โทรหาสมชายแล้ว", f"โทรหา{GONE}แล้ว"),
    ("김민준", "김민준에게 전화", f"{GONE}에게 전화"),
    ("김민주", "김민준에게 전화", "김민준에게 전화"),
    ("か", "か", "か"),
    ("かな", "がな かな", f"がな {GONE}"),
    ("มานี", "มานะ", "มานะ"),
    ("राम", "रामी राम", f"रामी {GONE}"),
    ("José Álvarez", "Called Jose\u0301 A\u0301lvarez.", f"Called {GONE}."),
    ("Renée", "Called Rene\u0301e, RENE\u0301E\u0301", f"Called {GONE}, {GONE}"),
    ("Renee\u0301", "to Renee\u0301", f"to {GONE}"),
    ("Renée Roy", "Called Renee  Roy", f"Called {GONE}"),
    ("Pat O\u2019Neil", "Called Pat O'Neil", f"Called {GONE}"),
    ("Pat O'Neil", "Called Pat O`Neil", f"Called {GONE}"),
    ("Ann\u2013Marie", "Ann-Marie", GONE),
    ("Søren Kjær", "Soren Kjaer", GONE),
    ("Kja", "Kjær", "Kjær"),
    ("Al", "Also Al: Val, al\u2019s", f"Also {GONE}: Val, {GONE}\u2019s"),
    ("Al", "Al様に", f"{GONE}様に"),
    ("an an", "xan an an", f"xan {GONE}"),
])
def test_a_name_is_found_in_any_script_and_spelling(name: str, text: str, left: str) -> None:
    """Left behind were names in scripts without spaces, and those with other quotes or accents than the source's."""
    naming = Naming(email="x@acme.com", names=[name], alias="a1")
    assert naming.without(text, by_name=True) == left
    assert naming.without(text, by_name=False) == text


def test_a_name_within_another_goes_with_it() -> None:
    naming = Naming(email="x@acme.com", names=["Jane Doe", "Jane", "Doe Roy"], alias="a1")
    assert naming.without("Jane Doe Roy, Jane Doer", by_name=True) == f"{GONE}, {GONE} Doer"


def test_in_other_texts_a_name_stays_that_somebody_else_bears_in_another_spelling(sqlite: Database) -> None:
    with sqlite.write() as session:
        session.add_all([
            Person(user_id="U1REN", name="Renée Roy", email="renee@acme.com", fetched_at=NOW),
            Person(user_id="U2REN", name="Renee Roy", email="roy@acme.com", fetched_at=NOW),
            Person(user_id="U3JO", name="José Doe", email="jose@acme.com", fetched_at=NOW),
        ])
    with sqlite.read() as session:
        assert list(person.find(session, "renee@acme.com").everywhere.names) == []
        assert list(person.find(session, "jose@acme.com").everywhere.names) == ["José Doe"]


def test_somebody_with_more_sends_than_one_transaction_takes_is_forgotten_whole(sqlite: Database) -> None:
    with sqlite.write() as session:
        session.execute(Send.__table__.insert(), [  # type: ignore[attr-defined]
            {
                "send_gid": f"g{number}", "kind": "egift", "type": "", "subtype": "", "status": "delivered",
                "status_raw": "Delivered", "status_since": NOW, "status_seq": 1, "recipient_name": NAME,
                "recipient_email": EMAIL, "recipient_company": "", "sender_name": "", "sender_email": "", "team": "",
                "campaign": "", "currency": "", "sent_via": "", "search_text": searchable([NAME, EMAIL]),
                "complete": True, "fingerprint": "", "first_seen_at": NOW, "updated_at": NOW,
            }
            for number in range(1_201)
        ])
    forgetting.forget(sqlite, EMAIL, NOW)
    with sqlite.read() as session:
        assert session.scalar(select(func.count()).select_from(Send).where(Send.recipient_email == "")) == 1_201

