"""What a workspace holds: people, user groups, channels, messages; and those with which the playground begins."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.playground.slack_app import BOT_USER
from bot.playground.slack_errors import Json

if TYPE_CHECKING:
    from bot.playground.files import SlackFile


@dataclass(frozen=True, kw_only=True)
class Member:
    id: str
    name: str
    real_name: str
    email: str
    tz: str
    color: str
    locale: str = "en-US"
    """How numbers and dates are written for them, as they have set it in Slack."""
    is_admin: bool = False
    deleted: bool = False
    """Deactivated by an admin: still known by id, but nobody who could be found, called or chosen."""
    home: str = ""
    """The workspace where they are at home, or their organisation, where that is another one than this workspace."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.tz)


@dataclass(kw_only=True)
class UserGroup:
    """People who are called together, by `@handle`; `members` are their ids."""

    id: str
    handle: str
    name: str
    members: list[str] = field(default_factory=list)
    description: str = ""
    is_disabled: bool = False


@dataclass(kw_only=True)
class Channel:
    id: str
    name: str
    topic: str = ""
    members: set[str] = field(default_factory=set)
    is_private: bool = False
    is_archived: bool = False
    is_im: bool = False
    is_ext_shared: bool = False
    """Whether people of another organisation read it as well, by Slack Connect."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message as it stands; a change makes a new one in its place."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    files: tuple[SlackFile, ...] = ()
    bot: bool = False
    metadata: Json | None = None
    thread_ts: str | None = None
    reply_broadcast: bool = False
    edited: Json | None = None
    ephemeral_for: str | None = None
    pinged: tuple[str, ...] = ()
    """Ids of the people whom Slack notified when it was posted."""
    version: int = 0

    @property
    def time(self) -> datetime:
        return datetime.fromtimestamp(float(self.ts), UTC)

    @property
    def attached(self) -> list[Json]:
        """The blocks of what hangs on it, such as unfolded links."""
        return [block for one in self.attachments for block in one.get("blocks") or ()]

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def is_broadcast(self) -> bool:
        """Whether it is a reply that stands in the channel too."""
        return self.is_reply and self.reply_broadcast

    @property
    def stands_in_channel(self) -> bool:
        """Whether it is seen without opening a thread."""
        return not self.is_reply or self.reply_broadcast


PEOPLE = (
    Member(
        id="U01ANN", name="ann", real_name="Ann Lopez", email="ann@example.com",
        tz="America/New_York", color="#9b3b45", is_admin=True,
    ),
    Member(
        id="U02BEN", name="ben", real_name="Ben Okafor", email="ben@example.com",
        tz="Europe/London", color="#2b6cb0", locale="en-GB",
    ),
    Member(
        id="U03CHI", name="chi", real_name="Chi Tanaka", email="chi@example.com",
        tz="Asia/Tokyo", color="#2f855a", locale="ja-JP",
    ),
    Member(
        id="U04DEE", name="dee", real_name="Dee Novak", email="dee@example.com",
        tz="America/Los_Angeles", color="#b7791f", locale="de-DE",
    ),
)  # fmt: skip


def first_groups() -> list[UserGroup]:
    """The user groups of a new workspace."""
    return [
        UserGroup(
            id="S01GIFTOPS", handle="gifting-ops", name="Gifting Ops", members=["U01ANN", "U03CHI"],
            description="Whoever keeps the gifts moving",
        ),
        UserGroup(id="S02REVOPS", handle="revenue-ops", name="Revenue Ops", members=["U02BEN"]),
        UserGroup(id="S03FIELD", handle="field-marketing", name="Field Marketing", members=["U02BEN", "U04DEE"]),
    ]  # fmt: skip


def first_channels() -> list[Channel]:
    """The channels of a new workspace and a direct message between the bot and each person."""
    people = {person.id for person in PEOPLE}
    rooms = [
        Channel(id="C01GIFTING", name="gifting-alerts", topic="Sends that need somebody", members={BOT_USER}),
        Channel(id="C02SALES", name="sales", topic="Deals and the gifts that help them", members={BOT_USER}),
        Channel(id="C03MARKETING", name="marketing", topic="Campaigns", members={BOT_USER}),
        Channel(id="C04OPS", name="ops", topic="Whatever keeps the office running"),
    ]
    for room in rooms:
        room.members |= people
    return rooms + [direct_message(person.id) for person in PEOPLE]


def direct_message(user: str) -> Channel:
    """The channel between the bot and this person."""
    return Channel(id=f"D{user[1:]}", name="directmessage", members={user, BOT_USER}, is_im=True)
