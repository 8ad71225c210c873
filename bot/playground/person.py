"""Somebody who uses Slack: types, presses, fills forms in, and says what they see. For stories in tests."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

from bot.playground import form_answers
from bot.playground.modal import Modal
from bot.playground.pressing import Place, Pressing
from bot.playground.reading import Reader
from bot.playground.reply import Reply
from bot.playground.seen import PATIENCE, SeenChannel, SeenMessage
from bot.playground.seen_view import SeenView
from bot.playground.shortcuts import Shortcuts
from bot.playground.slack import Slack
from bot.playground.slack_errors import Json, SlackError
from bot.playground.speaking import Speaking
from bot.playground.submitting import Submitting

Result = TypeVar("Result")
HOME_CHANNEL = "#gifting-alerts"
Surface = SeenMessage | SeenView | Modal | Reply
"""Anything that has buttons."""


class Served(Protocol):
    """What a person needs of the running playground."""

    speaking: Speaking
    pressing: Pressing
    submitting: Submitting
    shortcuts: Shortcuts

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Does something in the server's event loop."""


class Person:
    """One member of the workspace."""

    def __init__(self, slack: Slack, served: Served, name: str) -> None:
        self.slack, self.served = slack, served
        self.member = slack.state.person(name)
        self.id = self.member.id
        self.reader = Reader(state=slack.state, zone=self.member.zone)

    # -- seeing

    def channel(self, name: str = HOME_CHANNEL) -> SeenChannel:
        """A channel as this person sees it: their zone, and what only they can see."""
        return SeenChannel(self.slack, self.slack.state.channel(name), self.id)

    def dm(self) -> SeenChannel:
        """The direct message with the bot."""
        return self.channel(self.id)

    def sees(self, text: str, channel: str = HOME_CHANNEL, within: float = PATIENCE) -> SeenMessage:
        """The newest message that shows `text`, once there is one."""
        return self.channel(channel).expect(text, within)

    @property
    def notices(self) -> list[str]:
        """What Slack itself has told this person, such as that a command failed."""
        return [notice["text"] for notice in self.slack.state.notices if notice["user"] == self.id]

    @property
    def pings(self) -> list[SeenMessage]:
        """The messages of which Slack has notified this person, as they were posted, oldest first.

        They mention the person, their group or all, or are direct messages; a changed message notifies nobody.
        """
        with self.slack.state.changed:
            return [SeenMessage(self.slack, self.reader, message) for message in self.slack.state.pings[self.id]]

    def modal(self, title: str = "", within: float = PATIENCE) -> Modal:
        """The modal that lies on top, once there is one whose title holds `title`. AssertionError."""

        def look() -> Modal | None:
            view = self.slack.views.top(self.id)
            if view is None:
                return None
            modal = Modal(self, SeenView(self.slack, self.reader, view))
            return modal if title in modal.title else None

        found = self.slack.state.wait_for(look, within)
        if found is None:
            top = self.slack.views.top(self.id)
            there = SeenView(self.slack, self.reader, top) if top else "none"
            raise AssertionError(f"no modal {title!r} opened within {within} s; there is: {there}")
        return found

    @property
    def has_modal(self) -> bool:
        """Whether a modal is open now."""
        return self.slack.views.top(self.id) is not None

    def home(self, text: str = "", within: float = PATIENCE) -> SeenView:
        """Opens the Home tab and gives it once the app has drawn it and it shows `text`."""
        before = self.slack.views.homes.get(self.id)
        old = before.hash if before else None

        def look() -> SeenView | None:
            view = self.slack.views.homes.get(self.id)
            if view is None or view.hash == old:
                return None
            seen = SeenView(self.slack, self.reader, view)
            return seen if text in seen.visible_text else None

        self.served.run(self.served.speaking.open_home(self.id))
        found = self.slack.state.wait_for(look, within)
        if found is None:
            now = self.slack.views.homes.get(self.id)
            shown = SeenView(self.slack, self.reader, now).visible_text if now else "nothing"
            raise AssertionError(f"the Home tab did not show {text!r} within {within} s; it shows:\n{shown}")
        return found

    # -- what an admin of the workspace may do

    def deactivate(self) -> None:
        """Deactivates the account: `deleted` is true, and nobody finds, calls or chooses them any more."""
        self.slack.state.set_deleted(self.id, deleted=True)

    def reactivate(self) -> None:
        """Brings the account back."""
        self.slack.state.set_deleted(self.id, deleted=False)

    def comes_from(self, workspace: str) -> None:
        """Has Slack name another workspace with them, or the organisation, as where they are at home."""
        self.slack.state.set_home(self.id, workspace)

    # -- doing

    def invite_bot(self, channel: str) -> None:
        """Types `/invite` for the bot; the app hears of it."""
        self.served.run(self.served.speaking.membership.invite(self.id, channel))

    def remove_bot(self, channel: str) -> None:
        """Puts the bot out of a channel; the app hears of it."""
        self.served.run(self.served.speaking.membership.remove(self.id, channel))

    def archive(self, channel: str, *, archived: bool = True) -> None:
        """Archives a channel, or brings it back; the app hears of it where it is in there."""
        self.served.run(self.served.speaking.membership.archive(self.id, channel, archived=archived))

    def change_channel_id(self, channel: str, new: str) -> None:
        """Has Slack give a channel another id, as it does when workspaces are moved; the app hears of it."""
        self.served.run(self.served.speaking.membership.change_id(channel, new))

    def command(self, text: str, channel: str = HOME_CHANNEL) -> Reply:
        """Types a slash command and waits until the app has acknowledged it."""
        place, since = self.slack.state.channel(channel).id, self.slack.state.next_ts()
        done = self.served.run(self.served.speaking.command(self.id, channel, text))
        return Reply(self, place, since, done)

    def say(self, text: str, channel: str = HOME_CHANNEL, thread_ts: str | None = None) -> SeenMessage:
        """Writes a message."""
        message = self.served.run(self.served.speaking.say(self.id, channel, text, thread_ts))
        return SeenMessage(self.slack, self.reader, message)

    def write(self, text: str, channel: str = HOME_CHANNEL) -> None:
        """Writes at a message without sending it; `preview` is what its links become."""
        self.served.run(self.served.speaking.write(self.id, channel, text))

    @property
    def preview(self) -> str:
        """What the links in the message become that this person is writing."""
        shown = self.slack.state.previews.get(self.id, ())
        return "\n".join(line for one in shown for line in self.reader.lines(one["blocks"]))

    def shortcut(self, name: str, on: SeenMessage | None = None) -> Reply:
        """Chooses a shortcut by its name or callback id: of the workspace, or of the message `on`. AssertionError."""
        since, place = self.slack.state.next_ts(), on.channel if on else self.dm().id
        chosen = self.served.shortcuts
        try:
            work = chosen.run_on(self.id, name, on.channel, on.ts) if on else chosen.run(self.id, name)
            done = self.served.run(work)
        except SlackError as error:
            raise AssertionError(f"{error.code}; there are: {self.slack.app.shortcuts}") from None
        return Reply(self, place, since, done)

    def press(self, seen: Surface, label: str, *, nth: int = 1, stale: bool = False) -> Reply:
        """Presses the (nth) button with these words, as it stands now.

        `stale`: as it stood when last looked at, although the message may have changed since.
        """
        looked = _seen(seen)
        return self.act(seen, (looked if stale else looked.latest()).button(label, nth), stale=stale)

    def choose(self, seen: Surface, field: str, choice: object, *, typed: str | None = None) -> Reply:
        """Chooses from a menu or picker: an option by its words, a person or channel by name, a date.

        `typed` is what is typed to find it, where that is not its words.
        """
        block, element = _seen(seen).latest().field(field)
        action = {"block_id": block["block_id"], "action_id": element["action_id"]}
        return self.act(seen, action | {"type": element["type"]} | self.answer(seen, field, choice, typed))

    def act(self, seen: Surface, action: Json, *, stale: bool = False) -> Reply:
        """Any interaction: `action` names block and element and what was chosen.

        From a modal the app also hears what has been filled in so far.
        """
        now = _seen(seen).latest()
        on = now if isinstance(now, SeenMessage) else None
        since, place = self.slack.state.next_ts(), self._place(now)
        try:
            values = seen.filled if isinstance(seen, Modal) else None
            done = self.served.run(self.served.pressing.act(self.id, place, action, values=values, stale=stale))
        except SlackError as error:
            raise AssertionError(f"{error.code}; there is:\n{now.visible_text}") from None
        return Reply(self, on.channel if on else self.dm().id, since, done, on)

    def _place(self, now: SeenMessage | SeenView) -> Place:
        if isinstance(now, SeenView):
            return now.view
        if now.ephemeral_for not in {None, self.id}:
            raise AssertionError(f"{self.member.real_name} cannot see this message:\n{now.visible_text}")
        return now.message

    def answer(self, seen: Surface, field: str, choice: object, typed: str | None = None) -> Json:
        """What Slack would send for this choice in that field. AssertionError if it cannot be made."""
        _, element = _seen(seen).latest().field(field)
        if element["type"].endswith("external_select"):
            several = choice if isinstance(choice, list | tuple) else [choice]
            found = [option for entry in several for option in self._found(seen, field, typed or str(entry))]
            element = {**element, "options": found}
        return form_answers.answer(self.slack, self.reader, element, choice)

    def options(self, seen: Surface, field: str, typed: str) -> list[str]:
        """What a menu offers whose choices come from the app, for what is typed."""
        return [self.reader.words(option["text"]) for option in self._found(seen, field, typed)]

    def _found(self, seen: Surface, field: str, typed: str) -> list[Json]:
        looked = _seen(seen).latest()
        block, element = looked.field(field)
        action = {"block_id": block["block_id"], "action_id": element["action_id"]}
        found = self.served.run(self.served.pressing.options(self.id, self._place(looked), action, typed))
        return [option for group in found.get("option_groups") or [found] for option in group["options"]]


def _seen(given: Surface) -> SeenMessage | SeenView:
    if isinstance(given, Modal):
        return given.seen
    return given.message if isinstance(given, Reply) else given
