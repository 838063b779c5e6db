"""How big the sample company is, and which days it has exports for.

Nothing here knows what the company does; sizes and days only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

MONTHS_OF_HISTORY = 18
FULL_DELIVERIES = 3
# Before anything happened: where the first export of changes begins.
BEGINNING = date(1970, 1, 1)


@dataclass(frozen=True)
class Preset:
    """One size of the company.

    `usage_scale` multiplies the product events of every account. `wide_usage_files` writes the main event stream as
    Parquet, which a file of that size would be; the small one is gzipped JSON lines, which a person can look into.
    """

    name: str
    accounts: int
    usage_scale: float
    wide_usage_files: bool
    in_memory: bool


PRESETS = {
    preset.name: preset
    for preset in (
        Preset("small", accounts=200, usage_scale=1.0, wide_usage_files=False, in_memory=True),
        Preset("medium", accounts=5_000, usage_scale=1.0, wide_usage_files=True, in_memory=True),
        Preset("large", accounts=50_000, usage_scale=0.8, wide_usage_files=True, in_memory=False),
    )
}


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def label(self) -> str:
        return self.last.isoformat()

    @property
    def is_backlog(self) -> bool:
        """Whether it holds everything up to its end, which the first export of changes does."""
        return self.first == BEGINNING


@dataclass(frozen=True)
class Timeline:
    """The days the company lives on: 18 calendar months, the last one up to `as_of`."""

    as_of: date
    months: tuple[Period, ...]

    @property
    def first_day(self) -> date:
        return self.months[0].first

    @property
    def deliveries(self) -> tuple[date, ...]:
        """The days on which full exports were taken: the ends of the last two whole months, and `as_of`."""
        return tuple(month.last for month in self.months[-FULL_DELIVERIES:])

    @property
    def changes(self) -> tuple[Period, ...]:
        """The spans of the exports that hold changes only: everything up to the first full export, then month by month."""
        first, *later = self.months[-FULL_DELIVERIES:]
        return (Period(BEGINNING, first.last), *later)


def timeline(as_of: date) -> Timeline:
    month_starts = [as_of.replace(day=1)]
    while len(month_starts) < MONTHS_OF_HISTORY:
        month_starts.append((month_starts[-1] - timedelta(days=1)).replace(day=1))
    month_starts.reverse()
    ends = [start - timedelta(days=1) for start in month_starts[1:]] + [as_of]
    return Timeline(as_of, tuple(Period(first, last) for first, last in zip(month_starts, ends, strict=True)))


def month_spans(line: Timeline, *, open_start: bool = False) -> tuple[Period, ...]:
    """A span per month; with `open_start` the first reaches back to the beginning of time."""
    if not open_start:
        return line.months
    return (Period(BEGINNING, line.months[0].last), *line.months[1:])
