"""The window in which an admin gives Sendwatch access to the workspace's Sendoso. It never shows a secret."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from bot.sends.connecting import ADDRESS, LONGEST, OAUTH, TOKEN, WEBHOOKS, Standing
from bot.slack.blocks import setting_fields
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.limits import actions, button, confirm, context, divider, modal, section
from bot.slack.blocks.setting_fields import Field
from bot.slack.blocks.setting_windows import who
from bot.slack.blocks.setup_card import CHECK
from bot.slack.blocks.text import count, escape, stamp

CALLBACK, DONE = "sendoso_modal", "sendoso_done_modal"
OPEN, REMOVE = "sendoso_open", "sendoso_remove"
TITLE = "Sendoso"
CONNECT, CHANGE = "Connect Sendoso", "Sendoso access"
HOW: Mapping[str, str] = {
    "token": "with an access token", "oauth": "by OAuth", "": "by webhooks only",
}
NOT_SET = "*Not connected yet.* Sends come in by themselves once Sendwatch may read your Sendoso account."
UNSEEN = (
    "What you fill in is checked with Sendoso, stored encrypted and shown to nobody again, not to you either. "
    "Slack shows it while you type."
)
KEPT = "Leave empty what shall stay as it is."
ASKING = "⏳ Asking Sendoso whether it works. This takes some seconds …"
EMPTY = "The fields are empty again, since nothing of them is kept here."
CONNECTED = (
    "✅ *Sendoso is connected.* The access works, and is stored encrypted.\n"
    "Sendwatch begins to read your sends now. A thousand take about two seconds, a large account some minutes; "
    "`/send-status` finds what has come in so far."
)
ONLY_WEBHOOKS = (
    "✅ *Stored.* Webhooks that are signed with that secret are taken in from now on. Without an access token or OAuth "
    "nothing else is read from Sendoso."
)
CHECKED = "“Check set-up” says when the last sync ended. Who changed the access, and when, is in the audit log."
GONE = "*The access was removed*, and its tokens are deleted here. What was read of your sends stays."
WAS_GONE = "There is no access any more that could be removed."
ELSEWHERE = (
    "Sendoso's access is not set in Slack here: this Sendwatch serves one workspace, and whoever runs it sets "
    "`SENDOSO_ACCESS_TOKEN`, or OAuth's `SENDOSO_CLIENT_ID`, `SENDOSO_CLIENT_SECRET` and `SENDOSO_REFRESH_TOKEN`, "
    "where it runs. `/sends check` says whether it works."
)


def fields(stand: Standing) -> tuple[Field, ...]:
    """What can be filled in; the same fields are drawn and read."""
    stays = KEPT if stand.is_set else ""
    return (
        Field(name=TOKEN, label="Access token", kind="text", longest=LONGEST,
              hint=f"A token of somebody who may read all sends in Sendoso. {stays}".strip()),
        Field(name=OAUTH[0], label="OAuth: client id", kind="text", longest=LONGEST,
              hint="Instead of the token: these three renew themselves."),
        Field(name=OAUTH[1], label="OAuth: client secret", kind="text", longest=LONGEST),
        Field(name=OAUTH[2], label="OAuth: refresh token", kind="text", longest=LONGEST,
              hint="It works once, and is used now. What Sendoso gives for it is kept here."),
        Field(name=WEBHOOKS, label="Signing secrets of webhooks", kind="text", longest=LONGEST, placeholder="whsec_…",
              hint=f"From Sendoso's webhook portal; several are separated by commas. {stays}".strip()),
        Field(name=ADDRESS, label="Address of Sendoso's API", kind="text", longest=500,
              hint="Only where your Sendoso is not at the usual address."),
    )


def read(values: Mapping[str, Any], stand: Standing) -> dict[str, Any]:
    """What was filled in, by the names of settings."""
    found = setting_fields.read(fields(stand), {named(one): state for one, state in values.items()})
    signing = [one.strip() for one in str(found.get(WEBHOOKS, "")).split(",") if one.strip()]
    return {**found, WEBHOOKS: signing}


def named(block_id: str) -> str:
    """The setting that a field of the window is for."""
    return block_id.partition(".")[0]


def summary(stand: Standing) -> str:
    """How it stands, in finished mrkdwn."""
    if not stand.is_set:
        return NOT_SET
    hooks = f", and {count(stand.webhooks, 'signing secret')} of webhooks" if stand.webhooks and stand.how else ""
    since = f" {who(stand.by)}, {stamp(stand.at)}" if stand.at is not None else ""
    place = f"\nIts API is asked at {escape(stand.address)}." if stand.address and "@" not in stand.address else ""
    return f"*Connected {HOW[stand.how]}*{hooks}.{f' Set by{since}.' if since else ''}{place}"


def form(stand: Standing, data: dict[str, Any], *, said: Sequence[str] = (), address: str | None = None) -> Block:
    """The fields, empty but for the address; `said` (finished mrkdwn) goes first, such as why it was not taken.

    Slack would keep what was typed in fields that it knows already: drawn again, they have other ids.
    """
    shown = stand.address if address is None else address
    return modal(TITLE, [
        *(section(text) for text in said),
        section(summary(stand), _remove() if stand.is_set else None),
        context(UNSEEN),
        divider(),
        *(
            setting_fields.block(one, shown if one.name == ADDRESS and "@" not in shown else None)
            | {"block_id": f"{one.name}.{secrets.token_hex(4)}"}
            for one in fields(stand)
        ),
    ], callback_id=CALLBACK, data=data, submit="Check and store", close="Close")


def _remove() -> Block:
    return button(
        "Remove access", REMOVE, {}, label="Remove the access to Sendoso", style="danger",
        confirm=confirm(
            "Remove the access?",
            "No sends are read any more, and webhooks are refused. What was read stays. The token or OAuth and the "
            "signing secrets are deleted here; revoke them in Sendoso, too.", "Remove it",
        ),
    )


def asking() -> Block:
    """The window while Sendoso is asked."""
    return modal(TITLE, [section(ASKING)], callback_id=DONE, close="Close")


def done(stand: Standing) -> Block:
    """What is in force now, and what comes next."""
    return modal(TITLE, [
        section(CONNECTED if stand.how else ONLY_WEBHOOKS),
        section(summary(stand)),
        actions(button("Check set-up", CHECK, {}, label="Check whether everything is set up")),
        context(CHECKED),
    ], callback_id=DONE, close="Close")


def told(stand: Standing) -> list[Block]:
    """How it stands, with the button, as the overview of the settings shows it."""
    return [section(f"*Access to Sendoso*\n{summary(stand)}", opener(stand))]


def opener(stand: Standing) -> Block:
    """The button that opens the window."""
    text = CHANGE if stand.is_set else CONNECT
    return button(text, OPEN, {}, label=f"{text}: open the window for it", style=None if stand.is_set else "primary")
