"""What running adds to asking: errors that stay errors, tables that are empty or missing, expectations that get lost, files set free."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from expectations.checks import ERROR, FAIL, NOTHING_TO_ASSESS, PASS, Check, OneOf, Outcome, Share, Suite
from expectations.policy import Policy
from expectations.running import ExpectationsLost, expectation, matched, run_suites
from expectations.suites import CHECKLISTS
from tests.expectations.warehouses import COLUMNS, make_warehouse, rows_of, table_of

ITEM = Check(
    key="B01/CHK_SALES_001/premium",
    rule_id="B01/CHK_SALES_001",
    description="Economic buyer known",
    question=Share(
        group={"blueprint": "B01", "item": "CHK_SALES_001", "track": "premium", "is_required": True},
        counted=("fail", "insufficient_data", "manual", "pass"),
        passing=("pass",),
        minimum_pct=90,
    ),
    severity="error",
    owner_role="account_executive",
)
SUITE = Suite("checklist_b01", "B01", CHECKLISTS, (ITEM,))


@pytest.fixture
def warehouse(tmp_path: Path) -> Callable[..., Path]:
    """A warehouse in which the item has these statuses."""

    def make(*statuses: str | None, **options: Any) -> Path:
        rows = [(table_of(ITEM), row) for row in rows_of(ITEM, statuses)]
        return make_warehouse(tmp_path / "warehouse.duckdb", rows, **options)

    return make


def structure(suites: list[Suite], path: Path) -> dict[str, Outcome]:
    chosen = [suite for suite in suites if suite.name == "structure_fct_checklist_results"]
    return {outcome.check.rule_id: outcome for outcome in run_suites(path, chosen)[0]}


def test_an_expectation_that_raises_is_an_error_and_neither_fails_nor_passes(warehouse: Callable[..., Path]) -> None:
    broken = replace(ITEM, key="broken", question=OneOf("no_such_column", ("pass",)), is_blocking=False)
    suite = replace(SUITE, checks=(ITEM, broken))

    outcomes, _ = run_suites(warehouse("pass"), [suite])

    assert [outcome.status for outcome in outcomes] == [PASS, ERROR]
    assert "no_such_column" in (outcomes[1].message or "")
    assert outcomes[1].is_broken_data


def test_a_share_of_a_column_that_is_not_there_is_an_error(warehouse: Callable[..., Path]) -> None:
    assert isinstance(ITEM.question, Share)
    broken = replace(ITEM, question=replace(ITEM.question, column="no_such_column"))

    ((outcome,), _) = run_suites(warehouse("pass"), [replace(SUITE, checks=(broken,))])

    assert outcome.status == ERROR
    assert "no_such_column" in (outcome.message or "")


def test_a_missing_table_is_an_error_of_its_own_checks_only(
    suites: list[Suite], warehouse: Callable[..., Path]
) -> None:
    path = warehouse("pass", without=["governance.fct_asset_freshness"])

    outcomes, _ = run_suites(path, suites)

    by_table = {suite.name: suite.table.name for suite in suites}
    assert {by_table[outcome.suite] for outcome in outcomes if outcome.status == ERROR} == {"fct_asset_freshness"}
    errors = [outcome for outcome in outcomes if by_table[outcome.suite] == "fct_asset_freshness"]
    assert {outcome.status for outcome in errors} == {ERROR}
    assert "fct_asset_freshness" in (errors[0].message or "")


def test_of_empty_tables_there_is_nothing_to_assess(suites: list[Suite], warehouse: Callable[..., Path]) -> None:
    outcomes, _ = run_suites(warehouse(), suites)

    assert len(outcomes) > 500
    assert {outcome.status for outcome in outcomes} == {NOTHING_TO_ASSESS}


def test_a_status_that_nobody_knows_is_broken_data(suites: list[Suite], warehouse: Callable[..., Path]) -> None:
    found = structure(suites, warehouse("pass", "passed"))["structure/status_known"]

    assert (found.status, found.counted, found.unexpected, found.is_broken_data) == (FAIL, 2, 1, True)


def test_a_row_without_a_status_is_broken_data(suites: list[Suite], warehouse: Callable[..., Path]) -> None:
    found = structure(suites, warehouse("pass", None))["structure/status_filled"]

    assert (found.status, found.counted, found.unexpected, found.is_broken_data) == (FAIL, 2, 1, True)


def test_an_item_that_nobody_asks_about_is_broken_data_and_named(
    policy: Policy, suites: list[Suite], tmp_path: Path
) -> None:
    rows = [
        ("governance.fct_checklist_results", {"node_id": "n", "item": item.item, "status": "pass"})
        for item in policy.items
        if item.item != "CHK_SALES_002"
    ]
    found = structure(suites, make_warehouse(tmp_path / "warehouse.duckdb", rows))["structure/item_asked"]

    assert (found.status, found.is_broken_data) == (FAIL, True)
    assert found.message == "1 not there, such as CHK_SALES_002"


def test_a_gap_of_the_business_is_no_broken_data(warehouse: Callable[..., Path]) -> None:
    ((outcome,), _) = run_suites(warehouse("fail"), [SUITE])

    assert (outcome.status, outcome.is_broken_data) == (FAIL, False)


def test_results_are_told_apart_by_key_whatever_their_order(warehouse: Callable[..., Path]) -> None:
    assert isinstance(ITEM.question, Share)
    other = replace(ITEM, key="other", question=replace(ITEM.question, group={**ITEM.question.group, "track": "poc"}))

    outcomes, answers = run_suites(warehouse("fail"), [replace(SUITE, checks=(other, ITEM))])

    assert [(outcome.check.key, outcome.status) for outcome in outcomes] == [
        ("other", NOTHING_TO_ASSESS),
        (ITEM.key, FAIL),
    ]
    assert matched([ITEM, other], reversed(list(answers.values()))) == answers


def test_an_expectation_that_is_lost_on_the_way_is_noticed(warehouse: Callable[..., Path]) -> None:
    _, answers = run_suites(warehouse("pass"), [SUITE])

    with pytest.raises(ExpectationsLost, match="asked 2, answered 1; lost: \\['other'\\]"):
        matched([ITEM, replace(ITEM, key="other")], answers.values())
    with pytest.raises(ExpectationsLost, match="never asked"):
        matched([], answers.values())


def test_the_file_is_free_again_afterwards(suites: list[Suite], warehouse: Callable[..., Path]) -> None:
    path = warehouse("pass", without=["core.rpt_source_measures"])  # free after errors too
    run_suites(path, suites)

    # Another process: in this one DuckDB would share what it still holds.
    code = f"import duckdb; duckdb.connect({str(path)!r}).execute('create table written as select 1')"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)


def test_it_only_reads(warehouse: Callable[..., Path]) -> None:
    path = warehouse("pass", "fail")
    before = path.read_bytes()

    run_suites(path, [SUITE])

    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "statuses",
    [
        ["pass"] * 18 + ["fail"] * 2,
        ["pass"] * 17 + ["fail", "manual", "insufficient_data"],
        ["waived", "too_early", "not_applicable"],
        ["pass", None],
        [],
    ],
)
@pytest.mark.parametrize("engine", ["duckdb", "pandas"])
def test_a_share_says_what_the_stock_expectation_says(
    statuses: list[str | None], engine: str, warehouse: Callable[..., Path]
) -> None:
    import duckdb
    import great_expectations.expectations as gxe
    from great_expectations.expectations.row_conditions import AndCondition, Column

    from expectations.dialect import url_of
    from expectations.running import quiet_context

    assert isinstance(ITEM.question, Share)
    equal = [Column(name) == value for name, value in ITEM.question.group.items()]
    stock = gxe.ExpectColumnValuesToBeInSet(
        column="status",
        value_set=["pass"],
        mostly=0.9,
        row_condition=AndCondition(conditions=[*equal, Column("status").is_in(ITEM.question.counted)]),
    )
    path = warehouse(*statuses)
    sources = quiet_context().data_sources
    if engine == "duckdb":
        source = sources.add_sql("warehouse", connection_string=url_of(path))
        asset = source.add_table_asset("t", table_name="fct_checklist_results", schema_name="governance")
        batch = asset.add_batch_definition_whole_table("all").get_batch()
    else:
        with duckdb.connect(str(path), read_only=True) as connection:
            frame = connection.execute("from governance.fct_checklist_results").df()
        asset = sources.add_pandas("frames").add_dataframe_asset("t")
        batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})

    ours, theirs = batch.validate(expectation(ITEM)), batch.validate(stock)

    assert not ours.exception_info["raised_exception"]
    assert ours.success == theirs.success
    for count in ("element_count", "unexpected_count"):
        assert ours.result[count] == (theirs.result[count] or 0)  # the stock one counts nothing as None


def test_every_column_that_a_check_or_a_list_of_subjects_names_is_in_the_test_tables(suites: list[Suite]) -> None:
    for suite in suites:
        columns = COLUMNS[suite.table.place]
        assert {*suite.table.subject, suite.table.reason, suite.table.link} <= set(columns)
