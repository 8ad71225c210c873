"""What is served over HTTP for several workspaces: the pages of an installation, and webhooks by workspace."""

from __future__ import annotations

from functools import partial

import falcon
from structlog.contextvars import bind_contextvars

from bot.tracing import WORKSPACE
from bot.web import take_webhook
from bot.workspaces.front import Front
from bot.workspaces.install import INSTALL, REDIRECT, Install
from bot.workspaces.pages import Page

WEBHOOKS = "/sendoso/{team_id}/webhooks"


def routes(install: Install, front: Front) -> dict[str, object]:
    """Resources of Falcon's by their paths."""
    webhooks = _Webhooks(front)
    return {
        INSTALL: _Begin(install), REDIRECT: _Finish(install), WEBHOOKS: webhooks, f"{WEBHOOKS}/{{event}}": webhooks,
    }


class _Begin:
    def __init__(self, install: Install) -> None:
        self._install = install

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        _show(resp, self._install.begin())

    on_head = on_get


class _Finish:
    def __init__(self, install: Install) -> None:
        self._install = install

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        # The same name twice is nobody's but a forger's; the last of them counts.
        params = {name: value[-1] if isinstance(value, list) else value for name, value in req.params.items()}
        _show(resp, self._install.finish(params, req.get_header("Cookie") or ""))


class _Webhooks:
    def __init__(self, front: Front) -> None:
        self._front = front

    def on_post(self, req: falcon.Request, resp: falcon.Response, team_id: str, event: str | None = None) -> None:
        bind_contextvars(**{WORKSPACE: team_id})
        take_webhook(req, resp, partial(self._front.receive_webhook, team_id), event)


def _show(resp: falcon.Response, page: Page) -> None:
    resp.status = falcon.code_to_http_status(page.status)
    resp.content_type = falcon.MEDIA_HTML
    resp.text = page.html
    # The address of the page holds the code and the state: nobody else is told of it, and nobody keeps it.
    resp.set_headers({
        "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    })
    if page.cookie:
        resp.append_header("Set-Cookie", page.cookie)
