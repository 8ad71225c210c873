"""Which addresses that come from outside the bot sends anything to: Slack's own. Pure.

A request carries where its answer goes, and Slack's answer where a file goes. Both are signed or come over TLS; but
what is sent there are people's names, and the bot stands inside somebody's network.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

DOMAINS = ("slack.com", "slack-files.com", "slack-gov.com")
_NAME = re.compile(r"[a-z0-9.-]+", re.ASCII)
"""With other signs in it, such as a backslash, a proxy on the way could read another host."""


def is_slacks(url: str | None, api_url: str) -> bool:
    """Whether that is an https address of Slack's, or one of the host that stands in for Slack (`SLACK_API_URL`)."""
    try:
        parts, api = urlsplit(url or ""), urlsplit(api_url)
        host, own = parts.hostname, api.hostname
        parts.port  # noqa: B018 - raises for a port that is not a number
    except ValueError:
        return False
    if not host or parts.username is not None or parts.password is not None:
        return False
    if _of_slack(host):
        return parts.scheme == "https" and parts.port in {None, 443}
    # With Slack itself there is no stand-in, and nothing on this machine or its network is ever meant.
    return not _of_slack(own or "") and host == own and parts.scheme in {"http", "https"}


def _of_slack(host: str) -> bool:
    return _NAME.fullmatch(host) is not None and any(
        host == domain or host.endswith(f".{domain}") for domain in DOMAINS
    )
