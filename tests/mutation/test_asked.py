"""What is asked for on the command line of the mutants: what cannot be is refused before anything is made."""

from __future__ import annotations

import pytest

from tests.mutation import __main__ as mutation


def test_an_unknown_module_is_refused_before_mutants_are_made(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.argv", ["mutate", "escalation", "nosuch"])
    monkeypatch.setattr(mutation, "_run", lambda _arguments: pytest.fail("mutants are made"))
    with pytest.raises(SystemExit) as ended:
        mutation.main()
    assert ended.value.code == 2
    assert "is called nosuch;" in capsys.readouterr().err


@pytest.mark.parametrize("module", ["escalation", "spoken_time", "statuses", "bot/statuses/limits.py", "bot.alerts"])
def test_modules_and_packages_are_known_as_they_are_written(module: str) -> None:
    assert mutation._is_listed(module)  # noqa: SLF001 - `main` would go on to make mutants
