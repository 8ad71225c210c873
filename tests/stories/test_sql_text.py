"""Nothing that comes from outside ever stands in a statement of SQL: it is bound, or it is not there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import event

from tests.stories.sending import add
from tests.stories.test_looking_up import FIELD
from tests.stories.test_talking import answered
from tests.stories.world import World, world

MARK = "zqx'\"; --"
"""Stands in every name, address, campaign and word that is typed."""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Of a database of each kind."""
    database = request.getfixturevalue(request.param)
    return str(database.url.render_as_string(hide_password=False))


def test_no_word_from_outside_stands_in_a_statement(url: str, tmp_path: Path, now: datetime) -> None:
    statements: set[str] = set()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.add(statement)

    with world(tmp_path, now, url=url if url.startswith("postgresql") else None) as story:
        event.listen(story.bot.database.engine, "before_cursor_execute", note)
        _live(story, 1)
        story.configure("permissions:\n  look_up: [team]\nroutes:\n  - name: zqx\n    when: {team: zqx*}\n")
        _live(story, 2)
    assert len(statements) > 100
    assert [one for one in statements if "zqx" in one.casefold()] == []


def _live(story: World, number: int) -> None:
    for status in ("Processing", "Shipped", f"Odd {MARK}"):
        add(
            story, status, days=8, name=f"Jane {MARK}", recipient_email="zqx@acme.example", team=f"Team {MARK}",
            campaign=f"Box {MARK}", sender_name=f"Ben {MARK}", sender_email="ben@example.com", campaign_id=7,
            recipient_company=f"Acme {MARK}", tracking_url="https://parcels.example/zqx123456",
        )
    story.tick()
    ben = story.person("ben")
    for typed in (
        f"/send-status {MARK}", "/send-status zqx@acme.example", f"/send-status Jane {MARK}", "/sends stuck",
        f"/sends stuck {MARK}", "/sends mine", "/sends alerts", f"/sends why {MARK}", f"/sends watch {MARK}",
        f"/sends mute {MARK}", f"/sends report campaign Box {MARK}", f"/sends report team {MARK}",
        f"/sends route {MARK}", f"/send-meaning {MARK}", "/send-status https://parcels.example/zqx123456",
    ):
        ben.command(typed, channel="#sales")
    ben.shortcut("Look up a send")
    ben.options(ben.modal("Look up a send"), FIELD, MARK)
    ben.say(f"@sendwatch where is Jane {MARK}?", channel="#sales")
    answered(story, number)
    ben.home()
    for message in story.alerts.messages[:1]:
        ben.press(message, "What does this mean?")
    story.tick()
    story.bot.tidy()
