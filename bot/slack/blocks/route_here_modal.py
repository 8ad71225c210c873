"""The windows of "Route alerts here": what shall come, the effect before it counts, and that it is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.alerts.muting import RULES
from bot.config.new_route import EVERYTHING, KINDS, Effect, Wish
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.limits import actions, button, context, modal, option, plain, section, value
from bot.slack.blocks.mute_modal import Choice
from bot.slack.blocks.route_words import channel, listed, shared
from bot.slack.blocks.text import count, escape, one_line, whole

CALLBACK, CONFIRM_CALLBACK, DONE_CALLBACK = "route_here_modal", "route_here_confirm_modal", "route_here_done_modal"
KIND, WHAT, BACK, UNDO = "route_here_kind", "route_here_what", "route_here_back", "route_here_undo"
WORDS: Mapping[str, str] = {
    EVERYTHING: "Everything that no route takes", "team": "A team's gifts", "campaign": "A campaign's gifts",
    "rule": "One kind of finding",
}
ASKED: Mapping[str, str] = {"team": "Which team?", "campaign": "Which campaign?", "rule": "Which finding?"}
FINDINGS: Mapping[str, str] = {
    "needs_action": RULES["needs_action"], "overdue": RULES["overdue"],
    "overdue/support": "late gifts that are a case for Sendoso's Support",
    "expiring": RULES["expiring"], "expired": RULES["expired"],
}
"""Rules that a route is asked for; what concerns Sendwatch itself goes to its admins."""


@dataclass(frozen=True, kw_only=True)
class Now:
    """Where alerts go as it stands."""

    channel: str
    alert_channel: str
    routes: Sequence[str] = ()
    """Names of those that lead to `channel` already."""
    is_shared: bool = False
    """Whether people of another organisation are in `channel`."""


def first(now: Now, kind: str = "", chosen: Choice | str | None = None) -> Block:
    """What shall come here: a kind and, for all but everything, which."""
    kind = kind if kind in KINDS else EVERYTHING
    kinds = {one: option(WORDS[one], value({"kind": one})) for one in KINDS}
    return modal(
        "Route alerts here", [
            section(f"Which alerts shall come to {channel(now.channel)}?"),
            _input(KIND, "What shall come here", {
                "type": "static_select", "action_id": KIND, "options": list(kinds.values()),
                "initial_option": kinds[kind],
            }, dispatch_action=True),
            _which(kind, chosen),
            context(_stands(now)),
            _read_by(now),
        ],
        callback_id=CALLBACK, data={"channel": now.channel, **({"shared": True} if now.is_shared else {})},
        submit="Next", close="Cancel",
    )


def _read_by(now: Now) -> Block | None:
    if not now.is_shared:
        return None
    return section(f"⚠️ {shared(now.channel)}")


def _stands(now: Now) -> str:
    here = f"By {listed([f'*{escape(name)}*' for name in now.routes])} some come here already." if now.routes else ""
    rest = "What no route takes comes here." if now.channel == now.alert_channel else (
        f"What no route takes goes to {channel(now.alert_channel)}."
    )
    return f"{rest} {here}".strip()


def _which(kind: str, chosen: Choice | str | None) -> Block | None:
    if kind == EVERYTHING:
        return None
    # Another kind is another field: nothing chosen before stays in it.
    name = f"{WHAT}.{kind}"
    if kind == "rule":
        findings = {rule: option(words.capitalize(), rule) for rule, words in FINDINGS.items()}
        element: Block = {"type": "static_select", "action_id": name, "options": list(findings.values())}
        if isinstance(chosen, str) and chosen in findings:
            element["initial_option"] = findings[chosen]
    else:
        element = {"type": "external_select", "action_id": name, "min_query_length": 0}
        if isinstance(chosen, Choice):
            element["initial_option"] = entry(chosen)
    return _input(name, ASKED[kind], element | {"placeholder": plain("Type to find it")})


def entry(choice: Choice) -> Block:
    """One choice of the field that finds things; it carries ids, never names."""
    told = f"{count(choice.alerts, 'open alert')} now" if choice.alerts else ""
    return option(one_line(choice.label) or "?", value(dict(choice.ref)), told)


def what(wish: Wish) -> str:
    """What shall come, for mrkdwn."""
    if wish.kind == EVERYTHING:
        return "What no other route takes"
    if wish.kind == "rule":
        return FINDINGS.get(wish.word, escape(wish.word)).capitalize()
    return f"What is sent {'by team' if wish.kind == 'team' else 'in campaign'} “{escape(wish.word)}”"


def confirm(wish: Wish, now: Now, found: Effect, before: str | None, data: Mapping[str, Any]) -> Block:
    """Exactly what will change, and what that would have meant for the alerts that are open; sent off it counts."""
    return modal(
        "Route alerts here", [
            section(f"➡️ *{what(wish)}*\ncomes to {channel(now.channel)} from now on{_instead(before)}."),
            section(_meant(found, now.channel)),
            _read_by(now),
            context("What has been told already stays where it is. You can take this back afterwards."),
            actions(button("Back", BACK, {}, label="Back to what shall come here")),
        ],
        callback_id=CONFIRM_CALLBACK, data=dict(data), submit="Route it here", close="Cancel",
    )


def _instead(before: str | None) -> str:
    return f", not to {channel(before)} as until now" if before else ""


def _meant(found: Effect, here: str) -> str:
    if not found.looked:
        return "There is no open alert now, so nothing can be counted. The next one will show it."
    looked = "the open alert" if found.looked == 1 else f"the {whole(found.looked)} newest open alerts"
    if not found.comes:
        return f"Of {looked} none would have come to {channel(here)} by this that did not before."
    places = sorted(found.instead_of.items(), key=_most)
    if [number for _, number in places] == [found.comes]:
        instead = f", not to {channel(places[0][0])}"
    else:
        ways = listed([f"{whole(number)} no longer to {channel(place)}" for place, number in places])
        instead = f", and {ways}" if ways else ""
    return f"Of {looked} *{whole(found.comes)}* would have come to {channel(here)}{instead}."


def _most(pair: tuple[str, int]) -> tuple[int, str]:
    return -pair[1], pair[0]


def done(wish: Wish, here: str, change: int) -> Block:
    """That it counts now, with a button that takes it back."""
    return modal(
        "Route alerts here", [
            section(f"✅ *{what(wish)}* comes to {channel(here)} from now on."),
            actions(button("Undo", UNDO, {"change": change}, label="Take this route back")),
            context("`/sends route` shows all routes in their order. The change is on record."),
        ],
        callback_id=DONE_CALLBACK, data={"channel": here},
    )


def _input(block_id: str, label: str, element: Block, **more: object) -> Block:
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element, **more}
