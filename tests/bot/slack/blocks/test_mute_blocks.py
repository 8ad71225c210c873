"""Whatever the data: all that is said about mutes is what Slack takes, and nothing in it is live."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.muting import SCOPES, Muted
from bot.slack.blocks import alert_card, alert_list, group_card, home, mute_card, mute_list, mute_modal
from bot.slack.blocks.home import HomeFacts
from bot.slack.blocks.mute_list import PAGE, Line
from bot.slack.blocks.mute_modal import KINDS, Choice, Filled, Meant
from bot.slack.grammar import usages
from storage.models import Mute
from tests.bot.slack import gate
from tests.bot.slack.blocks.test_limits_property import MANY, ZONE, groups, passes, view_passes
from tests.bot.slack.harness import words
from tests.bot.slack.rows import alert, ids, pairs, people, send, texts
from tests.conftest import NOW

DAY = timedelta(days=1)
soon = st.integers(1, 365 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))
scopes = st.sampled_from(SCOPES)
many = st.integers(0, 10**6)
refs = st.builds(lambda scope, number: {"scope": scope, "of": "send", "id": number}, scopes, ids)
choices = st.builds(Choice, scope=scopes, label=texts, alerts=many, ref=refs)
filled = st.builds(
    Filled, scope=scopes, chosen=st.one_of(st.none(), choices), length=st.sampled_from([*mute_modal.LENGTHS, "x"]),
    words=texts, reason=texts,
)
meant = st.builds(
    Meant, scope=scopes, label=texts, until=soon, alerts=many, told=many, already=many, reason=texts,
)
held = st.builds(
    Muted, mute_id=ids, scope=scopes, value=texts, ends_at=soon, created_by=people.map(lambda who: who or "U1"),
    label=texts,
)
DATA = {"of": "alert", "id": 2**63 - 1, "under": "V0123456789", "message": 2**63 - 1, "page": 9}


def _mute(row_id: int, **values: Any) -> Mute:  # noqa: ANN401 - columns of every type
    row = Mute(**values)
    row.id = row_id
    return row


mutes = st.builds(
    _mute, row_id=ids, scope=scopes, value=texts, label=texts, reason=texts, created_by=st.just("U01ANN"),
    created_at=st.just(NOW), ends_at=soon, ended_at=st.one_of(st.none(), soon), ended_by=people,
)
lines = st.builds(Line, mute=mutes, alerts=many, after=st.one_of(st.none(), mutes))


@MANY
@given(st.lists(choices, min_size=1, max_size=6, unique_by=lambda one: one.scope), filled, scopes, texts)
def test_windows(found: list[Choice], given_before: Filled, scope: str, label: str) -> None:
    view_passes(mute_modal.for_alert(found, DATA, NOW, ZONE, given_before))
    view_passes(mute_modal.for_anything(DATA, NOW, ZONE, given_before))
    view_passes(mute_modal.for_change(scope, label, NOW + DAY, DATA, NOW, ZONE, given_before))


@MANY
@given(meant, refs, st.booleans())
def test_what_is_shown_back(found: Meant, ref: dict[str, Any], is_change: bool) -> None:
    view_passes(mute_modal.confirm(found, DATA | ref, NOW, ZONE, is_change=is_change))
    passes(mute_card.asked(found, ref, NOW, ZONE))
    passes(mute_card.done(found.scope, found.label, found.until, found.alerts, 7))
    passes(mute_card.ended(found.scope, found.label, 7, can_undo=is_change))


@MANY
@given(choices, texts, texts, st.lists(choices, max_size=3), st.sampled_from([*KINDS, ""]))
def test_what_is_asked_and_what_may_have_been_meant(
    found: Choice, problem: str, name: str, near: list[Choice], scope: str,
) -> None:
    passes(mute_card.how_long(found, problem))
    passes(mute_card.unsure(scope, name, near, ("campaign", "team"), NOW))
    assert mute_modal.entry(found)["value"] == json.dumps(dict(found.ref), separators=(",", ":"))
    assert len(mute_modal.entry(found)["value"]) <= 150


@MANY
@given(st.lists(lines, max_size=PAGE), many, many)
def test_lists(found: list[Line], total: int, hidden: int) -> None:
    passes(mute_list.build(found, total=total, offset=0, hidden=hidden))
    passes(mute_list.history(found, total=total, offset=8))


@MANY
@given(held, pairs, groups, st.lists(held, max_size=3), many)
def test_cards_of_what_is_muted(
    one: Muted, pair: tuple[Any, Any], group: group_card.Group, several: list[Muted], hidden: int,
) -> None:
    passes(alert_card.build(*pair, NOW, None, one))
    passes(group_card.build(replace(group, muted=hidden, mutes=several), NOW))
    asked = {"list": "muted", "offset": 0}
    passes(alert_list.build([pair], total=1, offset=0, asked=asked, now=NOW, hidden=hidden, muted={pair[0].id: one}))
    view = home.build(HomeFacts(assigned_hidden=hidden, everything=(0, hidden)), usages(), NOW)
    view_passes(view, gate.HOME)


@pytest.mark.parametrize(("alerts", "told", "already", "said"), [
    (0, 0, 0, "No open alert is about it now."),
    (1, 1, 0, "It hides *1 open alert*, told already."),
    (14, 12, 3, "It hides *14 open alerts*: 12 told already and 2 not yet. 3 of them are muted already."),
    (2, 0, 1, "It hides *2 open alerts*, not told yet. 1 of them is muted already."),
    (1, 1, 1, "It hides *1 open alert*, told already. It is muted already."),
    (2, 2, 2, "It hides *2 open alerts*, told already. All of them are muted already."),
])
def test_the_count_is_said_in_words(alerts: int, told: int, already: int, said: str) -> None:
    found = Meant(scope="team", label="EMEA", until=NOW, alerts=alerts, told=told, already=already)
    assert mute_modal.hides(found) == said


def test_who_may_not_see_every_alert_is_told_that_those_are_counted_that_they_may_see() -> None:
    found = Meant(scope="team", label="EMEA", until=NOW, alerts=2, told=2, limited=True)
    assert mute_modal.hides(found) == "It hides *2 open alerts that you may see*, told already."
    assert mute_modal.hides(replace(found, alerts=0)) == "No open alert that you may see is about it now."


@pytest.mark.parametrize(("scope", "label", "said"), [
    ("campaign", "Autumn Box", "Campaign “Autumn Box”"), ("send", "Jane", "The send for Jane"),
    ("rule", "late gifts", "Rule “late gifts”"),
])
def test_what_is_muted_has_a_name(scope: str, label: str, said: str) -> None:
    assert mute_modal.named(scope, label) == said


def over(ended_at: datetime | None, after: Mute | None = None, ended_by: str | None = "U02BEN") -> str:
    row = _mute(
        1, scope="sender", value="ann@example.com", label="Ann Lopez", created_by="U01ANN", created_at=NOW,
        ends_at=NOW + DAY, ended_at=ended_at, ended_by=ended_by if ended_at else None,
    )
    drawn = mute_list.history([Line(mute=row, after=after)], total=1, offset=0)
    return words({"blocks": drawn.blocks})


def test_how_a_mute_of_the_past_ended() -> None:
    again = _mute(2, scope="sender", value="", created_by="U04DEE", created_at=NOW + DAY, ends_at=NOW + 2 * DAY)
    assert "ran out by itself" in over(None)
    assert "ended by <@U02BEN>" in over(NOW)
    assert "changed by <@U04DEE>" in over(NOW + DAY, again)
    assert "ended by <@U02BEN> and made again by <@U04DEE>" in over(NOW, again)
    # Two people may have the same name.
    assert "Sender “Ann Lopez” (ann@example.com)" in over(None).replace("\u2060", "")


def test_a_long_name_leaves_room_for_the_count() -> None:
    choice = Choice(scope="campaign", label="x" * 300, alerts=1_000_000)
    view = mute_modal.for_alert([choice], {}, NOW, ZoneInfo("UTC"))
    (option,) = view["blocks"][0]["element"]["options"]
    assert option["text"]["text"].endswith("…” — 1,000,000 open alerts")


def test_a_settled_alert_says_nothing_of_mutes() -> None:
    one = Muted(mute_id=1, scope="team", value="emea", ends_at=NOW + DAY, created_by="U1")
    assert "Muted" in alert_card.build(alert(), send(), NOW, None, one).text
    assert "Muted" not in alert_card.build(alert(state="resolved"), send(), NOW, None, one).text
