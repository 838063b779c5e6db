"""Nothing that happens after a day changes what is said of it: later exports are loaded, the day is built again, all is as before."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.contract import Contract, TableContract, read_contracts
from ingestion.loader import load_landing
from ingestion.runs import LoadRun
from ingestion.warehouse import open_warehouse
from tests.dbt_project.conftest import AS_OF, DbtRun, SampleCompany

LATER = "2026-08-15"
# Which file something was read from, and how often, is about loading and not about the day.
ABOUT_LOADING = {"rpt_control_totals", "fct_source_days", "fct_corrections", "rpt_source_measures"}
# Lists of changes, later ones too, from which the state of the day is reconstructed. Whatever reads them cuts.
NOT_CUT = {
    "int_stage__hubspot_changes_conformed",
    "int_stage__salesforce_changes_conformed",
    "int_stage__opportunity_record_versions_unioned",
    "int_stage__opportunity_observations_ordered",
    "int_support__case_exports_unioned",
    "int_support__logged_changes_unioned",
    "int_usage__events_unioned",
}
IDS_THAT_LOADING_GIVES = "file_id"


def changed_values(table: TableContract) -> str:
    """Every row as it could be in August: each value is the next row's.

    Keys stay, and so do moments: one that lies before the day says what was so then, whoever wrote it down later.
    """
    kept = {*table.key, *(column.name for column in table.columns if column.type in ("timestamp", "date"))}
    listed = []
    for column in table.columns:
        if column.name == table.stamp:
            value = f"timestamp '{LATER} 10:00:00'"
        elif column.name in kept:
            value = f'"{column.name}"'
        elif column.type == "boolean":
            value = f'not coalesce("{column.name}", false)'
        else:
            value = f'lead("{column.name}") over (partition by source_instance order by {", ".join(table.key)})'
        listed.append(f'{value} as "{column.name}"')
    return ", ".join(listed)


def moved_values(table: TableContract) -> str:
    """Every event once more, under another key, as long after the day as it was before it."""
    listed = []
    for column in table.columns:
        name = f'"{column.name}"'
        if column.type in ("timestamp", "date"):
            value = f"timestamp '{LATER}' + (timestamp '{LATER}' - {name}::timestamp)"
            value = f"({value})::{column.type}"
        elif column.name in table.key and column.type == "salesforce_id":
            value = f"substr({name}, 1, 3) || 'zZz' || substr({name}, 7, 9)"
        elif column.name in table.key and column.type == "integer":
            value = f"{name} + 1000000000000000"
        elif column.name in table.key and column.name in ("object_type", "property"):
            value = name
        elif column.name in table.key:
            value = f"md5({name})"
        else:
            value = name
        listed.append(f"{value} as {name}")
    return ", ".join(listed)


def deliver_august(company: SampleCompany, folder: Path, contracts: dict[str, Contract]) -> None:
    """An export of every table, as if all had gone on for six weeks."""
    with duckdb.connect(str(company.folder / "warehouse.duckdb"), read_only=True) as connection:
        for contract in contracts.values():
            for table in contract.tables:
                raw = f'raw."{table.raw_name}"'
                values = changed_values(table) if table.stamp else moved_values(table)
                for (instance,) in connection.execute(f"select distinct source_instance from {raw}").fetchall():
                    path = folder / contract.system / instance / f"{table.files[0]}_{LATER}.parquet"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    connection.execute(
                        f"copy (select {values} from {raw} where source_instance = '{instance}') to '{path}' (format parquet)"
                    )


@pytest.fixture(scope="module")
def later(company_built: SampleCompany, dbt: Callable[..., DbtRun], tmp_path_factory: pytest.TempPathFactory) -> DbtRun:
    """The sample company with what August brought, built for the same day as without it."""
    folder = tmp_path_factory.mktemp("later")
    contracts = read_contracts()
    deliver_august(company_built, folder / "landing", contracts)
    shutil.copy(company_built.folder / "warehouse.duckdb", folder / "warehouse.duckdb")
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        # Nothing that the earlier build left may help.
        for (schema,) in connection.execute(
            "select schema_name from information_schema.schemata where catalog_name = current_database() "
            "and schema_name in ('staging', 'intermediate', 'core', 'policy')"
        ).fetchall():
            connection.execute(f"drop schema {schema} cascade")
    with open_warehouse(folder / "warehouse.duckdb") as warehouse:
        report = load_landing(
            warehouse, folder / "landing", contracts, LoadRun("august", datetime(2026, 8, 16)), accept_drop=True
        )
    refused = [file for file in report.files if file.status == "refused"]
    assert not refused, refused
    assert sum(file.rows_corrected for file in report.files) > 1000
    return dbt(folder, "build", "--exclude-resource-type", "test", "unit_test", variables={"as_of": f"{AS_OF}"})


def test_later_exports_change_nothing_that_is_said_of_the_day(
    company_built: SampleCompany, later: DbtRun, tmp_path: Path
) -> None:
    assert later.succeeded, later.output
    tables = write_tables(company_built, tmp_path / "before")
    assert write_tables(later, tmp_path / "later") == tables
    assert len(tables) > 10
    changed: dict[str, Any] = {}
    with duckdb.connect() as connection:
        for table in tables:
            before, after = (f"from '{tmp_path / side / table}.parquet'" for side in ("before", "later"))
            for sign, query in (("gone", f"{before} except all {after}"), ("new", f"{after} except all {before}")):
                rows = connection.execute(f"select * from ({query}) limit 1").fetchall()
                if rows:
                    changed.setdefault(table, {})[sign] = rows
    assert not changed, "\n".join(f"{table}: {difference}"[:600] for table, difference in changed.items())


def write_tables(run: DbtRun, folder: Path) -> list[str]:
    """Everything that a build says of its day, a file for each model. Views name their database, so each side is opened alone."""
    folder.mkdir()
    written = []
    with duckdb.connect(str(run.folder / "warehouse.duckdb"), read_only=True) as connection:
        for schema, table, columns in connection.execute(
            "select schema_name, table_name, list(column_name order by column_name) from duckdb_columns() "
            "where schema_name in ('intermediate', 'core') group by all order by all"
        ).fetchall():
            if table not in ABOUT_LOADING | NOT_CUT and not table.startswith("int_control"):
                told = ", ".join(f'"{name}"' for name in columns if not name.endswith(IDS_THAT_LOADING_GIVES))
                connection.execute(f"copy (select {told} from {schema}.{table}) to '{folder / table}.parquet'")
                written.append(table)
    return written
