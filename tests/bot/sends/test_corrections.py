from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from bot.alerts import scan
from bot.alerts.routing import Routing
from bot.alerts.rulebook import Rulebook
from bot.sends import intake
from bot.sends.snapshots import Snapshot, StatusUpdate
from bot.statuses.watch import us_watch
from storage.engine import Database
from storage.models import Alert

RULES = Rulebook(watch=us_watch(), routing=Routing(alert_channel="C1"))


def tell(database: Database, now: datetime, expires_at: datetime) -> None:
    since = now - timedelta(days=10)
    with database.write() as session:
        intake.take(session, [Snapshot(
            source="csv", observed_at=now, send_gid="g1", status_raw="Sent", type="eGifts USA", created_at=since,
            updates=(StatusUpdate(status_raw="Sent", occurred_at=since),), expires_at=expires_at,
        )], now, us_watch())


def states(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        return [(alert.level, alert.state) for alert in session.scalars(select(Alert).order_by(Alert.id))]


def test_an_end_that_was_put_off_is_told_again_when_it_comes(database: Database, now: datetime) -> None:
    tell(database, now, now + timedelta(days=1))
    scan.everything(database, now, lambda _session: RULES)
    assert states(database) == [("2d", "firing")]

    tell(database, now, now + timedelta(days=20))
    scan.everything(database, now, lambda _session: RULES)
    assert states(database) == [("2d", "resolved")]

    near = now + timedelta(days=19)
    scan.everything(database, near, lambda _session: RULES)
    assert ("2d", "firing") in states(database)
