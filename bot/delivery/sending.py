"""One claimed message: drawn, sent once, and its end recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog

from bot.clock import Clock
from bot.delivery import doubles
from bot.delivery.payload import File, Links, Render, Shown
from bot.delivery.settling import Ending, Settling
from bot.delivery.sharing import Sharing
from bot.delivery.sightings import Place
from bot.delivery.slack_answers import Done, Refused, Trouble
from bot.delivery.slack_codes import THREAD_GONE, Blame
from bot.delivery.slack_web import SlackWeb
from storage import messages, uploads
from storage.engine import Database
from storage.models import Message
from storage.outgoing import Claim
from storage.uploads import FILE

log = structlog.get_logger()

PLAIN_LIMIT = 3_900
"""chat.update refuses more than 4,000 characters of text; ours ends before that."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A message as it is to be sent: the revision that it shows, and under which message it hangs."""

    payload: Shown | File | Links | None
    rev: int
    channel: str
    thread_ts: str | None
    broadcast: bool = False
    is_answer: bool = False
    """Whether it hangs under somebody else's message: without that, nobody waits for it."""


class Sending:
    """Sends claimed messages."""

    def __init__(
        self, database: Database, slack: SlackWeb, render: Render, clock: Clock, settling: Settling,
    ) -> None:
        self._database, self._slack, self._render = database, slack, render
        self._clock, self._settling = clock, settling
        self._sharing = Sharing(database, slack, clock, settling)

    def send(self, claim: Claim) -> Ending:
        """Draw the message, check that the claim still stands, call Slack once, record how it ended."""
        try:
            draft = self._draw(claim)
        except Exception as error:
            # A message that cannot be drawn must not stop the others.
            log.exception("message_not_drawn", key=claim.key)
            with self._database.write() as session:
                return self._settling.failed(session, claim, f"not drawn: {error!r}"[:200], self._clock())
        if draft.payload is None:
            with self._database.write() as session:
                return self._settling.nothing(session, claim, draft.rev, self._clock())
        if self._clock() + self._settling.terms.timeout > claim.lease_until:
            with self._database.write() as session:
                return self._settling.not_tried(session, claim, "the claim ran out", self._clock())
        if isinstance(draft.payload, File):
            place = Place(channel=draft.channel, thread_ts=draft.thread_ts)
            return self._sharing.send(claim, draft.payload, place, draft.rev)
        if claim.file_id is not None and not self._gives_up_file(claim):
            return Ending.LOST
        outcome = self._call(claim, draft, draft.payload)
        return self._record(claim, draft, outcome)

    def _gives_up_file(self, claim: Claim) -> bool:
        # Words have taken the place of the file, and are what must be looked for from now on.
        with self._database.write() as session:
            return uploads.drop(session, claim.message_id, claim.attempt)

    def _draw(self, claim: Claim) -> Draft:
        now = self._clock()
        with self._database.read() as session:
            message = session.get_one(Message, claim.message_id)
            # Read before the state that is drawn: a change in between costs one redraw more, never one less.
            rev = message.wanted_rev
            parent = messages.by_key(session, claim.thread_of) if claim.thread_of else None
            is_under_nothing = parent is not None and parent.ts is None and claim.ts is None
            is_shared = claim.kind == FILE and claim.ts is not None
            if is_under_nothing or is_shared:
                return Draft(payload=None, rev=rev, channel=claim.channel, thread_ts=None)
            thread_ts = messages.thread_ts(parent, claim.thread_of)
            return Draft(
                payload=self._render(session, message, now), rev=rev,
                channel=_channel(claim, parent), thread_ts=thread_ts,
                is_answer=parent is None and thread_ts is not None,
                broadcast=message.body.get("broadcast") is True,
            )

    def _call(self, claim: Claim, draft: Draft, payload: Shown | Links) -> Done | Trouble:
        if isinstance(payload, Links):
            return self._slack.unfurl(unfurls=payload.unfurls, place=payload.place)
        outcome = self._once(claim, draft, payload.text, payload.blocks, draft.thread_ts)
        thread_ts = draft.thread_ts
        if _is_gone(outcome) and claim.ts is None and thread_ts and not draft.is_answer:
            log.warning("thread_gone", key=claim.key, channel=draft.channel)
            thread_ts = None
            outcome = self._once(claim, draft, payload.text, payload.blocks, thread_ts)
        if isinstance(outcome, Refused) and outcome.blame is Blame.MESSAGE:
            # Our own mistake, certainly not posted. Plain words are better than silence.
            log.error("blocks_refused", key=claim.key, channel=draft.channel, code=outcome.code)
            outcome = self._once(claim, draft, payload.text[:PLAIN_LIMIT], [], thread_ts)
        return outcome

    def _once(
        self, claim: Claim, draft: Draft, text: str, blocks: list[dict[str, Any]], thread_ts: str | None,
    ) -> Done | Trouble:
        if claim.ts is not None:
            return self._slack.update(channel=draft.channel, ts=claim.ts, text=text, blocks=blocks)
        return self._slack.post(
            channel=draft.channel, text=text, blocks=blocks, thread_ts=thread_ts, broadcast=draft.broadcast,
            metadata={"key": claim.key, "attempt": claim.attempt, "rev": draft.rev},
        )

    def _record(self, claim: Claim, draft: Draft, outcome: Done | Trouble) -> Ending:
        now = self._clock()
        with self._database.write() as session:
            # Links that cannot be unfolded any more are a courtesy that nobody waits for.
            is_over = isinstance(draft.payload, Links) and isinstance(outcome, Refused)
            if is_over or (draft.is_answer and claim.ts is None and _is_gone(outcome)):
                return self._settling.nothing(session, claim, draft.rev, now)
            ending = self._settling.settle(session, claim, outcome, draft.rev, now)
        if ending is Ending.LOST and claim.ts is None and isinstance(outcome, Done):
            doubles.take_back(self._database, self._slack, claim, outcome, rev=draft.rev, now=now)
        return ending


def _is_gone(outcome: Done | Trouble) -> bool:
    return isinstance(outcome, Refused) and outcome.code in THREAD_GONE


def _channel(claim: Claim, parent: Message | None) -> str:
    if claim.ts is not None:
        return claim.posted_channel or claim.channel
    return (parent.posted_channel if parent is not None else None) or claim.channel
