"""Whatever people do with mutes and however time passes: silence while one holds, and one word when none does."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.alerts import muted, mutes
from bot.alerts.mutes import Made
from bot.alerts.muting import Target
from bot.alerts.pressed import Press
from storage.engine import Database
from storage.models import Mute
from tests.bot.alerts.making import DAY, RULES, alert, messages, move, no_backlog, places, scan
from tests.bot.alerts.test_telling import late

HOUR = timedelta(hours=1)
_numbers = count(1)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["campaign", "team"]), st.integers(1, 30)),
        st.tuples(st.sampled_from(["edit", "end", "undo"]), st.integers(1, 30)),
        st.tuples(st.just("wait"), st.integers(1, 40)),
    ),
    max_size=10,
)


class One:
    """One told alert, and all that is done about mutes of it."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database, self.now = database, now
        self.gid = f"gid{next(_numbers)}"
        self.made: list[int] = []
        self.is_owed = False
        self.counted: set[int] = set()
        self.told = 0
        late(database, now, self.gid, campaign=self.gid, team=f"team {self.gid}")
        self.look()

    def do(self, step: str, number: int) -> None:
        if step == "wait":
            self.now += number * HOUR
            self.look()
            return
        press = Press(action="mute", user_id=f"U{number % 2}", dedupe_key=f"property-{next(_numbers)}")
        with self.database.write() as session:
            if step in {"campaign", "team"}:
                value = self.gid if step == "campaign" else f"team {self.gid}"
                target = Target(scope=step, value=value, label=value)
                done = mutes.mute(session, press, target, self.now + number * HOUR, self.now, RULES)
            elif not self.made:
                return
            elif step == "edit":
                ends_at = self.now + number * HOUR
                done = mutes.edit(session, press, self.made[-1], ends_at, self.now, RULES)
            else:
                change = mutes.end if step == "end" else mutes.undo
                done = change(session, press, self.made[-1], self.now, RULES)
        if isinstance(done, Made):
            self.made.append(done.mute.id)
            is_taken_back = step == "undo" and done.mute.ended_at is not None and done.mute.replaces is None
            # What is ended or changed has held it, be it for a moment; what is taken back never has.
            self.is_owed |= step in {"edit", "end", "undo"} and not is_taken_back

    def look(self) -> None:
        """Scan, and compare what was said with what should have been."""
        scan(self.database, self.now)
        self._count_ends()
        with self.database.read() as session:
            found = alert(session, self.gid)
            (place,) = places(session, found.id)
            holds = [one for one in muted.in_force(session, self.now) if self.gid in one.value]
            words = [
                one for one in messages(session)
                if one.body.get("notice") == "mute_ended" and one.body.get("alert") == found.id
            ]
        assert place.held == (("muted_owed" if self.is_owed else "muted") if holds else "")
        if holds:
            assert place.next_at == max(one.ends_at for one in holds)
        # It is told again once for each time that mutes of it have ended since it was told last, and none holds.
        self.told += self.is_owed and not holds
        self.is_owed &= bool(holds)
        assert len(words) == self.told

    def _count_ends(self) -> None:
        with self.database.read() as session:
            mine = [one for one in session.query(Mute).all() if self.gid in one.value]
            over = {one.id for one in mine if one.ended_at is None and one.ends_at <= self.now}
        self.is_owed |= bool(over - self.counted)
        self.counted |= over


@pytest.fixture
def looked_at(sqlite: Database, now: datetime) -> Database:
    """A database whose first look is over."""
    no_backlog(sqlite, now)
    return sqlite


@given(STEPS)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_silence_while_a_mute_holds_and_one_word_afterwards(
    looked_at: Database, now: datetime, steps: list[tuple[str, int]],
) -> None:
    one = One(looked_at, now + 400 * DAY * next(_numbers))
    for step, number in steps:
        one.do(step, number)
    # Nothing that stands on record is ever rewritten.
    before = history(looked_at)
    one.do("wait", 40 * 24)
    assert {row: said for row, said in history(looked_at).items() if row in before} == before
    with looked_at.write() as session:
        move(session, one.now, one.gid, "delivered")
    scan(looked_at, one.now)


def history(database: Database) -> dict[int, tuple[object, ...]]:
    with database.read() as session:
        rows = session.query(Mute).all()
        return {
            row.id: (row.scope, row.value, row.created_by, row.created_at, row.ends_at, row.ended_at) for row in rows
        }
