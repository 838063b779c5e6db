"""Sources and descriptions follow from the contracts and the views, and a mistake in a view is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from ingestion.contract import Contract, read_contracts
from revhouse.dbt_sources import STAGING, StagingError, main, planned_files
from tests.dbt_project.conftest import DbtRun

CONTRACT = """
system: callnotes
title: Callnotes
description: Authority for recorded sales calls.
owner: revenue_operations
null_markers: ["", "n/a"]
timezone: UTC
date_layouts: []
tables:
  calls:
    description: One row per recorded call. Deleted ones are not in it.
    files: [Call, Calls]
    delivery: full
    key: [id]
    columns:
      id: {type: integer, description: "Id of the call."}
      host_name: {type: text, personal: true, description: "Who held the call."}
      fee: {type: decimal, description: "Price in `currency`; null if free."}
      currency: {type: text, description: "Currency of the fee, ISO 4217."}
      started_at: {type: timestamp, description: "When the call began."}
"""

DRAFT = """\
{# One row per recorded call. #}

with

renamed_calls as (

    select
        'callnotes' as source_system,
        source_instance,
        cast(id as string) as call_id,
        host_name,
        fee,
        currency as currency_code,
        started_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id

    from {{ known_rows('raw', 'callnotes__calls') }}

)

select * from renamed_calls
"""


@pytest.fixture
def callnotes(tmp_path: Path) -> dict[str, Contract]:
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts/callnotes.yml").write_text(CONTRACT)
    return read_contracts(tmp_path / "contracts")


@pytest.fixture
def view(tmp_path: Path, callnotes: dict[str, Contract]) -> Callable[[str, str], str]:
    """The mistakes found in the drafted view after this change to it."""

    def mistakes(before: str, after: str) -> str:
        assert before in DRAFT
        path = tmp_path / "staging/callnotes/stg_callnotes__calls.sql"
        path.parent.mkdir(parents=True)
        path.write_text(DRAFT.replace(before, after))
        with pytest.raises(StagingError) as error:
            planned_files(callnotes, tmp_path / "staging")
        return str(error.value).replace(f"{path}", path.name)

    return mistakes


def test_what_is_committed_is_what_contracts_and_views_give() -> None:
    for path, text in planned_files(read_contracts(), STAGING).items():
        assert path.exists(), f"{path}: run python -m revhouse.dbt_sources"
        assert path.read_text() == text, f"{path}: run python -m revhouse.dbt_sources"


def test_check_is_silent_when_nothing_is_out_of_date() -> None:
    result = CliRunner().invoke(main, ["--check"])

    assert (result.exit_code, result.output) == (0, "")


def test_check_names_what_is_out_of_date_and_writes_nothing(
    tmp_path: Path, callnotes: dict[str, Contract], monkeypatch: pytest.MonkeyPatch
) -> None:
    staging = tmp_path / "dbt_project/models/staging"
    monkeypatch.setattr("revhouse.dbt_sources.STAGING", staging)
    monkeypatch.setattr("revhouse.dbt_sources.read_contracts", lambda: callnotes)

    result = CliRunner().invoke(main, ["--check"])

    assert result.exit_code == 1
    assert "out of date: dbt_project/models/staging/callnotes/_sources.yml" in result.output
    assert not staging.exists()

    assert CliRunner().invoke(main).exit_code == 0
    assert (staging / "callnotes/stg_callnotes__calls.sql").read_text() == DRAFT
    assert CliRunner().invoke(main, ["--check"]).output == ""


def test_a_table_without_a_view_gets_a_draft(tmp_path: Path, callnotes: dict[str, Contract]) -> None:
    planned = planned_files(callnotes, tmp_path / "staging")

    assert planned[tmp_path / "staging/callnotes/stg_callnotes__calls.sql"] == DRAFT


def test_a_view_that_is_there_is_left_alone(tmp_path: Path, callnotes: dict[str, Contract]) -> None:
    path = tmp_path / "staging/callnotes/stg_callnotes__calls.sql"
    path.parent.mkdir(parents=True)
    path.write_text(DRAFT.replace("fee,", "fee as price,"))

    planned = planned_files(callnotes, tmp_path / "staging")

    assert path not in planned
    assert "{name: price, description:" in planned[path.parent / "_models.yml"]


def test_meanings_and_personal_data_marks_come_from_the_contract(
    tmp_path: Path, callnotes: dict[str, Contract]
) -> None:
    planned = planned_files(callnotes, tmp_path / "staging")
    (model,) = yaml.safe_load(planned[tmp_path / "staging/callnotes/_models.yml"])["models"]
    columns = {column["name"]: column for column in model["columns"]}

    assert model["description"] == "One row per recorded call. Deleted ones are not in it."
    assert model["config"] == {"group": "callnotes", "meta": {"owner": "revenue_operations"}}
    assert model["data_tests"] == [{"sound_rows": {"arguments": {"key": ["source_instance", "call_id"]}}}]
    assert columns["call_id"] == {"name": "call_id", "description": "Id of the call."}
    assert columns["fee"]["description"] == "Price in `currency_code`; null if free."
    assert {name for name, column in columns.items() if "config" in column} == {"host_name", "extra_fields"}
    assert columns["host_name"]["config"] == {"meta": {"personal": True}}


def test_no_personal_mark_is_lost_on_the_way(manifest: dict[str, Any]) -> None:
    marked = {
        (f"stg_{table.raw_name}", column.description)
        for contract in read_contracts().values()
        for table in contract.tables
        for column in table.columns
        if column.personal
    }
    shown = {
        (model["name"], column["description"])
        for model in manifest["nodes"].values()
        if model["resource_type"] == "model"
        for column in model["columns"].values()
        if column["config"]["meta"].get("personal")
    }

    assert marked
    assert marked <= shown


def test_sources_are_what_the_loaders_make(manifest: dict[str, Any], empty: DbtRun) -> None:
    made: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for column in empty.rows(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() "
        "where schema_name in ('raw', 'raw_history', 'ledger') order by schema_name, table_name, column_index"
    ):
        schema, table, name, data_type = column.values()
        made.setdefault((schema, table), []).append((name, data_type.lower().replace(",", ", ")))
    declared = {
        (source["schema"], source["name"]): [(it["name"], it["data_type"]) for it in source["columns"].values()]
        for source in manifest["sources"].values()
    }
    # Nothing in these two names a row, so no view can show them.
    del made["ledger", "quarantine"], made["ledger", "schema_drift"]

    assert declared.keys() == made.keys()
    for (schema, table), columns in declared.items():
        if schema != "raw_history":
            assert columns == made[schema, table], f"{schema}.{table}"


@pytest.mark.parametrize(
    ("before", "after", "mistake"),
    [
        ("        fee,\n", "", "stg_callnotes__calls.sql: expected `fee` to be shown once; found it 0 times"),
        ("fee,", "fee,\n        fee as price,", "stg_callnotes__calls.sql: expected `fee` to be shown once; found it 2 times"),
        ("fee,", "price,", "stg_callnotes__calls.sql:12: expected a column of raw.callnotes__calls, found `price`"),
        ("fee,", "fee * 100 as fee_cents,", "stg_callnotes__calls.sql:12: expected `column`, `column as name` or"),
        ("fee,", "coalesce(fee, 0) as fee,", "staging renames and casts, no more; found `coalesce(fee, 0) as fee,`"),
        ("'callnotes' as", "'hubspot' as", "stg_callnotes__calls.sql:8: expected no text but `'callnotes' as source_system`"),
        ("fee,", "'free' as fee,", "stg_callnotes__calls.sql:12: expected no text but `'callnotes' as source_system`"),
        ("callnotes__calls') }}", "shop__orders') }}", "expected one known_rows('raw', 'callnotes__calls'), found known_rows('raw', 'shop__orders')"),
        ("{{ known_rows('raw', 'callnotes__calls') }}", "raw.callnotes__calls", "expected one known_rows('raw', 'callnotes__calls'), found none"),
        ("    select\n", "    select distinct\n", "expected `select`, a column on each line"),
    ],
)  # fmt: skip
def test_a_view_that_does_more_than_rename_and_cast_is_refused(
    view: Callable[[str, str], str], before: str, after: str, mistake: str
) -> None:
    assert mistake in view(before, after)


def test_a_filter_in_a_view_is_refused(view: Callable[[str, str], str]) -> None:
    found = view("'callnotes__calls') }}\n", "'callnotes__calls') }}\n\n    where fee > 0\n")

    assert "stg_callnotes__calls.sql: expected nothing after known_rows but the end of the CTE" in found


def test_a_view_that_shows_no_loaded_table_is_refused(tmp_path: Path, callnotes: dict[str, Contract]) -> None:
    folder = tmp_path / "staging/callnotes"
    folder.mkdir(parents=True)
    (folder / "stg_callnotes__hosts.sql").write_text("select 1")

    with pytest.raises(StagingError, match=r"stg_callnotes__hosts\.sql: shows no table of the _sources\.yml beside it"):
        planned_files(callnotes, tmp_path / "staging")


def test_tables_without_a_contract_are_described_by_hand(tmp_path: Path) -> None:
    shutil.copytree(STAGING / "infohub", tmp_path / "staging/infohub")
    (tmp_path / "staging/infohub/stg_infohub__files.sql").unlink()

    with pytest.raises(StagingError, match=r"stg_infohub__files\.sql: expected, because _sources\.yml beside it has"):
        planned_files({}, tmp_path / "staging")
