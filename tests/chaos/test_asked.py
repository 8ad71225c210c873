"""What is asked for on the command line of the chaos: what cannot be is refused before anything is started."""

from __future__ import annotations

import pytest

from tests.chaos import __main__ as chaos


@pytest.mark.parametrize("option", ["--alerts", "--presses", "--runs", "--replicas"])
@pytest.mark.parametrize("number", ["0", "-5", "many"])
def test_what_cannot_be_is_refused_at_once(capsys: pytest.CaptureFixture[str], option: str, number: str) -> None:
    with pytest.raises(SystemExit) as ended:
        chaos._asked([f"{option}={number}"])  # noqa: SLF001 - `main` would go on to run it
    assert ended.value.code == 2
    assert f"{number} is not a number of at least 1" in capsys.readouterr().err


def test_what_can_be_is_taken() -> None:
    assert chaos._asked(["--alerts", "60", "--runs", "1"]).alerts == 60  # noqa: SLF001 - as above
