"""The message of one alert."""

from __future__ import annotations

from datetime import datetime

from bot.alerts.muting import Muted
from bot.slack.blocks import alert_state, gift, why_now
from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.limits import context, facts, header, section
from bot.slack.blocks.mute_modal import muted_line
from bot.slack.blocks.text import escape, shows, stamp
from bot.slack.blocks.why_now import Sender
from storage.models import Alert, Notification, Send


def build(
    alert: Alert, send: Send | None, now: datetime, shown: Notification | None = None, held: Muted | None = None,
    *, first: Notification | None = None, here: str = "",
    sender: Sender = Sender.MAYBE,
) -> Drawn:
    """What happened, to whose gift, why it is told now, who acts next, what to do, and the buttons.

    `shown` is how the alert stands in the place where this is shown, `held` the mute that hides it, `first` how it
    stands where it was escalated from, `here` why it stands in this place, and `sender` whether an escalation has
    reached the sender.
    """
    return draw([
        header(alert_state.headed(alert, now)),
        _about(alert, send, now),
        _call(alert, send, why_now.of_alert(alert, shown, first, here, sender=sender)),
        context(alert_state.limit(alert) if alert.state != "resolved" else ""),
        context(*alert_state.told(alert)),
        context(muted_line(held)) if held is not None and alert.state != "resolved" else None,
        alert_state.buttons(alert, send),
    ])


def _about(alert: Alert, send: Send | None, now: datetime) -> Block | None:
    since = stamp(alert.status_since) if alert.status_since else ""
    if send is None:
        return facts([("Since", since)])
    ends, verb = alert_state.ends(alert), "Ended" if alert_state.is_past(alert, now) else "Ends"
    return facts([
        # An address is nothing for a whole channel, unless there is no other name for the recipient.
        ("For", gift.recipient(send, private=not shows(send.recipient_name))),
        ("From", gift.sender(send)),
        ("Campaign", f"{escape(send.campaign)}\n{gift.what(send)}") if send.campaign else ("Gift", gift.what(send)),
        ("Since", f"{since}\n{verb} {ends}" if ends else since),
    ])


def _call(alert: Alert, send: Send | None, why: str) -> Block | None:
    lines = [f"*Why now:* {why}"]
    if alert.state != "resolved":
        actor, advice = alert_state.next_of(alert, send)
        lines += [f"*Next:* {actor}" if actor else "", f"*To do:* {advice}" if advice else ""]
    return section("\n".join(line for line in lines if line))
