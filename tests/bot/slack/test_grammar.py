"""What people type, and what is understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import grammar
from bot.slack.grammar import COMMANDS, Asked, clean, looks_like_send, parse


@pytest.mark.parametrize(("typed", "meant"), [
    ("jane@acme.com", "jane@acme.com"), ("<mailto:jane@acme.com|jane@acme.com>", "jane@acme.com"),
    ("<mailto:jane@acme.com>", "jane@acme.com"), ("<https://x.example/1|x.example/1>", "https://x.example/1"),
    ("<https://x.example/1>", "https://x.example/1"), ("<@U123ABC|ann>", "ann"), ("<@U123ABC>", "U123ABC"),
    ("<#C123|general> gifts", "general gifts"), ("<!subteam^S1|@ops>", "ops"),
    ("<!subteam^S1|@Xena>", "Xena"), ("<!here>", ""),
    ("<tel:123|123>", "123"),
    ("“Jane Doe”", "Jane Doe"), ("'jane'", "jane"), ("`jane`", "jane"), ("«jane»", "jane"), ("O'Neill", "O'Neill"),
    ("Tom &amp; Co &lt;3", "Tom & Co <3"), ("&amp;lt;", "&lt;"), ("a &lt;-&gt; b", "a <-> b"),
    ("James'", "James'"), ("'t Hoen", "'t Hoen"), ("“'jane' ”", "jane"), ("''", ""), ("\" ' \"", ""),
    ("  a \u00a0 b\u200b\n c ", "a b c"), ('"', ""),
    ("", ""),
    ("\x00", ""), ("x" * 3000, "x" * 300), ("<" * 3000, "<" * 300),
])
def test_clean(typed: str, meant: str) -> None:
    assert clean(typed) == meant


@pytest.mark.parametrize(("command", "typed", "asked"), [
    ("/send-status", "jane", Asked(what="find", query="jane")), ("/send-status", "", Asked(what="help")),
    ("/send-status", "<@U123ABC|ann>", Asked(what="find", query="ann", user="U123ABC")),
    ("/send-meaning", "", Asked(what="meaning")), ("/send-meaning", "shipped", Asked(what="meaning", query="shipped")),
    ("/send-meaning", "help", Asked(what="help")), ("/sends", "", Asked(what="help")),
    ("/sends", "STUCK", Asked(what="stuck")), ("/sends", "overdue", Asked(what="stuck")),
    ("/sends", "my", Asked(what="mine")), ("/sends", "open", Asked(what="alerts")), ("/sends", "?", Asked(what="help")),
    ("/sends", "route", Asked(what="route")), ("/sends", "Where", Asked(what="route")),
    ("/sends", "route Jane  Doe", Asked(what="route", query="Jane Doe")),
    ("/sends", "where “jane@acme.com”", Asked(what="route", query="jane@acme.com")),
    ("/sends", "routes <@U123ABC|ann>", Asked(what="route", query="ann", user="U123ABC")),
    ("/sends", "stukc", Asked(what="mistaken", query="stukc", nearest=("stuck",))),
    ("/sends", "min", Asked(what="mistaken", query="min", nearest=("mine", "settings"))),
    # Behind a first word that is less near a name may follow, not what a command takes.
    ("/sends", "stukc acme", Asked(what="mistaken", query="stukc acme", nearest=("stuck",), rest="acme")),
    ("/sends", "Walt Smith", Asked(what="a_send", query="Walt Smith")),
    ("/sends", "settings", Asked(what="settings")), ("/sends", "banana", Asked(what="mistaken", query="banana")),
    ("/sends", "help report", Asked(what="help", query="report")),
    ("/sends", "reports ?", Asked(what="help", query="report")),
    ("/sends", "stuck --help", Asked(what="help", query="stuck")),
    ("/sends", "alerts Expired", Asked(what="alerts", query="Expired")),
    ("/sends", "stuck acme corp", Asked(what="stuck", query="acme corp")),
    ("/sends", "mine stuck", Asked(what="too_much", query="mine", rest="stuck")),
    ("/sends", "settings routes", Asked(what="settings", query="routes")),
    ("/sends", "unwatch jane", Asked(what="unwatch", query="jane")),
    ("/sends", "stop watching Jane Doe", Asked(what="unwatch", query="Jane Doe")),
    ("/sends", "watch stop", Asked(what="unwatch")),
    ("/sends", "don't watch jane", Asked(what="unwatch", query="jane")),
    ("/sends", "watch off-site team", Asked(what="watch", query="off-site team")),
    ("/sends", "unmute", Asked(what="unmute")), ("/sends", "stop muting acme", Asked(what="unmute", query="acme")),
    ("/sends", "mute off", Asked(what="unmute")), ("/sends", "end mutes", Asked(what="unmute")),
    ("/sends", "12345", Asked(what="a_send", query="12345")),
    ("/sends", "jane doe of acme", Asked(what="a_send", query="jane doe of acme")),
    ("/sends", "help with mute", Asked(what="help", query="mute")), ("/sends", "help with", Asked(what="help")),
    ("/sends", "help about routes", Asked(what="help", query="route")), ("/sends", "help me with", Asked(what="help")),
    ("/sends", "help me mute", Asked(what="help", query="mute")),
    ("/sends", "help me with with", Asked(what="help")),
    ("/sends", "help for watch", Asked(what="help", query="watch")),
    ("/sends", "help reprot", Asked(what="help", query="report")), ("/sends", "help banana", Asked(what="help")),
    ("/sends", "help me with report please", Asked(what="help", query="report")),
    ("/sends", "help with mutes of a whole team", Asked(what="help", query="mute")),
    ("/sends", "route Jane <@U123ABC|ann>", Asked(what="route", query="Jane ann")),
    ("/sends", "help mine", Asked(what="help", query="mine")),
    ("/sends", "mine help", Asked(what="help", query="mine")),
    ("/sends", "help me", Asked(what="help")), ("/sends", "help me with report", Asked(what="help", query="report")),
    ("/sends", "where is Jane Doe?", Asked(what="a_send", query="Jane Doe")),
    ("/sends", "where is the alert for Jane?", Asked(what="alerts", query="Jane")),
    ("/sends", "where are the alerts", Asked(what="alerts")), ("/sends", "open alerts", Asked(what="alerts")),
    ("/sends", "where do alerts about Jane go?", Asked(what="route", query="Jane")),
    ("/sends", "where does Jane’s alert go", Asked(what="route", query="Jane")),  # noqa: RUF001
    ("/sends", "why is there an alert for Jane", Asked(what="why", query="Jane")),
    ("/sends", "why is there an alert for REX?!", Asked(what="why", query="REX")),
    ("/sends", "alerts for Jane", Asked(what="alerts", query="for Jane")), ("/sends", "my alerts", Asked(what="mine")),
    ("/sends", "stuck of Acme", Asked(what="stuck", query="of Acme")),
    ("/sends", "alerts on <@U123ABC|ann>", Asked(what="alerts", query="ann", user="U123ABC")),
    ("/sends", "alerts <@U123ABC>", Asked(what="alerts", query="U123ABC", user="U123ABC")),
    ("/sends", "watch On <@U123ABC> ", Asked(what="watch", query="U123ABC", user="U123ABC")),
    ("/sends", "stuck?", Asked(what="stuck")), ("/sends", "ALERTS!", Asked(what="alerts")),
    ("/sends", "mine, please", Asked(what="mine")), ("/sends", "help!", Asked(what="help")),
    ("/sends", "late gifts", Asked(what="stuck")), ("/sends", "alerts everything", Asked(what="alerts")),
    ("/sends", "*stuck acme*", Asked(what="stuck", query="acme")), ("/sends", "&gt; stuck", Asked(what="stuck")),
    ("/sends", "stuck Forward", Asked(what="stuck", query="Forward")),
    ("/sends", "What did Jane get last week?", Asked(what="a_send", query="Jane")),
    ("/sends", "gifts sent 3 days ago", Asked(what="report", query="3 days ago")),
    ("/sends", "why is Jane late", Asked(what="why", query="Jane")),
    ("/sends", "Why was Jane’s gift not delivered yet?", Asked(what="why", query="Jane")),  # noqa: RUF001
    ("/sends", "where are my gifts", Asked(what="mine")), ("/sends", "where is my gift?", Asked(what="mine")),
    ("/sends", "why are my gifts late", Asked(what="mine")), ("/sends", "where are all my sends", Asked(what="mine")),
    ("/sends", "why is the gift late", Asked(what="why")), ("/sends", "why is it late", Asked(what="why")),
    ("/sends", "why is everything late", Asked(what="why")), ("/sends", "where are we", Asked(what="help")),
    ("/sends", "where are the gifts", Asked(what="help")), ("/sends", "where are our packages", Asked(what="help")),
    ("/sends", "where are gifts", Asked(what="help")),
    ("/sends", "why is Amy Myers late", Asked(what="why", query="Amy Myers")),
    ("/sends", "where is An", Asked(what="a_send", query="An")), ("/sends", "where is an order", Asked(what="help")),
    ("/sends", "where is swag box", Asked(what="a_send", query="swag")),
    ("/sends", "where is Itzel", Asked(what="a_send", query="Itzel")),
    ("/sends", "where is the gift for Jane", Asked(what="a_send", query="Jane")),
    ("/sends", "why is my gift for Jane Doe late", Asked(what="why", query="Jane Doe")),
    ("/sends", "where are we with Jane", Asked(what="a_send", query="Jane")),
    ("/sends", "why has Jane not got it", Asked(what="why", query="Jane")),
    ("/sends", "why hasn’t Jane received it yet?", Asked(what="why", query="Jane")),  # noqa: RUF001
    ("/sends", "why isn't Jane's gift here", Asked(what="why", query="Jane")),
    ("/sends", "why did Jane's gift expire", Asked(what="why", query="Jane")),
    ("/sends", "where did Jane's gift go?", Asked(what="a_send", query="Jane")),
    ("/sends", "where are the alerts for jane", Asked(what="alerts", query="jane")),
    ("/sends", "why jane late", Asked(what="why", query="jane late")),
    ("/sends", "alerts for Ann of Acme for lunch", Asked(what="alerts", query="for Ann of Acme for lunch")),
    ("/sends", "where are the alerts on Jane for lunch", Asked(what="alerts", query="Jane for lunch")),
    ("/sends", "mute for 2 weeks", Asked(what="mute", query="for 2 weeks")),
    # The first letter of İpek becomes two in lower case.
    ("/sends", "where is the İpek gift for Jane", Asked(what="a_send", query="Jane")),
    ("/sends", "where is the gift for İpek Çelik?", Asked(what="a_send", query="İpek Çelik")),
    ("/sends", "What gift did İpek Çelik get?", Asked(what="a_send", query="İpek Çelik")),
])
def test_parse(command: str, typed: str, asked: Asked) -> None:
    assert parse(command, typed) == asked


@pytest.mark.parametrize(("query", "name"), [
    ("mute acme", "mute"), ("Routes Jane Doe", "route"), ("MINE", "mine"), ("jane mute", None), ("", None),
    ("help", None), ("?", None),
])
def test_a_word_of_sends_behind_another_command(query: str, name: str | None) -> None:
    word = grammar.word_in(query)
    assert (word and word.name) == name


@given(st.sampled_from(list(COMMANDS)), st.text(max_size=400))
def test_anything_is_understood_as_something(command: str, typed: str) -> None:
    asked = parse(command, typed)
    words = {word.name for word in grammar.SENDS.words}
    assert asked.what in {"find", "meaning", "mistaken", "too_much", "a_send"} | words
    assert len(asked.query) <= grammar.LONGEST
    assert asked.query == asked.query.strip()


@pytest.mark.parametrize(("query", "is_one"), [
    ("jane@acme.com", True), ("j@X", True),
    ("https://x.example", True), ("44", True), ("Z2lkOi8vc2VuZG9zby9TZW5kLzQ0", True),
    ("shipped", False), ("order received", False), ("@ann", False), ("addressconfirmationcanceled", False), ("", False),
])
def test_looks_like_a_send(query: str, is_one: bool) -> None:
    assert looks_like_send(query) is is_one


def test_help_shows_every_way_in() -> None:
    typed = [usage.typed for usage in grammar.usages()]
    for command in COMMANDS.values():
        assert any(line.startswith(command.name) for line in typed)
        for word in command.words:
            assert f"{command.name} {word.name}" in typed


def test_help_of_one_command_is_of_it_alone() -> None:
    (line,) = grammar.usages(grammar.MEANING)
    assert line.typed == "/send-meaning [status, in any spelling]"
    assert (line.gives, line.examples) == (grammar.MEANING.gives, grammar.MEANING.examples)
    for word, usage in zip(grammar.SENDS.words, grammar.usages(grammar.SENDS), strict=True):
        assert usage.typed == f"/sends {word.name}"
        shown = (usage.gives, usage.examples, usage.shows, usage.finds)
        assert shown == (word.gives, word.examples, word.shows, word.finds)


def test_only_the_likeliest_words_are_offered() -> None:
    words = ["boute", "routes", "route", "router", "mute"]
    assert grammar.nearest("route", words) == ("route", "routes")
    assert grammar.nearest("route", words, limit=1) == ("route",)
    assert grammar.nearest("route", words, limit=9, likeness=95) == ("route",)
