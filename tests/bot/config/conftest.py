"""The command line, as in `tests.bot.test_cli`."""

from __future__ import annotations

from tests.bot.test_cli import run

__all__ = ["run"]
