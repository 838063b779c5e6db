"""Every checklist rule on its written cases: pass, fail, not applicable, too early, insufficient data, and the boundaries."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dbt_project.checklist_rules import (
    ASKED_COLUMNS,
    Case,
    Verdict,
    ask,
    open_rule_tables,
    read_cases,
    read_policy,
    verdicts,
)
from tests.dbt_project.conftest import DbtRun, SampleCompany

CASES = read_cases()
DATABASE = "warehouse"


@pytest.fixture(scope="session")
def rule_sql(dbt: Callable[..., DbtRun], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The compiled SQL of the rule models, by blueprint."""
    folder = tmp_path_factory.mktemp("rules")
    run = dbt(folder, "compile", "--select", "int_governance__*_items_checked", variables={"as_of": "2026-06-30"})
    assert run.succeeded, run.output
    models = folder / "target/compiled/revhouse/models/intermediate/governance"
    return {
        path.stem.split("__")[1].split("_")[0].upper(): path.read_text() for path in models.glob("*_items_checked.sql")
    }


@pytest.fixture(scope="session")
def found(rule_sql: dict[str, str]) -> dict[tuple[str, str], Verdict]:
    connection = open_rule_tables(DATABASE)
    ask(connection, DATABASE, CASES)
    return {asked: verdict for sql in rule_sql.values() for asked, verdict in verdicts(connection, sql).items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.case_id)
def test_rule_says_what_the_case_expects(case: Case, found: dict[tuple[str, str], Verdict]) -> None:
    verdict = found[case.node_id, case.item]
    assert verdict.status == case.expect, verdict
    assert (case.because or "") in (verdict.reason or "")
    assert verdict.reason


def test_every_item_has_cases_for_pass_and_fail() -> None:
    for item in read_policy("checklist_items"):
        outcomes = {case.expect for case in CASES if (case.blueprint, case.item) == (item["blueprint"], item["item"])}
        assert {"pass", "fail", "insufficient_data"} <= outcomes, item["item"]


def test_every_blueprint_has_a_rule_model(rule_sql: dict[str, str]) -> None:
    assert set(rule_sql) == {
        row["blueprint"] for row in read_policy("blueprints") if row["blueprint_status"] == "active"
    }


def test_cases_have_the_columns_that_rules_are_asked_with(company_built: SampleCompany) -> None:
    columns = company_built.rows(
        "select column_name from information_schema.columns where table_name = 'int_governance__items_asked' order by ordinal_position"
    )
    assert [column["column_name"] for column in columns] == list(ASKED_COLUMNS)
