"""Every message once, in its place, showing what is true in the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.delivery.payload import File, Links
from bot.playground.reading import Reader
from bot.playground.workspace import Message as Post
from bot.slack.render import render
from storage.models import Message
from tests.chaos.findings import Findings
from tests.chaos.stage import Stage

DRAWN_BEFORE = (0, 0.5, 1, 2, 5, 10, 20, 40, 60)
"""By so many seconds a message may have been drawn before Slack wrote down when; some words count days."""


class MessagesAudit:
    """Compares what stands in Slack with the messages table, both ways."""

    def __init__(self, stage: Stage, session: Session, findings: Findings) -> None:
        self._stage, self._session, self._findings = stage, session, findings
        self._reader = Reader(state=stage.playground.slack.state)
        self.posts = stage.posts()
        self.by_key: dict[str, list[Post]] = defaultdict(list)
        for post in self.posts:
            self.by_key[_key(post)].append(post)
        self.rows = {row.key: row for row in session.scalars(select(Message))}

    def go(self) -> None:
        for key, posts in self.by_key.items():
            if key not in self.rows:
                self._findings.wrong(f"a message of which the database knows nothing: {key!r} {posts[0].text!r}")
            elif len(posts) > 1:
                self._findings.doubled(f"message {key} stands {len(posts)} times in {posts[0].channel}")
        for row in self.rows.values():
            self._row(row)
        self._taken_away()

    def _taken_away(self) -> None:
        """What stood twice for a while counts, too, unless a process stood still: then this is the repair."""
        gone = [call.args for call in self._stage.calls.all if call.method == "chat.delete"]
        for args in gone if not self._stage.plan.freezes else ():
            self._findings.doubled(f"{args.get('ts')} in {args.get('channel')} stood there twice, and was taken away")

    def _row(self, row: Message) -> None:
        resting = row.next_at is None and row.phase == "idle" and row.attempt is None
        if not resting or row.posted_rev != row.wanted_rev:
            self._findings.wrong(
                f"message {row.key} is not at rest: {row.phase}, revision {row.posted_rev} of {row.wanted_rev}, "
                f"next at {row.next_at}, {row.last_error}",
            )
        standing = self.by_key.get(row.key, [])
        post = next((one for one in standing if one.ts == row.ts), None)
        if post is None:
            if row.ts is not None or render(self._session, row, row.created_at) is not None:
                self._findings.lost(f"message {row.key} for {row.channel}, ts {row.ts}, is not there")
        else:
            self._shows(row, post)

    def _shows(self, row: Message, post: Post) -> None:
        parent = self.rows.get(row.thread_of or "")
        if parent is not None and post.thread_ts != parent.ts:
            self._findings.wrong(f"reply {row.key} hangs under {post.thread_ts}, not under {parent.ts}")
        shown = (post.text, tuple(self._reader.lines(list(post.blocks))))
        drawn = [self._drawn(row, at) for at in _moments(post)]
        if shown not in drawn:
            self._findings.wrong(f"message {row.key} shows\n{shown}\ninstead of\n{drawn[0]}")

    def _drawn(self, row: Message, at: datetime) -> tuple[str, tuple[str, ...]] | None:
        found = render(self._session, row, at)
        if found is None or isinstance(found, File | Links):
            return None
        return found.text, tuple(self._reader.lines(found.blocks))


def _key(post: Post) -> str:
    payload = (post.metadata or {}).get("event_payload") or {}
    return str(payload.get("key", ""))


def _moments(post: Post) -> Iterator[datetime]:
    ts = post.edited["ts"] if post.edited else post.ts
    written = datetime.fromtimestamp(float(ts), post.time.tzinfo)
    return (written - timedelta(seconds=seconds) for seconds in DRAWN_BEFORE)
