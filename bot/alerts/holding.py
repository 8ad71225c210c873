"""What holds an alert back now: a mute, another alert that explains it, or the channel's quiet hours. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.alerts import muting
from bot.alerts.escalation import INHIBITED, MUTED, QUIET, Hold
from bot.alerts.inhibition import Sources
from bot.alerts.muting import Muted
from bot.alerts.policy import Policy
from bot.alerts.routing import Subject

LOOK_AGAIN = timedelta(minutes=10)
"""An alert that another one hides is looked at again so often: nothing says beforehand when the other ends."""


@dataclass(frozen=True, kw_only=True)
class Holds:
    """All that can hold alerts at one moment: the mutes in force, and the open alerts that hide others."""

    mutes: Sequence[Muted] = ()
    sources: Sources = field(default_factory=Sources)

    def on(self, subject: Subject, policy: Policy, now: datetime) -> Hold | None:
        """What holds this alert in a place under that policy; None when it may be told now.

        A mute counts before all else, since somebody has asked for it; quiet hours come last, since they end soonest.
        """
        muted = muting.holding(self.mutes, subject)
        if muted is not None and muted.ends_at > now:
            return Hold(why=MUTED, until=muted.ends_at)
        if self.sources.hiding(subject) is not None:
            return Hold(why=INHIBITED, until=now + LOOK_AGAIN)
        quiet = policy.quiet
        if quiet is None or quiet.may_break_through(subject.rule, subject.level):
            return None
        until = quiet.until(now)
        return Hold(why=QUIET, until=until) if until is not None else None
