"""Files, replies that stand in the channel too, groups and people, as the page shows them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect
from slack_sdk import WebClient

from bot.playground.server import Playground
from tests.bot.playground.static.looking import CHANNEL, HOSTILE, Opener, messages
from tests.bot.playground.test_fields import every_field, form, listen, opened
from tests.bot.playground.trivial import TrivialApp, actions, plain, section

pytestmark = pytest.mark.browser
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001"
    "f61738550000000049454e44ae426082"
)
MANIFEST_SCOPES = ["chat:write", "commands", "im:history", "files:write", "files:read"]


@pytest.fixture(autouse=True)
def _may_share(playground: Playground) -> None:
    object.__setattr__(playground.slack.app, "scopes", frozenset(MANIFEST_SCOPES))


def upload(web: WebClient, name: str, content: bytes, **more: Any) -> None:  # noqa: ANN401 - as the SDK has it
    web.files_upload_v2(channel=CHANNEL, filename=name, content=content, **more)


def test_a_table_is_shown_by_its_first_rows_and_downloaded_whole(visit: Opener, web: WebClient) -> None:
    table = f'name,gift\n"{HOSTILE.replace(chr(34), chr(34) * 2)}",Tea\n'.encode() + b"Jane,Tea\n" * 40
    upload(web, "late.csv", table, title="Late sends", initial_comment="Who is *late*")
    page = visit()
    message = messages(page).last
    file = message.get_by_test_id("file")
    expect(message.locator("strong").first).to_have_text("late")
    expect(file.locator(".file-words")).to_contain_text("late.csv · CSV · 4")
    expect(file.locator("th")).to_have_text(["name", "gift"])
    expect(file.locator("tbody tr")).to_have_count(5)
    expect(file.locator("td").first).to_contain_text("<!channel>")
    expect(file).to_contain_text("and 36 more lines")
    assert file.locator("img").count() == 0
    with page.expect_download() as started:
        file.get_by_test_id("download").click()
    assert started.value.suggested_filename == "late.csv"
    assert started.value.path().read_bytes() == table


def test_a_picture_is_shown_with_its_words(visit: Opener, web: WebClient) -> None:
    upload(web, "chart.png", PIXEL, title="Late a day", alt_txt="Three late sends a day")
    picture = messages(visit()).last.get_by_role("img", name="Three late sends a day")
    expect(picture).to_be_visible()
    assert picture.evaluate("node => node.complete && node.naturalWidth") == 1


def test_a_file_of_any_other_kind_is_a_card(visit: Opener, web: WebClient) -> None:
    upload(web, "page.html", b"<script>window.hacked=1</script>")
    page = visit()
    expect(messages(page).last.get_by_test_id("file")).to_have_text(re.compile("page.htmlHTML · 32 bytes"))
    assert messages(page).last.get_by_test_id("file").locator("script, iframe, table, img").count() == 0


def test_a_reply_in_the_channel_leads_to_its_thread(visit: Opener, web: WebClient) -> None:
    parent = web.chat_postMessage(channel=CHANNEL, text="*3 gifts* are late")["ts"]
    web.chat_postMessage(channel=CHANNEL, text="still late", thread_ts=parent, reply_broadcast=True)
    page = visit()
    expect(messages(page)).to_have_count(2)
    expect(messages(page).last.locator(".replied-to")).to_have_text("replied to a thread: 3 gifts are late")
    expect(messages(page).last.get_by_test_id("replies")).to_have_count(0)
    messages(page).last.get_by_test_id("root").click()
    thread = page.get_by_test_id("thread").get_by_test_id("message")
    expect(thread).to_have_count(2)
    expect(thread.last.locator(".replied-to")).to_have_text("also sent to #gifting-alerts")
    web.chat_delete(channel=CHANNEL, ts=parent)
    expect(messages(page).last.locator(".replied-to")).to_contain_text("a message that was deleted")


def test_groups_are_chips_and_louder_for_their_members(visit: Opener, web: WebClient) -> None:
    words = {"type": "rich_text_section", "elements": [{"type": "usergroup", "usergroup_id": "S02REVOPS"}]}
    blocks = [section("<!subteam^S01GIFTOPS> <!subteam^S0NONE|@gone>"), {"type": "rich_text", "elements": [words]}]
    web.chat_postMessage(channel=CHANNEL, text="x", blocks=blocks)
    chips = messages(visit()).last.locator(".mention")
    expect(chips).to_have_text(["@gifting-ops", "@gone", "@revenue-ops"])
    expect(chips.first).to_have_class(re.compile("mention-me"))
    expect(chips.first).to_have_attribute("title", "Ann Lopez, Chi Tanaka")
    chips = messages(visit(f"user=U02BEN&channel={CHANNEL}")).last.locator(".mention")
    expect(chips.first).not_to_have_class(re.compile("mention-me"))
    expect(chips.last).to_have_class(re.compile("mention-me"))


def test_places_that_call_somebody_are_louder_than_those_that_do_not(visit: Opener, web: WebClient) -> None:
    page = visit()
    web.chat_postMessage(channel="C02SALES", text="for all to read")
    web.chat_postMessage(channel="C03MARKETING", text="read")
    web.chat_postMessage(channel="C03MARKETING", text="<!subteam^S01GIFTOPS>")
    quiet, loud = (page.get_by_test_id(f"channel-{one}").locator(".badge") for one in ("C02SALES", "C03MARKETING"))
    expect(quiet).to_have_class("badge quiet")
    expect(loud).to_have_class("badge")
    expect(loud).to_have_attribute("aria-label", "2 unread, 1 for you")
    expect(loud).to_have_text("1")


def test_somebody_is_searched_for_by_name_or_handle(
    visit: Opener, web: WebClient, app: TrivialApp, playground: Playground
) -> None:
    listen(app)
    menu = {"type": "users_select", "action_id": "Who", "placeholder": plain("Assign to")}
    web.chat_postMessage(channel=CHANNEL, text="x", blocks=[actions(menu)])
    page = visit()
    choice = messages(page).last.locator("[data-action-id=Who]")
    choice.click()
    expect(page.get_by_role("option")).to_have_count(4)
    page.get_by_role("combobox", name="Search options").fill("@de")
    expect(page.get_by_role("option")).to_have_text(["DNDee Novak@dee"])
    page.keyboard.press("Enter")
    assert app.body("chosen")["actions"][0]["selected_user"] == "U04DEE"
    expect(choice).to_have_text("DNDee Novak")
    playground.person("ben").deactivate()
    choice.click()
    expect(page.get_by_role("option")).to_have_count(3)
    page.keyboard.press("Escape")
    page.get_by_test_id("person-switcher").click()
    expect(page.get_by_test_id("person-U03CHI")).to_be_visible()
    expect(page.get_by_test_id("person-U02BEN")).to_have_count(0)


def test_every_field_of_a_modal_is_drawn_and_sent(visit: Opener, app: TrivialApp, playground: Playground) -> None:
    listen(app)
    page = visit(timezone_id="Asia/Tokyo")
    opened(app, playground.person("ann"), form(*every_field()))
    modal = page.get_by_test_id("modal")

    def field(name: str) -> Locator:
        return modal.locator(f"[data-action-id={name}]")

    def pick(name: str, *options: str, typed: str = "") -> None:
        field(name).click()
        modal.get_by_role("combobox", name="Search options").fill(typed)
        for option in options:
            modal.get_by_role("option", name=option).click()
        if modal.locator(".popup").count():
            page.keyboard.press("Escape")

    texts = {"Text": "two\nlines", "Mail": "jane@acme.com", "Link": "https://acme.com", "Count": "2.5"}
    for name, text in (texts | {"Day": "2026-12-01", "Hour": "09:05", "Moment": "2026-12-01T07:00"}).items():
        field(name).fill(text)
    field("Ticks").get_by_label("Cake").check()
    field("Radio").get_by_label("Mug").check()
    pick("One", "Cake")
    pick("Some", "Tea", "Mug")
    pick("Team", "Ann Lopez", "Dee Novak")
    pick("Where", "#sales")
    pick("Places", "#sales", "Ann Lopez")
    pick("Room", "#ops")
    pick("Owners", "Andy", typed="An")
    page.get_by_test_id("modal-submit").click()
    expect(modal).to_be_hidden()
    values = app.body("form")["view"]["state"]["values"]
    sent = {name: next(iter(values[name.lower()].values())) for name in (*texts, "Day", "Hour", "Moment")}
    assert {name: list(value.values())[-1] for name, value in sent.items()} == {
        **texts, "Day": "2026-12-01", "Hour": "09:05", "Moment": 1796126400,
    }  # fmt: skip
    assert [each["value"] for each in values["ticks"]["Ticks"]["selected_options"]] == ["cake"]
    assert values["radio"]["Radio"]["selected_option"]["value"] == "mug"
    assert [each["value"] for each in values["some"]["Some"]["selected_options"]] == ["tea", "mug"]
    assert values["team"]["Team"] == {"type": "multi_users_select", "selected_users": ["U01ANN", "U04DEE"]}
    assert values["where"]["Where"]["selected_conversation"] == "C02SALES"
    assert values["places"]["Places"]["selected_conversations"] == ["C02SALES", "D01ANN"]
    assert values["room"]["Room"]["selected_channel"] == "C04OPS"
    assert [each["value"] for each in values["owners"]["Owners"]["selected_options"]] == ["andy"]


def test_what_slack_fills_in_by_itself_is_shown(visit: Opener, app: TrivialApp, playground: Playground) -> None:
    page = visit()
    here = {"type": "conversations_select", "action_id": "Where", "default_to_current_conversation": True}
    label = {"type": "input", "block_id": "where", "label": plain("Where"), "element": here}
    opened(app, playground.person("ann"), form(label))
    expect(page.get_by_test_id("modal").locator("[data-action-id=Where]")).to_have_text("#gifting-alerts")
