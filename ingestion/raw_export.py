"""The raw layer as Parquet: what another engine reads instead of the warehouse file.

One folder per table with one file in it. What is made from raw is not exported: the other engine makes it itself.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from ingestion.casting import sql_literal, sql_name
from ingestion.warehouse import SCHEMAS, WarehouseBusy, writer_lock

# Engines that read folders of Parquet pass over names that begin like these two.
_FINGERPRINT = "_fingerprint.json"
_UNFINISHED = ".unfinished.parquet"
_FILE = "part-0.parquet"


@dataclass
class RawExport:
    """What an export did: tables by `schema.table`."""

    folder: Path
    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


def export_raw(warehouse: Path, folder: Path, *, wait_seconds: float = 0.0) -> RawExport:
    """Write every table of the loader's schemas whose content is not in `folder` yet, all as of one moment.

    A table is replaced in one step, so a reader finds its old content or its new one. Between two tables there is no
    such promise: read when the export has ended.
    """
    export = RawExport(folder)
    with writer_lock(warehouse, wait_seconds):
        try:
            connection = duckdb.connect(str(warehouse), read_only=True)
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise
            raise WarehouseBusy(f"{warehouse} is held open by another program: close it and run again.") from error
        with connection:
            connection.execute("set timezone = 'UTC'")
            tables = connection.execute(
                "select schema_name, table_name from duckdb_tables() where schema_name in $1 order by all",
                [list(SCHEMAS)],
            ).fetchall()
            for schema, table in tables:
                was_written = _export_table(connection, schema, table, folder / schema / table)
                (export.written if was_written else export.unchanged).append(f"{schema}.{table}")
    for schema in SCHEMAS:
        for path in sorted((folder / schema).glob("*/")):
            if (schema, path.name) not in tables:
                shutil.rmtree(path)
                export.removed.append(f"{schema}.{path.name}")
    return export


def _export_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str, folder: Path) -> bool:
    """Whether it had to be written."""
    name = f"{sql_name(schema)}.{sql_name(table)}"
    columns = connection.execute(
        "select column_name, data_type from duckdb_columns() where schema_name = $1 and table_name = $2"
        " order by column_index",
        [schema, table],
    ).fetchall()
    fingerprint = _fingerprint(connection, name, columns)
    marker, file, unfinished = folder / _FINGERPRINT, folder / _FILE, folder / _UNFINISHED
    if file.exists() and marker.exists() and marker.read_text(encoding="utf-8") == fingerprint:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    # JSON is DuckDB's own type; to others its text is text.
    selected = ", ".join(
        f"{sql_name(column)}::varchar as {sql_name(column)}" if data_type == "JSON" else sql_name(column)
        for column, data_type in columns
    )
    connection.execute(
        f"copy (select {selected} from {name}) to {sql_literal(str(unfinished))} (format parquet, compression zstd)"
    )
    # Without it, the old fingerprint could vouch for new content if the next two steps were cut apart.
    marker.unlink(missing_ok=True)
    unfinished.replace(file)
    marker.write_text(fingerprint, encoding="utf-8")
    return True


def _fingerprint(connection: duckdb.DuckDBPyConnection, name: str, columns: list[tuple[str, str]]) -> str:
    """Tells one content from another, whatever the order of its rows. Reading is several times faster than writing.

    DuckDB does not promise the same hash from version to version, so its version is part of it.
    """
    found = connection.execute(f"select count(*), sum(hash(whole)::hugeint)::varchar from {name} as whole").fetchone()
    return json.dumps({"duckdb": duckdb.__version__, "columns": columns, "rows_and_hash": found})
