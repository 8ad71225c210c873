"""Why there is an alert, why it is shown and here; or when there would be one: everything that people can check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.alerts.explanation import Reckoning
from bot.alerts.muting import RULES
from bot.slack.blocks import alert_state, gift, reckoning_words, route_words, watch_card
from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.limits import actions, button, context, divider, header, link, modal, section
from bot.slack.blocks.route_card import LABELS
from bot.slack.blocks.route_table import ROOM
from bot.slack.blocks.text import count, escape, one_line, own, person, stamp
from bot.statuses.catalogue import Source
from storage.config import COMMAND_LINE
from storage.models import Alert, Send

CALLBACK = "why_modal"
TITLE = "Why do I see this?"
ALERTS = 3
"""So many alerts of one send are explained in one answer; the others have their own windows."""
COMING = 4


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Who changed the limits of this installation last before they were used, and when."""

    by: str
    """A Slack user id, or "cli"."""
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why something is due: its rule and level, the limit as used, the sum, and who set the limit if it is an own."""

    rule: str
    level: str
    why: str
    words: str
    """The limit in words, from outside; empty where it is told at once."""
    source: str
    status: str
    """As people know it, from outside."""
    since: datetime | None
    reckoning: Reckoning
    setting: Setting | None = None


@dataclass(frozen=True, kw_only=True)
class Coming:
    """Something that will be due if the send does not move on, and what would hold it."""

    reason: Reason
    due_at: datetime
    holds: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class AlertWhy:
    """All that is known of why an alert is shown."""

    alert: Alert
    send: Send | None
    reason: Reason
    brought_up: str
    """Why it is shown now, for mrkdwn."""
    places: Sequence[str] = ()
    """Each place where it is told, by which route and policy, and what comes next there; finished mrkdwn."""
    holds: Sequence[str] = ()
    """What has held it, and what holds it now; finished mrkdwn."""
    coming: Sequence[Coming] = ()
    """What comes next about the send if it does not move on."""


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """A send without an alert: what would come when, or why nothing does."""

    send: Send
    coming: Sequence[Coming] = ()
    settled: Sequence[Alert] = ()
    """Alerts of the present stay that a person has settled."""
    deadline: str = ""
    """What the catalogue says of the limit of its status."""
    is_watched: bool = False


def view(found: AlertWhy, now: datetime) -> Block:
    """The window about one alert."""
    return modal(TITLE, [*_alert(found, now), _next(found)], callback_id=CALLBACK, data={"alert": found.alert.id})


def message(found: AlertWhy, now: datetime) -> Drawn:
    """The same as a message, where no window opens."""
    return draw([*_alert(found, now), _next(found)])


def of_send(found: Sequence[AlertWhy], send: Send, now: datetime, *, total: int, is_watched: bool) -> Drawn:
    """The answer about a send that has open alerts: each of them, up to three."""
    blocks: list[Block | None] = []
    for place, one in enumerate(found[:ALERTS]):
        blocks += [divider() if place else None, *_alert(one, now)]
    more = total - len(found[:ALERTS])
    link_to = _source_link(found[0].reason.source) if found else None
    return draw([
        *blocks, context(f"…and {count(more, 'more open alert')} of this send") if more > 0 else None,
        actions(*_ways(send, is_watched=is_watched), link_to),
    ])


def _alert(found: AlertWhy, now: datetime) -> list[Block | None]:
    held = [section("\n".join(["*What held it*", *(f"• {one}" for one in found.holds)]))] if found.holds else []
    return [
        header(alert_state.headed(found.alert, now)),
        context(gift.whose(found.send) if found.send is not None else ""),
        section("\n".join(_reason(found.reason))),
        section(f"*Why now:* {found.brought_up or 'It is the first alert about it.'}"),
        *(section(text) for text in route_words.packed(found.places, ROOM)),
        *held,
        _next_steps(found.coming[:COMING], now),
    ]


def _next_steps(coming: Sequence[Coming], now: datetime) -> Block | None:
    lines = [f"• {_next_step(one, now)}" for one in coming]
    return section("\n".join(["*If it does not move on*", *lines])) if lines else None


def _next_step(one: Coming, now: datetime) -> str:
    when = stamp(one.due_at) if one.due_at > now else "with the next scan"
    held = f" (⏸ {one.holds[0]})" if one.holds else ""
    return f"{_rule(one.reason)}: {when}{held}"


def _reason(found: Reason) -> list[str]:
    return [line for line in (
        f"*Rule:* {_rule(found)}", escape(found.why, 500), *_limit(found),
        f"*Since:* {escape(found.status)} {stamp(found.since)}" if found.since is not None and found.status else "",
        *reckoning_words.lines(found.reckoning, found.status),
    ) if line]


def _rule(found: Reason) -> str:
    name = f"{found.rule}/{found.level}"
    label = LABELS.get(name) or RULES.get(found.rule, "Alert")
    return f"{own(label)} ({escape(name.removesuffix('/notice'))})"


def _limit(found: Reason) -> list[str]:
    if not found.words:
        return []
    source = f"*Source:* {escape(found.source, 200)}" if found.source else ""
    return [f"*Limit:* {escape(found.words, 150)}", *([source] if source else []), *_set_by(found.setting)]


def _set_by(setting: Setting | None) -> list[str]:
    if setting is None:
        return []
    who = "on the command line" if setting.by == COMMAND_LINE else f"by {person(setting.by)}"
    return [f"The limits of this installation were last changed {who}, {stamp(setting.at)}."]


def _source_link(source: str) -> Block | None:
    """The page that names the limit, for one that has a page."""
    named = next((one for one in Source if one.link and one in source), None)
    label = f"Read the {named}"
    return link(label, "source_open", named.link, label=label) if named is not None else None


def _next(found: AlertWhy) -> Block | None:
    alert, send = found.alert, found.send
    content = {"alert": alert.id}
    return actions(
        button("Timeline", "alert_timeline", content, label=gift.label("Show the timeline of", send)),
        button("What does this mean?", "alert_meaning", {**content, "v": alert.version},
               label=gift.label("Explain the status of", send)) if send is not None else None,
        _route(send) if send is not None else None,
        _source_link(found.reason.source),
    )


def _route(send: Send) -> Block:
    return button(
        "Where do alerts go?", "route_open", {"send": send.id}, label=gift.label("Where do alerts go for", send),
    )


def _ways(send: Send, *, is_watched: bool) -> list[Block | None]:
    return [
        button("Open", "send_open.why", {"send": send.id}, label=gift.label("Open", send)),
        watch_card.choice(send, is_watching=is_watched),
        _route(send),
    ]


# --- without an alert ---------------------------------------------------------------------------------


def outlook(found: Outlook, now: datetime) -> Drawn:
    """When a send would become due, by the same sum; or why nothing is to come."""
    send = found.send
    shown = found.coming[:COMING]
    linked = next((button for one in shown if (button := _source_link(one.reason.source)) is not None), None)
    return draw([
        header(f"🔎 {one_line(gift.name(send), 60)}: {_title(found)}"),
        section(f"{gift.whose(send)} · {gift.standing(send, now)}, since {stamp(send.status_since)}.{_first(found)}"),
        *(section("\n".join(_coming(one, now))) for one in shown),
        *(section(_settled(alert, send)) for alert in found.settled[:COMING]),
        None if found.coming or found.settled else section(_nothing(found)),
        actions(*_ways(send, is_watched=found.is_watched), linked),
    ])


def _title(found: Outlook) -> str:
    if gift.is_over(found.send):
        return "nothing is watched any more"
    return "when an alert would come" if found.coming else "no alert is to come"


def _first(found: Outlook) -> str:
    if not found.coming:
        return ""
    return f" No alert is open. Nothing is told before {stamp(min(one.due_at for one in found.coming))}."


def _coming(one: Coming, now: datetime) -> list[str]:
    when = "due now: the next scan tells it" if one.due_at <= now else f"{stamp(one.due_at)}, unless it moves on before"
    return [f"*{_rule(one.reason)}:* {when}", *_limit(one.reason), *reckoning_words.lines(
        one.reason.reckoning, one.reason.status,
    ), *(f"⏸ {held}" for held in one.holds)]


def _settled(alert: Alert, send: Send) -> str:
    status = escape(gift.title(send.status, send.status_raw))
    return (
        f"*{_rule_of(alert)}:* {person(alert.resolved_by)} settled it"
        f"{f', {stamp(alert.resolved_at)}' if alert.resolved_at else ''}. It does not come again while the send is "
        f"{status}."
    )


def _rule_of(alert: Alert) -> str:
    name = f"{alert.rule}/{alert.level}"
    return own(LABELS.get(name) or RULES.get(alert.rule, "Alert"))


def _nothing(found: Outlook) -> str:
    if gift.is_over(found.send):
        return "This is the end of its way: nothing more happens by itself, so Sendwatch watches no limit any more."
    return f"No limit is watched in this status. {own(found.deadline)}".strip()


# --- which send -----------------------------------------------------------------------------------------


def ask(send: Send, suffix: str, **content: Any) -> Block:  # noqa: ANN401 - what the button carries
    """The button that explains a send."""
    return button("Why", f"why_open{suffix}", {"send": send.id, **content}, label=gift.label("Explain alerts of", send))
