"""The assets as Dagster runs them: what a person sees in the lineage, and what a run leaves behind."""

from pathlib import Path

import dagster as dg
import duckdb
import pytest

from ingestion.contract import read_contracts
from orchestration.sensors import fingerprint, new_files
from orchestration.warehouse import POOL

RAW_TABLES = {table.raw_name for contract in read_contracts().values() for table in contract.tables}
INFOHUB_TABLES = {"infohub__files", "infohub__documents"}


@pytest.fixture
def landing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REVHOUSE_LANDING", str(tmp_path / "landing"))
    monkeypatch.setenv("REVHOUSE_INFOHUB", str(tmp_path / "infohub"))
    monkeypatch.setenv("REVHOUSE_WAREHOUSE", str(tmp_path / "warehouse.duckdb"))
    node = tmp_path / "infohub" / "ACME" / "IMPLEMENTATION"
    node.mkdir(parents=True)
    (node / "blueprint.yaml").write_text("archetype: post_sales_governance\n")
    folder = tmp_path / "landing" / "zendesk" / "main"
    folder.mkdir(parents=True)
    (folder / "tickets.csv").write_text("id,subject,created_at\n1,Help,2026-01-01T00:00:00Z\n2,Help,yesterday\n")
    (folder / "tickets_2026-02-28.csv").write_text("")
    return tmp_path / "landing"


def run(definitions: dg.Definitions) -> dg.ExecuteInProcessResult:
    return definitions.resolve_job_def("load_everything").execute_in_process()


def materializations(result: dg.ExecuteInProcessResult) -> dict[tuple[str, ...], dict[str, object]]:
    return {
        tuple(event.asset_key.path): {
            name: value.value for name, value in event.step_materialization_data.materialization.metadata.items()
        }
        for event in result.all_events
        if event.is_step_materialization and event.asset_key
    }


def test_there_is_one_asset_per_raw_table_under_the_key_of_its_dbt_source(definitions: dg.Definitions) -> None:
    keys = {tuple(spec.key.path) for spec in definitions.resolve_all_asset_specs()}
    assert {name for prefix, name in keys if prefix == "raw"} == RAW_TABLES | INFOHUB_TABLES


def test_every_asset_says_what_it_is_whose_it_is_and_where_it_comes_from(definitions: dg.Definitions) -> None:
    for spec in definitions.resolve_all_asset_specs():
        assert all((spec.description, spec.owners, spec.group_name, spec.kinds)), spec.key
        if spec.key.path[0] == "raw" and spec.key.path[1] in RAW_TABLES:
            system = spec.key.path[1].split("__")[0]
            assert spec.group_name == system
            assert [dep.asset_key.path for dep in spec.deps] == [["landing", system]]
            assert spec.metadata["dagster/column_schema"].columns


def test_everything_that_writes_the_warehouse_waits_for_the_one_slot(definitions: dg.Definitions) -> None:
    writing = [asset for asset in definitions.resolve_asset_graph().assets_defs if asset.is_executable]
    assert {asset.op.pool for asset in writing} == {POOL}


def test_a_run_loads_what_landed_and_reports_it_on_the_asset(definitions: dg.Definitions, landing: Path) -> None:
    seen = materializations(run(definitions))
    tickets = seen["raw", "zendesk__tickets"]
    assert tickets["dagster/row_count"] == 1
    assert (tickets["rows_read"], tickets["rows_loaded"], tickets["rows_quarantined"]) == (2, 1, 1)
    assert (tickets["files_loaded"], tickets["files_refused"]) == (1, 1)
    assert "not_a_timestamp" in str(tickets["quarantine_reasons"])
    assert "tickets_2026-02-28.csv" in str(tickets["refused"])
    assert tickets["ledger"] == dg.AssetKey(["ledger", "files"])
    assert seen["raw", "infohub__files"]["files_seen"] == 1
    assert seen["ledger", "files"]["rows_quarantined"] == 1
    assert set(seen) == {("raw", name) for name in RAW_TABLES | INFOHUB_TABLES} | {("ledger", "files")}


def test_running_again_loads_nothing_again(definitions: dg.Definitions, landing: Path) -> None:
    run(definitions)
    tickets = materializations(run(definitions))["raw", "zendesk__tickets"]
    assert (tickets["files_loaded"], tickets["files_unchanged"], tickets["dagster/row_count"]) == (0, 1, 1)


def test_a_file_that_belongs_to_no_known_system_is_in_the_ledger(definitions: dg.Definitions, landing: Path) -> None:
    stray = landing / "zendesq" / "main" / "tickets.csv"
    stray.parent.mkdir(parents=True)
    stray.write_text("id\n1\n")
    run(definitions)
    with duckdb.connect(str(landing.parent / "warehouse.duckdb"), read_only=True) as connection:
        found = connection.execute("select reason_code from ledger.files where path like 'zendesq%'").fetchall()
    assert found == [("unknown_system",)]


def test_the_sensor_asks_for_a_run_when_files_change_and_only_then(landing: Path) -> None:
    with dg.DagsterInstance.ephemeral() as instance:

        def tick(cursor: str | None) -> dg.SensorResult | dg.SkipReason:
            result = new_files(dg.build_sensor_context(instance=instance, cursor=cursor))
            assert isinstance(result, dg.SensorResult | dg.SkipReason)
            return result

        first = tick(None)
        assert isinstance(first, dg.SensorResult)
        assert first.run_requests is not None
        assert len(first.run_requests) == 1
        assert isinstance(tick(first.cursor), dg.SkipReason)
        (landing / "zendesk" / "main" / "users.csv").write_text("id,name\n1,Ann\n")
        again = tick(first.cursor)
        assert isinstance(again, dg.SensorResult)
        assert again.cursor != first.cursor


def test_an_empty_landing_folder_asks_for_nothing(tmp_path: Path) -> None:
    assert fingerprint([tmp_path / "nowhere", tmp_path]) is None
