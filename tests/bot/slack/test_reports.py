"""`/sends report`: counted after the answer, with its picture and its table by direct message."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.delivery.payload import File
from bot.reports import digest
from bot.reports.digest import DIGEST, PICTURE
from bot.reports.period import Period, last
from bot.reports.summary import Age, Campaign, Figures, Stage, Summary
from bot.slack import reports
from bot.slack.blocks import report_card
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.report_card import Report
from bot.slack.render import render
from storage.models import Message
from tests.bot.reports.gifts import BERLIN
from tests.bot.slack import gate
from tests.bot.slack.conftest import add_message, add_send
from tests.bot.slack.harness import Slack, buttons, words
from tests.bot.slack.rows import HOSTILE
from tests.bot.slack.rules import texts
from tests.conftest import NOW

DAY = timedelta(days=1)
WEEK: Period = last(7, NOW, BERLIN)
FOUND = Summary(
    period=WEEK, now=Figures(sent=12, stuck=2, at_risk={"USD": 5000}), before=Figures(sent=9),
    campaigns=[Campaign(name="Autumn Box", now=Figures(sent=12, stuck=2, at_risk={"USD": 5000}))],
)


def asked(slack: Slack, typed: str) -> dict[str, Any]:
    assert slack.command("/sends", typed) == {}
    (answer,) = slack.said
    return answer


def files(slack: Slack) -> list[Message]:
    with slack.database.read() as session:
        return list(session.scalars(select(Message).where(Message.kind == "file").order_by(Message.id)))


def drawn(slack: Slack, message: Message) -> File | Drawn | None:
    with slack.database.read() as session:
        found = render(session, session.get_one(Message, message.id), NOW)
    assert found is None or isinstance(found, File | Drawn)
    return found


def test_it_is_counted_after_slack_has_heard_that_the_command_arrived(slack: Slack) -> None:
    add_send(slack.database, 1, created_at=NOW - DAY, status="delivered", status_since=NOW - DAY / 2)
    add_send(slack.database, 2, created_at=NOW - 8 * DAY, campaign="Autumn Box")
    told = asked(slack, "report")
    shown = words(told)
    assert "📊 Gifts, the last 7 days" in shown
    assert "*Sent*\n1, as many as the 7 days before\ncost 25.00 USD" in shown
    assert "*Delivered*\n1, 1 more" in shown
    assert set(buttons(told)) == {"Send me a CSV", "Send me the picture"}
    assert "Sent: 1, as many as the 7 days before" in told["text"]


@pytest.mark.parametrize(("typed", "about", "sent"), [
    ("report autumn box 30 days", "Only campaign Autumn Box.", "1, 1 more"),
    ("report team marketing ops 30 days", "Only team Marketing Ops.", "2, 2 more"),
    ("report 30 days campaign Aut*", "Only campaign Aut\u2217.", "1, 1 more"),
    ("digest campaign Q4 thank-you team marketing ops 30 days",
     "Only campaign Q4 thank-you and team Marketing Ops.", "1, 1 more"),
])
def test_limited_to_a_campaign_or_a_team(slack: Slack, typed: str, about: str, sent: str) -> None:
    add_send(slack.database, 1)
    add_send(slack.database, 2, campaign="Autumn Box")
    shown = words(asked(slack, typed))
    assert about in shown
    assert f"*Sent*\n{sent}" in shown


def test_a_name_that_nothing_has_is_asked_back(slack: Slack) -> None:
    add_send(slack.database, 1, campaign="Autumn Box")
    told = asked(slack, "report campaign autum bx last week")
    assert "No campaign is called “autum bx”. Did you mean one of these?" in words(told)
    slack.press("report_again.0", buttons(told)["Autumn Box"]["value"], container={"is_ephemeral": True})
    again = slack.said[-1]
    assert "Only campaign Autumn Box." in words(again)
    assert "No campaign or team is called “zzzz”." in words(slack_said(slack, "report zzzz"))


@pytest.mark.parametrize(("typed", "about"), [
    ("Team Spirit", "campaign Team Spirit"), ("campaign team spirit last week", "campaign Team Spirit"),
    ("campaign For Jane", "campaign For Jane"), ("for jane", "campaign For Jane"),
    ("last week Team Spirit", "campaign Team Spirit"), ("team Last Week", "team Last Week"),
    ("campaign Summer 2025 in May", "campaign Summer 2025 in May"),
    ("Summer 2025 in May october", "campaign Summer 2025 in May"),
])
def test_names_of_the_words_of_a_question_are_found_as_they_are_written(slack: Slack, typed: str, about: str) -> None:
    for number, campaign in enumerate(("Team Spirit", "For Jane", "Summer 2025 in May"), 1):
        add_send(slack.database, number, campaign=campaign, team="Last Week", created_at=NOW - 5 * DAY)
    assert f"Only {about}." in words(asked(slack, f"report {typed}"))


@pytest.mark.parametrize(("typed", "about", "period"), [
    ("campaign onboarding 2026 last week", "campaign Onboarding 2026", "16 to 22 Nov 2026"),
    ("onboarding 2026 last week", "campaign Onboarding 2026", "16 to 22 Nov 2026"),
    ("last week onboarding 2026", "campaign Onboarding 2026", "16 to 22 Nov 2026"),
    ("team region 7 last 30 days", "team Region 7", "the last 30 days"),
    ("region 7 yesterday", "team Region 7", "Sunday"), ("phase 2 october", "campaign Phase 2", "October"),
    ("phase 2 30 days", "campaign Phase 2", "the last 30 days"), ("october phase 2", "campaign Phase 2", "October"),
])
def test_a_name_may_end_in_a_number(slack: Slack, typed: str, about: str, period: str) -> None:
    for number, campaign in enumerate(("Onboarding 2026", "Phase 2"), 1):
        add_send(slack.database, number, campaign=campaign, team="Region 7", created_at=NOW - 9 * DAY)
    shown = words(asked(slack, f"report {typed}"))
    assert f"Only {about}." in shown
    assert f"Gifts, {period}" in shown


def test_words_of_a_question_keep_their_meaning_where_nothing_is_called_so(slack: Slack) -> None:
    add_send(slack.database, 1, campaign="Autumn Box", team="Last Week", created_at=NOW - 5 * DAY)
    assert "Only" not in words(asked(slack, "report last week"))
    assert "Which campaign? Its name is missing." in words(slack_said(slack, "report campaign last week"))
    assert "No team is called “Spirit”." in words(slack_said(slack, "report team Spirit"))
    assert "No campaign is called “Jane”." in words(slack_said(slack, "report for campaign Jane"))


@pytest.mark.parametrize(("typed", "told"), [
    ("2026-06-01 to 2026-05-01", "“2026-06-01 to 2026-05-01” ends before it begins."),
    ("from 10 nov to 1 nov", "“from 10 nov to 1 nov” ends before it begins."),
    ("campaign Autumn Box 31 feb to 5 mar", "There is no day “31 feb”, or it has not come yet."),
    ("campaign Autumn Box 15 may to 1 may", "“15 may to 1 may” ends before it begins."),
    ("9999-12-31", "“9999-12-31” is too near an end of the calendar to reckon with."),
    ("1 jan 1970 to 31 dec 9999", "“31 dec 9999” is too near an end of the calendar to reckon with."),
    ("since 0001-01-01", "“since 0001-01-01” is too near an end of the calendar to reckon with."),
    ("next week", "“next week” has not begun yet."), ("next month for Autumn Box", "“next month” has not begun yet."),
    ("dec 2026", "“dec 2026” has not begun yet."), ("campaign Autumn Box 24 dec 2026", "“24 dec 2026” has not begun"),
    ("5 nov 2025 to 1 nov 2025", "“5 nov 2025 to 1 nov 2025” ends before it begins."),
    ("campaign Autumn Box 5 nov 2025 to 1 nov 2025", "“5 nov 2025 to 1 nov 2025” ends before it begins."),
    ("0 days", "A period has 1 to 3,650 days."), ("Autumn Box 9999 days", "A period has 1 to 3,650 days."),
])
def test_a_range_that_is_none_is_told(slack: Slack, typed: str, told: str) -> None:
    add_send(slack.database, 1, campaign="Autumn Box")
    answer = asked(slack, f"report {typed}")
    assert told in words(answer)
    assert set(buttons(answer)) <= ({"Autumn Box"} if "Autumn" in typed else set())


def slack_said(slack: Slack, typed: str) -> dict[str, Any]:
    slack.command("/sends", typed)
    return slack.said[-1]


def test_the_table_and_the_picture_come_to_who_asks_and_once_for_each_press(slack: Slack) -> None:
    add_send(slack.database, 1, campaign="=Autumn Box")
    told = asked(slack, "report 30 days")
    for name, action, comes in (
        ("Send me a CSV", "report_csv", "The table comes to you as a CSV file in a direct message."),
        ("Send me the picture", "report_picture", "The picture comes to you in a direct message."),
    ):
        slack.press(action, buttons(told)[name]["value"])
        assert slack.said[-1]["text"] == comes
    table, picture = files(slack)
    assert (table.channel, table.thread_of, picture.channel) == ("U01ANN", None, "U01ANN")
    assert slack.woken == 2
    found = drawn(slack, table)
    assert isinstance(found, File)
    assert found.name == "sendwatch-2026-10-24-to-2026-11-23.csv"
    (row,) = csv.DictReader(io.StringIO(found.content.decode("utf-8-sig"), newline=""))
    assert (row["campaign"], row["sent"], row["cost_of_sent"]) == ("'=Autumn Box", "1", "25.00")
    image = drawn(slack, picture)
    assert isinstance(image, File)
    assert image.content.startswith(b"\x89PNG")
    assert "Sent 1, before 0" in image.alt_text


def test_a_digest_is_drawn_from_its_own_numbers_and_so_is_its_table(slack: Slack) -> None:
    body = {"summary": FOUND.as_json(), "every": "week", "due_at": NOW.isoformat(), "picture": True}
    number = add_message(slack.database, DIGEST, body=body)
    with slack.database.read() as session:
        message = session.get_one(Message, number)
    told = drawn(slack, message)
    assert isinstance(told, Drawn)
    assert gate.problems(told.reply()) == []
    assert "Sent: 12, 3 more than the 7 days before" in told.text
    assert "was due" not in told.text
    assert set(buttons(told.reply())) == {"Send me a CSV", "Show what is stuck"}
    slack.press("report_csv", buttons(told.reply())["Send me a CSV"]["value"])
    assert slack.said[-1]["text"] == "The table comes to you as a CSV file in a direct message."
    (table,) = files(slack)
    assert table.body["summary"] == FOUND.as_json()
    late = {**body, "due_at": (NOW - 3 * DAY).isoformat()}
    slow = add_message(slack.database, DIGEST, key="late", body=late)
    with slack.database.read() as session:
        assert "It comes late, because Sendwatch was not running" in str(render(
            session, session.get_one(Message, slow), NOW,
        ))


@pytest.mark.parametrize("content", [
    {"q": "", "at": "now"}, {"q": "", "at": -1}, {"q": "", "at": 10**12}, {"q": "", "at": True}, {"message": "x"},
    {"message": -3},
])
def test_a_button_that_is_none_of_ours_is_answered(slack: Slack, content: dict[str, Any]) -> None:
    slack.press("report_csv", content)
    assert "not one that this version of Sendwatch knows" in slack.said[-1]["text"]
    assert files(slack) == []


def test_a_digest_that_is_gone_is_said(slack: Slack, world: Any) -> None:  # noqa: ANN401 - the fixture's own
    slack.press("report_csv", {"message": world.message})
    assert "This report is not known any more." in slack.said[-1]["text"]


def test_files_of_another_version_are_left_alone(slack: Slack) -> None:
    for body in ({"file": PICTURE}, {"file": "poem", "summary": FOUND.as_json()}, {"file": PICTURE, "message": 99}):
        with slack.database.read() as session:
            assert reports.file(session, body) is None


@pytest.mark.parametrize("number", [0, 1, 50, 500])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_whatever_campaigns_are_called_slack_takes_it(hostile: str, number: int) -> None:
    huge = Figures(sent=10**12, stuck=3, expired=4, spent=dict.fromkeys(("USD", "EUR", "?", hostile or "X"), 10**12))
    found = Summary(
        period=WEEK, about=f"campaign {hostile}", now=huge if number else Figures(), before=Figures(),
        stages=[Stage(status="shipped", days=3, number=number)] * min(number, 20),
        campaigns=[Campaign(name=f"{hostile} {place}", now=huge) for place in range(number)],
        ages=[Age(least=0, number=number)],
    )
    told = report_card.build(Report(found=found, carried={"q": hostile * 3, "at": 1}, due_at=NOW))
    assert gate.problems(told.reply()) == []
    near = report_card.unknown(hostile, "", [("campaign", hostile)] * min(number, 3))
    assert gate.problems(near.reply()) == []


@pytest.mark.parametrize("hostile", [*HOSTILE, "../../etc/passwd", 'x"; filename="y', "x\r\nContent-Type: text/html"])
def test_no_name_gets_into_the_name_of_a_file_and_none_comes_alive_above_it(slack: Slack, hostile: str) -> None:
    found = Summary(
        period=WEEK, about=f"campaign {hostile}", now=Figures(sent=1), before=Figures(),
        campaigns=[Campaign(name=hostile, now=Figures(sent=1))],
    )
    with slack.database.read() as session:
        told = reports.file(session, {"file": reports.CSV, "summary": found.as_json()})
    assert told is not None
    assert list(texts.markup(told.comment, "comment")) == []
    assert "\n" not in told.comment
    assert re.fullmatch(r"sendwatch-[0-9a-z-]+\.csv", told.name)
    assert re.fullmatch(r"[A-Za-z0-9 :,\u2013-]+", told.title)


def test_every_button_of_a_report_has_its_handler() -> None:
    told = report_card.build(Report(found=FOUND, carried={"q": "", "at": 1}))
    known = {"report_csv", "report_picture", "list_more"}
    shown = [element for block in told.blocks for element in gate.elements(block)]
    assert {element["action_id"].partition(".")[0] for element in shown} == known
    assert set(reports.HANDLERS) == {"report_csv", "report_picture", "report_again"}
    assert digest.PICTURE == report_card.PICTURE


@pytest.mark.parametrize(("typed", "told", "offered"), [
    ("report campaign", "Which campaign? Its name is missing.", "Autumn Box"),
    ("report team last week", "Which team? Its name is missing.", ""),
    ("report octobr", "No campaign or team is called “octobr”. Did you mean one of these?", "october"),
    ("report campaign Autumn Box octobr", "Did you mean one of these?", "october"),
    ("report last 0 days", "A period has 1 to 3,650 days.", ""),
    ("report from 31 feb", "There is no day “from 31 feb”", ""),
])
def test_what_is_no_period_and_no_name_is_helped_on(slack: Slack, typed: str, told: str, offered: str) -> None:
    add_send(slack.database, 1, campaign="Autumn Box")
    found = slack_said(slack, typed)
    assert told in words(found)
    assert "Periods are for example `yesterday`" in words(found)
    assert not offered or offered in buttons(found)


def test_a_mended_period_keeps_the_name(slack: Slack) -> None:
    add_send(slack.database, 1, campaign="Autumn Box")
    found = slack_said(slack, "report campaign Autumn Box octobr")
    assert json.loads(buttons(found)["october"]["value"])["q"] == "campaign Autumn Box october"
