from __future__ import annotations

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.alerts.permissions import Permissions
from bot.alerts.policy import Budget, Escalation, Policy
from bot.alerts.quiet_hours import QuietHours
from bot.alerts.routing import Match, Routing, Rule, Subject
from bot.alerts.rulebook import Rulebook
from bot.config.consistency import covers
from bot.config.document import Document
from bot.config.reading import read
from bot.config.rulebook import rulebook
from bot.statuses.watch import Threshold, us_watch
from tests.bot.config.documents import documents

BERLIN, PACIFIC = ZoneInfo("Europe/Berlin"), ZoneInfo("America/Los_Angeles")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def rules(text: str, alert_channel: str = "C01GIFTING", admins: tuple[str, ...] = ("U01ANN",)) -> Rulebook:
    reading = read(text)
    assert [str(problem) for problem in reading.problems] == []
    return rulebook(reading.document, PACIFIC, alert_channel, admins)


def test_where_nothing_is_set_the_defaults_of_the_rules_are_in_force() -> None:
    found = rules("")
    assert found == Rulebook(
        watch=us_watch(PACIFIC),
        routing=Routing(alert_channel="C01GIFTING", admins=("U01ANN",), policies={"default": Policy()}),
        permissions=Permissions(allowed={"settings": ("admins",)}),
    )
    assert found.routing.budget == Budget()


def test_the_calendar() -> None:
    found = rules(
        "calendar: {zone: Europe/Berlin, country: DE, subdivision: BE, cut_off: 12:00, weekdays: mon-sat, "
        "days_off: [2026-12-28 to 2026-12-29 office closed], working_days: [2026-12-26]}",
    ).watch.calendar
    assert found.zone == BERLIN
    worked = {day: found.is_business_day(date(2026, 12, day)) for day in range(24, 32)}
    assert [day for day, is_worked in worked.items() if is_worked] == [24, 26, 30, 31]
    assert found.name_of(date(2026, 12, 28)) == "office closed"
    assert rules("calendar: {country: none}").watch.calendar.is_business_day(date(2026, 12, 25))
    assert rules("").watch.calendar.zone == PACIFIC


def test_policies_with_escalation_and_quiet_hours() -> None:
    found = rules(
        "policies:\n"
        "  urgent:\n"
        "    repeat: [4h, 1d]\n"
        "    repeat_in: channel\n"
        "    escalate:\n"
        "      - {after: 4h, mention: [S0123, U0123]}\n"
        "      - {after: 2d, channel: C0456, dm_sender: true}\n"
        "    quiet: {from: 18:00, to: 8:00, working_days: mon-fri, except: [expired, overdue/support]}\n"
        "  calm: {repeat: never, quiet: {working_days: mon-fri, zone: UTC}}\n",
    ).routing
    assert found.policies == {
        "default": Policy(),
        "calm": Policy(
            name="calm", repeat=(), quiet=QuietHours(zone="UTC", working_days=frozenset(range(5))),
        ),
        "urgent": Policy(
            name="urgent", repeat=(4 * HOUR, DAY), repeat_in_channel=True,
            escalate=(
                Escalation(after=4 * HOUR, mention=("S0123", "U0123")),
                Escalation(after=2 * DAY, channel="C0456", dm_sender=True),
            ),
            quiet=QuietHours(
                zone="America/Los_Angeles", start=time(18), end=time(8), working_days=frozenset(range(5)),
                except_for=frozenset({"expired", "overdue/support"}),
            ),
        ),
    }


def test_quiet_hours_go_by_the_clock_of_the_calendar() -> None:
    found = rules("calendar: {zone: Europe/Berlin}\npolicies: {default: {quiet: {from: 18:00, to: 8:00}}}")
    quiet = found.routing.policy("default").quiet
    assert quiet is not None
    assert quiet.zone == "Europe/Berlin"


def test_routes() -> None:
    found = rules(
        "policies: {urgent: {}}\n"
        "routes:\n"
        "  - name: big\n"
        "    when: {team: [Sales, Partners], campaign: 'Q4*', sender: ann@acme.example, type: eGift,\n"
        "           rule: [needs action, overdue/support], amount_from: 100 USD, amount_to: 99999.99 USD}\n"
        "    channel: C0123\n"
        "    policy: urgent\n"
        "    continue: true\n"
        "  - {name: copy, dm_sender: true, continue: yes}\n"
        "  - {name: rest}\n",
    ).routing
    assert found.rules == (
        Rule(
            name="big", channel="C0123", policy="urgent", goes_on=True,
            match=Match(
                team=("Sales", "Partners"), campaign=("Q4*",), sender=("ann@acme.example",), type=("eGift",),
                rule=("needs_action", "overdue/support"), amount_from=10_000, amount_to=9_999_999, currency="USD",
            ),
        ),
        Rule(name="copy", dm_sender=True, goes_on=True),
        Rule(name="rest", channel="C01GIFTING"),
    )


def test_a_route_without_a_place_leads_to_the_alert_channel_and_nowhere_without_one() -> None:
    [there] = rules("routes: [{name: rest}]").routing.destinations(Subject(rule="overdue"))
    assert (there.channel, there.route) == ("C01GIFTING", "rest")
    [nowhere] = rules("routes: [{name: rest}]", alert_channel="").routing.destinations(Subject(rule="overdue"))
    assert nowhere.channel == ""


def test_budgets_take_what_they_do_not_say_from_the_default() -> None:
    found = rules("budgets: {default: {a_day: 20}, C0123: {at_once: 2}, C0456: {a_day: 5, at_once: 5}}").routing
    assert found.budget == found.budget_of("C0999") == Budget(a_day=20, at_once=9)
    assert found.budget_of("C0123") == Budget(a_day=20, at_once=2)
    assert found.budget_of("C0456") == Budget(a_day=5, at_once=5)


def test_permissions_keep_the_settings_for_admins_unless_they_say_otherwise() -> None:
    found = rules("permissions: {resolve: [Sender, S0123, S0123], mute: U0456}").permissions
    assert found.who("resolve") == ("sender", "S0123")
    assert found.who("mute") == ("U0456",)
    assert found.who("settings") == ("admins",)
    assert found.who("acknowledge") == ("anyone",)
    assert rules("permissions: {settings: anyone}").permissions.who("settings") == ("anyone",)


def test_thresholds() -> None:
    found = rules(
        "thresholds:\n"
        "  - {status: Order Received, level: support, after: 5 business days, type: Inventoried Sends}\n"
        "  - {status: opened, after: never, campaign: Autumn, team: Sales}\n"
        "  - {status: Opened, after: 3 days}\n",
    ).watch
    assert found.thresholds == (
        Threshold(
            status="order_received", level="support", amount=5, in_business_days=True, type="Inventoried Sends",
        ),
        Threshold(status="opened", level="late", amount=None, campaign="Autumn", team="Sales"),
        Threshold(status="opened", level="late", amount=3),
    )


@settings(deadline=None)
@given(documents)
def test_every_document_makes_rules_that_can_be_stored_and_leads_every_alert_somewhere(document: Document) -> None:
    found = rulebook(document, PACIFIC, "C01GIFTING", ())
    for policy in found.routing.policies.values():
        assert Policy.from_json(policy.as_json()) == policy
    for subject in (Subject(rule="overdue", level="late"), Subject(rule="expired", team="Sales", amount_minor=500)):
        assert all(place.channel for place in found.routing.destinations(subject))


subjects = st.builds(
    Subject, rule=st.sampled_from(["overdue", "expired"]), level=st.sampled_from(["late", "support"]),
    team=st.sampled_from(["", "Sales", "sales", "West"]), campaign=st.sampled_from(["", "Q4", "Q4 big", "*"]),
    amount_minor=st.none() | st.integers(0, 300), currency=st.sampled_from(["USD", "EUR"]),
)
WHEN = {
    "team": st.sampled_from(["Sales", "sales", "S*", "*", "West"]),
    "campaign": st.sampled_from(["Q4", "Q?", "Q4*", "q*"]),
    "rule": st.sampled_from(["overdue", "overdue/late", "expired"]),
    "amount_from": st.sampled_from(["0 USD", "1 USD", "1 EUR"]), "amount_to": st.sampled_from(["2 USD", "3 USD"]),
}


@given(st.fixed_dictionaries({}, optional=WHEN), st.fixed_dictionaries({}, optional=WHEN), subjects)
def test_a_route_that_covers_another_takes_all_that_the_other_would(
    wide: dict[str, str], narrow: dict[str, str], subject: Subject,
) -> None:
    for when in (wide, narrow):
        if when.get("amount_from", "").endswith("EUR"):
            when.pop("amount_to", None)
    text = f"routes: [{{name: a, channel: C012, when: {wide}}}, {{name: b, channel: C023, when: {narrow}}}]"
    reading = read(text)
    first, second = rulebook(reading.document, PACIFIC, "C01GIFTING").routing.rules
    whens = [route.when for route in reading.document.routes]
    is_told = any("is never reached" in warning.sentence for warning in reading.warnings)
    assert is_told == covers(whens[0], whens[1])
    if is_told and not second.match.misfits(subject):
        assert not first.match.misfits(subject)
    if wide == narrow:
        assert is_told
