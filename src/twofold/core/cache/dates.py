"""HTTP dates as a cache must read them: strictly, since garbage means "in the past"."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = "(?P<month>" + "|".join(MONTHS) + ")"
ZONE = "(?:gmt|utc)"
CLOCK = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"

# RFC 9110, 5.6.7: the one in use, and the two that are obsolete.  RFC 9111, 4.2: case does not
# matter, and any zone but GMT and UTC is invalid.
FIXDATE = rf"(mon|tue|wed|thu|fri|sat|sun), (?P<day>\d\d) {MONTH} (?P<year>\d{{4}}) {CLOCK} {ZONE}"
LONG_DAY = "(mon|tues|wednes|thurs|fri|satur|sun)day"
RFC_850 = rf"{LONG_DAY}, (?P<day>\d\d)-{MONTH}-(?P<year>\d\d) {CLOCK} {ZONE}"
ASCTIME = rf"(mon|tue|wed|thu|fri|sat|sun) {MONTH} (?P<day>[ \d]\d) {CLOCK} (?P<year>\d{{4}})"
FORMS = [re.compile(form, re.ASCII | re.IGNORECASE) for form in (FIXDATE, RFC_850, ASCTIME)]


@lru_cache(maxsize=512)
def http_date(text: str) -> float | None:
    """Return the seconds since 1970, whatever lies before them negative; None: no date."""
    for form in FORMS:
        found = form.fullmatch(text.strip(" \t"))
        if found is not None:
            return moment(found)
    return None


def moment(found: re.Match[str]) -> float | None:
    try:
        return datetime(
            full_year(found["year"]),
            MONTHS.index(found["month"].lower()) + 1,
            int(found["day"]),
            int(found["hour"]),
            int(found["minute"]),
            min(int(found["second"]), 59),  # a leap second; the earlier moment counts
            tzinfo=UTC,
        ).timestamp()
    except ValueError:
        return None


def full_year(year: str) -> int:
    """Return a year of two digits in full: those of RFC 850 were written from 1970 on."""
    number = int(year)
    if len(year) == 4:
        return number
    return number + (2000 if number < 70 else 1900)
