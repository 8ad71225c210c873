"""Files are there as a whole or not at all, and nothing else is put out of their place."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from bot.reports import export
from bot.whole_files import whole


def test_a_file_that_is_not_finished_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("before")
    with pytest.raises(RuntimeError), whole(path) as there:
        there.write_text("half")
        raise RuntimeError
    assert (path.read_text(), list(tmp_path.iterdir())) == ("before", [path])


def test_what_is_no_file_is_written_to_and_stays_what_it_is(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", list[str]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    export.save(b"told", pipe)
    reader.join(10)
    assert (read, stat.S_ISFIFO(pipe.stat().st_mode)) == (["told"], True)


def test_a_link_goes_on_leading_to_the_file(tmp_path: Path) -> None:
    link, file = tmp_path / "link.csv", tmp_path / "file.csv"
    file.write_text("before")
    link.symlink_to(file)
    export.save(b"told", link)
    assert (link.is_symlink(), file.read_text()) == (True, "told")
