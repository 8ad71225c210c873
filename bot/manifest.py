"""The app's manifest: which scopes it asks for, and what each is for."""

from __future__ import annotations

import re
from pathlib import Path

PLACES = Path(__file__).parents[1] / "manifest.yml", Path(__file__).parent / "manifest.yml"
"""Where it lies: in a checkout, and in an installed package."""
SAME = "the same"
SCOPE = re.compile(r"\s+- (?P<scope>[a-z]+(?:[:._][a-z._]+)*)\s+# (?P<why>\S.*)")


def text() -> str:
    """The manifest as it is pasted into Slack; empty where it is not to be found."""
    return next((place.read_text(encoding="utf-8") for place in PLACES if place.exists()), "")


def scopes(manifest: str) -> dict[str, str]:
    """The bot's scopes, each with what it is for."""
    # Comments are what says so, and no reader of YAML keeps them.
    _, _, part = manifest.partition("oauth_config:")
    part, _, _ = part.partition("\nsettings:")
    told: dict[str, str] = {}
    before = ""
    for found in filter(None, map(SCOPE.fullmatch, part.splitlines())):
        why = found["why"].strip()
        # "the same in private channels" says nothing without the line above it.
        before = before if why.startswith(SAME) else why
        told[found["scope"]] = f"{before} ({why.removeprefix(SAME).strip()})" if why.startswith(SAME) else why
    return told
