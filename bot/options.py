"""Options that several commands of the command line share."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Workspace = Annotated[str, typer.Option("--workspace", metavar="ID", help="Where one bot serves several: this one.")]
