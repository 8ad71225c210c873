"""One person as the database knows them: their address, names, Slack users, sends, and what hangs on those."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from bot.alerts import muting
from bot.alerts.judgement import unnamed_key
from bot.sends import addresses
from bot.sends.forgotten import TEXTS
from bot.sends.naming import Naming
from bot.sends.text import LONGEST_FIELD, folded
from storage import forgotten, held
from storage.held import Holds
from storage.models import Alert, Base, Message, Mute, Notification, Person, Send, SendHistory, Watch
from storage.sends import chunks

TABLES = Base.metadata.tables


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of a person. Row ids; `mentioned` are sends of others in whose texts the address stands."""

    naming: Naming
    everywhere: Naming
    """With those of the names only that are nobody else's, and more than one word: for texts about anybody."""
    received: frozenset[int]
    sent: frozenset[int]
    mentioned: frozenset[int]
    alerts: frozenset[int]
    watches: frozenset[int]
    messages: frozenset[int]
    muted: frozenset[tuple[str, str]]
    """Scope and value of mutes that concern nobody else's sends."""
    shared: frozenset[tuple[str, str]]
    """Those of mutes of a campaign or team that others' sends have, too; as it is, and without the address."""
    mentioned_in: frozenset[int]
    """Messages about sends of others in whose texts the address stands."""

    @property
    def sends(self) -> frozenset[int]:
        return self.received | self.sent

    @property
    def users(self) -> frozenset[str]:
        return frozenset(self.naming.users)

    def without(self, table: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of a row that name the person, as they are to be afterwards; empty where none does."""
        naming = self.naming if self.concerns(table, row) else self.everywhere
        changed = {}
        for column, holds in held.holding(TABLES[table], *held.SEARCHED).items():
            as_place = holds is Holds.PLACE
            left = naming.without(row[column], by_name=not as_place, as_place=as_place)
            if left != row[column]:
                changed[column] = left
        if table == "mutes" and row["scope"] == "sender" and row["value"] == naming.email:
            changed["value"] = naming.address
        if table == "mutes" and row["scope"] in {"campaign", "team"}:
            # As the campaign is called afterwards: the mute goes on hiding it. Others' sends keep a name in it.
            is_shared = (row["scope"], row["value"]) in self.shared
            for column in ("value", "label") if is_shared else ("value",):
                left = naming.without(row[column], by_name=not is_shared)
                changed[column] = left
            changed = {column: left for column, left in changed.items() if left != row[column]}
        if table == "alerts" and row["key"] == unnamed_key(row["status_raw"]):
            # As the status is spelt afterwards in the send, so that it is not told of again.
            key = unnamed_key(naming.without(row["status_raw"], by_name=row["id"] in self.alerts))
            changed |= {"key": key} if key != row["key"] else {}
        if table == "alert_events" and row["actor"] in self.users and row["actor_name"]:
            # Slack's name for whoever pressed need not be the one that they bear elsewhere.
            changed["actor_name"] = ""
        return changed

    def concerns(self, table: str, row: Mapping[str, Any]) -> bool:
        """Whether a row is about a send of this person's, or says what the person did."""
        if table == "alerts":
            return row["id"] in self.alerts
        if table == "alert_events":
            told = row["detail"]
            return (
                row["alert_id"] in self.alerts or row["actor"] in self.users
                or any((told.get("scope"), told.get("value")) == muted for muted in self.muted)
            )
        if table == "messages":
            return row["id"] in self.messages or self._about(row["body"])
        if table == "mutes":
            theirs = (row["scope"], row["value"]) in self.muted
            return theirs or bool(self.naming.without(row["value"], by_name=False) != row["value"])
        return False

    def _about(self, body: Mapping[str, Any]) -> bool:
        alerts = body.get("alerts")
        named = {body.get("alert"), *(alerts if isinstance(alerts, list) else ())}
        return bool(named & self.alerts) or body.get("watch") in self.watches


def find(session: Session, email: str, users: Collection[str] = ()) -> Known:
    """Everything by which this address (in any case) is known; nothing is changed.

    `users` are the person's Slack users that other databases know.
    """
    address = email.strip().lower()
    people = session.scalars(select(Person).where(Person.email == address)).all()
    received = _ids(session, Send.recipient_email == address)
    sent = _ids(session, Send.sender_email == address)
    names = _names(session, address) | {person.name for person in people if person.name}
    if not addresses.tells(address):
        # A word in the place of an address: in rows about the person's own sends it means them, as a name does.
        names.add(address)
    naming = Naming(
        email=address, names=sorted(names), users=sorted({*users, *(person.user_id for person in people)}),
        alias=secrets.token_hex(4),
    )
    mentioned = _mentioned(session, naming) - received - sent
    none: frozenset[int] = frozenset()
    muted, shared = _muted(session, received | sent)
    known = Known(
        naming=naming, everywhere=replace(naming, names=sorted(_own(session, names, address))),
        received=received, sent=sent, mentioned=mentioned,
        alerts=none, watches=none, messages=none,
        muted=muted,
        shared=shared | {(scope, naming.without(value, by_name=False)) for scope, value in shared},
        mentioned_in=messages_of(session, _of(session, Alert.id, Alert.send_id, mentioned)),
    )
    return with_what_hangs_on(session, known)


def with_what_hangs_on(session: Session, known: Known) -> Known:
    """The same with the alerts, watches and messages of the person's sends as they are now."""
    alerts = _of(session, Alert.id, Alert.send_id, known.sends)
    return replace(
        known, alerts=alerts, watches=_of(session, Watch.id, Watch.send_id, known.sends),
        messages=messages_of(session, alerts),
    )


def spellings(session: Session, address: str) -> list[str]:
    """The address, and others that are held and are read as this one, or in which it is one among several."""
    return [address, *sorted((_held_as(session, address) | addresses.writings(address)) - {address})]


def is_held(session: Session, address: str) -> bool:
    """Whether that stands in an address field, alone or among others, or was forgotten: it need not be an address."""
    return bool(_held_as(session, address) or forgotten.known(session, [address]))


def users_of(session: Session, address: str) -> list[str]:
    """The Slack users that have this address, however Slack spells it."""
    people = session.execute(select(Person.user_id, Person.email).where(Person.email != ""))
    return [user for user, email in people if address in addresses.within(email)]


def _held_as(session: Session, address: str) -> set[str]:
    # All are looked at: no database can tell which of them are spelt otherwise.
    fields = (Send.recipient_email, Send.sender_email, Person.email)
    return {
        email for field in fields
        for email in session.scalars(select(field).distinct().execution_options(yield_per=5_000))
        if email and address in addresses.within(email)
    }


def messages_of(session: Session, alerts: Iterable[int]) -> frozenset[int]:
    """Row ids of the messages that show these alerts."""
    return frozenset(_of(session, Notification.message_id, Notification.alert_id, alerts) - {None})


def _ids(session: Session, condition: ColumnElement[bool]) -> frozenset[int]:
    return frozenset(session.scalars(select(Send.id).where(condition)))


def _of(session: Session, wanted: Any, by: Any, ids: Iterable[int]) -> frozenset[Any]:  # noqa: ANN401 - any columns
    found: set[Any] = set()
    for some in chunks(sorted(ids)):
        found.update(session.scalars(select(wanted).where(by.in_(some))))
    return frozenset(found)


def _names(session: Session, address: str) -> set[str]:
    received = select(Send.recipient_name).where(Send.recipient_email == address)
    sent = select(Send.sender_name).where(Send.sender_email == address)
    return {name for name in (*session.scalars(received.distinct()), *session.scalars(sent.distinct())) if name.strip()}


def _own(session: Session, names: Iterable[str], address: str) -> set[str]:
    """Those of several words that nobody else bears: in a text about anybody they can only mean this person."""
    return {name for name in names if len(name.split()) > 1 and not _is_shared(session, name, address)}


def _is_shared(session: Session, name: str, address: str) -> bool:
    """Whether somebody else is called so, accents and case apart: in a text both look alike."""
    spelt = folded(name)
    near = Send.search_text.contains(f"|{spelt[:LONGEST_FIELD].rstrip()}|", autoescape=True)
    others = (
        select(Send.recipient_name).where(near, Send.recipient_email != address),
        select(Send.sender_name).where(near, Send.sender_email != address),
        select(Person.name).where(Person.email != address),
    )
    return any(folded(other) == spelt for one in others for other in session.scalars(one.distinct()))


def _mentioned(session: Session, naming: Naming) -> frozenset[int]:
    """Sends of others in whose texts the address stands: in a campaign's name, or in a status that they once had."""
    columns = [getattr(Send, name) for name in TEXTS]
    near = select(Send.id, *columns).where(or_(*(_may_hold(column, naming.email) for column in columns)))
    steps = select(SendHistory.send_id, SendHistory.status_raw).where(_may_hold(SendHistory.status_raw, naming.email))
    return frozenset(
        send_id for asked in (near, steps)
        for send_id, *texts in session.execute(asked.execution_options(yield_per=5_000))
        if any(naming.without(text, by_name=False) != text for text in texts)
    )


def _may_hold(column: Any, email: str) -> ColumnElement[bool]:  # noqa: ANN401 - any column of texts
    """A first look for an address: in lower case SQLite knows only the English letters, and each may be spelt so."""
    # A word that is no address is only looked for as a place, behind a colon.
    signs = addresses.AT if "@" in email else "." if "." in email else ":"
    return or_(*(column.contains(sign, autoescape=True) for sign in signs))


def _muted(session: Session, ids: frozenset[int]) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]]:
    """Scope and value of mutes that concern these sends: of these alone, and of others, too."""
    asked = select(Mute.scope, Mute.value).where(Mute.scope.in_(("send", "campaign", "team"))).distinct()
    there = {(scope, value) for scope, value in session.execute(asked)}
    if not there:
        return frozenset(), frozenset()
    gids = {("send", gid) for gid in _of(session, Send.send_gid, Send.id, ids)}
    columns = {"campaign": Send.campaign, "team": Send.team}
    own = {
        (scope, name) for scope, column in columns.items() for name in _of(session, column, Send.id, ids)
        if (scope, muting.folded(name)) in there
    }
    theirs = {
        (scope, muting.folded(name)) for scope, name in own
        if set(session.scalars(select(Send.id).where(columns[scope] == name).limit(len(ids) + 1))) <= ids
    }
    return frozenset((gids & there) | theirs), frozenset({(scope, muting.folded(name)) for scope, name in own} - theirs)


def answers(session: Session) -> set[int]:
    """Answers to questions and unfolded links that Slack shows: what they list is read anew when they are drawn."""
    return set(session.scalars(
        select(Message.id).where(Message.kind.in_(("answer", "unfurl")), Message.ts.is_not(None)),
    ))
