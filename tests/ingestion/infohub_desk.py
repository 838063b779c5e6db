"""An InfoHub and a warehouse of one's own, for the tests of the InfoHub loader."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from ingestion.infohub.scan import InfohubReport, load_infohub
from ingestion.runs import LoadRun
from ingestion.warehouse import open_warehouse

FIRST_RUN_AT = datetime(2026, 3, 1, 6, 0)
# Long before any run, so that no test depends on when it is run.
WRITTEN_AT = datetime(2026, 2, 1, 12, 0)
TABLES = (
    "raw.infohub__files",
    "raw.infohub__documents",
    "raw_history.infohub__files",
    "raw_history.infohub__documents",
)


def rows_of(warehouse: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


def tables_of(warehouse: Path, tables: Sequence[str] = TABLES) -> dict[str, list[tuple[Any, ...]]]:
    return {table: rows_of(warehouse, f"from {table} order by all") for table in tables}


class InfohubDesk:
    """What a test works at: write files, scan them, look at the tables."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "infohub"
        self.root.mkdir()
        self.warehouse = folder / "warehouse.duckdb"
        self.runs = 0

    def write(self, path: str, content: str | bytes, *, written_at: datetime = WRITTEN_AT) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        self.touch(path, written_at)
        return file

    def touch(self, path: str, written_at: datetime) -> None:
        seconds = (written_at - datetime(1970, 1, 1)).total_seconds()
        os.utime(self.root / path, (seconds, seconds))

    def scan(self, **options: Any) -> InfohubReport:
        self.runs += 1
        run = LoadRun(f"run-{self.runs}", FIRST_RUN_AT + timedelta(days=self.runs - 1))
        with open_warehouse(self.warehouse) as connection:
            return load_infohub(connection, options.pop("root", self.root), run, **options)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return rows_of(self.warehouse, query)

    def value(self, query: str) -> Any:
        ((found,),) = self.rows(query)
        return found

    def file(self, path: str) -> dict[str, Any]:
        return self._only(f"from raw.infohub__files where path = '{path}'")

    def document(self, path: str) -> dict[str, Any]:
        return self._only(f"from raw.infohub__documents where path = '{path}'")

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        return tables_of(self.warehouse)

    def _only(self, query: str) -> dict[str, Any]:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            found = connection.execute(query)
            names = [column[0] for column in found.description]
            (row,) = found.fetchall()
            return dict(zip(names, row, strict=True))
