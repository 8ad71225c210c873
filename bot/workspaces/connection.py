"""One workspace's access to Sendoso, as its own admins look at it and change it in Slack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.clock import Clock
from bot.sends.connecting import ADDRESS, OAUTH, TOKEN, Standing, merged
from bot.sends.sources.oauth import PROVIDER, TRIED
from bot.sends.trial import try_out
from bot.workspaces.registry import Registry
from storage import secrets
from storage.engine import Database


class Connection:
    """A `bot.sends.connecting.Desk`. `database` is the workspace's own; `ring` has its bot begin anew."""

    def __init__(
        self, registry: Registry, team_id: str, database: Database, clock: Clock, ring: Callable[[], None],
    ) -> None:
        self._registry, self._team_id, self._database = registry, team_id, database
        self._clock, self._ring = clock, ring

    def standing(self) -> Standing:
        """How it stands now."""
        return self._registry.standing(self._team_id)

    def connect(self, given: Mapping[str, Any], by: str, key: str) -> Standing:
        """Ask Sendoso, then put it into force. Raises `NotConnectedError`."""
        before = self._registry.access(self._team_id)
        wanted = merged(before, given)
        if any(before.get(name) != wanted.get(name) for name in (TOKEN, ADDRESS, *OAUTH)) or given.get(TOKEN):
            address = str(wanted.get(ADDRESS) or self._registry.usual_address)
            try_out(self._database, self._registry.keys, address, wanted, self._clock)
        if wanted.get(OAUTH[2]):
            # Before it counts: a bot that found no pair would spend the refresh token once more.
            with self._database.write() as session:
                secrets.adopt(session, PROVIDER, TRIED, str(wanted[OAUTH[2]]))
        self._registry.connect(self._team_id, lambda now_is: merged(now_is, given), by=by, key=key)
        self._ring()
        return self.standing()

    def disconnect(self, by: str, key: str) -> bool:
        """Forget it, the pairs of OAuth included."""
        was_set = self._registry.standing(self._team_id).is_set
        if was_set:
            self._registry.connect(self._team_id, {}, by=by, key=key)
            with self._database.write() as session:
                secrets.drop(session, PROVIDER, TRIED)
            self._ring()
        return was_set
