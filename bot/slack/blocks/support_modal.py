"""The window with a message to Sendoso's Support, ready to be copied and sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.slack.blocks import gift
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.limits import INPUT, context, modal, plain, section
from bot.slack.blocks.text import age, clip, one_line, utc
from storage.models import Alert, Send

CALLBACK = "support_modal"
BLOCK = "draft"
ACTION = "support_draft"
ASKED = {
    "expired": "Could you tell me whether the amount has been credited, and how I can send it again?",
    "expiring": "Could you tell me whether the offer can be extended?",
    "unknown_status": "Could you tell me what this status means and what happens next?",
}
STUCK = "Could you look into what holds it up, and tell me when it will move on or what you need from me?"


def draft(alert: Alert, send: Send, now: datetime) -> str:
    """The message in plain words: which send, for whom, its status and age, tracking, what is asked."""
    status = one_line(gift.title(send.status, send.status_raw))
    rows = [
        ("Send id", f"{send.sendoso_id} " if send.sendoso_id is not None else ""),
        ("Send gid", one_line(send.send_gid, 200)),
        ("Recipient", _joined(send.recipient_name, send.recipient_company, send.recipient_email)),
        ("Sender", _joined(send.sender_name, send.sender_email, send.team)),
        ("Gift", _joined(send.type, send.subtype)),
        ("Campaign", one_line(send.campaign)),
        ("Status", f"{status}, since {utc(send.status_since)} ({age(send.status_since, now)})"),
        ("Tracking", one_line(send.tracking_url or "", 500)),
    ]
    facts = "\n".join(f"{label}: {told.strip()}" for label, told in rows if told.strip())
    return clip(
        f"Hello Support team,\n\nthis send has been {status} for {age(send.status_since, now)}:\n\n{facts}\n\n"
        f"{ASKED.get(alert.rule, STUCK)}\n\nThank you!",
        INPUT,
    )


def _joined(*parts: str) -> str:
    return ", ".join(one_line(part, 254) for part in parts if part.strip())


def build(alert: Alert, send: Send, now: datetime, data: dict[str, Any] | None = None) -> Block:
    """The draft to copy, and a button that records that Support has been contacted."""
    text: Block = {
        "type": "input", "block_id": BLOCK, "optional": True, "label": plain("Message to Support"),
        "element": {
            "type": "plain_text_input", "action_id": ACTION, "multiline": True,
            "initial_value": draft(alert, send, now),
        },
        "hint": plain("Sendwatch does not send this for you."),
    }
    return modal(
        "Contact Support", [
            section(
                "Copy this message into a request to Sendoso's Support, then say here that you have done so. "
                "Everybody sees on the alert that Support knows.",
            ),
            text,
            context("The draft holds nothing but what Sendoso knows about this send."),
        ],
        callback_id=CALLBACK, data={"alert": alert.id, "v": alert.version, **(data or {})},
        submit="I contacted Support", close="Not now",
    )
