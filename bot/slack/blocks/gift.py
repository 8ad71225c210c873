"""What is said about a send: for whom, from whom, what, and where it stands."""

from __future__ import annotations

from datetime import datetime

from bot.slack.blocks.numbers import amount
from bot.slack.blocks.text import age, clip, escape, first_of, one_line
from bot.statuses import catalogue
from bot.statuses.catalogue import Meaning
from bot.statuses.kinds import Kind
from storage.models import Send

LABEL = 75
"""Longest accessibility label."""
KINDS: dict[str, str] = {
    Kind.EGIFT: "eGift", Kind.PHYSICAL: "Physical gift", Kind.CHOICE: "Gift of the recipient's choice",
}


def name(send: Send) -> str:
    """The recipient as from outside, not yet safe for mrkdwn; something to call the send by in any case."""
    return first_of(send.recipient_name, send.recipient_email, send.recipient_company) or "an unnamed recipient"


def public_name(send: Send) -> str:
    """What the recipient is called where everybody reads it, never by an e-mail address; empty where nothing is known.

    As from outside, not yet safe for mrkdwn.
    """
    return first_of(*(one for one in (send.recipient_name, send.recipient_company) if "@" not in one))


def label(verb: str, send: Send | None, *, private: bool = True) -> str:
    """What a screen reader says of a button about this send: `verb` and whose gift it is."""
    if send is None:
        return verb
    known = name(send) if private else public_name(send)
    if not known:
        return f"{verb} this gift"
    whose = clip(one_line(known), LABEL - len(verb) - len(" 's gift"))
    return f"{verb} {whose}'s gift"


def recipient(send: Send, *, private: bool = True) -> str:
    """For whom: name, company and e-mail, a line each; the e-mail only where `private`."""
    known = name(send) if private else public_name(send)
    shown = [escape(known)]
    if send.recipient_company not in {"", known} and (private or "@" not in send.recipient_company):
        shown.append(escape(send.recipient_company))
    if private and send.recipient_email and send.recipient_email != name(send):
        shown.append(escape(send.recipient_email, 254))
    return "\n".join(line for line in shown if line) or "not known"


def sender(send: Send, *, private: bool = True) -> str:
    """From whom: name and team, a line each; an e-mail address only where `private`."""
    name = first_of(send.sender_name, send.sender_email)
    shown = [name if private or "@" not in name else "", send.team]
    return "\n".join(escape(part) for part in shown if part)


def what(send: Send) -> str:
    """The gift as Sendoso names it, such as "eGifts USA · Coffee"; its family when Sendoso says nothing."""
    known = [part for part in (send.type, send.subtype) if part]
    if known:
        return " · ".join(escape(part) for part in known)
    return KINDS.get(send.kind, "not known yet")


def cost(send: Send) -> str:
    """What it costs so far, such as 25.00 USD; empty when no source told."""
    return "" if send.cost_minor is None else amount(send.cost_minor, send.currency)


def title(status: str, raw: str) -> str:
    """The status as people know it, as from outside where nobody has named it; not yet safe for mrkdwn."""
    if status != catalogue.Status.UNKNOWN:
        return catalogue.title(status)
    return f"“{one_line(raw, 60)}”" if raw.strip() else "Unknown status"


def emoji(status: str) -> str:
    return catalogue.meanings(status)[0].emoji


def lasted(send: Send, now: datetime) -> str:
    """How long it has been so: "for 3 days", or "3 days ago" for what is over."""
    length = age(send.status_since, now)
    return f"{length} ago" if is_over(send) else f"for {length}"


def standing(send: Send, now: datetime) -> str:
    """Status and how long, for mrkdwn: *Shipped* for 3 days."""
    return f"{emoji(send.status)} *{escape(title(send.status, send.status_raw))}* {lasted(send, now)}"


def meanings(send: Send) -> tuple[Meaning, ...]:
    """What its status means for this kind of send; several where the kind is not known."""
    return catalogue.meanings(send.status, send.kind)


def sent_by(send: Send, *, private: bool = True) -> str:
    """The sender in a few words for mrkdwn: "from Ann Lopez"; empty when nobody is known."""
    name = first_of(send.sender_name, send.sender_email)
    name = escape(name, 60) if private or "@" not in name else ""
    return f"from {name}" if name else ""


def is_over(send: Send) -> bool:
    """Whether nothing more happens to it by itself, whatever its kind."""
    return all(one.final for one in meanings(send))


def whose(send: Send, *, private: bool = True) -> str:
    """Recipient and company in one line of mrkdwn; an e-mail address only where `private`."""
    known = name(send) if private else public_name(send) or "A gift"
    company = send.recipient_company if send.recipient_company != known else ""
    company = company if private or "@" not in company else ""
    return f"*{escape(known)}*{' · ' + escape(company, 60) if company else ''}"
