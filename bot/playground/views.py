"""Modals, in a stack for each person, and Home tabs."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.playground import element_state
from bot.playground.slack_app import APP_ID, BOT_ID, TEAM_ID
from bot.playground.slack_errors import Json, SlackError
from bot.playground.slack_state import SlackState
from bot.playground.validation import checked_view

DEEPEST = 3


@dataclass(kw_only=True)
class View:
    """One modal or Home tab that a person sees."""

    id: str
    user: str
    content: Json
    root_id: str
    previous_id: str | None = None
    hash: str = ""
    values: Json = field(default_factory=dict)

    @property
    def type(self) -> str:
        return str(self.content["type"])

    @property
    def blocks(self) -> list[Json]:
        return list(self.content["blocks"])

    def api_form(self) -> Json:
        """The view as Slack gives it in answers and payloads."""
        content = self.content
        return {
            "id": self.id,
            "team_id": TEAM_ID,
            "type": content["type"],
            "blocks": content["blocks"],
            "private_metadata": content.get("private_metadata", ""),
            "callback_id": content.get("callback_id", ""),
            "external_id": content.get("external_id", ""),
            "state": {"values": element_state.values(self.blocks, self.values)},
            "hash": self.hash,
            "title": content.get("title"),
            "submit": content.get("submit"),
            "close": content.get("close"),
            "clear_on_close": content.get("clear_on_close", False),
            "notify_on_close": content.get("notify_on_close", False),
            "submit_disabled": content.get("submit_disabled", False),
            "previous_view_id": self.previous_id,
            "root_view_id": self.root_id,
            "app_id": APP_ID,
            "app_installed_team_id": TEAM_ID,
            "bot_id": BOT_ID,
        }

    def page_form(self) -> Json:
        """The view as the page draws it."""
        return self.api_form() | {"root_id": self.root_id}


class Views:
    """All open views. Every change is published as a `view` or `home` event."""

    def __init__(self, state: SlackState) -> None:
        self._state = state
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}

    def get(self, view_id: object) -> View:
        """An open view. SlackError `not_found`."""
        with self._state.changed:
            return self._find(lambda view: view.id == view_id)

    def by_external_id(self, external_id: object) -> View:
        """An open view by the id that the app gave it. SlackError `not_found`."""
        with self._state.changed:
            return self._find(lambda view: view.content.get("external_id") == external_id)

    def _find(self, fits: Callable[[View], bool]) -> View:
        for view in [*self.homes.values(), *(view for stack in self.stacks.values() for view in stack)]:
            if fits(view):
                return view
        raise SlackError("not_found")

    def top(self, user: str) -> View | None:
        """The modal that this person has before them."""
        with self._state.changed:
            stack = self.stacks.get(user)
            return stack[-1] if stack else None

    def open(self, user: str, content: object, channel: str | None = None) -> View:
        """A first modal, in place of any that were open. `channel` is the conversation from which it is opened."""
        with self._state.changed:
            view = self._new(user, checked_view(content, "modal"), channel=channel)
            self.stacks[user] = [view]
            self._tell(view, "open")
        return view

    def push(self, user: str, content: object, channel: str | None = None) -> View:
        """A modal on top of the one that is open. SlackError `push_limit_reached`."""
        with self._state.changed:
            stack = self.stacks.get(user, [])
            checked = checked_view(content, "modal")
            if not stack:
                raise SlackError("invalid_trigger_id")
            if len(stack) >= DEEPEST:
                raise SlackError("push_limit_reached")
            view = self._new(user, checked, below=stack[-1], channel=channel)
            stack.append(view)
            self._tell(view, "push")
        return view

    def update(self, view: View, content: object, expected_hash: object = None) -> View:
        """New content for an open view. SlackError `hash_conflict` if it has changed since that hash."""
        with self._state.changed:
            checked = checked_view(content, view.type)
            if expected_hash and expected_hash != view.hash:
                raise SlackError("hash_conflict")
            self._refuse_double(checked, but=view)
            view.content, view.hash = checked, self._hash()
            self._tell(view, "update")
        return view

    def publish(self, user: str, content: object, expected_hash: object = None) -> View:
        """The Home tab of a person. SlackError `hash_conflict` as above."""
        with self._state.changed:
            if user in self.homes:
                return self.update(self.homes[user], content, expected_hash)
            checked = checked_view(content, "home")
            if expected_hash:
                raise SlackError("hash_conflict")
            self.homes[user] = view = self._new(user, checked)
            self._tell(view, "open")
        return view

    def close(self, view: View) -> None:
        """Takes this modal, and what lies on it, from the person's screen."""
        with self._state.changed:
            stack = self.stacks.get(view.user, [])
            if view in stack:
                for gone in reversed(stack[stack.index(view) :]):
                    stack.remove(gone)
                    self._tell(gone, "close")

    def clear(self, user: str) -> None:
        """Closes all modals of a person."""
        with self._state.changed:
            for view in self.stacks.get(user, [])[:1]:
                self.close(view)

    def fill(self, view: View, values: Json) -> None:
        """Remembers what the person has chosen or typed so far."""
        with self._state.changed:
            for block_id, answers in values.items():
                view.values.setdefault(block_id, {}).update(answers)

    def _new(
        self, user: str, content: Json, *, below: View | None = None, channel: str | None = None,
    ) -> View:  # fmt: skip
        self._refuse_double(content)
        view_id = f"V0{secrets.token_hex(5).upper()}"
        return View(
            id=view_id,
            user=user,
            content=content,
            root_id=below.root_id if below else view_id,
            previous_id=below.id if below else None,
            hash=self._hash(),
            values=element_state.current_conversation(content["blocks"], channel) if channel else {},
        )

    def _refuse_double(self, content: Json, but: View | None = None) -> None:
        external_id = content.get("external_id")
        if external_id:
            try:
                other = self.by_external_id(external_id)
            except SlackError:
                return
            if other is not but:
                raise SlackError("duplicate_external_id")

    def _hash(self) -> str:
        return f"{int(self._state.clock().timestamp())}.{secrets.token_urlsafe(6)}"

    def _tell(self, view: View, change: str, **more: object) -> None:
        form = view.page_form()
        if view.type == "home":
            self._state.publish("home", {"user": view.user, "view": form})
        else:
            self._state.publish("view", {"user": view.user, "change": change, "view": form, **more})

    def tell_errors(self, view: View, errors: Json) -> None:
        """Shows sentences under the inputs of a modal."""
        self._tell(view, "errors", errors=errors)
