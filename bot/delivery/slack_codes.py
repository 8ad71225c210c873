"""What Slack's error codes mean for a message that was to be posted or redrawn.

The codes are those of Slack's reference pages of chat.postMessage, chat.update, conversations.history,
files.getUploadURLExternal, files.completeUploadExternal, files.info and users.lookupByEmail.
"""

from __future__ import annotations

from enum import StrEnum


class Blame(StrEnum):
    """What has to change before the same call can go through."""

    CHANNEL = "channel"
    WORKSPACE = "workspace"
    MESSAGE = "message"
    GONE = "gone"
    PACE = "pace"
    UNCLEAR = "unclear"


INVITE = "Invite the bot with “/invite @Sendwatch” in that channel."
OTHER_CHANNEL = (
    "Repair this one, or lead alerts to another: by its id in ALERT_CHANNEL or, where that is not set, by routes "
    "(/sends settings)."
)
"""For the channel that is the default. Of several workspaces each has one that no setting names."""
OTHER_ROUTE = (
    "Or name another one in the routes and escalations that lead there: “sendwatch config check” lists them."
)
"""The same for a channel that the configuration names."""
REINSTALL = "Reinstall the app in Slack. Where SLACK_BOT_TOKEN is set, put the new token (xoxb-…) there and restart."
LET_IN = "Ask an administrator of the organisation to let the app into this workspace (Slack's organisation settings)."
ASK_OWNER = "Ask an owner of the Slack workspace to let the app post there."
WAIT = "Slack says that this passes by itself."
CHECK_PEOPLE = "Check ADMIN_USERS and the routes that lead to people."
ALLOW_FILES = "Ask an owner of the Slack workspace to let the app upload files."

CHANNEL_ADVICE = {
    "channel_not_found": f"The channel does not exist, or it is private and the bot is not in it. {INVITE}",
    "not_in_channel": f"The bot is not in the channel. {INVITE}",
    "is_archived": f"The channel is archived. Unarchive it. {OTHER_CHANNEL}",
    "is_inactive": f"The channel is frozen. {OTHER_CHANNEL}",
    "messages_tab_disabled": "Switch the Messages tab of the app on (App Home in the app's settings in Slack).",
    "user_not_found": f"There is no such person in this workspace. {CHECK_PEOPLE}",
    "users_not_found": f"There is no such person in this workspace. {CHECK_PEOPLE}",
    "user_disabled": f"That person's account is switched off. {CHECK_PEOPLE}",
    "cannot_dm_bot": f"That is a bot, which takes no direct messages. {CHECK_PEOPLE}",
    "external_channel_migrating": WAIT,
    "no_permission": ASK_OWNER,
    "access_denied": ASK_OWNER,
    "not_allowed_token_type": REINSTALL,
}
RESTRICTED_ADVICE = f"A setting of the workspace or of the channel forbids the bot to post. {ASK_OWNER}"
WORKSPACE_ADVICE = {
    "not_authed": REINSTALL,
    "invalid_auth": REINSTALL,
    "token_revoked": REINSTALL,
    "token_expired": REINSTALL,
    "account_inactive": REINSTALL,
    "missing_scope": (
        "The app lacks a permission. Compare its scopes with manifest.yml, then reinstall the app in Slack."
    ),
    "org_login_required": "The workspace is moving to an enterprise organisation. " + WAIT,
    "team_added_to_org": "The workspace is moving to an enterprise organisation. " + WAIT,
    "team_access_revoked": LET_IN,
    "team_access_not_granted": LET_IN,
    "team_not_found": REINSTALL,
    "ekm_access_denied": "The organisation's key management has stopped posting. Ask its administrators.",
    "enterprise_is_restricted": "The organisation restricts this method. Ask its administrators.",
    "two_factor_setup_required": "Slack asks for two-factor authentication of the account that installed the app.",
}
OF_TOKEN = frozenset({"not_authed", "invalid_auth", "token_revoked", "token_expired", "account_inactive"})
"""What Slack says of a token that it does not take, whatever is asked with it."""
WITHDRAWN = frozenset({"token_revoked", "account_inactive"})
"""Those of them that Slack says of a token which was good, and never is again: the app was taken out."""
GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
"""A message that can no longer be redrawn; for a reply, the message above it is no longer there."""
THREAD_GONE = frozenset({"thread_not_found", "cannot_reply_to_message", "message_not_found"})
FILE_GONE = frozenset({"file_not_found", "file_deleted"})
"""Slack does not know the file any more, or has shared it before."""
FILES_ADVICE = {
    "missing_scope": WORKSPACE_ADVICE["missing_scope"],
    "file_uploads_disabled": ALLOW_FILES,
    "file_uploads_except_images_disabled": ALLOW_FILES,
    "file_type_not_allowed": ALLOW_FILES,
    "slack_connect_file_upload_sharing_blocked": ALLOW_FILES,
    "storage_limit_reached": "The Slack workspace has no room for files left. Ask an owner to make some.",
}
"""Codes that stop files and nothing else."""
NOBODY = frozenset({"channel_not_found", "user_not_found", "users_not_found", "user_disabled", "cannot_dm_bot"})
"""What Slack says of a direct message to somebody who is not there, or not any more."""
PACE = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
UNCLEAR = frozenset({
    "internal_error", "fatal_error", "service_unavailable", "request_timeout", "update_failed",
})
"""Slack's pages say of these that some part may have gone through."""


def blame(code: str) -> Blame:
    """What is to blame for a refusal.

    A code nobody has named is held against the message alone: one message waits then, not a channel.
    """
    if code in UNCLEAR:
        return Blame.UNCLEAR
    if code in PACE:
        return Blame.PACE
    if code in GONE:
        return Blame.GONE
    if code in WORKSPACE_ADVICE:
        return Blame.WORKSPACE
    if code in CHANNEL_ADVICE or code.startswith("restricted_action"):
        return Blame.CHANNEL
    return Blame.MESSAGE


def advice(code: str, *, is_routed: bool = False) -> str:
    """What an admin can do about it, in a sentence or two; `is_routed` where the channel is not ALERT_CHANNEL."""
    known = WORKSPACE_ADVICE | FILES_ADVICE | CHANNEL_ADVICE
    found = known.get(code, RESTRICTED_ADVICE)
    return found.replace(OTHER_CHANNEL, OTHER_ROUTE) if is_routed else found
