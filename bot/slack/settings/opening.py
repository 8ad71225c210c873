"""Buttons of the settings: the windows that they open, and the pages that they turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from bot.config import places
from bot.slack import grammar, groups, payloads
from bot.slack.blocks import route_words, setting_fields, setting_form, setting_windows
from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.help_card import note
from bot.slack.blocks.setting_words import TITLES
from bot.slack.blocks.text import own
from bot.slack.deps import Deps
from bot.slack.payloads import FOREIGN, BadPayloadError, Pressed, Where
from bot.slack.replies import later, redraw, show, tell
from bot.slack.settings import access, changing, choices, digests, history, overview, sections
from bot.slack.settings.effects import effect
from bot.slack.settings.form import Form
from bot.slack.settings.standing import ADD, EDIT, WHOLE, Standing, standing
from bot.slack.sharing import is_shared

ALSO = {
    "limits": "thresholds", "limit": "thresholds", "route": "routes", "channels": "routes", "quiet hours": "policies",
    "repeats": "policies", "escalation": "policies", "holidays": "calendar", "business days": "calendar",
    "who may press": "permissions", "budget": "budgets", "reports": "digests",
    "look-ups": "look_ups", "record": "look_ups",
}
"""What else people call a section."""
LOOK_AGAIN = "Nothing was changed. This is how it stands now."
OVERFULL = (
    "“{field}” holds more than the {most} that fit into a window of Slack's. Change it in the file: "
    "`sendwatch config export`, then `sendwatch config import`."
)
GONE = "Somebody has taken it away meanwhile."
NOT_OPENED = note("Slack did not let me open the window in time. Press “Open the settings”, please.")


# --- opening ------------------------------------------------------------------------------------------


def command(deps: Deps, place: Where, query: str = "") -> Drawn:
    """What `/sends settings` answers: that the window opens, or who may open it. `query` may name a section."""
    refused = access.refused(deps, place, f"typed|{place.trigger_id}|{place.user_id}")
    if refused is not None:
        return refused
    name = named(query)
    # What is one thing is a form, which is changed from the overview.
    drawn = drawn_overview if name in {"", *WHOLE} else partial(_drawn_section, name=name)
    later(deps, place, lambda: show(deps, place, drawn(deps), instead=NOT_OPENED))
    return draw(setting_windows.opened_elsewhere())


def named(query: str) -> str:
    """The section that is meant by words such as "routes" or "quiet hours"; empty for none."""
    said = query.casefold()
    words = {**{title.casefold(): name for name, title in TITLES.items()}, **{name: name for name in TITLES}, **ALSO}
    near = grammar.nearest(said, list(words), limit=1) if said else ()
    return words[near[0]] if near else ""


def _drawn_section(deps: Deps, name: str) -> Block:
    with deps.database.read() as session:
        return overview.things(session, deps, name, 0, {})


def open_settings(deps: Deps, found: Pressed) -> None:
    """All sections, from wherever the button stands."""
    place = found.where

    def task() -> None:
        if _told_not_to(deps, found):
            return
        if place.view_type == "modal":
            redraw(deps, place.view_id, lambda: drawn_overview(deps), place.view_hash, reader=place.user_id)
        else:
            show(deps, place, drawn_overview(deps))

    later(deps, place, task)


def drawn_overview(deps: Deps) -> Block:
    """All sections, from what is true now."""
    with deps.database.read() as session:
        return overview.overview(session, deps)


def _told_not_to(deps: Deps, found: Pressed) -> bool:
    refused = access.refused(deps, found.where, found.dedupe_key)
    if refused is not None:
        tell(deps, found.where, refused)
    return refused is not None


def open_section(deps: Deps, found: Pressed) -> None:
    """The things of a section, or its form where it is one thing."""
    name = _section(found)
    data = {"over": found.where.view_id}
    if name in WHOLE:
        with deps.database.read() as session:
            version = overview.version(session, name)
        _open_form(deps, found, sections.FORMS[name], {**data, "op": EDIT, "v": version})
        return

    def drawn() -> Block:
        with deps.database.read() as session:
            return overview.things(session, deps, name, 0, data)

    _push(deps, found, drawn)


def _section(found: Pressed) -> str:
    name = found.content.get("s")
    if not isinstance(name, str) or name not in TITLES:
        raise BadPayloadError(FOREIGN)
    return name


def _push(deps: Deps, found: Pressed, drawn: Callable[[], Block]) -> None:
    def task() -> None:
        if not _told_not_to(deps, found):
            show(deps, found.where, drawn())

    later(deps, found.where, task)


def open_limits(deps: Deps, found: Pressed) -> None:
    """The limits that Sendwatch has by itself."""
    _push(deps, found, overview.limits)


def open_history(deps: Deps, found: Pressed) -> None:
    """What was changed lately: a window of its own, or another page of it."""
    place, offset = found.where, payloads.count(found.content, "p")

    def drawn() -> Block:
        with deps.database.read() as session:
            return history.history(session, deps, offset, over=place.view_data.get("over") or place.view_id)

    if place.view_callback == setting_windows.HISTORY:
        later(deps, place, lambda: redraw(deps, place.view_id, drawn, place.view_hash, reader=place.user_id))
    else:
        _push(deps, found, drawn)


def turn(deps: Deps, found: Pressed) -> None:
    """Another page of a section."""
    place, name, offset = found.where, _section(found), payloads.count(found.content, "p")
    later(deps, place, lambda: _redraw_list(deps, place, name, offset, place.view_data))


def _redraw_list(
    deps: Deps, place: Where, name: str, offset: int, data: Mapping[str, Any], first: str = "",
) -> None:
    def drawn() -> Block:
        with deps.database.read() as session:
            return overview.things(session, deps, name, offset, data, first)

    redraw(deps, place.view_id, drawn, place.view_hash, reader=place.user_id)


# --- forms --------------------------------------------------------------------------------------------


def open_thing(deps: Deps, found: Pressed) -> None:
    """The form of one thing, or what would become of it if it were moved or removed."""
    form = sections.FORMS.get(str(found.content.get("f")))
    if form is None:
        raise BadPayloadError(FOREIGN)
    below = found.where.view_data
    data = {
        **{name: found.content[name] for name in ("op", "n", "v") if name in found.content},
        "list": found.where.view_id, "p": payloads.count(below, "p"),
        **({"over": below["over"]} if isinstance(below.get("over"), str) else {}),
    }
    _open_form(deps, found, form, data)


def _open_form(deps: Deps, found: Pressed, form: Form, data: Mapping[str, Any]) -> None:
    place = found.where

    def task() -> None:
        if _told_not_to(deps, found):
            return
        with deps.database.read() as session:
            stand = standing(session, deps.configured(session), form.section, data)
            since = overview.changed_since(session, form.section, LOOK_AGAIN)
        if stand.is_changed and place.view_callback == setting_windows.LIST:
            _redraw_list(deps, place, form.section, payloads.count(data, "p"), place.view_data, since)
            return
        if stand.op in {EDIT, ADD}:
            show(deps, place, _drawn_form(deps, form, stand, data))
            return
        carried = changing.carried(form, stand, data)
        # What it would do may take longer than Slack gives for a window.
        opened = show(deps, place, setting_form.waiting(form.titled(stand.op), (), {}, carried))
        if opened is not None:
            redraw(deps, opened.view_id, lambda: previewed(deps, place, form, carried, {}), reader=place.user_id)

    later(deps, place, task)


def _drawn_form(deps: Deps, form: Form, stand: Standing, data: Mapping[str, Any]) -> Block:
    # Slack gives three seconds for the window: what groups are called is asked for no longer than one.
    asked = dict[str, Any]()
    if form.asks_groups:
        asked["g"] = groups.learn_names(deps.database, deps.quick, deps.clock(), deps.origin.workspace)
    carried = changing.carried(form, stand, {**data, **asked})
    fields = form.fields(carried)
    values = form.values(stand.item) if stand.item is not None else NEW.get(form.name, {})
    with deps.database.read() as session:
        values = choices.with_names(session, fields, values)
    full = setting_fields.overfull(fields, values)
    if full:
        # Sent back, the form would take away what it could not show.
        return setting_windows.nothing_to_do(OVERFULL.format(field=own(full), most=setting_fields.LONGEST_PICKS))
    return setting_form.form(form.titled(stand.op), fields, values, carried)


NEW: Mapping[str, Mapping[str, Any]] = {
    "route": {"policy": (sections.STANDARD_POLICY,)}, "repeat": {"repeat": "1d, 3d, 7d"},
    "digest": digests.NEW,
}
"""What stands in the fields of a new thing already."""


def previewed(deps: Deps, place: Where, form: Form, data: Mapping[str, Any], state: Mapping[str, Any]) -> Block:
    """The window that says what a change would do. Never while Slack waits: it may look at all sends."""
    with deps.database.read() as session:
        stand = standing(session, deps.configured(session), form.section, data)
        wanted = changing.wanted(session, form, stand, data, state)
    if stand.is_gone:
        return setting_windows.nothing_to_do(GONE)
    if wanted.errors:
        return _not_possible(form, wanted, data)
    fresh = places.channels(wanted.draft.document).keys() - places.channels(stand.document).keys()
    shared = [f"⚠️ {route_words.shared(channel)}" for channel in sorted(fresh) if is_shared(deps, channel)]
    with deps.database.read() as session:
        told = effect(session, deps, stand, wanted.draft, place.user_id)
    carried = {**changing.carried(form, stand, data), "d": wanted.draft.digest}
    return setting_form.form(
        form.titled(stand.op), wanted.fields, wanted.values or {}, carried, said=told.said,
        small=(*shared, *told.odd), is_preview=True,
    )


def _not_possible(form: Form, wanted: changing.Wanted, data: Mapping[str, Any]) -> Block:
    said = [setting_windows.plainly(" ".join((wanted.errors or {}).values()))]
    if not wanted.fields:
        return setting_windows.nothing_to_do(said[0])
    title = form.titled(data.get("op"))
    return setting_form.form(title, wanted.fields, wanted.values or {}, dict(data), said=said)


HANDLERS: dict[str, Callable[[Deps, Pressed], Any]] = {
    "settings_open": open_settings, "setting_section": open_section, "setting_do": open_thing,
    "setting_page": turn, "setting_history": open_history, "setting_limits": open_limits,
}

