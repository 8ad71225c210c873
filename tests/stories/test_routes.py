"""Somebody asks where alerts go and why; and every message says why it is shown, and shown here."""

from __future__ import annotations

from bot.playground.seen import PATIENCE, SeenMessage
from tests.stories.sending import add
from tests.stories.world import World

TABLE = """
routes:
  - name: emea
    when: {team: EMEA}
    channel: C02SALES
    dm_sender: true
    policy: careful
  - name: big gifts
    when: {amount_from: 100 USD}
    channel: C03MARKETING
policies:
  careful:
    repeat: [1d, 3d, 7d]
    escalate:
      - {after: 2d, mention: [S01GIFTOPS]}
      - {after: 4d, channel: C03MARKETING}
permissions: {resolve: [S01GIFTOPS]}
"""


def first_scan_is_over(story: World) -> None:
    add(story, "Delivered", days=1, name="First One")
    story.tick()


def test_where_the_alert_of_a_send_goes_is_where_it_then_comes(story: World) -> None:
    first_scan_is_over(story)
    story.configure(TABLE)
    add(story, "Processing", days=2, name="Jane Doe", team="EMEA")
    story.bot.sync()
    dee = story.person("dee")
    told = dee.command("/sends route jane doe").message
    seen = told.visible_text
    assert "Late (overdue/late)\nComes " in seen
    assert "1. #sales\nBy route emea, under policy careful." in seen
    assert "after 2 days it calls @gifting-ops; after 4 days it goes to #marketing, too." in seen
    assert "2. A direct message to Ben Okafor (ben@example.com)" in seen.replace("\u2060", "")
    # In a direct message nobody else can be called.
    assert "By route emea, under policy careful.\nSlack is asked who that is" in seen
    assert "in its thread.\nIf nobody acts, after 4 days it goes to #marketing, too." in seen
    assert "1. ✅ emea fits → #sales and the sender" in seen
    assert "2. big gifts: not asked, since emea came first" in seen
    assert "@gifting-ops: resolve" in seen
    assert story.person("chi").pings == []

    story.later(days=4)
    story.tick()
    story.playground.channel("#sales").expect("Jane Doe")
    story.person("ben").dm().expect("Jane Doe")
    assert story.alerts.messages == []
    now = dee.command("/sends where jane doe").visible_text
    assert "Open since" in now
    assert "• #sales: told" in now
    assert "• a direct message to @Ben Okafor: told" in now


def test_why_a_route_does_not_fit_and_another_alert_from_the_menu(story: World) -> None:
    first_scan_is_over(story)
    story.configure("""
        routes:
          - {name: others, when: {team: [EMEA, APAC]}, channel: C02SALES}
          - {name: held, when: {rule: needs_action}, channel: C03MARKETING}
    """)
    add(story, "Shipped", days=1, name="Jane Doe")
    story.bot.sync()
    ben = story.person("ben")
    told = ben.command("/sends route jane@acme.example").message
    assert "others does not fit. Team: EMEA or APAC asked, this send has Sales" in told.visible_text
    assert "held does not fit. Rule: needs_action asked, this is overdue/late" in told.visible_text
    assert "#gifting-alerts\nNo route fits, so it goes here, under policy default." in told.visible_text
    other = ben.choose(told, "route_rule", "Somebody must act").message
    assert "2. ✅ held fits → #marketing" in other.visible_text
    everything = other.latest()
    assert "Where alerts go\nRoutes are tried from the top." in ben.press(everything, "All routes").visible_text


def test_several_sends_are_asked_back_and_none_is_said(story: World) -> None:
    for name in ("Jane Doe", "Jane Roe"):
        add(story, "Shipped", days=1, name=name)
    story.bot.sync()
    ann = story.person("ann")
    several = ann.command("/sends route jane")
    assert "2 sends match “jane”" in several.visible_text
    card = several.press("Where would it go?")
    assert ": where alerts go" in card.visible_text
    assert "2 sends match “jane”" in card.press("Back to the list").visible_text
    assert "Nothing matches “bogus”" in ann.command("/sends route bogus").visible_text


def test_from_the_home_tab_to_where_alerts_go(story: World) -> None:
    add(story, "Processing", days=8, name="Jane Doe")
    story.tick()
    ann = story.person("ann")
    ann.press(story.only_alert(), "Assign to me")
    story.deliver()
    ann.press(ann.home("Jane Doe"), "Open")
    ann.press(ann.modal("Send"), "Where do alerts go?")
    window = ann.modal("Where alerts go")
    assert "Jane Doe: where alerts go" in window.visible_text
    assert "Assigned to @Ann" in window.visible_text
    ann.press(window, "All routes")
    assert ann.slack.state.wait_for(lambda: "No route is set" in ann.modal("Where alerts go").visible_text, PATIENCE)


def why(message: SeenMessage) -> str:
    """What stands after "Why now"."""
    return message.latest().visible_text.partition("Why now: ")[2].partition("\n")[0]


def test_the_sender_is_told_why_and_who_is_told_later_is_told_since_when(story: World) -> None:
    first_scan_is_over(story)
    story.configure(TABLE)
    add(story, "Processing", days=8, name="Jane Doe", team="EMEA")
    story.tick()
    sales = story.playground.channel("#sales").expect("Jane Doe")
    own = story.person("ben").dm().expect("Jane Doe")
    assert "This is the first alert about it." in why(sales)
    assert "You get this" not in why(sales)
    assert why(own) == f"{why(sales)} You get this because you sent this gift."

    story.later(days=2)
    story.tick()
    assert "Nobody acted on it for 2 days, so people were called below." in why(sales)
    story.later(days=2)
    story.tick()
    marketing = story.playground.channel("#marketing").expect("Jane Doe")
    assert "Nobody acted on it in #sales for 4 days, so it is told here, too." in why(marketing)


def test_where_slack_knows_no_sender_the_channel_is_told_for_whom_it_was(story: World) -> None:
    first_scan_is_over(story)
    story.configure("routes: [{name: senders, dm_sender: true}]")
    add(story, "Processing", days=8, name="Jane Doe", sender_email="gone@example.com", sender_name="Gil Gone")
    story.tick()
    assert "It was meant for Gil Gone, whom Slack does not know" in why(story.only_alert())
    told = story.person("ann").command("/sends route jane").visible_text
    assert "Jane Doe: where alerts go" in told


def test_a_group_says_why_it_is_one_and_how_often_it_was_told(story: World) -> None:
    first_scan_is_over(story)
    for name in ("Ada Abara", "Ben Brandt", "Cleo Costa"):
        add(story, "Processing", days=8, name=name, campaign="Holiday box")
    story.tick()
    group = story.only_alert()
    assert "says to contact Support. They stand together, since 3 or more of one rule and campaign" in why(group)
    story.later(days=1)
    story.tick()
    assert "They have been told 2 times and nobody has acted." in why(group)
    reminder, = story.replies(group)
    assert reminder == (
        "Reminder 1: nobody has acted on this for 1 day: 3 alerts above still open (3 Order Received): Ada Abara, "
        "Ben Brandt, Cleo Costa."
    )
    story.person("ann").press(group, "Acknowledge all")
    story.deliver()
    assert "have been told" not in why(group)


def test_quiet_hours_and_a_full_channel_say_so(story: World) -> None:
    first_scan_is_over(story)
    story.configure("""
        budgets: {default: {a_day: 1, at_once: 1}}
        policies:
          default: {quiet: {from: "06:00", to: "09:00", zone: America/Los_Angeles}}
    """)
    for number in range(3):
        add(story, "Processing", days=8, name=f"Person {number}", campaign=f"Campaign {number}")
    story.tick()
    story.later(hours=2)
    story.tick()
    first, summary = story.alerts.messages
    assert "It was held over the quiet hours." in why(first)
    assert "Enough messages have come here for now" in why(summary)
    assert "They were held over the quiet hours." in why(summary)
