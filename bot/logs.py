"""Logs as text or JSON on standard error, without tokens and e-mail addresses, whoever writes them."""

# ruff: noqa: RUF001 - look-alike signs stand in what people type

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Mapping
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

LOUD = ("slack_sdk", "slack_bolt", "bot.slack.bolt")
"""Loggers that write whole requests and answers at DEBUG, with what people have typed: a token, where they give one."""
LONGEST = 4_000
"""A request body that somebody logs whole is cut here."""
LONGEST_TRACE = 12_000
"""A traceback is cut here, in its middle: it ends with the error itself."""
TRACES = frozenset({"exception", "stack"})
QUIET = ("apscheduler", "httpcore2", "httpx2", "urllib3", "alembic", "waitress", "asyncio")
"""Loggers that tell of every step at INFO."""
TOLD_BY_US = ("apscheduler.scheduler",)
"""Loggers whose warnings say what ours do: of each tick that was skipped."""
SILENT = ("sqlalchemy", "storage.pools")
"""SQLAlchemy's loggers, which at DEBUG write down what is stored, names and campaigns with it.

It calls the one of a pool by where its class is, and ours stands here.
"""
HIDDEN = "[hidden]"
_NOUNS = (
    r"(?:token|secret|password|passwd|passphrase|authorization|cookie|signature|credential"
    r"|(?:api|private|signing|encryption)[-_\x20]?key)s?"
)
SECRET_NAME = re.compile(rf"(?:^|[_. -]|(?<=[a-z0-9])(?=[A-Z]))(?i:{_NOUNS})$")
SECRETS = re.compile(
    r"""
      xox[a-z](?:\.xox[a-z])?-[\w.%+/=-]+                     # Slack: bot, user, refresh, configuration tokens
    | xapp-[\w.%+/=-]+
    | whsec_[\w+/=-]+                                         # Svix
    | (?<![\w-])[\w-]{43}=(?![\w=-])                          # Fernet: a key
    | gAAAA[\w-]{20,}=*                                       # Fernet: what was encrypted
    | eyJ[\w-]{8,}\.[\w-]+\.[\w-]*                            # JSON web tokens
    | (?<=hooks\.slack\.com/)[\w/.-]+                         # response URLs let anybody answer
    # User and password of a URL, which may hold an @; a port is no password.
    | (?<=://)[^\s/:@"'<>]*:(?!\d{1,5}(?:[/?\#]|\Z))[^\s"'<>]+(?=@)
    | (?i:(?<=bearer\ )|(?<=basic\ ))[\w.~+/=-]{8,}
    | (?i:(?<=token\ ))(?=[^\s\d]*\d)[\w.~+/=-]{16,}          # words do not hold digits
    | (?i:(?<=code=))[^\s&"'<>,;)}\]]{4,}
    """,
    re.VERBOSE,
)
NAMED = re.compile(
    rf"""(?ix) ( {_NOUNS} (?:\\*["']\s*[:=,]|\s*(?:[:=]|%3d))>?\s* )
      (?: b?(?P<quote>\\*["']) (?:(?!(?P=quote))(?:\\.|.))+
        | (?:bearer|basic|digest|token)\s+[^\s&"'<>]+
        | [^\s&"'<>]{{4,}} (?:(?<=;)\s+[\w-]+=[^\s"'<>]+)* ) """,
)
"""A name as in SECRET_NAME with its value, in JSON, Python, YAML, headers, queries or the environment."""
_AT = re.compile("[@＠﹫]|%40")
EMAIL = re.compile(
    # As people mistype it too: with two signs, or with signs as wide as letters.
    r"""
    (?: \\"[^"\\\n]{1,200}\\" | "(?:\\.|[^"\\\n]){1,200}"
      | (?<![\w.．。!#$%&*+/=?^{|}~-])[\w.．。!#$%&*+/=?^{|}~-][\w.．。!#$%&*+/=?^`{|}~'-]* )
    (?:(?:[@＠﹫]|%40)+ (?:\[[\w.:]+\]|[\w-]+(?:[.．。][\w-]+)*))+
    """,
    re.VERBOSE,
)
_AHEAD = 500
"""Characters beyond the cut that are looked at, so that no half of an address stands before it."""
_END_OF_TRACE = 50_000
"""So much of either end of a traceback is looked at: an error may quote whatever it chokes on."""


def redacted(text: str) -> str:
    """The text without tokens, passwords and e-mail addresses, cut to what a line may hold."""
    if len(text) > LONGEST:
        return f"{_hidden(text[:LONGEST + _AHEAD])[:LONGEST]}… ({len(text):,} characters)"
    return _hidden(text)


def _redacted_trace(text: str) -> str:
    if len(text) <= 2 * _END_OF_TRACE:
        hidden = _hidden(text)
    else:
        hidden = _hidden(text[:_END_OF_TRACE]) + _hidden(text[-_END_OF_TRACE:])
    if len(hidden) <= LONGEST_TRACE:
        return hidden
    head = LONGEST_TRACE // 4
    return f"{hidden[:head]}\n… ({len(text):,} characters) …\n{hidden[head - LONGEST_TRACE:]}"


def _hidden(text: str) -> str:
    text = SECRETS.sub(HIDDEN, text)
    if "=" in text or ":" in text or "," in text or "%3" in text:
        text = NAMED.sub(_without_value, text)
    return EMAIL.sub("[e-mail]", text) if _AT.search(text) else text


def _without_value(found: re.Match[str]) -> str:
    return f"{found[1]}{found['quote'] or ''}{HIDDEN}"


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A structlog processor: every value of the event, at any depth, redacted."""
    return {
        name: HIDDEN if _secret(name, value)
        else _redacted_trace(value) if name in TRACES and isinstance(value, str) else _clean(value)
        for name, value in event.items()
    }


def configure(level: str = "INFO", form: Literal["text", "json"] = "text", stream: TextIO | None = None) -> None:
    """Send all logs, ours and those of libraries, to `stream` (default: standard error). May be called again."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.StackInfoRenderer(),
            # The traceback becomes text before redaction, since errors quote what they choke on.
            structlog.processors.format_exc_info,
            redact,
            _json if form == "json" else _text,
        ],
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    quiet = logging.DEBUG if level == "DEBUG" else logging.WARNING
    for name in QUIET:
        logging.getLogger(name).setLevel(max(quiet, logging.getLevelName(level)))
    for name in TOLD_BY_US:
        logging.getLogger(name).setLevel(max(logging.ERROR, logging.getLevelName(level)))
    for name in SILENT:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    for name in LOUD:
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLevelName(level)))
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared[:3], *shared[4:],
                    structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _secret(name: object, value: object) -> bool:
    name = name.decode("latin-1") if isinstance(name, bytes) else name
    return isinstance(name, str) and value not in (None, "") and SECRET_NAME.search(name) is not None


def _clean(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {
            redacted(str(name)): HIDDEN if _secret(name, inner) else _clean(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple) and len(value) == 2 and _secret(*value):  # noqa: PLR2004 - a name and a value
        return [redacted(str(value[0])), HIDDEN]
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(inner) for inner in value]
    return redacted(value if isinstance(value, str) else str(value))


def _json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    first = {"timestamp": event.pop("timestamp", None), "level": event.pop("level", None)}
    return _visible(json.dumps(first | {"event": event.pop("event", "")} | dict(event), ensure_ascii=False))


def _text(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    trace = "".join(f"\n{event.pop(name)}" for name in ("exception", "stack") if event.get(name))
    head = f"{event.pop('timestamp', '')} {event.pop('level', ''):<8} {_words(event.pop('event', ''))}"
    source = event.pop("logger", "")
    fields = "".join(f" {name}={_words(value)}" for name, value in event.items())
    tail = f" ({source})" if source and not source.startswith(("bot.", "storage.")) else ""
    return "\n".join(map(_visible, f"{head}{fields}{tail}{trace}".split("\n")))


def _words(value: Any) -> str:  # noqa: ANN401 - whatever was logged, cleaned already
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # One event, one line: nothing from outside can forge another.
    return text if text.isprintable() else _visible(json.dumps(text, ensure_ascii=False))


def _visible(line: str) -> str:
    """The line with what cannot be seen written out as in JSON: a terminal obeys some of it, or ends the line there."""
    return line if line.isprintable() else "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in line)
