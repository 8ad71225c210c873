"""All checks in the order in which somebody mends things: what the rest needs comes first."""

from __future__ import annotations

from bot.doctor import database, named, setup, slack, work
from bot.doctor.finding import Report
from bot.doctor.told import Told


def report(told: Told) -> Report:
    """What was found by everything that was told."""
    return Report(findings=(
        *setup.check(told), *database.check(told), *slack.check(told), *named.check(told), *work.sendoso(told),
        *work.work(told), *work.configuration(told), *setup.machine(told),
    ))
