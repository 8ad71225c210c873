"""What somebody needs who sets Sendwatch up by the pages alone."""

from __future__ import annotations

import pytest

from tests.docs.commands import ROOT


@pytest.mark.parametrize("page", ["README.md", "docs/workspaces.md"])
def test_over_http_every_url_is_named_that_slack_asks_for(page: str) -> None:
    [told] = [part for part in (ROOT / page).read_text(encoding="utf-8").split("\n\n") if "/slack/events`" in part]
    assert "each slash command" in told
    assert "interactivity" in told
    assert "events" in told
    assert "**Options Load URL**" in told, "menus that find something as one types are asked for at a URL of their own"
