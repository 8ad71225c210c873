from __future__ import annotations

import pytest

from bot.doctor.finding import Finding, Report, State
from bot.slack.blocks import setup_card
from bot.slack.blocks.limits import modal
from tests.bot.slack import gate
from tests.bot.slack.harness import buttons, words
from tests.bot.slack.rows import HOSTILE
from tests.conftest import NOW


def finding(state: State, what: str = "Channel", **more: str) -> Finding:
    return Finding(topic="Channels", what=what, state=state, **{"value": "archived", **more})


@pytest.mark.parametrize("number", [0, 1, 50, 500])
@pytest.mark.parametrize("name", HOSTILE)
def test_any_number_of_findings_with_any_words_fits(number: int, name: str) -> None:
    some = [
        finding(state, name or "x", value=name, mend=name, about=about, link="https://api.slack.com/apps")
        for state in State for about in ("", "C01", "U01ANN", "S01") for _ in range(number // 16 + bool(number))
    ]
    drawn = setup_card.build(Report(findings=some), NOW)
    assert gate.problems(drawn.reply()) == []
    assert gate.problems(modal("Check set-up", drawn.blocks, callback_id="c"), gate.MODAL) == []


def test_what_must_be_mended_comes_first_with_its_channel_and_a_way() -> None:
    told = setup_card.build(Report(findings=[
        finding(State.GOOD, "Token"), finding(State.WARNING, "Clock"),
        finding(State.WRONG, about="C02SALES", mend="Unarchive it.", link="https://api.slack.com/apps"),
    ]), NOW).reply()
    seen = words(told)
    assert seen.startswith("Set-up: 1 thing to mend\n🔴*Must be mended:".replace("🔴*", "*🔴 "))
    assert "Channel <#C02SALES>*\narchived\n→ Unarchive it." in seen
    assert seen.index("Worth a look: Clock") > seen.index("C02SALES")
    assert "✅ *Channels:* Token" in seen
    assert buttons(told)["Open in Slack"]["url"] == "https://api.slack.com/apps"


def test_all_is_well_is_said_in_words() -> None:
    told = setup_card.build(Report(findings=[finding(State.GOOD, "Token")]), NOW)
    assert told.text.startswith("Set-up: all is well")
    unasked = setup_card.build(Report(findings=[finding(State.UNASKED, "Clock")]), NOW)
    assert "Could not be asked:" in unasked.text
