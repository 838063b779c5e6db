"""gap_report.yaml, one for each engagement: what the gap scan of a day says of it, and what changed since the scan before.

All of it is read from the marts in a few queries, however many engagements there are. The files say the same for the same day,
byte by byte, and are written only where they would change.
"""

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from publication.block_yaml import block_yaml

FILE_NAME = "gap_report.yaml"
DIMENSIONS = ("engagement", "blueprints", "assets", "checklist", "cadence")
SEVERITIES = ("error", "warn", "minimal")
_HEADING = "# Written by revhouse from the gap scan, and written again by the next one: changes to it are lost.\n"
_NODE_COLUMNS = (
    "source_instance",
    "realm",
    "node",
    "account_id",
    "opportunity_id",
    "archetype",
    "track",
    "track_reason",
    "is_ended",
)
_SCAN_COLUMNS = ("is_official_scan_day", "is_conclusive", "stop_reason", "policy_version")
_SCORE_COLUMNS = (
    "governance_score",
    "data_coverage_pct",
    "assessed_pct",
    "checklist_pass_rate_pct",
    "minimum_pass_rate_pct",
)
_DIMENSION_FIGURES = (
    "status",
    "pass_count",
    "fail_count",
    "insufficient_data_count",
    "set_aside_count",
    "points",
    "maximum_points",
)
_GAP_COLUMNS = (
    "gap_id",
    "gap_kind",
    "subject",
    "severity",
    "reason",
    "owner_role",
    "playbook",
    "blueprint",
    "evidence_path",
    "observed_value",
    "threshold",
    "first_seen_date",
    "age_days",
    "due_date",
    "is_overdue",
    "is_regressed",
    "waiver_expires_date",
)

_SCANS = f"""
select
    scans.node_id,
    {", ".join(f"scans.{name}" for name in (*_NODE_COLUMNS, *_SCAN_COLUMNS, *_SCORE_COLUMNS))},
    {", ".join(f"scans.{dimension}_{figure}" for dimension in DIMENSIONS for figure in _DIMENSION_FIGURES)},
    earlier_scans.last_scan_date
from governance.fct_node_scans as scans
left join (
    select node_id, max(as_of_date) as last_scan_date
    from governance.fct_node_scans
    where as_of_date < $as_of
    group by node_id
) as earlier_scans on scans.node_id = earlier_scans.node_id
where scans.as_of_date = $as_of
order by scans.source_instance, scans.realm, scans.node
"""
_GAPS = f"""
select
    gaps.node_id,
    {", ".join(f"gaps.{name}" for name in _GAP_COLUMNS)},
    playbooks.playbook_name,
    gaps.gap_status,
    gaps.episode_first_seen_date,
    gaps.resolved_date
from governance.fct_gaps as gaps
inner join policy.gap_kinds as kinds on gaps.gap_kind = kinds.gap_kind
left join policy.playbooks as playbooks on gaps.playbook = playbooks.playbook
where
    gaps.as_of_date = $as_of
    and gaps.is_node_scanned
    and (gaps.gap_status in ('open', 'waived') or gaps.resolved_date = $as_of)
order by
    gaps.node_id,
    case gaps.severity when 'error' then 1 when 'warn' then 2 else 3 end,
    kinds.sort_order,
    gaps.gap_id
"""

Report = dict[str, Any]


@dataclass
class WrittenReports:
    """What became of the files. `refused` says for each engagement without one why it has none."""

    folder: str
    written: int = 0
    unchanged: int = 0
    refused: list[str] = field(default_factory=list)


def read_gap_reports(connection: duckdb.DuckDBPyConnection, as_of: date) -> list[Report]:
    """The reports of all engagements that were scanned for the day, in the order of realm and node."""
    gaps: dict[str, list[Mapping[str, Any]]] = {}
    for gap in _rows(connection, _GAPS, as_of):
        gaps.setdefault(gap["node_id"], []).append(gap)
    return [_report(scan, gaps.get(scan["node_id"], []), as_of) for scan in _rows(connection, _SCANS, as_of)]


def report_text(report: Report) -> str:
    """The report as it stands in its file."""
    return _HEADING + block_yaml(report)


def write_gap_reports(reports: Sequence[Report], folder: Path, *, into_infohub: bool = False) -> WrittenReports:
    """Write each report to REALM/NODE/gap_report.yaml below the folder; what is there and the same stays untouched.

    With several InfoHubs the folder of each comes first. `into_infohub` says that the folder is the InfoHub itself: no folder
    is made there, so an engagement that has gone since gets no file.
    """
    outcome = WrittenReports(folder=str(folder))
    instances = {report["engagement"]["source_instance"] for report in reports}
    root = folder.resolve()
    for report in reports:
        engagement = report["engagement"]
        parts = [engagement["realm"], engagement["node"]]
        if len(instances) > 1:
            parts.insert(0, engagement["source_instance"])
        if reason := _write(report_text(report).encode(), root, parts, outcome, may_make=not into_infohub):
            outcome.refused.append(f"{'/'.join(parts)}: {reason}")
    return outcome


def _write(content: bytes, root: Path, parts: Iterable[str], outcome: WrittenReports, *, may_make: bool) -> str | None:
    """Write one file, or say why not."""
    # Folders gave the names once; whoever writes into the warehouse could give others.
    if unusable := [part for part in parts if part in ("", ".", "..") or set(part) & set("/\\\0")]:
        return f"{unusable[0]!r} is no name of a folder"
    # The root is resolved already, so only a link among the folders below it could lead elsewhere.
    place, has_link = root, False
    for part in parts:
        place = place / part
        has_link = has_link or place.is_symlink()
    if has_link and not place.resolve().is_relative_to(root):
        return "its folder leads out of the folder for reports"
    if not may_make and not place.is_dir():
        return "its folder is gone"
    path = place / FILE_NAME
    if path.is_symlink():
        return f"{FILE_NAME} is a link"
    try:
        if path.read_bytes() == content:
            outcome.unchanged += 1
            return None
    except FileNotFoundError:
        if may_make:
            place.mkdir(parents=True, exist_ok=True)
    _replace(path, content)
    outcome.written += 1
    return None


def _replace(path: Path, content: bytes) -> None:
    """Nobody finds half a file, and a name that begins with a dot is no file of an InfoHub."""
    descriptor, name = tempfile.mkstemp(prefix=f".{FILE_NAME}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _rows(connection: duckdb.DuckDBPyConnection, query: str, as_of: date) -> list[dict[str, Any]]:
    found = connection.execute(query, {"as_of": as_of})
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, map(_plain, row), strict=True)) for row in found.fetchall()]


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def _report(scan: Mapping[str, Any], gaps: Sequence[Mapping[str, Any]], as_of: date) -> Report:
    standing = [gap for gap in gaps if gap["gap_status"] in ("open", "waived")]
    return {
        "as_of": as_of,
        "engagement": {name: scan[name] for name in _NODE_COLUMNS},
        "scan": {name: scan[name] for name in _SCAN_COLUMNS},
        "score": {name: scan[name] for name in _SCORE_COLUMNS},
        "dimensions": {
            dimension: {figure: scan[f"{dimension}_{figure}"] for figure in _DIMENSION_FIGURES}
            for dimension in DIMENSIONS
        },
        "gap_counts": {
            **{severity: _count(gaps, "open", severity) for severity in SEVERITIES},
            "overdue": sum(gap["is_overdue"] for gap in gaps),
            "waived": sum(gap["gap_status"] == "waived" for gap in gaps),
        },
        "change": _change(scan["last_scan_date"], gaps),
        "open_gaps": [_gap(gap) for gap in standing if gap["gap_status"] == "open"],
        "waived_gaps": [_gap(gap) for gap in standing if gap["gap_status"] == "waived"],
    }


def _count(gaps: Sequence[Mapping[str, Any]], status: str, severity: str) -> int:
    return sum(gap["gap_status"] == status and gap["severity"] == severity for gap in gaps)


def _change(last_scan: date | None, gaps: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What changed since the last scan of the engagement. Before its first one there was nothing to compare with."""
    change: dict[str, Any] = {"since": last_scan, "new": [], "regressed": [], "resolved": [], "still_open": 0}
    for gap in gaps:
        if gap["resolved_date"] is not None:
            change["resolved"].append(gap["gap_id"])
        elif last_scan is not None and gap["episode_first_seen_date"] <= last_scan:
            change["still_open"] += gap["gap_status"] == "open"
        else:
            change["regressed" if gap["is_regressed"] else "new"].append(gap["gap_id"])
    return change


def _gap(gap: Mapping[str, Any]) -> dict[str, Any]:
    # What is empty is left out, but not what is asked of everybody: who, by when.
    asked = ("owner_role", "playbook", "due_date")
    told = {name: gap[name] for name in _GAP_COLUMNS if gap[name] is not None or name in asked}
    return {**told, "playbook_name": gap["playbook_name"]} if gap["playbook"] else told
