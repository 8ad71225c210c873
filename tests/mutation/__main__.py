"""`python3 run.py mutate`: the pure rules with thousands of small mistakes, one at a time; which does no test notice?

    python3 run.py mutate                        every pure rule: an hour or two
    python3 run.py mutate escalation spoken_time      only these modules or packages: some minutes
    python3 run.py mutate --list [module …]      what survived in the last run, once more

What is known to survive, and why nobody can see it, stands in docs/testing.md.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

MUTMUT = Path(sys.executable).with_name("mutmut")
MUTANTS = Path("mutants")
NOTICED = {"killed", "timeout", "not checked"}
"""What runs on for ever is noticed, too: the tests never come to their end."""

SPINNER = range(0x2800, 0x2900)
"""Letters with which mutmut begins a line that the next one is to overwrite."""


def main() -> None:
    asked = argparse.ArgumentParser(
        prog="run.py mutate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    asked.add_argument("modules", nargs="*", metavar="module", help="such as escalation or bot/statuses/limits.py")
    asked.add_argument("--processes", type=int, default=1, help="how many mutants are tried at a time")
    asked.add_argument("--list", action="store_true", help="tell of the last run, without another")
    options = asked.parse_args()
    unknown = [module for module in options.modules if not _is_listed(module)]
    if unknown:
        # Before thousands of mutants are made of which then none is asked for.
        asked.error(f"no pure rule's module or package is called {', '.join(unknown)}; pyproject.toml lists them")
    patterns = [pattern for module in options.modules for pattern in _patterns(module)] or ["bot.*"]
    if not options.list:
        _forget_plain_copies()
        _run(["run", "--max-children", str(options.processes), *patterns])
    _tell(patterns)


def _patterns(module: str) -> tuple[str, ...]:
    name = module.removesuffix(".py").strip("/").replace("/", ".")
    return (f"{name}.*",) if name.startswith("bot.") else (f"bot.{name}.*", f"bot.*.{name}.*")


def _is_listed(module: str) -> bool:
    names = [".".join(file.with_suffix("").parts) for file in _listed()]
    return any(fnmatchcase(f"{name}.", pattern) for name in names for pattern in _patterns(module))


def _listed() -> Iterator[Path]:
    """The files of which mutants are made."""
    patterns = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]["only_mutate"]
    return (file for pattern in patterns for file in Path().glob(pattern))


def _forget_plain_copies() -> None:
    """What was copied before it was listed, mutmut would take for a file whose mistakes have been made already."""
    for file in _listed():
        copy = MUTANTS / file
        if copy.exists() and not copy.with_name(f"{file.name}.meta").exists():
            copy.unlink()
            # Nor is it known which tests reach it.
            (MUTANTS / "mutmut-stats.json").unlink(missing_ok=True)


def _run(arguments: Sequence[str]) -> None:
    with subprocess.Popen([MUTMUT, *arguments], stdout=subprocess.PIPE, text=True) as mutmut:
        assert mutmut.stdout is not None
        for line in mutmut.stdout:
            # At its end mutmut repeats of every mutant how it went: thousands of lines that say nearly the same.
            if " bot." not in line:
                told = line.rstrip("\n")
                sys.stdout.write(f"\r{told}" if ord(told[:1] or " ") in SPINNER else f"\n{told}")
                sys.stdout.flush()
    if mutmut.returncode:
        raise SystemExit(mutmut.returncode)


def _tell(patterns: Sequence[str]) -> None:
    survivors = [
        (name, verdict) for name, verdict in _verdicts()
        if verdict not in NOTICED and any(fnmatchcase(name, pattern) for pattern in patterns)
    ]
    for name, _ in survivors:
        sys.stdout.write(f"\n{_asked('show', name)}")
    sys.stdout.write(f"\n{len(survivors)} survived. Those that are known: docs/testing.md\n")


def _verdicts() -> Iterator[tuple[str, str]]:
    for line in _asked("results").splitlines():
        name, _, verdict = line.strip().partition(": ")
        yield name, verdict


def _asked(*arguments: str) -> str:
    return subprocess.run([MUTMUT, *arguments], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
