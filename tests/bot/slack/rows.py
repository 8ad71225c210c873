"""Sends and alerts for tests, as they would stand in the tables: whole, and as odd as they come."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from bot.statuses.catalogue import Status
from storage.models import Alert, AlertEvent, Send, SendHistory
from tests.conftest import NOW

HOSTILE = (
    "", " ", "Jane Doe", "<!channel>", "<!here|x> @here @everyone", "*bold* _it_ ~gone~ `code`",
    "<https://evil.com|ok>",
    "https://evil.com/a?b=c", "www.evil.com", "evil.com", "jane@acme.com", "&amp; & <@U123ABC> <#C123>", ":smile: :+1:",
    "أحمد العربي", "\u202eevil\u202c", "👩‍👩‍👧‍👦" * 40, "名前" * 200, "a" * 300, "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞",
    "line\none\r\ntwo\tthree", "\x00\x07nul", "> quote", "&" * 255, "<" * 255, "\ud800lone", "```\ncode\n```",
    "{} %s {0}",
    "-" * 255, "<!date^1^{date}|x>", "'\"\\", "mailto:jane@acme.com", "[a](https://b.c)",
)
STORABLE = tuple(name for name in HOSTILE if not any("\ud800" <= one <= "\udfff" for one in name))
"""Those that a database stores; lone surrogates are taken out of what comes from outside."""


def send(row_id: int = 1, **changes: Any) -> Send:  # noqa: ANN401 - one value per column
    """A physical send of Jane Doe's at the warehouse."""
    known: dict[str, Any] = {
        "send_gid": "Z2lkOi8vc2VuZG9zby9TZW5kLzQ0", "sendoso_id": 44, "kind": "physical", "type": "Inventoried Sends",
        "subtype": "Custom", "status": "order_received", "status_raw": "Processing",
        "status_since": NOW - timedelta(days=8), "created_at": NOW - timedelta(days=9),
        "recipient_name": "Jane Doe", "recipient_email": "jane@acme.com", "recipient_company": "Acme",
        "sender_name": "Ann Lopez", "sender_email": "ann@example.com", "team": "Marketing Ops",
        "campaign": "Q4 thank-you", "cost_minor": 2500, "currency": "USD",
        "tracking_url": "https://track.example.com/1Z999", "search_text": "| jane doe | jane@acme.com | acme |",
        "first_seen_at": NOW, "updated_at": NOW,
    }
    row = Send(**{**known, **changes})
    row.id = row_id
    return row


def alert(row_id: int = 1, **changes: Any) -> Alert:  # noqa: ANN401 - as above
    """An open alert that the order has been with the warehouse for too long."""
    known: dict[str, Any] = {
        "key": "overdue:1:1:support", "send_id": 1, "rule": "overdue", "level": "support", "status": "order_received",
        "status_raw": "Processing", "status_since": NOW - timedelta(days=8), "due_at": NOW - timedelta(days=1),
        "threshold": {"amount": 7, "unit": "days", "source": "Send Tracker article", "words": "7 days"},
        "why": "In Order Received for more than 7 days; Sendoso's Send Tracker article says to contact Support.",
        "opened_at": NOW,
    }
    row = Alert(**{**known, **changes})
    row.id = row_id
    return row


def event(**changes: Any) -> SendHistory:  # noqa: ANN401 - as above
    known: dict[str, Any] = {
        "send_id": 1, "status": "order_received", "status_key": "order_received", "status_raw": "Processing",
        "occurred_at": NOW - timedelta(days=8), "observed_at": NOW, "source": "api",
    }
    return SendHistory(**{**known, **changes})




@st.composite
def _texts(draw: st.DrawFn) -> str:
    # Composite, so that Hypothesis names it in a word instead of printing all that it draws from.
    kind = st.one_of(
        st.sampled_from(HOSTILE),
        st.text(max_size=300),
        st.text(alphabet="<>&*_~`@!#:/.|\\ \n\u202eaA1é😀\u200d", max_size=300),
    )
    return draw(kind)


texts = _texts()
ids = st.integers(min_value=1, max_value=2**63 - 1)
moments = st.datetimes(
    min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
    timezones=st.just(NOW.tzinfo) if NOW.tzinfo else st.nothing(),
)
people = st.one_of(st.none(), st.sampled_from(["U01ANN", "W0ELSE", "scan", "", "<!here>"]))
statuses = st.sampled_from([str(status) for status in Status])

sends = st.builds(
    send, row_id=ids, kind=st.sampled_from(["egift", "physical", "choice", "unknown"]), type=texts, subtype=texts,
    status=statuses, status_raw=texts, status_since=moments, recipient_name=texts, recipient_email=texts,
    recipient_company=texts, sender_name=texts, sender_email=texts, team=texts, campaign=texts, currency=texts,
    sendoso_id=st.one_of(st.none(), ids), send_gid=texts,
    cost_minor=st.one_of(st.none(), st.integers(-(2**62), 2**62)), due_at=st.one_of(st.none(), moments),
    due_rule=st.sampled_from([None, "overdue", "expiring", "expired", "needs_action", "unknown_status", "x"]),
    expires_at=st.one_of(st.none(), moments), complete=st.booleans(),
    tracking_url=st.one_of(
        st.none(), texts, texts.map(lambda text: f"https://x.example/{text}"),
        st.just("https://x.example/" + "a" * 4000),
        st.sampled_from(["javascript:alert(1)", "http://[::1", "https://x:port/", "https://track.example/1"]),
    ),
)
alerts = st.builds(
    alert, row_id=ids, send_id=st.one_of(st.none(), ids),
    rule=st.sampled_from(
        ["overdue", "expiring", "expired", "needs_action", "unknown_status", "stale_data", "x"],
    ),
    level=st.sampled_from(["late", "support", "7d", "2d", "1d", "notice", ""]),
    status=st.one_of(statuses, st.just("")), status_raw=texts, status_since=st.one_of(st.none(), moments),
    threshold=st.one_of(
        st.just({}),
        st.fixed_dictionaries({
            "words": st.one_of(texts, st.integers()), "source": texts, "assumed": st.booleans(),
            "ends_at": st.one_of(texts, moments.map(datetime.isoformat), st.none()),
        }),
    ),
    why=texts, reason=st.sampled_from(["first", "raised", "snooze_ended", "reopened", "baseline", "x"]),
    state=st.sampled_from(["firing", "acknowledged", "snoozed", "resolved"]),
    version=st.integers(1, 2**31), opened_at=moments, assignee=people, acknowledged_by=people,
    acknowledged_at=st.one_of(st.none(), moments), snoozed_until=st.one_of(st.none(), moments), snoozed_by=people,
    support_by=people, support_at=st.one_of(st.none(), moments), follow_up_at=st.one_of(st.none(), moments),
    resolved_by=people,
    resolved_at=st.one_of(st.none(), moments), resolved_reason=st.one_of(st.none(), texts),
)
states_on_record = st.fixed_dictionaries({}, optional={
    "state": st.sampled_from(["firing", "acknowledged", "snoozed", "resolved", "x"]), "version": st.integers(1, 9),
    "assignee": people, "acknowledged_by": people, "resolved_reason": texts, "reason": texts,
    "snoozed_until": st.one_of(texts, moments.map(datetime.isoformat)),
    "follow_up_at": st.one_of(texts, moments.map(datetime.isoformat)),
})
records = st.builds(
    AlertEvent,
    action=st.sampled_from([
        "opened", "acknowledge", "assign", "snooze", "snooze_ended", "resolve", "reopened", "support", "support_sent",
        "follow_up", "meaning", "undo", "baseline_post", "baseline_settle", "refused", "moved_on", "<!here>",
    ]),
    actor=people.map(lambda who: who or "scan"), actor_name=texts, occurred_at=moments, dedupe_key=st.just("k"),
    before=states_on_record, after=states_on_record,
    detail=st.fixed_dictionaries({}, optional={
        "note": texts, "wanted": texts, "of": st.sampled_from(["baseline_post", "x"]), "support_by": people,
        "who": st.lists(st.sampled_from(["sender", "admins", "S01MARKETING", "U01ANN", "<!here>"]), max_size=4),
    }),
)
"""Rows of the audit record, also such as no version of the bot has written."""
events = st.builds(event, status=statuses, status_raw=texts, occurred_at=moments)
pairs = st.tuples(alerts, st.one_of(st.none(), sends))
