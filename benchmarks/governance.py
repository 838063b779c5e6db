"""The gap scan of many engagements: dbt against the same SQL on one bare DuckDB connection.

Usage: python -m benchmarks.governance WHAT FOLDER
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

import duckdb

from benchmarks.measuring import Comparison, Side
from benchmarks.models import AS_OF, bare_sql, load, run_dbt, save_statements
from ingestion.sample import write_sample

NODES = 30_000
# What the scan is made of, from the files of the InfoHub on. Accounts and deals are there before it begins.
SCAN = ("int_infohub__*", "int_governance__*", "path:models/marts/governance")
_REST = ("--exclude", *SCAN)
# Views name the file they were built in, so that copies of it need the same name.
_BEFORE = "before/warehouse.duckdb"


def comparisons(folder: Path) -> list[Comparison]:
    def side(what: str) -> Side:
        return Side("benchmarks.governance", (what, str(folder)))

    return [Comparison("gap_scan", side("dbt"), side("bare_sql"), 1.5)]


def prepare(folder: Path, nodes: int) -> None:
    """A warehouse with the exports of the small company and its InfoHub many times over, built up to the scan."""
    if (folder / "prepared.txt").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    write_sample(folder, preset="small", seed=7, as_of=AS_OF)
    warehouse = folder / _BEFORE
    warehouse.parent.mkdir()
    load(warehouse, folder / "landing", folder / "infohub", "first")
    _multiply(warehouse, nodes)
    run_dbt("seed", warehouse, AS_OF)
    run_dbt("run", warehouse, AS_OF, *_REST)
    save_statements(warehouse, folder / "statements.json", "--select", *SCAN)
    (folder / "prepared.txt").write_text(f"{nodes}\n")


def _multiply(warehouse: Path, nodes: int) -> None:
    """Every realm again under other names until there are as many nodes as wanted."""
    with duckdb.connect(str(warehouse)) as connection:
        had = connection.execute(
            "select count(distinct realm || '/' || node) from raw.infohub__files where node is not null"
        ).fetchall()[0][0]
        copies = -(-nodes // had) - 1
        for table in ("infohub__files", "infohub__documents"):
            connection.execute(
                f"""
                insert into raw.{table} by name
                select
                    rows.* replace (
                        rows.realm || '_' || copies.number as realm,
                        replace(rows.path, rows.realm || '/', rows.realm || '_' || copies.number || '/') as path
                    )
                from raw.{table} as rows
                cross join (select unnest(range({copies})) + 1 as number) as copies
                where rows.realm is not null
                """
            )


def main(what: str, folder_name: str) -> None:
    folder = Path(folder_name)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        # The name that the compiled SQL has for the catalog.
        warehouse = Path(scratch) / "warehouse.duckdb"
        shutil.copy(folder / _BEFORE, warehouse)
        match what:
            case "dbt":
                seconds = run_dbt("run", warehouse, AS_OF, "--select", *SCAN)
            case "bare_sql":
                seconds = bare_sql(warehouse, folder / "statements.json")
            case _:
                raise SystemExit(__doc__)
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])
