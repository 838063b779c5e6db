"""Suites under Dagster: a check for each on the mart it judges, what a lead reads there, and what stops a run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from expectations.checks import Share
from expectations.policy import read_policy
from expectations.suites import TABLES, build_suites
from orchestration.expectations import expectation_checks
from tests.expectations.warehouses import Row, make_warehouse, rows_in, rows_of, table_of

KEYS = [dg.AssetKey([table.schema, table.name]) for table in TABLES]


@dg.multi_asset(name="build_models", specs=[dg.AssetSpec(key) for key in KEYS])
def marts() -> Iterator[dg.MaterializeResult[None]]:
    for key in KEYS:
        yield dg.MaterializeResult(asset_key=key)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REVHOUSE_WAREHOUSE", str(tmp_path / "warehouse.duckdb"))
    monkeypatch.setenv("REVHOUSE_DATA_DOCS", str(tmp_path / "docs"))
    monkeypatch.setenv("REVHOUSE_GAP_REPORTS", str(tmp_path / "gap_reports"))
    state = tmp_path / "warehouse.duckdb.dbt"
    state.mkdir()
    (state / "standing.json").write_text(json.dumps({"day": "2026-06-30", "whole": True}))
    return tmp_path


def rows(project: Path, failing: str) -> list[tuple[str, Row]]:
    """Two rows that pass for every check, and one that fails for the one named."""
    suites = build_suites(read_policy(project / "dbt_project/seeds/policy"))
    return [
        (table_of(check), row)
        for suite in suites
        for check in suite.checks
        if isinstance(check.question, Share)
        for row in rows_of(check, ["pass", "pass", "fail" if check.key == failing else "pass"])
    ]


def run(*selected: str) -> dg.ExecuteInProcessResult:
    checks = expectation_checks(marts)
    selection = (
        dg.AssetSelection.checks(*(spec.key for spec in checks[0].check_specs if spec.name in selected))
        if selected
        else dg.AssetSelection.all()
    )
    job = dg.define_asset_job("daily", selection=selection)
    definitions = dg.Definitions(assets=[marts], asset_checks=checks, jobs=[job])
    with dg.DagsterInstance.ephemeral() as instance:
        return definitions.resolve_job_def("daily").execute_in_process(instance=instance, raise_on_error=False)


def evaluations(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    return {evaluation.check_name: evaluation for evaluation in result.get_asset_check_evaluations()}


def test_every_suite_is_a_check_of_the_mart_it_judges(project: Path, definitions: dg.Definitions) -> None:
    keys = definitions.resolve_asset_graph().asset_check_keys
    homes = {key.name: key.asset_key for key in keys}

    assert homes["checklist_b01"] == dg.AssetKey(["governance", "fct_checklist_results"])
    assert homes["staleness_pre_sales_premium"] == dg.AssetKey(["governance", "fct_asset_freshness"])
    assert homes["source_zendesk"] == dg.AssetKey(["core", "rpt_source_measures"])
    suites = build_suites(read_policy(project / "dbt_project/seeds/policy"))
    assert {suite.name: homes.get(suite.name) for suite in suites} == {
        suite.name: dg.AssetKey([suite.table.schema, suite.table.name]) for suite in suites
    }


def test_a_gap_of_the_business_warns_and_stops_nothing(project: Path, place: Path) -> None:
    make_warehouse(place / "warehouse.duckdb", rows(project, "B01/CHK_SALES_001/premium"))

    result = run()

    assert result.success
    found = evaluations(result)
    assert len(found) == 40
    check = found["checklist_b01"]
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert {name for name, other in found.items() if not other.passed} == {"checklist_b01"}
    metadata: dict[str, Any] = {name: value.value for name, value in check.metadata.items()}
    assert (metadata["pass"], metadata["fail"], metadata["error"]) == (15, 1, 0)
    assert metadata["pass_rate_pct"] == pytest.approx(97.9)
    assert (
        "| `B01/CHK_SALES_001` | premium | error | 1 of 3 | 90 % | account_executive | PB_130 |"
        in metadata["worst_rules"]
    )
    assert metadata["worst_engagements"].splitlines()[2:] == [
        f"| `REALM/NODE_2` | 1 | `{place / 'gap_reports/REALM/NODE_2/gap_report.yaml'}` |"
    ]
    assert Path(metadata["data_docs"]) == place / "docs" / "checklist_b01.html"
    assert Path(metadata["data_docs"]).exists()
    assert rows_in(place / "warehouse.duckdb", metadata["subjects"].replace("*", "node_id")) == [
        ("infohub:main:REALM/NODE_2",)
    ]
    assert "sets no age" in (found["staleness_post_sales_poc"].description or "")
    assert rows_in(
        place / "warehouse.duckdb", "select distinct as_of_date::varchar, run_id from expectations.results"
    ) == [("2026-06-30", result.run_id)]


def test_broken_data_stops_the_run(project: Path, place: Path) -> None:
    make_warehouse(place / "warehouse.duckdb", rows(project, "source/zendesk/unexplained_rows_count"))

    result = run()

    assert not result.success
    check = evaluations(result)["source_zendesk"]
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.ERROR)
    (failure,) = (event for event in result.all_events if event.is_step_failure)
    assert "source/zendesk/unexplained_rows_count: 1 of 3 fail" in str(failure.event_specific_data)


def test_an_expectation_that_cannot_be_run_stops_the_run(project: Path, place: Path) -> None:
    judged = [(table, row) for table, row in rows(project, "") if table != "core.rpt_source_measures"]
    make_warehouse(place / "warehouse.duckdb", judged, without=["core.rpt_source_measures"])

    result = run()

    assert not result.success
    check = evaluations(result)["source_zendesk"]
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert check.metadata["error"].value == 4
    assert evaluations(result)["checklist_b01"].passed


def test_one_suite_can_be_run_by_itself(project: Path, place: Path) -> None:
    make_warehouse(place / "warehouse.duckdb", rows(project, ""))

    result = run("checklist_c02")

    assert result.success
    assert set(evaluations(result)) == {"checklist_c02"}
    assert rows_in(place / "warehouse.duckdb", "select distinct suite from expectations.results") == [
        ("checklist_c02",)
    ]
