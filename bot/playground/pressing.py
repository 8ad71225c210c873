"""What a person presses or chooses in messages, modals and the Home tab."""

from __future__ import annotations

from bot.playground import element_state, payloads
from bot.playground.checks import list_of
from bot.playground.element_rules import GROUP, OPTION
from bot.playground.outcome import Done, Outcome, Transport, told
from bot.playground.slack import Slack
from bot.playground.slack_errors import Json, SlackError
from bot.playground.views import View
from bot.playground.workspace import Member, Message

SHORTEST_QUERY = 3
"""How much must be typed before the app is asked for choices, unless the menu says otherwise."""


Place = Message | View
"""Where something is pressed."""


class Pressing:
    """Belongs to the server's event loop."""

    def __init__(self, slack: Slack, transport: Transport) -> None:
        self._slack, self._transport = slack, transport
        self._chosen: dict[tuple[str, str, str], Json] = {}

    async def act(
        self, user: str, place: Place, action: Json, *, values: Json | None = None, stale: bool = False,
    ) -> Done:  # fmt: skip
        """Presses or chooses something. `stale`: the person still sees it, although it is gone by now.

        SlackError `action_not_found` if there is nothing like it.
        """
        person = self._slack.state.person(user)
        element = _element(_shown(place), action)
        if element is None and not stale:
            raise SlackError("action_not_found")
        self._remember(person, place, action, values or {})
        payload = payloads.actions(
            self._slack, self._base(person, place, "block_actions", action), person, _pressed(element, action),
        )  # fmt: skip
        outcome = await self._transport.deliver("interactive", payload, answerable=False)
        return told(self._slack.state, person.id, outcome, "That did not work: the app did not answer")

    def place(
        self, user: str, *, view_id: str | None = None, channel: str | None = None, ts: str | None = None,
    ) -> Place:  # fmt: skip
        """The message or view of which the page speaks. SlackError if this person cannot see it."""
        person = self._slack.state.person(user)
        if view_id:
            view = self._slack.views.get(view_id)
            if view.user != person.id:
                raise SlackError("not_found")
            return view
        message = self._slack.state.message(self._slack.state.channel(channel or "").id, ts or "")
        if message is None or message.ephemeral_for not in {None, person.id}:
            raise SlackError("message_not_found")
        return message

    def _remember(self, person: Member, place: Place, action: Json, values: Json) -> None:
        kept = element_state.KEPT.get(action.get("type", ""))
        if kept is not None and kept[0] in action:
            chosen = {"type": action["type"], kept[0]: action[kept[0]]}
            block = values.get(action["block_id"], {}) | {action["action_id"]: chosen}
            values = values | {action["block_id"]: block}
        if isinstance(place, View):
            self._slack.views.fill(place, values)
            return
        mine = self._chosen.setdefault((person.id, place.channel, place.ts), {})
        for block_id, answers in values.items():
            mine.setdefault(block_id, {}).update(answers)

    def _base(self, person: Member, place: Place, kind: str, action: Json | None = None) -> Json:
        if isinstance(place, View):
            return payloads.in_view(self._slack, person, place, kind)
        chosen = self._chosen.get((person.id, place.channel, place.ts), {})
        base = payloads.in_message(self._slack, person, place, kind)
        if action is not None and _element(place.attached, action) is not None:
            base |= payloads.in_attachment(base["container"], place, action["block_id"])
        return base | {"state": {"values": element_state.values(_shown(place), chosen)}}

    async def options(self, user: str, place: Place, action: Json, typed: str) -> Json:
        """Asks the app what may be chosen for what was typed: {"options": …} or {"option_groups": …}."""
        person = self._slack.state.person(user)
        element = _element(_shown(place), action)
        if element is None or not element["type"].endswith("external_select"):
            raise SlackError("action_not_found")
        if len(typed) < element.get("min_query_length", SHORTEST_QUERY):
            return {"options": []}
        payload = self._base(person, place, "block_suggestion")
        payload |= {"action_id": action["action_id"], "block_id": action["block_id"], "value": typed}
        outcome = await self._transport.deliver("interactive", payload, answerable=True)
        told(self._slack.state, person.id, outcome, "The choices could not be loaded")
        return self._choices(person, outcome)

    def _choices(self, person: Member, outcome: Outcome) -> Json:
        given = outcome.answer or {}
        for name, check in (("options", OPTION), ("option_groups", GROUP)):
            if name in given:
                if not list(list_of(check, 100, 0)(given[name], f"/{name}")):
                    return {name: given[name]}
                self._slack.state.notify(person.id, "The choices could not be shown.", "error")
        return {"options": []}


def _shown(place: Place) -> list[Json]:
    return [*place.blocks, *(place.attached if isinstance(place, Message) else ())]


def _element(blocks: list[Json], action: Json) -> Json | None:
    wanted = action.get("block_id"), action.get("action_id")
    for block, element in element_state.elements(blocks):
        if (block["block_id"], element["action_id"]) == wanted:
            return element
    return None


def _pressed(element: Json | None, action: Json) -> Json:
    """The action as Slack describes it: what stands in the element, and what was chosen."""
    if element is None:
        return {name: value for name, value in action.items() if value is not None}
    pressed: Json = {"action_id": element["action_id"], "block_id": action["block_id"], "type": element["type"]}
    for name in ("text", "value", "style", "placeholder", "confirm"):
        if element.get(name) is not None:
            pressed[name] = element[name]
    if element["type"] == "overflow":
        return pressed | {"selected_option": action.get("selected_option")}
    if element["type"] in element_state.KEPT:
        name = element_state.KEPT[element["type"]][0]
        return pressed | {name: action.get(name)}
    return pressed
