"""One number on every line that is logged because of one request, one webhook or one run of a job."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from typing import ParamSpec, TypeVar

import structlog

REQUEST = "request"
P = ParamSpec("P")
R = TypeVar("R")


def new_number() -> str:
    """A number for one request."""
    return secrets.token_hex(4)


@contextmanager
def traced(**more: str) -> Iterator[str]:
    """While it lasts, all that this thread logs carries a number, and `more` besides; gives the number.

    Within a trace that has begun already the number stays.
    """
    number = structlog.contextvars.get_contextvars().get(REQUEST) or new_number()
    with structlog.contextvars.bound_contextvars(**{REQUEST: number}, **more):
        yield number


def carried(task: Callable[P, R]) -> Callable[P, R]:
    """The task, logging under the number of whoever asked for it, in whichever thread it is done."""
    context = copy_context()
    return lambda *args, **kwargs: context.run(task, *args, **kwargs)
