"""The routing table in force, for everybody: which alerts go where, under which policy, and who may press what."""

from __future__ import annotations

from collections.abc import Mapping

from bot.alerts.policy import Budget
from bot.alerts.routing import DEFAULT, Routing, Rule
from bot.alerts.rulebook import Rulebook
from bot.slack.blocks import route_words
from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.limits import actions, button, context, header, section
from bot.slack.blocks.text import count, escape, own, whole

PAGE = 10
ROOM = 2900
BUDGETS = 8
HOW = "Routes are tried from the top. The first that fits decides; the rest are asked only where it says “goes on”."
NONE = "No route is set, so every alert goes to one place."
ASK = "`/sends route` with a name, e-mail or id shows where the alerts about one send go, and why."
CHANGE = (
    "An admin changes this with `/sends settings`, or with `sendwatch config export` and `sendwatch config import`; "
    "`sendwatch config check` tells beforehand whether a file is right."
)


def build(rules: Rulebook, offset: int = 0) -> Drawn:
    """Ten routes from `offset` on, what comes after the last, the policies that they name, and who may press what."""
    routing = rules.routing
    offset = offset if offset < len(routing.rules) else 0
    page = routing.rules[offset:offset + PAGE]
    lines = [_route(number, rule, routing) for number, rule in enumerate(page, offset + 1)]
    is_last = offset + PAGE >= len(routing.rules)
    return draw([
        header("🧭 Where alerts go"),
        section(HOW if routing.rules else NONE),
        *_sections([*lines, *(_always(routing) if is_last else [])]),
        *turns(offset, len(routing.rules), "route_all", {}),
        *_sections(["*Policies*", *_policies(routing, page)]),
        *_sections(["*Messages*", *_budgets(routing.budget, routing.budgets)]),
        *_sections(["*Who may press*", *route_words.pressed_by(rules.permissions)]),
        context(own(ASK), own(CHANGE)),
    ])


def turns(offset: int, total: int, action: str, content: Mapping[str, object]) -> list[Block | None]:
    """Which of the routes are shown, and buttons to the others; nothing where all of them are."""
    if total <= PAGE:
        return []
    last = min(offset + PAGE, total)
    return [
        context(f"Routes {whole(offset + 1)} to {whole(last)} of {whole(total)}"),
        actions(
            _turn("Earlier routes", action, content, max(0, offset - PAGE)) if offset else None,
            _turn("More routes", action, content, last) if last < total else None,
        ),
    ]


def _turn(text: str, action: str, content: Mapping[str, object], offset: int) -> Block:
    return button(
        text, f"{action}.{offset}", {**content, "offset": offset}, label=f"{text}: from number {whole(offset + 1)}",
    )


def _sections(lines: list[str]) -> list[Block]:
    return [section(text) for text in route_words.packed(lines, ROOM)]


def _route(number: int, rule: Rule, routing: Routing) -> str:
    goes_on = " · goes on" if rule.goes_on else ""
    return (
        f"*{whole(number)}. {escape(rule.name)}*: {route_words.asked(rule.match)} → {route_words.leads(rule)} · "
        f"policy {escape(routing.policy(rule.policy).name)}{goes_on}"
    )


def _always(routing: Routing) -> list[str]:
    rest = "All the rest" if routing.rules else "Everything"
    lines = [f"*{rest}* → {route_words.channel(routing.alert_channel)} · policy {DEFAULT}"]
    if routing.admins:
        admins = route_words.listed([route_words.who(user) for user in routing.admins])
        lines.append(f"*What is about Sendwatch itself* → {admins}, told once")
    return lines


def _policies(routing: Routing, page: tuple[Rule, ...]) -> list[str]:
    names = dict.fromkeys([*(routing.policy(rule.policy).name for rule in page), DEFAULT])
    return [f"• *{escape(name)}*: {' '.join(route_words.policy(routing.policy(name)))}" for name in names]


def _budgets(standard: Budget, budgets: Mapping[str, Budget]) -> list[str]:
    own_ones = [f"• {route_words.channel(place)}: {_budget(one)}" for place, one in list(budgets.items())[:BUDGETS]]
    more = len(budgets) - len(own_ones)
    return [
        f"A channel gets {_budget(standard)}; what is above stands together in one summary.", *own_ones,
        *([f"…and {count(more, 'more channel')} with a number of its own"] if more > 0 else []),
    ]


def _budget(one: Budget) -> str:
    within = route_words.length(one.at_once_within)
    return f"at most {count(one.a_day, 'message')} a day, {whole(one.at_once)} within {within}"
