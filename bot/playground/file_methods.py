"""`files.*`: uploading in three steps, and telling where a file stands."""

from __future__ import annotations

from datetime import timedelta

from bot.playground.chat_methods import content, writable
from bot.playground.files import Share, SlackFile
from bot.playground.method import Args, Method
from bot.playground.slack import Slack
from bot.playground.slack_app import BOT_USER
from bot.playground.slack_errors import Json, SlackError, bad_argument
from bot.playground.workspace import Channel

LARGEST_FILE = 1_000_000_000
LARGEST_SNIPPET = 1_000_000
LONGEST_ALT_TEXT = 1000
MOST_CHANNELS = 100


def get_upload_url(slack: Slack, args: Args) -> Json:
    """Where to post the bytes of a new file, and its id."""
    slack.need("files:write")
    name, length = args.words("filename"), _length(args)
    if not name or not length:
        raise SlackError("missing_argument")
    if length > LARGEST_FILE:
        raise SlackError("file_upload_size_restricted")
    if args.words("snippet_type") and length > LARGEST_SNIPPET:
        raise SlackError("snippet_too_large")
    if len(args.words("alt_txt")) > LONGEST_ALT_TEXT:
        raise SlackError("alt_txt_too_large")
    file = slack.files.announce(name, length, int(slack.clock().timestamp()), args.words("alt_txt"))
    return {"ok": True, "upload_url": slack.files.upload_url(file), "file_id": file.id}


def complete_upload(slack: Slack, args: Args) -> Json:
    """Shares uploaded files in a channel, as one message; without a channel they stay private."""
    slack.need("files:write")
    files = [_uploaded(slack, entry) for entry in _entries(args)]
    channels = _channels(slack, args)
    thread = args.words("thread_ts") or None
    for channel in channels:
        if thread and slack.state.message(channel.id, thread) is None:
            raise SlackError("thread_not_found")
    fields = _comment(args)
    for file in files:
        file.completed = True
    for channel in channels:
        _share(slack, files, channel, fields | {"thread_ts": thread})
    return {"ok": True, "files": [file.api_form() | file.shares_form() for file in files]}


def _share(slack: Slack, files: list[SlackFile], channel: Channel, fields: Json) -> None:
    def share() -> None:
        message = slack.state.post(channel.id, BOT_USER, bot=True, files=tuple(files), **fields)
        for file in files:
            file.shares.append(Share(channel=channel, ts=message.ts, thread_ts=message.thread_ts))

    if slack.files.share_after:
        slack.state.later(slack.clock() + timedelta(seconds=slack.files.share_after), share)
    else:
        share()


def info(slack: Slack, args: Args) -> Json:
    """A file and where it stands."""
    slack.need("files:read")
    file = slack.files.get(args.needed("file"))
    if file is None or file.content is None:
        raise SlackError("file_not_found")
    paging = {"count": 100, "total": 0, "page": 1, "pages": 0}
    form = file.api_form() | file.shares_form()
    return {"ok": True, "file": form, "comments": [], "paging": paging, "response_metadata": {"next_cursor": ""}}


def _length(args: Args) -> int:
    try:
        return max(0, int(args.words("length") or 0))
    except ValueError:
        raise bad_argument("invalid_arguments", "must be a valid integer [json-pointer:/length]") from None


def _entries(args: Args) -> list[Json]:
    entries = args.structure("files", "invalid_arguments")
    if not isinstance(entries, list) or not entries:
        raise bad_argument("invalid_arguments", "missing required field: files")
    if not all(isinstance(entry, dict) and isinstance(entry.get("id"), str) for entry in entries):
        raise bad_argument("invalid_arguments", "missing required field: id [json-pointer:/files/0]")
    return entries


def _uploaded(slack: Slack, entry: Json) -> SlackFile:
    file = slack.files.get(entry["id"])
    if file is None or file.content is None or (slack.files.once and file.completed):
        raise SlackError("file_not_found")
    file.title = str(entry.get("title") or file.title)
    return file


def _channels(slack: Slack, args: Args) -> list[Channel]:
    channel, several = args.words("channel_id"), args.words("channels")
    if channel and channel[0] not in "CGDZ":
        raise bad_argument(
            "invalid_arguments", "input must match regex pattern: ^[CGDZ][A-Z0-9]{8,}$ [json-pointer:/channel_id]",
        )
    refs = [ref.strip() for ref in [channel, *several.split(",")] if ref.strip()]
    if len(refs) > MOST_CHANNELS:
        raise SlackError("invalid_channel")
    return [_member_of(slack, ref) for ref in dict.fromkeys(refs)]


def _member_of(slack: Slack, ref: str) -> Channel:
    if ref not in slack.state.channels and ref not in slack.state.people:
        raise SlackError("channel_not_found")
    channel = writable(slack, ref)
    if BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _comment(args: Args) -> Json:
    """Text or blocks above the files; both may be missing, and a text makes Slack pass over the blocks."""
    comment = args.words("initial_comment")
    if comment.strip():
        return content(Args(text=comment))
    if args.get("blocks"):
        return content(Args(blocks=args["blocks"])) | {"text": ""}
    return {"text": ""}


METHODS: dict[str, Method] = {
    "files.getUploadURLExternal": get_upload_url,
    "files.completeUploadExternal": complete_upload,
    "files.info": info,
}
