"""Every command in the README and in docs/ is run; what cannot be is listed here with the reason, and looked up."""

from __future__ import annotations

import importlib.util
import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from typer.main import get_command

from bot.cli import app, main
from bot.playground.sendoso import SendosoState, routes
from bot.playground.server import Playground
from bot.sends.snapshots import Snapshot, StatusUpdate
from bot.settings import Settings
from bot.slack import commands, grammar
from storage import workspaces
from storage.engine import Database
from storage.secrets import Vault
from storage.workspaces import Grant
from tests.docs.commands import PAGES, ROOT, Told, inline, shell, slash

PATIENCE = 60
COMMANDS = get_command(app).commands  # type: ignore[attr-defined] # a group, as Typer makes one
TRACKER = (
    "Send ID,Recipient Name,Recipient Email,Status,Send Type,Date Sent,Status Date,Campaign\n"
    "4711,Jane Doe,jane@acme.com,Processing,Inventoried Sends,2026-10-02,2026-10-02,Autumn Box\n"
)
LAST_AUTUMN = datetime(2026, 10, 2, tzinfo=UTC)
SEND = Snapshot(
    source="sample", observed_at=LAST_AUTUMN, status_raw="Processing", created_at=LAST_AUTUMN, type="Inventoried Sends",
    subtype="Custom", recipient_name="Jane Doe", recipient_email="jane@acme.com", recipient_company="Acme",
    sender_name="Ben Okafor", sender_email="ben@example.com", team="EMEA", campaign="Autumn Box", campaign_id=1,
    updates=(StatusUpdate(status_raw="Processing", occurred_at=LAST_AUTUMN),),
)
ELSEWHERE = {
    "podman": "builds and runs an image: no container runtime where tests run",
    "docker": "as podman",
    "kubectl": "needs a cluster",
    "sudo": "changes the machine: what it starts is looked up in tests/deploy",
    "pg_dump": "PostgreSQL's own", "pg_restore": "PostgreSQL's own", "psql": "PostgreSQL's own",
    "createuser": "PostgreSQL's own", "createdb": "PostgreSQL's own",
    "uv": "asks a package index",
    "echo": "puts a password into .env",
    ".ci/run": "runs this very test",
}
"""Programs of others: the files and settings that the line names are looked up."""
LONG = {
    "test": "the whole suite, of which this is a part", "bench": "many minutes", "chaos": "many minutes",
    "soak": "an hour", "mutate": "an hour or two", "python": "checks of their own",
}
"""What `run.py` starts besides the command line: options and files are looked up."""
STAYS = {"run", "demo"}
"""What goes on until it is stopped: started, seen to be up, stopped."""
MAY_FAIL = {"doctor", "health"}
"""Says with exit code 1 that something is to be mended, as it is where no bot runs."""
TOLD = shell()


@dataclass(frozen=True)
class Place:
    """A folder with what somebody has who follows a page."""

    folder: Path
    environment: dict[str, str]
    gid: str
    """Of the send that Sendoso has."""


@pytest.fixture(scope="module")
def sendoso() -> Iterator[SendosoState]:
    state = SendosoState()
    yield state
    state.close()


@pytest.fixture(scope="module")
def slack(sendoso: SendosoState) -> Iterator[Playground]:
    with Playground(sendoso=sendoso, routes=routes(sendoso, "/sendoso")) as playground:
        yield playground


@pytest.fixture
def place(tmp_path: Path, slack: Playground, sendoso: SendosoState, monkeypatch: pytest.MonkeyPatch) -> Place:
    key = Fernet.generate_key().decode()
    settings = {
        "SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token, "SLACK_API_URL": slack.api_url,
        "ALERT_CHANNEL": "C01GIFTING", "ADMIN_USERS": "U01ANN", "SENDOSO_API_URL": f"{slack.url}/sendoso",
        "SENDOSO_ACCESS_TOKEN": sendoso.access.access_token, "ENCRYPTION_KEYS": key, "HTTP_PORT": "0",
    }
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    (tmp_path / "acorn.env").write_text("SENDOSO_ACCESS_TOKEN=of-acorn\n")
    (tmp_path / "tracker.csv").write_text(TRACKER)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    return Place(tmp_path, settings, sendoso.add(SEND))


def run(place: Place, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> int:
    """Run a command of ours as it stands, but for folders and ids that are somebody's own; gives its exit code."""
    mine = [place.gid if one == "GID" else one.replace("/var/backups", str(place.folder)) for one in arguments]
    monkeypatch.setattr(sys, "argv", ["sendwatch", *mine])
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    settings = (place.folder / ".env").read_text()
    if arguments[0] == "workspaces":
        # With a bot token there is one workspace only; all other commands of a page are about that one.
        several = f"{settings.replace('SLACK_BOT_TOKEN', '#')}SLACK_CLIENT_ID=1.2\nSLACK_CLIENT_SECRET=s\n"
        (place.folder / ".env").write_text(several)
    with pytest.raises(SystemExit) as ended:
        main()
    (place.folder / ".env").write_text(settings)
    return int(ended.value.code or 0)


def prepare(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page takes for granted: sends, and a workspace that has installed the app."""
    assert run(place, monkeypatch, ["import", "tracker.csv"]) == 0
    assert run(place, monkeypatch, ["sync"]) == 0
    database = Database(f"sqlite:///{place.folder / 'sendwatch.db'}")
    with database.write() as session:
        workspaces.install(session, Vault([place.environment["ENCRYPTION_KEYS"]]), Grant(
            enterprise_id="", team_id="T0123ABCD", name="Acorn", token="xoxb-1", bot_id="B1", bot_user_id="U0",
            scopes="", installed_by="U01ANN",
        ), datetime(2026, 11, 23, tzinfo=UTC))
    database.close()


def runnable(told: Told) -> bool:
    return told.is_ours and told.program[0] not in LONG | dict.fromkeys(STAYS, "")


@pytest.mark.parametrize("page", sorted({told.page for told in TOLD if runnable(told)}))
def test_the_commands_of_a_page_work_one_after_the_other(
    place: Place, page: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:
    prepare(place, monkeypatch)
    for told in (one for one in TOLD if one.page == page and runnable(one)):
        code = run(place, monkeypatch, told.program)
        said = capsys.readouterr()
        assert code == 0 or (code == 1 and told.program[0] in MAY_FAIL), (told.line, said.out, said.err)
        for name in re.findall(r"[\w-]+\.(?:png|csv|yml|db|json)\b", told.line):
            assert (place.folder / name).exists(), told.line


def test_run_and_demo_come_up_and_stop(place: Place, slack: Playground) -> None:
    assert {told.program[0] for told in TOLD if told.is_ours} >= STAYS
    ours = {name.upper() for name in Settings.model_fields}
    environment = {name: value for name, value in os.environ.items() if name not in ours} | {"PYTHONPATH": str(ROOT)}
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "bot", *words], cwd=place.folder, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        for words in (["run"], ["demo", "--port", "0", "--no-browser"])
    ]
    try:
        slack.wait_until_connected(PATIENCE)
        assert started[1].stdout is not None
        assert any("The playground: http" in line for line in started[1].stdout)
        for process in started:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(PATIENCE) for process in started] == [0, 0]
    finally:
        for process in started:
            process.kill()
            process.communicate()


def test_no_command_is_left_out() -> None:
    for told in TOLD:
        first = told.program[0]
        known = (first in COMMANDS or first in LONG) if told.is_ours else first in ELSEWHERE
        assert known, f"{told.page}: {told.line!r} is neither run nor listed with a reason"


@pytest.mark.parametrize("name", sorted(LONG))
def test_what_takes_long_has_the_options_and_files_that_are_named(name: str) -> None:
    dispatched = (ROOT / "run.py").read_text(encoding="utf-8")
    assert f'case "{name}":' in dispatched
    for told in (one for one in TOLD if one.is_ours and one.program[0] == name):
        arguments = told.program[1:]
        if name in {"chaos", "soak", "mutate", "bench"}:
            folder = {"mutate": "mutation", "bench": "benchmarks"}.get(name, name)
            source = (ROOT / f"tests/{folder}/__main__.py").read_text(encoding="utf-8")
            for option in (one for one in arguments if one.startswith("--")):
                assert f'add_argument("{option}"' in source, told.line
        for path in (one for one in arguments if "/" in one):
            assert (ROOT / path).exists(), told.line
        if name == "python" and arguments[0] == "-m":
            assert importlib.util.find_spec(arguments[1]), told.line


def test_programs_of_others_are_given_files_that_are_there() -> None:
    for told in (one for one in TOLD if not one.is_ours):
        for path in re.findall(r"\bdeploy/[\w./-]+", told.line):
            assert (ROOT / path).is_file(), told.line
        if told.words[0] == ".ci/run":
            assert os.access(ROOT / ".ci/run", os.X_OK)


def test_commands_within_sentences_are_commands() -> None:
    found = [told for told in inline() if told.is_ours]
    assert found
    for told in found:
        first = told.program[0]
        assert first in COMMANDS or first in LONG, f"{told.page}: {told.line}"
        options = {one for one in told.program[1:] if one.startswith("--")} if first in COMMANDS else set()
        command = COMMANDS.get(first)
        while hasattr(command, "commands"):
            command = command.commands[told.program[1]] if len(told.program) > 1 else None
        known = {option for parameter in command.params for option in parameter.opts} if command else set()
        assert options <= known, f"{told.page}: {told.line}"


def test_the_readme_names_every_setting_and_every_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text.partition("\n## Settings\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == {name.upper() for name in Settings.model_fields}
    told = {one.program[0] for one in shell((ROOT / "README.md",)) if one.is_ours}
    listed = text.partition("\n## Command line\n")[2].partition("\n## ")[0]
    assert [name for name in COMMANDS if name not in told and f"`{name} " not in listed] == []


def test_slash_commands_are_understood() -> None:
    found = slash()
    assert len(found) > 20
    for told in found:
        name, _, text = told.line.partition(" ")
        asked = commands.in_words(grammar.parse(name, text))
        assert asked.what not in {"mistaken", "too_much", "a_send"}, f"{told.page}: {told.line}"


def test_a_page_with_a_new_command_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "Type `/sends stuk` or `sendwatch conjure`.\n\n```console\n$ sendwatch status a \\\n    b  # where\n```\n"
        "1. so\n\n   ```sh\n   docker run x\n   ```\n",
    )
    assert [told.line for told in shell((page,))] == ["sendwatch status a b", "docker run x"]
    assert [told.line for told in slash((page,))] == ["/sends stuk"]
    assert grammar.parse("/sends", "stuk").what == "mistaken"
    assert [told.line for told in inline((page,))] == ["/sends stuk", "sendwatch conjure"]
    assert len(PAGES) > 10
