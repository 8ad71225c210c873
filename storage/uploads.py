"""Files on their way into a channel: which file of Slack's a message stands for, written down before it is shared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Message

FILE = "file"
"""The kind of a message that carries a file."""
FILE_ID, TAKEN_AT, BEFORE = "file_id", "file_taken_at", "files_before"
"""Where it stands in the message's body: the file, when Slack said yes to sharing it, the files given up before."""


class Upload(TypedDict):
    """What a body says of its file."""

    file_id: str | None
    file_taken_at: datetime | None
    files_before: int


def of_body(body: dict[str, Any]) -> Upload:
    """How far the file of a message with this body has come."""
    file_id, taken_at = body.get(FILE_ID), body.get(TAKEN_AT)
    return Upload(
        file_id=file_id if isinstance(file_id, str) else None,
        file_taken_at=datetime.fromisoformat(taken_at) if isinstance(taken_at, str) else None,
        files_before=len(_before(body)),
    )


def ids_of(body: dict[str, Any]) -> tuple[str, ...]:
    """Every file that was ever brought to Slack for the message, the one that counts first."""
    file_id = body.get(FILE_ID)
    return (*((file_id,) if isinstance(file_id, str) else ()), *_before(body))


def keep(session: Session, message_id: int, attempt: str, file_id: str) -> bool:
    """Note the file as the one that `attempt` is about to share; False if the claim was lost meanwhile."""
    return _edit(session, message_id, attempt, lambda body: body | {FILE_ID: file_id})


def taken(session: Session, message_id: int, attempt: str, now: datetime) -> bool:
    """Note that Slack said yes to sharing it; the first yes counts. False as above."""
    return _edit(session, message_id, attempt, lambda body: {TAKEN_AT: now.isoformat()} | body)


def drop(session: Session, message_id: int, attempt: str) -> bool:
    """Give the file up: the next try brings a new one. It is remembered, should Slack show it after all."""
    return _edit(session, message_id, attempt, _without_file)


def _edit(
    session: Session, message_id: int, attempt: str, change: Callable[[dict[str, Any]], dict[str, Any]],
) -> bool:
    mine = select(Message).where(Message.id == message_id, Message.attempt == attempt).with_for_update()
    message = session.scalar(mine.execution_options(populate_existing=True))
    if message is None:
        return False
    message.body = change(dict(message.body))
    session.flush()
    return True


def _without_file(body: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in body.items() if name not in {FILE_ID, TAKEN_AT}}
    files = list(ids_of(body))
    return kept | ({BEFORE: files} if files else {})


def _before(body: dict[str, Any]) -> tuple[str, ...]:
    given = body.get(BEFORE)
    return tuple(one for one in given if isinstance(one, str)) if isinstance(given, list) else ()
