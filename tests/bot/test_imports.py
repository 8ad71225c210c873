from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot import imports
from bot.sends import intake
from bot.statuses.working_time import PACIFIC
from storage import sends
from tests.conftest import NOW

if TYPE_CHECKING:
    import pytest
    from sqlalchemy.orm import Session

    from bot.sends.snapshots import Snapshot
    from storage.engine import Database


def test_a_row_that_cannot_be_stored_costs_no_other(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "sends.csv"
    file.write_text("Send GID,Status,Team\n" + "".join(f"g{number},Shipped,T{number}\n" for number in range(5)))
    real = intake.take

    def take(session: Session, told: list[Snapshot], *rest: object) -> intake.Taken:
        taken = real(session, told, *rest)  # type: ignore[arg-type]
        if any(one.send_gid == "g2" for one in told):
            raise ZeroDivisionError
        return taken

    monkeypatch.setattr(intake, "take", take)
    counts = imports.import_file(database, file, NOW, PACIFIC, lambda *_: None)
    assert (counts.read, counts.new) == (5, 4)
    assert [(one.line, one.reason) for one in counts.rejected] == [(4, "it could not be stored (ZeroDivisionError)")]
    with database.read() as session:
        assert sends.total(session) == 4
