"""What the comparison of two engines calls equal, and that nothing else gets past it. No Spark is needed for that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from parity.comparing import Comparison, Model, compare

ROWS = """
    select * from (values
        (1, 'north', 0.1::double, 12.50::decimal(18, 2), timestamp '2026-06-30 12:00:00', date '2026-06-30', true),
        (2, 'south', 1e12::double, -3.00::decimal(18, 2), timestamp '2026-06-30 12:00:00.000001', null, false),
        (3, null, null, null, null, date '2026-01-01', null)
    ) as rows(id, region, ratio, amount_usd, changed_at, close_date, is_open)
"""


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("create schema core")
        yield connection


@pytest.fixture
def compared(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> Callable[..., Comparison]:
    """Compare the rows with what this query makes of them, as if Spark had written that."""

    def run(there: str, here: str = ROWS, key: tuple[str, ...] = ("id",)) -> Comparison:
        connection.execute(f"create table core.fct_things as {here}")
        connection.execute(f"copy ({there}) to '{tmp_path}/part-0.parquet' (format parquet)")
        return compare(connection, Model("fct_things", "core", key), tmp_path)

    return run


@pytest.mark.parametrize(
    "change",
    [
        "* replace (id::bigint as id)",
        "* replace (amount_usd::decimal(28, 6) as amount_usd)",
        "* replace (changed_at at time zone 'UTC' as changed_at)",
        "* replace (ratio * (1 + 1e-12) as ratio)",
    ],
    ids=["a wider integer", "a finer decimal", "Spark's timestamps", "the last digit of a double"],
)
@pytest.mark.parametrize("key", [("id",), ()], ids=["with a key", "without a key"])
def test_what_is_the_same_to_a_reader_is_equal(
    compared: Callable[..., Comparison], change: str, key: tuple[str, ...]
) -> None:
    comparison = compared(f"select {change} from ({ROWS}) order by id desc", key=key)

    assert (comparison.duckdb_rows, comparison.spark_rows) == (3, 3)
    assert comparison.is_equal, comparison


@pytest.mark.parametrize(
    ("column", "change", "example"),
    [
        ("region", "'North'", "id=1: region is 'north' in DuckDB, 'North' in Spark"),
        ("region", "null", "id=1: region is 'north' in DuckDB, None in Spark"),
        ("ratio", "ratio * (1 + 1e-8)", "id=1: ratio is '0.1' in DuckDB, '0.100000001' in Spark"),
        ("ratio", "'infinity'::double", "id=1: ratio is '0.1' in DuckDB, 'inf' in Spark"),
        ("amount_usd", "amount_usd + 0.000001::decimal(18, 6)", "id=1: amount_usd is '12.50' in DuckDB, '12.500001' in Spark"),
        ("changed_at", "changed_at + interval 1 microsecond", "id=1: changed_at is '2026-06-30 12:00:00' in DuckDB, '2026-06-30 12:00:00.000001' in Spark"),
        ("close_date", "(close_date + interval 1 day)::date", "id=1: close_date is '2026-06-30' in DuckDB, '2026-07-01' in Spark"),
        ("is_open", "null", "id=1: is_open is 'true' in DuckDB, None in Spark"),
    ],
)  # fmt: skip
def test_one_changed_value_is_reported_with_its_key(
    compared: Callable[..., Comparison], column: str, change: str, example: str
) -> None:
    comparison = compared(
        f"select * replace (case when id = 1 then {change} else {column} end as {column}) from ({ROWS})"
    )

    assert not comparison.is_equal
    assert comparison.rows_with_other_values == comparison.differing_rows == 1
    assert comparison.columns == {column: 1}
    assert comparison.examples == [example]


def test_a_changed_value_is_reported_where_no_key_is_known(compared: Callable[..., Comparison]) -> None:
    comparison = compared(f"select * replace (if(id = 1, 'west', region) as region) from ({ROWS})", key=())

    assert (comparison.rows_only_in_duckdb, comparison.rows_only_in_spark) == (1, 1)


def test_a_missing_row_is_reported(compared: Callable[..., Comparison]) -> None:
    comparison = compared(f"select * from ({ROWS}) where id <> 3")

    assert (comparison.rows_only_in_duckdb, comparison.differing_rows) == (1, 1)
    assert comparison.examples == ["only in DuckDB: id=3"]


def test_a_row_that_is_there_twice_is_reported(compared: Callable[..., Comparison]) -> None:
    comparison = compared(f"{ROWS} union all select * from ({ROWS}) where id = 2")

    assert (comparison.rows_only_in_spark, comparison.differing_rows) == (1, 1)
    assert comparison.examples == ["only in Spark: id=2"]


def test_another_kind_of_type_is_reported_though_it_reads_alike(compared: Callable[..., Comparison]) -> None:
    comparison = compared(f"select * replace (id::varchar as id) from ({ROWS})")

    assert comparison.problems == ["column id is integer on DuckDB and varchar on Spark"]
    assert comparison.differing_rows == 0
    assert not comparison.is_equal


def test_other_columns_are_reported(compared: Callable[..., Comparison]) -> None:
    comparison = compared(f"select * exclude (is_open), 1 as surprise from ({ROWS})")

    assert comparison.problems == ["column is_open is missing on Spark", "column surprise is on Spark only"]


def test_empty_tables_are_equal(compared: Callable[..., Comparison]) -> None:
    nothing = f"select * from ({ROWS}) where false"

    assert compared(nothing, here=nothing).is_equal
