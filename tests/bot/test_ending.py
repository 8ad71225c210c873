"""SIGTERM: over within ten seconds, with exit code 0 and nothing lost, however slow Slack is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.ending import AT_LAST, LAST_WORDS, WITHIN, Deadline, StopWish
from bot.playground.server import Playground
from bot.settings import Settings
from storage import advisory, messages, outgoing, schema
from storage.engine import Database
from storage.models import Message

MINUTE = timedelta(minutes=1)
PATIENCE = 60


@contextmanager
def running(playground: Playground, folder: Path, url: str) -> Iterator[subprocess.Popen[str]]:
    ours = {name.upper() for name in Settings.model_fields}
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    bot = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"], cwd=folder, stderr=subprocess.PIPE, text=True,
        env=environment | {
            "PYTHONPATH": str(Path(__file__).parents[2]), "SLACK_BOT_TOKEN": playground.bot_token,
            "SLACK_APP_TOKEN": playground.app_token, "SLACK_API_URL": playground.api_url, "DATABASE_URL": url,
            "ALERT_CHANNEL": "C01GIFTING", "HTTP_PORT": "0", "LOG_FORMAT": "json", "PYTHONFAULTHANDLER": "1",
        },
    )
    try:
        yield bot
    finally:
        bot.kill()
        bot.wait()


def said_by_its_end(bot: subprocess.Popen[str]) -> str:
    """Its log, once it is gone; where it does not go, what each of its threads is doing."""
    try:
        return bot.communicate(timeout=PATIENCE)[1]
    except subprocess.TimeoutExpired:
        bot.send_signal(signal.SIGABRT)
        _, log = bot.communicate()
        pytest.fail(f"it is still there:\n{log}")


def until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


def test_a_post_under_way_is_handed_back_when_time_is_up(database: Database, tmp_path: Path) -> None:
    with database.write() as session:
        messages.want(session, key="slow", kind="notice", channel="C01GIFTING", now=datetime.now(UTC),
                      body={"text": "Hello"})

    def phase() -> str:
        with database.read() as session:
            return session.query(Message).one().phase

    with Playground() as playground:
        playground.slack.faults.delay(40, "chat.postMessage")
        with running(playground, tmp_path, database.url.render_as_string(hide_password=False)) as bot:
            until(lambda: phase() == "posting")
            begun = time.monotonic()
            bot.send_signal(signal.SIGTERM)
            log = said_by_its_end(bot)
            took = time.monotonic() - begun
        assert bot.returncode == 0, log
        # Ten seconds are promised; a machine that does other things, too, takes a little longer.
        assert took < 13, log
    with database.read() as session:
        row = session.query(Message).one()
        pace = outgoing.paces(session)["C01GIFTING"]
        assert (row.phase, row.attempt, row.lease_until) == ("unclear", None, None)
        assert row.next_at is not None
        assert pace.not_before <= datetime.now(UTC), "the channel is not held any more"


def test_an_idle_bot_ends_by_itself(database: Database, tmp_path: Path) -> None:
    with Playground() as playground, running(
        playground, tmp_path, database.url.render_as_string(hide_password=False),
    ) as bot:
        playground.wait_until_connected(PATIENCE)
        begun = time.monotonic()
        bot.send_signal(signal.SIGTERM)
        log = said_by_its_end(bot)
        took = time.monotonic() - begun
        assert bot.returncode == 0, log
        # As above: how quickly it goes on a machine of its own is nothing that a test can say.
        assert took < 13, log


def test_a_bot_that_waits_for_another_to_upgrade_the_database_ends_as_soon(
    postgresql: Database, tmp_path: Path,
) -> None:
    name = f"{postgresql.url.database}_upgraded"
    server = postgresql.engine.execution_options(isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    fresh = Database(postgresql.url.set(database=name).render_as_string(hide_password=False))

    def is_waiting() -> bool:
        waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        with fresh.read() as session:
            return bool(session.scalar(waiting))

    with Playground() as playground, fresh.write() as session:
        advisory.wait_for(session, schema.UPGRADE_LOCK)
        with running(playground, tmp_path, fresh.url.render_as_string(hide_password=False)) as bot:
            until(is_waiting)
            bot.send_signal(signal.SIGTERM)
            log = said_by_its_end(bot)
            assert bot.returncode == 0, log
    fresh.close()
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


SIGNALLED_IN_EVERY_STEP = """
import os, signal, sys
from bot.ending import StopWish
stopping = StopWish()
stopping.listen()
def step(frame, event, _):
    if "ending" in frame.f_code.co_filename or "threading" in frame.f_code.co_filename:
        os.kill(os.getpid(), signal.SIGTERM)
    return step
sys.settrace(step)
stopping.wait()
sys.settrace(None)
print("heard")
"""
SIGNALLED_ELSEWHERE = """
import signal, threading, time
from bot.ending import StopWish
stopping = StopWish()
stopping.listen()
def other():
    time.sleep(0.3)
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    threading.Event().wait()
threading.Thread(target=other, daemon=True).start()
stopping.wait()
print("heard")
"""
BUSY = """
import os, signal, sqlite3, sys, threading
from datetime import timedelta
from bot import ending
stopping = ending.StopWish()
stopping.listen()
ending.leave_at_last.__defaults__ = (timedelta(seconds=0.5),)
ending.leave_once_said(stopping)
threading.Timer(0.5, os.kill, (os.getpid(), int(sys.argv[1]))).start()
with ending.doing("an upgrade"):
    sqlite3.connect(":memory:").execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
    )
"""
HUNG = """
import sys, threading
from datetime import timedelta
from bot import ending
class Full:
    def write(self, _): threading.Event().wait()
    def flush(self): pass
sys.stderr = sys.stdout = Full()
ending.leave_at_last(timedelta(seconds=0.1))
threading.Event().wait()
"""
STUCK_AT_ITS_END = """
import ctypes
from datetime import timedelta
from bot import ending
ending.leave_at_last(timedelta(seconds=0.1))
ctypes.PyDLL(None).sleep(60)  # keeps the interpreter to itself, as what hangs while Python ends
"""
SIGNALLED_WHILE_LOADING = """
import os, sys
command, module, signal = sys.argv[1], sys.argv[2], int(sys.argv[3])
class Signals:
    def find_spec(self, name, *_):
        if name == module:
            os.kill(os.getpid(), signal)
sys.meta_path.insert(0, Signals())
sys.argv = ["sendwatch", command]
from bot.__main__ import main
main()
"""
SIGNALLED_WHILE_PYTHON_ENDS = """
import atexit, os, signal, sys
class Last:
    def __del__(self): kill(me, one)  # after the signals are no longer Python's
kill, me, one = os.kill, os.getpid(), int(sys.argv[1])
sys.last = Last()
from bot.ending import StopWish
stopping = StopWish()
stopping.listen()
stopping.end()
"""


def run_alone(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=30, env=environment,
        check=False,
    )


@pytest.mark.parametrize("program", [SIGNALLED_IN_EVERY_STEP, SIGNALLED_ELSEWHERE])
def test_a_signal_at_any_moment_and_in_any_thread_is_heard(program: str) -> None:
    ended = run_alone(program)
    assert (ended.returncode, ended.stdout) == (0, "heard\n"), ended.stderr


@pytest.mark.parametrize(("command", "module", "name", "code"), [
    ("run", "bot.cli", signal.SIGTERM, 0), ("run", "bot.app", signal.SIGTERM, 0), ("run", "bot.app", signal.SIGINT, 0),
    ("migrate", "storage.engine", signal.SIGTERM, 128 + signal.SIGTERM),
])
def test_a_signal_ends_a_command_that_is_still_being_loaded(
    command: str, module: str, name: signal.Signals, code: int,
) -> None:
    ended = run_alone(SIGNALLED_WHILE_LOADING, command, module, str(int(name)))
    assert (ended.returncode, ended.stdout, ended.stderr) == (code, "", "")


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_python_ends_does_not_kill_it(name: signal.Signals) -> None:
    ended = run_alone(SIGNALLED_WHILE_PYTHON_ENDS, str(int(name)))
    assert ended.returncode == 0, ended.stderr


def test_a_log_that_nobody_reads_keeps_no_process_alive() -> None:
    assert run_alone(HUNG).returncode == 0


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_heard_while_the_main_thread_is_in_a_long_statement(name: signal.Signals) -> None:
    """As an upgrade of a large SQLite file has them: Python acts on a signal only after each."""
    ended = run_alone(BUSY, str(int(name)))
    assert ended.returncode == 0
    assert "left_with_work_under_way" in ended.stdout + ended.stderr
    assert "an upgrade" in ended.stdout + ended.stderr


def test_a_python_that_hangs_is_ended_by_the_system() -> None:
    assert run_alone(STUCK_AT_ITS_END).returncode == -signal.SIGALRM


def test_a_wish_is_heard_by_all_who_wait_and_stays_said() -> None:
    wish = StopWish()
    assert not wish.wait(0)
    wish.set()
    assert [wish.wait(0), wish.wait(), wish.wait(1)] == [True] * 3


def test_all_of_it_is_over_before_others_kill() -> None:
    assert WITHIN < AT_LAST < AT_LAST + 2 * LAST_WORDS < timedelta(seconds=10)


def test_a_deadline_shares_out_its_time() -> None:
    deadline = Deadline(MINUTE)
    assert timedelta(seconds=50) < deadline.left() <= MINUTE
    assert deadline.left(timedelta(seconds=3)) == timedelta(seconds=3)
    assert deadline.wait_for(lambda: None, "nothing")
    assert not Deadline(timedelta(0)).wait_for(lambda: time.sleep(1), "something")


@pytest.mark.parametrize(("phase", "then", "after"), [
    ("posting", "unclear", MINUTE), ("updating", "idle", timedelta(0)), ("unclear", "unclear", timedelta(0)),
])
def test_claims_are_handed_back_by_what_is_known_of_them(
    database: Database, now: datetime, phase: str, then: str, after: timedelta,
) -> None:
    with database.write() as session:
        for key, channel in (("mine", "C1"), ("other's", "C2")):
            messages.want(session, key=key, kind="notice", channel=channel, now=now)
            outgoing.claim_next(session, channel, now, updates=True, attempt=key, lease_until=now + MINUTE)
            outgoing.hold(session, channel, now + MINUTE)
        session.query(Message).filter_by(key="mine").update({"phase": phase})
    with database.write() as session:
        assert outgoing.hand_back(session, ["mine"], now, MINUTE) == 1
    with database.read() as session:
        mine = session.query(Message).filter_by(key="mine").one()
        other = session.query(Message).filter_by(key="other's").one()
        held = outgoing.paces(session)
    assert (mine.phase, mine.attempt, mine.next_at) == (then, None, now + after)
    assert (other.phase, other.attempt) == ("posting", "other's")
    assert held["C1"].not_before == now + outgoing.PACE
    assert held["C2"].not_before == now + MINUTE
