"""The rule of what a mute holds, and that SQL counts by the same rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from bot.alerts import muted, mutes
from bot.alerts.muting import SCOPES, Muted, Target, folded, holding, key_of, targets
from bot.alerts.routing import Subject
from bot.alerts.subjects import subject_of
from storage import alerts as alert_rows
from storage.engine import Database
from storage.models import Alert, Mute, Send

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
LATE = Subject(rule="overdue", status="shipped", campaign="Straße  nach\tRom", team="É", sender_email="A@B.com")


@pytest.mark.parametrize(("one", "other"), [
    ("Autumn Box", "  autumn\u00a0box "), ("STRASSE", "straße"), ("ΌΣΟΣ", "όσος"), ("a\x1cb", "a b"), ("É", "é"),
])
def test_what_people_take_for_the_same_is_the_same(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("é", "e\u0301"), ("box", "b ox"), ("İ", "i"), ("a", "")])
def test_what_they_tell_apart_stays_apart(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_an_alert_of_the_bot_itself_is_muted_by_its_rule_alone() -> None:
    stale = Subject(rule="stale_data")
    keys = {scope: key_of(scope, stale) for scope in SCOPES}
    assert keys == {scope: "stale_data" if scope == "rule" else "" for scope in SCOPES}


def test_a_stored_mute_holds_as_it_says() -> None:
    row = Mute(
        scope="campaign", value=folded(LATE.campaign), label="Rom", created_by="U1", created_at=NOW,
        ends_at=NOW + timedelta(days=1),
    )
    row.id = 7
    one = Muted.of(row)
    assert (one.mute_id, one.label, one.created_by) == (7, "Rom", "U1")
    assert holding([one], LATE) == one
    assert holding([one], replace(LATE, campaign="")) is None


NAMES = st.sampled_from([
    "", " ", "Autumn Box", "autumn  box", "AUTUMN\u00a0BOX", "Straße", "STRASSE", "strasse", "éa", "ÉA", "İ", "i̇",
    "100%", "a_b", "a'b\"c", "\u2003x", "x", "ΌΣΟΣ", "όσος",
])
ALERTS = st.lists(
    st.fixed_dictionaries({
        "campaign": NAMES, "team": NAMES, "sender_email": NAMES, "rule": st.sampled_from(["overdue", "expired"]),
        "status": st.sampled_from(["", "shipped", "expired"]),
        "state": st.sampled_from(["firing", "acknowledged", "snoozed", "resolved"]), "alone": st.booleans(),
    }),
    max_size=6,
)
WANTED = st.tuples(st.sampled_from(SCOPES), st.one_of(NAMES, st.sampled_from(["overdue", "shipped", "g0", "G0"])))


@given(rows=ALERTS, wanted=WANTED, others=st.lists(WANTED, max_size=3))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sql_counts_what_the_rule_holds(
    database: Database, rows: list[dict[str, Any]], wanted: tuple[str, str], others: list[tuple[str, str]],
) -> None:
    scope, value = wanted[0], wanted[1] if wanted[0] == "send" else folded(wanted[1])
    if not value:
        return
    with database.write() as session:
        for table in (Alert, Send, Mute):
            session.query(table).delete()
        for number, row in enumerate(rows):
            _add(session, number, **row)
        for kind, text in others:
            session.add(Mute(
                scope=kind, value=text if kind == "send" else folded(text), created_by="U1", created_at=NOW,
                ends_at=NOW + timedelta(days=1),
            ))
        session.flush()
        alerts, _ = alert_rows.open_alerts(session, 100)
        subjects = [subject_of(alert, send) for alert, send in alert_rows.with_sends(session, alerts)]
        in_force = [one for one in muted.in_force(session, NOW) if one.value]
        fitting = [one for one in subjects if key_of(scope, one) == value]
        held = muted.count(session, scope, value, NOW)
        assert (held.alerts, held.told, held.waiting) == (len(fitting), 0, len(fitting))
        assert held.already == sum(holding(in_force, one) is not None for one in fitting)


def _add(session: Session, number: int, *, alone: bool, **row: str) -> None:
    send = None
    if not alone:
        send = Send(
            send_gid=f"g{number}", status="shipped", status_raw="", status_since=NOW, first_seen_at=NOW, updated_at=NOW,
            campaign=row["campaign"], team=row["team"], sender_email=row["sender_email"],
        )
        session.add(send)
        session.flush()
    session.add(Alert(
        key=f"k{number}", rule=row["rule"], level="late", status=row["status"], state=row["state"], due_at=NOW,
        opened_at=NOW, send_id=send.id if send else None,
    ))
    session.flush()


def test_a_year_is_the_longest() -> None:
    assert timedelta(days=365) < mutes.LONGEST < timedelta(days=367)


def test_a_stored_mute_keeps_its_end() -> None:
    row = Mute(scope="team", value="é", created_by="U1", created_at=NOW, ends_at=NOW + timedelta(days=2))
    row.id = 8
    assert Muted.of(row) == Muted(
        mute_id=8, scope="team", value="é", ends_at=NOW + timedelta(days=2), created_by="U1", label="",
    )


FULL = Subject(
    rule="overdue", level="late", status="order_received", team=" EMEA  Sales", campaign="Autumn\nBox",
    sender_name=" Sam  Sender ", sender_email=" Sam@Acme.com ", send_gid="gid-A",
)


def test_everything_that_can_be_muted_of_an_alert_from_the_narrowest_to_the_widest() -> None:
    found = targets(FULL, "Jane  Doe")
    assert list(found) == list(SCOPES)
    assert found == {
        "send": Target(scope="send", value="gid-A", label="Jane Doe", sender_email="sam@acme.com"),
        "campaign": Target(scope="campaign", value="autumn box", label="Autumn Box"),
        "team": Target(scope="team", value="emea sales", label="EMEA Sales"),
        "sender": Target(scope="sender", value="sam@acme.com", label="Sam Sender", sender_email="sam@acme.com"),
        "rule": Target(scope="rule", value="overdue", label="late gifts"),
        "status": Target(scope="status", value="order_received", label="Order Received"),
    }


def test_what_an_alert_does_not_have_cannot_be_muted() -> None:
    assert targets(Subject(rule="stale_data"), "") == {
        "rule": Target(scope="rule", value="stale_data", label="missing data from Sendoso"),
    }


def test_who_has_no_name_is_called_by_what_there_is() -> None:
    found = targets(replace(FULL, sender_name=" ", rule="made_up"), "")
    assert [found[scope].label for scope in ("send", "sender", "rule")] == ["gid-A", "Sam@Acme.com", "made_up"]
