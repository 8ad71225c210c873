"""What somebody asks in plain words, in a message to the bot: "where is Jane's gift?", "what is stuck?".

Names are never guessed at: what may be one is handed on in several cuts, the most likely first, and the look-up
decides which of them there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.slack import grammar, marks, phrases
from bot.slack.grammar import LONGEST
from bot.statuses import spelling
from bot.statuses.catalogue import Status

MOST_CUTS, MOST_NAMES, MOST_CAPITALS = 8, 3, 3
CAPITALISED = re.compile(r"(?<=[\s(¿¡])[^\W\d_]\w{2,}")
MOST_BESIDE = 5
"""Words of a company's name, or of whatever else is said beside a person's."""
LISTS = ("stuck", "mine", "alerts", "mute")
"""Words of `/sends` that a message answers; what else it has is done with the command."""
NARROWED = frozenset({"stuck", "alerts"})
"""Those of which words make a part."""
JOINT = re.compile(r"\s(?:at|for|from|of|in|about|with|to)\s")
TODAY = " today"
"""Said of a list it says nothing: the list is of now."""
REPORTS = re.compile(r"\A(?:(?:send|get|make) (?:me|us) )?(?:(?:a|the) )?reports?\b", re.IGNORECASE)
DETERMINER = re.compile(r"\A(?:the|our|my) ", re.IGNORECASE)
ASKED_SO = frozenset({"route", "why"})
"""Words of `/sends` with which people begin a question as well, such as "why is the gift for Jane stuck"."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked: find, why, meaning, status (the sends in it), route, one of LISTS, help, thanks, or command."""

    what: str
    cuts: tuple[str, ...] = ()
    """What it is asked about, as it may be meant, the likeliest first; for a command how it is typed."""
    user: str = ""
    """The Slack user who is named in place of words."""
    beside: str = ""
    """What was said beside the name, such as the company; some of the cuts are without it."""


def understand(text: str, bots: Sequence[str] = ()) -> Question:
    """What a message asks; `bots` are the user ids by which it calls the bot. Never raises."""
    called = re.compile(rf"<@(?:{'|'.join(map(re.escape, bots))})(?:\|[^>]*)?>") if bots else None
    rest = called.sub(" ", text[:LONGEST * 4]) if called else text[:LONGEST * 4]
    rest = LABELLED.sub(r"<@\1>", rest)
    said = grammar.clean(rest).translate(APOSTROPHES)
    plain = _bare(said)
    folded = phrases.folded(plain)
    found = _fixed(folded) or _in_status(plain, folded) or _sent_when(plain, folded)
    found = found or _command(plain) or _command(said) or _counted(plain, folded)
    now = plain[:-len(TODAY)].rstrip(" ,") if folded.endswith(TODAY) else plain
    found = found or _of_lists(now, folded[:len(now)]) or _so_far(now, folded[:len(now)])
    if found is not None:
        return found
    when = phrases.WHEN.search(folded)
    end = when.start() if when is not None else len(folded)
    return _about(said, plain[:end], folded[:end], rest)


LABELLED = re.compile(r"<@([UW][A-Z0-9]{2,})\|[^<>]*>")
APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'"})  # noqa: RUF001 - what telephones make of them


def _bare(said: str) -> str:
    """The words without what is only polite."""
    before = None
    while before != said:
        before = said
        said = said.strip()
        for pattern in (phrases.GREETING, phrases.COURTESY):
            found = pattern.match(phrases.folded(said))
            said = said[found.end():] if found else said
        tail = phrases.TAIL.search(phrases.folded(said))
        said = said[:tail.start()] if tail else said
    return said


def _fixed(folded: str) -> Question | None:
    if not folded or phrases.HELP.fullmatch(folded):
        return Question(what="help")
    return Question(what="thanks") if phrases.THANKS.fullmatch(folded) else None


def _command(said: str) -> Question | None:
    """What is typed as for a slash command, which Slack does not take in a thread."""
    said = REPORTS.sub("report", said)
    word, _, rest = said.lstrip("/").partition(" ")
    for command in (grammar.STATUS, grammar.MEANING, grammar.SENDS):
        if word.lower() == command.name.lstrip("/"):
            return _asked(command.name, rest)
    first, _, more = said.lower().partition(" ")
    if first == grammar.HELP.name and more:
        helped = grammar.parse(grammar.SENDS.name, said)
        return Question(what="command", cuts=(f"{grammar.SENDS.name} help {helped.query}",)) if helped.query else None
    known = next((one for one in grammar.SENDS.words if one.name == first), None)
    if known is not None and (known.takes if more else known.name != "help") and not (more and known.name in ASKED_SO):
        return _asked(grammar.SENDS.name, said)
    return _asked(grammar.SENDS.name, said) if grammar.OPPOSITE.match(said) else None


def _asked(command: str, rest: str) -> Question:
    asked = grammar.parse(command, rest)
    if asked.what in {"find", "a_send"}:
        return Question(what="find", cuts=(asked.query,), user=asked.user or "")
    if asked.what in LISTS and (not asked.query or asked.what in NARROWED):
        return Question(what=asked.what, cuts=(asked.query,) if asked.query else ())
    if asked.what in {"meaning", "route"} and asked.query:
        return Question(what=asked.what, cuts=(asked.query,))
    if asked.what in {"help", "meaning", "mistaken"}:
        return Question(what="help")
    return Question(what="command", cuts=(f"{command} {rest}".strip(),))


def names_in(words: str) -> tuple[str, ...]:
    """What may be the name in a sentence about somebody, the likeliest first; nothing in a name that stands alone."""
    plain = _bare(grammar.clean(words).translate(APOSTROPHES))
    folded = phrases.folded(plain)
    when = phrases.WHEN.search(folded)
    plain, folded = (plain[:when.start()], folded[:when.start()]) if when is not None else (plain, folded)
    patterns = (phrases.OF_ALERT, *phrases.ABOUT, phrases.BARELY_DONE)
    asked = next((found for one in patterns if (found := one.fullmatch(folded))), None)
    part = _part(asked, plain) if asked is not None else plain
    beside = _beside(part) or _beside(plain)
    near = [_trimmed(cut) for one in (*_narrowed(part), part) for cut in _with(one, beside)]
    return tuple(dict.fromkeys(cut for cut in near if cut and not _is_nameless(cut)))[:MOST_CUTS]


def _of_lists(plain: str, folded: str) -> Question | None:
    return _listed(folded) or _part_of_a_list(plain, folded) or _of_mine(plain, folded)


def _listed(folded: str) -> Question | None:
    words = re.findall(r"\w+", folded.replace("'s", ""))
    for what, needed, more in phrases.KEYWORDS:
        if needed & set(words) and all(word in phrases.FILLERS or word in needed or word in more for word in words):
            name, _, part = what.partition(" ")
            return Question(what=name, cuts=(part,) if part else ())
    return None


def _part_of_a_list(plain: str, folded: str) -> Question | None:
    """A list and what it is to be narrowed to: "what is stuck at Acme?"."""
    if phrases.ROUTE.fullmatch(folded) or phrases.WHY.fullmatch(folded):
        return None
    whose = phrases.ALERTS_OF.fullmatch(folded)
    if whose is not None and not (grammar.MINE.fullmatch(whose["x"]) or phrases.OPENING.match(whose["x"])
                                  or _is_nameless(whose["x"])):
        return Question(what="alerts", cuts=(_part(whose, plain),))
    for joint in JOINT.finditer(folded):
        found = _listed(folded[:joint.start()])
        if found is not None and found.what in NARROWED:
            words = grammar.unquoted(DETERMINER.sub("", plain[joint.end():]).strip(" ,.;:!?"))
            return replace(found, cuts=(" ".join((*found.cuts, words)),)) if words else found
    return None


def _in_status(plain: str, folded: str) -> Question | None:
    """The sends that are in a status: "which sends are in order received?"."""
    found = phrases.IN_STATUS.fullmatch(folded)
    words = _part(found, plain) if found is not None else ""
    is_known = bool(words) and spelling.canonical(words) is not Status.UNKNOWN
    return Question(what="status", cuts=(words,)) if is_known else None


def _so_far(plain: str, folded: str) -> Question | None:
    """The sends in a status that is named in another way: "which gifts are in transit", "all delivered gifts"."""
    said = phrases.SO_FAR.fullmatch(folded)
    words = _part(said, plain) if said is not None else ""
    if words and spelling.resolve(words).status is not None:
        return Question(what="status", cuts=(words,))
    found = phrases.ALL_OF_A_STATUS.fullmatch(folded)
    words = _part(found, plain) if found is not None else ""
    is_known = bool(words) and spelling.canonical(words) is not Status.UNKNOWN
    return Question(what="status", cuts=(words,)) if is_known else None


def _of_mine(plain: str, folded: str) -> Question | None:
    """One's own sends, and what they are to be narrowed to: "my sends for Acme"."""
    found = phrases.OF_MINE.fullmatch(folded)
    words = grammar.unquoted(_part(found, plain).strip(" ,.;:!?")) if found else ""
    return Question(what="mine", cuts=(words,)) if words else None


def _sent_when(plain: str, folded: str) -> Question | None:
    """What was sent in some time, which a report tells."""
    found = phrases.SENT_WHEN.fullmatch(folded)
    return _report(found, "x", plain) if found is not None else None


def _counted(plain: str, folded: str) -> Question | None:
    """How many were sent, or what went wrong in some time, which a report tells; else what went wrong."""
    spent = phrases.SPENT.fullmatch(folded)
    if spent:
        return _report(spent, "x", plain)
    many = phrases.HOW_MANY.fullmatch(folded)
    if many:
        return _report(many, "x", plain)
    ended = next((found for one in phrases.WHAT_ENDED if (found := one.fullmatch(folded))), None)
    if ended is None:
        return None
    if ended["y"]:
        return _report(ended, "y", plain)
    return Question(what="stuck", cuts=(plain[ended.start("x"):ended.end("x")],))


def _report(found: re.Match[str], period: str, plain: str) -> Question:
    words = plain[found.start(period):found.end(period)] if found[period] else ""
    return Question(what="command", cuts=(f"{grammar.SENDS.name} report {words}".strip(),))


def _about(said: str, plain: str, folded: str, raw: str) -> Question:
    route = phrases.ROUTE.fullmatch(folded)
    if route:
        return Question(what="route", cuts=_cuts(_part(route, plain), said, raw))
    for pattern in phrases.MEANING:
        found = pattern.fullmatch(folded)
        if found:
            return Question(what="meaning", cuts=(grammar.unquoted(_part(found, plain)),))
    for pattern in phrases.ABOUT:
        found = pattern.fullmatch(folded)
        if found:
            return _found(_part(found, plain), plain, said, raw)
    return _found(plain, plain, said, raw)


def _found(part: str, plain: str, said: str, raw: str) -> Question:
    beside = _beside(part) or _beside(plain)
    if grammar.MINE.fullmatch(next(_narrowed(part), part)):
        # "why are my gifts late": a "my" is in Amy as well.
        narrowed = beside and not phrases.ONLY_THING.fullmatch(beside.lower())
        return Question(what="mine", cuts=(beside,) if narrowed else ())
    cuts = _cuts(part, said, raw, beside)
    user = next((one for one in cuts if f"<@{one}" in raw), "")
    what = "why" if phrases.WHY.fullmatch(said.lower()) else "find"
    return Question(what=what, cuts=cuts, user=user, beside=beside)


def _beside(plain: str) -> str:
    """The company, or whatever else stands beside the name at the end of a sentence."""
    found = phrases.BESIDE.fullmatch(phrases.folded(plain))
    words = plain[found.start("x"):].split() if found else []
    return " ".join(words).strip("'") if words and len(words) <= MOST_BESIDE else ""


def _part(found: re.Match[str], plain: str) -> str:
    name = found.lastgroup or "x"
    return plain[found.start(name):found.end(name)]


def _cuts(part: str, said: str, raw: str, beside: str = "") -> tuple[str, ...]:
    """What may be the name or mark in a part of a question, the likeliest first."""
    near = [cut for one in (*_narrowed(part), part) for cut in _with(one, beside)]
    wanted = [*marks.exact(raw), *near, *marks.names(raw)[:MOST_NAMES], *_capitalised(said), said]
    seen = [one for one in dict.fromkeys(map(_trimmed, wanted)) if one]
    # An "all" is in Gallagher as well: where nothing is a name, only all that was said may be one.
    return tuple([one for one in seen if not _is_nameless(one)] or [_trimmed(said) or seen[0]])[:MOST_CUTS]


def _trimmed(cut: str) -> str:
    return grammar.unquoted(cut[:LONGEST].strip(" ,.;:!?"))


def _is_nameless(cut: str) -> bool:
    """Whether there is no name in it: "it", "the gift"; an "it" is in Whitman as well, and "the" in Theo."""
    folded = cut.lower()
    is_thing = phrases.ONLY_THING.fullmatch(folded) and phrases.DETERMINER.fullmatch(folded)
    return bool(is_thing or grammar.NAMELESS.fullmatch(cut))


def _with(part: str, beside: str) -> Iterator[str]:
    """The name with what stands beside it, but not with the word that joins them, and then without."""
    joined = phrases.BETWEEN.sub(" ", part)
    first = phrases.BETWEEN.split(part)[0]
    if joined != part:
        yield from (part,) if phrases.ONLY_THING.fullmatch(first.lower()) else (joined, part, first)
        return
    if beside and not set(part.lower().split()) & set(re.split(r"[\s']+", beside.lower())):
        yield f"{part} {beside}"
    yield part


def _capitalised(said: str) -> Iterator[str]:
    """Words that may be names in a sentence of another language, the last first."""
    found = [word for word in CAPITALISED.findall(said[:LONGEST]) if word[0].isupper()]
    yield from list(reversed(found))[:MOST_CAPITALS]


def _narrowed(part: str) -> Iterator[str]:
    """The part without gift, possessive and article: "Jane's gift", "the gift for Jane", "the Jane gift" are Jane."""
    for pattern in phrases.NARROWING:
        found = pattern.fullmatch(phrases.folded(part))
        if found:
            inner = part[found.start("x"):found.end("x")]
            if pattern is phrases.WITH_OWNER and part[found.end("x"):].lower().startswith("s'"):
                inner = f"{inner}s"
            yield from _narrowed(inner)
            yield inner
            if pattern is phrases.ENDS_IN_THING and inner.lower().endswith("s"):
                # "janes gift", as people type it who leave the apostrophe out.
                yield inner[:-1]
            return
