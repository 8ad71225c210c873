"""What can be muted: found by what people type or choose, and told apart by ids alone.

A reference is what a button or a choice carries: `of` says of what kind its `id` is (alert, message, send, mute, rule
or status), `scope` what of it is muted. Names never travel: they are read from the row that has them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy.orm import Session

from bot.alerts import muting
from bot.alerts.mutes import sender_of
from bot.alerts.muting import RULES, SCOPES, Target, folded
from bot.alerts.subjects import about, subject_of
from bot.sends import lookup
from bot.sends import text as sends_text
from bot.slack import facts, payloads
from bot.slack.blocks import gift
from bot.slack.blocks.mute_modal import Choice
from bot.slack.payloads import BadPayloadError
from bot.statuses import catalogue, spelling
from bot.statuses.catalogue import Status
from storage import mute_names, sends
from storage import mutes as stored
from storage.models import Alert, Mute, Send
from storage.mute_names import Written

MOST = 100
"""Choices that Slack takes for one field."""
RECENT = 3_000
"""Sends, the newest first, among whose names a choice is looked for; names of open alerts are there in any case."""
LOOKED_UP = 30
NEAR = 60
"""Likeness (0-100) from which a mistyped name is taken for one that there is."""
NEAREST, MOST_GUESSED = 3, 5
SEARCHED = ("campaign", "sender")
"""Kinds of names that are part of the text in which sends are looked for."""
RULE_WORDS: Mapping[str, tuple[str, ...]] = {
    "overdue": ("late", "stuck", "late gifts"), "expiring": ("ending soon", "expiring soon"),
    "expired": ("over", "ended"), "needs_action": ("needs action", "action", "failed"),
    "unknown_status": ("unknown status", "unknown"), "stale_data": ("stale data", "stale", "no data"),
}
"""What else people call a rule."""


def target(session: Session, ref: Mapping[str, Any]) -> Target | None:
    """What a reference names now; None where it is gone. Raises BadPayloadError for one that is none of ours."""
    scope, of = ref.get("scope"), ref.get("of")
    if of == "mute":
        found = stored.by_id(session, payloads.number(ref, "id"))
        return _of_mute(session, found) if found else None
    if scope not in SCOPES:
        raise BadPayloadError(payloads.FOREIGN)
    if of == "alert":
        pair = facts.alert_with_send(session, payloads.number(ref, "id"))
        return of_alert(*pair).get(scope) if pair else None
    if of == "message":
        return of_message(session, payloads.number(ref, "id")).get(scope)
    if of == "send":
        send = session.get(Send, payloads.number(ref, "id"))
        return _of_send(send, scope) if send else None
    return _named_by_id(scope, ref.get("id"))


def _of_mute(session: Session, found: Mute) -> Target:
    sender = sender_of(session, found)
    return Target(scope=found.scope, value=found.value, label=found.label, sender_email=sender)


def offered(session: Session, data: Mapping[str, Any]) -> dict[str, Target]:
    """What a window about an alert or a message has to offer, by scope; empty where there is nothing of it."""
    if data.get("of") == "message":
        return of_message(session, payloads.number(data, "id"))
    pair = facts.alert_with_send(session, payloads.number(data, "id")) if data.get("of") == "alert" else None
    return of_alert(*pair) if pair else {}


def of_alert(alert: Alert, send: Send | None) -> dict[str, Target]:
    """What can be muted of one alert, by scope."""
    return muting.targets(subject_of(alert, send), gift.name(send) if send else "")


def of_message(session: Session, message_id: int) -> dict[str, Target]:
    """What can be muted of a message of many alerts: what the open ones have in common; empty where that is nothing."""
    found = facts.page_of_message(session, message_id, offset=0, limit=1)
    if not found:
        return {}
    common = facts.in_common(session, message_id)
    return {scope: one for scope, one in of_alert(*found[0]).items() if scope in common}


def _of_send(send: Send, scope: str) -> Target | None:
    return muting.targets(about("", "", send.status, send), gift.name(send)).get(scope)


def _named_by_id(scope: str, name: object) -> Target:
    known = RULES if scope == "rule" else {str(one): catalogue.title(one) for one in Status}
    if scope not in {"rule", "status"} or not isinstance(name, str) or name not in known:
        raise BadPayloadError(payloads.FOREIGN)
    return Target(scope=scope, value=name, label=known[name])


# --- choices ------------------------------------------------------------------------------------------


def complete(session: Session, scope: str, typed: str) -> list[Choice]:
    """What there is of that kind to choose from, for what has been typed so far; most alerts first."""
    if scope == "send":
        return _sends(session, typed)
    words = sends_text.folded(typed)
    found = [one for one in _known(session, scope) if words in sends_text.folded(_shown(one))]
    if not found:
        found = [one for one in _older(session, scope, typed) if words in sends_text.folded(_shown(one))]
    return sorted(found, key=lambda one: (-one.alerts, one.label.casefold()))[:MOST]


def named(session: Session, scope: str, words: str) -> tuple[Choice | None, list[Choice]]:
    """The thing of that name, or else what may have been meant."""
    if scope == "status":
        return _status(session, words)
    if scope == "send":
        found = _sends(session, words)
        return (found[0], []) if len(found) == 1 else (None, found[:NEAREST])
    known = _known(session, scope)
    same = _same(words, known)
    if not same:
        older = _older(session, scope, words)
        same, known = _same(words, older), [*known, *older]
    known = list({(one.label, one.ref.get("id")): one for one in known}.values())
    return (same[0], []) if len(same) == 1 else (None, same[:NEAREST] or _near(words, known))


def rule_called(words: str) -> str:
    """The id of the rule that is called so; empty for none."""
    names = {folded(name): rule for rule, label in RULES.items() for name in (rule, label, *RULE_WORDS.get(rule, ()))}
    return names.get(folded(words), "")


def of_any_kind(session: Session, words: str) -> list[Choice]:
    """What may be meant by a name of which it was not said what it names: things of every kind."""
    if not sends_text.folded(words):
        return []
    named_so = {"rule": rule_called(words), "status": str(spelling.resolve(words).status or "")}
    by_id = [
        one for scope, name in named_so.items() if name
        for one in _known(session, scope) if one.ref["id"] == name
    ]
    sends_found = lookup.complete(session, words, limit=LOOKED_UP)
    found = [
        choice for scope in ("campaign", "team", "sender")
        for choice in _of_sends(scope, (_written(send, scope) for send in sends_found), {})
        if sends_text.begins_words(choice.label, words)
    ]
    of_people = [send for send in sends_found if sends_text.begins_words(
        f"{send.recipient_name} {send.recipient_email} {send.recipient_company}", words,
    )]
    return [*by_id, *found, *_as_choices(session, of_people)][:MOST_GUESSED]


def _written(send: Send, scope: str) -> Written:
    text = {"campaign": send.campaign, "team": send.team, "sender": send.sender_email}[scope]
    return Written(text=text, called=send.sender_name if scope == "sender" else "", send_id=send.id)


def _same(words: str, known: Iterable[Choice]) -> list[Choice]:
    return [one for one in known if folded(words) in {folded(name) for name in _names(one)}]


def _near(words: str, known: Iterable[Choice]) -> list[Choice]:
    """What may have been meant: names that have a word for each of those typed, else those a slip away."""
    known = list(known)
    begun = _begun(words, known)
    if begun:
        return sorted(begun, key=lambda one: -one.alerts)[:NEAREST]
    names = [(one, folded(name)) for one in known for name in _names(one)]
    found = process.extract(
        folded(words), [name for _, name in names], scorer=fuzz.ratio, limit=NEAREST, score_cutoff=NEAR,
    )
    return list({names[place][0].label: names[place][0] for _, _, place in found}.values())


def is_part(words: str, choice: Choice) -> bool:
    """Whether each of the words begins a word of the name."""
    return bool(_begun(words, [choice]))


def _begun(words: str, known: Iterable[Choice]) -> list[Choice]:
    """Names that have a word for each of those typed, each label once."""
    found = [one for one in known if sends_text.begins_words(_shown(one), words)]
    return list({one.label: one for one in reversed(found)}.values())


def _names(choice: Choice) -> tuple[str, ...]:
    if choice.scope == "rule":
        rule = str(choice.ref["id"])
        return rule, choice.label, *RULE_WORDS.get(rule, ())
    if choice.scope == "sender":
        name, _, address = choice.label.rpartition(" (")
        return choice.label, name or address, address.removesuffix(")")
    return (choice.label,)


def _shown(choice: Choice) -> str:
    return " ".join(_names(choice)) if choice.scope == "rule" else choice.label


def _known(session: Session, scope: str) -> list[Choice]:
    """The names that open alerts and the newest sends have, each once; all there are of rules and statuses."""
    alerting = mute_names.in_open_alerts(session, scope)
    counts: dict[str, int] = defaultdict(int)
    for one in alerting:
        counts[folded(one.text)] += one.alerts
    if scope == "rule":
        return [_by_id("rule", rule, words, counts) for rule, words in RULES.items()]
    if scope == "status":
        return [_by_id("status", str(one), catalogue.title(one), counts) for one in Status]
    return _of_sends(scope, [*alerting, *mute_names.recent(session, scope, RECENT)], counts)


def _by_id(scope: str, name: str, label: str, counts: Mapping[str, int]) -> Choice:
    return Choice(scope=scope, label=label, alerts=counts.get(name, 0), ref={"scope": scope, "of": scope, "id": name})


def _older(session: Session, scope: str, typed: str) -> list[Choice]:
    """The names that any sends have which fit what was typed: of which nothing has been heard for long."""
    if scope not in SEARCHED or not typed.strip():
        return []
    return _of_sends(scope, mute_names.of_sends(session, scope, lookup.holding(session, typed, limit=LOOKED_UP)), {})


def _of_sends(scope: str, written: Iterable[Written], counts: Mapping[str, int]) -> list[Choice]:
    """Each of the names once, whatever its case."""
    found: dict[str, Choice] = {}
    for one in written:
        name = folded(one.text)
        if name and name not in found:
            label = " ".join((one.called.strip() or one.text).split())
            ref = {"scope": scope, "of": "send", "id": one.send_id}
            found[name] = Choice(scope=scope, label=_told(scope, name, label), alerts=counts.get(name, 0), ref=ref)
    return list(found.values())


def _told(scope: str, name: str, label: str) -> str:
    # Two people may have the same name.
    return f"{label} ({name})" if scope == "sender" and label != name else label


def _sends(session: Session, typed: str) -> list[Choice]:
    """Sends that fit, or without words some of those that have an open alert."""
    if typed.strip():
        found = lookup.complete(session, typed, limit=LOOKED_UP)
    else:
        found = tuple(sends.by_ids(session, mute_names.last_alerting(session, LOOKED_UP)).values())
    return _as_choices(session, found)


def _as_choices(session: Session, found: Iterable[Send]) -> list[Choice]:
    found = list(found)
    alerts = Counter(alert.send_id for alert in sends.open_alerts(session, [send.id for send in found]))
    return [
        Choice(
            scope="send", label=" · ".join(part for part in _said_of(send) if part),
            alerts=alerts[send.id], ref={"scope": "send", "of": "send", "id": send.id},
        )
        for send in found
    ]


def _said_of(send: Send) -> tuple[str, str, str]:
    """What tells one send from others: for whom, of which company or campaign, and where it stands."""
    company = send.recipient_company if send.recipient_company != gift.name(send) else ""
    return gift.name(send), company or send.campaign, gift.title(send.status, send.status_raw)


def _status(session: Session, words: str) -> tuple[Choice | None, list[Choice]]:
    known = {str(one.ref["id"]): one for one in _known(session, "status")}
    found = spelling.resolve(words)
    if found.status is not None:
        return known[str(found.status)], []
    return None, [known[str(one)] for one in found.suggestions[:NEAREST]]
