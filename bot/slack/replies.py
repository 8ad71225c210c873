"""Everything that is said to Slack after the answer: never while Slack waits for it, always by the executor."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.webhook import WebhookClient

from bot.redirects import staying
from bot.slack import on_record, reading
from bot.slack.blocks.drawn import Block, Drawn
from bot.slack.blocks.help_card import note, window
from bot.slack.blocks.limits import web_address
from bot.slack.deps import Deps
from bot.slack.errors import noted
from bot.slack.payloads import BadPayloadError, Where
from bot.slack_hosts import is_slacks
from bot.tracing import carried

log = structlog.get_logger(__name__)

UNANSWERED = (SlackClientError, OSError, HTTPException)
"""What the SDK raises when Slack refuses, or does not answer, or breaks off."""
PATIENCE = 10
"""Seconds that a response_url may take."""
TRIES = 2
PAUSES = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds before each look whether an answer has arrived in Slack; whoever has closed the window waits for none."""
TOO_MANY = "push_limit_reached"
TOO_LATE = note("Slack did not let me open the window in time. Please press the button once more.")


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A window that Slack has opened."""

    view_id: str
    view_hash: str


def later(deps: Deps, where: Where, task: Callable[[], object]) -> None:
    """Have `task` done after the answer; what goes wrong is logged and told to the one who waits."""

    def run() -> None:
        try:
            task()
        except BadPayloadError as error:
            tell(deps, where, note(str(error)))
        except Exception as error:  # noqa: BLE001 - a task's last line: nobody is left to catch it
            tell(deps, where, note(noted(error, where)))
        finally:
            on_record.note(deps)

    try:
        deps.executor.submit(carried(run))
    except RuntimeError:
        # The bot is being stopped; the answer itself must still go out.
        log.warning("too late for more", user=where.user_id)


def respond(deps: Deps, where: Where, drawn: Drawn, *, replace: bool = False, shared: bool = False) -> bool:
    """Answer by the response_url, to that person alone unless `shared`; gives whether Slack took it."""
    drawn = drawn if shared else reading.message(deps, where.user_id, drawn)
    body = drawn.reply(replace=replace, shared=shared)
    if not replace:
        body["replace_original"] = False
    return answer_by(where.response_url, deps.origin.signed(body), deps.client.base_url)


def answer_by(response_url: str, body: Block, api_url: str) -> bool:
    """Send an answer to a response_url of that Slack's; gives whether Slack took it."""
    if not is_slacks(web_address(response_url), api_url):
        return False
    client = staying(WebhookClient(response_url, timeout=PATIENCE))
    try:
        answer = client.send_dict(body)
    except UNANSWERED as error:
        log.warning("response_url failed", error=type(error).__name__)
        return False
    if answer.status_code != 200:  # noqa: PLR2004 - HTTP's own number for "fine"
        log.warning("response_url refused", status=answer.status_code, answer=answer.body[:200])
        return False
    return True


def tell(deps: Deps, where: Where, drawn: Drawn) -> None:
    """Tell one person something: beside the message they pressed, or as a window where there is none."""
    if not respond(deps, where, drawn) and where.view_id:
        show(deps, where, window(drawn), instead=drawn)


def show(deps: Deps, where: Where, view: Block, *, instead: Drawn = TOO_LATE) -> Opened | None:
    """Open a window, on top of the one that is open; `instead` is said where Slack refuses.

    Of three that lie upon each other, which is all that Slack allows, it takes the place of the uppermost.
    """
    view = reading.view(deps, where.user_id, view)
    method = deps.client.views_push if where.view_type == "modal" else deps.client.views_open
    try:
        answer = method(trigger_id=where.trigger_id, view=view)
    except UNANSWERED as error:
        if reason(error) == TOO_MANY and where.view_id:
            redraw(deps, where.view_id, lambda: view, reader=where.user_id)
            return None
        log.warning("no window", error=reason(error), callback=view.get("callback_id"))
        respond(deps, where, instead)
        return None
    told = answer.get("view")
    told = told if isinstance(told, dict) else {}
    return Opened(view_id=str(told.get("id") or ""), view_hash=str(told.get("hash") or ""))


def redraw(deps: Deps, view_id: str, view: Callable[[], Block], view_hash: str = "", *, reader: str) -> None:
    """Draw an open window anew from what is true now, for that user; a window closed meanwhile needs nothing."""
    for attempt in range(TRIES):
        # A conflict means that another redraw came first; what is drawn now is newer than both.
        known: dict[str, Any] = {"hash": view_hash} if view_hash and attempt == 0 else {}
        try:
            deps.client.views_update(view_id=view_id, view=reading.view(deps, reader, view()), **known)
        except UNANSWERED as error:
            log.info("window not redrawn", error=reason(error))
            if reason(error) != "hash_conflict":
                return
        else:
            return


def redraw_awaited(deps: Deps, external_id: str, view: Block, *, reader: str) -> None:
    """Draw anew a window that an answer on its way is still giving this id: before that it must not be overtaken."""
    view = reading.view(deps, reader, view)
    for pause in PAUSES:
        time.sleep(pause)
        try:
            deps.client.views_update(external_id=external_id, view=view)
        except UNANSWERED as error:
            if reason(error) != "not_found":
                log.info("window not redrawn", error=reason(error))
                return
        else:
            return


def reason(error: BaseException) -> str:
    """Slack's word for what went wrong, or the name of the error where no word came."""
    if isinstance(error, SlackApiError):
        found = error.response.get("error")
        return found if isinstance(found, str) else "no answer"
    return type(error).__name__
