"""Who may press what. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from bot.alerts.lifecycle import Action

ANYONE, SENDER, TEAM, ADMINS = "anyone", "sender", "team", "admins"
"""Words of the configuration; besides them Slack user group ids (S…) and user ids (U…)."""


LOOK_UP = "look_up"
"""Finding sends in Slack, in whatever way. `sender` and `team` are then not who may, but whose sends are found."""


@dataclass(frozen=True, kw_only=True)
class LookUps:
    """Whether each look-up is put on record, and for how long it is kept there."""

    are_recorded: bool = False
    keep: timedelta = timedelta(days=90)


class Reach(StrEnum):
    """Whose sends somebody finds."""

    ALL = "all"
    TEAM = "team"
    """Their own, and those of the teams for which they send."""
    OWN = "own"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Presser:
    """Who presses. `email` is lower case, empty when unknown; `groups` are ids of user groups they are in."""

    user_id: str
    email: str = ""
    is_admin: bool = False
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Permissions:
    """For each action (an id of `lifecycle.Action`, or "mute") who may do it; one that is not named is for anyone."""

    allowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def who(self, action: Action | str) -> tuple[str, ...]:
        """Who may do it: words and ids, any of which is enough. What a status means is always for anyone to ask."""
        if action == Action.MEANING:
            return (ANYONE,)
        return self.allowed.get(str(action)) or (ANYONE,)

    def may(self, action: Action | str, presser: Presser, sender_email: str = "") -> bool:
        """Whether that person may. `sender_email` is that of the send's sender, empty where there is none.

        Admins may do everything: somebody has to be able to.
        """
        if presser.is_admin:
            return True
        return any(self._is(word, presser, sender_email) for word in self.who(action))

    def reach(self, presser: Presser) -> Reach:
        """Whose sends that person finds."""
        who = self.who(LOOK_UP)
        if presser.is_admin or any(self._is(word, presser, "") for word in who):
            return Reach.ALL
        return Reach.TEAM if TEAM in who else Reach.OWN if SENDER in who else Reach.NONE

    @property
    def groups(self) -> frozenset[str]:
        """Every user group that is named, so that somebody can ask Slack who is in it."""
        return frozenset(word for words in self.allowed.values() for word in words if word.startswith("S"))

    @staticmethod
    def _is(word: str, presser: Presser, sender_email: str) -> bool:
        if word == ANYONE:
            return True
        if word == SENDER:
            # Who has no address is not the sender of a gift that has none either.
            address = sender_email.strip().lower()
            return bool(address) and presser.email == address
        return word in presser.groups or word == presser.user_id
