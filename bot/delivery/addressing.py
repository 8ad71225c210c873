"""Who is behind an e-mail address: found out before anything is posted there, one question to Slack at a time."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from bot.alerts.routing import MAIL
from bot.clock import Clock
from bot.delivery.settling import Ending, Settling
from bot.delivery.slack_answers import RateLimited, Refused, SlackUser, Trouble, Unclear, Unreachable
from bot.delivery.slack_codes import Blame
from bot.delivery.slack_web import SlackWeb
from storage import addresses, outgoing, people
from storage.engine import Database
from storage.outgoing import ADDRESSES, WORKSPACE

log = structlog.get_logger()

NO_SUCH_USER = "users_not_found"
NOBODY = frozenset({NO_SUCH_USER, "user_not_found", "user_not_visible"})
NOT_ALLOWED = frozenset({"missing_scope", "not_allowed_token_type", "enterprise_is_restricted"})
"""The app cannot look for anybody, although it may post."""


class Addressing:
    """Gives messages for `mail:` places a Slack user, or the channel `fallback` of `settling` where there is none."""

    def __init__(self, database: Database, slack: SlackWeb, clock: Clock, settling: Settling) -> None:
        self._database, self._slack, self._clock = database, slack, clock
        self._settling, self._terms = settling, settling.terms

    def settle_known(self) -> Counter[Ending]:
        """Everything that needs no question to Slack; gives whether alerts are to be told elsewhere."""
        places = self._due()
        if not places:
            return Counter()
        with self._database.write() as session:
            now = self._clock()
            outgoing.lock_pace(session, ADDRESSES)
            endings = [self._settle_known(session, place, now) for place in places]
        return Counter(one for one in endings if one is Ending.TOLD_ANEW)

    def ask(self) -> Counter[Ending]:
        """Ask Slack about the address whose turn it is. Empty when it is not the time for it."""
        places = self._due()
        if not places:
            return Counter([Ending.IDLE])
        with self._database.write() as session:
            now = self._clock()
            pace = outgoing.lock_pace(session, ADDRESSES)
            if pace.not_before > now or addresses.held(session, [WORKSPACE], now):
                return Counter()
            # One question at a time, over all processes; should this one die, it is free again after its call.
            pace.not_before = now + self._terms.timeout + self._terms.lookup_pace
        found = self._slack.user_by_email(_address(places[0]))
        with self._database.write() as session:
            return Counter([self._answered(session, places[0], found, self._clock())])

    def _due(self) -> list[str]:
        now = self._clock()
        with self._database.read() as session:
            waiting = outgoing.waiting(session, now)
        due = [group for group in waiting if group.channel.startswith(MAIL) and group.priority >= 0]
        due.sort(key=lambda group: (-group.priority, group.next_at, group.channel))
        return list(dict.fromkeys(group.channel for group in due))

    def _settle_known(self, session: Session, place: str, now: datetime) -> Ending:
        person = people.by_email(session, _address(place))
        if person is not None and people.is_fresh(person.fetched_at, now):
            addresses.move(session, place, person.user_id, now)
            return Ending.ADDRESSED
        if addresses.unknown_until(session, place, now) is not None:
            return self._fall_back(session, place, now, NO_SUCH_USER)
        pace = outgoing.lock_pace(session, ADDRESSES)
        if pace.broken_code is not None and pace.not_before > now:
            return self._fall_back(session, place, now, pace.broken_code)
        return Ending.IDLE

    def _answered(self, session: Session, place: str, found: SlackUser | Trouble, now: datetime) -> Ending:
        outgoing.hold(session, ADDRESSES, now + self._terms.lookup_pace)
        match found:
            case SlackUser(is_reachable=True):
                return self._found(session, place, found, now)
            case Refused(code=code) if code in NOT_ALLOWED:
                self._settling.mark(session, ADDRESSES, code, now)
                return self._fall_back(session, place, now, code)
            case Refused(code=code, blame=Blame.WORKSPACE):
                self._settling.mark(session, WORKSPACE, code, now)
                return Ending.BROKEN
            case Refused(code=code) if code not in NOBODY:
                # Not what Slack says of somebody who is not there: an address that is none, or a code nobody has named.
                return self._fall_back(session, place, now, code)
            case SlackUser() | Refused():
                return self._nobody(session, place, now)
            case RateLimited(after=after):
                outgoing.hold(session, ADDRESSES, now + after)
                log.warning("rate_limited", channel=ADDRESSES, until=now + after)
            case Unreachable(reason=reason):
                self._settling.unreachable(session, reason, now)
            case Unclear(reason=reason):
                again_at = now + self._terms.retry_after_unclear(addresses.tries(session, place))
                addresses.postpone(session, place, again_at, reason)
                log.warning("address_not_asked", reason=reason, again_at=again_at)
        return Ending.HELD

    def _found(self, session: Session, place: str, user: SlackUser, now: datetime) -> Ending:
        people.keep(
            session, user_id=user.user_id, team_id=user.team_id, name=user.name, email=_address(place), tz=user.tz,
            now=now,
        )
        self._settling.works(session, ADDRESSES, WORKSPACE)
        moved = addresses.move(session, place, user.user_id, now)
        log.info("address_found", user=user.user_id, messages=moved)
        return Ending.ADDRESSED

    def _nobody(self, session: Session, place: str, now: datetime) -> Ending:
        self._settling.works(session, ADDRESSES, WORKSPACE)
        addresses.unknown(session, place, now + self._terms.unknown_for, now)
        return self._fall_back(session, place, now, NO_SUCH_USER)

    def _fall_back(self, session: Session, place: str, now: datetime, reason: str) -> Ending:
        fallback = self._settling.fallback
        if fallback is None or fallback == place:
            addresses.postpone(session, place, now + self._terms.longest_retry, reason)
            log.error("address_unknown", reason=reason, fallback=None)
            return Ending.HELD
        moved, anew = addresses.fall_back(session, place, fallback, now, reason)
        log.warning("address_unknown", reason=reason, fallback=fallback, messages=moved, alerts=anew)
        return Ending.TOLD_ANEW if anew else Ending.ADDRESSED


def _address(place: str) -> str:
    return place.removeprefix(MAIL)
