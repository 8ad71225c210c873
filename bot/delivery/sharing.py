"""Posting a file: brought to Slack first, written down, then shared in the channel once."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

import structlog
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.delivery import doubles
from bot.delivery.payload import File
from bot.delivery.settling import Ending, Settling
from bot.delivery.sightings import Place, channel_id
from bot.delivery.slack_answers import Done, Refused, Shares, Trouble, Unclear
from bot.delivery.slack_codes import FILE_GONE, THREAD_GONE
from bot.delivery.slack_web import SlackWeb
from storage import uploads
from storage.engine import Database
from storage.outgoing import FILES, Claim

log = structlog.get_logger()


@dataclass(frozen=True)
class Taken:
    """Slack said yes, now or before, but does not show the file yet."""


@dataclass(frozen=True)
class Gone:
    """Slack knows nothing of the file: it is shown nowhere, and never will be."""


Found = Done | Taken | Gone | Trouble
Written = TypeVar("Written")


class Sharing:
    """Sends claimed messages that carry a file."""

    def __init__(self, database: Database, slack: SlackWeb, clock: Clock, settling: Settling) -> None:
        self._database, self._slack, self._clock, self._settling = database, slack, clock, settling

    def send(self, claim: Claim, file: File, place: Place, rev: int) -> Ending:
        """Upload, commit which file it is, check that the claim still stands, share once, record how it ended.

        A file that an earlier try has brought to Slack is shared, not brought again.
        """
        channel = channel_id(self._slack, place.channel)
        if not isinstance(channel, str):
            return self._not_uploaded(claim, channel)
        if claim.file_id is None:
            file_id = self._slack.upload(name=file.name, content=file.content, alt_text=_alt_text(file, claim))
            if not isinstance(file_id, str):
                return self._not_uploaded(claim, file_id)
            if not self._write(lambda session, _: uploads.keep(session, claim.message_id, claim.attempt, file_id)):
                return Ending.LOST
            claim = replace(claim, file_id=file_id)
        if self._clock() + self._settling.terms.timeout > claim.lease_until:
            return self._write(
                lambda session, now: self._settling.not_tried(session, claim, "the claim ran out", now),
            )
        return self._record(claim, self._share(claim, file, replace(place, channel=channel)), rev)

    def _share(self, claim: Claim, file: File, place: Place) -> Found:
        found = self._once(claim, file, place)
        if isinstance(found, Refused) and place.thread_ts and found.code in THREAD_GONE:
            log.warning("thread_gone", key=claim.key, channel=place.channel)
            found = self._once(claim, file, replace(place, thread_ts=None))
        if isinstance(found, Shares):
            return standing(self._slack, found, place.channel) or self._look(claim, place.channel, otherwise=Taken())
        if isinstance(found, Refused) and found.code in FILE_GONE:
            # It may also have been shared before, by a call whose answer was lost.
            return self._look(claim, place.channel, otherwise=Unclear(reason=found.code))
        return found

    def _once(self, claim: Claim, file: File, place: Place) -> Shares | Trouble:
        return self._slack.share(
            file_id=claim.file_id or "", title=file.title, channel=place.channel, comment=file.comment,
            thread_ts=place.thread_ts,
        )

    def _look(self, claim: Claim, channel: str, otherwise: Found) -> Found:
        found = whereabouts(self._slack, claim.file_id or "", channel)
        return found if isinstance(found, Done | Taken) or _is_gone(found, otherwise) else otherwise

    def _not_uploaded(self, claim: Claim, trouble: Trouble) -> Ending:
        return self._write(lambda session, now: self._settling.not_uploaded(session, claim, trouble, now))

    def _record(self, claim: Claim, found: Found, rev: int) -> Ending:
        ending = self._write(lambda session, now: self._settle(session, claim, found, rev, now))
        if ending is Ending.LOST and isinstance(found, Done):
            doubles.take_back(self._database, self._slack, claim, found, rev=rev, now=self._clock())
        return ending

    def _settle(self, session: Session, claim: Claim, found: Found, rev: int, now: datetime) -> Ending:
        match found:
            case Done():
                self._settling.works(session, FILES)
                return self._settling.settle(session, claim, found, rev, now)
            case Taken():
                return self._settling.taken(session, claim, now)
            case Gone():
                return self._settling.begin_anew(session, claim, "file_not_found", now)
            case _:
                return self._settling.file_trouble(session, claim, found, now)

    def _write(self, does: Callable[[Session, datetime], Written]) -> Written:
        with self._database.write() as session:
            return does(session, self._clock())


def whereabouts(slack: SlackWeb, file_id: str, channel: str) -> Found:
    """What became of a file that was to be shared in `channel` (a channel id)."""
    found = slack.shares(file_id)
    if isinstance(found, Shares):
        return standing(slack, found, channel) or Taken()
    return Gone() if isinstance(found, Refused) and found.code in FILE_GONE else found


def standing(slack: SlackWeb, shares: Shares, channel: str) -> Done | None:
    """The message in which a file stands in a channel, the first if there are several; the others are taken away."""
    seen = shares.in_channel(channel)
    for ts in seen[1:]:
        doubles.remove(slack, channel, ts)
    return Done(ts=seen[0], channel=channel) if seen else None


def _is_gone(found: Found, otherwise: Found) -> bool:
    # Straight after a yes, that Slack does not know the file only means that it has not come so far.
    return isinstance(found, Gone) and not isinstance(otherwise, Taken)


def _alt_text(file: File, claim: Claim) -> str:
    # Slack takes a description of images only; with one it has been seen to say yes and then to share nothing.
    kind = mimetypes.guess_type(file.name)[0] or ""
    return file.alt_text if kind.startswith("image/") and not claim.files_before else ""
