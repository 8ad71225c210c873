"""An admin of one of several workspaces connects its Sendoso account in Slack, changes it and takes it away again."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from bot import audit, logs
from bot.playground.modal import Modal
from bot.playground.person import Person
from bot.playground.seen import PATIENCE
from bot.playground.sendoso.faults import FaultKind
from storage.engine import Database
from tests.bot.slack import gate
from tests.stories.house import ACORN, BEECH, House, house, lose_access
from tests.stories.sending import add
from tests.stories.world import World

TOKEN, SECRETS, ADDRESS = "Access token", "Signing secrets of webhooks", "Address of Sendoso's API"
ADDRESS_BLOCK = "sendoso_api_url"
CLIENT, CLIENT_SECRET, REFRESH = "OAuth: client id", "OAuth: client secret", "OAuth: refresh token"


@pytest.fixture
def one(tmp_path: Path, now: datetime, database: Database) -> Iterator[House]:
    """A workspace that has installed it and has not connected Sendoso, on either database."""
    with house(tmp_path, now, url=database.url.render_as_string(hide_password=False)) as made:
        made.install(ACORN)
        yield made


@pytest.fixture(params=["socket", "http"])
def anyhow(request: pytest.FixtureRequest, tmp_path: Path, now: datetime) -> Iterator[House]:
    """The same over either transport."""
    with house(tmp_path, now, transport=request.param, teams=(ACORN,)) as made:
        made.install(ACORN)
        yield made


@pytest.fixture
def logged() -> io.StringIO:
    """All that is logged where somebody has set LOG_LEVEL=DEBUG."""
    stream = io.StringIO()
    logs.configure("DEBUG", stream=stream)
    return stream


def opened(person: Person) -> Modal:
    """The window, as the command opens it."""
    person.command("/sends settings sendoso")
    return person.modal("Sendoso")


def shows(person: Person, words: str) -> Modal:
    """The window on top, once it shows that."""
    found = person.slack.state.wait_for(lambda: words in person.modal().visible_text, PATIENCE)
    assert found, person.modal().visible_text
    return person.modal()


def started_anew(found: House) -> World:
    """What the clock does within half a minute, and at once when the bell rings."""
    found.hosting.workspaces.tend()
    return found.world()


def recorded(story: World) -> list[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """What the workspace's own audit log says of its access."""
    with story.bot.database.read() as session:
        return [
            (one.actor, str(one.detail["did"]), dict(one.before), dict(one.after))
            for one in audit.lines(session, actions=["sendoso_access"])
        ]


def nowhere(found: House, *secrets: str) -> None:
    """None of the secrets stands in anything that Slack was sent, nor in plain words in a database."""
    slack = found.slack().slack
    told = json.dumps([[call.method, call.args] for call in slack.calls], default=str)
    for call in slack.calls:
        view = call.args.get("view")
        if view is not None:
            drawn = json.loads(view) if isinstance(view, str) else view
            assert gate.problems(drawn, drawn["type"]) == []
    kept = ""
    for database in [found.hosting.database, *(one.database for one in found.hosting.workspaces.running().values())]:
        with database.read() as session:
            for table in ("workspaces", "alert_events", "oauth_tokens", "messages", "job_runs", "config_sections"):
                kept += repr(session.execute(text(f"SELECT * FROM {table}")).all())  # noqa: S608 - names of ours
    for secret in secrets:
        assert secret not in told
        assert secret not in kept


def test_an_admin_connects_sendoso_and_sends_come_in(logged: io.StringIO, anyhow: House) -> None:
    found, token = anyhow, anyhow.sendosos[ACORN.id].access.access_token
    story = found.world()
    add(story, "Processing", days=8)
    ann = story.person("ann")
    form = opened(ann)
    assert "Not connected yet" in form.visible_text
    assert "Remove access" not in form.buttons
    form.fill(TOKEN, token).submit()
    done = shows(ann, "Sendoso is connected")
    assert "Connected with an access token" in done.visible_text
    assert "Ann Lopez" in done.visible_text
    assert found.hosting.registry.access(ACORN.id) == {"sendoso_access_token": token}
    again = started_anew(found)
    again.tick()
    assert "Jane Doe" in ann.command("/send-status jane").visible_text
    assert recorded(again) == [("U01ANN", "set", {}, {"access": "token"})]
    assert "workspace_begun" in logged.getvalue()
    assert token not in logged.getvalue()
    nowhere(found, token)


def test_what_does_not_work_is_told_and_not_stored(logged: io.StringIO, one: House) -> None:
    story, sendoso = one.world(), one.sendosos[ACORN.id]
    ann = story.person("ann")
    for fault, words in (
        (None, "refuses this token (401)"),
        (FaultKind.SERVER_ERROR, "Sendoso answered 500. That is trouble of Sendoso's own"),
        (FaultKind.TOO_MANY, "Sendoso answered 429"),
        (FaultKind.FORBIDDEN, "lacks the right to read sends (403)"),
        (FaultKind.NOT_JSON, "not as its API does"),
        (FaultKind.WRONG_SHAPE, "not as its API does"),
        (FaultKind.REDIRECT, "There is no API of Sendoso's at 127.0.0.1 (302)"),
    ):
        form = opened(ann)
        if fault is not None:
            sendoso.faults.add("list", fault)
        form.fill(TOKEN, "wrong-token-of-ann" if fault is None else sendoso.access.access_token).submit()
        told = shows(ann, words)
        assert told.submit_refused()[TOKEN].startswith("Fill in")
        assert "Nothing was stored." in told.visible_text
        assert "Not connected yet" in told.visible_text
        told.close()
    assert one.hosting.registry.every()[0].sendoso is None
    assert recorded(story) == []
    nowhere(one, "wrong-token-of-ann", sendoso.access.access_token)
    assert "wrong-token-of-ann" not in logged.getvalue()
    assert sendoso.access.access_token not in logged.getvalue()


def test_mistakes_are_told_beside_their_fields(one: House) -> None:
    ann = one.world().person("ann")
    form = opened(ann)
    assert "Fill in an access token" in form.submit_refused()[TOKEN]
    form.fill(TOKEN, "two words").fill(SECRETS, "nonsense!")
    told = form.submit_refused()
    assert "copy it once more" in told[TOKEN]
    assert "Number 1 is no signing secret" in told[SECRETS]
    form.fill(SECRETS, "")
    for address in (
        "http://169.254.169.254/", "https://127.0.0.1/", "https://app.sendoso.com.evil.example/", "localhost",
        "https://sendoso.com@evil.example", "https://app.sendoso.com:8443", "http://app.sendoso.com", "https://[::1]/",
        "https://evilsendoso.com", "https://app.sendoso.com/?x=http://evil.example",
    ):
        assert "sendoso.com" in form.fill(TOKEN, "fine").fill(ADDRESS, address).submit_refused()[ADDRESS], address
    form.fill(ADDRESS, "").fill(CLIENT, "some-client")
    assert "leave the other empty" in form.submit_refused()[TOKEN]
    told = form.fill(TOKEN, "").submit_refused()
    assert set(told) == {CLIENT_SECRET, REFRESH}
    assert not one.sendosos[ACORN.id].asked


def test_oauth_is_connected_and_its_refresh_token_is_spent_once(one: House) -> None:
    story, sendoso = one.world(), one.sendosos[ACORN.id]
    add(story, "Processing", days=8)
    ann, refresh = story.person("ann"), sendoso.access.refresh_token

    def fill(form: Modal, secret: str) -> Modal:
        return form.fill(CLIENT, sendoso.access.client_id).fill(CLIENT_SECRET, secret).fill(REFRESH, refresh)

    fill(opened(ann), "wrong").submit()
    shows(ann, "Sendoso does not take these three (401)").close()
    # The token is bought, and then Sendoso has trouble: who comes again with the same one is not turned away.
    sendoso.faults.add("list", FaultKind.SERVER_ERROR)
    fill(opened(ann), sendoso.access.client_secret).submit()
    told = shows(ann, "Sendoso answered 500")
    assert sendoso.access.refreshes == 1
    fill(told, sendoso.access.client_secret).submit()
    shows(ann, "Sendoso is connected")
    again = started_anew(one)
    again.tick()
    assert "Jane Doe" in ann.command("/send-status jane").visible_text
    assert (sendoso.access.refreshes, sendoso.access.spent_again) == (1, 0)
    assert recorded(again) == [("U01ANN", "set", {}, {"access": "oauth"})]
    nowhere(one, refresh, sendoso.access.client_secret)


def test_what_is_left_empty_stays_and_another_account_does_not_disturb_it(one: House) -> None:
    one.connect(ACORN)
    story, sendoso = one.world(), one.sendosos[ACORN.id]
    ann, before = story.person("ann"), one.hosting.registry.access(ACORN.id)
    form = opened(ann)
    assert "Connected with an access token, and 1 signing secret of webhooks" in form.visible_text
    assert "the command line" in form.visible_text
    assert "initial_value" not in json.dumps([block for block in form.blocks if ADDRESS_BLOCK not in block["block_id"]])
    assert "Nothing would change" in form.submit_refused()[TOKEN]
    form.fill(TOKEN, "another").submit()
    shows(ann, "refuses this token")
    assert one.hosting.registry.access(ACORN.id) == before
    form = ann.modal("Sendoso")
    form.fill(SECRETS, "whsec_YWNvcm4tYW5ldw==, whsec_YWNvcm4tYWdhaW4=").submit()
    shows(ann, "Sendoso is connected")
    assert one.hosting.registry.access(ACORN.id) == before | {
        "sendoso_webhook_secrets": ["whsec_YWNvcm4tYW5ldw==", "whsec_YWNvcm4tYWdhaW4="],
    }
    host = {"access": "token", "host": "127.0.0.1"}
    assert recorded(started_anew(one)) == [
        ("cli", "set", {}, host | {"webhook_secrets": 1}),
        ("U01ANN", "changed", host | {"webhook_secrets": 1}, host | {"webhook_secrets": 2}),
    ]
    nowhere(one, "YWNvcm4tYW5ldw", sendoso.access.access_token)


def test_access_is_removed_after_a_question(one: House) -> None:
    one.connect(ACORN)
    ann = one.world().person("ann")
    form = opened(ann)
    form.press("Remove access")
    told = shows(ann, "The access was removed")
    assert "Not connected yet" in told.visible_text
    assert one.hosting.registry.every()[0].sendoso is None
    again = started_anew(one)
    assert again.bot.connect_sendoso is None
    assert recorded(again)[-1][:2] == ("U01ANN", "removed")
    assert recorded(again)[-1][3] == {}


def test_the_button_stands_in_the_settings_the_check_and_the_welcome(one: House) -> None:
    story = one.world()
    ann = story.person("ann")
    ann.command("/sends settings")
    overview = ann.modal("Settings")
    overview.press("Connect Sendoso")
    form = ann.modal("Sendoso")
    form.fill(TOKEN, one.sendosos[ACORN.id].access.access_token).submit()
    shows(ann, "Sendoso is connected").close()
    assert one.slack().slack.state.wait_for(
        lambda: "Connected with an access token" in ann.modal("Settings").visible_text, PATIENCE,
    )
    ann.command("/sends check", "#sales")
    found = ann.sees("Set-up: ", "#sales", 15)
    assert "Sendoso access" in found.buttons
    # It has none of these, and the machine is no affair of its admins.
    for other in ("SLACK_BOT_TOKEN", "How Slack reaches the bot", "ALERT_CHANNEL", "ADMIN_USERS", "Python"):
        assert other not in found.visible_text
    ann.press(found, "Sendoso access")
    assert "Connected with an access token" in ann.modal("Sendoso").visible_text


def test_the_welcome_says_that_it_is_missing_until_sends_have_come(one: House) -> None:
    story = one.world()
    ann = story.person("ann")
    ann.invite_bot("#ops")
    assert one.slack().slack.state.wait_for(lambda: one.hosting.registry.every()[0].alert_channel or None, 10)
    one.hosting.executor.submit(lambda: None).result()
    one.hosting.executor.shutdown(wait=True)
    one.world().deliver()
    [welcome] = one.slack().channel("#ops").messages
    assert "Sendoso is not connected yet" in welcome.visible_text
    ben = story.person("ben")
    ben.press(welcome, "Connect Sendoso")
    assert "Ask @Ann Lopez" in ben.sees("You may not do that here", "#ops").visible_text
    ann.press(welcome, "Connect Sendoso")
    ann.modal("Sendoso").fill(TOKEN, one.sendosos[ACORN.id].access.access_token).submit()
    shows(ann, "Sendoso is connected")


def test_others_may_not_and_it_is_on_record(one: House) -> None:
    ben = one.world().person("ben")
    told = ben.command("/sends settings sendoso").visible_text
    assert "You may not do that here" in told
    assert not ben.has_modal


def test_access_that_no_key_opens_any_more_is_stored_anew_in_slack(one: House) -> None:
    one.connect(ACORN)
    add(one.world(), "Processing", days=8)
    lose_access(one, ACORN)
    ready = httpx2.get(f"{one.hosting.url}/readyz", trust_env=False).text
    assert "workspace T0DEMO" in ready
    assert "its access to Sendoso cannot be read" in ready
    # All else works, and who may change it can mend it.
    ann = one.slack().person("ann")
    assert "/send-status" in ann.command("/sends help").visible_text
    form = opened(ann)
    form.fill(TOKEN, one.sendosos[ACORN.id].access.access_token).submit()
    shows(ann, "Connected")
    story = started_anew(one)
    assert "cannot be read" not in httpx2.get(f"{one.hosting.url}/readyz", trust_env=False).text
    story.bot.sync()
    assert "Jane Doe" in ann.command("/send-status jane").visible_text


def test_with_one_workspace_it_is_told_where_it_is_set(story: World) -> None:
    ann = story.person("ann")
    for asked in ("sendoso", "sendoso token", "access"):
        told = ann.command(f"/sends settings {asked}").visible_text
        assert "SENDOSO_ACCESS_TOKEN" in told
    assert not ann.has_modal
    ann.command("/sends settings")
    assert "Sendoso" not in "".join(ann.modal("Settings").buttons)


def test_one_workspace_changes_nothing_of_another(one: House) -> None:
    one.install(BEECH)
    one.connect(BEECH)
    beech = one.hosting.registry.access(BEECH.id)
    ann = one.world().person("ann")
    opened(ann).fill(TOKEN, one.sendosos[ACORN.id].access.access_token).submit()
    shows(ann, "Sendoso is connected")
    started_anew(one)
    assert one.hosting.registry.access(BEECH.id) == beech
    assert [one[0] for one in recorded(one.world(BEECH))] == ["cli"]
