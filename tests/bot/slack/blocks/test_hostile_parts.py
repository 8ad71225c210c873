"""Every window and every part of an answer, found by looking for it: whatever words it is given, none comes alive.

What gives whole answers is found by `test_hostile_words`; here it is what gives windows, blocks, fields and sentences.
A window of which the arguments cannot be made here must be given hostile words by a property or a list of such names.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sends.connecting import Standing
from bot.slack import blocks
from bot.slack.blocks.alert_state import LABELS
from storage.models import Notification
from tests.bot.slack import gate
from tests.bot.slack.blocks import test_hostile_words as whole
from tests.bot.slack.blocks.test_limits_property import ZONE
from tests.bot.slack.blocks.test_mute_blocks import choices, filled, held, meant
from tests.bot.slack.rows import alerts, moments, people, sends, texts
from tests.bot.slack.rules import texts as rules
from tests.hostile import hostile

TOOLS = {"limits", "text", "numbers", "drawn"}
"""Modules of which parts are made: they take finished markup, and are tried by everything that is made with them."""
PARTS = {"Block", "Block | None", "list[Block]", "list[Block | None]", "str", "list[str]", "tuple[str, str]"}
VIEWS = {gate.MODAL, gate.HOME}
PLAIN = {
    "alert_state.headline", "alert_state.label", "group_card.title", "send_card.heading", "send_list.heading",
    "send_list.held_up", "send_list.that_fit", "gift.label", "gift.title", "digest_words.often", "setting_windows.who",
    "route_here_modal.what",
}
"""Sentences for plain_text, such as headings and what a button is called: what is not markup there is no danger."""
UNFIT = re.compile("[\x00-\x1f\u202a-\u202e\ud800-\udfff]")
RAW = {"gift.name", "gift.public_name", "connection_window.named", "home.fingerprint", "notice_card.called_by"}
"""What is no sentence: a name as it came, for whoever shows it, and names of fields."""
OURS = {
    "send_card.lookup": {"problem"}, "setting_windows.limits": {"texts"}, "setting_windows.nothing_to_do": {"said"},
    "route_words.capital": {"text"}, "route_words.listed": {"words", "last"}, "route_words.packed": {"lines"},
    "send_search.field": {"placeholder"}, "connection_window.form": {"said"}, "route_words.who": {"word"},
    "mute_modal.for_change": {"scope"}, "help_card.in_status": {"title", "status"},
    "help_card.about_status": {"title", "status"}, "watch_card.watch": {"text", "suffix"},
    "watch_card.stop": {"text", "suffix"}, "why_card.ask": {"suffix"}, "alert_state.buttons": {"suffix"},
    "alert_state.settled": {"at"}, "setting_windows.undo": {"title"},
    "gift.label": {"verb"}, "why_now.here": {"key"}, "why_now.of_alert": {"here"}, "mute_modal.named": {"scope"},
}
"""Arguments that are words of ours, or finished markup of what was escaped before."""
standing = st.builds(
    Standing, how=st.sampled_from(["", "token", "oauth"]), webhooks=st.integers(0, 9), address=texts, usual=texts,
    by=people.map(lambda who: who or ""), at=st.none() | moments,
)
shown = st.none() | st.builds(
    Notification, alert_id=st.just(1), channel=st.sampled_from(["C01GIFTING", "U01ANN"]), route=texts,
    reason=st.sampled_from(["first", "raised", "x"]), held=st.sampled_from(["", "muted", "x"]), told_at=moments,
    last_told_at=moments, repeats=st.integers(0, 9), escalations=st.integers(0, 9),
)
KINDS: dict[str, st.SearchStrategy[Any]] = {
    **whole.KINDS, "Alert": alerts, "Send | None": st.none() | sends, "ZoneInfo": st.just(ZONE), "Choice": choices,
    "Sequence[Choice]": st.lists(choices, min_size=1, max_size=6, unique_by=lambda one: one.scope), "Meant": meant,
    "Filled | None": st.none() | filled, "Filled": filled, "Muted": held, "Standing": standing,
    "Any": st.just({"a": 1}), "Mapping[str, Any]": st.just({"of": "alert", "id": 1}), "str | None": st.none() | texts,
    "Notification | None": shown,
}


def builders() -> dict[str, Callable[..., Any]]:
    """Every public function of `bot.slack.blocks` that gives a part, by its name."""
    found: dict[str, Callable[..., Any]] = {}
    for module in pkgutil.iter_modules(blocks.__path__):
        made = importlib.import_module(f"{blocks.__name__}.{module.name}")
        for name, one in vars(made).items():
            is_own = inspect.isfunction(one) and one.__module__ == made.__name__ and not name.startswith("_")
            if is_own and module.name not in TOOLS and str(one.__annotations__.get("return")) in PARTS:
                found[f"{module.name}.{name}"] = one
    return found


def arguments(name: str, builder: Callable[..., Any]) -> dict[str, st.SearchStrategy[Any]] | None:
    """What to give it; None where it takes something of which nothing is known here."""
    given_to: dict[str, st.SearchStrategy[Any]] = {}
    for argument, one in inspect.signature(builder).parameters.items():
        kind = str(one.annotation)
        if argument in OURS.get(name, ()):
            given_to[argument] = st.just(["Ours", "also ours"] if "Sequence" in kind else "Ours")
        elif name == "alert_state.label" and argument == "name":
            given_to[argument] = st.sampled_from(sorted(LABELS))
        elif argument in whole.CHOSEN and kind == "str":
            given_to[argument] = whole.CHOSEN[argument]
        elif kind in KINDS:
            given_to[argument] = KINDS[kind]
        elif one.default is inspect.Parameter.empty:
            return None
    return given_to


BUILDERS = builders()
KNOWN = {name: made for name, one in BUILDERS.items() if (made := arguments(name, one)) is not None}


def alive(name: str, made: Any) -> Iterator[str]:  # noqa: ANN401 - whatever a builder gives
    """What is wrong with a part."""
    if isinstance(made, str):
        if name not in PLAIN | RAW:
            yield from rules.markup(made, name)
        elif name in PLAIN and UNFIT.search(made):
            yield f"{name}: not one calm line: {made!r}"
    elif isinstance(made, list | tuple):
        for one in made:
            yield from alive(name, one)
    elif isinstance(made, dict):
        yield from gate.problems(made, made["type"]) if made.get("type") in VIEWS else _in_a_view(made)


def _unfolded(made: dict[str, Any]) -> Iterator[str]:
    """What a link unfolds into."""
    yield from gate.problems({"text": made["fallback"], "blocks": made["blocks"]})
    yield from rules.text(made["preview"]["title"], "preview", "title", 75)


def _in_a_view(made: dict[str, Any]) -> Iterator[str]:
    if "preview" in made:
        yield from _unfolded(made)
        return
    if "value" in made and "type" not in made:
        made = {"type": "static_select", "action_id": "x", "options": [made]}
    if made["type"] in {"button", "static_select", "external_select", "overflow"}:
        made = {"type": "actions", "elements": [made]}
    told = gate.problems({
        "type": "modal", "title": {"type": "plain_text", "text": "x", "emoji": False}, "blocks": [made],
        "submit": {"type": "plain_text", "text": "x", "emoji": False},
    }, gate.MODAL)
    # A number is marked until the whole of which it is a part is drawn.
    yield from (one for one in told if not one.startswith("the mark of a number"))


@pytest.mark.parametrize("name", sorted(KNOWN))
@hostile(6)
@given(data=st.data())
def test_no_words_come_alive(name: str, data: st.DataObject) -> None:
    made = BUILDERS[name](**{argument: data.draw(one, argument) for argument, one in KNOWN[name].items()})
    assert list(alive(name, made)) == []


def test_every_other_window_is_given_hostile_words_somewhere() -> None:
    written = [path.read_text(encoding="utf-8") for path in Path(__file__).parents[1].rglob("test_*.py")]
    tried = "\n".join(text for text in written if "@given" in text or "HOSTILE" in text)
    windows = {name for name, one in BUILDERS.items() if "modal(" in inspect.getsource(one)}
    assert len(windows) > 20
    assert {name for name in windows if name not in KNOWN and f"{name}(" not in tried} == set()


def test_the_tables_name_what_is_there() -> None:
    assert (PLAIN | RAW | set(OURS)) <= set(BUILDERS)
