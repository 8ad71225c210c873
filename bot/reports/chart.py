"""The picture of a report: what happened, beside the period before, and how old the open sends are.

It is drawn by a process of its own, `python -m bot.reports.chart`, which reads a report as JSON and writes a PNG:
the library takes some eighty megabytes, which the bot would else keep for ever. See `picture`.
"""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

from bot.reports import words
from bot.reports.summary import Summary

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INCHES, DOTS = (8.0, 4.5), 160
# Its own light ground, so that it reads the same on Slack's light and dark; every number is written beside its bar, so
# that no colour has to be told from another.
GROUND, INK, SMALL, LINE = "#f8f9fb", "#1d2433", "#4a5568", "#c9d1de"
THIS, THAT, AGED = "#2f5d9b", "#9db4d3", "#6b5b95"
BAR, GAP = 0.38, 0.02
FONT, SMALL_FONT, TITLE = 9.5, 8.5, 13


def png(found: Summary) -> bytes:
    """The picture as a PNG of 1280 by 720 dots."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy, and wanted by nobody who only imports this

    figure = Figure(figsize=INCHES, dpi=DOTS, facecolor=GROUND, edgecolor=LINE, linewidth=2)
    figure.text(0.03, 0.93, words.title(found), color=INK, fontsize=TITLE, fontweight="bold", parse_math=False)
    figure.text(
        0.03, 0.875, f"Dark bars: this period. Light bars: {found.period.before_name}.", color=SMALL,
        fontsize=SMALL_FONT, parse_math=False,
    )
    happened = figure.add_axes((0.225, 0.06, 0.36, 0.74))
    _happened(happened, found)
    ages = figure.add_axes((0.66, 0.16, 0.31, 0.60))
    _ages(ages, found)
    written = io.BytesIO()
    figure.savefig(written, format="png", facecolor=GROUND, edgecolor=LINE, metadata={"Software": None})
    return written.getvalue()


def _happened(axes: Axes, found: Summary) -> None:
    bars = words.bars(found.now, found.before)
    highest = max(1, *(number for _, *pair in bars for number in pair))
    for place, (_, these, those) in enumerate(bars):
        for number, colour, up in ((these, THIS, -1), (those, THAT, 1)):
            at = place + up * (BAR + GAP) / 2
            axes.barh(at, number, height=BAR, color=colour)
            axes.text(
                number + highest * 0.02, at, f"{number:,}", va="center", color=INK if colour == THIS else SMALL,
                fontsize=FONT if colour == THIS else SMALL_FONT, fontweight="bold" if colour == THIS else "normal",
            )
    axes.set_yticks(range(len(bars)), [name for name, _, _ in bars], color=INK, fontsize=FONT)
    axes.set_xlim(0, highest * 1.22)
    axes.invert_yaxis()
    axes.set_xticks([])
    _bare(axes, "left")


def _ages(axes: Axes, found: Summary) -> None:
    names = [words.age(one, found.ages).replace(" to ", "–").replace(" or more", "+") for one in found.ages]  # noqa: RUF001
    numbers = [one.number for one in found.ages]
    highest = max(1, *numbers) if numbers else 1
    axes.bar(range(len(numbers)), numbers, width=0.7, color=AGED)
    for place, number in enumerate(numbers):
        axes.text(
            place, number + highest * 0.02, f"{number:,}", ha="center", va="bottom", color=INK, fontsize=FONT,
            fontweight="bold",
        )
    axes.set_xticks(range(len(names)), names, color=INK, fontsize=SMALL_FONT)
    axes.set_ylim(0, highest * 1.15)
    axes.set_yticks([])
    axes.set_title("Open now, by days in their status", color=INK, fontsize=FONT, fontweight="bold", pad=12)
    _bare(axes, "bottom")


def _bare(axes: Axes, base: str) -> None:
    """Only the line on which the bars stand."""
    axes.set_facecolor(GROUND)
    axes.tick_params(length=0)
    for side, spine in axes.spines.items():
        spine.set_visible(side == base)
        spine.set_color(LINE)


def main() -> None:
    """Read a report from standard input, write its picture to standard output."""
    sys.stdout.buffer.write(png(Summary.from_json(json.load(sys.stdin))))


if __name__ == "__main__":
    main()
