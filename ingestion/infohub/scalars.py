"""What an unquoted text in a YAML file stands for.

The meanings are those of a YAML 1.1 safe loader, except where it would lose what the author wrote: `10:30`
(630 to YAML 1.1), `0123` (83), `.nan`, and integers beyond 64 bits stay text. Dates become ISO text.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

ScalarValue = str | int | float | bool | None

_LARGEST_INTEGER = 2**63 - 1
_MAX_REMEMBERED_TEXTS = 50_000
_LONGEST_REMEMBERED_TEXT = 64

WORDS: dict[str, ScalarValue] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
}
_DECIMAL_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9_]*)")
_HEX_OR_BINARY_INTEGER = re.compile(r"[-+]?0(?:x[0-9a-fA-F_]+|b[01_]+)")
_FLOAT = re.compile(r"(?:[-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?")
TIMESTAMP = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)"
    r"(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?[ \t]*(Z|([-+])(\d\d?)(?::(\d\d))?)?)?",
    re.ASCII,
)


class ImpossibleDate(ValueError):
    """A text written as a date that the calendar does not have."""


class RememberedValues(dict[str, ScalarValue]):
    """What plain texts stand for. Real files repeat a small vocabulary: most lookups hit."""

    def __missing__(self, text: str) -> ScalarValue:
        value = plain_value(text)
        if len(text) <= _LONGEST_REMEMBERED_TEXT:
            if len(self) >= _MAX_REMEMBERED_TEXTS:
                self.clear()
            self[text] = value
        return value


def plain_value(text: str) -> ScalarValue:
    """What an unquoted text stands for."""
    first = text[:1]
    if not first or not (first.isdigit() or first in "+-."):
        return WORDS.get(text, text)
    if _DECIMAL_INTEGER.fullmatch(text):
        return _integer(text, 10)
    if _FLOAT.fullmatch(text):
        number = float(text.replace("_", ""))
        return number if abs(number) != float("inf") else text
    if _HEX_OR_BINARY_INTEGER.fullmatch(text):
        return _integer(text, 16 if "x" in text else 2)
    return _timestamp(text)


def _integer(text: str, base: int) -> ScalarValue:
    # Far beyond 64 bits; thousands of digits are slow to convert, and Python refuses to print them.
    if len(text) > 80:
        return text
    try:
        number = int(text.replace("_", ""), base)
    except ValueError:
        return text
    return number if abs(number) <= _LARGEST_INTEGER else text


def _timestamp(text: str) -> str:
    """The ISO spelling of a date or moment; any other text as it is."""
    match = TIMESTAMP.fullmatch(text)
    if match is None:
        return text
    year, month, day, hour, minute, second, fraction, zone, sign, zone_hours, zone_minutes = match.groups()
    try:
        if hour is None:
            if len(month) + len(day) != 4:
                return text  # 2026-2-3 is plain text to YAML
            return date(int(year), int(month), int(day)).isoformat()
        offset = None
        if zone == "Z":
            offset = UTC
        elif zone is not None:
            ahead = timedelta(hours=int(zone_hours), minutes=int(zone_minutes or 0))
            offset = timezone(-ahead if sign == "-" else ahead)
        return datetime(
            int(year),
            int(month),
            int(day),
            int(hour),
            int(minute),
            int(second),
            int((fraction or "")[:6].ljust(6, "0")),
            offset,
        ).isoformat()
    except ValueError:
        raise ImpossibleDate(text) from None
