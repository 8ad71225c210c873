"""What every test may ask for: a clock that stands still, and a migrated database of each kind."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from filelock import FileLock
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url

from bot import logs
from storage import schema
from storage.engine import Database
from tests import postgres

# The same examples in every run: a change is judged by what it changes. HYPOTHESIS_PROFILE=default looks for new ones,
# HYPOTHESIS_PROFILE=thorough for twenty times as many, wherever outsiders may put in what they like.
# None is timed: how long an example takes says how busy the machine is.
UNTIMED = [HealthCheck.too_slow]
settings.register_profile(
    "repeatable", derandomize=True, database=None, deadline=None, suppress_health_check=UNTIMED,
)
settings.register_profile("thorough", max_examples=2_000, deadline=None, suppress_health_check=UNTIMED)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""A Monday morning, seven o'clock in Los Angeles, in the week of Thanksgiving."""


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """Commands set up logging for their whole process, which here is everybody's."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    for name in (*logs.QUIET, *logs.LOUD):
        logging.getLogger(name).setLevel(logging.NOTSET)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def executed() -> Iterator[list[str]]:
    """Every statement that SQLAlchemy has a driver run while the test lasts, whatever the database."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield statements
    event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    database.close()
    return path


@pytest.fixture
def sqlite(_sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "sendwatch.db"
    shutil.copy(_sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture(scope="session")
def _postgres_server() -> Iterator[str]:
    """One server for all workers of a run: the first that comes starts it, the last that goes stops it."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        with FileLock(Path(tempfile.gettempdir(), "sendwatch-tests-given.lock")):
            _make_template(given)
        yield given
        return
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid.uuid4().hex)[:12]
    shared = Path(tempfile.gettempdir(), f"sendwatch-tests-{run}")
    url_file, users = shared / "url", shared / "users"
    lock = FileLock(f"{shared}.lock")
    with lock:
        if not url_file.exists():
            shared.mkdir(mode=0o777)
            url_file.write_text(postgres.start(shared))
            users.write_text("0")
        users.write_text(str(int(users.read_text()) + 1))
        url = url_file.read_text()
        _make_template(url)
    yield url
    with lock:
        left = int(users.read_text()) - 1
        users.write_text(str(left))
        if left == 0:
            postgres.stop(shared)
            shutil.rmtree(shared, ignore_errors=True)


def _make_template(url: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        made = connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = 'sendwatch_template'"))
        if not made:
            connection.execute(text("CREATE DATABASE sendwatch_template"))
    engine.dispose()
    if made:
        return
    template = Database(_named(url, "sendwatch_template"))
    schema.upgrade(template)
    template.close()


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def postgresql(_postgres_server: str) -> Iterator[Database]:
    name = f"test_{uuid.uuid4().hex}"
    engine = create_engine(_postgres_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE sendwatch_template STRATEGY wal_log"))
    database = Database(_named(_postgres_server, name), pool_size=8)
    yield database
    database.close()
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(request.param)
    return found
