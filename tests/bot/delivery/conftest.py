"""Delivery with everything real but Slack itself, which stands on loopback, and the clock, which is moved by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.delivery.deliver import Deliver, DeliveryReport
from bot.delivery.pacing import Terms
from bot.delivery.payload import File, Payload
from bot.delivery.slack_answers import Trouble
from bot.delivery.slack_web import SlackWeb
from bot.origin import ALONE, Origin
from storage import messages
from storage.engine import Database
from storage.models import ChannelPace, Message
from tests.bot.delivery.slack_double import SlackDouble, serving


@dataclass(kw_only=True)
class HandClock:
    """Stands still until it is moved."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


class Killed(BaseException):
    """The process was killed at this point."""


class MortalSlackWeb(SlackWeb):
    """Dies once, just before or just after a call."""

    dies_before = dies_after = ""

    def _call(self, method: str, body: dict[str, Any], *, form: bool = False) -> dict[str, Any] | Trouble:
        self._die(method, before=True)
        found = super()._call(method, body, form=form)
        self._die(method, before=False)
        return found

    def _send_bytes(self, url: str, content: bytes) -> Trouble | None:
        self._die("upload", before=True)
        found = super()._send_bytes(url, content)
        self._die("upload", before=False)
        return found

    def _die(self, method: str, *, before: bool) -> None:
        if method == (self.dies_before if before else self.dies_after):
            self.dies_before = self.dies_after = ""
            raise Killed(method)


def show_body(_session: Session, message: Message, _now: datetime) -> Payload | File | None:
    """Draws what the body says; nothing for a body without text."""
    if message.body.get("bug"):
        raise KeyError("no such send")
    text: str = message.body.get("text", "")
    if message.kind == "file":
        return File(
            name=message.body.get("filename", "report.csv"), title=message.body.get("title", "Report"),
            content=text.encode(), comment=message.body.get("comment", ""), alt_text="what it shows",
        )
    return Payload(text=text, blocks=[{"type": "divider"}]) if text else None


@dataclass(kw_only=True)
class Office:
    """One bot at work: database, Slack, clock, delivery."""

    database: Database
    slack: SlackDouble
    url: str
    clock: HandClock
    origin: Origin = ALONE
    made: int = 0
    counted: list[tuple[str, str]] = field(default_factory=list)

    def deliver(self, **options: Any) -> Deliver:  # noqa: ANN401 - handed on
        terms = options.setdefault("terms", Terms(timeout=timedelta(seconds=10)))
        web = MortalSlackWeb(
            "xoxb-test", self.url, timeout=terms.timeout, count=lambda *call: self.counted.append(call),
            origin=self.origin,
        )
        web.dies_before, web.dies_after = options.pop("dies_before", ""), options.pop("dies_after", "")
        options.setdefault("admins", ("UADMIN",))
        return Deliver(self.database, web, options.pop("render", show_body), self.clock, **options)

    def run(self, **options: Any) -> DeliveryReport:  # noqa: ANN401 - handed on
        return self.deliver(**options).run()

    def wish(self, text: str = "hello", *, channel: str = "C1", **options: Any) -> int:  # noqa: ANN401 - handed on
        """A message that Slack shall show; gives its id."""
        self.made += 1
        body = {"text": text, **options.pop("body", {})}
        with self.database.write() as session:
            return messages.want(
                session, key=options.pop("key", f"test:{self.made}"), kind=options.pop("kind", "notice"),
                channel=channel, now=self.clock(), body=body, **options,
            ).id

    def until_rest(self, **options: Any) -> list[DeliveryReport]:  # noqa: ANN401 - handed on
        """Run and move the clock on to the next message, until Slack shows everything."""
        reports = []
        for _ in range(200):
            reports.append(self.run(**options))
            next_at = reports[-1].next_at
            if next_at is None:
                return reports
            assert next_at > self.clock.at, "it spins"
            self.clock.at = next_at
        raise AssertionError("messages do not come to rest")

    def change(self, message_id: int, text: str, *, priority: int = 0) -> None:
        with self.database.write() as session:
            session.get_one(Message, message_id).body = {"text": text}
            messages.touch(session, [message_id], self.clock(), priority=priority)

    def message(self, message_id: int) -> Message:
        with self.database.read() as session:
            found = session.get_one(Message, message_id)
            session.expunge(found)
            return found

    def edit(self, message_id: int, **values: Any) -> None:  # noqa: ANN401 - columns of every type
        with self.database.write() as session:
            message = session.get_one(Message, message_id)
            for name, value in values.items():
                setattr(message, name, value)

    def pace(self, channel: str = "C1") -> ChannelPace:
        with self.database.read() as session:
            found = session.get_one(ChannelPace, channel)
            session.expunge(found)
            return found

    def notices(self) -> list[Message]:
        with self.database.read() as session:
            found = session.scalars(select(Message).where(Message.key.startswith("notice:")).order_by(Message.id)).all()
            session.expunge_all()
            return list(found)


@pytest.fixture
def clock(now: datetime) -> HandClock:
    return HandClock(at=now)


@pytest.fixture
def office(database: Database, clock: HandClock) -> Iterator[Office]:
    slack = SlackDouble(clock)
    with serving(slack) as url:
        yield Office(database=database, slack=slack, url=url, clock=clock)


@pytest.fixture
def sqlite_office(sqlite: Database, clock: HandClock) -> Iterator[Office]:
    """For what does not depend on the database."""
    slack = SlackDouble(clock)
    with serving(slack) as url:
        yield Office(database=sqlite, slack=slack, url=url, clock=clock)
