"""The payloads that Slack sends to an app, field by field."""

from __future__ import annotations

import secrets

from bot.playground.slack import Slack
from bot.playground.slack_app import APP_ID, BOT_USER
from bot.playground.slack_errors import Json
from bot.playground.views import View
from bot.playground.workspace import Channel, Member, Message


def user_form(slack: Slack, person: Member) -> Json:
    """A person in a payload."""
    return {"id": person.id, "username": person.name, "name": person.name, "team_id": person.home or slack.team.id}


def command(slack: Slack, person: Member, channel: Channel, name: str, text: str) -> Json:
    """A slash command, with its trigger and response URL."""
    return {
        "token": slack.verification_token,
        "team_id": slack.team.id,
        "team_domain": slack.team.domain,
        "channel_id": channel.id,
        "channel_name": channel.name,
        "user_id": person.id,
        "user_name": person.name,
        "command": name,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "true" if slack.team.enterprise_id else "false",
        **({"enterprise_id": slack.team.enterprise_id} if slack.team.enterprise_id else {}),
        "response_url": slack.response_urls.give(person.id, channel.id),
        "trigger_id": slack.triggers.give(person.id, channel=channel.id),
    }


def _interaction(slack: Slack, kind: str, person: Member) -> Json:
    return {
        "type": kind,
        # An organisation's installation has no one team; the person's is told with the person.
        "team": None if slack.team.enterprise_id else slack.team.form,
        "user": user_form(slack, person),
        "api_app_id": APP_ID,
        "token": slack.verification_token,
        "enterprise": slack.team.enterprise,
        "is_enterprise_install": bool(slack.team.enterprise_id),
    }


def global_shortcut(slack: Slack, person: Member, callback_id: str) -> Json:
    """`shortcut`: chosen from the menu of the whole workspace, so that no channel is told."""
    return {
        "type": "shortcut",
        "token": slack.verification_token,
        "action_ts": slack.state.next_ts(),
        "team": slack.team.form,
        "user": {"id": person.id, "username": person.name, "team_id": slack.team.id},
        "is_enterprise_install": False,
        "enterprise": None,
        "callback_id": callback_id,
        "trigger_id": slack.triggers.give(person.id),
    }


def message_shortcut(slack: Slack, person: Member, message: Message, callback_id: str) -> Json:
    """`message_action`: chosen from the menu of a message, which is sent along."""
    channel = slack.state.channels[message.channel]
    return {
        "type": "message_action",
        "token": slack.verification_token,
        "action_ts": slack.state.next_ts(),
        "team": slack.team.form,
        "user": {"id": person.id, "username": person.name, "team_id": slack.team.id, "name": person.name},
        "channel": {"id": channel.id, "name": channel.name},
        "is_enterprise_install": False,
        "enterprise": None,
        "callback_id": callback_id,
        "trigger_id": slack.triggers.give(person.id, channel=channel.id),
        "response_url": slack.response_urls.give(person.id, channel.id, thread_ts=message.thread_ts),
        "message_ts": message.ts,
        "message": slack.state.api_form(message, metadata=True),
    }


def in_message(slack: Slack, person: Member, message: Message, kind: str) -> Json:
    """What every interaction with a message carries; an ephemeral message itself is not sent along."""
    channel = slack.state.channels[message.channel]
    container: Json = {"type": "message", "message_ts": message.ts, "channel_id": channel.id}
    container["is_ephemeral"] = message.ephemeral_for is not None
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload = _interaction(slack, kind, person)
    payload |= {"container": container, "channel": {"id": channel.id, "name": channel.name}}
    if message.ephemeral_for is None:
        payload["message"] = slack.state.api_form(message, metadata=True)
    return payload


def in_attachment(container: Json, message: Message, block_id: str) -> Json:
    """What is told besides of a press on what hangs on a message, such as an unfolded link."""
    found = next(
        one for one in message.attachments if any(block["block_id"] == block_id for block in one.get("blocks") or ())
    )
    more = {"type": "message_attachment", "attachment_id": found["id"]}
    if not found.get("is_app_unfurl"):
        return {"container": container | more}
    more |= {"is_app_unfurl": True, "app_unfurl_url": found["app_unfurl_url"]}
    return {"container": container | more, "app_unfurl": found}


def in_view(slack: Slack, person: Member, view: View, kind: str) -> Json:
    """What every interaction with a modal or Home tab carries."""
    payload = _interaction(slack, kind, person)
    return payload | {"container": {"type": "view", "view_id": view.id}, "view": view.api_form()}


def actions(slack: Slack, base: Json, person: Member, action: Json) -> Json:
    """`block_actions`: something was pressed or chosen."""
    view, container = base.get("view"), base["container"]
    modal = view["id"] if view and view["type"] == "modal" else None
    payload = base | {"trigger_id": slack.triggers.give(person.id, modal, container.get("channel_id"))}
    payload["actions"] = [action | {"action_ts": slack.state.next_ts()}]
    if container["type"] in {"message", "message_attachment"}:
        payload["response_url"] = slack.response_urls.give(
            person.id,
            container["channel_id"],
            message_ts=container["message_ts"],
            thread_ts=container.get("thread_ts"),
        )
    return payload


def submission(slack: Slack, person: Member, view: View) -> Json:
    """`view_submission`: a modal was sent off."""
    payload = in_view(slack, person, view, "view_submission")
    del payload["container"]
    return payload | {"trigger_id": slack.triggers.give(person.id, view.id), "response_urls": []}


def closed(slack: Slack, person: Member, view: View) -> Json:
    """`view_closed`: a modal was put away."""
    payload = in_view(slack, person, view, "view_closed")
    del payload["container"]
    return payload | {"is_cleared": False}


def event(slack: Slack, inner: Json) -> Json:
    """An event of the Events API in its wrapping."""
    authorization = {
        "enterprise_id": slack.team.enterprise_id or None,
        "team_id": slack.team.id,
        "user_id": BOT_USER,
        "is_bot": True,
        "is_enterprise_install": bool(slack.team.enterprise_id),
    }
    return {
        "token": slack.verification_token,
        "team_id": slack.team.id,
        "context_team_id": slack.team.id,
        "api_app_id": APP_ID,
        "event": inner,
        "type": "event_callback",
        "event_id": f"Ev{secrets.token_hex(5).upper()}",
        "event_time": int(slack.clock().timestamp()),
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
    }
