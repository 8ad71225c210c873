"""Workspaces of an organisation that has installed Sendwatch once: Slack knows one bot, which speaks for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.stories.house import House, house
from tests.stories.sending import add
from tests.stories.test_workspaces import ELM, OAK, invite


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
