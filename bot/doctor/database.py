"""Checks of the database: is it there, up to date, and is a bot at work on it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.doctor.finding import Finding, State
from bot.doctor.told import Told

TOPIC = "Database"
LEAST_FREE = 500_000_000
"""Bytes that must be free beside a SQLite file: a million sends with their history take about twice that, so that it
lasts for the next half million (our judgement)."""
FULL = 10_000_000
"""With fewer the next write may fail: the log, which SQLite writes first, takes a few megabytes (our judgement)."""

CONNECTIONS = 56
"""So many a process opens at a busy moment (`storage.engine`); beyond what the server allows, answers fail."""


def check(told: Told) -> Iterator[Finding]:
    """How the database stands."""
    seen = told.database
    if seen.error:
        yield _found(seen.kind, State.WRONG, seen.error, "DATABASE_URL says which database is used.")
        yield from _writing(told)
        if seen.free is not None:
            # A full disk is why it does not work, and SQLite does not say so.
            yield room(seen.free, TOPIC)
        return
    if seen.is_new:
        yield from _writing(told)
        yield _found(
            seen.kind, State.WARNING, "nothing is there yet", "“sendwatch migrate” or “sendwatch run” makes it.",
        )
        return
    yield _found(seen.kind, State.GOOD, "it answers")
    yield from _writing(told)
    if seen.connections is not None and seen.connections < CONNECTIONS:
        yield _found(
            "Connections", State.WARNING, f"PostgreSQL allows only {seen.connections} at once",
            f"At a busy moment each process of the bot opens up to {CONNECTIONS}; those that are refused fail. Raise "
            "max_connections, or the CONNECTION LIMIT of the role or database, or put a pooler in between.",
        )
    if seen.free is not None:
        yield room(seen.free, TOPIC)
    if not seen.is_current:
        yield _found(
            "Schema", State.WRONG, "not that of this version",
            "“sendwatch migrate” brings an older one up to date; the bot must not be running. One of a newer version "
            "needs that version of Sendwatch.",
        )
        return
    if seen.missing:
        yield _found(
            "Schema", State.WRONG, f"gone from the database: {', '.join(seen.missing)}",
            "Something else than Sendwatch has removed it. Restore the last back-up, or make it again as it is in a "
            "new database.",
        )
    else:
        yield _found("Schema", State.GOOD, "up to date")
    yield _index(told)
    yield _kept(told)
    yield _running(told)


def room(free: int, topic: str) -> Finding:
    """Whether so many bytes are enough beside a SQLite file."""
    value = f"{free / 1_000_000:,.0f} MB are free beside the file"
    if free >= LEAST_FREE:
        return Finding(topic=topic, what="Room", state=State.GOOD, value=value)
    is_full = free < FULL
    return Finding(
        topic=topic, what="Room", state=State.WRONG if is_full else State.WARNING, value=value,
        mend="Make room, or move the file. " + (
            "What cannot be written is done again once there is room; the bot goes on by itself then." if is_full else
            "On a full disk nothing can be taken in, and no button works."
        ),
    )


def _found(what: str, state: State, value: str, mend: str = "") -> Finding:
    return Finding(topic=TOPIC, what=what, state=state, value=value, mend=mend)


def _writing(told: Told) -> Iterator[Finding]:
    seen = told.database
    if seen.is_read_only:
        yield _found(
            "Writing", State.WRONG, "the server takes no writes: it is a standby, or set to read only",
            "DATABASE_URL has to lead to the primary. With several servers it is "
            "postgresql://user:password@/name?host=one:5432&host=other:5432&target_session_attrs=read-write.",
        )
    if seen.locked:
        mend = (
            "The bot's user must have it. This looks with the rights of whoever runs it: do so as that user."
            if seen.kind == "SQLite" else
            "The role in DATABASE_URL must have it; best the database belongs to it: ALTER DATABASE … OWNER TO …."
        )
        yield _found("Writing", State.WRONG, f"no right to write to {', '.join(seen.locked)}", mend)


def _index(told: Told) -> Finding:
    if told.database.is_indexed:
        return _found("Search", State.GOOD, "fragments are found through an index")
    mend = (
        "It works all the same. With SQLite 3.34 or newer “sendwatch migrate”, or the next start of the bot, makes it."
        if told.database.kind == "SQLite" else
        "It works all the same. Have somebody with the right to do so run: CREATE EXTENSION pg_trgm; in this database. "
        "“sendwatch migrate”, or the next start of the bot, then makes it."
    )
    return _found("Search", State.WARNING, "without an index of trigrams, so it is slow with very many sends", mend)


def _kept(told: Told) -> Finding:
    length, held = told.settings.keep_sends, told.database.held_since
    gone = f"; of before {held:%Y-%m-%d} they may be gone" if held else ""
    if length is None:
        return _found("Finished sends", State.GOOD, f"kept for ever{gone}")
    return _found("Finished sends", State.GOOD, f"deleted after {length.days:,} days, by KEEP_SENDS{gone}")


def _running(told: Told) -> Finding:
    running = told.database.is_running
    if running is None:
        return _found("The bot", State.UNASKED, "whether one is at work cannot be seen")
    if running:
        return _found("The bot", State.GOOD, "at work")
    return _found("The bot", State.WARNING, "none is at work on this database", "“sendwatch run” starts it.")
