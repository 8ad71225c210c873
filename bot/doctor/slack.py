"""Checks of Slack's side: the token, what it may do, the clock, the connection."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot.delivery.slack_codes import REINSTALL, WORKSPACE_ADVICE, advice
from bot.doctor.finding import Finding, State
from bot.doctor.setup import app_page
from bot.doctor.told import SlackTold, Told

TOPIC = "Slack"
SIGNED_FOR, NOTICEABLE = timedelta(minutes=5), timedelta(minutes=1)
"""How far a clock may be off before signed requests are refused, and before somebody should look at it."""
NOT_ASKED = "not asked, since Slack could not be reached"
NO_NETWORK = "Look at this machine's network, its proxy and SLACK_API_URL."


def check(told: Told) -> Iterator[Finding]:
    """How Slack takes the bot."""
    said = told.slack
    if said is None:
        yield _found("Token", State.UNASKED, "not asked: there is no SLACK_BOT_TOKEN")
        return
    yield _token(told, said)
    yield from _scopes(told, said)
    yield from _connection(told, said)
    yield _clock(told, said)


def why_unasked(told: Told) -> str:
    """Why Slack said nothing about somebody or something that is named."""
    said = told.slack
    if said is None:
        return "not asked: there is no SLACK_BOT_TOKEN"
    if said.unreachable:
        return NOT_ASKED
    return "not asked, since the token is not taken" if said.error else "not asked, since there are so many"


def _found(what: str, state: State, value: str, mend: str = "", link: str = "") -> Finding:
    return Finding(topic=TOPIC, what=what, state=state, value=value, mend=mend, link=link)


def _token(told: Told, said: SlackTold) -> Finding:
    if said.unreachable:
        return _found("Token", State.WRONG, f"Slack could not be reached ({said.unreachable})", NO_NETWORK)
    if said.error == "ratelimited":
        return _found("Token", State.UNASKED, "Slack asks for a pause (ratelimited)", "Try again in a minute.")
    if said.error:
        return _found(
            "Token", State.WRONG, f"Slack does not take SLACK_BOT_TOKEN ({said.error})",
            advice(said.error) if said.error in WORKSPACE_ADVICE else REINSTALL, app_page(told, "oauth"),
        )
    return _found("Token", State.GOOD, "Slack takes it")


def _scopes(told: Told, said: SlackTold) -> Iterator[Finding]:
    if said.unreachable or said.error:
        why = NOT_ASKED if said.unreachable else "not asked, since the token is not taken"
        yield _found("Scopes", State.UNASKED, why)
        return
    if said.scopes is None:
        yield _found("Scopes", State.UNASKED, "Slack did not say which were granted")
        return
    missing = sorted(set(told.scopes) - said.scopes)
    for scope in missing:
        yield _found(
            f"Scope {scope}", State.WRONG, f"not granted. What it is for: {told.scopes[scope]}",
            "Add it to the Bot Token Scopes (OAuth & Permissions), or paste manifest.yml anew, then reinstall the app.",
            app_page(told, "oauth"),
        )
    if not missing:
        yield _found("Scopes", State.GOOD, f"all {len(told.scopes):,} are granted")
    more = sorted(said.scopes - set(told.scopes)) if told.scopes else []
    if more:
        yield _found(
            "More scopes", State.WARNING, f"granted, but used for nothing: {', '.join(more)}",
            "Take them out and reinstall the app: what it may not do, nobody can do with its token.",
            app_page(told, "oauth"),
        )


def _connection(told: Told, said: SlackTold) -> Iterator[Finding]:
    """The app token is not tried out: a new connection would take payloads away from the bot that runs."""
    if not told.settings.has_app_token:
        return
    if said.is_connected:
        yield _found("Socket Mode", State.GOOD, "the bot is connected")
    elif said.is_connected is None:
        yield _found(
            "Socket Mode", State.UNASKED,
            "no bot answers at HTTP_HOST and HTTP_PORT, and a connection of our own would take requests away from it",
        )
    else:
        yield _found(
            "Socket Mode", State.WRONG, "the bot is not connected",
            "Is Socket Mode on in the app's settings, and is SLACK_APP_TOKEN of this app, with connections:write? "
            "The bot's log names Slack's answer.", app_page(told, "socket-mode"),
        )


def _clock(told: Told, said: SlackTold) -> Finding:
    if said.skew is None:
        return _found("Clock", State.UNASKED, "Slack's clock could not be read")
    off, seconds = abs(said.skew), round(said.skew.total_seconds())
    words = f"{abs(seconds):,} seconds {'before' if seconds > 0 else 'behind'} Slack's"
    mend = "Set this machine's clock by NTP."
    if off > SIGNED_FOR and not told.settings.has_app_token:
        return _found("Clock", State.WRONG, words, f"Signed requests count for five minutes: all are refused. {mend}")
    if off > NOTICEABLE:
        return _found("Clock", State.WARNING, words, mend)
    return _found("Clock", State.GOOD, "right")
