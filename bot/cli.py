"""The `sendwatch` command line: thin, each command one path into the bot."""

from __future__ import annotations

import gc
import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.backup_cli import backup, restore
from bot.config_cli import config_app
from bot.options import Json, Workspace
from bot.privacy_cli import export, forget
from bot.report_cli import report
from bot.workspaces_cli import workspaces_app

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from bot.alerts.stale import Freshness
    from bot.settings import Settings
    from bot.workspaces.choice import Needs
    from storage.engine import Database

app = typer.Typer(
    name="sendwatch",
    help="Watches gift sends made with Sendoso, and tells Slack about those that need somebody.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",  # the lines of a paragraph are one, however wide the terminal is
    context_settings={"help_option_names": ["-h", "--help"]},
)

_RECKONED = (1900, 9000)
"""Years from which waits, reminders and ends of mutes can be reckoned: none of them leaves the calendar."""
_TOO_FAR = "{option} {text!r} is too near an end of the calendar to reckon with; name a time between 1900 and 9000."


class WrongUseError(Exception):
    """The command was called in a way that cannot work; exit code 2."""


class FailedError(Exception):
    """The command was right but could not be carried out; exit code 1."""


def main() -> None:
    """Run the command line; every known trouble ends in one clear sentence and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        # On a terminal that cannot show a sign, something else stands for it.
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower().replace("-", "") != "utf8":
            stream.reconfigure(errors="replace")
    try:
        app(prog_name="sendwatch")
    except KeyboardInterrupt:
        _complain("Stopped.")
        raise SystemExit(130) from None
    except Exception as error:
        code, lines = _trouble(error)
        if not code:
            raise
        _complain(*lines)
        raise SystemExit(code) from None


def _trouble(error: Exception) -> tuple[int, list[str]]:
    """The exit code and the sentences for a known trouble; 0 for any other."""
    # Only now: to load the database's side takes three times as long as all of `--help`.
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    from bot.settings import SettingsError  # noqa: PLC0415
    from storage.engine import DatabaseBusyError  # noqa: PLC0415
    from storage.schema import NewerDatabaseError  # noqa: PLC0415

    if isinstance(error, SettingsError):
        return 2, ["Some settings are wrong or missing:", *(f"  - {line}" for line in error.problems)]
    if isinstance(error, WrongUseError):
        return 2, [str(error)]
    if isinstance(error, FailedError | DatabaseBusyError | NewerDatabaseError):
        return 1, [str(error)]
    if isinstance(error, UnicodeDecodeError):
        # SQLite gives what stands in the file; only a damaged one holds a text that is none.
        return 1, ["The database holds what no version writes: its file is damaged.", "Restore the last back-up."]
    if isinstance(error, DBAPIError):
        told = f"The database does not work: {str(error.orig).strip()}"
        return 1, [told, "DATABASE_URL says which one is used."]
    return 0, []


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Where the page is served on this machine; 0 takes any free port.")] = 4603,
    *,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
) -> None:
    """Play with the real bot in a browser: a small Slack, a small Sendoso, sample sends, no account."""
    from bot.playground.demo import run as run_demo  # noqa: PLC0415

    run_demo(port=port, open_browser=browser)


@app.command()
def run() -> None:
    """Run the bot: listen to Slack and Sendoso, sync, scan and deliver."""
    # What is loaded is kept, so that to look for garbage in it is a sixth of the start for nothing (measured).
    gc.disable()
    from bot.app import serve  # noqa: PLC0415
    from bot.serving import AddressTakenError  # noqa: PLC0415

    gc.enable()
    settings = _settings(needs_slack=True)
    try:
        serve(settings)
    except AddressTakenError as error:
        raise FailedError(
            f"{error} HTTP_HOST and HTTP_PORT say where to listen; a port that another program has is not free.",
        ) from None


@app.command()
def migrate() -> None:
    """Bring the database to the schema of this version; where one bot serves several workspaces, theirs as well."""
    from pydantic import SecretStr  # noqa: PLC0415 - keeps `--help` quick

    from storage import rooms  # noqa: PLC0415

    settings = _settings()
    with _database(settings, writes=True) as database:
        typer.echo("The database is up to date.")
        with database.read() as session:
            own = rooms.every(session, settings.database_url.get_secret_value())
        failed = list[str]()
        for team_id, url in own.items():
            try:
                with _database(settings.model_copy(update={"database_url": SecretStr(url)}), writes=True):
                    typer.echo(f"{team_id}: its database is up to date.")
            except Exception as error:
                code, lines = _trouble(error)
                if not code:
                    raise
                # One that cannot be served takes no other along.
                failed.append(team_id)
                _complain(*(f"{team_id}: {line}" for line in lines))
    if failed:
        raise FailedError(f"Not brought up to date: {', '.join(failed)}.")


@app.command("import")
def import_csv(
    file: Annotated[Path, typer.Argument(help="The CSV that Sendoso's Send Tracker exports.")],
    *,
    as_json: Json = False,
    workspace: Workspace = "",
) -> None:
    """Take in the Send Tracker's CSV export. Taking the same file twice changes nothing."""
    from bot.app import rules_of  # noqa: PLC0415
    from bot.imports import CsvError, import_file  # noqa: PLC0415
    from bot.terminal import progress, show_tally  # noqa: PLC0415

    if not file.is_file():
        raise WrongUseError(f"{file} is not a file. Name the CSV that Sendoso's Send Tracker exports.")
    settings = _settings_of(workspace)
    with _database(settings, writes=True) as database, progress(f"Importing {file.name}") as step:
        try:
            rules = rules_of(settings)
            counts = import_file(
                database, file, datetime.now(UTC), settings.zone, step, lambda session: rules(session).watch,
            )
        except CsvError as error:
            raise FailedError(f"{file}: {error}") from None
    show_tally(counts, as_json=as_json, source=file.name)
    if counts.rejected and counts.read == len(counts.rejected):
        raise FailedError(f"{file}: no line could be read.")


@app.command()
def sync(*, as_json: Json = False, workspace: Workspace = "") -> None:
    """Walk through all sends that Sendoso's API knows, once. A walk that was stopped goes on where it was."""
    from bot.sends import sync as walk  # noqa: PLC0415
    from bot.sends.sources.sendoso_api import SendosoError  # noqa: PLC0415
    from bot.terminal import progress, show_tally  # noqa: PLC0415

    settings = _settings_of(workspace, "sendoso")
    if not settings.has_sendoso:
        raise WrongUseError(
            "SENDOSO_ACCESS_TOKEN is missing (or SENDOSO_CLIENT_ID, SENDOSO_CLIENT_SECRET and "
            "SENDOSO_REFRESH_TOKEN): sync needs access to Sendoso's API.",
        )
    from bot.app import rules_of, sendoso_client  # noqa: PLC0415

    with _database(settings, writes=True) as database, progress("Syncing with Sendoso") as step:
        client, rules = sendoso_client(settings, database), rules_of(settings)
        try:
            report = walk.run(database, client, watch=lambda session: rules(session).watch, progress=step)
        except SendosoError as error:
            raise FailedError(str(error)) from None
        finally:
            client.close()
    show_tally(report, as_json=as_json, source="Sendoso")


@app.command()
def scan(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be posted, and why.")] = False,
    at: Annotated[str | None, typer.Option(metavar="ISO-TIME", help="Look as of this time (with --dry-run).")] = None,
    as_json: Json = False,
    workspace: Workspace = "",
) -> None:
    """Find sends that are stuck, ending or expired, and open alerts for them."""
    from bot.alerts import recompute  # noqa: PLC0415
    from bot.alerts import scan as alerts_scan  # noqa: PLC0415
    from bot.app import rules_of  # noqa: PLC0415
    from bot.terminal import show_plan, show_scan  # noqa: PLC0415

    if at is not None and not dry_run:
        raise WrongUseError("--at only goes with --dry-run: alerts are opened as of now.")
    settings = _settings_of(workspace, "bot")
    now = _instant(at, settings) if at is not None else datetime.now(UTC)
    if at is not None and not _RECKONED[0] <= now.year <= _RECKONED[1]:
        raise WrongUseError(_TOO_FAR.format(option="--at", text=at))
    with _database(settings, writes=not dry_run) as database:
        if dry_run:
            with database.read() as session:
                fresh = _freshness(session, settings)
                plan = alerts_scan.plan(session, now, rules_of(settings)(session), fresh)
                show_plan(plan, as_json=as_json)
            return
        if not settings.alert_channel:
            raise WrongUseError("ALERT_CHANNEL is missing: the id of the channel for alerts, such as C0123ABCD.")
        rules = rules_of(settings)
        with database.write() as session:
            recompute.look_at_edition(session, rules(session).watch, now)
        # Nothing is told while due times are those of former limits, and here may be no bot that runs and sees to it.
        while recompute.step(database, now, lambda session: rules(session).watch):
            pass
        show_scan(alerts_scan.everything(database, now, rules), as_json=as_json)


@app.command()
def deliver(*, as_json: Json = False, workspace: Workspace = "") -> None:
    """Post and redraw every message that Slack does not show yet, as far as Slack's pace allows now."""
    from bot.app import delivery_of  # noqa: PLC0415
    from bot.privacy.looked_up import Recorder  # noqa: PLC0415
    from bot.terminal import show_delivery  # noqa: PLC0415

    settings = _settings_of(workspace, "bot")
    if not settings.slack_bot_token:
        raise WrongUseError("SLACK_BOT_TOKEN is missing: the bot token (xoxb-…) of the Slack app.")
    with _database(settings, writes=True) as database:
        recorder = Recorder(database)
        report = delivery_of(settings, database, recorder=recorder).run()
        recorder.write()
        show_delivery(report, as_json=as_json)


@app.command()
def status(
    query: Annotated[list[str], typer.Argument(help="E-mail, name, company, campaign, gid, id or tracking link.")],
    *,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many sends to show.")] = 10,
    as_json: Json = False,
    workspace: Workspace = "",
) -> None:
    """Look up where a send is, by anything that people know of it."""
    from bot.sends import lookup  # noqa: PLC0415
    from bot.terminal import show_status  # noqa: PLC0415

    words = " ".join(query)
    if not words.strip():
        raise WrongUseError("Say what to look for: an e-mail address, a name, a company, a campaign, a gid or a link.")
    settings = _settings_of(workspace)
    with _database(settings) as database, database.read() as session:
        found = lookup.find(session, words, limit=limit, most=None)
        histories = {send.id: lookup.history_of(session, send) for send in found.sends}
        show_status(replace(found, query=words), histories, settings.zone, as_json=as_json)


@app.command()
def meaning(
    status_words: Annotated[list[str], typer.Argument(metavar="STATUS", help="A status, in any spelling.")],
    *,
    as_json: Json = False,
) -> None:
    """Explain a status: what it means, who acts next, what is to be done."""
    from bot.statuses.answers import answer  # noqa: PLC0415
    from bot.terminal import show_meaning  # noqa: PLC0415

    words = " ".join(status_words)
    if not words.strip():
        raise WrongUseError("Say which status, as Sendoso calls it or in words of your own: shipped, for example.")
    show_meaning(answer(words), as_json=as_json)


@app.command()
def doctor(*, as_json: Json = False) -> None:
    """Is it set up right? Looks at settings, database, Slack and Sendoso, and says how to mend what is wrong.

    Changes nothing, and works while the bot runs. Exit code 1 where something must be mended.
    """
    from bot import checkup  # noqa: PLC0415
    from bot.clock import system_clock  # noqa: PLC0415
    from bot.doctor.screen import show  # noqa: PLC0415
    from bot.doctor.setup import wrong_settings  # noqa: PLC0415
    from bot.settings import SettingsError  # noqa: PLC0415

    try:
        settings = _settings()
    except SettingsError as error:
        report = wrong_settings(error.problems)
    else:
        if settings.serves_many:
            from bot.workspaces import checkup as of_many  # noqa: PLC0415

            report = of_many.examine(settings, system_clock)
        else:
            report = checkup.examine(settings, system_clock, is_connected=lambda: checkup.connected(settings))
    show(report, as_json=as_json)
    raise typer.Exit(0 if report.ok else 1)


@app.command()
def health(*, as_json: Json = False) -> None:
    """Ask the bot that runs on this machine whether it is ready, as its /readyz says. Exit code 1 where it is not."""
    from bot import probe  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    settings = load()
    told = probe.ask(settings.http_host, settings.http_port)
    typer.echo(json.dumps(told.as_json(), indent=2) if as_json else told.as_text())
    raise typer.Exit(0 if told.is_ready else 1)


@app.command()
def audit(
    *,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write a CSV for spreadsheets; - prints it."),
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="ISO-TIME", help="Only from this time on.")] = None,
    until: Annotated[str | None, typer.Option(metavar="ISO-TIME", help="Only before this time.")] = None,
    action: Annotated[
        list[str] | None, typer.Option(help="Only this action, such as resolve, config or look_up; may be repeated."),
    ] = None,
    as_json: Json = False,
    workspace: Workspace = "",
) -> None:
    """Show who did what and when: every press, every step of the bot, every change of the configuration.

    Look-ups, where these are put on record, are shown only by --action look_up.

    A CSV file is UTF-8 with a byte order mark, as spreadsheets want it, and a cell that a spreadsheet could take
    for a formula begins with an apostrophe.
    """
    from bot import audit as log  # noqa: PLC0415

    settings = _settings_of(workspace)
    start, end = (_instant(at, settings, name) if at is not None else None for at, name in (
        (since, "--since"), (until, "--until"),
    ))
    if start is not None and end is not None and start >= end:
        raise WrongUseError(f"--since {since} is not before --until {until}: there is nothing in between.")
    with _database(settings) as database, database.read() as session:
        wrong = log.unknown(session, action or ())
        if wrong:
            raise WrongUseError("\n".join(
                f"--action {name!r} is nothing that is put on record; did you mean {near}?"
                for name, near in wrong.items()
            ))
        found = log.lines(session, start, end, action or ())
        if csv_file is not None and str(csv_file) != "-":
            try:
                number = log.save_csv(found, csv_file)
            except OSError as error:
                raise FailedError(f"{csv_file} cannot be written: {error.strerror}.") from None
            typer.echo(f"{csv_file}: {number:,} row{'' if number == 1 else 's'}.")
        elif csv_file is not None:
            log.write_csv(found, sys.stdout)
        elif as_json:
            log.write_json(found, sys.stdout)
        else:
            log.write_lines(found, sys.stdout, settings.zone)


# Here, since `--help` lists the commands in this order: what somebody begins with comes first.
app.command()(report)
app.command()(export)
app.command()(forget)
app.command()(backup)
app.command()(restore)
app.add_typer(config_app)
app.add_typer(workspaces_app)


def _settings(*, needs_slack: bool = False) -> Settings:
    from bot import logs  # noqa: PLC0415
    from bot.settings import load, load_to_run  # noqa: PLC0415

    settings = load_to_run() if needs_slack else load()
    logs.configure(settings.log_level if needs_slack else "ERROR", settings.log_format)
    return settings


def _settings_of(workspace: str, needs: Needs = "") -> Settings:
    """The settings by which a command works that is about sends: where one bot serves several, those of one."""
    settings = _settings()
    if not workspace and not settings.serves_many:
        return settings
    from bot.workspaces.choice import chosen  # noqa: PLC0415

    return chosen(settings, workspace, needs)


@contextmanager
def _database(settings: Settings, *, writes: bool = False) -> Iterator[Database]:
    from storage import schema, startup  # noqa: PLC0415
    from storage.engine import Database  # noqa: PLC0415

    url = settings.database_url.get_secret_value()
    database = Database(url, exclusive=writes)
    try:
        if writes or not schema.is_current(database):
            startup.prepare(database, datetime.now(UTC))
        yield database
    finally:
        database.close()


def _freshness(session: Session, settings: Settings) -> Freshness | None:
    """What tells whether data are missing; None where none are expected, or no sync was ever begun."""
    from bot.alerts.stale import freshness  # noqa: PLC0415
    from bot.sends import sync as walk  # noqa: PLC0415
    from storage.sync import cursor  # noqa: PLC0415

    known = cursor(session, walk.SOURCE) if settings.has_sendoso else None
    since = known and (known.last_ok_at or known.started_at)
    return freshness(known, settings.sync_every, since) if since else None


def _instant(text: str, settings: Settings, option: str = "--at") -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise WrongUseError(f"{option} {text!r} is not a time; write for example 2026-12-01T09:00 or …Z.") from None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=settings.zone)).astimezone(UTC)
    except OverflowError:
        raise WrongUseError(_TOO_FAR.format(option=option, text=text)) from None


def _complain(*lines: str) -> None:
    for line in lines:
        sys.stderr.write(f"{line}\n")


