"""The two times of a run: what may be given, what comes of it, and what a person is told who gives something else."""

from __future__ import annotations

import datetime as datetime_module
import re
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest
import pytz


class Refused(Exception):
    """What dbt raises as a compilation error."""


@pytest.fixture
def render(project: Path) -> Any:
    """Call one of the clock's macros as dbt would, with these variables."""

    def call(macro: str, *, execute: bool = True, **variables: object) -> str:
        def refuse(message: str) -> None:
            raise Refused(message)

        environment = jinja2.Environment(extensions=["jinja2.ext.do"])
        environment.globals.update(
            var=lambda name, default=None: variables.get(name, default),
            execute=execute,
            exceptions=SimpleNamespace(raise_compiler_error=refuse),
            modules=SimpleNamespace(re=re, pytz=pytz, datetime=datetime_module),
        )
        template = environment.from_string((project / "dbt_project/macros/clock.sql").read_text())
        return str(getattr(template.module, macro)()).strip()

    return call


# dbt reads --vars as YAML, which makes a date of 2026-06-30 and text of "2026-06-30".
@pytest.mark.parametrize("given", [date(2026, 6, 30), "2026-06-30"])
def test_as_of_is_a_day(render: Any, given: object) -> None:
    assert render("as_of_date", as_of=given) == "cast('2026-06-30' as date)"


@pytest.mark.parametrize("given", ["30.06.2026", "2026-6-30", "2026-06-30T00:00:00", "yesterday", 20260630])
def test_what_is_no_day_is_refused(render: Any, given: object) -> None:
    with pytest.raises(Refused, match=rf"{given}.*YYYY-MM-DD"):
        render("as_of_date", as_of=given)


def test_without_as_of_nothing_runs(render: Any) -> None:
    with pytest.raises(Refused, match=r"--vars '\{as_of: 2026-06-30\}'"):
        render("as_of_date")


def test_parsing_needs_no_day(render: Any) -> None:
    assert render("as_of_date", execute=False) == "cast(null as date)"


@pytest.mark.parametrize(
    ("day", "timezone", "moment"),
    [
        ("2026-06-30", "UTC", "2026-07-01 00:00:00"),
        ("2026-06-30", "Europe/Berlin", "2026-06-30 22:00:00"),
        # The days on which summer time begins and ends there: 23 and 25 hours after the moment of the day before.
        ("2026-03-28", "Europe/Berlin", "2026-03-28 23:00:00"),
        ("2026-03-29", "Europe/Berlin", "2026-03-29 22:00:00"),
        ("2026-10-25", "Europe/Berlin", "2026-10-25 23:00:00"),
        ("2026-12-31", "America/Los_Angeles", "2027-01-01 08:00:00"),
    ],
)
def test_a_day_ends_where_the_business_is(render: Any, day: str, timezone: str, moment: str) -> None:
    assert render("as_of_end", as_of=day, timezone=timezone) == f"cast('{moment}' as timestamp)"


def test_without_a_day_there_is_no_end_of_it(render: Any) -> None:
    with pytest.raises(Refused, match="as_of is not set"):
        render("as_of_end")


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2026-07-01T06:00:00", "2026-07-01 06:00:00"),
        ("2026-07-01 06:00", "2026-07-01 06:00"),
        ("2026-07-01T06:00:00.250000Z", "2026-07-01 06:00:00.250000"),
        (datetime(2026, 7, 1, 6, 0), "2026-07-01 06:00:00"),
        (datetime(2026, 7, 1, 6, 0, tzinfo=UTC), "2026-07-01 06:00:00"),
    ],
)
def test_known_at_is_a_moment(render: Any, given: object, moment: str) -> None:
    assert render("known_at", known_at=given) == f"cast('{moment}' as timestamp)"


@pytest.mark.parametrize("given", [date(2026, 7, 1), "2026-07-01", "2026-07-01T06:00:00+02:00", "now"])
def test_what_is_no_moment_in_utc_is_refused(render: Any, given: object) -> None:
    with pytest.raises(Refused, match="no moment in UTC"):
        render("known_at", known_at=given)


def test_no_yaml_asks_for_the_day(project: Path) -> None:
    asking = [
        path.name
        for path in (project / "dbt_project").rglob("*.yml")
        if re.search(r"as_of_date\(|as_of_end\(|var\(.as_of", path.read_text())
    ]

    assert asking == [], "YAML is read before the day is known: a test's `where` can say __as_of__"
