"""From the document to what the bot's rules read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from bot.alerts.permissions import LookUps, Permissions
from bot.alerts.policy import Budget, Escalation, Policy
from bot.alerts.quiet_hours import QuietHours
from bot.alerts.routing import DEFAULT, Match, Routing, Rule
from bot.alerts.rulebook import Rulebook
from bot.config.document import Document
from bot.config.parts import (
    BudgetPart,
    DigestPart,
    PolicyPart,
    QuietPart,
    RoutePart,
    StepPart,
    ThresholdPart,
    WhenPart,
)
from bot.reports.schedule import EVERYTHING, Digest
from bot.statuses.watch import Threshold, Watch


def rulebook(document: Document, zone: ZoneInfo, alert_channel: str, admins: tuple[str, ...] = ()) -> Rulebook:
    """The document as rules: `zone` where it names none, `alert_channel` (an id) where a route names none.

    `admins` are Slack user ids. A route may lead to the alert channel by naming no place of its own.
    """
    calendar = document.calendar.calendar(zone)
    policies = {name: _policy(name, part, calendar.zone.key) for name, part in document.policies.items()}
    standard = document.budgets.get(DEFAULT, BudgetPart())
    budgets = {channel: _budget(part, standard) for channel, part in document.budgets.items()}
    rules = tuple(_rule(route, alert_channel) for route in document.routes)
    return Rulebook(
        watch=Watch(calendar=calendar, thresholds=tuple(map(_threshold, document.thresholds))),
        routing=Routing(
            alert_channel=alert_channel, admins=admins, policies=policies,
            rules=rules, budget=budgets.pop(DEFAULT, Budget()), budgets=budgets,
        ),
        permissions=Permissions(allowed=document.permissions),
        digests=_digests(
            document.digests, {rule.name.casefold(): rule for rule in rules}, alert_channel, calendar.zone.key,
        ),
        look_ups=LookUps(are_recorded=document.look_ups.record, keep=document.look_ups.keep),
    )


def _policy(name: str, part: PolicyPart, zone: str) -> Policy:
    return Policy(
        name=name, repeat=part.repeat, repeat_in_channel=part.repeat_in == "channel",
        escalate=tuple(map(_step, part.escalate)), quiet=_quiet(part.quiet, zone) if part.quiet else None,
    )


def _step(part: StepPart) -> Escalation:
    return Escalation(after=part.after, mention=part.mention, channel=part.channel, dm_sender=part.dm_sender)


def _quiet(part: QuietPart, zone: str) -> QuietHours:
    return QuietHours(
        zone=part.zone or zone, start=part.start, end=part.end, working_days=part.working_days,
        except_for=frozenset(part.except_for),
    )


def _rule(part: RoutePart, alert_channel: str) -> Rule:
    nowhere = part.channel is None and not part.dm_sender
    return Rule(
        name=part.name, match=_match(part.when), channel=(alert_channel or None) if nowhere else part.channel,
        dm_sender=part.dm_sender, policy=part.policy, goes_on=part.goes_on,
    )


def _match(part: WhenPart) -> Match:
    amount = part.amount_from or part.amount_to
    return Match(
        team=part.team, campaign=part.campaign, sender=part.sender, type=part.type, rule=part.rule,
        amount_from=part.amount_from.minor if part.amount_from else None,
        amount_to=part.amount_to.minor if part.amount_to else None,
        currency=amount.currency if amount else "",
    )


def _budget(part: BudgetPart, standard: BudgetPart) -> Budget:
    return Budget(
        a_day=part.a_day or standard.a_day or Budget().a_day,
        at_once=part.at_once or standard.at_once or Budget().at_once,
    )


def _threshold(part: ThresholdPart) -> Threshold:
    return Threshold(
        status=part.status, level=part.level, amount=part.after.amount, in_business_days=part.after.in_business_days,
        type=part.type, campaign=part.campaign, team=part.team,
    )


def _digests(
    parts: tuple[DigestPart, ...], rules: Mapping[str, Rule], alert_channel: str, zone: str,
) -> tuple[Digest, ...]:
    return tuple(_digest(part, rules.get((part.route or "").casefold()), alert_channel, zone) for part in parts)


def _digest(part: DigestPart, rule: Rule | None, alert_channel: str, zone: str) -> Digest:
    return Digest(
        channel=part.channel or (rule.channel if rule is not None else None) or alert_channel,
        route=part.route or EVERYTHING, match=rule.match if rule is not None else Match(), every=part.every, at=part.at,
        on=part.weekdays, zone=part.zone or zone, picture=part.picture, skip_empty=part.skip_empty,
    )
