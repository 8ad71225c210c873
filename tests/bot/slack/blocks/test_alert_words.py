"""What is to be done about an alert, in words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.slack.blocks import alert_state
from bot.slack.blocks.alert_state import LATE_ADVICE, next_step
from bot.statuses import catalogue
from bot.statuses.catalogue import Status
from tests.bot.slack import rows
from tests.conftest import NOW


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


@pytest.mark.parametrize(("status", "assumed", "days", "told"), [
    ("sent", True, 1, "Sent: the offer ends within 2 days"),
    ("sent", True, -1, "Sent: the offer should be over by now"),
    ("sent", False, 0, "Sent: the offer is over by now"),
    ("confirming_address", True, -1, "Confirming Address/Offer Sent: address confirmation should be over by now"),
])
def test_an_end_that_has_passed_is_not_told_as_to_come(status: str, assumed: bool, days: int, told: str) -> None:
    end = NOW + timedelta(days=days)
    alert = rows.alert(
        rule="expiring", level="2d", status=status, threshold={"ends_at": end.isoformat(), "assumed": assumed},
    )
    assert alert_state.headline(alert, NOW) == told
    alert.resolved_at = end - timedelta(hours=1)
    assert "ends within 2 days" in alert_state.headline(alert, NOW)
