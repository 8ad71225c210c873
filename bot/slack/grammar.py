"""What people type after a slash command. One table: help, the manifest's hints and parsing all come from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from bot.sends.joints import JOINT
from bot.slack import phrases
from bot.slack.blocks.help_card import Usage

LONGEST = 300
"""Characters of an argument that are read; no name, link or status is longer."""
NEAR = 65
"""Likeness (0-100) from which a mistyped word is taken for one of ours."""
NEAR_FIRST = 75
"""The same where more follows it: the first word may as well be somebody's name."""

ENTITY = re.compile(
    # None holds another: a long row of opening signs would otherwise be read to its end from each of them.
    r"<(?:(?P<sign>[@#!])(?P<ref>[^|<>]*)|(?:mailto:|tel:)?(?P<address>[^|<>]*))(?:\|(?P<label>[^<>]*))?>",
)
INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]",
)
OPPOSITE = re.compile(
    r"\A\s*(?:(?:stop|end|cancel|don't|do not)\s+(?:watch(?P<watching>)|mut)(?:ing|es?)?"
    r"|(?:watch(?P<watch>)|mute)\s+(?:stop|off|end))(?=\s|\Z)", re.IGNORECASE,
)
"""The words for an end that people put before or behind what they end: "stop watching jane", "watch off"."""
ASKED = re.compile(
    r"(?P<word>where|why)(?:['’]s| (?:is|are|was|were|has|have|had|did|does)(?:n['’]t)?) "  # noqa: RUF001
    r"(?!(?:the )?alerts?\b)(?:we (?:with|on) )?(?P<about>.+?)"
    rf"(?:['’]s)?(?: {phrases.THING})?(?: (?:still|not|so|yet|been))*"  # noqa: RUF001
    rf"(?: (?:{phrases.DONE}|go|gone)(?: (?:it|yet))*)?[ ?!.]*", re.IGNORECASE,
)
"""A whole question behind `/sends`, of which the name counts: "where is jane", "why is jane's gift late"."""
ALERT_OF = re.compile(
    r"where(?:['’]s| (?:is|are))(?: all)?(?: (?:the|an|any|my))? (?P<listed>alerts?(?: (?:about|for|of|on) (?P<w>.+))?)"  # noqa: RUF001
    r"|where (?:do|does|will|would) (?:the )?(?:alerts? (?:about|for|of|on) (?P<x>.+?)"
    r"|(?P<y>.+?)['’]s alerts?) (?:go|land|end up)(?: to)?"  # noqa: RUF001
    r"|why (?:is|was|are|were)(?: there)?(?: (?:the|an|any|this))? alerts? (?:about|for|of|on) (?P<z>.+?)"
    r"(?: (?:still|there|open|here|firing|up))*",
    re.IGNORECASE,
)
"""Which alerts there are about somebody, where they go, or why: "where is the alert for jane"."""
LISTED = frozenset({"stuck", "alerts"})
"""Words that list all there is, so that "late gifts" and "alerts everything" say no more than they do."""
END = re.compile(r"(?:[\s,]+(?:please|pls|thanks|thank you|thx))?[\s?!.…]*\Z", re.IGNORECASE)
"""What may stand behind a word of ours and says nothing: "stuck?", "mine please"."""
MINE = re.compile(r"(?:all )?(?:of )?(?:my|mine)", re.IGNORECASE)
NAMELESS = re.compile(
    r"(?i:(?:all )?(?:of )?(?:the|a|ours?|your|his|hers?|theirs?|it|this|that|these|those|all|they|them|we|she"
    r"|everything|everybody|everyone|nothing|something|anything|(?:gift|send|package|parcel|order|present|shipment)s?))"
    r"|an|he|i|you",
)
"""What stands where a question has the name, and is none: "where is the gift", "why is it late"; An, He are people."""
HELPED = re.compile(r"\A(?:me(?:\s+|\Z))?(?:(?:with|for|about|on|to|the)(?:\s+|\Z))*")
"""What joins "help" to the word that it is asked for: "help me with mute"."""
QUOTES = "\"'`“”„‟‘’‚‛«»‹›"  # noqa: RUF001 - what telephones and word processors make of quotes
MARKS = "*_~"
"""Signs around what Slack writes bold, in italics or struck through."""
GID = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")


@dataclass(frozen=True, kw_only=True)
class Word:
    """A sub-command: what it is called, what else people call it, and what it gives."""

    name: str
    gives: str
    also: tuple[str, ...] = ()
    takes: bool = False
    """Whether more may follow: whom or what it is asked about."""
    examples: tuple[str, ...] = ()
    shows: str = ""
    """Name of the list that it shows, which a button can show as well."""
    finds: str = ""
    """Action id of the button that looks for what follows it."""
    hinted: bool = True
    """Whether the manifest's usage hint names it."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """A slash command as the manifest and the help show it."""

    name: str
    does: str
    """The manifest's description."""
    gives: str
    takes: str = ""
    """What follows it, where that is none of its words."""
    examples: tuple[str, ...] = ()
    words: tuple[Word, ...] = ()

    @property
    def hint(self) -> str:
        """The manifest's usage hint."""
        return f"[{self.takes or ' | '.join(word.name for word in self.words if word.hinted)}]"


HELP = Word(name="help", gives="This help.", also=("?", "-h", "--help", "usage", "commands"))
STATUS = Command(
    name="/send-status", does="Where is this send?",
    takes="name, e-mail, company, campaign, id or tracking link",
    gives="Where a send is, since when, what that means, who must act next and by when.",
    examples=("/send-status jane@acme.com", "/send-status jane acme"),
)
MEANING = Command(
    name="/send-meaning", does="What does this status mean?",
    takes="status, in any spelling",
    gives="What a status means, who acts next and what to do. Without a status: all of them.",
    examples=("/send-meaning order received", "/send-meaning stuck at warehouse"),
)
SENDS = Command(
    name="/sends", does="Sends that need somebody, your own, and open alerts",
    gives="Lists of sends.",
    words=(
        Word(
            name="stuck", gives="Every send that is held up, the longest first. With words: those that they fit.",
            also=("late", "overdue"), shows="stuck", takes=True, examples=("/sends stuck acme",),
        ),
        Word(
            name="mine", also=("my", "me", "my alerts", "my gifts", "my sends"),
            gives="The alerts that are assigned to you, then the sends that you have sent, the newest first.",
        ),
        Word(
            name="alerts", gives="Every open alert, the newest first. With words: those of the sends that they fit.",
            also=("alert", "open", "open alerts", "all alerts"), shows="alerts", takes=True,
        ),
        Word(
            name="watch", also=("watches", "follow", "subscribe", "watching"), takes=True, finds="watch_find",
            examples=("/sends watch jane@acme.com",),
            gives="Tells you each step of a send, until it has arrived. Without a send: what you watch.",
        ),
        Word(
            name="unwatch", also=("unfollow", "unsubscribe"), takes=True, hinted=False,
            gives="Stops telling you of a send. Without a send: what you watch, to stop some of it.",
        ),
        Word(
            name="why", also=("explain", "reason"), takes=True, finds="why_find",
            examples=("/sends why jane@acme.com",),
            gives="Why a send has its alert, or when it would get one: the limit, its source, each day that counts.",
        ),
        Word(
            name="mute", also=("mutes", "muted", "silence"), takes=True, shows="mute",
            examples=("/sends mute campaign Autumn Box for 2 weeks",),
            gives="What is muted and until when. With words: mutes a campaign, team, sender, rule, status or send.",
        ),
        Word(
            name="unmute", also=("unsilence",), takes=True, hinted=False,
            gives="The mutes that the words fit, to be ended. Without words: every mute.",
        ),
        Word(
            name="route", also=("routes", "where"), takes=True, finds="route_back",
            examples=("/sends route jane@acme.com",),
            gives="Where the alerts about a send go, and why. Without a send: all routes.",
        ),
        Word(
            name="report", also=("reports", "digest", "summary"), takes=True,
            examples=("/sends report last week", "/sends report campaign Autumn Box october"),
            gives="What was sent, arrived, got stuck or expired: in the last 7 days, or a period, campaign or team.",
        ),
        Word(
            name="audit", also=("log", "history"), takes=True, hinted=False, examples=("/sends audit 7 days",),
            gives="For admins: who did what and when, as a CSV file. Without words: of the last 30 days.",
        ),
        Word(
            name="check", hinted=False, also=("doctor", "setup", "set-up", "check set-up", "check setup"),
            gives="For admins: is everything set up? Names what is missing or broken, and how to mend it.",
        ),
        Word(
            name="settings", also=("setting", "config", "configure", "admin"), takes=True,
            gives="For admins: thresholds, routes, quiet hours, holidays and permissions, to look at and change.",
        ),
        HELP,
    ),
)
COMMANDS = {command.name: command for command in (STATUS, MEANING, SENDS)}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody wants: a thing to do, and the words for it."""

    what: str
    """find, meaning, help (of the word `query`, if any), mistaken, too_much (more words than the word `query` takes),
    a_send (a look-up under the wrong command), or a word of `/sends`."""
    query: str = ""
    user: str | None = None
    """The Slack user who was named in place of words."""
    nearest: tuple[str, ...] = ()
    """Words of the command that may have been meant."""
    rest: str = ""
    """What followed the word that was mistyped, or takes no more words."""


def parse(command: str, text: str) -> Asked:
    """What `command` (one of COMMANDS) is asked for with `text` as Slack sent it. Never raises."""
    query = clean(text)
    if _is_help(query):
        return Asked(what="help")
    if command == STATUS.name:
        return Asked(what="find" if query else "help", query=query, user=mentioned(text))
    if command == MEANING.name:
        return Asked(what="meaning", query=query)
    return _sub_command(COMMANDS[command], query, text)


def _is_help(query: str) -> bool:
    return query.casefold() in {HELP.name, *HELP.also}


def _sub_command(command: Command, query: str, text: str) -> Asked:
    if not query:
        return Asked(what="help")
    query, text = OPPOSITE.sub(_undone, query), OPPOSITE.sub(_undone, text)
    said = query.casefold()
    first, _, rest = query.partition(" ")
    known = _whole_question(query) or _known(command, said, unquoted(rest), text)
    if known is not None:
        return known
    meant = _near(first.casefold(), (word for word in command.words if word.takes), NEAR_FIRST) if rest else ()
    if meant:
        return Asked(what="mistaken", query=query, nearest=meant, rest=unquoted(rest))
    if looks_like_send(query):
        return Asked(what="a_send", query=query)
    near = _near(said, command.words)
    return Asked(what="mistaken" if near or " " not in said else "a_send", query=query, nearest=near)


def _whole_question(query: str) -> Asked | None:
    plain = query.rstrip(" ?!.")
    told = _alerts_of(plain) or _sent_or_got(plain)
    question = ASKED.fullmatch(query) if told is None else None
    return told if question is None else _asked_about(question["about"], is_why=question["word"].lower() == "why")


def _alerts_of(query: str) -> Asked | None:
    found = ALERT_OF.fullmatch(query)
    if found is None:
        return None
    if found["listed"]:
        return Asked(what="alerts", query=found["w"] or "")
    return Asked(what="why", query=found["z"]) if found["z"] else Asked(what="route", query=found["x"] or found["y"])


def _sent_or_got(query: str) -> Asked | None:
    """What somebody got, or what was sent in some time."""
    folded = phrases.folded(query)
    got, sent = phrases.GOT.fullmatch(folded), phrases.SENT_WHEN.fullmatch(folded)
    if got is not None:
        return Asked(what="a_send", query=query[got.start("x"):got.end("x")])
    return Asked(what="report", query=query[sent.start("x"):sent.end("x")]) if sent is not None else None


def _asked_about(about: str, *, is_why: bool) -> Asked:
    """A whole question, by the name in it; one's own sends where it is only said that they are mine."""
    if MINE.fullmatch(about):
        return Asked(what="mine")
    if NAMELESS.fullmatch(about):
        return Asked(what="why" if is_why else "help")
    of_somebody = phrases.OF_OWNER.fullmatch(phrases.folded(about))
    name = about[of_somebody.start("x"):] if of_somebody is not None else about
    return Asked(what="why" if is_why else "a_send", query=name)


def _of_whom(word: str, rest: str, text: str) -> Asked:
    """What is asked about somebody, of whom the words behind it may be a mention: "alerts for @ben"."""
    bare = JOINT.sub("", text.strip())
    user = mentioned(text) or mentioned(bare)
    return Asked(what=word, query=JOINT.sub("", rest) if user and bare != text.strip() else rest, user=user)


def _known(command: Command, said: str, rest: str, text: str) -> Asked | None:
    """What is asked with one of the command's words; `said` in lower case, `rest` behind its first word."""
    helped = _helped(command, said)
    if helped is not None:
        return Asked(what="help", query=helped)
    whole = _called(said, command.words) or _called(END.sub("", said), command.words)
    word = whole or _called(said.partition(" ")[0], command.words)
    if whole is not None or word is None:
        return Asked(what=whole.name) if whole is not None else None
    if word.takes:
        if word.name in LISTED and NAMELESS.fullmatch(rest):
            return Asked(what=word.name)
        return _of_whom(word.name, rest, text.strip().partition(" ")[2])
    return Asked(what="too_much", query=word.name, rest=rest)


def _undone(found: re.Match[str]) -> str:
    return "unmute" if found["watch"] is None and found["watching"] is None else "unwatch"


def _helped(command: Command, said: str) -> str | None:
    """The word that help is asked for: "help report" or "report help"."""
    first, _, rest = said.partition(" ")
    if not _is_help(first):
        known = _called(first, command.words) if _is_help(rest) else None
        return known.name if known is not None else None
    # "me" is not the word for one's own sends here, and "with" not a slip for "watch".
    return next(iter(_near(HELPED.sub("", rest).partition(" ")[0], command.words)), "")


def _called(said: str, words: Iterable[Word]) -> Word | None:
    """The word that is called exactly so."""
    return next((word for word in words if said in {word.name, *word.also}), None)


def nearest(said: str, words: Sequence[str], limit: int = 2, likeness: int = NEAR) -> tuple[str, ...]:
    """Those of the words that a typing mistake away could have been meant, the likeliest first."""
    found = process.extract(said, words, scorer=fuzz.ratio, limit=limit, score_cutoff=likeness)
    return tuple(word for word, _, _ in found)


def _near(said: str, words: Iterable[Word], likeness: int = NEAR) -> tuple[str, ...]:
    """Names of the words of a command that could have been meant, by whatever they are called."""
    names = {spelt: word.name for word in words for spelt in (word.name, *word.also)}
    return tuple(dict.fromkeys(names[spelt] for spelt in nearest(said, list(names), likeness=likeness)))


def word_in(query: str) -> Word | None:
    """The word of `/sends` with which a query begins that was typed after another command; None for none."""
    first = query.casefold().partition(" ")[0]
    return _called(first, (word for word in SENDS.words if word is not HELP))


def clean(text: str) -> str:
    """An argument as the person meant it: Slack's wrapping and escapes undone, no quotes around it, one line."""
    text = ENTITY.sub(_unwrapped, text[:LONGEST * 4])
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    # With such a sign Slack begins a line that is quoted.
    return unquoted(" ".join(INVISIBLE.sub("", text).split()).removeprefix("> ")[:LONGEST].strip())


def unquoted(text: str) -> str:
    """The text without quotes around it, and without the signs by which Slack is asked to write it bold or struck."""
    while text and ((text[0] in QUOTES and text[-1] in QUOTES) or (text[0] == text[-1] and text[0] in MARKS)):
        text = text[1:-1].strip()
    return text


def _unwrapped(found: re.Match[str]) -> str:
    sign, label = found["sign"], found["label"] or ""
    if sign == "!":
        return label.lstrip("@")
    if sign:
        return label or found["ref"]
    return found["address"] or label


def mentioned(text: str) -> str | None:
    """The user id if the whole argument is one mention, such as <@U0123|ann>."""
    found = re.fullmatch(r"\s*<@([UW][A-Z0-9]{2,})(?:\|[^>]*)?>\s*", text[:LONGEST])
    return found[1] if found else None


def looks_like_send(query: str) -> bool:
    """Whether this is rather whom or what somebody looks for than one of our words: an address, link or id."""
    if "@" in query.strip("@") or "://" in query or query.isdigit():
        return True
    # Ids have letters and digits in one; long words and statuses have no digits.
    return bool(GID.fullmatch(query)) and any(letter.isdigit() for letter in query)


def usages(command: Command | None = None) -> list[Usage]:
    """The lines of help for one command, or one for each way in to all of them."""
    shown: list[Usage] = []
    for one in [command] if command else COMMANDS.values():
        if one.words:
            shown += [
                Usage(
                    typed=f"{one.name} {word.name}", gives=word.gives, examples=word.examples, shows=word.shows,
                    finds=word.finds,
                )
                for word in one.words
            ]
        else:
            shown.append(Usage(typed=f"{one.name} {one.hint}", gives=one.gives, examples=one.examples))
    return shown
