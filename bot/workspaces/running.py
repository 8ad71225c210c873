"""One bot for each workspace that has the app: begun when it is installed, ended when it is uninstalled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from bot.clock import Clock
from bot.ending import WITHIN, Deadline
from bot.health import Problem
from bot.origin import Origin
from bot.runtime import Bell, Runtime
from bot.sends.connecting import Desk
from bot.settings import Settings
from bot.slack import payloads
from bot.workspaces.addresses import address, teams_of
from bot.workspaces.connection import Connection
from bot.workspaces.registry import Kept, Registry
from bot.workspaces.turns import Turns
from storage import access_record, outgoing
from storage.engine import Database
from storage.outgoing import WORKSPACE

log = structlog.get_logger(__name__)

DeskOf = Callable[[Database], Desk]
Make = Callable[[Settings, Origin, DeskOf], Runtime]
"""Puts a bot together. The second is for which workspace it speaks; the third, given the bot's database, is where the
workspace's access to Sendoso is changed."""
AT_ONCE = 8
"""Bots that are begun or ended side by side: mostly they wait for the disk, or for PostgreSQL."""
STUCK = timedelta(seconds=20)
"""Where none of those that are being begun has come up for so long, nobody waits for them any more."""
NAMED = 5
PATIENCE = timedelta(seconds=2)
"""How long a request waits while its workspace's bot is begun anew: Slack gives it three seconds."""
ANSWERED = timedelta(seconds=10)
"""How long a bot that is to end may take to answer what is under way."""
ANSWERED_AT_LAST = timedelta(seconds=3)
"""The same where the whole process ends: Slack waits no longer for an answer."""


@dataclass
class _Place:
    """One workspace's bot, how many requests it is answering, and whether it is being changed."""

    kept: Kept | None = None
    runtime: Runtime | None = None
    busy: int = 0
    changing: bool = False
    state: threading.Condition = field(default_factory=threading.Condition)


class Workspaces:
    """The bots of all workspaces. `make` puts one together; `at_work=False` leaves their jobs to who calls them."""

    def __init__(
        self, registry: Registry, make: Make, clock: Clock, keep: timedelta, *, at_work: bool = True,
    ) -> None:
        self._registry, self._make, self._clock, self._keep = registry, make, clock, keep
        self._at_work = at_work
        self._places: dict[str, _Place] = {}
        self._wanted: dict[str, Kept] = {}
        self._broken: dict[str, str] = {}
        self._failed: dict[str, str] = {}
        self._been_up = set[str]()
        self._changes = threading.Lock()
        self._turns = Turns(self._settle, AT_ONCE)
        self._stopping, self._looked = threading.Event(), threading.Event()
        self.bell = Bell()

    # -- who is there

    def running(self) -> dict[str, Runtime]:
        """The bots at work, by workspace."""
        return {team: place.runtime for team, place in list(self._places.items()) if place.runtime is not None}

    def problems(self) -> list[Problem]:
        """Workspaces that have the app and cannot be served, not wholly, or not yet."""
        unread = {team: one.unreadable for team, one in self._wanted.items() if one.unreadable}
        wrong = unread | self._broken | self._failed
        found = [Problem(name=f"workspace {team}", reason=why) for team, why in sorted(wrong.items())]
        if not self._looked.is_set():
            found.append(Problem(name="workspaces", reason="their bots are about to be started"))
        starting = [team for team in self._turns.under_way() if team in self._wanted and team not in self._been_up]
        if starting:
            found.append(Problem(name="workspaces", reason=self._how_far(starting)))
        return found

    def _how_far(self, starting: list[str]) -> str:
        more = f" and {len(starting) - NAMED} more" if len(starting) > NAMED else ""
        return (
            f"their bots are being started: {len(self.running())} of {len(self._wanted)} are up; "
            f"not yet {', '.join(starting[:NAMED])}{more}"
        )

    def team_of(self, body: Mapping[str, Any]) -> str:
        """The workspace that a request is for; empty where the app is not installed there."""
        to, kept = address(body), list(self._wanted.values())
        if to.bot_id:
            owners = [one.team_id for one in kept if one.bot_id == to.bot_id]
            if len(owners) == 1:
                return owners[0]
        if any(one.team_id == to.team_id for one in kept):
            return to.team_id
        # Installed a moment ago, by another process, or the first word from a workspace of an organisation.
        found = self._registry.team_of(to, payloads.happened_at(body, self._clock()))
        if found:
            self._look()
        return found

    def is_expected(self, team_id: str) -> bool:
        """Whether a bot is to be there for a workspace, or was never looked for; asks no database."""
        return not self._looked.is_set() or team_id in self._wanted or team_id in self._broken

    def channel_wanted(self, team_id: str) -> str | None:
        """The bot's own user id, empty where it is not known, as long as it has no channel for alerts; then None."""
        # Its bot may be starting still: an invitation can be the first word from a workspace of an organisation.
        kept = self._wanted.get(team_id)
        return None if kept is None or kept.has_channel else kept.bot_user_id

    def alerts_go_to(self, team_id: str, channel: str) -> bool:
        """Whether that is the workspace's channel for alerts."""
        kept = self._wanted.get(team_id)
        return kept is not None and kept.has_channel and kept.settings.alert_channel == channel

    @contextmanager
    def use(self, team_id: str) -> Iterator[Runtime | None]:
        """The bot of a workspace, which does not end meanwhile; None where there is none, or none yet."""
        place = self._places.get(team_id)
        if place is None or (place.runtime is None and not place.changing):
            # Somebody waits for this one: it comes before the others that are to be started.
            self._turns.hurry(team_id)
            self._turns.wait_for({team_id}, PATIENCE)
            place = self._places.get(team_id)
        if place is None:
            yield None
            return
        with place.state:
            place.state.wait_for(lambda: not place.changing, PATIENCE.total_seconds())
            runtime = None if place.changing else place.runtime
            place.busy += runtime is not None
        try:
            yield runtime
        finally:
            if runtime is not None:
                with place.state:
                    place.busy -= 1
                    place.state.notify_all()

    # -- changes

    def reconcile(self) -> None:
        """Make the bots those of the registry: begin, end, and begin anew where settings have changed.

        Several at a time, and back when all of that is done. One that hangs is not waited for.
        """
        changing = self._look()
        if not self._turns.wait_for(changing, STUCK):
            hanging = self._turns.under_way()
            # One that was up before is told again as one that is not.
            self._been_up -= {*hanging}
            log.warning("workspaces_hang", teams=hanging)

    def _look(self) -> set[str]:
        """Have begun and ended what differs from the registry; gives the workspaces that are concerned."""
        with self._changes:
            if self._stopping.is_set():
                return set()
            self._wanted, self._broken = self._registry.installed()
            changing = {team_id for team_id in {*self._wanted, *self._places} if not self._is_settled(team_id)}
            for team_id in sorted(changing):
                self._turns.want(team_id)
            self._looked.set()
            return changing

    def _is_settled(self, team_id: str) -> bool:
        wanted, place = self._wanted.get(team_id), self._places.get(team_id)
        if wanted is None and team_id in self._broken:
            # What is stored was encrypted anew with a key that this process was not given: its bot goes on as it is.
            return True
        if wanted is None or place is None:
            return wanted is None and place is None
        return place.runtime is not None and place.kept == wanted

    def _settle(self, team_id: str) -> None:
        wanted = self._wanted.get(team_id)
        if self._stopping.is_set() or self._is_settled(team_id):
            return
        if wanted is not None:
            self._begin(wanted)
        else:
            self._end(team_id)
            self._failed.pop(team_id, None)

    def taken_out(self, body: Mapping[str, Any]) -> bool:
        """Whether Slack says with this that the app was taken out of a workspace, or of an organisation.

        Then the token is deleted now, and the bot ends with the next look. Slack tells late, twice and in any order:
        what was before the installation that there is takes nothing from it.
        """
        event, whose, at = payloads.part(body, "event"), address(body), payloads.happened_at(body, self._clock())
        if payloads.is_uninstall(event):
            served = self._registry.uninstall(whose, at)
        elif event.get("type") == "team_access_revoked":
            served = self._registry.revoke(whose.enterprise_id, teams_of(event), at)
        else:
            return False
        if served:  # Slack tells of one uninstall by two events
            log.info("workspaces_uninstalled", teams=served)
        self.bell.ring()
        return True

    def _given_up(self, team_id: str, since: datetime) -> None:
        """Slack's word that the app was taken out has not come, or was lost with what a restored back-up replaced."""
        if self._registry.given_up(team_id, since):
            log.warning("workspaces_uninstalled", teams=[team_id], token_refused_since=since.isoformat())
        self.bell.ring()

    def tend(self) -> None:
        """Look what has changed, whoever did it, and delete what nobody has come back for."""
        self.reconcile()
        gone = self._registry.forget(self._clock() - self._keep)
        if gone:
            log.info("workspaces_deleted", teams=gone)

    def begin_no_more(self) -> None:
        """From now on no bot is begun: they are about to end."""
        self._stopping.set()

    def stop(self, within: timedelta = WITHIN) -> None:
        """End all of them side by side, `within` that time: one that takes long takes nothing from the others."""
        deadline = Deadline(within)
        self.begin_no_more()
        with self._changes:
            beginning = self._turns.under_way()
            self._turns.close()
            ends = [
                threading.Thread(target=self._end_at_last, args=(team_id, deadline), name=f"end-{team_id}", daemon=True)
                for team_id in {*self._places, *beginning}
            ]
            for end in ends:
                end.start()
            for end in ends:
                end.join(deadline.left().total_seconds())
        late = sorted(end.name.removeprefix("end-") for end in ends if end.is_alive())
        if late:
            log.warning("not_ended_in_time", workspaces=late)

    def _begin(self, kept: Kept) -> None:
        place = self._places.setdefault(kept.team_id, _Place())
        with _changing(place, ANSWERED):
            before = place.kept
            _let_go(place, WITHIN)
            try:
                self._registry.make_room(kept.team_id)
                runtime = self._made(kept, before)
            except Exception as error:
                # One workspace that cannot be served takes no other along; it is tried again with the next look.
                log.exception("workspace_not_begun", team=kept.team_id)
                self._failed[kept.team_id] = f"its bot does not start ({type(error).__name__})"
                return
            if self._stopping.is_set():
                runtime.close()
                return
            if self._at_work:
                runtime.begin()
            place.runtime, place.kept = runtime, kept
            self._been_up.add(kept.team_id)
            self._failed.pop(kept.team_id, None)
        log.info("workspace_begun", team=kept.team_id)

    def _made(self, kept: Kept, before: Kept | None) -> Runtime:
        runtime = self._make(kept.settings, kept.origin, partial(self._desk, kept.team_id))
        try:
            runtime.identity.bot_id, runtime.identity.bot_user_id = kept.bot_id or None, kept.bot_user_id or None
            runtime.identity.team_id = kept.team_id
            runtime.taken_out = partial(self._given_up, kept.team_id)
            self._registry.note_room(kept.team_id)
            with runtime.database.write() as session:
                access_record.take_over(session, self._registry.recorded(kept.team_id))
            if before is None or before.settings.slack_bot_token != kept.settings.slack_bot_token:
                _wake(runtime)
        except BaseException:
            # Left open, it would keep the file from the next try.
            runtime.close()
            raise
        return runtime

    def _desk(self, team_id: str, database: Database) -> Desk:
        return Connection(self._registry, team_id, database, self._clock, self.bell.ring)

    def _end_at_last(self, team_id: str, deadline: Deadline) -> None:
        # What is being begun ends as soon as it is there.
        self._turns.wait_for({team_id}, deadline.left())
        self._end(team_id, deadline)

    def _end(self, team_id: str, deadline: Deadline | None = None) -> None:
        place = self._places.pop(team_id, None)
        if place is None:
            return
        with _changing(place, deadline.left(ANSWERED_AT_LAST) if deadline else ANSWERED):
            _let_go(place, deadline.left() if deadline else WITHIN)
        log.info("workspace_ended", team=team_id)


@contextmanager
def _changing(place: _Place, patience: timedelta) -> Iterator[None]:
    with place.state:
        place.changing = True
        place.state.wait_for(lambda: not place.busy, patience.total_seconds())
    try:
        yield
    finally:
        with place.state:
            place.changing = False
            place.state.notify_all()


def _let_go(place: _Place, within: timedelta) -> None:
    if place.runtime is not None:
        place.runtime.stop(within)
    place.runtime = place.kept = None


def _wake(runtime: Runtime) -> None:
    """There is a token that has not been tried: what waited because of the former one waits no longer."""
    with runtime.database.write() as session:
        outgoing.go_on(session, WORKSPACE, runtime.clock())
