"""The configuration after Slack has given a channel another id."""

from __future__ import annotations

from bot.config.document import Document
from bot.config.moved import moved

BEFORE = Document.model_validate({
    "policies": {"default": {"escalate": [{"after": "1d", "channel": "C0OLD1"}, {"after": "2d", "channel": "C0ELSE"}]}},
    "routes": [{"name": "a", "channel": "C0OLD1"}, {"name": "b", "channel": "C0ELSE"}, {"name": "c"}],
    "budgets": {"default": {"a_day": 30}, "C0OLD1": {"a_day": 7}},
    "digests": [{"channel": "C0OLD1"}, {"every": "day"}],
    "permissions": {"resolve": ["U0OLD1"]},
})


def test_the_new_id_stands_wherever_the_old_one_did() -> None:
    after = moved(BEFORE, "C0OLD1", "C0NEW1")
    assert after.model_dump_json() == BEFORE.model_dump_json().replace("C0OLD1", "C0NEW1")
    assert "C0OLD1" not in after.model_dump_json()


def test_a_budget_that_the_new_id_has_already_stays() -> None:
    both = BEFORE.model_copy(update={"budgets": BEFORE.budgets | {"C0NEW1": BEFORE.budgets["default"]}})
    after = moved(both, "C0OLD1", "C0NEW1")
    assert after.budgets == dict.fromkeys(("default", "C0NEW1"), BEFORE.budgets["default"])


def test_what_names_no_such_channel_is_the_same() -> None:
    assert moved(BEFORE, "C0OTHER", "C0NEW1") == BEFORE
    assert moved(BEFORE, "C0OLD1", "C0OLD1") == BEFORE
