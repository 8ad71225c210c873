"""What the settings show, read from the tables: all sections, and the things of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts.rulebook import Rulebook
from bot.config.current import InForce
from bot.slack.blocks import connection_window, route_words, setting_windows, setting_words
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.limits import button
from bot.slack.blocks.setting_windows import PAGE, Line, Part
from bot.slack.blocks.text import own, stamp
from bot.slack.deps import Deps
from bot.slack.settings import digests, sections, standing
from bot.slack.settings.standing import Standing
from bot.statuses import catalogue
from bot.statuses.catalogue import Status
from storage import config as stored

NO_LIMIT = "No deadline: nothing is awaited."
SHOWN_BY_ITSELF = "Limits of Sendwatch"


def overview(session: Session, deps: Deps, note: str = "") -> Block:
    """Every section as it is in force."""
    found, rows, now = deps.configured(session), stored.sections(session), deps.clock()
    rules = deps.drafted(found.document)
    parts = [
        Part(
            section=name, summary=setting_words.summary(name, found.document, rules, now),
            changed_by=rows[name].changed_by if name in rows else "",
            changed_at=rows[name].changed_at if name in rows else None, broken=name in found.broken,
        )
        for name in setting_words.TITLES
    ]
    stand = deps.sendoso.standing() if deps.sendoso is not None else None
    return setting_windows.overview(parts, note, connection_window.told(stand) if stand is not None else ())


def things(session: Session, deps: Deps, name: str, offset: int, data: Mapping[str, Any], note: str = "") -> Block:
    """A page of the things of a section; `data` names the window below (`over`)."""
    found, now = deps.configured(session), deps.clock()
    places = list(enumerate(standing.places(name, found.plain(name))))
    offset = offset if offset < len(places) else max(0, (len(places) - 1) // PAGE * PAGE)
    carried = {"over": data["over"]} if isinstance(data.get("over"), str) else {}
    return setting_windows.things(
        name, _lines(session, deps, found, name, places[offset:offset + PAGE], len(places), now), total=len(places),
        offset=offset, add=[*sections.add_button(name, found.seen(name)), *_by_itself(name)], note=note,
        rest=_rest(deps, found, name), data=carried,
    )


def _lines(
    session: Session, deps: Deps, found: InForce, name: str, some: Sequence[tuple[int, str | int]], total: int,
    now: datetime,
) -> list[Line]:
    rules, version = deps.drafted(found.document), found.seen(name)
    return [
        Line(
            text=setting_words.thing(name, found.document, rules, key, now) + _next(session, name, rules, key, now),
            choices=sections.offers(name, number, key, total, version),
        )
        for number, key in some
    ]


def _next(session: Session, name: str, rules: Rulebook, key: str | int, now: datetime) -> str:
    """When a thing happens next that happens by the clock, on a line of its own."""
    if name != "digests" or not isinstance(key, int):
        return ""
    return f"\n{digests.next_time(session, rules.digests[key], now)}"


def _rest(deps: Deps, found: InForce, name: str) -> list[str]:
    """What holds where none of the things of a section does."""
    if name == "routes":
        rest = "All the rest" if found.document.routes else "Everything"
        place = route_words.channel(deps.drafted(found.document).routing.alert_channel)
        return [f"*{rest}* → {place} · policy default"]
    if name == "thresholds" and not found.document.thresholds:
        return ["None of your own yet: every status keeps the limit that Sendwatch has by itself."]
    if name == "digests" and not found.document.digests:
        return ["None yet. `/sends report` tells you alone the same at any time."]
    return []


def _by_itself(name: str) -> list[Block]:
    if name != "thresholds":
        return []
    return [button(SHOWN_BY_ITSELF, "setting_limits", {}, label="The limits that Sendwatch has by itself")]


def limits() -> Block:
    """The limits of the catalogue, status by status."""
    lines = [
        f"*{own(catalogue.title(one))}*: {own(' / '.join(dict.fromkeys(told)))}" for one in Status
        if (told := [meaning.threshold for meaning in catalogue.meanings(one) if meaning.threshold != NO_LIMIT])
    ]
    first = "Without a threshold of your own, these count. Every status that is not listed has no limit."
    return setting_windows.limits([first, *route_words.packed(lines, setting_windows.ROOM)])


def version(session: Session, name: str) -> int:
    """The version of a section; 0 where none was ever set."""
    return next((number for section, number, _ in stored.versions(session) if section == name), 0)


def as_it_is(deps: Deps, stand: Standing) -> str:
    """The thing that a window is about, as it is now; empty where there is none."""
    if stand.item is None:
        return ""
    rules = deps.drafted(stand.document)
    told = setting_words.thing(stand.section, stand.document, rules, stand.key, deps.clock())
    return f"*As it is now*\n{told}"


def changed_since(session: Session, name: str, since: str) -> str:
    """Who has changed a section, and when, as a sentence in mrkdwn that ends with `since`."""
    row = stored.sections(session).get(name)
    if row is None:
        return since
    title = own(setting_words.TITLES.get(name, name))
    return f"{setting_windows.who(row.changed_by)} has changed “{title}” meanwhile, {stamp(row.changed_at)}. {since}"

