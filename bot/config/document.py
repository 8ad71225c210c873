"""The configuration document: its sections, and what each holds as a whole."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from bot.alerts.permissions import ADMINS, LOOK_UP, SENDER, TEAM
from bot.alerts.policy import Budget
from bot.alerts.routing import DEFAULT
from bot.config.business_days import CalendarPart
from bot.config.names import Allowed, BudgetName, PolicyName, Press
from bot.config.part import Counted, Listed
from bot.config.parts import (
    BudgetPart,
    DigestPart,
    LookUpsPart,
    PolicyPart,
    QuietPart,
    RoutePart,
    StepPart,
    ThresholdPart,
    WhenPart,
)

SETTINGS = "settings"

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
    digests: Annotated[tuple[DigestPart, ...], Counted] = ()
    look_ups: LookUpsPart = LookUpsPart()

    @model_validator(mode="before")
    @classmethod
    def _without_empty_sections(cls, value: object) -> object:
        # A heading below which everything is commented out; a misspelt one is to be told all the same.
        if not isinstance(value, dict):
            return value
        return {key: body for key, body in value.items() if body is not None or key not in cls.model_fields}

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
            if TEAM in allowed and action != LOOK_UP:
                raise ValueError(f"{action} cannot be for a {TEAM}: only {LOOK_UP} can")
        if SENDER in value.get(SETTINGS, ()):
            raise ValueError(f"{SETTINGS} concern no single send, so that they have no {SENDER}")
        # What people may do with alerts is free where nothing is said; what changes it all is not.
        full = {SETTINGS: (ADMINS,)} | value
        return {action: tuple(dict.fromkeys(full[action])) for action in sorted(full)}

    def plain(self) -> dict[str, Any]:
        """All sections as plain data, in the form of the file and always in the same order."""
        told: dict[str, Any] = self.model_dump(mode="json")
        return told

    def plain_section(self, section: str) -> Any:  # noqa: ANN401 - plain data of any shape
        """One section as plain data, in the form of the file."""
        return self.model_dump(mode="json", include={section})[section]


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
    ("digests", "*"): DigestPart,
    ("look_ups",): LookUpsPart,
}
"""Which part describes the keys at a place; `*` stands for any name or number."""
