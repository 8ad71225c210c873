"""Whatever file somebody gives to `sendwatch config import`: what is wrong is named, and nothing ever breaks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from tests.bot.config.test_cli import Run
from tests.hostile import hostile

EXAMPLE = (Path(__file__).parent / "example.yml").read_text(encoding="utf-8")
DATA: dict[str, Any] = yaml.load(EXAMPLE, Loader=yaml.BaseLoader)  # noqa: S506 - it only makes texts
odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.sampled_from([
        "never", "3 business days", "18:00", "25:61", "9" * 400, "1e999", "-1", "C0123ABCD", "#x", "U0123ABCD",
        "2026-02-30",
        "America/Los_Angeles", "US", "XX", "overdue/support", "\x00", "\u202e", "<!channel>", "x" * 3_000, "ⅷ",
        "٣ days",
    ]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from([*DATA, "name", "to", "when", "policy", "repeat"]) | st.text(max_size=5), inner, max_size=3,
    ),
    max_leaves=6,
)


def places(data: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in a document."""
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    found = [(*path, key) for key, _ in parts]
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return found + [place for key, value in parts for place in places(value, (*path, key))]


def put(data: Any, path: tuple[Any, ...], value: object) -> Any:  # noqa: ANN401 - plain data
    """The document with that value in that place."""
    if not path:
        return value
    copy = dict(data) if isinstance(data, dict) else list(data)
    copy[path[0]] = put(data[path[0]], path[1:], value)
    return copy


def imported(run: Run, content: bytes) -> None:
    """Import it, as a preview; it is good, or each line of the complaint is a clear one."""
    path = Path("settings.yml")
    path.write_bytes(content)
    ran = run("config", "import", str(path), "--dry-run")
    assert ran.code in {0, 1, 2}, ran.err
    assert "Traceback" not in ran.err
    assert bool(ran.err) == bool(ran.code)
    assert all(line.isprintable() for line in ran.err.splitlines())
    assert len(ran.err) < 30_000


@hostile(30)
@given(place=st.sampled_from(places(DATA)), value=odd)
def test_a_good_file_with_one_odd_value(run: Run, place: tuple[Any, ...], value: object) -> None:
    imported(run, yaml.safe_dump(put(DATA, place, value), allow_unicode=True).encode("utf-8", "replace"))


@hostile(25)
@given(data=st.dictionaries(st.sampled_from(sorted(DATA)) | st.text(max_size=8), odd, max_size=4) | odd)
@example(data={"routes": [[[[[[[[[[[[[[]]]]]]]]]]]]]]})
def test_a_document_of_any_data(run: Run, data: object) -> None:
    imported(run, yaml.safe_dump(data, allow_unicode=True).encode("utf-8", "replace"))


@hostile(30)
@given(
    cuts=st.lists(st.tuples(st.integers(0, len(EXAMPLE)), st.integers(0, 9), st.binary(max_size=5) | st.sampled_from([
        b"\n", b": ", b"- ", b"&a ", b"*a", b"<<: *a", b"!!python/object:os.system ", b"---\n", b"...\n", b"\t",
        b"{", b"[",
        b"|", b">", b'"', b"'", b"#", b"%YAML 9.9\n", b"? ", b"\x00", b"\xff", b"\xef\xbb\xbf", b"[" * 2_000,
        b"{a: " * 500,
    ])), min_size=1, max_size=4),
)
def test_a_good_file_with_broken_bytes(run: Run, cuts: list[tuple[int, int, bytes]]) -> None:
    content = EXAMPLE.encode()
    for at, length, new in cuts:
        content = content[:at] + new + content[at + length:]
    imported(run, content)


@pytest.mark.parametrize("content", [
    b"a: &a [x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\nroutes: *c\n", b"routes: []\nroutes: []\n", b"[" * 100_000,
    b"{" * 100_000, b"a:\n " * 50_000, b"? " * 50_000, b"- " * 100_000, b"\xff\xfer\x00", b"routes: !!binary AAAA\n",
    b'"' * 99_999, b"a: |\n" + b" " * 99_999, b"%" * 9_999, b"&a " * 9_999, b"x" * 2_000_000,
])
def test_files_that_are_meant_to_hurt(run: Run, content: bytes) -> None:
    imported(run, content)
