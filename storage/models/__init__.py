"""Every table of Sendwatch, one family per file."""

from storage.models.alerts import Alert, AlertEvent
from storage.models.base import Base, NaiveTimeError, UtcTime
from storage.models.config import ConfigChange, ConfigSection
from storage.models.homes import Home
from storage.models.look_ups import LookUp, LookUpSend
from storage.models.messages import ChannelPace, Message
from storage.models.mutes import Mute
from storage.models.notifications import Notification
from storage.models.people import Person, UserGroup
from storage.models.privacy import Forgotten, PrivacyKey
from storage.models.retention import Retention
from storage.models.sends import Send, SendHistory
from storage.models.sync import JobRun, Lease, OAuthToken, SyncCursor, WebhookDelivery
from storage.models.watches import Watch
from storage.models.workspaces import InstallState, Workspace

__all__ = [
    "Alert",
    "AlertEvent",
    "Base",
    "ChannelPace",
    "ConfigChange",
    "ConfigSection",
    "Forgotten",
    "Home",
    "InstallState",
    "JobRun",
    "Lease",
    "LookUp",
    "LookUpSend",
    "Message",
    "Mute",
    "NaiveTimeError",
    "Notification",
    "OAuthToken",
    "Person",
    "PrivacyKey",
    "Retention",
    "Send",
    "SendHistory",
    "SyncCursor",
    "UserGroup",
    "UtcTime",
    "Watch",
    "WebhookDelivery",
    "Workspace",
]
