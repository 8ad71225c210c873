"""What a run has found wrong, by kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

LOST, DOUBLED, WRONG = "lost", "doubled", "wrong"
SHOWN = 12


@dataclass(kw_only=True)
class Findings:
    """Everything that must not be. Empty when all promises were kept."""

    found: list[tuple[str, str]] = field(default_factory=list)

    def lost(self, what: str) -> None:
        self.found.append((LOST, what))

    def doubled(self, what: str) -> None:
        self.found.append((DOUBLED, what))

    def wrong(self, what: str) -> None:
        self.found.append((WRONG, what))

    @property
    def counts(self) -> Counter[str]:
        return Counter(kind for kind, _ in self.found)

    def __bool__(self) -> bool:
        return bool(self.found)

    def __str__(self) -> str:
        lines = [f"{kind}: {what}" for kind, what in self.found[:SHOWN]]
        more = len(self.found) - len(lines)
        return "\n".join([*lines, f"… and {more} more"] if more else lines)
