"""Whatever the data: every message, modal and Home view is one that Slack takes, and nothing in it is live."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.blocks import (
    alert_card,
    alert_list,
    assign_modal,
    assigned_card,
    baseline_card,
    event_words,
    group_card,
    group_modal,
    help_card,
    meaning_card,
    notice_card,
    send_card,
    send_list,
    send_search,
    snooze_modal,
    support_modal,
    timeline_modal,
)
from bot.slack.blocks.assigned_card import Assigned
from bot.slack.blocks.baseline_card import Baseline
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.group_card import Group
from bot.slack.blocks.send_card import SendFacts
from bot.slack.blocks.send_list import Page
from bot.slack.blocks.support_modal import Draft
from bot.slack.blocks.timeline_modal import Entry
from bot.slack.grammar import usages
from bot.statuses.catalogue import MEANINGS, Status, meanings
from bot.statuses.working_time import us_calendar
from storage.models import Alert, AlertEvent, Send, SendHistory
from tests.bot.slack import gate
from tests.bot.slack.rows import (
    HOSTILE,
    alert,
    alerts,
    event,
    events,
    ids,
    moments,
    pairs,
    people,
    records,
    send,
    sends,
    texts,
)
from tests.conftest import NOW
from tests.hostile import hostile

MANY = hostile(60)
ZONE = ZoneInfo("Asia/Tokyo")


def passes(drawn: Drawn) -> None:
    assert gate.problems({"text": drawn.text, "blocks": drawn.blocks}) == []


def view_passes(view: dict[str, object], surface: gate.Surface = gate.MODAL) -> None:
    assert gate.problems(view, surface) == []


@MANY
@given(pairs, moments)
def test_an_alert(pair: tuple[Alert, Send | None], now: datetime) -> None:
    passes(alert_card.build(*pair, now))


groups = st.builds(
    Group, message_id=ids, rule=st.sampled_from(["overdue", "expiring", "expired", "needs_action", "x"]),
    level=st.sampled_from(["late", "support", ""]), campaign=texts,
    by_state=st.dictionaries(
        st.sampled_from(["firing", "acknowledged", "snoozed", "resolved"]), st.integers(0, 10**6),
    ),
    acknowledged_by=st.dictionaries(people.map(lambda who: who or ""), st.integers(1, 500)),
    resolved_by=st.dictionaries(st.from_regex(r"U[A-Z0-9]{3,9}", fullmatch=True), st.integers(1, 500), max_size=20),
    top=st.lists(pairs, max_size=5),
)


@MANY
@given(groups, st.lists(pairs, max_size=12, unique_by=lambda pair: pair[0].id), st.integers(0, 100))
def test_a_group_and_all_of_it(group: Group, page: list[tuple[Alert, Send | None]], number: int) -> None:
    passes(group_card.build(group, NOW))
    view_passes(group_modal.build(group, page, number=number, now=NOW))


@MANY
@given(st.builds(
    Baseline, message_id=ids,
    by_rule=st.dictionaries(st.sampled_from([*group_card.TITLES, "x"]), st.integers(0, 10**6)),
    settled=st.dictionaries(st.sampled_from(["itself", "replaced", "by_hand"]), st.integers(0, 10**6)),
    muted=st.integers(0, 10**6),
    waiting=st.dictionaries(st.sampled_from(["muted", "quiet", "inhibited", "snoozed", "x"]), st.integers(0, 10**6)),
    chosen=st.sampled_from([None, "post", "settle"]), chosen_by=people, chosen_at=st.one_of(st.none(), moments),
))
def test_a_baseline(found: Baseline) -> None:
    passes(baseline_card.build(found))


facts = st.builds(SendFacts, send=sends, history=st.lists(events, max_size=20), alerts=st.lists(alerts, max_size=5))


@MANY
@given(facts, texts)
def test_a_send(found: SendFacts, query: str) -> None:
    passes(send_card.build(found, NOW, back={"list": "find", "q": query[:150], "offset": 0}))
    passes(send_card.shared(found, NOW, "U01ANN"))
    view_passes(send_card.view(found, NOW))
    option = send_search.entry(found.send, NOW)
    menu = {"type": "static_select", "action_id": "x", "options": [option]}
    passes(Drawn(text="x", blocks=[{"type": "actions", "elements": [menu]}]))
    assert json.loads(option["value"]) == {"send": found.send.id}


def test_the_window_before_a_send_is_chosen() -> None:
    for problem in ("", "That send is not known any more."):
        view_passes(send_card.lookup(problem))


@MANY
@given(st.lists(sends, max_size=8), st.integers(0, 10**6), st.integers(0, 500), texts)
def test_a_list(found: list[Send], total: int, offset: int, query: str) -> None:
    asked = {"list": "find", "q": query, "offset": offset}
    title = send_list.heading(total, query)
    passes(send_list.build(Page(title=title, asked=asked, sends=found, total=total, offset=offset), NOW))


@MANY
@given(st.lists(pairs, max_size=8), st.integers(0, 10**6))
def test_open_alerts(found: list[tuple[Alert, Send | None]], total: int) -> None:
    passes(alert_list.build(found, total=total, offset=0, asked={"list": "alerts", "offset": 0}, now=NOW))


@MANY
@given(texts, st.lists(texts, max_size=12))
def test_nothing_found_and_mistakes(query: str, names: list[str]) -> None:
    passes(send_list.nothing(query, names))
    passes(help_card.is_a_send(query, "/sends"))
    passes(help_card.build("How to use it", usages(), problem=help_card.mistaken(query, usages()[2:4], "/sends")))
    passes(help_card.mistaken(query, usages(), "/sends", rest=query))
    passes(help_card.is_a_status(query, "shipped", "Shipped", "/sends"))
    passes(meaning_card.unsure(query, list(Status)[:4], looks_like_send=len(query) % 2 == 0))


@MANY
@given(st.text(max_size=9000) | texts, texts)
def test_a_notice(text: str, small: str) -> None:
    passes(notice_card.build(text, title="Sendoso cannot be reached", small=small))


@MANY
@given(st.lists(pairs, max_size=6), st.integers(1, 5_000), st.integers(0, 5_000), texts, st.sampled_from(["C01X", ""]))
def test_what_was_assigned(
    top: list[tuple[Alert, Send | None]], total: int, left: int, said: str, place: str,
) -> None:
    found = Assigned(
        reader="U02BEN", by="U01ANN", total=total, left=min(left, total), top=top[:total], note=said, place=place,
        message_id=1,
    )
    drawn = assigned_card.build(found, NOW)
    assert (drawn is None) == (not top)
    if drawn is not None:
        passes(drawn)


@MANY
@given(pairs, sends, st.lists(records, max_size=8), st.dictionaries(st.sampled_from(["U01ANN", "W0ELSE"]), texts))
def test_windows(
    pair: tuple[Alert, Send | None], other: Send, history: list[AlertEvent], names: dict[str, str],
) -> None:
    view_passes(snooze_modal.build(snooze_modal.about_alert(*pair, NOW, {"send": other.id}), NOW, ZONE, us_calendar()))
    draft = Draft(alert=pair[0], send=other, now=NOW, history=history, names=names)
    follow_ups = [(days, NOW + timedelta(days=days)) for days in (1, 2, 3, 5)]
    view_passes(support_modal.build(draft, follow_ups, 2, ZONE, {"group": [1, 2]}))
    assert len(support_modal.mail_link(draft, "x")) < 3000
    about = assign_modal.about_alert(*pair, NOW, {"message": other.id, "page": 7})
    view_passes(assign_modal.build(about, "U01ANN", {"user": "W0ELSE", "problem": "x" * 90}, "No <such> one"))
    entries = [Entry(at=one.occurred_at, words=event_words.words(one, pair[0])) for one in history] * 9
    view_passes(timeline_modal.view(*pair, entries, 1, NOW))
    passes(timeline_modal.message(*pair, entries, NOW))
    view_passes(meaning_card.view(meanings(other.status, other.kind), other.status_raw))


@pytest.mark.parametrize("name", HOSTILE)
def test_every_hostile_name_everywhere(name: str) -> None:
    told = send(
        recipient_name=name, recipient_email=name, recipient_company=name, sender_name=name, team=name, campaign=name,
        type=name, subtype=name, status="unknown", status_raw=name, currency=name, tracking_url=name,
    )
    stuck = alert(
        status="unknown", status_raw=name, why=name, resolved_reason=name, state="resolved", resolved_by="U1A",
    )
    history: list[SendHistory] = [event(status="unknown", status_raw=name)] * 12
    passes(alert_card.build(stuck, told, NOW))
    passes(send_card.build(SendFacts(send=told, history=history, alerts=[stuck] * 4), NOW))
    passes(send_card.shared(SendFacts(send=told, history=history), NOW, "U01ANN"))
    passes(send_list.nothing(name, [name] * 3))


@pytest.mark.parametrize("number", [0, 1, 8, 50, 500])
def test_any_number_of_rows(number: int) -> None:
    rows = [(alert(place + 1), send(place + 1)) for place in range(number)]
    group = Group(message_id=1, rule="overdue", by_state={"firing": number}, top=rows[:5])
    passes(group_card.build(group, NOW))
    view_passes(group_modal.build(group, rows[:12], number=0, now=NOW))
    passes(alert_list.build(rows[:8], total=number, offset=0, asked={"list": "alerts"}, now=NOW))
    page = Page(title="x", asked={"list": "stuck"}, sends=[told for _, told in rows[:8]], total=number, offset=0)
    passes(send_list.build(page, NOW))


def test_every_meaning() -> None:
    for status in Status:
        passes(meaning_card.build(meanings(status)))
        view_passes(meaning_card.view(meanings(status), "raw"))
    for one in MEANINGS:
        passes(meaning_card.build([one]))
