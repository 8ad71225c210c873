"""Where a send's alerts go, and the routing table, as people ask for them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.alerts.rulebook import Rulebook
from bot.config.reading import read
from bot.config.rulebook import rulebook
from bot.slack import routes
from storage import addresses, people
from storage.engine import Database
from storage.models import Mute, Notification
from tests.bot.slack.conftest import World, add_alert, add_send
from tests.bot.slack.harness import Slack, buttons, words
from tests.conftest import NOW

HERE = {"type": "message", "message_ts": "5.5", "channel_id": "C02SALES", "is_ephemeral": True}
EMEA = """
routes:
  - {name: emea, when: {team: [EMEA, APAC]}, channel: C02SALES, policy: careful}
  - {name: big, when: {amount_from: 100 USD}, channel: C03BIG}
  - {name: sender, when: {rule: overdue}, dm_sender: true, policy: careful, continue: true}
  - {name: late, when: {rule: [overdue/support, overdue/late]}, channel: C04LATE}
  - {name: rest, channel: C05REST}
policies:
  careful:
    repeat: [1d, 3d, 7d]
    escalate:
      - {after: 2d, mention: [S01GIFTOPS]}
      - {after: 4d, channel: C03MARKETING, dm_sender: true}
permissions: {resolve: [S01GIFTOPS, sender], mute: [admins]}
"""


def rules(text: str) -> Rulebook:
    reading = read(text)
    assert reading.problems == ()
    return rulebook(reading.document, ZoneInfo("America/New_York"), "C01GIFTING", ("U01ANN",))


def configure(slack: Slack, text: str) -> None:
    found = rules(text)
    object.__setattr__(slack.deps, "rules", lambda _session: found)


def menu(told: dict[str, Any]) -> dict[str, Any]:
    [found] = [
        block["accessory"] for block in told["blocks"] if block.get("accessory", {}).get("type") == "static_select"
    ]
    return dict(found)


def offered(told: dict[str, Any]) -> dict[str, str]:
    """What the menu offers: each alert, and how it stands."""
    return {one["text"]["text"]: one["description"]["text"] for one in menu(told)["options"]}


def choose(slack: Slack, told: dict[str, Any], name: str) -> dict[str, Any]:
    [option] = [one for one in menu(told)["options"] if one["text"]["text"] == name]
    slack.press("route_rule", option["value"], container=HERE)
    return slack.said[-1]


def test_a_send_each_place_and_why(slack: Slack, world: World) -> None:
    configure(slack, EMEA)
    with slack.database.write() as session:
        people.keep(session, user_id="U01ANN", now=NOW)
    told = slack.command("/sends", "route jane@acme.com")
    seen = words(told).replace("\u2060", "")
    assert "🧭 Jane Doe: where alerts go\n*Alert:* Stuck: contact Support (overdue/support)\nOpen since <!date^" in seen
    assert "nobody has taken it up" in seen
    assert (
        "Routes look at: team Marketing Ops · campaign Q4 thank-you · type Inventoried Sends / Custom · "
        "sender Ann Lopez · cost 25.00 USD"
    ) in seen
    assert (
        "➡️ *1. A direct message to Ann Lopez (ann@example.com)*\nBy route *sender*, under policy *careful*.\n"
        "Slack is asked who that is once there is something to tell. If it knows nobody, it is only told in the other "
        "places.\nTold again after 1 day, 3 days later, then every 7 days while nobody acts, in its thread.\n"
        "If nobody acts, after 4 days it goes to <#C03MARKETING> and the sender, too."
    ) in seen
    assert "➡️ *2. <#C04LATE>*\nBy route *late*, under policy *default*." in seen
    assert (
        "*Routes, from the top*\n"
        "1. *emea* does not fit. Team: EMEA or APAC asked, this send has Marketing Ops\n"
        "2. *big* does not fit. Cost: from 100.00 USD asked, this send has 25.00 USD\n"
        "3. ✅ *sender* fits → the sender · goes on\n"
        "4. ✅ *late* fits → <#C04LATE>\n"
        "5. *rest*: not asked, since late came first"
    ) in seen
    assert "• <!subteam^S01GIFTOPS> or the sender of the gift: resolve" in seen
    assert "• The admins of Sendwatch only: mute" in seen
    assert "Jane Doe: where alerts go" in told["text"]
    assert slack.executor.waiting == []


def test_the_menu_offers_what_is_open_what_comes_and_what_might_be(slack: Slack, world: World) -> None:
    told = slack.command("/sends", "route jane@acme.com")
    assert offered(told) == {
        "Somebody must act": "Not to be expected as it is", "Offer is over": "Not to be expected as it is",
        "Late": "Told already, or replaced by another", "Stuck: contact Support": "Open",
        "Time for the address ends within 1 day": "Not to be expected as it is",
    }
    assert menu(told)["initial_option"]["text"]["text"] == "Stuck: contact Support"


def test_another_alert_is_chosen_from_the_menu(slack: Slack, world: World) -> None:
    configure(slack, EMEA)
    told = slack.command("/sends", "route jane@acme.com")
    other = choose(slack, told, "Somebody must act")
    assert other["replace_original"] is True
    seen = words(other)
    assert "*Alert:* Somebody must act (needs_action)\nNot to be expected while the send is Order Received." in seen
    assert "3. *sender* does not fit. Rule: overdue asked, this is needs_action/notice" in seen
    assert "5. ✅ *rest* fits → <#C05REST>" in words(other)
    assert menu(other)["initial_option"]["text"]["text"] == "Somebody must act"
    assert "Told already, or replaced by another: it does not come again" in words(choose(slack, other, "Late"))


def test_what_comes_next_is_meant_where_nothing_is_open(slack: Slack) -> None:
    add_send(slack.database, status="shipped", status_raw="Shipped", status_since=NOW - timedelta(days=1))
    told = slack.command("/sends", "where jane")
    assert offered(told)["Late"] == "Comes if nothing moves"
    assert "*Alert:* Late (overdue/late)\nComes <!date^1796223600^" in words(told)
    assert "unless the send moves on from Shipped before." in words(told)


def test_overdue_is_meant_where_nothing_will_come(slack: Slack) -> None:
    add_send(slack.database, status="delivered", status_raw="Delivered")
    told = slack.command("/sends", "route jane")
    assert "*Alert:* Late (overdue/late)\nNot to be expected while the send is Delivered." in words(told)
    assert set(offered(told).values()) == {"Not to be expected as it is"}


def test_what_is_due_already_waits_for_the_next_scan(slack: Slack) -> None:
    add_send(slack.database, status="undeliverable", status_raw="Undeliverable")
    assert "Due now: the next scan tells it." in words(slack.command("/sends", "route jane"))


def test_what_a_person_has_settled_does_not_come_again_and_what_the_scan_has_may(slack: Slack) -> None:
    settled = {"state": "resolved", "level": "late", "status": "shipped"}
    for number, by in ((1, "U1A"), (2, "scan")):
        send = add_send(
            slack.database, number, recipient_name=f"Jane {by}", status="shipped", status_raw="Shipped",
            status_since=NOW - timedelta(days=1),
        )
        add_alert(slack.database, send, None, resolved_by=by, **settled)
    assert offered(slack.command("/sends", "route jane u1a"))["Late"] == "Told already, or replaced by another"
    assert offered(slack.command("/sends", "route jane scan"))["Late"] == "Comes if nothing moves"


def test_egifts_and_physical_gifts_get_different_alerts(slack: Slack) -> None:
    add_send(slack.database, kind="egift", type="eGifts", status="sent", status_raw="Sent", status_since=NOW)
    told = slack.command("/sends", "route jane")
    assert "Offer ends within 7 days" in offered(told)
    assert "Stuck: contact Support" not in offered(told)


def test_a_choice_that_is_none_of_ours_is_the_default(slack: Slack, world: World) -> None:
    slack.press("route_rule", {"send": world.send, "rule": "<!here>", "offset": 7, "back": "x"}, container=HERE)
    assert "Stuck: contact Support (overdue/support)" in words(slack.said[-1])


def test_a_status_nobody_has_named_goes_to_the_admins(slack: Slack) -> None:
    configure(slack, EMEA)
    add_send(slack.database, status="unknown", status_raw="Lost in space")
    told = slack.command("/sends", "route jane")
    assert "➡️ *A direct message to <@U01ANN>*\nIt is about Sendwatch itself, so no route is asked." in words(told)
    assert "Routes, from the top" not in words(told)


def test_a_sender_whom_slack_knows_and_one_whom_it_does_not(slack: Slack, world: World) -> None:
    configure(slack, "routes: [{name: senders, dm_sender: true}]")
    with slack.database.write() as session:
        addresses.unknown(session, "mail:ann@example.com", NOW + timedelta(hours=1), NOW)
    seen = words(slack.command("/sends", "route jane"))
    assert "⚠️ Slack knows nobody with this address, so it goes to <#C01GIFTING> instead." in seen
    with slack.database.write() as session:
        people.keep(session, user_id="U77ANN", email="ann@example.com", now=NOW)
    seen = words(slack.command("/sends", "route jane"))
    assert "➡️ *A direct message to <@U77ANN>*" in seen
    assert "Slack knows nobody" not in seen


def test_a_sender_without_an_address(slack: Slack) -> None:
    configure(slack, "routes: [{name: senders, dm_sender: true}]")
    add_send(slack.database, sender_email="")
    seen = words(slack.command("/sends", "route jane"))
    assert "The route that fits leads to nobody, so it goes here" in seen
    assert "✅ *senders* fits, but leads nowhere: the sender has no e-mail" in seen


def test_quiet_hours_a_mute_and_another_alert_hold_it(slack: Slack, world: World) -> None:
    configure(slack, """
        policies:
          default: {quiet: {from: 6:00, to: 12:00, working_days: mon-fri, except: [needs_action, expired]}}
    """)
    seen = words(slack.command("/sends", "route jane"))
    assert "⏸ *Held now:* quiet hours, until <!date^1795453200^" in seen
    assert (
        "Quiet from 06:00 to 12:00 and all Saturday and Sunday (America/New_York); expired and needs_action are told "
        "all the same."
    ) in seen
    with slack.database.write() as session:
        session.add(Mute(
            scope="campaign", value="q4 thank-you", label="Q4 thank-you", ends_at=NOW + timedelta(days=2),
            created_by="U01ANN", created_at=NOW,
        ))
    seen = words(slack.command("/sends", "route jane"))
    assert "⏸ *Held now:* muted (campaign Q4 thank-you), until <!date^" in seen
    with slack.database.write() as session:
        session.query(Mute).delete()
    add_alert(slack.database, world.send, None, rule="expired", level="notice")
    told = slack.command("/sends", "route jane")
    seen = words(choose(slack, told, "Stuck: contact Support"))
    assert "another open alert explains it (the gift for Jane Doe: the offer is over)" in seen


def test_what_has_been_told_so_far(slack: Slack, world: World) -> None:
    with slack.database.write() as session:
        [row] = session.query(Notification)
        row.repeats, row.next_at = 2, NOW + timedelta(days=3)
        session.add(Notification(alert_id=world.alert, channel="C09OTHER"))
        session.add(Notification(alert_id=world.alert, channel="C08FIRST", told_at=NOW, held="baseline"))
    seen = words(slack.command("/sends", "route jane"))
    assert "• <#C01GIFTING>: told <!date^1795446000^" in seen
    assert ", told again 2 times, next <!date^1795705200^" in seen
    assert "• <#C09OTHER>: not told yet" in seen
    assert "with all of the first look; somebody has to choose" in seen


def test_several_sends_are_a_list_to_choose_from_and_back(slack: Slack) -> None:
    for number in range(1, 13):
        add_send(slack.database, number, recipient_email=f"jane{number}@acme.com")
    told = slack.command("/sends", "route jane")
    assert "12 sends match “jane”" in words(told)
    assert "1 to 8 of 12" in words(told)
    slack.press("route_back.8", buttons(told)["Show more"]["value"], container=HERE)
    second = slack.said[-1]
    assert "9 to 12 of 12" in words(second)
    slack.press("route_open.0", buttons(second)["Where would it go?"]["value"], container=HERE)
    card = slack.said[-1]
    assert "Jane Doe: where alerts go" in words(card)
    again = choose(slack, card, "Somebody must act")
    slack.press("route_back", buttons(again)["Back to the list"]["value"], container=HERE)
    assert "9 to 12 of 12" in words(slack.said[-1])
    slack.press("route_back.0", buttons(second)["Show the ones before"]["value"], container=HERE)
    assert "1 to 8 of 12" in words(slack.said[-1])


def test_nothing_found_offers_the_nearest(slack: Slack, world: World) -> None:
    told = slack.command("/sends", "route jane dow")
    assert "Nothing matches “jane dow”. Did you mean one of these?" in words(told)
    near = next(button for text, button in buttons(told).items() if "jane" in text.lower())
    slack.press("route_back.near0", near["value"], container=HERE)
    assert "Jane Doe: where alerts go" in words(slack.said[-1])


def test_a_mention_of_somebody_known_finds_by_their_email(slack: Slack, world: World) -> None:
    with slack.database.write() as session:
        people.keep(session, user_id="U07XYZ", email="Jane@Acme.com", now=NOW)
    assert "Jane Doe: where alerts go" in words(slack.command("/sends", "route <@U07XYZ>"))


def test_from_the_card_of_a_send_and_back(slack: Slack, world: World) -> None:
    card = slack.command("/send-status", "jane@acme.com")
    slack.press("route_open", buttons(card)["Where do alerts go?"]["value"], container=HERE)
    told = slack.said[-1]
    assert "Jane Doe: where alerts go" in words(told)
    slack.press("send_open", buttons(told)["Open the send"]["value"], container=HERE)
    assert "Jane Doe: Order Received" in words(slack.said[-1])


def test_a_send_that_is_gone(slack: Slack) -> None:
    slack.press("route_open", {"send": 404}, container=HERE)
    assert "not known any more" in slack.said[-1]["text"]


def test_in_a_window_it_is_pushed_and_then_drawn_in_place(slack: Slack, world: World) -> None:
    inside = {"type": "view", "view_id": "V1"}
    view = {"id": "V1", "type": "modal", "callback_id": "send_modal", "private_metadata": "{}", "hash": "h1"}
    slack.press("route_open", {"send": world.send}, container=inside, view=view, response_url="")
    slack.executor.finish()
    [pushed] = slack.client.views("views.push")
    assert "Jane Doe: where alerts go" in words(pushed)
    own = {**view, "callback_id": pushed["callback_id"]}
    slack.press("route_all", {"offset": 0}, container=inside, view=own, response_url="")
    slack.executor.finish()
    [drawn] = slack.client.views("views.update")
    assert "🧭 Where alerts go" in words(drawn)


def test_the_table_in_force(slack: Slack) -> None:
    configure(slack, EMEA + "budgets: {default: {a_day: 20, at_once: 5}, C02SALES: {a_day: 3}}")
    seen = words(slack.command("/sends", "route"))
    assert "Routes are tried from the top. The first that fits decides" in seen
    assert (
        "*1. emea*: team EMEA or APAC → <#C02SALES> · policy careful\n"
        "*2. big*: cost from 100.00 USD → <#C03BIG> · policy default\n"
        "*3. sender*: rule overdue → the sender · policy careful · goes on\n"
        "*4. late*: rule overdue/support or overdue/late → <#C04LATE> · policy default\n"
        "*5. rest*: everything → <#C05REST> · policy default\n"
        "*All the rest* → <#C01GIFTING> · policy default\n"
        "*What is about Sendwatch itself* → <@U01ANN>, told once"
    ) in seen
    assert "*Policies*\n• *careful*: Told again after 1 day" in seen
    assert "A channel gets at most 20 messages a day, 5 within 10 minutes" in seen
    assert "• <#C02SALES>: at most 3 messages a day, 5 within 10 minutes" in seen
    assert "• Everybody: acknowledge, assign, snooze" in seen
    assert "`sendwatch config import`" in seen


def test_without_routes_the_table_says_so(slack: Slack) -> None:
    seen = words(slack.command("/sends", "routes"))
    assert "No route is set, so every alert goes to one place." in seen
    assert "*Everything* → <#C01GIFTING> · policy default" in seen
    assert "Everybody who sees an alert may press its buttons." in seen


def test_the_answer_is_the_same_on_either_database(database: Database) -> None:
    send = add_send(database)
    add_alert(database, send, None)
    with database.read() as session:
        told = routes.answer(session, "jane@acme.com", rules(EMEA), NOW)
    assert "Alert: Stuck: contact Support (overdue/support)" in told.text
    assert "3. ✅ sender fits → the sender · goes on" in told.text


def test_two_hundred_routes_page_by_page(slack: Slack, world: World) -> None:
    lines = "".join(
        f"  - {{name: 'route {number}', when: {{team: ['{'x' * 190}{number}', b, c, d, e, f]}}, "
        f"channel: C0{number:04}, continue: true}}\n"
        for number in range(199)
    )
    configure(slack, f"routes:\n{lines}  - {{name: last, channel: C09LAST}}")
    told = slack.command("/sends", "route")
    seen = []
    while True:
        seen.append(words(told))
        more = buttons(told).get("More routes")
        if more is None:
            break
        slack.press(more["action_id"], more["value"], container=HERE)
        told = slack.said[-1]
    assert len(seen) == 20
    assert all(any(f"*{number}. " in page for page in seen) for number in range(1, 201))
    assert "or 2 more →" in seen[0]
    assert "All the rest" not in seen[0]
    assert "All the rest" in seen[-1]
    assert "Routes 191 to 200 of 200" in seen[-1]
    slack.press("route_all", {"offset": 5_000}, container=HERE)
    assert "Routes 1 to 10 of 200" in words(slack.said[-1])

    card = slack.command("/sends", "route jane")
    more = buttons(card)["More routes"]
    assert json.loads(more["value"]) == {"send": world.send, "rule": "overdue/support", "offset": 10}
    slack.press("route_page.190", {**json.loads(more["value"]), "offset": 190}, container=HERE)
    assert "200. ✅ *last* fits → <#C09LAST>" in words(slack.said[-1])


def test_a_send_that_goes_to_two_hundred_places(slack: Slack, world: World) -> None:
    lines = "".join(f"  - {{name: r{number}, channel: C0{number:04}, continue: true}}\n" for number in range(200))
    configure(slack, f"routes:\n{lines}")
    assert "…and 194 more places, by the routes below" in words(slack.command("/sends", "route jane"))
