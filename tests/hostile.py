"""How hard a test tries to break what takes input from outside."""

from __future__ import annotations

from hypothesis import HealthCheck, settings


def hostile(examples: int) -> settings:
    """So many examples in an ordinary run, and as many times more as the profile has more than Hypothesis' hundred.

    Fixtures are made once for all examples of a test, and no example is too slow.
    """
    many = max(1, examples * settings().max_examples // 100)
    return settings(max_examples=many, deadline=None, suppress_health_check=list(HealthCheck))
