"""Forgetting a person: what is theirs goes, what others did and what was counted stays.

In small transactions, so that nobody waits; one that is stopped half way is simply begun again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, select, update
from sqlalchemy.orm import Session

from bot.privacy import person
from bot.privacy.person import TABLES, Known
from bot.sends.forgotten import gid_of, may_name, names_in, remember, remember_parcels
from bot.sends.naming import Naming
from bot.sends.record import SEARCHED, key_of
from bot.sends.text import fields_of, searchable
from storage import forgotten, gids, held, homes, messages, mutes, sends, wiping, workspaces
from storage.engine import Database
from storage.gids import Renamed
from storage.held import Holds
from storage.models import (
    Alert,
    ChannelPace,
    ConfigSection,
    Home,
    Message,
    Notification,
    Person,
    Send,
    SendHistory,
    UserGroup,
    Watch,
)
from storage.sends import chunks

BATCH = 500
FILES = "file"
RECIPIENT: Mapping[str, Any] = {
    "recipient_name": "", "recipient_email": "", "recipient_company": "", "tracking_url": None,
    "recipient_forgotten": True,
}
SENDER: Mapping[str, Any] = {"sender_name": "", "sender_email": "", "sender_forgotten": True}
Step = Callable[[str], None]


@dataclass(kw_only=True)
class Report:
    """What was changed or, in a dry run, would be: rows by table; and what somebody has to see to."""

    email: str
    dry_run: bool
    rows: Counter[str] = field(default_factory=Counter)
    redrawn: int = 0
    files: int = 0
    """Files that Slack holds in which the person may be named."""
    settings: list[str] = field(default_factory=list)
    """Parts of the configuration that name the person."""
    alone: list[str] = field(default_factory=list)
    """Workspaces of which the person is the only admin."""

    @property
    def known(self) -> bool:
        return bool(sum(self.rows.values()) or self.settings or self.alone)


def forget(
    database: Database, email: str, now: datetime, *, dry_run: bool = False, step: Step = lambda _: None,
    users: Collection[str] = (),
) -> Report:
    """Forget an address (in any case, and as sources have spelt it) and whoever has it; gives what was found.

    It may be anything that stands in an address field, and a field in which it is one among several is theirs.

    `users` are the person's Slack users that other databases know: with several workspaces those have the people, and
    the main one has who installed the app and who changed what there.

    A dry run changes nothing. Whatever a source tells of the address afterwards is taken in without it.
    """
    report = Report(email=email.strip().lower(), dry_run=dry_run)
    with database.read() as session:
        spellings = person.spellings(session, report.email)
    if not dry_run:
        with database.write() as session:
            sends.wait_for_turn(session)
            forgotten.add(session, spellings, now)
    # A field with several addresses before each of them: afterwards its text would no longer be found whole.
    for spelling in sorted(spellings, key=len, reverse=True):
        with database.read() as session:
            known = person.find(session, spelling, users)
            report.settings += [one for one in _settings(session, known) if one not in report.settings]
            report.files = max(report.files, _files(session, known))
        if not dry_run:
            with database.write() as session:
                remember(session, known.naming, now)
        _Forgetting(database, known, now, report, step).run()
    if not dry_run:
        step("the database file")
        wiping.wipe(database)
    return report


class _Forgetting:
    def __init__(self, database: Database, known: Known, now: datetime, report: Report, step: Step) -> None:
        self._database, self._known, self._now = database, known, now
        self._report, self._step = report, step
        self._shown: set[int] = {*known.messages, *known.mentioned_in}

    def run(self) -> None:
        # What leads to everything else, the address in sends and people, goes last: so one that was stopped is
        # found again whole.
        self._in_passing()
        self._step("people")
        self._own_rows()
        self._step("sends")
        self._mute_anew()
        for ids in chunks(sorted(self._known.sends | self._known.mentioned), BATCH):
            self._sends(ids)
        if self._known.users:
            self._once("people", delete(Person).where(Person.user_id.in_(self._known.users)))
        if not self._report.dry_run:
            # A scan at work meanwhile has written down whom the sends still named.
            with self._database.read() as session:
                self._known = person.with_what_hangs_on(session, self._known)
            self._shown |= self._known.messages
            self._in_passing()
        self._redraw()

    def _in_passing(self) -> None:
        for table in held.searched():
            self._step(table.name)
            with self._database.read() as session:
                for rows in held.batches(session, table):
                    self._take_out(table, rows)

    def _take_out(self, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        key = held.key_of(table).name
        named = [row[key] for row in rows if self._known.without(table.name, row)]
        self._report.rows[table.name] += len(named)
        self._shown.update(self._shown_of(table, key, rows, named))
        if named and not self._report.dry_run:
            with self._database.write(patient=True) as session:
                self._rewrite(session, table, named)

    def _shown_of(self, table: Table, key: str, rows: Sequence[dict[str, Any]], named: Sequence[Any]) -> set[int]:
        """Messages that may show the person because of these rows, of which `named` do by what stands in them."""
        if table.name == "messages":
            # One that only says by an id which gift it is about, such as a step of a watch, reads the rest anew.
            return {row[key] for row in rows if self._known.concerns(table.name, row)} | set(named)
        if table.name != "alerts":
            return set()
        # Others' gifts of which the person has taken up an alert.
        with self._database.read() as session:
            return set(person.messages_of(session, named))

    def _rewrite(self, session: Session, table: Table, named: Sequence[Any]) -> None:
        key = held.key_of(table)
        # Read again: somebody may have changed a row since it was looked at.
        for row in session.execute(select(table).where(key.in_(named)).order_by(key).with_for_update()).mappings():
            changed = self._known.without(table.name, {**row})
            if table.name == "alerts" and _is_taken(session, changed.get("key")):
                # Two statuses that are the same without those whom they named: one of them stands for both.
                changed["key"] += f":{row['id']}"
            if changed:
                session.execute(update(table).where(key == row[key.name]).values(**changed))

    def _own_rows(self) -> None:
        known = self._known
        place, users = f"mail:{known.naming.email}", sorted(known.users)
        self._once("channel_pace", delete(ChannelPace).where(ChannelPace.channel.in_([place, *users])))
        if not users:
            return
        self._once("homes", delete(Home).where(Home.user_id.in_(users)))
        self._once("watches", delete(Watch).where(Watch.user_id.in_(users)))
        self._of_workspaces(users)
        if self._report.dry_run:
            return
        with self._database.write() as session:
            for group in session.scalars(select(UserGroup).with_for_update()):
                if set(group.members) & known.users:
                    group.members = [one for one in group.members if one not in known.users]
            # Nobody has an alert any more that this person had taken on.
            session.execute(
                update(Alert).where(Alert.assignee == known.naming.user, Alert.state != "resolved")
                .values(assignee=None, version=Alert.version + 1),
            )
            _close_conversation(session, known.naming.user, known.naming.address, self._now)

    def _of_workspaces(self, users: Sequence[str]) -> None:
        dry_run = self._report.dry_run
        with self._database.read() if dry_run else self._database.write() as session:
            named = len(workspaces.named(session, users))
            alone = workspaces.leave(session, users, dry_run=dry_run)
        self._report.rows["workspaces"] += named - len(alone)
        self._report.alone += [one for one in alone if one not in self._report.alone]

    def _mute_anew(self) -> None:
        """Have what is muted by a name that others' sends keep muted by what the person's are called from now on."""
        if self._report.dry_run or not self._known.shared:
            return
        naming = self._known.naming
        with self._database.write() as session:
            mutes.alone(session)
            standing = mutes.in_force(session, self._now)
            there = {(mute.scope, mute.value) for mute in standing}
            # Of several that which ends last.
            for mute in reversed(standing):
                value, label = (naming.without(text, by_name=True) for text in (mute.value, mute.label))
                if (mute.scope, mute.value) in self._known.shared and (mute.scope, value) not in there:
                    there.add((mute.scope, value))
                    mutes.make(
                        session, scope=mute.scope, value=value, label=label, reason=mute.reason,
                        created_by=mute.created_by, created_at=mute.created_at, ends_at=mute.ends_at,
                    )

    def _once(self, table: str, statement: Any) -> None:  # noqa: ANN401 - a DELETE of any table
        if self._report.dry_run:
            asked = select(TABLES[table]).where(statement.whereclause)
            with self._database.read() as session:
                self._report.rows[table] += len(session.execute(asked).all())
            return
        with self._database.write() as session:
            done = session.execute(
                statement.returning(held.key_of(TABLES[table])), execution_options={"synchronize_session": False},
            )
            self._report.rows[table] += len(done.all())

    def _sends(self, ids: Sequence[int]) -> None:
        self._report.rows["sends"] += len(ids)
        if self._report.dry_run:
            return
        with self._database.write(patient=True) as session:
            sends.wait_for_turn(session)
            renamed: dict[int, Renamed] = {}
            kinds: dict[int, str] = {}
            naming = self._naming_of(session, ids)
            for send in session.scalars(select(Send).where(Send.id.in_(ids)).order_by(Send.id).with_for_update()):
                gid, kinds[send.id] = send.send_gid, send.kind
                self._blank(session, send, naming)
                if send.send_gid != gid:
                    renamed[send.id] = Renamed([gid], send.send_gid)
            gids.rename(session, renamed)
            self._steps(session, kinds, naming)

    def _naming_of(self, session: Session, ids: Sequence[int]) -> Naming:
        """The person, with the names of those of their sends that were emptied before somebody stopped it."""
        theirs = [one for one in ids if one in self._known.sends]
        columns = held.holding(TABLES["sends"], Holds.WORDS)
        asked = select(*(getattr(Send, name) for name in columns)).where(Send.id.in_(theirs))
        texts = {(str(column), text) for row in session.execute(asked).mappings() for column, text in row.items()}
        steps = session.scalars(select(SendHistory.status_raw).where(SendHistory.send_id.in_(theirs)).distinct())
        texts |= {("status_raw", text) for text in steps}
        naming = self._known.naming
        known = names_in(session, naming.email, (text for column, text in sorted(texts) if may_name(column, text)))
        return replace(naming, names=[*naming.names, *sorted(known)])

    def _steps(self, session: Session, kinds: Mapping[int, str], naming: Naming) -> None:
        steps = session.scalars(
            select(SendHistory).where(SendHistory.send_id.in_(kinds)).order_by(SendHistory.id),
        ).all()
        known = {(row.send_id, row.status_key, row.occurred_at) for row in steps}
        for row in steps:
            by_name = row.send_id in self._known.sends and may_name("status_raw", row.status_raw)
            raw = naming.without(row.status_raw, by_name=by_name)
            if raw == row.status_raw:
                continue
            # As the next telling of it will be spelt, so that no step is there twice.
            step = (row.send_id, key_of(raw, kinds[row.send_id]), row.occurred_at)
            if step in known:
                session.delete(row)
                continue
            known.add(step)
            row.status_raw, row.status_key = raw, step[1]

    def _blank(self, session: Session, send: Send, naming: Naming) -> None:
        theirs = send.id in self._known.sends
        codes = fields_of(send.search_text)[len(SEARCHED):]
        for column in held.holding(TABLES["sends"], Holds.WORDS):
            text = getattr(send, column)
            _set(send, column, naming.without(text, by_name=theirs and may_name(column, text)))
        if send.id in self._known.received:
            send.send_gid = gid_of(session, send.send_gid)
            remember_parcels(session, [*([link] if (link := send.tracking_url) else []), *codes], self._now)
            for column, blank in RECIPIENT.items():
                setattr(send, column, blank)
        if send.id in self._known.sent:
            for column, blank in SENDER.items():
                setattr(send, column, blank)
        for column in (*RECIPIENT, *SENDER):
            _set(send, column, naming.without(getattr(send, column), by_name=False))
        # A hash of what a source said, the address in it, could be found by trying.
        send.fingerprint = ""
        # A parcel's number leads to the carrier's page, which shows to whom it goes.
        codes = [] if send.recipient_forgotten else codes
        send.search_text = searchable([*(getattr(send, column) for column in SEARCHED), *codes])

    def _redraw(self) -> None:
        with self._database.read() as session:
            shown = self._shown | person.answers(session) if self._report.rows["sends"] else self._shown
            standing: set[int] = set()
            for some in chunks(sorted(shown)):
                standing.update(session.scalars(select(Message.id).where(
                    Message.id.in_(some), Message.ts.is_not(None), Message.kind != FILES,
                    Message.channel.not_in(self._known.users),
                )))
        self._report.redrawn += len(standing)
        if self._report.dry_run:
            return
        for some in chunks(sorted(standing), BATCH):
            with self._database.write() as session:
                messages.touch(session, some, self._now)
        if self._report.known:
            with self._database.write() as session:
                homes.want_all(session)


def _is_taken(session: Session, key: str | None) -> bool:
    return key is not None and session.scalar(select(Alert.id).where(Alert.key == key)) is not None


def _set(row: object, column: str, value: Any) -> None:  # noqa: ANN401 - any column
    # Only what differs is written: an index of an untouched column then stays untouched.
    if getattr(row, column) != value:
        setattr(row, column, value)


def _close_conversation(session: Session, user: str, address: str, now: datetime) -> None:
    """Nobody writes to the person any more: what stood in their direct messages is no longer kept.

    An open alert that was told there is to be told as one whose sender Slack does not know.
    """
    is_open = select(Alert.id).where(Alert.state != "resolved")
    # One that was also meant for the address is told once.
    told = select(Notification.alert_id).where(Notification.channel == user)
    session.execute(
        delete(Notification).where(Notification.channel == f"mail:{address}", Notification.alert_id.in_(told)),
        execution_options={"synchronize_session": False},
    )
    session.execute(
        update(Notification).where(Notification.channel == user, Notification.alert_id.in_(is_open)).values(
            channel=f"mail:{address}", message_id=None, next_at=now, told_at=None, last_told_at=None, repeats=0,
            escalations=0, reason="", held="",
        ).execution_options(synchronize_session=False),
    )
    theirs = select(Message.id).where(Message.channel == user)
    for statement in (
        update(Notification).where(Notification.message_id.in_(theirs)).values(message_id=None),
        delete(Message).where(Message.channel == user),
    ):
        session.execute(statement, execution_options={"synchronize_session": False})


def _settings(session: Session, known: Known) -> list[str]:
    """The parts of the configuration that name the person; who set them decides what becomes of them."""
    naming = known.everywhere
    return [
        section.section for section in session.scalars(select(ConfigSection).order_by(ConfigSection.section))
        if naming.without(section.body, by_name=True) != section.body
    ]


def _files(session: Session, known: Known) -> int:
    """Files that the bot has shared: tables and pictures of which it keeps no copy."""
    if not known.sends:
        return 0
    return len(session.scalars(select(Message.id).where(Message.kind == FILES, Message.ts.is_not(None))).all())

