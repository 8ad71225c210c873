"""What is answered to a question in plain words: rows in, a drawn message out.

In a channel everybody reads along: a send is shown there as it is shared, without e-mail addresses and cost, and what
is somebody's own or names people is shown to who presses a button. In a direct message it is what a command answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts.rulebook import Rulebook
from bot.delivery.payload import File, Links, Render, Shown
from bot.privacy.looked_up import Asked, Recorder
from bot.sends import joints, lookup
from bot.sends.lookup import Found
from bot.slack import alert_search, answers, facts, look_ups, mine, on_record, people, phrases, sought
from bot.slack.blocks import meaning_card, question_card, send_card, send_list
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.send_list import Page
from bot.slack.blocks.text import at_least, count, whole
from bot.slack.questions import Question
from bot.statuses import catalogue, spelling
from storage import people as stored_people
from storage import scope
from storage import sends as stored
from storage.models import Message
from storage.scope import Look

ANSWER = "answer"
"""The kind of the row of `messages`."""
KEPT = timedelta(days=7)
"""How long a question is kept once it is answered. Slack tells of it again for a day at most, and whoever presses a
button below the answer does so in the days after; what people have written is not kept for longer than that."""
PUBLIC_PAGE = 5
WORDS = 4
"""So many words are rather a sentence than a name."""
NEAREST = 5


def body(question: Question, user_id: str, *, is_private: bool, is_known: bool = False) -> dict[str, Any]:
    """A question as it is kept until it is answered; `is_known`: nobody has to be asked who asks."""
    return {
        "what": question.what, "cuts": list(question.cuts), "user": question.user, "beside": question.beside,
        "asked_by": user_id, "private": is_private,
        **({"looked_up": True} if is_known else {}),
        **look_ups.kept(),
    }


def drawn(session: Session, message: Message, now: datetime) -> Drawn | None:
    """The answer that a row of `messages` stands for, as it is now; None for a row that no version has written."""
    kept = message.body
    cuts, user, beside = kept.get("cuts"), kept.get("user"), kept.get("beside")
    question = Question(
        what=str(kept.get("what")), cuts=tuple(str(one) for one in cuts) if isinstance(cuts, list) else (),
        user=user if isinstance(user, str) else "", beside=beside if isinstance(beside, str) else "",
    )
    asker = kept.get("asked_by")
    asked = _Asked(
        session=session, now=now, question=question, asker=asker if isinstance(asker, str) else "",
        is_private=kept.get("private") is True, was_looked_up=kept.get("looked_up") is True,
        is_in_thread=message.thread_of is not None,
    )
    with scope.looking(Look(scope=look_ups.again(session, kept, asked.asker, now))):
        return asked.answer()


def looks_up(kept: Mapping[str, Any]) -> str:
    """Who asked for what is theirs and may be told to be looked up still; empty for any other question."""
    asker = kept.get("asked_by")
    waits = kept.get("what") == "mine" and kept.get("private") is True and kept.get("looked_up") is not True
    return asker if waits and isinstance(asker, str) else ""


def reader(message: Message) -> str:
    """Who alone reads such an answer, as a Slack user id; empty where it is given in a channel."""
    asker = message.body.get("asked_by")
    return asker if message.body.get("private") is True and isinstance(asker, str) else ""


def recorded(render: Render, recorder: Recorder, rules: Callable[[Session], Rulebook]) -> Render:
    """The same `render`; where look-ups go on record, whoever has asked has looked up what the answer reads."""

    def drawn(session: Session, message: Message, now: datetime) -> Shown | File | Links | None:
        if message.kind != ANSWER or not rules(session).look_ups.are_recorded:
            return render(session, message, now)
        asker = message.body.get("asked_by")
        # As of when it was asked: drawn again, it is no other look-up.
        asked = Asked(
            key=message.key, user_id=asker if isinstance(asker, str) else "", looked_at=message.created_at,
            surface=on_record.QUESTION,
        )
        with scope.looking(asked):
            found = render(session, message, now)
        recorder.note(asked)
        return found

    return drawn


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """One question, with all that its answer depends on."""

    session: Session
    now: datetime
    question: Question
    asker: str
    is_private: bool
    was_looked_up: bool
    """Whether Slack has been asked who asks."""
    is_in_thread: bool

    def answer(self) -> Drawn | None:
        """The answer; None for what no version of the bot asks."""
        ways: dict[str, Callable[[], Drawn]] = {
            "find": self._find, "why": self._why, "meaning": self._meaning, "route": self._route, "mine": self._mine,
            "stuck": self._stuck, "alerts": self._alerts, "mute": self._mutes, "help": question_card.guide,
            "thanks": question_card.welcome, "elsewhere": question_card.elsewhere,
            "status": lambda: self._in_status() or self._meaning(),
            "command": lambda: question_card.by_command(self._about, in_thread=self.is_in_thread),
        }
        found = ways.get(self.question.what)
        return found() if found else None

    @property
    def _about(self) -> str:
        return self.question.cuts[0] if self.question.cuts else ""

    @property
    def _said(self) -> str:
        """The whole sentence, which is the longest of what is kept of it."""
        return max(self.question.cuts, key=len, default="")

    @property
    def _not_found(self) -> str:
        """The name that was looked for; of a question that was not understood all that was said, and not its rest."""
        about = self._about
        is_name = len(about.split()) < WORDS and not phrases.OPENING.match(phrases.folded(about))
        return about if is_name else self._said

    @property
    def _email(self) -> str:
        """The address of the Slack user who is asked about, as far as it is known."""
        return people.email(self.session, self.question.user) if self.question.user else ""

    # -- sends

    def _why(self) -> Drawn:
        """What is held up of what fits, where somebody asks for the reason; else all that fits."""
        found, _ = self._sought()
        if found is not None and found.total > 1 and not self._email:
            conditions = lookup.fits(self.session, found.query)
            held = replace(
                lookup.stuck(self.session, self.now, send_list.PAGE, *conditions), query=found.query,
            )
            if held.total == 1:
                return self._found(held)
            if held.total > 1:
                return self._list(send_list.held_up(held.total, found.query), held, {"list": "stuck", "q": found.query})
        return self._find()

    def _find(self) -> Drawn:
        found, near = self._sought()
        if found is None:
            return self._status() or self._to_act() or look_ups.told(
                question_card.nothing(self._not_found, near, private=self.is_private),
            )
        return self._found(found)

    def _to_act(self) -> Drawn | None:
        """The alerts on which somebody wants to do what their buttons do; None where there are none to show."""
        act = phrases.ACT.fullmatch(phrases.folded(self._said))
        about = act["x"] if act is not None else ""
        if not about or not alert_search.page(self.session, about, 0, 1, self.now)[0]:
            return None
        return replace(self, question=replace(self.question, what="alerts", cuts=(about,))).answer()

    def _found(self, found: Found) -> Drawn:
        passed_over = self._passed_over(found)
        if found.total == 1:
            shown = answers.facts(self.session, found.sends[0], self.now, self.asker)
            card = (send_card.direct if self.is_private else send_card.public)(shown, self.now)
            if self.question.what == "why":
                card = question_card.because(card, shown.alerts, shown.muted)
            return question_card.without(passed_over, card)
        if self._email:
            # Named by a mention: the address behind it is not for everybody.
            title = f"{at_least(found.total, more=found.more).capitalize()} sends of that person"
            return self._list(title, found, {"list": "find", "q": f"<@{self.question.user}>"})
        title = send_list.heading(found.total, found.query, more=found.more)
        return question_card.without(passed_over, self._list(title, found, {"list": "find", "q": found.query}))

    def _passed_over(self, found: Found) -> str:
        """What was said beside the name and fits none of its sends; empty where nothing was."""
        beside = self.question.beside
        if not beside or not self._about or beside.split()[0].casefold() in found.query.casefold():
            return ""
        return "" if self._email else self._about

    def _sought(self) -> tuple[Found | None, list[str]]:
        """What fits the first of the cuts that fits anything; else what they may have meant."""
        if not self._email and (names := sought.several(self.session, self._said)):
            return None, list(names)[:NEAREST]
        nothing: list[Found] = []
        for cut in ([self._email] if self._email else self.question.cuts):
            found = lookup.find(self.session, joints.without(self.session, cut), limit=send_list.PAGE, guess=False)
            if found.sends:
                return found, []
            nothing.append(found)
        if (named := sought.named(self.session, self._said, limit=send_list.PAGE)) is not None:
            return named, []
        near = dict.fromkeys(name for found in nothing for name in lookup.near(self.session, found.query))
        return None, list(near)[:NEAREST]

    def _list(self, title: str, found: Found, asked: dict[str, Any]) -> Drawn:
        shown = found.sends[:send_list.PAGE if self.is_private else PUBLIC_PAGE]
        alerting = stored.open_alerts(self.session, [send.id for send in shown])
        page = Page(
            title=title, asked={**asked, "offset": 0}, sends=shown, total=found.total, more=found.more,
            private=self.is_private,
            alerting=frozenset(alert.send_id for alert in alerting if alert.send_id is not None),
        )
        return send_list.build(page, self.now)

    def _stuck(self) -> Drawn:
        words = joints.without(self.session, self._about)
        conditions = alert_search.fits(self.session, words) if words else ()
        found = lookup.stuck(self.session, self.now, send_list.PAGE, *conditions)
        if not found.sends:
            return self._in_status() or look_ups.told(
                answers.none_held(self.session, words) if words else send_list.empty(answers.EMPTY["stuck"]),
            )
        asked = {"list": "stuck", **({"q": words} if words else {})}
        return self._list(send_list.held_up(found.total, words), found, asked)

    def _in_status(self) -> Drawn | None:
        """Sends in the status that is asked about, where none of them is held up: "what expired?"."""
        status = spelling.resolve(self._about).status if self._about else None
        if status is None:
            return None
        found = lookup.in_status(self.session, status, send_list.PAGE)
        if not found.sends:
            return None
        title = f"{count(found.total, 'send')} in {catalogue.title(status)}"
        return self._list(title, found, {"list": "status", "status": str(status)})

    # -- statuses

    def _status(self) -> Drawn | None:
        """What the words mean as a status, where they can mean nothing else."""
        for cut in self.question.cuts:
            found = spelling.resolve(cut)
            if found.status is not None:
                return meaning_card.build(catalogue.meanings(found.status, found.kind))
        return None

    def _meaning(self) -> Drawn:
        return self._status() or answers.meaning(self.session, self._about)

    # -- what is not for everybody

    def _mine(self) -> Drawn:
        if not self.is_private:
            return question_card.private_mine(self._about)
        known = stored_people.by_id(self.session, self.asker)
        if known is None and not self.was_looked_up:
            return question_card.looking()
        asked = mine.asked(self.asker, known.email if known else "", self._about)
        return answers.page(self.session, asked, self.now)

    def _alerts(self) -> Drawn:
        if self.is_private:
            return answers.page(self.session, {"list": "alerts", "q": self._about, "offset": 0}, self.now)
        if self._about:
            number, _ = alert_search.page(self.session, self._about, 0, 1, self.now)
            sentence = f"I know {count(number, 'open alert') if number else 'no open alert'} about that."
            return question_card.private_list(sentence, "alerts", self._about)
        total, _, _ = facts.open_alert_page(self.session, 0, 1, self.now)
        if not total:
            return look_ups.told(send_list.empty(answers.EMPTY["alerts"]))
        there = "There is 1 open alert." if total == 1 else f"There are {whole(total)} open alerts."
        return question_card.private_list(there, "alerts")

    def _mutes(self) -> Drawn:
        if self.is_private:
            return answers.page(self.session, {"list": "mute", "offset": 0}, self.now)
        return question_card.private_list("What is muted is shown to you alone.", "mute")

    def _route(self) -> Drawn:
        found, near = self._sought()
        if found is None:
            return look_ups.told(question_card.nothing(self._about, near, private=self.is_private))
        if found.total > 1:
            words = f"<@{self.question.user}>" if self._email else found.query
            sentence = f"I know {at_least(found.total, more=found.more)} sends of that."
            return question_card.private_route(sentence, {"q": words, "offset": 0}, "route_back")
        return question_card.private_route("I know that send.", {"send": found.sends[0].id}, "route_open")
