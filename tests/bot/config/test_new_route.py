from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.routing import ADMIN_RULES, Subject
from bot.config import new_route
from bot.config.consistency import problems_of
from bot.config.document import Document
from bot.config.names import RULE_NAMES
from bot.config.new_route import EVERYTHING, Routed, TooManyRoutesError, Wish
from bot.config.parts import RoutePart
from bot.config.reading import read
from bot.config.rulebook import rulebook
from bot.slack.blocks.route_here_modal import FINDINGS
from tests.bot.config.documents import texts

ALERTS, HERE = "C01GIFTING", "C02SALES"
EMEA = Wish(kind="team", word="EMEA")


def document(text: str = "{}") -> Document:
    reading = read(text)
    assert reading.problems == ()
    return reading.document


def put(wish: Wish, routes: str = "{}", channel: str = HERE) -> Routed:
    found = new_route.put(document(routes), wish, channel, ALERTS)
    assert found is not None
    assert problems_of(found.document) == []
    return found


def test_policies_that_escalate_to_a_channel_are_named_where_some_alert_has_them() -> None:
    step = f"escalate: [{{after: 4h, channel: {HERE}}}]"
    found = document(
        f"policies: {{default: {{{step}}}, careful: {{{step}}}, unused: {{{step}}}, calm: {{repeat: never}}}}\n"
        f"routes: [{{name: gifts, channel: {ALERTS}, policy: careful}}]",
    )
    assert new_route.escalating(found, HERE) == ["default", "careful"]
    assert new_route.escalating(found, ALERTS) == []


def told(found: Document, **subject: Any) -> set[str]:  # noqa: ANN401 - fields of Subject
    routing = rulebook(found, ZoneInfo("UTC"), ALERTS, ("U01ANN",)).routing
    return {one.channel for one in routing.destinations(Subject(**{"rule": "overdue", **subject}))}


def test_a_teams_gifts_come_here_and_the_rest_stays_where_it_was() -> None:
    found = put(EMEA)
    assert (found.name, found.before) == ("team EMEA", None)
    assert told(found.document, team="emea") == {HERE}
    assert told(found.document, team="Sales") == {ALERTS}


@pytest.mark.parametrize(("wish", "subject"), [
    (EMEA, {"team": "EMEA"}),
    (Wish(kind="campaign", word="Autumn Box"), {"campaign": "autumn box"}),
    (Wish(kind="rule", word="overdue/support"), {"level": "support"}),
    (Wish(kind=EVERYTHING), {}),
])
def test_what_is_wished_for_comes_here_whatever_stood_before(wish: Wish, subject: dict[str, str]) -> None:
    routes = "routes: [{name: gifts, when: {team: [EMEA, APAC]}, channel: C03MARKETING}]"
    found = put(wish, routes).document
    other = {"team": "APAC"} if wish.kind == EVERYTHING else subject
    assert told(found, **subject) == {HERE}
    assert told(found, **other) == ({"C03MARKETING"} if wish.kind == EVERYTHING else {HERE})


def test_routes_that_go_on_go_on_telling_others_too() -> None:
    found = put(EMEA, """
routes:
  - {name: senders, dm_sender: true, continue: true}
  - {name: rest, channel: C03MARKETING}
""").document
    assert [route.name for route in found.routes] == ["senders", "team EMEA", "rest"]
    assert told(found, team="EMEA", sender_email="ben@example.com") == {HERE, "mail:ben@example.com"}


@pytest.mark.parametrize("wish", [EMEA, Wish(kind=EVERYTHING)])
def test_the_same_route_is_led_here_and_keeps_its_name_and_policy(wish: Wish) -> None:
    found = put(wish, """
policies: {urgent: {repeat: 4h}}
routes:
  - {name: ours, when: {team: emea}, channel: C03MARKETING, policy: urgent}
  - {name: the rest, channel: C03MARKETING, policy: urgent}
""")
    name = "ours" if wish is EMEA else "the rest"
    assert (found.name, found.before) == (name, "C03MARKETING")
    [changed] = [route for route in found.document.routes if route.channel == HERE]
    assert (changed.name, changed.policy, len(found.document.routes)) == (name, "urgent", 2)


@pytest.mark.parametrize(("wish", "routes", "channel"), [
    (EMEA, "routes: [{name: a, when: {team: EMEA}, channel: C02SALES}]", HERE),
    (EMEA, "routes: [{name: a, when: {team: EMEA}}]", ALERTS),
    (Wish(kind=EVERYTHING), "{}", ALERTS),
    (Wish(kind=EVERYTHING), "routes: [{name: a, channel: C02SALES}]", HERE),
])
def test_what_comes_here_already_is_no_change(wish: Wish, routes: str, channel: str) -> None:
    assert new_route.put(document(routes), wish, channel, ALERTS) is None


def test_a_name_that_is_taken_gets_a_number() -> None:
    found = put(EMEA, "routes: [{name: Team Emea, when: {team: [EMEA, APAC]}, channel: C03MARKETING}]")
    assert found.name == "team EMEA 2"


def test_a_full_table_takes_no_more() -> None:
    full = Document(routes=tuple(RoutePart(name=f"r{number}") for number in range(200)))
    with pytest.raises(TooManyRoutesError):
        new_route.put(full, EMEA, HERE, ALERTS)


@pytest.mark.parametrize("word", ["", "x" * 201, "a\u0000b"])
def test_a_word_that_no_route_can_hold_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match=r"empty|longer|cannot be shown"):
        new_route.put(document(), Wish(kind="team", word=word), HERE, ALERTS)


@given(texts)
def test_any_name_of_a_team_makes_a_document_that_can_be_read_again(word: str) -> None:
    found = new_route.put(Document(), Wish(kind="team", word=" ".join(word.split())), HERE, ALERTS)
    assert found is not None
    assert Document.model_validate(found.document.plain()) == found.document


def test_the_effect_counts_what_would_come_and_from_where() -> None:
    before = rulebook(document(), ZoneInfo("UTC"), ALERTS)
    after = rulebook(put(EMEA).document, ZoneInfo("UTC"), ALERTS)
    subjects = [Subject(rule="overdue", team=team) for team in ("EMEA", "EMEA", "APAC")]
    found = new_route.effect(subjects, before, after, HERE)
    assert (found.looked, found.comes, found.instead_of) == (3, 2, {ALERTS: 2})


def test_what_leads_here_is_named_in_order() -> None:
    found = document("routes: [{name: a, channel: C02SALES}, {name: b}, {name: c, dm_sender: true}]")
    assert new_route.leading(found, HERE, ALERTS) == ["a"]
    assert new_route.leading(found, ALERTS, ALERTS) == ["b"]


def test_no_route_is_offered_for_what_goes_to_the_admins() -> None:
    assert set(FINDINGS) <= set(RULE_NAMES) - ADMIN_RULES


@given(st.sampled_from(sorted(FINDINGS)))
def test_every_finding_that_is_offered_can_be_routed(rule: str) -> None:
    assert put(Wish(kind="rule", word=rule)).name == f"rule {rule}"
