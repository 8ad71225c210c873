"""One message for many alerts of one rule and one campaign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.alerts.muting import Muted
from bot.slack.blocks import alert_state, gift, why_now
from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.limits import actions, button, confirm, context, header, section
from bot.slack.blocks.mute_modal import muted_line
from bot.slack.blocks.text import count, escape, one_line, person, stamp, whole
from bot.statuses.watched import UNKNOWN_RULE
from storage.models import Alert, Send

GROUP_SUPPORT_ADVICE = (
    "Contact Sendoso Support about those over the limit: behind “Show all” and “Open” a message is ready for each."
)
GROUP_FOLLOW_UP_ADVICE = (
    "Support knows of some of those over the limit; of the others, contact them: behind “Show all” and “Open” a "
    "message is ready for each."
)
TOP = 5
TITLES = {
    "overdue": ("gift is late", "gifts are late"),
    "support": ("gift is stuck: contact Support", "gifts are stuck: contact Support"),
    "expiring": ("offer ends soon", "offers end soon"),
    "expired": ("offer is over", "offers are over"),
    "needs_action": ("gift needs somebody to act", "gifts need somebody to act"),
    UNKNOWN_RULE: ("status nobody has named", "statuses nobody has named"),
}
SETTLED = {
    "overdue": ("gift that was late", "gifts that were late"),
    "support": ("gift that was stuck", "gifts that were stuck"),
    "expiring": ("offer that was ending soon", "offers that were ending soon"),
    "expired": ("offer that was over", "offers that were over"),
    "needs_action": ("gift that needed somebody to act", "gifts that needed somebody to act"),
    UNKNOWN_RULE: ("status that nobody had named", "statuses that nobody had named"),
}
"""The same of what is settled: nobody is asked for anything any more."""
STATES = {"firing": "open", "acknowledged": "acknowledged", "snoozed": "snoozed", "resolved": "resolved"}


@dataclass(frozen=True, kw_only=True)
class Group:
    """What the message of a group shows: true counts, and the first lines."""

    message_id: int
    version: int = 0
    """Grows with each change of any of its alerts."""
    rule: str
    level: str = ""
    campaign: str = ""
    by_state: Mapping[str, int] = field(default_factory=dict)
    acknowledged_by: Mapping[str, int] = field(default_factory=dict)
    """Slack user id -> how many of the acknowledged alerts are theirs."""
    assigned_to: Mapping[str, int] = field(default_factory=dict)
    """Slack user id -> how many of those that are open and not snoozed are theirs to work on."""
    snoozed_by: Mapping[str, int] = field(default_factory=dict)
    """Slack user id -> how many of the snoozed alerts they have put off."""
    snoozed_until: Sequence[datetime] = ()
    """When the first and the last snooze end; one where all end together."""
    resolved_by: Mapping[str, int] = field(default_factory=dict)
    """Slack user id, or "scan" -> how many of the resolved alerts are theirs."""
    top: Sequence[tuple[Alert, Send | None]] = ()
    """Open ones first."""
    statuses: int = 1
    """How many different statuses its sends are in, those that are settled left out while one is open."""
    whys: int = 1
    """How many different sentences say why, of the same."""
    muted: int = 0
    """How many of the open alerts a mute hides."""
    mutes: Sequence[Muted] = ()
    """Which mutes these are."""
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Why those of which nobody has taken care are shown now -> how many."""
    repeats: int = 0
    """How often they were told again at most."""
    day: date | None = None
    """Of the rolling summary of a day, whose alerts have no campaign and no rule in common."""
    here: str = ""
    """Why the message stands where it stands, for mrkdwn; empty where a route names the channel."""

    @property
    def total(self) -> int:
        return sum(self.by_state.values())

    @property
    def open(self) -> int:
        return self.total - self.by_state.get("resolved", 0)


def build(group: Group, now: datetime) -> Drawn:
    """How many, of which campaign, the longest waiting, and buttons that act on all."""
    return draw([
        header(title(group)),
        section(lines(group, now)) if group.top else None,
        _call(group),
        context(*done(group)),
        buttons(group),
    ])


def title(group: Group) -> str:
    """How many are open, what is the matter, and the campaign: "🔔 12 gifts are late: Autumn"; once none is, of all."""
    if group.day is not None:
        return _of_the_day(group, group.day)
    key = "support" if group.level == "support" else group.rule
    one, many = (TITLES if group.open else SETTLED).get(key, ("alert", "alerts"))
    sign = "🔔" if group.open else "✅ Resolved:"
    campaign = f": {one_line(group.campaign)}" if group.campaign.strip() else ""
    return f"{sign} {count(group.open or group.total, one, many)}{campaign}"


def _of_the_day(group: Group, day: date) -> str:
    total, on = count(group.total, "more alert"), f"on {day:%a} {day.day} {day:%b}"
    if 0 < group.open < group.total:
        return f"📚 {whole(group.open)} of {total} {on} still open"
    return f"{'📚' if group.open else '✅'} {total} {on}"


def done(group: Group) -> list[str]:
    """How they stand and who did what, for mrkdwn, a part each; parts may be empty."""
    until = ""
    if group.snoozed_until:
        until = f" until {stamp(group.snoozed_until[-1])}{' at most' if len(group.snoozed_until) > 1 else ''}"
    # Who takes something on has thereby acknowledged it.
    acknowledged = {} if group.acknowledged_by == group.assigned_to else group.acknowledged_by
    return [
        states(group), muted(group), by("Acknowledged by", acknowledged), by("Assigned to", group.assigned_to),
        by(f"Snoozed{until} by", group.snoozed_by), by("Resolved by", group.resolved_by),
    ]


def states(group: Group) -> str:
    """How many are in which state: "9 open, 2 acknowledged"."""
    parts = [f"{whole(group.by_state[state])} {word}" for state, word in STATES.items() if group.by_state.get(state)]
    return ", ".join(parts) or "none left"


def muted(group: Group) -> str:
    """How many of them a mute hides and until when, for mrkdwn; empty where it hides none."""
    if not group.mutes:
        return ""
    number = "All" if group.muted == group.open else whole(group.muted)
    if len(group.mutes) == 1:
        return f"{number} of them: {muted_line(group.mutes[0])}"
    last = max(one.ends_at for one in group.mutes)
    return f"🔇 {number} of them muted, until {stamp(last)} at most"


def line(alert: Alert, send: Send | None, now: datetime) -> str:
    """One alert in one line of mrkdwn: who, and what has happened for how long, or what has settled it."""
    how = _how(alert)
    if alert.rule == UNKNOWN_RULE:
        return " — ".join(part for part in (_spelling(alert, send), how) if part)
    what = "" if alert.state == "resolved" else matter(alert, send, now)
    return f"{_who(alert, send)} — {' · '.join(part for part in (what, how) if part)}"


def _how(alert: Alert) -> str:
    """Who has taken care of it, in a few words for mrkdwn; empty while nobody has."""
    match alert.state:
        case "resolved":
            return f"resolved {alert_state.settled(alert, 100)}"
        case "snoozed" if alert.snoozed_until is not None:
            return f"snoozed until {stamp(alert.snoozed_until)}"
        case "acknowledged" if alert.assignee:
            return f"assigned to {person(alert.assignee)}"
        case "acknowledged":
            return f"acknowledged by {person(alert.acknowledged_by)}"
    return ""


def _spelling(alert: Alert, send: Send | None) -> str:
    """A status that nobody has named, and the send with which it came first."""
    seen = f", first seen on {gift.whose(send)}" if send is not None else ""
    return f"{'✅ ' if alert.state == 'resolved' else ''}{escape(gift.title(alert.status, alert.status_raw))}{seen}"


def _who(alert: Alert, send: Send | None) -> str:
    return f"{'✅ ' if alert.state == 'resolved' else ''}{gift.whose(send) if send else '*Sendwatch*'}"


def entry(alert: Alert, send: Send | None, now: datetime) -> str:
    """One alert in two lines of mrkdwn: who, then what has happened and who did what about it."""
    parts = [matter(alert, send, now), *alert_state.told(alert)]
    return "\n".join([_who(alert, send), " · ".join(parts)])


def matter(alert: Alert, send: Send | None, now: datetime) -> str:
    """What has happened, for mrkdwn; where somebody must act, who that is."""
    if alert.rule == "needs_action":
        actor, _ = alert_state.next_of(alert, send)
        title = escape(gift.title(alert.status, alert.status_raw))
        return title if alert.state == "resolved" else f"{title} · next: {actor}"
    return escape(alert_state.headline(alert, now), 150)


def lines(group: Group, now: datetime) -> str:
    """The first few alerts, a line each, and how many more there are."""
    shown = group.top[:TOP]
    told = [f"• {line(alert, send, now)}" for alert, send in shown]
    return "\n".join([*told, *_more(group, [alert for alert, _ in shown])])


def _more(group: Group, shown: Sequence[Alert]) -> list[str]:
    resolved = sum(alert.state == "resolved" for alert in shown)
    still_open = max(group.open - (len(shown) - resolved), 0)
    settled = max(group.total - group.open - resolved, 0)
    if not (still_open or settled):
        return []
    if not group.open or group.open == group.total:
        # All are alike in this, and the header says in what.
        return [f"…and {whole(still_open + settled)} more"]
    parts = [f"{whole(number)} more {word}" for number, word in ((still_open, "open"), (settled, "resolved")) if number]
    return [f"…and {', '.join(parts)}"]


def why(group: Group) -> str:
    """Why these alerts are shown now, together, and here; for mrkdwn."""
    known = group.top[0][0].why if group.top and group.whys == 1 else ""
    together = why_now.SPELLINGS if group.rule == UNKNOWN_RULE else why_now.TOGETHER
    parts = (escape(known, 500), together, why_now.of_several(group.reasons, group.total, group.repeats), group.here)
    return " ".join(part for part in parts if part)


def _call(group: Group) -> Block | None:
    return section("\n".join([f"*Why now:* {why(group)}", *_next(group)])) if group.open else None


def _next(group: Group) -> list[str]:
    still_open = [(alert, send) for alert, send in group.top if alert.state != "resolved"]
    found = tuple(dict.fromkeys(one for alert, send in still_open for one in alert_state.explained(alert, send)))
    # What is to be done differs from status to status; for several at once no advice is right.
    if group.statuses > 1 or not found:
        return []
    levels = {alert.level for alert, _ in still_open}
    if "support" in levels:
        # A group has no button with a draft: those of its alerts have.
        contacted = any(alert.support_by for alert, _ in still_open)
        advice = GROUP_FOLLOW_UP_ADVICE if contacted else GROUP_SUPPORT_ADVICE
        return [f"*Next:* {alert_state.SUPPORT_NEXT_ACTOR}", f"*To do:* {advice}"]
    actor, advice = alert_state.next_step("late" if levels == {"late"} else "", found)
    return [f"*Next:* {actor}", f"*To do:* {advice}"]


def by(what: str, people: Mapping[str, int]) -> str:
    """What was done and by whom, those with most first: "Acknowledged by @Ann (3)"; empty where nobody did."""
    if not people:
        return ""
    shown = sorted(people.items(), key=lambda pair: (-pair[1], pair[0]))[:5]
    names = [f"{'itself' if who in {'', 'scan'} else person(who)} ({whole(number)})" for who, number in shown]
    others = len(people) - len(shown)
    return f"{what} {', '.join(names)}{f' and {whole(others)} more' if others > 0 else ''}"


def buttons(group: Group) -> Block | None:
    """What can be done with all of them at once."""
    content = {"message": group.message_id}
    waiting = group.by_state.get("firing", 0) + group.by_state.get("snoozed", 0)
    still_open = count(group.open, "open alert")
    row = [button(
        "Show all", "group_show", content, label=f"Show all {count(group.total, 'alert')} of this message",
    )]
    if waiting:
        row.append(button(
            "Acknowledge all", "group_acknowledge", content, style="primary",
            label=f"Acknowledge {count(waiting, 'alert')} of this message",
        ))
    if group.open:
        row.append(button("Assign all …", "group_assign", content, label=f"Assign {still_open} of this message"))
        row.append(button("Snooze all", "group_snooze", content, label=f"Snooze {still_open} of this message"))
        row.append(button("Mute …", "group_mute", content, label=f"Mute alerts like the {still_open} of this message"))
        row.append(button(
            "Resolve all", "group_resolve", content, label=f"Resolve {still_open} of this message",
            confirm=confirm(
                "Resolve all?", f"This resolves {count(group.open, 'alert')}. Each can be undone on its own.",
                "Resolve all",
            ),
        ))
    if group.by_state.get("snoozed") or (set(group.acknowledged_by) | set(group.resolved_by)) - {"", "scan"}:
        undo = {**content, "v": group.version}
        row.append(button("Undo", "group_undo", undo, label="Undo what you did last to these alerts"))
    return actions(*row)
