from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storage.counting_pace import quickly
from storage.engine import Database


def settings(session: Session) -> list[str]:
    if session.get_bind().dialect.name == "sqlite":
        return [str(session.scalar(text("PRAGMA mmap_size")))]
    return [str(session.scalar(text(f"SHOW {name}"))) for name in ("random_page_cost", "work_mem")]


def test_a_session_counts_quickly_and_goes_back_to_its_usual_ways(database: Database) -> None:
    with database.read() as session:
        usual = settings(session)
        with quickly(session):
            hurried = settings(session)
        assert all(one != other for one, other in zip(usual, hurried, strict=True))
        assert settings(session) == usual


def test_no_count_is_compiled_behind_a_pooler_either(postgresql: Database) -> None:
    with postgresql.read() as session:
        session.execute(text("SET LOCAL jit TO on"))
        with quickly(session):
            assert session.scalar(text("SHOW jit")) == "off"
    with postgresql.read() as session:
        assert session.scalar(text("SHOW jit")) == "off"


def test_a_count_that_failed_leaves_nothing_behind(database: Database) -> None:
    with database.read() as session:
        usual = settings(session)
    with pytest.raises(DBAPIError, match="no_such_table"), database.read() as session, quickly(session):
        session.execute(text("SELECT count(*) FROM no_such_table"))
    with database.read() as session:
        assert settings(session) == usual
