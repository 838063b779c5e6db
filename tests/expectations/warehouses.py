"""Small warehouses with the three judged tables, made of as many rows as a test needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb

from expectations.checks import Check, Share

COLUMNS = {
    "governance.fct_checklist_results": {
        "node_id": "varchar",
        "archetype": "varchar",
        "track": "varchar",
        "blueprint": "varchar",
        "item": "varchar",
        "is_required": "boolean",
        "status": "varchar",
        "reason": "varchar",
        "evidence_path": "varchar",
    },
    "governance.fct_asset_freshness": {
        "node_id": "varchar",
        "archetype": "varchar",
        "track": "varchar",
        "asset_path": "varchar",
        "status": "varchar",
        "reason": "varchar",
        "file_path": "varchar",
    },
    "core.rpt_source_measures": {
        "source_system": "varchar",
        "source_instance": "varchar",
        "subject_name": "varchar",
        "measure": "varchar",
        "status": "varchar",
        "reason": "varchar",
        "delivery_name": "varchar",
    },
}
_TABLE_OF = {"item": "governance.fct_checklist_results", "asset_path": "governance.fct_asset_freshness"}

Row = dict[str, Any]


def table_of(check: Check) -> str:
    assert isinstance(check.question, Share)
    found = [table for column, table in _TABLE_OF.items() if column in check.question.group]
    return found[0] if found else "core.rpt_source_measures"


def rows_of(check: Check, statuses: Sequence[str | None]) -> list[Row]:
    """A row of the check's group for each of these statuses, each of another subject."""
    assert isinstance(check.question, Share)
    return [
        {
            **check.question.group,
            "node_id": f"infohub:main:REALM/NODE_{number}",
            "source_instance": "main",
            "subject_name": f"thing_{number}",
            "status": status,
            "reason": f"it is {status}",
        }
        for number, status in enumerate(statuses)
    ]


def make_warehouse(path: Path, rows: Iterable[tuple[str, Row]], *, without: Sequence[str] = ()) -> Path:
    """A warehouse whose tables have these rows, by table; columns that a row does not name are null."""
    by_table: dict[str, list[Row]] = {table: [] for table in COLUMNS}
    for table, row in rows:
        by_table[table].append(row)
    assert not any(by_table[table] for table in without), "rows of a table that is not to be there"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema governance; create schema core")
        for table, columns in COLUMNS.items():
            if table in without:
                continue
            said = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            connection.execute(f"create table {table} ({said})")
            if by_table[table]:
                values = ", ".join(
                    "(" + ", ".join(_literal(row.get(name)) for name in columns) + ")" for row in by_table[table]
                )
                connection.execute(f"insert into {table} values {values}")
    return path


def rows_in(path: Path, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query, list(parameters)).fetchall()


def _literal(value: Any) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else "'" + str(value).replace("'", "''") + "'"
