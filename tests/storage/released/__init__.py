"""The schemas that were released, frozen as SQL with rows in them; see docs/contributing.md."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path

from sqlalchemy import Engine, create_engine

from storage import schema
from storage.engine import Database

HERE = Path(__file__).parent
SUMS = HERE / "migrations.json"
VERSIONS = schema.MIGRATIONS / "versions"
FREEZE = "python3 run.py python -m tests.storage.released"


def dump_of(revision: str, kind: str) -> Path:
    """Where the schema of a revision lies; `kind` is sqlite or postgresql."""
    return HERE / kind / f"{revision}.sql"


def sums() -> dict[str, str]:
    """What each migration file was when it was frozen, by its name."""
    return dict(json.loads(SUMS.read_text(encoding="utf-8"))) if SUMS.exists() else {}


def sums_now() -> dict[str, str]:
    """What each migration file is now."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(VERSIONS.glob("0*.py"))}


def restore(database: Database, revision: str) -> None:
    """Make an empty database what it was at that revision."""
    kind = "sqlite" if database.is_sqlite else "postgresql"
    text = dump_of(revision, kind).read_text(encoding="utf-8")
    if database.is_sqlite:
        raw = sqlite3.connect(str(database.url.database))
        raw.executescript(text)
        raw.close()
        return
    engine: Engine = create_engine(database.url)
    with engine.begin() as connection:
        connection.exec_driver_sql(text.replace("%", "%%"))
    engine.dispose()
