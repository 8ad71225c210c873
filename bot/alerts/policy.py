"""How an alert is told again: repeats, escalation, quiet hours, budgets. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Self

from bot.alerts.quiet_hours import QuietHours

DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Escalation:
    """What happens when nobody has acted on an alert for `after` since it was told.

    `mention` holds Slack user ids and user group ids, mentioned in the alert's thread; `channel` is another
    channel that gets the alert, too; `dm_sender` sends it to the sender by direct message.
    """

    after: timedelta
    mention: tuple[str, ...] = ()
    channel: str | None = None
    dm_sender: bool = False
    people: tuple[str, ...] = ()
    """Slack user ids that get it by direct message. No setting: see `Policy.told_directly`."""

    def told_directly(self, *, calls_elsewhere: bool) -> Self:
        """The same step where an alert is told by direct message; it may do nothing there."""
        called = () if calls_elsewhere else tuple(who for who in self.mention if who.startswith(("U", "W")))
        return replace(self, mention=(), people=called)

    @property
    def does_something(self) -> bool:
        return bool(self.mention or self.channel or self.dm_sender or self.people)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How often an unanswered alert is told again, and what else happens meanwhile.

    `repeat` holds the distances between tellings, the last of which goes on for ever; empty: never again.
    `repeat_in_channel` shows a repeat in the channel, too, not only in the alert's thread.
    """

    name: str = "default"
    repeat: tuple[timedelta, ...] = (DAY, 3 * DAY, 7 * DAY)
    """Our judgement: the next day, three days later, then every week."""
    repeat_in_channel: bool = False
    escalate: tuple[Escalation, ...] = ()
    """In the order of their `after`."""
    quiet: QuietHours | None = None

    def told_directly(self, *, calls_elsewhere: bool) -> Self:
        """The same policy where an alert is told by direct message: nobody else can be called there.

        Each person whom a step calls gets the alert directly instead; user groups have no messages of their own.
        Nobody does where the policy `calls_elsewhere`, in a channel in which the alert is told as well.
        """
        steps = (step.told_directly(calls_elsewhere=calls_elsewhere) for step in self.escalate)
        return replace(self, escalate=tuple(step for step in steps if step.does_something))

    def as_json(self) -> dict[str, Any]:
        """The policy as it is stored with each alert: lengths in seconds."""
        return {
            "name": self.name,
            "repeat": [length.total_seconds() for length in self.repeat],
            "repeat_in_channel": self.repeat_in_channel,
            "escalate": [
                {
                    "after": step.after.total_seconds(), "mention": list(step.mention),
                    "channel": step.channel, "dm_sender": step.dm_sender,
                    **({"people": list(step.people)} if step.people else {}),
                }
                for step in self.escalate
            ],
            "quiet": self.quiet.as_json() if self.quiet else None,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """The policy as `as_json` wrote it; an empty one, from before there were policies, does nothing."""
        quiet = stored.get("quiet")
        return cls(
            name=stored.get("name", ""),
            repeat=tuple(timedelta(seconds=length) for length in stored.get("repeat", ())),
            repeat_in_channel=stored.get("repeat_in_channel", False),
            escalate=tuple(
                Escalation(
                    after=timedelta(seconds=step["after"]), mention=tuple(step["mention"]),
                    channel=step["channel"], dm_sender=step["dm_sender"], people=tuple(step.get("people", ())),
                )
                for step in stored.get("escalate", ())
            ),
            quiet=QuietHours.from_json(quiet) if quiet else None,
        )


ONCE = Policy(name="once", repeat=())
"""Told once and never again: for places to which an alert was escalated, and for admins."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How many messages a channel may get; what comes above goes into one rolling summary a day.

    Our judgement: nobody reads more than 50 a day, and 9 at once with one summary make 10.
    """

    a_day: int = 50
    at_once: int = 9
    at_once_within: timedelta = timedelta(minutes=10)
