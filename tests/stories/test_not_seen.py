"""What was decided to be told and what Slack shows: where nobody can see it, nothing says that it was told."""

from __future__ import annotations

from tests.stories.sending import add
from tests.stories.test_many_at_once import first_scan_is_over
from tests.stories.world import World

ESCALATED = """
policies: {default: {escalate: [{after: 2h, channel: C02SALES}]}}
routes: [{name: a, channel: C03MARKETING, dm_sender: true}]
"""


def test_what_waits_for_a_channel_is_not_called_told(story: World) -> None:
    first_scan_is_over(story)
    story.configure(ESCALATED)
    story.playground.channel("#marketing").archive()
    add(story, "Failed", days=1, name="Kim Ode", sender_name="Gone Ghost", sender_email="gone@example.com")
    for _ in range(3):
        # Not until all is at rest, which a channel that is archived never comes to.
        story.bot.sync()
        story.bot.scan()
        for _ in range(6):
            story.bot.deliver()
            story.later(seconds=2)
        story.later(hours=1)
    ann = story.person("ann")
    route = ann.command("/sends route kim").visible_text
    for words in (
        "#marketing: not told yet, since the channel is archived; it waits since",
        "(gone@example.com): not told: Slack knows nobody with this address", "#sales: told Today",
    ):
        assert words in route
    why = ann.command("/sends why kim").visible_text
    assert "In #marketing: not told yet, since the channel is archived" in why
    assert "Directly to the sender: not told: Slack knows nobody" in why
    assert "In #sales: told Today" in why
    shown = story.playground.channel("#sales").messages[-1]
    assert "It could not be told in #marketing for 2 hours, so it is told here, too." in shown.visible_text
    ann.choose(shown, "alert_more", "Timeline")
    told = ann.modal("Timeline").visible_text
    assert "To be told in #marketing, but the channel is archived" in told
    assert "Escalated: told in #sales" in told

    story.playground.channel("#marketing").unarchive()
    story.later(hours=2)
    story.tick()
    assert "In #marketing: told" in ann.command("/sends why kim").visible_text


def test_the_past_stays_in_the_timeline_as_it_was(story: World) -> None:
    first_scan_is_over(story)
    story.configure("""
policies: {default: {repeat: [1d], escalate: [{after: 2h, channel: C02SALES, mention: [S01GIFTOPS]}]}}
routes: [{name: a, channel: C01GIFTING, dm_sender: true}]
""")
    add(story, "Failed", days=1, name="Kim Ode")
    story.tick()
    shown = story.alerts.messages[-1]
    ann = story.person("ann")

    def places() -> list[str]:
        ann.choose(shown.latest(), "alert_more", "Timeline")
        modal = ann.modal("Timeline")
        lines = modal.visible_text.splitlines()
        modal.close()
        return [line for line in lines if "old in #" in line or "old @" in line or "directly" in line]

    first = places()
    for hours in (3, 24):
        story.later(hours=hours)
        story.tick()
    later = places()
    assert later[:len(first)] == first
    assert any("Escalated: told in #sales" in line for line in later)
    ann.press(shown.latest(), "Snooze")
    ann.modal().submit()
    story.tick()
    assert places()[:len(later)] == later


def test_what_an_escalated_alert_says_of_where_it_came_from_outlasts_an_undo(story: World) -> None:
    first_scan_is_over(story)
    story.configure("""
policies: {default: {repeat: [1d], escalate: [{after: 2h, channel: C02SALES}]}}
""")
    add(story, "Failed", days=1, name="Kim Ode")
    story.tick()
    first = story.alerts.messages[-1]
    story.later(hours=3)
    story.tick()
    elsewhere = story.playground.channel("#sales").messages[-1]
    said = "Nobody acted on it in #gifting-alerts for 3 hours, so it is told here, too."
    assert said in elsewhere.visible_text
    assert "Nobody acted on it for 3 hours, so it went to #sales, too." in first.latest().visible_text
    ann = story.person("ann")
    ann.press(first.latest(), "Acknowledge")
    story.deliver()
    ann.press(first.latest(), "Undo")
    story.deliver()
    assert said in elsewhere.latest().visible_text
    again = first.latest().visible_text
    assert "too." not in again
    assert "has been told" not in again
    story.later(hours=3)
    story.tick()
    assert said in elsewhere.latest().visible_text
    assert "so it went to #sales, too." in first.latest().visible_text
