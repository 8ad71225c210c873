"""The section of the configuration that says which days count."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import field_validator, model_validator

from bot.config.names import NOBODY, Text
from bot.config.part import Listed, Part
from bot.config.problems import said
from bot.config.times import Days, Span, WallTime, Weekdays, Zone
from bot.statuses.country_holidays import Country
from bot.statuses.working_time import PACIFIC, WorkCalendar, make_calendar


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
