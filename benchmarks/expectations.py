"""All suites on 30,000 engagements: pushed down to DuckDB, as plain SQL on one bare connection, and on pandas batches.

Ours judges, keeps the results and lists the subjects at fault. The others only judge.

Usage: python -m benchmarks.expectations WHAT FOLDER
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.measuring import ROOT, Comparison, Side
from expectations.checks import Check, Contains, Filled, OneOf, Share, Suite, Table
from expectations.results import Run
from expectations.validation import suites_of, validate

NODES = 30_000
POLICY = ROOT / "dbt_project" / "seeds" / "policy"
RUN = Run("benchmark", date(2026, 6, 30), datetime(2026, 7, 1), "benchmark")
SETTINGS = {"threads": "2", "memory_limit": "8GB"}


def comparisons(folder: Path) -> list[Comparison]:
    def side(what: str) -> Side:
        return Side("benchmarks.expectations", (what, str(folder)))

    return [
        Comparison("expectations_pushed_down", side("ours"), side("plain_sql"), 4.0),
        Comparison("expectations_against_pandas", side("ours"), side("pandas"), 0.1),
    ]


# --- what the sides start from ---------------------------------------------------------------------------------------

# Nine in ten pass, so that some checks hold and some do not; the rest has every other word.
_STATUS = """
    case when hash(nodes.number, {subject}) % 100 < 90 then 'pass' else
        ['fail', 'insufficient_data', 'manual', 'too_early', 'waived'][1 + (hash({subject}, nodes.number) % 5)::integer]
    end
"""


def prepare(folder: Path, nodes: int = NODES) -> None:
    """A warehouse with the judged tables of so many engagements, made by SQL."""
    if (folder / "prepared.txt").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute("set enable_progress_bar = false")
        for schema in ("policy", "governance", "core"):
            connection.execute(f"create schema {schema}")
        for name in ("checklist_items", "blueprints", "assets", "source_limits"):
            connection.execute(f"create table policy.{name} as from read_csv('{POLICY / name}.csv', header = true)")
        connection.execute(
            f"""
            create temp table nodes as
            select
                number,
                'infohub:main:REALM_' || number || '/NODE' as node_id,
                'REALM_' || number as realm,
                ['pre_sales_governance', 'post_sales_governance'][1 + number % 2] as archetype,
                ['poc', 'economy', 'premium', 'fast_track'][1 + (number // 2) % 4] as track
            from range({nodes}) as numbers(number)
            """
        )
        connection.execute(
            f"""
            create table governance.fct_checklist_results as
            select
                date '2026-06-30' as as_of_date, nodes.node_id, 'main' as source_instance, nodes.realm, 'NODE' as node,
                'salesforce:main:001' || nodes.number as account_id, null::varchar as opportunity_id,
                nodes.archetype, nodes.track, items.blueprint, items.item, items.item_name, true as is_required,
                case when blueprints.archetype <> nodes.archetype then 'not_applicable' else {_STATUS.format(subject="items.item")} end as status,
                'What was looked at in ' || nodes.realm as reason, nodes.realm || '/NODE/' || items.asset_path as evidence_path,
                items.evidence_fields, nodes.number::varchar as observed_value, 'warn' as severity,
                items.owner_role, items.playbook, 'benchmark' as policy_version
            from policy.checklist_items as items
            inner join policy.blueprints as blueprints on items.blueprint = blueprints.blueprint
            cross join nodes
            order by items.blueprint, items.item, nodes.number
            """
        )
        connection.execute(
            f"""
            create table governance.fct_asset_freshness as
            select
                date '2026-06-30' as as_of_date, nodes.node_id, 'main' as source_instance, nodes.realm, 'NODE' as node,
                nodes.archetype, nodes.track, assets.blueprint, assets.asset_path, assets.owner_role,
                {_STATUS.format(subject="assets.asset_path")} as status,
                'What was looked at in ' || nodes.realm as reason, nodes.realm || '/NODE/' || assets.asset_path as file_path
            from policy.assets as assets
            inner join policy.blueprints as blueprints on assets.blueprint = blueprints.blueprint
            inner join nodes on blueprints.archetype = nodes.archetype
            order by assets.asset_path, nodes.number
            """
        )
        connection.execute(
            """
            create table core.rpt_source_measures as
            select
                source_system, 'main' as source_instance, 'thing_' || number as subject_name, measure,
                case when number = 9 and measure <> 'unexplained_rows_count' then 'fail' else 'pass' end as status,
                'So many' as reason, null::varchar as delivery_name
            from policy.source_limits cross join range(10) as things(number)
            """
        )
    (folder / "prepared.txt").write_text(f"{nodes}\n")


# --- the sides -------------------------------------------------------------------------------------------------------


def _ours(warehouse: Path, suites: Sequence[Suite]) -> float:
    import expectations.shares  # noqa: F401  # importing Great Expectations is not what is measured

    started = time.perf_counter()
    validate(warehouse, suites, RUN, settings=SETTINGS)
    return time.perf_counter() - started


def _plain_sql(warehouse: Path, suites: Sequence[Suite]) -> float:
    """A statement for each check, as somebody would write it who has nothing but SQL."""
    started = time.perf_counter()
    with duckdb.connect(str(warehouse), read_only=True, config=dict(SETTINGS)) as connection:
        for suite in suites:
            for check in suite.checks:
                connection.execute(*_statement(suite.table, check)).fetchall()
    return time.perf_counter() - started


def _statement(table: Table, check: Check) -> tuple[str, list[Any]]:
    match check.question:
        case Share(group, counted, passing, _, column):
            conditions = " and ".join(f"{name} = ?" for name in group)
            return (
                f"select count(*), count(*) filter (not list_contains(?, {column})) from {table.place} "
                f"where {conditions} and list_contains(?, {column})",
                [list(passing), *group.values(), list(counted)],
            )
        case OneOf(column, values):
            return f"select count(*) from {table.place} where not list_contains(?, {column})", [list(values)]
        case Filled(column):
            return f"select count(*) from {table.place} where {column} is null", []
        case Contains(column, values):
            return f"select list_contains(list(distinct {column}), ?) from {table.place}", [values[0]]


def _pandas(warehouse: Path, suites: Sequence[Suite]) -> float:
    """The same suites of Great Expectations on data frames of the same tables."""
    import great_expectations as gx

    from expectations.running import expectation, quiet_context

    checks: dict[Table, list[Check]] = defaultdict(list)
    for suite in suites:
        checks[suite.table] += suite.checks
    started = time.perf_counter()
    source = quiet_context().data_sources.add_pandas("frames")
    for table, asked in checks.items():
        with duckdb.connect(str(warehouse), read_only=True, config=dict(SETTINGS)) as connection:
            frame = connection.execute(f"from {table.place}").df()
        asset = source.add_dataframe_asset(table.name)
        batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
        whole = gx.ExpectationSuite(table.name, expectations=[expectation(check) for check in asked])
        results = batch.validate(whole, result_format="BASIC").results
        assert len(results) == len(asked)
    return time.perf_counter() - started


def main(what: str, folder_name: str) -> None:
    folder = Path(folder_name)
    suites, _ = suites_of(POLICY)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        warehouse = Path(scratch) / "warehouse.duckdb"
        shutil.copy(folder / "warehouse.duckdb", warehouse)
        match what:
            case "ours":
                seconds = _ours(warehouse, suites)
            case "plain_sql":
                seconds = _plain_sql(warehouse, suites)
            case "pandas":
                seconds = _pandas(warehouse, suites)
            case _:
                raise SystemExit(__doc__)
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])
