from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bot.test_cli import Ran, run, tracker

__all__ = ["run", "tracker"]


@pytest.fixture
def imported(run: Callable[..., Ran], tracker: str) -> Callable[..., Ran]:
    assert run("import", tracker).code == 0
    return run


def test_forget_says_what_it_did_and_another_import_keeps_to_it(
    imported: Callable[..., Ran], tracker: str, tmp_path: Path,
) -> None:
    would = imported("forget", "Jane@Acme.example", "--dry-run", "--json")
    assert (would.code, would.json["rows"], would.json["dry_run"]) == (0, {"sends": 1}, True)
    assert imported("status", "jane", "--json").json["total"] == 1
    done = imported("forget", "Jane@Acme.example")
    assert (done.code, done.out.splitlines()) == (
        0, ["Changed: 1 in sends.", "A later sync or import does not bring the address back."],
    )
    again = imported("import", tracker, "--json")
    assert (again.json["new"], len(again.json["rejected"])) == (0, 1)
    assert imported("status", "jane", "--json").json["total"] == 0
    assert imported("status", "max", "--json").json["total"] == 1
    assert b"jane" not in (tmp_path / "sendwatch.db").read_bytes().lower()
    # Once more changes nothing, and is no failure: whoever runs it for a list of people may begin anew.
    assert imported("forget", "jane@acme.example").out.startswith("Nothing is held about this address.")


def test_export_tells_what_is_held(imported: Callable[..., Ran], tmp_path: Path) -> None:
    told = imported("export", "jane@acme.example")
    assert told.code == 0
    assert [send["recipient_name"] for send in told.json["held"]["sends"]] == ["Jane Doe"]
    file = tmp_path / "jane.json"
    assert imported("export", "jane@acme.example", "--json", str(file)).out == f"{file}: 2 rows.\n"
    assert json.loads(file.read_text()) == told.json
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    missing = imported("export", "jane@acme.example", "--json", str(tmp_path / "none" / "jane.json"))
    assert (missing.code, "cannot be written" in missing.err) == (1, True)


@pytest.mark.parametrize("command", ["forget", "export"])
def test_what_is_no_address_is_wrong_use(run: Callable[..., Ran], command: str) -> None:
    ran = run(command, "Jane Doe")
    assert ran.code == 2
    assert "'Jane Doe' is not an e-mail address" in ran.err


def test_forget_fails_where_settings_name_the_person(imported: Callable[..., Ran], tmp_path: Path) -> None:
    routes = tmp_path / "routes.yml"
    routes.write_text(
        "routes:\n  - name: hers\n    when: {sender: jane@acme.example}\n    channel: C02SALES\n", encoding="utf-8",
    )
    assert imported("config", "import", str(routes)).code == 0
    ran = imported("forget", "jane@acme.example")
    assert ran.code == 1
    assert "The configuration names the person in: routes." in ran.out
