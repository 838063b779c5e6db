"""What can be set, from where, and what is allowed: the only module that reads the environment.

A setting comes from a command-line flag, else from its REVHOUSE_ variable, else from its default. A wrong
value is answered with the value, what is allowed and where to set it. What a setting does belongs where it
is used.
"""

import difflib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

PREFIX = "REVHOUSE_"


@contextmanager
def environment_for(warehouse: str) -> Iterator[None]:
    """For a while, the environment names this warehouse and says nothing else to revhouse or to Spark."""
    environment = os.environ.copy()
    for name in environment:
        if name.startswith((PREFIX, "DBT_SPARK_")):
            del os.environ[name]
    os.environ[PREFIX + "WAREHOUSE"] = warehouse
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(environment)


class SettingError(ValueError):
    """A setting has a value that cannot be used. The message is for the person who set it."""


@dataclass(frozen=True)
class Settings:
    """Everything a run can be told. Paths are absolute, so that no later change of folder moves them."""

    landing: Path
    infohub: Path
    warehouse: Path
    export: Path
    gap_reports: Path | None
    data_docs: Path
    memory_limit: str | None
    threads: int | None
    timezone: str
    as_of: date | None
    first_day: date
    known_at: datetime | None
    lock_wait_seconds: float

    @property
    def sample_facts(self) -> Path:
        """The file in which a sample company says how it was made."""
        return self.landing.parent / "sample_company.json"

    @property
    def ground_truth(self) -> Path:
        """The file in which a sample company says what was planted in it."""
        return self.landing.parent / "ground_truth.csv"

    @property
    def built(self) -> Path:
        """The file that models are built in: what was known earlier must not replace what was reported."""
        if self.known_at is None:
            return self.warehouse
        return self.warehouse.with_name(f"{self.warehouse.stem}_known_at{self.warehouse.suffix}")

    def as_environment(self) -> dict[str, str]:
        """The environment for dbt, which reads nothing else: flags never get there by themselves."""
        given = {
            PREFIX + "WAREHOUSE": str(self.built),
            PREFIX + "MEMORY_LIMIT": self.memory_limit or "",
            PREFIX + "THREADS": str(self.threads or _threads_of_duckdb()),
        }
        # Where Spark finds the export can be told apart: a cluster may see it under another address.
        seen_by_spark = {"DBT_SPARK_RAW": str(self.export)}
        return {**seen_by_spark, **os.environ, **given, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}

    def today(self, now: datetime) -> date:
        """The business's calendar day at a moment that carries its zone."""
        return now.astimezone(ZoneInfo(self.timezone)).date()

    def effective_as_of(self, now: datetime) -> date:
        """The day that counts as today: the one set, else the sample company's, else the calendar's.

        Who asks what was known at a moment asks about no later day than the moment's own, unless they say so.
        """
        if self.as_of:
            return self.as_of
        today = _sample_as_of(self.sample_facts) or self.today(now)
        return min(today, self.today(self.known_at)) if self.known_at else today


def _folder_or_file(text: str) -> Path:
    # absolute() and not resolve(): a landing folder that is a symbolic link keeps the name a person gave it.
    return Path(text).expanduser().absolute()


def _folder_or_off(text: str) -> Path | None:
    return None if text.lower() == "off" else _folder_or_file(text)


def _memory_limit(text: str) -> str:
    # A bare number would be bytes to one reader and megabytes to the next; a percentage depends on the
    # machine.
    if not re.fullmatch(r"(?=.*[1-9])\d+(\.\d+)?\s*(KB|MB|GB|TB|KiB|MiB|GiB|TiB)", text, flags=re.IGNORECASE):
        raise ValueError
    return text


def _threads_of_duckdb() -> int:
    """As many as DuckDB takes by itself: it knows how much of the machine a container may use."""
    import duckdb

    with duckdb.connect() as connection:
        threads: int = connection.execute("select current_setting('threads')").fetchall()[0][0]
        return threads


def _threads(text: str) -> int:
    threads = int(text)
    if threads < 1:
        raise ValueError
    return threads


def _timezone(text: str) -> str:
    # ZoneInfo raises unrelated kinds of error for a name that is no zone, a folder, or outside its own
    # folder.
    try:
        ZoneInfo(text)
    except (OSError, ValueError, KeyError):
        raise ValueError from None
    return text


def _day(text: str) -> date:
    # date.fromisoformat alone also takes 20260630 and 2026-W27-2.
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError
    return date.fromisoformat(text)


def _moment(text: str) -> datetime:
    # A day alone would leave open whether its morning or its evening is meant.
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", text):
        raise ValueError
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 86_400:  # also false for nan
        raise ValueError
    return seconds


@dataclass(frozen=True)
class _Setting:
    name: str
    flag: str | None
    default: str | None
    read: Callable[[str], Any]
    metavar: str
    allowed: str
    meaning: str

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()


SETTINGS = (
    _Setting(
        "landing",
        "--landing",
        "data/landing",
        _folder_or_file,
        "FOLDER",
        "a folder",
        "Where exports are dropped. Default: data/landing.",
    ),
    _Setting(
        "infohub",
        "--infohub",
        "data/infohub",
        _folder_or_file,
        "FOLDER",
        "a folder",
        "Where the InfoHub lies. Default: data/infohub.",
    ),
    _Setting(
        "warehouse",
        "--warehouse",
        "data/warehouse.duckdb",
        _folder_or_file,
        "FILE",
        "a file (made when it is not there)",
        "The DuckDB file that is built. Default: data/warehouse.duckdb.",
    ),
    _Setting(
        "export",
        "--to",
        "data/export",
        _folder_or_file,
        "FOLDER",
        "a folder",
        "Where the raw layer is written as Parquet. Default: data/export.",
    ),
    _Setting(
        "gap_reports",
        "--gap-reports",
        "data/gap_reports",
        _folder_or_off,
        "FOLDER",
        "a folder, or off",
        "Where a gap_report.yaml is written for each engagement; off writes none. Default: data/gap_reports.",
    ),
    _Setting(
        "data_docs",
        "--data-docs",
        "build/data_docs",
        _folder_or_file,
        "FOLDER",
        "a folder",
        "Where the pages with results of expectations are written. Default: build/data_docs.",
    ),
    _Setting(
        "memory_limit",
        "--memory-limit",
        None,
        _memory_limit,
        "SIZE",
        "a number with a unit, such as 4GB or 512MiB",
        "Most memory that DuckDB takes; the rest spills to disk. Default: four fifths of the machine's.",
    ),
    _Setting(
        "threads",
        "--threads",
        None,
        _threads,
        "NUMBER",
        "a whole number from 1 up",
        "Threads to work with. Default: one a core.",
    ),
    _Setting(
        "timezone",
        "--timezone",
        "UTC",
        _timezone,
        "ZONE",
        "an IANA name such as Europe/Berlin or America/New_York",
        "The business's time zone, which decides what day a moment belongs to. Default: UTC.",
    ),
    _Setting(
        "as_of",
        "--as-of",
        None,
        _day,
        "DATE",
        "a date written YYYY-MM-DD",
        "The day that counts as today. Default: the sample company's own, else the calendar's.",
    ),
    _Setting(
        "first_day",
        None,
        "2024-01-01",
        _day,
        "DATE",
        "a date written YYYY-MM-DD",
        "The first day that Dagster offers to build. Default: 2024-01-01.",
    ),
    _Setting(
        "known_at",
        "--known-at",
        None,
        _moment,
        "MOMENT",
        "a moment written YYYY-MM-DDTHH:MM:SS, in UTC unless it says another offset",
        "Rebuild what was known at this moment, in a file beside the warehouse; nothing is loaded. Default: not set.",
    ),
    _Setting(
        "lock_wait_seconds",
        "--wait",
        "0",
        _seconds,
        "SECONDS",
        "a number of seconds from 0 to 86400",
        "How long to wait when another run is writing the warehouse. Default: 0.",
    ),
)


def read_settings(
    overrides: Mapping[str, object | None] | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """Put the settings together. `overrides` are flags by setting name; None means that one was not given."""
    environment = os.environ if environment is None else environment
    overrides = {name: value for name, value in (overrides or {}).items() if value is not None}
    known = {setting.name for setting in SETTINGS}
    if unexpected := sorted(set(overrides) - known):
        raise TypeError(f"no such setting: {', '.join(unexpected)}")
    _refuse_unknown_variables(environment)

    values: dict[str, Any] = {}
    for setting in SETTINGS:
        if setting.name in overrides:
            values[setting.name] = _read(setting, str(overrides[setting.name]), setting.flag or setting.name)
        elif text := environment.get(setting.variable, "").strip():  # an empty variable is one that is not set
            values[setting.name] = _read(setting, text, setting.variable)
        elif setting.default is not None:
            values[setting.name] = setting.read(setting.default)
        else:
            values[setting.name] = None
    return Settings(**values)


def _read(setting: _Setting, text: str, source: str) -> Any:
    try:
        return setting.read(text)
    except (ValueError, RuntimeError):  # RuntimeError: ~someone, where there is no such person
        raise SettingError(
            f"{source} is {text!r}, which is not allowed: it must be {setting.allowed}. "
            f"Set it {f'with {setting.flag} or ' if setting.flag else ''}in the environment as {setting.variable}."
        ) from None


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    # A misspelt variable would otherwise be a setting that silently does nothing.
    variables = [setting.variable for setting in SETTINGS]
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in variables:
            close = difflib.get_close_matches(name, variables, n=1)
            meant = f"Did you mean {close[0]}? " if close else ""
            raise SettingError(
                f"{name} is set in the environment, but there is no such setting. {meant}"
                f"There are: {', '.join(variables)}. Correct its name or unset it."
            )


def _sample_as_of(facts: Path) -> date | None:
    try:
        text = facts.read_text(encoding="utf-8")
    except OSError:
        return None  # no sample company here
    try:
        return _day(json.loads(text)["as_of"])
    except (ValueError, KeyError, TypeError):
        raise SettingError(
            f"{facts} does not say a usable as_of date. Write the sample company again (revhouse sample), "
            f"remove the file, or set the date with --as-of or {PREFIX}AS_OF, written YYYY-MM-DD."
        ) from None
