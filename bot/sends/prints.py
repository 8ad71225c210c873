"""Hashes of what sources have told of a send, by which the same again is known. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from bot.sends.snapshots import CSV, DETAILS, Snapshot, said_of

_TIMES = tuple(map(DETAILS.index, ("created_at", "expires_at")))
_EDITION = {CSV: (2,)}
"""Added to what a source says before it is hashed: another one has each of its files read in full once more.

2: rows that the first releases took for one send come apart at the next import of the same file.
"""
_MOST_PRINTS = 8


class Prints:
    """Hashes of what each source told at its last telling, so that the same again is passed over.

    Several for one source where one telling held the send more than once, as a CSV may.
    """

    def __init__(self, stored: str = "") -> None:
        self._sources: dict[str, list[Any]] = json.loads(stored) if stored else {}

    def holds(self, source: str, said: str) -> bool:
        """Whether that source said just this at its last telling."""
        return said in self.last(source)

    def last(self, source: str) -> Sequence[str]:
        """What that source said at its last telling."""
        return self._sources.get(source, [])[1:]

    def have(self, source: str) -> bool:
        """Whether that source has ever told of the send."""
        return source in self._sources

    def are_beside(self, other: Prints, source: str) -> bool:
        """Whether both were told last in one telling of that source, as two rows of one file are."""
        at, its = (one._sources.get(source, [None])[0] for one in (self, other))  # noqa: SLF001 - of its own class
        return at is not None and at == its

    def add(self, told: Snapshot, said: str) -> None:
        """Remember what this snapshot says."""
        at = _millis(told.observed_at)
        known = self._sources.get(told.source, [at])
        same_telling = known if known[0] == at else [at]
        self._sources[told.source] = [at, *same_telling[1:][1 - _MOST_PRINTS:], said]

    def are_of(self, told: Snapshot) -> bool:
        """Whether the last telling of that source was the one to which this snapshot belongs."""
        at, *_ = self._sources.get(told.source, [None])
        return bool(at == _millis(told.observed_at))

    def keep_only(self, source: str) -> None:
        """Have what all other sources say next looked at, whatever it is; that they have told stays known."""
        self._sources = {name: known if name == source else known[:1] for name, known in self._sources.items()}

    def __str__(self) -> str:
        # Compact JSON, of hashes and numbers alone: an encoder takes four times as long, for each send that comes in.
        told = []
        for source, (at, *prints) in sorted(self._sources.items()):
            said = "".join([f',"{one}"' for one in prints])
            told.append(f'"{source}":[{at}{said}]')
        return f"{{{','.join(told)}}}"


def print_of(told: Snapshot) -> str:
    """A hash of all that a snapshot says, apart from who says it, when, and in which line."""
    details = list(said_of(told))
    for place in _TIMES:
        if details[place] is not None:
            details[place] = _instant(details[place])
    said = [
        told.send_gid, told.status_raw, told.tracking_url,
        *[(u.status_raw, _instant(u.occurred_at)) for u in told.updates], *details, *_EDITION.get(told.source, ()),
    ]
    return blake2b(repr(said).encode(), digest_size=9).hexdigest()


def _millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _instant(moment: datetime) -> str:
    return (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).isoformat()
