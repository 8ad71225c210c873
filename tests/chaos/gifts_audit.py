"""Every gift told once in each of its places, looked up by the marks in what people read as well as by the rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.alerts.routing import MAIL
from bot.playground.reading import Reader
from storage.models import Alert, AlertEvent, Notification, Send
from tests.chaos.findings import Findings
from tests.chaos.gifts import MARK, Gift
from tests.chaos.messages_audit import MessagesAudit
from tests.chaos.places import ESCALATED
from tests.chaos.stage import Stage

AGAIN = ("snooze_ended", "mute_ended")
AT_MOST = {"repeated": 1, "escalated": 2}
"""How often the policies of a run let an alert be brought up again for that reason, from one telling to the next.

An undo after which it fires counts like a telling."""


class GiftsAudit:
    """Goes from each gift to its alert, its places, the messages there, and what these show."""

    def __init__(self, stage: Stage, session: Session, messages: MessagesAudit, findings: Findings) -> None:
        self._stage, self._session, self._messages, self._findings = stage, session, messages, findings
        self._alerts = defaultdict[str, list[Alert]](list)
        for gid, alert in session.execute(select(Send.send_gid, Alert).join(Alert, Alert.send_id == Send.id)):
            self._alerts[gid].append(alert)
        self._told = defaultdict[int, list[Notification]](list)
        for one in session.scalars(select(Notification).order_by(Notification.id)):
            self._told[one.alert_id].append(one)
        self._rows = {row.id: row for row in messages.rows.values()}
        self._seen = self._marks()

    def go(self, gifts: Iterable[Gift]) -> None:
        for gift in gifts:
            self._gift(gift)
        self._replies()

    def _marks(self) -> dict[str, Counter[tuple[str, str]]]:
        """Where each mark is read: channel and ts of the message."""
        reader = Reader(state=self._stage.playground.slack.state)
        seen = defaultdict[str, Counter[tuple[str, str]]](Counter)
        for post in self._messages.posts:
            if not post.is_reply:
                for mark in set(MARK.findall("\n".join([post.text, *reader.lines(list(post.blocks))]))):
                    seen[mark][post.channel, post.ts] += 1
        return seen

    def _gift(self, gift: Gift) -> None:
        alerts = self._alerts[self._stage.gids[gift.number]]
        if len(alerts) > 1:
            self._findings.doubled(f"{gift.mark} has {len(alerts)} alerts: {[alert.key for alert in alerts]}")
        if not alerts and not gift.moves_on:
            self._findings.lost(f"{gift.mark} ({gift.campaign}) has no alert")
        meant = set[tuple[str, str]]()
        for alert in alerts:
            meant |= self._places(gift, alert)
        for place in self._seen[gift.mark]:
            if place not in meant:
                self._findings.doubled(f"{gift.mark} is read in {place}, where no row leads")

    def _places(self, gift: Gift, alert: Alert) -> set[tuple[str, str]]:
        """Channel and ts of each message that shows the alert."""
        meant = set[tuple[str, str]]()
        missing = {self._person(place) for place in gift.places}
        for one in self._told[alert.id]:
            place = self._person(one.channel)
            if place in missing:
                missing.discard(place)
            elif not self._may_be_escalated(gift, place):
                self._findings.doubled(f"{gift.mark} is told in {one.channel}, too")
            row = self._rows.get(one.message_id or 0)
            if row is not None and row.ts is not None:
                meant.add((row.posted_channel or row.channel, row.ts))
                self._is_read(gift, row.kind, (row.posted_channel or row.channel, row.ts))
            elif not gift.moves_on:
                self._findings.lost(f"{gift.mark} ({gift.campaign}) was never told in {one.channel}")
        if missing and not gift.moves_on:
            self._findings.lost(f"{gift.mark} ({gift.campaign}) has no way to {missing}")
        return meant

    def _is_read(self, gift: Gift, kind: str, place: tuple[str, str]) -> None:
        if kind == "alert" and place not in self._seen[gift.mark]:
            self._findings.lost(f"{gift.mark} is not read in {place}, where it should be")

    def _person(self, place: str) -> str:
        """People by their Slack id, however they were meant."""
        if not place.startswith(MAIL):
            return place
        people = self._stage.playground.slack.state.people.values()
        return next((one.id for one in people if one.email == place.removeprefix(MAIL)), place)

    def _may_be_escalated(self, gift: Gift, place: str) -> bool:
        sender = self._person(f"{MAIL}{gift.sender}@example.com")
        return gift.campaign.startswith("URGENT") and place in {ESCALATED, sender}

    def _undone(self) -> Counter[int]:
        """How often each alert fired again because somebody took something back: its clocks begin anew then."""
        undos = self._session.scalars(select(AlertEvent).where(AlertEvent.action == "undo"))
        return Counter(
            event.alert_id for event in undos
            if event.alert_id is not None and event.after.get("state") == "firing"
        )

    def _replies(self) -> None:
        """What is said below a message comes no more often than the policy lets it."""
        said = defaultdict[int, Counter[str]](Counter)
        for key, row in self._messages.rows.items():
            if row.thread_of is not None:
                reason, _, rest = key.partition(":")
                said[int(rest.partition(":")[0])][reason] += 1
        undone, alert_of = self._undone(), {one.id: one.alert_id for some in self._told.values() for one in some}
        for notification, counts in said.items():
            tellings = 1 + sum(counts[reason] for reason in AGAIN) + undone[alert_of.get(notification, 0)]
            for reason, most in AT_MOST.items():
                if counts[reason] > most * tellings:
                    self._findings.doubled(f"notification {notification} was {reason} {counts[reason]} times")
