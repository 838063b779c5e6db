"""The load ledger: what became of every file and every row that was delivered.

Ledger rows are written in the same transaction as the rows they account for. For every loaded file
rows_in = rows_loaded + rows_quarantined + rows_superseded; rows_superseded counts rows that the warehouse already had
(rows_repeated) or had in a newer version, as things stood when the file was loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb

from ingestion.drift import ColumnDrift
from ingestion.inspection import Content
from ingestion.landing import LandedFile, UnusableEntry
from ingestion.runs import LoadRun

_TABLES = """
create table if not exists ledger.files (
    file_id integer primary key,
    run_id varchar not null,
    source_system varchar not null,
    source_instance varchar not null,
    table_name varchar,
    path varchar not null,
    delivery varchar,
    delivered_at timestamp,
    size_bytes bigint not null,
    modified_at timestamp not null,
    sha256 varchar,
    format varchar,
    encoding varchar,
    status varchar not null check (status in ('loaded', 'repeated', 'refused')),
    reason_code varchar,
    reason varchar,
    repeats_file_id integer,
    rows_in bigint,
    rows_loaded bigint,
    rows_quarantined bigint,
    rows_superseded bigint,
    rows_repeated bigint,
    rows_corrected bigint,
    footer_lines bigint,
    source_columns json,
    contract_version varchar,
    loaded_at timestamp not null
);
create table if not exists ledger.quarantine (
    file_id integer not null,
    line bigint,
    column_name varchar,
    reason_code varchar not null,
    reason varchar not null,
    original_text varchar
);
create table if not exists ledger.schema_drift (
    file_id integer not null,
    verdict varchar not null check (verdict in ('new', 'missing', 'renamed', 'retyped')),
    column_name varchar not null,
    detail varchar not null
);
"""


def create_ledger(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(_TABLES)


def next_file_id(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute("select coalesce(max(file_id), 0) + 1 from ledger.files").fetchone()
    assert row is not None
    return int(row[0])


@dataclass
class FileOutcome:
    """What became of one entry of the landing folder in this run."""

    path: str
    source_system: str
    source_instance: str
    table_name: str | None
    status: str
    file_id: int | None = None
    reason_code: str | None = None
    reason: str | None = None
    rows_in: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    rows_superseded: int = 0
    rows_repeated: int = 0
    rows_corrected: int = 0
    footer_lines: int = 0
    quarantine_reasons: dict[str, int] = field(default_factory=dict)
    drift: list[str] = field(default_factory=list)


def enter_file(
    connection: duckdb.DuckDBPyConnection,
    run: LoadRun,
    file: LandedFile,
    content: Content | None,
    status: str,
    reason_code: str | None,
    reason: str | None,
    repeats: int | None,
    source_columns: str | None = None,
) -> int:
    file_id = next_file_id(connection)
    line = {
        "file_id": file_id,
        "run_id": run.run_id,
        "source_system": file.system,
        "source_instance": file.instance,
        "table_name": file.table.raw_name,
        "path": file.relative,
        "delivery": file.delivery,
        "delivered_at": file.delivered_at,
        "size_bytes": file.size_bytes,
        "modified_at": file.modified_at,
        "sha256": content.sha256 if content else None,
        "format": file.format,
        "encoding": content.encoding if content else None,
        "status": status,
        "reason_code": reason_code,
        "reason": reason,
        "repeats_file_id": repeats,
        "source_columns": source_columns,
        "contract_version": file.table.version,
        "loaded_at": run.loaded_at,
    }
    _insert(connection, line)
    return file_id


def enter_unusable(connection: duckdb.DuckDBPyConnection, run: LoadRun, entry: UnusableEntry) -> int:
    """A ledger line for something that is no export of a table we know; the same thing is entered only once."""
    known = connection.execute(
        "select file_id from ledger.files where path = $1 and size_bytes = $2 and modified_at = $3 and reason_code = $4",
        [entry.relative, entry.size_bytes, entry.modified_at, entry.reason_code],
    ).fetchone()
    if known:
        return int(known[0])
    line: dict[str, Any] = {
        "file_id": next_file_id(connection),
        "run_id": run.run_id,
        "source_system": entry.system,
        "source_instance": entry.instance,
        "path": entry.relative,
        "size_bytes": entry.size_bytes,
        "modified_at": entry.modified_at,
        "status": "refused",
        "reason_code": entry.reason_code,
        "reason": entry.reason,
        "loaded_at": run.loaded_at,
    }
    _insert(connection, line)
    return int(line["file_id"])


def _insert(connection: duckdb.DuckDBPyConnection, line: Mapping[str, Any]) -> None:
    connection.execute(
        f"insert into ledger.files ({', '.join(line)}) values ({', '.join('$' + name for name in line)})", dict(line)
    )


def enter_drift(connection: duckdb.DuckDBPyConnection, outcome: FileOutcome, drift: Iterable[ColumnDrift]) -> None:
    for change in drift:
        connection.execute(
            "insert into ledger.schema_drift values ($1, $2, $3, $4)",
            [outcome.file_id, change.verdict, change.column, change.detail],
        )
        outcome.drift.append(f"{change.verdict} {change.column}: {change.detail}")
