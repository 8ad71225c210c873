"""Whatever admins wrote and however much of it: every window of the settings is one that Slack takes."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from bot.config.document import Document
from bot.config.parts import DigestPart, PolicyPart, RoutePart, ThresholdPart
from bot.config.rulebook import rulebook
from bot.slack.blocks import setting_fields, setting_form, setting_windows, setting_words
from bot.slack.blocks.setting_fields import Field
from bot.slack.blocks.setting_windows import PAGE, Changed, Line, Part
from bot.slack.blocks.setting_words import TITLES
from bot.slack.settings import sections
from bot.slack.settings.standing import WHOLE, places
from tests.bot.slack import gate
from tests.bot.slack.harness import words
from tests.bot.slack.rows import HOSTILE
from tests.conftest import NOW

NUMBERS = (0, 1, 50, 500)
DATA = {"over": "V0123456789", "list": "V0123456789", "p": 490, "d": "0" * 16}


def accepted(text: str) -> bool:
    """Whether the configuration takes such a name at all."""
    try:
        RoutePart.model_validate({"name": text})
    except ValidationError:
        return False
    return True


NASTY = [f"{text[:180]}" for text in HOSTILE if accepted(text[:180])]


def _name(number: int) -> str:
    return f"{NASTY[number % len(NASTY)]} {number}"


def _document(number: int) -> Document:
    """A document with so many things in each section, of which the file itself takes 200."""
    step = {"after": "1d", "mention": ["U01ANN", "S01GIFTOPS"], "channel": "C02SALES", "dm_sender": True}
    quiet = {"from": "18:00", "to": "08:00", "working_days": "mon-fri", "except": ["needs_action"]}
    policy = PolicyPart.model_validate({"repeat": "1d", "escalate": [step] * 8, "quiet": quiet})
    return Document().model_copy(update={
        "thresholds": tuple(ThresholdPart.model_validate({
            "status": "Shipped", "after": "12 days", "campaign": _name(one), "team": _name(one), "type": _name(one),
        }) for one in range(number)),
        "routes": tuple(RoutePart.model_validate({
            "name": _name(one), "channel": "C02SALES", "dm_sender": True, "policy": "urgent", "when": {
                "team": NASTY, "campaign": [_name(one)], "sender": NASTY, "type": NASTY, "amount_from": "100 USD",
            },
        }) for one in range(number)),
        "policies": {"default": policy, **{f"policy-{one}": policy for one in range(number)}},
        "budgets": {
            "default": Document().budgets["default"],
            **{f"C{one:09}": Document().budgets["default"] for one in range(number)},
        },
        "digests": tuple(DigestPart.model_validate({
            "every": "day", "days": "mon-sun", "zone": "America/Argentina/ComodRivadavia", "route": _name(one),
            "channel": "C02SALES",
        }) for one in range(number)),
        "permissions": {"settings": tuple(f"U{one:09}" for one in range(max(number, 1)))},
        "calendar": Document.model_validate({"calendar": {
            "country": "DE", "days_off": [f"2026-{1 + one % 12:02}-{1 + one % 28:02} {NASTY[one % len(NASTY)]}" for one
                                          in range(min(number, 200))],
        }}).calendar if number else Document().calendar,
    })


def takes(view: dict[str, Any]) -> str:
    assert gate.problems(view, gate.MODAL) == []
    return words(view)


@pytest.mark.parametrize("number", NUMBERS)
def test_overview(number: int) -> None:
    document = _document(number)
    rules = rulebook(document, ZoneInfo("Asia/Tokyo"), "C01GIFTING", ("U01ANN",))
    parts = [
        Part(section=name, summary=setting_words.summary(name, document, rules, NOW), changed_by="U01ANN",
             changed_at=NOW, broken=True)
        for name in TITLES
    ]
    seen = takes(setting_windows.overview(parts, "A note"))
    assert all(f"*{title}*" in seen for title in TITLES.values())
    if number:
        assert f"{number} routes" in seen or number == 1


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("name", [name for name in TITLES if name not in WHOLE])
def test_things_are_paged_and_counted(name: str, number: int) -> None:
    document = _document(number)
    rules = rulebook(document, ZoneInfo("Asia/Tokyo"), "C01GIFTING")
    keys = list(enumerate(places(name, document.plain()[name])))
    for offset in (0, max(0, (len(keys) - 1) // PAGE * PAGE)):
        lines = [
            Line(text=setting_words.thing(name, document, rules, key, NOW),
                 choices=sections.offers(name, place, key, len(keys), 2**31))
            for place, key in keys[offset:offset + PAGE]
        ]
        seen = takes(setting_windows.things(
            name, lines, total=len(keys), offset=offset, add=sections.add_button(name, 2**31), note="Changed.",
            data={"over": "V0123456789"},
        ))
        if len(keys) > PAGE:
            assert f"of {len(keys):,}" in seen
    assert all(len(json.dumps(choice)) < 150 for line in lines for _, choice in line.choices)


@pytest.mark.parametrize("number", NUMBERS)
def test_every_form_for_every_thing_fits(number: int) -> None:
    plain = _document(number).plain()
    for form in sections.FORMS.values():
        body = plain[form.section]
        some = [body] if form.section in WHOLE else list(body.values() if isinstance(body, dict) else body)
        for item in some[:len(NASTY)]:
            # What is one thing is never added.
            for op in (op for op in ("edit", "add") if form.titled(op)):
                data = {"f": form.name, "op": op, "n": 499, "v": 2**31, "steps": 8, "short": 1, **DATA}
                fields = form.fields(data)
                drawn = setting_form.form(form.titled(op), fields, form.values(item), data, said=["x" * 2900])
                takes(drawn)
                takes(setting_form.form(
                    form.title, fields, form.values(item), data, said=["x"], small=["y"], is_preview=True,
                ))


def test_a_form_with_nothing_in_it_fits() -> None:
    for form in sections.FORMS.values():
        data = {"f": form.name, "op": "add", "n": 0, "v": 0}
        takes(setting_form.form(form.titled("add") or form.title, form.fields(data), {}, data))


@pytest.mark.parametrize("number", NUMBERS)
def test_recent_changes(number: int) -> None:
    found = [
        Changed(change_id=2**62, section="routes", by="cli", at=NOW, lines=["New: x" * 60] * number, is_last=True)
        for _ in range(min(number, setting_windows.CHANGES))
    ]
    for place, one in enumerate(found):
        found[place] = Changed(**{**vars(one), "change_id": place + 1})
    seen = takes(setting_windows.history(found, total=number, offset=0, note="Taken back.", over="V0123456789"))
    assert ("Nothing has been changed yet" in seen) == (number == 0)


def test_what_became_of_it() -> None:
    assert "Undo" in takes(setting_windows.done(["It is in force.", ""], 7, "routes", {"s": "routes"}))
    assert "Undo" not in takes(setting_windows.done(["Taken back."], None, "routes", {}))
    takes(setting_windows.nothing_to_do(setting_windows.plainly("<!channel> *x*")))
    takes(setting_windows.limits(["x"]))


def test_what_is_read_is_what_was_filled_in() -> None:
    options = [{"text": {"type": "plain_text", "text": "A"}, "value": "a"}]
    fields = [
        Field(name="t", label="T", kind="text"), Field(name="d", label="D", kind="time"),
        Field(name="k", label="K", kind="ticks", options=(("A", "a", ""),)),
        Field(name="s", label="S", kind="search", find="campaign"), Field(name="o", label="O", kind="one", find="zone"),
        Field(name="p", label="P", kind="people"), Field(name="c", label="C", kind="channel"),
        Field(name="gone", label="G", kind="text"),
    ]
    read = setting_fields.read(fields, {
        "t": {"x": {"value": " so "}}, "d": {"x": {"selected_time": "18:00"}},
        "k": {"x": {"selected_options": options}},
        "s": {"x": {"selected_options": options}}, "o": {"x": {"selected_option": None}},
        "p": {"x": {"selected_users": ["U1", None]}}, "c": {"x": {"selected_conversations": None}}, "gone": {},
    })
    assert {name: value for name, value in read.items() if name != "s"} == {
        "t": "so", "d": "18:00", "k": ("a",), "o": (), "p": ("U1",), "c": (),
    }
    assert [one["value"] for one in read["s"]] == ["a"]
