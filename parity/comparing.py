"""Compares one model as DuckDB built it with what Spark built, in DuckDB, as sets of rows.

Order means nothing. Numbers with a floating point may differ by a hair; everything else is equal or it is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from ingestion.casting import sql_literal, sql_name

RELATIVE_TOLERANCE = 1e-9
"""How far two floating-point numbers may be apart, as part of the larger one: engines add up in different orders."""

ABSOLUTE_TOLERANCE = 1e-12
"""The same around zero, where a sum that cancels out leaves a last digit behind."""

_EXAMPLES = 3
_INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
_KINDS = {
    "VARCHAR": "text",
    "JSON": "text",
    "FLOAT": "float",
    "DOUBLE": "float",
    "TIMESTAMP WITH TIME ZONE": "timestamp",
}


@dataclass(frozen=True)
class Model:
    """A table that both engines made. `key` names a row; empty where nothing does."""

    name: str
    schema: str
    key: tuple[str, ...] = ()


@dataclass
class Comparison:
    """What came of comparing one model."""

    model: str
    duckdb_rows: int | None = None
    spark_rows: int | None = None
    rows_only_in_duckdb: int = 0
    rows_only_in_spark: int = 0
    rows_with_other_values: int = 0
    # How many rows differ in each column; the columns whose types are of another kind; or why there is no comparison.
    columns: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)

    @property
    def differing_rows(self) -> int:
        return self.rows_only_in_duckdb + self.rows_only_in_spark + self.rows_with_other_values

    @property
    def is_equal(self) -> bool:
        return not self.problems and not self.differing_rows


def compare(connection: duckdb.DuckDBPyConnection, model: Model, spark_files: Path) -> Comparison:
    """Compare `schema.name` of the connection with the Parquet that Spark wrote of it."""
    comparison = Comparison(f"{model.schema}.{model.name}")
    built = f"{sql_name(model.schema)}.{sql_name(model.name)}"
    pattern = sql_literal(str(spark_files / "*.parquet"))
    here = _columns(connection, f"select * from {built}")
    there = _columns(connection, f"select * from read_parquet({pattern})")
    comparison.problems += _differences_in_columns(here, there)
    shared = [name for name in here if name in there]
    key = [name for name in model.key if name in shared]
    _copy(connection, "in_duckdb", f"select * from {built}", shared, here, key)
    _copy(connection, "in_spark", f"select * from read_parquet({pattern})", shared, there, key)
    comparison.duckdb_rows = _count(connection, "in_duckdb")
    comparison.spark_rows = _count(connection, "in_spark")
    kinds = {name: (_kind(here[name]), _kind(there[name])) for name in shared}
    _pair_rows(connection, shared, key, kinds)
    _judge(connection, comparison, shared, key)
    return comparison


def _columns(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, str]:
    return {name: kind for name, kind, *_ in connection.execute(f"describe {query}").fetchall()}


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    found = connection.execute(f"select count(*) from {table}").fetchone()
    return int(found[0]) if found else 0


def _kind(data_type: str) -> str:
    """What a type is good for, however wide it is: sums are wider in one engine than in the other."""
    if data_type in _INTEGERS:
        return "integer"
    return "decimal" if data_type.startswith("DECIMAL") else _KINDS.get(data_type, data_type.lower())


def _differences_in_columns(here: dict[str, str], there: dict[str, str]) -> list[str]:
    problems = [f"column {name} is missing on Spark" for name in here if name not in there]
    problems += [f"column {name} is on Spark only" for name in there if name not in here]
    if not problems and list(here) != list(there):
        problems.append("columns are in another order on Spark")
    problems += [
        f"column {name} is {here[name].lower()} on DuckDB and {there[name].lower()} on Spark"
        for name in here
        if name in there and _kind(here[name]) != _kind(there[name])
    ]
    return problems


def _copy(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    query: str,
    columns: Sequence[str],
    types: dict[str, str],
    key: Sequence[str],
) -> None:
    """The rows, each with how many rows of its key came before it: so that each row has at most one partner.

    Where no key is known, everything but floating-point numbers is the key.
    """
    selected = []
    for name in columns:
        value = sql_name(name)
        if types[name] == "TIMESTAMP WITH TIME ZONE":
            value = f"{value} at time zone 'UTC' as {value}"
        elif types[name] == "JSON":
            value = f"{value}::varchar as {value}"
        selected.append(value)
    names = key or [name for name in columns if _kind(types[name]) != "float"]
    partition = ", ".join(map(sql_name, names)) or "1"
    order = ", ".join(sql_name(name) for name in columns if name not in names) or "1"
    connection.execute(
        f"create or replace temp table {table} as "
        f"select *, row_number() over (partition by {partition} order by {order}) as _place "
        f"from (select {', '.join(selected)} from ({query}))"
    )


def _pair_rows(
    connection: duckdb.DuckDBPyConnection,
    columns: Sequence[str],
    key: Sequence[str],
    kinds: dict[str, tuple[str, str]],
) -> None:
    """One row for each pair that differs: where it is, and for each column whether it is the same."""
    names = key or [name for name in columns if kinds[name][0] != "float"]
    on = " and ".join(
        [
            "here._place = there._place",
            *(f"{_value('here', it, kinds)} is not distinct from {_value('there', it, kinds)}" for it in names),
        ]
    )
    same = ", ".join(f"{_same(name, kinds)} as {sql_name('same ' + name)}" for name in columns)
    shown = ", ".join(
        f"here.{sql_name(name)}::varchar as {sql_name('here ' + name)}, "
        f"there.{sql_name(name)}::varchar as {sql_name('there ' + name)}"
        for name in columns
    )
    connection.execute(
        f"create or replace temp table pairs as select {same}, {shown}, "
        "here._place is not null as is_here, there._place is not null as is_there "
        f"from in_duckdb as here full join in_spark as there on {on}"
    )


def _value(side: str, name: str, kinds: dict[str, tuple[str, str]]) -> str:
    """Values of different kinds are compared as text, so that 1 and true do not pass for the same."""
    value = f"{side}.{sql_name(name)}"
    return value if kinds[name][0] == kinds[name][1] else f"{value}::varchar"


def _same(name: str, kinds: dict[str, tuple[str, str]]) -> str:
    here, there = _value("here", name, kinds), _value("there", name, kinds)
    same = f"{here} is not distinct from {there}"
    if kinds[name] == ("float", "float"):
        near = (
            f"abs({here} - {there}) <= "
            f"greatest({RELATIVE_TOLERANCE!r} * greatest(abs({here}), abs({there})), {ABSOLUTE_TOLERANCE!r})"
        )
        # An infinite number is near everything, if infinity is part of the tolerance.
        same = f"({same} or coalesce(isfinite({here}) and isfinite({there}) and {near}, false))"
    return same


def _judge(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, columns: Sequence[str], key: Sequence[str]
) -> None:
    all_same = " and ".join(sql_name("same " + name) for name in columns) or "true"
    counts = ", ".join(f"count(*) filter (is_here and is_there and not {sql_name('same ' + name)})" for name in columns)
    found = connection.execute(
        "select count(*) filter (not is_there), count(*) filter (not is_here), "
        f"count(*) filter (is_here and is_there and not ({all_same})){', ' if counts else ''}{counts} from pairs"
    ).fetchone()
    assert found
    comparison.rows_only_in_duckdb, comparison.rows_only_in_spark, comparison.rows_with_other_values = found[:3]
    comparison.columns = {name: count for name, count in zip(columns, found[3:], strict=True) if count}
    # In an order of the rows' own, so that two runs show the same examples.
    order = ", ".join(sql_name(f"{side} {name}") for name in key or columns for side in ("here", "there")) or "1"
    rows = connection.execute(
        f"select * from pairs where not (is_here and is_there and {all_same}) order by {order} limit {_EXAMPLES}"
    )
    names = [column[0] for column in rows.description]
    for row in rows.fetchall():
        comparison.examples.append(_example(dict(zip(names, row, strict=True)), columns, key))


def _example(row: dict[str, Any], columns: Sequence[str], key: Sequence[str]) -> str:
    named = ", ".join(
        f"{name}={row['here ' + name] if row['is_here'] else row['there ' + name]}" for name in key or columns
    )
    if not row["is_there"]:
        return f"only in DuckDB: {named}"
    if not row["is_here"]:
        return f"only in Spark: {named}"
    values = "; ".join(
        f"{name} is {row['here ' + name]!r} in DuckDB, {row['there ' + name]!r} in Spark"
        for name in columns
        if not row["same " + name]
    )
    return f"{named}: {values}"
