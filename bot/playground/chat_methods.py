"""`chat.*`: posting, changing and deleting messages."""

from __future__ import annotations

from bot.playground.mentions import linkified
from bot.playground.method import Args, Method
from bot.playground.slack import Slack
from bot.playground.slack_app import BOT_USER
from bot.playground.slack_errors import Json, SlackError
from bot.playground.unfurls import COMPOSER, attachments
from bot.playground.validation import checked_blocks, checked_metadata
from bot.playground.workspace import Channel, Message

LONGEST_POST = 40_000
LONGEST_UPDATE = 4_000
NO_TEXT = "This content can't be displayed."


def post_message(slack: Slack, args: Args) -> Json:
    """A new message of the bot, in a channel or thread."""
    slack.need("chat:write")
    channel = writable(slack, args.words("channel"))
    fields = content(args)
    if "metadata" in args:
        fields["metadata"] = checked_metadata(args.structure("metadata", "invalid_metadata_format"))
    thread = args.words("thread_ts") or None
    if thread and slack.state.message(channel.id, thread) is None:
        raise SlackError("thread_not_found")
    message = slack.state.post(
        channel.id,
        BOT_USER,
        bot=True,
        thread_ts=thread,
        reply_broadcast=args.flag("reply_broadcast"),
        **fields,
    )
    form = slack.state.api_form(message, metadata=True)
    answer: Json = {"ok": True, "channel": channel.id, "ts": message.ts, "message": form}
    if len(args.words("text")) > LONGEST_POST:
        answer["response_metadata"] = {"warnings": ["message_truncated"]}
    return answer


def post_ephemeral(slack: Slack, args: Args) -> Json:
    """A message that only one person sees."""
    slack.need("chat:write")
    channel = writable(slack, args.words("channel"))
    user = args.needed("user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    thread = args.words("thread_ts") or None
    message = slack.state.post(
        channel.id, BOT_USER, bot=True, ephemeral_for=user, thread_ts=thread, **content(args),
    )  # fmt: skip
    return {"ok": True, "message_ts": message.ts}


def update(slack: Slack, args: Args) -> Json:
    """Changes a message of the bot in place; text alone takes the blocks away."""
    slack.need("chat:write")
    channel = slack.state.channel(args.words("channel"))
    message = _own(slack, channel, args, "cant_update_message")
    if len(args.words("text")) > LONGEST_UPDATE:
        raise SlackError("msg_too_long")
    fields = content(args, parse="client")
    if not args.get("text"):
        fields["text"] = message.text
    if "metadata" in args:
        fields["metadata"] = checked_metadata(args.structure("metadata", "invalid_metadata_format"))
    edited = {"user": BOT_USER, "ts": slack.state.next_ts()}
    message = slack.state.update(message, edited=edited, **fields)
    form = slack.state.api_form(message, metadata=True)
    return {"ok": True, "channel": channel.id, "ts": message.ts, "text": message.text, "message": form}


def delete(slack: Slack, args: Args) -> Json:
    """Takes a message of the bot away."""
    slack.need("chat:write")
    channel = slack.state.channel(args.words("channel"))
    message = _own(slack, channel, args, "cant_delete_message")
    slack.state.delete(message)
    return {"ok": True, "channel": channel.id, "ts": message.ts}


def unfurl(slack: Slack, args: Args) -> Json:
    """Hangs on a message what the app makes of its links; for one that is being written, shows it to the writer."""
    slack.need("links:write")
    if "unfurl_id" in args or "source" in args:
        shared = slack.unfurls.by_id(args.words("unfurl_id"), args.words("source"))
    else:
        shared = slack.unfurls.by_message(args.words("channel"), args.words("ts"))
    made = attachments(args.structure("unfurls", "invalid_unfurls_format"), shared)
    if shared.source == COMPOSER:
        slack.state.preview(shared.user, shared.channel, made)
        return {"ok": True}
    message = slack.state.message(shared.channel, shared.ts)
    if message is None:
        raise SlackError("cannot_unfurl_message")
    slack.state.update(message, attachments=made)
    return {"ok": True}


def get_permalink(slack: Slack, args: Args) -> Json:
    """The address of a message."""
    channel = slack.state.channel(args.words("channel"))
    message = slack.state.message(channel.id, args.words("message_ts"))
    if message is None:
        raise SlackError("message_not_found")
    place = f"{slack.url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    return {"ok": True, "channel": channel.id, "permalink": place}


def writable(slack: Slack, ref: str) -> Channel:
    """The channel, if the bot may write there.

    SlackError `channel_not_found`, `is_archived`, `not_in_channel`, `messages_tab_disabled`.
    """
    channel = slack.state.channel(ref)
    inside = BOT_USER in channel.members
    if channel.is_private and not inside:
        raise SlackError("channel_not_found")
    if channel.is_archived:
        raise SlackError("is_archived")
    if channel.is_im and not slack.app.messages_tab:
        raise SlackError("messages_tab_disabled")
    public = slack.app.scopes is not None and "chat:write.public" in slack.app.scopes
    if not inside and not public:
        raise SlackError("not_in_channel")
    return channel


def content(args: Args, parse: str = "none") -> Json:
    """Text, blocks and attachments of a message as it is stored. SlackError `no_text` and others."""
    text = linkified(args.words("text"), args.get("parse") or parse, args.get("link_names"))
    blocks = checked_blocks(args.structure("blocks", "invalid_blocks_format") or [])
    attachments = args.structure("attachments", "invalid_attachments") or []
    if not isinstance(attachments, list):
        raise SlackError("invalid_attachments")
    if not (text.strip() or blocks or attachments):
        raise SlackError("no_text")
    text = text[:LONGEST_POST] or NO_TEXT
    return {"text": text, "blocks": blocks, "attachments": tuple(map(_attached, attachments))}


def _attached(one: object) -> Json:
    if not isinstance(one, dict):
        raise SlackError("invalid_attachments")
    return one | {"blocks": list(checked_blocks(one["blocks"]))} if one.get("blocks") else one


def _own(slack: Slack, channel: Channel, args: Args, refusal: str) -> Message:
    message = slack.state.message(channel.id, args.words("ts"))
    if message is None or message.ephemeral_for is not None:
        raise SlackError("message_not_found")
    if channel.is_archived:
        raise SlackError("is_archived")
    if not message.bot:
        raise SlackError(refusal)
    return message


METHODS: dict[str, Method] = {
    "chat.postMessage": post_message,
    "chat.postEphemeral": post_ephemeral,
    "chat.update": update,
    "chat.delete": delete,
    "chat.unfurl": unfurl,
    "chat.getPermalink": get_permalink,
}
