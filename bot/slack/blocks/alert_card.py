"""The message of one alert."""

from __future__ import annotations

from datetime import datetime

from bot.slack.blocks import alert_state, gift
from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.limits import context, facts, header, section
from bot.slack.blocks.text import escape, stamp
from storage.models import Alert, Send


def build(alert: Alert, send: Send | None, now: datetime) -> Drawn:
    """What happened, to whose gift, why it is told now, who acts next, what to do, and the buttons."""
    return draw([
        header(alert_state.headed(alert, now)),
        _about(alert, send),
        _call(alert, send),
        context(alert_state.limit(alert) if alert.state != "resolved" else ""),
        context(*alert_state.told(alert)),
        alert_state.buttons(alert, send),
    ])


def _about(alert: Alert, send: Send | None) -> Block | None:
    since = stamp(alert.status_since) if alert.status_since else ""
    if send is None:
        return facts([("Since", since)])
    return facts([
        ("For", gift.recipient(send)),
        ("From", gift.sender(send)),
        ("Gift", gift.what(send)),
        ("Campaign", escape(send.campaign)),
        ("Since", since),
        ("Ends", alert_state.ends(alert)),
    ])


def _call(alert: Alert, send: Send | None) -> Block | None:
    lines = [f"*Why now:* {alert_state.reason(alert)}"]
    if alert.state != "resolved":
        actor, advice = alert_state.next_step(alert_state.explained(alert, send))
        lines += [f"*Next:* {actor}" if actor else "", f"*To do:* {advice}" if advice else ""]
    return section("\n".join(line for line in lines if line))
