"""The Home tab at Slack's edge: opened, turned, looked up from, and drawn again when something has changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.slack import home_facts
from bot.slack.homes import AT_ONCE, Keeper
from storage import homes, people, schema
from storage.engine import Database
from storage.models import Home, Mute, Watch
from tests.bot.slack import gate
from tests.bot.slack.conftest import add_alert, add_send
from tests.bot.slack.harness import RULES, Slack, buttons, words
from tests.conftest import NOW
from tests.hostile import hostile

TAB = {"container": {"type": "view", "view_id": "V1"}, "channel": None, "response_url": ""}


@pytest.fixture
def known(slack: Slack) -> Slack:
    """Ann and Ben of Marketing Ops, and Dee of Legal, are known to the bot."""
    for user, name in (("U01ANN", "ann"), ("U02BEN", "ben"), ("U03DEE", "dee")):
        with slack.database.write() as session:
            people.keep(session, user_id=user, email=f"{name}@example.com", tz="America/Los_Angeles", now=NOW)
    return slack


def late(database: Database, number: int, name: str, sender: str = "ann", team: str = "Marketing Ops") -> int:
    """A send with an open alert; gives the alert."""
    send = add_send(
        database, number, recipient_name=name, sender_email=f"{sender}@example.com", team=team,
        status_since=NOW - timedelta(days=30) + timedelta(hours=number),
    )
    return add_alert(database, send, None, key=f"late{number}")


def opens(slack: Slack, user: str = "U01ANN") -> dict[str, Any]:
    slack.event({"type": "app_home_opened", "tab": "home", "user": user, "channel": "D1"})
    return last(slack)


def last(slack: Slack) -> dict[str, Any]:
    slack.executor.finish()
    return slack.client.views("views.publish")[-1]


def times(slack: Slack) -> int:
    slack.executor.finish()
    return len(slack.client.views("views.publish"))


def pressed(slack: Slack, view: dict[str, Any], label: str, user: str = "U01ANN") -> None:
    element = buttons(view)[label]
    slack.press(
        element["action_id"], element["value"], **TAB, user={"id": user, "username": "x"},
        view={"id": "V1", "type": "home", "hash": "h"},
    )


def section(view: dict[str, Any], title: str) -> str:
    """All that stands under a heading."""
    parts: list[str] = []
    inside = False
    for block in view["blocks"]:
        if block["type"] == "header":
            inside = block["text"]["text"].startswith(title)
        elif inside:
            parts.append(words({"blocks": [block]}))
    assert parts, f"no section {title!r} in:\n{words(view)}"
    return "\n".join(parts)


def test_each_sees_their_own_and_their_teams(known: Slack) -> None:
    late(known.database, 1, "Jane Doe")
    late(known.database, 2, "Tom Berg", "ben")
    late(known.database, 3, "Wolf Case", "dee", "Legal")
    ann, ben, dee = (opens(known, user) for user in ("U01ANN", "U02BEN", "U03DEE"))
    assert "Jane Doe" in section(ann, "Needs you")
    assert "*To do:*" in section(ann, "Needs you")
    assert "Tom Berg" in section(ann, "Your team, Marketing Ops")
    assert "Tom Berg" in section(ben, "Needs you")
    assert "Jane Doe" in section(ben, "Your team")
    assert "Wolf Case" in section(dee, "Needs you")
    assert "Nothing" in section(dee, "Your team, Legal")
    assert "3 open alerts" in section(ann, "For admins")
    assert "All teams together" not in words(ben) + words(dee)


@given(st.lists(
    st.tuples(
        st.sampled_from(["ann", "ben", "dee", "eve", ""]), st.sampled_from(["Marketing Ops", "Legal", "EMEA", ""]),
        st.sampled_from(["firing", "acknowledged", "snoozed", "resolved"]),
    ), max_size=12,
))
@hostile(25)
def test_never_another_teams(made: list[tuple[str, str, str]]) -> None:
    # Each example has a database of its own: a fixture would be the same for all of them.
    database = Database("sqlite://")
    schema.upgrade(database)
    for number, (sender, team, state) in enumerate(made):
        send = add_send(
            database, number + 1, recipient_name=f"P{number}", sender_email=f"{sender}@example.com" if sender else "",
            team=team,
        )
        add_alert(database, send, None, key=f"k{number}", state=state)
    with database.write() as session:
        people.keep(session, user_id="U03DEE", email="dee@example.com", now=NOW)
    with database.read() as session:
        found = home_facts.of(session, "U03DEE", RULES, NOW)
    hers = {team for sender, team, _ in made if sender == "dee" and team}
    assert set(found.teams) == hers
    shown = {send.recipient_name for part in (found.needs, found.team) if part for _, send in part.rows if send}
    may = {
        f"P{number}" for number, (sender, team, state) in enumerate(made)
        if state != "resolved" and (sender == "dee" or team in hers)
    }
    assert shown <= may
    assert (found.needs.total if found.needs else 0) + found.team.total == len(may)
    assert found.everything is None
    database.close()


def test_who_is_not_known_sees_no_sends_at_all(known: Slack) -> None:
    late(known.database, 1, "Jane Doe", sender="", team="")
    known.client.answers["users.info"] = [{"ok": False, "error": "user_not_found"}]
    view = opens(known, "U09NEW")
    assert "Jane Doe" not in words(view)
    assert "Your team" not in words(view)


def test_pages_turn_each_by_itself(known: Slack) -> None:
    for number in range(1, 12):
        late(known.database, number, f"Own {number}")
        late(known.database, 100 + number, f"Team {number}", "ben")
    first = opens(known)
    assert "1 to 5 of 11" in section(first, "Needs you")
    known.press("home_turn.team1", {"section": "team", "page": 1}, **TAB, view={"id": "V1", "type": "home"})
    second = last(known)
    assert "1 to 5 of 11" in section(second, "Needs you")
    assert "6 to 10 of 11" in section(second, "Your team")
    pressed(known, second, "Show more")
    third = last(known)
    assert "6 to 10 of 11" in section(third, "Needs you")
    assert "6 to 10 of 11" in section(third, "Your team")
    assert "6 to 10 of 11" in section(opens(known), "Needs you")


def test_a_page_that_is_no_more_gives_way_to_the_last(known: Slack) -> None:
    late(known.database, 1, "Jane Doe")
    with known.database.write() as session:
        for name in ("needs", "team", "assigned", "watched", "mutes"):
            homes.turn(session, "U01ANN", name, 7, NOW)
        session.add(Watch(user_id="U01ANN", send_id=1, created_at=NOW))
    view = opens(known)
    assert "Jane Doe" in section(view, "Needs you")
    assert "Jane Doe" in section(view, "You watch")


@pytest.mark.parametrize("content", [{"section": "<!channel>", "page": 1}, {}, {"section": ["needs"]}])
def test_turning_what_there_is_not_is_foreign(known: Slack, content: dict[str, Any]) -> None:
    known.press("home_turn.x", content, **TAB, view={"id": "V1", "type": "home"})
    known.executor.finish()
    assert "not one that this version" in words(known.client.views()[-1])


def test_own_mutes_are_listed_and_end_there(known: Slack) -> None:
    with known.database.write() as session:
        for who, label in (("U01ANN", "Spring"), ("U02BEN", "Autumn")):
            session.add(Mute(
                scope="campaign", value=label.lower(), label=label, created_by=who, created_at=NOW,
                ends_at=NOW + timedelta(days=1),
            ))
    view = opens(known)
    assert "Campaign “Spring”" in section(view, "Muted by you")
    assert "Autumn" not in words(view)
    pressed(known, view, "End")
    assert "Nothing" in section(last(known), "Muted by you")
    assert "Spring" in words(known.client.views()[-1])


def test_the_last_weeks_are_counted_in_the_persons_own_weeks(known: Slack) -> None:
    sunday = NOW - timedelta(hours=10)  # 21:00 on Sunday in Los Angeles, and Monday already in Greenwich
    add_send(known.database, 1, created_at=sunday, status="delivered")
    add_send(known.database, 2, created_at=NOW)
    told = section(opens(known), "Your last 8 weeks")
    assert "You have sent 2 gifts. 1 of them is delivered or redeemed so far." in told
    assert "from Nov 16 1 sent, 1 of them arrived; from Nov 23 1 sent, 0 of them arrived." in told


# --- looking up ---------------------------------------------------------------------------------------


def search(slack: Slack, typed: str | None) -> dict[str, Any]:
    slack.interact({
        "type": "block_actions", "trigger_id": "1.t", **TAB, "view": {"id": "V1", "type": "home", "hash": "h"},
        "actions": [{
            "type": "plain_text_input", "action_id": "home_search", "block_id": "home_search", "value": typed,
            "action_ts": "1.0",
        }],
    })
    slack.executor.finish()
    return slack.client.views()[-1]


def test_what_is_typed_is_looked_up_in_a_window(known: Slack) -> None:
    late(known.database, 1, "Jane Doe")
    late(known.database, 2, "Jane Roe")
    assert "2 sends match “jane”" in words(search(known, "jane"))
    assert "Nothing matches" in words(search(known, "zebediah"))
    assert "press Enter" in words(search(known, None))
    assert "press Enter" in words(search(known, "  "))


@pytest.mark.parametrize("typed", ['{"send":1}', "<!channel> *x*", "a" * 200, "1", "null", "\u202eevil"])
def test_whatever_is_typed_is_only_words(known: Slack, typed: str) -> None:
    late(known.database, 1, "Jane Doe")
    assert search(known, typed)["type"] == "modal"


def test_the_list_is_leafed_through_in_its_own_window(known: Slack) -> None:
    for number in range(1, 12):
        late(known.database, number, f"Jane {number}")
    view = search(known, "jane")
    more = buttons(view)["Show more"]
    known.press(
        more["action_id"], more["value"], **TAB,
        view={"id": "V2", "type": "modal", "callback_id": view["callback_id"], "hash": "h"},
    )
    known.executor.finish()
    assert "9 to 11 of 11" in words(known.client.views("views.update")[-1])


# --- kept true ----------------------------------------------------------------------------------------


def test_an_own_press_draws_it_again(known: Slack) -> None:
    alert = late(known.database, 1, "Jane Doe")
    opens(known)
    known.press("alert_assign", {"alert": alert, "v": 1})
    assert times(known) == 2
    assert "Jane Doe" in section(last(known), "Assigned to you")
    known.press("alert_meaning", {"alert": alert, "v": 2})
    assert times(known) == 2


def test_who_has_not_looked_at_it_lately_is_left_alone(known: Slack) -> None:
    alert = late(known.database, 1, "Jane Doe")
    opens(known)
    known.now += timedelta(days=2)
    known.press("alert_assign", {"alert": alert, "v": 1})
    known.press("alert_acknowledge", {"alert": alert, "v": 2}, user={"id": "U02BEN"})
    assert times(known) == 1
    assert Keeper(known.deps).run() == 0


def test_the_job_draws_what_is_not_true_any_more_and_only_that(known: Slack) -> None:
    keeper = Keeper(known.deps)
    for user in ("U01ANN", "U03DEE"):
        opens(known, user)
    known.now += timedelta(seconds=10)
    assert keeper.run() == 0
    late(known.database, 1, "Jane Doe", "dee", "Legal")
    assert keeper.run() == 0, "it was looked at this moment"
    known.now += timedelta(seconds=10)
    assert keeper.run() == 2, "Dee's own, and the admin's total"
    assert {body["user_id"] for _, body in known.client.calls[-2:]} == {"U01ANN", "U03DEE"}
    known.now += timedelta(seconds=10)
    assert keeper.run() == 0


def test_an_email_that_becomes_known_is_drawn(known: Slack) -> None:
    known.client.answers["users.info"] = [{"ok": False, "error": "fatal_error"}] * 3
    assert "has not told Sendwatch your e-mail" in words(opens(known, "U09NEW"))
    with known.database.write() as session:
        people.keep(session, user_id="U09NEW", email="ann@example.com", now=NOW)
    known.now += timedelta(seconds=10)
    assert Keeper(known.deps).run() == 1
    assert "Every send of yours" in words(last(known))


def refused(error: str, **headers: str) -> SlackApiError:
    answer = SlackResponse(
        client=None, http_verb="POST", api_url="views.publish", req_args={}, data={"ok": False, "error": error},
        headers=headers, status_code=200,
    )
    return SlackApiError("refused", answer)  # type: ignore[no-untyped-call]


def test_a_slack_that_wants_to_be_left_alone_is_left_alone(known: Slack) -> None:
    known.client.answers["views.publish"] = [refused("ratelimited", **{"Retry-After": "45"}) for _ in range(3)]
    opens(known)
    opens(known, "U02BEN")
    keeper = Keeper(known.deps)
    known.now += timedelta(seconds=10)
    assert keeper.run() == 0
    assert times(known) == 3, "the first refusal ended the round"
    known.now += timedelta(seconds=44)
    assert keeper.run() == 0
    known.now += timedelta(seconds=1)
    assert keeper.run() == 2
    assert times(known) == 5


@pytest.mark.parametrize("error", ["hash_conflict", "internal_error", "not_enabled", "view_too_large"])
def test_what_was_not_taken_is_told_again(known: Slack, error: str) -> None:
    known.client.answers["views.publish"] = [{"ok": False, "error": error}]
    opens(known)
    known.now += timedelta(seconds=10)
    assert Keeper(known.deps).run() == 1
    assert times(known) == 2


def test_who_has_left_is_forgotten(known: Slack) -> None:
    known.client.answers["views.publish"] = [{"ok": False, "error": "user_not_found"}]
    opens(known)
    with known.database.read() as session:
        assert session.get(Home, "U01ANN") is None
    known.now += timedelta(minutes=1)
    assert Keeper(known.deps).run() == 0
    assert times(known) == 1


def test_one_round_stays_below_slacks_limit(known: Slack) -> None:
    with known.database.write() as session:
        for number in range(AT_ONCE + 5):
            homes.opened(session, f"U1{number:03}", NOW)
    keeper = Keeper(known.deps)
    assert keeper.run() == AT_ONCE
    assert keeper.run() == 5
    assert keeper.run() == 0


def test_two_processes_do_not_do_it_twice(known: Slack) -> None:
    opens(known)
    late(known.database, 1, "Jane Doe")
    known.now += timedelta(seconds=10)
    with known.database.write() as session:
        drawing = homes.claim(session, "U01ANN", known.now)
    assert drawing is not None
    assert Keeper(known.deps).run() == 0
    assert times(known) == 1


def test_what_changes_while_it_is_drawn_is_drawn_by_the_same(known: Slack) -> None:
    opens(known)
    late(known.database, 1, "Jane Doe")
    publish = known.client.views_publish
    seen: list[str] = []

    def slow(**told: Any) -> Any:  # noqa: ANN401 - as Slack's client has it
        seen.append(words(told["view"]))
        if len(seen) == 1:
            late(known.database, 2, "Tom Berg")
            with known.database.write() as session:
                assert homes.claim(session, "U01ANN", known.now) is None
        return publish(**told)

    known.client.views_publish = slow  # type: ignore[method-assign]
    known.now += timedelta(seconds=10)
    assert Keeper(known.deps).run() == 1
    assert ["Tom Berg" in one for one in seen] == [False, True]


@pytest.mark.parametrize("number", [0, 1, 50, 500])
def test_any_number_of_everything(known: Slack, number: int) -> None:
    with known.database.write() as session:
        for one in range(number):
            session.add(Mute(
                scope="campaign", value=f"c{one}", label=f"C{one}", created_by="U01ANN", created_at=NOW,
                ends_at=NOW + timedelta(days=1),
            ))
    for one in range(1, number + 1):
        late(known.database, one, f"Person {one}", sender="ann" if one % 2 else "ben")
    view = opens(known)
    assert gate.problems(view, gate.HOME) == []
    assert (f"of {number}" in section(view, "Muted by you")) == (number > 5)
