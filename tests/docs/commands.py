"""What the README and the pages of docs/ tell people to type."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))
FENCED = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:python3 run\.py|sendwatch) [a-z][^`]*|/(?:sends|send-status|send-meaning)\b[^`]*)`")
SHELLS = {"", "console", "sh", "text"}
SLASH = re.compile(r"/(?:sends|send-status|send-meaning)\b")


@dataclass(frozen=True)
class Told:
    """One line of a page."""

    page: str
    line: str

    @property
    def words(self) -> list[str]:
        return shlex.split(self.line)

    @property
    def program(self) -> list[str]:
        """Without what starts it: `sendwatch status x` and `python3 run.py status x` are both `status x`."""
        words = self.words
        return words[1:] if words[0] == "sendwatch" else words[2:] if words[:2] == ["python3", "run.py"] else words

    @property
    def is_ours(self) -> bool:
        # What is typed in Slack goes by no shell's quotes, as in jane's.
        return not SLASH.match(self.line) and (
            self.words[0] == "sendwatch" or self.words[:2] == ["python3", "run.py"]
        )


def shell(pages: tuple[Path, ...] = PAGES) -> list[Told]:
    """Every command in a block, in the order of the pages."""
    return [told for told in _blocks(pages) if not SLASH.match(told.line)]


def slash(pages: tuple[Path, ...] = PAGES) -> list[Told]:
    """Every slash command, in a block or within a sentence."""
    return [told for told in (*_blocks(pages), *inline(pages)) if SLASH.match(told.line)]


def inline(pages: tuple[Path, ...] = PAGES) -> list[Told]:
    """Every command within a sentence."""
    return [Told(page.name, one) for page in pages for one in INLINE.findall(_prose(page))]


def _prose(page: Path) -> str:
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def _blocks(pages: tuple[Path, ...]) -> Iterator[Told]:
    for page in pages:
        for _, language, text in FENCED.findall(page.read_text(encoding="utf-8")):
            if language in SHELLS:
                yield from (Told(page.name, line) for line in _lines(text))


def _lines(text: str) -> Iterator[str]:
    for line in text.replace("\\\n", " ").splitlines():
        told = re.sub(r"\s+#\s.*$", "", line.strip().removeprefix("$ ")).strip()
        if told and not told.startswith("#"):
            yield " ".join(told.split())
