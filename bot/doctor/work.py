"""Checks of what should be happening: Sendoso's data, scans, posts, what waits, and the configuration."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.alerts.notices import lasting
from bot.alerts.stale import SYNCS_MISSED
from bot.delivery.slack_codes import advice
from bot.doctor.finding import Finding, State
from bot.doctor.slack import NO_NETWORK
from bot.doctor.told import JobTold, Told

SENDOSO, WORK, CONFIGURATION = "Sendoso", "Work", "Configuration"
API, STORED = "API", "Stored token"
PATIENCE = timedelta(seconds=60)
"""On top of three intervals, before something counts as standing still; as for /readyz."""
UNREACHABLE = "unreachable"
"""Stands for Slack's code where no connection to Slack came about, see bot.delivery.settling."""
MAIN = frozenset({"sync", "scan", "deliver"})
"""Jobs about which more is said than that a run of them failed."""
WAITS_LONG = timedelta(minutes=15)
QUIET_WEBHOOKS = timedelta(days=7)
ACCESS = "SENDOSO_ACCESS_TOKEN, or SENDOSO_CLIENT_ID, SENDOSO_CLIENT_SECRET and SENDOSO_REFRESH_TOKEN"


def sendoso(told: Told) -> Iterator[Finding]:
    """Whether sends come in: by the API, by webhooks, or not at all."""
    yield _api(told)
    yield from _secrets(told)
    # What a database holds that cannot be read, or is of another version, is not known.
    known = told.database.is_current and not told.database.error
    if told.settings.sendoso and known and not told.database.is_new:
        yield _sync(told)
    if told.settings.has_webhooks and known:
        yield _webhooks(told)


def _found(topic: str, what: str, state: State, value: str, mend: str = "") -> Finding:
    return Finding(topic=topic, what=what, state=state, value=value, mend=mend)


def _api(told: Told) -> Finding:
    if not told.settings.sendoso:
        webhooks = told.settings.has_webhooks
        return _found(
            SENDOSO, API, State.GOOD if webhooks else State.WARNING,
            "no access is set up; webhooks are" if webhooks else "no access is set up, and no webhooks either",
            "" if webhooks else f"Sends come only by “sendwatch import”. For all of them by themselves set {ACCESS}.",
        )
    said = told.sendoso
    if said is None or said.unasked:
        return _found(SENDOSO, API, State.UNASKED, said.unasked if said is not None else "not asked")
    if said.error:
        return _found(SENDOSO, API, State.WRONG, said.error, f"The settings are SENDOSO_API_URL and {ACCESS}.")
    return _found(SENDOSO, API, State.GOOD, "it answers")


def _secrets(told: Told) -> Iterator[Finding]:
    if told.database.secrets == "readable":
        yield _found(SENDOSO, STORED, State.GOOD, "ENCRYPTION_KEYS opens it")
    elif told.database.secrets:
        yield _found(
            SENDOSO, STORED, State.WRONG, "none of ENCRYPTION_KEYS opens it",
            "Put the former key behind the new one. If it is lost, authorise Sendwatch with Sendoso anew and set "
            "SENDOSO_REFRESH_TOKEN to the refresh token that you get.",
        )


def _sync(told: Told) -> Finding:
    at, error = told.database.synced_at, told.database.jobs.get("sync", JobTold()).error
    if at is None:
        return _found(
            SENDOSO, "Sync", State.WRONG if error else State.WARNING,
            f"none has ever worked ({error})" if error else "none has been made yet",
            "“sendwatch sync” tries it, and names what is wrong." if error else "The bot makes one when it starts.",
        )
    stale, said = told.now - at > told.settings.sync_every * SYNCS_MISSED, told.database.sync_said
    return _found(
        SENDOSO, "Sync", State.WRONG if stale else State.WARNING if said else State.GOOD,
        f"the last good one was {_ago(at, told.now)}{f'; the last one said: {said}' if said else ''}",
        "“sendwatch sync” tries it, and names what is wrong; the bot makes one every SYNC_EVERY." if stale else "",
    )


def _webhooks(told: Told) -> Finding:
    at = told.database.webhook_at
    if at is None:
        return _found(
            SENDOSO, "Webhooks", State.WARNING, "none has ever arrived",
            "Is there an endpoint for each event type in Sendoso's portal, and does it reach this bot from outside? "
            "A secret that is not right is refused with 401, which the portal shows.",
        )
    quiet = told.now - at > QUIET_WEBHOOKS
    return _found(
        SENDOSO, "Webhooks", State.WARNING if quiet else State.GOOD, f"the last one came {_ago(at, told.now)}",
        "Does Sendoso's portal show failed deliveries?" if quiet else "",
    )


def work(told: Told) -> Iterator[Finding]:
    """Whether scans and posts go on, and what waits for Slack."""
    if told.database.error or told.database.is_new or not told.database.is_current:
        yield _found(WORK, "Scan and delivery", State.UNASKED, "not asked, since the database does not tell")
        return
    yield _job(told, "scan", "Scan", told.settings.scan_every)
    yield _job(told, "deliver", "Delivery", told.settings.deliver_every)
    for name, job in told.database.jobs.items():
        if job.error and name not in MAIN:
            yield _found(
                WORK, f"Job {name}", State.WARNING, f"its last run failed ({job.error})", "The bot's log says more.",
            )
    yield _waiting(told)
    for place, (code, since) in told.database.broken.items():
        yield _broken(told, place, code, since)


def _job(told: Told, name: str, what: str, every: timedelta) -> Finding:
    job = told.database.jobs.get(name, JobTold())
    if job.last_ok_at is None:
        return _found(
            WORK, what, State.WRONG if job.error else State.WARNING,
            f"it has failed each time ({job.error})" if job.error else "it has not run yet",
            "The bot's log says more." if job.error else "“sendwatch run” starts the bot.",
        )
    words = f"the last good one was {_ago(job.last_ok_at, told.now)}"
    if told.now - job.last_ok_at <= 3 * every + PATIENCE:
        return _found(WORK, what, State.GOOD, words)
    stopped = told.database.is_running is False
    return _found(
        WORK, what, State.WARNING if stopped else State.WRONG, f"{words}{f' ({job.error})' if job.error else ''}",
        "“sendwatch run” starts the bot." if stopped else "It stands still. The bot's log says more; /readyz, too.",
    )


def _waiting(told: Told) -> Finding:
    number, oldest = told.database.waiting, told.database.oldest
    if not number or oldest is None:
        return _found(WORK, "Messages", State.GOOD, "Slack shows everything")
    words = f"{number:,} {'waits' if number == 1 else 'wait'} for Slack, the oldest was wanted {_ago(oldest, told.now)}"
    late = told.now - oldest > WAITS_LONG
    return _found(
        WORK, "Messages", State.WARNING if late else State.GOOD, words,
        "Nothing is lost. What is said here about channels and the token says why they wait." if late else "",
    )


def _broken(told: Told, place: str, code: str, since: datetime | None) -> Finding:
    ago = f" (it began {_ago(since, told.now)})" if since is not None else ""
    is_channel = not place.startswith("*")
    what = "Posts" if is_channel or place == "*" else {"*files": "Files", "*addresses": "People by e-mail"}.get(
        place, "Posts",
    )
    return Finding(
        topic=WORK, what=what, state=State.WRONG, value=f"Slack refuses them{ago} ({code})",
        mend=NO_NETWORK if code == UNREACHABLE else advice(code, is_routed=place != told.settings.alert_channel),
        about=place if is_channel else "",
    )


def configuration(told: Told) -> Iterator[Finding]:
    """Whether what admins have set can be used."""
    if told.database.error or told.database.is_new or not told.database.is_current:
        yield _found(CONFIGURATION, "Configuration", State.UNASKED, "not asked, since the database does not tell")
        return
    for section, why in told.database.wrong_sections.items():
        yield _found(
            CONFIGURATION, f"Section {section}", State.WRONG, f"cannot be used, so its default counts: {why}",
            "Set it anew, from Slack or with “sendwatch config import FILE”.",
        )
    for sentence in told.database.odd:
        yield _found(CONFIGURATION, "Odd", State.WARNING, sentence, "“sendwatch config check” says more.")
    if not (told.database.wrong_sections or told.database.odd):
        yield _found(CONFIGURATION, "Configuration", State.GOOD, "in order")


def _ago(at: datetime, now: datetime) -> str:
    past = max(now - at, timedelta(0))
    return f"{lasting(past)} ago" if past >= timedelta(minutes=1) else "less than a minute ago"
