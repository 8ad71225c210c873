"""What the checks are told: how the settings are, what the database holds, what Slack and Sendoso said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class SettingsTold:
    """The deployment's settings, without their secrets."""

    has_bot_token: bool = False
    has_app_token: bool = False
    app_id: str = ""
    """Of the app token, which names it; empty for one of another form."""
    has_signing_secret: bool = False
    alert_channel: str = ""
    admins: Sequence[str] = ()
    sendoso: str = ""
    """"token", "oauth", or empty without access to Sendoso's API."""
    has_webhooks: bool = False
    sync_every: timedelta = timedelta(minutes=15)
    scan_every: timedelta = timedelta(minutes=1)
    deliver_every: timedelta = timedelta(seconds=2)
    keep_sends: timedelta | None = None
    """How long finished sends are kept; None: for ever."""


@dataclass(frozen=True, kw_only=True)
class JobTold:
    """When a job last ended well, and the kind of error of its last run, if that failed."""

    last_ok_at: datetime | None = None
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class DatabaseTold:
    """What the database holds; with `error` nothing else is known of it."""

    kind: str = "SQLite"
    version: str = ""
    error: str = ""
    is_new: bool = False
    """Nothing is there yet."""
    locked: Sequence[str] = ()
    """What whoever asks cannot write to: of the SQLite file, its folder and what stands beside it, or of PostgreSQL."""
    is_read_only: bool = False
    """Whether the server takes no writes."""
    connections: int | None = None
    """How many the server allows at once; None where that is not known."""
    missing: Sequence[str] = ()
    """Tables and indexes that should be there."""
    free: int | None = None
    """Bytes that are free beside the SQLite file; None where that is not known, or no affair of who asks."""
    is_current: bool = True
    is_indexed: bool = True
    """Whether fragments are found through an index."""
    is_running: bool | None = None
    """Whether a bot works on it; None where that cannot be seen."""
    jobs: Mapping[str, JobTold] = field(default_factory=dict)
    synced_at: datetime | None = None
    sync_said: str = ""
    """What the last sync said that did not read everything; empty where it did."""
    webhook_at: datetime | None = None
    held_since: datetime | None = None
    """Sends that were finished before may have been deleted for their age."""
    waiting: int = 0
    oldest: datetime | None = None
    """Since when the oldest message that Slack does not show yet is wanted."""
    broken: Mapping[str, tuple[str, datetime | None]] = field(default_factory=dict)
    """Channel id, or what stands for many -> Slack's code, and since when."""
    channels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Channel id -> what leads there."""
    people: Mapping[str, Sequence[str]] = field(default_factory=dict)
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    wrong_sections: Mapping[str, str] = field(default_factory=dict)
    """Section of the configuration that cannot be used -> why."""
    odd: Sequence[str] = ()
    """What is allowed in the configuration but surely not meant."""
    secrets: str = ""
    """"" where none are stored, "readable" or "unreadable"."""


@dataclass(frozen=True, kw_only=True)
class ChannelTold:
    """What Slack says of a channel; `error` is its code, or why nothing was asked."""

    error: str = ""
    is_archived: bool = False
    is_member: bool = True
    is_private: bool = False
    is_shared: bool = False
    """Whether people of another organisation are in it."""


@dataclass(frozen=True, kw_only=True)
class PersonTold:
    """What Slack says of a user."""

    error: str = ""
    is_deleted: bool = False
    is_bot: bool = False


@dataclass(frozen=True, kw_only=True)
class SlackTold:
    """What Slack says of the token, and of whom and what the configuration names."""

    error: str = ""
    """Slack's code for the token; empty when it is good."""
    unreachable: str = ""
    """Why Slack could not be asked at all."""
    team: str = ""
    scopes: frozenset[str] | None = None
    """None where Slack did not say."""
    skew: timedelta | None = None
    """By how much this machine's clock is before Slack's."""
    channels: Mapping[str, ChannelTold] = field(default_factory=dict)
    people: Mapping[str, PersonTold] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    """User group id -> Slack's code; empty when it is there."""
    is_connected: bool | None = None
    """Whether the running bot's Socket Mode is connected; None where no bot could be asked."""


@dataclass(frozen=True, kw_only=True)
class SendosoTold:
    """What Sendoso's API says to one cheap question; `unasked` says why none was put."""

    error: str = ""
    unasked: str = ""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What it runs on."""

    python: tuple[int, ...] = ()
    sqlite: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Told:
    """All of it, as of `now`."""

    now: datetime
    settings: SettingsTold
    database: DatabaseTold
    slack: SlackTold | None = None
    """None without a token: then nothing was asked."""
    sendoso: SendosoTold | None = None
    machine: Machine = field(default_factory=Machine)
    scopes: Mapping[str, str] = field(default_factory=dict)
    """Scopes that the code needs, each with what for."""
