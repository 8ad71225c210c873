"""What the statuses mean that can stop a send of any kind before it starts."""

from __future__ import annotations

from bot.statuses.meaning import Meaning, Source, Status

HELD_MEANINGS: tuple[Meaning, ...] = (
    Meaning(
        status=Status.PENDING_APPROVAL, kind="any", title="Pending Approval", emoji="✋",
        meaning="The send waits for someone in your own organization to approve it.",
        next_actor="Admin or manager",
        advice="Ask an admin or manager to approve or cancel it.",
        threshold="Late after 1 business day.",
        meaning_source=Source.WEBHOOKS,
    ),
    Meaning(
        status=Status.PENDING_SENDOSO_APPROVAL, kind="any", title="Pending Sendoso Approval", emoji="✋",
        meaning="The send waits for somebody at Sendoso to approve it.",
        next_actor="Sendoso",
        advice="Wait; if nothing happens, ask Sendoso Support.",
        threshold="Late after 2 business days.",
        meaning_source=Source.WEBHOOKS, next_actor_source=Source.WEBHOOKS,
    ),
    Meaning(
        status=Status.INSUFFICIENT_FUNDS, kind="any", title="Insufficient Funds", emoji="💰",
        meaning="The send was started, but its funding source has too little money, so it is held.",
        next_actor="Admin or manager",
        advice="Add money to the funding source, or approve or cancel the send in the Issues tab of the Send "
               "Tracker. Approving it lets the balance go below zero.",
        needs_action=True,
        threshold="Reported at once.",
        meaning_source=Source.TRACKER, next_actor_source=Source.ISSUES, advice_source=Source.ISSUES,
    ),
    Meaning(
        status=Status.SUSPICIOUS_EMAIL, kind="any", title="Suspicious Email", emoji="🕵️",
        meaning="The send is held because the recipient's e-mail address is on a blocklist or looks like one of "
                "low quality.",
        next_actor="Admin or manager",
        advice="Check the address. An admin or manager can approve or cancel the send in the Issues tab of the "
               "Send Tracker; its sender can only cancel.",
        needs_action=True,
        threshold="Reported at once.",
        meaning_source=Source.TRACKER, next_actor_source=Source.ISSUES, advice_source=Source.ISSUES,
    ),
    Meaning(
        status=Status.INVALID_EMAIL, kind="any", title="Invalid Email Format", emoji="📧",
        meaning="What was given as the recipient's e-mail address is not a valid one.",
        next_actor="Sender",
        advice="Correct the address and send again.",
        final=True, needs_action=True,
        threshold="Reported at once.",
        meaning_source=Source.TRACKER,
    ),
    Meaning(
        status=Status.UNKNOWN, kind="any", title="Unknown status", emoji="❔",
        meaning="Sendoso reports a status that Sendwatch has not met before. Its text is kept as it came.",
        next_actor="An admin of Sendwatch",
        advice="Look at the send in Sendoso, and tell whoever maintains Sendwatch about the new name.",
        threshold="Reported to the admins, once for each spelling.",
        meaning_source=Source.OURS,
    ),
)
