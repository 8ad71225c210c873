from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.sends import salvage
from bot.sends.snapshots import Snapshot
from bot.statuses.watch import us_watch
from bot.statuses.working_time import PACIFIC
from storage.engine import Database
from tests.conftest import NOW


@pytest.mark.parametrize("broken", [
    "SET LOCAL transaction_read_only TO on", "SET LOCAL ROLE pg_read_all_data", "DROP TABLE sends CASCADE",
    "ALTER TABLE sends DROP COLUMN team",
])
def test_a_single_send_is_not_blamed_for_what_ails_the_database(postgresql: Database, broken: str) -> None:
    """A webhook brings one alone: rejected, it would be gone, although it could be taken in once that is mended."""
    told = [Snapshot(source="webhook", observed_at=NOW, send_gid="g1", status_raw="Shipped")]
    with postgresql.read() as session:
        session.execute(text(broken))
        with pytest.raises(DBAPIError):
            salvage.take(session, told, NOW, us_watch(PACIFIC))
