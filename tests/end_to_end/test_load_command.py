"""`revhouse load` as a person runs it: on one file of every system in its vendor's spelling, on garbage, on nothing."""

import json
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

EXPORTS = Path(__file__).parent / "exports"
DONE, NOTHING_TO_LOAD, REFUSED = 0, 3, 4


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


def load(landing: Path, warehouse: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            str(Path(sys.executable).with_name("revhouse")),
            "load",
            *("--landing", str(landing), "--infohub", str(landing / "no_infohub"), "--warehouse", str(warehouse)),
            *options,
        ],
        capture_output=True,
        text=True,
        check=False,
    )


def rows(warehouse: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


# Table, columns, and what the one file of it in exports/ says, read by a person.
EXPECTED = [
    (
        "salesforce__accounts",
        "id, name, parent_id, number_of_employees, last_activity_date",
        [
            ("001Hn00001AbCdEIAV", "Acme Industries, Inc.", None, 240, date(2026, 6, 12)),
            ("001Hn00001AbCdeIAF", "Acme Deutschland", "001Hn00001AbCdEIAV", 35, None),
        ],
    ),
    (
        "salesforce__opportunities",
        "id, account_id, stage_name, amount, probability, close_date",
        # The report writes 15-character ids.
        [("006Hn00001QwErTIAV", "001Hn00001AbCdEIAV", "Negotiation", Decimal(48000), 75.0, date(2026, 7, 31))],
    ),
    (
        "hubspot__deals",
        "id, deal_name, deal_stage, amount, stage_probability, created_at",
        [(9876543210, "Borealis renewal", "contractsent", Decimal(12000), 0.9, datetime(2026, 2, 2, 12, 30, 0, 123000))],
    ),
    (
        "zendesk__tickets",
        "id, subject, status, organization_id, satisfaction_score",
        [
            (35436, "Cannot sign in", "solved", 509974, "good"),
            (35437, "How do I export?\nAnd when?", "new", None, None),
        ],
    ),
    # 09:00 and 10:30 two hours east of Greenwich.
    (
        "jira_service_management__issues",
        "key, status, created_at, updated_at",
        [("SUP-1", "Waiting for support", datetime(2026, 6, 1, 7), datetime(2026, 6, 2, 8, 30))],
    ),
    ("freshdesk__tickets", "id, status, priority, company_id", [(20, "2", "1", 77)]),
    # 1780304400 seconds after 1970 is 2026-06-01 09:00 UTC.
    ("intercom__conversations", "id, state, created_at", [("1295", "closed", datetime(2026, 6, 1, 9))]),
    (
        "segment__tracks",
        "id, user_id, context_group_id, occurred_at",
        [("ajs-next-1", "u-17", "001Hn00001AbCdEIAV", datetime(2026, 6, 30, 13, 37, 0, 123000))],
    ),
    ("posthog__events", "event, distinct_id", [("$pageview", "u-17")]),
    ("amplitude__events", "insert_id, event_type, occurred_at", [("aa-1", "report_exported", datetime(2026, 6, 30, 13, 37, 0, 123000))]),
    ("mixpanel__events", "insert_id, event, occurred_at", [("mp-1", "Report Exported", datetime(2026, 6, 30, 13, 37))]),
    ("product__seats", "id, account_id, user_id", [("s-1", "001Hn00001AbCdEIAV", "u-17")]),
    ("billing__subscriptions", "id, arr, currency, end_date", [("sub-1", Decimal(48000), "EUR", date(9999, 12, 31))]),
]  # fmt: skip


def test_one_file_of_every_system_is_read_in_its_vendors_spelling(warehouse: Path) -> None:
    done = load(EXPORTS, warehouse, "--format", "json")
    assert done.returncode == DONE, done.stderr
    assert rows(warehouse, "select path, status from ledger.files where status <> 'loaded'") == []
    assert rows(warehouse, "select * from ledger.quarantine") == []
    for table, columns, expected in EXPECTED:
        assert rows(warehouse, f"select {columns} from raw.{table} order by 1") == expected, table
    systems = {table.split("__")[0] for table, _, _ in EXPECTED}
    assert systems == {path.stem for path in (Path(__file__).parents[2] / "ingestion" / "contracts").glob("*.yml")}


def test_garbage_is_refused_thing_by_thing_and_good_files_beside_it_load(tmp_path: Path, warehouse: Path) -> None:
    folder = tmp_path / "landing" / "salesforce" / "main"
    (folder / "x.csv").mkdir(parents=True)
    (folder / "Account.csv").write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n")
    (folder / "Contact.csv").write_bytes(b"")
    (folder / "Lead.csv").write_bytes(bytes(range(256)) * 8)
    (folder / "User.csv").write_text("Id,Name\n005Hn000002xYzA,Dana\n")
    done = load(tmp_path / "landing", warehouse, "--format", "json")
    assert done.returncode == REFUSED
    assert rows(warehouse, "select path, status, reason_code from ledger.files order by path") == [
        ("salesforce/main/Account.csv", "refused", "not_text"),
        ("salesforce/main/Contact.csv", "refused", "empty_file"),
        ("salesforce/main/Lead.csv", "refused", "not_text"),
        ("salesforce/main/User.csv", "loaded", None),
        ("salesforce/main/x.csv", "refused", "not_a_file"),
    ]
    said = load(tmp_path / "landing", warehouse)
    assert said.returncode == REFUSED, "what is still refused is still said"
    for name in ("Account.csv", "Contact.csv", "Lead.csv", "x.csv"):
        assert name in said.stdout


def test_an_empty_landing_folder_is_answered_with_advice(tmp_path: Path, warehouse: Path) -> None:
    (tmp_path / "landing").mkdir()
    done = load(tmp_path / "landing", warehouse)
    assert done.returncode == NOTHING_TO_LOAD
    assert "--sample-if-empty" in done.stderr
    assert str(Path("salesforce") / "main") in done.stderr
    assert not warehouse.exists()


def test_a_second_load_says_that_there_is_nothing_new(warehouse: Path) -> None:
    load(EXPORTS, warehouse)
    again = load(EXPORTS, warehouse, "--format", "json")
    assert again.returncode == DONE
    assert json.loads(again.stdout)["total"]["rows"]["loaded"] == 0
    assert "nothing new" in load(EXPORTS, warehouse).stdout.lower()


def test_run_builds_staging_views_on_what_was_loaded(tmp_path: Path, warehouse: Path) -> None:
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("revhouse")),
            "run",
            *("--landing", str(EXPORTS), "--infohub", str(tmp_path), "--warehouse", str(warehouse)),
            *("--as-of", "2026-06-30", "--format", "json", "--data-docs", str(warehouse.parent / "data_docs")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == DONE, done.stderr
    built = json.loads(done.stdout)["built"]
    assert (built["faults"], built["models"] > 40, built["tests"] > 40) == ([], True, True)
    assert rows(
        warehouse, "select source_system, opportunity_id, account_id from staging.stg_salesforce__opportunities"
    ) == [("salesforce", "006Hn00001QwErTIAV", "001Hn00001AbCdEIAV")]
