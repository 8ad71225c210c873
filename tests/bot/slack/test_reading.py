"""Numbers and amounts on every surface: each reader's own way where one person reads, one way where many do."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.config.changes import apply
from bot.config.current import in_force
from bot.config.reading import read
from bot.reports.digest import DIGEST
from bot.reports.period import last
from bot.reports.summary import Campaign, Figures, Stage, Summary
from bot.slack import reading
from bot.slack.blocks import report_card
from bot.slack.blocks.drawn import Drawn, draw
from bot.slack.blocks.limits import is_for_reader, modal, read_in, section, with_id
from bot.slack.blocks.numbers import amount, for_many, for_one, mark
from bot.slack.blocks.report_card import Report
from bot.slack.blocks.text import count
from bot.slack.payloads import Where
from bot.slack.render import render
from bot.slack.replies import redraw, redraw_awaited, respond, show, tell
from storage import people
from storage.models import Message, Send
from tests.bot.reports.gifts import BERLIN
from tests.bot.slack import gate, rows
from tests.bot.slack.conftest import World, add_message, add_send
from tests.bot.slack.harness import Slack
from tests.bot.slack.test_conversations import DIRECT, MENTION, answer
from tests.bot.slack.test_home import opens
from tests.conftest import NOW

ANN, BEN = "U01ANN", "U02BEN"
COST = 120450
MANY, GERMAN = "1,204.50 USD", "1.204,50 USD"


@pytest.fixture
def german(slack: Slack) -> Slack:
    """Ann reads as in Germany, Ben as in the United States."""
    for user, name, locale in ((ANN, "ann", "de-DE"), (BEN, "ben", "en-US")):
        with slack.database.write() as session:
            people.keep(session, user_id=user, email=f"{name}@example.com", tz="Europe/Berlin", locale=locale, now=NOW)
    return slack


def plainly(told: object) -> str:
    """All of it, with common blanks."""
    return json.dumps(told, ensure_ascii=False).replace("\u00a0", " ").replace("\u202f", " ")


def many_sends(slack: Slack, number: int, **changes: Any) -> None:  # noqa: ANN401 - one value per column
    made = [
        rows.send(**{"send_gid": f"M{place:06}", "sendoso_id": 10_000 + place, "created_at": NOW, **changes})
        for place in range(number)
    ]
    with slack.database.write() as session:
        for row in made:
            del row.id
        session.add_all(made)


# --- what is answered ---------------------------------------------------------------------------------


def test_a_report_is_written_for_who_asked(german: Slack) -> None:
    add_send(german.database, 1, created_at=NOW - timedelta(days=1), cost_minor=COST)
    told = plainly([german.command("/sends", "report"), *german.said])
    assert f"cost {GERMAN}" in told
    assert MANY not in told
    german.said.clear()
    german.command("/sends", "report", user_id=BEN)
    assert MANY in plainly(german.said)


@pytest.mark.parametrize(("user", "wanted"), [(ANN, GERMAN), (BEN, MANY)])
def test_a_direct_message_is_answered_for_who_asked_and_a_channel_for_many(
    german: Slack, user: str, wanted: str,
) -> None:
    add_send(german.database, 1, cost_minor=COST)
    assert wanted in plainly(answer(german, "where is jane", DIRECT, user=user, channel="D02BEN"))
    many_sends(german, 1100, recipient_name="Kim Roe", search_text="| kim roe |")
    assert "ore than 1,000 sends" in plainly(answer(german, "<@U0SENDWATCH> where is kim roe?", MENTION, user=user))


def test_why_and_watch_open_in_the_readers_numbers(german: Slack) -> None:
    many_sends(german, 1100, recipient_name="Kim Roe", search_text="| kim roe |")
    for typed in ("why kim roe", "watch kim roe", "route kim roe"):
        assert "ore than 1.000" in plainly(german.command("/sends", typed)), typed
        assert "ore than 1,000" in plainly(german.command("/sends", typed, user_id=BEN)), typed


def test_whose_locale_is_not_known_is_asked_for_once_it_matters(slack: Slack) -> None:
    add_send(slack.database, 1, cost_minor=COST)
    slack.client.answers["users.info"] = [{"ok": True, "user": {"id": ANN, "locale": "de-DE", "tz": "Europe/Berlin"}}]
    assert MANY in plainly(slack.command("/send-status", "jane"))
    slack.executor.finish()
    [(_, body)] = [call for call in slack.client.calls if call[0] == "users.info"]
    assert body["include_locale"] in {True, "true", "1"}
    assert GERMAN in plainly(slack.command("/send-status", "jane"))


# --- windows and the Home tab -------------------------------------------------------------------------


def test_the_home_tab(german: Slack) -> None:
    many_sends(german, 1100)
    assert "1.100 gifts" in plainly(opens(german))
    with german.database.write() as session:
        people.keep(session, user_id=ANN, email="ann@example.com", locale="en-US", now=NOW)
    assert "1,100 gifts" in plainly(opens(german))


def test_the_settings_and_what_stands_in_them(german: Slack) -> None:
    found = read("routes:\n  - {name: big, when: {amount_from: 1204.50 USD}, channel: C02SALES}\n")
    assert found.problems == ()
    with german.database.write() as session:
        apply(session, in_force(session), found.document, NOW, "cli")
    german.press("settings_open", {})
    german.executor.finish()
    german.press("setting_section", {"s": "routes"}, view={"id": "V1", "type": "modal", "hash": "h"})
    german.executor.finish()
    assert GERMAN in plainly(german.client.calls[-1][1]["view"])


@pytest.mark.parametrize("user", [ANN, BEN, "U09NEW"])
def test_nothing_is_shown_to_one_person_but_in_their_numbers(german: Slack, user: str) -> None:
    """Every way by which the bot speaks to one person."""
    drawn = draw([section(count(1204, "send"))])
    view = modal("A window", [section(amount(COST, "USD"))], callback_id="x")
    place = Where(user_id=user, response_url=german.response_url, trigger_id="1.t", view_id="V1")
    respond(german.deps, place, drawn)
    tell(german.deps, place, drawn)
    show(german.deps, place, view)
    redraw(german.deps, "V1", lambda: view, reader=user)
    redraw_awaited(german.deps, "settings-1", with_id(view, "settings-1"), reader=user)
    told = [plainly(body) for body in german.said]
    shown = [plainly(body["view"]) for name, body in german.client.calls if name.startswith("views.")]
    assert (len(told), len(shown)) == (2, 3)
    assert all(("1.204 sends" if user == ANN else "1,204 sends") in one for one in told)
    assert all((GERMAN if user == ANN else MANY) in one for one in shown)


def test_what_is_shared_is_written_for_many(german: Slack) -> None:
    place = Where(user_id=ANN, response_url=german.response_url)
    respond(german.deps, place, draw([section(count(1204, "send"))]), shared=True)
    assert "1,204 sends" in plainly(german.said)


def test_a_window_keeps_its_reader_under_an_id_of_ours() -> None:
    view = with_id(modal("A window", [section(count(1204, "send"))], callback_id="x"), "ours")
    assert view["external_id"] == read_in(view, "de-DE")["external_id"] == "ours"
    assert is_for_reader(view)
    assert "1.204" in plainly(read_in(view, "de-DE"))
    assert gate.problems(view, gate.MODAL) == []


# --- what is delivered --------------------------------------------------------------------------------


SUMMARY = Summary(
    period=last(7, NOW, BERLIN), now=Figures(sent=2500, stuck=1300, at_risk={"USD": COST}), before=Figures(sent=1200),
    campaigns=[
        Campaign(name="1,000 Thanks", now=Figures(sent=2000, stuck=1300, at_risk={"USD": COST})),
        Campaign(name="Autumn", now=Figures(sent=500)),
    ],
    stages=[Stage(status="shipped", number=1100, days=3.4, days_before=2.9)],
)


def digest(slack: Slack, channel: str) -> Drawn:
    body = {"summary": SUMMARY.as_json(), "due_at": NOW.isoformat()}
    made = add_message(slack.database, DIGEST, channel=channel, body=body)
    with slack.database.read() as session:
        found = render(session, session.get_one(Message, made), NOW)
    assert isinstance(found, Drawn)
    assert gate.problems({"text": found.text, "blocks": found.blocks}) == []
    return found


def test_a_digest_for_a_channel_and_for_one_person(german: Slack) -> None:
    channel, person = plainly(digest(german, "C02SALES").blocks), plainly(digest(german, ANN).blocks)
    for many, one in (
        ("2,500, 1,300 more", "2.500, 1.300 more"), (f"{MANY} at risk", f"{GERMAN} at risk"),
        ("3.4 days (2.9 before)", "3,4 days (2,9 before)"), ("of 1,100 gifts", "of 1.100 gifts"),
    ):
        assert many in channel
        assert one in person
    # A name is no number of ours.
    assert "1,000 Thanks" in channel
    assert "1,000 Thanks" in person


def test_an_answer_in_a_channel_has_no_reader_of_its_own(german: Slack, world: World) -> None:
    with german.database.read() as session:
        assert reading.locale(session, ANN) == "de-DE"
        assert reading.locale(session, "") == reading.locale(session, "U09NEW") == ""
        assert session.get_one(Send, world.send).cost_minor is not None


@pytest.mark.parametrize(("sentence", "wanted"), [
    ("1,204 more, 3.5 days", "1.204 more, 3,5 days"), ("at 9:00 on 2026-11-28", "at 9:00 on 2026-11-28"),
    ("version 1.2.3", "version 1.2.3"), ("(2.9 before)", "(2,9 before)"), ("300.00 USD at risk", "300,00 USD at risk"),
    ("none, as before", "none, as before"), ("1,2,3", "1,2,3"), ("1,500 JPY and 12 JPY", "1.500 JPY and 12 JPY"),
])
def test_numbers_in_a_finished_sentence(sentence: str, wanted: str) -> None:
    assert for_many(mark(sentence)) == sentence
    assert for_one(mark(sentence), "de-DE").replace("\u00a0", " ") == wanted


def test_a_report_of_nothing_is_the_same_for_all() -> None:
    empty = Summary(period=SUMMARY.period, now=Figures(), before=Figures())
    assert report_card.build(Report(found=empty)).marked is None
