"""What was filled in in the settings: checked, shown with what it would do, and put into force."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from bot.config.changes import WATCHED, apply
from bot.config.document import Document
from bot.config.drafts import digest_of
from bot.slack import payloads
from bot.slack.blocks import setting_form, setting_windows
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.help_card import window
from bot.slack.blocks.limits import with_id
from bot.slack.deps import Deps
from bot.slack.payloads import FOREIGN, BadPayloadError, Submitted, Where
from bot.slack.replies import later, redraw, redraw_awaited
from bot.slack.settings import access, changing, opening, overview, sections
from bot.slack.settings.changing import Wanted
from bot.slack.settings.effects import in_words
from bot.slack.settings.form import Form
from bot.slack.settings.standing import WHOLE, Standing, standing
from bot.slack.submissions import Answer, beside, instead
from storage import config as stored
from storage.config import ConfigChangedError

SAME = "Nothing would change by this. Change something, or go back."
SAME_NOW = "It is so already; nothing was changed."
KEPT = "What you have filled in is kept below. Look at it again before it counts."
GONE = "What you were changing is not there any more; put into force, it would be added anew."
LOOKED_AT = " All sends are looked at again in the background; alerts follow when that is done."
UNMOVED = "Go back and look at the list as it is now."


def submit(deps: Deps, found: Submitted, _body: Mapping[str, Any]) -> Answer:
    """Tell mistakes beside their fields; else show what it would do, and put into force what was shown already."""
    refused = access.refused(deps, found.where, found.dedupe_key)
    if refused is not None:
        return instead(window(refused))
    data = found.where.view_data
    form = sections.FORMS.get(str(data.get("f")))
    if form is None:
        raise BadPayloadError(FOREIGN)
    with deps.database.read() as session:
        stand = standing(session, deps.configured(session), form.section, data)
        wanted = changing.wanted(session, form, stand, data, found.values)
        twice = _own_change(session, found, stand)
    if twice is not None:
        return instead(_in_force(form, twice, data))
    if stand.is_changed:
        return instead(_changed_meanwhile(deps, form, stand, wanted, data))
    return _go_on(deps, found, form, stand, wanted)


def _go_on(deps: Deps, found: Submitted, form: Form, stand: Standing, wanted: Wanted) -> Answer:
    data = found.where.view_data
    if wanted.errors:
        return _wrong(wanted)
    if wanted.is_same(stand):
        return beside(wanted.fields[0].name, SAME) if wanted.fields else instead(setting_windows.nothing_to_do(SAME))
    if data.get("d") == wanted.draft.digest:
        return instead(_put_into_force(deps, found, form, stand, wanted))
    return instead(_worked_out(deps, found, form, changing.carried(form, stand, data), wanted))


def _worked_out(deps: Deps, found: Submitted, form: Form, data: dict[str, Any], wanted: Wanted) -> Block:
    """The form while it is worked out what it would do, which then takes its place."""
    # The answer to Slack may come later than what is worked out meanwhile: by this id it is waited for.
    awaited, place = f"settings-{secrets.token_hex(12)}", found.where
    later(deps, place, lambda: redraw_awaited(
        deps, awaited, opening.previewed(deps, place, form, data, found.values), reader=place.user_id,
    ))
    waiting = setting_form.waiting(form.titled(data["op"]), wanted.fields, wanted.values or {}, data)
    return with_id(waiting, awaited)


def _own_change(session: Session, found: Submitted, stand: Standing) -> int | None:
    """The change that this very window has made already, where Slack delivers it a second time."""
    change = stored.next_change(session, stand.section, payloads.count(found.where.view_data, "v", most=2**31))
    if change is None or change.changed_by != found.where.user_id:
        return None
    made = digest_of(change.after.get("value", Document().plain_section(stand.section)))
    return change.id if made == found.where.view_data.get("d") else None


def _wrong(wanted: Wanted) -> Answer:
    errors = dict(wanted.errors or {})
    if not wanted.fields:
        return instead(setting_windows.nothing_to_do(setting_windows.plainly(" ".join(errors.values()))))
    return {"response_action": "errors", "errors": errors}


def _changed_meanwhile(
    deps: Deps, form: Form, stand: Standing, wanted: Wanted, data: Mapping[str, Any],
) -> Block:
    """Who was quicker, how it stands now, and the fields with all that was filled in."""
    if not wanted.errors and wanted.is_same(stand):
        return setting_windows.nothing_to_do(SAME_NOW)
    then = KEPT if wanted.fields else UNMOVED
    if stand.is_gone and not isinstance(stand.now, list):
        then = opening.GONE
    with deps.database.read() as session:
        who = overview.changed_since(session, form.section, then)
    if then != KEPT:
        return setting_windows.nothing_to_do(who)
    now_is = overview.as_it_is(deps, stand) or (GONE if stand.is_gone else "")
    carried = changing.carried(form, stand, data)
    return setting_form.form(form.titled(stand.op), wanted.fields, wanted.values or {}, carried, said=[who, now_is])


def _put_into_force(deps: Deps, found: Submitted, form: Form, stand: Standing, wanted: Wanted) -> Block:
    now, data, place = deps.clock(), found.where.view_data, found.where
    try:
        with deps.database.write() as session:
            apply(session, stand.found, wanted.draft.document, now, place.user_id, (form.section,))
            [change] = stored.history(session, form.section, 1)
            change_id = change.id
    except ConfigChangedError:
        with deps.database.read() as session:
            anew = standing(session, deps.configured(session), form.section, data)
        return _changed_meanwhile(deps, form, anew, wanted, data)
    later(deps, place, lambda: redraw_below(deps, form.section, place))
    before, after = deps.drafted(stand.document), deps.drafted(wanted.draft.document)
    return _in_force(form, change_id, data, in_words(stand, wanted.draft, before, after, now))


def _in_force(form: Form, change_id: int, data: Mapping[str, Any], what: str = "") -> Block:
    then = LOOKED_AT if form.section in WATCHED else ""
    said = [f"✅ *It is in force.*{then}", what]
    return setting_windows.done(said, change_id, form.section, below(data, form.section))


def below(data: Mapping[str, Any], section: str) -> dict[str, Any]:
    """What a window carries of those that lie below it."""
    kept = {name: data[name] for name in ("over", "list", "p") if isinstance(data.get(name), str | int)}
    return {"s": section, **kept}


def redraw_below(deps: Deps, section: str, place: Where) -> None:
    """Draw the windows below anew: the list of the section, and the overview."""
    data = place.view_data
    under, page = data.get("list"), data.get("p")
    if isinstance(under, str) and section not in WHOLE:
        def things() -> Block:
            with deps.database.read() as session:
                return overview.things(session, deps, section, page if isinstance(page, int) else 0, data)

        redraw(deps, under, things, reader=place.user_id)
    over = data.get("over")
    if isinstance(over, str):
        redraw(deps, over, lambda: opening.drawn_overview(deps), reader=place.user_id)


WINDOWS: dict[str, Callable[[Deps, Submitted, Mapping[str, Any]], Answer]] = {setting_form.CALLBACK: submit}
