"""What is kept of a validation: a row for each check, one for each subject at fault, a history by day, and never half of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from expectations.checks import Check, Share, Suite
from expectations.results import CountsDiffer, Run, store_results
from expectations.running import run_suites
from expectations.suites import CHECKLISTS
from expectations.validation import Validation, validate
from ingestion.warehouse import WarehouseBusy
from tests.expectations.warehouses import make_warehouse, rows_in, rows_of, table_of

RUN = Run("run-1", date(2026, 6, 30), datetime(2026, 7, 1, 6), "abc123")


def item(track: str, severity: str = "error") -> Check:
    group = {"blueprint": "B01", "item": "CHK_SALES_001", "track": track, "is_required": True}
    return Check(
        key=f"B01/CHK_SALES_001/{track}",
        rule_id="B01/CHK_SALES_001",
        description="Economic buyer known",
        question=Share(
            group, counted=("fail", "insufficient_data", "manual", "pass"), passing=("pass",), minimum_pct=90
        ),
        severity=severity,
        owner_role="account_executive",
        playbook="PB_130",
        blueprint="B01",
        item="CHK_SALES_001",
        track=track,
    )


PREMIUM, POC = item("premium"), item("poc", "minimal")
FIRST = Suite("checklist_b01", "B01", CHECKLISTS, (PREMIUM,))
SECOND = Suite("checklist_b01_trials", "B01, trials", CHECKLISTS, (POC,))


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    rows = [
        (table_of(check), row)
        for check in (PREMIUM, POC)
        for row in rows_of(check, ["pass", "fail", "manual", "waived"])
    ]
    return make_warehouse(tmp_path / "warehouse.duckdb", rows)


def test_a_check_is_kept_with_what_was_asked_and_what_was_found(warehouse: Path) -> None:
    validate(warehouse, [FIRST], RUN)

    ((kept,),) = rows_in(warehouse, "select results from expectations.results")
    assert {name: kept[name] for name in ("as_of_date", "run_id", "suite", "expectation_key", "status", "track")} == {
        "as_of_date": date(2026, 6, 30),
        "run_id": "run-1",
        "suite": "checklist_b01",
        "expectation_key": "B01/CHK_SALES_001/premium",
        "status": "fail",
        "track": "premium",
    }
    assert (kept["counted_count"], kept["unexpected_count"], kept["mostly"]) == (3, 2, 0.9)
    assert kept["observed_pct"] == pytest.approx(100 / 3)
    assert json.loads(kept["status_counts"]) == {"pass": 1, "fail": 1, "manual": 1, "waived": 1}
    assert (kept["severity"], kept["owner_role"], kept["playbook"]) == ("error", "account_executive", "PB_130")
    assert (kept["policy_version"], kept["evaluated_at"]) == ("abc123", datetime(2026, 7, 1, 6))


def test_those_at_fault_are_named_with_the_reason_and_where_to_look(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("update governance.fct_checklist_results set evidence_path = node_id || '/a.yaml'")
    validate(warehouse, [FIRST], RUN)

    found = rows_in(warehouse, "select node_id, status, reason, link from expectations.failing_subjects order by all")
    assert found == [
        ("infohub:main:REALM/NODE_1", "fail", "it is fail", "infohub:main:REALM/NODE_1/a.yaml"),
        ("infohub:main:REALM/NODE_2", "manual", "it is manual", "infohub:main:REALM/NODE_2/a.yaml"),
    ]


def test_the_same_day_is_replaced_and_other_days_stay(warehouse: Path) -> None:
    validate(warehouse, [FIRST], replace(RUN, as_of=date(2026, 6, 29), run_id="run-0"))
    validate(warehouse, [FIRST], RUN)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("update governance.fct_checklist_results set status = 'pass'")
    validate(warehouse, [FIRST], replace(RUN, run_id="run-2"))

    assert rows_in(warehouse, "select as_of_date, run_id, status from expectations.results order by all") == [
        (date(2026, 6, 29), "run-0", "fail"),
        (date(2026, 6, 30), "run-2", "pass"),
    ]
    assert rows_in(warehouse, "select as_of_date, count(*) from expectations.failing_subjects group by all") == [
        (date(2026, 6, 29), 2)
    ]


def test_a_part_of_the_suites_leaves_the_others_of_the_day_alone(warehouse: Path) -> None:
    validate(warehouse, [FIRST, SECOND], RUN)
    validate(warehouse, [SECOND], replace(RUN, run_id="run-2"))

    assert rows_in(warehouse, "select suite, run_id from expectations.results order by all") == [
        ("checklist_b01", "run-1"),
        ("checklist_b01_trials", "run-2"),
    ]
    assert rows_in(
        warehouse, "select suite, run_id, count(*) from expectations.failing_subjects group by all order by all"
    ) == [
        ("checklist_b01", "run-1", 2),
        ("checklist_b01_trials", "run-2", 2),
    ]


def test_nothing_is_kept_of_results_that_the_rows_contradict(warehouse: Path) -> None:
    validate(warehouse, [FIRST], RUN)
    outcomes, _ = run_suites(warehouse, [FIRST])

    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("delete from governance.fct_checklist_results where status = 'manual'")
        with pytest.raises(CountsDiffer, match="B01/CHK_SALES_001/premium"):
            store_results(connection, replace(RUN, run_id="run-2"), [FIRST], outcomes)

    assert rows_in(warehouse, "select distinct run_id from expectations.results") == [("run-1",)]
    assert rows_in(warehouse, "select count(*) from expectations.failing_subjects") == [(2,)]


def test_a_validation_is_told_in_figures(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("delete from governance.fct_checklist_results where track = 'poc'")
    validation: Validation = validate(warehouse, [FIRST, SECOND], RUN)

    assert validation.tally.by_status == {"fail": 1, "nothing_to_assess": 1}
    assert validation.tally.failed_by_severity == {"error": 1}
    assert (validation.tally.suites, validation.tally.expectations, validation.tally.broken) == (2, 2, [])
    assert validation.tally.failing == ["B01/CHK_SALES_001/premium: 2 of 3 fail (33 % pass, 90 % have to)"]


def test_a_source_is_named_by_its_instance_and_what_was_measured(suites: list[Suite], tmp_path: Path) -> None:
    (suite,) = (suite for suite in suites if suite.name == "source_salesforce")
    (check,) = (check for check in suite.checks if check.rule_id == "source/unexplained_rows_count")
    path = make_warehouse(tmp_path / "w.duckdb", [(table_of(check), row) for row in rows_of(check, ["pass", "fail"])])

    validation = validate(path, [suite], RUN)

    assert rows_in(path, "select node_id, subject_id from expectations.failing_subjects") == [(None, "main / thing_1")]
    assert validation.tally.broken == [
        "source/salesforce/unexplained_rows_count: 1 of 2 fail (50 % pass, 100 % have to)"
    ]


def test_a_status_that_nobody_knows_is_listed_with_its_row(suites: list[Suite], tmp_path: Path) -> None:
    (suite,) = (suite for suite in suites if suite.name == "structure_fct_checklist_results")
    path = make_warehouse(
        tmp_path / "w.duckdb", [(table_of(POC), row) for row in rows_of(POC, ["pass", "passed", None])]
    )

    validate(path, [suite], RUN)

    assert rows_in(
        path, "select expectation_key, subject_id, status from expectations.failing_subjects order by all"
    ) == [
        ("structure/fct_checklist_results/status_filled", "infohub:main:REALM/NODE_2 / B01 / CHK_SALES_001", None),
        ("structure/fct_checklist_results/status_known", "infohub:main:REALM/NODE_1 / B01 / CHK_SALES_001", "passed"),
    ]


def test_a_warehouse_that_somebody_holds_open_is_no_failed_expectation(warehouse: Path) -> None:
    import subprocess
    import sys

    code = f"import duckdb, sys; c = duckdb.connect({str(warehouse)!r}); print('open', flush=True); sys.stdin.read()"
    holder = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout
    assert holder.stdout.readline() == "open\n"
    try:
        with pytest.raises(WarehouseBusy, match="held open"):
            validate(warehouse, [FIRST], RUN)
    finally:
        holder.communicate()
