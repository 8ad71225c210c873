"""The parts of the configuration: policies, routes, budgets and so on; every key, its form and its default."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from bot.alerts.permissions import LookUps
from bot.alerts.policy import Policy
from bot.alerts.routing import ADMINS as ADMIN_ROUTE
from bot.alerts.routing import DEFAULT
from bot.config.amounts import Limit, Money
from bot.config.names import NEVER, ChannelId, PersonId, PolicyName, StatusId, Text
from bot.config.part import Listed, Part, Rules, Texts
from bot.config.problems import said
from bot.config.times import WEEKDAYS, Length, WallTime, Weekdays, Zone
from bot.reports.schedule import DAY, MONDAY, WEEK, WORKDAYS


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
            raise ValueError("each interval has to be as long as the one before, or longer")
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


class DigestPart(Part):
    """A summary of the sends of a day or a week: of which ones, where, and when it comes."""

    shown = frozenset({"every", "at"})

    every: Literal["day", "week"] = WEEK
    at: WallTime = time(9)
    days: Weekdays | None = None
    zone: Zone | None = None
    route: Text | None = None
    channel: ChannelId | None = None
    picture: bool = True
    skip_empty: bool = True

    @model_validator(mode="after")
    def _one_day_a_week(self) -> Self:
        if self.every == WEEK and self.days is not None and len(self.days) > 1:
            named = ", ".join(WEEKDAYS[day] for day in sorted(self.days))
            raise ValueError(f"days names {named}, but a weekly digest comes on one day; write one, or every: day")
        return self

    @property
    def weekdays(self) -> frozenset[int]:
        """The days on which it comes (Monday is 0)."""
        if self.days is not None:
            return self.days
        return WORKDAYS if self.every == DAY else MONDAY


class LookUpsPart(Part):
    """Whether each look-up is put on record, and for how long."""

    shown = frozenset({"record", "keep"})

    record: bool = False
    keep: Length = LookUps().keep

    @field_validator("keep")
    @classmethod
    def _whole_days(cls, value: timedelta) -> timedelta:
        if value < timedelta(days=1):
            raise ValueError("has to be a day or longer")
        return value
