"""The whole workspace as the page loads it."""

from __future__ import annotations

from bot.playground.fault import SOCKET, SOCKET_KINDS, WORDS
from bot.playground.slack import Slack
from bot.playground.slack_app import BOT_NAME, BOT_USER, TEAM_NAME
from bot.playground.slack_errors import Json


def page_state(slack: Slack, *, sendoso: bool) -> Json:
    """All that the page needs to draw itself."""
    state, views = slack.state, slack.views
    rooms = [channel for channel in state.channels.values() if not channel.is_im]
    with state.changed:
        return {
            "now": slack.clock().isoformat(),
            "frozen": slack.clock.frozen,
            "team": {"name": TEAM_NAME},
            "people": [
                {
                    "id": person.id,
                    "name": person.name,
                    "real_name": person.real_name,
                    "tz": person.tz,
                    "color": person.color,
                    "deleted": person.deleted,
                }
                for person in state.people.values()
            ],
            "groups": [
                {"id": group.id, "handle": group.handle, "members": state.active(group.members)}
                for group in state.groups.values()
            ],
            "channels": [
                {
                    "id": room.id,
                    "name": room.name,
                    "topic": room.topic,
                    "member": BOT_USER in room.members,
                    "archived": room.is_archived,
                    "private": room.is_private,
                }
                for room in rooms
            ],
            "dms": {person: state.channel(person).id for person in state.people},
            "commands": [
                {"command": each.command, "description": each.description, "usage_hint": each.usage_hint}
                for each in slack.app.commands
            ],
            "shortcuts": [
                {
                    "name": each.name,
                    "type": each.type,
                    "callback_id": each.callback_id,
                    "description": each.description,
                }
                for each in slack.app.shortcuts
            ],
            "read_only": slack.app.messages_read_only,
            "bot": {"user_id": BOT_USER, "name": BOT_NAME},
            "messages": {
                channel: [state.page_form(message) for message in state.messages(channel)]
                for channel in state.channels
            },
            "views": {
                user: [view.page_form() for view in stack] for user, stack in views.stacks.items() if stack
            },
            "homes": {user: view.page_form() for user, view in views.homes.items()},
            "faults": [
                {"kind": kind, "label": label, "method": SOCKET if kind in SOCKET_KINDS else "*"}
                for kind, label in WORDS.items()
            ],
            "sendoso": sendoso,
        }
