"""A Bolt app with a bit of everything, to see that the real SDK finds the playground real."""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Any, Self

from slack_bolt import Ack, App, Respond
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.playground.server import Playground

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(label: str, action_id: str, value: str = "1") -> Json:
    return {"type": "button", "text": plain(label), "action_id": action_id, "value": value}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def option(words: str) -> Json:
    return {"text": plain(words), "value": words.lower()}


def asked(label: str, element: Json, **more: object) -> Json:
    return {"type": "input", "block_id": label.lower(), "label": plain(label), "element": element, **more}


WISH = {
    "type": "modal",
    "callback_id": "wish",
    "title": plain("A wish"),
    "submit": plain("Send"),
    "notify_on_close": True,
    "blocks": [
        asked("Name", {"type": "plain_text_input", "action_id": "name", "max_length": 20}),
        asked(
            "Gift",
            {"type": "static_select", "action_id": "gift", "options": [option("Tea"), option("Cake")]},
            optional=True,
        ),
        actions(
            {"type": "external_select", "action_id": "owner", "placeholder": plain("Owner"), "min_query_length": 1},
            button("More", "wish_more"),
        ),
    ],
}


OFFERS = actions(
    button("Press", "press"),
    button("Replace", "replace"),
    button("Delete", "delete"),
    button("Wish", "wish_open"),
)
WISHES: dict[str, Json] = {
    "nobody": {"response_action": "errors", "errors": {"name": "Somebody, please."}},
    "again": {"response_action": "update", "view": {**WISH, "title": plain("Again")}},
    "push": {"response_action": "push", "view": {**WISH, "title": plain("Pushed")}},
    "clear": {"response_action": "clear"},
    "wrong": {"response_action": "errors", "errors": {"nowhere": "?"}},
    "odd": {"response_action": "dance"},
}
"""What is answered to a modal, by the name that was entered."""


ENDING = 10.0
"""Seconds that the end of a connection may take."""


class TrivialApp:
    """Counts what reaches it in `seen`: (name, body)."""

    def __init__(self, playground: Playground, ping_interval: float = 2) -> None:
        self.ping_interval = ping_interval
        self.playground = playground
        self.seen: list[tuple[str, Json]] = []
        self.came = threading.Condition()
        self.client = WebClient(playground.bot_token, base_url=playground.api_url, retry_handlers=[], timeout=5)
        quiet = logging.getLogger("trivial")
        quiet.setLevel(logging.CRITICAL)
        self.bolt = App(
            client=self.client,
            signing_secret=playground.signing_secret,
            process_before_response=True,
            token_verification_enabled=False,
            logger=quiet,
        )
        self._listen()
        self.handler: SocketModeHandler | None = None

    def __enter__(self) -> Self:
        self.handler = SocketModeHandler(self.bolt, self.playground.app_token, ping_interval=self.ping_interval)
        self.handler.connect()  # type: ignore[no-untyped-call]
        self.playground.wait_until_connected()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.handler is not None
        client = self.handler.client
        client.closed = True
        client.message_queue.put(None)  # else its reader sleeps for up to a second before it looks
        # In rare cases the SDK's own end waits for ever for a connection that it was just making anew.
        end = threading.Thread(target=self.handler.close, daemon=True)
        end.start()
        end.join(ENDING)

    def note(self, name: str, body: Json) -> None:
        with self.came:
            self.seen.append((name, body))
            self.came.notify_all()

    def body(self, name: str, count: int = 1) -> Json:
        """What came under that name, once it has come so many times."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.bodies(name)) >= count, 5), self.seen
        return self.bodies(name)[-1]

    def bodies(self, name: str) -> list[Json]:
        return [body for noted, body in self.seen if noted == name]

    def _listen(self) -> None:
        bolt = self.bolt
        bolt.command("/send-status")(self.status)
        bolt.action("press")(self.press)
        bolt.action("replace")(self.replace)
        bolt.action("delete")(self.delete)
        bolt.action("wish_open")(self.wish_open)
        bolt.action("wish_more")(self.wish_more)
        for action in ("pick", "owner"):
            bolt.action(action)(self.noted)
        bolt.options("owner")(self.owners)
        bolt.view("wish")(self.wish)
        bolt.view_closed("wish")(self.closed)
        bolt.event("app_home_opened")(self.home)
        bolt.event("app_mention")(self.mention)
        bolt.event("message")(self.message)
        bolt.event("link_shared")(self.links)
        bolt.global_shortcut("wish")(self.wish_open)
        bolt.message_shortcut("which")(self.which)

    def status(self, ack: Ack, body: Json) -> None:
        self.note("command", body)
        words = body["text"]
        if words == "crash":
            raise ValueError(words)
        if words == "public":
            ack(response_type="in_channel", text="for all")
        elif words == "silent":
            ack()
        elif words == "broken":
            ack(blocks=[{"type": "header", "text": plain("x" * 151)}])
        elif words != "late":
            ack(text=f"you typed {words}", blocks=[section(f"you typed *{words}*"), OFFERS])

    def press(self, ack: Ack, body: Json, respond: Respond) -> None:
        ack()
        self.note("press", body)
        respond(text="pressed")

    def replace(self, ack: Ack, respond: Respond) -> None:
        ack()
        respond(text="replaced", replace_original=True)

    def delete(self, ack: Ack, respond: Respond) -> None:
        ack()
        respond(delete_original=True)

    def noted(self, ack: Ack, body: Json) -> None:
        ack()
        self.note(body["actions"][0]["action_id"], body)

    def wish_open(self, ack: Ack, body: Json) -> None:
        ack()
        self.client.views_open(trigger_id=body["trigger_id"], view=WISH)

    def wish_more(self, ack: Ack, body: Json) -> None:
        ack()
        self.note("wish_more", body)
        self.client.views_push(trigger_id=body["trigger_id"], view={**WISH, "title": plain("More")})

    def owners(self, ack: Ack, body: Json) -> None:
        self.note("options", body)
        if body["value"] == "broken":
            ack(options=[{"text": "Ann"}])
            return
        ack(options=[option(name) for name in ("Ann", "Andy", "Ben") if name.startswith(body["value"])])

    def wish(self, ack: Ack, body: Json) -> None:
        self.note("submitted", body)
        name = body["view"]["state"]["values"]["name"]["name"]["value"]
        if name in WISHES:
            ack(**WISHES[name])
        else:
            ack()

    def closed(self, ack: Ack, body: Json) -> None:
        ack()
        self.note("closed", body)

    def home(self, event: Json, body: Json) -> None:
        self.note("home", body)
        blocks = [section("Welcome"), actions(button("Go", "pick"))]
        self.client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    def mention(self, body: Json) -> None:
        self.note("mention", body)

    def message(self, body: Json) -> None:
        self.note("message", body)

    def links(self, event: Json, body: Json) -> None:
        self.note("links", body)
        card = {"blocks": [section("*On its way*"), actions(button("More", "press"))]}
        self.client.chat_unfurl(
            unfurls={event["links"][0]["url"]: card}, unfurl_id=event["unfurl_id"], source=event["source"],
        )

    def which(self, ack: Ack, body: Json) -> None:
        ack()
        self.note("which", body)
        view = {"type": "modal", "title": plain("Which"), "blocks": [section(f"You chose: {body['message']['text']}")]}
        self.client.views_open(trigger_id=body["trigger_id"], view=view)
