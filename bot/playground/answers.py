"""What the app's answers do: to a command, to a submitted modal, and through a response URL."""

from __future__ import annotations

from typing import Any

from bot.playground.chat_methods import content
from bot.playground.method import Args
from bot.playground.response_urls import ResponseUrl
from bot.playground.slack import Slack
from bot.playground.slack_app import BOT_USER
from bot.playground.slack_errors import Json, SlackError
from bot.playground.views import View
from bot.playground.workspace import Message


def answer_command(slack: Slack, answer: Json | None, user: str, channel: str) -> None:
    """Shows what the app said to a command, if anything. SlackError for what cannot be shown."""
    if answer:
        _post(slack, Args(answer), user, channel)


def _post(slack: Slack, answer: Args, user: str, channel: str) -> None:
    fields: dict[str, Any] = content(answer)
    if answer.get("response_type") != "in_channel":
        fields["ephemeral_for"] = user
    thread = answer.words("thread_ts") or None
    slack.state.post(channel, BOT_USER, bot=True, thread_ts=thread, **fields)


def respond(slack: Slack, token: str, body: object) -> tuple[int, str]:
    """One use of a response URL; gives the status and words with which Slack answers."""
    given = slack.response_urls.use(token)
    if isinstance(given, str):
        return 404, given
    if not isinstance(body, dict):
        return 400, "invalid_payload"
    original = slack.state.message(given.channel, given.message_ts) if given.message_ts else None
    try:
        _respond(slack, Args(body), given, original)
    except SlackError as error:
        return 400, error.code
    return 200, "ok"


def _respond(slack: Slack, answer: Args, given: ResponseUrl, original: Message | None) -> None:
    if answer.flag("delete_original"):
        if original is not None:
            slack.state.delete(original)
    elif answer.flag("replace_original") and original is not None:
        edited = None if original.ephemeral_for else {"user": BOT_USER, "ts": slack.state.next_ts()}
        slack.state.update(original, edited=edited, **content(answer))
    else:
        _post(slack, answer, given.user, given.channel)


def answer_submission(slack: Slack, view: View, answer: Json | None) -> dict[str, str]:
    """Does what the app answered to a submitted modal; gives the sentences to show under its inputs.

    SlackError for an answer that Slack cannot follow.
    """
    action = (answer or {}).get("response_action")
    if action == "errors":
        return _errors(slack, view, (answer or {}).get("errors"))
    if action == "clear":
        slack.views.clear(view.user)
    elif action == "update":
        slack.views.update(view, (answer or {}).get("view"))
    elif action == "push":
        slack.views.push(view.user, (answer or {}).get("view"))
    elif action is None:
        slack.views.close(view)
    else:
        raise SlackError("invalid_response_action")
    return {}


def _errors(slack: Slack, view: View, errors: object) -> dict[str, str]:
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise SlackError("invalid_errors")
    told = {str(block): str(sentence) for block, sentence in errors.items()}
    slack.views.tell_errors(view, told)
    return told
