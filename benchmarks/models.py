"""Building the models of a sample company: dbt and the daily job against the same SQL on one bare DuckDB connection.

Usage: python -m benchmarks.models WHAT FOLDER
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.measuring import ROOT, Comparison, Side
from ingestion.contract import read_contracts
from ingestion.infohub.scan import load_infohub
from ingestion.loader import load_landing
from ingestion.runs import LoadRun
from ingestion.sample import write_sample
from ingestion.warehouse import open_warehouse

THREADS = 2
MEMORY = "8GB"
AS_OF = date(2026, 6, 30)
NEXT_DAY = AS_OF + timedelta(days=1)
# A tenth of the 18 months that the sample has.
SHORT_HISTORY_BEGINS = AS_OF - timedelta(days=54)
# What counts events, and all that it is made from.
_USAGE = ("--select", "+int_usage__workspace_days_aggregated", "+int_usage__workspace_feature_days_aggregated")
_EVENTS = {
    "segment__tracks": "occurred_at",
    "posthog__events": "occurred_at",
    "amplitude__events": "occurred_at",
    "mixpanel__events": "occurred_at",
}


def comparisons(folder: Path) -> list[Comparison]:
    def side(what: str) -> Side:
        return Side("benchmarks.models", (what, str(folder)))

    return [
        Comparison("models_by_dbt", side("dbt"), side("bare_sql"), 1.5),
        Comparison("daily_job", side("daily"), side("bare_sql"), 2.0),
        Comparison("models_of_one_more_day", side("next_day"), side("dbt"), 0.15),
        Comparison("usage_of_one_more_day", side("usage_next_day"), side("usage"), 0.15),
        Comparison("one_more_day_after_ten_times_the_history", side("next_day"), side("next_day_short"), 1.3),
    ]


# --- what the sides start from ---------------------------------------------------------------------------------------


def prepare(folder: Path, preset: str) -> None:
    """Warehouses to start from, made once and kept: loaded; built; built and one more day delivered, long and short."""
    if (folder / "prepared.txt").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    write_sample(folder, preset=preset, seed=7, as_of=AS_OF)
    loaded = folder / "loaded.duckdb"
    load(loaded, folder / "landing", folder / "infohub", "first")
    _cut_history(loaded, folder / "loaded_short.duckdb")
    _deliver_one_more_day(loaded, folder / "landing_next")
    run_dbt("seed", loaded, AS_OF)
    save_statements(loaded, folder / "statements.json")
    for history in ("", "_short"):
        built = folder / f"next{history}.duckdb"
        shutil.copy(folder / f"loaded{history}.duckdb", built)
        run_dbt("build", built, AS_OF, "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
        load(built, folder / "landing_next", None, "next")
    (folder / "prepared.txt").write_text(f"{preset}\n")


def load(warehouse: Path, landing: Path, infohub: Path | None, run_id: str) -> None:
    run = LoadRun(run_id, datetime(2026, 7, 1) if infohub else datetime(2026, 7, 2))
    with open_warehouse(warehouse, memory_limit=MEMORY, threads=THREADS) as connection:
        load_landing(connection, landing, read_contracts(), run)
        if infohub:
            load_infohub(connection, infohub, run)


def _cut_history(loaded: Path, short: Path) -> None:
    """The same company with a tenth of the usage history."""
    shutil.copy(loaded, short)
    with duckdb.connect(str(short)) as connection:
        for table, moment in _EVENTS.items():
            connection.execute(
                f"create or replace table raw.{table} as from raw.{table} where {moment} >= '{SHORT_HISTORY_BEGINS}'"
            )


def _deliver_one_more_day(loaded: Path, landing: Path) -> None:
    """A day of usage like the last one, one event in a hundred of it late by up to 150 days."""
    target = landing / "segment" / "main" / f"tracks_{NEXT_DAY}.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(loaded), read_only=True) as connection:
        connection.execute(
            f"""
            copy (
                select
                    md5(id || 'next') as "messageId", event, user_id, anonymous_id, context_group_id,
                    occurred_at + to_days(case when hash(id) % 100 = 0 then -(hash(id) % 150)::integer else 1 end) as timestamp,
                    timestamp '{NEXT_DAY} 23:00:00' as received_at
                from raw.segment__tracks
                where occurred_at >= '{AS_OF}' and occurred_at < '{NEXT_DAY}'
            ) to '{target}' (format parquet)
            """
        )


def save_statements(loaded: Path, target: Path, *arguments: str) -> None:
    """The SQL that dbt runs for each model of a first build, in an order in which it can be run."""
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        warehouse = Path(scratch) / "warehouse.duckdb"
        shutil.copy(loaded, warehouse)
        run_dbt("run", warehouse, AS_OF, *arguments)
        folder = state_folder(warehouse)
        nodes = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["nodes"]
        results = json.loads((folder / "run_results.json").read_text(encoding="utf-8"))["results"]
    # What runs before the models is there too: the hook that registers sources, which is no model.
    ended = sorted(
        (result for result in results if result["unique_id"].startswith("model.")), key=lambda result: _times(result)[1]
    )
    target.write_text(
        json.dumps(
            [
                {
                    "schema": nodes[result["unique_id"]]["schema"],
                    "name": nodes[result["unique_id"]]["alias"],
                    "kind": "view" if nodes[result["unique_id"]]["config"]["materialized"] == "view" else "table",
                    "sql": result["compiled_code"],
                }
                for result in ended
            ]
        ),
        encoding="utf-8",
    )


# --- the sides -------------------------------------------------------------------------------------------------------


def bare_sql(warehouse: Path, statements: Path) -> float:
    """What dbt runs, model after model, on one connection. The compiled SQL names the catalog after the file."""
    planned: list[dict[str, str]] = json.loads(statements.read_text(encoding="utf-8"))
    started = time.perf_counter()
    with duckdb.connect(str(warehouse), config={"memory_limit": MEMORY, "threads": THREADS}) as connection:
        connection.execute("set timezone = 'UTC'")
        for schema in sorted({statement["schema"] for statement in planned}):
            connection.execute(f"create schema if not exists {schema}")
        for it in planned:
            connection.execute(f"create or replace {it['kind']} {it['schema']}.{it['name']} as {it['sql']}")
    return time.perf_counter() - started


def _daily(warehouse: Path, landing: Path) -> float:
    """The whole of it in a process of its own: look for new exports, build every model, run every test."""
    command = [str(Path(sys.executable).with_name("revhouse")), "run", "--as-of", f"{AS_OF}", "--format", "json"]
    environment = {
        "REVHOUSE_WAREHOUSE": str(warehouse),
        "REVHOUSE_LANDING": str(landing),
        "REVHOUSE_INFOHUB": str(landing.parent / "infohub"),
        "REVHOUSE_MEMORY_LIMIT": MEMORY,
        "REVHOUSE_THREADS": str(THREADS),
    }
    started = time.perf_counter()
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - started
    # The sample has files to refuse, which is what 4 says.
    if done.returncode not in (0, 4):
        raise RuntimeError(f"revhouse run ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return seconds


def run_dbt(command: str, warehouse: Path, as_of: date, *arguments: str) -> float:
    """Seconds from the start of the first node to the end of the last, as dbt reports them."""
    state = state_folder(warehouse)
    folder = ROOT / "dbt_project"
    whole_command = [
        *(sys.executable, "-m", "dbt.cli.main", "--quiet", command, *arguments),
        *("--project-dir", str(folder), "--profiles-dir", str(folder)),
        *("--target-path", str(state), "--log-path", str(state)),
        *("--log-level-file", "info"),
        *("--vars", json.dumps({"as_of": as_of.isoformat()})),
    ]
    settings = {
        "REVHOUSE_WAREHOUSE": str(warehouse),
        "REVHOUSE_MEMORY_LIMIT": MEMORY,
        "REVHOUSE_THREADS": str(THREADS),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    done = subprocess.run(whole_command, env={**os.environ, **settings}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"dbt {command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    results = json.loads((state / "run_results.json").read_text(encoding="utf-8"))["results"]
    times = [_times(result) for result in results]
    return (max(end for _, end in times) - min(start for start, _ in times)).total_seconds()


def state_folder(warehouse: Path) -> Path:
    return warehouse.with_name(warehouse.name + ".dbt")


def _times(result: dict[str, Any]) -> tuple[datetime, datetime]:
    moments = [datetime.fromisoformat(step[end]) for step in result["timing"] for end in ("started_at", "completed_at")]
    return min(moments), max(moments)


def main(what: str, folder_name: str) -> None:
    folder = Path(folder_name)
    starts_from = {"next_day": "next", "usage_next_day": "next", "next_day_short": "next_short"}.get(what, "loaded")
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        # The name that the compiled SQL has for the catalog.
        warehouse = Path(scratch) / "warehouse.duckdb"
        shutil.copy(folder / f"{starts_from}.duckdb", warehouse)
        match what:
            case "dbt":
                seconds = run_dbt("run", warehouse, AS_OF)
            case "bare_sql":
                seconds = bare_sql(warehouse, folder / "statements.json")
            case "daily":
                seconds = _daily(warehouse, folder / "landing")
            case "next_day" | "next_day_short":
                seconds = run_dbt("run", warehouse, NEXT_DAY)
            case "usage":
                seconds = run_dbt("run", warehouse, AS_OF, *_USAGE)
            case "usage_next_day":
                seconds = run_dbt("run", warehouse, NEXT_DAY, *_USAGE)
            case _:
                raise SystemExit(__doc__)
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])
