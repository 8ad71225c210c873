"""Looks whether a Sendwatch for several workspaces is set up: the server first, then each workspace by itself."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from sqlalchemy.exc import SQLAlchemyError

from bot import checkup, disk
from bot.clock import Clock
from bot.doctor import hosted
from bot.doctor.database import TOPIC as DATABASE
from bot.doctor.database import room
from bot.doctor.finding import Finding, Report, State
from bot.doctor.setup import wrong_settings
from bot.logs import redacted
from bot.settings import Settings
from bot.workspaces.install import INSTALL
from bot.workspaces.registry import Kept, Registry, own_settings, why
from storage import rooms, schema, search_index
from storage.engine import Database, DatabaseFileError, normalise
from storage.servers import UnfitServerError

SERVER = "Server"
AT_ONCE = 8
"""Workspaces that are looked at side by side: each asks Slack and Sendoso, and waits for them."""
MAKE = "“sendwatch run” or “sendwatch migrate” makes it, or brings it up to date."
OTHER = "DATABASE_URL says which database is used."
MOVE = (
    "Have its owner run: ALTER EXTENSION pg_trgm SET SCHEMA public; in this database. Should that schema be deleted, "
    "all others lose their search index with it. The bot moves it before it deletes a workspace, where it may."
)
INSTALL_AGAIN = "Put the key that is missing back into ENCRYPTION_KEYS, or have the workspace install the app again."
STORE_ANEW = (
    "Put the key that is missing back into ENCRYPTION_KEYS, or have the access stored anew: “sendwatch workspaces "
    "sendoso {team} FILE” does it, or an admin of the workspace with /sends settings sendoso."
)

STORED_BY = (
    "These are no settings of the bot here, but lines of a FILE: “sendwatch workspaces sendoso {team} FILE” stores "
    "them, or an admin of the workspace does with /sends settings sendoso."
)


def examine(settings: Settings, clock: Clock) -> Report:
    """Everything that can be found out, while the bot may be at work. Changes nothing."""
    problems = settings.missing_for_slack()
    if problems:
        return wrong_settings(problems)
    url = normalise(settings.database_url.get_secret_value())
    try:
        if checkup.is_new(url):
            # Opened, it would be made.
            return Report(findings=(_server("Main database", State.WARNING, "nothing is there yet", MAKE),))
    except DatabaseFileError as error:
        return Report(findings=(_server("Main database", State.WRONG, str(error), OTHER),))
    own = rooms.whose(settings.database_url.get_secret_value())
    if own is not None:
        return Report(findings=(_of_one(own[1]),))
    database = checkup.opened(settings)
    try:
        return Report(findings=tuple(_look(settings, database, clock)))
    except (SQLAlchemyError, OSError, UnfitServerError) as error:
        # What the driver says may hold the URL, and with it a password.
        told = redacted(why(error)) or type(error).__name__
        free = disk.free(database)
        return Report(findings=(
            _server("Main database", State.WRONG, f"it cannot be read: {told}", OTHER),
            *([room(free, SERVER)] if free is not None else []),
        ))
    finally:
        database.close()


def _look(settings: Settings, database: Database, clock: Clock) -> Iterator[Finding]:
    if not schema.is_current(database):
        yield _server(
            "Main database", State.WRONG, "not that of this version, or still empty",
            MAKE,
        )
        return
    yield _server("Main database", State.GOOD, "it answers, and is up to date")
    free = disk.free(database)
    if free is not None:
        yield room(free, SERVER)
    is_connected = checkup.connected(settings) if settings.slack_app_token else None
    if is_connected is False:
        yield _server(
            "Socket Mode", State.WRONG, "the bot that runs here is not connected",
            "Check SLACK_APP_TOKEN, and that Socket Mode is on in the app's settings in Slack.",
        )
    with database.engine.connect() as connection:
        schema_of_one = search_index.goes_with(connection)
    if schema_of_one:
        yield _server("Search", State.WARNING, f"pg_trgm stands in {schema_of_one}, the schema of one workspace", MOVE)
    registry = Registry(settings, database, clock)
    rows = {row.team_id: row for row in registry.every()}
    names = {team_id: row.name for team_id, row in rows.items()}
    kept, broken = registry.installed()
    yield _installed(len(kept) + len(broken), settings)
    for team_id, reason in sorted(broken.items()):
        topic = _topic(team_id, names)
        yield Finding(topic=topic, what="Token", state=State.WRONG, value=reason, mend=INSTALL_AGAIN)
        # To have the token back would not be enough where the database does not work either.
        report = checkup.examine(own_settings(settings, rows[team_id], None, {}), clock, workspace=team_id)
        yield from (
            replace(one, topic=f"{topic}: {one.topic}") for one in report.findings
            if one.topic == DATABASE and one.state is State.WRONG
        )
    with ThreadPoolExecutor(AT_ONCE) as pool:
        reports = pool.map(lambda one: checkup.examine(one.settings, clock, workspace=one.team_id), kept.values())
        for one, report in zip(kept.values(), reports, strict=True):
            yield from _of(one, report, names)


def _installed(number: int, settings: Settings) -> Finding:
    if number:
        return _server("Workspaces", State.GOOD, f"{number:,} {'has' if number == 1 else 'have'} the app")
    mend = f"{settings.public_url}{INSTALL} is where a workspace installs it."
    return _server("Workspaces", State.WARNING, "nobody has installed the app yet", mend)


def _of_one(team_id: str) -> Finding:
    """Nobody has installed the app in there, which would be told of a main database."""
    return _server(
        "Main database", State.WRONG, f"DATABASE_URL names the database of one workspace, {team_id}",
        "Run doctor with the DATABASE_URL of the bot, that of the main database: it looks at each workspace.",
    )


def _of(kept: Kept, report: Report, names: dict[str, str]) -> Iterator[Finding]:
    topic = _topic(kept.team_id, names)
    if not kept.has_channel:
        yield Finding(
            topic=topic, what="Channel for alerts", state=State.WARNING, value="none; they go to who installed the app",
            mend="Invite the bot to a channel: the first one becomes the channel for alerts.",
        )
    if kept.unreadable:
        yield Finding(
            topic=topic, what="Access to Sendoso", state=State.WRONG, value=kept.unreadable,
            mend=STORE_ANEW.format(team=kept.team_id),
        )
    for one in hosted.of_one(report, kept.team_id).findings:
        yield _mended(replace(one, topic=f"{topic}: {one.topic}"), kept)


def _mended(one: Finding, kept: Kept) -> Finding:
    """The same for somebody who sets workspaces up, not one Sendwatch."""
    if one.mend and (hosted.ITS_OWN["SLACK_BOT_TOKEN"] in one.value or "SLACK_BOT_TOKEN" in one.mend):
        mend = f"Have the workspace install the app again: {kept.settings.public_url}{INSTALL}."
        return replace(one, mend=mend, link="")
    if "SENDOSO_" in one.mend:
        return replace(one, mend=f"{one.mend} {STORED_BY.format(team=kept.team_id)}")
    return one


def _topic(team_id: str, names: dict[str, str]) -> str:
    name = "".join(sign for sign in names.get(team_id, "") if sign.isprintable())
    return f"Workspace {team_id} {name}".strip()


def _server(what: str, state: State, value: str, mend: str = "") -> Finding:
    return Finding(topic=SERVER, what=what, state=state, value=value, mend=mend)
