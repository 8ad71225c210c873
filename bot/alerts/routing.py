"""Where an alert is told, and why there: rules in order, the first that fits wins. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from bot.alerts.policy import ONCE, Budget, Policy

ADMIN_RULES = frozenset({"unknown_status", "stale_data"})
"""Findings about Sendwatch itself rather than about a gift."""

MAIL = "mail:"
"""Begins a place that is not known yet: the Slack user with this e-mail address."""

def is_direct(place: str) -> bool:
    """Whether a place is one person, by Slack id or address: nobody else reads what is told there."""
    return place.startswith((MAIL, "U", "W", "D"))


DEFAULT, ADMINS = "default", "admins"
"""Names of the routes that are always there."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What rules look at: one alert and its send. Texts as they came; a missing one is empty."""

    rule: str
    level: str = "notice"
    status: str = ""
    team: str = ""
    campaign: str = ""
    sender_name: str = ""
    sender_email: str = ""
    type: str = ""
    subtype: str = ""
    send_gid: str = ""
    amount_minor: int | None = None
    currency: str = ""


@dataclass(frozen=True, kw_only=True)
class Match:
    """What a rule asks for; each field that is not empty must fit, by one of its words.

    Words are compared without regard to case, and may hold `*` and `?`. A `sender` is an e-mail or a name,
    a `type` Sendoso's type or subtype, a `rule` a rule id or `rule/level`. An amount counts only in `currency`
    (empty: in any); `amount_from` is inclusive and `amount_to` exclusive, both in minor units.
    """

    team: tuple[str, ...] = ()
    campaign: tuple[str, ...] = ()
    sender: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    rule: tuple[str, ...] = ()
    amount_from: int | None = None
    amount_to: int | None = None
    currency: str = ""

    def misfits(self, subject: Subject) -> tuple[str, ...]:
        """Names of the fields that do not fit; empty when the rule matches."""
        offered = {
            "team": (subject.team,), "campaign": (subject.campaign,),
            "sender": (subject.sender_email, subject.sender_name), "type": (subject.type, subject.subtype),
            "rule": (subject.rule, f"{subject.rule}/{subject.level}"),
        }
        wrong = [name for name, values in offered.items() if not _fits(getattr(self, name), values)]
        return (*wrong, *(["amount"] if not self._fits_amount(subject) else []))

    def _fits_amount(self, subject: Subject) -> bool:
        if self.amount_from is None and self.amount_to is None:
            return True
        amount = subject.amount_minor
        if amount is None or (self.currency and self.currency.casefold() != subject.currency.casefold()):
            return False
        return (self.amount_from is None or amount >= self.amount_from) and (
            self.amount_to is None or amount < self.amount_to
        )


def _fits(wanted: tuple[str, ...], offered: tuple[str, ...]) -> bool:
    if not wanted:
        return True
    return any(
        fnmatchcase(_plain(value), _plain(pattern).replace("[", "[[]")) for pattern in wanted for value in offered
        if value.strip()
    )


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One line of the routing table: what it asks for, where it sends, under which policy, and whether it goes on."""

    name: str
    match: Match = field(default_factory=Match)
    channel: str | None = None
    dm_sender: bool = False
    policy: str = DEFAULT
    goes_on: bool = False
    """Whether the rules after it are tried, too (`continue` in the configuration)."""


@dataclass(frozen=True, kw_only=True)
class Destination:
    """One place for an alert: the channel (or user, or `mail:…`), the route that led there, the policy as it is."""

    channel: str
    route: str
    policy: Policy


@dataclass(frozen=True, kw_only=True)
class Tried:
    """How a rule took an alert: the fields that did not fit, or none; `reached` is False after the first that won."""

    rule: Rule
    misfits: tuple[str, ...]
    reached: bool = True

    @property
    def matched(self) -> bool:
        return self.reached and not self.misfits


@dataclass(frozen=True, kw_only=True)
class Routing:
    """The whole table. `alert_channel` (a channel id) takes what no rule wants; `admins` are Slack user ids."""

    alert_channel: str
    admins: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    policies: Mapping[str, Policy] = field(default_factory=dict)
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    """By channel id."""
    budget: Budget = field(default_factory=Budget)

    def destinations(self, subject: Subject) -> tuple[Destination, ...]:
        """Where this alert is told, each place once; never empty."""
        if subject.rule in ADMIN_RULES and self.admins:
            return tuple(Destination(channel=user, route=ADMINS, policy=ONCE) for user in self.admins)
        found: dict[str, Destination] = {}
        for tried in self.explain(subject):
            if tried.matched:
                for channel in _places(tried.rule, subject):
                    found.setdefault(channel, Destination(
                        channel=channel, route=tried.rule.name, policy=self.policy(tried.rule.policy),
                    ))
        # Also where a rule fits that only leads to a sender who has no e-mail: an alert must reach somebody.
        places = found.values() or [Destination(channel=self.alert_channel, route=DEFAULT, policy=self.policy())]
        calling = {place.policy.name for place in places if not is_direct(place.channel)}
        return tuple(
            replace(place, policy=place.policy.told_directly(calls_elsewhere=place.policy.name in calling))
            if is_direct(place.channel) else place
            for place in places
        )

    def explain(self, subject: Subject) -> tuple[Tried, ...]:
        """Every rule in order, with how it took this alert."""
        tried, open_ = [], True
        for rule in self.rules:
            misfits = rule.match.misfits(subject)
            tried.append(Tried(rule=rule, misfits=misfits, reached=open_))
            open_ = open_ and (bool(misfits) or rule.goes_on)
        return tuple(tried)

    def policy(self, name: str = DEFAULT) -> Policy:
        """The policy of that name; the default one where there is none of that name."""
        return self.policies.get(name) or self.policies.get(DEFAULT) or Policy()

    def budget_of(self, channel: str) -> Budget:
        return self.budgets.get(channel, self.budget)


def _places(rule: Rule, subject: Subject) -> tuple[str, ...]:
    address = subject.sender_email.strip().lower() if rule.dm_sender else ""
    return tuple(place for place in (rule.channel, f"{MAIL}{address}" if address else None) if place)
