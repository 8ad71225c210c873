"""`/sends audit`: the audit log as a file in the direct messages of the admin who asks for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from bot import audit, past
from bot.alerts import refusals
from bot.alerts.lifecycle import Code, Refused
from bot.alerts.permissions import ADMINS
from bot.alerts.pressed import REFUSED
from bot.delivery.payload import File
from bot.slack import people
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.help_card import note
from bot.slack.blocks.text import count, escape, stamp, whole
from bot.slack.deps import Deps
from bot.slack.payloads import Where
from bot.slack.rights import who
from storage import audit as stored
from storage import events, messages

AUDIT = "audit"
"""The action on record, and what stands in the body of the file's message."""
USUAL = "30 days"
OTHER = "`/sends audit 7 days` asks for another span."


def ask(deps: Deps, place: Where, words: str) -> Drawn:
    """Have the log since then sent to an admin; the answer says so, or who may, or how to say since when."""
    now = deps.clock()
    with deps.database.read() as session:
        rules = deps.rules(session)
        zone = people.zone(people.known(session, place.user_id, now).tz, rules.watch.calendar.zone)
        since = past.since(words or USUAL, now, zone)
        may = place.user_id in rules.routing.admins
        number = _rows(session, since, now) if may and since is not None else 0
    if not may:
        with deps.database.write() as session:
            _record(session, place, now, REFUSED, {"wanted": AUDIT, "who": [ADMINS]})
        refused = refusals.refusal(Refused(code=Code.FORBIDDEN, detail=ADMINS), now)
        return note(f"{refused} {who(rules.routing.admins)}")
    if since is None or since >= now:
        return note(_not_understood(words))
    with deps.database.write() as session:
        _want(session, place, since, now, number)
    deps.wake()
    since_when = "" if since == past.BEGINNING else f" since {stamp(since)}"
    return note(f"The audit log{since_when}, {_how_many(number)}, comes to you as a file in a direct message. {OTHER}")


def _rows(session: Session, since: datetime, until: datetime) -> int:
    return stored.count_events(session, since, until) + stored.count_config_changes(session, since, until)


def _how_many(number: int) -> str:
    if number <= audit.MOST_IN_SLACK:
        return count(number, "row")
    latest = f"the latest {whole(audit.MOST_IN_SLACK)} of {whole(number)} rows"
    return f"{latest} (`sendwatch audit` on the command line gives all)"


def _not_understood(words: str) -> str:
    examples = ", ".join(f"`{example}`" for example in past.EXAMPLES)
    return f"I do not know since when “{escape(words, 60)}” is. I understand for example {examples}."


def _want(session: Session, place: Where, since: datetime, now: datetime, number: int) -> None:
    messages.want(
        session, key=_name(place, now), kind="file", channel=place.user_id, now=now, body={
            "file": AUDIT, "since": since.isoformat(), "until": now.isoformat(),
            "filename": f"sendwatch-audit-{now:%Y-%m-%d}.csv", "title": "Audit log of Sendwatch",
            "comment": f"The audit log from {stamp(since)} to {stamp(now)}, for you alone.",
        },
    )
    _record(session, place, now, AUDIT, {"since": since.isoformat(), "rows": number})


def _name(place: Where, now: datetime) -> str:
    return f"{AUDIT}:{place.user_id}:{place.trigger_id or int(now.timestamp() * 1000)}"


def _record(session: Session, place: Where, now: datetime, action: str, detail: dict[str, Any]) -> None:
    events.record(session, [{
        "action": action, "actor": place.user_id, "actor_name": place.user_name, "team_id": place.team_id,
        "channel": place.channel, "occurred_at": now, "detail": detail, "dedupe_key": f"{_name(place, now)}|{action}",
    }])


def drawn(session: Session, body: dict[str, Any]) -> File:
    """The file, from what its message's body says."""
    since, until = (datetime.fromisoformat(body[name]).astimezone(UTC) for name in ("since", "until"))
    return File(
        name=body["filename"], title=body["title"], comment=body["comment"],
        content=audit.csv_bytes(session, since, until),
    )
