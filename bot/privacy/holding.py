"""Everything that is held about one person, as JSON: the same places as are gone through to forget them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from bot.privacy import person
from bot.privacy.person import TABLES
from storage import forgotten, held, workspaces
from storage.sends import chunks

INTERNAL = {"search_text", "fingerprint"}
"""Columns that only repeat others, or a hash of them."""


def about(session: Session, email: str, users: Collection[str] = ()) -> dict[str, Any]:
    """What is held about an address and whoever has it: rows by table, times in ISO 8601, UTC.

    `users` are the person's Slack users that other databases know.
    """
    address = email.strip().lower()
    told = [_about(session, spelling, users) for spelling in person.spellings(session, address)]
    for more in told[1:]:
        for key in ("names", "slack_users"):
            told[0][key] = list(dict.fromkeys([*told[0][key], *more[key]]))
        for table, rows in more["held"].items():
            there = told[0]["held"].setdefault(table, [])
            there += [row for row in rows if row not in there]
    return told[0]


def _about(session: Session, email: str, users: Collection[str]) -> dict[str, Any]:
    known = person.find(session, email, users)
    rows = {"sends": _by(session, "sends", "id", known.sends | known.mentioned)}
    rows["send_history"] = _by(session, "send_history", "send_id", known.sends | known.mentioned)
    for table in ("people", "homes", "watches"):
        rows[table] = _by(session, table, "user_id", known.users)
    rows["user_groups"] = [
        {"group_id": row["group_id"]} for row in _all(session, TABLES["user_groups"])
        if known.users & set(row["members"])
    ]
    rows["workspaces"] = [
        {
            "team_id": row.team_id, "enterprise_id": row.enterprise_id, "installed_at": row.installed_at.isoformat(),
            "installed_it": row.installed_by in known.users, "is_admin": bool(known.users & {*row.admins}),
        }
        for row in workspaces.named(session, known.users)
    ]
    places = {f"mail:{known.naming.email}", *known.users}
    rows["channel_pace"] = _by(session, "channel_pace", "channel", places)
    for searched in held.searched():
        rows[searched.name] = [
            _plain(row) for row in _all(session, searched)
            if known.without(searched.name, row) or known.concerns(searched.name, row)
        ]
    rows["look_up_sends"] = _by(session, "look_up_sends", "send_id", known.sends | known.mentioned)
    # Theirs are found by the user; here those of others who have seen the person's sends.
    seen = {row["look_up_id"] for row in rows["look_up_sends"]} - {row["id"] for row in rows["look_ups"]}
    rows["look_ups"] += _by(session, "look_ups", "id", seen)
    # The settings in force are reported, though forgetting leaves them to those who made them.
    rows["config_sections"] = [
        _plain(row) for row in _all(session, TABLES["config_sections"])
        if known.everywhere.without(row["body"], by_name=True) != row["body"]
        or known.without("config_sections", row)
    ]
    return {
        "email": known.naming.email,
        "forgotten": bool(forgotten.known(session, [email])),
        "names": list(known.naming.names),
        "slack_users": list(known.naming.users),
        "held": {table: found for table, found in sorted(rows.items()) if found},
    }


def _all(session: Session, table: Table) -> Iterable[Mapping[str, Any]]:
    for rows in held.batches(session, table):
        yield from rows


def _by(session: Session, name: str, column: str, values: Iterable[Any]) -> list[dict[str, Any]]:
    table = TABLES[name]
    found: list[dict[str, Any]] = []
    for some in chunks(sorted(values)):
        asked = select(table).where(table.c[column].in_(some)).order_by(held.key_of(table))
        found += [_plain({**row}) for row in session.execute(asked).mappings()]
    return found


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items() if name not in INTERNAL
    }


