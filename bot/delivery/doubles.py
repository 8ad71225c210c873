"""Taking away what stands in a channel twice."""

from __future__ import annotations

from datetime import datetime

import structlog

from bot.delivery.slack_answers import Done, Trouble
from bot.delivery.slack_web import SlackWeb
from storage import outgoing
from storage.engine import Database
from storage.outgoing import Claim

log = structlog.get_logger()


def remove(slack: SlackWeb, channel: str, ts: str) -> Done | Trouble:
    """Delete a post that another one stands for already."""
    outcome = slack.delete(channel=channel, ts=ts)
    log.warning("double_removed", channel=channel, ts=ts, gone=isinstance(outcome, Done))
    return outcome


def take_back(database: Database, slack: SlackWeb, claim: Claim, done: Done, *, rev: int, now: datetime) -> None:
    """A post went through after its claim was lost: it is adopted while nobody else has posted, else deleted.

    The process stood still for longer than its lease, just before the call: somebody else took over.
    """
    with database.write() as session:
        counts = outgoing.adopt_late(session, claim.message_id, ts=done.ts, channel=done.channel, rev=rev, now=now)
    log.warning("claim_lost_during_call", key=claim.key, ts=done.ts, counts=counts)
    if counts is not None and counts != done.ts:
        remove(slack, done.channel, done.ts)
