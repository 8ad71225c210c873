"""Everything that admins can set, as the bot's rules read it: one value, taken once for each pass. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.alerts.permissions import LookUps, Permissions
from bot.alerts.routing import Routing
from bot.reports.schedule import Digest
from bot.statuses.watch import Watch


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """The calendar and thresholds, the routes with their policies, who may press what, digests, and look-ups."""

    watch: Watch
    routing: Routing
    permissions: Permissions = field(default_factory=Permissions)
    digests: tuple[Digest, ...] = ()
    look_ups: LookUps = field(default_factory=LookUps)
