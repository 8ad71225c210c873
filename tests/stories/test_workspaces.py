"""Several workspaces with one Sendwatch: installed by OAuth, each by itself, taken out and back again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, select, text

from bot import app as bot_app
from bot.playground.sendoso.webhooks import signed
from bot.playground.slack_app import Team
from storage import outgoing, rooms, troubles, workspaces
from storage.engine import Database
from storage.models import InstallState, Workspace
from storage.outgoing import WORKSPACE
from storage.secrets import Vault
from storage.workspaces import Grant
from tests.stories.house import ACORN, BEECH, KEY, House, house
from tests.stories.sending import add

FORM = "application/x-www-form-urlencoded"
OAK = Team(id="T0OAK", name="Oak", domain="oak", enterprise_id="E0FOREST")
ELM = Team(id="T0ELM", name="Elm", domain="elm", enterprise_id="E0FOREST")


@pytest.fixture
def two(tmp_path: Path, now: datetime) -> Iterator[House]:
    """Nobody has installed it yet."""
    with house(tmp_path, now) as made:
        yield made


def moved_in(found: House, *teams: Team) -> None:
    """Installed, connected with Sendoso, and invited to the channel for alerts."""
    for team in teams:
        assert found.install(team).status_code == 200
        found.connect(team)
        invite(found, team)


def invite(found: House, team: Team) -> None:
    """The bot is in a channel, which thereby is the one for alerts."""
    assert found.hosting.registry.settle_in(team.id, "C01GIFTING")
    found.hosting.workspaces.reconcile()


def rows(found: House) -> dict[str, Workspace]:
    return {row.team_id or row.enterprise_id: row for row in found.hosting.registry.every()}


def test_from_the_first_page_to_an_alert_that_is_pressed(two: House) -> None:
    with two.browser() as browser:
        page = browser.get("/slack/install")
    assert page.status_code == 200
    assert "chat:write" in page.text
    assert page.headers["cache-control"] == "no-store"
    done = two.install()
    assert done.status_code == 200, done.text
    assert "Acorn" in done.text
    two.connect(ACORN)
    invite(two, ACORN)
    story = two.world()
    add(story, "Processing", days=8)
    story.tick()
    dee = story.person("dee")
    assert "Jane Doe" in dee.command("/send-status jane").visible_text
    alert = story.only_alert()
    dee.press(alert, "Acknowledge")
    story.deliver()
    assert "Dee Novak" in alert.latest().visible_text


def test_what_one_workspace_has_no_other_sees(two: House) -> None:
    moved_in(two, ACORN, BEECH)
    acorn, beech = two.world(ACORN), two.world(BEECH)
    add(acorn, "Processing", days=8, name="Jane Acorn")
    add(beech, "Processing", days=8, name="Bill Beech")
    acorn.tick()
    beech.tick()
    assert "Jane Acorn" in acorn.only_alert().visible_text
    assert "Bill Beech" in beech.only_alert().visible_text
    for story, own, other in ((acorn, "Jane Acorn", "Bill"), (beech, "Bill Beech", "Jane")):
        ben = story.person("ben")
        assert own in ben.command("/sends stuck").visible_text
        assert other not in ben.command("/sends stuck").visible_text
        assert own not in ben.command(f"/send-status {other}").visible_text
        assert other not in story.only_alert().visible_text


def test_the_first_channel_that_it_is_invited_to_is_the_one_for_alerts(two: House) -> None:
    two.install()
    two.connect(ACORN)
    assert two.world().bot.settings.alert_channel == "U01ANN"
    two.world().person("ben").invite_bot("#ops")
    slack = two.slack()
    assert slack.slack.state.wait_for(lambda: rows(two)["T0DEMO"].alert_channel or None, 10) == "C04OPS"
    two.hosting.executor.shutdown(wait=True)
    assert two.world().bot.settings.alert_channel == "C04OPS"
    two.world().deliver()
    [welcome] = slack.channel("#ops").messages
    assert "Sendwatch" in welcome.visible_text


def test_the_channel_for_alerts_follows_where_slack_gives_it_another_id(two: House) -> None:
    # There is no setting in which an admin could write the new one.
    moved_in(two, ACORN)
    story = two.world()
    add(story, "Processing", days=8)
    story.tick()
    ann = story.person("ann")
    ann.change_channel_id("#gifting-alerts", "C0NEWALERTS")
    state = two.slack().slack.state
    assert state.wait_for(lambda: rows(two)["T0DEMO"].alert_channel == "C0NEWALERTS" or None, 10)
    two.hosting.executor.submit(lambda: None).result()
    two.hosting.executor.shutdown(wait=True)
    story = two.world()
    assert story.bot.settings.alert_channel == "C0NEWALERTS"
    add(story, "Processing", days=8, name="Max Roe")
    story.later(minutes=20)
    story.tick()
    names = [name for one in story.alerts.messages for name in ("Jane Doe", "Max Roe") if name in one.visible_text]
    assert names == ["Jane Doe", "Max Roe"]
    assert "ALERT_CHANNEL" not in "".join(one.visible_text for one in ann.dm().messages)


def test_a_workspace_without_it_is_told_where_to_get_it(two: House) -> None:
    shown = two.slack().person("ann").command("/sends help").visible_text
    assert "not installed in this workspace" in shown
    assert "https://gifts.example.com/slack/install" in shown


def knock(found: House, body: bytes, kind: str = FORM, **change: str) -> httpx2.Response:
    headers = next(iter(found.slacks.values())).sign(body, kind) | change
    return httpx2.post(f"{found.hosting.url}/slack/events", content=body, headers=headers, trust_env=False)


@pytest.mark.parametrize("body", [
    b"{}", b"[]", b'{"type":"event_callback"}', b'{"type":"event_callback","team_id":"../x","event":{"type":"x"}}',
    b'{"type":"event_callback","team_id":7,"authorizations":[],"event":{}}', b'{"team_id":"T0DEMO","event":[]}',
    b'{"type":"block_actions","team":null,"user":{"id":"U1","team_id":null},"actions":[{"action_id":"a"}]}',
    b'{"type":"view_submission","team":[],"view":{"team_id":{}}}', b'{"team_id":"T0NOBODY"}',
])
def test_signed_nonsense_gets_a_clear_answer(two: House, body: bytes) -> None:
    assert knock(two, body, "application/json").status_code < 500


def test_nothing_is_told_to_who_does_not_sign(two: House) -> None:
    moved_in(two, ACORN)
    body = urlencode({"command": "/sends", "text": "help", "user_id": "U01ANN", "team_id": "T0DEMO"}).encode()
    wrong = "v0=" + "0" * 64
    assert knock(two, body, **{"X-Slack-Signature": wrong}).status_code == 401
    assert knock(two, body.replace(b"T0DEMO", b"T0NONE"), **{"X-Slack-Signature": wrong}).status_code == 401


def test_slack_may_try_the_address_out(two: House) -> None:
    answer = knock(two, json.dumps({"type": "url_verification", "challenge": "abc"}).encode(), "application/json")
    assert (answer.status_code, answer.json()) == (200, {"challenge": "abc"})


# --- the state ----------------------------------------------------------------------------------------


def test_a_forged_foreign_used_or_late_state_installs_nothing(two: House) -> None:
    with two.browser() as browser, two.browser() as other:
        page = browser.get("/slack/install")
        cookie = {"Cookie": page.headers["set-cookie"].partition(";")[0]}
        back = two.allow(two.link(page.text))
        foreign = {"Cookie": other.get("/slack/install").headers["set-cookie"].partition(";")[0]}
        for path, headers in (
            (back, {}), (back, foreign), ("/slack/oauth_redirect?code=x&state=made-up", cookie),
            ("/slack/oauth_redirect", cookie), ("/slack/oauth_redirect?error=access_denied", cookie),
            ("/slack/oauth_redirect?code=x&state=forged", {"Cookie": "slack-app-oauth-state=forged"}),
        ):
            refused = browser.get(path, headers=headers)
            assert refused.status_code == 400, path
            assert "Nothing was changed" in refused.text
        assert rows(two) == {}
        # The browser in which it was begun may still end it, and only once.
        assert browser.get(back, headers=cookie).status_code == 200
        assert browser.get(back, headers=cookie).status_code == 400
        page = browser.get("/slack/install")
        two.clock.advance(timedelta(minutes=11))
        late = browser.get(two.allow(two.link(page.text), BEECH), headers={
            "Cookie": page.headers["set-cookie"].partition(";")[0],
        })
        assert late.status_code == 400
        assert list(rows(two)) == ["T0DEMO"]


def test_a_flood_of_strangers_leaves_nothing_behind_and_hinders_nobody(two: House) -> None:
    with two.browser() as browser:
        page = browser.get("/slack/install")
        cookie = {"Cookie": page.headers["set-cookie"].partition(";")[0]}
        for _ in range(20):
            mine = browser.get("/slack/install").headers["set-cookie"].partition(";")[0]
            state = mine.partition("=")[2]
            browser.get(f"/slack/oauth_redirect?code=x&state={state}", headers={"Cookie": mine})
        with two.hosting.database.read() as session:
            assert session.scalar(select(func.count()).select_from(InstallState)) == 0
        assert browser.get(two.allow(two.link(page.text)), headers=cookie).status_code == 200
        looked = browser.head("/slack/install")
        assert (looked.status_code, looked.text) == (200, "")


@pytest.mark.parametrize(("params", "says"), [
    ({"error": "access_denied"}, "did not allow"), ({"error": "<script>"}, "&lt;script&gt;"),
    ({"code": "x"}, "used up"), ({}, "no_code"),
])
def test_each_end_has_its_page(two: House, params: dict[str, str], says: str) -> None:
    with two.browser() as browser:
        page = browser.get("/slack/install")
        cookie = page.headers["set-cookie"].partition(";")[0]
        state = cookie.partition("=")[2]
        told = browser.get(
            f"/slack/oauth_redirect?{urlencode(params | {'state': state})}", headers={"Cookie": cookie},
        )
    assert says in told.text
    assert "<script>" not in told.text
    assert rows(two) == {}


# --- taken out and back -------------------------------------------------------------------------------


def gone(found: House, team: Team) -> None:
    found.slack(team).uninstall()
    key = team.enterprise_id or team.id
    assert found.slack(team).slack.state.wait_for(lambda: rows(found)[key].uninstalled_at, 10)
    found.hosting.workspaces.tend()


def test_uninstalled_its_token_goes_and_its_data_wait(two: House) -> None:
    moved_in(two, ACORN, BEECH)
    story = two.world()
    add(story, "Processing", days=8)
    story.tick()
    gone(two, ACORN)
    assert rows(two)["T0DEMO"].token is None
    assert list(two.hosting.workspaces.running()) == ["T0BEECH"]
    assert "not installed" in two.slack().person("ann").command("/sends help").visible_text
    assert "not installed" not in two.slack(BEECH).person("ann").command("/sends help").visible_text
    two.clock.advance(timedelta(days=29))
    two.hosting.workspaces.tend()
    # Back again: what was there is there, and what waited goes out.
    assert two.install(ACORN).status_code == 200
    again = two.world()
    assert "Jane Doe" in again.person("dee").command("/send-status jane").visible_text
    again.tick()
    assert len(again.alerts.messages) == 1
    assert again.bot.settings.alert_channel == "C01GIFTING"


def test_what_waited_goes_out_after_a_new_install(two: House) -> None:
    moved_in(two, ACORN)
    story = two.world()
    add(story, "Processing", days=8)
    two.slack().slack.revoked = True
    story.bot.sync()
    story.bot.scan()
    story.bot.deliver()
    assert story.alerts.messages == []
    gone(two, ACORN)
    two.install(ACORN)
    two.world().deliver()
    assert len(story.alerts.messages) == 1


def test_after_thirty_days_everything_is_deleted(two: House, tmp_path: Path) -> None:
    moved_in(two, ACORN, BEECH)
    assert (tmp_path / "house-T0DEMO.db").exists()
    gone(two, ACORN)
    two.clock.advance(timedelta(days=30))
    two.hosting.workspaces.tend()
    assert list(rows(two)) == ["T0BEECH"]
    assert [path.name for path in tmp_path.glob("house-T0DEMO*")] == []
    assert (tmp_path / "house-T0BEECH.db").exists()


def test_a_token_that_slack_calls_withdrawn_for_a_day_counts_as_an_uninstall(two: House) -> None:
    # After a back-up from before it was restored, nobody tells of the uninstall any more.
    moved_in(two, ACORN, BEECH)
    story = two.world()
    add(story, "Processing", days=8)
    two.slack().slack.revoked = True
    story.bot.sync()
    story.bot.scan()
    story.bot.deliver()
    two.clock.advance(timedelta(hours=23))
    story.bot.deliver()
    two.hosting.workspaces.tend()
    assert rows(two)["T0DEMO"].uninstalled_at is None
    two.clock.advance(timedelta(hours=2))
    story.bot.deliver()
    two.hosting.workspaces.tend()
    assert (rows(two)["T0DEMO"].token, rows(two)["T0DEMO"].uninstalled_at) == (None, two.clock())
    assert list(two.hosting.workspaces.running()) == ["T0BEECH"]
    # Back again, all of it goes on.
    two.slack().slack.revoked = False
    assert two.install(ACORN).status_code == 200
    two.world().deliver()
    assert len(two.world().alerts.messages) == 1


def test_a_workspace_of_an_organisation_whose_token_was_withdrawn_takes_no_other_along(forest: House) -> None:
    story = forest.world(OAK)
    registry, at = forest.hosting.registry, forest.clock()
    assert registry.given_up(OAK.id, at)
    assert not registry.given_up(OAK.id, at)
    forest.hosting.workspaces.tend()
    assert story.bot.origin.shares_bot
    assert list(forest.hosting.workspaces.running()) == [ELM.id]
    assert not registry.given_up("T0NOBODY", at)
    # What was installed since has another token.
    assert not registry.given_up(ELM.id, at - timedelta(days=1))


def test_tokens_of_people_are_nobodys_concern(two: House) -> None:
    moved_in(two, ACORN)
    event = {"type": "event_callback", "team_id": "T0DEMO", "event_id": "Ev1", "event": {
        "type": "tokens_revoked", "tokens": {"oauth": ["U01ANN"], "bot": []},
    }}
    assert knock(two, json.dumps(event).encode(), "application/json").status_code == 200
    assert rows(two)["T0DEMO"].token is not None


@pytest.mark.parametrize("event", [
    {"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"bot": ["U0BOT"]}},
])
def test_word_of_an_uninstall_that_comes_late_takes_nothing_from_the_new_install(
    two: House, now: datetime, event: dict[str, Any],
) -> None:
    moved_in(two, ACORN)
    body = {
        "type": "event_callback", "team_id": "T0DEMO", "event_id": "Ev2", "event": event,
        "event_time": int((now - timedelta(minutes=5)).timestamp()),
    }
    assert knock(two, json.dumps(body).encode(), "application/json").status_code == 200
    two.hosting.workspaces.tend()
    assert rows(two)["T0DEMO"].token is not None
    assert list(two.hosting.workspaces.running()) == ["T0DEMO"]
    story = two.world()
    add(story, "Processing", days=8)
    story.tick()
    assert len(story.alerts.messages) == 1
    body |= {"event_id": "Ev3", "event_time": int(now.timestamp())}
    assert knock(two, json.dumps(body).encode(), "application/json").status_code == 200
    assert rows(two)["T0DEMO"].token is None


@pytest.mark.parametrize("event", [
    {"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"bot": ["U0BOT"]}},
])
def test_an_uninstall_counts_where_no_bot_is_up_as_well(tmp_path: Path, now: datetime, event: dict[str, Any]) -> None:
    with house(tmp_path, now) as before:
        moved_in(before, ACORN, BEECH)
        with before.hosting.database.write() as session:
            row = workspaces.by_team(session, "T0BEECH")
            assert row is not None
            row.token = Vault([Fernet.generate_key().decode()]).seal({"token": "xoxb-beech"})
    with house(tmp_path, now) as two:
        assert list(two.hosting.workspaces.running()) == ["T0DEMO"]
        body = {"type": "event_callback", "team_id": "T0BEECH", "event_id": "Ev4", "event": event}
        assert knock(two, json.dumps(body).encode(), "application/json").status_code == 200
        assert rows(two)["T0BEECH"].token is None
        two.clock.advance(timedelta(days=30))
        two.hosting.workspaces.tend()
        assert list(rows(two)) == ["T0DEMO"]
        assert not (tmp_path / "house-T0BEECH.db").exists()


# --- an organisation ----------------------------------------------------------------------------------


def test_an_organisation_installs_it_for_all_of_its_workspaces(tmp_path: Path, now: datetime) -> None:
    with house(tmp_path, now, teams=(OAK, ELM)) as forest:
        page = forest.install(OAK)
        assert page.status_code == 200
        assert "whole organisation" in page.text
        assert list(rows(forest)) == ["E0FOREST"]
        forest.slack(ELM).slack.bot_token = forest.slack(OAK).bot_token  # one token serves them all
        assert "/send-status" in forest.slack(OAK).person("ann").command("/sends help").visible_text
        assert "/send-status" in forest.slack(ELM).person("ann").command("/sends help").visible_text
        assert sorted(rows(forest)) == ["E0FOREST", "T0ELM", "T0OAK"]
        forest.connect(OAK)
        forest.connect(ELM)
        invite(forest, OAK)
        oak = forest.world(OAK)
        add(oak, "Processing", days=8)
        oak.tick()
        # A press, in which Slack names no team but the person's.
        oak.person("dee").press(oak.only_alert(), "Acknowledge")
        oak.deliver()
        assert "Dee Novak" in oak.only_alert().visible_text
        assert "Jane" not in forest.slack(ELM).person("ann").command("/sends stuck").visible_text
        gone(forest, OAK)
        assert forest.hosting.workspaces.running() == {}
        assert all(row.token is None and row.uninstalled_at for row in rows(forest).values())


@pytest.fixture
def forest(tmp_path: Path, now: datetime) -> Iterator[House]:
    """An organisation has installed it, and both of its workspaces have used it."""
    with house(tmp_path, now, teams=(OAK, ELM)) as made:
        made.install(OAK)
        made.slack(ELM).slack.bot_token = made.slack(OAK).bot_token  # one token serves them all
        for team in (OAK, ELM):
            made.slack(team).person("ann").command("/sends help")
        assert sorted(made.hosting.workspaces.running()) == ["T0ELM", "T0OAK"]
        yield made


def tell(
    found: House, event: dict[str, Any], named: dict[str, str | None] | None = None, *, ago: timedelta = timedelta(),
) -> None:
    """Slack tells of something that concerns the organisation."""
    body = {
        "type": "event_callback", "enterprise_id": "E0FOREST", "event_id": "Ev5", "event": event,
        "event_time": int((found.clock() - ago).timestamp()), **(named or {}),
    }
    assert knock(found, json.dumps(body).encode(), "application/json").status_code == 200
    found.hosting.workspaces.tend()


@pytest.mark.parametrize("event", [
    {"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"bot": ["W0BOT"]}},
])
@pytest.mark.parametrize("named", [{}, {"team_id": None}, {"team_id": "E0FOREST"}])
def test_an_organisations_uninstall_names_no_workspace(
    forest: House, event: dict[str, Any], named: dict[str, str | None],
) -> None:
    tell(forest, event, named, ago=timedelta(minutes=5))
    assert rows(forest)["E0FOREST"].token is not None
    tell(forest, event, named)
    assert forest.hosting.workspaces.running() == {}
    assert all(row.token is None and row.uninstalled_at for row in rows(forest).values())


def test_of_an_unknown_workspace_its_uninstall_concerns_nobody_else(forest: House) -> None:
    tell(forest, {"type": "app_uninstalled"}, {"team_id": "T0FIR"})
    assert sorted(rows(forest)) == ["E0FOREST", "T0ELM", "T0OAK"]
    assert sorted(forest.hosting.workspaces.running()) == ["T0ELM", "T0OAK"]


def test_an_organisation_takes_it_out_of_one_workspace_and_gives_it_back(forest: House, tmp_path: Path) -> None:
    revoked = {"type": "team_access_revoked", "team_ids": ["T0ELM", "T0FIR"]}
    tell(forest, revoked, ago=timedelta(minutes=5))
    assert sorted(forest.hosting.workspaces.running()) == ["T0ELM", "T0OAK"]
    tell(forest, revoked)
    assert list(forest.hosting.workspaces.running()) == ["T0OAK"]
    assert rows(forest)["E0FOREST"].token is not None
    # What happened there before, and comes only now, does not bring it back.
    opened = {"type": "app_home_opened", "user": "U01ANN", "channel": "D0ANN", "tab": "home"}
    tell(forest, opened, {"team_id": "T0ELM"}, ago=timedelta(minutes=1))
    assert list(forest.hosting.workspaces.running()) == ["T0OAK"]
    # Used again it is back, as it came the first time; what comes late takes nothing from that.
    forest.clock.advance(timedelta(days=1))
    assert "/send-status" in forest.slack(ELM).person("ann").command("/sends help").visible_text
    tell(forest, revoked, ago=timedelta(hours=1))
    assert sorted(forest.hosting.workspaces.running()) == ["T0ELM", "T0OAK"]
    tell(forest, revoked)
    forest.clock.advance(timedelta(days=30))
    forest.hosting.workspaces.tend()
    assert sorted(rows(forest)) == ["E0FOREST", "T0OAK"]
    assert not (tmp_path / "house-T0ELM.db").exists()


def test_installed_again_an_organisation_goes_on_where_it_was(forest: House, tmp_path: Path) -> None:
    forest.connect(OAK)
    invite(forest, OAK)
    story = forest.world(OAK)
    add(story, "Processing", days=8)
    story.bot.sync()
    story.bot.scan()
    gone(forest, OAK)
    forest.clock.advance(timedelta(minutes=5))
    assert forest.install(OAK).status_code == 200
    # No word has come from any of them.
    assert sorted(forest.hosting.workspaces.running()) == ["T0ELM", "T0OAK"]
    forest.clock.advance(timedelta(days=31))
    forest.hosting.workspaces.tend()
    assert sorted(rows(forest)) == ["E0FOREST", "T0ELM", "T0OAK"]
    assert (tmp_path / "house-T0ELM.db").exists()
    again = forest.world(OAK)
    again.deliver()
    assert "Jane Doe" in again.only_alert().visible_text


def test_what_a_workspace_has_installed_by_itself_is_not_the_organisations_to_take(forest: House) -> None:
    forest.hosting.registry.install(Grant(
        enterprise_id="E0FOREST", team_id="T0ELM", name="Elm", token="xoxb-elm", bot_id="B1", bot_user_id="U0BOT",
        scopes="chat:write", installed_by="U01ANN",
    ))
    tell(forest, {"type": "team_access_revoked", "team_ids": ["T0ELM", ["T0OAK"], None]})
    assert rows(forest)["T0ELM"].token is not None
    assert sorted(forest.hosting.workspaces.running()) == ["T0ELM", "T0OAK"]


@pytest.mark.parametrize("greeted", [True, False])
def test_an_invitation_settles_the_channel_in_a_workspace_of_an_organisation(
    tmp_path: Path, now: datetime, *, greeted: bool,
) -> None:
    with house(tmp_path, now, teams=(OAK, ELM)) as forest:
        forest.install(OAK)
        forest.slack(ELM).slack.bot_token = forest.slack(OAK).bot_token
        slack = forest.slack(ELM)
        if greeted:
            assert "/send-status" in slack.person("ann").command("/sends help").visible_text
        # Else the invitation is the first word that comes from there.
        slack.person("ben").invite_bot("#ops")
        assert slack.slack.state.wait_for(lambda: "T0ELM" in rows(forest) and rows(forest)["T0ELM"].alert_channel, 10)
        forest.hosting.executor.shutdown(wait=True)
        assert forest.world(ELM).bot.settings.alert_channel == "C04OPS"


def test_a_workspace_that_moves_into_grid_goes_on_with_its_organisations_installation(
    two: House, tmp_path: Path,
) -> None:
    moved_in(two, ACORN)
    before = two.world()
    add(before, "Processing", days=8)
    before.tick()
    gone(two, ACORN)
    two.slack().slack.team = forest = replace(ACORN, enterprise_id="E0FOREST")
    assert "whole organisation" in two.install(forest).text
    assert "Jane Doe" in two.slack().person("dee").command("/send-status jane").visible_text
    # Long after the installation of before would have been forgotten.
    two.clock.advance(timedelta(days=31))
    two.hosting.workspaces.tend()
    after = two.world()
    assert (tmp_path / "house-T0DEMO.db").exists()
    assert "Jane Doe" in after.person("dee").command("/send-status jane").visible_text
    assert after.bot.settings.alert_channel == "C01GIFTING"
    after.person("dee").press(after.only_alert(), "Acknowledge")
    after.deliver()
    assert "Dee Novak" in after.only_alert().visible_text
    assert sorted(rows(two)) == ["E0FOREST", "T0DEMO"]
    # It is the organisation's now, and goes with it.
    gone(two, forest)
    assert two.hosting.workspaces.running() == {}
    two.clock.advance(timedelta(days=30))
    two.hosting.workspaces.tend()
    assert rows(two) == {}
    assert not (tmp_path / "house-T0DEMO.db").exists()


# --- Sendoso, keys, other ways in ---------------------------------------------------------------------


def test_webhooks_come_by_workspace_and_by_its_own_secret(two: House) -> None:
    moved_in(two, ACORN, BEECH)
    secret = two.sendosos[ACORN.id].webhooks.secret
    headers, body = signed(secret, "g-1", two.clock().isoformat(), two.clock())

    def post(path: str) -> int:
        return httpx2.post(f"{two.hosting.url}{path}", headers=headers, content=body, trust_env=False).status_code

    assert post("/sendoso/T0DEMO/webhooks/send.shipped") == 204
    assert post("/sendoso/T0BEECH/webhooks/send.shipped") == 401
    assert post("/sendoso/T0NONE/webhooks") == 404
    assert post("/sendoso/webhooks") == 404


def test_webhooks_are_to_come_again_as_long_as_the_bot_starts(
    two: House, monkeypatch: pytest.MonkeyPatch,
) -> None:
    moved_in(two, ACORN)
    secret, make = two.sendosos[ACORN.id].webhooks.secret, rooms.make
    headers, body = signed(secret, "g-1", two.clock().isoformat(), two.clock())
    two.hosting.stop()
    again = bot_app.build_many(two.hosting.settings, clock=two.clock, at_work=False)
    port = again.web.start("127.0.0.1", 0)

    def post(team_id: str) -> int:
        url = f"http://127.0.0.1:{port}/sendoso/{team_id}/webhooks/send.shipped"
        return httpx2.post(url, headers=headers, content=body, trust_env=False).status_code

    def full(_main: str, _team_id: str) -> str:
        raise OSError("no space left")

    try:
        # Nobody has looked yet who has the app; then its bot does not come up; then it does.
        assert post("T0DEMO") == 503
        monkeypatch.setattr(rooms, "make", full)
        again.workspaces.reconcile()
        assert (post("T0DEMO"), post("T0NONE")) == (503, 404)
        monkeypatch.setattr(rooms, "make", make)
        again.workspaces.reconcile()
        assert post("T0DEMO") == 204
    finally:
        again.stop()


def test_keys_are_changed_without_a_new_install(tmp_path: Path, now: datetime) -> None:
    new = Fernet.generate_key().decode()
    with house(tmp_path, now) as before:
        moved_in(before, ACORN)
    with house(tmp_path, now, encryption_keys=f"{new},{KEY}") as both:
        assert list(both.hosting.workspaces.running()) == ["T0DEMO"]
        assert both.hosting.registry.rekey().number == 2
    with house(tmp_path, now, encryption_keys=new) as after:
        assert list(after.hosting.workspaces.running()) == ["T0DEMO"]
    with house(tmp_path, now) as lost:
        assert lost.hosting.workspaces.running() == {}
        ready = httpx2.get(f"{lost.hosting.url}/readyz", trust_env=False)
        assert "workspace T0DEMO" in ready.text


def test_it_comes_by_socket_mode_as_well(tmp_path: Path, now: datetime) -> None:
    with house(tmp_path, now, transport="socket", teams=(ACORN,)) as one:
        assert "not installed" in one.slack().person("ann").command("/sends help").visible_text
        one.install(ACORN)
        assert "/send-status" in one.slack().person("ann").command("/sends help").visible_text


def test_numbers_and_health_name_the_workspace(two: House) -> None:
    moved_in(two, ACORN, BEECH)
    numbers = httpx2.get(f"{two.hosting.url}/metrics", trust_env=False).text
    assert 'sendwatch_messages_waiting{workspace="T0DEMO"}' in numbers
    assert numbers.count("# TYPE sendwatch_messages_waiting ") == 1
    assert httpx2.get(f"{two.hosting.url}/readyz", trust_env=False).json()["status"] == "ready"


def test_a_token_that_one_withdrew_leaves_the_server_ready_and_is_named_at_that_workspace(two: House) -> None:
    moved_in(two, ACORN, BEECH)
    with two.hosting.workspaces.running()["T0BEECH"].database.write() as session:
        outgoing.broke(session, WORKSPACE, "account_inactive", two.clock())
    assert httpx2.get(f"{two.hosting.url}/readyz", trust_env=False).json()["status"] == "ready"
    numbers = two.hosting.metrics.text().decode().splitlines()
    assert 'sendwatch_ready{workspace=""} 1.0' in numbers
    assert [line for line in numbers if line.startswith("sendwatch_problem{")] == [
        'sendwatch_problem{name="slack",workspace="T0BEECH"} 1.0',
    ]


def test_what_stands_still_in_a_workspace_is_named_once(two: House) -> None:
    moved_in(two, ACORN, BEECH)
    two.clock.advance(timedelta(minutes=10))
    found = httpx2.get(f"{two.hosting.url}/readyz", trust_env=False).json()["problems"]
    assert "workspace T0BEECH: scan" in [problem["name"] for problem in found]
    numbers = two.hosting.metrics.text().decode().splitlines()
    assert 'sendwatch_ready{workspace=""} 0.0' in numbers
    assert [line for line in numbers if line.startswith("sendwatch_problem{") and "scan" in line] == [
        f'sendwatch_problem{{name="scan",workspace="{team}"}} 1.0' for team in ("T0DEMO", "T0BEECH")
    ]


def test_that_the_disk_is_nearly_full_is_told_to_the_operator_and_to_no_workspace(
    two: House, monkeypatch: pytest.MonkeyPatch,
) -> None:
    moved_in(two, ACORN, BEECH)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=300_000_000))
    for _ in range(8):
        for runtime in two.hosting.workspaces.running().values():
            runtime.selfcheck.run()
        two.clock.advance(timedelta(minutes=1))
    for runtime in two.hosting.workspaces.running().values():
        with runtime.database.read() as session:
            assert not [one for one in troubles.known(session) if one == "disk"]
    assert 'sendwatch_database_free_bytes{workspace=""} 3e+08' in two.hosting.metrics.text().decode().splitlines()
    assert "disk" not in httpx2.get(f"{two.hosting.url}/readyz", trust_env=False).text


def test_on_postgresql_each_has_its_schema(tmp_path: Path, now: datetime, postgresql: Database) -> None:
    url = postgresql.url.render_as_string(hide_password=False)
    with house(tmp_path, now, url=url) as found:
        moved_in(found, ACORN, BEECH)
        acorn = found.world()
        add(acorn, "Processing", days=8)
        acorn.tick()
        assert len(acorn.alerts.messages) == 1
        assert "Jane" not in found.slack(BEECH).person("ann").command("/sends stuck").visible_text
        with postgresql.read() as session:
            counts = [
                session.scalar(text(f"SELECT count(*) FROM {schema}.sends"))  # noqa: S608 - names of ours
                for schema in ("public", rooms.schema_of("T0DEMO"), rooms.schema_of("T0BEECH"))
            ]
        assert counts == [0, 1, 0]
        gone(found, ACORN)
        found.clock.advance(timedelta(days=30))
        found.hosting.workspaces.tend()
        with postgresql.read() as session:
            assert session.scalar(text("SELECT to_regclass('workspace_t0demo.sends')")) is None
