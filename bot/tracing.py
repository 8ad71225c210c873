"""One number on every line that is logged because of one request, one webhook or one run of a job."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from typing import ParamSpec, TypeVar

import structlog

REQUEST, JOB, WORKSPACE = "request", "job", "workspace"
P = ParamSpec("P")
R = TypeVar("R")


# structlog makes the variable of a name when it is bound for the first time. Two threads that did so at once made two,
# and one of them went on with its first number for good.
structlog.contextvars.bind_contextvars(**dict.fromkeys((REQUEST, JOB, WORKSPACE)))
structlog.contextvars.unbind_contextvars(REQUEST, JOB, WORKSPACE)


def new_number() -> str:
    """A number for one request."""
    return secrets.token_hex(4)


@contextmanager
def traced(job: str | None = None, workspace: str = "") -> Iterator[str]:
    """While it lasts, all that this thread logs carries a number, and the name of the job if there is one.

    `workspace` is whose work it is, where the bot serves several.

    Gives the number. Within a trace that has begun already it stays.
    """
    number = structlog.contextvars.get_contextvars().get(REQUEST) or new_number()
    names = {REQUEST: number} | ({JOB: job} if job else {}) | ({WORKSPACE: workspace} if workspace else {})
    before = structlog.contextvars.bind_contextvars(**names)
    try:
        yield number
    finally:
        structlog.contextvars.reset_contextvars(**before)


def carried(task: Callable[P, R]) -> Callable[P, R]:
    """The task, logging under the number of whoever asked for it, in whichever thread it is done."""
    context = copy_context()
    return lambda *args, **kwargs: context.run(task, *args, **kwargs)
