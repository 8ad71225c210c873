"""Several processes on one database: what another one is at says nothing of how it goes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.delivery import sweep
from bot.jobs import DoneElsewhereError
from bot.sends import sync
from storage import leases
from tests.stories.world import World


@pytest.mark.parametrize("name", [sync.LEASE, sweep.NAME])
def test_a_job_that_another_process_is_at_is_left_to_it(story: World, name: str) -> None:
    job, = (one for one in story.bot.jobs.table if one.name == name)
    with story.bot.database.write() as session:
        assert leases.take(session, name, "another", story.clock(), timedelta(minutes=2))
    with pytest.raises(DoneElsewhereError):
        job.run()
    story.later(minutes=3)
    job.run()
