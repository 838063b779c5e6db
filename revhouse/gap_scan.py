"""What a run tells of the gap scan: the gaps counted, and the reports written.

The scan itself is SQL; the reports are written by the package publication.
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from publication.gap_reports import SEVERITIES, Report, WrittenReports, read_gap_reports, write_gap_reports
from revhouse.settings import Settings
from revhouse.wording import short


@dataclass
class GapSummary:
    """The engagements scanned for the day, and their open gaps."""

    engagements: int = 0
    unassessed: int = 0
    gaps: dict[str, int] = field(default_factory=dict)
    overdue: int = 0
    waived: int = 0
    written: WrittenReports | None = None
    written_into_infohub: WrittenReports | None = None


def tell_gaps(settings: Settings, as_of: date, *, into_infohub: bool = False) -> GapSummary | None:
    """Count what the day's scan found and write its reports; None if no scan of the day is in the warehouse."""
    try:
        with duckdb.connect(str(settings.built), read_only=True) as connection:
            reports = read_gap_reports(connection, as_of)
    except (duckdb.CatalogException, duckdb.IOException):
        return None  # nothing was built, and whoever built it has said so
    if not reports:
        return None
    summary = _count(reports)
    # What is rebuilt from an earlier moment must not replace what is reported today.
    if settings.known_at is None:
        if settings.gap_reports:
            summary.written = _written(reports, settings.gap_reports)
        if into_infohub:
            summary.written_into_infohub = _written(reports, settings.infohub, into_infohub=True)
    return summary


def _written(reports: list[Report], folder: Path, *, into_infohub: bool = False) -> WrittenReports:
    written = write_gap_reports(reports, folder, into_infohub=into_infohub)
    written.folder = short(folder)
    return written


def _count(reports: list[Report]) -> GapSummary:
    counts = [report["gap_counts"] for report in reports]
    return GapSummary(
        engagements=len(reports),
        unassessed=sum(not report["scan"]["is_conclusive"] for report in reports),
        gaps={severity: sum(count[severity] for count in counts) for severity in SEVERITIES},
        overdue=sum(count["overdue"] for count in counts),
        waived=sum(count["waived"] for count in counts),
    )
