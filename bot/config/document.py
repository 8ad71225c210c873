"""The configuration document: every key, its form and its default. Values are checked here, and written back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from typing import Annotated, Any, ClassVar, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from bot.alerts.permissions import ADMINS, SENDER
from bot.alerts.policy import Budget, Policy
from bot.alerts.routing import ADMINS as ADMIN_ROUTE
from bot.alerts.routing import DEFAULT
from bot.config.problems import said
from bot.config.values import (
    NEVER,
    NOBODY,
    Allowed,
    BudgetName,
    ChannelId,
    Days,
    Length,
    Limit,
    Money,
    PersonId,
    PolicyName,
    Press,
    RuleName,
    Span,
    StatusId,
    Text,
    WallTime,
    Weekdays,
    Zone,
    counted,
    listed,
)
from bot.statuses.country_holidays import Country
from bot.statuses.working_time import PACIFIC, WorkCalendar, make_calendar

SETTINGS = "settings"
MAY_BE_EMPTY = frozenset({"when", "quiet", "escalate", "days_off", "working_days"})

Listed, Counted = BeforeValidator(listed), BeforeValidator(counted)
Texts = Annotated[tuple[Text, ...], Listed]
Rules = Annotated[tuple[RuleName, ...], Listed]


class Part(BaseModel):
    """What all parts share: no unknown keys, and only what was set is written back, save what `shown` names."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True, serialize_by_alias=True)

    shown: ClassVar[frozenset[str]] = frozenset()
    """Fields that are written even where they have their default."""

    @model_validator(mode="before")
    @classmethod
    def _empty(cls, value: object) -> object:
        if not isinstance(value, dict):
            return {} if value is None else value
        # A heading may stand above what is commented out; "team:" without a team must not fit every team.
        return {key: "" if body is None and key not in MAY_BE_EMPTY else body for key, body in value.items()}

    @model_serializer(mode="wrap")
    def _short(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        plain: dict[str, Any] = written(self)
        for name, field in type(self).model_fields.items():
            is_default = getattr(self, name) == field.get_default(call_default_factory=True)
            if is_default and name not in self.shown and not field.is_required():
                plain.pop(field.alias or name, None)
        return plain


class CalendarPart(Part):
    """Which days count as business days, and by which clock."""

    shown = frozenset({"country"})

    zone: Zone | None = None
    country: str = "US"
    subdivision: Text | None = None
    weekdays: Weekdays | None = None
    days_off: Annotated[tuple[Days, ...], Listed] = ()
    working_days: Annotated[tuple[Days, ...], Listed] = ()
    cut_off: WallTime | None = None

    @field_validator("country", mode="before")
    @classmethod
    def _country(cls, value: object) -> str:
        text = str(value or "").strip()
        if text.casefold() == NOBODY:
            return NOBODY
        try:
            return Country(code=text.upper()).code
        except ValueError:
            raise ValueError(f"{said(text)} is no country; write its two letters, such as US, or {NOBODY}") from None

    @field_validator("days_off", "working_days")
    @classmethod
    def _in_order(cls, value: tuple[Days, ...]) -> tuple[Days, ...]:
        return tuple(sorted(set(value)))

    @field_validator("cut_off")
    @classmethod
    def _after_midnight(cls, value: time | None) -> time | None:
        if value == time():
            raise ValueError("midnight is no cut-off; leave it out to count every start of a day alike")
        return value

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        free = {day for span in self.days_off for day in span.days}
        both = free & {day for span in self.working_days for day in span.days}
        if both:
            raise ValueError(f"{min(both)} stands in days_off and in working_days; it cannot be both")
        return self

    @model_validator(mode="after")
    def _subdivision(self) -> Self:
        if self.subdivision is None:
            return self
        if self.country == NOBODY:
            raise ValueError("subdivision goes with a country, and there is none")
        try:
            Country(code=self.country, subdivision=self.subdivision)
        except ValueError as error:
            raise ValueError(f"subdivision: {error}") from None
        return self

    @model_validator(mode="after")
    def _possible(self) -> Self:
        self.calendar(PACIFIC)
        return self

    def calendar(self, zone: ZoneInfo) -> WorkCalendar:
        """The business calendar; by the clock of `zone` where none is given."""
        return make_calendar(
            zone=ZoneInfo(self.zone) if self.zone else zone,
            country=None if self.country == NOBODY else self.country, subdivision=self.subdivision,
            days_off=_days(self.days_off), extra_days=_days(self.working_days), working_weekdays=self.weekdays,
            cut_off=self.cut_off,
        )


def _days(spans: Iterable[Span]) -> dict[date, str]:
    return {day: span.name for span in spans for day in span.days}


class StepPart(Part):
    """One step of an escalation."""

    after: Length
    mention: Annotated[tuple[PersonId, ...], Listed] = ()
    channel: ChannelId | None = None
    dm_sender: bool = False

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not (self.mention or self.channel or self.dm_sender):
            raise ValueError("a step needs mention, channel or dm_sender: it does nothing")
        return self


class QuietPart(Part):
    """When a channel is left in peace."""

    start: WallTime | None = Field(default=None, alias="from")
    end: WallTime | None = Field(default=None, alias="to")
    zone: Zone | None = None
    working_days: Weekdays = frozenset(range(7))
    except_for: Rules = Field(default=(), alias="except")

    @model_validator(mode="after")
    def _some_quiet(self) -> Self:
        if (self.start is None) != (self.end is None):
            raise ValueError("from and to go together; one of them is missing")
        if self.start is not None and self.start == self.end:
            raise ValueError("from and to are the same time, so that nothing is ever quiet")
        if self.start is None and len(self.working_days) == 7:  # noqa: PLR2004 - the days of a week
            raise ValueError("is empty; it needs from and to, or working_days")
        return self


class PolicyPart(Part):
    """How an alert is told again, and what happens when nobody acts."""

    shown = frozenset({"repeat", "repeat_in"})

    repeat: Annotated[tuple[Length, ...], Listed] = Policy().repeat
    repeat_in: Literal["thread", "channel"] = "thread"
    escalate: Annotated[tuple[StepPart, ...], Listed] = ()
    quiet: QuietPart | None = None

    @field_validator("repeat", mode="before")
    @classmethod
    def _never(cls, value: object) -> object:
        return [] if isinstance(value, str) and value.strip().casefold() == NEVER else value

    @field_validator("repeat")
    @classmethod
    def _growing(cls, value: tuple[Length, ...]) -> tuple[Length, ...]:
        if list(value) != sorted(value):
            raise ValueError("each distance has to be as long as the one before, or longer")
        return value

    @field_validator("escalate")
    @classmethod
    def _in_order(cls, value: tuple[StepPart, ...]) -> tuple[StepPart, ...]:
        if [step.after for step in value] != sorted(step.after for step in value):
            raise ValueError("the steps have to stand in the order of their after")
        return value


class WhenPart(Part):
    """What a route asks for; each key that is there has to fit, by one of its words."""

    team: Texts = ()
    campaign: Texts = ()
    sender: Texts = ()
    type: Texts = ()
    rule: Rules = ()
    amount_from: Money | None = None
    amount_to: Money | None = None

    @model_validator(mode="after")
    def _amounts(self) -> Self:
        low, high = self.amount_from, self.amount_to
        if low is None or high is None:
            return self
        if low.currency != high.currency:
            raise ValueError(f"amount_from is in {low.currency}, amount_to in {high.currency}: one route, one currency")
        if low.minor >= high.minor:
            raise ValueError("amount_to has to be more than amount_from; no send fits")
        return self


class RoutePart(Part):
    """One line of the routing table."""

    name: Text
    when: WhenPart = WhenPart()
    channel: ChannelId | None = None
    dm_sender: bool = False
    policy: PolicyName = DEFAULT
    goes_on: bool = Field(default=False, alias="continue")

    @field_validator("name")
    @classmethod
    def _free(cls, value: str) -> str:
        if value.casefold() in {DEFAULT, ADMIN_ROUTE}:
            raise ValueError(f"{said(value)} is the name of a route that is always there; choose another")
        return value


class BudgetPart(Part):
    """How many messages a channel may get; a key that is missing has the value of the default budget."""

    a_day: Annotated[int, Field(ge=1, le=10_000)] | None = None
    at_once: Annotated[int, Field(ge=1, le=100)] | None = None


class ThresholdPart(Part):
    """How long sends may stay in a status."""

    status: StatusId
    level: Literal["late", "support"] = "late"
    type: Text | None = None
    campaign: Text | None = None
    team: Text | None = None
    after: Limit

    shown = frozenset({"level"})


Permitted = Annotated[tuple[Allowed, ...], Listed]
STANDARD_BUDGET = BudgetPart(a_day=Budget().a_day, at_once=Budget().at_once)


class Document(BaseModel):
    """The whole configuration. Every section has a default, so that an empty one is a valid one."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    calendar: CalendarPart = CalendarPart()
    policies: Annotated[dict[PolicyName, PolicyPart], Counted] = {DEFAULT: PolicyPart()}
    routes: Annotated[tuple[RoutePart, ...], Counted] = ()
    budgets: Annotated[dict[BudgetName, BudgetPart], Counted] = {DEFAULT: STANDARD_BUDGET}
    permissions: Annotated[dict[Press, Permitted], Counted] = {SETTINGS: (ADMINS,)}
    thresholds: Annotated[tuple[ThresholdPart, ...], Counted] = ()

    @model_validator(mode="before")
    @classmethod
    def _without_empty_sections(cls, value: object) -> object:
        # A heading below which everything is commented out.
        return {key: body for key, body in value.items() if body is not None} if isinstance(value, dict) else value

    @field_validator("policies")
    @classmethod
    def _default_policy(cls, value: dict[str, PolicyPart]) -> dict[str, PolicyPart]:
        first = {DEFAULT: value.get(DEFAULT, PolicyPart())}
        return first | {name: value[name] for name in sorted(value)}

    @field_validator("budgets")
    @classmethod
    def _default_budget(cls, value: dict[str, BudgetPart]) -> dict[str, BudgetPart]:
        given = value.get(DEFAULT, STANDARD_BUDGET).model_dump()
        first = {DEFAULT: BudgetPart.model_validate(STANDARD_BUDGET.model_dump() | given)}
        return first | {name: value[name] for name in sorted(value) if name != DEFAULT}

    @field_validator("permissions")
    @classmethod
    def _somebody(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for action, allowed in value.items():
            if not allowed:
                raise ValueError(f"{action} names nobody; write [{ADMINS}] for only those who may do everything")
        if SENDER in value.get(SETTINGS, ()):
            raise ValueError(f"{SETTINGS} concern no single send, so that they have no {SENDER}")
        # What people may do with alerts is free where nothing is said; what changes it all is not.
        full = {SETTINGS: (ADMINS,)} | value
        return {action: tuple(dict.fromkeys(full[action])) for action in sorted(full)}

    def plain(self) -> dict[str, Any]:
        """All sections as plain data, in the form of the file and always in the same order."""
        told: dict[str, Any] = self.model_dump(mode="json")
        return told


SECTIONS: tuple[str, ...] = tuple(Document.model_fields)
"""The sections, in the order of the file."""

KEYS_AT: dict[tuple[str, ...], type[BaseModel]] = {
    (): Document,
    ("calendar",): CalendarPart,
    ("policies", "*"): PolicyPart,
    ("policies", "*", "escalate", "*"): StepPart,
    ("policies", "*", "quiet"): QuietPart,
    ("routes", "*"): RoutePart,
    ("routes", "*", "when"): WhenPart,
    ("budgets", "*"): BudgetPart,
    ("thresholds", "*"): ThresholdPart,
}
"""Which part describes the keys at a place; `*` stands for any name or number."""
