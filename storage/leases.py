"""Leases: rights that one process holds for a while, with a fencing number against those who overslept."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Table, bindparam, case, or_, select, update
from sqlalchemy.orm import Session

from storage.dialect import insert_of
from storage.models import Lease, UtcTime
from storage.models.base import EPOCH

SKEW = timedelta(minutes=2)
"""By no more than this the clocks of processes may differ (docs/delivery.md). What ends further ahead than such a clock
could have set it is of before the clock was put back, and nobody knows whether its holder lives."""
LEASES: Table = Lease.__table__  # type: ignore[assignment]
# Put together once, since a sync needs it for every few sends.
KEEP = (
    update(LEASES)
    .where(
        LEASES.c.name == bindparam("lease"), LEASES.c.holder == bindparam("mine"),
        LEASES.c.token == bindparam("fence"),
    )
    .values(until=bindparam("new_until", type_=UtcTime()))
    .returning(LEASES.c.token)
)


def take(session: Session, name: str, holder: str, now: datetime, length: timedelta) -> int | None:
    """Take the lease `name` until `now + length`; gives its fencing number, or None while another holds it.

    All who ask for it do so for the same `length`.

    The number rises each time the lease changes hands. Whoever holds it already and takes it again keeps
    the number. One statement, so that of two who ask at once exactly one is told yes.
    """
    insert = insert_of(session)
    taking = insert(Lease).values(name=name, holder=holder, until=now + length, token=1)
    mine = (Lease.holder == holder) & (Lease.until > now)
    statement = taking.on_conflict_do_update(
        index_elements=[Lease.name],
        set_={
            "holder": holder,
            "until": now + length,
            "token": case((mine, Lease.token), else_=Lease.token + 1),
        },
        where=or_(Lease.until <= now, Lease.holder == holder, Lease.until > now + length + SKEW),
    ).returning(Lease.token)
    return session.scalar(statement)


def keep(
    session: Session, name: str, holder: str, token: int, now: datetime, length: timedelta,
) -> bool:
    """Hold the lease until `now + length`; False if it has changed hands, and nothing may be done on its strength.

    A lease that ran out but that nobody took meanwhile is still one's own.
    """
    kept = session.scalar(KEEP, {"lease": name, "mine": holder, "fence": token, "new_until": now + length})
    return kept is not None


def release(session: Session, name: str, holder: str, token: int) -> bool:
    """Give the lease back before its time; False if it was no longer one's own.

    The row stays, so that fencing numbers go on rising. It ends long ago, and not now: should the clock be put back,
    now would be an hour off, and nobody could take it until then.
    """
    return keep(session, name, holder, token, EPOCH, timedelta(0))


def held_until(session: Session, name: str, now: datetime) -> datetime | None:
    """Until when somebody holds the lease; None when it is free."""
    return session.scalar(select(Lease.until).where(Lease.name == name, Lease.until > now))


def end_all(session: Session, now: datetime) -> None:
    """End every lease, for a process that knows itself to be the only one and holds none yet.

    Whoever held one has been killed; nobody must wait until it runs out.
    """
    session.execute(
        update(Lease).where(Lease.until > now).values(until=now).execution_options(synchronize_session=False),
    )
