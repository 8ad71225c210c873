from __future__ import annotations

import pytest

from bot.config.new_route import EVERYTHING, Effect, Wish
from bot.slack.blocks import route_here_modal, welcome_card
from bot.slack.blocks.mute_modal import Choice
from bot.slack.blocks.route_here_modal import Now
from bot.slack.blocks.welcome_card import Welcome
from tests.bot.slack import gate
from tests.bot.slack.harness import buttons, words
from tests.bot.slack.rows import HOSTILE
from tests.conftest import NOW

ALL = (welcome_card.ROUTE, welcome_card.LOOK_UP, welcome_card.SETTINGS)


def shown(**values: object) -> dict[str, object]:
    drawn = welcome_card.build(Welcome(**{"channel": "C04OPS", "offered": ALL, **values}), NOW)  # type: ignore[arg-type]
    reply = drawn.reply()
    assert gate.problems(reply) == []
    return reply


@pytest.mark.parametrize("name", ["", "Ann Lopez", *HOSTILE])
@pytest.mark.parametrize("routes", [0, 1, 50, 200])
def test_any_inviter_and_any_number_of_routes(name: str, routes: int) -> None:
    told = shown(inviter=name, routes=[name or "a"] * routes, elsewhere="C01GIFTING")
    assert "<@" not in str(told)
    assert ("Thanks for the invitation" in words(told)) == bool(name.strip())


def test_what_comes_here_is_said() -> None:
    assert "No alerts come here yet.* They go to <#C01GIFTING>" in words(shown(elsewhere="C01GIFTING"))
    assert "by the route *team EMEA*." in words(shown(routes=["team EMEA"]))
    assert "by the routes *a* and *b*." in words(shown(routes=["a", "b"]))
    rest = words(shown(takes_rest=True, routes=["a"]))
    assert "This is the alert channel" in rest
    assert "the route *a*" in rest


def test_what_comes_here_once_nobody_has_acted_is_said() -> None:
    only = words(shown(policies=["careful"], elsewhere="C01GIFTING"))
    assert "No alerts come here" not in only
    assert "Only alerts on which nobody acts elsewhere come here*, by the policy *careful*." in only
    also = "So do those on which nobody acts elsewhere, by the policies *a* and *b*."
    assert also in words(shown(policies=["a", "b"], routes=["team EMEA"]))
    assert also in words(shown(policies=["a", "b"], takes_rest=True))


def test_only_buttons_that_do_something_are_offered() -> None:
    assert set(buttons(shown())) == {"Route alerts here", "Try a look-up", "Settings"}
    assert set(buttons(shown(offered=(welcome_card.ROUTE,)))) == {"Route alerts here"}
    assert "`/send-status`" in words(shown(offered=()))


@pytest.mark.parametrize("name", HOSTILE)
def test_windows_bear_any_name(name: str) -> None:
    now = Now(channel="C04OPS", alert_channel="C01GIFTING", routes=[name] * 50)
    choice = Choice(scope="team", label=name, alerts=7, ref={"scope": "team", "of": "send", "id": 1})
    effect = Effect(looked=200, comes=100, instead_of={f"C{place:05}": place for place in range(60)})
    wish = Wish(kind="team", word=name)
    views = [
        route_here_modal.first(now), route_here_modal.first(now, "team", choice),
        route_here_modal.first(now, "campaign"), route_here_modal.first(now, "rule", "overdue"),
        route_here_modal.first(now, "nonsense"),
        route_here_modal.confirm(wish, now, effect, "C02SALES", {"channel": "C04OPS"}),
        route_here_modal.confirm(Wish(kind=EVERYTHING), now, Effect(), None, {}),
        route_here_modal.done(wish, "C04OPS", 1),
    ]
    assert [gate.problems(view, gate.MODAL) for view in views] == [[]] * len(views)


def test_names_do_not_travel() -> None:
    choice = Choice(scope="team", label="Secret Team", ref={"scope": "team", "of": "send", "id": 1})
    now = Now(channel="C04OPS", alert_channel="C01GIFTING")
    view = route_here_modal.first(now, "team", choice)
    assert "Secret" not in view["private_metadata"]
    assert "Secret" not in route_here_modal.entry(choice)["value"]
