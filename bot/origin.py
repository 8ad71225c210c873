"""Which workspace's bot has said something, written on what it says where one Sendwatch serves several. Pure.

With an organisation's installation one bot speaks for all of its workspaces, in channels that they may share. Where
a bot serves one workspace, nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WORKSPACE = "workspace"
"""What the mark is called in the metadata of a message."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The workspace for which a bot speaks; empty where that needs no telling, since it serves one."""

    workspace: str = ""
    shares_bot: bool = False
    """Whether Slack knows it as the same bot as that of other workspaces: the one of their organisation."""

    @property
    def mark(self) -> dict[str, str]:
        """What the metadata of its messages say besides."""
        return {WORKSPACE: self.workspace} if self.workspace else {}

    def is_own(self, metadata: Mapping[str, Any]) -> bool:
        """Whether a message of this app with these metadata is its own.

        One without a mark is older than the marks: its own, but where it may as well be another workspace's.
        """
        if not self.workspace:
            return True
        mark = metadata.get(WORKSPACE)
        return not self.shares_bot if mark is None else mark == self.workspace
