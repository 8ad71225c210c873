"""Whatever stands in the environment or in `.env`: it is right, or a sentence names the setting and tells no secret."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.cli import main
from bot.settings import Settings, SettingsError, load
from tests.hostile import hostile

NAMES = sorted(Settings.model_fields)
SECRETS = [name for name in NAMES if "token" in name or "secret" in name or name in {"encryption_keys", "database_url"}]
OAUTH = ("ENCRYPTION_KEYS", "SENDOSO_CLIENT_ID", "SENDOSO_CLIENT_SECRET", "SENDOSO_REFRESH_TOKEN")
HIDDEN = "hunter2"
digits = st.text(st.sampled_from("0123456789."), max_size=400)
odd = st.one_of(
    st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30), digits,
    st.tuples(digits, st.sampled_from(["ms", "s", "m", "h", "d", "w", "y", "x", "S"])).map("".join),
    st.sampled_from([
        "9" * 400 + "s", "1e400s", "0.0000001ms", "٣s", "-1", "65536", "99999999999999999999999", "0x10", " 80 ",
        "80.0",
        "true", "null", "[]", "{}", "a,,b", ",", "C", "C0", "c0123abcd", "#general", "U1,U2", "<@U012>", "W" * 300,
        "America", "America/", "/etc/passwd", "../UTC", "UTC\n", "utc", "posixrules", "Europe/" + "x" * 300, "\ufeff",
        "http://", "https://[::1", "https://[::1]", "https://h:99999", "https://h:x", "http://a b",
        "file:///etc/passwd",
        "https://user:hunter2@h", "sqlite://", "sqlite:///", "sqlite:///:memory:", "postgresql://", "DEBUG ", "xml",
        "postgresql://u:hunter2@h:port/db", "postgresql://u:hunter2@[::1/db", "postgresql+asyncpg://h/db",
        "hunter2://x",
        "sqlite+hunter2://x", "postgresql://u:hunter2@h:99999999/db?x=%", "xoxb-hunter2\r\n", "é" * 43 + "=",
        "A" * 43 + "=",
    ]),
)


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def are_clear(problems: list[str], *names: str) -> bool:
    """Whether each is one line that can be printed, tells no secret, and one of the settings is named in each."""
    return all(
        line.isprintable() and line.endswith(".") and HIDDEN not in line and len(line) < 1_000
        and any(name.upper() in line for name in names) for line in problems
    )


def problems_of(**values: str) -> list[str]:
    """What is wrong with these settings; nothing where they are right."""
    try:
        made = repr(load(**values))
    except SettingsError as error:
        return error.problems
    assert HIDDEN not in made or any(HIDDEN in value for name, value in values.items() if name not in SECRETS)
    return []


@hostile(400)
@given(name=st.sampled_from(NAMES), value=odd)
@example(name="sync_every", value="9" * 400 + "s")
@example(name="database_url", value="postgresql://u:hunter2@h:port/db")
def test_any_text_in_any_setting(name: str, value: str) -> None:
    found = problems_of(**{name: value})
    if name in SECRETS or HIDDEN not in value:
        assert are_clear(found, name, *OAUTH), found


@hostile(60)
@given(values=st.dictionaries(st.sampled_from(NAMES), odd, min_size=2, max_size=12))
def test_any_texts_in_many_settings(values: dict[str, str]) -> None:
    found = problems_of(**{name: value for name, value in values.items() if name in SECRETS or HIDDEN not in value})
    assert are_clear(found, *NAMES), found


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("value", [HIDDEN, f"{HIDDEN},\n{HIDDEN}", f"postgresql://u:{HIDDEN}@h:p/d",
f"x\u202e{HIDDEN}"])
def test_no_secret_is_ever_told(name: str, value: str) -> None:
    assert HIDDEN not in "".join(problems_of(**{name: value}))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[], tuple[int, str]]:
    """`sendwatch status jane` in this directory and environment: its exit code and what it complains about."""

    def ran() -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["sendwatch", "status", "jane"])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), capsys.readouterr().err

    return ran


@hostile(60)
@given(content=st.one_of(
    st.binary(max_size=80), st.binary(max_size=40).map(lambda raw: b"LOG_LEVEL=" + raw),
    st.sampled_from([b"\xff\xfeL\x00", b"\xef\xbb\xbfLOG_LEVEL=INFO", b"LOG_LEVEL='INFO", b"LOG_LEVEL=${X", b"=x\n",
    b"export"]),
))
@example(content=b"LOG_LEVEL=IN\xff")
@pytest.mark.filterwarnings("ignore")
def test_an_env_file_of_any_bytes(run: Callable[[], tuple[int, str]], content: bytes) -> None:
    Path(".env").write_bytes(content)
    code, complaint = run()
    assert code in {0, 2}, complaint
    assert "Traceback" not in complaint


def test_an_env_file_that_is_no_text_or_cannot_be_read_is_named(run: Callable[[], tuple[int, str]]) -> None:
    Path(".env").write_bytes(b"SLACK_BOT_TOKEN=xoxb-\xff\n")
    code, complaint = run()
    assert code == 2
    assert ".env" in complaint
    assert "UTF-8" in complaint


def test_bytes_in_the_environment_that_are_no_text(run: Callable[[], tuple[int, str]]) -> None:
    for name in ("LOG_LEVEL", "TZ_DEFAULT", "ALERT_CHANNEL", "DATABASE_URL", "SYNC_EVERY", "ENCRYPTION_KEYS",
    "HTTP_PORT"):
        os.environb[name.encode()] = b"\xff\xfe"
        code, complaint = run()
        assert (code, name in complaint) == (2, True), complaint
        del os.environb[name.encode()]
