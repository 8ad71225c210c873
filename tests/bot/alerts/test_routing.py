from __future__ import annotations

from datetime import timedelta

import pytest

from bot.alerts.policy import ONCE, Budget, Escalation, Policy
from bot.alerts.routing import Match, Routing, Rule, Subject, is_direct

LATE = Subject(
    rule="overdue", level="late", status="order_received", team="EMEA Sales", campaign="Autumn Box",
    sender_name="Sam Sender", sender_email="sam@acme.com", type="Inventoried Sends", subtype="box",
    amount_minor=12_500, currency="USD",
)
SLOW = Policy(name="slow", repeat=(timedelta(days=9),))


def routing(*rules: Rule) -> Routing:
    return Routing(alert_channel="C1", admins=("U1", "U2"), rules=rules, policies={"slow": SLOW})


def places(table: Routing, subject: Subject = LATE) -> list[tuple[str, str]]:
    return [(one.channel, one.route) for one in table.destinations(subject)]


def test_gifts_go_to_the_channel_and_the_bots_own_troubles_to_the_admins() -> None:
    assert places(routing()) == [("C1", "default")]
    for rule in ("stale_data", "unknown_status"):
        assert places(routing(), Subject(rule=rule)) == [("U1", "admins"), ("U2", "admins")]


def test_without_admins_everything_goes_to_the_channel() -> None:
    assert places(Routing(alert_channel="C1"), Subject(rule="stale_data")) == [("C1", "default")]


def test_the_first_rule_that_fits_wins_unless_it_goes_on() -> None:
    emea = Rule(name="emea", match=Match(team=("emea*",)), channel="C2", policy="slow")
    late = Rule(name="late", match=Match(rule=("overdue",)), channel="C3", dm_sender=True)
    assert places(routing(emea, late)) == [("C2", "emea")]
    assert routing(emea, late).destinations(LATE)[0].policy == SLOW
    goes_on = Rule(name="emea", match=Match(team=("emea*",)), channel="C2", goes_on=True)
    assert places(routing(goes_on, late)) == [("C2", "emea"), ("C3", "late"), ("mail:sam@acme.com", "late")]
    same = Rule(name="again", channel="C2")
    assert places(routing(goes_on, same)) == [("C2", "emea")]


def test_a_rule_that_only_leads_to_a_sender_without_an_address_leads_to_the_channel() -> None:
    table = routing(Rule(name="dm", dm_sender=True))
    assert places(table) == [("mail:sam@acme.com", "dm")]
    assert places(table, Subject(rule="overdue")) == [("C1", "default")]


@pytest.mark.parametrize(("match", "misfits"), [
    (Match(), ()),
    (Match(team=("emea  SALES",)), ()),
    (Match(team=("apac", "emea*")), ()),
    (Match(team=("emea",)), ("team",)),
    (Match(campaign=("*box",), sender=("SAM@acme.com",)), ()),
    (Match(sender=("sam s?nder",)), ()),
    (Match(type=("box",)), ()),
    (Match(type=("egift",), campaign=("spring",)), ("campaign", "type")),
    (Match(rule=("overdue/late",)), ()),
    (Match(rule=("overdue/support", "expired")), ("rule",)),
    (Match(amount_from=12_500), ()),
    (Match(amount_from=12_501), ("amount",)),
    (Match(amount_to=12_500), ("amount",)),
    (Match(amount_from=1, amount_to=12_501, currency="usd"), ()),
    (Match(amount_from=1, currency="EUR"), ("amount",)),
    (Match(campaign=("[Autumn] Box",)), ("campaign",)),
])
def test_a_rule_fits_by_all_that_it_names(match: Match, misfits: tuple[str, ...]) -> None:
    assert match.misfits(LATE) == misfits


def test_what_an_alert_does_not_have_fits_no_word_not_even_a_star() -> None:
    assert Match(team=("*",)).misfits(Subject(rule="overdue")) == ("team",)
    assert Match(amount_from=0).misfits(Subject(rule="overdue")) == ("amount",)


def test_brackets_are_letters() -> None:
    subject = Subject(rule="overdue", campaign="[EU] Box")
    assert Match(campaign=("[eu]*",)).misfits(subject) == ()
    assert Match(campaign=("[e]*",)).misfits(subject) == ("campaign",)


def test_every_rule_is_explained() -> None:
    table = routing(
        Rule(name="apac", match=Match(team=("apac",)), channel="C2"), Rule(name="all", channel="C3"),
        Rule(name="never", channel="C4"),
    )
    assert [(one.rule.name, one.matched, one.reached, one.misfits) for one in table.explain(LATE)] == [
        ("apac", False, True, ("team",)), ("all", True, True, ()), ("never", False, False, ()),
    ]


def test_an_unknown_policy_is_the_default_one() -> None:
    assert routing().policy("no such") == Policy()
    quick = Policy(name="default", repeat=())
    assert Routing(alert_channel="C1", policies={"default": quick}).policy("no such") == quick


def test_every_place_has_the_policy_that_goes_with_it() -> None:
    quick = Policy(name="default", repeat=(timedelta(hours=1),))
    table = Routing(
        alert_channel="C1", admins=("U1",), rules=(Rule(name="emea", match=Match(team=("emea*",)), channel="C2"),),
        policies={"default": quick},
    )
    assert [one.policy for one in table.destinations(Subject(rule="stale_data"))] == [ONCE]
    assert [one.policy for one in table.destinations(Subject(rule="overdue"))] == [quick]
    assert [one.policy for one in table.destinations(LATE)] == [quick]
    assert [one.policy for one in routing().destinations(LATE)] == [Policy()]


def test_a_channel_has_its_own_budget_or_that_of_all() -> None:
    own, general = Budget(a_day=3), Budget(a_day=9)
    table = Routing(alert_channel="C1", budgets={"C2": own}, budget=general)
    assert (table.budget_of("C2"), table.budget_of("C1")) == (own, general)


def test_words_are_compared_as_people_read_them() -> None:
    subject = Subject(rule="overdue", campaign=" Autumn\t BOX\nEU ", sender_name="Sam Sender")
    assert Match(campaign=("autumn box eu",)).misfits(subject) == ()
    assert Match(campaign=("autumnboxeu",)).misfits(subject) == ("campaign",)
    assert Match(campaign=("autumn?box?eu",)).misfits(subject) == ()
    assert Match(sender=("sam sender", "x")).misfits(subject) == ()


def test_an_amount_counts_only_in_its_currency_and_within_its_bounds() -> None:
    paid = Subject(rule="overdue", amount_minor=500, currency="usd")
    assert Match(amount_from=500, amount_to=501, currency="USD").misfits(paid) == ()
    assert Match(amount_to=500, currency="USD").misfits(paid) == ("amount",)
    assert Match(currency="EUR").misfits(paid) == ()
    free = Subject(rule="overdue", amount_minor=0, currency="USD")
    assert Match(amount_to=1).misfits(free) == ()
    assert Match(amount_from=0).misfits(free) == ()


def test_a_message_to_the_sender_goes_to_the_address_as_it_is_written_everywhere() -> None:
    table = routing(Rule(name="dm", channel="C2", dm_sender=True))
    assert places(table, Subject(rule="overdue", sender_email=" Sam@ACME.com ")) == [
        ("C2", "dm"), ("mail:sam@acme.com", "dm"),
    ]
    assert places(table, Subject(rule="overdue")) == [("C2", "dm")]


@pytest.mark.parametrize(("place", "direct"), [
    ("mail:sam@acme.com", True), ("U1", True), ("W1", True), ("D1", True), ("C1", False), ("G1", False),
])
def test_a_person_is_a_place_that_nobody_else_reads(place: str, direct: bool) -> None:
    assert is_direct(place) is direct


def test_who_is_called_where_only_the_sender_reads_gets_the_alert() -> None:
    loud = Policy(name="loud", escalate=(Escalation(after=timedelta(hours=1), mention=("U7",)),))

    def steps(*rules: Rule) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
        table = Routing(alert_channel="C1", rules=rules, policies={"loud": loud})
        return [
            (one.channel, step.mention, step.people) for one in table.destinations(LATE) for step in one.policy.escalate
        ]

    alone = Rule(name="a", dm_sender=True, policy="loud")
    assert steps(alone) == [("mail:sam@acme.com", (), ("U7",))]
    assert steps(Rule(name="a", channel="C2", dm_sender=True, policy="loud")) == [("C2", ("U7",), ())]
    # Another policy may call nobody in the channel.
    both = Rule(name="a", dm_sender=True, policy="loud", goes_on=True), Rule(name="b", channel="C2")
    assert steps(*both) == [("mail:sam@acme.com", (), ("U7",))]
