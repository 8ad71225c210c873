"""Forms of the settings at Slack's edge: what does not fit into one is not lost by it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.config.changes import apply
from bot.config.current import in_force
from bot.config.reading import read
from bot.slack.blocks.setting_fields import LONGEST_PICKS
from tests.bot.slack.harness import Slack, words
from tests.conftest import NOW


def opened(slack: Slack, text: str, pressed: dict[str, Any]) -> dict[str, Any]:
    """The form that a button opens under this configuration."""
    found = read(text)
    assert found.problems == ()
    with slack.database.write() as session:
        apply(session, in_force(session), found.document, NOW, "cli")
    slack.press("setting_do", {"op": "edit", "n": 0, "v": 1, **pressed}, view={"id": "V1", "type": "modal"})
    slack.executor.finish()
    return slack.client.views("views.push")[-1]


@pytest.mark.parametrize(("number", "fits"), [(LONGEST_PICKS, True), (LONGEST_PICKS + 1, False)])
@pytest.mark.parametrize(("what", "pressed", "label"), [
    ("permissions: {resolve: [WHO]}", {"f": "permission", "n": 3}, "These people"),
    ("routes:\n  - {name: big, when: {team: [WHO]}, channel: C02SALES}", {"f": "route"}, "Teams"),
])
def test_a_form_that_cannot_show_all_is_not_offered(
    slack: Slack, what: str, pressed: dict[str, Any], label: str, number: int, *, fits: bool,
) -> None:
    view = opened(slack, what.replace("WHO", ", ".join(f"U{one:06}" for one in range(number))), pressed)
    assert (view["callback_id"] == "setting_form_modal") == fits
    if not fits:
        assert f"“{label}” holds more than the 100" in words(view)
        assert "`sendwatch config import`" in words(view)
