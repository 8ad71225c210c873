"""Questions in plain words: what is meant, and which part of them is a name."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import grammar
from bot.slack.questions import LISTS, Question, understand
from tests.bot.slack.rows import HOSTILE

BOT = "U0SENDWATCH"
TRACK = "https://app.sendoso.com/track/116d64dc686937dd17b1865019cee71d295bcf38"


def asked(text: str) -> Question:
    return understand(text, (BOT,))


@pytest.mark.parametrize(("text", "name"), [
    (f"<@{BOT}> where is Jane's gift?", "Jane"),
    (f"hey <@{BOT}|sendwatch> where’s Jane Doe’s gift", "Jane Doe"),  # noqa: RUF001 - as telephones write it
    ("where is the gift for Jane Doe", "Jane Doe"),
    ("where is my gift for Jane", "Jane"),
    ("where is Jane's birthday gift box?", "Jane"),
    ("Where's the swag box for Jean-Luc van der Berg now please?", "Jean-Luc van der Berg"),
    ("WHERE IS JANE DOE", "JANE DOE"),
    ("where is James' parcel", "James"),
    ("where is Will", "Will"),
    ("Could you tell me where the gift for İpek Çelik is?", "İpek Çelik"), ("Where is İpek's parcel?", "İpek"),
    ("Help Scout", "Help Scout"),
    ("Can you tell me where James' parcel is?", "James"),
    ("status of <mailto:jane@acme.com|jane@acme.com>?", "jane@acme.com"),
    ("what's the status of jane@acme.com", "jane@acme.com"),
    ("what's the tracking link for jane doe", "jane doe"),
    ("any news on Bob Ray?", "Bob Ray"),
    ("any updates about the Acme gift", "Acme"),
    ("has Jane Doe received her gift yet?", "Jane Doe"),
    ("did Jane get the gift", "Jane"),
    ("is the gift for Jane Doe delivered?", "Jane Doe"),
    ("when will Acme's package arrive?", "Acme"),
    ("what happened to the gift I sent to Jane Doe", "Jane Doe"),
    ("did we send something to Jane Doe?", "Jane Doe"),
    ("what did we send to Acme", "Acme"),
    ("do you know if the order for Mary-Ann O'Neil was delivered?", "Mary-Ann O'Neil"),
    ("what's up with Jane Doe", "Jane Doe"),
    ("how is Jane's gift doing", "Jane"),
    ("what about Jane", "Jane"),
    ("track 116d64dc686937dd17b1865019cee71d295bcf38", "116d64dc686937dd17b1865019cee71d295bcf38"),
    (f"<{TRACK}>?", TRACK),
    (f"is this there already? {TRACK}", TRACK),
    ("order 1234", "1234"),
    ("Jane Doe", "Jane Doe"),
    ("jane", "jane"),
    ("where is 田中太郎's gift", "田中太郎"),
    ("where is أحمد العربي", "أحمد العربي"),
    ("/send-status jane@acme.com", "jane@acme.com"),
    ("send-status jane doe", "jane doe"),
])
def test_whose_gift_is_asked_about(text: str, name: str) -> None:
    found = asked(text)
    assert (found.what, found.cuts[0]) == ("find", name)


@pytest.mark.parametrize(("text", "name"), [
    ("Could somebody please check whether our friend Jane Doe from Acme got hers?", "Jane Doe"),
    ("Customer success says that Jane Doe never wrote back, what gives?", "Jane Doe"),
    ("where is Gift Co", "Gift Co"),
])
def test_a_name_in_a_longer_sentence_is_among_the_cuts(text: str, name: str) -> None:
    assert name in asked(text).cuts


@pytest.mark.parametrize(("text", "name"), [
    ("why is Jane's gift stuck?", "Jane"), ("why is jane acme late?", "jane acme"),
    ("why hasn't jane got hers", "jane"), ("How come Jane didn't get it?", "Jane"),
    ("what's wrong with jane's parcel?", "jane"), ("why is the gift for jane late", "jane"),
])
def test_a_reason_is_asked_for(text: str, name: str) -> None:
    found = asked(text)
    assert (found.what, found.cuts[0]) == ("why", name)


@pytest.mark.parametrize("text", [
    "where is jane's gift at acme?", "has jane's gift arrived at acme", "is the gift for jane at acme late?",
    "has jane at acme got hers", "status of jane at acme", "is there anything for jane from acme?",
    "who is jane from acme", "did jane get her gift at acme?", "gift for jane at acme",
    "why didn't jane at acme receive it",
])
def test_the_company_beside_a_name_counts_and_then_the_name_alone(text: str) -> None:
    found = asked(text)
    assert found.cuts[0] == "jane acme"
    assert "jane" in found.cuts
    assert found.beside.startswith("acme")


@pytest.mark.parametrize(("text", "what", "words"), [
    ("what is stuck at Acme?", "stuck", "Acme"), ("any late gifts for Acme?", "stuck", "Acme"),
    ("anything stuck for the Q4 Customer Thank-You?", "stuck", "Q4 Customer Thank-You"),
    ("open alerts for acme", "alerts", "acme"), ("what needs attention at Acme Robotics?", "alerts", "Acme Robotics"),
    ("stuck acme", "stuck", "acme"), ("what is stuck", "stuck", ""),
])
def test_a_list_is_asked_for_in_part(text: str, what: str, words: str) -> None:
    found = asked(text)
    assert (found.what, " ".join(found.cuts)) == (what, words)


@pytest.mark.parametrize(("text", "typed"), [
    ("report for last week pls", "/sends report for last week"),
    ("give me a report last month", "/sends report last month"),
    ("please mute the campaign Webinar Coffee until friday", "/sends mute the campaign Webinar Coffee until friday"),
    ("stop watching jane", "/sends stop watching jane"),
    ("can you watch Owen Blackwood", "/sends watch Owen Blackwood"),
    ("can you help me with the mutes please", "/sends help mute"), ("help report", "/sends help report"),
])
def test_what_a_command_does_is_known_in_polite_words(text: str, typed: str) -> None:
    found = asked(text)
    assert (found.what, found.cuts) == ("command", (typed,))


@pytest.mark.parametrize(("text", "name"), [
    ("wheres janes gift at acme??", "jane acme"), ("where is James gift", "James"),
    ("why is Jane Whitfield's gift to Acme Robotics late?", "Jane Whitfield Acme Robotics"),
    ("why is the gift for noah at vela so slow", "noah vela"),
])
def test_names_as_people_type_them(text: str, name: str) -> None:
    assert name in asked(text).cuts


@pytest.mark.parametrize("text", [
    "Wo ist das Geschenk für Jane?", "¿Dónde está el regalo de Jane?", "Où est le cadeau de Jane ?",
])
def test_a_name_is_found_in_a_sentence_of_another_language(text: str) -> None:
    assert "Jane" in asked(text).cuts
    assert "the gift" not in asked(text).cuts


@pytest.mark.parametrize(("text", "status"), [
    ("what does order received mean", "order received"), ('What does "Fulfillment Issue" mean?', "Fulfillment Issue"),
    ("what's the meaning of shipped", "shipped"), ("explain the status Out of Stock", "Out of Stock"),
    ("what is meant by offer sent?", "offer sent"), ("/send-meaning bounced", "bounced"), ("define expired", "expired"),
    ("what does the status undeliverable mean for an egift", "undeliverable"),
])
def test_a_status_is_asked_about(text: str, status: str) -> None:
    found = asked(text)
    assert (found.what, found.cuts) == ("meaning", (status,))


@pytest.mark.parametrize(("what", "texts"), [
    ("mine", ["my sends", "where are my gifts?", "what have I sent", "show me my sends", "mine", "my alerts please"]),
    ("mine", [
        "why are my gifts late?", "why hasn't my gift arrived", "has my gift arrived?", "where did my gift go",
        "what happened to my gifts?", "any news on my gift",
    ]),
    ("stuck", [
        "what is stuck", "anything stuck right now?", "which gifts are late?", "stuck", "is everything held up?",
        "/sends stuck", "what's overdue today", "show me the stuck sends",
    ]),
    ("alerts", ["alerts", "show me the alerts", "what needs attention?", "any open alerts?", "is anything wrong?"]),
    ("mute", ["mutes", "what is muted?", "mute", "/sends mute"]),
    ("help", ["", " ", "help", "?", "hi", "Hello there!", "what can you do?", "how does this work", f"<@{BOT}>"]),
    ("thanks", ["thanks!", "Thank you so much", "ok thanks", "great", "cool, thanks"]),
])
def test_lists_and_help(what: str, texts: list[str]) -> None:
    assert {text: asked(text).what for text in texts} == dict.fromkeys(texts, what)


@pytest.mark.parametrize(("text", "words"), [
    *((text, "expiring") for text in (
        "what expires soon?", "which gifts are about to expire", "expiring offers", "does anything expire next week",
        "which eGifts are going to expire soon?", "show me what is expiring", "expiring",
    )),
    ("which gifts expire soon at Acme?", "expiring Acme"), ("what is expiring for Jane Doe", "expiring Jane Doe"),
])
def test_offers_that_end_soon_are_asked_for(text: str, words: str) -> None:
    found = asked(text)
    assert (found.what, found.cuts) == ("alerts", (words,))


@pytest.mark.parametrize(("text", "what"), [
    ("when does jane's gift expire", "find"), ("has jane's gift expired?", "find"), ("which gifts expired", "stuck"),
    ("what does expired mean", "meaning"), ("what needs my attention?", "mine"),
])
def test_what_else_is_asked_about_an_end(text: str, what: str) -> None:
    assert asked(text).what == what


def test_who_is_named_by_a_mention_is_known_as_that() -> None:
    for text in ("where is <@U02BEN>'s gift", "<@U02BEN>", "status of <@U02BEN|ben>?"):
        assert asked(f"<@{BOT}> {text}").user == "U02BEN", text
    assert asked("where is U02BEN").user == ""


@pytest.mark.parametrize("text", [
    "why is it late?", "where is the gift?", "where are our gifts", "what about it", "why are they late", "he",
    "all gifts", "gifts",
])
def test_what_is_no_name_is_not_looked_for(text: str) -> None:
    assert asked(text).cuts == (text.strip("?"),)


def test_ones_own_gifts_at_a_company_are_narrowed_to_it() -> None:
    found = asked("why are my gifts at Acme late?")
    assert (found.what, found.cuts) == ("mine", ("Acme",))


def test_where_alerts_go() -> None:
    for text in ("where do alerts about {} go?", "who gets the alerts for {}", "route {}"):
        text = text.format("jane@acme.com")  # noqa: PLW2901 - the same sentence, whole
        assert (asked(text).what, asked(text).cuts[0]) == ("route", "jane@acme.com")


@pytest.mark.parametrize("text", ["/sends mute campaign X for 2 days", "sends audit 7 days", "mute jane for a week"])
def test_what_takes_a_command_is_named_as_it_is_typed(text: str) -> None:
    found = asked(text)
    assert found.what == "command"
    assert found.cuts[0].startswith("/sends ")


def test_every_word_of_the_grammar_is_understood() -> None:
    for word in grammar.SENDS.words:
        assert asked(word.name).what in {*LISTS, "command", "help"}, word.name
        assert asked(f"/sends {word.name}").what in {*LISTS, "command", "help"}, word.name


WHAT = {*LISTS, "find", "why", "meaning", "route", "help", "thanks", "command"}


@given(st.one_of(st.text(max_size=400), st.lists(st.sampled_from([
    "where", "is", "the", "gift", "for", "to", "Jane", "Doe's", "'s", "'", "what", "does", "mean", "status", "of", "my",
    "sends", "stuck", "please", "?", "<@U0SENDWATCH>", "<@U02BEN>", "&amp;", "İ", "box", "sent", "we", "did", *HOSTILE,
]), max_size=40).map(" ".join)))
def test_any_text_is_understood_as_something(text: str) -> None:
    found = asked(text)
    assert found.what in WHAT
    assert all(cut and len(cut) <= 400 for cut in found.cuts)
    assert len(found.cuts) <= 8
    assert bool(found.cuts) == (found.what in {"find", "why", "meaning", "route", "command"}) or (
        found.what in {"stuck", "alerts", "mine"}
    )


@pytest.mark.parametrize("text", [
    "where is " * 5_000, "a " * 10_000, "'s " * 5_000, "gift for " * 2_000, "has " + "been " * 3_000, "<" * 50_000,
    "is " + "x " * 150 + "y", "what " * 75 + "mean", "Aa " * 4_000,
])
def test_long_texts_take_no_time(text: str) -> None:
    began = time.process_time()
    asked(text)
    assert time.process_time() - began < 0.25


@pytest.mark.parametrize(("text", "words"), [
    ("my sends for acme", "acme"), ("show me my gifts to Jane Doe", "Jane Doe"),
    ("my recent packages at Acme?", "Acme"),
    ("list all of my e-gifts from the autumn campaign", "the autumn campaign"),
])
def test_ones_own_sends_are_narrowed(text: str, words: str) -> None:
    found = asked(text)
    assert (found.what, found.cuts) == ("mine", (words,))


@pytest.mark.parametrize("text", ["where is my gift for Jane", "my gift for Jane", "is my gift to Jane late?"])
def test_one_gift_of_ones_own_is_looked_for_by_its_name(text: str) -> None:
    found = asked(text)
    assert (found.what, found.cuts[0]) in {("find", "Jane"), ("why", "Jane")}


@pytest.mark.parametrize(("text", "typed"), [
    ("how many gifts did we send last month?", "/sends report last month"),
    ("How many packages have been delivered in October?", "/sends report October"),
    ("how many gifts were redeemed this week", "/sends report this week"),
    ("how many sends did we send", "/sends report"),
    ("how many gifts did we ship in the last 30 days", "/sends report last 30 days"),
    ("what expired last week?", "/sends report last week"),
    ("which gifts have failed in q3", "/sends report q3"),
])
def test_numbers_are_for_a_report(text: str, typed: str) -> None:
    found = asked(text)
    assert (found.what, found.cuts) == ("command", (typed,))


@pytest.mark.parametrize(("text", "word"), [
    ("what expired?", "expired"), ("what has expired", "expired"), ("Which gifts have failed?", "failed"),
    ("any expired gifts?", "expired"), ("which of our packages were returned", "returned"),
    ("show the bounced egifts", "bounced"),
])
def test_what_went_wrong_is_a_list(text: str, word: str) -> None:
    found = asked(text)
    assert (found.what, found.cuts) == ("stuck", (word,))


@pytest.mark.parametrize("text", [
    "how many gifts did we send to Acme", "what did we send to Acme", "what does expired mean?", "what is expired",
    "has Jane's gift expired?", "what happened to the expired gift for Acme",
])
def test_what_only_sounds_like_it_is_neither(text: str) -> None:
    assert asked(text).what not in {"stuck", "mine", "command"}


@pytest.mark.parametrize(("text", "typed"), [
    ("gifts sent 3 days ago", "3 days ago"), ("what was sent last week?", "last week"),
    ("sends from last week", "last week"), ("reports for last quarter", "for last quarter"),
    ("the reports of october", "of october"), ("which gifts did we send a month ago", "a month ago"),
])
def test_what_was_sent_in_some_time_is_told_by_a_report(text: str, typed: str) -> None:
    assert understand(text) == Question(what="command", cuts=(f"/sends report {typed}",))


@pytest.mark.parametrize(("text", "name"), [
    ("what did Jane get last week", "Jane"), ("What has Jane Doe received so far?", "Jane Doe"),
    ("which gifts did May get in october", "May"), ("gifts sent to June", "June"), ("gifts for May", "May"),
    ("what did we send Jane", "Jane"), ("what did we send May", "May"), ("how many gifts did we send Jane", "Jane"),
    ("gifts from Ben last week", "Ben"), ("what did we send Jane 3 days ago", "Jane"),
    ("which gifts were sent to Acme last month?", "Acme"), ("where is the Last Week campaign", "Last Week campaign"),
    ("orders 12345", "12345"), ("what did the Getty get", "Getty"),
])
def test_what_somebody_got_is_asked_of_them_and_names_are_no_times(text: str, name: str) -> None:
    found = understand(text)
    assert (found.what, name in found.cuts) == ("find", True)


@pytest.mark.parametrize(("text", "whose"), [
    ("does Jane have an alert?", "Jane"), ("Jane's alerts", "Jane"), ("has Jane Doe got open alerts", "Jane Doe"),
    ("do we have any alerts", ""), ("what are the open alerts", ""),
])
def test_somebodys_alerts_are_asked_for(text: str, whose: str) -> None:
    assert understand(text) == Question(what="alerts", cuts=(whose,) if whose else ())


@pytest.mark.parametrize(("text", "what", "cut"), [
    ("which sends are in order received?", "status", "order received"), ("sends in shipped", "status", "shipped"),
    ("show all gifts in status delivered", "status", "delivered"), ("gifts in Berlin", "find", "in Berlin"),
    ("what did Ben send", "find", "Ben"), ("what did Ben send last week?", "find", "Ben"),
    ("what has Dee Novak sent to Jane", "find", "Dee Novak Jane"), ("who sent Jane's gift?", "find", "Jane"),
    ("who sent the gift to Jane Doe", "find", "Jane Doe"),
    ("how much did we spend last month?", "command", "/sends report last month"),
    ("what have we spent this year?", "command", "/sends report this year"),
    ("send me the report for october", "command", "/sends report for october"),
])
def test_statuses_senders_and_spending(text: str, what: str, cut: str) -> None:
    found = asked(text)
    assert (found.what, found.cuts[0]) == (what, cut)


@pytest.mark.parametrize(("text", "status"), [
    ("which gifts are in transit?", "in transit"), ("what's in transit", "in transit"),
    ("which gifts are shipped", "shipped"), ("which gifts arrived", "arrived"), ("list all shipped", "shipped"),
    ("show me delivered gifts", "delivered"), ("all delivered packages today", "delivered"),
])
def test_sends_in_a_status_are_asked_for_in_other_words(text: str, status: str) -> None:
    assert understand(text) == Question(what="status", cuts=(status,))


@pytest.mark.parametrize("text", [
    "which gifts have not arrived", "which gifts are not delivered", "Shipped Box", "which gifts are Jane's",
    "delivered by Jane", "all Jane gifts", "who owns Jane's alert?", "gifts Block",
    "Block gifts",
])
def test_what_is_no_status_is_no_list_of_one(text: str) -> None:
    assert understand(text).what == "find"


@pytest.mark.parametrize(("text", "typed"), [
    ("which gifts arrived today?", "today"), ("what was delivered yesterday", "yesterday"),
    ("report today", "today"), ("what did we send today", "today"), ("gifts redeemed last week", "last week"),
    ("how much did we spend on Holiday Bundle?", "Holiday Bundle"), ("what have we spent for the Summit", "Summit"),
])
def test_what_arrived_in_some_time_and_what_was_spent_is_told_by_a_report(text: str, typed: str) -> None:
    assert understand(text) == Question(what="command", cuts=(f"/sends report {typed}",))


@pytest.mark.parametrize(("text", "name"), [
    ("where is Jane today?", "Jane"), ("gifts for Jane since monday", "Jane"), ("how many gifts did Ben send?", "Ben"),
    ("show me everything for Acme", "Acme"), ("has Acme received anything?", "Acme"),
    ("what did Jane's gift cost", "Jane"), ("how much was Jane's gift?", "Jane"),
    ("gifts for Black Friday", "Black Friday"), ("which gifts are at Acme", "Acme"), ("what was from Ben", "Ben"),
])
def test_times_and_numbers_around_a_name_are_left_out(text: str, name: str) -> None:
    found = understand(text)
    assert (found.what, name in found.cuts) == ("find", True)


@pytest.mark.parametrize(("text", "what", "words"), [
    ("what's stuck at Acme today?", "stuck", "Acme"), ("open alerts today", "alerts", ""),
    ("my sends today", "mine", ""), ("my sends for Acme today", "mine", "Acme"),
])
def test_today_says_nothing_of_a_list(text: str, what: str, words: str) -> None:
    found = understand(text)
    assert (found.what, " ".join(found.cuts)) == (what, words)


@pytest.mark.parametrize("text", ["👍", ":+1:", ":+1::skin-tone-3:", ":pray:", "👍🏽"])
def test_a_thumb_is_thanks(text: str) -> None:
    assert understand(text).what == "thanks"
