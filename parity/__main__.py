"""Build everything on DuckDB and on Spark and compare; a table, build/parity.json, and 1 if anything differs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ingestion.contract import read_contracts
from ingestion.infohub.scan import load_infohub
from ingestion.loader import load_landing
from ingestion.raw_export import export_raw
from ingestion.runs import LoadRun
from ingestion.sample import write_sample
from ingestion.warehouse import open_warehouse
from parity.comparing import ABSOLUTE_TOLERANCE, RELATIVE_TOLERANCE, Comparison, Model, compare
from revhouse.dbt_on_spark import SparkMissing, require_spark
from revhouse.models import PROJECT
from revhouse.settings import SettingError, read_settings

ROOT = Path(__file__).parent.parent
AS_OF = date(2026, 6, 30)
_SEED = 7
_LAST_LINES = 40


@dataclass
class Result:
    """What is saved."""

    variables: dict[str, str]
    relative_tolerance: float = RELATIVE_TOLERANCE
    absolute_tolerance: float = ABSOLUTE_TOLERANCE
    seconds: dict[str, float] = field(default_factory=dict)
    models: list[dict[str, Any]] = field(default_factory=list)


@click.command()
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), default=AS_OF.isoformat(), help="The day asked about.")
@click.option("--known-at", default="", help="The moment (UTC) from which is answered. Default: all that is loaded.")
@click.option(
    "--warehouse",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Compare on a copy of this loaded warehouse, not on the small sample company.",
)
@click.option("--select", default="", help="Build and compare only this (dbt's syntax: +dim_accounts). Default: all.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=ROOT / "build" / "parity",
    help="Where both builds go; what is in it is replaced, but for the sample company.",
)
@click.option(
    "--save-to",
    type=click.Path(path_type=Path),
    default=ROOT / "build" / "parity.json",
    help="Where to keep the results.",
)
def main(as_of: datetime, known_at: str, warehouse: Path | None, select: str, folder: Path, save_to: Path) -> None:
    """Build the whole project on DuckDB and on Spark, and compare every row of every model."""
    folder = folder.absolute()
    duckdb_file, export, spark = folder / "duckdb" / "warehouse.duckdb", folder / "export", folder / "spark"
    try:
        settings = read_settings({"warehouse": duckdb_file, "export": export, "as_of": as_of.date()})
        environment = settings.as_environment()
        require_spark(environment)
    except (SparkMissing, SettingError) as error:
        raise click.ClickException(str(error)) from error
    result = Result({"as_of": f"{as_of:%Y-%m-%d}", **({"known_at": known_at} if known_at else {})})
    for old in (duckdb_file.parent, export, spark):
        shutil.rmtree(old, ignore_errors=True)
    duckdb_file.parent.mkdir(parents=True)

    with _timed(result, "load"):
        if warehouse:
            shutil.copyfile(warehouse, duckdb_file)
        else:
            _load_sample(folder / "company", duckdb_file)
    with _timed(result, "build on DuckDB"):
        _build_on_duckdb(_arguments(result.variables, select, folder / "dbt_duckdb"), environment)
    with _timed(result, "export"):
        export_raw(duckdb_file, export)
    with _timed(result, "build on Spark"):
        _build_on_spark(_arguments(result.variables, select, folder / "dbt_spark"), environment, spark)
    with _timed(result, "compare"):
        comparisons = _compare_all(folder, duckdb_file, spark / "unloaded")

    result.models = [{**asdict(it), "is_equal": it.is_equal, "differing_rows": it.differing_rows} for it in comparisons]
    save_to.parent.mkdir(parents=True, exist_ok=True)
    save_to.write_text(json.dumps(asdict(result), indent=2) + "\n", encoding="utf-8")
    _show(comparisons, result)
    if not comparisons or not all(comparison.is_equal for comparison in comparisons):
        sys.exit(1)


@contextmanager
def _timed(result: Result, step: str) -> Iterator[None]:
    click.echo(f"{step} …", err=True)
    started = time.monotonic()
    yield
    result.seconds[step] = round(time.monotonic() - started, 1)


def _load_sample(company: Path, warehouse: Path) -> None:
    if not (company / "ground_truth.csv").exists():
        write_sample(company, preset="small", seed=_SEED, as_of=AS_OF)
    # A fixed moment: the ledger's times are data like any other.
    loading = LoadRun("parity", datetime(2026, 7, 1, 6, 0))
    with open_warehouse(warehouse) as connection:
        load_landing(connection, company / "landing", read_contracts(), loading)
        load_infohub(connection, company / "infohub", loading)


def _arguments(variables: dict[str, str], select: str, state: Path) -> list[str]:
    """Models and seeds only: what tests say is said on DuckDB, and rows that are equal pass the same ones."""
    return [
        *("build", "--resource-type", "model", "--resource-type", "seed", "--resource-type", "snapshot"),
        *("--full-refresh", "--vars", json.dumps(variables)),
        *("--target-path", str(state / "target"), "--log-path", str(state / "logs")),
        *(("--select", *select.split()) if select else ()),
    ]


def _build_on_duckdb(arguments: list[str], environment: dict[str, str]) -> None:
    places = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target", "local"]
    command = [sys.executable, "-m", "dbt.cli.main", "--quiet", *arguments, *places]
    _run("DuckDB", command, environment)


def _build_on_spark(arguments: list[str], environment: dict[str, str], folder: Path) -> None:
    # The catalogue lives as long as the build does, so nothing of an earlier one can be mistaken for this one's.
    spark = {
        "DBT_SPARK_CATALOG": "in-memory",
        "DBT_SPARK_WAREHOUSE": str(folder / "warehouse"),
        "DBT_SPARK_RAW": environment["DBT_SPARK_RAW"],
    }
    command = [sys.executable, "-m", "parity.on_spark", str(folder / "unloaded"), "--quiet", *arguments]
    _run("Spark", command, {**environment, **spark})


def _run(engine: str, command: list[str], environment: dict[str, str]) -> None:
    """What could be built is compared, so a failure only has its say here: each model it leaves out is found missing."""
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in (done.stdout + done.stderr).splitlines() if " WARN " not in line]
        click.echo(f"{engine} did not build everything:\n" + "\n".join(said[-_LAST_LINES:]), err=True)


def _compare_all(folder: Path, warehouse: Path, unloaded: Path) -> list[Comparison]:
    models = _models(folder / "dbt_duckdb") + [
        model for model in _models(folder / "dbt_spark") if model not in _models(folder / "dbt_duckdb")
    ]
    comparisons = []
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        built = set(
            connection.execute(
                "select table_schema, table_name from information_schema.tables where table_schema <> 'raw'"
            ).fetchall()
        )
        for model in sorted(models, key=lambda it: (it.schema, it.name)):
            files = unloaded / model.schema / model.name
            missing = [
                f"not built on {engine}"
                for engine, is_built in (
                    ("DuckDB", (model.schema, model.name) in built),
                    ("Spark", any(files.glob("*.parquet"))),
                )
                if not is_built
            ]
            if missing:
                comparisons.append(Comparison(f"{model.schema}.{model.name}", problems=missing))
            else:
                comparisons.append(compare(connection, model, files))
    return comparisons


def _models(state: Path) -> list[Model]:
    """What an engine was asked for, with the key that each model's test names."""
    try:
        manifest = json.loads((state / "target" / "manifest.json").read_text(encoding="utf-8"))
        results = json.loads((state / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    except FileNotFoundError:
        return []
    keys = {
        node["attached_node"]: tuple(node["test_metadata"]["kwargs"]["key"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and (node.get("test_metadata") or {}).get("name") == "sound_rows"
    }
    nodes = [manifest["nodes"][result["unique_id"]] for result in results if result["unique_id"] in manifest["nodes"]]
    return [
        Model(node["alias"], node["schema"], keys.get(node["unique_id"], ()))
        for node in nodes
        if node["resource_type"] in ("model", "seed", "snapshot") and node["config"]["materialized"] != "ephemeral"
    ]


def _show(comparisons: list[Comparison], result: Result) -> None:
    console = Console() if Console().is_terminal else Console(width=120)
    table = Table("model", "rows, DuckDB", "rows, Spark", "differing", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for comparison in comparisons:
        differing = f"{comparison.differing_rows:,}" if not comparison.problems else "see below"
        table.add_row(
            comparison.model,
            *("-" if rows is None else f"{rows:,}" for rows in (comparison.duckdb_rows, comparison.spark_rows)),
            differing,
        )
    console.print(table)
    different = [comparison for comparison in comparisons if not comparison.is_equal]
    for comparison in different:
        console.print(f"\n[bold]{escape(comparison.model)}[/bold]")
        columns = [f"{count:,} rows differ in {name}" for name, count in comparison.columns.items()]
        for line in [*comparison.problems, *columns, *comparison.examples]:
            console.print(f"  {escape(line)}", soft_wrap=True)
    steps = ", ".join(f"{step} {seconds:g} s" for step, seconds in result.seconds.items())
    compared = sum(comparison.duckdb_rows or 0 for comparison in comparisons)
    console.print(f"\n{len(comparisons)} models, {compared:,} rows, {len(different)} models differ. {steps}.")


if __name__ == "__main__":
    main()
