"""`views.*`: opening and changing modals and the Home tab."""

from __future__ import annotations

from collections.abc import Callable

from bot.playground.method import Args, Method
from bot.playground.slack import Slack
from bot.playground.slack_errors import Json, SlackError, bad_argument
from bot.playground.views import View


def open_view(slack: Slack, args: Args) -> Json:
    """A modal for the person of the trigger."""
    return _triggered(slack, args, slack.views.open)


def push_view(slack: Slack, args: Args) -> Json:
    """A modal on top of the one from which the trigger comes."""
    return _triggered(slack, args, slack.views.push)


def update_view(slack: Slack, args: Args) -> Json:
    """New content for an open view, found by its id or by the app's own id."""
    if args.words("external_id"):
        view = slack.views.by_external_id(args.words("external_id"))
    else:
        view = slack.views.get(args.needed("view_id"))
    view = slack.views.update(view, _content(args), args.get("hash"))
    return {"ok": True, "view": view.api_form()}


def publish_view(slack: Slack, args: Args) -> Json:
    """The Home tab of a person."""
    if not slack.app.home_tab:
        raise SlackError("not_enabled")
    user = args.needed("user_id")
    if user not in slack.state.people:
        raise SlackError("user_not_found")
    view = slack.views.publish(user, _content(args), args.get("hash"))
    return {"ok": True, "view": view.api_form()}


def _triggered(slack: Slack, args: Args, show: Callable[[str, object, str | None], View]) -> Json:
    trigger = slack.triggers.check(args.needed("trigger_id"))
    view = show(trigger.user, _content(args), trigger.channel)
    trigger.used = True
    return {"ok": True, "view": view.api_form()}


def _content(args: Args) -> object:
    content = args.structure("view", "invalid_arguments")
    if content is None:
        raise bad_argument("invalid_arguments", "missing required field: view")
    return content


METHODS: dict[str, Method] = {
    "views.open": open_view,
    "views.push": push_view,
    "views.update": update_view,
    "views.publish": publish_view,
}
