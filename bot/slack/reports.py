"""`/sends report` and the digests: how they are drawn, and the files that go with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.delivery.payload import File
from bot.reports import export, picture, words
from bot.reports.asking import NotKnown, asked_for
from bot.reports.digest import DIGEST, PICTURE
from bot.reports.summary import Summary
from bot.slack import payloads, people
from bot.slack.blocks import report_card
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.help_card import note, window
from bot.slack.blocks.report_card import LONGEST_WORDS, Report
from bot.slack.blocks.text import clip, escape
from bot.slack.deps import Deps
from bot.slack.payloads import FOREIGN, BadPayloadError, Pressed, Where
from bot.slack.replies import later, respond, show
from storage import messages
from storage.models import Message
from storage.uploads import FILE

CSV = "report_csv"
"""What stands as `file` in the body of the message that carries a table."""
COMES = {
    "report_csv": note("The table comes to you as a CSV file in a direct message."),
    PICTURE: note("The picture comes to you in a direct message."),
}
GONE = note("This report is not known any more. `/sends report` makes a new one.")
LATE = timedelta(hours=1)
"""A digest that is later than this says so."""


# --- asking -------------------------------------------------------------------------------------------


def ask(deps: Deps, place: Where, typed: str) -> None:
    """Have the report counted that is asked for in these words; it comes by the response_url."""
    later(deps, place, lambda: respond(deps, place, _answer(deps, place, typed)))


def again(deps: Deps, found: Pressed) -> None:
    """A report from a button that carries the words for it: in place of the message, or in a window."""
    place, typed = found.where, _words(found.content)

    def task() -> None:
        drawn = _answer(deps, place, typed)
        if place.view_id:
            show(deps, place, window(drawn))
        else:
            respond(deps, place, drawn, replace=place.ephemeral)

    later(deps, place, task)


def _answer(deps: Deps, place: Where, typed: str) -> Drawn:
    now = deps.clock()
    people.meet(deps, place)
    with deps.database.read() as session:
        found = asked_for(session, typed, now, _zone(deps, session, place, now), now)
    if isinstance(found, NotKnown):
        return report_card.unknown(
            found.typed, found.scope, [(one.scope, one.name) for one in found.nearest], doubt=found.doubt,
            periods=found.periods,
        )
    carried = {"q": clip(typed, LONGEST_WORDS), "at": int(now.timestamp())}
    return report_card.build(Report(found=found, carried=carried))


def _zone(deps: Deps, session: Session, place: Where, now: datetime) -> ZoneInfo:
    return people.zone(people.known(session, place.user_id, now).tz, deps.rules(session).watch.calendar.zone)


# --- files --------------------------------------------------------------------------------------------


def send_csv(deps: Deps, found: Pressed) -> None:
    """Send the report as a table to who asks."""
    _send(deps, found, CSV, "csv")


def send_picture(deps: Deps, found: Pressed) -> None:
    """Send the picture of the report to who asks."""
    _send(deps, found, PICTURE, "png")


def _send(deps: Deps, found: Pressed, what: str, ending: str) -> None:
    place, content = found.where, found.content

    def task() -> None:
        now = deps.clock()
        with deps.database.read() as session:
            counted = _counted(session, content, _zone(deps, session, place, now), now)
        if counted is None:
            respond(deps, place, GONE)
            return
        with deps.database.write() as session:
            messages.want(
                session, key=f"{what}:{found.dedupe_key}", kind=FILE, channel=place.user_id, now=now,
                body={"file": what, "summary": counted.as_json(), "filename": export.filename(counted.period, ending)},
            )
        deps.wake()
        respond(deps, place, COMES[what])

    later(deps, place, task)


def _counted(session: Session, content: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> Summary | None:
    """The report that a button stands under: a digest's own numbers, or those that its words ask for."""
    if "message" in content:
        message = session.get(Message, payloads.number(content, "message"))
        return _of_message(message)
    at = content.get("at")
    if isinstance(at, bool) or not isinstance(at, int) or not 0 <= at <= now.timestamp() + 1:
        raise BadPayloadError(FOREIGN)
    found = asked_for(session, _words(content), datetime.fromtimestamp(at, UTC), zone, now)
    return found if isinstance(found, Summary) else None


def _words(content: Mapping[str, Any]) -> str:
    typed = content.get("q")
    return typed[:LONGEST_WORDS] if isinstance(typed, str) else ""


# --- drawing ------------------------------------------------------------------------------------------


def drawn(message: Message) -> Drawn | None:
    """A digest, from the numbers that its message holds."""
    found = _of_message(message)
    if found is None:
        return None
    due_at = datetime.fromisoformat(str(message.body.get("due_at"))).astimezone(UTC)
    return report_card.build(Report(
        found=found, carried={"message": message.id}, picture=message.body.get("picture") is not True,
        due_at=due_at if message.created_at - due_at > LATE else None,
    ))


def file(session: Session, body: Mapping[str, Any]) -> File | None:
    """The picture or the table that a message carries; None where it is none of these."""
    what = body.get("file")
    stored = body if "summary" in body else None
    if stored is None and isinstance(body.get("message"), int):
        message = session.get(Message, body["message"])
        stored = message.body if message is not None else None
    if what not in {CSV, PICTURE} or stored is None:
        return None
    found = Summary.from_json(stored["summary"])
    title = words.title(found)
    only = f" Only {escape(found.about, 200)}." if found.about else ""
    if what == CSV:
        return File(
            name=export.filename(found.period, "csv"), title=title, content=export.content(found),
            comment=f"{title}: a line for each campaign and currency.{only}",
        )
    return File(
        name=export.filename(found.period, "png"), title=title, content=picture.png(found),
        comment=f"{title}, as a picture.{only}", alt_text=words.alt_text(found),
    )


def _of_message(message: Message | None) -> Summary | None:
    if message is None or message.kind != DIGEST or "summary" not in message.body:
        return None
    return Summary.from_json(message.body["summary"])


HANDLERS: dict[str, Callable[[Deps, Pressed], Any]] = {
    report_card.CSV: send_csv,
    report_card.PICTURE: send_picture,
    report_card.AGAIN: again,
}
