"""Mutes at Slack's edge: what windows carry, what is refused, and what foreign payloads get."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.alerts.permissions import Permissions
from bot.slack import mute_targets, mute_words
from bot.slack.app import build_app
from bot.slack.blocks import mute_modal
from bot.slack.payloads import BadPayloadError
from bot.statuses.watch import us_watch
from storage import people
from storage.engine import Database
from storage.models import Alert, AlertEvent, Mute, Send
from tests.bot.slack.conftest import World, add_alert, add_message, add_send
from tests.bot.slack.harness import NOWHERE, RULES, SECRET, Slack, buttons, words
from tests.bot.slack.rows import HOSTILE
from tests.bot.slack.rules.texts import option
from tests.conftest import NOW

BEN = {"user": {"id": "U02BEN", "username": "ben", "team_id": "T0DEMO"}}
ONLY_ANN = replace(RULES, permissions=Permissions(allowed={"mute": ("admins",)}))
CALENDAR = us_watch().calendar


def opened(slack: Slack, method: str = "views.open") -> dict[str, Any]:
    slack.executor.finish()
    found = slack.client.views(method)
    assert found, slack.said
    return found[-1]


def mutes(database: Database) -> list[Mute]:
    with database.read() as session:
        return list(session.scalars(select(Mute).order_by(Mute.id)))


def events(slack: Slack) -> list[AlertEvent]:
    with slack.database.read() as session:
        return list(session.scalars(select(AlertEvent).order_by(AlertEvent.id)))


def values(scope: str | None = None, words: str = "", length: str = "1 week", reason: str = "") -> dict[str, Any]:
    given: dict[str, Any] = {
        mute_modal.LENGTH: {mute_modal.LENGTH: {"selected_option": {"value": length}}},
        mute_modal.WORDS: {mute_modal.WORDS: {"value": words}},
        mute_modal.REASON: {mute_modal.REASON: {"value": reason}},
    }
    if scope is not None:
        given[mute_modal.SCOPE] = {mute_modal.SCOPE: {"selected_option": {"value": scope}}}
    return given


def ruled(slack: Slack, rules: Any = ONLY_ANN) -> None:  # noqa: ANN401 - a rulebook
    slack.app = build_app(
        replace(slack.deps, rules=lambda _session: rules), token="xoxb-none", signing_secret=SECRET, api_url=NOWHERE,
    )


# --- windows ------------------------------------------------------------------------------------------


def test_two_windows_lead_to_a_mute(slack: Slack, world: World) -> None:
    slack.press("alert_mute", {"alert": world.alert, "v": 1})
    form = opened(slack)
    assert "Campaign “Q4 thank-you” — 1 open alert" in words(form)
    # Names stay with the rows that have them.
    assert json.loads(form["private_metadata"]) == {"of": "alert", "id": world.alert}
    second = slack.submit(form, values("campaign", reason="Holidays"))["view"]
    assert "Q4" not in second["private_metadata"]
    assert "*1 open alert*, told already" in words(second)
    done = slack.submit(second, {})
    assert done["response_action"] == "update"
    assert "1 open alert is hidden" in words(done["view"])
    (mute,) = mutes(slack.database)
    assert (mute.scope, mute.value, mute.label, mute.reason) == ("campaign", "q4 thank-you", "Q4 thank-you", "Holidays")
    assert (mute.created_by, mute.ends_at) == ("U01ANN", NOW + timedelta(days=7))
    assert slack.woken == 1
    again = slack.submit(second, {})
    assert "1 open alert is hidden" in words(again["view"])
    assert len(mutes(slack.database)) == 1


def test_a_group_offers_what_its_alerts_have_in_common(slack: Slack) -> None:
    message = add_message(slack.database, "group")
    for number, status in enumerate(("order_received", "fulfilling"), start=1):
        add_alert(slack.database, add_send(slack.database, number), message, status=status)
    slack.press("group_mute", {"message": message})
    form = opened(slack)
    scopes = [option["value"] for option in form["blocks"][0]["element"]["options"]]
    assert scopes == ["campaign", "team", "sender", "rule"]
    slack.press("group_mute", {"message": 404})
    assert "does not know this alert" in words(opened(slack))


def test_what_its_alerts_do_not_share_is_not_offered(slack: Slack) -> None:
    message = add_message(slack.database, "summary")
    for number, campaign in enumerate(("Autumn Box", "Spring", "Spring"), start=1):
        own = {"campaign": campaign, "sender_email": f"s{number}@acme.com", "team": f"T{number}"}
        add_alert(slack.database, add_send(slack.database, number, **own), message)
    alert = add_alert(slack.database, None, message, rule="stale_data", status="", level="notice")
    slack.press("group_mute", {"message": message})
    form = opened(slack)
    # Nothing in common: what of it shall be quiet is looked for.
    assert (words(form).count("Autumn"), form["title"]["text"]) == (0, "New mute")
    assert json.loads(form["private_metadata"])["new"] == 1
    with slack.database.write() as session:
        session.get_one(Alert, alert).state = "resolved"
    slack.press("group_mute", {"message": message})
    scopes = [option["value"] for option in opened(slack)["blocks"][0]["element"]["options"]]
    assert scopes == ["rule", "status"]


def test_a_mute_that_changes_nothing_is_told_before_it_is_confirmed(slack: Slack, world: World) -> None:
    slack.press("alert_mute", {"alert": world.alert, "v": 1})
    form = opened(slack)
    slack.submit(slack.submit(form, values("campaign", length="2 weeks"))["view"], {})
    told = slack.submit(form, values("campaign", length="1 week"))
    assert "for at least as long already" in told["errors"][mute_modal.LENGTH]
    told = slack.submit(form, values("campaign", words="3 days"))
    assert "for at least as long already" in told["errors"][mute_modal.WORDS]
    typed = slack.command("/sends", "mute campaign Q4 thank-you for 2 days", user_id="U02BEN")
    assert typed["text"].startswith("Already muted by <@U01ANN> for another 14 days.")
    assert slack.submit(form, values("campaign", length="30 days"))["response_action"] == "update"


def test_an_alert_about_the_bot_is_muted_by_its_rule(slack: Slack) -> None:
    alert = add_alert(slack.database, None, add_message(slack.database), rule="stale_data", status="", level="notice")
    slack.press("alert_mute", {"alert": alert})
    assert "Rule “missing data from Sendoso” — 1 open alert" in words(opened(slack))


@pytest.mark.parametrize(("given", "field", "part"), [
    (values("campaign", words="soon"), mute_modal.WORDS, "understand"),
    (values("campaign", length="for ever"), mute_modal.LENGTH, "understand"),
    (values("campaign", length=""), mute_modal.LENGTH, "understand"),
])
def test_what_is_no_time_is_told_beside_its_field(
    slack: Slack, world: World, given: dict[str, Any], field: str, part: str,
) -> None:
    slack.press("alert_mute", {"alert": world.alert})
    told = slack.submit(opened(slack), given)
    assert told["response_action"] == "errors"
    assert part in told["errors"][field]


def test_a_scope_that_is_none_is_no_window_of_ours(slack: Slack, world: World) -> None:
    slack.press("alert_mute", {"alert": world.alert})
    told = slack.submit(opened(slack), values("everything"))
    assert "not one that this version" in words(told["view"])


def test_a_choice_that_is_no_choice_any_more_is_told(slack: Slack, world: World) -> None:
    slack.press("alert_mute", {"alert": world.alert})
    form = opened(slack)
    with slack.database.write() as session:
        session.get_one(Send, world.send).campaign = ""
    told = slack.submit(form, values("campaign"))
    assert "does not know this mute" in words(told["view"])


def test_a_new_mute_by_what_is_found(slack: Slack, world: World) -> None:
    slack.press("mute_new", {})
    form = opened(slack)
    assert slack.submit(form, values())["errors"] == {mute_modal.SCOPE: "Choose one of these."}
    field = f"{mute_modal.WHAT}.campaign"
    assert slack.submit(form, values() | {field: {field: {}}})["errors"] == {field: "Choose one of these."}
    (found,) = options(slack, field, "q4")
    assert (found["text"]["text"], found["description"]["text"]) == ("Q4 thank-you", "1 open alert now")
    second = slack.submit(form, values() | {field: {field: {"selected_option": found}}})["view"]
    # The way back keeps what was chosen.
    slack.press("mute_back", {}, view={**second, "id": "V9", "hash": "h"}, container={"type": "view", "view_id": "V9"})
    back = opened(slack, "views.update")
    assert back["blocks"][1]["element"]["initial_option"]["text"]["text"] == "Q4 thank-you"
    slack.submit(second, {})
    assert [(one.scope, one.value) for one in mutes(slack.database)] == [("campaign", "q4 thank-you")]


def options(slack: Slack, action_id: str, typed: str) -> list[dict[str, Any]]:
    answer = slack.interact({
        "type": "block_suggestion", "action_id": action_id, "block_id": action_id, "value": typed,
        "container": {"type": "view", "view_id": "V9"},
        "view": {"id": "V9", "type": "modal", "callback_id": mute_modal.CALLBACK, "private_metadata": "{}"},
    })
    found: list[dict[str, Any]] = json.loads(answer.body)["options"]
    assert len(found) <= 100
    for one in found:
        assert list(option(one)) == []
    return found


@pytest.mark.parametrize(("kind", "typed", "shown"), [
    ("team", "ops", ["Marketing Ops"]), ("sender", "lopez", ["Ann Lopez (ann@example.com)"]),
    ("sender", "ann@example", ["Ann Lopez (ann@example.com)"]), ("rule", "late", ["late gifts"]),
    ("rule", "soon", ["offers that end soon"]), ("status", "rece", ["Order Received"]),
    ("send", "jane", ["Jane Doe · Acme · Order Received"]), ("send", "", ["Jane Doe · Acme · Order Received"]),
    ("campaign", "", ["Q4 thank-you"]), ("campaign", "nothing like it", []), ("nonsense", "x", []),
])
def test_choices_for_each_kind(slack: Slack, world: World, kind: str, typed: str, shown: list[str]) -> None:
    assert [one["text"]["text"] for one in options(slack, f"{mute_modal.WHAT}.{kind}", typed)] == shown


def test_hundreds_of_hostile_names_are_a_hundred_choices(slack: Slack) -> None:
    message = add_message(slack.database)
    for number in range(130):
        name = f"{number} {HOSTILE[number % len(HOSTILE)]}".replace("\ud800", "").replace("\x00", "")
        send = add_send(slack.database, number, campaign=name, sender_name=name, sender_email=f"{number}@example.com")
        add_alert(slack.database, send, message)
    for kind in ("campaign", "sender"):
        assert len(options(slack, f"{mute_modal.WHAT}.{kind}", "")) == 100


def test_another_kind_is_another_field(slack: Slack, world: World) -> None:
    slack.press("mute_new", {})
    form = opened(slack)
    here = {"view": {**form, "id": "V9", "hash": "h"}, "container": {"type": "view", "view_id": "V9"}}
    chosen = {
        "type": "static_select", "action_id": mute_modal.SCOPE, "action_ts": "1.1",
        "selected_option": {"value": '{"scope":"rule"}'},
    }
    slack.press("x", actions=[chosen], **here)
    view = opened(slack, "views.update")
    assert view["blocks"][1]["block_id"] == f"{mute_modal.WHAT}.rule"
    slack.press(mute_modal.SCOPE, {}, **here)
    assert "not one that this version" in slack.said[-1]["text"]


def test_from_the_card_of_a_send_the_card_is_drawn_again(slack: Slack, world: World) -> None:
    home = {"type": "home", "callback_id": "home", "private_metadata": "{}", "id": "V1", "hash": "h1"}
    slack.press("send_open.a0", {"send": world.send}, view=home, container={"type": "view", "view_id": "V1"})
    card = {**opened(slack), "id": "V2", "hash": "h2"}
    slack.press(
        "alert_mute.0", {"alert": world.alert}, view=card, container={"type": "view", "view_id": "V2"},
        response_url=None, channel=None,
    )
    second = slack.submit(opened(slack, "views.push"), values("send"))["view"]
    done = slack.submit(second, {})
    assert "The send for Jane Doe" in words(done["view"])
    slack.executor.finish()
    method, body = slack.client.calls[-1]
    assert (method, body["view_id"]) == ("views.update", "V2")
    assert "🔇 Muted until <!date^" in words(body["view"])


def test_an_edit_of_a_mute_that_is_over(slack: Slack, world: World) -> None:
    mute = muted(slack)
    slack.press("mute_edit.0", {"mute": mute})
    form = opened(slack)
    assert "Campaign “Q4 thank-you”" in words(form)
    slack.press("mute_end.0", {"mute": mute})
    slack.press("mute_edit.0", {"mute": mute})
    assert "over already" in words(opened(slack))
    second = slack.submit(form, values(length="2 weeks"))["view"]
    assert "You already ended it just now" in words(slack.submit(second, {})["view"])


def muted(slack: Slack, **more: Any) -> int:  # noqa: ANN401 - parts of a payload
    told = slack.command("/sends", "mute campaign q4 thank-you for 3 days")
    slack.press("mute_do", buttons(told)["Mute"]["value"], **more)
    slack.executor.finish()
    return mutes(slack.database)[-1].id


# --- buttons ------------------------------------------------------------------------------------------


HERE = {"container": {"type": "message", "message_ts": "5.5", "channel_id": "C02SALES", "is_ephemeral": True}}


def test_ended_from_the_list_the_list_is_drawn_again(slack: Slack, world: World) -> None:
    mute = muted(slack, **HERE)
    assert "is quiet until" in slack.said[-1]["text"]
    assert slack.said[-1]["replace_original"] is True
    told = slack.command("/sends", "mute")
    slack.press("mute_end.0", buttons(told)["End"]["value"], **HERE)
    assert "Nothing is muted" in words(slack.said[-1])
    slack.press("mute_undo", buttons(slack.said[-1])["Undo"]["value"], **HERE)
    assert "is quiet until" in slack.said[-1]["text"]
    slack.press("mute_end.0", {"mute": mute}, **HERE)
    assert slack.said[-2]["text"] == "You already changed it just now."
    assert "1 mute" in words(slack.said[-1])


def test_undone_in_a_window_the_window_says_so(slack: Slack, world: World) -> None:
    mute = muted(slack)
    window = {
        "type": "modal", "callback_id": "note_modal", "private_metadata": "{}", "id": "V9", "hash": "h",
    }
    slack.press(
        "mute_undo", {"mute": mute}, view=window, container={"type": "view", "view_id": "V9"}, response_url=None,
    )
    assert "is no longer muted" in words(opened(slack, "views.update"))


def test_how_long_is_asked_and_shown_back(slack: Slack, world: World) -> None:
    told = slack.command("/sends", "mute team marketing ops")
    assert [text for text in buttons(told) if text.startswith("For ")] == [
        "For 1 day", "For 3 days", "For 1 week", "For 2 weeks", "For 30 days",
    ]
    slack.press("mute_ask.0", buttons(told)["For 1 day"]["value"], **HERE)
    assert "Tuesday 24 Nov, 07:00 (America/Los_Angeles)" in slack.said[-1]["text"]
    assert mutes(slack.database) == []


@pytest.mark.parametrize(("action_id", "content", "part"), [
    ("mute_do", {}, "not one that this version"),
    ("mute_do", {"scope": "campaign", "of": "send", "id": 404, "until": 1795449600}, "does not know this mute"),
    ("mute_do", {"scope": "campaign", "of": "send", "id": 1}, "not one that this version"),
    ("mute_do", {"scope": "campaign", "of": "send", "id": "1", "until": 1795449600}, "not one that this version"),
    ("mute_do", {"scope": "campaign", "of": "send", "id": 1, "until": 10**30}, "not one that this version"),
    ("mute_do", {"scope": "rule", "of": "rule", "id": "overdue", "until": 5}, "later than now"),
    ("mute_do", {"scope": "rule", "of": "rule", "id": "overdue", "until": 4000000000}, "a year at most"),
    ("mute_do", {"scope": "rule", "of": "rule", "id": "nonsense", "until": 1795449600}, "not one that this version"),
    ("mute_do", {"scope": "planet", "of": "send", "id": 1, "until": 1795449600}, "not one that this version"),
    ("mute_ask.0", {"scope": "rule", "of": "rule", "id": "overdue", "for": "ever"}, "not one that this version"),
    ("mute_ask.0", {"scope": "campaign", "of": "send", "id": 404, "for": "1 day"}, "does not know this mute"),
    ("mute_choose.0", {"scope": "campaign", "of": "send", "id": 404}, "does not know this mute"),
    ("mute_end.0", {"mute": 404}, "does not know this mute"), ("mute_end.0", {}, "not one that this version"),
    ("mute_undo", {"mute": 404}, "does not know this mute"),
    ("mute_edit.0", {"mute": True}, "not one that this version"),
    ("alert_mute", {"alert": "x"}, "not one that this version"),
])
def test_stale_and_foreign_presses(slack: Slack, action_id: str, content: dict[str, Any], part: str) -> None:
    slack.press(action_id, content)
    assert any(part in told["text"] for told in slack.said)
    assert mutes(slack.database) == []


# --- who may ------------------------------------------------------------------------------------------


def test_who_may_not_is_told_at_once_and_it_is_on_record(slack: Slack, world: World) -> None:
    ruled(slack)
    slack.press("alert_mute", {"alert": world.alert}, **BEN)
    assert "It is for the admins of Sendwatch" in slack.said[-1]["text"]
    assert slack.client.views() == []
    (event,) = events(slack)
    assert (event.action, event.actor, event.detail["wanted"], event.detail["who"]) == (
        "refused", "U02BEN", "mute", ["admins"],
    )
    told = slack.command("/sends", "mute campaign q4 thank-you for 3 days")
    slack.press("mute_do", buttons(told)["Mute"]["value"], **BEN)
    assert "It is for the admins" in slack.said[-1]["text"]
    slack.press("alert_mute", {"alert": world.alert})
    second = slack.submit(opened(slack), values("campaign"))["view"]
    denied = slack.interact({
        "type": "view_submission", **BEN,
        "view": {**second, "id": "V9", "hash": "other", "root_view_id": "V9", "state": {"values": {}}},
    })
    assert "It is for the admins" in denied.body
    slack.submit(second, {})
    assert [one.created_by for one in mutes(slack.database)] == ["U01ANN"]


ONLY_SENDER = replace(RULES, permissions=Permissions(allowed={"mute": ("sender",)}))


def met(slack: Slack, email: str, user_id: str = "U02BEN", name: str = "") -> None:
    with slack.database.write() as session:
        people.keep(session, user_id=user_id, name=name, email=email, tz="Europe/London", now=NOW)


def refusals(slack: Slack) -> list[AlertEvent]:
    return [one for one in events(slack) if one.action == "refused"]


def submitted(slack: Slack, view: dict[str, Any], given: dict[str, Any], view_hash: str) -> dict[str, Any]:
    """What Ben is answered when he sends that window off."""
    shown = {**view, "id": "V9", "hash": view_hash, "root_view_id": "V9", "state": {"values": given}}
    told: dict[str, Any] = json.loads(slack.interact({"type": "view_submission", **BEN, "view": shown}).body)
    return told


@pytest.mark.parametrize("typed", ["campaign q4 thank-you for 3 days", "sender ann@example.com", "rule late 1 day"])
def test_who_may_not_gets_no_button_for_what_they_type(slack: Slack, world: World, typed: str) -> None:
    ruled(slack)
    for _ in range(2):
        told = slack.command("/sends", f"mute {typed}", user_id="U02BEN")
        assert told["text"] == "You may not do that here. It is for the admins of Sendwatch."
        assert buttons(told) == {}
    # Slack's second delivery of one command is no second refusal.
    assert [(one.actor, one.detail["wanted"]) for one in refusals(slack)] == [("U02BEN", "mute")]


@pytest.mark.parametrize(("action_id", "content"), [
    ("mute_ask.0", {"scope": "rule", "of": "rule", "id": "overdue", "for": "1 day"}),
    ("mute_choose.0", {"scope": "rule", "of": "rule", "id": "overdue", "until": 1795449600}),
    ("mute_choose.0", {"scope": "rule", "of": "rule", "id": "overdue"}), ("mute_new", {}),
])
def test_who_may_not_is_told_at_every_step(slack: Slack, action_id: str, content: dict[str, Any]) -> None:
    ruled(slack)
    slack.press(action_id, content, **BEN)
    assert "It is for the admins of Sendwatch" in slack.said[-1]["text"]
    assert (len(slack.client.views()), len(refusals(slack))) == (0, 1)


def test_a_sender_may_mute_what_is_theirs(slack: Slack, world: World) -> None:
    ruled(slack, ONLY_SENDER)
    met(slack, "ann@example.com")
    slack.press("alert_mute", {"alert": world.alert}, **BEN)
    form = opened(slack)
    assert [one["value"] for one in form["blocks"][0]["element"]["options"]] == ["send", "sender"]
    # In a window from before, there is more to choose.
    told = submitted(slack, form, values("campaign"), "h1")
    assert told["errors"] == {
        mute_modal.SCOPE: "You may not do that here. It is for the sender of the gift.",
    }
    assert submitted(slack, form, values("campaign"), "h1") == told
    assert len(refusals(slack)) == 1
    second = submitted(slack, form, values("sender"), "h1")["view"]
    assert "is hidden" in words(submitted(slack, second, {}, "h2")["view"])
    slack.press("mute_edit.0", {"mute": mutes(slack.database)[0].id}, **BEN)
    assert "Sender" in words(opened(slack))
    assert len(refusals(slack)) == 1


def test_a_sender_finds_and_types_what_is_theirs_alone(slack: Slack, world: World) -> None:
    ruled(slack, ONLY_SENDER)
    met(slack, "ann@example.com")
    slack.press("mute_new", {}, **BEN)
    form = opened(slack)
    (campaign,) = options(slack, f"{mute_modal.WHAT}.campaign", "q4")
    field = f"{mute_modal.WHAT}.campaign"
    told = submitted(slack, form, values() | {field: {field: {"selected_option": campaign}}}, "h1")
    assert list(told["errors"]) == [field]
    (own,) = options(slack, f"{mute_modal.WHAT}.sender", "ann")
    field = f"{mute_modal.WHAT}.sender"
    told = submitted(slack, form, values() | {field: {field: {"selected_option": own}}}, "h1")
    assert "will be quiet until" in words(told["view"])
    assert "Mute" in buttons(slack.command("/sends", "mute sender ann@example.com 1 day", user_id="U02BEN"))
    told = slack.command("/sends", "mute campaign q4 thank-you 1 day", user_id="U02BEN")
    assert told["text"] == "You may not do that here. It is for the sender of the gift."


def test_whose_mute_it_is_may_change_it_whatever_the_permissions_are(slack: Slack, world: World) -> None:
    told = slack.command("/sends", "mute campaign q4 thank-you for 3 days")
    slack.press("mute_do", buttons(told)["Mute"]["value"], **BEN)
    ruled(slack)
    slack.press("mute_edit.0", {"mute": mutes(slack.database)[0].id}, **BEN)
    second = submitted(slack, opened(slack), values(length="2 weeks"), "h1")["view"]
    assert "is hidden" in words(submitted(slack, second, {}, "h2")["view"])
    slack.press("mute_edit.0", {"mute": mutes(slack.database)[-1].id}, **BEN | {"user": {"id": "U03DEE"}})
    assert "It is for the admins" in slack.said[-1]["text"]


def test_beside_a_field_people_are_called_by_their_names(slack: Slack, world: World) -> None:
    slack.press("alert_mute", {"alert": world.alert}, **BEN)
    form = opened(slack)
    met(slack, "eve@example.com", "U07EVE", "Eve <Ng>")
    ruled(slack, replace(RULES, permissions=Permissions(allowed={"mute": ("U07EVE", "U08NEW", "S01OPS", "admins")})))
    told = submitted(slack, form, values("campaign"), "h1")
    assert told["errors"][mute_modal.SCOPE] == (
        "You may not do that here. It is for Eve <Ng>, a colleague, a user group or the admins of Sendwatch."
    )


# --- words --------------------------------------------------------------------------------------------


def test_a_mention_is_a_sender(slack: Slack, world: World) -> None:
    with slack.database.write() as session:
        people.keep(session, user_id="U09ANN", email="ann@example.com", now=NOW)
    told = slack.command("/sends", "mute sender <@U09ANN|ann> for 3 days")
    assert "Sender “Ann Lopez”" in told["text"]
    # Whose address is not known is asked of Slack first.
    assert slack.command("/sends", "mute sender <@U0STRANGER|who> 3 days") == {}
    assert "No sender is called" in slack.said[-1]["text"]


@pytest.mark.parametrize(("typed", "part"), [
    ("mute planet Mars", "cannot be muted"), ("mute campain x", "Did you mean `/sends mute campaign`"),
    ("mute team", "Its name is missing"), ("mute send nothing like it", "No send is called"),
    ("mute status nonsense", "Did you mean one of these"), ("mute rule nonsense", "No rule is called"),
    ("mute campaign <!channel|here> for 2 days", "No campaign is called “here”"),
    ("mute campaign <!channel> for 2 days", "Which campaign? Its name is missing"),
    ("mute campaign until friday", "Which campaign? Its name is missing"),
    ("mute sender for 2 days", "Which sender? Its name is missing"),
    ("mute campaign for nobody", "No campaign is called “for nobody”"),
])
def test_mistakes_get_help(slack: Slack, world: World, typed: str, part: str) -> None:
    told = slack.command("/sends", typed)
    assert part in told["text"]
    assert "For example" in told["text"]


@pytest.mark.parametrize("typed", ["mute", "mutes", "MUTED"])
def test_the_word_alone_lists(slack: Slack, typed: str) -> None:
    assert "Nothing is muted" in words(slack.command("/sends", typed))


@pytest.mark.parametrize("typed", [
    'campaign "Q4 thank-you": 3 days', "campaign: Q4 thank-you for 3 days", "the campaign Q4 thank-you, 3 days",
    'campaign "Q4 thank-you for 3 days', "sender ann@example.com, for 3 days", "ann@example.com 3 days",
    "<@U09ANN> 3 days", "this team marketing ops: 3 days",
])
def test_odd_marks_do_not_hide_what_is_meant(slack: Slack, world: World, typed: str) -> None:
    met(slack, "ann@example.com", "U09ANN")
    told = slack.command("/sends", f"mute {typed}")
    assert "will be quiet until Thursday 26 Nov" in told["text"]
    assert "Mute" in buttons(told)


@pytest.mark.parametrize("typed", [
    "campaign Q4 thank-you for", "campaign Q4 thank-you until", 'campaign "Q4 thank-you',
])
def test_what_was_begun_is_asked_to_its_end(slack: Slack, world: World, typed: str) -> None:
    assert "Campaign “Q4 thank-you”: 1 open alert now. For how long" in slack.command("/sends", f"mute {typed}")["text"]


@pytest.mark.parametrize("typed", ['team "" 3 days', 'team " "', "team “”"])
def test_quotes_with_nothing_in_them_are_no_name(slack: Slack, world: World, typed: str) -> None:
    assert "Which team? Its name is missing" in slack.command("/sends", f"mute {typed}")["text"]


def test_two_of_a_name_are_told_apart(slack: Slack, world: World) -> None:
    add_send(slack.database, 2, sender_email="ann@other.example")
    told = slack.command("/sends", "mute sender ann lopez 3 days")
    assert set(buttons(told)) >= {"Ann Lopez (ann@example.com)", "Ann Lopez (ann@other.example)"}
    slack.press("mute_choose.0", buttons(told)["Ann Lopez (ann@other.example)"]["value"], **HERE)
    assert "will be quiet until Thursday 26 Nov" in slack.said[-1]["text"]
    assert "No open alert is about it now" in slack.said[-1]["text"]


def read(database: Database, typed: str) -> mute_words.Typed:
    with database.read() as session:
        return mute_words.read(session, typed, NOW, CALENDAR.zone, CALENDAR)


@pytest.mark.parametrize(("typed", "name", "days"), [
    ("campaign Black Friday 3 days", "Black Friday", 3), ("campaign black friday", "black friday", None),
    ("campaign “Black Friday” 2 days", "Black Friday", 2), ("campaign Black Friday for 2 weeks", "Black Friday", 14),
    ("from ann@example.com 1 day", "ann@example.com", 1),
    ("CAMPAIGN Deal until Friday for 4 days", "Deal until Friday", 4),
])
def test_the_name_ends_where_the_time_begins(
    database: Database, typed: str, name: str, days: int | None,
) -> None:
    for number, campaign in enumerate(("Black Friday", "Deal until Friday"), start=1):
        add_alert(database, add_send(database, number, campaign=campaign), None)
    found = read(database, typed)
    assert found.choice is not None
    assert found.name == name
    assert found.until == (NOW + timedelta(days=days) if days else None)


def test_choices_come_from_either_database(database: Database) -> None:
    add_alert(database, add_send(database, 1, campaign="Straße", team="Ops"), None)
    add_alert(database, add_send(database, 2, campaign="STRASSE", team="Ops"), None)
    add_send(database, 3, campaign="Quiet one", team="")
    with database.read() as session:
        found = mute_targets.complete(session, "campaign", "")
        assert [(one.label, one.alerts) for one in found][1] == ("Quiet one", 0)
        assert found[0].alerts == 2
        assert [one.label for one in mute_targets.complete(session, "team", "")] == ["Ops"]
        chosen, _ = mute_targets.named(session, "campaign", "strasse")
        assert chosen is not None
        target = mute_targets.target(session, chosen.ref)
        assert target is not None
        assert target.value == "strasse"


def test_names_of_older_sends_are_looked_for_where_none_of_the_newest_fits(
    database: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mute_targets, "RECENT", 1)
    old = add_send(database, 1, campaign="Spring 2019", sender_name="Zoe Sample", sender_email="zoe@acme.example")
    new = add_send(database, 2, campaign="Autumn Box", sender_name="", sender_email="ben@acme.example")
    with database.read() as session:
        for scope, typed, label, send_id in (
            ("campaign", "", "Autumn Box", new), ("campaign", "spring 20", "Spring 2019", old),
            ("sender", "ben", "ben@acme.example", new), ("sender", "zoe s", "Zoe Sample (zoe@acme.example)", old),
        ):
            (found,) = mute_targets.complete(session, scope, typed)
            assert (found.label, found.ref) == (label, {"scope": scope, "of": "send", "id": send_id})
        # What fits is looked for in the names of that kind, not in whatever else the send has.
        assert mute_targets.complete(session, "campaign", "zoe") == []
        chosen, near = mute_targets.named(session, "campaign", "SPRING  2019")
        assert chosen is not None
        assert (chosen.label, near) == ("Spring 2019", [])
        nobody, near = mute_targets.named(session, "campaign", "autumn boxes")
        assert nobody is None
        assert [one.label for one in near] == ["Autumn Box"]


def test_a_reference_that_nobody_made_is_refused(database: Database) -> None:
    with database.read() as session:
        for ref in ({}, {"scope": "rule"}, {"scope": "status", "of": "status", "id": 5}, {"scope": "x", "of": "send"}):
            with pytest.raises(BadPayloadError):
                mute_targets.target(session, ref)
        assert mute_targets.target(session, {"scope": "team", "of": "message", "id": 4}) is None
        assert mute_targets.target(session, {"of": "mute", "id": 4}) is None


@pytest.mark.parametrize(("typed", "told", "offered"), [
    ("sender ann 3 days", "Sender “Ann Lopez”", "Mute"), ("campaign thank", "Campaign “Q4 thank-you”", "For 1 day"),
    ("jane until yesterday", "That has passed.", "Send Jane Doe · Acme · Order Received"),
    ("jane for 2 dyas", "does not understand", "Send Jane Doe · Acme · Order Received"),
    ("jane for 2 days", "What is “jane”? Did you mean one of these?", "Send Jane Doe · Acme · Order Received"),
    ("q4 thank-you", "What is “q4 thank-you”?", "Campaign Q4 thank-you"),
    ("ann lopez until friday", "What is “ann lopez”?", "Sender Ann Lopez (ann@example.com)"),
])
def test_a_part_of_a_name_finds_it(slack: Slack, world: World, typed: str, told: str, offered: str) -> None:
    found = slack.command("/sends", f"mute {typed}")
    assert told in found["text"]
    assert offered in buttons(found)


@pytest.mark.parametrize(("typed", "name", "offered"), [
    ("expired 1d", "expired", ["Rule offers that are over", "Status Expired"]),
    ("needs_action 1d", "needs_action", ["Rule gifts that need somebody to act"]),
    ("Delivered 1d", "Delivered", ["Status Delivered"]),
    ("order received for 2 days", "order received", ["Status Order Received"]),
])
def test_rules_and_statuses_are_found_without_their_kind(
    slack: Slack, world: World, typed: str, name: str, offered: list[str],
) -> None:
    told = slack.command("/sends", f"mute {typed}")
    assert f"What is “{name}”? Did you mean one of these?" in told["text"]
    assert list(buttons(told))[:len(offered)] == offered
    slack.press("mute_choose.0", buttons(told)[offered[0]]["value"], **HERE)
    assert "will be quiet until" in slack.said[-1]["text"]


@pytest.mark.parametrize(("end", "reason"), [
    ("yesterday", "That has passed."), ("2 years", "366 days are the most"), ("forever", "It has to end at some time"),
    ("400 days", "more than 366 days ahead, which is the longest there is"), ("3 months", "Months differ in length"),
])
@pytest.mark.parametrize(("typed", "told"), [
    ("team marketing ops", "Team “Marketing Ops”: 1 open alert now. For how long"),
    ("campaign q4", "Campaign “Q4 thank-you”: 1 open alert now. For how long"),
    ("campaign q4 thnk-you", "No campaign is called “q4 thnk-you”. Did you mean one of these?"),
    ("q4 thank-you", "What is “q4 thank-you”? Did you mean one of these?"),
])
def test_an_end_that_cannot_be_is_no_part_of_the_name(
    slack: Slack, world: World, typed: str, told: str, end: str, reason: str,
) -> None:
    found = slack.command("/sends", f"mute {typed} {end}")["text"]
    assert told in found
    assert reason in found


def test_a_name_may_end_like_an_end_that_cannot_be(database: Database) -> None:
    for number, campaign in enumerate(("Deals", "Deals forever"), start=1):
        add_alert(database, add_send(database, number, campaign=campaign), None)
    found = read(database, "campaign deals forever 2 days")
    assert (found.name, found.until) == ("deals forever", NOW + timedelta(days=2))
    found = read(database, "campaign deals forever")
    assert (found.name, found.problem) == ("deals forever", "")


def test_an_end_that_has_passed_is_told(slack: Slack, world: World) -> None:
    found = slack.command("/sends", "mute campaign q4 thank-you until yesterday")
    assert "That has passed." in found["text"]
    assert "For how long" in found["text"]
    found = slack.command("/sends", 'mute campaign "q4 thank-you" forever')
    assert "It has to end at some time" in found["text"]
