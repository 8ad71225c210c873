from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.config.document import KEYS_AT, SECTIONS, Document
from bot.config.names import PRESSES, RULE_NAMES
from bot.config.parts import BudgetPart, PolicyPart, RoutePart, ThresholdPart
from bot.config.reading import read
from bot.config.writing import write

MANUAL = (Path(__file__).parents[3] / "docs" / "configuration.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", MANUAL, re.DOTALL)
ALL_KEYS = Path(__file__).with_name("example.yml")


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_of_the_manual_is_a_file_without_a_mistake(example: str) -> None:
    reading = read(example)
    assert [str(problem) for problem in (*reading.problems, *reading.warnings)] == []
    assert read(write(reading.document)).document == reading.document


def test_the_first_example_holds_the_defaults() -> None:
    assert read(EXAMPLES[0]).document == Document()
    assert read(EXAMPLES[0]).given == SECTIONS


def test_the_manual_has_a_heading_for_every_section_and_names_every_key_rule_and_action() -> None:
    for section in SECTIONS:
        assert f"\n## `{section}`: " in MANUAL
    for part in KEYS_AT.values():
        for name, field in part.model_fields.items():
            assert f"`{field.alias or name}`" in MANUAL
    for name in (*RULE_NAMES, *PRESSES):
        assert f"`{name}`" in MANUAL


def test_the_manual_tells_the_defaults_as_they_are() -> None:
    assert "| `repeat` | `[1d, 3d, 7d]` |" in MANUAL
    assert [str(length.days) for length in PolicyPart().repeat] == ["1", "3", "7"]
    for part, key in (
        (PolicyPart, "repeat_in"), (RoutePart, "policy"), (ThresholdPart, "level"),
    ):
        assert f"| `{key}` | `{part.model_fields[key].default}` |" in MANUAL
    standard: BudgetPart = Document().budgets["default"]
    assert f"| `a_day` | `{standard.a_day}` |" in MANUAL
    assert f"| `at_once` | `{standard.at_once}` |" in MANUAL
    assert f"| `country` | `{Document().calendar.country}` |" in MANUAL


def test_the_example_file_uses_every_key_with_a_value_of_its_own() -> None:
    reading = read(ALL_KEYS.read_bytes())
    assert [str(problem) for problem in (*reading.problems, *reading.warnings)] == []
    unused = [f"{type(part).__name__}.{name}" for part in parts(reading.document) for name in defaults(part)]
    used = {f"{type(part).__name__}.{name}" for part in parts(reading.document)
            for name in type(part).model_fields if name not in defaults(part)}
    assert set(unused) <= used
    assert read(write(reading.document)).document == reading.document


def parts(value: object) -> list[BaseModel]:
    """Every part of a document, itself included."""
    if isinstance(value, BaseModel):
        return [value, *(part for name in type(value).model_fields for part in parts(getattr(value, name)))]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ()
    return [part for one in inner for part in parts(one)]


def defaults(part: BaseModel) -> set[str]:
    """The keys of a part that have their default."""
    return {
        name for name, field in type(part).model_fields.items()
        if not field.is_required() and getattr(part, name) == field.get_default(call_default_factory=True)
    }
