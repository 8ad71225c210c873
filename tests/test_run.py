"""`run.py` itself: what it does before anything of Sendwatch's runs."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import threading
from pathlib import Path
from types import ModuleType

import pytest

RUN = Path(__file__).resolve().parent.parent / "run.py"


class _Heard:
    """Takes what is written to stderr, and lets a test wait for it."""

    def __init__(self) -> None:
        self.text, self.came = "", threading.Event()

    def write(self, text: str) -> None:
        self.text += text
        self.came.set()


@pytest.fixture
def run(tmp_path: Path) -> ModuleType:
    """`run.py` of a checkout of its own."""
    spec = importlib.util.spec_from_file_location("run_of_a_checkout", shutil.copy(RUN, tmp_path))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such lock")
def test_two_runs_at_once_set_a_checkout_up_one_after_the_other(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard, filled = _Heard(), threading.Event()
    monkeypatch.setattr(sys, "stderr", heard)
    monkeypatch.setattr(run, "fill", lambda _lock: filled.set())
    second = threading.Thread(target=run.install, args=(Path("requirements.lock"),))
    with run.alone():
        second.start()
        assert heard.came.wait(30)
        assert heard.text == "Another run sets this checkout up; waiting for it …\n"
        assert not filled.is_set()
    second.join(30)
    assert filled.is_set()
