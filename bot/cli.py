"""The `sendwatch` command line: thin, each command one path into the bot."""

from __future__ import annotations

import errno
import gc
import io
import json
import os
import sys
from typing import Annotated

import typer

from bot.alerts_cli import deliver, scan
from bot.audit_cli import audit
from bot.backup_cli import backup, restore
from bot.config_cli import config_app
from bot.invocation import FailedError, complain, load_settings, opened, trouble
from bot.options import Json
from bot.privacy_cli import export, forget
from bot.report_cli import report
from bot.sends_cli import import_csv, meaning, status, sync
from bot.workspaces_cli import workspaces_app

app = typer.Typer(
    name="sendwatch",
    help="Watches gift sends made with Sendoso, and tells Slack about those that need somebody.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",  # the lines of a paragraph are one, however wide the terminal is
    context_settings={"help_option_names": ["-h", "--help"]},
)

UNPRINTED = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""What a system says where what is printed goes to a file on a disk that is full or broken."""


def main() -> None:
    """Run the command line; every known trouble ends in one clear sentence and an exit code."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # Whoever has begun this has closed it.
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - open until the end
    for stream in (sys.stdout, sys.stderr):
        # On a terminal that cannot show a sign, something else stands for it.
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower().replace("-", "") != "utf8":
            stream.reconfigure(errors="replace")
    try:
        _run()
    except KeyboardInterrupt:
        complain("Stopped.")
        raise SystemExit(130) from None
    except Exception as error:
        code, lines = trouble(error)
        if not code:
            raise
        complain(*lines)
        raise SystemExit(code) from None


def _run() -> None:
    try:
        try:
            app(prog_name="sendwatch")
        finally:
            sys.stdout.flush()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise FailedError(f"No file can have so long a name: {error.filename}") from None
        if error.filename is not None or error.errno not in UNPRINTED:
            raise
        # What could not be printed would be tried once more at the end.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - open until the end
        raise FailedError(f"Not all of it could be printed: {error.strerror}.") from None


def demo(
    port: Annotated[int, typer.Option(help="Where the page is served on this machine; 0 takes any free port.")] = 4603,
    *,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
) -> None:
    """Play with the real bot in a browser: a small Slack, a small Sendoso, sample sends, no account."""
    from bot.playground.demo import run as run_demo  # noqa: PLC0415

    run_demo(port=port, open_browser=browser)


def run() -> None:
    """Run the bot: listen to Slack and Sendoso, sync, scan and deliver."""
    # What is loaded is kept, so that to look for garbage in it is a sixth of the start for nothing (measured).
    gc.disable()
    from bot.app import serve  # noqa: PLC0415
    from bot.serving import AddressTakenError  # noqa: PLC0415

    gc.enable()
    settings = load_settings(needs_slack=True)
    try:
        serve(settings)
    except AddressTakenError as error:
        raise FailedError(
            f"{error} HTTP_HOST and HTTP_PORT say where to listen; a port that another program has is not free.",
        ) from None


def migrate() -> None:
    """Bring the database to the schema of this version; where one bot serves several workspaces, theirs as well."""
    from pydantic import SecretStr  # noqa: PLC0415 - keeps `--help` quick

    from bot.clock import system_clock  # noqa: PLC0415
    from storage import rooms  # noqa: PLC0415

    settings = load_settings()
    with opened(settings, writes=True) as database:
        typer.echo("The database is up to date.")
        with database.read() as session:
            own = rooms.every(session, settings.database_url.get_secret_value())
        failed = list[str]()
        for team_id, url in own.items():
            try:
                with opened(settings.model_copy(update={"database_url": SecretStr(url)}), writes=True):
                    typer.echo(f"{team_id}: its database is up to date.")
                with database.write() as session:
                    # From here on its loss would be told, even if no bot has begun it yet.
                    rooms.note(session, team_id, system_clock())
            except Exception as error:
                code, lines = trouble(error)
                if not code:
                    raise
                # One that cannot be served takes no other along.
                failed.append(team_id)
                complain(*(f"{team_id}: {line}" for line in lines))
    if failed:
        raise FailedError(f"Not brought up to date: {', '.join(failed)}.")


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
        settings = load_settings()
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


def health(*, as_json: Json = False) -> None:
    """Ask the bot that runs on this machine whether it is ready, as its /readyz says. Exit code 1 where it is not."""
    from bot import probe  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    settings = load()
    told = probe.ask(settings.http_host, settings.http_port)
    typer.echo(json.dumps(told.as_json(), indent=2) if as_json else told.as_text())
    raise typer.Exit(0 if told.is_ready else 1)


# In this order `--help` lists them: what somebody begins with comes first.
app.command()(demo)
app.command()(run)
app.command()(migrate)
app.command("import")(import_csv)
for command in (sync, scan, deliver, status, meaning, doctor, health, audit, report, export, forget, backup, restore):
    app.command()(command)
app.add_typer(config_app)
app.add_typer(workspaces_app)
