"""Lines of JSON, as files.py writes them, become rows of the tables in tables.py.

Lines travel as one text per chunk and are split by DuckDB: as fast as reading them from a temporary file,
forty times as fast as passing rows or lists of values, and a killed scan leaves no file behind.
"""

from __future__ import annotations

import json
from typing import Any

import duckdb

_FILE_LINE = {
    **dict.fromkeys(("path", "realm", "node", "area", "asset_path", "kind", "sha256"), "VARCHAR"),
    **dict.fromkeys(("status", "reason_code", "reason"), "VARCHAR"),
    **dict.fromkeys(("size_bytes", "modified_ns", "changed_ns"), "BIGINT"),
    **dict.fromkeys(("line", "document_count"), "INTEGER"),
}
_DOCUMENT_LINE = {
    **dict.fromkeys(("path", "realm", "node", "body", "content_date_key"), "VARCHAR"),
    "document_index": "INTEGER",
    "fields": "JSON",
    "content_date": "DATE",
    "content_at": "TIMESTAMP",
    "modified_ns": "BIGINT",
}
_TOUCHED_LINE = {"path": "VARCHAR", "size_bytes": "BIGINT", "modified_ns": "BIGINT", "changed_ns": "BIGINT"}

# Archives that are built to be the same every time date files 1970-01-01: no date rather than a wrong one.
_MODIFIED_AT = "make_timestamp(nullif({modified_ns}, 0) // 1000)"


def insert_files(connection: duckdb.DuckDBPyConnection, table: str, lines: list[str], run: dict[str, Any]) -> None:
    """`run` holds instance, run_id and loaded_at, here and below."""
    if not lines:
        return
    connection.execute(
        f"""
        insert into {table} by name
        select
            $instance as source_instance,
            {", ".join(f"line.{column}" for column in _FILE_LINE)},
            {_MODIFIED_AT.format(modified_ns="line.modified_ns")} as modified_at,
            $loaded_at as _loaded_at,
            $run_id as _run_id
        from ({_typed_lines(_FILE_LINE)})
        """,
        run | {"lines": "\n".join(lines)},
    )


def insert_documents(connection: duckdb.DuckDBPyConnection, table: str, lines: list[str], run: dict[str, Any]) -> None:
    if not lines:
        return
    modified_at = _MODIFIED_AT.format(modified_ns="line.modified_ns")
    connection.execute(
        f"""
        insert into {table} by name
        select
            $instance as source_instance,
            line.path,
            line.realm,
            line.node,
            line.document_index,
            line.fields,
            line.body,
            if(line.content_date is null, {modified_at}::date, line.content_date) as content_date,
            if(line.content_date is null, {modified_at}, line.content_at) as content_at,
            line.content_date_key,
            line.content_date is null as is_content_date_inferred,
            $loaded_at as _loaded_at,
            $run_id as _run_id
        from ({_typed_lines(_DOCUMENT_LINE)})
        """,
        run | {"lines": "\n".join(lines)},
    )


def create_touched(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """A temporary table of the files whose content is known and whose state is new."""
    columns = ", ".join(f"{column} {sql_type}" for column, sql_type in _TOUCHED_LINE.items())
    connection.execute(f"create or replace temp table {table.partition('.')[2]} ({columns})")


def insert_touched(connection: duckdb.DuckDBPyConnection, table: str, lines: list[str]) -> None:
    if lines:
        query = f"insert into {table} by name select line.* from ({_typed_lines(_TOUCHED_LINE)})"
        connection.execute(query, {"lines": "\n".join(lines)})


def copy_touched(
    connection: duckdb.DuckDBPyConnection,
    touched: str,
    tables: tuple[str, str],
    copies: tuple[str, str],
    run: dict[str, Any],
) -> None:
    """Copy the rows that the new state of touched files changes: their files, and documents dated by the file.

    `tables` and `copies` each name a table of files and one of documents.
    """
    moment = _MODIFIED_AT.format(modified_ns="touched.modified_ns")
    changes = (
        f"""
            touched.size_bytes as size_bytes,
            {moment} as modified_at,
            touched.modified_ns as modified_ns,
            touched.changed_ns as changed_ns
        """,
        f"""
            {moment}::date as content_date,
            {moment} as content_at
        """,
    )
    conditions = ("true", "known.is_content_date_inferred")
    for table, copy, changed, condition in zip(tables, copies, changes, conditions, strict=True):
        connection.execute(
            f"""
            insert into {copy} by name
            select known.* replace ({changed}, $loaded_at as _loaded_at, $run_id as _run_id)
            from {table} as known
            inner join {touched} as touched on known.path = touched.path
            where known.source_instance = $instance and {condition}
            """,
            run,
        )


def _typed_lines(line_type: dict[str, str]) -> str:
    return f"""
        select from_json(text, '{json.dumps(line_type)}') as line
        from (select unnest(string_split($lines, chr(10))) as text)
    """
