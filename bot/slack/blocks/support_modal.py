"""The window with a message to Sendoso's Support, ready to be copied or mailed, and with the choice of a follow-up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from bot.slack.blocks import gift
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.limits import INPUT, context, modal, option, plain, section
from bot.slack.blocks.text import age, clip, count, one_line, utc
from storage.models import Alert, AlertEvent, Send

CALLBACK = "support_modal"
BLOCK, ACTION = "draft", "support_draft"
FOLLOW_UP_BLOCK, FOLLOW_UP_ACTION = "follow_up", "support_follow_up"
NEVER = 0
"""The choice of no reminder."""
LONGEST_LINK = 1900
"""Characters of an e-mail's address: some mail programs take no more than 2,000."""
TRIED = 8
"""So many of the latest steps are named to Support."""
STEPS = {
    "acknowledge": "taken up by {by}",
    "assign": "given to {to}",
    "snooze": "left to wait by {by}",
    "support_sent": "Support was told by {by}",
    "follow_up": "looked at again: nothing had moved",
    "resolve": "closed by {by}",
    "reopened": "opened again",
}
"""What of the record is worth a line to Support."""
ASKED = {
    "expired": "Could you tell me whether the amount has been credited, and how I can send it again?",
    "expiring": "Could you tell me whether the offer can be extended?",
    "unknown_status": "Could you tell me what this status means and what happens next?",
}
STUCK = "Could you look into what holds it up, and tell me when it will move on or what you need from me?"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A message to Support about one send, at `now`: its facts, and what has been done about it so far."""

    alert: Alert
    send: Send
    now: datetime
    history: Sequence[AlertEvent] = ()
    """The record of the alert, the oldest first."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Slack user id -> what the person is called; from outside."""

    @property
    def subject(self) -> str:
        """In one line: which send, and how long it has been in its status."""
        number = f"Send {self.send.sendoso_id}" if self.send.sendoso_id is not None else "A send"
        return f"{number}: {self._status} for {age(self.send.status_since, self.now)}"

    @property
    def text(self) -> str:
        """The whole message in plain words: which send, for whom, status and age, tracking, what was tried."""
        steps = tried(self.history, self.names, self.now)
        done = f"What was done so far:\n{chr(10).join(f'- {step}' for step in steps)}\n\n" if steps else ""
        return clip(f"{self._greeting}{self._facts}\n\n{done}{self._question}", INPUT)

    @property
    def short(self) -> str:
        """The same without what was tried."""
        return clip(f"{self._greeting}{self._facts}\n\n{self._question}", INPUT)

    @property
    def _status(self) -> str:
        return one_line(gift.title(self.send.status, self.send.status_raw))

    @property
    def _greeting(self) -> str:
        lasted = age(self.send.status_since, self.now)
        return f"Hello Support team,\n\nthis send has been {self._status} for {lasted}:\n\n"

    @property
    def _question(self) -> str:
        return f"{ASKED.get(self.alert.rule, STUCK)}\n\nThank you!"

    @property
    def _facts(self) -> str:
        send = self.send
        since = f"{utc(send.status_since)} ({age(send.status_since, self.now)})"
        rows = [
            ("Send id", str(send.sendoso_id) if send.sendoso_id is not None else ""),
            ("Send gid", one_line(send.send_gid, 200)),
            ("Recipient", _joined(send.recipient_name, send.recipient_company, send.recipient_email)),
            ("Sender", _joined(send.sender_name, send.sender_email, send.team)),
            ("Gift", _joined(send.type, send.subtype)),
            ("Campaign", one_line(send.campaign)),
            ("Status", f"{self._status}, since {since}"),
            ("Tracking", one_line(send.tracking_url or "", 500)),
        ]
        return "\n".join(f"{label}: {told}" for label, told in rows if told.strip())


def _joined(*parts: str) -> str:
    return ", ".join(one_line(part, 254) for part in parts if part.strip())


def tried(history: Iterable[AlertEvent], names: Mapping[str, str], now: datetime) -> list[str]:
    """What has been done about an alert, a line each; what was undone is left out."""
    steps: list[str] = []
    changes: list[int] = []
    for event in history:
        if event.action == "undo" and changes:
            del steps[changes.pop():]
        if event.before.get("version") != event.after.get("version"):
            changes.append(len(steps))
        said = _step(event, names)
        if said:
            steps.append(f"{event.occurred_at:%Y-%m-%d} ({age(event.occurred_at, now)} ago): {said}")
    return steps[-TRIED:]


def _step(event: AlertEvent, names: Mapping[str, str]) -> str:
    told = STEPS.get(event.action, "")
    by, to = _name(event.actor, names, event.actor_name), _name(event.after.get("assignee"), names)
    return told.format(by=by, to=to)


def _name(user_id: object, names: Mapping[str, str], known: str = "") -> str:
    return one_line(names.get(str(user_id)) or known) or "a colleague"


def mail_link(draft: Draft, words: str) -> str:
    """A link that opens the reader's mail program with the message in it, as far as it fits; finished mrkdwn."""
    addresses = (_address(draft.subject, body) for body in (draft.text, draft.short, ""))
    fitting = next((address for address in addresses if len(address) <= LONGEST_LINK), "mailto:")
    return f"<{fitting.replace('&', '&amp;')}|{words}>"


def _address(subject: str, body: str) -> str:
    told = {"subject": subject} | ({"body": body.replace("\n", "\r\n")} if body else {})
    return f"mailto:?{urlencode(told, quote_via=quote, safe='')}"


def build(
    draft: Draft, follow_ups: Sequence[tuple[int, datetime]], chosen: int, zone: ZoneInfo,
    data: Mapping[str, Any] | None = None,
) -> Block:
    """The draft, when to be reminded, and a button that records that Support has been contacted.

    `follow_ups`: business days, and when they are over; shown as the clock in `zone` has it.
    """
    options = [
        option(f"In {count(days, 'business day')}", str(days), _local(at, zone)) for days, at in follow_ups
    ]
    never = option("Do not remind me", str(NEVER))
    initial = next((one for one in options if one["value"] == str(chosen)), never)
    return modal(
        "Contact Support", [
            section(
                "Copy this message into a request to Sendoso's Support, or "
                f"{mail_link(draft, 'write an e-mail with it')}. Then say here that you have done so: everybody sees "
                "on the alert that Support knows.",
            ),
            {
                "type": "input", "block_id": BLOCK, "optional": True, "label": plain("Message to Support"),
                "element": {
                    "type": "plain_text_input", "action_id": ACTION, "multiline": True, "initial_value": draft.text,
                },
                "hint": plain("Sendwatch does not send this for you."),
            },
            {
                "type": "input", "block_id": FOLLOW_UP_BLOCK, "label": plain("Remind me if it is still open"),
                "element": {
                    "type": "static_select", "action_id": FOLLOW_UP_ACTION, "options": [*options, never],
                    "initial_option": initial,
                },
                "hint": plain("The reminder stands below the alert and calls nobody but you."),
            },
            context("Whoever opens this takes the alert on, unless somebody has. “Undo” on the alert takes that back."),
            context("The draft holds nothing but what Sendoso knows about this send and what was done with its alert."),
        ],
        callback_id=CALLBACK, data={"alert": draft.alert.id, "v": draft.alert.version, **(data or {})},
        submit="I contacted Support", close="Not now",
    )


def _local(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M} ({zone.key})"
