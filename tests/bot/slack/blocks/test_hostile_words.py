"""Every builder of an answer, found by looking for it: whatever words it is given, nothing in the answer is live.

A builder of which the arguments are words, sends and times is tried here by itself, without being named anywhere.
One that takes more has a property or a test of its own, which `ELSEWHERE` names: a new builder without either fails.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import blocks
from bot.slack.blocks import send_list
from bot.slack.blocks.drawn import Drawn, draw
from bot.slack.blocks.limits import section
from bot.slack.blocks.mine_card import Mine
from bot.slack.blocks.send_list import Page
from bot.slack.blocks.text import escape
from bot.slack.grammar import usages
from storage.models import Watch
from tests.bot.slack import gate
from tests.bot.slack.blocks.test_limits_property import groups
from tests.bot.slack.rows import HOSTILE, alerts, moments, pairs, sends, texts
from tests.hostile import hostile

HERE = Path(__file__).parent
ELSEWHERE = {
    "baseline_card.build": "blocks/test_limits_property.py", "report_card.build": "test_reports.py",
    "report_card.unknown": "test_reports.py", "setup_card.build": "blocks/test_setup_card.py",
    "welcome_card.build": "blocks/test_welcome_card.py",
    "watch_card.told": "test_watches.py", "watch_list.mine": "test_watches.py", "watch_list.several": "test_watches.py",
    "mute_list.called": "test_mutes.py", "meaning_card.overview": "test_commands.py", "why_card.of_send": "test_why.py",
    "why_card.message": "test_why.py", "why_card.outlook": "test_why.py", "send_card.public": "test_conversations.py",
    "send_card.direct": "test_conversations.py", "pick_list.several": "test_why.py",
}
"""The builders that take what cannot be made here, and the test that gives hostile words to them."""

OURS = {
    "help_card.note": "text", "send_list.empty": "text", "question_card.private_list": "sentence",
    "question_card.private_route": "sentence",
}
"""Arguments that are a sentence of ours, as mrkdwn: who calls has seen to the names in it."""

CHOSEN = {
    "by": st.sampled_from(["U01ANN", "scan", ""]), "command": st.sampled_from(["/sends", "/send-status"]),
    "action": st.just("find_more"), "action_id": st.just("find_more"), "list_name": st.just("stuck"),
    "name": st.sampled_from(["stuck", "alerts"]), "every": st.just("All of it"),
    "what": st.just("Nothing that is held up"), "title": st.just("Order Received"),
    "so": st.just("Nothing was changed."), "instead": st.just("You have sent nothing."),
    "status": st.just("order_received"),
}
"""Arguments that are words or ids of ours, whatever is said."""

LONG = ("x" * 40_000, "*_~`" * 10_000, "😀" * 20_000, "<!channel> " * 4_000, "a.example " * 4_000, "ع" * 40_000)


@st.composite
def _words(draw_from: st.DrawFn) -> str:
    return draw_from(st.one_of(texts, st.sampled_from(HOSTILE), st.integers(0, len(LONG) - 1).map(LONG.__getitem__)))


words = _words()
shown = texts.map(lambda text: draw([section("Found:"), section(gate_safe(text))]))
KINDS: dict[str, st.SearchStrategy[Any]] = {
    "str": words, "int": st.integers(0, 10**6), "bool": st.booleans(), "datetime": moments, "Send": sends,
    "Sequence[str]": st.lists(words, max_size=6), "Drawn": shown, "Usage": st.sampled_from(usages()),
    "Sequence[Usage]": st.lists(st.sampled_from(usages()), min_size=1, max_size=3, unique_by=lambda one: one.typed),
    "Sequence[Alert]": st.lists(alerts, max_size=4),
    "Sequence[Send]": st.lists(sends, max_size=5),
    "Watch": moments.map(lambda at: Watch(user_id="U01ANN", send_id=1, created_at=at)),
    "Group": groups,
    "Mapping[str, int]": st.dictionaries(st.sampled_from(["expired", "support", "x"]), st.integers(1, 99)),
    "Mine": st.builds(
        Mine, asked=st.just({"list": "mine", "offset": 0}), top=st.lists(pairs, max_size=5), total=st.integers(0, 99),
        hidden=st.integers(0, 9),
    ),
    "Page | None": st.none() | st.builds(
        Page, title=words.map(lambda query: send_list.heading(3, query)), asked=st.just({"list": "mine", "offset": 0}),
        sends=st.lists(sends, max_size=8), total=st.integers(0, 500), next_step=st.just("Type more."),
    ),
    "dict[str, Any]": st.just({"q": 1}), "Mapping[int, Muted]": st.just({}),
}


def gate_safe(text: str) -> str:
    """Words from outside as a caller puts them into a part of its own."""
    return escape(text, 100) or "nothing"


def builders() -> dict[str, Callable[..., Drawn]]:
    """Every public function of `bot.slack.blocks` that gives a whole answer, by its name."""
    found: dict[str, Callable[..., Drawn]] = {}
    for module in pkgutil.walk_packages(blocks.__path__, f"{blocks.__name__}."):
        if module.name == draw.__module__:
            continue
        made = importlib.import_module(module.name)
        for name, one in vars(made).items():
            is_own = inspect.isfunction(one) and one.__module__ == module.name and not name.startswith("_")
            if is_own and str(one.__annotations__.get("return")) in {"Drawn", "Drawn | None"}:
                found[f"{module.name.removeprefix(f'{blocks.__name__}.')}.{name}"] = one
    return found


def arguments(name: str, builder: Callable[..., Drawn]) -> dict[str, st.SearchStrategy[Any]] | None:
    """What to give it; None where it takes something of which nothing is known here."""
    given_to: dict[str, st.SearchStrategy[Any]] = {}
    for argument, one in inspect.signature(builder).parameters.items():
        kind = str(one.annotation)
        if argument == OURS.get(name):
            given_to[argument] = texts.map(gate_safe)
        elif argument in CHOSEN and kind == "str":
            given_to[argument] = CHOSEN[argument]
        elif kind in KINDS:
            given_to[argument] = KINDS[kind]
        elif one.default is inspect.Parameter.empty:
            return None
    return given_to


BUILDERS = builders()
KNOWN = {name: made for name, one in BUILDERS.items() if (made := arguments(name, one)) is not None}


@pytest.mark.parametrize("name", sorted(KNOWN))
@hostile(12)
@given(data=st.data())
def test_no_words_come_alive(name: str, data: st.DataObject) -> None:
    drawn = BUILDERS[name](**{argument: data.draw(made) for argument, made in KNOWN[name].items()})
    if drawn is not None:
        assert gate.problems({"text": drawn.text, "blocks": drawn.blocks}) == []


def test_every_other_builder_is_given_hostile_words_somewhere() -> None:
    others = [path for path in HERE.glob("test_*.py") if path.name != Path(__file__).name]
    properties = "\n".join(path.read_text(encoding="utf-8") for path in others)
    rest = {name for name in BUILDERS if name not in KNOWN and f"{name}(" not in properties}
    assert rest <= set(ELSEWHERE), "a builder that no test gives hostile words to"
    for name, test in ELSEWHERE.items():
        assert name in BUILDERS, f"{name} is gone"
        assert (HERE.parent / test).exists()

