"""What every command of the command line goes by: the settings, the database, and how it ends where it cannot work."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.settings import Settings
    from storage.engine import Database

RECKONED = (1900, 9000)
"""Years from which waits, reminders and ends of mutes can be reckoned: none of them leaves the calendar."""
READ_ONLY = "25006"
"""PostgreSQL's SQLSTATE for what would write in a transaction that may not."""
UNWRITABLE = "SQLITE_READONLY"
"""With what SQLite's names begin for a file or folder that the user may not write to; even to look needs that."""
NO_ROOM = ("SQLITE_FULL", "SQLITE_IOERR")
"""The same for a disk on which nothing can be written any more. Where it is full already when a file is opened, SQLite
calls that an error of the disk."""
LONGEST = 1000
"""Characters of a line; an argument that was meant for something else may be of any length."""
OLDER = (
    "An older version of Sendwatch has made the database, and may be at work on it. Run “sendwatch migrate” first, or "
    "start the bot, once the older one is stopped."
)
TOO_FAR = "{option} {text!r} is too near an end of the calendar to reckon with; name a time between 1900 and 9000."


class WrongUseError(Exception):
    """The command was called in a way that cannot work; exit code 2."""


class FailedError(Exception):
    """The command was right but could not be carried out; exit code 1."""


def trouble(error: Exception) -> tuple[int, list[str]]:
    """The exit code and the sentences for a known trouble; 0 for any other."""
    # Only now: to load the database's side takes three times as long as all of `--help`.
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    from bot.settings import SettingsError  # noqa: PLC0415
    from storage.engine import DatabaseBusyError, DatabaseFileError  # noqa: PLC0415
    from storage.schema import NewerDatabaseError  # noqa: PLC0415
    from storage.servers import UnfitServerError  # noqa: PLC0415

    if isinstance(error, SettingsError):
        return 2, ["Some settings are wrong or missing:", *(f"  - {line}" for line in error.problems)]
    if isinstance(error, WrongUseError):
        return 2, [str(error)]
    if isinstance(error, FailedError | DatabaseBusyError | DatabaseFileError | NewerDatabaseError | UnfitServerError):
        return 1, [str(error)]
    if isinstance(error, UnicodeDecodeError):
        # SQLite gives what stands in the file; only a damaged one holds a text that is none.
        return 1, ["The database holds what no version writes: its file is damaged.", "Restore the last back-up."]
    if isinstance(error, DBAPIError):
        return 1, _of_database(error.orig)
    return 0, []


def _of_database(error: BaseException | None) -> list[str]:
    """What to say of an error that the driver has raised."""
    which, told = "DATABASE_URL says which one is used.", f"The database does not work: {str(error).strip()}"
    name = str(getattr(error, "sqlite_errorname", ""))
    if getattr(error, "sqlstate", None) == READ_ONLY:
        return ["The database takes no writes: the server is a standby, or set to read only.", which]
    if name.startswith(UNWRITABLE):
        told = "The database cannot be used: this user may not write to its file, or to the folder where it is."
    if name.startswith(NO_ROOM):
        return [told, "Its disk may be full: “sendwatch doctor” says how much is free beside the file."]
    return [told, which]


def complain(*lines: str) -> None:
    """Say on standard error what is wrong, a line each."""
    for line in lines:
        sys.stderr.write(f"{line if len(line) <= LONGEST else f'{line[:LONGEST]}…'}\n")


def load_settings(*, needs_slack: bool = False) -> Settings:
    """The settings of the bot as a whole, those to run it with where it `needs_slack`. Raises `SettingsError`."""
    from bot import logs  # noqa: PLC0415
    from bot.settings import load, load_to_run  # noqa: PLC0415

    settings = load_to_run() if needs_slack else load()
    logs.configure(settings.log_level if needs_slack else "ERROR", settings.log_format)
    return settings


@contextmanager
def opened(settings: Settings, *, writes: bool = False) -> Iterator[Database]:
    """The database of these settings, brought to this version's schema, for as long as it lasts.

    Who only looks (not `writes`) brings no PostgreSQL database up to date that holds something: `FailedError`.
    """
    from storage import schema, startup  # noqa: PLC0415
    from storage.engine import Database  # noqa: PLC0415

    url = settings.database_url.get_secret_value()
    database = Database(url, exclusive=writes)
    try:
        if not writes and not schema.is_current(database):
            if not database.is_sqlite and not schema.is_empty(database):
                schema.refuse_newer(database)
                # No lock of a file would tell that a bot of the former version works with it.
                raise FailedError(OLDER)
            # Who only looks changes the schema as well then, and must not do so under a bot of the former version.
            database.close()
            database, writes = Database(url, exclusive=True), True
        if writes:
            startup.prepare(database, datetime.now(UTC))
        yield database
    finally:
        database.close()


def instant(text: str, settings: Settings, option: str = "--at") -> datetime:
    """The time, in UTC, that was given for the option; without a zone it is in the bot's. Raises `WrongUseError`."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise WrongUseError(f"{option} {text!r} is not a time; write for example 2026-12-01T09:00 or …Z.") from None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=settings.zone)).astimezone(UTC)
    except OverflowError:
        raise WrongUseError(TOO_FAR.format(option=option, text=text)) from None
