"""What was found of one of several workspaces, without what is the server's, and in words for what it has itself."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.delivery.slack_codes import OTHER_CHANNEL
from bot.doctor.finding import Finding, Report
from bot.doctor.setup import MACHINE, SETTINGS

ITS_OWN = {"SLACK_BOT_TOKEN": "its token", "ALERT_CHANNEL": "its channel for alerts", "ADMIN_USERS": "its admins"}
"""Settings of a bot that serves one workspace, and what a workspace has instead."""
BY_ROUTES = "Repair this one, or lead its alerts to another with routes: /sends settings."
NO_SETTING = "Who installs the app becomes one of them; “sendwatch forget” takes out whoever has left."
OF_ONE = re.compile(r"“sendwatch (sync|import|config check|config import)\b")
"""Commands that ask which workspace is meant, where there are several."""


def of_one(report: Report, team_id: str) -> Report:
    """The same for somebody who sets up that workspace.

    The machine is the same for all of them, and the settings are made from what the workspace has installed.
    """
    return Report(findings=tuple(
        _worded(one, team_id) for one in report.findings if one.topic not in {MACHINE, SETTINGS}
    ))


def _worded(one: Finding, team_id: str) -> Finding:
    mend = one.mend.replace(OTHER_CHANNEL, BY_ROUTES)
    if "ADMIN_USERS" in mend:
        mend = f"{mend.replace('ADMIN_USERS', ITS_OWN['ADMIN_USERS'])} {NO_SETTING}"
    value = one.value
    for setting, words in ITS_OWN.items():
        value = value.replace(setting, words)
    return replace(one, value=value, mend=OF_ONE.sub(rf"“sendwatch \1 --workspace {team_id}", mend))
