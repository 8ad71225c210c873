"""An alert's life, pressed by people, as they see it in Slack."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.playground.seen import SeenMessage
from bot.sends import intake
from bot.sends.snapshots import Snapshot, StatusUpdate
from bot.statuses.watch import us_watch
from storage.models import Alert, AlertEvent
from tests.stories.sending import add
from tests.stories.world import World


@pytest.fixture
def stuck(story: World) -> SeenMessage:
    """A gift for Jane that has been with the warehouse for eight days, and the alert about it."""
    since = story.ago(days=8)
    story.sendoso.add(Snapshot(
        source="sample", observed_at=story.clock(), send_gid="Z2lkOi8vc2VuZG9zby9TZW5kLzc", type="Inventoried Sends",
        subtype="Custom", status_raw="Processing", created_at=since, campaign="Door opener", campaign_id=5,
        updates=(StatusUpdate(status_raw="Processing", occurred_at=since),), team="Sales", team_id=1,
        recipient_name="Jane Doe", recipient_email="jane@acme.example", recipient_company="Acme",
        sender_name="Ben Okafor", sender_email="ben@example.com", cost_minor=4200, currency="USD",
    ))
    story.tick()
    return story.only_alert()


def audit(story: World) -> list[tuple[str, str]]:
    with story.bot.database.read() as session:
        rows = session.scalars(select(AlertEvent).order_by(AlertEvent.id)).all()
        return [(row.action, row.actor) for row in rows if row.actor.startswith("U")]


def state(story: World) -> str:
    with story.bot.database.read() as session:
        return session.scalars(select(Alert.state).order_by(Alert.id.desc()).limit(1)).one()


def test_it_says_what_happened_who_acts_and_what_to_do(story: World, stuck: SeenMessage) -> None:
    text = stuck.visible_text
    for part in ("Order Received", "Jane Doe", "Acme", "Door opener", "Ben Okafor", "7 days", "Support"):
        assert part in text
    # Screen readers and notifications get the text and not the blocks.
    for part in ("Order Received", "Jane Doe", "Support"):
        assert part in stuck.text


def test_scanning_again_posts_nothing_again(story: World, stuck: SeenMessage) -> None:
    story.later(minutes=5)
    story.tick()
    assert len(story.alerts.messages) == 1
    assert not stuck.latest().edited


@pytest.mark.parametrize(("label", "shows", "after"), [
    ("Acknowledge", "Acknowledged", "acknowledged"),
    ("Assign to me", "Assigned to", "acknowledged"),
    ("Resolve", "Resolved", "resolved"),
])
def test_one_press_settles_it_and_undo_brings_it_back(
    story: World, stuck: SeenMessage, label: str, shows: str, after: str,
) -> None:
    ben = story.person("ben")
    before = stuck.buttons
    ben.press(stuck, label)
    story.deliver()
    redrawn = stuck.expect_update(shows)
    assert "Ben Okafor" in redrawn.visible_text
    assert state(story) == after

    ben.press(redrawn, "Undo")
    story.deliver()
    assert stuck.latest().buttons == before
    assert state(story) == "firing"
    assert [actor for _, actor in audit(story)] == ["U02BEN", "U02BEN"]


def test_the_second_press_is_told_who_was_first(story: World, stuck: SeenMessage) -> None:
    story.person("ben").press(stuck, "Resolve")
    reply = story.person("dee").press(stuck, "Resolve")
    assert "Ben Okafor" in reply.visible_text
    assert audit(story) == [("resolve", "U02BEN")]
    story.deliver()
    assert "Ben Okafor" in stuck.expect_update("Resolved").visible_text


def test_a_press_that_slack_sends_twice_counts_once(story: World, stuck: SeenMessage) -> None:
    story.playground.faults.add("socket", "duplicate")
    story.person("ben").press(stuck, "Acknowledge")
    story.deliver()
    stuck.expect_update("Acknowledged")
    assert audit(story) == [("acknowledge", "U02BEN")]


def test_snoozed_it_comes_back_and_says_so(story: World, stuck: SeenMessage) -> None:
    dee = story.person("dee")
    dee.press(stuck, "Snooze")
    dee.modal("Snooze").submit()
    story.deliver()
    stuck.expect_update("Snoozed until")
    assert state(story) == "snoozed"

    story.later(days=8)
    story.tick()
    assert state(story) == "firing"
    stuck.expect_update("snooze")


def test_support_gets_a_draft_and_the_alert_says_who_wrote(story: World, stuck: SeenMessage) -> None:
    ben = story.person("ben")
    ben.press(stuck, "Contact Support")
    modal = ben.modal("Support")
    for part in ("Jane Doe", "Z2lkOi8vc2VuZG9zby9TZW5kLzc", "Order Received"):
        assert part in modal.visible_text
    modal.submit()
    story.deliver()
    assert "Ben Okafor" in stuck.expect_update("Support").visible_text
    assert [action for action, _ in audit(story)] == ["support", "support_sent"]


def test_what_does_this_mean_answers_only_the_one_who_asked(story: World, stuck: SeenMessage) -> None:
    dee = story.person("dee")
    reply = dee.press(stuck, "What does this mean?")
    answer = reply.find(within=2)
    shown = answer.visible_text if answer else dee.modal("").visible_text
    assert "warehouse" in shown
    assert state(story) == "firing"
    assert audit(story) == [("meaning", "U04DEE")]


def test_it_resolves_itself_when_the_send_moves_on(story: World, stuck: SeenMessage) -> None:
    story.sendoso.move("Z2lkOi8vc2VuZG9zby9TZW5kLzc", "Shipped")
    story.later(minutes=15)
    story.tick()
    redrawn = stuck.expect_update("Shipped")
    assert "Resolved" in redrawn.visible_text
    assert state(story) == "resolved"
    reply = story.person("ben").press(stuck, "Acknowledge", stale=True)
    assert "moved on" in reply.visible_text or "Shipped" in reply.visible_text


def test_a_held_send_speaks_up_once_and_is_raised_when_it_is_overdue(story: World) -> None:
    add(story, "Paused", days=1)
    story.tick()
    first = story.only_alert()
    assert "somebody must act" in first.visible_text
    story.later(days=3)
    story.tick()
    story.tick()
    held, overdue = story.alerts.messages
    assert "Resolved" in held.visible_text
    assert "3 days" in overdue.visible_text


def test_a_send_held_for_long_already_gives_one_alert(story: World) -> None:
    add(story, "Paused", days=4)
    story.tick()
    assert "3 days" in story.only_alert().visible_text


def test_lateness_is_raised_to_support_once_in_a_new_message(story: World) -> None:
    since = story.ago(days=5)
    story.sendoso.add(Snapshot(
        source="sample", observed_at=story.clock(), type="Inventoried Sends", subtype="Custom",
        status_raw="Processing", created_at=since, recipient_name="Jane Doe",
        updates=(StatusUpdate(status_raw="Processing", occurred_at=since),),
    ))
    story.tick()
    late = story.only_alert()
    story.later(days=3)
    story.tick()
    story.tick()
    assert len(story.alerts.messages) == 2
    assert "Resolved" in late.latest().visible_text
    assert "7 days" in story.alerts.messages[-1].visible_text


def began_by_webhook(story: World, gid: str, updates: tuple[StatusUpdate, ...]) -> None:
    with story.bot.database.write() as session:
        told = Snapshot(source="webhook", observed_at=story.clock(), send_gid=gid, updates=updates)
        intake.take(session, [told], story.clock(), us_watch())
    story.tick()


def test_what_a_webhook_began_says_whose_gift_it_is_once_the_api_tells(story: World) -> None:
    gid, since = "Z2lkOi8vc2VuZG9zby9TZW5kLzk", story.ago(hours=2)
    failed = (StatusUpdate(status_raw="Failed", occurred_at=since),)
    story.tick()
    began_by_webhook(story, gid, failed)
    alert = story.only_alert()
    assert "an unnamed recipient" in alert.visible_text
    story.sendoso.add(Snapshot(
        source="sample", observed_at=story.clock(), send_gid=gid, type="eGifts USA", status_raw="Failed",
        created_at=story.ago(hours=3), updates=failed, campaign="Door opener", recipient_name="Jane Doe",
        recipient_email="jane@acme.example",
    ))
    story.later(minutes=20)
    story.tick()
    assert len(story.alerts.messages) == 1
    shown = alert.latest().visible_text
    assert "Jane Doe" in shown
    assert "Door opener" in shown
    assert "an unnamed recipient" not in shown


@pytest.mark.parametrize("press", ["", "Acknowledge", "Resolve"])
def test_what_a_webhook_began_comes_where_its_team_looks_once_the_api_tells_which(story: World, press: str) -> None:
    gid, since = "Z2lkOi8vc2VuZG9zby9TZW5kLzk", story.ago(hours=2)
    failed = (StatusUpdate(status_raw="Failed", occurred_at=since),)
    story.tick()
    story.configure("""
        routes:
          - {name: emea, when: {team: EMEA}, channel: C02SALES}
    """)
    began_by_webhook(story, gid, failed)
    first = story.only_alert()
    sales = story.playground.channel("#sales")
    assert sales.messages == []
    if press:
        story.person("ann").press(first, press)
        story.deliver()
    story.sendoso.add(Snapshot(
        source="sample", observed_at=story.clock(), send_gid=gid, type="eGifts USA", status_raw="Failed",
        created_at=story.ago(hours=3), updates=failed, team="EMEA", recipient_name="Jane Doe",
    ))
    story.later(minutes=20)
    story.tick()
    if press:
        # What is taken care of is told nowhere else, unless that is taken back.
        assert sales.messages == []
        assert "Jane Doe" in first.latest().visible_text
        story.person("ann").press(first.latest(), "Undo")
        story.tick()
    [routed] = sales.messages
    assert "Jane Doe" in routed.visible_text
    # What was told stays where it was, and both are settled by one press.
    assert "Jane Doe" in first.latest().visible_text
    for _ in range(2):
        story.later(minutes=20)
        story.tick()
    assert (len(sales.messages), len(story.alerts.messages)) == (1, 1)
    story.person("ann").press(routed, "Resolve")
    story.deliver()
    assert "Resolved" in first.latest().visible_text
