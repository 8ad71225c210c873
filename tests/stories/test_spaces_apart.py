"""Whatever workspaces do with one Sendwatch, in whatever order: nothing of one ever reaches another.

They have sends with the same ids, people and addresses. What tells them apart is one word in each campaign, company,
team and sender of a workspace; it may stand in no answer, call, file, row or audit entry of another one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from slack_bolt import BoltRequest, BoltResponse
from sqlalchemy import inspect, text

from bot.playground.person import Person
from bot.playground.slack_app import Team
from bot.runtime import Runtime
from bot.slack.blocks import mute_modal, route_here_modal, send_search
from bot.slack.blocks.setting_fields import FIND
from bot.workspaces.front import Front
from storage import rooms
from storage.engine import Database
from tests.stories.house import ACORN, BEECH, House, house
from tests.stories.sending import add
from tests.stories.world import World

CEDAR = Team(id="T0CEDAR", name="Cedar", domain="cedar")
TEAMS = (ACORN, BEECH, CEDAR)
SECRETS = {ACORN.id: "Quercus", BEECH.id: "Fagus", CEDAR.id: "Cedrus"}
"""A word that nobody types, and that stands in everything of one workspace only."""
STATUSES = ("Processing", "Delivered", "Fulfillment Issue", "Address Confirmation Pending", "Opened", "Expired")
PEOPLE = ("ann", "ben", "dee")
COMMANDS = (
    "/sends stuck", "/sends mine", "/sends alerts", "/sends report 30d", "/sends report team sales", "/sends mute",
    "/sends watch jane@acme.example", "/sends watch", "/sends route jane@acme.example", "/sends settings",
    "/sends why jane@acme.example", "/sends audit", "/sends help", "/send-status jane@acme.example",
    "/send-status Acme", "/send-status gift 1", "/send-status sales", "/send-status Z2lkOi8vc2VuZG9zby9TZW5kLzEwMDE",
    "/send-meaning processing", "/sends nonsense",
)
FIELDS = (
    send_search.FIND, *(f"{mute_modal.WHAT}.{one}" for one in ("campaign", "team", "sender")),
    *(f"{route_here_modal.WHAT}.{one}" for one in ("campaign", "team")),
    *(f"{FIND}.{one}" for one in ("campaign", "team", "sender", "route")),
)
TYPED = ("", "jane", "acme", "gift", "sales", "ben")
FORM = "application/x-www-form-urlencoded"
EXAMPLES = 6
STEPS_AT_LEAST, STEPS_AT_MOST = 6, 14


class Shared:
    """One Sendwatch at work in all workspaces, and all that went out, by the workspace to whose Slack it went."""

    def __init__(self, found: House, answers: dict[str, list[str]]) -> None:
        self.house, self._answers = found, answers
        self._tasks = list[Future[Any]]()

    def move_in(self, patch: pytest.MonkeyPatch) -> None:
        for team in TEAMS:
            assert self.house.install(team).status_code == 200
            self.house.connect(team)
            assert self.house.hosting.registry.settle_in(team.id, "C01GIFTING")
        self.house.hosting.workspaces.reconcile()
        for runtime in self.house.hosting.workspaces.running().values():
            self._listen(patch, runtime)
        for team in TEAMS:
            # Whoever asks first finds something, too.
            for number in range(len(STATUSES)):
                send(self.house.world(team), SECRETS[team.id], number)
            tick(self.house.world(team), SECRETS[team.id], 0)

    def _listen(self, patch: pytest.MonkeyPatch, runtime: Runtime) -> None:
        submit = runtime.executor.submit

        def noted(*task: Any, **more: Any) -> Future[Any]:  # noqa: ANN401 - as in the executor's own
            future = submit(*task, **more)
            self._tasks.append(future)
            return future

        patch.setattr(runtime.executor, "submit", noted)

    def settle(self) -> None:
        """Until what was begun after an answer has ended."""
        while self._tasks:
            self._tasks.pop().result()

    def shown(self, team: Team) -> str:
        """Every answer, call, message, Home tab, window and file so far."""
        slack = self.house.slack(team).slack
        calls = [[call.method, call.args] for call in slack.calls]
        messages = [repr(one) for channel in [*slack.state.channels] for one in slack.state.messages(channel)]
        files = [(one.content or b"").decode(errors="replace") for one in slack.files]
        return json.dumps([self._answers[team.id], calls, messages, files], default=str, ensure_ascii=False)


def _asker(request: BoltRequest) -> str:
    body: Mapping[str, Any] = request.body
    return str(body.get("team_id") or body["team"]["id"])


@pytest.fixture
def shared(database: Database, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shared]:
    """It goes on from one example to the next: what has gathered must stay apart as well."""
    answers: dict[str, list[str]] = {team.id: [] for team in TEAMS}
    dispatch = Front.dispatch

    def noted(front: Front, request: BoltRequest) -> BoltResponse:
        answer = dispatch(front, request)
        answers[_asker(request)].append(answer.body)
        return answer

    monkeypatch.setattr(Front, "dispatch", noted)
    with house(tmp_path, now, url=database.url.render_as_string(hide_password=False), teams=TEAMS) as found:
        made = Shared(found, answers)
        made.move_in(monkeypatch)
        yield made


# --- what people and the clock do, each by a number that Hypothesis draws --------------------------------


def send(story: World, secret: str, number: int) -> None:
    add(
        story, STATUSES[number % len(STATUSES)], days=3 + number % 9, campaign=f"Gift {number % 3} {secret}",
        recipient_company=f"Acme {secret}", team=f"Sales {secret}", sender_name=f"Ben {secret}",
        sender_email=("ben@example.com", "dee@example.com")[number % 2], campaign_id=number % 3,
    )


def tick(story: World, _secret: str, number: int) -> None:
    story.later(hours=number % 30)
    story.bot.sync()
    story.bot.scan()
    story.bot.recompute()
    story.bot.make_digests()
    story.bot.deliver()


def ask(story: World, _secret: str, number: int) -> None:
    _person(story, number).command(COMMANDS[number % len(COMMANDS)])


def mention(story: World, _secret: str, number: int) -> None:
    person = _person(story, number)
    person.say(("where is the gift of jane?", "what is stuck?")[number % 2], person.id)


def press(story: World, _secret: str, number: int) -> None:
    """Any button of anything that somebody sees, alerts and answers alike."""
    person = _person(story, number)
    places = [person.channel(), person.dm()]
    buttons = [(one, label) for place in places for one in place.everything for label in one.buttons]
    if buttons:
        # The newest are what people press; the oldest have had their turn.
        message, label = buttons[-1 - number % min(len(buttons), 40)]
        person.press(message, label)


def complete(story: World, _secret: str, number: int) -> None:
    field, typed = FIELDS[number % len(FIELDS)], TYPED[number % len(TYPED)]
    team = story.playground.slack.team
    payload = {
        "type": "block_suggestion", "action_id": field, "block_id": "b", "value": typed, "team": team.form,
        "user": {"id": _person(story, number).id, "team_id": team.id}, "api_app_id": "A0SENDWATCH",
        "container": {"type": "view", "view_id": "V9"},
    }
    slack = story.playground
    body = urlencode({"payload": json.dumps(payload)}).encode()
    answer = httpx2.post(str(slack.request_url), content=body, headers=slack.sign(body, FORM), trust_env=False)
    assert answer.status_code == 200
    assert "options" in answer.json()


def look_home(story: World, _secret: str, number: int) -> None:
    _person(story, number).home()


def configure(story: World, secret: str, number: int) -> None:
    story.configure(
        f"routes:\n  - {{name: To {secret}, when: {{campaign: 'Gift {number % 3} {secret}'}}, channel: C02SALES}}\n"
        "digests:\n  - {every: day, at: '08:00', days: mon-fri, skip_empty: false}\n",
    )


def _person(story: World, number: int) -> Person:
    return story.person(PEOPLE[number // 7 % len(PEOPLE)])


Step = Callable[[World, str, int], None]
STEPS: tuple[Step, ...] = (
    send, send, send, tick, tick, ask, ask, ask, press, press, press, complete, mention, look_home, configure,
)


@settings(
    # One example goes on where the one before has ended, so that none can be made smaller by itself.
    max_examples=EXAMPLES, deadline=None, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(steps=st.lists(
    st.tuples(st.sampled_from(TEAMS), st.sampled_from(STEPS), st.integers(0, 999)),
    min_size=STEPS_AT_LEAST, max_size=STEPS_AT_MOST,
))
def test_nothing_of_one_workspace_reaches_another(shared: Shared, steps: list[tuple[Team, Step, int]]) -> None:
    for team, step, number in steps:
        step(shared.house.world(team), SECRETS[team.id], number)
        shared.settle()
    for team in TEAMS:
        shown = shared.shown(team)
        assert SECRETS[team.id] in shown
        apart(shown, team)
        apart(kept(shared.house.world(team).bot.database, rooms.schema_of(team.id)), team)
    # The main database knows who there is, and nothing of what they have.
    main = kept(shared.house.hosting.database, "public")
    assert not [secret for secret in SECRETS.values() if secret in main]


def apart(text_of_it: str, team: Team) -> None:
    for whose, secret in SECRETS.items():
        at = text_of_it.find(secret)
        assert whose == team.id or at < 0, f"{team.id} has of {whose}: {text_of_it[max(0, at - 300):at + 100]}"


def kept(database: Database, schema: str) -> str:
    """Every row of every table: sends, history, alerts, audit, messages, settings and all the rest."""
    with database.read() as session:
        where = None if database.url.get_backend_name() == "sqlite" else schema
        tables = inspect(session.get_bind()).get_table_names(where)
        assert {"sends", "alert_events", "messages"} <= {*tables}
        start = f'"{where}".' if where else ""
        return repr([session.execute(text(f'SELECT * FROM {start}"{one}"')).all() for one in tables])  # noqa: S608
