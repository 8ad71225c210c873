"""Addresses that were forgotten, their names and parcels: known again when they come back, not to be read here."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.dialect import insert_of
from storage.models import Forgotten, PrivacyKey
from storage.sends import SOME, chunks

MARKS = "forgotten"
"""Name of the key under which addresses are marked."""

# Put together once: every batch of an import asks.
_KEY = select(PrivacyKey.secret).where(PrivacyKey.name == MARKS)
_KNOWN = select(Forgotten.mark).where(Forgotten.mark.in_(SOME))


def add(session: Session, emails: Collection[str], now: datetime) -> None:
    """Remember that these addresses (in any case) were forgotten; done twice it stays as it is."""
    if not emails:
        return
    insert = insert_of(session)
    made = {"name": MARKS, "secret": secrets.token_hex(32)}
    # Two processes may forget somebody for the first time at once: one key stands, and both read that one.
    session.execute(insert(PrivacyKey.__table__).values(**made).on_conflict_do_nothing())
    key = session.scalars(_KEY).one()
    marks = [{"mark": mark, "forgotten_at": now} for mark in sorted({_mark(key, email) for email in emails})]
    session.execute(insert(Forgotten.__table__).on_conflict_do_nothing(), marks)


def known(session: Session, emails: Iterable[str | None]) -> set[str]:
    """Which of these addresses were forgotten, in lower case."""
    key = session.scalar(_KEY)
    if key is None:
        return set()
    marks = {_mark(key, email): email for email in {email.strip().lower() for email in emails if email}}
    found: set[str] = set()
    for some in chunks(sorted(marks)):
        found.update(marks[mark] for mark in session.scalars(_KNOWN, {"some": some}))
    return found


def hidden(session: Session, gids: Iterable[str]) -> list[str]:
    """What stands for gids that were made up from an address, so that nobody can find the address by trying."""
    key = session.scalar(_KEY)
    return [gid if key is None else hmac.digest(bytes.fromhex(key), gid.encode(), "sha256").hex()[:24] for gid in gids]


def _mark(key: str, email: str) -> str:
    return hmac.digest(bytes.fromhex(key), email.strip().lower().encode(), "sha256").hex()
