"""The configuration between the database and files: out, in, and a check of either."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import typer
from sqlalchemy.orm import Session

from bot.alerts import recompute
from bot.alerts.recompute import Preview
from bot.config.changes import WATCHED, Change, apply, between
from bot.config.check import Checked
from bot.config.current import InForce, in_force
from bot.config.document import Document
from bot.config.explain import explain
from bot.config.names import rule_name
from bot.config.problems import Problem
from bot.config.reading import Reading, read, reviewed
from bot.config.rulebook import rulebook
from bot.config.screen import print_json, show_changes, show_check
from bot.config.source import LARGEST
from bot.config.writing import write
from bot.invocation import FailedError, WrongUseError, complain, opened
from bot.sends import lookup
from bot.settings import Settings
from bot.terminal import progress
from bot.workspaces.choice import settings_of
from storage.config import COMMAND_LINE, ConfigChangedError
from storage.engine import DatabaseBusyError
from storage.models import Send

STDIN = Path("-")
"""Who has made a change, in the record of changes."""
EMPTY = Problem(path=(), sentence=(
    "The file holds no section: it is empty, or all of it is commented out. Write at least one, such as “routes:”; "
    "“sendwatch config export” writes them all."
))


def export_to(file: Path | None, workspace: str = "") -> None:
    """Write the configuration in force to a file, or print it."""
    with opened(settings_of(workspace)) as database, database.read() as session:
        found = in_force(session)
    for section in found.broken:
        complain(f"The stored section “{section}” cannot be used; its default is in force and written here.")
    text = write(found.document)
    if file is None or file == STDIN:
        sys.stdout.write(text)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FailedError(f"{file} cannot be written: {error.strerror}.") from None


def import_from(file: Path, *, dry_run: bool, as_json: bool, workspace: str = "") -> None:
    """Check a file, tell what it changes and, without `dry_run`, put it into force in one transaction."""
    content, settings, now = _content(file), settings_of(workspace), datetime.now(UTC)
    with opened(settings) as database, database.read() as session:
        found = in_force(session)
        reading = _read(content, found.document, has_admins=bool(settings.admin_users))
        changes = between(found.document, reading.document) if not reading.problems else ()
        effect = _effect(session, now, settings, found.document, reading.document, changes)
    if reading.problems and not as_json:
        _fail(f"{file} is not valid, and nothing was changed:", reading.problems)
    repaired = [section for section in reading.given if section in found.broken and not reading.problems]
    is_news = bool(changes or repaired)
    if is_news and not dry_run:
        _apply(settings, found, reading, now)
    if as_json:
        print_json({
            "changed": [{"section": one.section, "before": one.before, "after": one.after} for one in changes],
            "repaired": repaired, "effect": _as_json(effect) if effect else None, "written": is_news and not dry_run,
            "problems": [one.as_json() for one in reading.problems],
            "warnings": [one.as_json() for one in reading.warnings],
        })
        raise typer.Exit(1 if reading.problems else 0)
    show_changes(changes, repaired, reading, effect, dry_run=dry_run)


def check_file(file: Path | None, send: str | None, rule: str | None, *, as_json: bool, workspace: str = "") -> None:
    """Tell whether a file, or what is in force, is right, and where a send's alerts would go by it."""
    if rule is not None and send is None:
        raise WrongUseError("--rule only goes with --send: it asks where that send's alert would go.")
    checked = _checked(file, send, _rule(rule), settings_of(workspace))
    if as_json:
        print_json(checked.as_json())
        raise typer.Exit(1 if checked.problems else 0)
    if checked.problems:
        _fail(f"The configuration ({checked.source}) is not valid:", checked.problems)
    show_check(checked)


def _checked(file: Path | None, send: str | None, rule: str | None, settings: Settings) -> Checked:
    content = _content(file) if file else None
    channel, admins = settings.alert_channel or "", settings.admin_users
    with opened(settings) as database, database.read() as session:
        found = in_force(session)
        if content is None:
            reading = reviewed(found.document, has_admins=bool(admins))
        else:
            reading = _read(content, found.document, has_admins=bool(admins))
        broken = [problem for problems in found.broken.values() for problem in problems]
        asked = _send(session, send) if send is not None else None
        rules = rulebook(reading.document, settings.zone, channel, admins)
        return Checked(
            source=str(file) if file else "the database", rules=rules, document=reading.document,
            problems=(*reading.problems, *(broken if content is None else ())), warnings=reading.warnings, send=asked,
            explained=explain(session, datetime.now(UTC), rules, asked, rule) if asked else (),
            keep_sends=settings.keep_sends,
        )


def _read(content: bytes, base: Document, *, has_admins: bool) -> Reading:
    """The same as `read`, but a file without any section is a mistake: it may have been cut off."""
    reading = read(content, base, has_admins=has_admins)
    return reading if reading.given or reading.problems else replace(reading, problems=(EMPTY,))


def _content(file: Path) -> bytes:
    if file == STDIN:
        return sys.stdin.buffer.read(LARGEST + 1)
    if not file.is_file():
        raise WrongUseError(f"{file} is not a file. Name one in YAML; “sendwatch config export” writes one.")
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST + 1)
    except OSError as error:
        raise FailedError(f"{file} cannot be read: {error.strerror}.") from None


def _apply(settings: Settings, found: InForce, reading: Reading, now: datetime) -> None:
    try:
        with opened(settings, writes=True) as database, database.write() as session:
            apply(session, found, reading.document, now, COMMAND_LINE, reading.given)
    except DatabaseBusyError as error:
        raise FailedError(
            f"{error}\nNothing was changed. While the bot runs on SQLite its configuration is changed from Slack "
            "(/sends settings); --dry-run and “config check” work meanwhile.",
        ) from None
    except ConfigChangedError as error:
        raise FailedError(f"{error} Nothing was changed.") from None


def _effect(
    session: Session, now: datetime, settings: Settings, before: Document, after: Document, changes: Sequence[Change],
) -> Preview | None:
    """What a change would make due and no longer due; None where it concerns no limit."""
    if not WATCHED & {change.section for change in changes}:
        return None
    old, new = (rulebook(one, settings.zone, settings.alert_channel or "").watch for one in (before, after))
    with progress("Looking at all sends") as _:
        return recompute.preview(session, now, old, new)


def _as_json(effect: Preview) -> dict[str, object]:
    return {
        "becoming_due": effect.becoming_due, "no_longer_due": effect.no_longer_due, "by_status": dict(effect.by_status),
    }


def _rule(text: str | None) -> str | None:
    try:
        return rule_name(text) if text is not None else None
    except ValueError as error:
        raise WrongUseError(f"--rule {error}") from None


def _send(session: Session, query: str) -> Send:
    found = lookup.find(session, query, limit=1, most=None)
    if found.total == 1:
        return found.sends[0]
    if found.total > 1:
        raise WrongUseError(f"--send fits {found.total:,} sends; name one by its gid (“sendwatch status” shows it).")
    near = f" Nearest: {', '.join(found.nearest)}." if found.nearest else ""
    raise FailedError(f"No send matches “{query}”.{near}")


def _fail(heading: str, problems: Sequence[Problem]) -> None:
    raise FailedError("\n".join([heading, *(f"  - {problem}" for problem in problems)]))
