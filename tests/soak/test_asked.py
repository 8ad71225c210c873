"""What is asked for on the command line of the soak: what cannot be is refused before anything is started."""

from __future__ import annotations

import pytest

from tests.soak import __main__ as soak


@pytest.mark.parametrize("minutes", ["0", "-1", "0.1", "nan", "inf", "an hour"])
def test_too_short_a_soak_is_refused_at_once(capsys: pytest.CaptureFixture[str], minutes: str) -> None:
    with pytest.raises(SystemExit) as ended:
        soak._asked([f"--minutes={minutes}"])  # noqa: SLF001 - `main` would go on to soak
    assert ended.value.code == 2
    assert "--minutes" in capsys.readouterr().err


def test_what_can_be_is_taken() -> None:
    assert soak._asked(["--minutes", "0.75"]).minutes == 0.75  # noqa: SLF001 - as above
