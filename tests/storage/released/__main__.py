"""Freeze the schema of each migration that has no dump yet: `python3 run.py python -m tests.storage.released`.

    --again REVISION   make the dumps of a revision anew that was not released yet
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from alembic.script import ScriptDirectory

from storage import schema
from storage.engine import Database
from tests import postgres
from tests.storage.released import SUMS, dump_of, sums, sums_now
from tests.storage.test_migrations import fill

FOR_PSQL = re.compile(r"\\|--|SET |SELECT pg_catalog.set_config")
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def main() -> None:
    asked = argparse.ArgumentParser(prog="tests.storage.released", description=__doc__)
    asked.add_argument("--again", action="append", default=[], metavar="REVISION")
    again = asked.parse_args().again
    revisions = sorted(one.revision for one in ScriptDirectory(str(schema.MIGRATIONS)).walk_revisions())
    before, now = sums(), sums_now()
    changed = [name for name, was in before.items() if now.get(name, was) != was and name[:4] not in again]
    if changed:
        sys.exit(f"{', '.join(changed)}: frozen, but changed. Write another migration; or --again, if unreleased.")
    wanted = [one for one in revisions if one in again or not dump_of(one, "sqlite").exists()]
    with tempfile.TemporaryDirectory(prefix="released-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the server may have to run as somebody else
        url = postgres.start(folder / "server")
        try:
            for revision in wanted:
                _freeze(revision, folder, url)
        finally:
            postgres.stop(folder / "server")
    SUMS.write_text(json.dumps(now, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(f"Frozen: {', '.join(wanted) or 'nothing new'}\n")


def _freeze(revision: str, folder: Path, server: str) -> None:
    lite = folder / f"{revision}.db"
    _fill(f"sqlite:///{lite}", revision)
    raw = sqlite3.connect(lite)
    _write(revision, "sqlite", "\n".join(raw.iterdump()))
    raw.close()
    plain = server.replace("+psycopg", "")
    subprocess.run(["psql", "-q", plain, "-c", f"CREATE DATABASE r{revision}"], check=True)
    url = f"{plain.rpartition('/')[0]}/r{revision}"
    _fill(url, revision)
    dumped = subprocess.run(
        ["pg_dump", "--inserts", "--no-owner", "--no-privileges", url], check=True, capture_output=True, text=True,
    ).stdout
    # What only psql understands, remarks, and what would change the connection that a test goes on with.
    lines = [line for line in dumped.splitlines() if line and not FOR_PSQL.match(line)]
    _write(revision, "postgresql", "\n".join(lines))


def _fill(url: str, revision: str) -> None:
    database = Database(url)
    schema.upgrade(database, "0001")
    fill(database, NOW)
    schema.upgrade(database, revision)
    database.close()


def _write(revision: str, kind: str, text: str) -> None:
    path = dump_of(revision, kind)
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
