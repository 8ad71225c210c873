"""For who listens, or sees no colours: everything is said in words, and nothing sounds like something else."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest

from bot.alerts.muting import Muted
from bot.slack.blocks import alert_card, alert_list, group_card, group_modal, send_card, send_list, summary_card
from bot.slack.blocks.drawn import LABEL_LIMIT, Drawn, draw
from bot.slack.blocks.group_card import Group
from bot.slack.blocks.limits import actions, button, modal, section
from bot.slack.blocks.send_card import SendFacts
from bot.slack.blocks.send_list import Page
from bot.statuses import catalogue
from bot.statuses.catalogue import Status
from storage.models import Alert
from tests.bot.slack import gate
from tests.bot.slack.rows import alert, send
from tests.conftest import NOW

LATER = NOW + timedelta(days=2)
STATES: dict[str, dict[str, Any]] = {
    "firing": {},
    "acknowledged": {"acknowledged_by": "U01ANN", "acknowledged_at": NOW},
    "snoozed": {"snoozed_by": "U01ANN", "snoozed_until": LATER},
    "resolved": {"resolved_by": "U01ANN", "resolved_at": NOW, "resolved_reason": "arrived"},
}
WORDS = {"acknowledged": "Acknowledged by", "snoozed": "Snoozed until", "resolved": "Resolved"}


def in_state(state: str, row_id: int = 1) -> Alert:
    return alert(row_id, state=state, **STATES[state])


def without_pictures(text: str) -> str:
    """The text as it is for who sees no emoji."""
    return "".join(letter for letter in text if unicodedata.category(letter) not in {"So", "Sk", "Mn", "Cf"})


def seen(drawn: Drawn) -> list[str]:
    return [without_pictures(drawn.text), *(without_pictures(text) for text in _texts(drawn.blocks))]


def _texts(node: object) -> list[str]:
    if isinstance(node, list):
        return [text for child in node for text in _texts(child)]
    if not isinstance(node, dict):
        return []
    own = [node["text"]] if isinstance(node.get("text"), str) else []
    return own + [text for child in node.values() for text in _texts(child)]


def everywhere(state: str) -> dict[str, Drawn]:
    """The alert in that state in every message in which it can stand."""
    one = in_state(state)
    top = [(in_state(state, number), send(number)) for number in (1, 2, 3)]
    group = Group(message_id=1, rule="overdue", by_state={state: 3}, top=top)
    return {
        "card": alert_card.build(one, send(), NOW),
        "of the send": send_card.build(SendFacts(send=send(), alerts=[one]), NOW),
        "list": alert_list.build([(one, send())], total=1, offset=0, asked={"list": "alerts"}, now=NOW),
        "group": group_card.build(group, NOW),
    }


@pytest.mark.parametrize("state", WORDS)
def test_the_state_is_said_in_words(state: str) -> None:
    for place, drawn in everywhere(state).items():
        assert WORDS[state].lower().split()[0] in without_pictures(drawn.text).lower(), place


@pytest.mark.parametrize(("one", "other"), list(combinations(STATES, 2)))
def test_two_states_never_look_alike_without_pictures(one: str, other: str) -> None:
    for place, drawn in everywhere(one).items():
        assert seen(drawn) != seen(everywhere(other)[place]), place


@pytest.mark.parametrize("status", list(Status))
def test_every_status_is_named(status: Status) -> None:
    told = send(status=status, status_raw="Teleported")
    title = "Teleported" if status is Status.UNKNOWN else catalogue.title(status)
    page = Page(title="1 send", asked={"list": "find", "q": "x", "offset": 0}, sends=[told], total=1)
    for drawn in (send_card.build(SendFacts(send=told), NOW), send_card.shared(SendFacts(send=told), NOW, "U01ANN"),
                  send_list.build(page, NOW)):
        assert title.split("/")[0] in without_pictures(drawn.text)


def test_what_has_an_alert_or_is_muted_says_so() -> None:
    page = Page(title="1 send", sends=[send()], total=1, alerting=frozenset({1}))
    assert "open alert" in without_pictures(send_list.build(page, NOW).text)
    held = Muted(mute_id=1, scope="campaign", value="q4", ends_at=LATER, created_by="U01ANN", label="Q4")
    assert "Muted until" in without_pictures(alert_card.build(alert(), send(), NOW, held=held).text)


def test_every_line_with_a_picture_has_words() -> None:
    for state in STATES:
        for drawn in everywhere(state).values():
            for line in (line for text in _texts(drawn.blocks) for line in text.splitlines()):
                assert any(map(str.isalnum, without_pictures(line))), line


def test_every_message_of_several_parts_begins_with_a_header() -> None:
    top = [(alert(number), send(number)) for number in (1, 2, 3)]
    group = Group(message_id=1, rule="overdue", by_state={"firing": 3}, top=top)
    summary = summary_card.build(group, {"overdue": 3}, NOW)
    for drawn in (*everywhere("firing").values(), summary):
        assert drawn.blocks[0]["type"] == "header"


def test_ten_buttons_alike_are_told_apart() -> None:
    row = [button("Open", f"open.{n}", {"id": n}, label="Open Jane's gift") for n in range(10)]
    for blocks in (draw([actions(*row)]).blocks, modal("Gifts", [actions(*row)], callback_id="x")["blocks"],
                   draw([section("x", one) for one in row]).blocks):
        spoken = [element["accessibility_label"] for block in blocks for element in gate.elements(block)]
        assert spoken[:3] == ["Open Jane's gift", "Open Jane's gift, number 2", "Open Jane's gift, number 3"]
        assert len(set(spoken)) == 10
    assert [one["accessibility_label"] for one in row] == ["Open Jane's gift"] * 10


def test_long_labels_keep_their_number() -> None:
    rows = [button("Open", f"open.{n}", {}, label=("x" * 74) + end) for n, end in enumerate("aabb")]
    spoken = [one["accessibility_label"] for one in draw([actions(*rows)]).blocks[0]["elements"]]
    assert len(set(spoken)) == 4
    assert all(len(label) <= LABEL_LIMIT for label in spoken)


def test_a_window_of_gifts_for_one_person_is_told_apart() -> None:
    pairs = [(alert(n), send(n)) for n in range(1, 13)]
    group = Group(message_id=1, rule="overdue", by_state={"firing": 12}, top=pairs[:5])
    assert gate.problems(group_modal.build(group, pairs, number=0, now=NOW), gate.MODAL) == []
