"""`users.*`, `usergroups.*`, `auth.test` and the other methods that tell who is who."""

from __future__ import annotations

import secrets

from bot.playground.method import Args, Method
from bot.playground.slack import Slack
from bot.playground.slack_app import APP_ID, BOT_ID, BOT_NAME, BOT_USER, TEAM_ID
from bot.playground.slack_errors import Json, SlackError
from bot.playground.workspace import Member, UserGroup


def api_test(_slack: Slack, args: Args) -> Json:
    """Says what it was asked; with `error`, that error."""
    given = {name: value for name, value in args.items() if name != "token"}
    if "error" in given:
        raise SlackError(str(given["error"]), args=given)
    return {"ok": True, "args": given}


def auth_test(slack: Slack, _args: Args) -> Json:
    """Whose token this is."""
    return {
        "ok": True,
        "url": f"https://{slack.team.domain}.slack.com/",
        "team": slack.team.name,
        "user": BOT_NAME,
        "team_id": slack.team.id,
        "user_id": BOT_USER,
        "bot_id": BOT_ID,
        "is_enterprise_install": bool(slack.team.enterprise_id),
        **({"enterprise_id": slack.team.enterprise_id} if slack.team.enterprise_id else {}),
    }


def connections_open(slack: Slack, _args: Args) -> Json:
    """A ticket for one connection in Socket Mode."""
    ticket = secrets.token_urlsafe(16)
    slack.tickets.add(ticket)
    address = slack.url.replace("http://", "ws://", 1)
    return {"ok": True, "url": f"{address}/socket/?ticket={ticket}&app_id={APP_ID}"}


def users_info(slack: Slack, args: Args) -> Json:
    """A person, or the bot itself."""
    slack.need("users:read")
    user = args.words("user")
    if user == BOT_USER:
        return {"ok": True, "user": bot_form()}
    if user not in slack.state.people:
        raise SlackError("user_not_found")
    person = slack.state.people[user]
    locale = {"locale": person.locale} if args.flag("include_locale") else {}
    return {"ok": True, "user": user_form(slack, person) | locale}


def lookup_by_email(slack: Slack, args: Args) -> Json:
    """The person with that address; nobody who is deactivated."""
    slack.need("users:read.email")
    for person in slack.state.people.values():
        if not person.deleted and person.email == args.words("email").strip().lower():
            return {"ok": True, "user": user_form(slack, person)}
    raise SlackError("users_not_found")


def users_list(slack: Slack, args: Args) -> Json:
    """Everybody."""
    slack.need("users:read")
    slack.need_team(args.words("team_id"))
    people = [user_form(slack, person) for person in slack.state.people.values()]
    return {
        "ok": True,
        "members": [*people, bot_form()],
        "cache_ts": int(slack.clock().timestamp()),
        "response_metadata": {"next_cursor": ""},
    }


def groups_list(slack: Slack, args: Args) -> Json:
    """The user groups."""
    slack.need("usergroups:read")
    slack.need_team(args.words("team_id"))
    disabled = args.flag("include_disabled")
    groups = [group for group in slack.state.groups.values() if disabled or not group.is_disabled]
    return {"ok": True, "usergroups": [_group_form(slack, group, args) for group in groups]}


def group_users(slack: Slack, args: Args) -> Json:
    """Who is in a user group."""
    slack.need("usergroups:read")
    slack.need_team(args.words("team_id"))
    group = slack.state.groups.get(args.needed("usergroup"))
    if group is None or (group.is_disabled and not args.flag("include_disabled")):
        raise SlackError("no_such_subteam")
    return {"ok": True, "users": slack.state.active(group.members)}


def _group_form(slack: Slack, group: UserGroup, args: Args) -> Json:
    users = slack.state.active(group.members)
    form: Json = {
        "id": group.id,
        "team_id": slack.team.id,
        "is_usergroup": True,
        "is_subteam": True,
        "name": group.name,
        "description": group.description,
        "handle": group.handle,
        "is_external": False,
        "date_create": 0,
        "date_update": 0,
        "date_delete": int(group.is_disabled),
        "auto_type": None,
        "created_by": "U01ANN",
        "updated_by": "U01ANN",
        "deleted_by": None,
        "prefs": {"channels": [], "groups": []},
    }
    form |= {"users": users} if args.flag("include_users") else {}
    return form | ({"user_count": len(users)} if args.flag("include_count") else {})


def user_form(slack: Slack, person: Member) -> Json:
    """A person as the Web API gives them; the address only to an app that may read it."""
    offset = slack.clock().astimezone(person.zone).utcoffset()
    profile = {"real_name": person.real_name, "display_name": person.name, "team": slack.team.id}
    if slack.app.may("users:read.email"):
        profile["email"] = person.email
    return {
        "id": person.id,
        "team_id": person.home or slack.team.id,
        "name": person.name,
        "real_name": person.real_name,
        "deleted": person.deleted,
        "color": person.color.removeprefix("#"),
        "tz": person.tz,
        "tz_label": person.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "profile": profile,
        "is_admin": person.is_admin,
        "is_owner": False,
        "is_bot": False,
        "is_app_user": False,
        "updated": 0,
        **({"enterprise_user": _in_organisation(slack, person)} if slack.team.enterprise_id else {}),
    }


def _in_organisation(slack: Slack, person: Member) -> Json:
    return {
        "id": person.id, "enterprise_id": slack.team.enterprise_id, "is_admin": False, "is_owner": False,
        "teams": [person.home or slack.team.id],
    }


def bot_form() -> Json:
    """The bot's own user."""
    profile = {"real_name": "Sendwatch", "display_name": BOT_NAME, "bot_id": BOT_ID, "api_app_id": APP_ID}
    return {
        "id": BOT_USER,
        "team_id": TEAM_ID,
        "name": BOT_NAME,
        "real_name": "Sendwatch",
        "deleted": False,
        "profile": profile,
        "is_admin": False,
        "is_bot": True,
        "is_app_user": False,
    }


METHODS: dict[str, Method] = {
    "api.test": api_test,
    "auth.test": auth_test,
    "apps.connections.open": connections_open,
    "usergroups.list": groups_list,
    "usergroups.users.list": group_users,
    "users.info": users_info,
    "users.lookupByEmail": lookup_by_email,
    "users.list": users_list,
}
