"""Somebody is forgotten while the bot is at work: no table, file, message, Home or log shows them any more."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.playground.seen import SeenMessage
from bot.playground.seen_view import SeenView
from bot.privacy import forgetting, holding
from bot.sends.intake import take
from bot.sends.snapshots import Snapshot
from bot.statuses.watch import us_watch
from storage.engine import Database
from storage.models import Base, Send
from tests.stories.sending import add
from tests.stories.test_talking import answered, until
from tests.stories.test_working_an_alert import assign
from tests.stories.world import World, world

ZOE, ZOES = "Zoe Quist", "zoe@quist.example"
DEE, DEES = "Dee Novak", "dee@example.com"
SETTINGS = "look_ups: {record: true}\ndigests:\n  - {every: day, at: 08:00}\n"


@pytest.fixture(params=["sqlite", "postgresql"])
def story(request: pytest.FixtureRequest, tmp_path: Path, now: datetime) -> Iterator[World]:
    """A world on each database in which much has been done about Zoe's gift, about Dee's, and about one of others."""
    database: Database = request.getfixturevalue(request.param)
    with world(tmp_path, now, url=database.url.render_as_string(hide_password=False)) as made:
        made.configure(SETTINGS)
        live_through(made)
        yield made


def live_through(story: World) -> None:
    """Alerts, presses, notes, a watch, mutes, questions, reports, digests, Home tabs and look-ups."""
    gid = add(story, "Processing", days=8, name=ZOE, recipient_email=ZOES, recipient_company="Quist", campaign="One")
    add(story, "Processing", days=8, name="Max Moll", recipient_email="max@moll.example", sender_email=DEES,
        sender_name=DEE, campaign="Two")
    add(story, "Processing", days=8, name="Ada Abara", recipient_email="ada@else.example", campaign="Three")
    story.tick()
    ann, ben, dee = map(story.person, ("ann", "ben", "dee"))
    ann.press(about(story, ZOE), "Acknowledge")
    dee.press(about(story, "Ada Abara"), "Acknowledge")
    assign(story, about(story, "Max Moll"), "ann", "dee", f"It is like that of {ZOE}")
    for command in (
        f"/sends watch {ZOES}", f"/send-status {ZOES}", "/send-status max", "/sends stuck", "/sends mine",
        f"/sends mute sender {DEES} for 2 days", "/sends report 30 days",
    ):
        dee.command(command, channel="#sales")
    ben.say("@sendwatch where is the gift for Quist?", channel="#sales")
    answered(story)
    for one in (ann, ben, dee):
        one.home("Your")
    story.sendoso.move(gid, "Fulfillment Issue")
    story.tick()
    story.later(days=1)
    story.tick()
    until(story, lambda: story.bot.record_look_ups() == 0)


def about(story: World, name: str) -> SeenMessage:
    return next(one for one in story.alerts.messages if name in one.visible_text).latest()


def forget(story: World, email: str) -> forgetting.Report:
    report = forgetting.forget(story.bot.database, email, story.clock())
    story.deliver()
    story.bot.draw_homes()
    return report


PEOPLE = ("ann", "ben", "chi", "dee")


def told(story: World) -> str:
    """All that the bot shows in Slack now and can still change: channels, threads, direct messages, Home tabs."""
    shown = [in_channels(story), *(_written(story, story.person(name).dm().everything) for name in PEOPLE)]
    for name in PEOPLE:
        person = story.person(name)
        view = person.slack.views.homes.get(person.id)
        shown.append(SeenView(person.slack, person.reader, view).visible_text if view is not None else "")
    return "\n".join(shown)


def in_channels(story: World) -> str:
    ann = story.person("ann")
    return "\n".join(_written(story, ann.channel(name).everything) for name in ("#gifting-alerts", "#sales"))


def _written(story: World, messages: Sequence[SeenMessage]) -> str:
    """What the bot has written for more than one pair of eyes, as people see it and as Slack was told it."""
    people = {story.person(name).id for name in PEOPLE}
    return "\n".join(
        f"{one.visible_text} {one.text} {one.message.blocks}" for one in messages
        if one.user not in people and one.ephemeral_for is None
    )


def held(story: World) -> str:
    """All that any table holds, but for the ids of rows."""
    with story.bot.database.read() as session:
        return json.dumps(
            {name: [dict(row) for row in session.execute(select(table)).mappings()]
             for name, table in Base.metadata.tables.items()},
            default=str, ensure_ascii=False,
        )


def rows_of(story: World, *names: str) -> list[dict[str, Any]]:
    table = Base.metadata.tables["sends"]
    with story.bot.database.read() as session:
        asked = select(table).where(Send.recipient_name.in_(names)).order_by(table.c.id)
        return [dict(row) for row in session.execute(asked).mappings()]


def no_file_holds(story: World, *words: str) -> None:
    if not story.bot.database.is_sqlite:
        return
    path = Path(str(story.bot.database.url.database))
    for one in path.parent.glob(f"{path.name}*"):
        left = one.read_bytes().lower()
        assert [word for word in words if word.lower().encode() in left] == [], one.name


def test_a_recipient_is_forgotten_everywhere(story: World, capfd: pytest.CaptureFixture[str]) -> None:
    assert ZOE in told(story)
    assert all(word in held(story) for word in (ZOE, ZOES))
    others = rows_of(story, "Max Moll", "Ada Abara")
    report = forget(story, ZOES)
    assert report.rows["sends"] == 1
    for shown in (told(story), held(story)):
        # What others have asked for, such as the name of her company, is theirs.
        assert [word for word in (ZOE, ZOES) if word.lower() in shown.lower()] == []
    no_file_holds(story, ZOE, ZOES)
    assert rows_of(story, "Max Moll", "Ada Abara") == others
    assert all(name in told(story) for name in ("Max Moll", "Ada Abara", DEE))
    # Sendoso tells of her again, by every way; what becomes of the gift is still told.
    story.sendoso.move(gid_of(story), "Processing")
    story.tick()
    story.later(days=8)
    story.tick()
    with story.bot.database.write() as session:
        take(session, [Snapshot(
            source="csv", observed_at=story.clock(), status_raw="Shipped", recipient_name=ZOE, recipient_email=ZOES,
            created_at=story.ago(days=1), sender_email="ben@example.com",
        )], story.clock(), us_watch())
    story.deliver()
    for shown in (told(story), held(story)):
        assert [word for word in (ZOE, ZOES) if word.lower() in shown.lower()] == []
    assert "Nothing matches" in story.person("dee").command("/send-status zoe", channel="#sales").visible_text
    with story.bot.database.read() as session:
        assert holding.about(session, ZOES)["held"] == {}
    logged = capfd.readouterr()
    assert [word for word in (ZOES, ZOE) if word in logged.out + logged.err] == []


def test_an_address_in_the_texts_of_somebody_elses_send_is_forgotten_too(story: World) -> None:
    add(story, "Processing", days=8, name="Ida Ibsen", recipient_email="ida@moll.example", recipient_company=ZOES,
        campaign=f"Referral of {ZOES}")
    story.tick()
    assert f"Referral of {ZOES}" in in_channels(story)
    forget(story, ZOES)
    for _ in range(2):
        story.later(minutes=20)
        story.tick()
        for shown in (in_channels(story), held(story)):
            assert ZOES not in shown
        assert "Referral of [forgotten]" in in_channels(story)
    found = story.person("dee").command(f"/send-status {ZOES}", channel="#sales").visible_text
    assert "Nothing matches" in found


def test_a_name_of_another_of_the_persons_sends_does_not_come_back(story: World) -> None:
    add(story, "Processing", days=8, name="Zoe Q.", recipient_email=ZOES, campaign=f"Welcome {ZOE}")
    story.tick()
    forget(story, ZOES)
    for _ in range(2):
        story.later(minutes=20)
        story.tick()
        assert "Welcome [forgotten]" in in_channels(story)
    found = story.person("dee").command(f"/send-status {ZOE}", channel="#sales").visible_text
    assert "Nothing matches" in found


def test_a_mute_of_a_campaign_that_named_her_goes_on_hiding_it(story: World) -> None:
    add(story, "Processing", days=8, name=ZOE, recipient_email=ZOES, campaign=f"Welcome {ZOE}")
    story.tick()
    dee = story.person("dee")
    dee.press(dee.command(f"/sends mute campaign Welcome {ZOE} for 9 days", channel="#sales"), "Mute")
    forget(story, ZOES)
    for _ in range(2):
        assert ZOE.lower() not in held(story).lower()
        listed = dee.command("/sends mute", channel="#sales").visible_text
        assert "Campaign “Welcome [forgotten]”" in listed
        assert "hides 1 open alert" in listed.partition("Welcome [forgotten]")[2]
        story.later(minutes=20)
        story.tick()


def gid_of(story: World) -> str:
    with story.bot.database.read() as session:
        return session.scalars(select(Send.send_gid).where(Send.campaign == "One")).one()


def test_a_sender_is_forgotten_everywhere(story: World) -> None:
    dee = story.person("dee").id
    assert all(word in held(story) for word in (DEE, DEES, dee))
    others = rows_of(story, ZOE, "Ada Abara")
    forget(story, DEES)
    assert [word for word in (DEE, DEES, dee) if word.lower() in held(story).lower()] == []
    no_file_holds(story, DEE, DEES)
    assert rows_of(story, ZOE, "Ada Abara") == others
    assert [word for word in (DEE, DEES, dee) if word in in_channels(story)] == []
    said = len(story.person("dee").dm().messages)
    story.tick()
    story.later(days=3)
    story.tick()
    assert [word for word in (DEE, DEES, dee) if word in in_channels(story)] == []
    assert len(story.person("dee").dm().messages) == said
    assert all(name in told(story) for name in (ZOE, "Max Moll", "Ada Abara"))
