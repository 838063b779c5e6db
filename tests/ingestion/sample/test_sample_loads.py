"""The loader does with the sample what the sample's truth says a loader must do: file by file, line by line."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from ingestion.contract import read_contracts
from ingestion.loader import load_landing
from ingestion.runs import LoadRun
from ingestion.sample import write_sample
from ingestion.warehouse import open_warehouse
from tests.ingestion.sample.company_desk import AS_OF, TINY


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    root = tmp_path_factory.mktemp("loaded")
    write_sample(root, preset=TINY, seed=7, as_of=AS_OF)
    warehouse = root / "warehouse.duckdb"
    with open_warehouse(warehouse) as connection:
        load_landing(connection, root / "landing", read_contracts(), LoadRun("run", datetime(2026, 7, 1, 6)))
    return _with_truth(warehouse, root)


def _with_truth(warehouse: Path, root: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(warehouse), read_only=True)
    connection.execute("set timezone = 'UTC'")
    connection.execute(
        "create temp table truth as select * replace (detail::json as detail) from "
        f"read_csv('{root}/ground_truth.csv', all_varchar = true, header = true)"
    )
    return connection


def test_every_file_is_loaded_refused_or_recognised_as_a_repetition_as_told(loaded: duckdb.DuckDBPyConnection) -> None:
    wrong = loaded.execute(
        """
        select truth.subject_id, truth.expected, files.status, files.reason_code, files.reason
        from truth left join ledger.files as files on files.path = truth.subject_id
        where truth.area = 'file' and truth.fact not in ('rows_in', 'rows_repeated', 'no_export')
            and truth.expected is distinct from case files.status when 'refused' then 'refused:' || files.reason_code else files.status end
        """
    ).fetchall()
    assert wrong == []


def test_every_file_holds_as_many_rows_as_told(loaded: duckdb.DuckDBPyConnection) -> None:
    wrong = loaded.execute(
        """
        select truth.subject_id, truth.expected, truth.detail, files.status, files.rows_in, files.footer_lines, files.reason
        from truth left join ledger.files as files on files.path = truth.subject_id
        where truth.fact = 'rows_in' and (
            files.rows_in is distinct from truth.expected::integer
            or files.footer_lines is distinct from (truth.detail ->> 'footer_lines')::integer
        )
        """
    ).fetchall()
    assert wrong == []


def test_nothing_but_the_planted_garbage_is_refused(loaded: duckdb.DuckDBPyConnection) -> None:
    unexpected = loaded.execute(
        "select path, status, reason from ledger.files where status <> 'loaded' "
        "and path not in (select subject_id from truth where area = 'file' and expected <> 'loaded')"
    ).fetchall()
    assert unexpected == []


def test_exactly_the_planted_rows_are_in_quarantine(loaded: duckdb.DuckDBPyConnection) -> None:
    found = loaded.execute(
        """
        select files.path || ':' || quarantine.line, quarantine.reason_code, quarantine.column_name
        from ledger.quarantine as quarantine inner join ledger.files as files using (file_id)
        where quarantine.reason_code <> 'out_of_range'
        order by all
        """
    ).fetchall()
    planted = loaded.execute(
        """
        select subject_id, fact, detail ->> 'column' from truth
        where area = 'row' and expected like 'quarantined:%' and fact <> 'out_of_range' order by all
        """
    ).fetchall()
    assert found == planted


def test_probabilities_of_a_thousand_are_in_quarantine_with_their_deals_last_good_version_kept(
    loaded: duckdb.DuckDBPyConnection,
) -> None:
    ((planted, held),) = loaded.execute(
        """
        select
            (select count(*) from truth where fact = 'out_of_range'),
            (select count(*) from ledger.quarantine as quarantine, truth
             where truth.fact = 'out_of_range' and quarantine.reason_code = 'out_of_range'
                and contains(quarantine.original_text, truth.subject_id))
        """
    ).fetchall()
    assert planted == held > 0
    missing = loaded.execute(
        "select subject_id from truth where fact = 'out_of_range' and subject_id not in (select id from raw.salesforce__opportunities)"
    ).fetchall()
    assert missing == []


def test_local_times_that_did_not_exist_or_occurred_twice_are_read_as_told(loaded: duckdb.DuckDBPyConnection) -> None:
    rows = loaded.execute(
        """
        select truth.fact, (truth.detail ->> 'utc')::timestamp, coalesce(contacts.created_at, events.occurred_at)
        from truth
        left join raw.hubspot__contacts as contacts on contacts.id::varchar = (truth.detail ->> 'key')
        left join raw.mixpanel__events as events on events.insert_id = (truth.detail ->> 'key')
        where truth.fact in ('dst_gap', 'dst_overlap')
        """
    ).fetchall()
    assert len(rows) == 4
    assert [row for row in rows if row[1] != row[2]] == []


def test_corrections_win_and_old_versions_that_arrive_late_do_not(loaded: duckdb.DuckDBPyConnection) -> None:
    wrong = loaded.execute(
        """
        select truth.fact, truth.subject_id, invoices.amount, invoices.status
        from truth left join raw.billing__invoices as invoices on invoices.id = truth.subject_id
        where (truth.fact = 'row_corrected' and invoices.amount is distinct from (truth.detail ->> 'value')::decimal(28, 6))
            or (truth.fact = 'row_arrived_old' and invoices.status is distinct from (truth.detail ->> 'value'))
        """
    ).fetchall()
    assert wrong == []


def test_null_markers_are_null_and_midnights_stay_on_their_day(loaded: duckdb.DuckDBPyConnection) -> None:
    assert loaded.execute(
        "select count(*), count(quantity), count(unit), count(end_date) from raw.product__entitlements where id like 'ent_beta_%'"
    ).fetchone() == (6, 0, 0, 0)
    wrong = loaded.execute(
        """
        select truth.subject_id, truth.detail ->> 'close_date', deals.close_date
        from truth left join raw.salesforce__opportunities as deals on deals.id = truth.subject_id
        where truth.fact = 'midnight_date' and deals.close_date is distinct from (truth.detail ->> 'close_date')::date
        """
    ).fetchall()
    assert wrong == []
