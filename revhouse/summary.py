"""One run, grouped by source: counted up from what the loaders report, and the same as JSON.

The loaders decide what became of each file and row; how a summary looks on a screen is report.py's business.
"""

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from revhouse.wording import short

if TYPE_CHECKING:  # importing them imports DuckDB, and a summary of them needs only their fields
    from expectations.results import Tally
    from ingestion.infohub.scan import InfohubRefused, InfohubReport
    from ingestion.ledger import FileOutcome
    from ingestion.loader import LoadReport
    from revhouse.gap_scan import GapSummary
    from revhouse.models import BuildOutcome


@dataclass
class FileCounts:
    """Files looked at in this run; unchanged ones had been loaded before."""

    loaded: int = 0
    unchanged: int = 0
    refused: int = 0

    @property
    def total(self) -> int:
        return self.loaded + self.unchanged + self.refused


@dataclass
class RowCounts:
    """What became of the rows of the files loaded in this run.

    Read = loaded + superseded + quarantined. The warehouse had the superseded ones already, in the same
    version (these are the repeated ones) or in a newer one.
    """

    read: int = 0
    loaded: int = 0
    superseded: int = 0
    repeated: int = 0
    quarantined: int = 0


@dataclass
class Counts:
    files: FileCounts = field(default_factory=FileCounts)
    rows: RowCounts = field(default_factory=RowCounts)

    def add(self, outcome: "FileOutcome") -> None:
        match outcome.status:
            case "loaded":
                self.files.loaded += 1
            case "refused":
                self.files.refused += 1
            case _:  # unchanged since it was loaded, or another file with the same bytes was
                self.files.unchanged += 1
        self.rows.read += outcome.rows_in
        self.rows.loaded += outcome.rows_loaded
        self.rows.superseded += outcome.rows_superseded
        self.rows.repeated += outcome.rows_repeated
        self.rows.quarantined += outcome.rows_quarantined


@dataclass
class TableSummary(Counts):
    table: str = ""
    quarantine_reasons: dict[str, int] = field(default_factory=dict)


@dataclass
class SourceSummary(Counts):
    system: str = ""
    instance: str = ""
    tables: list[TableSummary] = field(default_factory=list)

    @property
    def name(self) -> str:
        """As in the landing folder."""
        return "/".join(part for part in (self.system, self.instance) if part) or "(in no system's folder)"


@dataclass
class Problem:
    """A file that could not be used, and why."""

    path: str
    reason_code: str
    reason: str


@dataclass
class Drift:
    """A way in which a file's columns differ from its contract."""

    path: str
    table: str
    detail: str


@dataclass
class InfohubSummary:
    realms: int
    nodes: int
    files_seen: int
    files_parsed: int
    files_unchanged: int
    files_removed: int
    files_unreadable: int
    files_refused: int
    problems: list[Problem]


@dataclass
class Summary:
    run_id: str
    as_of: date
    loaded_at: datetime
    landing: str
    infohub_folder: str
    warehouse: str
    total: Counts = field(default_factory=Counts)
    sources: list[SourceSummary] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    drift: list[Drift] = field(default_factory=list)
    infohub: InfohubSummary | None = None
    infohub_refused: Problem | None = None
    built: "BuildOutcome | None" = None
    gaps: "GapSummary | None" = None
    known_at: datetime | None = None
    built_in: str = ""
    validated: "Tally | None" = None
    data_docs: str = ""

    @property
    def files_refused(self) -> int:
        """All of which nothing could be loaded, exports and InfoHub files."""
        infohub = self.infohub.files_unreadable + self.infohub.files_refused if self.infohub else 0
        return self.total.files.refused + infohub

    @property
    def nothing_seen(self) -> bool:
        infohub_seen = self.infohub and (self.infohub.files_seen or self.infohub.files_removed)
        return not self.total.files.total and not infohub_seen and not self.infohub_refused

    @property
    def nothing_new(self) -> bool:
        infohub_new = self.infohub and (self.infohub.files_parsed or self.infohub.files_removed)
        return not self.total.files.loaded and not infohub_new

    def as_json(self) -> dict[str, Any]:
        document = asdict(self)
        document["as_of"] = self.as_of.isoformat()
        document["loaded_at"] = self.loaded_at.isoformat()
        document["known_at"] = self.known_at.isoformat() if self.known_at else None
        if self.built:
            control = document["built"]["control"]
            for span in [*control["missing"], control["corrections"]]:
                for end in ("first", "last"):
                    span[end] = span[end].isoformat() if span[end] else None
        return document


def summarise(
    load: "LoadReport | None",
    infohub: "InfohubReport | InfohubRefused | None",
    *,
    run_id: str,
    as_of: date,
    loaded_at: datetime,
    landing: Path,
    infohub_folder: Path,
    warehouse: Path,
) -> Summary:
    """Group what the loaders report. None stands for one that did not run, an error for a refused InfoHub."""
    summary = Summary(run_id, as_of, loaded_at, short(landing), short(infohub_folder), short(warehouse))
    for outcome in load.files if load else ():
        source = _source_of(outcome, summary)
        summary.total.add(outcome)
        source.add(outcome)
        if outcome.table_name:
            table = _table_of(outcome.table_name, source)
            table.add(outcome)
            table.quarantine_reasons = dict(Counter(table.quarantine_reasons) + Counter(outcome.quarantine_reasons))
        if outcome.status == "refused":
            code, reason = outcome.reason_code or "unknown", outcome.reason or "no reason was recorded"
            summary.refused.append(Problem(outcome.path, code, reason))
        summary.drift += [Drift(outcome.path, outcome.table_name or "", detail) for detail in outcome.drift]
    summary.sources.sort(key=lambda source: (source.system, source.instance))
    for source in summary.sources:
        source.tables.sort(key=lambda table: table.table)
    summary.refused.sort(key=lambda problem: problem.path)
    summary.drift.sort(key=lambda drift: (drift.table, drift.path))
    if isinstance(infohub, Exception):
        summary.infohub_refused = Problem(short(infohub_folder), infohub.reason_code, str(infohub))
    elif infohub:
        summary.infohub = _infohub_summary(infohub)
    return summary


def _infohub_summary(infohub: "InfohubReport") -> InfohubSummary:
    return InfohubSummary(
        realms=infohub.realms,
        nodes=infohub.nodes,
        files_seen=infohub.files_seen,
        files_parsed=infohub.files_parsed,
        files_unchanged=infohub.files_unchanged,
        files_removed=infohub.files_removed,
        files_unreadable=infohub.files_unreadable,
        files_refused=infohub.files_refused,
        problems=[
            Problem(
                problem.path if problem.line is None else f"{problem.path}:{problem.line}",
                problem.reason_code,
                problem.reason,
            )
            for problem in infohub.problems
        ],
    )


def _source_of(outcome: "FileOutcome", summary: Summary) -> SourceSummary:
    for source in summary.sources:
        if (source.system, source.instance) == (outcome.source_system, outcome.source_instance):
            return source
    summary.sources.append(SourceSummary(system=outcome.source_system, instance=outcome.source_instance))
    return summary.sources[-1]


def _table_of(name: str, source: SourceSummary) -> TableSummary:
    for table in source.tables:
        if table.table == name:
            return table
    source.tables.append(TableSummary(table=name))
    return source.tables[-1]
