"""The answer to "where is this send?": one send with all that is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.alerts.muting import Muted
from bot.slack.blocks import alert_state, gift, meaning_card, send_search, watch_card
from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.limits import actions, button, context, facts, header, link, modal, section
from bot.slack.blocks.mute_modal import muted_line
from bot.slack.blocks.text import clip, count, escape, one_line, own, person, stamp
from bot.statuses.watched import LEVELS, OVERDUE
from storage.beside import Step
from storage.models import Alert, Send, SendHistory

HISTORY = 8
ALERTS = 3
CALLBACK = "send_modal"


@dataclass(frozen=True, kw_only=True)
class SendFacts:
    """A send, its history with the oldest first, and its open alerts."""

    send: Send
    history: Sequence[SendHistory | Step] = ()
    alerts: Sequence[Alert] = ()
    muted: Mapping[int, Muted] = field(default_factory=dict)
    """Row id of an alert -> the mute that hides it."""
    is_watched: bool = False
    """Whether the reader is told of each step."""


def build(found: SendFacts, now: datetime, *, back: dict[str, Any] | None = None) -> Drawn:
    """The card for the one who asked; `back` is the list from which it was opened."""
    return draw([*_blocks(found, now, private=True), *_alerts(found, now), _watched(found), _buttons(found, back)])


def direct(found: SendFacts, now: datetime) -> Drawn:
    """The card as an answer in a direct message, where nobody else reads it and there is no channel to share it in."""
    return draw([*_blocks(found, now, private=True), *_alerts(found, now), _watched(found), _below(found)])


def public(found: SendFacts, now: datetime) -> Drawn:
    """The card as an answer in a channel: as it is shared, and the rest for the one who presses."""
    send = found.send
    return draw([
        *_blocks(found, now, private=False),
        actions(
            button(
                "Show me more", "send_open", {"send": send.id},
                label=gift.label("Show me, and nobody else, more of", send, private=False),
            ),
            _track(send, private=False),
        ),
        context("“Show me more” answers you alone, with what is private and the buttons of its alerts."),
    ])


def shared(found: SendFacts, now: datetime, by: str) -> Drawn:
    """The card for a whole channel: without e-mail, cost and buttons that act."""
    send = found.send
    return draw([
        *_blocks(found, now, private=False),
        context(f"Shared by {person(by)}"),
        actions(_track(send, private=False)),
    ])


def view(found: SendFacts, now: datetime, *, found_by: str = "") -> Block:
    """The card as a modal, where there is no message to answer in, such as the Home tab; another can be found in it.

    `found_by` says by what it was found, as finished mrkdwn.
    """
    blocks = [
        context(f"Found by {found_by}") if found_by else None,
        send_search.field("Look up another send"),
        *_blocks(found, now, private=True), *_alerts(found, now), _watched(found), _below(found),
    ]
    return modal("Send", blocks, callback_id=CALLBACK, data={"send": found.send.id})


def lookup(problem: str = "") -> Block:
    """The same modal before a send is chosen in it; `problem`, a sentence of ours, goes first."""
    return modal("Look up a send", [
        section(problem) if problem else None,
        section("*Which send?* Type a name, e-mail, company, campaign, Sendoso id or tracking link."),
        send_search.field("Name, e-mail, campaign or link"),
        context("The newest are offered before you type. A send made a moment ago comes with the next sync."),
    ], callback_id=CALLBACK)


def _blocks(found: SendFacts, now: datetime, *, private: bool) -> list[Block | None]:
    send = found.send
    return [
        header(heading(send, now, private=private)),
        facts([
            ("For", gift.recipient(send, private=private)),
            ("From", gift.sender(send, private=private)),
            ("Gift", gift.what(send)),
            ("Campaign", escape(send.campaign)),
            ("Since", stamp(send.status_since)),
            _end(found.alerts, now) or deadline(send, now, is_late=any(one.rule == OVERDUE for one in found.alerts)),
            ("Cost so far", gift.cost(send) if private else ""),
        ]),
        section("\n".join(_meaning(found))),
        None if send.complete else context("Only a webhook has told of this send; the next sync brings the rest."),
        section(_history(found.history)) if found.history else None,
    ]


def _meaning(found: SendFacts) -> list[str]:
    """What its status means and what to do: for what is late already, what its alert says."""
    known = gift.meanings(found.send)
    late = [alert for alert in found.alerts if alert.rule == OVERDUE]
    if not late or len(known) != 1:
        return meaning_card.short(found.send.status, known)
    worst = max(late, key=lambda alert: LEVELS.get(alert.level, 0))
    actor, advice = alert_state.next_of(worst, found.send)
    return [line for line in (own(known[0].meaning), f"*Next:* {actor}" if actor else "", f"*To do:* {advice}" if advice
            else "") if line]


def heading(send: Send, now: datetime, *, private: bool = True) -> str:
    """Whose gift and where it stands, without markup: "🚚 Jane Doe: Shipped for 3 days"."""
    name = gift.name(send) if private else gift.public_name(send) or "A gift"
    status = clip(gift.title(send.status, send.status_raw), 50)
    return f"{gift.emoji(send.status)} {one_line(name, 60)}: {status} {gift.lasted(send, now)}"


def _end(alerts: Sequence[Alert], now: datetime) -> tuple[str, str] | None:
    """The end, known or assumed, of which an open alert warns: beside it no other may be told."""
    warning = next((one for one in alerts if (end := alert_state.end_of(one)) is not None and end > now), None)
    return ("Offer ends", alert_state.ends(warning)) if warning is not None else None


def deadline(send: Send, now: datetime, *, is_late: bool = False) -> tuple[str, str]:
    """By when the next one must act: a label and its value for mrkdwn, which is empty when nobody has to.

    `is_late`: that it is late has been told already, so that the next limit is the one of Sendoso's Support.
    """
    if send.expires_at and send.expires_at > now and not gift.is_over(send):
        return "Offer ends", stamp(send.expires_at)
    if send.due_at is None:
        return "", ""
    if send.due_rule == "overdue":
        if is_late:
            return "A case for Sendoso's Support from", stamp(send.due_at)
        return "Should move on by" if send.due_at > now else "Should have moved on by", stamp(send.due_at)
    if send.due_at <= now or send.due_rule == "needs_action":
        return "Act by", "now"
    # The longest that such an offer may last, and not its end, which no source has given.
    return "Counts as expired from" if send.due_rule == "expired" else "Next reminder", stamp(send.due_at)


def _history(history: Sequence[SendHistory | Step]) -> str:
    newest = list(reversed(history))
    lines = [
        f"{stamp(event.occurred_at)} — {escape(gift.title(event.status, event.status_raw), 70)}"
        for event in newest[:HISTORY]
    ]
    more = len(newest) - len(lines)
    return "\n".join(["*History*", *lines, *([f"…and {count(more, 'earlier step')}"] if more > 0 else [])])


def _alerts(found: SendFacts, now: datetime) -> list[Block | None]:
    blocks: list[Block | None] = []
    for place, alert in enumerate(found.alerts[:ALERTS]):
        told = " · ".join(alert_state.told(alert)) or "Nobody has taken it up."
        if alert.id in found.muted:
            told = f"{told}\n{muted_line(found.muted[alert.id])}"
        blocks.append(section(f"🔔 *Open alert:* {escape(alert_state.headline(alert, now), 150)}\n{told}"))
        blocks.append(alert_state.buttons(alert, found.send, suffix=f".{place}", track=False))
    more = len(found.alerts) - ALERTS
    if more > 0:
        blocks.append(context(f"…and {count(more, 'more open alert')}"))
    return blocks


def _watched(found: SendFacts) -> Block | None:
    return context("👀 You watch this send: each step comes to you as a direct message.") if found.is_watched else None


def _below(found: SendFacts) -> Block | None:
    send = found.send
    return actions(
        watch_card.choice(send, is_watching=found.is_watched, at="card"), _why(send), _track(send), _route(send),
    )


def _track(send: Send, *, private: bool = True) -> Block | None:
    return link("Track", "track", send.tracking_url, label=gift.label("Track", send, private=private))


def _why(send: Send) -> Block:
    return button("Why?", "why_open", {"send": send.id}, label=gift.label("Explain the alerts of", send))


def _route(send: Send) -> Block:
    return button(
        "Where do alerts go?", "route_open", {"send": send.id}, label=gift.label("Where do alerts go for", send),
    )


def _buttons(found: SendFacts, back: dict[str, Any] | None) -> Block | None:
    send, way_back = found.send, {"back": back} if back else {}
    return actions(
        button("Share in channel", "send_share", {"send": send.id}, label=gift.label("Share in channel:", send)),
        watch_card.choice(send, is_watching=found.is_watched, at="card", **way_back),
        _why(send),
        _track(send),
        _route(send),
        button("Back to the list", "send_back", back, label="Back to the list of sends") if back else None,
    )
