"""Files that commands write: there as a whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Where to write what shall stand in `path`, which is put there when all of it is written.

    What is no file, such as /dev/stdout, is written to: another file in its place would be one that nobody wants.
    """
    if path.exists() and not path.is_file():
        yield path
        return
    # Of a link the file is replaced to which it leads.
    target = path.resolve()
    beside = target.with_name(f"{target.name}.part")
    try:
        yield beside
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
