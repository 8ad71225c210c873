"""Asking for the reason of a resolve: the window, and the record of what was filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.alerts.lifecycle import Action
from bot.slack import facts, payloads, windows
from bot.slack.blocks import resolve_modal
from bot.slack.deps import Deps
from bot.slack.payloads import Submitted, Where
from bot.slack.replies import show, tell
from bot.slack.submissions import Answer, beside, recorded

SAY = "Write what settled it, or press “Resolve” for none."


def ask(deps: Deps, place: Where, data: Mapping[str, Any]) -> None:
    """Open the window about the alert that `data` names; nothing is recorded before it is sent off."""
    with deps.database.read() as session:
        pair = facts.alert_with_send(session, payloads.number(data, "alert"))
    refused = windows.refused(pair, Action.RESOLVE, place, deps)
    if refused is not None or pair is None:
        tell(deps, place, refused or windows.GONE)
        return
    show(deps, place, resolve_modal.build(*pair, deps.clock(), windows.beneath(data)))


def submit(deps: Deps, found: Submitted, body: Mapping[str, Any]) -> Answer:
    """Resolve it, for the reason that was written."""
    reason = payloads.chosen(found.values, resolve_modal.BLOCK, resolve_modal.ACTION).strip()
    if not reason:
        return beside(resolve_modal.BLOCK, SAY)
    return recorded(deps, found, body, Action.RESOLVE, {"reason": reason})
