"""TypeScript's judgement on payloads, by the types that Slack publishes for its own SDK.

Node.js and npm come with the development packages; the compiler and `@slack/types` are installed once, from
`package-lock.json` beside this file, into the virtual environment.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

from filelock import FileLock

from tests.bot.slack.typescript.shapes import Shape

HERE = Path(__file__).parent
HOME = Path(os.environ.get("SLACK_TYPES_HOME") or Path(sys.prefix, "slack-types"))
PATIENCE = 300
"""Seconds for an installation, or for the compiler on a very busy machine."""
COMPLAINT = re.compile(r"^payloads\.ts\((\d+),\d+\): error (.*)$")


class NotInstalledError(Exception):
    """Node.js, npm or their packages cannot be had; says why."""


def complaints(shapes: Collection[Shape]) -> list[str]:
    """What the compiler says against these literals, one line each with the literal. Raises NotInstalledError."""
    _install()
    ordered = sorted(shapes)
    names = ", ".join(sorted({name for name, _ in ordered}))
    lines = [f'import type {{ {names} }} from "@slack/types";']
    lines += [f"export const _{place}: {name} = {literal};" for place, (name, literal) in enumerate(ordered)]
    with tempfile.TemporaryDirectory(dir=HOME) as folder:
        Path(folder, "payloads.ts").write_text("\n".join(lines), encoding="utf-8")
        shutil.copy(HERE / "tsconfig.json", folder)
        said = _run(["node", str(HOME / "node_modules/typescript/bin/tsc"), "--project", "."], Path(folder))
    found = [(int(one[1]), one[2]) for one in map(COMPLAINT.match, said.stdout.splitlines()) if one]
    if said.returncode and not found:
        raise RuntimeError(f"the TypeScript compiler failed: {said.stdout[-2000:]}{said.stderr[-2000:]}")
    return [f"{error}\n  {ordered[line - 2][0]}: {ordered[line - 2][1]}" for line, error in found]


def _install() -> None:
    lock = (HERE / "package-lock.json").read_bytes()
    stamp, wanted = HOME / "stamp", hashlib.sha256(lock).hexdigest()
    with FileLock(f"{HOME}.lock"):
        if stamp.exists() and stamp.read_text() == wanted:
            return
        HOME.mkdir(exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, HOME)
        said = _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], HOME)
        if said.returncode:
            raise NotInstalledError(f"npm could not install them: {said.stderr.strip()[-500:]}")
        stamp.write_text(wanted)


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which(command[0])
    if program is None:
        raise NotInstalledError(f"there is no {command[0]} on this machine")
    try:
        return subprocess.run(
            [program, *command[1:]], cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired as error:
        raise NotInstalledError(f"{command[0]} took longer than {PATIENCE} seconds") from error
