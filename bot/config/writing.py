"""A configuration as people read it: YAML in a fixed order, with what each section is for."""

from __future__ import annotations

from typing import Any

import yaml

from bot.config.document import SECTIONS, Document
from bot.config.names import NEVER

WIDTH = 110

HEAD = """\
# How Sendwatch works here. Change it and take it in with: sendwatch config import FILE
# A section that a file does not hold stays as it is; one that is there but empty goes back to its default.
# docs/configuration.md describes every key.
"""

ABOUT: dict[str, str] = {
    "calendar": """\
# Business days: the clock by which they are counted (without a zone: TZ_DEFAULT), the country whose public holidays
# are free (none: no country's), days off of your own, and days on which you work although they would be free.
# What comes after the cut-off counts as of the next business day.
# Example:
#   zone: Europe/Berlin
#   country: DE
#   subdivision: BE
#   days_off: [2026-12-24, 2026-12-27 to 2026-12-31]
#   cut_off: "12:00"
""",
    "policies": """\
# How an alert is told again while nobody acts: after these intervals, the last of them again and again (repeat: never
# for once only), in its thread or in the channel, too. Escalation says what else happens, and quiet when nothing is
# told but what is excepted.
# Example:
#   urgent:
#     repeat: [4h, 1d]
#     escalate:
#       - {after: 4h, mention: [S0123ABCD]}
#       - {after: 2d, channel: C0456EFGH, dm_sender: true}
#     quiet: {from: "18:00", to: "08:00", working_days: [mon-fri], except: [needs_action, overdue/support]}
""",
    "routes": """\
# Where an alert goes: the first route that fits, and with continue: true the ones after it as well; ALERT_CHANNEL where
# none fits or a route names no channel. Every key of when has to fit, by one of its words; * and ? stand for any.
# Example:
#   - name: big gifts
#     when: {team: [Sales, Partners], amount_from: 100 USD}
#     channel: C0123ABCD
#     policy: urgent
""",
    "budgets": """\
# How many messages a channel may get in a day, and at once (within ten minutes). What comes above goes into one
# summary that grows. A channel's own line is found by its id.
# Example:
#   C0123ABCD: {a_day: 10}
""",
    "permissions": """\
# Who may press what: anyone, the sender of the gift, admins, user ids (U…) and user group ids (S…); any one of them is
# enough. What is not named is for anyone, and admins may do everything.
# Example:
#   resolve: [sender, S0123ABCD]
#   mute: [admins]
#   look_up: [team, S0123ABCD]        # people find their own team's sends; the group finds all
""",
    "thresholds": """\
# How long a send may stay in a status until it is late, or a case for Sendoso's support; what is not named here keeps
# the limits that "sendwatch meaning STATUS" shows.
# Example:
#   - {status: Shipped, after: 12 days, campaign: Autumn}
#   - {status: Order Received, level: support, after: 5 business days}
#   - {status: Opened, after: never}
""",
    "digests": """\
# Summaries of what became of the sends of a day or a week, with a picture: of all sends, or of those that a route's
# when asks for. They go to the route's channel, or to ALERT_CHANNEL, or where you say. By default there is none.
# Example:
#   - {every: week, at: "09:00", days: mon}
#   - {every: day, at: "08:30", route: big gifts, channel: C0456EFGH, zone: Europe/Berlin}
""",
    "look_ups": """\
# Whether it is put on record who looks up which sends, and for how long that is kept. By default it is not.
# Example:
#   record: true
#   keep: 90d
""",
}


class _Dumper(yaml.SafeDumper):
    """Writes lists below their keys with an indent, as people do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        super().increase_indent(flow, False)  # noqa: FBT003 - yaml's own signature

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - yaml's own signature
        return True


def write(document: Document) -> str:
    """The whole document with comments. Reading it gives the same document again."""
    plain = document.plain()
    return "\n".join([HEAD, *(f"{ABOUT[section]}{section_text(section, plain[section])}" for section in SECTIONS)])


def section_text(section: str, body: Any) -> str:  # noqa: ANN401 - plain data of any shape
    """One section as YAML, without comments; plain data as `Document.plain` gives it."""
    return yaml.dump(
        {section: _worded(body) if section == "policies" else body},
        Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH, default_flow_style=None,
    )


def _worded(policies: Any) -> Any:  # noqa: ANN401 - as above
    """With the word for what is told once only: an empty list would say it, too, but no manual knows it."""
    if not isinstance(policies, dict):
        return policies
    return {
        name: policy | {"repeat": NEVER} if isinstance(policy, dict) and policy.get("repeat") == [] else policy
        for name, policy in policies.items()
    }
