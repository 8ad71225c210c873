"""The compiler's judgement can fail, and is asked at the end of every run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.slack.blocks import alert_card
from tests.bot.slack.rows import alert, send
from tests.bot.slack.typescript import compiler, shapes
from tests.conftest import NOW

SAID = {"type": "plain_text", "text": "x", "emoji": False}
BUTTON = {"type": "button", "text": SAID, "action_id": "x", "value": "x"}
BROKEN: list[tuple[str, dict[str, Any], str]] = [
    ("KnownBlock", {"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "plain_text"),
    ("KnownBlock", {"type": "section", "text": SAID, "colour": "red"}, "colour"),
    ("KnownBlock", {"type": "actions", "elements": [{**BUTTON, "style": "green"}]}, "green"),
    ("KnownBlock", {"type": "actions", "elements": [{"type": "email_text_input", "action_id": "x"}]}, "email_text"),
    ("KnownBlock", {"type": "image", "image_url": "x"}, "image"),
    ("KnownBlock", {"type": "input", "label": SAID, "element": BUTTON}, "button"),
    ("KnownBlock", {"type": "marquee"}, "marquee"),
    ("ModalView", {"type": "modal", "blocks": []}, "title"),
    ("HomeView", {"type": "home", "blocks": [], "title": SAID}, "title"),
    ("PlainTextOption", {"text": {"type": "mrkdwn", "text": "x"}, "value": "x"}, "plain_text"),
]


@pytest.fixture(scope="module")
def _compiler() -> None:
    try:
        compiler.complaints([shapes.of("KnownBlock", {"type": "divider"})])
    except compiler.NotInstalledError as error:
        if os.environ.get("SLACK_TYPES") == "required":
            raise
        pytest.skip(str(error))


@pytest.mark.usefixtures("_compiler")
def test_every_broken_payload_is_found_and_no_other() -> None:
    drawn = alert_card.build(alert(), send(), NOW)
    whole = [shapes.of("KnownBlock", block) for block in drawn.blocks]
    found = compiler.complaints([*whole, *(shapes.of(name, payload) for name, payload, _ in BROKEN)])
    assert len({one.splitlines()[-1] for one in found}) == len(BROKEN)
    for name, payload, word in BROKEN:
        literal = shapes.of(name, payload)[1]
        assert any(word in one and literal in one for one in found), (payload, found)


@pytest.mark.usefixtures("_compiler")
def test_what_is_left_out_is_unknown_indeed() -> None:
    for kind in shapes.UNKNOWN:
        assert compiler.complaints([shapes.of("KnownBlock", {"type": kind})])


def test_words_make_no_new_forms() -> None:
    seen = {shapes.of("KnownBlock", block) for name in ("Jane", "<!here>") for block in
            alert_card.build(alert(), send(recipient_name=name), NOW).blocks}
    assert len(seen) == len({shapes.of("KnownBlock", block) for block in alert_card.build(alert(), send(), NOW).blocks})
    assert "Jane" not in str(seen)


def test_without_npm_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(compiler, "HOME", tmp_path / "slack-types")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(compiler.NotInstalledError, match="no npm on this machine"):
        compiler.complaints([shapes.of("KnownBlock", {"type": "divider"})])


ONE_TEST = """
from tests.bot.slack.typescript import shapes

def test_a():
    shapes.note({"blocks": [{"type": "divider"}]}, "message")

def test_b():
    shapes.note({"blocks": [BLOCK]}, "message")
"""


def run(folder: Path, block: str, *more: str, **environ: str) -> subprocess.CompletedProcess[str]:
    Path(folder, "test_one.py").write_text(ONE_TEST.replace("BLOCK", block))
    plugins = ["-p", "tests.bot.slack.typescript.plugin", "-p", "no:cacheprovider"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "--rootdir", ".", *more],
        cwd=folder, env={**os.environ, **environ}, capture_output=True, text=True, check=False,
    )


@pytest.mark.usefixtures("_compiler")
@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_complaint_fails_the_run(tmp_path: Path, workers: tuple[str, ...]) -> None:
    bad = run(tmp_path, '{"type": "dividor"}', *workers)
    assert bad.returncode == 1
    assert "2 passed" in bad.stdout
    assert "dividor" in bad.stdout


@pytest.mark.usefixtures("_compiler")
def test_what_passes_is_counted(tmp_path: Path) -> None:
    good = run(tmp_path, '{"type": "divider", "block_id": "x"}')
    assert good.returncode == 0, good.stdout
    assert "2 forms of blocks and views are what @slack/types describes" in good.stdout


def test_a_machine_without_npm_is_told_and_fails_where_they_are_required(tmp_path: Path) -> None:
    empty = {"PATH": str(tmp_path), "SLACK_TYPES_HOME": str(tmp_path / "none")}
    left_out = run(tmp_path, '{"type": "divider"}', SLACK_TYPES="", **empty)
    assert left_out.returncode == 0, left_out.stdout
    assert "left out: there is no npm on this machine" in left_out.stdout
    assert run(tmp_path, '{"type": "divider"}', SLACK_TYPES="required", **empty).returncode == 1
