from __future__ import annotations

from bot.alerts.routing import Route


def test_gifts_go_to_the_channel_and_the_bots_own_troubles_to_the_admins() -> None:
    route = Route(alert_channel="C1", admins=("U1", "U2"))
    assert route.channels("overdue") == ("C1",)
    assert route.channels("stale_data") == route.channels("unknown_status") == ("U1", "U2")


def test_without_admins_everything_goes_to_the_channel() -> None:
    assert Route(alert_channel="C1").channels("stale_data") == ("C1",)
