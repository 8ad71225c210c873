"""What a change would do, in words, before it counts: before and after, and whom or what it concerns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.alerts import mutes, recompute, rerouting
from bot.alerts.recompute import Preview
from bot.alerts.rerouting import Rerouted, Rerouting
from bot.alerts.rights import presser_of
from bot.alerts.routing import MAIL
from bot.alerts.rulebook import Rulebook
from bot.config import drafts
from bot.config.changes import WATCHED
from bot.config.document import SETTINGS
from bot.config.drafts import Draft
from bot.slack.blocks import digest_words, gift, route_words, setting_words
from bot.slack.blocks.text import count, escape, own, whole
from bot.slack.deps import Deps
from bot.slack.settings import digests
from bot.slack.settings.standing import ADD, DOWN, REMOVE, UP, Standing
from bot.statuses import catalogue

SHOWN = 3
ODD = "⚠️ Perhaps not meant:"
LATER = "It counts for alerts that are told from then on; those that are told already keep the policy they have."
STATUSES = 4


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a change would do: paragraphs, and what is odd about it; all of it finished mrkdwn."""

    said: tuple[str, ...]
    odd: tuple[str, ...] = ()


def effect(session: Session, deps: Deps, stand: Standing, draft: Draft, user_id: str) -> Effect:
    """What would be other than now. Goes through all sends that a limit concerns, so never while Slack waits."""
    now, before, after = deps.clock(), deps.drafted(stand.document), deps.drafted(draft.document)
    asked = _Asked(
        session=session, now=now, stand=stand, draft=draft, before=before, after=after, user_id=user_id,
    )
    told = _due(asked) if stand.section in WATCHED else _EFFECTS[stand.section](asked)
    strange = drafts.warnings_of(draft, stand.document, has_admins=bool(before.routing.admins))
    odd = tuple(f"{ODD} {escape(one.sentence, 400)}" for one in strange[:SHOWN])
    return Effect(said=(in_words(stand, draft, before, after, now), *told), odd=odd)


def in_words(stand: Standing, draft: Draft, before: Rulebook, after: Rulebook, now: datetime) -> str:
    """The thing as it is, and as it would be."""
    section, place = stand.section, new_place(stand, draft)
    old = setting_words.thing(section, stand.document, before, stand.key, now) if stand.op != ADD else ""
    new = setting_words.thing(section, draft.document, after, place, now) if stand.op != REMOVE else ""
    if stand.op in {UP, DOWN}:
        return f"*Moves {stand.op}*\n{old}\n*Then it stands here*\n{new}"
    if not old:
        return f"*New*\n{new}"
    return f"*Until now*\n{old}\n*Then*\n{new}" if new else f"*Goes away*\n{old}"


def new_place(stand: Standing, draft: Draft) -> str | int | None:
    """Where the thing stands in the document as it would be."""
    old, new = stand.now, draft.document.plain_section(stand.section)
    if stand.op != ADD:
        step = {UP: -1, DOWN: 1}.get(stand.op, 0)
        return stand.key + step if isinstance(stand.key, int) else stand.key
    if isinstance(new, dict):
        return next((name for name in new if name not in old), None)
    return 0 if new and old and new[0] != old[0] else len(new) - 1


# --- by section ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Asked:
    session: Session
    now: datetime
    stand: Standing
    draft: Draft
    before: Rulebook
    after: Rulebook
    user_id: str


def _due(asked: _Asked) -> tuple[str, ...]:
    found = recompute.preview(asked.session, asked.now, asked.before.watch, asked.after.watch)
    lines = [f"• {gift.whose(one)}: {gift.standing(one, asked.now)}" for one in found.examples]
    return (_sends(found), *(["\n".join(["For example", *lines])] if lines else []))


def _sends(found: Preview) -> str:
    if not found.becoming_due and not found.no_longer_due:
        return "No send becomes due by it now, and none that is due ceases to be."
    few = list(found.by_status.items())
    of = ", ".join(f"{whole(number)} {own(catalogue.title(status))}" for status, number in few[:STATUSES])
    more = ", …" if len(few) > STATUSES else ""
    becoming = f"*{count(found.becoming_due, 'send')}* {'becomes' if found.becoming_due == 1 else 'become'} due now"
    calmed = f"*{count(found.no_longer_due, 'send')}* {'is' if found.no_longer_due == 1 else 'are'} no longer due"
    parts = [f"{becoming} ({of}{more})" if found.becoming_due else "", calmed if found.no_longer_due else ""]
    return f"By it {', and '.join(part for part in parts if part)}."


def _routes(asked: _Asked) -> tuple[str, ...]:
    found = rerouting.rerouting(asked.session, asked.before.routing, asked.after.routing)
    return (_counted(found), *([_examples(found)] if found.examples else []))


def _counted(found: Rerouting) -> str:
    now = f"Of {count(found.alerts_of, 'open alert')}, *{whole(found.alerts)}* would go elsewhere"
    late = f"of the last {count(found.sends_of, 'send')}, if each were late, *{whole(found.sends)}*"
    return f"{now}; {late}. Alerts that are told already stay where they are."


def _examples(found: Rerouting) -> str:
    return "\n".join(["For example", *(_example(one) for one in found.examples)])


def _example(one: Rerouted) -> str:
    name = escape(gift.name(one.send), 60) if one.send is not None else "What is about Sendwatch itself"
    before, after = (
        route_words.listed([_place(place, policy) for place, policy in places]) for places in (one.before, one.after)
    )
    return f"• {name}: {before} → {after}"


def _place(place: str, policy: str) -> str:
    where = "the sender" if place.startswith(MAIL) else route_words.channel(place)
    return f"{where} (policy {escape(policy, 60)})"


def _policies(_asked: _Asked) -> tuple[str, ...]:
    return (LATER,)


def _permissions(asked: _Asked) -> tuple[str, ...]:
    you = presser_of(asked.session, asked.user_id, asked.after)
    if mutes.may(asked.session, asked.user_id, asked.before, action=SETTINGS) and not asked.after.permissions.may(
        SETTINGS, you,
    ):
        return ("⚠️ You yourself could not change the settings any more.",)
    return ("Whoever may not is told who may when they press, and it is put on record.",)


def _budgets(_asked: _Asked) -> tuple[str, ...]:
    return ("What is above stands together in one summary for the day, which grows.",)


def _digests(asked: _Asked) -> tuple[str, ...]:
    place = new_place(asked.stand, asked.draft)
    if asked.stand.op == REMOVE or not isinstance(place, int):
        return (digest_words.STOPS,)
    others = [one for at, one in enumerate(asked.after.digests) if at != place]
    return digests.effect(asked.session, asked.after.digests[place], others, asked.now)


def _look_ups(asked: _Asked) -> tuple[str, ...]:
    begins = asked.after.look_ups.are_recorded and not asked.before.look_ups.are_recorded
    shorter = asked.after.look_ups.keep < asked.before.look_ups.keep
    return (
        "People are not told. Tell them yourselves that it is so, and why." if begins else "",
        "What is older is deleted within the hour." if shorter else "",
        "The command line shows it: `sendwatch audit --action look_up`.",
    )


_EFFECTS: Mapping[str, Callable[[_Asked], tuple[str, ...]]] = {
    "routes": _routes, "policies": _policies, "permissions": _permissions, "budgets": _budgets,
    "digests": _digests, "look_ups": _look_ups,
}
