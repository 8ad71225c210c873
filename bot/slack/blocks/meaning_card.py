"""What a status means: for each kind of send, who acts next, what to do, and how sure we are of it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.help_card import in_status
from bot.slack.blocks.limits import VIEW_BLOCKS, actions, button, context, divider, header, modal, section
from bot.slack.blocks.text import clip, count, escape, own, whole
from bot.statuses import catalogue
from bot.statuses.catalogue import Meaning, Status

CALLBACK = "meaning_modal"
FOR_KIND = {"egift": "For an eGift", "physical": "For a physical gift", "choice": "For a recipient's choice"}
SUGGESTIONS = 3
MOST_LIMITS = 8


def build(found: Sequence[Meaning], own_limits: Sequence[str] = ()) -> Drawn:
    """One status, with a part for each kind of send for which it means something different.

    `own_limits` are those that this installation has set for it, in words; campaigns and teams in them as they came.
    """
    return draw([*_blocks(found), _set_here(own_limits), _sends(found)])


def _sends(found: Sequence[Meaning]) -> Block | None:
    return actions(in_status(found[0].status, found[0].title))


def _set_here(own_limits: Sequence[str]) -> Block | None:
    shown = [escape(limit, 200) for limit in own_limits[:MOST_LIMITS]]
    more = [f"…and {whole(len(own_limits) - MOST_LIMITS)} more"] if len(own_limits) > MOST_LIMITS else []
    return context(f"*Set for this installation:* {'; '.join([*shown, *more])}") if shown else None


def view(found: Sequence[Meaning], raw: str = "") -> Block:
    """The same as a modal; `raw` is the status as the source spelt it, where nobody has named it."""
    blocks = _blocks(found)
    if raw.strip():
        blocks.insert(1, context(f"Sendoso calls it “{escape(raw, 100)}”."))
    blocks.append(_sends(found))
    return modal("What it means", blocks[:VIEW_BLOCKS], callback_id=CALLBACK)


def _blocks(found: Sequence[Meaning]) -> list[Block | None]:
    several = len(found) > 1
    blocks: list[Block | None] = [header(f"{found[0].emoji} {found[0].title}")]
    for place, one in enumerate(found):
        blocks.append(divider() if place else None)
        blocks.append(section("\n".join(_paragraph(one, several=several))))
        blocks.append(context(_source(one)))
    return blocks


def _paragraph(one: Meaning, *, several: bool) -> list[str]:
    final = "Nothing more happens by itself: this is the end." if one.final else ""
    return [line for line in (
        f"*{FOR_KIND.get(one.kind, 'For any send')}*" if several else "",
        own(one.meaning),
        f"*Next:* {own(one.next_actor)}" if one.next_actor else "",
        f"*To do:* {own(one.advice)}" if one.advice else "",
        final,
    ) if line]


def _source(one: Meaning) -> str:
    return "\n".join(line for line in (own(one.threshold), f"Sources: {own(one.source)}") if line)


def short(status: str, found: Sequence[Meaning]) -> list[str]:
    """The same in a few lines of mrkdwn for the card of a send."""
    lines = []
    for one in found:
        if len(found) > 1:
            lines.append(f"*{FOR_KIND.get(one.kind, 'For any send')}*")
        lines += [own(one.meaning), f"*Next:* {own(one.next_actor)}" if one.next_actor else "",
                  f"*To do:* {own(one.advice)}" if one.advice else ""]
    return [line for line in lines if line] or [f"Nobody has named the status {escape(status)} yet."]


def unsure(
    query: str, suggestions: Sequence[Status], *, near: bool = True, looks_like_send: bool = False, seen: int = 0,
) -> Drawn:
    """No status is meant for sure: up to three choices as buttons, never a guess.

    `near` is false where the choices are only those that are asked for most. `seen`: so many sends are in a status of
    that name, of which nobody has said what it means.
    """
    chosen = list(suggestions)[:SUGGESTIONS]
    question = "Did you mean one of these?" if near else "These are asked for most:"
    unknown = f"“{escape(query, 100)}” is not a status that I know."
    if seen:
        which = f"{count(seen, 'send')} {'is' if seen == 1 else 'are'} in it"
        unknown = f"Sendoso calls a status “{escape(query, 100)}”, and {which}. Its help does not say what it means."
    return draw([
        section(f"{unknown} {question}" if chosen else unknown),
        actions(*(
            button(
                catalogue.title(status), f"meaning_open.{place}", {"status": str(status)},
                label=f"Explain the status {catalogue.title(status)}",
            )
            for place, status in enumerate(chosen)
        ), *([_as_send(query)] if looks_like_send else []), _unknown() if seen else None),
        context("`/send-meaning` on its own lists every status." if not looks_like_send else
                "To find out where a send is, use `/send-status` with the same words."),
    ])


def _unknown() -> Block:
    return in_status(Status.UNKNOWN, catalogue.title(Status.UNKNOWN))


def _as_send(query: str) -> Block:
    return button(
        "Look it up as a send", "list_more.send", {"list": "find", "q": clip(query, 300), "offset": 0},
        label="Look it up as a send",
    )


def overview(groups: Sequence[tuple[str, Sequence[Status]]]) -> Drawn:
    """Every status by name, in groups."""
    return draw([
        header("What do you want to know about?"),
        *(section(f"*{own(name)}*\n{_titles(found)}") for name, found in groups),
        context("Type `/send-meaning` and a status in any spelling, such as `/send-meaning order received`."),
    ])


def _titles(found: Sequence[Status]) -> str:
    return " · ".join(own(catalogue.title(one)) for one in found)
