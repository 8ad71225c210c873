"""Pytest's part: at the end of a run, all forms of payloads that its tests have let pass are compiled.

Without npm's registry the run says that it has left this out, and goes on; where `SLACK_TYPES=required` is set, it
fails.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.bot.slack.typescript import compiler, shapes

KEY = "slack_shapes"
VERDICT = pytest.StashKey[list[str]]()


def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401 - a worker of xdist's, which has no public type
    """Take over what a worker has seen."""
    shapes.SEEN.update((name, literal) for name, literal in getattr(node, "workeroutput", {}).get(KEY, ()))


pytest_testnodedown.pytest_impl = {"optionalhook": True}  # type: ignore[attr-defined]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands on what it has seen; who has it all has it judged, and a complaint fails the run."""
    handed_on = getattr(session.config, "workeroutput", None)
    if handed_on is not None:
        handed_on[KEY] = sorted(shapes.SEEN)
    elif shapes.SEEN:
        failed, session.config.stash[VERDICT] = _verdict()
        if failed and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _verdict() -> tuple[bool, list[str]]:
    try:
        found = compiler.complaints(shapes.SEEN)
    except compiler.NotInstalledError as error:
        must = os.environ.get("SLACK_TYPES") == "required"
        return must, [f"{'FAILED' if must else 'left out'}: {error}"]
    if found:
        return True, ["FAILED: these are not what @slack/types describes", *found]
    return False, [f"{len(shapes.SEEN)} forms of blocks and views are what @slack/types describes"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tell the verdict above pytest's own closing line."""
    for line in config.stash.get(VERDICT, []):
        terminalreporter.write_line(f"types of Slack's payloads: {line}")
