"""What is said beside a field in which user groups are chosen; what to do where Slack does not tell their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.slack.groups import NO_SCOPE, SILENT

FOUND = "Type a part of the name, the handle or the id."
BY_ID = "type the group's id, such as S0123ABCD; it stands in the group's menu"
HINTS: Mapping[int, str] = {
    NO_SCOPE: (
        "Sendwatch may not see user groups: the scope usergroups:read is missing. Add it to the app at "
        "api.slack.com/apps under OAuth & Permissions, and install the app again. Who is in a group counts only then; "
        f"meanwhile you can {BY_ID}."
    ),
    SILENT: f"Slack does not say just now which groups there are. Open this once more in a minute, or {BY_ID}.",
}


def group_hint(data: Mapping[str, Any]) -> str:
    """The sentence for a window that carries this; `g` says how it stands with the names of groups."""
    state = data.get("g")
    return HINTS.get(state, FOUND) if isinstance(state, int) else FOUND
