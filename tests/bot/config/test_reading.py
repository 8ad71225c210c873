from __future__ import annotations

import pytest

from bot.config.document import KEYS_AT, SECTIONS, Document
from bot.config.reading import Reading, examine, read, reviewed
from bot.config.source import Source


def problems(text: str, base: Document | None = None) -> list[str]:
    return [str(problem) for problem in read(text, base or Document()).problems]


def cases(table: str) -> list[tuple[str, str]]:
    """Each file with its sentence, which stands below it and is indented."""
    found: list[tuple[str, str]] = []
    for line in table.splitlines():
        if line.startswith(" "):
            text, sentence = found.pop()
            found.append((text, f"{sentence} {line.strip()}".strip()))
        else:
            found.append((line, ""))
    return found


def warnings(text: str) -> list[str]:
    reading = read(text)
    assert reading.problems == ()
    return [str(problem) for problem in reading.warnings]


MISTAKES = """\
calender: {}
    calender: "calender" is no key here; did you mean "calendar"?
xy: {}
    xy: "xy" is no key here; known are calendar, policies, routes, budgets, permissions, thresholds, digests, look_ups.
calendar: {zoen: UTC}
    calendar.zoen: "zoen" is no key here; did you mean "zone"?
calendar: {zone: Mars/Base}
    calendar.zone: "Mars/Base" is no time zone; write for example America/Los_Angeles.
calendar: {zone: /etc/passwd}
    calendar.zone: "/etc/passwd" is no time zone; write for example America/Los_Angeles.
calendar: {country: USA}
    calendar.country: "USA" is no country; write its two letters, such as US, or none.
calendar: {country: ~}
    calendar.country: "" is no country; write its two letters, such as US, or none.
calendar: {country: none, subdivision: BE}
    calendar: subdivision goes with a country, and there is none.
calendar: {days_off: [Christmas]}
    calendar.days_off[0]: "Christmas" is no date; write for example 2026-12-24, or 2026-12-24 to 2026-12-31.
calendar: {working_days: [mon]}
    calendar.working_days[0]: "mon" is no date; weekdays belong to the key weekdays.
calendar: {days_off: 2026-12-31 to 2026-12-24}
    calendar.days_off: "2026-12-31 to 2026-12-24" ends before it begins, or after more than a year.
calendar: {days_off: 1926-12-31}
    calendar.days_off: "1926-12-31" is not a day of these times.
calendar: {days_off: 2026-12-24, working_days: 2026-12-24}
    calendar: 2026-12-24 stands in days_off and in working_days; it cannot be both.
calendar: {weekdays: []}
    calendar.weekdays: names no weekday; write for example [mon, tue, wed, thu, fri].
calendar: {weekdays: [mo]}
    calendar.weekdays: "mo" is no weekday; did you mean "mon"?
calendar: {cut_off: 25:00}
    calendar.cut_off: "25:00" is no time of day; write for example 18:00.
calendar: {cut_off: 720}
    calendar.cut_off: "720" is no time of day; write for example 18:00.
calendar: {cut_off: 24:00}
    calendar.cut_off: midnight is no cut-off; leave it out to count every start of a day alike.
calendar: []
    calendar: A list is no mapping; keys are expected here, each with its value.
policies: {VIP: {}}
    policies.VIP: "VIP" is no name; use lower case letters, digits, - and _, at most 60.
policies: {default: {repeat: soon}}
    policies.default.repeat: "soon" is no length of time; write for example 4h, 1d or 3d.
policies: {default: {repeat: [1d, 0h]}}
    policies.default.repeat[1]: "0h" is not between one minute and 366 days.
policies: {default: {repeat: [3d, 1d]}}
    policies.default.repeat: each interval has to be as long as the one before, or longer.
policies: {default: {repeat_in: treads}}
    policies.default.repeat_in: "treads" is not accepted here; did you mean "thread"?
policies: {default: {escalate: [{after: 1d}]}}
    policies.default.escalate[0]: a step needs mention, channel or dm_sender: it does nothing.
policies: {default: {escalate: [{channel: C012}]}}
    policies.default.escalate[0].after: is missing, and has no default.
policies: {default: {escalate: [{after: 2d, channel: C012}, {after: 1d, channel: C023}]}}
    policies.default.escalate: the steps have to stand in the order of their after.
policies: {default: {escalate: [{after: 2d, mention: '@ann'}]}}
    policies.default.escalate[0].mention: "@ann" is neither a user id nor a user group id; they look like
    U0123ABCD and S0123ABCD.
policies: {default: {quiet: {from: 18:00}}}
    policies.default.quiet: from and to go together; one of them is missing.
policies: {default: {quiet: {from: 18:00, to: 18:00}}}
    policies.default.quiet: from and to are the same time, so that nothing is ever quiet.
policies: {default: {quiet: {zone: UTC}}}
    policies.default.quiet: is empty; it needs from and to, or working_days.
policies: {default: {quiet: {from: 1:00, to: 2:00, except: overdo}}}
    policies.default.quiet.except: "overdo" is no rule; did you mean "overdue"?
routes: {a: b}
    routes: A mapping is no list; write each entry on a line of its own after a dash.
routes: [a]
    routes[0]: "a" is no mapping; keys are expected here, each with its value.
routes: [{channel: C0123}]
    routes[0].name: is missing, and has no default.
routes: [{name: Default}]
    routes[0].name: "Default" is the name of a route that is always there; choose another.
routes: [{name: a}, {name: A, channel: C0123}]
    routes[1].name: is for the same as routes[0]; keep one of the two.
routes: [{name: a, channel: '#gifts'}]
    routes[0].channel: "#gifts" is no channel id; one looks like C0123ABCD and stands at the end of the
    channel's details.
routes: [{name: a, policy: vip}]
    routes[0].policy: "vip" is no policy; known are default.
routes: [{name: a, continue: maybe}]
    routes[0].continue: "maybe" is neither true nor false.
routes: [{name: a, when: {rule: overdu}}]
    routes[0].when.rule: "overdu" is no rule; did you mean "overdue"?
routes: [{name: a, when: {rule: [expired, overdue/7d]}}]
    routes[0].when.rule[1]: "overdue/7d" is no rule; did you mean "overdue"?
routes: [{name: a, when: {team: }}]
    routes[0].when.team: is empty; a text is expected here.
routes: [{name: a, when: {team: [Sales, {a: b}]}}]
    routes[0].when.team[1]: a text is expected here.
routes: [{name: a, when: {amount_from: 100}}]
    routes[0].when.amount_from: "100" is no amount; write for example 100 USD.
routes: [{name: a, when: {amount_from: 0.001 USD}}]
    routes[0].when.amount_from: "0.001 USD" is finer than USD goes.
routes: [{name: a, when: {amount_from: 1 USD, amount_to: 2 EUR}}]
    routes[0].when: amount_from is in USD, amount_to in EUR: one route, one currency.
routes: [{name: a, when: {amount_from: 2 USD, amount_to: 2 USD}}]
    routes[0].when: amount_to has to be more than amount_from; no send fits.
budgets: {gifts: {a_day: 3}}
    budgets.gifts: "gifts" is no channel id; one looks like C0123ABCD and stands at the end of the channel's
    details.
budgets: {default: {a_day: many}}
    budgets.default.a_day: "many" is no whole number.
budgets: {default: {a_day: 0}}
    budgets.default.a_day: "0" is less than 1.
budgets: {default: {at_once: 101}}
    budgets.default.at_once: "101" is more than 100.
permissions: {resolv: admins}
    permissions.resolv: "resolv" is nothing that people press; did you mean "resolve"?
permissions: {resolve: admin}
    permissions.resolve: "admin" is nobody; did you mean "admins"?
permissions: {resolve: []}
    permissions: resolve names nobody; write [admins] for only those who may do everything.
permissions: {settings: sender}
    permissions: settings concern no single send, so that they have no sender.
thresholds: [{after: 3 days}]
    thresholds[0].status: is missing, and has no default.
thresholds: [{status: teleported, after: never}]
    thresholds[0].status: "teleported" is no status; some are "Confirming Address/Offer Sent" or "Order
    Received" or "Sent".
thresholds: [{status: amazon, after: never}]
    thresholds[0].status: "amazon" is no status; did you mean "Amazon Fulfilling" or "Amazon Shipped"?
thresholds: [{status: Shipped, after: 5 hours}]
    thresholds[0].after: "5 hours" is no limit; write for example "5 business days", "7 days" or never.
thresholds: [{status: Shipped, after: 9999 days}]
    thresholds[0].after: "9999 days" is more than 3,650 days; a limit without end is never.
thresholds: [{status: Shipped, after: 5 days}, {status: shipped, after: 7 days}]
    thresholds[1].status: is for the same as thresholds[0]; keep one of the two.
thresholds: [{status: Shipped, level: soon, after: 5 days}]
    thresholds[0].level: "soon" is not accepted here; known are late, support.
"""
"""A file, and below it what is said of it."""


@pytest.mark.parametrize(("text", "sentence"), cases(MISTAKES))
def test_a_mistake_is_told_with_its_place_the_value_and_what_is_expected(text: str, sentence: str) -> None:
    assert f"line 1, {sentence}" in problems(text)


def test_a_part_of_a_country_has_to_be_one_of_its_parts() -> None:
    [sentence] = problems("calendar: {country: DE, subdivision: XX}")
    assert sentence.startswith("line 1, calendar: subdivision: unknown subdivision 'XX' of DE: expected BB, BE, ")
    assert problems("calendar: {country: DE, subdivision: BE}") == []


@pytest.mark.parametrize(("text", "place"), [
    ("routes:\n" + "- {a: b}\n" * 201, "line 1, routes"), ("thresholds:\n" + "- x\n" * 201, "line 1, thresholds"),
    ("policies:\n" + "".join(f" x{number}: 3\n" for number in range(201)), "line 1, policies"),
    ("permissions: {resolve: [" + "x, " * 201 + "]}", "line 1, permissions.resolve"),
    ("calendar: {days_off: [" + "x, " * 201 + "]}", "line 1, calendar.days_off"),
])
def test_what_is_far_too_long_is_told_once_and_not_looked_into(text: str, place: str) -> None:
    assert problems(text) == [f"{place}: has more than 200 entries."]


def test_every_mistake_is_told_at_once_in_the_order_of_the_file() -> None:
    found = problems(
        "routes:\n  - name: a\n    policy: vip\n    chanel: C01\n\nthresholds:\n  - status: x\ncalendar: 3\n",
    )
    assert [sentence.split(":")[0] for sentence in found] == [
        "line 4, routes[0].chanel", "line 7, thresholds[0].status", "line 7, thresholds[0].after", "line 8, calendar",
    ]


def test_values_from_outside_are_clipped_and_made_plain_in_sentences() -> None:
    [sentence] = problems('routes: [{name: a, channel: "' + "x\\n\\e[31m" * 40 + '"}]')
    assert len(sentence) < 250
    assert sentence.isprintable()


def test_a_section_that_is_right_counts_although_another_is_not() -> None:
    reading = read("calendar: {country: DE}\nroutes: 3\n")
    assert reading.document.calendar.country == "DE"
    assert reading.document.routes == ()
    assert [problem.place for problem in reading.problems] == ["routes"]


BASE = read("policies: {vip: {repeat: 4h}}\nroutes: [{name: a, policy: vip}]\n").document


def test_sections_that_are_not_there_stay_as_they_are() -> None:
    reading = read("calendar: {country: DE}", BASE)
    assert reading.problems == ()
    assert reading.given == ("calendar",)
    assert reading.document == BASE.model_copy(update={"calendar": reading.document.calendar})


@pytest.mark.parametrize("empty", ["policies:\nroutes:\n", "routes: ~\npolicies: {}\n", "routes: []\npolicies: null\n"])
def test_sections_that_are_empty_go_back_to_their_defaults(empty: str) -> None:
    reading = read(empty, BASE)
    assert reading.problems == ()
    assert reading.document == Document()


@pytest.mark.parametrize(("text", "key"), [("rotes:\n# - name: a\n", "rotes"), ('"": ~\n', "")])
def test_a_misspelt_section_that_is_empty_is_told(text: str, key: str) -> None:
    [sentence] = problems(text, BASE)
    assert f'"{key}" is no key here' in sentence


def test_what_a_file_breaks_elsewhere_is_told_too() -> None:
    [sentence] = problems("policies: {}", BASE)
    assert sentence.startswith('routes[0].policy: "vip" is no policy; known are default. (This section is not in ')


def test_no_policy_is_missed_while_the_policies_are_wrong() -> None:
    [sentence] = problems("policies: {vip: 3}\nroutes: [{name: a, policy: vip}]")
    assert sentence.startswith("line 1, policies.vip: ")


ODD = """\
routes: [{name: a, channel: C012}, {name: b, channel: C023}]
    line 1, routes[1].name: "b" is never reached: "a" takes everything that it asks for. Move it up, or add
    continue: true to that one.
routes: [{name: a, channel: C012, continue: yes}]
    line 1, routes[0].continue: nothing comes after "a". Alerts that only it takes do not go to ALERT_CHANNEL;
    end with a route without when and channel if they should.
{policies: {v: {escalate: [{after: 1d, channel: C02}]}}, routes: [{name: a, channel: C02, policy: v}]}
    line 1, policies.v.escalate[0].channel: is where "a" leads anyway: for its alerts this tells nobody else.
{policies: {v: {escalate: [{after: 1d, mention: [S012, U03]}]}}, routes: [{name: a, dm_sender: yes, policy: v}]}
    line 1, policies.v.escalate[0].mention: calls S012 nowhere for alerts of "a", which tells only the sender. People
    get the alert by direct message then, user groups cannot: give the route, or the step, a channel.
{policies: {v: {}}, routes: [{name: a, channel: C01, continue: yes}, {name: b, channel: C01, policy: v}]}
    line 1, routes[1].policy: does not count for alerts that fit "a" as well: what two routes tell in one place goes by
    the policy of the first, "default".
policies: {vip: {}}
    line 1, policies.vip: no route uses it.
thresholds: [{status: Delivered, after: 5 days}]
    line 1, thresholds[0].status: Delivered is where a send ends: every one of them would be overdue one day.
thresholds: [{status: Expired, after: 5 days}]
    line 1, thresholds[0].status: Expired is told as expired, never as overdue; this limit says nothing.
thresholds: [{status: Shipped, after: 5 days, campaign: 'Autumn*'}]
    line 1, thresholds[0].campaign: "Autumn*" is taken to the letter: thresholds know no * and ?.
permissions: {meaning: [admins]}
    line 1, permissions.meaning: has no effect: what a status means is for anyone to ask.
thresholds: [{status: Shipped, after: 10 days}, {status: Shipped, level: support, after: 5 days}]
    line 1, thresholds[1].after: for Support is less than thresholds[0] gives the same sends before they are late
    (10 days): they would go to Support without ever having been late.
thresholds: [{status: Shipped, level: support, after: 5 days}, {status: Shipped, team: Ops, after: 6 business days}]
    line 1, thresholds[0].after: for Support is less than thresholds[1] gives the same sends before they are late
    (6 business days): they would go to Support without ever having been late.
thresholds: [{status: Shipped, after: 9 days}, {status: Shipped, level: support, team: Ops, type: X, after: 5 days}]
    line 1, thresholds[1].after: for Support is less than thresholds[0] gives the same sends before they are late
    (9 days): they would go to Support without ever having been late.
"""
"""A file, and below it what is said of it."""


@pytest.mark.parametrize(("text", "sentence"), cases(ODD))
def test_what_is_surely_not_meant_is_a_warning(text: str, sentence: str) -> None:
    assert warnings(text) == [sentence]


@pytest.mark.parametrize("text", [
    "routes: [{name: a, channel: C012, continue: yes}, {name: b, channel: C023}]",
    "routes: [{name: a, when: {team: Sales}, channel: C012}, {name: b, channel: C023}]",
    "policies: {vip: {}}\nroutes: [{name: a, policy: vip}]",
    """policies: {v: {escalate: [{after: 1d, mention: [U03]}, {after: 2d, channel: C02}]}}
routes: [{name: a, dm_sender: yes, policy: v}]""",
    """policies: {v: {escalate: [{after: 1d, mention: [S012]}]}}
routes: [{name: a, channel: C01, dm_sender: yes, policy: v}]""",
    # Nothing can be of both teams, and the two routes that can meet lead elsewhere.
    """policies: {v: {}}
routes:
  - {name: a, when: {team: Sales}, channel: C01, continue: yes}
  - {name: b, when: {team: Ops}, channel: C01, policy: v}
  - {name: c, channel: C02}""",
    """policies: {v: {}}
routes:
  - {name: a, dm_sender: yes, continue: yes}
  - {name: b, channel: C01, policy: v}""",
    "thresholds: [{status: Delivered, after: never}]",
    "permissions: {meaning: [anyone, admins]}",
    # Sends of the team are late after three days; the nine are for the others.
    """thresholds:
      - {status: Shipped, after: 9 days}
      - {status: Shipped, team: Ops, after: 3 days}
      - {status: Shipped, level: support, team: ops, after: 5 days}""",
    "thresholds: [{status: Shipped, after: never}, {status: Shipped, level: support, after: 5 days}]",
    "thresholds: [{status: Shipped, after: 5 days}, {status: Shipped, level: support, after: never}]",
    "thresholds: [{status: Shipped, after: 5 days}, {status: Shipped, level: support, after: 5 days}]",
    "thresholds: [{status: Shipped, after: 9 days}, {status: Sent, level: support, after: 5 days}]",
    "thresholds: [{status: Sent, team: A, after: 9 days}, {status: Sent, level: support, team: B, after: 5 days}]",
    # Five business days are seven days or more.
    "thresholds: [{status: Shipped, after: 6 days}, {status: Shipped, level: support, after: 5 business days}]",
    "routes: [{name: a, when: {rule: stale_data}, channel: C012}]",
])
def test_what_may_be_meant_is_none(text: str) -> None:
    assert warnings(text) == []


@pytest.mark.parametrize(("rules", "sentence"), [
    ("unknown_status", '"a" is never used: stale_data and unknown_status go to ADMIN_USERS, and no route is asked.'),
    (
        "[stale_data, Unknown Status]",
        '"a" is never used: stale_data and unknown_status go to ADMIN_USERS, and no route is asked.',
    ),
    (
        "[stale_data, overdue]",
        "stale_data changes nothing here: stale_data and unknown_status go to ADMIN_USERS, and no route is asked.",
    ),
])
def test_routes_for_what_goes_to_the_admins(rules: str, sentence: str) -> None:
    text = f"routes: [{{name: a, when: {{rule: {rules}}}, channel: C012}}, {{name: b, channel: C023}}]"
    told = read(text, has_admins=True)
    assert [str(one) for one in told.warnings] == [f"line 1, routes[0].when.rule: {sentence}"]
    assert [one.sentence for one in reviewed(told.document, has_admins=True).warnings] == [sentence]
    assert read(text).warnings == ()


def test_the_same_is_said_of_what_is_in_force_without_lines() -> None:
    document = read("policies: {vip: {}}").document
    assert [str(one) for one in reviewed(document).warnings] == ["policies.vip: no route uses it."]
    assert reviewed(document).document is document
    broken = BASE.model_copy(update={"policies": {}})
    assert [problem.place for problem in reviewed(broken).problems] == ["routes[0].policy"]


def test_plain_data_with_numbers_and_answers_are_read_as_well() -> None:
    source = Source(data={
        "budgets": {"default": {"a_day": 10}}, "routes": [{"name": 7, "dm_sender": True, "when": {"campaign": [2026]}}],
    })
    reading: Reading = examine(source)
    assert reading.problems == ()
    assert reading.document.budgets["default"].a_day == 10
    assert (reading.document.routes[0].name, reading.document.routes[0].when.campaign) == ("7", ("2026",))


def test_the_sentence_about_a_key_knows_every_part() -> None:
    assert set(KEYS_AT[()].model_fields) == set(SECTIONS)
    for place, part in KEYS_AT.items():
        for name, field in part.model_fields.items():
            inner = getattr(field.annotation, "model_fields", None)
            assert inner is None or (*place, field.alias or name) in KEYS_AT
