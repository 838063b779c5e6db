"""What staging makes of a few vendors' files: each row checked by hand, each name and type against docs/naming.md."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt_project.conftest import LOADED_AT, DbtRun, fill_warehouse

EXPORTS = {
    # A report's ids have 15 characters; bulk exports write #N/A for nothing.
    "landing/salesforce/main/Account_2026-06-30.csv": (
        "Id,Name,ParentId,MasterRecordId,OwnerId,Type,NumberOfEmployees,IsDeleted,CreatedDate,SystemModstamp,Region__c\n"
        "0015g00000AbCdE,Acme,#N/A,#N/A,005000000000001AAA,Customer,120,false,2025-01-02T03:04:05Z,2026-06-01T00:00:00Z,EMEA\n"
        "001000000000002AAA,Acme Old,#N/A,0015g00000AbCdEAAV,005000000000001AAA,#N/A,#N/A,true,2024-01-01T00:00:00Z,"
        "2026-05-01T00:00:00Z,#N/A\n"
    ),
    "landing/salesforce/main/OpportunityHistory.csv": (
        "Id,OpportunityId,CreatedById,CreatedDate,StageName,Amount,Probability,CloseDate\n"
        "008000000000001AAA,006000000000001AAA,005000000000001AAA,2026-02-03T10:00:00Z,Discovery,1000,20,2026-09-30\n"
    ),
    "landing/hubspot/acquired/deals.json": (
        '{"results": [{"id": "901", "properties": {"dealname": "Pilot", "dealstage": "qualifiedtobuy", "amount": "1200.50",'
        ' "hs_deal_stage_probability": "0.2", "hubspot_owner_id": "77", "hs_analytics_source": "REFERRALS",'
        ' "hs_is_closed_won": "false", "closedate": "2026-08-01T00:00:00Z"}, "archived": false}]}'
    ),
    # The same ticket twice: it changed between two pages of the export.
    "landing/zendesk/main/tickets.jsonl": (
        '{"id": 12, "status": "open", "via": {"channel": "email"}, "organization_id": 34, "updated_at": "2026-06-01T08:00:00Z"}\n'
        '{"id": 12, "status": "solved", "via": {"channel": "email"}, "organization_id": 34,'
        ' "satisfaction_rating": {"score": "good"}, "updated_at": "2026-06-02T08:00:00Z"}\n'
    ),
    # Two ids of which one takes the other's name.
    "landing/amplitude/main/events.jsonl": (
        '{"$insert_id": "a-1", "uuid": "u-1", "event_id": 5, "event_type": "export", "amplitude_id": 123, "app": 9,'
        ' "event_time": "2026-06-01 10:00:00.250000", "server_upload_time": "2026-06-03 00:00:00"}\n'
    ),
    "landing/intercom/main/companies.jsonl": (
        '{"id": "6a1", "company_id": "0015g00000AbCdE", "name": "Acme", "size": 40, "created_at": 1767225600}\n'
    ),
    "landing/billing/main/subscriptions.csv": (
        "subscription_id,customer_id,product,plan,quantity,mrr,currency,status,start_date,end_date,updated_at\n"
        "S-1,C-9,Suite,pro-monthly,25,500.00,EUR,active,2026-01-01,9999-12-31,2026-06-01T00:00:00Z\n"
    ),
    "infohub/ACME_CORP/SECURITY_DEAL/internal-infohub/sales/opportunity_profile.yaml": (
        "opportunity: {amount: 1000}\nmetadata: {last_updated: 2026-06-15}\n"
    ),
    "infohub/ACME_CORP/SECURITY_DEAL/broken.yaml": "a: [1\n",
}

EXPECTED: dict[str, list[dict[str, Any]]] = {
    "stg_salesforce__accounts": [
        {
            "source_system": "salesforce",
            "source_instance": "main",
            "account_id": "001000000000002AAA",
            "account_name": "Acme Old",
            "parent_account_id": None,
            "merged_into_account_id": "0015g00000AbCdEAAV",
            "account_type": None,
            "employee_count": None,
            "is_deleted": True,
            "created_at": datetime(2024, 1, 1),
            "updated_at": datetime(2026, 5, 1),
            "extra_fields": None,
            "file_id": 5,
            "last_seen_file_id": 5,
        },
        {
            "source_system": "salesforce",
            "source_instance": "main",
            "account_id": "0015g00000AbCdEAAV",
            "account_name": "Acme",
            "parent_account_id": None,
            "merged_into_account_id": None,
            "account_type": "Customer",
            "employee_count": 120,
            "is_deleted": False,
            "created_at": datetime(2025, 1, 2, 3, 4, 5),
            "updated_at": datetime(2026, 6, 1),
            "extra_fields": '{"Region__c":"EMEA"}',
            "file_id": 5,
            "last_seen_file_id": 5,
        },
    ],
    "stg_salesforce__opportunity_histories": [
        {
            "opportunity_history_id": "008000000000001AAA",
            "opportunity_id": "006000000000001AAA",
            "changed_by_id": "005000000000001AAA",
            "changed_at": datetime(2026, 2, 3, 10),
            "stage_name": "Discovery",
            "amount": Decimal("1000.000000"),
            "probability_pct": 20.0,
            "close_date": date(2026, 9, 30),
        }
    ],
    "stg_hubspot__deals": [
        {
            "source_system": "hubspot",
            "source_instance": "acquired",
            "deal_id": "901",
            "deal_name": "Pilot",
            "deal_stage": "qualifiedtobuy",
            "amount": Decimal("1200.500000"),
            "stage_probability": 0.2,
            "owner_id": "77",
            "lead_source": "REFERRALS",
            "is_won": False,
            "is_archived": False,
            "closes_at": datetime(2026, 8, 1),
        }
    ],
    "stg_zendesk__tickets": [
        {
            "ticket_id": "12",
            "ticket_status": "solved",
            "channel": "email",
            "organization_id": "34",
            "satisfaction_rating": "good",
            "updated_at": datetime(2026, 6, 2, 8),
        }
    ],
    "stg_amplitude__events": [
        {
            "event_id": "a-1",
            "delivery_id": "u-1",
            "device_event_number": 5,
            "event_name": "export",
            "person_id": "123",
            "project_id": "9",
            "occurred_at": datetime(2026, 6, 1, 10, 0, 0, 250_000),
            "server_upload_at": datetime(2026, 6, 3),
            "received_at": None,
        }
    ],
    "stg_intercom__companies": [
        {
            "company_id": "6a1",
            "external_id": "0015g00000AbCdE",
            "company_name": "Acme",
            "employee_count": 40,
            "created_at": datetime(2026, 1, 1),
        }
    ],
    "stg_billing__subscriptions": [
        {
            "subscription_id": "S-1",
            "billing_account_id": "C-9",
            "product_name": "Suite",
            "plan_name": "pro-monthly",
            "seat_count": 25,
            "mrr": Decimal("500.000000"),
            "currency_code": "EUR",
            "subscription_status": "active",
            "start_date": date(2026, 1, 1),
            "end_date": date(9999, 12, 31),
        }
    ],
    "stg_infohub__documents": [
        {
            "source_system": "infohub",
            "source_instance": "main",
            "file_path": "ACME_CORP/SECURITY_DEAL/internal-infohub/sales/opportunity_profile.yaml",
            "document_index": 0,
            "realm": "ACME_CORP",
            "node": "SECURITY_DEAL",
            "content_date": date(2026, 6, 15),
            "content_date_key": "metadata.last_updated",
            "is_content_date_inferred": False,
            "loaded_at": LOADED_AT,
            "run_id": "run-1",
        }
    ],
    "stg_infohub__files": [
        {
            "file_path": "ACME_CORP/SECURITY_DEAL/broken.yaml",
            "asset_path": "broken.yaml",
            "area": None,
            "reading_status": "unreadable",
            "document_count": None,
        },
        {
            "file_path": "ACME_CORP/SECURITY_DEAL/internal-infohub/sales/opportunity_profile.yaml",
            "asset_path": "sales/opportunity_profile.yaml",
            "area": "internal-infohub",
            "reading_status": "parsed",
            "document_count": 1,
        },
    ],
    "stg_ledger__infohub_scans": [{"scan_id": 1, "run_id": "run-1", "scan_status": "loaded", "file_count": 2}],
}

TYPES = {
    r"\w+_(?:at)": {"TIMESTAMP"},
    r"\w+_date": {"DATE"},
    r"(?:is|has)_\w+": {"BOOLEAN"},
    r"\w+_count": {"BIGINT", "INTEGER"},
    r"\w+_(?:days|months|minutes|seconds)": {"BIGINT"},
    r"\w+_(?:pct|ratio|score)": {"DOUBLE"},
    r"\w+_(?:status|reason|band|name|code)": {"VARCHAR"},
    # Ids are text, so that the same thing of two systems can be compared. Files and scans are numbered in order.
    r"(?!file|last_seen_file|repeats_file|scan)\w+_id": {"VARCHAR"},
    r"(?:\w+_)?(?:file|scan)_id": {"INTEGER"},
}


@pytest.fixture(scope="module")
def built(dbt: Callable[..., DbtRun], tmp_path_factory: pytest.TempPathFactory) -> DbtRun:
    folder = tmp_path_factory.mktemp("built")
    for name, content in EXPORTS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        os.utime(path, (LOADED_AT.timestamp(), LOADED_AT.timestamp()))
    fill_warehouse(folder)
    chosen = ["--select", "staging", "--indirect-selection", "cautious"]
    run = dbt(folder, "build", *chosen, variables={"as_of": "2026-06-30"})
    assert run.succeeded, run.output
    return run


@pytest.mark.parametrize("view", EXPECTED)
def test_rows_are_as_written_by_hand(built: DbtRun, view: str) -> None:
    columns = ", ".join(EXPECTED[view][0])

    assert built.rows(f"select {columns} from staging.{view} order by all") == EXPECTED[view]


def test_the_ledger_says_what_became_of_each_file(built: DbtRun) -> None:
    rows = built.rows(
        "select table_name, row_count, loaded_row_count, superseded_row_count from staging.stg_ledger__files order by file_id"
    )

    assert [tuple(row.values()) for row in rows] == [
        ("amplitude__events", 1, 1, 0),
        ("billing__subscriptions", 1, 1, 0),
        ("hubspot__deals", 1, 1, 0),
        ("intercom__companies", 1, 1, 0),
        ("salesforce__accounts", 2, 2, 0),
        ("salesforce__opportunity_histories", 1, 1, 0),
        ("zendesk__tickets", 2, 1, 1),
    ]


def test_a_key_that_occurs_twice_or_is_missing_fails_the_build(
    built: DbtRun, dbt: Callable[..., DbtRun], tmp_path: Path
) -> None:
    """Behind the loader's back: no delivery can bring this about."""
    shutil.copy(built.folder / "warehouse.duckdb", tmp_path)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("insert into raw.intercom__companies from raw.intercom__companies")
        connection.execute("update raw.billing__subscriptions set id = null")

    run = dbt(tmp_path, "test", "--select", "stg_intercom__companies", "stg_billing__subscriptions")

    assert not run.succeeded
    assert len(re.findall(r"FAIL 1 sound_rows_stg_\w+", run.output)) == 2, run.output


def test_each_column_has_the_type_that_its_name_says(empty: DbtRun) -> None:
    columns = empty.rows(
        "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'staging' order by all"
    )

    misnamed = [
        column
        for column in columns
        for form, types in TYPES.items()
        if re.fullmatch(form, column["column_name"]) and column["data_type"] not in types
    ]
    unnamed = [
        column
        for column in columns
        for form, types in list(TYPES.items())[:3]
        if column["data_type"] in types and not re.fullmatch(form, column["column_name"])
    ]
    assert len(columns) > 800
    assert misnamed == []
    assert unnamed == []


def test_every_row_says_where_it_is_from(empty: DbtRun) -> None:
    shown = empty.rows(
        "select table_name, list(column_name) as columns from duckdb_columns() where schema_name = 'staging' group by all"
    )

    for view in shown:
        system = view["table_name"].removeprefix("stg_").partition("__")[0]
        # A version is what one file brought; when a row was last seen is said of the row.
        lineage = {"infohub": {"loaded_at", "run_id"}, "ledger": {"loaded_at", "run_id"}, "versions": {"file_id"}}
        assert {"source_system", "source_instance"} <= set(view["columns"]), view["table_name"]
        assert lineage.get(system, {"file_id", "last_seen_file_id"}) <= set(view["columns"]), view["table_name"]
