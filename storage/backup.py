"""Back-ups of the SQLite file: taken while the bot runs, checked, and put back."""

from __future__ import annotations

import fcntl
import glob
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from storage import rooms
from storage.schema import is_known

PAGES = 2_000
"""Pages copied at a time, about eight megabytes; progress is told in between."""
UNSURE = """
    UPDATE messages SET phase = 'unclear', first_attempt_at = COALESCE(first_attempt_at, created_at),
        attempt = NULL, lease_until = NULL
    WHERE ts IS NULL AND next_at IS NOT NULL AND channel NOT LIKE 'mail:%' AND channel NOT LIKE '*%'
"""
"""What waited when the back-up was taken may have been posted since: it is looked for before it is posted."""

Step = Callable[[int, int], None]
"""Told how much is done, and of how much."""


class BackupError(RuntimeError):
    """A back-up could not be taken or put back; the message says why, and that nothing was changed."""


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a database file holds: `revision` of its schema, how many sends and alerts, its size in bytes."""

    revision: str
    sends: int
    alerts: int
    size: int


def save(source: Path, target: Path, step: Step = lambda _done, _of: None) -> Contents:
    """Copy the database `source`, as it is at this moment, to the new file `target`; a bot may go on working with it.

    The copy is checked before it gets its name, so that a file of that name is always a whole one. Raises
    `BackupError` where `target` is there already, `source` is no database of ours, or the copy is not whole.
    """
    if target.exists():
        raise BackupError(f"{target} is there already. A back-up overwrites nothing: name another file.")
    if not source.is_file():
        raise BackupError(f"There is no database at {source}.")
    with _beside(target) as part:
        try:
            _copy(source, part, step)
        except sqlite3.Error as error:
            raise BackupError(f"{source} cannot be copied: {error}.") from None
        found = look(part, source)
        _reach_disk(part)
        try:
            # Unlike a rename, a link never takes the place of a file that has come up meanwhile.
            os.link(part, target)
        except FileExistsError:
            raise BackupError(f"{target} is there already. A back-up overwrites nothing: name another file.") from None
        _reach_disk(target.parent)
    return found


def family(path: Path) -> dict[str, Path]:
    """The file, under "", and those of the workspaces that have databases of their own beside it, by workspace."""
    found = {"": path}
    for other in sorted(path.parent.glob(f"{glob.escape(path.stem)}-*{glob.escape(path.suffix)}")):
        team = other.name.removeprefix(f"{path.stem}-").removesuffix(path.suffix)
        if rooms.TEAM.fullmatch(team):
            found[team] = other
    return found


def beside(path: Path, team: str) -> Path:
    """Where the file of a workspace stands, given the main one."""
    return path.with_name(f"{path.stem}-{team}{path.suffix}") if team else path


def look(path: Path, of: Path | None = None) -> Contents:
    """What a back-up holds, after a look at all its pages. Raises `BackupError` where it is not whole or not ours.

    `of` is the file to be named then, where this is but a copy of it.
    """
    named = of or path
    try:
        with closing(_open(path)) as connection:
            wrong = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
            if wrong != ["ok"]:
                raise BackupError(f"{named} is damaged: {'; '.join(wrong)}.")
            revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
            sends = connection.execute("SELECT count(*) FROM sends").fetchone()[0]
            alerts = connection.execute("SELECT count(*) FROM alerts").fetchone()[0]
    except (sqlite3.Error, TypeError, UnicodeDecodeError):
        raise BackupError(f"{named} is no database of Sendwatch's, or it is damaged.") from None
    return Contents(revision=revision, sends=sends, alerts=alerts, size=path.stat().st_size)


def put_back(saved: Path, target: Path, now: datetime) -> tuple[Contents, Path | None]:
    """Make the back-up `saved` the database `target`; gives what it holds, and where the former one is kept.

    To be called with the lock of `target` held. Raises `BackupError` for a back-up that is not whole, or that a newer
    version has made; `target` is then as before.
    """
    if not saved.is_file():
        raise BackupError(f"{saved} is not a file. Name one that “sendwatch backup” has made.")
    found = look(saved)
    if not is_known(found.revision):
        raise BackupError(
            f"{saved} was made by a newer version of Sendwatch (schema {found.revision}). Upgrade first, then restore.",
        )
    with _beside(target) as part:
        shutil.copyfile(saved, part)
        with closing(_open(part)) as connection, connection:
            connection.execute(UNSURE)
        if target.exists():
            _own_alike(target, part)
        _reach_disk(part)
        kept = _put_aside(target, now) if target.exists() else None
        part.replace(target)
        _reach_disk(target.parent)
    return found, kept


def _open(path: Path) -> sqlite3.Connection:
    # Never made where it is not there.
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=30)


def _copy(source: Path, part: Path, step: Step) -> None:
    with closing(_open(source)) as reading, closing(_open(part)) as writing:
        # In one transaction all pages are those of one moment. Without it, SQLite would begin anew with every commit
        # of the bot's.
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
        reading.backup(writing, pages=PAGES, progress=lambda _status, left, of: step(of - left, of), sleep=0)
        reading.rollback()
        # One file, without a log beside it; the bot that works with it begins one again.
        writing.execute("PRAGMA journal_mode=DELETE")


def _own_alike(target: Path, part: Path) -> None:
    # Put back by root, the file must still be the bot's own.
    before = target.stat()
    part.chmod(before.st_mode & 0o777)
    with suppress(PermissionError):
        os.chown(part, before.st_uid, before.st_gid)


def _put_aside(target: Path, now: datetime) -> Path:
    # So that no log of the former database is left for the next one; a damaged one is kept as it is, its log with it.
    with suppress(sqlite3.Error), closing(_open(target)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = rooms.put_aside(target, now)
    if kept.exists():
        raise BackupError(f"{kept} is there already; the former database would be kept under that name.")
    for end in ("-wal", "-shm"):
        log = target.with_name(f"{target.name}{end}")
        if log.exists():
            log.replace(f"{kept}{end}")
    os.link(target, kept)
    return kept


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """An empty file in the same folder, for the owner alone, that is gone afterwards under this name."""
    _clear(target)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    except OSError as error:
        raise BackupError(f"{target.parent} cannot be written to: {error.strerror}.") from None
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield Path(name)
    except OSError as error:
        raise BackupError(f"{target} cannot be written: {error.strerror}.") from None
    finally:
        _remove(name)
        os.close(handle)


def _clear(target: Path) -> None:
    """Remove what runs that were killed have left half done: what it holds of people could not be forgotten there."""
    for left in target.parent.glob(f".{glob.escape(target.name)}.*.part"):
        # The lock of a run that is alive is not to be had.
        with suppress(OSError), left.open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(str(left))


def _remove(name: str) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        Path(f"{name}{end}").unlink(missing_ok=True)


def _reach_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
