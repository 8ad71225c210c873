"""A report in numbers: what was counted in a period, beside the period before. Pure.

- **sent**: made in the period.
- **moving**, **delivered**, **redeemed**, **expired**, **refunded**: took that step in the period, by the history;
  moving is opened or shipped, and a canceled address confirmation counts as expired.
- **stuck**: held up at the end of the period, which means that an alert for being overdue or for needing somebody was
  open, or due.
- **at risk**: what those cost that are stuck, or that expired in the period and are not refunded by its end.
Money stands by currency, in minor units, and is never added up across currencies.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Self

from bot.reports.period import Period
from bot.statuses import catalogue
from bot.statuses.catalogue import Status
from storage.counted import ARRIVED, EXPIRED, REFUNDED, SENT, STUCK, WHOLE_WAY, Lasted, Sum

Money = Mapping[str, int]
HOURS = 24
MOST_CAMPAIGNS = 200
"""Campaigns that a report holds by name, those with most to tell first; the others stand together in one line."""
OTHERS = "(all other campaigns)"
NO_CAMPAIGN = "(no campaign)"
AGES = (3, 7, 14, 30)
"""Days in the present status after which an open send stands in the next group of the picture."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What was counted."""

    sent: int = 0
    moving: int = 0
    delivered: int = 0
    redeemed: int = 0
    expired: int = 0
    refunded: int = 0
    stuck: int = 0
    spent: Money = field(default_factory=dict)
    """What the sends that were made cost."""
    at_risk: Money = field(default_factory=dict)
    refunds: Money = field(default_factory=dict)
    """What the refunded ones had cost."""

    @property
    def arrived(self) -> int:
        """Delivered or redeemed."""
        return self.delivered + self.redeemed

    @property
    def trouble(self) -> int:
        """Stuck or expired."""
        return self.stuck + self.expired

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing at all to tell."""
        return self == Figures()

    def as_json(self) -> dict[str, Any]:
        return {one.name: _plain(getattr(self, one.name)) for one in fields(self)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(**{one.name: stored[one.name] for one in fields(cls) if one.name in stored})


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else value


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The median time in a status of the sends that arrived, in days, and of how many; and the period before."""

    status: str
    """A status id, or `whole_way`: from the making to the arrival."""
    days: float
    number: int
    days_before: float | None = None

    @property
    def title(self) -> str:
        return "Sent to arrived" if self.status == WHOLE_WAY else catalogue.title(self.status)


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """One campaign, now and in the period before."""

    name: str
    now: Figures
    before: Figures = field(default_factory=Figures)


@dataclass(frozen=True, kw_only=True)
class Age:
    """Open sends that have been in their status for `least` days or more, and less than those of the next group."""

    least: int
    number: int


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A whole report."""

    period: Period
    about: str = ""
    """What it is limited to, in words: "campaign Autumn Box"; empty where all sends are counted."""
    now: Figures
    before: Figures
    stages: Sequence[Stage] = ()
    campaigns: Sequence[Campaign] = ()
    ages: Sequence[Age] = ()
    held_since: datetime | None = None
    """Where it reaches farther back than finished sends are kept: since when they are."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened in the period and nothing is stuck."""
        return self.now.is_empty

    @property
    def worst(self) -> Sequence[Campaign]:
        """Campaigns with most stuck or expired gifts, the worst first; those without any are left out."""
        named = [one for one in self.campaigns if one.now.trouble and one.name != OTHERS]
        return sorted(named, key=lambda one: (-one.now.trouble, -sum(one.now.at_risk.values()), one.name))

    def as_json(self) -> dict[str, Any]:
        """As it is stored with a digest, and as programs read it."""
        return {
            "period": self.period.as_json(), "about": self.about, "now": self.now.as_json(),
            "before": self.before.as_json(),
            "stages": [
                {"status": one.status, "days": one.days, "number": one.number, "days_before": one.days_before}
                for one in self.stages
            ],
            "campaigns": [
                {"name": one.name, "now": one.now.as_json(), "before": one.before.as_json()} for one in self.campaigns
            ],
            "ages": [{"least": one.least, "number": one.number} for one in self.ages],
            **({"held_since": self.held_since.isoformat()} if self.held_since else {}),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The report as `as_json` wrote it."""
        return cls(
            period=Period.from_json(stored["period"]), about=stored["about"],
            now=Figures.from_json(stored["now"]), before=Figures.from_json(stored["before"]),
            stages=[Stage(**one) for one in stored["stages"]],
            campaigns=[
                Campaign(
                    name=one["name"], now=Figures.from_json(one["now"]), before=Figures.from_json(one["before"]),
                )
                for one in stored["campaigns"]
            ],
            ages=[Age(**one) for one in stored["ages"]],
            held_since=datetime.fromisoformat(held) if (held := stored.get("held_since")) else None,
        )


def figures(sums: Iterable[Sum]) -> Figures:
    """All of these added up."""
    numbers: Counter[str] = Counter()
    spent, at_risk, refunds = Counter[str](), Counter[str](), Counter[str]()
    for one in sums:
        numbers[one.what] += one.number
        code = one.currency.strip().upper() or "?"
        if one.what == SENT:
            spent[code] += one.cost_minor
        elif one.what == REFUNDED:
            refunds[code] += one.cost_minor
        at_risk[code] += one.cost_minor if one.what == STUCK else one.at_risk_minor if one.what == EXPIRED else 0
    return Figures(**numbers, spent=_money(spent), at_risk=_money(at_risk), refunds=_money(refunds))


def _money(counted: Mapping[str, int]) -> Money:
    return {code: counted[code] for code in sorted(counted) if counted[code]}


def campaigns(
    now: Iterable[Sum], before: Iterable[Sum], name_of: Callable[[Sum], str], most: int = MOST_CAMPAIGNS,
) -> list[Campaign]:
    """What happened in each campaign; beyond the first `most` the rest is one line, so that sums stay true."""
    found: tuple[dict[str, list[Sum]], dict[str, list[Sum]]] = (defaultdict(list), defaultdict(list))
    for place, sums in enumerate((now, before)):
        for one in sums:
            found[place][name_of(one).strip() or NO_CAMPAIGN].append(one)
    parts = [
        (name, found[0].get(name, []), found[1].get(name, [])) for name in dict.fromkeys([*found[0], *found[1]])
    ]
    weight = {name: (figures(these).trouble, sum(one.number for one in these)) for name, these, _ in parts}
    ordered = sorted(parts, key=lambda part: (*(-one for one in weight[part[0]]), part[0].casefold()))
    shown, rest = ordered[:most], ordered[most:]
    if rest:
        shown.append((OTHERS, [one for part in rest for one in part[1]], [one for part in rest for one in part[2]]))
    return [Campaign(name=name, now=figures(these), before=figures(those)) for name, these, those in shown]


def stages(now: Iterable[Lasted], before: Iterable[Lasted]) -> list[Stage]:
    """The median of each stage in the order in which a send goes through them, the whole way last."""
    these, those = _medians(now), _medians(before)
    shown = [status for status in these if status == WHOLE_WAY or _is_stage(status)]
    shown.sort(key=lambda status: (status == WHOLE_WAY, catalogue.rank(status)))
    return [
        Stage(
            status=status, days=these[status][0], number=these[status][1],
            days_before=those[status][0] if status in those else None,
        )
        for status in shown
    ]


def _is_stage(status: str) -> bool:
    return status in set(Status) and status not in {Status.UNKNOWN, *ARRIVED} and not catalogue.is_final(status)


def _medians(lasted: Iterable[Lasted]) -> dict[str, tuple[float, int]]:
    hours: dict[str, Counter[int]] = defaultdict(Counter)
    for one in lasted:
        hours[one.stage][one.hours] += one.number
    return {stage: (round(_median(counted) / HOURS, 1), counted.total()) for stage, counted in hours.items()}


def _median(counted: Counter[int]) -> float:
    """The middle of what was counted by value; of an even number the middle of the two in the middle."""
    total = counted.total()
    wanted, seen = ((total - 1) // 2, total // 2), 0
    found: list[int] = []
    for value in sorted(counted):
        seen += counted[value]
        found += [value] * sum(place < seen for place in wanted[len(found):])
        if len(found) == len(wanted):
            break
    return sum(found) / len(found)
