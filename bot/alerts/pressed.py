"""What somebody pressed, what became of it, and the rows of the audit record that say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.alerts import refusals
from bot.alerts.lifecycle import Action, AlertState, Refused
from storage.models import Alert

REFUSED = "refused"
"""The action on record of a press that was not allowed; what was wanted stands in its detail."""


@dataclass(frozen=True, kw_only=True)
class Press:
    """What somebody did, to some alerts or to all alerts of a message.

    `dedupe_key` is the same for one press however often it is delivered. `version` is the alert's as the button
    was drawn, or for a message those of all its alerts added up; kept in the record. `args` are those of
    `lifecycle.step`.
    """

    action: Action | str
    user_id: str
    dedupe_key: str
    alert_ids: Sequence[int] = ()
    message_id: int | None = None
    user_name: str = ""
    team_id: str = ""
    channel: str = ""
    message_ts: str = ""
    version: int | None = None
    args: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a press.

    `changed` alerts are other than before; `alert_ids` names them, or for a press that changed nothing those
    that it meant. `refused` is the sentence for the person, in mrkdwn, and `refusal` the same as data; `partly`
    is the sentence where only some of many alerts were theirs to change.
    A `replayed` press had its effect before and has none now.
    """

    changed: int = 0
    alert_ids: tuple[int, ...] = ()
    refused: str | None = None
    refusal: Refused | None = None
    partly: str | None = None
    replayed: bool = False

    @property
    def told(self) -> str | None:
        """What the person has to be told; None where the message says it all."""
        return self.refused or self.partly


def refuse(press: Press, refused: Refused, now: datetime) -> Outcome:
    """The outcome of a press that had no effect."""
    several = press.message_id is not None or len(press.alert_ids) > 1
    said = refusals.refusal(refused, now, press.user_id, several=several)
    return Outcome(refused=said, refusal=refused, alert_ids=tuple(press.alert_ids))


def about(action: Action, press: Press, now: datetime) -> dict[str, Any]:
    """The parts of a row that are the same for every alert of a press."""
    row: dict[str, Any] = {
        "action": str(action), "actor": press.user_id, "actor_name": press.user_name, "team_id": press.team_id,
        "channel": press.channel, "occurred_at": now, "dedupe_key": press.dedupe_key,
        "detail": {"press": press.dedupe_key, "message_ts": press.message_ts},
    }
    if press.version is not None:
        row["detail"]["seen_version"] = press.version
    if press.args.get("note"):
        row["detail"]["note"] = str(press.args["note"])
    return row


def whole(
    action: Action, press: Press, changed: int, now: datetime, **detail: Any,  # noqa: ANN401 - anything in JSON
) -> dict[str, Any]:
    """The row for a press on many alerts as a whole; each alert has one of its own besides."""
    common = about(action, press, now)
    return common | {"detail": common["detail"] | {"message": press.message_id, "changed": changed} | detail}


def row(
    action: Action, press: Press, now: datetime, alert: Alert, before: AlertState, after: AlertState, *,
    single: bool = False, **detail: Any,  # noqa: ANN401 - anything that JSON can hold
) -> dict[str, Any]:
    """The row for one alert, as it is now and as it will be; `single` where the press was on this alert alone."""
    common = about(action, press, now)
    return common | {
        "alert_id": alert.id,
        "before": before.as_json() | {"version": alert.version},
        "after": after.as_json() | {"version": alert.version + (after != before)},
        "detail": common["detail"] | detail,
        "dedupe_key": press.dedupe_key if single else f"{press.dedupe_key}|{alert.id}",
    }
