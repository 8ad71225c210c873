"""The Home tab is one that Slack takes whatever it shows, and its picture says the same in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.blocks import home, week_picture
from bot.slack.blocks.home import PAGE, HomeFacts, Part
from bot.slack.blocks.numbers import for_many
from bot.slack.blocks.week_picture import Week
from bot.slack.buttons import HANDLERS
from bot.slack.grammar import usages
from storage.models import Alert, Mute, Send
from tests.bot.slack import gate
from tests.bot.slack.blocks.test_limits_property import MANY, view_passes
from tests.bot.slack.blocks.test_mute_blocks import mutes
from tests.bot.slack.harness import words
from tests.bot.slack.rows import HOSTILE, alert, pairs, send, sends, texts
from tests.conftest import NOW

MONDAY = date(2026, 10, 5)
counts = st.tuples(st.integers(0, 10**6), st.floats(0, 1)).map(lambda pair: (pair[0], int(pair[0] * pair[1])))
few_pairs = st.lists(pairs, max_size=PAGE)
parts = st.builds(Part, rows=few_pairs, total=st.integers(PAGE, 10**5), page=st.integers(0, 10**4))


def weeks(numbers: Sequence[tuple[int, int]]) -> list[Week]:
    return [
        Week(monday=MONDAY + timedelta(weeks=place), sent=sent, arrived=arrived)
        for place, (sent, arrived) in enumerate(numbers)
    ]


def shown(**found: Any) -> dict[str, Any]:  # noqa: ANN401 - one value per field
    view = home.build(HomeFacts(user_id="U01ANN", **found), usages(), NOW)
    view_passes(view, gate.HOME)
    return view


def said(view: dict[str, Any]) -> list[str]:
    return words(view).splitlines()


@MANY
@given(
    st.none() | parts, parts, parts, st.lists(texts, max_size=5), st.lists(sends, max_size=PAGE),
    st.lists(mutes, max_size=PAGE), st.lists(counts, max_size=8), st.none() | st.tuples(st.integers(0), st.integers(0)),
)
def test_whatever_it_shows_slack_takes_it(
    needs: Part[Any] | None, assigned: Part[Any], team: Part[Any], teams: list[str], watched: list[Send],
    muted: list[Mute], numbers: list[tuple[int, int]], everything: tuple[int, int] | None,
) -> None:
    view = shown(
        needs=needs, assigned=assigned, assigned_hidden=assigned.total, teams=teams, team=team,
        watched=Part(rows=watched, total=len(watched)), mutes=Part(rows=muted, total=9 * len(muted)),
        weeks=weeks(numbers), everything=everything,
    )
    assert len(view["blocks"]) <= gate.BLOCKS[gate.HOME]
    for block in view["blocks"]:
        for element in gate.elements(block):
            assert element["action_id"].partition(".")[0] in HANDLERS


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_words(name: str) -> None:
    told = send(recipient_name=name, recipient_company=name, sender_name=name, campaign=name, team=name)
    part: Part[tuple[Alert, Send | None]] = Part(rows=[(alert(), told)] * PAGE, total=500, page=3)
    mute = Mute(
        scope="campaign", value=name, label=name, reason=name, created_by="U01ANN", created_at=NOW, ends_at=NOW,
    )
    mute.id = 7
    shown(
        needs=part, assigned=part, team=part, teams=[name] * 4, watched=Part(rows=[told] * PAGE, total=50),
        mutes=Part(rows=[mute], total=1),
    )


@pytest.mark.parametrize("total", [0, 1, 50, 500])
def test_any_number_of_rows(total: int) -> None:
    rows = [(alert(), send())] * min(total, PAGE)
    view = shown(needs=Part(rows=rows, total=total), team=Part(rows=rows, total=total), teams=["Sales"])
    assert (f"Needs you: {total}" if total else "Needs you") in said(view)
    assert (f"1 to 5 of {total}" in said(view)) == (total > PAGE)


def test_empty_sections_say_so_in_a_sentence() -> None:
    told = words(shown(teams=["Sales"], weeks=weeks([(0, 0)])))
    assert "Every send of yours goes its way." in told
    assert "Press “Assign to me” on an alert" in told
    assert "No send of your colleagues in this team has an open alert." in told
    assert "You have sent nothing in this time." in told
    assert "All teams together" not in told
    assert "`/sends mute` shows what others have muted." in told, "they may hide something from this person, too"


def test_the_settings_are_there_for_whoever_may_change_them() -> None:
    view = shown(tools={"settings_open", "setup_check"})
    told = words(view)
    assert "For admins" in told
    assert "Settings\nCheck set-up" in told
    assert "All teams together" not in told
    only_one = words(shown(tools={"setup_check"}, everything=(1, 0)))
    assert "Settings" not in only_one
    assert "Check set-up" in only_one


def test_who_has_no_team_is_told_why_there_is_none() -> None:
    assert home.NO_TEAM in words(shown())


def test_who_has_no_email_is_told_what_to_do_and_sees_no_team() -> None:
    told = words(shown(needs=None, teams=[], weeks=weeks([(3, 1)])))
    assert home.NO_EMAIL in told
    assert "Your team" not in told
    assert "weeks" not in told


def test_a_send_for_support_says_where_the_message_is() -> None:
    fresh, known = (alert(support_by=who, level="support") for who in (None, "U02BEN"))
    told = words(shown(needs=Part(rows=[(fresh, send()), (known, send())], total=2)))
    assert f"*To do:* {home.SUPPORT}" in told
    assert f"*To do:* {home.FOLLOW_UP}" in told


def test_the_buttons_of_a_section_lead_to_its_neighbours() -> None:
    rows = [(alert(), send())] * PAGE
    view = shown(needs=Part(rows=rows, total=23, page=2))
    found = {
        element["text"]["text"]: (element["action_id"], element["value"], element["accessibility_label"])
        for block in view["blocks"] for element in gate.elements(block) if element["type"] == "button"
    }
    assert found["Show the ones before"] == (
        "home_turn.needs1", '{"section":"needs","page":1}', "Show the ones before, from number 6: Needs you",
    )
    assert found["Show more"][0] == "home_turn.needs3"
    assert "11 to 15 of 23" in said(view)


def test_only_what_is_said_counts_for_whether_it_is_drawn_again() -> None:
    found = HomeFacts(user_id="U01ANN")
    first, later = (home.build(found, usages(), NOW + timedelta(hours=hours)) for hours in (0, 5))
    other = home.build(replace(found, teams=["Sales"]), usages(), NOW)
    assert first != later
    assert home.fingerprint(first) == home.fingerprint(later) != home.fingerprint(other)


# --- the picture --------------------------------------------------------------------------------------


def drawn(numbers: Sequence[tuple[int, int]]) -> list[str]:
    [text] = [
        piece["text"] for block in week_picture.build(weeks(numbers)) if block and block["type"] == "rich_text"
        for part in block["elements"] for piece in part["elements"]
    ]
    lines: list[str] = for_many(text).splitlines()
    return lines


def test_each_week_is_a_bar_with_its_number() -> None:
    assert drawn([(12, 12), (6, 3), (0, 0), (1, 0)]) == [
        "Oct 5  ████████████ 12",
        "Oct 12 ███░░░       6",
        "Oct 19              0",
        "Oct 26 ░            1",
    ]


@given(st.lists(counts, min_size=1, max_size=8).filter(lambda numbers: any(sent for sent, _ in numbers)))
def test_a_bar_shows_what_is_there_and_is_full_only_when_all_has_arrived(numbers: list[tuple[int, int]]) -> None:
    for line, (sent, arrived) in zip(drawn(numbers), numbers, strict=True):
        assert len(line) <= 30
        assert (week_picture.ARRIVED in line) == (arrived > 0)
        if arrived == sent:
            assert week_picture.UNDER_WAY not in line
        assert (week_picture.ARRIVED in line or week_picture.UNDER_WAY in line) == (sent > 0)


def test_the_same_is_said_in_words() -> None:
    told = words({"blocks": [block for block in week_picture.build(weeks([(12, 1), (0, 0), (1, 0)])) if block]})
    assert "You have sent 13 gifts. 1 of them is delivered or redeemed so far." in told
    assert "from Oct 5 12 sent, 1 of them arrived; from Oct 19 1 sent, 0 of them arrived." in told
