"""Where something about a person may stand: one list for forgetting and for telling what is held.

Every text and JSON column of every table is named here; a test fails for one that is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Table, Text, select
from sqlalchemy.orm import Session

from storage.models import Base


class Holds(StrEnum):
    """What a column may hold of a person."""

    WORDS = "words"
    """Text or JSON in which an address, a name or a Slack user id may stand."""
    PLACE = "place"
    """A Slack user id, or `mail:` and an address; or a key made with one."""
    OWN = "own"
    """The row is about one person as a whole, and is deleted or emptied with them."""
    NOTHING = "nothing"
    """Ids and fixed words of the bot's, of Sendoso's or of Slack's, of which none says who somebody is."""


def _table(*, words: str = "", places: str = "", own: str = "", nothing: str = "") -> Mapping[str, Holds]:
    given = {Holds.WORDS: words, Holds.PLACE: places, Holds.OWN: own, Holds.NOTHING: nothing}
    return {column: holds for holds, columns in given.items() for column in columns.split()}


COLUMNS: Mapping[str, Mapping[str, Holds]] = {
    "sends": _table(
        own="recipient_name recipient_email recipient_company sender_name sender_email tracking_url search_text "
            "fingerprint",
        # Earlier versions took any text for a currency.
        words="status_raw team campaign sent_via type subtype currency",
        # A gid is Sendoso's; one that a file made up from an address is made anew when somebody is forgotten.
        nothing="send_gid kind status due_rule",
    ),
    "send_history": _table(words="status_raw status_key", nothing="status source"),
    "alerts": _table(
        words="status_raw threshold why resolved_reason",
        places="key assignee acknowledged_by snoozed_by support_by resolved_by",
        nothing="rule level status reason state",
    ),
    "alert_events": _table(words="actor_name before after detail", places="actor channel dedupe_key",
                           nothing="action team_id"),
    "messages": _table(words="body last_error", places="key channel thread_of",
                       nothing="kind ts posted_channel phase attempt"),
    "notifications": _table(words="policy", places="channel", nothing="route reason held"),
    "channel_pace": _table(own="channel", nothing="broken_code"),
    "mutes": _table(words="label reason", places="value created_by ended_by", nothing="scope"),
    "config_sections": _table(places="changed_by", nothing="section body"),
    "config_changes": _table(words="before after", places="changed_by", nothing="section"),
    "people": _table(own="user_id team_id name email tz locale"),
    "user_groups": _table(own="members", nothing="group_id"),
    "homes": _table(own="user_id team_id asked shown"),
    "watches": _table(own="user_id", nothing="ended_why"),
    "look_ups": _table(places="key user_id", nothing="surface name"),
    "look_up_sends": _table(),
    "sync_cursors": _table(words="cursor last_error", places="source"),
    "job_runs": _table(words="last_error", nothing="name"),
    "webhook_deliveries": _table(words="error", nothing="svix_id event send_gid"),
    "leases": _table(nothing="name holder"),
    "oauth_tokens": _table(nothing="provider secret"),
    # Who installed the app and who its admins are: `storage.workspaces.leave` sees to that.
    "workspaces": _table(
        nothing="enterprise_id team_id name token bot_id bot_user_id scopes installed_by alert_channel admins sendoso",
    ),
    "install_states": _table(nothing="mark"),
    "forgotten": _table(nothing="mark"),
    "privacy_keys": _table(nothing="name secret"),
    "retention": _table(nothing="name"),
}

SEARCHED = (Holds.WORDS, Holds.PLACE)


def unlisted() -> list[str]:
    """Columns of text or JSON that stand in the tables and not in the list, or only in the list: `table.column`."""
    there = {
        f"{table.name}.{column.name}" for table in Base.metadata.sorted_tables for column in table.columns
        if isinstance(column.type, Text | JSON)
    }
    listed = {f"{table}.{column}" for table, columns in COLUMNS.items() for column in columns}
    return sorted(there ^ listed)


def searched() -> list[Table]:
    """The tables in whose rows a person may be named in passing; sends and their history are found by address."""
    return [
        table for table in Base.metadata.sorted_tables
        if table.name not in {"sends", "send_history"}
        and any(holds in SEARCHED for holds in COLUMNS[table.name].values())
    ]


def holding(table: Table, *kinds: Holds) -> dict[str, Holds]:
    """The columns of a table that hold one of these."""
    return {name: holds for name, holds in COLUMNS[table.name].items() if holds in kinds}


def key_of(table: Table) -> Column[Any]:
    """The column by which a row is named."""
    (key,) = table.primary_key.columns
    return key


def batch(session: Session, table: Table, after: Any, limit: int) -> list[dict[str, Any]]:  # noqa: ANN401 - any key
    """The next rows of a table in the order of its key; `after` None begins."""
    key = key_of(table)
    asked = select(table).order_by(key).limit(limit)
    rows = session.execute(asked if after is None else asked.where(key > after))
    return [{str(name): value for name, value in row.items()} for row in rows.mappings()]


def batches(session: Session, table: Table, limit: int = 1_000) -> Iterator[list[dict[str, Any]]]:
    """All rows of a table, some at a time, so that nothing is held for long."""
    after = None
    while rows := batch(session, table, after, limit):
        yield rows
        after = rows[-1][key_of(table).name]
