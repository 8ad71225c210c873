"""The app's manifest: which scopes it asks for, and what each is for."""

from __future__ import annotations

import re
from pathlib import Path

PLACES = Path(__file__).parents[1] / "manifest.yml", Path(__file__).parent / "manifest.yml"
"""Where it lies: in a checkout, and in an installed package."""
SCOPE = re.compile(r"\s+- (?P<scope>[a-z]+(?:[:._][a-z._]+)*)\s+# (?P<why>\S.*)")


def text() -> str:
    """The manifest as it is pasted into Slack; empty where it is not to be found."""
    return next((place.read_text(encoding="utf-8") for place in PLACES if place.exists()), "")


def scopes(manifest: str) -> dict[str, str]:
    """The bot's scopes, each with what it is for."""
    # Comments are what says so, and no reader of YAML keeps them.
    _, _, part = manifest.partition("oauth_config:")
    part, _, _ = part.partition("\nsettings:")
    return {found["scope"]: found["why"].strip() for line in part.splitlines() if (found := SCOPE.fullmatch(line))}
