"""Control totals, the day ledger and what was known earlier: against what was planted, and against what was taken away."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.contract import read_contracts
from revhouse.control import read_control
from revhouse.models import build_models
from revhouse.settings import Settings, read_settings
from tests.dbt_project.conftest import AS_OF, DbtRun, Deliveries, SampleCompany

ACCOUNTS = "Id,Name,CreatedDate,SystemModstamp\n"
ACME = "001000000000001AAA,Acme,2026-01-05T00:00:00Z"
APRIL, MAY = datetime(2026, 4, 1, 6), datetime(2026, 5, 1, 6)


def test_every_exported_row_is_accounted_for(company_built: SampleCompany) -> None:
    planted = company_built.truth("file", "rows_in")
    totals = company_built.rows(
        "select table_name, measure, sum(row_count)::bigint as rows from core.rpt_control_totals group by all"
    )

    exported = {row["table_name"]: row["rows"] for row in totals if row["measure"] == "exported"}
    expected: dict[str, int] = {}
    for fact in planted:
        expected[fact["detail"]["table"]] = expected.get(fact["detail"]["table"], 0) + int(fact["expected"])
    infohub_files = exported.pop("infohub__files")
    assert infohub_files == sum(1 for path in (company_built.folder / "infohub").rglob("*") if not path.is_dir())
    assert exported == expected
    assert {row["rows"] for row in totals if row["measure"] == "unexplained"} == {0}


def test_rows_are_left_out_for_the_planted_reasons(company_built: SampleCompany) -> None:
    planted = [fact for fact in company_built.truth("row") if fact["expected"].startswith("quarantined")]

    (quarantined,) = company_built.rows(
        "select sum(row_count)::bigint as rows from core.rpt_control_totals where measure = 'quarantined'"
    )
    assert quarantined["rows"] == len(planted)


def test_a_row_that_gets_lost_on_the_way_fails_the_build(
    company_built: SampleCompany, dbt: Callable[..., DbtRun], tmp_path: Path
) -> None:
    shutil.copy(company_built.folder / "warehouse.duckdb", tmp_path)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute(
            "delete from intermediate.int_accounts__records_unioned "
            "where account_record_id = (select min(account_record_id) from intermediate.int_accounts__records_unioned)"
        )

    run = dbt(tmp_path, "build", "--select", "rpt_control_totals", variables={"as_of": f"{AS_OF}"})

    assert not run.succeeded
    assert re.search(r"FAIL \d+ control_totals_account_for_every_row", run.output), run.output
    control = read_control(tmp_path / "warehouse.duckdb", AS_OF)
    assert [(line.model, line.rows) for line in control.unexplained] == [("int_accounts__records_unioned", 1)]


# The model that a table's rows end up in, and what is taken from it there: what stands for one row of the export.
LOST = {
    "salesforce__opportunity_histories": (
        "int_stage__salesforce_changes_conformed",
        "source_row_id = (select min(source_row_id) from {} where change_source = 'opportunity_history')",
    ),
    "salesforce__opportunity_field_histories": (
        "int_stage__salesforce_changes_conformed",
        "source_row_id = (select min(source_row_id) from {} where change_source = 'field_history')",
    ),
    "salesforce__dated_conversion_rates": (
        "int_stage__conversion_rates_spread",
        "currency_code = 'GBP' and start_date = (select max(start_date) from {} where currency_code = 'GBP')",
    ),
    "hubspot__pipeline_stages": (
        "int_stage__pipeline_stages_labelled",
        "stage_name = (select min(stage_name) from {})",
    ),
    "hubspot__property_histories": (
        "int_stage__hubspot_changes_conformed",
        "(opportunity_id, source_row_id) = (select min((opportunity_id, source_row_id)) from {})",
    ),
    "zendesk__ticket_metrics": (
        "int_support__case_exports_unioned",
        "not has_state and support_case_id = (select min(support_case_id) from {} where not has_state)",
    ),
    "zendesk__ticket_events": (
        "int_support__case_changes_unioned",
        "source_system = 'zendesk' and change_basis = 'logged' and source_change_id = ("
        "select min(source_change_id) from {} where source_system = 'zendesk' and change_basis = 'logged')",
    ),
    "jira_service_management__issue_changes": (
        "int_support__case_changes_unioned",
        # not one of those that only their issue tells of
        "source_system = 'jira_service_management' and change_basis = 'logged' and source_change_id = ("
        "select min(issue_change_id) from staging.stg_jira_service_management__issue_changes "
        "where issue_change_id in (select source_change_id from {}))",
    ),
    "infohub__files": ("int_infohub__files_dated", "file_path = (select min(file_path) from {})"),
}


def test_a_row_that_gets_lost_behind_staging_is_missed_in_its_own_table(
    company_built: SampleCompany, dbt: Callable[..., DbtRun], tmp_path: Path
) -> None:
    shutil.copy(company_built.folder / "warehouse.duckdb", tmp_path)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        for view in ("int_stage__pipeline_stages_labelled", "int_stage__hubspot_changes_conformed"):
            connection.execute(f"create temp table stored as from intermediate.{view}")
            connection.execute(f"drop view intermediate.{view}")
            connection.execute(f"create table intermediate.{view} as from stored")
            connection.execute("drop table stored")
        for model, taken in LOST.values():
            relation = f"intermediate.{model}"
            connection.execute(f"delete from {relation} where {taken.format(relation)}")
        connection.execute(
            "update intermediate.int_support__cases_conformed set rated_at = null where support_case_id = ("
            "select min(support_case_id) from intermediate.int_support__cases_conformed "
            "where source_system = 'zendesk' and rated_at is not null)"
        )

    run = dbt(tmp_path, "build", "--select", "rpt_control_totals", variables={"as_of": f"{AS_OF}"})

    assert re.search(r"FAIL \d+ control_totals_account_for_every_row", run.output), run.output
    unexplained = read_control(tmp_path / "warehouse.duckdb", AS_OF).unexplained
    expected = {(table, model): 1 for table, (model, _) in LOST.items()}
    expected["zendesk__satisfaction_ratings", "int_support__cases_conformed"] = 1
    assert {(line.table, line.model): line.rows for line in unexplained} == expected


# Rows that come in like another one of their table, but for these columns, and belong to nothing that anybody asks about.
LEFT_OUT: list[tuple[str, str, dict[str, str]]] = [
    ("salesforce__opportunity_field_histories", "happened_after_as_of", {"id": "'H1'", "created_at": "'2026-07-01'"}),
    ("salesforce__opportunity_field_histories", "of_no_known_deal", {"id": "'H2'", "opportunity_id": "'006NOWHERE'"}),
    ("salesforce__opportunity_field_histories", "field_not_followed", {"id": "'H3'", "field": "'Description'"}),
    (
        "salesforce__opportunity_field_histories",
        "name_beside_an_id",
        {"id": "'H4'", "field": "'Owner'", "old_value": "'Ann Lee'", "new_value": "'Bo Ray'"},
    ),
    ("salesforce__opportunity_histories", "happened_after_as_of", {"id": "'H5'", "created_at": "'2026-07-01'"}),
    ("salesforce__opportunity_histories", "of_no_known_deal", {"id": "'H6'", "opportunity_id": "'006NOWHERE'"}),
    # A second after the deal's last entry, and the same.
    (
        "salesforce__opportunity_histories",
        "repeats_the_entry_before",
        {"id": "'H7'", "created_at": "created_at + interval 1 second"},
    ),
    ("salesforce__dated_conversion_rates", "begins_after_as_of", {"iso_code": "'XAA'", "start_date": "'2026-07-01'"}),
    ("salesforce__dated_conversion_rates", "not_positive", {"iso_code": "'XBB'", "conversion_rate": "0"}),
    (
        "salesforce__dated_conversion_rates",
        "ends_before_it_begins",
        {"iso_code": "'XCC'", "next_start_date": "start_date"},
    ),
    ("hubspot__property_histories", "happened_after_as_of", {"changed_at": "'2026-07-01'"}),
    ("hubspot__property_histories", "of_no_deal", {"object_type": "'CONTACT'"}),
    ("hubspot__property_histories", "of_no_known_deal", {"object_id": "404"}),
    ("hubspot__property_histories", "field_not_followed", {"property": "'description'"}),
    ("zendesk__ticket_metrics", "of_no_known_case", {"id": "404", "ticket_id": "404404404"}),
    ("zendesk__ticket_events", "happened_after_as_of", {"id": "401", "created_at": "'2026-07-01'"}),
    ("zendesk__ticket_events", "of_no_known_case", {"id": "402", "ticket_id": "404404404"}),
    (
        "zendesk__ticket_events",
        "field_not_followed",
        {"id": "403", "events": """'[{"type": "Change", "field_name": "subject", "value": "status"}]'"""},
    ),
    (
        "zendesk__ticket_events",
        "field_not_followed",
        {"id": "404", "events": "null", "field_name": "'subject'", "value": "'status'"},
    ),
    ("zendesk__satisfaction_ratings", "of_no_known_case", {"id": "401", "ticket_id": "404404404"}),
    (
        "zendesk__satisfaction_ratings",
        "replaced_by_a_later_rating",
        {"id": "402", "created_at": "'2020-01-01'", "updated_at": "'2020-01-01'"},
    ),
    ("jira_service_management__issue_changes", "of_no_known_case", {"id": "401", "issue_id": "404404404"}),
    (
        "jira_service_management__issue_changes",
        "of_no_known_case",
        {"id": "402", "issue_id": "null", "issue_key": "'NOPE-1'"},
    ),
    (
        "jira_service_management__issue_changes",
        "field_not_followed",
        {"id": "403", "items": """'[{"field": "summary", "fromString": "status", "toString": "priority"}]'"""},
    ),
]
# By which column a table's last row is found.
LATEST = {"salesforce__dated_conversion_rates": "start_date", "hubspot__property_histories": "changed_at"}


def test_what_nobody_asks_about_is_left_out_by_name(
    company_built: SampleCompany, dbt: Callable[..., DbtRun], tmp_path: Path
) -> None:
    shutil.copy(company_built.folder / "warehouse.duckdb", tmp_path)
    before = _left_out(company_built)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        for table in dict.fromkeys(table for table, _, _ in LEFT_OUT):
            latest = LATEST.get(table, "created_at")
            connection.execute(f"create temp table {table} as from raw.{table} order by {latest} desc limit 1")
        for table, _, changed in LEFT_OUT:
            columns = ", ".join(f"{value} as {name}" for name, value in changed.items())
            connection.execute(f"insert into raw.{table} by name select * replace ({columns}) from temp.{table}")
            connection.execute(
                "update ledger.files set rows_in = rows_in + 1, rows_loaded = rows_loaded + 1 "
                f"where file_id = (select _file_id from temp.{table})"
            )

    run = dbt(
        tmp_path,
        "build",
        "--select",
        "int_control__opportunity_histories_compared",
        "rpt_control_totals",
        variables={"as_of": f"{AS_OF}"},
    )

    assert run.succeeded, run.output
    added = _left_out(run)
    for known, rows in before.items():
        added[known] -= rows
    expected: dict[tuple[str, str], int] = {}
    for table, reason, _ in LEFT_OUT:
        expected[table, reason] = expected.get((table, reason), 0) + 1
    assert {reason: rows for reason, rows in added.items() if rows} == expected


def _left_out(built: DbtRun) -> dict[tuple[str, str], int]:
    totals = built.rows(
        "select table_name, measure, sum(row_count)::bigint as rows from core.rpt_control_totals "
        "where measure_kind = 'excluded' group by all"
    )
    return {(row["table_name"], row["measure"]): row["rows"] for row in totals}


def test_a_table_that_ends_in_staging_says_why(project: Path) -> None:
    lists = (project / "dbt_project/macros/control_lists.sql").read_text()
    entries = re.findall(r"\{\s*'table': '(\w+)',?\s*('\w+')?", lists)

    assert {table for table, then in entries if then != "'model'"} == {"hubspot__pipelines"}
    assert {table for table, then in entries if then == "'ends_in_staging'"} == {"hubspot__pipelines"}


def test_every_loaded_table_is_in_the_control_totals(project: Path) -> None:
    lists = (project / "dbt_project/macros/control_lists.sql").read_text()
    loaded = {table.raw_name for contract in read_contracts().values() for table in contract.tables}

    # Documents of the InfoHub are parts of its files.
    assert re.findall(r"'table': '(\w+)'", lists) == list(dict.fromkeys(re.findall(r"'table': '(\w+)'", lists)))
    assert set(re.findall(r"'table': '(\w+)'", lists)) == loaded | {"infohub__files"}


def test_every_loaded_table_is_of_an_object_and_delivered_as_its_contract_says(
    project: Path, company_built: SampleCompany
) -> None:
    contracts = {table.raw_name: table for contract in read_contracts().values() for table in contract.tables}
    listed = company_built.rows("select table_name, delivery_kind from policy.source_objects")
    lists = (project / "dbt_project/macros/control_lists.sql").read_text()

    assert {row["table_name"] for row in listed} == set(contracts)
    for row in listed:
        kind = "events" if row["delivery_kind"] == "history" else row["delivery_kind"]
        assert kind == contracts[row["table_name"]].delivery, row
    events = {name for name, table in contracts.items() if table.delivery == "events"}
    assert set(re.findall(r"\('(\w+__\w+)', '\w+_at'\)", lists)) == events


def test_the_days_of_the_lost_export_are_missing_and_no_others(company_built: SampleCompany) -> None:
    (lost,) = company_built.truth("file", "no_export")
    last = date.fromisoformat(lost["on_date"])
    month = {last.replace(day=day) for day in range(1, last.day + 1)}

    missing = company_built.rows(
        "select * from core.fct_source_days where state_basis = 'missing' and state_reason <> 'before_first_export'"
    )

    assert {(row["source_system"], row["object_name"], row["state_reason"]) for row in missing} == {
        ("amplitude", "usage_events", "export_lost")
    }
    assert {row["as_of_date"] for row in missing} == month


@pytest.mark.parametrize(
    ("system", "object_name", "day", "basis", "reason"),
    [
        ("salesforce", "accounts", "2026-04-29", "missing", "before_first_export"),
        ("salesforce", "accounts", "2026-04-30", "observed", "full_export"),
        ("salesforce", "accounts", "2026-05-30", "carried", "no_new_export"),
        ("salesforce", "opportunities", "2025-01-30", "missing", "before_first_export"),
        ("salesforce", "opportunities", "2025-01-31", "reconstructed", "history_events"),
        ("salesforce", "opportunities", "2026-05-31", "observed", "full_export"),
        ("zendesk", "support_cases", "2025-01-31", "observed", "changes_export"),
        ("zendesk", "support_cases", "2025-02-01", "reconstructed", "history_events"),
        ("freshdesk", "support_cases", "2026-05-01", "reconstructed", "row_stamps"),
        ("amplitude", "usage_events", "2025-05-31", "observed", "events_export"),
        ("amplitude", "usage_events", "2025-07-01", "observed", "events_export"),
    ],
)
def test_each_day_says_what_it_is_known_from(
    company_built: SampleCompany, system: str, object_name: str, day: str, basis: str, reason: str
) -> None:
    (row,) = company_built.rows(
        f"select * from core.fct_source_days where source_system = '{system}' "
        f"and object_name = '{object_name}' and as_of_date = '{day}'"
    )

    assert (row["state_basis"], row["state_reason"]) == (basis, reason)


@pytest.fixture
def settings(company: Deliveries) -> Callable[..., Settings]:
    def make(**given: str) -> Settings:
        return read_settings({"warehouse": str(company.warehouse), **given}, {})

    return make


def test_what_was_known_earlier_is_built_beside_the_warehouse(
    company: Deliveries, settings: Callable[..., Settings]
) -> None:
    company.deliver("Account_2026-03-31.csv", f"{ACCOUNTS}{ACME},2026-03-01T00:00:00Z\n", known=APRIL)
    late = "001000000000002AAA,Late,2026-02-01T00:00:00Z,2026-02-01T00:00:00Z"
    company.deliver("Account_2026-04-30.csv", f"{ACCOUNTS}{ACME},2026-03-01T00:00:00Z\n{late}\n", known=MAY)
    company.scan(known=MAY)
    reported = hashlib.sha256(company.warehouse.read_bytes()).hexdigest()
    told = settings(known_at=f"{APRIL + timedelta(hours=1):%Y-%m-%dT%H:%M}")
    with duckdb.connect(str(told.built)) as connection:
        connection.execute("create table answer_of_another_moment (id integer)")

    outcome = build_models(told, date(2026, 3, 31))

    assert outcome.faults == []
    assert outcome.control.rows_exported == outcome.control.rows_conformed == 1
    assert _tables_and_names(told.built, company.warehouse) == (0, ["Acme"])
    assert hashlib.sha256(company.warehouse.read_bytes()).hexdigest() == reported


def test_a_delivery_that_comes_later_changes_nothing_that_was_said_of_a_day(
    company: Deliveries, dbt: Callable[..., DbtRun]
) -> None:
    company.deliver("Account_2026-03-31.csv", f"{ACCOUNTS}{ACME},2026-03-01T00:00:00Z\n", known=APRIL)
    company.scan(known=APRIL)
    before = _source_days(company, dbt)

    company.deliver("Account_2026-04-30.csv", f"{ACCOUNTS}{ACME},2026-04-02T00:00:00Z\n", known=MAY)

    assert [row[4] for row in before if row[0] == "salesforce"] == ["observed"]
    assert _source_days(company, dbt) == before


def _source_days(company: Deliveries, dbt: Callable[..., DbtRun]) -> list[tuple[Any, ...]]:
    without_tests = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    run = dbt(
        company.folder, "build", "--select", "+fct_source_days", *without_tests, variables={"as_of": "2026-03-31"}
    )
    assert run.succeeded, run.output
    return company.rows("select * from core.fct_source_days order by all")


def _tables_and_names(built: Path, warehouse: Path) -> tuple[int, list[str]]:
    """How many tables are left of what was in the file before, and the accounts in it."""
    with duckdb.connect(str(built)) as connection:
        # Staging is made of views, which read the loaded tables where they are.
        connection.execute(f"attach '{warehouse}' as loaded (read_only)")
        left = connection.execute("from duckdb_tables() where table_name = 'answer_of_another_moment'").fetchall()
        names = connection.execute("select account_name from staging.stg_salesforce__accounts order by 1").fetchall()
    return len(left), [name for (name,) in names]
