"""All that is logged because of one request, press or run of a job has one number, and names nobody."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
import structlog
from apscheduler.events import EVENT_JOB_MAX_INSTANCES, JobEvent
from falcon import testing
from sqlalchemy import text

from bot import logs
from bot.health import Health, Problem
from bot.jobs import Job, Jobs
from bot.metrics import Metrics
from bot.tracing import carried, traced
from bot.web import Web
from storage.engine import Database
from tests.stories.sending import add
from tests.stories.world import world

log = structlog.get_logger()


@pytest.fixture
def lines() -> StringIO:
    out = StringIO()
    logs.configure("INFO", "json", stream=out)
    return out


def read(out: StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


FIRST_AT_ONCE = """
import contextvars, threading
made, barrier = contextvars.ContextVar, threading.Barrier(2)

def slowly(*args, **more):
    # Whoever finds no variable yet waits for the other one, who finds none either.
    try:
        barrier.wait(1)
    except threading.BrokenBarrierError:
        pass
    return made(*args, **more)

import structlog
from bot.tracing import traced
contextvars.ContextVar = slowly
left = []

def work():
    with traced(job="scan"):
        pass
    left.append(structlog.contextvars.get_contextvars())

threads = [threading.Thread(target=work) for _ in range(2)]
for one in threads:
    one.start()
for one in threads:
    one.join()
print(left)
"""


def test_threads_that_are_the_first_to_log_at_once_keep_no_number() -> None:
    told = subprocess.run([sys.executable, "-c", FIRST_AT_ONCE], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "[{}, {}]"


def test_a_number_goes_into_threads_and_ends_with_the_request(lines: StringIO) -> None:
    with ThreadPoolExecutor(1) as pool:
        with traced(job="scan") as number:
            log.info("here")
            with traced() as inner:
                log.info("within")
            pool.submit(carried(log.info), "elsewhere").result()
        pool.submit(log.info, "later").result()
        log.info("after")
    found = {str(one["event"]): (one.get("request"), one.get("job")) for one in read(lines)}
    assert inner == number
    assert found == {
        "here": (number, "scan"), "within": (number, "scan"), "elsewhere": (number, "scan"),
        "later": (None, None), "after": (None, None),
    }


def test_a_failing_job_is_logged_with_its_name_and_number(sqlite: Database, now: datetime, lines: StringIO) -> None:
    def fail() -> None:
        log.info("tried")
        raise ValueError("no")

    jobs = Jobs([Job(name="scan", every=timedelta(days=1), run=fail)], sqlite, lambda: now)
    jobs._runners["scan"].tick()  # noqa: SLF001 - a run of the job without its clock
    tried, failed = (one for one in read(lines) if one["event"] in {"tried", "job_failed"})
    assert tried["request"] == failed["request"]
    assert tried["job"] == failed["job"] == "scan"


def test_one_of_several_workspaces_says_which_it_is(sqlite: Database, now: datetime, lines: StringIO) -> None:
    def fail() -> None:
        raise ValueError("no")

    jobs = Jobs([Job(name="scan", every=timedelta(days=1), run=fail)], sqlite, lambda: now, workspace="T0ACORN")
    health = Health(sqlite, lambda: now, [], workspace="T0ACORN")
    metrics = Metrics(sqlite, lambda: now, workspace="T0ACORN")
    with sqlite.write() as session:
        session.execute(text("DROP TABLE job_runs"))
    jobs._runners["scan"].tick()  # noqa: SLF001 - a run of the job without its clock
    jobs._noticed(JobEvent(EVENT_JOB_MAX_INSTANCES, "scan", "default"))  # noqa: SLF001 - what APScheduler calls
    assert health.problems()
    assert b"sendwatch_database_up 0.0" in metrics.text()
    health.close()
    metrics.close()
    told = {one["event"]: one.get("workspace") for one in read(lines)}
    assert told == dict.fromkeys(
        ("job_failed", "job_not_noted", "job_not_run", "database_unreachable", "metrics_without_database"), "T0ACORN",
    )
    assert not structlog.contextvars.get_contextvars()


def test_requests_that_fail_have_numbers_of_their_own(sqlite: Database, now: datetime, lines: StringIO) -> None:
    class Ill(Health):
        def problems(self) -> list[Problem]:
            raise RuntimeError("no")

    looking = Ill(sqlite, lambda: now, [])
    client = testing.TestClient(Web(health=looking, metrics=Metrics(sqlite, lambda: now)).app)
    assert [client.simulate_get("/readyz").status_code for _ in range(2)] == [503, 503]
    looking.close()
    first, second = (one["request"] for one in read(lines) if one["event"] == "request_failed")
    assert first
    assert second
    assert first != second
    assert not structlog.contextvars.get_contextvars(), "the thread goes on to other things"


def test_a_story_is_told_in_the_log_without_names_addresses_or_tokens(
    tmp_path: Path, now: datetime, lines: StringIO,
) -> None:
    with world(tmp_path, now) as alive:
        add(alive, "Processing", days=8)
        alive.tick()
        ann = alive.person("ann")
        ann.command("/send-status jane@acme.example")
        ann.command("/sends nothing like this, Jane Doe")
        ann.press(alive.only_alert(), "Acknowledge")
        alive.deliver()
        secrets = [alive.playground.bot_token, alive.playground.app_token, alive.sendoso.access.access_token]
    text = lines.getvalue()
    assert len(text) > 500, "something is logged"
    for word in ("jane", "acme", "doe", *secrets):
        assert word.lower() not in text.lower(), word
