"""Never lost and never noise: routes, reminders, escalation, quiet hours, budgets, and who may press."""

from __future__ import annotations

from tests.stories.sending import add
from tests.stories.world import World

EMEA = """
routes:
  - name: emea
    when: {team: EMEA}
    channel: C02SALES
    dm_sender: true
    policy: careful
policies:
  careful:
    repeat: [1d, 3d]
    escalate:
      - {after: 2d, mention: [S01GIFTOPS]}
      - {after: 4d, channel: C03MARKETING}
"""


def first_scan_is_over(story: World) -> None:
    add(story, "Delivered", days=1, name="First One")
    story.tick()


def test_a_route_tells_the_teams_channel_and_the_sender(story: World) -> None:
    first_scan_is_over(story)
    story.configure(EMEA)
    add(story, "Processing", days=8, name="Jane Doe", team="emea")
    add(story, "Processing", days=8, name="Kim Ode", team="APAC")
    story.tick()
    assert "Kim Ode" in story.only_alert().visible_text
    sales = story.playground.channel("#sales").expect("Jane Doe")
    told = story.person("ben").dm().expect("Jane Doe")

    # One press, and every place shows it.
    story.person("ben").press(told, "Acknowledge")
    story.deliver()
    assert "Ben Okafor" in sales.latest().visible_text
    assert "Ben Okafor" in told.latest().visible_text


def test_a_sender_whom_slack_does_not_know_does_not_lose_the_alert(story: World) -> None:
    first_scan_is_over(story)
    story.configure("routes: [{name: senders, dm_sender: true}]")
    add(story, "Processing", days=8, name="Jane Doe", sender_email="gone@example.com")
    story.tick()
    assert "Jane Doe" in story.only_alert().visible_text


def test_nobody_acts_so_it_is_repeated_then_escalated_and_an_edit_pings_nobody(story: World) -> None:
    first_scan_is_over(story)
    story.configure(EMEA)
    add(story, "Processing", days=8, name="Jane Doe", team="emea")
    story.tick()
    sales = story.playground.channel("#sales").expect("Jane Doe")
    pinged = len(story.person("chi").pings)

    story.later(days=1)
    story.tick()
    assert [text.partition(":")[0] for text in story.replies(sales)] == ["Reminder 1"]
    assert "told 2 times" in sales.latest().visible_text
    assert len(story.person("chi").pings) == pinged

    story.later(days=1)
    story.tick()
    assert "@gifting-ops" in story.replies(sales)[-1]
    assert len(story.person("chi").pings) == pinged + 1

    story.later(days=2)
    story.tick()
    elsewhere = story.playground.channel("#marketing").expect("Jane Doe")
    assert "Nobody acted on it" in elsewhere.visible_text

    story.person("ann").press(elsewhere, "Acknowledge")
    story.later(days=60)
    before = len(story.replies(sales))
    story.bot.scan()
    story.deliver()
    assert len(story.replies(sales)) == before


def test_in_quiet_hours_only_what_cannot_wait_is_told(story: World) -> None:
    first_scan_is_over(story)
    story.configure("""
        policies:
          default:
            quiet: {from: "06:00", to: "09:00", zone: America/Los_Angeles, except: needs_action}
    """)
    add(story, "Processing", days=8, name="Jane Doe")
    add(story, "Undeliverable", days=1, name="Olga Okafor", campaign="Other")
    story.tick()
    assert "Olga Okafor" in story.only_alert().visible_text
    story.later(hours=2)
    story.tick()
    late = story.alerts.messages[-1]
    assert "Jane Doe" in late.visible_text
    assert "held over the quiet hours" in late.visible_text


def test_a_budget_keeps_a_channel_readable_and_its_summary_can_be_worked_off(story: World) -> None:
    first_scan_is_over(story)
    story.configure("budgets: {default: {a_day: 3, at_once: 3}}")
    for number in range(8):
        add(story, "Processing", days=8, name=f"Person {number}", campaign=f"Campaign {number}")
    story.tick()
    summary = next(message for message in story.alerts.messages if "more alerts on " in message.visible_text)
    assert len(story.alerts.messages) == 4
    assert "5 gifts are stuck" in summary.visible_text

    ann = story.person("ann")
    ann.press(summary, "Show all")
    assert "Person 7" in ann.modal().visible_text
    ann.modal().close()
    ann.press(summary, "Acknowledge all")
    story.deliver()
    assert "5 acknowledged" in summary.latest().visible_text

    # Two more on the same day: the same summary, not another message.
    add(story, "Processing", days=8, name="Person 8", campaign="Campaign 8")
    add(story, "Processing", days=8, name="Person 9", campaign="Campaign 9")
    story.tick()
    assert len(story.alerts.messages) == 4
    assert "7 more alerts on " in summary.latest().visible_text


def test_what_is_for_senders_whom_slack_does_not_know_keeps_the_channels_budget(story: World) -> None:
    first_scan_is_over(story)
    story.configure("""
        budgets: {default: {a_day: 2, at_once: 2}}
        routes: [{name: senders, dm_sender: true}]
    """)
    for number in range(8):
        add(
            story, "Processing", days=8, name=f"Person {number}", campaign=f"Campaign {number}",
            sender_email=f"gone{number}@example.com", sender_name=f"Gone {number}",
        )
    story.tick()
    summary = next(message for message in story.alerts.messages if "more alerts on " in message.visible_text)
    assert len(story.alerts.messages) == 3
    assert "6 gifts are stuck" in summary.visible_text
    assert "They were meant for their senders, whom Slack does not know" in summary.visible_text


def test_a_sender_gets_no_more_messages_than_the_budget_says(story: World) -> None:
    first_scan_is_over(story)
    story.configure("""
        budgets: {default: {a_day: 2, at_once: 2}}
        routes: [{name: senders, dm_sender: true}]
    """)
    for number in range(6):
        add(story, "Processing", days=8, name=f"Person {number}", campaign=f"Campaign {number}")
        story.tick()
    messages = story.person("ben").dm().messages
    assert len(messages) == 3
    assert "4 more alerts on " in messages[-1].visible_text
    assert story.alerts.messages == []


def test_missing_funds_are_told_and_what_waits_for_them_is_not(story: World) -> None:
    first_scan_is_over(story)
    add(story, "Insufficient Funds", days=1, name="Olga Okafor", campaign="Autumn")
    add(story, "Pending Approval", days=20, name="Jane Doe", campaign="Autumn")
    story.tick()
    funds = story.only_alert()
    assert "Olga Okafor" in funds.visible_text
    ann = story.person("ann")
    explained = "the gift for Olga Okafor: Insufficient Funds"
    assert ann.command("/sends alerts").visible_text.count(f"Explained by another alert: {explained}") == 1
    why = f"Another open alert explains it, so it is not told in #gifting-alerts: {explained}"
    assert why in ann.command("/sends why Jane Doe").visible_text
    ann.press(funds, "Resolve")
    story.later(minutes=11)
    story.tick()
    released = story.alerts.messages[-1]
    assert "Jane Doe" in released.visible_text
    assert "It was held until what explained it was settled" in released.visible_text
    assert "Explained by another" not in ann.command("/sends alerts").visible_text


def test_who_may_not_press_is_told_who_may(story: World) -> None:
    first_scan_is_over(story)
    story.configure("permissions: {resolve: [S01GIFTOPS]}")
    add(story, "Processing", days=8, name="Jane Doe")
    story.tick()
    alert = story.only_alert()
    ben, chi = story.person("ben"), story.person("chi")
    ben.press(alert, "Resolve")
    assert "It is for @gifting-ops." in ben.sees("You may not do that here", "#gifting-alerts").visible_text
    story.deliver()
    assert "Resolved" not in alert.latest().visible_text
    chi.press(alert, "Resolve")
    story.deliver()
    assert "Resolved" in alert.latest().visible_text
