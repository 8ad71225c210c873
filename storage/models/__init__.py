"""Every table of Sendwatch, one family per file."""

from storage.models.alerts import Alert, AlertEvent
from storage.models.base import Base, NaiveTimeError, UtcTime
from storage.models.messages import ChannelPace, Message
from storage.models.people import Person
from storage.models.sends import Send, SendHistory
from storage.models.sync import JobRun, Lease, OAuthToken, SyncCursor, WebhookDelivery

__all__ = [
    "Alert",
    "AlertEvent",
    "Base",
    "ChannelPace",
    "JobRun",
    "Lease",
    "Message",
    "NaiveTimeError",
    "OAuthToken",
    "Person",
    "Send",
    "SendHistory",
    "SyncCursor",
    "UtcTime",
    "WebhookDelivery",
]
