"""Every dirty case is where the truth says it is, and costs nothing that a good file does not hold."""

from __future__ import annotations

import gzip
import json

import pytest

from ingestion.sample import dirty_rows
from tests.ingestion.sample.company_desk import FIRST, LAST, SECOND, Company

REFUSED = {
    "not_a_file", "empty_file", "not_text", "truncated_gzip", "half_written", "unrecognised_name", "unknown_system",
    "unrecognised_header", "missing_key_column", "empty_export", "sharp_drop", "mostly_bad_rows", "unreadable_json",
}  # fmt: skip
QUARANTINED = {
    "not_a_number", "not_a_date", "not_a_timestamp", "not_a_boolean", "ambiguous_date", "not_json", "bad_salesforce_id",
    "missing_key", "missing_value", "out_of_range", "wrong_column_count", "unterminated_quote", "bad_encoding",
    "malformed_json",
}  # fmt: skip


def test_every_reason_to_refuse_a_file_occurs(company: Company) -> None:
    told = {str(expected) for (expected,) in company.rows("select distinct expected from truth where area = 'file'")}
    assert {code.removeprefix("refused:") for code in told if code.startswith("refused:")} == REFUSED


def test_every_reason_to_quarantine_a_row_occurs(company: Company) -> None:
    told = {str(expected) for (expected,) in company.rows("select distinct expected from truth where area = 'row'")}
    assert {code.removeprefix("quarantined:") for code in told if code.startswith("quarantined:")} == QUARANTINED
    assert set(dirty_rows.FACTS) >= QUARANTINED


def test_every_bad_line_is_on_the_line_that_the_truth_names(company: Company) -> None:
    planted = company.rows(
        "select detail ->> 'path', (detail ->> 'line')::integer, detail ->> 'text', fact from truth "
        "where area = 'row' and (detail ->> 'line') is not null"
    )
    assert len(planted) > 15
    for path, number, text, fact in planted:
        content = (company.landing / str(path)).read_bytes()
        if str(path).endswith(".gz"):
            content = gzip.decompress(content)
        line = content.split(b"\n")[int(str(number)) - 1].decode("cp1252", errors="replace")
        assert line, (path, number, fact)
        if text is not None:
            assert str(text).replace('"', '""') in line or str(text) in line, (path, number, fact)


def test_a_good_file_of_the_same_table_lies_beside_every_refused_one(company: Company) -> None:
    refused = company.rows("select subject_id from truth where area = 'file' and expected like 'refused:%'")
    good = {
        str(path) for (path,) in company.rows("select subject_id from truth where fact = 'rows_in' and expected <> '0'")
    }
    for (path,) in refused:
        system, instance, *_ = str(path).split("/")
        if system == "marketo":
            continue
        table = str(path).split("/")[-1].split("_2")[0].split(".")[0]
        if table in ("x", "Forecast_Notes"):
            continue
        assert any(name.startswith(f"{system}/{instance}/") and f"/{table}_2" in name for name in good), path


@pytest.mark.parametrize(
    ("path", "begins"),
    [
        (f"salesforce/main/User_{FIRST}.csv", b"\xef\xbb\xbf"),
        (f"salesforce/main/User_{SECOND}.csv", b"\xff\xfe"),
        ("salesforce/main/incoming/Account.csv", b"%PDF"),
    ],
)
def test_files_begin_with_the_bytes_that_make_them_odd(company: Company, path: str, begins: bytes) -> None:
    assert (company.landing / path).read_bytes().startswith(begins)


def test_billing_is_in_cp1252_with_signs_that_prove_it(company: Company) -> None:
    content = (company.landing / f"billing/main/subscriptions_{LAST}.csv").read_bytes()
    assert b"\x80" in content  # the euro sign
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    assert "€" in content.decode("cp1252")


def test_the_truncated_gzip_cannot_be_unpacked(company: Company) -> None:
    with pytest.raises(EOFError):
        gzip.decompress((company.landing / f"zendesk/main/incoming/ticket_events_{LAST}.ndjson.gz").read_bytes())


def test_the_empty_file_the_folder_and_the_unreadable_json_are_what_they_are_called(company: Company) -> None:
    assert (company.landing / f"zendesk/main/incoming/tickets_{LAST}.ndjson").stat().st_size == 0
    assert (company.landing / "salesforce/main/incoming/x.csv").is_dir()
    with pytest.raises(json.JSONDecodeError):
        json.loads(
            (company.landing / "hubspot/acquired/incoming/companies_2026-06-01.json").read_text(encoding="utf-8")
        )


def test_the_file_delivered_twice_is_the_same_to_the_byte(company: Company) -> None:
    ((copy, original),) = company.rows(
        "select subject_id, detail ->> 'same_as' from truth where fact = 'same_file_twice'"
    )
    assert (company.landing / str(copy)).read_bytes() == (company.landing / str(original)).read_bytes()


def test_the_month_without_an_export_has_none(company: Company) -> None:
    path = company.value("select subject_id from truth where fact = 'no_export'")
    assert not (company.landing / str(path)).exists()
    assert len(list((company.landing / "amplitude/main").glob("*.jsonl.gz"))) == 17


def test_ids_that_differ_by_case_only_are_different_accounts(company: Company) -> None:
    accounts = company.csv(f"salesforce/main/Account_{FIRST}.csv")
    pairs = company.rows("select subject_id, detail -> 'others' from truth where fact = 'ids_differ_by_case_only'")
    assert pairs
    for first, others in pairs:
        ids = [str(first), *json.loads(str(others))]
        assert len({known[:15].lower() for known in ids}) == 1
        names = company.rows(f'select distinct "Name" from {accounts} where "Id" in {tuple(ids)}')
        assert len(names) == len(ids)


def test_dates_without_end_are_written_both_ways(company: Company) -> None:
    ends = company.rows(f"select distinct end_date from {company.subscriptions(LAST)} where end_date >= '2050'")
    assert {end for (end,) in ends} == {"2050-01-01", "9999-12-31"}


def test_report_files_end_with_lines_that_are_no_data(company: Company) -> None:
    text = (company.landing / f"salesforce/main/Lead Report_{LAST}.csv").read_text(encoding="utf-8")
    assert "Confidential Information" in text.splitlines()[-3]
    assert text.splitlines()[1].split('"')[1][:3] == "00Q"
    assert len(text.splitlines()[1].split('"')[1]) == 15
