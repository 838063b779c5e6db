"""What the warehouse holds now, table by table: read from the raw tables and the load ledger.

Reads only. What one run did is summary.py's business.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ingestion.warehouse import WarehouseBusy
from revhouse.wording import short


@dataclass
class Holding:
    """One table of one instance of its system.

    A file counts as refused while that is the last thing said about its path.
    """

    table: str
    instance: str
    rows: int
    files_loaded: int
    files_refused: int
    rows_quarantined: int
    last_loaded_at: datetime | None


@dataclass
class Holdings:
    warehouse: str
    tables: list[Holding]

    def as_json(self) -> dict[str, Any]:
        document = asdict(self)
        for table in document["tables"]:
            loaded_at = table["last_loaded_at"]
            table["last_loaded_at"] = loaded_at.isoformat() if loaded_at else None
        return document


_FROM_LEDGER = """
with

latest_files as (
    select
        table_name,
        source_instance,
        status
    from ledger.files
    where table_name is not null
    -- one row per path: what was said about it last
    qualify row_number() over (partition by source_system, source_instance, path order by file_id desc) = 1
),

refused_files as (
    select
        table_name,
        source_instance,
        count(*) filter (status = 'refused') as files_refused
    from latest_files
    group by all
),

loaded_files as (
    select
        table_name,
        source_instance,
        count(*) as files_loaded,
        sum(rows_quarantined)::bigint as rows_quarantined,
        max(loaded_at) as last_loaded_at
    from ledger.files
    where status = 'loaded' and table_name is not null
    group by all
)

select
    table_name,
    source_instance,
    coalesce(files_loaded, 0),
    coalesce(files_refused, 0),
    coalesce(rows_quarantined, 0),
    last_loaded_at
from loaded_files
-- full: a table all of whose files were refused is in one, and so is one whose loaded files have since gone
full join refused_files using (table_name, source_instance)
"""


def first_loaded_at(warehouse: Path) -> datetime | None:
    """When something was first known; None if nothing ever was."""
    with open_to_read(warehouse) as connection:
        moments = [
            connection.execute(f"select min(loaded_at) from ledger.{table}").fetchone()
            for (table,) in connection.execute(
                "select table_name from duckdb_tables() where schema_name = 'ledger' "
                "and table_name in ('files', 'infohub_scans')"
            ).fetchall()
        ]
    known = [moment[0].replace(tzinfo=UTC) for moment in moments if moment and moment[0]]
    return min(known, default=None)


def open_to_read(warehouse: Path) -> duckdb.DuckDBPyConnection:
    """The warehouse, to be read only. While a run writes it, WarehouseBusy says what to do."""
    try:
        return duckdb.connect(str(warehouse), read_only=True)
    except duckdb.IOException as error:
        if "lock" not in str(error).lower():
            raise
        raise WarehouseBusy(
            f"{short(warehouse)} is open for writing: wait until that run has ended, then ask again. "
            f"DuckDB says: {str(error).splitlines()[0]}"
        ) from error


def read_holdings(warehouse: Path) -> Holdings:
    with open_to_read(warehouse) as connection:
        holdings: dict[tuple[str, str], Holding] = {}
        for table, with_instance in _raw_tables(connection):
            instance = "source_instance" if with_instance else "''"
            rows = connection.execute(f'select {instance}, count(*) from raw."{table}" group by 1').fetchall()
            for name, count in rows:
                holdings[table, name] = Holding(table, name, count, 0, 0, 0, None)
        for table, name, loaded, refused, quarantined, loaded_at in _ledger_lines(connection):
            holding = holdings.setdefault((table, name), Holding(table, name, 0, 0, 0, 0, None))
            holding.files_loaded = loaded
            holding.files_refused = refused
            holding.rows_quarantined = quarantined
            holding.last_loaded_at = loaded_at.replace(tzinfo=UTC) if loaded_at else None
    return Holdings(short(warehouse), [holdings[place] for place in sorted(holdings)])


def _raw_tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, bool]]:
    return connection.execute(
        """
        select table_name, bool_or(column_name = 'source_instance')
        from duckdb_columns()
        where schema_name = 'raw' and not internal
        group by table_name
        """
    ).fetchall()


def _ledger_lines(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    # A warehouse that holds nothing but an InfoHub has no ledger of files.
    ledger = "select 1 from duckdb_tables() where schema_name = 'ledger' and table_name = 'files'"
    if connection.execute(ledger).fetchone() is None:
        return []
    return connection.execute(_FROM_LEDGER).fetchall()


def print_holdings(console: Console, holdings: Holdings, *, timezone: str) -> None:
    if not holdings.tables:
        console.print(f"{holdings.warehouse} holds no table yet.")
        return
    console.print()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_footer=True)
    table.add_column("Table in schema raw", holdings.warehouse, overflow="fold")
    table.add_column("Instance", overflow="fold")
    for heading, total in (
        ("Rows", sum(holding.rows for holding in holdings.tables)),
        ("Files\nloaded", sum(holding.files_loaded for holding in holdings.tables)),
        ("Files\nrefused", sum(holding.files_refused for holding in holdings.tables)),
        ("Rows\nquarantined", sum(holding.rows_quarantined for holding in holdings.tables)),
    ):
        table.add_column(heading, f"{total:,}", justify="right", no_wrap=True)
    table.add_column(f"Last loaded\n({timezone})", no_wrap=True)
    for holding in holdings.tables:
        at = holding.last_loaded_at
        table.add_row(
            holding.table,
            holding.instance,
            _number(holding.rows),
            _number(holding.files_loaded),
            _number(holding.files_refused, "red"),
            _number(holding.rows_quarantined, "yellow"),
            f"{at.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M}" if at else "",
        )
    console.print(table)
    console.print(
        Text("Every file is in ledger.files; quarantined rows with their text are in ledger.quarantine.", "dim")
    )
    console.print()


def _number(value: int, style: str = "") -> Text:
    return Text("·", "dim") if value == 0 else Text(f"{value:,}", style)
