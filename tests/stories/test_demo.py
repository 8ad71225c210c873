"""The demo as a newcomer meets it."""

from __future__ import annotations

from bot.playground.demo import demo


def test_it_shows_one_of_each_and_answers() -> None:
    with demo() as playground:
        channel = playground.channel("#gifting-alerts")
        summary = channel.expect("A first look", within=30)
        group = channel.expect("Q4 Customer Thank-You", within=30)
        single = channel.expect("Insufficient Funds", within=30)
        assert "Post them as alerts" in summary.buttons
        assert "Show all" in group.buttons
        assert "Contact Support" in single.buttons
        ann = playground.person("ann")
        assert "Jane" in ann.command("/send-status jane").visible_text
        ann.press(single, "Acknowledge")
        assert "Ann Lopez" in single.expect_update("Acknowledged", within=30).visible_text
        assert "Customs Hold" in ann.sees("Customs Hold", "U01ANN", within=30).visible_text
