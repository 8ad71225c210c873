"""What each status means for a physical send, and for one where the recipient chooses."""

from __future__ import annotations

from bot.statuses.kinds import Kind
from bot.statuses.meaning import Meaning, Source, Status

_CONFIRMING_THRESHOLD = (
    "Ending soon 1 day before the time for an answer ends; 5 days are assumed where the end is not known. "
    "Expired once a known end has passed. Late after 8 days."
)
_CONFIRMING_THRESHOLD_SOURCE = (
    f"{Source.OURS}, built on the window of 2 to 7 days in the {Source.ADDRESSES} and the 5 days of the "
    f"{Source.API}'s example"
)

PHYSICAL_MEANINGS: tuple[Meaning, ...] = (
    Meaning(
        status=Status.INITIATED, kind=Kind.PHYSICAL, title="Initiated", emoji="🌱",
        meaning="A person or an integration has created the send. It is the very first step: neither the "
                "recipient nor the warehouse has been asked for anything.",
        next_actor="Sendoso",
        advice="Wait. If it is still here after a business day, look for it in the Issues tab of the Send "
               "Tracker, then ask Sendoso Support.",
        threshold="Late after 1 business day.",
        meaning_source=Source.TRACKER,
    ),
    Meaning(
        status=Status.CONFIRMING_ADDRESS, kind=Kind.PHYSICAL, title="Confirming Address/Offer Sent", emoji="🏠",
        meaning="The send waits for its recipient. Offer Sent is now the one name for every such wait: to "
                "confirm or correct the mailing address, to choose a size, or to pick the gift where Recipient "
                "Choice is used. Nothing reaches the warehouse before.",
        next_actor="Recipient",
        advice="Remind the recipient, or ask for the address yourself. Without an answer the send is canceled "
               "when the time is over, unless it was set to ship anyway.",
        threshold=_CONFIRMING_THRESHOLD,
        meaning_source=Source.TRACKER, next_actor_source=Source.TRACKER,
        advice_source=f"{Source.OURS} (what happens at the end: {Source.ADDRESSES})",
        threshold_source=_CONFIRMING_THRESHOLD_SOURCE,
    ),
    Meaning(
        status=Status.CONFIRMING_ADDRESS, kind=Kind.CHOICE, title="Confirming Address/Offer Sent", emoji="🏠",
        meaning="The recipient has been offered a choice and has not answered yet. With Global Recipient Choice "
                "it may become a physical gift or an eGift. Offer Sent is the one name for all of it: picking "
                "the gift, choosing a size, confirming the mailing address.",
        next_actor="Recipient",
        advice="Remind the recipient to choose.",
        threshold=_CONFIRMING_THRESHOLD,
        meaning_source=Source.TRACKER, next_actor_source=Source.TRACKER,
        threshold_source=_CONFIRMING_THRESHOLD_SOURCE,
    ),
    Meaning(
        status=Status.CONFIRMATION_CANCELED, kind=Kind.PHYSICAL, title="Confirmation Canceled", emoji="🏚️",
        meaning="The send ended without a confirmed address. There are two causes, and Sendoso does not say "
                "which one it was: the time for an answer ran out, or the sender canceled.",
        next_actor="Sender",
        advice="If nobody canceled it on purpose, ask the recipient for the address and send again.",
        final=True,
        threshold="Reported at once.",
        meaning_source=f"{Source.TRACKER} for the time that ran out, {Source.WEBHOOKS} for the sender",
        final_source=Source.TRACKER,
    ),
    Meaning(
        status=Status.ORDER_RECEIVED, kind=Kind.PHYSICAL, title="Order Received", emoji="📥",
        meaning="The order is with Sendoso's warehouse, or with the vendor for Sendoso Direct, and waits for "
                "its turn. Older pages and the API call it Processing.",
        next_actor="Sendoso's warehouse or the vendor",
        advice="Wait for a few business days. After more than 7 days contact Sendoso Support.",
        threshold="Late after 3 business days (5 for Amazon and for Sendoso Direct). "
                  "Contact Support after 7 days.",
        meaning_source=Source.TRACKER, advice_source=Source.TRACKER,
        threshold_source=f"{Source.SLA} for 3 business days, {Source.AMAZON} for 5, {Source.OURS} for Sendoso "
                         f"Direct, {Source.TRACKER} for the 7 days",
    ),
    Meaning(
        status=Status.FULFILLING, kind=Kind.PHYSICAL, title="Fulfilling", emoji="📦",
        meaning="The gift is being packed and leaves soon. The API calls it Packed.",
        next_actor="Sendoso's warehouse",
        advice="Wait for the tracking link. After more than 7 days in the warehouse contact Sendoso Support.",
        threshold="Late after 3 business days. Contact Support 7 days after the order was received.",
        meaning_source=Source.TRACKER,
        threshold_source=f"{Source.OURS}, from the {Source.SLA} and the {Source.TRACKER}'s 7 days for Order "
                         f"Received",
    ),
    Meaning(
        status=Status.FULFILLMENT_ISSUE, kind=Kind.PHYSICAL, title="Fulfillment Issue", emoji="🛑",
        meaning="The order is held between Order Received and Shipped by some problem in the fulfillment center. "
                "Older pages and the API call it Paused.",
        next_actor="Sendoso Support",
        advice="Contact Sendoso Support to get it going, at the latest after 3 days.",
        needs_action=True,
        threshold="Reported at once. Contact Support after 3 days.",
        meaning_source=Source.TRACKER, next_actor_source=Source.TRACKER, advice_source=Source.TRACKER,
        threshold_source=f"{Source.OURS} for the report at once, {Source.TRACKER} for the 3 days",
    ),
    Meaning(
        status=Status.AMAZON_FULFILLING, kind=Kind.PHYSICAL, title="Amazon Fulfilling", emoji="📦",
        meaning="Amazon prepares the item. It goes to a Sendoso fulfillment center first, not to the recipient.",
        next_actor="Amazon",
        advice="Wait; two more stages follow before it leaves for the recipient.",
        threshold="Late after 5 business days.",
        meaning_source=Source.TRACKER, next_actor_source=Source.TRACKER,
    ),
    Meaning(
        status=Status.AMAZON_SHIPPED, kind=Kind.PHYSICAL, title="Amazon Shipped", emoji="🚚",
        meaning="Amazon has shipped the item to a Sendoso fulfillment center, where it is repacked for the "
                "recipient. It is not on its way to the recipient yet.",
        next_actor="Amazon, then Sendoso's warehouse",
        advice="Wait. Once it has arrived there, Sendoso names 3 to 5 business days for its own part.",
        threshold="Late after 7 days.",
        meaning_source=Source.TRACKER, next_actor_source=Source.TRACKER, advice_source=Source.AMAZON,
    ),
    Meaning(
        status=Status.SHIPPED, kind=Kind.PHYSICAL, title="Shipped", emoji="🚚",
        meaning="The parcel is with the carrier on its way to the recipient. The Send Tracker should have a "
                "tracking link.",
        next_actor="Carrier",
        advice="Follow the tracking link. If the carrier has been silent for days, give its number to Sendoso "
               "Support.",
        threshold="Late after 10 days.",
        meaning_source=Source.TRACKER,
    ),
    Meaning(
        status=Status.DELIVERED, kind=Kind.PHYSICAL, title="Delivered", emoji="✅",
        meaning="The parcel has reached its destination.",
        next_actor="Nobody",
        advice="Nothing to do. A good moment to follow up with the recipient.",
        final=True,
        meaning_source=Source.TRACKER,
    ),
    Meaning(
        status=Status.UNDELIVERABLE, kind=Kind.PHYSICAL, title="Undeliverable", emoji="📪",
        meaning="The parcel could not be handed over, for instance because the address was wrong or nobody was "
                "there. It may come back to Sendoso.",
        next_actor="Sender, with Sendoso Support",
        advice="Contact Sendoso Support with the number of the order or the tracking. Check the address before "
               "you send again.",
        needs_action=True,
        threshold="Reported at once.",
        meaning_source=f"{Source.TRACKER} (the way back: {Source.RETURNS})", next_actor_source=Source.TRACKER,
        advice_source=Source.TRACKER,
    ),
    Meaning(
        status=Status.CANCELED, kind=Kind.PHYSICAL, title="Canceled", emoji="🚫",
        meaning="The order was called off, and nothing more will be shipped.",
        next_actor="Nobody",
        advice="Send again if it was not meant to be canceled. A credit shows as Refunded.",
        final=True,
        meaning_source=Source.TRACKER,
    ),
    Meaning(
        status=Status.EXPIRED, kind=Kind.PHYSICAL, title="Expired", emoji="⌛",
        meaning="Sendoso describes Expired for eGifts only. On a physical send it most likely tells that the "
                "recipient did not answer in time, which otherwise shows as Confirmation Canceled.",
        next_actor="Sender",
        advice="Look at the send in Sendoso. If it is over, ask the recipient for the address and send again.",
        final=True,
        threshold="Reported at once.",
        meaning_source=Source.OURS,
    ),
    Meaning(
        status=Status.REFUNDED, kind=Kind.PHYSICAL, title="Refunded", emoji="💸",
        meaning="The order was canceled, and what it cost went back to the funding source.",
        next_actor="Nobody",
        advice="The money is settled. Send again if the recipient should still get the gift.",
        final=True,
        meaning_source=Source.TRACKER,
    ),
    Meaning(
        status=Status.FAILED, kind=Kind.PHYSICAL, title="Failed", emoji="❌",
        meaning="Sendoso could not complete the order and shows no reason.",
        next_actor="Sendoso Support",
        advice="Contact Sendoso Support with the number of the order or the tracking.",
        final=True, needs_action=True,
        threshold="Reported at once.",
        meaning_source=f"{Source.OURS}, from its name in the {Source.TRACKER}",
        next_actor_source=Source.TRACKER, advice_source=Source.TRACKER,
    ),
    Meaning(
        status=Status.OUT_OF_STOCK, kind=Kind.PHYSICAL, title="Out of Stock", emoji="🈳",
        meaning="The item is not in stock, so that the order cannot be packed.",
        next_actor="Sender or an admin",
        advice="Restock the item or choose another; ask Sendoso Support what becomes of the order.",
        needs_action=True,
        threshold="Reported at once.",
        meaning_source=Source.WEBHOOKS,
    ),
)
