"""Which day the content of an InfoHub document speaks of, as the document itself says it.

What stands in when it says nothing (the file's modification time) is added where rows are written.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import NamedTuple

from ingestion.infohub.yaml_reading import JsonValue

# The first of these that holds a date counts, at the top level before `metadata`.
CONTENT_DATE_KEYS = ("updated_at", "last_updated", "date", "created_at", "created")
METADATA_KEY = "metadata"

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})(?:[Tt]|\s+)(?P<hour>\d{1,2}):(?P<rest>\d{2}(?::\d{2}(?:\.\d+)?)?)"
    r"\s*(?P<zone>Z|z|UTC|[-+]\d{2}(?::?\d{2})?)?",
    re.ASCII,
)


class ContentDate(NamedTuple):
    """A document's own date: the key it is from, the day, and the moment (UTC) where a time is given.

    The day of a moment is its day in UTC. The moment is kept because its day in the business timezone, which
    is not known here, may be another one. A moment without an offset is taken as UTC.
    """

    key: str | None
    day: str | None
    moment: str | None
    # Keys that come first but hold no date.
    unusable: tuple[tuple[str, ...], ...]


def content_date(fields: JsonValue) -> ContentDate:
    if not isinstance(fields, dict):
        return ContentDate(None, None, None, ())
    metadata = fields.get(METADATA_KEY)
    unusable: list[tuple[str, ...]] = []
    for key in CONTENT_DATE_KEYS:
        for path, holder in (((key,), fields), ((METADATA_KEY, key), metadata)):
            if not isinstance(holder, dict) or (value := holder.get(key)) in (None, ""):
                continue
            read = _day_and_moment(value)
            if read is not None:
                return ContentDate(".".join(path), *read, tuple(unusable))
            unusable.append(path)
    return ContentDate(None, None, None, tuple(unusable))


def _day_and_moment(value: JsonValue) -> tuple[str, str | None] | None:
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text).isoformat(), None
        match = _MOMENT.fullmatch(text)
        if match is None:
            return None
        zone = match["zone"] or "Z"
        zone = "Z" if zone in ("z", "UTC") else zone
        moment = datetime.fromisoformat(f"{match['day']}T{match['hour']:0>2}:{match['rest']}{zone}")
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return moment.date().isoformat(), moment.isoformat(sep=" ")
