"""Routes in words, and cards of them that are within Slack's limits whatever is in them."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.permissions import Permissions
from bot.alerts.policy import Budget, Escalation, Policy
from bot.alerts.quiet_hours import QuietHours
from bot.alerts.routing import Destination, Match, Routing, Rule, Tried
from bot.alerts.rulebook import Rulebook
from bot.alerts.subjects import about
from bot.config.explain import Asked, Explained, Held
from bot.slack.blocks import route_card, route_list, route_table, route_words
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.numbers import for_many
from bot.slack.blocks.pick_list import Picked
from bot.slack.blocks.route_facts import Addressee, Choice, Route
from bot.statuses.watch import us_watch
from storage.models import Notification, Send
from tests.bot.slack import gate
from tests.bot.slack.rows import HOSTILE, alerts, ids, moments, send, sends, texts
from tests.conftest import NOW
from tests.hostile import hostile

MANY = hostile(60)
DAY = timedelta(days=1)
words = st.lists(texts.map(lambda text: text[:200]), max_size=6).map(tuple)
lengths = st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=366))
places = st.one_of(
    st.sampled_from(["", "C01GIFTING", "G0PRIVATE", "D0DIRECT", "U01ANN"]), texts.map(lambda text: f"mail:{text}"),
)
channels = st.one_of(st.none(), st.sampled_from(["C01GIFTING", "G0PRIVATE"]))
named = st.lists(st.sampled_from(["U01ANN", "S0OPS", "W0ELSE", "anyone", "sender", "admins"]), max_size=9).map(tuple)
matches = st.builds(
    Match, team=words, campaign=words, sender=words, type=words, rule=words,
    amount_from=st.none() | st.integers(0, 10**14), amount_to=st.none() | st.integers(0, 10**14), currency=texts,
)
rules = st.builds(
    Rule, name=texts.map(lambda text: text[:200]), match=matches, channel=channels, dm_sender=st.booleans(),
    policy=st.sampled_from(["default", "careful", "gone"]), goes_on=st.booleans(),
)
steps = st.builds(Escalation, after=lengths, mention=named, channel=channels, dm_sender=st.booleans())
quiet = st.builds(
    QuietHours, zone=texts, start=st.none() | st.times(), end=st.none() | st.times(),
    working_days=st.frozensets(st.integers(0, 6)), except_for=st.frozensets(texts, max_size=6),
)
policies = st.builds(
    Policy, name=texts, repeat=st.lists(lengths, max_size=9).map(tuple), repeat_in_channel=st.booleans(),
    escalate=st.lists(steps, max_size=9).map(tuple), quiet=st.none() | quiet,
)
holds = st.builds(Held, why=st.sampled_from(["muted", "inhibited", "quiet", "x"]), until=moments, by=texts)
permissions = st.builds(
    Permissions, allowed=st.dictionaries(st.sampled_from([*route_words.PRESSES, "settings"]), named),
)
choices = st.builds(
    Choice, rule=st.sampled_from(["overdue", "expiring", "expired", "needs_action", "x"]),
    level=st.sampled_from(["late", "support", "7d", "notice"]),
    state=st.sampled_from(["firing", "acknowledged", "snoozed", "coming", "settled", "supposed"]),
    due_at=st.none() | moments,
)
told = st.builds(
    Notification, alert_id=ids, channel=places, told_at=st.none() | moments, next_at=st.none() | moments,
    repeats=st.integers(0, 10**6), held=st.sampled_from(["", "baseline", "quiet"]),
)


def passes(drawn: Drawn) -> None:
    assert gate.problems({"text": drawn.text, "blocks": drawn.blocks}) == []


@st.composite
def routes(draw: st.DrawFn) -> Route:
    offered = draw(st.lists(choices, min_size=1, max_size=9, unique_by=lambda one: one.name))
    found, chosen = draw(sends), offered[0]
    subject = about(chosen.rule, chosen.level, found.status, found)
    table = draw(st.lists(rules, max_size=12))
    shown = draw(st.lists(st.tuples(places, policies, st.none() | holds), min_size=1, max_size=9))
    return Route(
        send=found, subject=subject, chosen=chosen, choices=offered, permissions=draw(permissions),
        explained=Explained(
            asked=Asked(rule=chosen.rule, level=chosen.level, state=chosen.state),
            tried=Routing(alert_channel="C01GIFTING", rules=tuple(table)).explain(subject),
            places=tuple(
                (Destination(channel=place, route=draw(texts), policy=policy), held) for place, policy, held in shown
            ),
        ),
        alert_channel=draw(st.sampled_from(["", "C01GIFTING"])), alert=draw(st.none() | alerts),
        people={place: Addressee(user_id=draw(st.sampled_from(["", "U07XYZ"]))) for place, _, _ in shown},
        told=draw(st.lists(told, max_size=9)),
    )


@MANY
@given(routes(), st.integers(0, 30), texts)
def test_any_answer_is_within_the_limits(found: Route, offset: int, query: str) -> None:
    passes(route_card.build(found, NOW, offset=offset))
    passes(route_card.build(found, NOW, back={"q": query[:300], "offset": 0}))


@MANY
@given(
    st.lists(rules, max_size=25), st.dictionaries(st.sampled_from(["default", "careful"]), policies), permissions,
    st.integers(0, 40), st.sampled_from(["", "C01GIFTING"]),
)
def test_any_table_is_within_the_limits(
    table: list[Rule], known: dict[str, Policy], may: Permissions, offset: int, channel: str,
) -> None:
    routing = Routing(
        alert_channel=channel, admins=("U01ANN", "U02BEN"), rules=tuple(table), policies=known,
        budgets={f"C{number:09}": Budget() for number in range(offset)},
    )
    passes(route_table.build(Rulebook(watch=us_watch(), routing=routing, permissions=may), offset))


@MANY
@given(st.lists(sends, min_size=1, max_size=8), st.integers(0, 10**6), st.integers(0, 500), texts, st.lists(texts))
def test_any_list_is_within_the_limits(
    found: list[Send], total: int, offset: int, query: str, names: list[str],
) -> None:
    passes(route_list.several(found, Picked(query=query, total=total, offset=offset, action=route_list.BACK), NOW))
    passes(route_list.nothing(query, names))


@pytest.mark.parametrize("name", HOSTILE)
def test_every_hostile_name_everywhere(name: str) -> None:
    asks = Match(team=(name,), campaign=(name,), sender=(name,), type=(name,), rule=(name,), currency=name, amount_to=1)
    found = send(
        recipient_name=name, team=name, campaign=name, sender_name=name, sender_email=name, type=name, subtype=name,
        currency=name,
    )
    subject, place = about("overdue", "late", "shipped", found), f"mail:{name}"
    rule = Rule(name=name, match=asks, channel="C02SALES", dm_sender=True, policy=name)
    chosen = Choice(rule="overdue", level="late", state="coming", due_at=NOW)
    passes(route_card.build(Route(
        send=found, subject=subject, chosen=chosen, choices=[chosen], permissions=Permissions(), alert_channel="",
        explained=Explained(
            asked=Asked(rule="overdue", level="late", state="expected"),
            tried=(Tried(rule=rule, misfits=asks.misfits(subject)), Tried(rule=rule, misfits=())),
            places=((
                Destination(channel=place, route=name, policy=Policy(name=name)),
                Held(why="inhibited", until=NOW, by=name),
            ),),
        ),
    ), NOW))
    routing = Routing(alert_channel="C01GIFTING", rules=(rule,), policies={name: Policy(name=name)})
    passes(route_table.build(Rulebook(watch=us_watch(), routing=routing)))
    passes(route_list.nothing(name, [name] * 3))


@pytest.mark.parametrize(("span", "said"), [
    (DAY, "1 day"), (7 * DAY, "7 days"), (timedelta(hours=36), "1 day and 12 hours"),
    (timedelta(minutes=90), "1 hour and 30 minutes"), (timedelta(days=366), "366 days"),
    (timedelta(days=1, hours=2, minutes=1), "1 day, 2 hours and 1 minute"),
    (timedelta(seconds=20), "no time"),
])
def test_lengths(span: timedelta, said: str) -> None:
    assert route_words.length(span) == said


@pytest.mark.parametrize(("policy", "said"), [
    (Policy(repeat=()), ["Told once."]),
    (Policy(repeat=(DAY,)), ["Told again every day while nobody acts, in its thread."]),
    (Policy(repeat=(2 * DAY,), repeat_in_channel=True), ["Told again every 2 days while nobody acts, in the channel."]),
    (Policy(repeat=tuple(DAY * number for number in range(1, 8))), [(
        "Told again after 1 day, 2 days later, 3 days later, 4 days later, …, then every 7 days while nobody acts, "
        "in its thread."
    )]),
    (Policy(repeat=(), escalate=(Escalation(after=DAY, mention=("U01ANN", "S0OPS"), dm_sender=True),)), [
        "Told once.",
        "If nobody acts, after 1 day it calls <@U01ANN> and <!subteam^S0OPS> and it goes to the sender, too.",
    ]),
    (Policy(repeat=(), escalate=tuple(Escalation(after=DAY, channel="C01A") for _ in range(6))),
     ["Told once.", "If nobody acts, " + "after 1 day it goes to <#C01A>, too; " * 4 + "and 2 more steps."]),
    (Policy(repeat=(), quiet=QuietHours(zone="UTC", start=time(18), end=time(8, 30))),
     ["Told once.", "Quiet from 18:00 to 08:30 (UTC)."]),
    (Policy(repeat=(), quiet=QuietHours(
        zone="UTC", working_days=frozenset(range(4)), except_for=frozenset({"expired"}),
    )), ["Told once.", "Quiet all Friday, Saturday and Sunday (UTC); expired is told all the same."]),
    (Policy(repeat=(), quiet=QuietHours(zone="UTC", working_days=frozenset())),
     ["Told once.", "Quiet on all days (UTC)."]),
])
def test_policies(policy: Policy, said: list[str]) -> None:
    assert route_words.policy(policy) == said


@pytest.mark.parametrize(("match", "said"), [
    (Match(), "everything"), (Match(team=("EMEA",)), "team EMEA"), (Match(team=("A", "B", "C")), "team A, B or C"),
    (Match(campaign=tuple("ABCDEFGHI"), amount_from=0, amount_to=500, currency="JPY"),
     "campaign A, B, C, D or 5 more, cost from 0 JPY and below 500 JPY"),
])
def test_what_a_route_asks_for(match: Match, said: str) -> None:
    assert for_many(route_words.asked(match)) == said


@pytest.mark.parametrize(("match", "said"), [
    (Match(team=("EMEA",)), "team: EMEA asked, this send has Sales"),
    (Match(sender=("chi@example.com",)), "sender: chi@example.com asked, this send has Ben and ben@example.com"),
    (Match(campaign=("Autumn",)), "campaign: Autumn asked, this send has none"),
    (Match(rule=("expired",)), "rule: expired asked, this is overdue/late"),
    (Match(amount_from=10_000, currency="EUR"), "cost: from 100.00 EUR asked, this send has 25.00 USD"),
    (Match(team=("A",), type=("B",)), "team: A asked, this send has Sales; type: B asked, this send has eGifts"),
])
def test_why_a_route_does_not_fit(match: Match, said: str) -> None:
    subject = about("overdue", "late", "shipped", send(
        team="Sales", campaign=" ", sender_name="Ben", sender_email="ben@example.com", type="eGifts", subtype="",
    ))
    assert for_many(route_words.misfits(match, match.misfits(subject), subject)).replace("\u2060", "") == said


def test_a_send_without_a_cost() -> None:
    subject = about("overdue", "late", "shipped", send(cost_minor=None))
    found = Match(amount_to=100, currency="USD")
    said = for_many(route_words.misfits(found, ("amount",), subject))
    assert said == "cost: below 1.00 USD asked, this send has no cost yet"


@pytest.mark.parametrize(("place", "said"), [
    ("C0123ABCD", "<#C0123ABCD>"), ("G0123ABCD", "<#G0123ABCD>"), ("U0123ABCD", "a direct message to <@U0123ABCD>"),
    ("", "nowhere, since `ALERT_CHANNEL` is not set"), ("<!here>", "a direct message to &lt;!here&gt;"),
])
def test_places(place: str, said: str) -> None:
    assert route_words.channel(place) == said


def test_who_may_press_stands_together() -> None:
    found = Permissions(allowed={"resolve": ("S0OPS", "sender"), "mute": ("admins",), "snooze": ("S0OPS", "sender")})
    assert route_words.pressed_by(found) == [
        "• Everybody: acknowledge, assign, open the message to Support, say that Support was told, undo",
        "• <!subteam^S0OPS> or the sender of the gift: snooze, resolve",
        "• The admins of Sendwatch only: mute",
        "The admins of Sendwatch may do everything.",
    ]
