"""The gap scan of one InfoHub by itself: loaded into a warehouse that is thrown away, with the models that the scan needs.

What is found is decided by the models, and what is told of it by publication.gap_reports; how it looks on a screen is
gap_screen.py's business.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import duckdb

from ingestion.contract import read_contracts
from ingestion.infohub.scan import InfohubProblem, load_infohub
from ingestion.loader import load_landing
from ingestion.runs import LoadRun
from ingestion.warehouse import WarehouseBusy, open_warehouse
from publication.gap_reports import SEVERITIES, Report, read_gap_reports
from revhouse.models import ModelsFailed, NodeResult, build_days
from revhouse.settings import Settings

# What the scan ends in; dbt adds whatever these are made from.
_MODELS = ("fct_gaps", "fct_node_scans", "fct_checklist_results")
# Engagements name a deal or an account of these, and nothing of any other system.
_CRM_SYSTEMS = ("salesforce", "hubspot")
NEVER = "never"


@dataclass(frozen=True)
class InfohubCheck:
    """What the scan says of each engagement, and which files could not be read."""

    as_of: date
    with_crm: bool
    reports: list[Report]
    problems: list[InfohubProblem] = field(default_factory=list)

    def fails(self, fail_on: str) -> bool:
        """Whether there is a gap of that severity or a worse one, or an engagement that could not be assessed."""
        if fail_on == NEVER:
            return False
        counted = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
        return any(
            not report["scan"]["is_conclusive"] or any(report["gap_counts"][severity] for severity in counted)
            for report in self.reports
        )


def check_infohub(
    folder: Path, settings: Settings, as_of: date, *, now: datetime, crm_warehouse: Path | None = None
) -> InfohubCheck:
    """Scan the InfoHub in the folder. What the CRM says is taken from a warehouse into which its exports were loaded."""
    with tempfile.TemporaryDirectory(prefix="infohub_check_") as place:
        warehouse = Path(place, "infohub_check.duckdb")
        scanned = replace(settings, warehouse=warehouse, infohub=folder, known_at=None)
        problems = _load(scanned, now, crm_warehouse)
        _build(scanned, as_of)
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            reports = read_gap_reports(connection, as_of)
    return InfohubCheck(as_of, crm_warehouse is not None, reports, problems)


def _load(settings: Settings, now: datetime, crm_warehouse: Path | None) -> list[InfohubProblem]:
    run = LoadRun("infohub_check", now.replace(tzinfo=None))
    with (
        open_warehouse(
            settings.warehouse,
            memory_limit=settings.memory_limit,
            threads=settings.threads,
            wait_seconds=settings.lock_wait_seconds,
        ) as connection,
        tempfile.TemporaryDirectory(prefix="infohub_check_") as no_exports,
    ):
        # Without exports their tables are still there, and empty: that nothing is known of a deal is an answer.
        load_landing(connection, Path(no_exports), read_contracts(), run)
        if crm_warehouse:
            copy_crm(connection, crm_warehouse)
        return load_infohub(connection, settings.infohub, run).problems


def copy_crm(connection: duckdb.DuckDBPyConnection, crm_warehouse: Path) -> None:
    """Copy the loaded exports of the CRM, and the ledger of the files that they came from."""
    place = str(crm_warehouse).replace("'", "''")
    try:
        connection.execute(f"attach '{place}' as crm (read_only)")
    except duckdb.IOException as error:
        if "lock" not in str(error).lower():
            raise
        raise WarehouseBusy(f"{crm_warehouse} is being written by another program: wait for it to end.") from error
    tables: Sequence[tuple[str, str]] = connection.execute(
        """
        select table_schema, table_name
        from information_schema.tables
        where
            table_catalog = 'crm'
            and (
                (table_schema = 'ledger' and table_name = 'files')
                or (table_schema in ('raw', 'raw_history') and list_contains(?, split_part(table_name, '__', 1)))
            )
        order by table_schema, table_name
        """,
        [list(_CRM_SYSTEMS)],
    ).fetchall()
    for schema, table in tables:
        connection.execute(f'insert into "{schema}"."{table}" by name select * from crm."{schema}"."{table}"')
    connection.execute("detach crm")


def _build(settings: Settings, as_of: date) -> None:
    faults = [
        result.fault
        for result in build_days(settings, [as_of], select=_MODELS, put_back=False, with_tests=False)
        if isinstance(result, NodeResult) and result.is_fault
    ]
    if faults:
        raise ModelsFailed("The scan could not be built:\n" + "\n".join(faults))
