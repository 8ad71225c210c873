"""Documents of every shape that is allowed, for property tests; as plain data and checked."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from bot.config.document import Document
from bot.config.names import PRESSES, RULE_NAMES
from bot.config.times import WEEKDAYS
from bot.statuses.catalogue import Status

Plain = dict[str, Any]

texts = st.one_of(
    st.sampled_from([
        "Sales", "no", "null", "~", "true", "18:00", "1:30", "007", "1e3", "- x", "a: b", "#c", "'", '"', "*a", "&b",
        "!!int 3", "{a}", "[b]", "Ünïted 🎁", "%", "@x", "2026-12-24", "a # b", "\\", "…", "日本", "<!channel>", "=",
        "<<",
    ]),
    st.text(
        st.characters(exclude_categories=("Cs", "Cc", "Cf", "Co", "Cn", "Zl", "Zp", "Zs")), min_size=1, max_size=30,
    ),
)
channels = st.from_regex(r"\A[CG][A-Z0-9]{2,10}\Z")
people = st.from_regex(r"\A[UWS][A-Z0-9]{2,10}\Z")
names = st.from_regex(r"\A[a-z0-9][a-z0-9_-]{0,12}\Z")
lengths = st.integers(1, 366 * 1440).map(lambda minutes: timedelta(minutes=minutes))
times = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
rules = st.lists(st.sampled_from(RULE_NAMES), min_size=1, max_size=3, unique=True)
zones = st.sampled_from(["Europe/Berlin", "America/Los_Angeles", "UTC", "Asia/Kathmandu"])
flags = st.sampled_from([True, False, "yes", "no", "on", "off", "true", "false"])
weekdays = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=6, unique=True)


def words(length: timedelta) -> str:
    return f"{int(length.total_seconds()) // 60}m"


def some(values: st.SearchStrategy[Any], most: int = 3, least: int = 0) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=least, max_size=most)


@st.composite
def spans(draw: st.DrawFn) -> str:
    first = draw(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
    last = first + timedelta(days=draw(st.integers(0, 30)))
    name = draw(st.sampled_from(["", " Christmas Eve", " 100 years", " 🎄"]))
    return f"{first} to {last}{name}" if draw(st.booleans()) else f"{first}{name}"


@st.composite
def calendars(draw: st.DrawFn) -> Plain:
    country, parts = draw(st.sampled_from([("US", "CA"), ("DE", "BE"), ("none", None), ("NO", None)]))
    return _drawn(draw, {
        "zone": zones, "country": st.just(country), "subdivision": st.just(parts), "weekdays": weekdays,
        "days_off": some(spans()), "cut_off": times.filter("00:00".__ne__),
    }, leave=set() if parts else {"subdivision"})


@st.composite
def policies(draw: st.DrawFn) -> Plain:
    steps = [
        {"after": words(after)} | draw(st.sampled_from([
            {"mention": ["S0123", "U0456"]}, {"channel": "C0456"}, {"dm_sender": True},
            {"mention": "U0456", "channel": "C0456", "dm_sender": "yes"},
        ]))
        for after in sorted(draw(some(lengths)))
    ]
    start, end = draw(st.lists(times, min_size=2, max_size=2, unique=True))
    quiet = draw(st.sampled_from([
        {"from": start, "to": end}, {"working_days": "mon-fri"}, {"from": start, "to": end, "zone": "UTC"},
        {"working_days": ["sat", "tue"], "from": start, "to": end, "except": ["expired", "overdue/support"]},
    ]))
    return _drawn(draw, {
        "repeat": st.just([words(length) for length in sorted(draw(some(lengths)))]),
        "repeat_in": st.sampled_from(["thread", "channel"]), "escalate": st.just(steps), "quiet": st.just(quiet),
    })


@st.composite
def routes(draw: st.DrawFn, name: str) -> Plain:
    low, more = draw(st.integers(0, 10**6)), draw(st.integers(1, 10**6))
    currency, digits = draw(st.sampled_from([("USD", 2), ("jpy", 0), ("KWD", 3)]))
    when = _drawn(draw, {
        "team": some(texts, least=1), "campaign": texts, "sender": some(texts, least=1), "type": texts, "rule": rules,
        "amount_from": st.just(f"{low / 10**digits:.{digits}f} {currency}"),
        "amount_to": st.just(f"{(low + more) / 10**digits:.{digits}f} {currency}"),
    })
    return {"name": name} | _drawn(draw, {
        "when": st.just(when), "channel": channels, "dm_sender": flags, "continue": flags,
    })


thresholds = st.fixed_dictionaries(
    {"status": st.sampled_from(Status).map(str), "after": st.one_of(
        st.just("never"), st.builds("{} {}".format, st.integers(0, 3650), st.sampled_from(["days", "business days"])),
    )},
    optional={"level": st.sampled_from(["late", "support"]), "type": texts, "campaign": texts, "team": texts},
)


@st.composite
def digests(draw: st.DrawFn, routes: list[str]) -> Plain:
    """A digest with a channel of its own, so that no two are the same."""
    every = draw(st.sampled_from(["day", "week"]))
    days = some(st.sampled_from(WEEKDAYS), 1 if every == "week" else 5, 1)
    keys: dict[str, st.SearchStrategy[Any]] = {
        "at": times, "days": days, "zone": zones, "picture": flags, "skip_empty": flags,
    }
    if routes:
        keys["route"] = st.sampled_from(routes)
    return {"every": every, "channel": draw(channels)} | _drawn(draw, keys)


def _drawn(draw: st.DrawFn, keys: dict[str, st.SearchStrategy[Any]], leave: set[str] | None = None) -> Plain:
    left = {key for key in keys if not draw(st.booleans())} | (leave or set())
    if "subdivision" not in left:
        left.discard("country")
    return {key: draw(values) for key, values in keys.items() if key not in left}


@st.composite
def plain_documents(draw: st.DrawFn) -> Plain:
    """What a person may have written, key by key; consistent in itself."""
    named = draw(st.dictionaries(names, policies(), max_size=3))
    table = [
        draw(routes(f"{text} {number}")) | {"policy": draw(st.sampled_from(["default", *named]))}
        for number, text in enumerate(draw(some(texts)))
    ]
    limits = draw(st.lists(
        thresholds, max_size=4,
        unique_by=lambda one: (one["status"], one.get("level", "late"), str([
            " ".join(one.get(key, "").casefold().split()) for key in ("type", "campaign", "team")
        ])),
    ))
    budgets = st.fixed_dictionaries({}, optional={"a_day": st.integers(1, 10_000), "at_once": st.integers(1, 100)})
    allowed = st.lists(st.sampled_from(["anyone", "admins", "U0123", "S0123"]), min_size=1, max_size=4)
    document = {
        "calendar": draw(calendars()), "policies": named, "routes": table,
        "budgets": draw(st.dictionaries(channels | st.just("default"), budgets, max_size=3)),
        "permissions": draw(st.dictionaries(st.sampled_from(PRESSES), allowed, max_size=4)),
        "thresholds": limits,
        "digests": draw(st.lists(
            digests([route["name"] for route in table]), max_size=3, unique_by=lambda one: one["channel"],
        )),
    }
    left = {section for section in document if not draw(st.booleans())}
    if "digests" not in left:
        left.discard("routes")
    if "routes" not in left:
        left.discard("policies")
    return {section: body for section, body in document.items() if section not in left}


documents = plain_documents().map(Document.model_validate)
