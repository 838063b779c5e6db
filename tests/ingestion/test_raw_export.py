"""The raw layer as Parquet: everything that is loaded, nothing twice, and never half a table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.raw_export import export_raw
from ingestion.warehouse import WarehouseBusy, open_warehouse, writer_lock

FILL = """
    create table raw.salesforce__accounts as
        select 'main' as source_instance, '001A' as id, timestamp '2026-06-30 12:00:00.123456' as created_at,
            12.50::decimal(28, 6) as annual_revenue, '{"Two words": 1.0}'::json as _extra, 1::integer as _file_id;
    create table raw_history.salesforce__accounts as from raw.salesforce__accounts limit 0;
    create table ledger.files as select 1::integer as file_id;
    create schema staging;
    create table staging.not_raw as select 1 as one;
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with open_warehouse(path) as connection:
        connection.execute(FILL)
    return path


def change(warehouse: Path, sql: str) -> None:
    with open_warehouse(warehouse) as connection:
        connection.execute(sql)


def exported(folder: Path, table: str) -> list[tuple[Any, ...]]:
    # As another engine does: whatever Parquet is in the folder and is not hidden.
    files = [str(path) for path in (folder / table).glob("[!._]*.parquet")]
    return duckdb.execute("from read_parquet($1)", [files]).fetchall()


def test_every_loaded_table_is_a_folder_of_parquet(warehouse: Path, tmp_path: Path) -> None:
    export = export_raw(warehouse, tmp_path / "export")

    assert export.written == ["ledger.files", "raw.salesforce__accounts", "raw_history.salesforce__accounts"]
    assert exported(tmp_path / "export", "ledger/files") == [(1,)]
    assert exported(tmp_path / "export", "raw_history/salesforce__accounts") == []
    assert not (tmp_path / "export" / "staging").exists()


def test_types_are_kept_and_json_is_text(warehouse: Path, tmp_path: Path) -> None:
    export_raw(warehouse, tmp_path / "export")

    file = tmp_path / "export/raw/salesforce__accounts/part-0.parquet"
    types = {name: kind for name, kind, *_ in duckdb.execute(f"describe from '{file}'").fetchall()}
    assert types == {
        "source_instance": "VARCHAR",
        "id": "VARCHAR",
        "created_at": "TIMESTAMP",
        "annual_revenue": "DECIMAL(28,6)",
        "_extra": "VARCHAR",
        "_file_id": "INTEGER",
    }
    assert exported(tmp_path / "export", "raw/salesforce__accounts")[0][4] == '{"Two words": 1.0}'
    assert duckdb.execute(f"select distinct compression from parquet_metadata('{file}')").fetchall() == [("ZSTD",)]


def test_only_what_changed_is_written_again(warehouse: Path, tmp_path: Path) -> None:
    export_raw(warehouse, tmp_path / "export")
    change(warehouse, "update raw.salesforce__accounts set id = '001B'")

    export = export_raw(warehouse, tmp_path / "export")

    assert export.written == ["raw.salesforce__accounts"]
    assert export.unchanged == ["ledger.files", "raw_history.salesforce__accounts"]
    assert exported(tmp_path / "export", "raw/salesforce__accounts")[0][1] == "001B"


@pytest.mark.parametrize(
    "sql",
    [
        "insert into raw.salesforce__accounts from raw.salesforce__accounts",
        "alter table raw.salesforce__accounts add column website varchar",
        "alter table raw.salesforce__accounts rename id to account_id",
        "update raw.salesforce__accounts set annual_revenue = null",
    ],
    ids=["a row twice", "a new column", "another name", "a value gone"],
)
def test_any_change_is_noticed(warehouse: Path, tmp_path: Path, sql: str) -> None:
    export_raw(warehouse, tmp_path / "export")
    change(warehouse, sql)

    assert export_raw(warehouse, tmp_path / "export").written == ["raw.salesforce__accounts"]


def test_a_table_that_is_gone_is_removed(warehouse: Path, tmp_path: Path) -> None:
    export_raw(warehouse, tmp_path / "export")
    change(warehouse, "drop table raw.salesforce__accounts")

    assert export_raw(warehouse, tmp_path / "export").removed == ["raw.salesforce__accounts"]
    assert not (tmp_path / "export/raw/salesforce__accounts").exists()


def test_an_export_that_broke_off_is_made_good(warehouse: Path, tmp_path: Path) -> None:
    export_raw(warehouse, tmp_path / "export")
    folder = tmp_path / "export/raw/salesforce__accounts"
    (folder / ".unfinished.parquet").write_bytes(b"PAR1 half")
    (folder / "_fingerprint.json").unlink()

    assert export_raw(warehouse, tmp_path / "export").written == ["raw.salesforce__accounts"]
    assert sorted(path.name for path in folder.iterdir()) == ["_fingerprint.json", "part-0.parquet"]
    assert json.loads((folder / "_fingerprint.json").read_text())["rows_and_hash"][0] == 1


def test_it_waits_for_no_writer(warehouse: Path, tmp_path: Path) -> None:
    with writer_lock(warehouse, 0), pytest.raises(WarehouseBusy):
        export_raw(warehouse, tmp_path / "export")
