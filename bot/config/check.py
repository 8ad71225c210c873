"""What `sendwatch config check` tells: whether the configuration is right, where its routes lead, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.alerts.permissions import ADMINS
from bot.alerts.routing import ADMIN_RULES
from bot.alerts.rulebook import Rulebook
from bot.config.document import Document
from bot.config.explain import Explained
from bot.config.names import PRESSES
from bot.config.problems import Problem
from storage.models import Send


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A document with what is wrong and odd about it, and where a given send's alerts would go by it."""

    source: str
    """A file's name, or "the database"."""
    document: Document
    rules: Rulebook
    """The document as rules, with the channel and the admins of the deployment's settings."""
    problems: Sequence[Problem] = ()
    warnings: Sequence[Problem] = ()
    send: Send | None = None
    explained: Sequence[Explained] = ()
    keep_sends: timedelta | None = None
    """How long finished sends are kept, as the deployment's settings say; None: for ever."""

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which times are shown."""
        return self.rules.watch.calendar.zone

    @property
    def missing(self) -> list[str]:
        """What the deployment's settings do not say although the configuration rests on it; a sentence each."""
        found = []
        if not self.rules.routing.alert_channel:
            found.append(
                "ALERT_CHANNEL is missing: alerts that no route takes, or whose route names no place, "
                "have nowhere to go.",
            )
        if not self.rules.routing.admins:
            closed = [action for action, allowed in self.who_may.items() if set(allowed) == {ADMINS}]
            found.append(
                f"ADMIN_USERS is empty: nobody may press {', '.join(closed) or 'what is for admins'}, and "
                f"{' and '.join(sorted(ADMIN_RULES))} are routed as other alerts are.",
            )
        return found

    @property
    def kept(self) -> list[str]:
        """What is kept and for how long; a sentence each."""
        found, keep = self.rules.look_ups, self.keep_sends
        days = f"{found.keep.days:,} {'day' if found.keep < timedelta(days=2) else 'days'}"
        recorded = "put" if found.are_recorded else "not put"
        return [
            "Finished sends are kept for ever: KEEP_SENDS is not set." if keep is None else
            f"Finished sends are deleted after {keep.days:,} days, by KEEP_SENDS.",
            f"Look-ups are {recorded} on record; what is on record is deleted after {days}.",
        ]

    @property
    def who_may(self) -> dict[str, tuple[str, ...]]:
        """For everything that people press, who may."""
        return {action: self.rules.permissions.who(action) for action in PRESSES}

    def as_json(self) -> dict[str, Any]:
        """The shape that programs read."""
        routing = self.rules.routing
        return {
            "source": self.source,
            "valid": not self.problems,
            "problems": [one.as_json() for one in self.problems],
            "warnings": [one.as_json() for one in self.warnings],
            "missing": self.missing,
            "keep_sends_days": self.keep_sends.days if self.keep_sends is not None else None,
            "look_ups": {"record": self.rules.look_ups.are_recorded, "keep_days": self.rules.look_ups.keep.days},
            "alert_channel": routing.alert_channel,
            "admins": list(routing.admins),
            "routes": [
                {
                    "name": rule.name, "when": part.when.model_dump(mode="json"), "channel": rule.channel,
                    "dm_sender": rule.dm_sender, "policy": rule.policy, "continue": rule.goes_on,
                }
                for rule, part in zip(routing.rules, self.document.routes, strict=True)
            ],
            "policies": self.document.plain()["policies"],
            "permissions": {action: list(allowed) for action, allowed in self.who_may.items()},
            "send": _send(self.send) if self.send else None,
            "alerts": [one.as_json() for one in self.explained],
        }


def _send(send: Send) -> dict[str, Any]:
    return {
        "send_gid": send.send_gid, "status": send.status, "type": send.type, "subtype": send.subtype,
        "team": send.team, "campaign": send.campaign, "sender": send.sender_email or send.sender_name,
        "cost_minor": send.cost_minor, "currency": send.currency,
    }
