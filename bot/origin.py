"""Which workspace's bot has said something, written on what it says where one Sendwatch serves several. Pure.

With an organisation's installation one bot speaks for all of its workspaces, in channels that they may share; and of
a press Slack tells no more than where the presser is at home. Where a bot serves one workspace, nothing is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WORKSPACE = "workspace"
"""What the mark is called in the metadata of a message."""
_ON_ACTION = re.compile(r"(.*)@(T[A-Z0-9]{2,30})", re.ASCII | re.DOTALL)
_ON_VIEW = re.compile(r"(T[A-Z0-9]{2,30})@(.*)", re.ASCII | re.DOTALL)
_VIEWS = frozenset({"modal", "home"})


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The workspace for which a bot speaks; empty where that needs no telling, since it serves one."""

    workspace: str = ""
    shares_bot: bool = False
    """Whether Slack knows it as the same bot as that of other workspaces: the one of their organisation."""

    @property
    def mark(self) -> dict[str, str]:
        """What the metadata of its messages say besides."""
        return {WORKSPACE: self.workspace} if self.workspace else {}

    def is_own(self, metadata: Mapping[str, Any]) -> bool:
        """Whether a message of this app with these metadata is its own.

        One without a mark is older than the marks: its own, but where it may as well be another workspace's.
        """
        if not self.workspace:
            return True
        mark = metadata.get(WORKSPACE)
        return not self.shares_bot if mark is None else mark == self.workspace

    def signed(self, content: Any) -> Any:  # noqa: ANN401 - JSON
        """What is to be drawn (JSON), telling in each press, choice and form that comes back who has drawn it.

        In messages the action ids tell it. In windows and Home tabs the private metadata do, for there the action ids
        name what was filled in.
        """
        if not self.workspace:
            return content
        if isinstance(content, list):
            return [self.signed(one) for one in content]
        if not isinstance(content, dict):
            return content
        if content.get("type") in _VIEWS:
            return {**content, "private_metadata": f"{self.workspace}@{content.get('private_metadata') or ''}"}
        drawn = {name: self.signed(one) for name, one in content.items()}
        if isinstance(drawn.get("action_id"), str):
            drawn["action_id"] = f"{drawn['action_id']}@{self.workspace}"
        return drawn


ALONE = Origin()
"""That of a bot which serves one workspace."""


def signer(body: Mapping[str, Any]) -> str:
    """The workspace whose bot has drawn what a request comes from; empty where that does not say."""
    view = _ON_VIEW.fullmatch(_metadata(body))
    if view is not None:
        return view[1]
    found = (_ON_ACTION.fullmatch(_text(one.get("action_id"))) for one in [body, *_actions(body)])
    return next((one[2] for one in found if one is not None), "")


def unsigned(body: dict[str, Any]) -> dict[str, Any]:
    """The body of a request as it would be had nothing been signed."""
    if not signer(body):
        return body
    body = _plain(body)
    if isinstance(body.get("actions"), list):
        body["actions"] = [_plain(one) if isinstance(one, dict) else one for one in body["actions"]]
    view = _ON_VIEW.fullmatch(_metadata(body))
    if view is not None:
        body["view"] = {**body["view"], "private_metadata": view[2]}
    return body


def _plain(part: dict[str, Any]) -> dict[str, Any]:
    found = _ON_ACTION.fullmatch(_text(part.get("action_id")))
    return {**part, "action_id": found[1]} if found is not None else {**part}


def _actions(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = body.get("actions")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _metadata(body: Mapping[str, Any]) -> str:
    view = body.get("view")
    return _text(view.get("private_metadata")) if isinstance(view, dict) else ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
