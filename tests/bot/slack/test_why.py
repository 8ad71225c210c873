"""Why an alert is shown, and when there would be one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts import explanation
from bot.alerts.policy import Escalation, Policy
from bot.alerts.quiet_hours import QuietHours
from bot.alerts.routing import Match, Routing, Rule
from bot.alerts.rulebook import Rulebook
from bot.slack import why
from bot.slack.blocks import pick_list, why_card
from bot.slack.blocks.pick_list import Picked
from bot.slack.blocks.why_card import AlertWhy, Coming, Outlook, Reason, Setting
from bot.statuses.watch import Threshold, Watch, us_watch
from storage import config, mutes
from storage.engine import Database
from storage.models import Alert, Notification, Send
from tests.bot.slack import gate
from tests.bot.slack.blocks.test_limits_property import MANY, passes, view_passes
from tests.bot.slack.conftest import World, add_alert, add_message, add_send
from tests.bot.slack.harness import Slack, buttons, words
from tests.bot.slack.rows import HOSTILE, alerts, moments, send, sends, texts
from tests.conftest import NOW

DAY = timedelta(days=1)
HERE = {"type": "message", "message_ts": "5.5", "channel_id": "C02SALES", "is_ephemeral": True}
BUSINESS = {"amount": 3, "unit": "business days", "source": "SLA article", "words": "3 business days"}
POLICY = Policy(
    name="urgent", repeat=(DAY, 3 * DAY), escalate=(Escalation(after=timedelta(hours=30), channel="C03MARKETING"),),
)
BIG = Rule(name="big gifts", match=Match(team=("Marketing *",)), channel="C01GIFTING", policy="urgent")


def said(
    database: Database, alert_id: int, routing: Routing | None = None, watch: Watch | None = None,
) -> str:
    """What the window about an alert shows; it must be one that Slack takes."""
    rules = Rulebook(watch=watch or us_watch(), routing=routing or Routing(alert_channel="C01GIFTING"))
    with database.read() as session:
        alert = session.get_one(Alert, alert_id)
        found = why.of_alert(session, alert, session.get(Send, alert.send_id or 0), rules, NOW)
    view = why_card.view(found, NOW)
    assert gate.problems(view, gate.MODAL) == []
    told = why_card.message(found, NOW)
    assert gate.problems({"text": told.text, "blocks": told.blocks}) == []
    return words(view)


def told_in(database: Database, alert_id: int, **values: Any) -> None:  # noqa: ANN401 - columns
    known: dict[str, Any] = {
        "alert_id": alert_id, "channel": "C01GIFTING", "route": "big gifts", "policy": POLICY.as_json(),
        "told_at": NOW - timedelta(hours=1), "last_told_at": NOW - timedelta(hours=1), "next_at": NOW + 23 * DAY / 24,
    }
    with database.write() as session:
        session.add(Notification(**known | values))


# --- one alert ----------------------------------------------------------------------------------------


def test_the_limit_its_source_and_the_sum(slack: Slack, world: World) -> None:
    found = said(slack.database, world.alert)
    for part in (
        "*Rule:* Stuck: contact Support (overdue/support)", "*Limit:* 7 days\n*Source:* Send Tracker article",
        "*Since:* Order Received <!date^", "*How it was counted:* from when it came into Order Received",
        "+ 7 days of 24 hours, weekends and holidays included", "= *<!date^", "by your clock",
        "*Why now:* This is the first alert about it.",
    ):
        assert part in found
    assert "*In <#C01GIFTING>:* told" in found


def test_business_days_are_told_day_by_day(slack: Slack) -> None:
    start = NOW - 3 * DAY
    due_at = us_watch().calendar.add_business_days(start, 3)
    alert = add_alert(
        slack.database, add_send(slack.database), None, level="late", threshold=BUSINESS, status_since=start,
        due_at=due_at,
    )
    assert "Fri 20 Nov 07:00 + 3 business days, without Sat 21 Nov and Sun 22 Nov = Wed 25 Nov 07:00" in said(
        slack.database, alert,
    )
    with slack.database.write() as session:
        session.get_one(Alert, alert).due_at = due_at - DAY
    changed = said(slack.database, alert)
    assert "by the calendar and data of that time. By today's calendar and data it would be <!date^" in changed


def test_an_end_and_whether_it_is_assumed(slack: Slack) -> None:
    ends = NOW + 2 * DAY
    threshold = {
        "amount": 2, "unit": "days", "source": "eGift article", "words": "2 days before the offer ends",
        "ends_at": ends.isoformat(), "assumed": True,
    }
    alert = add_alert(
        slack.database, add_send(slack.database, status="sent"), None, rule="expiring", level="2d", status="sent",
        threshold=threshold, due_at=NOW, status_since=NOW - 9 * DAY,
    )
    found = said(slack.database, alert)
    assert "it ends <!date^" in found
    assert ", less 2 days = *<!date^" in found
    assert "No source gave that end; it is assumed" in found


def test_at_once_is_said_so(slack: Slack) -> None:
    threshold = {"amount": 0, "unit": "days", "source": "our judgement", "words": "at once"}
    alert = add_alert(
        slack.database, add_send(slack.database), None, rule="needs_action", level="notice", threshold=threshold,
    )
    assert "nothing is counted: it is due as soon as Sendoso reports it" in said(slack.database, alert)


def test_an_own_limit_names_who_changed_them_last(slack: Slack) -> None:
    with slack.database.write() as session:
        config.save(session, "thresholds", ["a"], NOW - 3 * DAY, "cli")
        config.save(session, "thresholds", ["b"], NOW - 2 * DAY, "U02BEN")
        config.save(session, "thresholds", ["c"], NOW + DAY, "U03CHI")
    own = {"amount": 7, "unit": "days", "source": "set for this installation, for team West", "words": "7 days"}
    alert = add_alert(slack.database, add_send(slack.database), None, threshold=own)
    found = said(slack.database, alert)
    assert "*Source:* set for this installation, for team West" in found
    assert "last changed by <@U02BEN>, <!date^" in found
    with slack.database.write() as session:
        session.get_one(Alert, alert).opened_at = NOW - 5 * DAY / 2
    assert "last changed on the command line, <!date^" in said(slack.database, alert)


def test_the_route_with_what_fits_and_what_comes_next(slack: Slack) -> None:
    alert = add_alert(slack.database, add_send(slack.database), None)
    told_in(slack.database, alert)
    routing = Routing(alert_channel="C01GIFTING", rules=(BIG,))
    found = said(slack.database, alert, routing)
    assert "By route *big gifts*: team Marketing ∗ is what it asks for, and all fits." in found  # noqa: RUF001 - the look-alike
    assert "Policy *urgent*: Told again after 1 day, then every 3 days while nobody acts" in found
    assert "*Next, if nobody acts:* told again <!date^" in found
    other = Rule(name="big gifts", match=Match(team=("Sales",)), channel="C01GIFTING")
    assert "which has been changed since" in said(slack.database, alert, Routing(alert_channel="C", rules=(other,)))
    assert "which is not there any more." in said(slack.database, alert)


@pytest.mark.parametrize(("values", "sentence"), [
    ({"next_at": NOW + 2 * DAY}, "*Next, if nobody acts:* <!date^1795618800^"),
    ({"next_at": None}, "*Next:* nothing more is told here."),
    ({"told_at": None, "next_at": NOW + DAY, "held": "quiet"}, "It waits for the end of the quiet hours in <#C01GIFT"),
    ({"told_at": None, "next_at": NOW + DAY, "held": "inhibited"}, "Another open alert explains it"),
    ({"reason": "held_quiet"}, "It was held over the quiet hours (in <#C01GIFTING>)"),
    ({"held": "baseline"}, "somebody has to choose what becomes of the first look"),
    ({"repeats": 2, "reason": "repeated"}, "told again 2 times"),
    ({"channel": "mail:ben@example.com", "route": "default"}, "*Directly to the sender:*"),
    ({"channel": "U01ANN", "route": "admins"}, "so no route was asked: admins are told"),
    ({"reason": "escalated"}, "It was escalated to here, since nobody acted where it was told first."),
    ({"route": "default"}, "No route is set, so it goes to the alert channel."),
])
def test_what_holds_it_and_what_comes_next(slack: Slack, values: dict[str, Any], sentence: str) -> None:
    alert = add_alert(slack.database, add_send(slack.database), None)
    told_in(slack.database, alert, **values)
    assert sentence in said(slack.database, alert)


def test_what_is_taken_care_of_is_told_no_more(slack: Slack) -> None:
    alert = add_alert(slack.database, add_send(slack.database), None, state="acknowledged", acknowledged_by="U02BEN")
    told_in(slack.database, alert)
    assert "nothing more is told here, since somebody or something has taken care" in said(slack.database, alert)


def test_the_mutes_that_held_it(slack: Slack, world: World) -> None:
    with slack.database.write() as session:
        mutes.make(
            session, scope="campaign", value="q4 thank-you", label="Q4", created_by="U02BEN", created_at=NOW - DAY,
            ends_at=NOW + DAY,
        )
    found = said(slack.database, world.alert)
    assert "*What held it*" in found
    assert "Now: 🔇 Muted until" in found


def test_from_the_menu_of_an_alert_and_of_a_group(slack: Slack, world: World) -> None:
    slack.press("alert_more", {"alert": world.alert, "v": 1, "do": "why"})
    slack.executor.finish()
    [view] = slack.client.views()
    assert view["title"]["text"] == "Why do I see this?"
    assert set(buttons(view)) == {
        "Timeline", "What does this mean?", "Where do alerts go?", "Read the Send Tracker article",
    }
    slack.press("group_alert.1", {"alert": world.alert, "v": 1, "p": 0, "do": "why"})
    slack.executor.finish()
    assert len(slack.client.views()) == 2
    slack.press("source_open")
    assert slack.said == []


def test_on_three_windows_it_takes_the_place_of_the_uppermost(slack: Slack, world: World) -> None:
    slack.client.answers["views.push"] = [{"ok": False, "error": "push_limit_reached"}]
    slack.press(
        "alert_why", {"alert": world.alert}, channel=None, container={"type": "view", "view_id": "V3"},
        view={"id": "V3", "type": "modal", "hash": "h", "callback_id": "send_modal"},
    )
    slack.executor.finish()
    assert [view["callback_id"] for view in slack.client.views("views.update")] == [why_card.CALLBACK]
    assert slack.said == []


def test_where_no_window_opens_it_is_said(slack: Slack, world: World) -> None:
    slack.client.answers["views.open"] = [{"ok": False, "error": "expired_trigger_id"}]
    slack.press("alert_why", {"alert": world.alert})
    assert "*Limit:* 7 days" in words(slack.said[-1])
    slack.press("alert_why", {"alert": 404})
    assert "does not know this alert" in words(slack.said[-1])


def test_an_alert_about_the_bot_itself(slack: Slack) -> None:
    alert = add_alert(
        slack.database, None, None, rule="stale_data", level="notice", status="", status_raw="", threshold={},
    )
    told_in(slack.database, alert, channel="U01ANN", route="admins", policy={})
    assert "missing data from Sendoso (stale" in said(slack.database, alert)


# --- one send -----------------------------------------------------------------------------------------


def test_without_an_alert_it_says_when_one_would_come(slack: Slack) -> None:
    add_send(slack.database, status="shipped", status_raw="Shipped", status_since=NOW - DAY)
    told = slack.command("/sends", "why jane@acme.com")
    found = words(told)
    for part in (
        "🔎 Jane Doe: when an alert would come", "*Shipped* for 1 day",
        "No alert is open. Nothing is told before <!date",
        "*Late (overdue/late):* <!date^", "*Limit:* 10 days\n*Source:* our judgement",
        "+ 10 days of 24 hours, weekends and holidays included", "unless it moves on before",
    ):
        assert part in found
    assert list(buttons(told)) == ["Open", "Watch", "Where do alerts go?"]


def test_with_an_alert_it_is_explained_as_in_its_window(slack: Slack, world: World) -> None:
    found = words(slack.command("/sends", "why jane"))
    assert "*Rule:* Stuck: contact Support" in found
    assert "*In <#C01GIFTING>:* told" in found


def test_of_many_alerts_three_are_explained(slack: Slack) -> None:
    one = add_send(slack.database)
    for level in ("late", "support", "7d", "2d", "1d"):
        add_alert(slack.database, one, add_message(slack.database, key=level), level=level)
    found = words(slack.command("/sends", "why jane"))
    assert found.count("*Rule:*") == 3
    assert "…and 2 more open alerts of this send" in found


def test_what_is_over_is_watched_no_more(slack: Slack) -> None:
    add_send(slack.database, status="delivered", status_raw="Delivered")
    told = slack.command("/sends", "explain jane")
    assert "nothing is watched any more" in words(told)
    assert list(buttons(told)) == ["Open", "Where do alerts go?"]


def test_a_status_without_a_limit(slack: Slack, monkeypatch: pytest.MonkeyPatch) -> None:
    add_send(slack.database, status="shipped", status_raw="Shipped", status_since=NOW)
    never = Watch(calendar=us_watch().calendar, thresholds=(Threshold(status="shipped", level="late", amount=None),))
    rules = Rulebook(watch=never, routing=Routing(alert_channel="C01GIFTING"))
    monkeypatch.setattr("tests.bot.slack.harness.RULES", rules)
    assert "No limit is watched in this status." in words(slack.command("/sends", "why jane"))


def test_what_somebody_has_settled_does_not_come_again(slack: Slack) -> None:
    one = add_send(slack.database)
    add_alert(slack.database, one, None, state="resolved", resolved_by="U02BEN", resolved_at=NOW, level="late")
    add_alert(slack.database, one, None, state="resolved", resolved_by="scan", resolved_at=NOW, level="support")
    found = words(slack.command("/sends", "why jane"))
    assert "*Late:* <@U02BEN> settled it, <!date^" in found
    assert "It does not come again while the send is Order Received." in found
    assert found.count("settled it") == 1


def test_a_mute_that_would_hide_it_is_said(slack: Slack) -> None:
    add_send(slack.database, status="shipped", status_raw="Shipped", status_since=NOW - DAY)
    for ends in (NOW + DAY, NOW + 30 * DAY):
        with slack.database.write() as session:
            mutes.make(
                session, scope="campaign", value="q4 thank-you", label="Q4", created_by="U02BEN", created_at=NOW,
                ends_at=ends,
            )
        found = words(slack.command("/sends", "why jane"))
        assert "⏸ 🔇 Muted until <!date^" in found
        assert ("that ends before" in found) == (ends == NOW + DAY)


def test_what_explains_it_away_is_said(slack: Slack) -> None:
    held = add_send(slack.database, 2, recipient_name="Olga", status="insufficient_funds")
    add_alert(slack.database, held, None, rule="needs_action", level="notice", status="insufficient_funds")
    add_send(slack.database, status="pending_approval", status_raw="Pending", status_since=NOW)
    found = words(slack.command("/sends", "why jane@acme.com doe")) or ""
    found += words(slack.command("/sends", "why jane doe"))
    assert "Another open alert explains it: the gift for Olga: Insufficient Funds" in found


@pytest.mark.parametrize("state", ["firing", "acknowledged"])
def test_what_explains_an_open_alert_is_named_while_nobody_has_taken_care(slack: Slack, state: str) -> None:
    funds = add_send(slack.database, 2, recipient_name="Olga", status="insufficient_funds")
    add_alert(slack.database, funds, None, rule="needs_action", level="notice", status="insufficient_funds")
    waits = add_send(slack.database, status="pending_approval", status_raw="Pending")
    alert = add_alert(slack.database, waits, None, status="pending_approval", state=state)
    told_in(slack.database, alert, told_at=None, next_at=NOW + DAY, held="inhibited")
    named = "so it is not told in <#C01GIFTING>: the gift for Olga: Insufficient Funds"
    assert (named in said(slack.database, alert)) == (state == "firing")
    listed = words(slack.command("/sends", "alerts"))
    marked = "Explained by another alert: the gift for Olga: Insufficient Funds"
    assert listed.count(marked) == (state == "firing")


def test_several_have_a_button_each(slack: Slack) -> None:
    for number in range(1, 21):
        add_send(slack.database, number, recipient_email=f"jane{number}@acme.com")
    told = slack.command("/sends", "why jane")
    assert "20 sends match “jane”" in words(told)
    one = buttons(told)["Why"]
    slack.press(one["action_id"], one["value"], container=HERE)
    assert "when an alert would come" in words(slack.said[-1])
    more = buttons(told)["Show more"]
    slack.press(more["action_id"], more["value"], container=HERE)
    assert "9 to 16 of 20" in words(slack.said[-1])
    slack.press("why_open.0", {"send": 404}, container=HERE)
    assert "not known any more" in words(slack.said[-1])


def test_none_and_nobody(slack: Slack, world: World) -> None:
    told = slack.command("/sends", "why jane dow")
    assert "Nothing matches “jane dow”. Did you mean one of these?" in words(told)
    near = next(one for text, one in buttons(told).items() if "jane" in text.lower())
    slack.press(near["action_id"], near["value"], container=HERE)
    assert "*Rule:*" in words(slack.said[-1])
    assert "needs to know which send you mean" in words(slack.command("/sends", "why"))


# --- whatever the data --------------------------------------------------------------------------------


def _reason(alert: Alert, about: Send, by: str) -> Reason:
    return Reason(
        rule=alert.rule, level=alert.level, why=alert.why, words=by, source=by, status=by, since=alert.status_since,
        reckoning=explanation.of_alert(alert, about, us_watch().calendar), setting=Setting(by=by, at=NOW),
    )


@MANY
@given(alerts, sends, texts, st.lists(texts, max_size=5), st.lists(moments, max_size=6))
def test_any_alert_and_any_send(alert: Alert, about: Send, text: str, more: list[str], due: list[Any]) -> None:
    reason = _reason(alert, about, text)
    one = AlertWhy(alert=alert, send=about, reason=reason, brought_up="", places=["*x*"] * len(more), holds=["y"])
    view_passes(why_card.view(one, NOW))
    passes(why_card.message(one, NOW))
    passes(why_card.of_send([one] * 4, about, NOW, total=9, is_watched=True))
    coming = [Coming(reason=reason, due_at=at, holds=["held"]) for at in due]
    passes(why_card.outlook(Outlook(send=about, coming=coming, settled=[alert] * len(more)), NOW))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(slack: Slack, name: str) -> None:
    name = name.encode("utf-8", "replace").decode()
    one = add_send(slack.database, recipient_name=name, recipient_company=name, campaign=name, team=name, type=name)
    alert = add_alert(slack.database, one, None, why=name, status_raw=name)
    quiet = QuietHours(start=None, end=None, zone="UTC", working_days=frozenset({0}))
    told_in(slack.database, alert, route=name, policy=Policy(name=name, quiet=quiet).as_json())
    rule = Rule(name=name, match=Match(team=(name,) if name.strip() else ()), channel="C01GIFTING")
    said(slack.database, alert, Routing(alert_channel="C01GIFTING", rules=(rule,)))


@pytest.mark.parametrize("number", [0, 1, 50, 500])
def test_however_many(number: int) -> None:
    rows = [send(row_id) for row_id in range(1, number + 1)][:8]
    picked = Picked(query="jane", total=number, offset=0, action=why.FIND)
    passes(pick_list.several(rows, picked, NOW, lambda one, place: why_card.ask(one, f".{place}")))
