"""What the page asks of the playground, as JSON: the state, and everything a person does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.playground.outcome import Done
from bot.playground.page_events import PageEvents
from bot.playground.page_state import page_state
from bot.playground.pressing import Pressing
from bot.playground.shortcuts import Shortcuts
from bot.playground.slack import Slack
from bot.playground.slack_errors import Json, SlackError
from bot.playground.speaking import Speaking
from bot.playground.submitting import Submitting

Answer = Callable[[Json], Awaitable[Json]]


class Sendoso(Protocol):
    """What the page may do with the playground's Sendoso, where there is one."""

    def find(self, query: str) -> list[Json]:
        """Sends that fit: send_gid, type, recipient, campaign, status."""

    def move(self, send_gid: str, status: str) -> object:
        """Gives a send its next status."""

    def statuses(self) -> list[Any]:
        """The statuses a send can be moved to."""


class PageApi:
    """Belongs to the server's event loop."""

    def __init__(
        self, slack: Slack, speaking: Speaking, pressing: Pressing, submitting: Submitting, shortcuts: Shortcuts,
        sendoso: Sendoso | None,
    ) -> None:  # fmt: skip
        self._slack, self._sendoso = slack, sendoso
        self._speaking, self._pressing, self._submitting = speaking, pressing, submitting
        self._shortcuts = shortcuts
        self._events = PageEvents(slack.state)

    def routes(self) -> list[Route]:
        """Everything under `/play`."""
        posts: dict[str, Answer] = {
            "/play/command": self._command,
            "/play/say": self._say,
            "/play/write": self._write,
            "/play/shortcut": self._shortcut,
            "/play/action": self._action,
            "/play/options": self._options,
            "/play/view/submit": self._submit,
            "/play/view/close": self._close,
            "/play/home": self._home,
            "/play/clock": self._clock,
            "/play/faults": self._fault,
            "/play/sendoso/move": self._move,
        }
        gets: dict[str, Answer] = {
            "/play/state": self._state,
            "/play/sendoso/sends": self._sends,
            "/play/sendoso/statuses": self._statuses,
        }
        return [
            Route("/play/events", self._events.serve),
            *(Route(path, _posted(answer), methods=["POST"]) for path, answer in posts.items()),
            *(Route(path, _asked(answer)) for path, answer in gets.items()),
        ]

    # -- what there is

    async def _state(self, _query: Json) -> Json:
        return page_state(self._slack, sendoso=self._sendoso is not None)

    # -- what a person does

    async def _command(self, asked: Json) -> Json:
        return _ended(await self._speaking.command(_user(asked), asked["channel"], str(asked["text"])))

    async def _say(self, asked: Json) -> Json:
        message = await self._speaking.say(
            _user(asked), asked["channel"], str(asked["text"]), asked.get("thread_ts"),
        )  # fmt: skip
        return {"ok": True, "ts": message.ts}

    async def _write(self, asked: Json) -> Json:
        await self._speaking.write(_user(asked), asked["channel"], str(asked["text"]))
        return {"ok": True}

    async def _shortcut(self, asked: Json) -> Json:
        user, named = _user(asked), str(asked["callback_id"])
        if "message_ts" in asked:
            return _ended(await self._shortcuts.run_on(user, named, asked["channel"], str(asked["message_ts"])))
        return _ended(await self._shortcuts.run(user, named))

    async def _action(self, asked: Json) -> Json:
        place = self._pressing.place(
            _user(asked),
            view_id=asked.get("view_id"),
            channel=asked.get("channel"),
            ts=asked.get("message_ts"),
        )
        return _ended(
            await self._pressing.act(_user(asked), place, asked["action"], values=asked.get("values")),
        )

    async def _options(self, asked: Json) -> Json:
        place = self._pressing.place(
            _user(asked),
            view_id=asked.get("view_id"),
            channel=asked.get("channel"),
            ts=asked.get("message_ts"),
        )
        action = {"action_id": asked["action_id"], "block_id": asked["block_id"]}
        return await self._pressing.options(_user(asked), place, action, str(asked["value"]))

    async def _submit(self, asked: Json) -> Json:
        return _ended(
            await self._submitting.submit(_user(asked), asked["view_id"], asked.get("values") or {}),
        )

    async def _close(self, asked: Json) -> Json:
        return _ended(await self._submitting.close(_user(asked), asked["view_id"]))

    async def _home(self, asked: Json) -> Json:
        await self._speaking.open_home(_user(asked))
        return {"ok": True}

    # -- what moves the world

    async def _clock(self, asked: Json) -> Json:
        """In a thread of its own, since what follows a move may call this very server."""
        clock = self._slack.clock
        try:
            if "set" in asked:
                to = datetime.fromisoformat(str(asked["set"]))
                await asyncio.to_thread(clock.set, to if to.tzinfo else to.replace(tzinfo=UTC))
            else:
                by = timedelta(seconds=float(asked["advance_seconds"]))
                await asyncio.to_thread(clock.advance, by)
        except (ValueError, OverflowError) as error:
            return {"ok": False, "error": str(error)}
        return {"ok": True, "now": clock().isoformat()}

    async def _fault(self, asked: Json) -> Json:
        target = self._sendoso if asked.get("target") == "sendoso" else self._slack
        faults = getattr(target, "faults", None)
        if faults is None:
            return {"ok": False, "error": "no_such_target"}
        if asked["kind"] == "clear":
            faults.clear()
        else:
            more: Json = {"seconds": float(asked["seconds"])} if "seconds" in asked else {}
            if "error" in asked and target is self._slack:
                more["error"] = str(asked["error"])
            faults.add(asked.get("method") or "*", asked["kind"], asked.get("times", 1), **more)
        return {"ok": True}

    async def _sends(self, query: Json) -> Json:
        return {"ok": True, "sends": self._sendoso_there().find(str(query.get("query", "")))}

    async def _statuses(self, _query: Json) -> Json:
        return {"ok": True, "statuses": self._sendoso_there().statuses()}

    async def _move(self, asked: Json) -> Json:
        sendoso = self._sendoso_there()
        await asyncio.to_thread(sendoso.move, str(asked["send_gid"]), str(asked["status"]))
        return {"ok": True}

    def _sendoso_there(self) -> Sendoso:
        if self._sendoso is None:
            raise SlackError("no_sendoso")
        return self._sendoso


def _user(asked: Json) -> str:
    return str(asked["user"])


def _ended(done: Done) -> Json:
    answer: Json = {"ok": done.ok}
    if done.error is not None:
        answer["error"] = done.error
    if done.errors:
        answer["errors"] = done.errors
    return answer


def _posted(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        # A page of another site may post a form here, but not JSON, unless we allowed it to.
        if not request.headers.get("content-type", "").startswith("application/json"):
            return JSONResponse({"ok": False, "error": "json_expected"}, 415)
        try:
            asked = await request.json()
        except ValueError:
            asked = None
        if not isinstance(asked, dict):
            return JSONResponse({"ok": False, "error": "invalid_json"}, 400)
        return await _answered(answer, asked)

    return respond


def _asked(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        return await _answered(answer, dict(request.query_params))

    return respond


async def _answered(answer: Answer, asked: Json) -> Response:
    try:
        return JSONResponse(await answer(asked))
    except SlackError as error:
        return JSONResponse(error.answer(), 404)
    except KeyError as error:
        return JSONResponse({"ok": False, "error": f"missing {error.args[0]}"}, 400)
    except (ValueError, LookupError) as error:
        return JSONResponse({"ok": False, "error": str(error)}, 400)
