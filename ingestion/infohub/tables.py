"""The tables of the InfoHub loader, and the set-based SQL that brings them from one scan to the next.

Every statement runs inside the transaction that infohub.py opened; reading files is done elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import duckdb

from ingestion.infohub.rows import copy_touched, create_touched, insert_documents, insert_files, insert_touched
from ingestion.infohub.tree import FileState

FILES = "raw.infohub__files"
DOCUMENTS = "raw.infohub__documents"
FILES_HISTORY = "raw_history.infohub__files"
DOCUMENTS_HISTORY = "raw_history.infohub__documents"
SCANS = "ledger.infohub_scans"

# What was read anew of paths that are known already, until it is compared with what is known.
_READ_FILES = "temp.infohub_read_files"
_READ_DOCUMENTS = "temp.infohub_read_documents"
_TOUCHED = "temp.infohub_touched"

_FILE_COLUMNS = {
    "source_instance": "varchar not null",
    "path": "varchar not null",
    "realm": "varchar",
    "node": "varchar",
    "area": "varchar check (area in ('internal-infohub', 'external-infohub'))",
    "asset_path": "varchar",
    "kind": "varchar not null",
    "size_bytes": "bigint not null",
    "modified_at": "timestamp",
    "modified_ns": "bigint not null",
    "changed_ns": "bigint not null",
    "sha256": "varchar",
    "status": "varchar not null check (status in ('parsed', 'unreadable', 'refused', 'not_parsed'))",
    "reason_code": "varchar",
    "reason": "varchar",
    "line": "integer",
    "document_count": "integer",
}
_DOCUMENT_COLUMNS = {
    "source_instance": "varchar not null",
    "path": "varchar not null",
    "realm": "varchar",
    "node": "varchar",
    "document_index": "integer not null",
    "fields": "json",
    "body": "varchar",
    "content_date": "date",
    "content_at": "timestamp",
    "content_date_key": "varchar",
    "is_content_date_inferred": "boolean not null",
}
_LOAD_COLUMNS = {"_loaded_at": "timestamp not null", "_run_id": "varchar not null"}
_SUPERSEDED_COLUMNS = {
    "_superseded_at": "timestamp not null",
    "_superseded_run_id": "varchar not null",
    "_superseded_reason": "varchar not null check (_superseded_reason in ('changed', 'removed'))",
}
_SCAN_COLUMNS = {
    "scan_id": "integer not null",
    "run_id": "varchar not null",
    "source_instance": "varchar not null",
    "root": "varchar not null",
    "status": "varchar not null check (status in ('loaded', 'refused'))",
    "reason_code": "varchar",
    "reason": "varchar",
    "files_seen": "bigint",
    "files_parsed": "bigint",
    "files_unchanged": "bigint",
    "files_removed": "bigint",
    "files_unreadable": "bigint",
    "files_refused": "bigint",
    "files_not_parsed": "bigint",
    "documents": "bigint",
    "realms": "bigint",
    "nodes": "bigint",
    "is_drop_accepted": "boolean not null",
    "reader_version": "integer not null",
    "loaded_at": "timestamp not null",
}


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    tables = {
        FILES: _FILE_COLUMNS | _LOAD_COLUMNS,
        DOCUMENTS: _DOCUMENT_COLUMNS | _LOAD_COLUMNS,
        FILES_HISTORY: _FILE_COLUMNS | _LOAD_COLUMNS | _SUPERSEDED_COLUMNS,
        DOCUMENTS_HISTORY: _DOCUMENT_COLUMNS | _LOAD_COLUMNS | _SUPERSEDED_COLUMNS,
        SCANS: _SCAN_COLUMNS,
    }
    for name, columns in tables.items():
        lines = ",\n".join(f"    {column} {sql_type}" for column, sql_type in columns.items())
        connection.execute(f"create table if not exists {name} (\n{lines}\n)")


class ScanTables:
    """The statements of one scan of one instance."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, instance: str, run_id: str, loaded_at: datetime) -> None:
        self._connection = connection
        self._instance = {"instance": instance}
        self._run = {"instance": instance, "run_id": run_id, "loaded_at": loaded_at}

    def known_files(self) -> dict[str, tuple[FileState, str | None, str | None]]:
        """Path → state, hash and reason code of every file that the last scan found."""
        rows = self._connection.execute(
            f"""
            select path, size_bytes, modified_ns, changed_ns, sha256, reason_code
            from {FILES}
            where source_instance = $instance
            """,
            self._instance,
        ).fetchall()
        return {path: (FileState(*state), sha256, code) for path, *state, sha256, code in rows}

    def last_reader_version(self) -> int | None:
        row = self._connection.execute(
            f"""
            select max_by(reader_version, scan_id)
            from {SCANS}
            where source_instance = $instance and status = 'loaded'
            """,
            self._instance,
        ).fetchone()
        return None if row is None else row[0]

    def add_new(self, file_lines: list[str], document_lines: list[str]) -> None:
        """Store what paths without any known row hold."""
        insert_files(self._connection, FILES, file_lines, self._run)
        insert_documents(self._connection, DOCUMENTS, document_lines, self._run)

    def start_comparison(self) -> None:
        for read, table in ((_READ_FILES, FILES), (_READ_DOCUMENTS, DOCUMENTS)):
            self._connection.execute(f"create or replace temp table {read.partition('.')[2]} as from {table} limit 0")
        create_touched(self._connection, _TOUCHED)

    def compare(self, file_lines: list[str], document_lines: list[str], touched_lines: list[str]) -> None:
        """Note what paths with known rows hold now; finish_comparison acts on it."""
        insert_files(self._connection, _READ_FILES, file_lines, self._run)
        insert_documents(self._connection, _READ_DOCUMENTS, document_lines, self._run)
        insert_touched(self._connection, _TOUCHED, touched_lines)

    def finish_comparison(self) -> None:
        """Supersede the rows that differ from what was read, and leave equal rows alone.

        Rows that say the same stay, whatever the inode says: history holds what changed and nothing else.
        """
        tables, copies = (FILES, DOCUMENTS), (_READ_FILES, _READ_DOCUMENTS)
        copy_touched(self._connection, _TOUCHED, tables, copies, self._run)
        # The inode's change time is not content; nor is when and by which run a row was loaded.
        content = ", ".join(f"{{t}}.{column}" for column in _FILE_COLUMNS if column != "changed_ns")
        self._connection.execute(
            f"""
            create or replace temp table infohub_changed as
            select known.path
            from {FILES} as known
            inner join {_READ_FILES} as read
                on known.source_instance = read.source_instance and known.path = read.path
            where ({content.format(t="known")}) is distinct from ({content.format(t="read")})
            """
        )
        is_changed = "path in (select path from temp.infohub_changed)"
        self._connection.execute(
            f"""
            update {FILES} as known
            set changed_ns = read.changed_ns
            from {_READ_FILES} as read
            where
                known.source_instance = read.source_instance
                and known.path = read.path
                and known.changed_ns is distinct from read.changed_ns
                and known.{is_changed.replace("path in", "path not in")}
            """
        )
        self._supersede(FILES, FILES_HISTORY, is_changed, "changed")
        self._connection.execute(f"insert into {FILES} by name from {_READ_FILES} where {is_changed}")

        content = ", ".join(f"{{t}}.{column}" for column in _DOCUMENT_COLUMNS)
        same = f"""
            exists (
                select 1
                from {{other}} as other
                where
                    other.source_instance = {{t}}.source_instance
                    and other.path = {{t}}.path
                    and other.document_index = {{t}}.document_index
                    and ({content.format(t="other")}) is not distinct from ({content})
            )
        """
        self._connection.execute(
            f"""
            create or replace temp table infohub_changed_documents as
            select path, document_index
            from {DOCUMENTS} as known
            where
                source_instance = $instance
                and path in (select path from {_READ_FILES})
                and (is_content_date_inferred or path not in (select path from {_TOUCHED}))
                and not {same.format(t="known", other=_READ_DOCUMENTS)}
            """,
            self._instance,
        )
        self._connection.execute(
            f"""
            delete from {_READ_DOCUMENTS} as read
            where {same.format(t="read", other=DOCUMENTS)}
            """
        )
        self._supersede(
            DOCUMENTS,
            DOCUMENTS_HISTORY,
            "(path, document_index) in (select (path, document_index) from temp.infohub_changed_documents)",
            "changed",
        )
        self._connection.execute(f"insert into {DOCUMENTS} by name from {_READ_DOCUMENTS}")
        for table in (
            "infohub_changed",
            "infohub_changed_documents",
            "infohub_read_files",
            "infohub_read_documents",
            "infohub_touched",
        ):
            self._connection.execute(f"drop table temp.{table}")

    def remove(self, paths: Iterable[str]) -> None:
        self._connection.execute(
            """
            create or replace temp table infohub_removed as
            select unnest(from_json($paths, '["VARCHAR"]')) as path
            """,
            {"paths": json.dumps(sorted(paths))},
        )
        is_removed = "path in (select path from temp.infohub_removed)"
        self._supersede(FILES, FILES_HISTORY, is_removed, "removed")
        self._supersede(DOCUMENTS, DOCUMENTS_HISTORY, is_removed, "removed")
        self._connection.execute("drop table temp.infohub_removed")

    def counts(self) -> dict[str, int]:
        """What is in the tables now."""
        row = self._connection.execute(
            f"""
            select
                count(*) filter (where status = 'unreadable') as files_unreadable,
                count(*) filter (where status = 'refused') as files_refused,
                count(*) filter (where status = 'not_parsed') as files_not_parsed,
                coalesce(sum(document_count), 0)::bigint as documents,
                count(distinct realm) as realms,
                count(distinct (realm, node)) filter (where node is not null) as nodes
            from {FILES}
            where source_instance = $instance
            """,
            self._instance,
        )
        names = [column[0] for column in row.description]
        return dict(zip(names, row.fetchall()[0], strict=True))

    def problems(self) -> list[tuple[str, int | None, str, str]]:
        return self._connection.execute(
            f"""
            select path, line, reason_code, reason
            from {FILES}
            where source_instance = $instance and status <> 'not_parsed' and reason_code is not null
            order by path
            """,
            self._instance,
        ).fetchall()

    def record_scan(self, facts: dict[str, Any]) -> None:
        values = ", ".join(f"${name} as {name}" for name in facts)
        self._connection.execute(
            f"""
            insert into {SCANS} by name
            select
                coalesce(max(scan_id), 0) + 1 as scan_id,
                $instance as source_instance,
                $run_id as run_id,
                $loaded_at as loaded_at,
                {values}
            from {SCANS}
            """,
            facts | self._run,
        )

    def _supersede(self, table: str, history: str, condition: str, reason: str) -> None:
        self._connection.execute(
            f"""
            insert into {history} by name
            select
                *,
                $loaded_at as _superseded_at,
                $run_id as _superseded_run_id,
                '{reason}' as _superseded_reason
            from {table}
            where source_instance = $instance and {condition}
            """,
            self._run,
        )
        self._connection.execute(
            f"delete from {table} where source_instance = $instance and {condition}", self._instance
        )
