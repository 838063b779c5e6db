"""Loading one large file of usage events: our loader against DuckDB's bare `create table as select` of the same columns.

Usage: python -m benchmarks.loading ours|floor|again FORMAT FOLDER MEMORY_LIMIT
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import duckdb

from benchmarks.measuring import Comparison, Side
from ingestion.contract import read_contracts
from ingestion.loader import load_landing
from ingestion.runs import LoadRun
from ingestion.warehouse import open_warehouse

THREADS = 2
ROWS = 10_000_000
USUAL_MEMORY = "4GB"
# Less than half of the CSV file.
SCARCE_MEMORY = "750MB"
FORMATS = ("csv", "jsonl", "parquet")
_COLUMNS = {
    "id": "VARCHAR",
    "event": "VARCHAR",
    "user_id": "VARCHAR",
    "anonymous_id": "VARCHAR",
    "timestamp": "TIMESTAMP",
    "received_at": "TIMESTAMP",
    "context_group_id": "VARCHAR",
}


def comparisons(folder: Path) -> list[Comparison]:
    def side(what: str, format_name: str, memory: str = USUAL_MEMORY) -> Side:
        return Side("benchmarks.loading", (what, format_name, str(folder), memory))

    return [
        *(Comparison(f"load_events_{name}", side("ours", name), side("floor", name), 1.5) for name in FORMATS),
        Comparison(
            "load_events_csv_larger_than_memory",
            side("ours", "csv", SCARCE_MEMORY),
            side("floor", "csv", SCARCE_MEMORY),
            1.5,
        ),
        Comparison("load_again_with_nothing_new", side("again", "csv"), side("ours", "csv"), 0.1),
    ]


def prepare(folder: Path, rows: int) -> None:
    """The same events in three formats, written once and kept; a folder holds one number of rows."""
    folder.mkdir(parents=True, exist_ok=True)
    moment = (
        "timestamp '2026-01-01' + to_microseconds((number * 1234567) % (180 * 86400::bigint * 1000000) // 1000 * 1000)"
    )
    query = f"""
        select
            md5(number::varchar)::uuid::varchar as id,
            ['page_viewed', 'report_opened', 'signed_in', 'export_started', 'feature_used'][1 + (number % 5)::integer] as event,
            'user_' || (hash(number) % 20000)::varchar as user_id,
            md5('device' || number::varchar)::uuid::varchar as anonymous_id,
            {moment} as timestamp,
            {moment} + interval 5 second as received_at,
            'account_' || (hash(number) % 5000)::varchar as context_group_id
        from range({rows}) as numbers(number)
    """
    as_text = "'%Y-%m-%dT%H:%M:%S.%gZ'"
    texts = f"select * replace (strftime(timestamp, {as_text}) as timestamp, strftime(received_at, {as_text}) as received_at) from ({query})"
    with duckdb.connect() as connection:
        connection.execute(f"set threads = {THREADS}")
        for name, source, options in (
            ("csv", texts, "format csv, header"),
            ("jsonl", texts, "format json"),
            ("parquet", query, "format parquet"),
        ):
            path = events_path(folder, name)
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                half_done = path.with_suffix(".part")
                connection.execute(f"copy ({source}) to '{half_done}' ({options})")
                half_done.rename(path)


def events_path(folder: Path, format_name: str) -> Path:
    return folder / format_name / "segment" / "main" / f"tracks.{format_name}"


def _ours(format_name: str, folder: Path, memory: str, warehouse: Path) -> float:
    contracts = read_contracts()
    started = time.perf_counter()
    with open_warehouse(warehouse, memory_limit=memory, threads=THREADS) as connection:
        landing = folder / format_name
        report = load_landing(
            connection, landing, contracts, LoadRun("benchmark", datetime(2026, 7, 1)), only={"segment__tracks"}
        )
    seconds = time.perf_counter() - started
    for file in report.files:
        if file.status == "refused" or file.rows_quarantined:
            raise RuntimeError(f"the benchmark's own file did not load whole: {file}")
    return seconds


def _floor(format_name: str, folder: Path, memory: str, warehouse: Path) -> float:
    path = events_path(folder, format_name)
    columns = str(_COLUMNS)
    reader = {
        "csv": f"read_csv('{path}', columns = {columns}, header = true, auto_detect = false)",
        "jsonl": f"read_json('{path}', columns = {columns}, format = 'newline_delimited')",
        "parquet": f"read_parquet('{path}')",
    }[format_name]
    started = time.perf_counter()
    with duckdb.connect(str(warehouse), config={"memory_limit": memory, "threads": THREADS}) as connection:
        connection.execute(f"create table events as select * from {reader}")
    return time.perf_counter() - started


def main(what: str, format_name: str, folder_name: str, memory: str) -> None:
    folder = Path(folder_name)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        warehouse = Path(scratch) / "warehouse.duckdb"
        match what:
            case "floor":
                seconds = _floor(format_name, folder, memory, warehouse)
            case "ours":
                seconds = _ours(format_name, folder, memory, warehouse)
            case "again":
                _ours(format_name, folder, memory, warehouse)
                seconds = _ours(format_name, folder, memory, warehouse)
            case _:
                raise SystemExit(__doc__)
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])
