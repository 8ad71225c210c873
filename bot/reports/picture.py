"""The picture of a report, drawn beside the bot so that the bot stays small."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from bot.reports.summary import Summary

PATIENCE = 30
"""Seconds that drawing may take: it takes one or two; on its first use fonts are read, and a machine may be busy."""
SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SECRETS = ("SLACK_", "SENDOSO_", "DATABASE_URL", "ENCRYPTION_KEYS")


class NotDrawnError(RuntimeError):
    """The picture could not be drawn; the message says why."""


def png(found: Summary) -> bytes:
    """The picture as a PNG. Raises NotDrawnError."""
    # A process that needs no secrets gets none.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_SECRETS)}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "bot.reports.chart"], input=json.dumps(found.as_json()).encode(), check=False,
            capture_output=True, timeout=PATIENCE, env=environment | {"MPLBACKEND": "Agg"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotDrawnError(f"the picture was not drawn: {type(error).__name__}") from None
    if done.returncode or not done.stdout.startswith(SIGNATURE):
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise NotDrawnError(f"the picture was not drawn: {' '.join(last) or f'exit code {done.returncode}'}"[:300])
    return done.stdout
