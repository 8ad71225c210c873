"""Several sends, the most likely first, a button each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.slack.blocks import gift
from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.help_card import look_up
from bot.slack.blocks.limits import actions, button, context, header, section
from bot.slack.blocks.text import at_least, clip, count, escape, one_line, own, whole
from storage.models import Send

PAGE = 8
NEAREST = 5
MORE = "list_more"
"""Action id of what shows another page."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of a list: `asked` says how to get it again, `offset` where it starts among `total`."""

    title: str
    asked: dict[str, Any] = field(default_factory=dict)
    sends: Sequence[Send] = ()
    total: int = 0
    more: bool = False
    """Whether there are more than `total`, which was not counted further."""
    offset: int = 0
    alerting: frozenset[int] = frozenset()
    """Ids of the sends that have an open alert."""
    private: bool = True
    """Whether only one person reads it; else it shows no e-mail address."""
    next_step: str = ""
    """What one may want to do with the list, for mrkdwn."""


def build(page: Page, now: datetime) -> Drawn:
    """The title with the true count, a line and a button for each send, and the way to the other pages."""
    return draw([
        header(page.title),
        *(line(send, now, place, page) for place, send in enumerate(page.sends)),
        *turns(page.asked, page.offset, page.offset + len(page.sends), page.total, more=page.more),
        context(page.next_step),
    ])


def turns(
    asked: Mapping[str, object], first: int, last: int, total: int, *, more: bool = False, action: str = MORE,
) -> list[Block | None]:
    """Which part of a list is shown, and the buttons (`action`) to its other pages; nothing when all of it is."""
    if first == 0 and last >= total:
        return []
    return [
        context(f"{whole(first + 1)} to {whole(last)} of {at_least(total, more=more)}"),
        actions(
            _turn("Show the ones before", action, asked, max(0, first - PAGE)) if first else None,
            _turn("Show more", action, asked, last) if last < total else None,
        ),
    ]


def line(send: Send, now: datetime, place: int, page: Page) -> Block:
    """One send in two lines of mrkdwn with its button; `place` keeps the action ids apart."""
    # In the list of one's own sends the sender says nothing.
    sender = "" if page.asked.get("list") == "mine" else gift.sent_by(send, private=page.private)
    bell = "🔔 open alert" if send.id in page.alerting else ""
    parts = [gift.standing(send, now), escape(send.campaign, 60), sender, bell]
    return section(
        f"{gift.whose(send, private=page.private)}\n{' · '.join(part for part in parts if part)}",
        button(
            "Open", f"send_open.{place}", {"send": send.id, **({"back": page.asked} if page.asked else {})},
            label=gift.label("Open", send, private=page.private),
        ),
    )


def _turn(text: str, action: str, asked: Mapping[str, object], offset: int) -> Block:
    return button(
        text, f"{action}.{offset}", {**asked, "offset": offset}, label=f"{text}: from number {whole(offset + 1)}",
    )


def nothing(
    query: str, nearest: Sequence[str], status: str = "", ways: Sequence[Block] = (), command: str = "",
) -> Drawn:
    """Nothing matches: what was looked for, the nearest names as buttons, and what can be typed.

    `status` names the status that the words mean, with `ways` to ask about it, and `command` a command that answers
    them, as it is typed.
    """
    shown = [name for name in dict.fromkeys(nearest) if name.strip()][:NEAREST]
    typed = f" Did you mean `{escape(command, 150)}`?" if command else ""
    asked = " Did you mean one of these?" if shown and not (status or typed) else ""
    return draw([
        section(f"Nothing matches “{escape(query, 100)}”.{typed}{asked}"),
        section(f"It is a status, though: {own(status)}.") if status else None,
        actions(*ways),
        section("Or one of these?") if shown and not asked else None,
        actions(*(
            button(
                one_line(name, 60), f"list_more.near{place}", {"list": "find", "q": clip(name, 300), "offset": 0},
                label=f"Look up {one_line(name, 60)}",
            )
            for place, name in enumerate(shown)
        )),
        context(
            "`/send-status` takes a name, e-mail, company, campaign, Sendoso id or tracking link. "
            "A send made a moment ago comes with the next sync.",
        ),
    ])


def held_up(total: int, words: str = "") -> str:
    """The title of what is held up, or of the part of it that the words fit."""
    return f"{count(total, 'send')} held up{f' {that_fit(total, words)}' if words else ''}"


def that_fit(total: int, words: str) -> str:
    """What some of a list have in common, such as "that fit “acme”"."""
    return f"that {'fits' if total == 1 else 'fit'} “{one_line(words, 60)}”"


def none_of_yours(words: str) -> Drawn:
    """None of one's own sends fits the words."""
    return draw([section(f"No send of yours fits “{escape(words, 100)}”."), actions(look_up(words))])


def none_of(what: str, words: str, list_name: str, every: str, near: Sequence[str] = ()) -> Drawn:
    """Nothing in a list fits the words: `every` is the button to all of it, beside the look-up of the words.

    `near` may have been meant instead.
    """
    shown = [name for name in dict.fromkeys(near) if name.strip()][:NEAREST]
    asked = " Did you mean one of these?" if shown else ""
    return draw([
        section(f"{own(what)} fits “{escape(words, 100)}”.{asked}"),
        actions(*(
            button(
                one_line(name, 60), f"{MORE}.near{place}", {"list": list_name, "q": clip(name, 300), "offset": 0},
                label=f"Show what fits {one_line(name, 60)}",
            )
            for place, name in enumerate(shown)
        )),
        actions(
            button(every, f"{MORE}.{list_name}", {"list": list_name, "offset": 0}, label=f"Show: {every}"),
            look_up(words),
        ),
    ])


def empty(text: str) -> Drawn:
    """A list with nothing in it, in one sentence of ours."""
    return draw([section(text)])


def heading(total: int, query: str, *, more: bool = False) -> str:
    """The title of what a look-up found: "12 sends match “jane”", or `more` of them."""
    said = at_least(total, more=more)
    return f"{said[0].upper()}{said[1:]} {'send matches' if total == 1 else 'sends match'} “{one_line(query, 60)}”"
