from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select, update

from bot.alerts import muted, scan
from bot.alerts.routing import Routing
from bot.alerts.rulebook import Rulebook
from bot.sends import intake, marks, prints
from bot.sends.intake import Taken
from bot.sends.marks import made_up
from bot.sends.snapshots import Rejected, Snapshot, StatusUpdate
from bot.statuses.watch import Watch, us_watch
from storage import events, look_ups, models, mutes, sends
from storage.engine import Database
from storage.look_ups import LookedUp
from storage.models import Alert, AlertEvent, LookUp, LookUpSend, Mute, Send, SendHistory
from tests.conftest import NOW
from tests.postgres import until_somebody_waits

PACIFIC = ZoneInfo("America/Los_Angeles")
CREATED = datetime(2026, 11, 2, 18, tzinfo=UTC)
GID = "Z2lkOi8vc2VuZG9zby9TZW5kLzQ0"
RULES = Rulebook(watch=us_watch(), routing=Routing(alert_channel="C1"))


def watch() -> Watch:
    return us_watch(PACIFIC)


def day(number: float) -> datetime:
    return CREATED + timedelta(days=number)


def told(*steps: tuple[str, float], **more: object) -> Snapshot:
    """A snapshot of the API with these updates; its status is the last of them unless said otherwise."""
    updates = tuple(StatusUpdate(status_raw=status, occurred_at=day(at)) for status, at in steps)
    given: dict[str, Any] = {
        "source": "api", "observed_at": NOW, "send_gid": GID, "created_at": CREATED,
        "type": "Inventoried Sends", "updates": updates, "status_raw": updates[-1].status_raw if updates else None,
    }
    return Snapshot(**(given | more))


def take(database: Database, *snapshots: Snapshot | Rejected, now: datetime = NOW) -> Taken:
    with database.write() as session:
        return intake.take(session, snapshots, now, watch())


def stored(database: Database, gid: str = GID) -> Send:
    with database.read() as session:
        return sends.by_gids(session, [gid])[gid]


def history(database: Database, gid: str = GID) -> list[SendHistory]:
    with database.read() as session:
        send = sends.by_gids(session, [gid])[gid]
        return sends.history(session, [send.id])[send.id]


def counts(taken: Taken) -> tuple[int, int, int, int, int]:
    return taken.read, taken.new, taken.changed, taken.unchanged, len(taken.rejected)


def test_a_send_is_stored_with_its_history_and_its_due_time(database: Database) -> None:
    taken = take(database, told(
        ("Initiated", 0), ("Order Received", 1), sendoso_id=7, subtype="Custom", recipient_name=" José\x00 Álvarez ",
        recipient_email="Jose@Acme.example", recipient_company="Acme", sender_name="Ann", campaign="Q4",
        sender_email="ANN@example.com", cost_minor=500, currency="USD", tracking_url="https://x.example/1Z999AA10123",
    ))
    assert counts(taken) == (1, 1, 0, 0, 0)
    send = stored(database)
    assert (send.kind, send.status, send.status_raw, send.status_since, send.status_seq) == (
        "physical", "order_received", "Order Received", day(1), 1,
    )
    assert send.warehouse_since == day(1)
    assert (send.recipient_name, send.recipient_email, send.sender_email) == (
        "José Álvarez", "jose@acme.example", "ann@example.com",
    )
    assert send.search_text == "|jose alvarez|jose@acme.example|acme|q4|ann|1z999aa10123|"
    assert send.due_rule == "overdue"
    assert send.due_at == watch().calendar.add_business_days(day(1), 3)
    assert send.complete
    assert [(row.status, row.occurred_at, row.source, row.late) for row in history(database)] == [
        ("initiated", day(0), "api", False), ("order_received", day(1), "api", False),
    ]


def test_the_same_again_changes_nothing(database: Database) -> None:
    one = told(("Sent", 0), ("Opened", 1), type="eGifts USA")
    assert counts(take(database, one, one)) == (2, 1, 0, 1, 0)
    before = stored(database)
    again = replace(one, observed_at=NOW + timedelta(hours=1), line=99)
    assert counts(take(database, again, now=NOW + timedelta(hours=1))) == (1, 0, 0, 1, 0)
    assert stored(database).updated_at == before.updated_at
    assert len(history(database)) == 2


def test_another_source_that_says_the_same_changes_nothing(database: Database) -> None:
    one = told(("Sent", 0), type="eGifts USA")
    take(database, one)
    assert counts(take(database, replace(one, source="sample"))) == (1, 0, 0, 1, 0)
    assert counts(take(database, replace(one, source="sample"), one)) == (2, 0, 0, 2, 0)


def test_a_new_status_raises_the_episode_and_the_due_time(database: Database) -> None:
    take(database, told(("Order Received", 0)))
    assert counts(take(database, told(("Order Received", 0), ("Shipped", 2)))) == (1, 0, 1, 0, 0)
    send = stored(database)
    assert (send.status, send.status_since, send.status_seq) == ("shipped", day(2), 2)
    assert send.due_at == day(12)


def test_a_stay_after_another_is_a_new_episode(database: Database) -> None:
    take(database, told(("Order Received", 0)))
    take(database, told(("Order Received", 0), ("Fulfillment Issue", 2), ("Order Received", 4)))
    send = stored(database)
    assert (send.status_since, send.status_seq, send.warehouse_since) == (day(4), 2, day(0))


def test_a_later_report_of_the_same_status_is_no_new_episode(database: Database) -> None:
    take(database, told(("Shipped", 2)))
    take(database, told(("Shipped", 2.01), source="webhook", created_at=None, type=None))
    send = stored(database)
    assert (send.status_since, send.status_seq) == (day(2), 1)
    assert len(history(database)) == 2


def test_a_late_event_is_kept_and_marked_but_moves_nothing(database: Database) -> None:
    take(database, told(("Delivered", 5)))
    before = stored(database)
    assert counts(take(database, told(("Shipped", 3), source="webhook"))) == (1, 0, 1, 0, 0)
    after = stored(database)
    assert (after.status, after.status_since, after.status_seq) == (before.status, before.status_since, 1)
    assert [(row.status, row.late) for row in history(database)] == [("shipped", True), ("delivered", False)]


def test_what_a_source_does_not_say_stays(database: Database) -> None:
    take(database, told(("Sent", 0), recipient_name="Jane", tracking_url="https://x.example/t", expires_at=day(30)))
    take(database, told(("Sent", 0), ("Opened", 1), recipient_email="jane@x.example", recipient_name="  "))
    send = stored(database)
    assert (send.recipient_name, send.recipient_email) == ("Jane", "jane@x.example")
    assert (send.tracking_url, send.expires_at) == ("https://x.example/t", day(30))


def test_a_bare_tracking_number_can_be_searched_for_but_is_no_link(database: Database) -> None:
    take(database, told(("Shipped", 0), tracking_url="1Z999AA10123456784"))
    take(database, told(("Shipped", 0), ("Delivered", 3)))
    send = stored(database)
    assert send.tracking_url is None
    assert "|1z999aa10123456784|" in send.search_text
    take(database, told(("Shipped", 0), tracking_url="116d64dc686937dd17b1865019cee71d295bcf38", observed_at=day(9)))
    assert stored(database).tracking_url == "https://app.sendoso.com/track/116d64dc686937dd17b1865019cee71d295bcf38"


def test_a_webhook_makes_an_incomplete_send_that_the_api_completes(database: Database) -> None:
    hook = Snapshot(
        source="webhook", observed_at=NOW, send_gid=GID, status_raw="send.shipped",
        updates=(StatusUpdate(status_raw="send.shipped", occurred_at=day(3)),),
    )
    assert counts(take(database, hook)) == (1, 1, 0, 0, 0)
    send = stored(database)
    assert (send.status, send.complete, send.created_at) == ("shipped", False, None)
    assert counts(take(database, told(("Order Received", 1), ("Shipped", 3)))) == (1, 0, 1, 0, 0)
    send = stored(database)
    assert (send.status, send.complete, send.status_seq, send.created_at) == ("shipped", True, 1, CREATED)
    assert [(row.status, row.late) for row in history(database)] == [("order_received", True), ("shipped", False)]


def test_a_send_marked_for_refresh_is_kept_until_the_api_tells_of_it(database: Database) -> None:
    with database.write() as session:
        assert intake.mark_for_refresh(session, GID, NOW - timedelta(minutes=5), NOW)
        assert not intake.mark_for_refresh(session, GID, NOW - timedelta(hours=9), NOW)
        assert not intake.mark_for_refresh(session, GID, NOW + timedelta(hours=9), NOW)
    send = stored(database)
    assert (send.complete, send.status, send.due_at, send.refresh_wanted_at) == (False, "unknown", None, NOW)
    with database.read() as session:
        assert sends.wanting_refresh(session, 10) == [GID]
    one = told(("Sent", 0), observed_at=NOW - timedelta(seconds=1))
    take(database, one)
    assert stored(database).refresh_wanted_at == NOW
    assert counts(take(database, replace(one, observed_at=NOW))) == (1, 0, 0, 1, 0)
    assert stored(database).refresh_wanted_at is None
    assert stored(database).status_seq == 1


def test_a_mark_without_a_gid_is_refused(database: Database) -> None:
    with database.write() as session, pytest.raises(ValueError, match="by its gid"):
        intake.mark_for_refresh(session, " \x00 ", NOW, NOW)


def test_an_empty_history_counts_from_the_creation_and_later_changes_from_the_look(database: Database) -> None:
    take(database, told(status_raw="Confirming Address"))
    send = stored(database)
    assert (send.status, send.status_since) == ("confirming_address", CREATED)
    later = NOW + timedelta(hours=1)
    take(database, told(status_raw="Order Received", observed_at=later), now=later)
    send = stored(database)
    assert (send.status, send.status_since, send.status_seq) == ("order_received", later, 2)
    assert [row.source for row in history(database)] == ["undated", "observed"]
    # Then Sendoso names the times, and those hold.
    take(database, told(("Confirming Address", 0.2), ("Order Received", 3), observed_at=later))
    send = stored(database)
    assert (send.status_since, send.status_seq) == (day(3), 2)


def test_a_stale_page_is_set_aside_and_looked_at_again(database: Database) -> None:
    take(database, told(("Order Received", 0)))
    hook = told(("Fulfilling", 1), source="webhook", observed_at=day(1), created_at=None, type=None)
    page = told(("Order Received", 0), status_raw="Fulfillment Issue", observed_at=day(1) + timedelta(minutes=1))
    take(database, hook)
    assert counts(take(database, page)) == (1, 0, 0, 1, 0)
    assert stored(database).status == "fulfilling"
    assert counts(take(database, replace(page, observed_at=day(1.5)))) == (1, 0, 1, 0, 0)
    assert stored(database).status == "fulfillment_issue"


def test_a_file_without_dates_moves_a_send_only_forward(database: Database) -> None:
    take(database, told(("Order Received", 1), ("Shipped", 3)))
    row = Snapshot(source="csv", observed_at=NOW, send_gid=GID, status_raw="Order Received", line=2)
    assert counts(take(database, row, row)) == (2, 0, 0, 2, 0)
    assert stored(database).status == "shipped"
    assert counts(take(database, replace(row, status_raw="Delivered"))) == (1, 0, 1, 0, 0)
    assert stored(database).status == "delivered"
    take(database, told(("Order Received", 1), ("Shipped", 3), ("Delivered", 5), observed_at=day(9)))
    assert stored(database).status_since == day(5)


def test_an_older_file_takes_no_delivered_send_back(database: Database) -> None:
    row = Snapshot(source="csv", observed_at=NOW, send_gid=GID, status_raw="Shipped", created_at=CREATED, line=2)
    for number, status in enumerate(("Shipped", "Delivered", "Shipped", "Shipped", "Delivered", "Shipped")):
        take(database, replace(row, status_raw=status, observed_at=NOW + timedelta(days=number)))
    send = stored(database)
    assert (send.status, send.due_at, send.status_seq) == ("delivered", None, 2)
    assert [row.status for row in history(database)] == ["shipped", "delivered"]
    # A time proves it newer.
    back = StatusUpdate(status_raw="Shipped", occurred_at=NOW + timedelta(days=9))
    take(database, replace(row, observed_at=NOW + timedelta(days=9), updates=(back,)))
    assert stored(database).status == "shipped"


def test_what_a_file_has_guessed_is_not_told_again_once_its_time_is_known(database: Database) -> None:
    row = Snapshot(source="csv", observed_at=NOW, send_gid=GID, status_raw="Shipped", created_at=CREATED, line=2)
    take(database, row)
    scan.everything(database, NOW, lambda _session: RULES)
    take(database, told(("Processing", 1), ("Packed", 2), ("Shipped", 3)))
    assert (stored(database).status_since, stored(database).status_seq) == (day(3), 1)
    scan.everything(database, NOW, lambda _session: RULES)
    with database.read() as session:
        assert [alert.state for alert in session.scalars(select(Alert))] == ["firing"]


def test_an_old_file_does_not_hold_a_send_back_from_where_sendoso_has_it(database: Database) -> None:
    row = Snapshot(source="csv", observed_at=NOW, send_gid=GID, status_raw="Fulfilling", created_at=CREATED, line=2)
    take(database, row)
    take(database, replace(row, status_raw="Initiated", observed_at=NOW + timedelta(days=1)))
    take(database, told(("Processing", 1), ("Packed", 2), observed_at=NOW + timedelta(days=2)))
    assert (stored(database).status, stored(database).status_since) == ("fulfilling", day(2))


def test_a_status_nobody_has_named_is_kept_as_it_came(database: Database) -> None:
    take(database, told(("Customs Hold", 1)))
    send = stored(database)
    assert (send.status, send.status_raw, send.due_rule, send.due_at) == (
        "unknown", "Customs Hold", "unknown_status", day(1),
    )
    take(database, told(("Customs Hold", 1), ("Awaiting Elves", 2)))
    assert stored(database).status_seq == 2


def test_a_send_without_any_status_is_kept_and_is_not_due(database: Database) -> None:
    take(database, told())
    send = stored(database)
    assert (send.status, send.status_raw, send.due_at, send.status_since) == ("unknown", "", None, CREATED)
    assert history(database) == []


def open_alert(
    database: Database, send: Send, state: str = "firing", rule: str = "overdue", level: str = "late",
) -> None:
    with database.write() as session:
        session.add(Alert(
            key=f"{send.id}:{rule}:{level}:{send.status_seq}", send_id=send.id, rule=rule, level=level, state=state,
            status_seq=send.status_seq, due_at=NOW, opened_at=NOW,
        ))


def test_an_open_alert_is_looked_at_as_soon_as_its_send_moves(database: Database) -> None:
    take(database, told(("Order Received", 0)))
    open_alert(database, stored(database))
    take(database, told(("Order Received", 0), ("Shipped", 20)))
    send = stored(database)
    assert (send.due_at, send.due_rule) == (NOW, "overdue")
    take(database, told(("Order Received", 0), ("Shipped", 20), ("Delivered", 20.5)))
    send = stored(database)
    assert (send.due_at, send.due_rule) == (NOW, "overdue")


def test_a_resolved_alert_does_not_hasten_the_next_look(database: Database) -> None:
    take(database, told(("Order Received", 0)))
    open_alert(database, stored(database), "resolved")
    take(database, told(("Order Received", 0), ("Shipped", 20)))
    assert stored(database).due_at == day(30)


def test_what_was_told_of_this_stay_is_not_due_again(database: Database) -> None:
    take(database, told(("Order Received", 0)))
    open_alert(database, stored(database))
    take(database, told(("Order Received", 0), type="Sendoso Direct"))
    send = stored(database)
    assert (send.due_at, send.due_rule) == (day(7), "overdue")


def test_another_end_of_the_offer_changes_the_due_time(database: Database) -> None:
    one = told(("Sent", 0), type="eGifts USA", expires_at=day(60))
    take(database, one)
    assert stored(database).due_at == day(53)
    open_alert(database, stored(database), rule="expiring", level="7d")
    take(database, replace(one, expires_at=day(70)))
    assert stored(database).due_at == NOW


def test_rejected_items_are_counted_with_their_line_and_reason(database: Database) -> None:
    taken = take(
        database,
        Rejected(line=2, reason="it has 3 cells"),
        told(("Sent", 0)),
        told(("Sent", 9_999), send_gid="x", line=4),
        told(send_gid=None, created_at=None),
    )
    assert counts(taken) == (4, 1, 0, 0, 3)
    assert [one.line for one in taken.rejected] == [2, 4, 4]
    assert [one.reason for one in taken.rejected][:2] == [
        "it has 3 cells", "it entered 'Sent' on 2054-03-19, which is too far ahead to be true",
    ]
    assert taken.rejected[2].reason.startswith("nothing tells it from other sends")


def csv_row(**more: object) -> Snapshot:
    given: dict[str, Any] = {
        "source": "csv", "observed_at": NOW, "status_raw": "Shipped", "recipient_email": "jane@x.example", "line": 2,
        "created_at": CREATED, "campaign": "Q4",
    }
    return Snapshot(**(given | more))


def gids(database: Database) -> list[str]:
    with database.read() as session:
        return sorted(session.scalars(select(Send.send_gid)))


@pytest.mark.parametrize(("marks", "seconds"), [
    ({"sendoso_id": 44}, 0),
    ({"sendoso_id": 44, "recipient_email": None}, 0),
    ({"sendoso_id": 44, "recipient_email": None, "created_at": None}, 0),
    ({}, 0),
    ({}, 27),  # told to the minute by the file
    ({"campaign": None}, 3 * 3600),  # told to the day
    ({"tracking_url": "https://x.example/t/1", "recipient_email": None}, 0),
])
def test_a_file_without_gids_and_the_api_meet_in_one_send(
    database: Database, marks: dict[str, Any], seconds: int,
) -> None:
    row = csv_row(**marks)
    api = told(
        ("Shipped", 2), created_at=CREATED + timedelta(seconds=seconds), recipient_email="jane@x.example",
        campaign="Q4", sendoso_id=44, tracking_url="https://x.example/t/1",
    )
    assert counts(take(database, row, row)) == (2, 1, 0, 1, 0)
    assert gids(database)[0].startswith("csv-")
    assert counts(take(database, api)) == (1, 0, 1, 0, 0)
    assert gids(database) == [GID]
    assert counts(take(database, row, api)) == (2, 0, 0, 2, 0)
    assert gids(database) == [GID]


def test_two_sends_to_one_person_stay_two(database: Database) -> None:
    rows = [
        csv_row(), csv_row(campaign="Other"), csv_row(created_at=day(3)),
        csv_row(recipient_email="joe@x.example", sendoso_id=5), csv_row(sendoso_id=5),
    ]
    taken = take(database, *rows)
    assert taken.new >= 4
    assert counts(take(database, *rows))[:3] == (5, 0, 0)


def test_what_an_old_file_overwrites_the_next_sync_puts_right(database: Database) -> None:
    created, ends = datetime(2026, 11, 2, 2, 30, 12, tzinfo=UTC), datetime(2026, 12, 2, 1, tzinfo=UTC)
    api = told(("Shipped", 3), created_at=created, team="Legal", sender_email="new@x.example", expires_at=ends)
    row = csv_row(
        send_gid=GID, recipient_email=None, campaign=None, team="Sales", sender_email="old@x.example",
        created_at=datetime(2026, 11, 1, tzinfo=PACIFIC), expires_at=datetime(2026, 12, 1, 23, 59, 59, tzinfo=PACIFIC),
    )
    take(database, api)
    before = stored(database)
    take(database, row)
    send = stored(database)
    assert (send.team, send.sender_email) == ("Sales", "old@x.example")
    assert (send.created_at, send.expires_at, send.due_at) == (created, ends, before.due_at)
    later = replace(api, observed_at=NOW + timedelta(hours=1))
    assert counts(take(database, later)) == (1, 0, 1, 0, 0)
    send = stored(database)
    assert (send.team, send.sender_email) == ("Legal", "new@x.example")
    # The same file again has nothing new to say.
    assert counts(take(database, replace(row, observed_at=NOW + timedelta(hours=2)), later)) == (2, 0, 0, 2, 0)


@pytest.mark.parametrize(("exact", "told_again", "counts_for"), [
    (CREATED + timedelta(seconds=27), CREATED, False),
    (CREATED + timedelta(hours=23), CREATED, False),
    (CREATED + timedelta(hours=24), CREATED, True),
    (CREATED, CREATED + timedelta(hours=1), True),
    (CREATED + timedelta(hours=2), CREATED + timedelta(minutes=3), True),
])
def test_a_date_alone_does_not_replace_a_time_of_that_day(
    database: Database, exact: datetime, told_again: datetime, counts_for: bool,
) -> None:
    take(database, csv_row(send_gid=GID, created_at=exact))
    take(database, csv_row(send_gid=GID, created_at=told_again))
    assert stored(database).created_at == (told_again if counts_for else exact)


@pytest.mark.parametrize("number", [4, 44, 444])
def test_a_gid_that_an_earlier_version_stored_in_clear_is_the_same(database: Database, number: int) -> None:
    clear = f"gid://sendoso/Send/{number}"
    gid = b64encode(clear.encode()).decode().rstrip("=")
    take(database, csv_row(send_gid=clear))
    assert counts(take(database, csv_row(send_gid=gid))) == (1, 0, 1, 0, 0)
    assert gids(database) == [gid]


@pytest.mark.parametrize("order", ["api csv", "csv api", "api api csv", "webhook api csv"])
def test_a_gid_stored_in_clear_becomes_one_with_the_apis_own(database: Database, order: str) -> None:
    row = csv_row(send_gid="gid://sendoso/Send/44", tracking_url="https://x.example/t/1", team="Old")
    take(database, row)
    api = told(("Shipped", 2), ("Delivered", 3), recipient_email="jane@x.example", sendoso_id=44, team="New")
    for source in order.split():
        if source == "webhook":
            hook(database, None, 5)
        else:
            take(database, api if source == "api" else replace(row, send_gid=GID, observed_at=NOW + timedelta(days=1)))
    assert gids(database) == [GID]
    take(database, replace(api, cost_minor=5))
    send = stored(database)
    assert (send.status, send.sendoso_id, send.team, send.tracking_url) == ("delivered", 44, "New", row.tracking_url)
    assert "jane@x.example" in send.search_text


def test_a_gid_in_clear_and_the_apis_become_one_where_both_are_there(database: Database) -> None:
    row = csv_row(tracking_url="https://x.example/t/1", cost_minor=7)
    api = told(("Shipped", 2), ("Delivered", 3), recipient_email="jane@x.example", sendoso_id=44)
    take(database, replace(row, send_gid="x"), api)
    with database.write() as session:
        # As an earlier version left them.
        session.execute(update(Send).where(Send.send_gid == "x").values(send_gid="gid://sendoso/Send/44"))
    take(database, replace(row, send_gid=GID))
    assert gids(database) == [GID]
    send = stored(database)
    assert (send.status, send.sendoso_id, send.cost_minor, send.tracking_url) == ("delivered", 44, 7, row.tracking_url)
    assert counts(take(database, api, replace(row, send_gid=GID))) == (2, 0, 0, 2, 0)


def test_a_file_that_names_sends_by_their_gids_alone_keeps_no_two_apart(database: Database) -> None:
    row = csv_row(sendoso_id=44, observed_at=NOW - timedelta(hours=1))
    take(database, row)
    take(database, Snapshot(source="csv", observed_at=NOW, send_gid=GID, status_raw="Delivered", line=2))
    take(database, told(
        ("Shipped", 1), ("Delivered", 2), recipient_email="jane@x.example", campaign="Q4", sendoso_id=44,
    ))
    assert gids(database) == [GID]
    assert (stored(database).status, take(database, row).unchanged) == ("delivered", 1)


@pytest.mark.parametrize("others", [(), ("g2",)])
def test_a_file_of_links_alone_keeps_no_two_apart(database: Database, others: Sequence[str]) -> None:
    link = f"{PARCEL}1"
    take(database, csv_row(recipient_email=None, created_at=None, campaign=None, tracking_url=link))
    api = [
        told(("Order Received", 0.1), send_gid=gid, recipient_email="jane@x.example", campaign="Q4")
        for gid in (GID, *others)
    ]
    take(database, *api)
    row = csv_row(created_at=DATE, tracking_url=link, observed_at=NOW + timedelta(days=1))
    take(database, row)
    # Of two that it may be, it is none: which one cannot be known.
    assert len(gids(database)) == (3 if others else 1)
    later = [replace(one, cost_minor=5) for one in api]
    take(database, *later)
    assert counts(take(database, row, *later)) == (1 + len(api), 0, 0, 1 + len(api), 0)
    if not others:
        send = stored(database)
        assert (send.tracking_url, send.created_at, send.cost_minor) == (link, CREATED, 5)


def hook(database: Database, status: str | None, at: float) -> None:
    """What a webhook tells: with the event in its address or without."""
    if status is None:
        with database.write() as session:
            intake.mark_for_refresh(session, GID, NOW, NOW)
    else:
        take(database, Snapshot(
            source="webhook", observed_at=NOW, send_gid=GID, status_raw=status,
            updates=(StatusUpdate(status_raw=status, occurred_at=day(at)),),
        ))


@pytest.mark.parametrize("event_told", [None, "send.delivered", "send.shipped"])
@pytest.mark.parametrize("order", sorted(permutations(("csv", "webhook", "api"))), ids=" ".join)
def test_a_file_a_webhook_and_the_api_meet_in_one_send(
    database: Database, order: Sequence[str], event_told: str | None,
) -> None:
    for source in (*order, *order):
        if source == "csv":
            take(database, csv_row())
        elif source == "webhook":
            hook(database, event_told, 5)
        else:
            take(database, told(("Shipped", 3), ("Delivered", 5), recipient_email="jane@x.example", campaign="Q4"))
    assert gids(database) == [GID]
    send = stored(database)
    assert (send.status, send.due_at, send.complete) == ("delivered", None, True)
    assert sorted({row.status for row in history(database)}) == ["delivered", "shipped"]


@pytest.mark.parametrize(("event_told", "later"), [("send.undeliverable", "webhook"), ("send.fulfilling", "csv")])
def test_what_hangs_on_the_two_hangs_on_the_one_that_they_become(
    database: Database, event_told: str, later: str,
) -> None:
    take(database, csv_row(status_raw="Fulfillment Issue", updates=(
        StatusUpdate(status_raw="Fulfillment Issue", occurred_at=day(3)),
    )))
    hook(database, event_told, 4 if later == "webhook" else 2)
    (from_file,) = [gid for gid in gids(database) if gid != GID]
    ids = {}
    for name, gid in (("csv", from_file), ("webhook", GID)):
        send = stored(database, gid)
        ids[name] = send.id
        with database.write() as session:
            session.add(Alert(
                key=f"needs_action:{gid}:1:notice", send_id=send.id, rule="needs_action", level="notice",
                status=send.status, due_at=NOW, opened_at=NOW,
            ))
            for user in (name, "both"):
                session.add(models.Watch(user_id=user, send_id=send.id, created_at=NOW))
                key = f"{user} of both" if user == "both" else user
                look_ups.record(session, [LookedUp(
                    key=key, user_id=user, looked_at=NOW, surface="command", name="", sends=frozenset({send.id}),
                )])
    take(database, told(
        ("Fulfilling", 2), ("Fulfillment Issue", 3), *([("Undeliverable", 4)] if later == "webhook" else []),
        recipient_email="jane@x.example", campaign="Q4",
    ))
    assert gids(database) == [GID]
    send = stored(database)
    assert send.id == max(ids.values())
    with database.read() as session:
        alerts = {alert.status: alert for alert in session.scalars(select(Alert))}
        assert len(alerts) == 2
        assert {alert.send_id for alert in alerts.values()} == {send.id}
        assert {alert.key for alert in alerts.values()} == {
            f"needs_action:{GID}:{alert.status_seq}:notice" for alert in alerts.values()
        }
        assert [alert.status for alert in alerts.values() if alert.status_seq == send.status_seq] == [send.status]
        assert sorted(session.scalars(select(models.Watch.user_id).where(models.Watch.send_id == send.id))) == [
            "both", "csv", "webhook",
        ]
        named = select(LookUp.key).join(LookUpSend).where(LookUpSend.send_id == send.id)
        assert sorted(session.scalars(named)) == ["both of both", "csv", "webhook"]
    scan.everything(database, NOW, lambda _session: RULES)
    with database.read() as session:
        (still_open,) = sends.open_alerts(session, [send.id])
        assert still_open.status == send.status


ACTS: dict[str, dict[str, Any]] = {
    "acknowledged": {"state": "acknowledged", "acknowledged_by": "U7", "acknowledged_at": NOW},
    "assigned": {"state": "firing", "assignee": "U7"},
    "resolved": {"state": "resolved", "resolved_by": "U7", "resolved_at": NOW, "resolved_reason": "done"},
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(("first", "scanned", "acted"), [
    (first, scanned, acted) for first in ("csv", "webhook") for scanned, acted in (
        ("both", "csv"), ("both", "webhook"), ("webhook", "webhook"),
    )
])
def test_what_somebody_did_with_an_alert_holds_on_when_two_records_become_one(
    database: Database, first: str, scanned: str, acted: str, act: str,
) -> None:
    bring: dict[str, Callable[[], object]] = {
        "csv": lambda: take(database, csv_row(status_raw="Undeliverable", updates=(
            StatusUpdate(status_raw="Undeliverable", occurred_at=day(3)),
        ))),
        "webhook": lambda: hook(database, "send.undeliverable", 4),
    }
    for source in (first, *bring.keys() - {first}):
        bring[source]()
    with database.read() as session:
        ids = {gid == GID: number for gid, number in session.execute(select(Send.send_gid, Send.id))}
    scan.everything(database, NOW, lambda _session: RULES)
    with database.write() as session:
        session.execute(update(Alert).where(Alert.send_id == ids[acted == "webhook"]).values(**ACTS[act]))
        if scanned == "webhook":
            session.execute(update(Alert).where(Alert.send_id == ids[False]).values(
                rule="overdue", key="overdue:other:1:notice",
            ))
    take(database, told(("Undeliverable", 4), recipient_email="jane@x.example", campaign="Q4"))
    scan.everything(database, NOW + timedelta(minutes=1), lambda _session: RULES)
    send = stored(database)
    with database.read() as session:
        (now_so,) = session.scalars(select(Alert).where(
            Alert.send_id == send.id, Alert.rule == "needs_action", Alert.status_seq == send.status_seq,
        ))
        assert {name: getattr(now_so, name) for name in ACTS[act]} == ACTS[act]
        assert now_so.key == f"needs_action:{GID}:{send.status_seq}:{now_so.level}"
        others = session.scalars(select(Alert).where(Alert.id != now_so.id))
        assert {alert.resolved_by for alert in others} <= {"scan"}


@pytest.mark.parametrize("first", ["csv", "webhook"])
def test_no_later_send_gets_the_row_id_of_one_that_was_joined(database: Database, first: str) -> None:
    used = set()
    for source in (first, *{"csv", "webhook"} - {first}):
        if source == "csv":
            take(database, csv_row())
        else:
            hook(database, "send.shipped", 3)
        used |= {stored(database, gid).id for gid in gids(database)}
    take(database, told(("Shipped", 3), recipient_email="jane@x.example", campaign="Q4"))
    take(database, told(("Shipped", 3), send_gid="Z2lkOi8vZXZl", recipient_email="eve@x.example", created_at=None))
    assert len(used) == 2
    assert stored(database, "Z2lkOi8vZXZl").id not in used


def test_a_mute_goes_along_with_a_send_whose_two_records_become_one(database: Database) -> None:
    take(database, csv_row(status_raw="Fulfillment Issue"))
    (from_file,) = gids(database)
    with database.write() as session:
        mutes.make(
            session, scope="send", value=from_file, created_by="U1", created_at=NOW, ends_at=NOW + timedelta(days=9),
        )
    hook(database, "send.undeliverable", 4)
    take(database, told(("Undeliverable", 4), recipient_email="jane@x.example", campaign="Q4"))
    assert gids(database) == [GID]
    with database.read() as session:
        assert list(session.scalars(select(Mute.value))) == [GID]


def test_what_is_muted_stays_muted_when_its_send_gets_a_gid(database: Database) -> None:
    take(database, csv_row(status_raw="Fulfillment Issue"))
    (made_up_gid,) = gids(database)
    scan.everything(database, NOW, lambda _session: RULES)
    with database.write() as session:
        mute = mutes.make(
            session, scope="send", value=made_up_gid, created_by="U1", created_at=NOW, ends_at=NOW + timedelta(days=9),
        )
        events.record(session, [{
            "action": "mute", "actor": "U1", "occurred_at": NOW, "dedupe_key": "1",
            "detail": {"mute": mute.id, "scope": "send", "value": made_up_gid},
        }])
    take(database, told(
        ("Fulfillment Issue", 1), ("Undeliverable", 2), recipient_email="jane@x.example", campaign="Q4",
    ))
    scan.everything(database, NOW, lambda _session: RULES)
    with database.read() as session:
        assert list(session.scalars(select(Mute.value))) == [GID]
        (about,) = session.scalars(select(AlertEvent).where(AlertEvent.action == "mute"))
        assert about.detail["value"] == GID
        found = list(session.scalars(select(Alert).order_by(Alert.id)))
        assert all(alert.key.startswith(f"{alert.rule}:{GID}:{alert.status_seq}:") for alert in found)
        assert {alert.status for alert in found} == {"fulfillment_issue", "undeliverable"}
        send = sends.by_gids(session, [GID])[GID]
        held = muted.holding(session, [(alert, send) for alert in found], NOW)
        assert held.keys() == {alert.id for alert in found}


ANN, BOB, CID = (
    {"recipient_email": f"{name}@x.example", "recipient_name": name, "status_raw": status}
    for name, status in (("ann", "Delivered"), ("bob", "Shipped"), ("cid", "Fulfillment Issue"))
)
PARCEL = "https://ups.example/t?n="


@pytest.mark.parametrize("rows", [
    pytest.param([csv_row(sendoso_id=1000, **one) for one in (ANN, BOB, CID)], id="one order of three"),
    pytest.param([csv_row(send_gid=made_up("name:o-1"), **one) for one in (ANN, BOB, CID)], id="a name of their own"),
    pytest.param([
        csv_row(sendoso_id=1000, **one | {"recipient_email": None}) for one in (ANN, BOB, CID)
    ], id="by names alone"),
    pytest.param([
        csv_row(tracking_url=f"{PARCEL}1Z1", created_at=None, **one) for one in (ANN, BOB)
    ], id="one parcel of two gifts"),
    pytest.param([
        csv_row(sendoso_id=number, tracking_url=f"{PARCEL}1Z1", status_raw=status)
        for number, status in ((1, "Undeliverable"), (2, "Shipped"))
    ], id="one parcel of two orders"),
    *(pytest.param([
        csv_row(campaign=campaign, tracking_url=f"{PARCEL}1Z1", status_raw=status, created_at=created, **whose)
        for campaign, status in (("Mug", "Undeliverable"), ("Book", "Shipped"))
    ], id=name) for name, created, whose in (
        ("one parcel of two campaigns", CREATED, {}),
        ("one parcel of two campaigns by its link alone", None, {"recipient_email": None}),
    )),
    pytest.param([
        csv_row(tracking_url=f"{PARCEL}{number}", status_raw=status)
        for number, status in ((1, "Shipped"), (2, "Delivered"))
    ], id="two parcels"),
    pytest.param([
        csv_row(tracking_url=number, status_raw=status)
        for number, status in (("1ZAAA1111111", "Shipped"), ("1ZBBB2222222", "Delivered"))
    ], id="two parcels by their numbers"),
    pytest.param([
        csv_row(type=kind, status_raw=status)
        for kind, status in (("Inventoried Sends", "Shipped"), ("eGifts USA", "Delivered"))
    ], id="two kinds of gift"),
])
def test_rows_that_share_a_mark_are_sends_of_their_own(database: Database, rows: list[Snapshot]) -> None:
    assert counts(take(database, *rows)) == (len(rows), len(rows), 0, 0, 0)
    with database.read() as session:
        found = {send.status_raw for send in session.scalars(select(Send))}
    assert found == {row.status_raw for row in rows}
    later = [replace(row, observed_at=NOW + timedelta(days=1)) for row in rows]
    assert counts(take(database, *later)) == (len(rows), 0, 0, len(rows), 0)
    assert counts(take(database, *reversed(later))) == (len(rows), 0, 0, len(rows), 0)
    moved = [replace(row, observed_at=NOW + timedelta(days=2), cost_minor=5) for row in rows]
    assert counts(take(database, *moved)) == (len(rows), 0, len(rows), 0, 0)


def test_a_send_that_goes_on_in_another_parcel_or_under_a_corrected_address_stays_one(database: Database) -> None:
    rows = [csv_row(tracking_url=f"{PARCEL}{number}", status_raw="Amazon Shipped") for number in (1, 2)]
    take(database, *rows, csv_row(sendoso_id=7, recipient_name="Joe", recipient_email="jo@x.example"))
    later: dict[str, Any] = {"observed_at": NOW + timedelta(days=1), "status_raw": "Shipped"}
    again = [
        csv_row(tracking_url=f"{PARCEL}3", **later), replace(rows[1], **later),
        csv_row(sendoso_id=7, recipient_name="Joe", recipient_email="joe@x.example", **later),
    ]
    assert counts(take(database, *again)) == (3, 0, 3, 0, 0)
    assert counts(take(database, *again)) == (3, 0, 0, 3, 0)
    assert len(gids(database)) == 3


def test_parcels_of_two_batches_of_one_file_are_two_sends(database: Database) -> None:
    assert [take(database, csv_row(tracking_url=f"{PARCEL}{number}")).new for number in (1, 2)] == [1, 1]


@pytest.mark.parametrize("at_once", [True, False])
def test_gifts_that_a_file_tells_apart_by_their_parcels_are_there_once_when_the_api_comes(
    database: Database, at_once: bool,
) -> None:
    rows = [
        csv_row(tracking_url=f"{PARCEL}{number}", status_raw=status)
        for number, status in ((1, "Shipped"), (2, "Delivered"))
    ]
    take(database, *rows)
    api = [
        told((status, number), send_gid=f"g{number}", recipient_email="jane@x.example", campaign="Q4")
        for number, status in ((3, "Delivered"), (4, "Shipped"))
    ]
    for batch in [api] if at_once else [[one] for one in api]:
        take(database, *batch)
    assert gids(database) == ["g3", "g4"]
    assert stored(database, "g3").tracking_url == f"{PARCEL}2"
    assert counts(take(database, *rows, *api)) == (4, 0, 0, 4, 0)


JANE_AND_BOB = [{"recipient_email": "office@x.example", "recipient_name": name} for name in ("Jane", "Bob")]
DATE = datetime(2026, 11, 2, 8, tzinfo=UTC)
"""The day of `CREATED` alone, as a file tells it."""


def one_of(database: Database, gid: str) -> tuple[str | None, str, str | None]:
    send = stored(database, gid)
    return send.recipient_name, send.status, send.tracking_url


@pytest.mark.parametrize("parcel_of", [
    {"recipient_name": "Jane"}, {"recipient_name": "Bob", "recipient_email": "jane@x.example"},
])
@pytest.mark.parametrize("order", sorted(permutations(("csv", "other", "its"))), ids=" ".join)
def test_a_row_is_never_given_to_the_gift_of_another_name_or_kind(
    database: Database, order: Sequence[str], parcel_of: dict[str, Any],
) -> None:
    link = f"{PARCEL}1"
    row = csv_row(
        created_at=DATE, type="Inventoried Sends", tracking_url=link, status_raw="Delivered", **parcel_of,
    )
    other = told(
        ("Order Received", 0.1), send_gid="g1", recipient_email="jane@x.example", recipient_name="Jane", campaign="Q4",
        type="eGifts USA" if parcel_of["recipient_name"] == "Jane" else "Inventoried Sends",
    )
    its = told(
        ("Delivered", 0.2), send_gid="g2", campaign="Q4", **{"recipient_email": "jane@x.example"} | parcel_of,
    )
    for source in order:
        take(database, {"csv": row, "other": other, "its": its}[source])
    assert one_of(database, "g1") == ("Jane", stored(database, "g1").status, None)
    assert stored(database, "g1").status != "delivered"
    assert one_of(database, "g2") == (parcel_of["recipient_name"], "delivered", link)
    assert gids(database) == ["g1", "g2"]
    assert counts(take(database, row, other, its)) == (3, 0, 0, 3, 0)


def test_rows_with_names_of_their_own_are_sends_of_their_own(database: Database) -> None:
    jane, bob = JANE_AND_BOB
    rows = [
        csv_row(send_gid=made_up(f"name:so-{number}"), created_at=DATE, status_raw=status, **whose)
        for number, (whose, status) in enumerate([(jane, "Sent"), (bob, "Expired"), ({}, "Sent"), ({}, "Expired")])
    ]
    assert counts(take(database, *rows)) == (4, 4, 0, 0, 0)
    # So is the next one of that day, in a file that holds what is new alone, and whatever is told of them again.
    another = replace(rows[2], send_gid=made_up("name:so-9"), observed_at=NOW + timedelta(days=1))
    assert counts(take(database, another)) == (1, 1, 0, 0, 0)
    assert counts(take(database, *rows, another)) == (5, 0, 0, 5, 0)


def test_two_who_share_a_mailbox_are_two_people(database: Database) -> None:
    rows = [csv_row(created_at=DATE, status_raw=status, **whose) for whose, status in zip(
        JANE_AND_BOB, ("Sent", "Expired"), strict=True,
    )]
    assert counts(take(database, rows[0])) == (1, 1, 0, 0, 0)
    assert counts(take(database, *rows)) == (2, 1, 0, 1, 0)
    assert counts(take(database, *rows)) == (2, 0, 0, 2, 0)
    api = [
        told((row.status_raw or "", 1), send_gid=f"g{place}", campaign="Q4", **whose)
        for place, (row, whose) in enumerate(zip(rows, JANE_AND_BOB, strict=True))
    ]
    take(database, *reversed(api))
    assert [one_of(database, f"g{place}")[:2] for place in range(2)] == [("Jane", "sent"), ("Bob", "expired")]
    assert gids(database) == ["g0", "g1"]


@pytest.mark.parametrize("order", ["api csv", "csv api"])
def test_gifts_of_one_day_that_only_the_api_tells_apart_are_there_once(database: Database, order: str) -> None:
    api = [
        told(("Shipped", number / 24), send_gid=f"g{number}", recipient_email="jane@x.example", campaign="Q4",
             created_at=CREATED + timedelta(minutes=number, seconds=9))
        for number in (1, 2)
    ]
    rows = [csv_row(created_at=DATE, tracking_url=f"{PARCEL}{number}") for number in (1, 2)]
    for source in order.split():
        take(database, *(api if source == "api" else rows))
    assert gids(database) == ["g1", "g2"]
    links = {gid: stored(database, gid).tracking_url for gid in ("g1", "g2")}
    assert sorted(map(str, links.values())) == [f"{PARCEL}1", f"{PARCEL}2"]
    take(database, *api)
    assert counts(take(database, *reversed(rows), *api)) == (4, 0, 0, 4, 0)
    # What is new of one of them is told of that one.
    gone_on = replace(rows[1], status_raw="Delivered", observed_at=NOW + timedelta(days=1))
    assert counts(take(database, gone_on, replace(rows[0], observed_at=gone_on.observed_at))) == (2, 0, 1, 1, 0)
    (delivered,) = [gid for gid in links if stored(database, gid).status == "delivered"]
    assert links[delivered] == f"{PARCEL}2"


def test_fewer_rows_than_gifts_leave_open_which_is_meant(database: Database) -> None:
    take(database, *[
        told(("Order Received", 0), send_gid=f"g{number}", recipient_email="jane@x.example", campaign="Q4",
             created_at=CREATED + timedelta(minutes=number))
        for number in (1, 2)
    ])
    assert counts(take(database, csv_row(created_at=DATE, status_raw="Delivered"))) == (1, 1, 0, 0, 0)
    assert {stored(database, gid).status for gid in ("g1", "g2")} == {"order_received"}


@pytest.mark.parametrize("order", sorted(permutations(("csv", "one", "other"))), ids=" ".join)
def test_a_gift_at_a_full_hour_is_another_one_than_that_of_the_afternoon(
    database: Database, order: Sequence[str],
) -> None:
    times = {"one": CREATED, "other": CREATED + timedelta(hours=5, seconds=11)}
    rows = [csv_row(created_at=time, status_raw="Sent") for time in times.values()]
    for source in order:
        if source == "csv":
            take(database, *rows)
        else:
            take(database, told(
                ("Sent", 0.5), send_gid=source, created_at=times[source], recipient_email="jane@x.example",
                campaign="Q4",
            ))
    assert gids(database) == ["one", "other"]
    assert {gid: stored(database, gid).created_at for gid in times} == times
    assert counts(take(database, *rows)) == (2, 0, 0, 2, 0)


@pytest.mark.parametrize("number", [None, 9])
def test_a_file_with_gids_and_days_and_one_without_and_with_times_tell_of_one_send(
    database: Database, number: int | None,
) -> None:
    exact = CREATED + timedelta(minutes=23, seconds=45)
    vague, timely = csv_row(send_gid=GID, created_at=DATE), csv_row(created_at=exact, sendoso_id=number, cost_minor=5)
    its = told(("Shipped", 3), created_at=exact, sendoso_id=number, recipient_email="jane@x.example", campaign="Q4")
    assert [take(database, one).new for one in (vague, timely, its)] == [1, 0, 0]
    assert counts(take(database, vague, timely, its)) == (3, 0, 0, 3, 0)
    assert stored(database).created_at == exact


def test_what_an_earlier_version_took_for_two_becomes_one_when_the_api_tells(
    database: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    exact = CREATED + timedelta(minutes=23, seconds=45)
    later = exact + timedelta(hours=2)
    with monkeypatch.context() as earlier:
        earlier.setattr(marks.Shelf, "find", lambda *_: None)
        take(database, csv_row(send_gid=GID, created_at=DATE), csv_row(created_at=DATE, cost_minor=5))
        take(database, csv_row(created_at=exact, observed_at=NOW + timedelta(hours=1)))
    assert len(gids(database)) == 3
    take(database, told(("Shipped", 3), created_at=exact, recipient_email="jane@x.example", campaign="Q4"))
    # The other row of the file with its gid is another gift.
    assert len(gids(database)) == 2
    take(database, told(
        ("Shipped", 3), send_gid="g2", created_at=later, recipient_email="jane@x.example", campaign="Q4",
    ))
    assert gids(database) == sorted([GID, "g2"])


BY_MARKS: dict[str, dict[str, Any]] = {
    "recipient": {},
    "link": {"recipient_email": None, "created_at": None, "campaign": None, "tracking_url": f"{PARCEL}1"},
    "number": {"recipient_email": None, "created_at": None, "campaign": None, "sendoso_id": 44},
    "gid": {"recipient_email": None, "send_gid": GID},
    "webhook": {"source": "webhook", "recipient_email": None, "created_at": None, "campaign": None, "send_gid": GID},
}


@pytest.mark.parametrize("named", sorted([
    *permutations(("recipient", "link")), *permutations(("recipient", "number")), *permutations(("recipient", "gid")),
    *permutations(("recipient", "link", "number")), ("recipient", "webhook", "link"), ("link", "webhook", "recipient"),
]), ids=" ".join)
def test_files_that_name_a_send_by_different_marks_meet_in_it_when_the_api_tells(
    database: Database, named: Sequence[str],
) -> None:
    for number, name in enumerate(named):
        take(database, csv_row(**{"observed_at": NOW - timedelta(hours=9 - number)} | BY_MARKS[name]))
    assert len(gids(database)) == len(named)
    with database.write() as session:
        for send in session.scalars(select(Send)):
            value = send.send_gid
            mutes.make(
                session, scope="send", value=value, created_by="U1", created_at=NOW, ends_at=NOW + timedelta(days=9),
            )
            session.add(Alert(
                key=f"overdue:{value}:1:late", send_id=send.id, rule="overdue", level="late", status=send.status,
                due_at=NOW, opened_at=NOW,
            ))
            session.add(models.Watch(user_id=value, send_id=send.id, created_at=NOW))
    its = told(
        ("Shipped", 3), recipient_email="jane@x.example", campaign="Q4", sendoso_id=44, tracking_url=f"{PARCEL}1",
    )
    take(database, its)
    assert gids(database) == [GID]
    send = stored(database)
    with database.read() as session:
        assert set(session.scalars(select(Mute.value))) == {GID}
        assert len(session.scalars(select(models.Watch).where(models.Watch.send_id == send.id)).all()) == len(named)
        found = session.scalars(select(Alert).where(Alert.send_id == send.id)).all()
        assert {alert.key for alert in found} == {f"overdue:{GID}:{alert.status_seq}:late" for alert in found}
        assert len(found) == len(named)
        assert send.status_seq in {alert.status_seq for alert in found}
    scan.everything(database, NOW, lambda _session: RULES)
    rows = [csv_row(**BY_MARKS[name]) for name in named if name != "webhook"]
    take(database, *rows, its)
    assert gids(database) == [GID]


def test_a_send_of_which_a_file_tells_the_day_only_later_is_there_once_when_the_api_tells(database: Database) -> None:
    link = f"{PARCEL}1"
    for hour, row in enumerate((
        csv_row(tracking_url=link), csv_row(created_at=None, sendoso_id=44),
        csv_row(created_at=DATE, sendoso_id=44, recipient_email=None, tracking_url=link),
    )):
        take(database, replace(row, observed_at=NOW - timedelta(hours=9 - hour)))
    assert len(gids(database)) == 2
    take(database, told(("Shipped", 3), recipient_email="jane@x.example", campaign="Q4", sendoso_id=44))
    assert gids(database) == [GID]


@pytest.mark.parametrize(("rows", "link"), [
    ([csv_row(tracking_url=f"{PARCEL}{number}") for number in (1, 2)], f"{PARCEL}1"),
    ([
        csv_row(sendoso_id=44, recipient_email=None, tracking_url=f"{PARCEL}1"), csv_row(tracking_url=f"{PARCEL}2"),
    ], None),
    ([csv_row(sendoso_id=number) for number in (44, 45)], None),
    ([
        csv_row(sendoso_id=number, recipient_email=None, tracking_url=f"{PARCEL}1") for number in (44, 45)
    ], f"{PARCEL}1"),
])
def test_gifts_that_files_tell_apart_do_not_become_one_when_the_api_tells(
    database: Database, rows: list[Snapshot], link: str | None,
) -> None:
    take(database, replace(rows[0], observed_at=NOW - timedelta(hours=2)))
    take(database, *rows)
    assert len(gids(database)) == 2
    take(database, told(
        ("Shipped", 3), recipient_email="jane@x.example", campaign="Q4", sendoso_id=44, tracking_url=link,
    ))
    assert len(gids(database)) == 2


def test_a_time_of_the_apis_stays_exact_whatever_a_file_tells_of_its_send(database: Database) -> None:
    noon = told(("Shipped", 3), recipient_email="jane@x.example", campaign="Q4")
    take(database, noon, csv_row(send_gid=GID, cost_minor=5))
    row = csv_row(created_at=CREATED + timedelta(minutes=40), observed_at=NOW + timedelta(hours=1))
    assert counts(take(database, row)) == (1, 1, 0, 0, 0)


def test_a_full_hour_beside_times_of_day_is_no_day_alone(database: Database) -> None:
    afternoon = CREATED + timedelta(hours=5, minutes=3)
    take(database, told(("Sent", 1), recipient_email="jane@x.example", campaign="Q4", created_at=afternoon))
    rows = [csv_row(), csv_row(recipient_email="joe@x.example", created_at=day(0.3))]
    assert counts(take(database, *rows)) == (2, 2, 0, 0, 0)
    # Midnight is the day alone, though.
    assert take(database, csv_row(created_at=DATE, tracking_url=f"{PARCEL}1"), rows[1]).new == 0
    assert stored(database).tracking_url == f"{PARCEL}1"


@pytest.mark.parametrize("order", ["api csv", "csv api"])
@pytest.mark.parametrize(("hour", "sends_found"), [(23, 1), (24, 2)])
def test_a_day_alone_is_also_the_hour_that_comes_when_the_clocks_go_back(
    database: Database, order: str, hour: int, sends_found: int,
) -> None:
    midnight = datetime(2026, 11, 1, tzinfo=PACIFIC)
    row = csv_row(created_at=midnight)
    sent = (midnight + timedelta(hours=hour, minutes=30)).astimezone(UTC)
    api = told(("Shipped", 2), recipient_email="jane@x.example", campaign="Q4", created_at=sent)
    for source in order.split():
        take(database, api if source == "api" else row)
    assert len(gids(database)) == sends_found
    assert stored(database).created_at == sent


@pytest.mark.parametrize("order", ["api csv", "csv api"])
def test_a_number_that_only_a_file_has_makes_no_second_send(database: Database, order: str) -> None:
    row = csv_row(sendoso_id=9001, tracking_url=f"{PARCEL}1")
    api = told(("Shipped", 1), recipient_email="jane@x.example", campaign="Q4", sendoso_id=77)
    for source in order.split():
        take(database, api if source == "api" else row)
    assert gids(database) == [GID]
    assert (stored(database).sendoso_id, stored(database).tracking_url) == (77, f"{PARCEL}1")
    assert counts(take(database, row)) == (1, 0, 0, 1, 0)


def test_a_number_that_contradicts_is_another_send(database: Database) -> None:
    take(database, told(("Shipped", 1), recipient_email="jane@x.example", campaign="Q4", sendoso_id=77))
    # Of another moment, and beside a row that shows the file's numbers to be Sendoso's.
    assert take(database, csv_row(sendoso_id=9001, created_at=DATE)).new == 1
    assert take(database, csv_row(sendoso_id=78), csv_row(sendoso_id=77)).new == 1


@pytest.mark.parametrize("order", ["api csv", "csv api"])
def test_under_a_corrected_address_a_send_stays_one_when_the_api_has_it(database: Database, order: str) -> None:
    row = csv_row(sendoso_id=77, created_at=DATE, recipient_name="Joe", recipient_email="jo@x.example")
    api = told(
        ("Shipped", 1), recipient_name="Joe", recipient_email="joe@x.example", campaign="Q4", sendoso_id=77,
    )
    for source in order.split():
        take(database, api if source == "api" else row)
    assert gids(database) == [GID]
    assert counts(take(database, row)) == (1, 0, 0, 1, 0)


def test_what_one_mark_mixed_up_before_comes_apart_with_the_next_import(database: Database) -> None:
    rows = [csv_row(sendoso_id=1000, **one) for one in (ANN, BOB, CID)]
    take(database, replace(rows[2], recipient_name="Ann"))
    assert counts(take(database, *rows)) == (3, 2, 1, 0, 0)
    assert counts(take(database, *rows)) == (3, 0, 0, 3, 0)


def test_what_an_earlier_version_took_for_one_send_comes_apart_with_the_same_file(
    database: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [csv_row(sendoso_id=1000, **one) for one in (ANN, BOB, CID)]
    with monkeypatch.context() as earlier:
        earlier.setattr(prints, "_EDITION", {})
        earlier.setattr(marks.Shelf, "_may_be", lambda *_args: True)
        assert counts(take(database, *rows)) == (3, 1, 2, 0, 0)
    assert take(database, *rows).new == 2
    with database.read() as session:
        found = {send.recipient_name: send.status_raw for send in session.scalars(select(Send))}
    # The statuses that the one had meanwhile stay in its history.
    assert found.pop("cid")
    assert found == {row["recipient_name"]: row["status_raw"] for row in (ANN, BOB)}
    assert counts(take(database, *rows)) == (3, 0, 0, 3, 0)


def test_a_send_of_its_own_is_found_again_by_what_a_later_file_adds(database: Database) -> None:
    rows = [csv_row(sendoso_id=1000, **one) for one in (ANN, BOB)]
    take(database, *rows)
    more = [replace(row, tracking_url=f"{PARCEL}{place}", campaign="Q5") for place, row in enumerate(rows)]
    assert counts(take(database, *more)) == (2, 0, 2, 0, 0)
    assert len(gids(database)) == 2


def test_an_id_that_contradicts_the_recipient_is_another_send(database: Database) -> None:
    take(database, told(("Shipped", 1), sendoso_id=44, recipient_email="someone@else.example"))
    take(database, csv_row(sendoso_id=44))
    assert len(gids(database)) == 2


def test_an_ambiguous_mark_is_no_mark(database: Database) -> None:
    take(
        database,
        told(("Shipped", 1), send_gid="a", sendoso_id=44), told(("Shipped", 1), send_gid="b", sendoso_id=44),
    )
    take(database, csv_row(sendoso_id=44, recipient_email=None))
    assert len(gids(database)) == 3


def test_a_file_that_names_a_send_twice_is_idempotent_all_the_same(database: Database) -> None:
    rows = [csv_row(cost_minor=100), csv_row(cost_minor=200, status_raw="Delivered")]
    assert counts(take(database, *rows)) == (2, 1, 1, 0, 0)
    later = [replace(row, observed_at=NOW + timedelta(days=1)) for row in rows]
    assert counts(take(database, *later)) == (2, 0, 0, 2, 0)


def test_a_file_of_no_dates_that_names_a_new_send_again_and_again_tells_of_each_step_once(database: Database) -> None:
    """As one with a row for each of its parcels may; such a batch went in row by row on PostgreSQL."""
    parcels = [csv_row(sendoso_id=44, created_at=None, status_raw=status, cost_minor=cost) for status, cost in (
        ("Shipped", 100), ("Order Received", 200), ("Order Received", 300),
    )]
    assert counts(take(database, *parcels)) == (3, 1, 2, 0, 0)
    [gid] = gids(database)
    assert sorted(row.status for row in history(database, gid)) == ["order_received", "shipped"]
    assert stored(database, gid).status == "shipped"


def test_a_batch_costs_a_fixed_number_of_statements(database: Database) -> None:
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))

    def cost(snapshots: Sequence[Snapshot]) -> int:
        statements.clear()
        take(database, *snapshots)
        return len(statements)

    few = [told(("Order Received", 0), send_gid=f"few{number}") for number in range(2)]
    many = [told(("Order Received", 0), send_gid=f"many{number}") for number in range(300)]
    cost(few)
    assert cost(many) < 20
    moved = [told(("Order Received", 0), ("Shipped", 1), send_gid=f"many{number}") for number in range(300)]
    assert cost(moved) < 20
    assert cost(moved) <= 5  # passed over before any history is read


_NUMBERS = count()
_STATUSES = st.sampled_from(
    ["Initiated", "Order Received", "Fulfilling", "Fulfillment Issue", "Shipped", "Customs Hold"],
)


def _by_time(events: list[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(events, key=lambda one: one[1])


@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_split_or_repetition_of_events_leads_to_the_same(database: Database, data: st.DataObject) -> None:
    events = data.draw(st.lists(st.tuples(_STATUSES, st.integers(0, 10)), min_size=1, max_size=6, unique=True))
    parts = data.draw(st.lists(st.lists(st.sampled_from(events), min_size=1), max_size=4))
    parts = data.draw(st.permutations([*parts, *([one] for one in events)]))
    number = next(_NUMBERS)
    whole, pieces = f"whole{number}", f"pieces{number}"
    take(database, told(*_by_time(events), send_gid=whole))
    source = data.draw(st.sampled_from(["api", "webhook", "csv"]))
    at_once = data.draw(st.booleans())
    snapshots = [told(*_by_time(part), send_gid=pieces, source=source) for part in parts]
    for batch in [snapshots] if at_once else [[one] for one in snapshots]:
        take(database, *batch)
    one, other = stored(database, whole), stored(database, pieces)
    for name in ("status", "status_raw", "status_since", "warehouse_since", "due_at", "due_rule", "kind"):
        assert getattr(one, name) == getattr(other, name), name
    first = {(row.status_key, row.occurred_at) for row in history(database, whole)}
    assert first == {(row.status_key, row.occurred_at) for row in history(database, pieces)}
    assert len(history(database, pieces)) == len(first)


def test_two_processes_may_bring_the_same_sends_at_once(postgresql: Database) -> None:
    ready = threading.Barrier(4)
    totals: list[Taken] = []

    def bring(shift: int) -> None:
        ready.wait()
        for _ in range(3):
            batch = [
                told(("Order Received", 0), ("Shipped", 1 + shift / 10), send_gid=f"gid{number}")
                for number in range(40)
            ]
            totals.append(take(postgresql, *(batch if shift % 2 else reversed(batch))))

    threads = [threading.Thread(target=bring, args=(shift,)) for shift in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(totals) == 12
    assert sum(taken.new for taken in totals) == 40
    with postgresql.read() as session:
        assert sends.total(session) == 40
        assert sends.count_by_status(session) == {"shipped": 40}
        assert len(session.scalars(select(SendHistory.send_id)).all()) == 40 * 5


def test_webhooks_and_an_import_of_the_same_sends_do_not_wait_for_each_other_in_a_circle(postgresql: Database) -> None:
    take(postgresql, told(("Order Received", 0)))
    with ThreadPoolExecutor(1) as pool:
        with postgresql.write() as webhooks:
            assert not intake.mark_for_refresh(webhooks, GID, NOW, NOW)
            imported = pool.submit(take, postgresql, told(("Order Received", 0), ("Shipped", 1)))
            until_somebody_waits(postgresql)
            # The next delivery names its event, and so brings a snapshot.
            intake.take(webhooks, [told(("Shipped", 1), send_gid="other")], NOW, watch())
        assert imported.result(timeout=20).changed == 1
    assert (stored(postgresql).status, stored(postgresql, "other").status) == ("shipped", "shipped")


def test_a_wish_to_refresh_waits_while_records_may_become_one(postgresql: Database) -> None:
    """Between its looks for the row and its writing there, that row would be gone, and the wish with it."""
    def wish() -> bool:
        with postgresql.write() as session:
            return intake.mark_for_refresh(session, GID, NOW, NOW)

    with ThreadPoolExecutor(1) as pool:
        with postgresql.write() as session:
            intake.take(session, [told(("Shipped", 1), send_gid="other")], NOW, watch())
            wished = pool.submit(wish)
            until_somebody_waits(postgresql)
        assert wished.result(timeout=20)
    assert stored(postgresql).refresh_wanted_at == NOW


@pytest.mark.parametrize(("reason", "places"), [("first", ["", "C1"]), ("baseline", ["C1"])])
def test_what_a_webhook_began_is_routed_once_more_when_it_has_a_name(
    database: Database, reason: str, places: Sequence[str],
) -> None:
    hook(database, "send.failed", 5)
    with database.write() as session:
        scan.run(session, NOW, RULES)
        session.execute(update(Alert).values(reason=reason))
    for _ in range(2):
        take(database, told(("Failed", 5), recipient_name="Jane Doe", team="EMEA"))
        with database.read() as session:
            assert sorted(session.scalars(select(models.Notification.channel))) == places
