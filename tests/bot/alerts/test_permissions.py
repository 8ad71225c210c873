from __future__ import annotations

import pytest

from bot.alerts.permissions import LOOK_UP, Permissions, Presser, Reach

ANN, SAM = Presser(user_id="U1", is_admin=True), Presser(user_id="U2", email="sam@acme.com")
EVE = Presser(user_id="U3", email="eve@acme.com", groups=frozenset({"S9"}))
TABLE = Permissions(allowed={"resolve": ("sender", "S9"), "mute": ("admins",), "snooze": ("U3",), "assign": ()})


@pytest.mark.parametrize(("action", "presser", "may"), [
    ("acknowledge", EVE, True),
    ("assign", EVE, True),
    ("resolve", SAM, True),
    ("resolve", EVE, True),
    ("resolve", Presser(user_id="U4"), False),
    ("resolve", Presser(user_id="U4", groups=frozenset({"S8"})), False),
    ("resolve", ANN, True),
    ("mute", SAM, False),
    ("mute", ANN, True),
    ("snooze", EVE, True),
    ("snooze", SAM, False),
])
def test_who_may(action: str, presser: Presser, may: bool) -> None:
    assert TABLE.may(action, presser, "Sam@Acme.com ") is may


@pytest.mark.parametrize(("who", "presser", "reach"), [
    ((), SAM, Reach.ALL),
    (("anyone",), SAM, Reach.ALL),
    (("admins",), ANN, Reach.ALL),
    (("admins",), SAM, Reach.NONE),
    (("sender",), SAM, Reach.OWN),
    (("sender",), Presser(user_id="U4"), Reach.OWN),
    (("sender",), ANN, Reach.ALL),
    (("team",), SAM, Reach.TEAM),
    (("sender", "team"), SAM, Reach.TEAM),
    (("S9",), EVE, Reach.ALL),
    (("S9",), SAM, Reach.NONE),
    (("sender", "U3"), EVE, Reach.ALL),
    (("sender", "U3"), SAM, Reach.OWN),
])
def test_whose_sends_somebody_finds(who: tuple[str, ...], presser: Presser, reach: Reach) -> None:
    assert Permissions(allowed={LOOK_UP: who, "resolve": ("anyone",)}).reach(presser) is reach


def test_where_there_is_no_sender_nobody_is_it() -> None:
    assert not TABLE.may("resolve", Presser(user_id="U4"), "")
    assert not TABLE.may("resolve", SAM)


def test_groups_that_somebody_must_ask_slack_about() -> None:
    assert TABLE.groups == {"S9"}
    assert Permissions().who("resolve") == ("anyone",)


def test_a_sender_is_the_one_with_that_very_address() -> None:
    assert TABLE.may("resolve", SAM, " SAM@acme.com")
    assert not TABLE.may("resolve", Presser(user_id="U4", email="sam@acme.com.evil"), "sam@acme.com")
    assert not TABLE.may("resolve", Presser(user_id="U4", email=""), "   ")
