"""An organisation has installed Sendwatch once: Slack knows one bot, which speaks for each of its workspaces."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.config.changes import apply
from bot.config.current import in_force
from bot.config.document import Document
from bot.doctor.finding import State
from bot.playground.person import Person
from bot.playground.seen import PATIENCE, SeenMessage
from bot.playground.slack_app import Team
from bot.workspaces import checkup
from storage import people
from storage.models import Alert
from tests.stories.house import ACORN, BEECH, House, house
from tests.stories.sending import add
from tests.stories.test_looking_up import FIELD
from tests.stories.test_user_groups import GROUPS, chosen, form
from tests.stories.test_workspaces import ELM, OAK, gone, invite, knock, moved_in


@pytest.fixture
def forest(tmp_path: Path, now: datetime) -> Iterator[House]:
    """An organisation has installed it, and two of its workspaces use it; each has one send that is held up."""
    with house(tmp_path, now, teams=(OAK, ELM)) as made:
        made.install(OAK)
        made.slack(ELM).slack.bot_token = made.slack(OAK).bot_token
        for team, name in ((OAK, "Jane Oak"), (ELM, "Bill Elm")):
            made.slack(team).person("ann").command("/sends help")
            made.connect(team)
            add(made.world(team), "Processing", days=8, name=name)
        yield made


@pytest.mark.parametrize("is_invited", [False, True])
def test_in_one_place_each_workspace_of_an_organisation_keeps_its_own_alerts(
    forest: House, *, is_invited: bool,
) -> None:
    for team in (OAK, ELM):
        if is_invited:
            invite(forest, team)
        # Else each tells whoever installed it, who is the same.
        forest.world(team).tick()
    place = forest.slack(OAK).channel("#gifting-alerts") if is_invited else forest.slack(OAK).person("ann").dm()
    assert [len([one for one in place.messages if name in one.visible_text]) for name in ("Oak", "Elm")] == [1, 1]
    for _ in range(2):
        forest.clock.advance(timedelta(hours=1))
        for team in (OAK, ELM):
            report = forest.world(team).bot.sweep.run()
            assert (report.doubled, report.adopted) == (0, 0)
            forest.world(team).deliver()
    assert [len([one for one in place.messages if name in one.visible_text]) for name in ("Oak", "Elm")] == [1, 1]


# --- presses, by people who are at home somewhere else ----------------------------------------------------


@pytest.fixture
def told(forest: House) -> House:
    """Both alerts, each the first one of its workspace, stand in one channel."""
    for team in (OAK, ELM):
        invite(forest, team)
        forest.world(team).tick()
    return forest


@pytest.fixture(params=["T0ELM", "E0FOREST"])
def dee(told: House, request: pytest.FixtureRequest) -> Person:
    """Somebody in a channel of Oak's whom Slack names with Elm, or with no workspace at all."""
    found = told.slack(OAK).person("dee")
    found.comes_from(request.param)
    return found


def alert_about(found: House, name: str) -> SeenMessage:
    [message] = [one for one in found.slack(OAK).channel("#gifting-alerts").messages if name in one.visible_text]
    return message


def states(found: House) -> dict[str, list[str]]:
    def of(team: Team) -> list[str]:
        with found.world(team).bot.database.read() as session:
            return list(session.scalars(select(Alert.state)))

    return {team.name: of(team) for team in (OAK, ELM)}


def test_a_press_acts_on_the_alert_that_was_pressed(told: House, dee: Person) -> None:
    assert dee.press(alert_about(told, "Jane Oak"), "Acknowledge").acked
    assert states(told) == {"Oak": ["acknowledged"], "Elm": ["firing"]}
    assert dee.press(alert_about(told, "Bill Elm"), "Acknowledge").acked
    for team in (OAK, ELM):
        told.world(team).deliver()
    assert states(told) == {"Oak": ["acknowledged"], "Elm": ["acknowledged"]}
    assert "Dee Novak" in alert_about(told, "Jane Oak").visible_text


def test_so_does_what_is_chosen_and_sent_off_in_a_window(told: House, dee: Person) -> None:
    dee.press(alert_about(told, "Jane Oak"), "Snooze")
    dee.modal("Snooze").submit()
    assert states(told) == {"Oak": ["snoozed"], "Elm": ["firing"]}
    # What has just been drawn anew is still Oak's.
    told.world(OAK).deliver()
    dee.press(alert_about(told, "Jane Oak"), "Undo")
    assert states(told) == {"Oak": ["firing"], "Elm": ["firing"]}


def test_what_is_found_in_a_window_is_of_the_workspace_that_opened_it(told: House, dee: Person) -> None:
    dee.shortcut("Look up a send")
    window = dee.modal("Look up a send")
    [found] = window.options(FIELD, "jane")
    assert "Jane Oak" in found
    assert window.options(FIELD, "bill") == []
    dee.choose(window, FIELD, found, typed="jane")
    assert dee.slack.state.wait_for(lambda: "Jane Oak" in dee.modal().visible_text or None, PATIENCE)


def test_an_answer_for_one_person_and_what_follows_from_it_stay_with_its_workspace(told: House, dee: Person) -> None:
    answer = dee.command("/send-status jane oak")
    assert "Jane Oak" in answer.visible_text
    assert answer.press("Acknowledge").acked
    assert states(told) == {"Oak": ["acknowledged"], "Elm": ["firing"]}


def test_a_press_on_what_a_workspace_without_it_has_left_is_refused_with_a_sentence(
    tmp_path: Path, now: datetime,
) -> None:
    with house(tmp_path, now) as two:
        moved_in(two, ACORN, BEECH)
        add(two.world(), "Processing", days=8)
        two.world().tick()
        alert, dee = two.world().only_alert(), two.slack().person("dee")
        gone(two, ACORN)
        dee.comes_from(BEECH.id)
        reply = dee.press(alert, "Acknowledge")
        assert "not served here any more" in reply.visible_text
        assert reply.acked
        # In a window there is no place for a sentence: Slack shows its own sign of trouble.
        body = {
            "type": "block_actions", "user": {"id": "U04DEE", "team_id": BEECH.id}, "actions": [{"action_id": "open"}],
            "view": {"type": "modal", "private_metadata": "T0DEMO@{}"},
        }
        assert knock(two, json.dumps(body).encode(), "application/json").status_code == 404


def test_a_button_that_says_nothing_goes_by_the_presser_as_it_always_has(told: House) -> None:
    """As messages were drawn before they told their workspace."""
    alert = alert_about(told, "Jane Oak")
    for block in alert.message.blocks:
        for element in [*block.get("elements", ()), block.get("accessory", {})]:
            if "action_id" in element:
                element["action_id"] = element["action_id"].removesuffix("@T0OAK")
    assert "T0OAK" not in repr(alert.message.blocks)
    told.slack(OAK).person("dee").press(alert, "Acknowledge")
    assert states(told) == {"Oak": ["acknowledged"], "Elm": ["firing"]}


# --- user groups, which Slack lists by workspace ----------------------------------------------------------


def test_user_groups_are_those_of_each_workspace(forest: House) -> None:
    members = {OAK: ["U02BEN"], ELM: ["U03CHI", "U04DEE"]}
    for team, some in members.items():
        group = forest.slack(team).group("gifting-ops")
        group.members[:] = some
        group.name = f"{team.name} Ops"
        bot = forest.world(team).bot
        with bot.database.write() as session:
            document = Document.model_validate({"permissions": {"settings": ["admins"], "resolve": [group.id]}})
            apply(session, in_force(session), document, forest.clock(), "U01ANN")
        bot.refresh_groups()
    for team, some in members.items():
        with forest.world(team).bot.database.read() as session:
            assert people.groups(session)["S01GIFTOPS"].members == some
    ann = forest.slack(OAK).person("ann")
    assert chosen(form(ann), GROUPS) == ["Oak Ops (@gifting-ops)"]
    findings = checkup.examine(forest.hosting.settings, forest.clock).findings
    assert {one.state for one in findings if "S01GIFTOPS" in repr(one)} == {State.GOOD}
