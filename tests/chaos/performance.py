"""One run, from an empty database to the verdict."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos import gifts, pace_audit
from tests.chaos.crowd import Crowd
from tests.chaos.findings import Findings
from tests.chaos.gifts import MARK, Gift
from tests.chaos.gifts_audit import GiftsAudit
from tests.chaos.load import Load, put
from tests.chaos.messages_audit import MessagesAudit
from tests.chaos.pace_audit import key_of
from tests.chaos.plan import Plan
from tests.chaos.presses_audit import PressesAudit
from tests.chaos.record import Record
from tests.chaos.rest import come_to_rest
from tests.chaos.server import Server
from tests.chaos.stage import Stage, staged
from tests.chaos.violence import Violence

Say = Callable[[str], None]
LOOK_EVERY = 0.5
FIRST_WITHIN = 60.0
"""Real seconds for the bot to come up and tell the first gifts."""
MOST_TOLD = 0.95
"""Of the gifts that much must have been told under violence before it ends."""

DONE = ("starts", "kills", "crashes", "freezes", "stops", "cuts")
"""What was done to the bot's processes and to PostgreSQL, and what became of them."""
RECOVERIES = {
    "post_adopted": "adopted", "double_removed": "doubles removed", "claims_lapsed": "claims lapsed",
    "claim_lost_during_call": "claims lost", "job_failed": "failed jobs",
}
"""Events of the bot's logs, and what they are called in the report."""


@dataclass(kw_only=True)
class Result:
    """What a run did and found."""

    plan: Plan
    findings: Findings = field(default_factory=Findings)
    counts: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    exceeded: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        return not self.findings

    def as_json(self) -> dict[str, Any]:
        return {
            "database": self.plan.database, "seed": self.plan.seed, "alerts": self.plan.alerts,
            "processes": self.plan.workers, "seconds": round(self.seconds, 1), "counts": self.counts,
            "faults": self.faults, "limits_exceeded": self.exceeded, **self.findings.counts,
            "findings": [f"{kind}: {what}" for kind, what in self.findings.found],
        }


def perform(plan: Plan, folder: Path, server: Server, say: Say) -> Result:
    """Load, violence, calm, and then the looking."""
    began, result = time.monotonic(), Result(plan=plan)
    load = gifts.gifts(plan)
    with staged(plan, folder, server) as stage:
        _begin(stage, say)
        violence, crowd = _storm(stage, load, say)
        say("calm")
        left = come_to_rest(stage, plan.patience)
        if left:
            result.findings.lost(f"nothing comes to rest: {left}")
        _audit(stage, [*gifts.first(), *load], crowd, result)
        if stage.fleet.counts["crashes"]:
            result.findings.wrong(f"{stage.fleet.counts['crashes']} processes ended by themselves")
        done = stage.fleet.counts + violence.counts
        result.counts |= {name: done[name] for name in DONE} | _recoveries(stage)
        result.faults = _faults(stage)
    result.seconds = time.monotonic() - began
    return result


def _begin(stage: Stage, say: Say) -> None:
    put(stage, gifts.first())
    stage.fleet.start_all()
    deadline = time.monotonic() + FIRST_WITHIN
    while len(stage.posts()) < len(gifts.first()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"the bot did not come up within {FIRST_WITHIN} s; its logs are in {stage.folder}")
        time.sleep(LOOK_EVERY / 2)
    say("the bot is up")


def _storm(stage: Stage, load: list[Gift], say: Say) -> tuple[Violence, Crowd]:
    violence, crowd, coming = Violence(stage), Crowd(stage, stage.plan.presses), Load(stage, load)
    coming.start()
    crowd.start()
    violence.start()
    deadline = time.monotonic() + stage.plan.patience
    told = 0.0
    try:
        while not (coming.is_done and crowd.is_done and violence.is_enough and told >= MOST_TOLD):
            time.sleep(LOOK_EVERY)
            told = crowd.share = _told(stage, load)
            say(f"{told:.0%} told, {crowd.accepted} presses, {stage.fleet.counts['kills']} kills")
            if time.monotonic() > deadline:
                say("the load takes longer than it may; calm now")
                break
    finally:
        coming.stop()
        crowd.stop()
        violence.stop()
    return violence, crowd


def _told(stage: Stage, load: list[Gift]) -> float:
    """The share of the gifts that are read somewhere. Long groups show only some of theirs, and count as told."""
    seen = {mark for post in stage.posts() for mark in MARK.findall(json.dumps(post.blocks))}
    hidden = {gift.mark for gift in load if gift.campaign_id in _long(load) or gift.campaign.startswith("FLOOD")}
    meant = {gift.mark for gift in load if not gift.moves_on} - hidden
    # Of very few gifts all may move on or be hidden.
    return len(seen & meant) / len(meant) if meant else 1.0


def _long(load: list[Gift]) -> set[int]:
    return {campaign for campaign, count in Counter(gift.campaign_id for gift in load).items() if count > 5}


def _audit(stage: Stage, everything: list[Gift], crowd: Crowd, result: Result) -> None:
    findings = result.findings
    with stage.database() as database, database.read() as session:
        messages = MessagesAudit(stage, session, findings)
        messages.go()
        GiftsAudit(stage, session, messages, findings).go(everything)
        record = Record(session)
        record.check(findings)
        presses = PressesAudit(stage, session, record, findings)
        presses.go(crowd.pressed)
        result.exceeded = pace_audit.check(stage, findings)
        kinds = Counter("reply" if row.thread_of else row.kind for row in messages.rows.values())
        result.counts |= {
            "alerts": len(record.alerts), "messages": len(messages.posts), "replies": kinds["reply"],
            "groups": kinds["group"] + kinds["summary"],
            "direct": sum(post.channel.startswith("D") for post in messages.posts),
            "presses": len(crowd.pressed), "brought again": sum(press.times > 1 for press in crowd.pressed),
            **{f"presses {name}": count for name, count in sorted(presses.counts.items())},
        }


def _recoveries(stage: Stage) -> dict[str, int]:
    """From the logs of the processes: what was found after unclear ends, and what they could not do."""
    events: Counter[str] = Counter()
    for worker in stage.fleet.workers:
        for line in worker.log.read_text(errors="replace").splitlines() if worker.log.exists() else ():
            try:
                events[json.loads(line)["event"]] += 1
            except (ValueError, KeyError, TypeError):
                continue  # a traceback of a process that could not start
    posts = Counter(
        key_of(call) for call in stage.calls.all if call.method == "chat.postMessage" and call.fault != "429"
    )
    return {name: events[event] for event, name in RECOVERIES.items()} | {
        "posted again": sum(count - 1 for count in posts.values()),
    }


def _faults(stage: Stage) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for (_, kind), count in stage.playground.faults.counts.items():
        counts[kind] += count
    return dict(counts.most_common())
