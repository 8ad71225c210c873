"""Files: uploaded by the app in three steps, then shared in channels as messages."""

from __future__ import annotations

import csv
import io
import mimetypes
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from bot.playground.slack_app import BOT_USER, TEAM_ID
from bot.playground.slack_errors import Json
from bot.playground.workspace import Channel

PREVIEW_ROWS, PREVIEW_COLUMNS, PREVIEW_LENGTH = 6, 8, 80
PREVIEW_BYTES = 20_000
SHOWN_IMAGES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
"""Images that cannot hold a script, so that a page may show them."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """One message in which a file stands."""

    channel: Channel
    ts: str
    thread_ts: str | None = None

    def api_form(self) -> Json:
        form: Json = {"ts": self.ts, "channel_name": self.channel.name, "team_id": TEAM_ID}
        form |= {"reply_users": [], "reply_users_count": 0, "reply_count": 0}
        return form | ({"thread_ts": self.thread_ts} if self.thread_ts else {})


@dataclass(kw_only=True)
class SlackFile:
    """A file from the moment at which its upload is announced; `content` None until its bytes have come."""

    id: str
    name: str
    title: str
    length: int
    created: int
    base: str
    alt_text: str = ""
    ticket: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    content: bytes | None = None
    completed: bool = False
    shares: list[Share] = field(default_factory=list)

    @property
    def mimetype(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    @property
    def filetype(self) -> str:
        return PurePosixPath(self.name).suffix.removeprefix(".").lower() or "binary"

    @property
    def is_image(self) -> bool:
        return self.mimetype in SHOWN_IMAGES

    @property
    def private_url(self) -> str:
        """Where the app can fetch its bytes, with its token."""
        return f"{self.base}/files-pri/{TEAM_ID}-{self.id}/{self.name}"

    def api_form(self) -> Json:
        """The file as the Web API gives it, but for its shares, which `shares_form` tells."""
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title,
            "mimetype": self.mimetype,
            "filetype": self.filetype,
            "pretty_type": self.filetype.upper(),
            "user": BOT_USER,
            "user_team": TEAM_ID,
            "editable": False,
            "size": self.length,
            "mode": "hosted",
            "is_external": False,
            "external_type": "",
            "is_public": any(not share.channel.is_private and not share.channel.is_im for share in self.shares),
            "public_url_shared": False,
            "display_as_bot": False,
            "url_private": self.private_url,
            "url_private_download": self.private_url,
            "permalink": f"{self.base}/files/{BOT_USER}/{self.id}/{self.name}",
            "has_rich_preview": False,
            "file_access": "visible",
        } | ({"alt_txt": self.alt_text} if self.alt_text else {})

    def shares_form(self) -> Json:
        """Where the file stands, as `files.info` tells it."""
        shares: dict[str, dict[str, list[Json]]] = {}
        for share in self.shares:
            kind = "private" if share.channel.is_private or share.channel.is_im else "public"
            shares.setdefault(kind, {}).setdefault(share.channel.id, []).append(share.api_form())
        return {"shares": shares, **{name: list(dict.fromkeys(ids)) for name, ids in self._places().items()}}

    def _places(self) -> dict[str, list[str]]:
        places: dict[str, list[str]] = {"channels": [], "groups": [], "ims": []}
        for share in self.shares:
            kind = "ims" if share.channel.is_im else "groups" if share.channel.is_private else "channels"
            places[kind].append(share.channel.id)
        return places

    @cached_property
    def preview(self) -> Json | None:
        """The first lines of a table, and whether there is more of it; None for anything but CSV."""
        if self.filetype != "csv" or self.content is None:
            return None
        text = self.content[:PREVIEW_BYTES].decode("utf-8-sig", "replace")
        rows = list(_first_rows(text))
        shown = [[cell[:PREVIEW_LENGTH] for cell in row[:PREVIEW_COLUMNS]] for row in rows[:PREVIEW_ROWS]]
        total = self.content.count(b"\n") + (not self.content.endswith(b"\n"))
        more = len(self.content) > PREVIEW_BYTES or len(rows) > PREVIEW_ROWS
        return {"rows": shown, "more": more or any(len(row) > PREVIEW_COLUMNS for row in rows), "lines": total}

    def page_form(self) -> Json:
        """The file as the page draws it."""
        return {
            "id": self.id,
            "name": self.name,
            "title": self.title,
            "filetype": self.filetype,
            "size": self.length,
            "alt_text": self.alt_text,
            "image": self.is_image,
            "preview": self.preview,
        }


def _first_rows(text: str) -> Iterator[Sequence[str]]:
    # A cell may be longer than the reader allows, or the cut may fall into the middle of one.
    try:
        for row, _ in zip(csv.reader(io.StringIO(text)), range(PREVIEW_ROWS + 1), strict=False):
            yield row
    except csv.Error:
        return


class Files:
    """All files of the workspace. Belongs to the server's event loop."""

    def __init__(self) -> None:
        self.base = ""
        self.once = False
        """Whether a second completion of a file is refused; Slack documents only that there should be none."""
        self.share_after = 0.0
        """Seconds of the play clock until a completed file stands in its channel: Slack does it in the background."""
        self._files: dict[str, SlackFile] = {}
        self._tickets: dict[str, SlackFile] = {}

    def announce(self, name: str, length: int, created: int, alt_text: str) -> SlackFile:
        """A new file, still without its bytes."""
        file = SlackFile(
            id=f"F0{secrets.token_hex(5).upper()}", name=name, title=name, length=length, created=created,
            base=self.base, alt_text=alt_text,
        )  # fmt: skip
        self._files[file.id] = self._tickets[file.ticket] = file
        return file

    def upload_url(self, file: SlackFile) -> str:
        """Where the bytes of a file are to be posted."""
        return f"{self.base}/upload/v1/{file.ticket}"

    def get(self, file_id: object) -> SlackFile | None:
        """The file of that id."""
        return self._files.get(str(file_id))

    def awaited(self, ticket: str) -> SlackFile | None:
        """The file whose bytes may be posted with this ticket."""
        return self._tickets.get(ticket)

    def __iter__(self) -> Iterator[SlackFile]:
        return iter(list(self._files.values()))
