"""People in Slack: whose e-mail is whose, and what their clock shows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, bindparam, func, select
from sqlalchemy.orm import Session

from storage import forgotten
from storage.dialect import insert_of
from storage.models import Person, UserGroup
from storage.prepared import Prepared
from storage.sends import chunks

# Put together once: building a statement anew costs as much time as running it.
_BY_ID = select(Person).where(Person.user_id == bindparam("user_id"))
PEOPLE: Table = Person.__table__  # type: ignore[assignment]
COLUMNS = [PEOPLE.c[name] for name in ("email", "tz", "locale", "fetched_at")]
"""Of what `known` tells of somebody."""
_KNOWN = Prepared(select(*COLUMNS).where(PEOPLE.c.user_id == bindparam("user_id")))
_NOTED = "sendwatch_people"

FRESH = timedelta(days=1)
"""How long what Slack said of a person is taken as it is."""


def by_id(session: Session, user_id: str) -> Person | None:
    """The person, or None if Slack has never been asked about them."""
    return session.scalar(_BY_ID, {"user_id": user_id})


def known(session: Session, user_id: str) -> tuple[str, str, str, datetime] | None:
    """E-mail, zone and locale of that person, and when Slack told them; None if it has never been asked."""
    noted = session.info.get(_NOTED, {})
    found = noted[user_id] if user_id in noted else next(iter(_KNOWN.rows(session, user_id=user_id)), None)
    if found is None:
        return None
    email, tz, locale, fetched_at = found
    return email, tz, locale, fetched_at


def note(session: Session, user_id: str, found: tuple[Any, ...]) -> None:
    """Have `known` give these values of `COLUMNS` in this session; they were read in it together with something else.

    Where all of them are empty, nobody is known under that id.
    """
    session.info.setdefault(_NOTED, {})[user_id] = None if found[-1] is None else found


def by_email(session: Session, email: str) -> Person | None:
    """The person of that e-mail in any case, or None; the lowest user id if Slack has several."""
    wanted = email.strip().lower()
    if not wanted:
        return None
    return session.scalar(select(Person).where(Person.email == wanted).order_by(Person.user_id).limit(1))


def ids_by_email(session: Session, emails: Iterable[str]) -> dict[str, str]:
    """User ids of those of the addresses (lower case) that are known, the lowest where Slack has several."""
    found: dict[str, str] = {}
    for some in chunks(sorted(set(emails))):
        lowest = select(Person.email, func.min(Person.user_id)).where(Person.email.in_(some)).group_by(Person.email)
        found.update((email, user_id) for email, user_id in session.execute(lowest))
    return found


def locales(session: Session) -> list[str]:
    """Every locale that somebody is known to have, such as de-DE."""
    return list(session.scalars(select(Person.locale).where(Person.locale != "").distinct().order_by(Person.locale)))


def is_fresh(fetched_at: datetime, now: datetime) -> bool:
    """Whether Slack, asked then, need not be asked again yet."""
    return now - fetched_at < FRESH


def keep(
    session: Session, *, user_id: str, now: datetime, team_id: str = "", name: str = "", email: str = "", tz: str = "",
    locale: str = "",
) -> None:
    """Note what Slack said of a person just now; the e-mail is kept in lower case, as sends have it.

    Not every answer of Slack's names the locale; what was known of it stays. Of somebody who was forgotten neither name
    nor e-mail is kept.
    """
    if forgotten.known(session, [email]):
        name = email = ""
    session.info.pop(_NOTED, None)
    insert = insert_of(session)
    told = {"team_id": team_id, "name": name, "email": email.strip().lower(), "tz": tz, "fetched_at": now}
    if locale:
        told["locale"] = locale
    # Two presses of one newcomer may come to two processes at once; the later word simply stands.
    session.execute(
        insert(Person.__table__)
        .values(user_id=user_id, **told)
        .on_conflict_do_update(index_elements=["user_id"], set_=told),
    )


def groups_of(session: Session, user_id: str) -> frozenset[str]:
    """The user groups of the configuration that somebody is in, as far as Slack has been asked."""
    return frozenset(group.group_id for group in session.scalars(select(UserGroup)) if user_id in group.members)


def groups(session: Session) -> dict[str, UserGroup]:
    """Every user group about which Slack has been asked, by id."""
    return {group.group_id: group for group in session.scalars(select(UserGroup))}


def keep_group(session: Session, group_id: str, members: list[str], now: datetime) -> None:
    """Note who is in a user group, as Slack said just now."""
    insert = insert_of(session)
    told = {"members": members, "fetched_at": now}
    session.execute(
        insert(UserGroup.__table__)
        .values(group_id=group_id, **told)
        .on_conflict_do_update(index_elements=["group_id"], set_=told),
    )
