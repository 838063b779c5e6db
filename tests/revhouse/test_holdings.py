import json
from datetime import datetime
from io import StringIO
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from ingestion.ledger import create_ledger
from ingestion.warehouse import WarehouseBusy, open_warehouse
from revhouse.holdings import print_holdings, read_holdings


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """Three rows of accounts in two instances, and a ledger in which one path was refused and mended, one
    refused.
    """
    path = tmp_path / "warehouse.duckdb"
    with open_warehouse(path) as connection:
        connection.execute("create table raw.salesforce__accounts (source_instance varchar, id varchar)")
        connection.execute("insert into raw.salesforce__accounts values ('main', 'a'), ('main', 'b'), ('apac', 'a')")
        create_ledger(connection)
        insert_file(connection, 1, "main", "salesforce/main/Account.csv", "refused")
        insert_file(connection, 2, "main", "salesforce/main/Account.csv", "loaded", quarantined=2)
        insert_file(connection, 3, "main", "salesforce/main/Account_2.csv", "refused")
        insert_file(connection, 4, "apac", "salesforce/apac/Account.csv", "loaded")
        insert_file(connection, 5, "main", "salesforce/main/Lead.csv", "refused", table="salesforce__leads")
    return path


def insert_file(
    connection: duckdb.DuckDBPyConnection,
    file_id: int,
    instance: str,
    path: str,
    status: str,
    *,
    table: str = "salesforce__accounts",
    quarantined: int = 0,
) -> None:
    at = datetime(2026, 6, 30, 23, file_id)
    connection.execute(
        """
        insert into ledger.files (
            file_id, source_instance, table_name, path, status, rows_quarantined, loaded_at, modified_at,
            run_id, source_system, size_bytes
        )
        values ($1, $2, $3, $4, $5, $6, $7, $7, 'run-1', 'salesforce', 1)
        """,
        [file_id, instance, table, path, status, quarantined, at],
    )


def test_each_instance_of_a_table_has_its_rows_and_files(warehouse: Path) -> None:
    holdings = {(holding.table, holding.instance): holding for holding in read_holdings(warehouse).tables}

    main = holdings["salesforce__accounts", "main"]
    assert (main.rows, main.files_loaded, main.rows_quarantined) == (2, 1, 2)
    assert holdings["salesforce__accounts", "apac"].rows == 1


def test_a_file_that_was_mended_no_longer_counts_as_refused(warehouse: Path) -> None:
    holdings = {(holding.table, holding.instance): holding for holding in read_holdings(warehouse).tables}

    assert holdings["salesforce__accounts", "main"].files_refused == 1


def test_a_table_of_which_nothing_could_be_loaded_is_shown_too(warehouse: Path) -> None:
    holdings = {(holding.table, holding.instance): holding for holding in read_holdings(warehouse).tables}

    leads = holdings["salesforce__leads", "main"]
    assert (leads.rows, leads.files_loaded, leads.files_refused, leads.last_loaded_at) == (0, 0, 1, None)


def test_times_are_shown_in_the_business_zone_and_are_utc_in_json(warehouse: Path) -> None:
    holdings = read_holdings(warehouse)
    console = Console(file=StringIO(), width=120)
    print_holdings(console, holdings, timezone="Asia/Tokyo")

    assert "2026-07-01 08:02" in console.file.getvalue()  # type: ignore[attr-defined]
    first = json.loads(json.dumps(holdings.as_json()))["tables"][0]
    assert first["last_loaded_at"] == "2026-06-30T23:04:00+00:00"


def test_a_warehouse_without_anything_says_so(tmp_path: Path) -> None:
    with open_warehouse(tmp_path / "warehouse.duckdb"):
        pass
    console = Console(file=StringIO(), width=200)
    print_holdings(console, read_holdings(tmp_path / "warehouse.duckdb"), timezone="UTC")

    assert "holds no table yet" in console.file.getvalue()  # type: ignore[attr-defined]


def test_a_warehouse_that_another_process_writes_is_busy(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise duckdb.IOException("IO Error: Could not set lock on file: Conflicting lock is held")

    monkeypatch.setattr(duckdb, "connect", refuse)

    with pytest.raises(WarehouseBusy, match="open for writing"):
        read_holdings(warehouse)


def test_a_file_that_is_no_warehouse_is_no_busy_one(tmp_path: Path) -> None:
    (tmp_path / "notes.duckdb").write_text("not a database at all, but longer than a header " * 200)

    with pytest.raises(duckdb.IOException, match="not a valid DuckDB"):
        read_holdings(tmp_path / "notes.duckdb")
