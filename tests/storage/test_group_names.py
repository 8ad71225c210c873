"""What user groups are called, as it is kept."""

from __future__ import annotations

from datetime import timedelta

from storage import group_names
from storage.engine import Database
from storage.group_names import GroupNames
from tests.conftest import NOW


def test_what_slack_says_last_takes_the_place_of_all_before(database: Database) -> None:
    later = NOW + timedelta(minutes=10)
    with database.read() as session:
        assert group_names.read(session) == GroupNames()
    for said, at in (({"S1": ("A", "a"), "S2": ("B", "b")}, NOW), ({"S2": ("Bee", "b")}, later)):
        with database.write() as session:
            group_names.keep(session, said, at)
    with database.read() as session:
        assert group_names.read(session) == GroupNames(names={"S2": ("Bee", "b")}, fetched_at=later)
