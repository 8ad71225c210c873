"""What the benchmark is asked for: what cannot be measured or kept is refused before anything is measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks import __main__ as bench
from tests.benchmarks import alerts


@pytest.mark.parametrize(("arguments", "said"), [
    (["--sends", "0"], "at least 1,000"), (["--sends=-5"], "at least 1,000"), (["--many", "5"], "at least 1,000"),
    (["--sends", "many"], "at least 1,000"), (["--json", "/nowhere/x.json"], "cannot be written"),
    (["--json", "/"], "cannot be written"), (["--then", "/nowhere/x.json"], "cannot be read"),
    (["--then", __file__], "cannot be read"),
])
def test_what_cannot_be_is_refused_at_once(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str,
) -> None:
    with pytest.raises(SystemExit) as ended:
        bench._asked(arguments)  # noqa: SLF001 - `main` would go on to measure
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_what_can_be_is_taken(tmp_path: Path) -> None:
    options = bench._asked(["--sends", "1000", "--json", str(tmp_path / "x.json")])  # noqa: SLF001 - as above
    assert (options.sends, options.json) == (1_000, tmp_path / "x.json")
    assert options.then["rows"]


def test_no_row_tells_of_more_due_than_are_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nothing:
        prefix = ""

        def close(self) -> None:
            pass

    monkeypatch.setattr(alerts, "stored_in", lambda _store, _count: Nothing())
    monkeypatch.setattr(alerts, "_in_sql", lambda _database: 1.0)
    monkeypatch.setattr(alerts, "_in_objects", lambda _database, _stored: 1.0)
    monkeypatch.setattr(alerts, "_scans", lambda _database, _rules, number: float(number + 1))
    rows = [*alerts.scans(Nothing(), 1_000, None)]  # type: ignore[arg-type]
    assert not [row for row in rows if "10,000 due of 1,000" in row["what"]]
    assert [row for row in rows if "100 due of 1,000" in row["what"]]
