"""Sessions that only look, each with a connection that it keeps between two looks.

To fetch a connection from SQLAlchemy's pool and bring it back takes as long as to read a send (measured), and every
answer in Slack does so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

KEPT = 3
"""So many wait for the next look; each holds the pages that it has read last, up to 4 megabytes."""


class Readers:
    """Hands out sessions, the one that was used last first: it has most of the pages that are asked for."""

    def __init__(self, engine: Engine, is_good: Callable[[Connection], bool] = lambda _: True) -> None:
        """`is_good` tells whether a connection that has waited can be used; one that cannot is given up."""
        self._engine, self._is_good = engine, is_good
        # A list gives and takes its last in one step, whichever threads ask.
        self._idle: list[tuple[Session, Connection]] = []
        self._is_closed = False

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session whose transaction is rolled back at the end; what was read stays readable."""
        session, connection = self._take()
        try:
            yield session
            session.close()
        except BaseException:
            # Whatever ails the connection, nobody else gets it.
            with connection:
                session.close()
            raise
        session.info.clear()
        self._bring_back(session, connection)

    def close(self) -> None:
        """Close what waits; a session that is still in use closes its connection at its end."""
        self._is_closed = True
        self.let_go()

    def let_go(self, *_about: object) -> None:
        """Give back what waits; later looks fetch connections anew."""
        for _session, connection in self._waiting():
            connection.close()

    def _take(self) -> tuple[Session, Connection]:
        for session, connection in self._waiting():
            if self._is_good(connection):
                return session, connection
            connection.invalidate()
            connection.close()
        connection = self._engine.connect()
        return Session(connection, expire_on_commit=False), connection

    def _bring_back(self, session: Session, connection: Connection) -> None:
        if self._is_closed or len(self._idle) >= KEPT:
            connection.close()
            return
        self._idle.append((session, connection))
        self._see_whether_closed()

    def _see_whether_closed(self) -> None:
        # Whoever has closed it in between may not have seen what was just brought back.
        if self._is_closed:
            self.close()

    def _waiting(self) -> Iterator[tuple[Session, Connection]]:
        """One after the other of those that wait, as long as no other thread takes the last."""
        with suppress(IndexError):
            while True:
                yield self._idle.pop()
