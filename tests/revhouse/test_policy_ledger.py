"""Tables that runs only add to: with which policy they were built, and that another policy makes them anew, and only them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from revhouse.policy_ledger import Dated, note_built, outdated, read_dates, set_aside

DAYS, COUNTS, TOLD = "model.revhouse.fct_days", "model.revhouse.int_counts", "model.revhouse.fct_told"


def seed(name: str, checksum: str) -> SimpleNamespace:
    return SimpleNamespace(
        resource_type="seed",
        name=name,
        alias=name,
        schema="policy",
        fqn=["revhouse", "policy", name],
        checksum=SimpleNamespace(checksum=checksum),
        depends_on=SimpleNamespace(nodes=[]),
    )


def model(
    name: str, *reads: str, materialized: str = "incremental", full_refresh: bool | None = None
) -> SimpleNamespace:
    return SimpleNamespace(
        resource_type="model",
        name=name,
        alias=name,
        schema="core",
        fqn=["revhouse", "marts", name],
        config=SimpleNamespace(materialized=materialized, full_refresh=full_refresh),
        depends_on=SimpleNamespace(nodes=list(reads)),
    )


def manifest(**checksums: str) -> SimpleNamespace:
    """A project in which two tables follow from the stages, one of them by way of a view; one keeps what was told."""
    nodes: dict[str, Any] = {f"seed.revhouse.{name}": seed(name, checksum) for name, checksum in checksums.items()}
    nodes["model.revhouse.int_named"] = model("int_named", "seed.revhouse.stages", materialized="view")
    nodes[DAYS] = model("fct_days", "model.revhouse.int_named")
    nodes[COUNTS] = model("int_counts", "seed.revhouse.features", "source.revhouse.raw.events")
    nodes[TOLD] = model("fct_told", DAYS, full_refresh=False)
    return SimpleNamespace(nodes=nodes)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A warehouse in which all tables are there."""
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema core")
        for name in ("fct_days", "int_counts", "fct_told"):
            connection.execute(f"create table core.{name} as select 'before' as what")
    return path


@pytest.fixture
def warehouse(built: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(built)) as connection:
        yield connection


def refreshed(
    connection: duckdb.DuckDBPyConnection, project: SimpleNamespace, *selected: str
) -> Mapping[str, list[str]]:
    dates = read_dates(project, connection, selected or set(project.nodes))
    return {found.table.name: found.seeds for found in outdated(connection, dates)}


def note(connection: duckdb.DuckDBPyConnection, project: SimpleNamespace, *selected: str) -> None:
    note_built(connection, read_dates(project, connection, selected or set(project.nodes)))


def test_a_changed_seed_outdates_the_tables_that_follow_from_it_and_no_other(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    note(warehouse, manifest(stages="1", features="1"))

    assert refreshed(warehouse, manifest(stages="1", features="1")) == {}
    assert refreshed(warehouse, manifest(stages="2", features="1")) == {"fct_days": ["stages"]}
    assert refreshed(warehouse, manifest(stages="2", features="2")) == {
        "fct_days": ["stages"],
        "int_counts": ["features"],
    }


def test_it_is_outdated_until_it_was_built(warehouse: duckdb.DuckDBPyConnection) -> None:
    note(warehouse, manifest(stages="1", features="1"))
    changed = manifest(stages="2", features="2")
    note(warehouse, changed, DAYS, "seed.revhouse.stages")

    assert refreshed(warehouse, changed) == {"int_counts": ["features"]}


def test_a_table_that_is_not_there_is_built_anyway(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("drop table core.int_counts")

    assert "int_counts" not in refreshed(warehouse, manifest(stages="1", features="1"))


def test_where_nobody_noted_the_policy_it_counts_as_another_one(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert refreshed(warehouse, manifest(stages="1", features="1")) == {
        "fct_days": ["stages"],
        "int_counts": ["features"],
    }


def test_a_seed_that_is_not_loaded_again_counts_as_it_was_loaded(warehouse: duckdb.DuckDBPyConnection) -> None:
    note(warehouse, manifest(stages="1", features="1"))
    changed = manifest(stages="2", features="1")

    # The model alone is built: the seed in the warehouse is still the old one.
    assert refreshed(warehouse, changed, DAYS) == {}
    assert refreshed(warehouse, changed, DAYS, "seed.revhouse.stages") == {"fct_days": ["stages"]}


def test_what_is_built_anew_replaces_what_was_there(built: Path) -> None:
    with duckdb.connect(str(built)) as connection:
        tables = outdated(connection, read_dates(manifest(stages="1"), connection, {DAYS, "seed.revhouse.stages"}))
    with set_aside(built, tables), duckdb.connect(str(built)) as connection:
        connection.execute("create table core.fct_days as select 'after' as what")

    assert contents(built) == {"fct_days": "after", "fct_told": "before", "int_counts": "before"}


def test_what_could_not_be_built_is_there_as_before(built: Path) -> None:
    with duckdb.connect(str(built)) as connection:
        tables = outdated(connection, read_dates(manifest(stages="1"), connection, {DAYS, "seed.revhouse.stages"}))
    with pytest.raises(RuntimeError), set_aside(built, tables):
        raise RuntimeError("dbt broke off")

    assert contents(built) == {"fct_days": "before", "fct_told": "before", "int_counts": "before"}


def test_what_a_broken_off_run_left_aside_is_no_hindrance(built: Path) -> None:
    with duckdb.connect(str(built)) as connection:
        connection.execute("create table core.fct_days__outdated as select 'long ago' as what")
        tables = outdated(connection, read_dates(manifest(stages="1"), connection, {DAYS, "seed.revhouse.stages"}))
    with set_aside(built, tables):
        pass

    assert contents(built)["fct_days"] == "before"


def test_what_was_noted_is_replaced(warehouse: duckdb.DuckDBPyConnection) -> None:
    days = Dated(DAYS, "core", "fct_days", {"stages": "1", "stage_map": "1"})
    note_built(warehouse, [days])
    note_built(warehouse, [Dated(DAYS, "core", "fct_days", {"stages": "2"})])

    assert warehouse.execute("from policy.built_with").fetchall() == [("core", "fct_days", "stages", "2")]


def contents(built: Path) -> dict[str, str]:
    with duckdb.connect(str(built), read_only=True) as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'core' order by 1"
        ).fetchall()
        return {name: connection.execute(f"select what from core.{name}").fetchall()[0][0] for (name,) in names}
