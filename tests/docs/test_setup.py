"""What somebody needs who sets Sendwatch up by the pages alone."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from bot.alerts.stale import SYNCS_MISSED
from bot.cli import main
from bot.sends.sources import oauth
from bot.statuses import offers
from storage.engine import Database
from tests.docs.commands import ROOT

GIVEN = {
    "import": ["tracker.csv"], "forget": ["jane@acme.com", "--yes"], "restore": ["monday.db"],
    "config import": ["settings.yml"],
}
"""What follows the commands that need more than their name."""


@pytest.mark.parametrize("page", ["README.md", "docs/workspaces.md"])
def test_over_http_every_url_is_named_that_slack_asks_for(page: str) -> None:
    parts = (ROOT / page).read_text(encoding="utf-8").split("\n\n")
    [told] = [" ".join(part.split()) for part in parts if "/slack/events`" in part]
    assert "each slash command" in told
    assert "interactivity" in told
    assert "events" in told
    assert "tries the URL of events as soon as you give" in told, "or Slack does not take it"
    assert "**Options Load URL**" in told, "menus that find something as one types are asked for at a URL of their own"


def test_what_needs_the_bot_stopped_says_so_and_nothing_else_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in (("SENDOSO_ACCESS_TOKEN", "x"), ("SLACK_BOT_TOKEN", "xoxb-1"), ("ALERT_CHANNEL", "C0123")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///sendwatch.db")
    (tmp_path / "tracker.csv").write_text("Send ID,Recipient Email,Status\n1,jane@acme.com,Shipped\n")
    (tmp_path / "settings.yml").write_text("budgets:\n  default: {a_day: 30}\n")

    def ends(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["sendwatch", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    assert [ends("import", "tracker.csv"), ends("backup", "monday.db")] == [0, 0]
    guide = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    named = re.findall(r"`([a-z ]+)`", guide.partition("Stop the bot for ")[2].partition(";")[0])
    assert {"import", "config import"} < set(named)
    bot = Database("sqlite:///sendwatch.db", exclusive=True)
    try:
        for name in named:
            capsys.readouterr()
            assert ends(*name.split(), *GIVEN.get(name, [])) == 1, name
            told = capsys.readouterr().err
            assert "in use by another Sendwatch process" in told or "While the bot runs" in told, name
        for words in (
            "status jane", "report", "audit", "export jane@acme.com", "backup tuesday.db", "config export",
            "config check", "scan --dry-run", "forget jane@acme.com --dry-run", "config import settings.yml --dry-run",
        ):
            assert ends(*words.split()) == 0, words
    finally:
        bot.close()


def test_the_readme_says_how_long_an_offer_is_taken_to_last_and_when_data_are_missing() -> None:
    told = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    lengths = offers._UNOPENED_OFFER.days, offers._LONGEST_OFFER.days, offers._CONFIRMATION.days  # noqa: SLF001 - as told
    found = re.search(r"last (\d+) days, an opened one (\d+) days .* confirmation (\d+) days; the alert says", told)
    assert found is not None
    assert tuple(map(int, found.groups())) == lengths
    assert "for four times `SYNC_EVERY`" in told
    assert SYNCS_MISSED == 4


def test_who_sets_sendoso_up_is_told_that_an_access_token_ends() -> None:
    assert oauth.LIFE == 2 * 3600
    for page in ("README.md", "docs/workspaces.md", "deploy/kubernetes/secret.example.yaml"):
        told = " ".join((ROOT / page).read_text(encoding="utf-8").split())
        assert "two hours" in told, page
    example = re.findall(r"```ini\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[0]
    assert "SENDOSO_REFRESH_TOKEN=" in example
    assert "ENCRYPTION_KEYS=" in example
