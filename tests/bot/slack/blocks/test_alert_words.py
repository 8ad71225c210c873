"""What is to be done about an alert, in words."""

from __future__ import annotations

import pytest

from bot.slack.blocks.alert_state import LATE_ADVICE, next_step
from bot.statuses import catalogue
from bot.statuses.catalogue import Status


@pytest.mark.parametrize(("status", "kind", "told"), [
    (Status.AMAZON_FULFILLING, "physical", LATE_ADVICE),
    (Status.ORDER_RECEIVED, "physical", "After more than 7 days contact Sendoso's Support."),
])
def test_what_is_late_is_not_told_to_wait(status: Status, kind: str, told: str) -> None:
    found = catalogue.meanings(status, kind)
    assert next_step("", found)[1].startswith("Wait")
    assert next_step("late", found)[1].replace("Sendoso Support", "Sendoso's Support") == told


@pytest.mark.parametrize("one", catalogue.MEANINGS, ids=lambda one: f"{one.status}-{one.kind}")
def test_no_advice_for_what_is_late_begins_with_waiting(one: catalogue.Meaning) -> None:
    assert not next_step("late", (one,))[1].startswith("Wait")
    assert next_step("", (one,))[1] == one.advice
