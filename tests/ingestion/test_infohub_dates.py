"""Which day a document speaks of: the keys in their order, every spelling of a date, and what is no date."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.infohub.dates import CONTENT_DATE_KEYS, content_date
from ingestion.infohub.yaml_reading import JsonValue, read_yaml


@pytest.mark.parametrize(
    ("value", "day", "moment"),
    [
        ("2026-02-03", "2026-02-03", None),
        (" 2026-02-03 ", "2026-02-03", None),
        ("2026-02-03T09:00:00Z", "2026-02-03", "2026-02-03 09:00:00"),
        ("2026-02-03T09:00:00", "2026-02-03", "2026-02-03 09:00:00"),
        ("2026-02-03 9:00", "2026-02-03", "2026-02-03 09:00:00"),
        ("2026-02-03 09:00 UTC", "2026-02-03", "2026-02-03 09:00:00"),
        ("2026-02-03T01:30:00+05:30", "2026-02-02", "2026-02-02 20:00:00"),
        ("2026-02-03T23:00:00-0800", "2026-02-04", "2026-02-04 07:00:00"),
        ("2026-02-03T23:00:00 -08", "2026-02-04", "2026-02-04 07:00:00"),
        ("2026-02-03T09:00:00.123456789Z", "2026-02-03", "2026-02-03 09:00:00.123456"),
        ("9999-12-31", "9999-12-31", None),
    ],
)
def test_every_usual_spelling_is_a_date(value: str, day: str, moment: str | None) -> None:
    dated = content_date({"last_updated": value})
    assert (dated.key, dated.day, dated.moment) == ("last_updated", day, moment)


@pytest.mark.parametrize(
    "value",
    ["soon", "2026-02-30", "2026-02-03T25:00:00Z", "03/02/2026", "20260203", 20260203, True, ["2026-02-03"], {"a": 1},
     "0001-01-01T00:00:00+05:00", "9999-12-31T23:00:00-05:00", "2026-02-03T09:00:00+99:00"],
)  # fmt: skip
def test_what_is_no_date_is_named_and_the_next_key_is_tried(value: JsonValue) -> None:
    dated = content_date({"updated_at": value, "created": "2025-01-01"})
    assert (dated.key, dated.day) == ("created", "2025-01-01")
    assert dated.unusable == (("updated_at",),)


@pytest.mark.parametrize("value", ["", None])
def test_a_key_without_a_value_is_passed_over(value: JsonValue) -> None:
    assert content_date({"updated_at": value, "created": "2025-01-01"}) == ("created", "2025-01-01", None, ())


def test_the_first_key_wins_wherever_it_is() -> None:
    for position, key in enumerate(CONTENT_DATE_KEYS):
        later = dict.fromkeys(CONTENT_DATE_KEYS[position:], "2026-01-01")
        assert content_date({**later}).key == key
        assert content_date({"metadata": {**later}}).key == f"metadata.{key}"
    assert content_date({"created": "2025-01-01", "metadata": {"last_updated": "2026-01-01"}}).day == "2026-01-01"
    assert content_date({"date": "2025-01-01", "metadata": {"date": "2026-01-01"}}).day == "2025-01-01"


@pytest.mark.parametrize(
    "fields", [None, "text", [{"date": "2026-01-01"}], {}, {"metadata": "x"}, {"review": {"date": 1}}]
)
def test_without_a_key_there_is_no_date(fields: JsonValue) -> None:
    assert content_date(fields) == (None, None, None, ())


@given(
    st.datetimes(datetime(1900, 1, 2), datetime(9999, 12, 30)),
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from(["T", " "]),
    st.booleans(),
)
def test_quoted_or_not_the_moment_is_the_same(moment: datetime, offset: int, separator: str, is_quoted: bool) -> None:
    written = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))
    text = written.isoformat(sep=separator)
    text = f'"{text}"' if is_quoted else text
    ((_, fields),) = read_yaml(f"updated_at: {text}\n".encode()).documents
    utc = written.astimezone(UTC).replace(tzinfo=None)
    assert content_date(fields) == ("updated_at", utc.date().isoformat(), utc.isoformat(sep=" "), ())
