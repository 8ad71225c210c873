"""Deployment settings from the environment and `.env`; every mistake is reported at once."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.exc import ArgumentError

from bot.sends.webhook_secret import signs
from storage.engine import is_in_memory, normalise

DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
SHOWN = 200
"""Letters of a wrong value that are told."""

LONGEST_DURATION = timedelta(days=366)
AGE = re.compile(r"(\d{1,5})\s*([dwy])", re.ASCII)
DAYS = {"d": 1, "w": 7, "y": 365}
LEAST_KEPT, MOST_KEPT = 30, 20 * 365
"""Days that finished sends are kept, at least and at most, where not for ever."""
CHANNEL = re.compile(r"[CGD][A-Z0-9]{2,}")
USER = re.compile(r"[UW][A-Z0-9]{2,}")
OAUTH = ("sendoso_client_id", "sendoso_client_secret", "sendoso_refresh_token")
"""What must hold together."""
PUBLIC = re.compile(r"(https://[^\s/?#@]+|http://(localhost|127\.0\.0\.1)(:\d+)?)/?", re.ASCII)


class SettingsError(ValueError):
    """One or more settings are missing or wrong; `problems` holds a sentence for each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def duration(text: str) -> timedelta:
    """`30s`, `5m`, `2h`, `1d`, `1h30m` as a timedelta. ValueError says what is expected."""
    parts = list(DURATION.finditer(text.strip().lower()))
    if not parts or "".join(p.group(0) for p in parts) != text.strip().lower():
        raise ValueError("not a duration; write for example 30s, 5m or 1h")
    seconds = sum(float(p.group(1)) * UNITS[p.group(2)] for p in parts)
    # First by the number: a timedelta cannot be made of any.
    if seconds > LONGEST_DURATION.total_seconds() or not timedelta(0) < (length := timedelta(seconds=seconds)):
        raise ValueError("must be longer than nothing and at most a year")
    return length


def age(text: str) -> timedelta:
    """`90d`, `26w` or `2y` as a timedelta; a year is 365 days. ValueError says what is expected."""
    found = AGE.fullmatch(text.strip().lower())
    days = int(found[1]) * DAYS[found[2]] if found else 0
    if not found:
        raise ValueError("not a number of days, weeks or years; write for example 90d, 26w or 2y")
    if not LEAST_KEPT <= days <= MOST_KEPT:
        raise ValueError("must be at least 30d, so that reports have something to count, and at most 20y")
    return timedelta(days=days)


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], NoDecode]
Secrets = Annotated[tuple[SecretStr, ...], NoDecode]


class Settings(BaseSettings):
    """Every setting of DESIGN section 8, checked. `load()` makes one from the environment."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True, frozen=True)

    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    slack_client_id: str | None = None
    slack_client_secret: SecretStr | None = None
    public_url: str | None = None
    keep_uninstalled: timedelta = timedelta(days=30)
    keep_sends: timedelta | None = None
    database_url: SecretStr = SecretStr("sqlite:///sendwatch.db")
    alert_channel: str | None = None
    admin_users: Names = ()
    sendoso_api_url: str = "https://app.sendoso.com"
    sendoso_access_token: SecretStr | None = None
    sendoso_client_id: str | None = None
    sendoso_client_secret: SecretStr | None = None
    sendoso_refresh_token: SecretStr | None = None
    sendoso_webhook_secrets: Secrets = ()
    sync_every: timedelta = timedelta(minutes=15)
    scan_every: timedelta = timedelta(minutes=1)
    deliver_every: timedelta = timedelta(seconds=2)
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=3000, ge=0, le=65535)
    tz_default: str = "America/Los_Angeles"
    encryption_keys: Secrets = ()
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"

    @field_validator("sync_every", "scan_every", "deliver_every", "keep_uninstalled", mode="before")
    @classmethod
    def _durations(cls, value: object) -> object:
        return duration(value) if isinstance(value, str) else value

    @field_validator("keep_sends", mode="before")
    @classmethod
    def _age(cls, value: object) -> object:
        return age(value) if isinstance(value, str) else value

    @field_validator("admin_users", "sendoso_webhook_secrets", "encryption_keys", mode="before")
    @classmethod
    def _lists(cls, value: object) -> object:
        return _split(value)

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator(
        "slack_bot_token", "slack_app_token", "slack_signing_secret", "slack_client_secret", "sendoso_access_token",
        "sendoso_client_secret", "sendoso_refresh_token",
    )
    @classmethod
    def _tokens(cls, value: SecretStr | None) -> SecretStr | None:
        # It could not be sent in a header; “xoxb-…” is what the example in the README has in its place.
        if value is not None and not (value.get_secret_value().isascii() and value.get_secret_value().isprintable()):
            raise ValueError("has a character that no token or secret has, such as the “…” of an example")
        return value

    @field_validator("slack_bot_token", "slack_app_token")
    @classmethod
    def _not_swapped(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        # Slack's word for the one in the other's place is “invalid_auth”, which leads nobody to it.
        is_bots = info.field_name == "slack_bot_token"
        if value is not None and value.get_secret_value().startswith("xapp-" if is_bots else "xox"):
            raise ValueError(
                "is an app-level token, which goes into SLACK_APP_TOKEN; the bot's begins with xoxb-" if is_bots else
                "is no app-level token, which begins with xapp-; the bot's (xoxb-…) goes into SLACK_BOT_TOKEN",
            )
        return value

    @field_validator("slack_api_url", "sendoso_api_url")
    @classmethod
    def _urls(cls, value: str) -> str:
        if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value):
            raise ValueError("not an http:// or https:// address")
        return value

    @field_validator("public_url")
    @classmethod
    def _public(cls, value: str | None) -> str | None:
        # Slack sends people back there with a code that is as good as a token.
        if value is not None and not PUBLIC.fullmatch(value):
            raise ValueError("not an https:// address without a path, such as https://gifts.example.com")
        return value.rstrip("/") if value else value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: SecretStr) -> SecretStr:
        try:
            url = normalise(value.get_secret_value())
        except ArgumentError:
            raise ValueError("not a database URL; write for example sqlite:///sendwatch.db") from None
        except ValueError:
            # Its own words are Python's, about what stands there: that may be a part of the password.
            raise ValueError(
                "the port is no number; in a password @ is written %40, : is %3A, and / is %2F, and several servers "
                "are written postgresql://user:password@/name?host=one:5432&host=other:5432",
            ) from None
        if url.get_backend_name() not in {"sqlite", "postgresql"}:
            raise ValueError("only sqlite and postgresql are supported")
        if url.get_backend_name() == "sqlite" and str(url.database).startswith("file:"):
            # Such an address has several spellings for one file, and each would be locked by itself.
            raise ValueError("name the file itself, such as sqlite:////var/lib/sendwatch/sendwatch.db, not file:…")
        if url.get_backend_name() == "sqlite" and is_in_memory(url):
            raise ValueError(
                "names no file, and what is kept in memory alone is lost; write for example sqlite:///sendwatch.db",
            )
        if "\0" in unquote(str(url.database)):
            raise ValueError("has %00 in it, the one character that no name of a file or database may have")
        if url.get_backend_name() == "sqlite" and os.path.isdir(str(url.database)):  # noqa: PTH112 - of any length
            raise ValueError("names a folder; name a file in it, such as sqlite:////var/lib/sendwatch/sendwatch.db")
        return value

    @field_validator("alert_channel")
    @classmethod
    def _channel(cls, value: str | None) -> str | None:
        if value is not None and not CHANNEL.fullmatch(value):
            raise ValueError("not a channel id; one looks like C0123ABCD and stands in the channel's details")
        return value

    @field_validator("admin_users")
    @classmethod
    def _admins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [user for user in value if not USER.fullmatch(user)]
        if wrong:
            named = ", ".join(user if user.isprintable() else ascii(user) for user in wrong)
            raise ValueError(f"not Slack user ids: {_clipped(named)}; one looks like U0123ABCD")
        return value

    @field_validator("tz_default")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError("not a time zone; write for example America/Los_Angeles") from None
        return value

    @field_validator("sendoso_webhook_secrets")
    @classmethod
    def _webhooks(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        wrong = [place for place, one in enumerate(value, 1) if not signs(one.get_secret_value())]
        if wrong:
            # Without its value: it may be one of another service.
            raise ValueError(f"number {wrong[0]} is no signing secret; Sendoso's portal shows one as whsec_…")
        return value

    @field_validator("encryption_keys")
    @classmethod
    def _keys(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if not value:
            return value
        # Only who has keys needs it: it takes seven megabytes and a moment of the start.
        from cryptography.fernet import Fernet  # noqa: PLC0415

        for key in value:
            try:
                Fernet(key.get_secret_value())
            except ValueError:
                raise ValueError("each key must be 32 bytes in url-safe base64") from None
        return value

    @model_validator(mode="after")
    def _together(self) -> Settings:
        missing = [name.upper() for name in OAUTH if not getattr(self, name)]
        if missing and len(missing) < len(OAUTH):
            raise ValueError(f"Sendoso's OAuth needs three settings; missing: {', '.join(missing)}")
        if not missing and not self.encryption_keys:
            raise ValueError(
                "ENCRYPTION_KEYS is missing: Sendoso's OAuth tokens rotate and are stored encrypted",
            )
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.tz_default)

    @property
    def has_sendoso(self) -> bool:
        return bool(self.sendoso_access_token or self.sendoso_refresh_token)

    @property
    def serves_many(self) -> bool:
        """Whether workspaces install the app themselves; with a bot token there is one, and it is installed."""
        return bool(self.slack_client_id or self.slack_client_secret) and not self.slack_bot_token

    def missing_for_slack(self) -> list[str]:
        """What `sendwatch run` still needs, a sentence each."""
        if self.serves_many:
            return self._missing_for_many()
        problems = []
        if not self.slack_bot_token:
            problems.append("SLACK_BOT_TOKEN is missing: the bot token (xoxb-…) of the Slack app.")
        if not self.slack_app_token and not self.slack_signing_secret:
            problems.append(
                "SLACK_APP_TOKEN (xapp-…, Socket Mode) or SLACK_SIGNING_SECRET (HTTP) is missing: "
                "one of them tells how Slack reaches the bot.",
            )
        if not self.alert_channel:
            problems.append("ALERT_CHANNEL is missing: the id of the channel for alerts, such as C0123ABCD.")
        return problems


    def _missing_for_many(self) -> list[str]:
        wanted = {
            "SLACK_CLIENT_ID is missing: Basic Information of the Slack app shows it.": self.slack_client_id,
            "SLACK_CLIENT_SECRET is missing: Basic Information of the Slack app shows it.": self.slack_client_secret,
            "SLACK_SIGNING_SECRET is missing: it proves that a request comes from Slack.": self.slack_signing_secret,
            "ENCRYPTION_KEYS is missing: the tokens of workspaces are only stored encrypted.": self.encryption_keys,
            "PUBLIC_URL is missing: the https:// address of this server, to which Slack sends people back.":
                self.public_url,
        }
        return [sentence for sentence, given in wanted.items() if not given]


def load(**overrides: Any) -> Settings:  # noqa: ANN401 - one value per field, checked by pydantic
    """Settings from the environment and `.env`. Raises `SettingsError` naming every mistake."""
    return _load(overrides, for_slack=False)


def load_to_run(**overrides: Any) -> Settings:  # noqa: ANN401 - as above
    """The same for `sendwatch run`: what that still needs is a mistake, too."""
    return _load(overrides, for_slack=True)


def _load(overrides: dict[str, Any], *, for_slack: bool) -> Settings:
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        raise SettingsError(_problems(error, overrides, for_slack=for_slack)) from None
    except UnicodeDecodeError:
        raise SettingsError([".env is not text in UTF-8: save it as such."]) from None
    except OSError as error:
        raise SettingsError([f".env cannot be read: {error.strerror}."]) from None
    missing = settings.missing_for_slack() if for_slack else []
    if missing:
        raise SettingsError(missing)
    return settings


def _problems(error: ValidationError, overrides: dict[str, Any], *, for_slack: bool) -> list[str]:
    found = [_sentence(problem) for problem in error.errors()]
    wrong = {str(problem["loc"][0]) for problem in error.errors() if problem["loc"]}
    # pydantic looks at what settings must hold together only once each is right by itself;
    # a second look without the wrong ones tells everything at once.
    right, more = overrides | {name: Settings.model_fields[name].default for name in wrong}, list[str]()
    if wrong:
        try:
            Settings(**right)
        except ValidationError as together:
            more += [_sentence(problem) for problem in together.errors()]
    if for_slack:
        more += Settings(**right | dict.fromkeys(OAUTH)).missing_for_slack()
    return found + [line for line in more if not any(name.upper() in line for name in wrong)]


def _sentence(problem: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    name = ".".join(str(part) for part in problem["loc"][:1]).upper()
    reason: str = problem["msg"].removeprefix("Value error, ")
    if not name:
        return f"{reason}."
    secret = re.search("TOKEN|SECRET|KEYS|DATABASE_URL", name)
    value = "" if secret else f" is {_clipped(repr(problem['input']))}"
    return f"{name}{value}: {reason}."


def _clipped(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
