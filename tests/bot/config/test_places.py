from __future__ import annotations

from bot.config import places
from bot.config.document import Document
from bot.config.reading import read

EVERYWHERE = """
policies:
  urgent:
    escalate:
      - {after: 4h, mention: [S0123ABCD, U0456EFGH]}
      - {after: 2d, channel: C0456EFGH}
routes:
  - {name: big gifts, when: {team: C0999TEAM}, channel: C0123ABCD, policy: urgent}
budgets: {C0789BUDGET: {a_day: 10}}
permissions: {resolve: [sender, S0123ABCD, U0456EFGH]}
"""


def test_each_channel_is_named_with_the_places_that_lead_there() -> None:
    found = places.channels(read(EVERYWHERE).document, "C01GIFTING")
    assert found == {
        "C01GIFTING": ["ALERT_CHANNEL"], "C0123ABCD": ["the route 'big gifts'"],
        "C0456EFGH": ["policies.urgent.escalate[1].channel"],
    }
    assert next(iter(found)) == "C01GIFTING"


def test_people_and_groups_are_those_who_may_do_something_or_are_called() -> None:
    document = read(EVERYWHERE).document
    assert places.people(document) == {
        "U0456EFGH": ["policies.urgent.escalate[0].mention", "permissions.resolve"],
    }
    assert places.groups(document) == {
        "S0123ABCD": ["policies.urgent.escalate[0].mention", "permissions.resolve"],
    }


def test_an_empty_configuration_names_nobody() -> None:
    assert places.channels(Document()) == {}
    assert places.people(Document()) == {}
