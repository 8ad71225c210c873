"""Home tabs: who has looked at theirs, which pages they have turned to, and what it shows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from storage.dialect import insert_of
from storage.models import Home
from storage.sends import chunks

LEASE = timedelta(seconds=30)
"""Longer than a Home tab takes to draw, Slack's own time with it."""
LOOKED_AT = timedelta(days=1)
"""For so long after it was opened a Home tab is kept true; who opens it later has it drawn anew anyway."""
PAGES_KEPT = timedelta(hours=1)
SOONEST = timedelta(seconds=10)
SLOWER = 20
"""A Home tab that was opened so many minutes ago is looked at each minute, and so on."""


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """The right to draw one Home tab, until the lease runs out."""

    user_id: str
    team_id: str = ""
    asked: dict[str, Any] = field(default_factory=dict)
    """Which pages the person has turned to."""
    shown: str = ""
    """Hash of what Slack was told last; empty where it must be told in any case."""
    lease_until: datetime


def opened(session: Session, user_id: str, now: datetime, team_id: str = "") -> None:
    """Somebody looks at their Home tab: it is to be drawn, whatever it showed before.

    After an hour it begins with the first pages again.
    """
    home = _row(session, user_id, now)
    home.asked = home.asked if now - home.opened_at < PAGES_KEPT else {}
    home.opened_at, home.drawn_at, home.shown, home.team_id = now, None, "", team_id or home.team_id
    session.flush()


def turn(session: Session, user_id: str, section: str, page: int, now: datetime) -> None:
    """Note that somebody has turned a section to that page (0 is the first); the other sections stay as they are."""
    home = _row(session, user_id, now)
    home.opened_at, home.drawn_at, home.asked = now, None, {**home.asked, section: page}
    session.flush()


def _row(session: Session, user_id: str, now: datetime) -> Home:
    insert = insert_of(session)
    # Two tabs of one newcomer may come to two processes at once.
    session.execute(
        insert(Home).values(user_id=user_id, team_id="", opened_at=now, asked={}, shown="")
        .on_conflict_do_nothing(index_elements=[Home.user_id]),
    )
    return session.get_one(Home, user_id, with_for_update=True, populate_existing=True)


def is_open(session: Session, user_id: str, now: datetime) -> bool:
    """Whether somebody has looked at their Home tab lately."""
    home = session.get(Home, user_id, populate_existing=True)
    return home is not None and home.opened_at > now - LOOKED_AT


def claim(session: Session, user_id: str, now: datetime) -> Drawing | None:
    """Be the only one who draws that Home tab; None where nobody has opened it, or where another is at it.

    In that case the other draws it once more, for `finish` tells them that it was wanted meanwhile.
    """
    home = session.get(Home, user_id, with_for_update=True, populate_existing=True)
    if home is None:
        return None
    if home.lease_until is not None and home.lease_until > now:
        home.drawn_at = None
        session.flush()
        return None
    home.lease_until, home.drawn_at = now + LEASE, now
    session.flush()
    return Drawing(
        user_id=user_id, team_id=home.team_id, asked=dict(home.asked), shown=home.shown, lease_until=home.lease_until,
    )


def finish(session: Session, drawing: Drawing, shown: str) -> bool:
    """Give the right back and note what Slack shows now (empty: unknown); gives whether to draw once more.

    Whoever has overslept their lease changes nothing.
    """
    home = session.get(Home, drawing.user_id, with_for_update=True, populate_existing=True)
    if home is None or home.lease_until != drawing.lease_until:
        return False
    home.lease_until = None
    # Opened once more meanwhile: then it is told again in any case.
    home.shown = "" if home.drawn_at is None and not home.shown else shown
    session.flush()
    return home.drawn_at is None


def due(session: Session, now: datetime) -> list[tuple[str, str]]:
    """Those whose Home tab is to be looked at, the one opened last first, each with the hash of what it shows.

    The longer ago it was opened, the less often; who opened it more than a day ago is left alone, unless what Slack
    shows there must not stay.
    """
    rows = session.execute(
        select(Home.user_id, Home.shown, Home.opened_at, Home.drawn_at)
        .where(
            (Home.opened_at > now - LOOKED_AT) | (Home.shown == ""),
            Home.lease_until.is_(None) | (Home.lease_until <= now),
        )
        .order_by(Home.opened_at.desc(), Home.user_id),
    )
    return [
        (row.user_id, row.shown) for row in rows
        if row.drawn_at is None or now - row.drawn_at >= max(SOONEST, (now - row.opened_at) / SLOWER)
    ]


def pages(session: Session, user_id: str) -> dict[str, Any]:
    """Which pages that person has turned to."""
    home = session.get(Home, user_id, populate_existing=True)
    return dict(home.asked) if home is not None else {}


def want_all(session: Session) -> None:
    """Have every Home tab drawn anew, however long ago it was opened: what it shows must not stay."""
    session.execute(update(Home).values(drawn_at=None, shown="").execution_options(synchronize_session=False))


def looked(session: Session, user_ids: Collection[str], now: datetime) -> None:
    """Note that these Home tabs are true as they stand; one that is wanted anew stays so."""
    for some in chunks(sorted(user_ids)):
        session.execute(
            update(Home).where(Home.user_id.in_(some), Home.drawn_at.is_not(None)).values(drawn_at=now)
            .execution_options(synchronize_session=False),
        )


def forget(session: Session, user_id: str) -> None:
    """Slack no longer knows this person: there is no Home tab to draw."""
    session.execute(delete(Home).where(Home.user_id == user_id).execution_options(synchronize_session=False))
