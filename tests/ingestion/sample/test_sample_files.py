"""The exports are what vendors would write: readable by plain readers, as many rows as the truth says, no real addresses."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from pathlib import Path

import pytest

from ingestion.contract import read_contracts
from ingestion.landing import survey_landing
from tests.ingestion.sample.company_desk import LAST, Company

# Files with lines that break a plain reader on purpose; dirty rows have tests of their own.
_BROKEN_ON_PURPOSE = {f"salesforce/main/history/OpportunityFieldHistory_{LAST}.csv"}


def _text(path: Path) -> str:
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    if content.startswith(b"\xff\xfe"):
        return content.decode("utf-16")
    encoding = "cp1252" if "billing" in path.parts else "utf-8-sig"
    return content.decode(encoding, errors="replace")


def _rows(company: Company, path: Path) -> int:
    if path.suffix == ".parquet":
        return int(str(company.value(f"select count(*) from read_parquet('{path}')")))
    text = _text(path)
    name = path.name.removesuffix(".gz")
    if name.endswith((".jsonl", ".ndjson")):
        return len(text.splitlines())
    if name.endswith(".json"):
        document = json.loads(text)
        return len(
            document
            if isinstance(document, list)
            else next(value for value in document.values() if isinstance(value, list))
        )
    delimiter = ";" if ";" in text.split("\n", 1)[0] else ","
    return len(list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))) - 1


def test_every_export_can_be_read_by_plain_readers_and_holds_the_rows_that_the_truth_counts(company: Company) -> None:
    counted = company.rows(
        "select subject_id, expected::integer, (detail ->> 'footer_lines')::integer from truth where fact = 'rows_in'"
    )
    assert len(counted) > 200
    wrong = [
        (path, expected, found)
        for path, expected, footers in counted
        if path not in _BROKEN_ON_PURPOSE
        and (found := _rows(company, company.landing / str(path)) - int(str(footers))) != expected
    ]
    assert wrong == []


def test_every_file_in_the_landing_folder_is_in_the_truth(company: Company) -> None:
    known = {path for (path,) in company.rows("select subject_id from truth where area = 'file'")}
    there = {path.relative_to(company.landing).as_posix() for path in company.landing.rglob("*") if path.is_file()}
    assert {path for path in there - known if not path.endswith("instance.yml")} == set()


def test_every_table_of_every_contract_but_one_has_an_export(company: Company) -> None:
    survey = survey_landing(company.landing, read_contracts())
    tables = {table.raw_name for contract in read_contracts().values() for table in contract.tables}
    # Stages are delivered a row each, which is the other way in which HubSpot exports pipelines.
    assert tables - {file.table.raw_name for file in survey.files} == {"hubspot__pipelines"}


def test_no_column_of_an_export_is_a_spelling_that_its_contract_hardly_knows(company: Company) -> None:
    """Each first full file gives its contract at least half of the columns that it has."""
    header = (company.landing / "salesforce/main/Account_2026-04-30.csv").read_text(encoding="utf-8").split("\n", 1)[0]
    assert header.count(",") == 18
    assert '"SystemModstamp"' in header


def test_formats_differ_from_system_to_system(company: Company) -> None:
    endings = {re.sub(r"^[^.]*\.", "", path.name) for path in company.landing.rglob("*_2*") if path.is_file()}
    assert {"csv", "json", "jsonl", "jsonl.gz", "ndjson", "ndjson.gz", "parquet"} <= endings


@pytest.mark.parametrize(
    ("path", "first_characters"),
    [
        (f"hubspot/acquired/deals_{LAST}.json", '{"results":['),
        (f"jira_service_management/main/issues_{LAST}.json", '{"issues":['),
        (f"zendesk/main/organizations_{LAST}.json", '{"organizations":['),
        (f"freshdesk/acquired/tickets_{LAST}.json", "["),
        (f"intercom/acquired/conversations_{LAST}.jsonl", '{"id":"2154'),
        (f"mixpanel/acquired/events_{LAST}.jsonl", '{"event":"'),
    ],
)
def test_json_is_wrapped_as_the_vendor_wraps_it(company: Company, path: str, first_characters: str) -> None:
    assert (company.landing / path).read_text(encoding="utf-8").startswith(first_characters)


def test_bulk_exports_write_nulls_as_their_vendor_does(company: Company) -> None:
    assert b"#N/A" in (company.landing / f"salesforce/main/Contact_{LAST}.csv").read_bytes()


def test_no_address_could_reach_anybody(company: Company) -> None:
    address = re.compile(r"[\w.+-]+@([\w.-]+\.\w+)")
    domains: set[str] = set()
    # the last month stands for the others; the truncated gzip cannot be read at all
    for path in company.landing.rglob(f"*{LAST}*"):
        if path.is_file() and path.suffix != ".parquet" and "incoming" not in path.parts:
            domains |= {match[1] for match in address.finditer(_text(path))}
    assert domains
    assert {domain for domain in domains if not domain.endswith(".example")} == set()


def test_files_are_as_old_as_their_exports(company: Company) -> None:
    first = (company.landing / "salesforce/main/Account_2026-04-30.csv").stat().st_mtime
    last = (company.landing / f"salesforce/main/Account_{LAST}.csv").stat().st_mtime
    assert last - first == 61 * 86400


def test_a_salesforce_id_ends_with_the_three_characters_that_its_capitals_ask_for(company: Company) -> None:
    def suffix(id15: str) -> str:
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
        chunks = (id15[0:5], id15[5:10], id15[10:15])
        return "".join(
            letters[sum(1 << place for place, letter in enumerate(chunk) if letter.isupper())] for chunk in chunks
        )

    ids = company.rows(f'select "Id", "OwnerId" from {company.csv(f"salesforce/main/Opportunity_{LAST}.csv")}')
    found = [str(value) for row in ids for value in row if value]
    assert found
    assert {value for value in found if suffix(value[:15]) != value[15:]} == set()
