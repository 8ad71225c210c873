"""No link between the pages leads nowhere, no picture is missing or large, no page is forgotten."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.commands import FENCED, PAGES, ROOT

LINK = re.compile(r"\]\((?!https?://|mailto:)([^)\s]+)\)")
FILE = re.compile(r"`((?:bot|storage|tests|deploy|docs)/[\w./-]+|[\w-]+\.lock|\.ci/run|manifest\.yml|pyproject\.toml)`")
LARGEST = 250_000
"""Bytes of a picture."""


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", text_of(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(text_of(page)):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{link} leads to no file"
        assert not anchor or anchor in anchors(target), f"{link} leads to no heading"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_every_file_that_is_named_is_there(page: Path) -> None:
    for name in FILE.findall(text_of(page)):
        assert (ROOT / name).exists(), name


def test_a_heading_is_found_by_its_anchor() -> None:
    assert "use-it-in-your-slack-workspace" in anchors(ROOT / "README.md")
    assert "policies-how-an-alert-is-told-again" in anchors(ROOT / "docs/configuration.md")


def test_the_entrance_leads_to_every_page() -> None:
    entrance = ROOT / "docs/README.md"
    linked = {(entrance.parent / link.partition("#")[0]).resolve() for link in LINK.findall(text_of(entrance))}
    assert {page for page in PAGES if page != entrance} <= linked


def test_every_picture_is_shown_described_and_small() -> None:
    shown = {
        (page.parent / name).resolve(): words
        for page in PAGES for words, name in re.findall(r"!\[([^\]]*)\]\(([^)]+\.png)\)", text_of(page))
    }
    pictures = set((ROOT / "docs").glob("*.png"))
    assert set(shown) == pictures
    assert all(len(words) > 20 for words in shown.values()), "who cannot see it is told what it shows"
    assert all(picture.stat().st_size < LARGEST for picture in pictures)
