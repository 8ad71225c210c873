"""Alerts that only their sender is told: whoever else is called, or has asked to be reminded, hears it directly."""

from __future__ import annotations

import pytest

from tests.stories.sending import add
from tests.stories.test_many_at_once import first_scan_is_over
from tests.stories.world import World

TO_SENDERS = """
policies: {default: {escalate: [{after: 2h, mention: [U04DEE]}]}}
routes: [{name: a, dm_sender: true}]
"""


def test_who_is_called_gets_the_alert_where_the_sender_alone_reads_it(story: World) -> None:
    first_scan_is_over(story)
    story.configure(TO_SENDERS)
    add(story, "Failed", days=1, name="Kim Ode")
    story.tick()
    dee = story.person("dee")
    assert dee.dm().messages == []
    story.later(hours=3)
    story.tick()
    (told,) = dee.dm().messages
    assert "Kim Ode" in told.visible_text
    assert "Nobody acted on it for 3 hours, so it is told here, too." in told.visible_text
    assert "You get this as somebody to be told when nobody acts." in told.visible_text
    (senders,) = [one for one in story.person("ben").dm().messages if "Kim Ode" in one.visible_text]
    assert "so it went to one more person, too" in senders.visible_text
    assert "called below" not in senders.visible_text
    dee.press(told, "Acknowledge")
    story.deliver()
    assert "Acknowledged by @Dee Novak" in senders.latest().visible_text


@pytest.mark.parametrize(("sender", "said"), [
    ("ben@example.com", "Nobody acted on it for 3 hours, so it went to #sales and the sender, too."),
    ("nobody@example.com",
     "Nobody acted on it for 3 hours, so it went to #sales, too. Slack does not know the sender by e-mail."),
])
def test_once_it_is_known_whether_the_sender_was_reached_it_is_said(story: World, sender: str, said: str) -> None:
    first_scan_is_over(story)
    story.configure("policies: {default: {escalate: [{after: 2h, channel: C02SALES, dm_sender: true}]}}")
    add(story, "Failed", days=1, name="Kim Ode", sender_email=sender)
    story.tick()
    alert = story.alerts.expect("Kim Ode")
    story.later(hours=3)
    story.tick()
    story.deliver()
    assert said in alert.latest().visible_text
    assert said in story.person("ann").command("/sends why Kim Ode").visible_text


def test_who_told_support_is_reminded_directly_and_not_below_anothers_message(story: World) -> None:
    first_scan_is_over(story)
    story.configure("routes: [{name: a, dm_sender: true}]")
    add(story, "Processing", days=9, name="Kim Ode")
    story.tick()
    dee = story.person("dee")
    card = dee.command("/send-status kim").message
    dee.press(card, "Contact Support")
    modal = dee.modal("Contact Support")
    modal.fill("Remind me if it is still open", "In 1 business day")
    modal.submit()
    story.later(days=1, hours=6)
    story.tick()
    said = [one for one in dee.dm().messages if "You told Support" in one.visible_text]
    assert len(said) == 1
    assert "the gift for Kim Ode is still Order Received" in said[0].visible_text
