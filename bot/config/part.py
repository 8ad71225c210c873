"""What every part of the configuration shares."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from bot.config.names import RuleName, Text, counted, listed

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
