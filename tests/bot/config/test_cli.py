from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from bot.config.document import SECTIONS
from storage import config as stored
from storage.engine import Database
from tests.bot.alerts.making import add
from tests.bot.test_cli import Ran

Run = Callable[..., Ran]
FILE = """\
calendar: {country: DE}
policies:
  urgent: {repeat: [4h, 1d], escalate: [{after: 4h, mention: [S0123]}], quiet: {from: 18:00, to: 8:00}}
routes:
  - {name: big gifts, when: {amount_from: 100 USD, team: Sales}, channel: C0123, policy: urgent}
  - {name: others, dm_sender: true}
permissions: {mute: [admins]}
thresholds:
  - {status: Shipped, after: 12 days}
"""
BAD = "routes:\n  - name: a\n    when: {rule: overdu}\n"


@pytest.fixture(name="run")
def _run(run: Run) -> Run:
    Path("good.yml").write_text(FILE, encoding="utf-8")
    Path("bad.yml").write_text(BAD, encoding="utf-8")
    return run


def put(gid: str = "one", **values: object) -> None:
    """A send in Shipped for 20 days, or as `values` say."""
    database = Database("sqlite:///sendwatch.db")
    now = datetime.now(UTC)
    with database.write() as session:
        add(session, now, gid, **{"status": "shipped", "since": now - timedelta(days=20)} | values)
    database.close()


def test_help_names_the_commands_and_stays_quick(run: Run) -> None:
    ran = run("config", "--help")
    assert ran.code == 0
    for command in ("export", "import", "check"):
        assert command in ran.out
    assert run("config").code == 2
    code = "import sys, bot.cli; print([one for one in ('yaml', 'pydantic', 'sqlalchemy') if one in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_what_is_exported_and_imported_again_changes_nothing(run: Run) -> None:
    for _ in range(2):
        assert run("config", "export", "out.yml").code == 0
        assert run("config", "import", "out.yml").out.strip() == "Nothing changes."
        assert run("config", "export").out == Path("out.yml").read_text(encoding="utf-8")
        run("config", "import", "good.yml")


def test_an_import_shows_what_it_changes_and_puts_it_into_force(run: Run) -> None:
    tried = run("config", "import", "good.yml", "--dry-run")
    assert tried.code == 0
    assert "  +  - {name: others, dm_sender: true}" in tried.out
    assert "  -calendar: {country: US}" in tried.out
    assert "Not in the file, and left as it is: budgets, digests, look_ups." in tried.out
    assert tried.out.endswith("Nothing was written.\n")
    assert "routes: []" in run("config", "export").out
    done = run("config", "import", "good.yml").out.splitlines()
    assert done[-1] == "It is in force: a running bot goes by it from its next pass on."
    assert done[:-1] == tried.out.splitlines()[:-1]
    assert "- {status: shipped, level: late, after: 12 days}" in run("config", "export").out
    assert "Nothing changes." in run("config", "import", "good.yml").out
    database = Database("sqlite:///sendwatch.db")
    with database.read() as session:
        assert {change.changed_by for change in stored.history(session)} == {"cli"}
        changed = {change.section for change in stored.history(session)}
    assert changed == set(SECTIONS) - {"budgets", "digests", "look_ups"}
    database.close()


def test_an_import_says_how_many_sends_it_makes_due(run: Run) -> None:
    run("migrate")
    put(status="delivered")
    Path("limit.yml").write_text("thresholds: [{status: Delivered, after: 3 days}]", encoding="utf-8")
    assert "thresholds 1 send becomes due now (1 Delivered)." in run("config", "import", "limit.yml", "--dry-run").out
    told = run("config", "import", "limit.yml", "--json").json
    assert told["effect"] == {"becoming_due": 1, "no_longer_due": 0, "by_status": {"delivered": 1}}
    assert told["written"]
    assert [change["section"] for change in told["changed"]] == ["thresholds"]
    assert [one["place"] for one in told["warnings"]] == ["thresholds[0].status"]
    Path("routes.yml").write_text("routes: []", encoding="utf-8")
    assert run("config", "import", "routes.yml", "--json").json["effect"] is None


def test_a_wrong_file_is_refused_whole_with_the_list(run: Run) -> None:
    Path("bad.yml").write_text(f"calendar: {{country: DE}}\n{BAD}", encoding="utf-8")
    for command in (("import", "bad.yml"), ("check", "bad.yml"), ("import", "bad.yml", "--dry-run")):
        ran = run("config", *command)
        assert ran.code == 1
        assert '  - line 4, routes[0].when.rule: "overdu" is no rule; did you mean "overdue"?' in ran.err
        assert ran.out == ""
    for name in ("import", "check"):
        ran = run("config", name, "bad.yml", "--json")
        assert ran.code == 1
        assert ran.json["problems"] == [{
            "place": "routes[0].when.rule", "line": 4, "text": '"overdu" is no rule; did you mean "overdue"?',
        }]
    assert "country: US" in run("config", "export").out


@pytest.mark.parametrize("content", ["", "\n", "# routes:\n#  - {name: a}\n", "---\n", "{}\n", "~\n", "\ufeff"])
def test_a_file_without_sections_does_not_pass_as_a_good_one(run: Run, content: str) -> None:
    Path("empty.yml").write_text(content, encoding="utf-8")
    for command in (("import", "empty.yml"), ("import", "empty.yml", "--dry-run"), ("check", "empty.yml")):
        ran = run("config", *command)
        assert ran.code == 1
        assert "empty.yml" in ran.err
        assert "The file holds no section: it is empty, or all of it is commented out." in ran.err
        assert ran.out == ""
    told = run("config", "import", "empty.yml", "--json")
    assert told.code == 1
    assert [one["text"][:27] for one in told.json["problems"]] == ["The file holds no section: "]
    assert not told.json["written"]


@pytest.mark.parametrize("arguments", [
    ("import", "nowhere.yml"), ("check", "nowhere.yml"), ("import",), ("import", "."), ("bogus",),
    ("check", "--rule", "overdue"), ("check", "--send", "x", "--rule", "overdu"),
])
def test_wrong_use_says_what_to_do_and_ends_with_2(run: Run, arguments: tuple[str, ...]) -> None:
    ran = run("config", *arguments)
    assert ran.code == 2
    assert ran.err.strip()
    assert "Traceback" not in ran.err


def test_a_file_is_piped_in_and_out(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(FILE.encode())))
    assert "others" in run("config", "import", "-").out
    assert "others" in run("config", "export", "-").out


def test_what_cannot_be_written_is_one_sentence(run: Run) -> None:
    ran = run("config", "export", "no/such/folder.yml")
    assert ran.code == 1
    assert ran.err == "no/such/folder.yml cannot be written: No such file or directory.\n"


def test_beside_a_running_bot_sqlite_only_lets_it_be_looked_at(run: Run) -> None:
    run("migrate")
    bot = Database("sqlite:///sendwatch.db", exclusive=True)
    try:
        assert run("config", "check").code == 0
        assert run("config", "import", "good.yml", "--dry-run").code == 0
        ran = run("config", "import", "good.yml")
    finally:
        bot.close()
    assert ran.code == 1
    assert "is in use by another Sendwatch process" in ran.err
    assert "Nothing was changed." in ran.err
    assert "/sends settings" in ran.err
    assert "routes: []" in run("config", "export").out


def test_on_postgresql_it_is_changed_while_replicas_run(run: Run, postgresql: Database) -> None:
    url = make_url(postgresql.url).render_as_string(hide_password=False)
    assert "It is in force" in run("config", "import", "good.yml", DATABASE_URL=url).out
    with postgresql.read() as session:
        assert set(stored.read(session)) == set(SECTIONS) - {"budgets", "digests", "look_ups"}


def test_a_check_shows_routes_policies_and_who_may_press(run: Run) -> None:
    shown = run("config", "check", "good.yml", ALERT_CHANNEL="C0999", ADMIN_USERS="U0123")
    assert shown.code == 0
    assert "The configuration (good.yml) is valid." in shown.out
    plain = " ".join(shown.out.split())
    for text in (
        "1 big gifts team Sales, from 100 USD C0123 urgent stops", "2 others always the sender default stops",
        "after 4h, 1d, in the thread", "after 4h mention S0123", "18:00 to 08:00",
        "no route fits", "C0999", "stale_data or unknown_status", "admins mute, settings",
    ):
        assert text in plain
    assert "missing" not in shown.out
    assert "no route fits" in run("config", "check").out


def test_a_check_tells_what_is_kept_and_for_how_long(run: Run) -> None:
    told = run("config", "check").out
    assert "Finished sends are kept for ever: KEEP_SENDS is not set." in told
    assert "Look-ups are not put on record; what is on record is deleted after 90 days." in told
    Path("kept.yml").write_text("look_ups: {record: true, keep: 1d}\n", encoding="utf-8")
    told = run("config", "check", "kept.yml", KEEP_SENDS="2y").out
    assert "Finished sends are deleted after 730 days, by KEEP_SENDS." in told
    assert "Look-ups are put on record; what is on record is deleted after 1 day." in told
    asked = run("config", "check", "kept.yml", "--json", KEEP_SENDS="90d").json
    assert (asked["keep_sends_days"], asked["look_ups"]) == (90, {"record": True, "keep_days": 1})


def test_a_check_as_json(run: Run) -> None:
    told = run("config", "check", "good.yml", "--json", ALERT_CHANNEL="C0999", ADMIN_USERS="U0123").json
    assert (told["valid"], told["problems"], told["missing"], told["send"], told["alerts"]) == (True, [], [], None, [])
    assert told["routes"] == [
        {
            "name": "big gifts", "when": {"team": ["Sales"], "amount_from": "100 USD"}, "channel": "C0123",
            "dm_sender": False, "policy": "urgent", "continue": False,
        },
        {
            "name": "others", "when": {}, "channel": None, "dm_sender": True, "policy": "default", "continue": False,
        },
    ]
    assert told["permissions"]["mute"] == ["admins"]
    assert told["permissions"]["acknowledge"] == ["anyone"]


def test_a_check_warns_of_what_the_settings_make_useless(run: Run, tmp_path: Path) -> None:
    odd = tmp_path / "odd.yml"
    odd.write_text("permissions: {meaning: [admins]}\nroutes: [{name: a, when: {rule: stale_data}, channel: C012}]\n")
    told = run("config", "check", str(odd), "--json", ADMIN_USERS="U0123").json
    assert [(one["line"], one["place"]) for one in told["warnings"]] == [
        (1, "permissions.meaning"), (2, "routes[0].when.rule"),
    ]
    assert told["permissions"]["meaning"] == ["anyone"]
    without = run("config", "check", str(odd), "--json", ADMIN_USERS="").json
    assert [one["line"] for one in without["warnings"]] == [1]


def test_without_a_channel_it_still_checks_and_says_what_is_missing(run: Run) -> None:
    shown = run("config", "check", "good.yml")
    assert shown.code == 0
    assert "ALERT_CHANNEL is missing" in shown.out
    assert "ADMIN_USERS is empty: nobody may press mute, settings" in shown.out
    assert len(run("config", "check", "--json").json["missing"]) == 2


def test_a_check_shows_where_a_sends_alert_would_go_and_why(run: Run) -> None:
    run("migrate")
    put(team="Sales", campaign="Autumn", cost_minor=25_000, currency="USD", sender_email="ann@acme.example")
    shown = run("config", "check", "good.yml", "--send", "one", ALERT_CHANNEL="C0999").out
    assert "Send one: Shipped, Inventoried Sends, Sales, Autumn, ann@acme.example, 250 USD" in shown
    assert "overdue/late (expected, due " in shown
    assert "route  big gifts  matched" in shown
    assert "route  others     not reached" in shown
    assert "goes to C0123 by route big gifts, policy urgent" in shown
    other = run("config", "check", "--send", "one", "--rule", "expired").out
    assert "expired/notice (supposed)" in other
    assert "goes to C0999 by route default, policy default" in other
    told = run("config", "check", "good.yml", "--send", "one", "--json").json
    assert told["send"]["send_gid"] == "one"
    assert [alert["rule"] for alert in told["alerts"]] == ["overdue"]
    put(gid="two", sender_email="ann@acme.example")
    to_sender = run("config", "check", "good.yml", "--send", "two").out
    assert "route  big gifts  does not fit: team, amount" in to_sender
    assert "goes to ann@acme.example as a direct message by route others, policy default" in to_sender


def test_a_send_that_is_not_there_or_not_the_only_one_is_a_sentence(run: Run) -> None:
    run("migrate")
    nobody = run("config", "check", "--send", "nobody")
    assert (nobody.code, nobody.out) == (1, "")
    assert nobody.err == "No send matches “nobody”.\n"
    put()
    assert run("config", "check", "--send", "").code == 1


def test_a_send_without_any_alert_is_told_so(run: Run) -> None:
    run("migrate")
    put(status="delivered", team="<!channel> [bold]West")
    shown = run("config", "check", "--send", "one").out
    assert "No alert is open, and none will come" in shown
    assert "<!channel> [bold]West" in shown


def test_what_is_stored_and_cannot_be_used_is_told_and_replaced_by_an_import(run: Run) -> None:
    run("migrate")
    database = Database("sqlite:///sendwatch.db")
    with database.write() as session:
        stored.save(session, "calendar", {"country": "Atlantis"}, datetime.now(UTC), "U0123")
    database.close()
    ran = run("config", "check")
    assert ran.code == 1
    assert 'calendar.country: "Atlantis" is no country' in ran.err
    exported = run("config", "export", "out.yml")
    assert exported.code == 0
    assert "“calendar” cannot be used" in exported.err
    assert "calendar: what is stored cannot be used, and is replaced." in run("config", "import", "out.yml").out
    assert run("config", "check").code == 0
