"""What a check says: what was looked at, how it stands, and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """How something stands; `UNASKED` where nobody could be asked."""

    GOOD = "good"
    WARNING = "warning"
    WRONG = "wrong"
    UNASKED = "unasked"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at. Nothing in it is secret or personal."""

    topic: str
    what: str
    state: State
    value: str
    """How it stands, in a few words."""
    mend: str = ""
    """What to do about it, in a sentence or two; empty where nothing is to be done."""
    link: str = ""
    """An address where it is done."""
    about: str = ""
    """The Slack id of a channel, person or user group that it is about."""

    def as_json(self) -> dict[str, str]:
        """The shape that programs read."""
        return {
            "topic": self.topic, "what": self.what, "state": str(self.state), "value": self.value, "mend": self.mend,
            "link": self.link, "about": self.about,
        }


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that was looked at, topic by topic."""

    findings: Sequence[Finding]

    @property
    def ok(self) -> bool:
        """Whether nothing has to be mended."""
        return not any(one.state is State.WRONG for one in self.findings)

    def of(self, state: State) -> list[Finding]:
        """Those that stand like this."""
        return [one for one in self.findings if one.state is state]

    @property
    def summary(self) -> str:
        """The whole in a sentence."""
        wrong, odd, unasked = (len(self.of(state)) for state in (State.WRONG, State.WARNING, State.UNASKED))
        parts = [
            *([f"{_things(wrong)} must be mended"] if wrong else []),
            *([f"{_things(odd)} {'is' if odd == 1 else 'are'} worth a look"] if odd else []),
            *([f"{_things(unasked)} could not be asked"] if unasked else []),
        ]
        return f"{', '.join(parts)}." if parts else "All is well."

    def as_json(self) -> dict[str, Any]:
        """The shape that programs read."""
        return {"ok": self.ok, "summary": self.summary, "findings": [one.as_json() for one in self.findings]}


def _things(number: int) -> str:
    return "1 thing" if number == 1 else f"{number:,} things"
