"""What Great Expectations and our dialect have to agree on: counts equal those of SQL written by hand. Run it after a change of version."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import great_expectations as gx
import great_expectations.expectations as gxe
import pytest
from great_expectations.expectations.row_conditions import Column

from expectations.dialect import url_of
from expectations.running import quiet_context

VALUES = """
    select
        number as id,
        number % 50 as number,
        case when number % 10 = 0 then null else 'CHK_' || lpad(number::varchar, 3, '0') end as name,
        case when number % 4 = 0 then 'poc' else 'premium' end as track,
        date '2026-01-01' + number::integer as day,
        number / 3::double as ratio,
        (number * 1.5)::decimal(18, 2) as amount,
        number % 2 = 0 as is_even,
        timestamp '2026-01-01 12:00:00' + to_days(number::integer) as moment
    from range(100) as numbers(number)
"""

Validate = Callable[..., Any]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dialect") / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"create schema marts; create table marts.things as {VALUES}")
        connection.execute("create view marts.seen as from marts.things")
        connection.execute("create table marts.nothing as from marts.things limit 0")
    return path


@pytest.fixture(scope="module")
def validate(path: Path) -> Iterator[Validate]:
    """Validate an expectation on a table of the schema marts."""
    source = quiet_context().data_sources.add_sql("warehouse", connection_string=url_of(path))
    batches: dict[str, Any] = {}

    def run(expectation: Any, table: str = "things", **options: Any) -> Any:
        if table not in batches:
            asset = source.add_table_asset(table, table_name=table, schema_name="marts")
            batches[table] = asset.add_batch_definition_whole_table("all").get_batch()
        result = batches[table].validate(expectation, **options)
        for part in getattr(result, "results", [result]):
            assert not part.exception_info.get("raised_exception"), part.exception_info
        return result

    yield run
    source.get_execution_engine().engine.dispose()
    source.get_engine().dispose()


def by_hand(path: Path, condition: str) -> int:
    with duckdb.connect(str(path), read_only=True) as connection:
        (count,) = connection.execute(f"select count(*) from marts.things where {condition}").fetchone() or (0,)
    return int(count)


@pytest.mark.parametrize("table", ["things", "seen"])
def test_nulls_are_counted(validate: Validate, path: Path, table: str) -> None:
    result = validate(gxe.ExpectColumnValuesToNotBeNull(column="name"), table)

    assert not result.success
    assert result.result["unexpected_count"] == by_hand(path, "name is null") == 10


def test_a_regular_expression_looks_for_a_part_of_the_text(validate: Validate, path: Path) -> None:
    part = validate(gxe.ExpectColumnValuesToMatchRegex(column="name", regex="_00[0-9]"))
    none = validate(gxe.ExpectColumnValuesToNotMatchRegex(column="name", regex="_00[0-9]"))

    assert part.result["unexpected_count"] == by_hand(path, "not regexp_matches(name, '_00[0-9]')") == 81
    assert none.result["unexpected_count"] == by_hand(path, "regexp_matches(name, '_00[0-9]')") == 9


@pytest.mark.parametrize(("mostly", "holds"), [(0.5, True), (0.51, False)])
def test_mostly_is_a_share_of_what_is_not_null(validate: Validate, mostly: float, holds: bool) -> None:
    result = validate(gxe.ExpectColumnValuesToBeInSet(column="is_even", value_set=[True], mostly=mostly))

    assert (result.success, result.result["unexpected_count"]) == (holds, 50)


def test_a_row_condition_narrows_what_is_asked(validate: Validate, path: Path) -> None:
    result = validate(
        gxe.ExpectColumnValuesToBeBetween(column="number", max_value=39, row_condition=Column("track") == "poc")
    )

    assert result.result["element_count"] == by_hand(path, "track = 'poc'") == 25
    assert result.result["unexpected_count"] == by_hand(path, "track = 'poc' and number > 39") == 5


def test_rows_at_fault_are_named_by_their_key(validate: Validate) -> None:
    result = validate(
        gxe.ExpectColumnValuesToBeBetween(column="id", max_value=97),
        result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["id", "track"]},
    )

    assert result.result["unexpected_index_list"] == [
        {"id": 98, "track": "premium"},
        {"id": 99, "track": "premium"},
    ]


def test_keys_of_several_columns_are_compared_together(validate: Validate) -> None:
    assert validate(gxe.ExpectCompoundColumnsToBeUnique(column_list=["id", "track"])).success
    repeated = validate(gxe.ExpectCompoundColumnsToBeUnique(column_list=["number", "is_even"]))
    assert (repeated.success, repeated.result["unexpected_count"]) == (False, 100)


def test_what_a_column_contains_is_known(validate: Validate) -> None:
    tracks = gxe.ExpectColumnDistinctValuesToContainSet(column="track", value_set=["poc", "economy"])
    result = validate(tracks)

    assert (result.success, result.result["partial_missing_list"]) == (False, ["economy"])


def test_rows_can_be_asked_for_by_sql(validate: Validate, path: Path) -> None:
    result = validate(gxe.UnexpectedRowsExpectation(unexpected_rows_query="select * from {batch} where ratio > 32"))

    assert result.result["observed_value"] == by_hand(path, "ratio > 32") == 3


@pytest.mark.parametrize(
    ("column", "bounds", "outside"),
    [
        ("day", {"max_value": "2026-03-31"}, 10),
        ("moment", {"max_value": "2026-03-31T12:00:00"}, 10),
        ("amount", {"max_value": 147.0}, 1),
        ("ratio", {"min_value": 0.5}, 2),
    ],
)
def test_bounds_of_each_type(validate: Validate, column: str, bounds: dict[str, Any], outside: int) -> None:
    result = validate(gxe.ExpectColumnValuesToBeBetween(column=column, **bounds))

    assert result.result["unexpected_count"] == outside


def test_an_empty_table_passes_unless_rows_are_counted(validate: Validate) -> None:
    assert validate(gxe.ExpectColumnValuesToNotBeNull(column="name"), "nothing").success
    assert not validate(gxe.ExpectTableRowCountToBeBetween(min_value=1), "nothing").success


def test_many_expectations_at_once_say_what_each_says_alone(validate: Validate) -> None:
    alone = [validate(gxe.ExpectColumnValuesToBeBetween(column="id", max_value=bound)) for bound in range(40)]
    suite = gx.ExpectationSuite(
        "many",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(column="id", max_value=bound, meta={"key": bound}) for bound in range(40)
        ],
    )
    results = {result.expectation_config.meta["key"]: result for result in validate(suite).results}

    together = {bound: results[bound].result["unexpected_count"] for bound in range(40)}
    assert list(together.values()) == [result.result["unexpected_count"] for result in alone]
    assert together[39] == 60


def test_the_file_cannot_be_written_through_it(path: Path) -> None:
    import sqlalchemy

    engine = sqlalchemy.create_engine(url_of(path))
    with engine.connect() as connection, pytest.raises(sqlalchemy.exc.DBAPIError, match="read-only"):
        connection.execute(sqlalchemy.text("create table marts.written as select 1"))
    engine.dispose()
