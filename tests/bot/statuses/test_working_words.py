from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.statuses.working_time import make_calendar

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("settings", "start", "n", "told"),
    [
        ({}, "2026-11-23 10:00", 5, ("5 business days from Mon 23 Nov, leaving out Thu 26 Nov (Thanksgiving Day) and "
            "the weekend, is Tue 1 Dec")),
        ({}, "2026-11-24 10:00", 1, "1 business day from Tue 24 Nov is Wed 25 Nov"),
        ({}, "2026-11-24 10:00", 0, "0 business days from Tue 24 Nov is Tue 24 Nov"),
        ({}, "2026-11-28 10:00", 0, "0 business days from Sat 28 Nov (a day off, so from Mon 30 Nov) is Mon 30 Nov"),
        ({}, "2026-11-26 10:00", 1, ("1 business day from Thu 26 Nov (Thanksgiving Day, so from Fri 27 Nov), leaving "
            "out the weekend, is Mon 30 Nov")),
        ({}, "2026-12-30 10:00", 10, ("10 business days from Wed 30 Dec, leaving out Fri 1 Jan 2027 (New Year's Day) "
            "and 2 weekends, is Thu 14 Jan 2027")),
        ({"cut_off": time(12)}, "2026-11-23 12:00", 1, ("1 business day from Mon 23 Nov (not before the cut-off at "
            "12:00, so from Tue 24 Nov) is Wed 25 Nov")),
        ({"days_off": [date(2026, 11, 24)], "extra_days": {date(2026, 11, 26): "", date(2026, 11, 28): "Stocktaking"}},
            "2026-11-23 09:00", 4, ("4 business days from Mon 23 Nov, leaving out Tue 24 Nov (own day off), counting "
            "Thu 26 Nov and Sat 28 Nov (Stocktaking), is Sat 28 Nov")),
        ({"days_off": [date(2026, 12, day) for day in range(7, 13)]}, "2026-12-04 09:00", 1, ("1 business day from "
            "Fri 4 Dec, leaving out Mon 7 Dec (own day off), Tue 8 Dec (own day off), Wed 9 Dec (own day off), Thu "
            "10 Dec (own day off), 1 more day off and 2 weekends, is Mon 14 Dec")),
        ({"country": None, "extra_days": [date(2026, 12, day) for day in (5, 6, 12, 13, 19)]}, "2026-12-04 09:00", 15,
            ("15 business days from Fri 4 Dec, counting Sat 5 Dec, Sun 6 Dec, Sat 12 Dec, Sun 13 Dec and 1 more, is "
            "Sat 19 Dec")),
        ({"days_off": [date(2026, 12, day) for day in range(7, 11)]}, "2026-12-04 09:00", 1, (
            "1 business day from Fri 4 Dec, leaving out Mon 7 Dec (own day off), Tue 8 Dec (own day off), Wed 9 Dec "
            "(own day off), Thu 10 Dec (own day off) and the weekend, is Fri 11 Dec"
        )),
        ({"days_off": [date(2026, 12, day) for day in range(7, 15)]}, "2026-12-04 09:00", 1, (
            "1 business day from Fri 4 Dec, leaving out Mon 7 Dec (own day off), Tue 8 Dec (own day off), Wed 9 Dec "
            "(own day off), Thu 10 Dec (own day off), 2 more days off and 2 weekends, is Tue 15 Dec"
        )),
        ({"country": None, "extra_days": [date(2026, 12, day) for day in (5, 6, 12, 13)]}, "2026-12-04 09:00", 10, (
            "10 business days from Fri 4 Dec, counting Sat 5 Dec, Sun 6 Dec, Sat 12 Dec and Sun 13 Dec, is Mon 14 Dec"
        )),
        # Weekends of one day and of three.
        ({"working_weekdays": range(6)}, "2026-12-04 09:00", 9, (
            "9 business days from Fri 4 Dec, leaving out 2 weekends, is Tue 15 Dec"
        )),
        ({"working_weekdays": range(4)}, "2026-12-03 09:00", 5, (
            "5 business days from Thu 3 Dec, leaving out 2 weekends, is Mon 14 Dec"
        )),
        # The day of the start is not one of those that are counted, and has been named already.
        ({"extra_days": {date(2026, 11, 28): "Stocktaking"}}, "2026-11-28 09:00", 1, (
            "1 business day from Sat 28 Nov, leaving out the weekend, is Mon 30 Nov"
        )),
        # The cut-off is not what moves a start on a day off.
        ({"cut_off": time(12)}, "2026-11-28 13:00", 1, (
            "1 business day from Sat 28 Nov (a day off, so from Mon 30 Nov) is Tue 1 Dec"
        )),
        # Names are in English, whatever the country speaks.
        ({"country": "HU"}, "2026-04-02 09:00", 1, (
            "1 business day from Thu 2 Apr, leaving out Fri 3 Apr (Good Friday), Mon 6 Apr (Easter Monday) and the "
            "weekend, is Tue 7 Apr"
        )),
        # A day that is worked anyway, or off anyway, is nothing to speak of.
        ({"extra_days": [date(2026, 11, 24)], "days_off": [date(2026, 11, 29)]}, "2026-11-23 09:00", 1,
            "1 business day from Mon 23 Nov is Tue 24 Nov"),
        ({"country": "JP", "zone": TOKYO}, "2026-09-18 09:00", 1, ("1 business day from Fri 18 Sep, leaving out Mon 21 "
            "Sep (Respect for the Aged Day), Tue 22 Sep (National Holiday), Wed 23 Sep (Autumnal Equinox Day) and the "
            "weekend, is Thu 24 Sep")),
    ],
)
def test_the_sum_in_words(settings: dict[str, Any], start: str, n: int, told: str) -> None:
    calendar = make_calendar(**settings)
    assert calendar.describe(datetime.fromisoformat(start).replace(tzinfo=calendar.zone), n) == told
