"""What each status means for an eGift."""

from __future__ import annotations

from bot.statuses.kinds import Kind
from bot.statuses.meaning import Meaning, Source, Status

_ENDING_SOURCE = (
    f"{Source.OURS} for the 7 days, {Source.EGIFTS} for the 2 days, the day of Sendoso's own reminder, "
    f"and for the 90 days"
)

EGIFT_MEANINGS: tuple[Meaning, ...] = (
    Meaning(
        status=Status.INITIATED, kind=Kind.EGIFT, title="Initiated", emoji="🌱",
        meaning="A person or an integration has ordered the eGift. It is the very first step: "
                "the e-mail with the offer has not gone out yet.",
        next_actor="Sendoso",
        advice="Wait. If it is still here after a business day, look for it in the Issues tab of the Send "
               "Tracker, then ask Sendoso Support.",
        threshold="Late after 1 business day.",
        meaning_source=Source.TRACKER,
    ),
    Meaning(
        status=Status.SENT, kind=Kind.EGIFT, title="Sent", emoji="✉️",
        meaning="The e-mail with the eGift offer is out, and the recipient has not opened it.",
        next_actor="Recipient",
        advice="Check the e-mail address and give the recipient a nudge. Sendoso itself reminds an unopened "
               "offer once, 2 days before it ends.",
        threshold="Ending soon 7 and 2 days before the offer ends; 30 days from the send are assumed where "
                  "the end is not known. Expired once a known end has passed, or after 91 days.",
        meaning_source=Source.TRACKER, next_actor_source=Source.TRACKER,
        advice_source=f"{Source.OURS} (the reminder: {Source.EGIFTS})",
        threshold_source=f"{_ENDING_SOURCE}, {Source.API}'s example for the 30 days",
    ),
    Meaning(
        status=Status.OPENED, kind=Kind.EGIFT, title="Opened", emoji="📬",
        meaning="The e-mail with the offer has been viewed, but no gift has been chosen.",
        next_actor="Recipient",
        advice="Nudge the recipient to choose. An offer opened in time can be used until 90 days after it "
               "was sent. Mail scanners may open e-mails too, so it need not be the person.",
        threshold="Late after 7 days. Ending soon 7 and 2 days before the offer ends; 90 days from the send "
                  "are taken where the end is not known. Expired once a known end has passed, or after 91 days.",
        meaning_source=Source.TRACKER, next_actor_source=Source.TRACKER,
        advice_source=f"{Source.OURS} (the 90 days: {Source.EGIFTS})",
        threshold_source=_ENDING_SOURCE,
    ),
    Meaning(
        status=Status.CLICKED, kind=Kind.EGIFT, title="Clicked", emoji="👆",
        meaning="The recipient has followed the link to the redemption page, but has not verified an e-mail "
                "address there; the code is given out only after that.",
        next_actor="Recipient",
        advice="Tell the recipient that one step is missing: to confirm the e-mail address on the redemption "
               "page. It turns into Redeemed by that.",
        threshold="Late after 3 days. Ending soon 7 and 2 days before the offer ends; 90 days from the send "
                  "are taken where the end is not known. Expired once a known end has passed, or after 91 days.",
        meaning_source=Source.TRACKER, next_actor_source=Source.TRACKER,
        threshold_source=_ENDING_SOURCE,
    ),
    Meaning(
        status=Status.REDEEMED, kind=Kind.EGIFT, title="Used/Redeemed", emoji="🎉",
        meaning="The recipient has chosen the gift and has its code. Whether or when the code was spent "
                "cannot be seen from it.",
        next_actor="Nobody",
        advice="Nothing to do. A good moment to follow up with the recipient.",
        final=True,
        meaning_source=Source.TRACKER,
    ),
    Meaning(
        status=Status.EXPIRED, kind=Kind.EGIFT, title="Expired", emoji="⌛",
        meaning="The offer is over and can no longer be redeemed: it stayed unopened until its end, or it was "
                "opened and nothing was chosen within 90 days of the send.",
        next_actor="Sender",
        advice="Send a new offer if the gift still matters. A never opened offer is credited back; for an "
               "opened one Sendoso promises no credit.",
        final=True,
        threshold="Reported at once.",
        meaning_source=f"{Source.TRACKER} for the unopened, {Source.EGIFTS} for the opened",
        advice_source=f"{Source.OURS} (the credit: {Source.EGIFTS})",
        final_source=Source.TRACKER,
    ),
    Meaning(
        status=Status.REFUNDED, kind=Kind.EGIFT, title="Refunded", emoji="💸",
        meaning="The price of the eGift went back to its funding source, because the offer ended without the "
                "e-mail having been opened, or because the e-mail bounced.",
        next_actor="Nobody, or the sender if the e-mail bounced",
        advice="The money is settled. Check the recipient's e-mail address before you send again.",
        final=True,
        meaning_source=Source.TRACKER,
    ),
    Meaning(
        status=Status.CANCELED, kind=Kind.EGIFT, title="Canceled", emoji="🚫",
        meaning="The eGift was called off. Senders cannot cancel an eGift that went out, so it was most likely "
                "held for an issue and canceled in the Issues tab.",
        next_actor="Nobody",
        advice="Send again if it was not meant to be canceled; an admin can say who did it.",
        final=True,
        meaning_source=f"{Source.CANCELING} and {Source.ISSUES} (the likely cause: {Source.OURS})",
    ),
    Meaning(
        status=Status.FAILED, kind=Kind.EGIFT, title="Failed", emoji="❌",
        meaning="Sendoso could not complete the eGift and shows no reason.",
        next_actor="Sendoso Support",
        advice="Contact Sendoso Support with the number of the send.",
        final=True, needs_action=True,
        threshold="Reported at once.",
        meaning_source=f"{Source.OURS}, from its name in the {Source.API}", advice_source=Source.OURS,
    ),
    Meaning(
        status=Status.BOUNCED, kind=Kind.EGIFT, title="Bounced", emoji="↩️",
        meaning="The e-mail with the offer came back undelivered. The funding source is credited, and the Send "
                "Tracker then shows Refunded.",
        next_actor="Sender",
        advice="Find out the right e-mail address and send again.",
        needs_action=True,
        threshold="Reported at once.",
        meaning_source=f"{Source.WEBHOOKS} (the credit: {Source.TRACKER})",
    ),
    Meaning(
        status=Status.BLOCKED, kind=Kind.EGIFT, title="Blocked", emoji="⛔",
        meaning="An attempt to redeem the eGift was blocked.",
        next_actor="Sendoso Support",
        advice="Ask Sendoso Support what blocked it; Sendoso does not publish whether it can go on.",
        needs_action=True,
        threshold="Reported at once.",
        meaning_source=Source.WEBHOOKS,
    ),
    Meaning(
        status=Status.EMAIL_BLACKLIST, kind=Kind.EGIFT, title="Email Blacklist", emoji="⛔",
        meaning="The eGift cannot be redeemed because an e-mail address used for it is on a blacklist.",
        next_actor="Sendoso Support",
        advice="Ask Sendoso Support to look at the address, or send again to another one.",
        needs_action=True,
        threshold="Reported at once.",
        meaning_source=Source.WEBHOOKS,
    ),
)
