"""Back-ups of a SQLite file while somebody works with it, and what becomes of them."""

from __future__ import annotations

import fcntl
import sqlite3
import stat
import threading
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from storage import backup, messages, outgoing, restore, schema, startup
from storage.backup import BackupError
from storage.engine import Database
from storage.models import Message, Send

MINUTE = timedelta(minutes=1)
LATER = datetime.fromisoformat("2026-11-23T16:00:00+00:00")


def send(number: int, now: datetime) -> Send:
    return Send(
        send_gid=str(number), status="sent", status_raw="Sent", status_since=now, first_seen_at=now, updated_at=now,
        search_text=f"jane number{number} doe",
    )


def path_of(database: Database) -> Path:
    return Path(str(database.url.database))


def test_a_copy_taken_while_somebody_writes_is_of_one_moment(sqlite: Database, now: datetime, tmp_path: Path) -> None:
    stopping, begun = threading.Event(), threading.Event()

    def write() -> None:
        number = 0
        while not stopping.is_set():
            with sqlite.write() as session:
                session.add_all([send(2 * number, now), send(2 * number + 1, now)])
            number += 1
            begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        begun.wait(10)
        found = [backup.save(path_of(sqlite), tmp_path / f"copy{number}.db") for number in range(3)]
    finally:
        stopping.set()
        writer.join()
    for number, one in enumerate(found):
        assert one.sends > 0
        assert one.sends % 2 == 0, "never half of a transaction"
        copy = Database(f"sqlite:///{tmp_path}/copy{number}.db")
        assert schema.is_current(copy)
        with copy.read() as session:
            assert session.query(Send).count() == one.sends
            session.execute(text("INSERT INTO sends_search(sends_search, rank) VALUES ('integrity-check', 1)"))
            fits = session.scalar(text("SELECT count(*) FROM sends_search WHERE sends_search MATCH '\"number1 doe\"'"))
            assert fits == 1
        copy.close()


def test_a_copy_is_one_file_for_its_owner_alone(sqlite: Database, tmp_path: Path) -> None:
    target = tmp_path / "out" / "copy.db"
    target.parent.mkdir()
    told: list[tuple[int, int]] = []
    backup.save(path_of(sqlite), target, lambda done, of: told.append((done, of)))
    assert [path.name for path in target.parent.iterdir()] == ["copy.db"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert told[-1][0] == told[-1][1] > 0


def test_what_a_run_that_was_killed_has_left_goes_with_the_next_one(sqlite: Database, tmp_path: Path) -> None:
    target = tmp_path / "out" / "copy.db"
    target.parent.mkdir()
    # Whatever the next one is called; those of version 0.1.0 had the name of their target in theirs.
    for name in (".sendwatch-a1b2c3d4.part", ".copy.db.a1b2c3d4.part"):
        for end in ("", "-journal"):
            (target.parent / f"{name}{end}").write_text("jane@acme.example")
    others = {".other.db.a1b2c3d4.part", "sendwatch-a1b2c3d4.part", ".sendwatch-notes.txt", "film.part"}
    for name in others:
        (target.parent / name).write_text("somebody's own")
    with (target.parent / ".sendwatch-alive123.part").open("wb") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        backup.save(path_of(sqlite), target)
    left = {path.name for path in target.parent.iterdir()}
    assert left == {"copy.db", ".sendwatch-alive123.part", *others}


def test_a_part_that_another_run_takes_for_one_that_was_left_is_made_anew(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    lock, taken = fcntl.flock, list[Path]()

    def beaten(handle: int, how: int) -> None:
        if not taken:
            taken.extend(tmp_path.glob(".sendwatch-*.part"))
            taken[0].unlink()
        lock(handle, how)

    monkeypatch.setattr(fcntl, "flock", beaten)
    backup.save(path_of(sqlite), tmp_path / "copy.db")
    assert backup.look(tmp_path / "copy.db").revision
    assert len(taken) == 1


def test_nothing_is_overwritten_and_nothing_half_is_left(sqlite: Database, tmp_path: Path) -> None:
    target = tmp_path / "out" / "copy.db"
    target.parent.mkdir()
    target.write_text("mine")
    with pytest.raises(BackupError, match="is there already"):
        backup.save(path_of(sqlite), target)
    assert target.read_text() == "mine"
    (tmp_path / "note.txt").write_text("no database " * 1000)
    for source, words in ((tmp_path / "none.db", "no database at"), (tmp_path / "note.txt", "cannot be copied")):
        with pytest.raises(BackupError, match=words):
            backup.save(source, target.with_name("other.db"))
    with pytest.raises(BackupError, match="cannot be written to"):
        backup.save(path_of(sqlite), tmp_path / "missing" / "copy.db")
    assert [path.name for path in target.parent.iterdir()] == ["copy.db"]


def test_what_is_put_back_replaces_the_database_and_keeps_the_former(
    sqlite: Database, now: datetime, tmp_path: Path,
) -> None:
    with sqlite.write() as session:
        session.add(send(1, now))
    backup.save(path_of(sqlite), tmp_path / "copy.db")
    with sqlite.write() as session:
        session.add(send(2, now))
    sqlite.close()
    path_of(sqlite).chmod(0o640)
    one, = restore.restore([(tmp_path / "copy.db", path_of(sqlite))], LATER)
    kept = one.former
    assert kept is not None
    assert one.found.sends == 1
    assert kept == tmp_path / "sendwatch.db.before-20261123T160000Z"
    assert backup.look(kept).sends == 2
    assert stat.S_IMODE(path_of(sqlite).stat().st_mode) == 0o640
    again = Database(f"sqlite:///{path_of(sqlite)}", exclusive=True)
    startup.prepare(again, LATER)
    with again.read() as session:
        assert [row.send_gid for row in session.query(Send)] == ["1"]
    again.close()


def test_a_database_can_be_put_back_where_none_is(sqlite: Database, tmp_path: Path) -> None:
    backup.save(path_of(sqlite), tmp_path / "copy.db")
    one, = restore.restore([(tmp_path / "copy.db", tmp_path / "new.db")], LATER)
    assert one.former is None
    assert backup.look(tmp_path / "new.db").revision


def test_what_may_have_been_posted_since_is_looked_for_first(sqlite: Database, now: datetime, tmp_path: Path) -> None:
    with sqlite.write() as session:
        for key, channel in (("waits", "C1"), ("address", "mail:a@b.example")):
            messages.want(session, key=key, kind="notice", channel=channel, now=now)
        shown = messages.want(session, key="shown", kind="notice", channel="C2", now=now)
        shown.ts, shown.next_at = "1.0", None
    backup.save(path_of(sqlite), tmp_path / "copy.db")
    restore.restore([(tmp_path / "copy.db", tmp_path / "new.db")], LATER)
    database = Database(f"sqlite:///{tmp_path}/new.db")
    with database.write() as session:
        rows = {row.key: (row.phase, row.first_attempt_at) for row in session.query(Message)}
        claim, = outgoing.claim_unclear(session, "C1", LATER, attempt="a", lease_until=LATER + MINUTE)
    database.close()
    assert rows == {"waits": ("unclear", now), "address": ("idle", None), "shown": ("idle", None)}
    assert claim.is_search


def test_what_is_not_whole_or_not_ours_is_refused(sqlite: Database, tmp_path: Path) -> None:
    backup.save(path_of(sqlite), tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "foreign.db")) as foreign, foreign:
        foreign.execute("CREATE TABLE t (a)")
    whole = (tmp_path / "copy.db").read_bytes()
    (tmp_path / "half.db").write_bytes(whole[:len(whole) // 2])
    (tmp_path / "bent.db").write_bytes(whole[:20_000] + b"\xff" * 20_000 + whole[40_000:])
    (tmp_path / "newer.db").write_bytes(whole)
    with closing(sqlite3.connect(tmp_path / "newer.db")) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    for name, words in (
        ("none.db", "is not a file"), ("foreign.db", "no database of Sendwatch's"), ("half.db", "damaged"),
        ("bent.db", "damaged"), ("newer.db", "made by a newer version"),
    ):
        with pytest.raises(BackupError, match=words):
            restore.restore([(tmp_path / name, path_of(sqlite))], LATER)
    with sqlite.read() as session:
        assert session.query(Send).count() == 0
    assert not list(tmp_path.glob("*.before-*"))


def test_a_damaged_database_is_kept_as_it_is(sqlite: Database, tmp_path: Path) -> None:
    backup.save(path_of(sqlite), tmp_path / "copy.db")
    target = tmp_path / "broken.db"
    target.write_bytes(b"broken" * 1000)
    one, = restore.restore([(tmp_path / "copy.db", target)], LATER)
    kept = one.former
    assert kept is not None
    assert kept.read_bytes() == b"broken" * 1000
    assert backup.look(target).revision
