"""`/sends mine` and the Home tab: assigned alerts first, then own sends, with true counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.sends import lookup
from bot.slack import mine
from storage import people
from tests.bot.slack.conftest import add_alert, add_send
from tests.bot.slack.harness import Slack, buttons, words
from tests.conftest import NOW


@pytest.fixture
def known(slack: Slack) -> Slack:
    """Ann, whom the bot has met."""
    with slack.database.write() as session:
        people.keep(session, user_id="U01ANN", now=NOW, name="Ann Lopez", email="ann@example.com")
    return slack


def give(slack: Slack, number: int, user: str = "U01ANN", **changes: Any) -> None:  # noqa: ANN401 - columns of an alert
    for place in range(1, number + 1):
        send = add_send(
            slack.database, 100 + place, recipient_name=f"Gift {place:02}", sender_email="other@example.com",
        )
        add_alert(
            slack.database, send, None, key=f"{user}{place}", assignee=user, state="acknowledged",
            acknowledged_by=user, opened_at=NOW - timedelta(days=40 - place), **changes,
        )


def own(slack: Slack, number: int) -> None:
    for place in range(1, number + 1):
        add_send(slack.database, place, recipient_name=f"Own {place:02}")


def test_assigned_alerts_stand_before_own_sends(known: Slack) -> None:
    give(known, 2)
    own(known, 3)
    told = known.command("/sends", "mine")
    shown = words(told)
    assert shown.index("2 alerts assigned to you") < shown.index("Gift 01") < shown.index("3 sends of yours")
    assert "Assigned to <@U01ANN>" in shown
    assert shown.splitlines().count("Open") == 5
    for part in ("2 alerts assigned to you", "3 sends of yours", "Gift 02", "Own 03"):
        assert part in told["text"]


def test_of_very_many_own_sends_it_is_told_that_there_are_more(known: Slack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "MANY_OWN", 12)
    own(known, 14)
    shown = words(known.command("/sends", "mine"))
    assert "More than 12 sends of yours" in shown
    assert "of more than 12" in shown


def test_what_is_settled_or_somebody_elses_is_not_listed(known: Slack) -> None:
    give(known, 1, "U02BEN")
    own(known, 1)
    shown = words(known.command("/sends", "mine"))
    assert "No alert is assigned to you." in shown
    assert "Gift" not in shown


def test_of_many_the_first_are_shown_and_all_are_one_press_away(known: Slack) -> None:
    give(known, 12)
    own(known, 20)
    told = known.command("/sends", "mine")
    assert "12 alerts assigned to you" in words(told)
    assert "…and 7 more" in words(told)
    here = {"type": "message", "message_ts": "5.5", "channel_id": "C02SALES", "is_ephemeral": True}
    known.press("list_more.assigned", buttons(told)["Show all of them"]["value"], container=here)
    first = known.said[-1]
    assert "12 alerts assigned to you" in words(first)
    assert words(first).count("*Gift ") == 8
    known.press("list_more.8", buttons(first)["Show more"]["value"], container=here)
    assert words(known.said[-1]).count("*Gift ") == 4
    known.press("list_more.8", buttons(told)["Show more"]["value"], container=here)
    second = known.said[-1]
    assert "9 to 16 of 20" in words(second)
    assert "assigned to you" not in words(second)


def test_without_an_email_the_assigned_alerts_are_shown_all_the_same(slack: Slack) -> None:
    give(slack, 1)
    slack.client.answers["users.info"] = [{"ok": False, "error": "missing_scope"}]
    assert slack.command("/sends", "mine") == {}
    shown = words(slack.said[-1])
    assert "1 alert assigned to you" in shown
    assert "does not tell me your e-mail" in shown


@pytest.mark.parametrize("content", [
    {"list": "assigned", "u": "nobody"}, {"list": "assigned"}, {"list": "mine", "q": "x", "u": 5},
])
def test_lists_of_nobody_are_foreign(slack: Slack, content: dict[str, Any]) -> None:
    slack.press("list_more.8", content)
    assert "not one that this version" in slack.said[-1]["text"]


def test_the_list_when_everything_is_done(slack: Slack) -> None:
    slack.press("list_more.8", {"list": "assigned", "u": "U01ANN", "offset": 8})
    assert slack.said[-1]["text"] == mine.NOTHING


def test_the_home_tab_counts_both(known: Slack) -> None:
    give(known, 12)
    own(known, 1)
    add_alert(known.database, 13, None, key="own")
    known.event({"type": "app_home_opened", "tab": "home", "user": "U01ANN", "channel": "D1"})
    known.executor.finish()
    (view,) = [body["view"] for method, body in known.client.calls if method == "views.publish"]
    assert "Assigned to you: 12" in words(view)
    assert "Needs you: 1" in words(view)
