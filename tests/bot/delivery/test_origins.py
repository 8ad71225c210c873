"""Workspaces that have one bot, their organisation's: each with its own database, the same keys, in one channel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.delivery.settling import Ending
from bot.delivery.slack_web import SlackWeb
from bot.delivery.sweep import Sweep, SweepReport
from bot.origin import Origin
from storage import schema
from storage.engine import Database
from tests.bot.delivery.conftest import Office
from tests.bot.delivery.slack_double import Fault

OAK, ELM = Origin(workspace="T0OAK", shares_bot=True), Origin(workspace="T0ELM", shares_bot=True)


@pytest.fixture
def oak(office: Office) -> Office:
    return replace(office, origin=OAK)


@pytest.fixture
def elm(oak: Office, tmp_path: Path) -> Iterator[Office]:
    database = Database(f"sqlite:///{tmp_path / 'elm.db'}")
    schema.upgrade(database)
    yield replace(oak, database=database, origin=ELM)
    database.close()


def sweep(office: Office) -> SweepReport:
    return Sweep(
        office.database, SlackWeb("xoxb-test", office.url, origin=office.origin), office.clock,
    ).run()


def unmarked(office: Office, number: int = 0) -> None:
    """A post as it was before posts were marked."""
    del office.slack.channels["C1"][number]["metadata"]["event_payload"]["workspace"]


@pytest.mark.parametrize("is_old", [False, True])
def test_the_sweep_takes_nothing_of_another_workspaces_away(oak: Office, elm: Office, *, is_old: bool) -> None:
    for office, text in ((oak, "of Oak"), (elm, "of Elm")):
        office.wish(text, key="alert:1:1:C1")
        office.until_rest()
    if is_old:
        unmarked(oak, 0)
        unmarked(oak, 1)
    for office in (oak, elm):
        report = sweep(office)
        assert (report.looked, report.doubled, report.adopted, report.trouble) == (1, 0, 0, None)
    assert oak.slack.texts("C1") == ["of Oak", "of Elm"]


def test_a_real_double_of_its_own_still_goes(oak: Office, elm: Office) -> None:
    for office in (oak, elm):
        office.wish(f"of {office.origin}", key="alert:1:1:C1")
        office.until_rest()
    posts = oak.slack.channels["C1"]
    posts.append(posts[0] | {"ts": f"{float(posts[0]['ts']) + 9:.6f}"})
    assert (sweep(elm).doubled, sweep(oak).doubled) == (0, 1)
    assert oak.slack.texts("C1") == [f"of {OAK}", f"of {ELM}"]


@pytest.mark.parametrize("is_old", [False, True])
def test_another_workspaces_post_is_not_taken_for_the_one_whose_end_is_unclear(
    oak: Office, elm: Office, *, is_old: bool,
) -> None:
    wished = oak.wish("of Oak", key="alert:1:1:C1")
    oak.slack.fault("chat.postMessage", Fault(drops=True))
    oak.run()
    elm.wish("of Elm", key="alert:1:1:C1")
    elm.until_rest()
    if is_old:
        unmarked(elm)
    oak.clock.forward(minutes=1)
    assert oak.run()[Ending.ADOPTED] == 0
    oak.until_rest()
    assert oak.slack.texts("C1") == ["of Elm", "of Oak"]
    oak.change(wished, "of Oak, later")
    oak.until_rest()
    assert oak.slack.texts("C1") == ["of Elm", "of Oak, later"]


def test_its_own_post_is_adopted(oak: Office) -> None:
    oak.wish("once")
    oak.slack.fault("chat.postMessage", Fault(drops=True, stores=True))
    oak.run()
    oak.clock.forward(minutes=1)
    assert oak.run()[Ending.ADOPTED] == 1
    assert oak.slack.texts("C1") == ["once"]


@pytest.mark.parametrize("origin", [Origin(workspace="T0ACORN"), Origin()])
def test_where_no_other_has_the_bot_an_unmarked_post_is_its_own(office: Office, origin: Origin) -> None:
    before = replace(office, origin=OAK)
    wished = before.wish("once")
    before.slack.fault("chat.postMessage", Fault(drops=True, stores=True))
    before.run()
    unmarked(before)
    after = replace(office, origin=origin)
    assert sweep(after).adopted == 1
    assert after.message(wished).ts == after.slack.channels["C1"][0]["ts"]
    after.until_rest()
    assert after.slack.texts("C1") == ["once"]


def test_a_bot_of_one_workspace_marks_nothing(office: Office) -> None:
    office.wish("once")
    office.run()
    assert set(office.slack.channels["C1"][0]["metadata"]["event_payload"]) == {"key", "attempt", "rev"}
