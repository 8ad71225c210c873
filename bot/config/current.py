"""The configuration in force: read from the database once for each version, and asked for before every pass."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session

from bot.alerts.rulebook import Rulebook
from bot.config.document import Document
from bot.config.problems import Problem
from bot.config.reading import validated
from bot.config.rulebook import rulebook
from storage import config as stored

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class InForce:
    """The document as it is now, by which versions of its sections, and the sections that are not to be used."""

    document: Document
    versions: tuple[stored.Version, ...] = ()
    broken: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    """What another version of Sendwatch stored and this one does not understand; their defaults count instead."""
    _plain: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def plain(self, section: str) -> Any:  # noqa: ANN401 - plain data of any shape
        """One section as plain data; not to be changed."""
        if section not in self._plain:
            self._plain[section] = self.document.plain_section(section)
        return self._plain[section]

    def seen(self, section: str) -> int:
        """The version of a section; 0 where none was ever set."""
        return next((version for name, version, _ in self.versions if name == section), 0)


def in_force(session: Session) -> InForce:
    """The stored configuration; for a section that is not there, or no longer valid, its default."""
    # Versions first: if somebody writes in between, the next look finds newer ones and reads again.
    versions = stored.versions(session)
    document, problems = validated(stored.read(session))
    broken = defaultdict[str, list[Problem]](list)
    for problem in problems:
        broken[str(problem.path[0]) if problem.path else ""].append(problem)
    return InForce(
        document=document, versions=versions, broken={section: tuple(some) for section, some in broken.items()},
    )


class Rules:
    """The rulebook in force, for threads of any number; made anew only when somebody has changed something."""

    def __init__(self, zone: ZoneInfo, alert_channel: str, admins: tuple[str, ...] = ()) -> None:
        """Take what the deployment's settings say: TZ_DEFAULT, ALERT_CHANNEL and ADMIN_USERS."""
        self._zone, self._alert_channel, self._admins = zone, alert_channel, admins
        self._lock = threading.Lock()
        self._known: tuple[InForce, Rulebook] | None = None
        self._told: set[tuple[str, int]] = set()

    def current(self, session: Session) -> Rulebook:
        """The rules as of now: one small query, and no more while nothing has changed."""
        return self._now(session)[1]

    def in_force(self, session: Session) -> InForce:
        """The document by which the rules are made, as of now."""
        return self._now(session)[0]

    def of(self, document: Document) -> Rulebook:
        """As which rules a document would count here."""
        return rulebook(document, self._zone, self._alert_channel, self._admins)

    def _now(self, session: Session) -> tuple[InForce, Rulebook]:
        versions = stored.versions(session)
        known = self._known
        if known is not None and known[0].versions == versions:
            return known
        return self._anew(session)

    def _anew(self, session: Session) -> tuple[InForce, Rulebook]:
        found = in_force(session)
        made = (found, self.of(found.document))
        with self._lock:
            self._known = made
            news = {(section, found.seen(section)) for section in found.broken} - self._told
            self._told |= news
        for section, version in sorted(news):
            log.error(
                "configuration_not_valid", section=section, version=version, used="the default of this section",
                problems=[str(problem) for problem in found.broken[section]],
            )
        return made
