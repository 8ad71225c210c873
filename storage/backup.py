"""Back-ups of the SQLite file: taken while the bot runs, and checked."""

from __future__ import annotations

import fcntl
import glob
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from storage import rooms

PAGES = 2_000
"""Pages copied at a time, about eight megabytes; progress is told in between."""
PART = ".sendwatch-"
"""What the name of a copy that is not whole yet begins with, so that it is known as ours whatever it is a copy of."""
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
    with part_of(target) as part:
        try:
            _copy(source, part, step)
        except sqlite3.Error as error:
            raise BackupError(f"{source} cannot be copied: {error}.") from None
        found = look(part, source)
        reach_disk(part)
        try:
            # Unlike a rename, a link never takes the place of a file that has come up meanwhile.
            os.link(part, target)
        except FileExistsError:
            raise BackupError(f"{target} is there already. A back-up overwrites nothing: name another file.") from None
        reach_disk(target.parent)
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


def main_of(path: Path) -> tuple[Path, str] | None:
    """What `beside` has put together, by the name alone: the main file, and the workspace. None for any other name."""
    stem, _, team = path.stem.rpartition("-")
    return (path.with_name(f"{stem}{path.suffix}"), team) if stem and rooms.TEAM.fullmatch(team) else None


def look(path: Path, of: Path | None = None) -> Contents:
    """What a back-up holds, after a look at all its pages. Raises `BackupError` where it is not whole or not ours.

    `of` is the file to be named then, where this is but a copy of it.
    """
    named = of or path
    try:
        with closing(opened(path)) as connection:
            wrong = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
            if wrong != ["ok"]:
                raise BackupError(f"{named} is damaged: {'; '.join(wrong)}.")
            revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
            sends = connection.execute("SELECT count(*) FROM sends").fetchone()[0]
            alerts = connection.execute("SELECT count(*) FROM alerts").fetchone()[0]
    except (sqlite3.Error, TypeError, UnicodeDecodeError):
        raise BackupError(f"{named} is no database of Sendwatch's, or it is damaged.") from None
    return Contents(revision=revision, sends=sends, alerts=alerts, size=path.stat().st_size)


def opened(path: Path) -> sqlite3.Connection:
    """A connection to a file that is there; it is never made."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=30)


def _copy(source: Path, part: Path, step: Step) -> None:
    with closing(opened(source)) as reading, closing(opened(part)) as writing:
        # In one transaction all pages are those of one moment. Without it, SQLite would begin anew with every commit
        # of the bot's.
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
        reading.backup(writing, pages=PAGES, progress=lambda _status, left, of: step(of - left, of), sleep=0)
        reading.rollback()
        # One file, without a log beside it; the bot that works with it begins one again.
        writing.execute("PRAGMA journal_mode=DELETE")


@contextmanager
def part_of(target: Path) -> Iterator[Path]:
    """An empty file in the same folder, for the owner alone, that is gone afterwards under this name."""
    _clear(target)
    try:
        handle, name = _new_part(target.parent)
    except OSError as error:
        raise BackupError(f"{target.parent} cannot be written to: {error.strerror}.") from None
    try:
        yield Path(name)
    except OSError as error:
        raise BackupError(f"{target} cannot be written: {error.strerror}.") from None
    finally:
        _remove(name)
        os.close(handle)


def _new_part(folder: Path) -> tuple[int, str]:
    while True:
        handle, name = tempfile.mkstemp(prefix=PART, suffix=".part", dir=folder)
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return handle, name
        # Before it was locked, a run that began at the same moment took it for one that was left.
        os.close(handle)


def _clear(target: Path) -> None:
    """Remove what runs that were killed have left half done: what it holds of people could not be forgotten there."""
    # Up to version 0.1.0 they were called after their target.
    named = (f"{PART}*.part", f".{glob.escape(target.name)}.*.part")
    for left in (one for pattern in named for one in target.parent.glob(pattern)):
        # The lock of a run that is alive is not to be had.
        with suppress(OSError), left.open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(str(left))


def _remove(name: str) -> None:
    # The file last: it is by the file that a run which was killed meanwhile is known.
    for end in ("-wal", "-shm", "-journal", ""):
        Path(f"{name}{end}").unlink(missing_ok=True)


def reach_disk(path: Path) -> None:
    """Have what was written to the file, or to the folder, safe from a power failure."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
