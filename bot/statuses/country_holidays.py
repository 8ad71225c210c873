"""Which days a country has off, and which weekdays it works: the data of the `holidays` package, a year at a time."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType, ModuleType

import holidays.version
from holidays.registry import COUNTRIES

from bot.statuses.working_words import WORKED

ENGLISH = "en_US"
_EVERY_DAY = frozenset(range(7))
_LISTED = 12
"""Names in the sentence about a wrong one; more than that nobody reads."""


def load_no_country_unasked() -> None:
    """Let the package load a country when it is asked for, as it means to.

    Its loader asks for `holidays.countries.<one>`, and that package's own first lines load all 250: a quarter of a
    second and 11 MB, for a bot that mostly wants one.
    """
    countries = ModuleType("holidays.countries")
    countries.__path__ = [str(Path(folder) / "countries") for folder in holidays.__path__]
    sys.modules.setdefault(countries.__name__, countries)


load_no_country_unasked()


@dataclass(frozen=True, kw_only=True)
class Exceptions:
    """The days of a year that are not as their weekday says, each with a name: days off, and days worked after all."""

    off: Mapping[date, str] = field(default_factory=lambda: MappingProxyType({}))
    worked: Mapping[date, str] = field(default_factory=lambda: MappingProxyType({}))


def edition() -> str:
    """A word for the data: another one may know other days."""
    return holidays.version.__version__


@cache
def names() -> dict[str, str]:
    """Every country of the data by its two letters, in English; the package's own list would load them all."""
    return {known[1]: module.replace("_", " ").title() for module, known in sorted(COUNTRIES.items())}


@dataclass(frozen=True, kw_only=True)
class Country:
    """A country, or one part of it, whose public holidays are days off. Raises ValueError where it is not known."""

    code: str
    subdivision: str | None = None

    def __post_init__(self) -> None:
        if self.code not in names():
            raise ValueError(f"unknown country {self.code!r}: expected an ISO 3166 code such as US, DE or GB")
        if self.subdivision is not None and self.subdivision not in self._parts():
            raise ValueError(f"unknown subdivision {self.subdivision!r} of {self.code}: {self._expected()}")

    def _parts(self) -> list[str]:
        return list(holidays.country_holidays(self.code).subdivisions)

    def _expected(self) -> str:
        parts = self._parts()
        if not parts:
            return "this country has none, so leave it out"
        rest = parts[_LISTED:]
        more = f" or one of {len(rest)} more" if rest else ""
        return f"expected {', '.join(parts[:_LISTED])}{more}"

    @property
    def workweek(self) -> frozenset[int]:
        """The weekdays that are worked there now (Monday is 0)."""
        return _EVERY_DAY - frozenset(int(day) for day in self._of().weekend)

    def exceptions(self, year: int) -> Exceptions:
        """That year's public holidays, and the days of a weekend that are worked in exchange for another day.

        Holidays that fall on a weekend are in it, also the day on which they are observed. A year for which
        the package knows nothing has no exceptions.
        """
        about = self._of()
        if not about.start_year <= year <= about.end_year:
            return Exceptions()
        found = self._of(year)
        return Exceptions(
            off={day: str(name) for day, name in found.items()},
            worked={day: WORKED for day in found.weekend_workdays if day.year == year},
        )

    def _of(self, *years: int) -> holidays.HolidayBase:
        languages = holidays.country_holidays(self.code).supported_languages
        return holidays.country_holidays(
            self.code, subdiv=self.subdivision, years=years, observed=True,
            language=ENGLISH if ENGLISH in languages else None,
        )
