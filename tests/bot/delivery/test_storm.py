"""Everything goes wrong at random, and in the end each message stands in its place once and shows the last state."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.delivery.slack_web import SlackWeb
from bot.delivery.sweep import Sweep
from storage.models import Message
from tests.bot.delivery.conftest import Office
from tests.bot.delivery.slack_double import Fault

METHODS = [
    "chat.postMessage", "chat.update", "conversations.history", "conversations.replies", "conversations.open",
    "files.getUploadURLExternal", "upload", "files.completeUploadExternal", "files.info", "users.lookupByEmail",
]
FAULTS: list[Callable[[], Fault]] = [
    lambda: Fault(status=429, headers={"Retry-After": "3"}, body=b"{}"),
    lambda: Fault(status=500, body=b"{}"),
    lambda: Fault(status=500, body=b"{}", stores=True),
    lambda: Fault(drops=True),
    lambda: Fault(drops=True, stores=True),
    lambda: Fault(body=b"<html>", stores=True),
    lambda: Fault(error="internal_error", stores=True),
    lambda: Fault(error="is_archived"),
    lambda: Fault(error="token_revoked"),
]
PLACES = ["C1", "C2", "U3", "mail:four@x.example", "mail:nobody@x.example"]
SHOWN_IN = {"C1": "C1", "C2": "C2", "U3": "D3", "mail:four@x.example": "D4", "mail:nobody@x.example": "C1"}


@dataclass(kw_only=True)
class Storm:
    office: Office
    chance: random.Random
    wished: dict[int, str] = field(default_factory=dict)
    """Where each message belongs, by its id."""

    def step(self) -> None:
        doing = [self.wish, self.wish, self.press, self.fault, self.fault, self.run, self.run, self.wait, self.sweep]
        self.chance.choice(doing)()

    def wish(self) -> None:
        place, number = self.chance.choice(PLACES), len(self.wished)
        kind = self.chance.choice(["notice", "notice", "file"])
        parents = [key for key, channel in self._posted().items() if channel == SHOWN_IN[place]]
        parent = self.chance.choice(parents) if parents and self.chance.random() < 0.4 else None
        made = self.office.wish(f"message {number}", channel=place, key=f"k{number}", kind=kind, thread_of=parent)
        self.wished[made] = SHOWN_IN[place]

    def press(self) -> None:
        if self.wished:
            message_id = self.chance.choice(list(self.wished))
            message = self.office.message(message_id)
            if message.kind != "file":
                self.office.change(message_id, f"{message.body['text']}!", priority=10)

    def fault(self) -> None:
        method, fault = self.chance.choice(METHODS), self.chance.choice(FAULTS)()
        if method == "users.lookupByEmail" and fault.error == "is_archived":
            fault.error = "internal_error"  # it would say of an address that it can never be found
        self.office.slack.fault(method, fault)

    def run(self) -> None:
        dies = {self.chance.choice(["dies_before", "dies_after"]): self.chance.choice(METHODS)}
        self.office.run(fallback="C1", **(dies if self.chance.random() < 0.4 else {}))

    def wait(self) -> None:
        self.office.clock.forward(seconds=self.chance.choice([0.5, 1, 5, 60, 130]))

    def sweep(self) -> None:
        Sweep(self.office.database, SlackWeb("xoxb-test", self.office.url), self.office.clock).run()

    def calms_down(self) -> None:
        self.office.slack.faults.clear()
        for _ in range(3):
            self.office.until_rest(fallback="C1")
            self.office.clock.forward(hours=2)
            self.sweep()

    def _posted(self) -> dict[str, str | None]:
        with self.office.database.read() as session:
            found = session.execute(select(Message.key, Message.posted_channel).where(
                Message.ts.is_not(None), Message.thread_of.is_(None), Message.key.startswith("k"),
            ))
            return {row[0]: row[1] for row in found}


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_lost_or_doubled(office: Office, seed: int) -> None:
    office.slack.users["four@x.example"] = {"id": "U4", "profile": {}}
    storm = Storm(office=office, chance=random.Random(seed))  # noqa: S311 - no secret
    for _ in range(80):
        storm.step()
    storm.calms_down()
    stands = dict[tuple[str, str], str]()
    for channel, posts in office.slack.channels.items():
        for post in posts:
            assert (channel, post["ts"]) not in stands
            file = office.slack.files[post["files"][0]["id"]]["content"].decode() if "files" in post else None
            stands[channel, post["ts"]] = file or post["text"]
    for message_id, channel in storm.wished.items():
        message = office.message(message_id)
        assert (message.posted_channel, message.next_at, message.phase) == (channel, None, "idle"), message.key
        assert stands.pop((channel, message.ts or "")) == message.body["text"]
    assert {channel for channel, _ in stands} <= {"DADMIN"}, "all that is left are notices to the admin"
    assert office.clock.at > office.slack.calls[0].at + timedelta(hours=1)
