"""Back-ups that are put back in the place of SQLite files: all of them, or none."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from storage import backup, rooms
from storage.backup import BackupError, Contents, look, opened, part_of, reach_disk
from storage.schema import is_known

UNSURE = """
    UPDATE messages SET phase = 'unclear', first_attempt_at = COALESCE(first_attempt_at, created_at),
        attempt = NULL, lease_until = NULL
    WHERE ts IS NULL AND next_at IS NOT NULL AND channel NOT LIKE 'mail:%' AND channel NOT LIKE '*%'
"""
"""What waited when the back-up was taken may have been posted since: it is looked for before it is posted."""


@dataclass(frozen=True, kw_only=True)
class Restored:
    """A back-up that is the database `target` now: what it holds, and where the former one, if any, is kept."""

    saved: Path
    target: Path
    found: Contents
    former: Path | None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be done with a back-up and its copies of workspaces, which go by their workspaces' ids."""

    pairs: list[tuple[Path, Path]]
    """Each copy, and the database that it is to be; the main one first."""
    strangers: dict[str, Path]
    """Databases of workspaces that the back-up does not know: they are set aside."""
    is_sure: bool
    """Whether the present main database tells that these came later; else any may."""
    unknown: dict[str, Path]
    """Copies that the back-up does not know: they are left alone."""
    torn: list[str]
    """Workspaces without a copy, whose present databases would come beside an older main one."""
    empty: list[str]
    """Workspaces without a copy that have no database either."""

    @property
    def targets(self) -> list[Path]:
        """The databases that are replaced or set aside."""
        return [*(target for _, target in self.pairs), *self.strangers.values()]


def planned(file: Path, main: Path, known: set[str], present: set[str] | None) -> Plan:
    """How the back-up `file`, and the copies beside it, are to be put in the place of `main` and those beside that.

    `known` are the workspaces in the back-up, `present` those in the main database (None: it cannot be read).
    """
    copies = backup.family(file)
    missing = sorted(known - set(copies))
    # One that came after the back-up would be nobody's, and nothing that is told to forget somebody would come to it.
    # Where the main database cannot tell which those are, being lost, damaged, or one that was begun anew after that,
    # any that the back-up does not know may be one.
    is_sure = bool(present) or (present is not None and not known)
    saved = {one.resolve() for one in copies.values()}
    return Plan(
        pairs=[(copy, backup.beside(main, team)) for team, copy in copies.items() if not team or team in known],
        strangers={
            team: path for team, path in backup.family(main).items()
            if team and team not in known and path.resolve() not in saved and (not is_sure or team in (present or ()))
        },
        is_sure=is_sure,
        unknown={team: copies[team] for team in sorted(copies) if team and team not in known},
        torn=[team for team in missing if backup.beside(main, team).exists()],
        empty=[team for team in missing if not backup.beside(main, team).exists()],
    )


def restore(pairs: Sequence[tuple[Path, Path]], now: datetime, strangers: Sequence[Path] = ()) -> list[Restored]:
    """Make each back-up the database that is named with it; all of them or, where `BackupError` is raised, none.

    The databases `strangers` are set aside, under the names that `rooms.put_aside` gives. To be called with the locks
    of the databases held. The error is raised for a back-up that is not whole, or that a newer version has made, and
    where the disk has no room.
    """
    found = [_checked(saved) for saved, _ in pairs]
    done: dict[Path, Path | None] = {}
    with ExitStack() as parts:
        ready = [(_ready(parts, saved, target), target) for saved, target in pairs]
        try:
            # First, for once the main database is the old one, nobody knows of them any more.
            for stranger in strangers:
                done[stranger] = _set_aside(stranger, now)
            for part, target in ready:
                done[target] = _take_place(part, target, now)
        except (BackupError, OSError) as error:
            for target, former in reversed(done.items()):
                _give_back(target, former)
            raise error if isinstance(error, BackupError) else BackupError(f"Nothing is restored: {error}.") from None
    return [
        Restored(saved=saved, target=target, found=held, former=done[target])
        for (saved, target), held in zip(pairs, found, strict=True)
    ]


def workspaces_in(path: Path) -> set[str] | None:
    """The workspaces that a main database, or a back-up of one, knows; none where it serves but one.

    None where that cannot be told: there is no such file, or it is damaged or none of ours.
    """
    try:
        with closing(opened(path)) as connection:
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if "workspaces" in tables:
                return {row[0] for row in connection.execute("SELECT team_id FROM workspaces WHERE team_id <> ''")}
            # Those of the first versions served but one.
            return set() if "alembic_version" in tables else None
    except (sqlite3.Error, UnicodeDecodeError):
        return None


def _checked(saved: Path) -> Contents:
    if not saved.is_file():
        raise BackupError(f"{saved} is not a file. Name one that “sendwatch backup” has made.")
    found = look(saved)
    if not is_known(found.revision):
        raise BackupError(
            f"{saved} was made by a newer version of Sendwatch (schema {found.revision}). Upgrade first, then restore.",
        )
    return found


def _ready(parts: ExitStack, saved: Path, target: Path) -> Path:
    """The back-up beside the database whose place it will take, safe on the disk."""
    part = parts.enter_context(part_of(target))
    shutil.copyfile(saved, part)
    with closing(opened(part)) as connection, connection:
        connection.execute(UNSURE)
    if target.exists():
        _own_alike(target, part)
    reach_disk(part)
    return part


def _own_alike(target: Path, part: Path) -> None:
    # Put back by root, the file must still be the bot's own.
    before = target.stat()
    part.chmod(before.st_mode & 0o777)
    with suppress(PermissionError):
        os.chown(part, before.st_uid, before.st_gid)


def _take_place(part: Path, target: Path, now: datetime) -> Path | None:
    former = _put_aside(target, now) if target.exists() else None
    try:
        part.replace(target)
        reach_disk(target.parent)
    except OSError:
        _give_back(target, former)
        raise
    return former


def _set_aside(target: Path, now: datetime) -> Path:
    """Keep a database under the name that a restored one's former has; there is none in its place then."""
    kept = _put_aside(target, now)
    target.unlink()
    reach_disk(target.parent)
    return kept


def _put_aside(target: Path, now: datetime) -> Path:
    # So that no log of the former database is left for the next one; a damaged one is kept as it is, its log with it.
    with suppress(sqlite3.Error), closing(opened(target)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = rooms.put_aside(target, now)
    if kept.exists():
        raise BackupError(f"{kept} is there already; the former database would be kept under that name.")
    os.link(target, kept)
    for end in ("-wal", "-shm"):
        log = target.with_name(f"{target.name}{end}")
        if log.exists():
            log.replace(f"{kept}{end}")
    return kept


def _give_back(target: Path, former: Path | None) -> None:
    if former is None:
        target.unlink(missing_ok=True)
        return
    if target.exists() and former.samefile(target):
        # A file is not renamed to another name of itself.
        former.unlink()
    else:
        former.replace(target)
    for end in ("-wal", "-shm"):
        log = Path(f"{former}{end}")
        if log.exists():
            log.replace(target.with_name(f"{target.name}{end}"))
