"""dbt run on small warehouses that the loaders filled. Starting dbt costs seconds, so what can be shared is."""

from __future__ import annotations

import csv
import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.contract import Contract, read_contracts
from ingestion.infohub.scan import load_infohub
from ingestion.loader import load_landing
from ingestion.runs import LoadRun
from ingestion.sample import write_sample
from ingestion.warehouse import open_warehouse
from revhouse.ground_truth import Comparison, compare_with_truth
from revhouse.models import parsed_folder
from revhouse.settings import read_settings

LOADED_AT = datetime(2026, 7, 1, 6, 0)
AS_OF = date(2026, 6, 30)
UNSHARED_MOMENT = "2001-02-03 04:05:06"
UNSHARED_DAY, UNSHARED_DAY_END = "2001-02-03", "2001-02-04 00:00:00"


@dataclass(frozen=True)
class DbtRun:
    """What a dbt command left behind."""

    succeeded: bool
    output: str
    folder: Path

    @property
    def manifest(self) -> dict[str, Any]:
        manifest: dict[str, Any] = json.loads((self.folder / "target/manifest.json").read_text())
        return manifest

    def rows(self, query: str) -> list[dict[str, Any]]:
        with duckdb.connect(str(self.folder / "warehouse.duckdb"), read_only=True) as connection:
            found = connection.execute(query)
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


Rows = list[tuple[Any, ...]]


class Deliveries:
    """A warehouse to which a test delivers, one run after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.warehouse = folder / "warehouse.duckdb"
        self.contracts = read_contracts()
        self.runs = 0

    def deliver(
        self,
        name: str,
        content: str,
        *,
        known: datetime,
        table: str = "salesforce__accounts",
        contracts: dict[str, Contract] | None = None,
    ) -> None:
        """Load a file of Salesforce in a run that began at `known`."""
        path = self.folder / "landing/salesforce/main" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        with open_warehouse(self.warehouse) as connection:
            load_landing(
                connection,
                self.folder / "landing",
                contracts or self.contracts,
                self._run(known),
                only={table},
                accept_drop=True,
            )

    def scan(self, *, known: datetime) -> None:
        with open_warehouse(self.warehouse) as connection:
            load_infohub(connection, self.folder / "infohub", self._run(known), workers=1, accept_drop=True)

    def write(self, path: str, content: str) -> None:
        file = self.folder / "infohub" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)

    def rows(self, query: str) -> Rows:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def _run(self, known: datetime) -> LoadRun:
        self.runs += 1
        return LoadRun(f"run-{self.runs}", known)


@pytest.fixture
def company(tmp_path: Path) -> Deliveries:
    return Deliveries(tmp_path)


def fill_warehouse(folder: Path) -> None:
    """Load what lies in the folder's landing/ and infohub/; every table is made even if nothing does."""
    run = LoadRun("run-1", LOADED_AT)
    with open_warehouse(folder / "warehouse.duckdb") as connection:
        load_landing(connection, folder / "landing", read_contracts(), run)
        load_infohub(connection, folder / "infohub", run, workers=1)


# Starting dbt and reading what it parsed takes longer than most of what a test asks of it. So one process does it once, and for
# each command splits off a copy of itself.
_DBT = """
import gc, json, os, sys
from pathlib import Path
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from revhouse.dbt_process import parse_project

project, parsed = sys.argv[1:]
places = ["--project-dir", project, "--profiles-dir", project]
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
manifest = parse_project(Path(project), Path(parsed))
gc.collect()
gc.freeze()
gc.set_threshold(200_000, 50, 100)
for line in sys.stdin:
    folder, printed, arguments = json.loads(line)
    child = os.fork()
    if child:
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=answers, flush=True)
        continue
    output = os.open(printed, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.chdir(folder)
    os.environ["REVHOUSE_WAREHOUSE"] = folder + "/warehouse.duckdb"
    done = dbtRunner(manifest=manifest).invoke(["--log-level-file", "info", *arguments, *places])
    print(done.exception or "", flush=True)
    # DuckDB's threads cannot be ended by a copy of the process that began them, so the usual end would be an abort.
    DuckDBConnectionManager.close_all_connections()
    os._exit(0 if done.success else 1)
"""


class Dbt:
    """Runs dbt commands on the warehouses of folders."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self._process: subprocess.Popen[str] | None = None

    def __call__(self, folder: Path, *arguments: str, variables: dict[str, str] | None = None) -> DbtRun:
        process = self._process = self._process or self._start()
        assert process.stdin
        assert process.stdout
        outputs = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
        outputs += ["--vars", json.dumps(variables or {})]
        printed = folder / "printed.txt"
        process.stdin.write(json.dumps([str(folder), str(printed), [*arguments, *outputs]]) + "\n")
        process.stdin.flush()
        code = process.stdout.readline()
        assert code, "dbt could not parse the project, or died"
        return DbtRun(int(code) == 0, printed.read_text(), folder)

    def end(self) -> None:
        if self._process:
            self._process.communicate()

    def _start(self) -> subprocess.Popen[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("REVHOUSE_", "DBT_"))}
        # Copies leave semaphores behind, and whoever cleans up after them warns of that.
        program = [sys.executable, "-W", "ignore:resource_tracker", "-c", _DBT]
        return subprocess.Popen(
            [*program, str(self._project), str(parsed_folder(read_settings({}, {})))],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


@pytest.fixture(scope="session")
def dbt(project: Path) -> Iterator[Dbt]:
    """Run a dbt command on the warehouse of a folder."""
    commands = Dbt(project / "dbt_project")
    yield commands
    commands.end()


def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where all processes of a test run find the same things."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if os.environ.get("PYTEST_XDIST_WORKER") else folder


@pytest.fixture(scope="session")
def empty(dbt: Callable[..., DbtRun], tmp_path_factory: pytest.TempPathFactory) -> DbtRun:
    """The project built on a warehouse whose tables are all empty, and its unit tests.

    Not its tests of data: those run on the sample company, and in test_control on next to nothing.
    """

    def build(folder: Path) -> DbtRun:
        fill_warehouse(folder)
        return dbt(folder, "build", "--exclude-resource-type", "test", variables={"as_of": f"{AS_OF}"})

    return built_once("empty", build, tmp_path_factory)


@pytest.fixture(scope="session")
def manifest(empty: DbtRun) -> dict[str, Any]:
    assert empty.succeeded, empty.output
    return empty.manifest


@pytest.fixture(scope="session")
def staging_sql(dbt: Callable[..., DbtRun], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """The SQL of a staging view as dbt compiles it for a moment or a day. dbt does it once: only their text differs."""
    compiled: dict[tuple[str, ...], Path] = {}

    def sql(name: str, **variables: str) -> str:
        asked = tuple(sorted(variables))
        if asked not in compiled:
            folder = compiled[asked] = tmp_path_factory.mktemp("_".join(asked))
            fill_warehouse(folder)
            unshared = {"known_at": UNSHARED_MOMENT, "as_of": UNSHARED_DAY}
            run = dbt(
                folder,
                "compile",
                "--select",
                "staging",
                "--exclude",
                "resource_type:test",
                variables={it: unshared[it] for it in asked},
            )
            assert run.succeeded, run.output
        (path,) = (compiled[asked] / "target/compiled/revhouse/models").rglob(f"{name}.sql")
        text = path.read_text()
        for found, meant in (
            (UNSHARED_MOMENT, variables.get("known_at")),
            (
                UNSHARED_DAY_END,
                variables.get("as_of") and f"{date.fromisoformat(variables['as_of']) + timedelta(days=1)} 00:00:00",
            ),
        ):
            assert (found in text) == bool(meant), (name, found)
            text = text.replace(found, str(meant))
        return text.replace(UNSHARED_DAY, variables.get("as_of", UNSHARED_DAY))

    return sql


@pytest.fixture(scope="session")
def view_known_at(staging_sql: Callable[..., str]) -> Callable[[str, datetime], str]:
    """The SQL of a staging view as of what was known at a moment."""
    return lambda name, moment: staging_sql(name, known_at=f"{moment:%Y-%m-%d %H:%M:%S}")


@dataclass(frozen=True)
class SampleCompany(DbtRun):
    """The small sample company, built, and everything that was planted in it."""

    def truth(self, area: str, *facts: str) -> list[dict[str, Any]]:
        """The planted facts of an area, all or those of these words, with `detail` read."""
        with (self.folder / "ground_truth.csv").open(newline="", encoding="utf-8") as file:
            planted = [
                row for row in csv.DictReader(file) if row["area"] == area and (not facts or row["fact"] in facts)
            ]
        assert planted, f"nothing is planted in {area} under {facts or 'any word'}"
        return [{**row, "detail": json.loads(row["detail"] or "{}")} for row in planted]


def built_once(name: str, build: Callable[[Path], DbtRun], tmp_path_factory: pytest.TempPathFactory) -> DbtRun:
    """What takes long to build: the process of a test run that asks first builds it, all others find it."""
    shared = shared_folder(tmp_path_factory)
    folder, told = shared / name, shared / f"{name}.json"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            folder.mkdir()
            built = build(folder)
            told.write_text(json.dumps({"succeeded": built.succeeded, "output": built.output}))
    return DbtRun(**json.loads(told.read_text()), folder=folder)


@pytest.fixture(scope="session")
def company_built(dbt: Callable[..., DbtRun], tmp_path_factory: pytest.TempPathFactory) -> SampleCompany:
    """The whole project built on the small sample company."""

    def build(folder: Path) -> DbtRun:
        write_sample(folder, preset="small", seed=7, as_of=AS_OF)
        fill_warehouse(folder)
        return dbt(folder, "build", "--exclude-resource-type", "unit_test", variables={"as_of": f"{AS_OF}"})

    built = built_once("company_built", build, tmp_path_factory)
    assert built.succeeded, built.output
    return SampleCompany(built.succeeded, built.output, built.folder)


@pytest.fixture(scope="session")
def compared(company_built: SampleCompany) -> Comparison:
    """What was found in the sample company, against what was planted in it."""
    return compare_with_truth(company_built.folder / "warehouse.duckdb", company_built.folder / "ground_truth.csv")
