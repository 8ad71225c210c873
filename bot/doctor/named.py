"""Checks of the channels, people and user groups that the settings and the configuration name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.delivery.slack_codes import INVITE, OTHER_CHANNEL, OTHER_ROUTE
from bot.doctor.finding import Finding, State
from bot.doctor.slack import why_unasked
from bot.doctor.told import ChannelTold, PersonTold, Told

CHANNELS, PEOPLE = "Channels", "People"
SHOWN = 3
SHARED = "shared with another organisation: its people read what is told there, with names and addresses"
KEEP_IN = "If that is not meant, lead alerts to a channel that is not shared."
BY_ADMINS = "ADMIN_USERS"
REFUSED = {
    "missing_scope": "Slack does not say: a scope is missing", "ratelimited": "Slack asks for a pause (ratelimited)",
    "channel_not_found": "it does not exist, or it is private and the bot is not in it",
}
MEND = {
    "missing_scope": "Grant channels:read and groups:read, see the scopes.", "ratelimited": "Try again in a minute.",
    "channel_not_found": f"{INVITE} {OTHER_ROUTE}",
}


def check(told: Told) -> Iterator[Finding]:
    """Whether everybody and everything that is named is there, and can be told something."""
    leads = told.database.channels
    for channel, by in leads.items():
        yield _channel(channel, by, told)
    for user, by in _people(told).items():
        yield _person(user, by, told)
    for group, by in told.database.groups.items():
        yield _group(group, by, told)


def _people(told: Told) -> dict[str, list[str]]:
    found = {user: [BY_ADMINS] for user in told.settings.admins}
    for user, by in told.database.people.items():
        found.setdefault(user, []).extend(by)
    return found


def _by(places: Sequence[str]) -> str:
    more = len(places) - SHOWN
    return ", ".join([*places[:SHOWN], *([f"{more:,} more"] if more > 0 else [])])


def _channel(channel: str, by: Sequence[str], told: Told) -> Finding:
    said = told.slack.channels.get(channel) if told.slack is not None else None
    if said is None:
        return _found(CHANNELS, "Channel", channel, State.UNASKED, f"{why_unasked(told)} ({_by(by)})")
    value, mend = _of_channel(said, told, is_routed=not any(one == "ALERT_CHANNEL" for one in by))
    if not mend and said.is_shared:
        return _found(CHANNELS, "Channel", channel, State.WARNING, f"{SHARED} ({_by(by)})", KEEP_IN)
    unasked = said.error == "ratelimited"
    state = State.UNASKED if unasked else State.WRONG if mend else State.GOOD
    return _found(CHANNELS, "Channel", channel, state, f"{value} ({_by(by)})", "" if unasked else mend)


def _of_channel(said: ChannelTold, told: Told, *, is_routed: bool) -> tuple[str, str]:
    """How it stands, and how to mend it; the second is empty when all is well."""
    other = OTHER_ROUTE if is_routed else OTHER_CHANNEL
    if said.error:
        return REFUSED.get(said.error, f"Slack says {said.error}"), MEND.get(said.error, other)
    if said.is_archived:
        return "archived", f"Unarchive it. {other}"
    if not said.is_member:
        return "the bot is not in it", INVITE
    granted = told.slack.scopes if told.slack is not None else None
    history = "groups:history" if said.is_private else "channels:history"
    if granted is not None and history not in granted:
        return "the bot may not read it, so it cannot tell whether a post arrived", f"Grant {history}, see the scopes."
    return "in order", ""


def _person(user: str, by: Sequence[str], told: Told) -> Finding:
    said = told.slack.people.get(user) if told.slack is not None else None
    if said is None or said.error in {"ratelimited", "missing_scope"}:
        why = why_unasked(told) if said is None else f"Slack does not say ({said.error})"
        return _found(PEOPLE, "Person", user, State.UNASKED, f"{why} ({_by(by)})")
    value = _of_person(said)
    mend = "" if value == "in order" else f"Take this id out of {_by(by)}, or put another in its place."
    return _found(PEOPLE, "Person", user, State.WRONG if mend else State.GOOD, f"{value} ({_by(by)})", mend)


def _of_person(said: PersonTold) -> str:
    if said.error:
        return "nobody has this id" if said.error == "user_not_found" else f"Slack says {said.error}"
    if said.is_deleted:
        return "the account is switched off"
    return "a bot, which reads no messages" if said.is_bot else "in order"


def _group(group: str, by: Sequence[str], told: Told) -> Finding:
    error = told.slack.groups.get(group) if told.slack is not None else None
    if error is None or error in {"ratelimited", "missing_scope"}:
        why = f"Slack does not say ({error})" if error else why_unasked(told)
        return _found(PEOPLE, "User group", group, State.UNASKED, f"{why} ({_by(by)})")
    if error:
        return _found(
            PEOPLE, "User group", group, State.WRONG,
            f"{'it does not exist or is switched off' if error == 'no_such_subteam' else f'Slack says {error}'} "
            f"({_by(by)})", f"Take this id out of {_by(by)}, or put another in its place.",
        )
    return _found(PEOPLE, "User group", group, State.GOOD, f"in order ({_by(by)})")


def _found(topic: str, what: str, about: str, state: State, value: str, mend: str = "") -> Finding:
    return Finding(topic=topic, what=what, state=state, value=value, mend=mend, about=about)
