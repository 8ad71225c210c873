"""Checks of the settings and of the machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.doctor.finding import Finding, Report, State
from bot.doctor.told import Told

SETTINGS, MACHINE = "Settings", "Machine"
OLDEST_PYTHON, OLDEST_SQLITE = (3, 11), (3, 34)
"""The SQLite in which fragments can be found through an index of trigrams."""
APPS = "https://api.slack.com/apps"
README = "README.md, “Use it in your Slack workspace”, says where it comes from."


def app_page(told: Told, page: str = "") -> str:
    """The page of the app in Slack's settings; the list of all where its id is not known."""
    return f"{APPS}/{told.settings.app_id}/{page}".rstrip("/") if told.settings.app_id else APPS


def check(told: Told) -> Iterator[Finding]:
    """Whether what must be set is set, and how Slack reaches the bot."""
    yield _bot_token(told)
    yield _transport(told)
    yield _alert_channel(told)
    yield _admins(told)


def _found(what: str, state: State, value: str, mend: str = "", link: str = "") -> Finding:
    return Finding(topic=SETTINGS, what=what, state=state, value=value, mend=mend, link=link)


def _bot_token(told: Told) -> Finding:
    if told.settings.has_bot_token:
        return _found("SLACK_BOT_TOKEN", State.GOOD, "set")
    return _found(
        "SLACK_BOT_TOKEN", State.WRONG, "missing", f"Set it to the app's Bot User OAuth Token, xoxb-…. {README}",
        app_page(told, "oauth"),
    )


def _transport(told: Told) -> Finding:
    seen = told.settings
    if seen.has_app_token:
        if seen.app_id:
            return _found("How Slack reaches the bot", State.GOOD, "Socket Mode, by SLACK_APP_TOKEN")
        return _found(
            "How Slack reaches the bot", State.WRONG, "SLACK_APP_TOKEN is no app-level token",
            "One begins with xapp-1-. Make it with the scope connections:write: Basic Information, App-Level Tokens.",
            app_page(told, "general"),
        )
    if seen.has_signing_secret:
        return _found("How Slack reaches the bot", State.GOOD, "HTTP, signed with SLACK_SIGNING_SECRET")
    return _found(
        "How Slack reaches the bot", State.WRONG, "neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set",
        f"Set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP. {README}", app_page(told, "general"),
    )


def _alert_channel(told: Told) -> Finding:
    if told.settings.alert_channel:
        return _found("ALERT_CHANNEL", State.GOOD, told.settings.alert_channel)
    return _found(
        "ALERT_CHANNEL", State.WRONG, "missing",
        "Set it to the id of the channel for alerts, such as C0123ABCD; it stands at the end of the channel's details.",
    )


def _admins(told: Told) -> Finding:
    number = len(told.settings.admins)
    if number:
        return _found("ADMIN_USERS", State.GOOD, f"{number:,} named")
    return _found(
        "ADMIN_USERS", State.WARNING, "nobody is named",
        "Nobody can change settings, and nobody hears of the bot's own troubles. Set it to Slack user ids; one looks "
        "like U0123ABCD and stands in the menu of a profile.",
    )


def wrong_settings(problems: Sequence[str]) -> Report:
    """The report where the settings are such that nothing can be asked; a sentence for each that is wrong."""
    return Report(findings=(
        *(_found(name, State.WRONG, one.removeprefix(f"{name}: "), "Set it right, then ask again.")
          for one in problems for name in [one.split(maxsplit=1)[0].rstrip(":")]),
        _found("Everything else", State.UNASKED, "not asked, since the settings are wrong"),
    ))


def machine(told: Told) -> Iterator[Finding]:
    """Whether Python and the database are such that everything works."""
    yield Finding(
        topic=MACHINE, what="Python", value=_dotted(told.machine.python),
        state=State.GOOD if told.machine.python[:2] >= OLDEST_PYTHON else State.WRONG,
        mend="" if told.machine.python[:2] >= OLDEST_PYTHON else "Use Python 3.11 or newer.",
    )
    if told.database.kind == "SQLite":
        is_new = told.machine.sqlite[:2] >= OLDEST_SQLITE
        yield Finding(
            topic=MACHINE, what="SQLite", value=_dotted(told.machine.sqlite),
            state=State.GOOD if is_new else State.WARNING,
            mend="" if is_new else "With SQLite 3.34 or newer, fragments of names are found through an index.",
        )
    elif told.database.version:
        yield Finding(topic=MACHINE, what="PostgreSQL", value=told.database.version, state=State.GOOD)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version[:3]))
