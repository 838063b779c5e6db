"""Accounts of the sample company: every merge, deletion, restore and absence that was planted is found, and nothing else is."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pytest

from tests.dbt_project.conftest import DbtRun, SampleCompany

INSTANCES = {"salesforce": "main", "hubspot": "acquired"}
MERGES = "int_accounts__merges_resolved"


def record_id(source_id: str) -> str:
    """An account record of the sample by the id that its CRM gives it: Salesforce's begin with 001."""
    system = "salesforce" if source_id.startswith("001") else "hubspot"
    return f"{system}:{INSTANCES[system]}:{source_id}"


def planted(company: SampleCompany, *facts: str) -> set[str]:
    return {record_id(fact["subject_id"]) for fact in company.truth("account", *facts)}


def records(company: DbtRun, condition: str) -> set[str]:
    found = company.rows(f"select account_record_id from intermediate.int_accounts__records_unioned where {condition}")
    return {row["account_record_id"] for row in found}


@pytest.fixture(scope="session")
def company_on(
    company_built: SampleCompany, dbt: Callable[..., DbtRun], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], DbtRun]:
    """The sample's account records as they were on an earlier day."""

    def on(day: str) -> DbtRun:
        folder = tmp_path_factory.mktemp(f"on_{day}")
        shutil.copy(company_built.folder / "warehouse.duckdb", folder)
        built = dbt(folder, "run", "--select", "+int_accounts__hierarchies_resolved", variables={"as_of": day})
        assert built.succeeded, built.output
        return built

    return on


def test_every_chain_of_merges_is_followed_to_its_end(company_built: SampleCompany) -> None:
    found = {row["account_record_id"]: row for row in company_built.rows(f"select * from intermediate.{MERGES}")}
    merges = company_built.truth("account", "account_merged", "company_merged")

    assert set(found) == {record_id(fact["subject_id"]) for fact in merges}
    for fact in merges:
        merge = found[record_id(fact["subject_id"])]
        assert merge["merged_into_record_id"] == record_id(fact["expected"])
        survivor = fact["detail"].get("survivor", fact["expected"])
        assert merge["surviving_account_record_id"] == record_id(survivor)
        assert str(merge["merged_on"]) == fact["on_date"]
    for fact in company_built.truth("account", "merge_chain"):
        merge = found[record_id(fact["subject_id"])]
        assert merge["merge_path"] == ">" + "".join(f"{record_id(it)}>" for it in fact["detail"]["chain"])
        assert merge["merge_depth"] == len(fact["detail"]["chain"]) - 1


def test_deleted_merged_restored_and_absent_are_told_apart(company_built: SampleCompany) -> None:
    deleted = {
        record_id(fact["subject_id"])
        for fact in company_built.truth("account", "account_deleted")
        if fact["expected"] == "deleted"
    }

    assert records(company_built, "record_status = 'deleted'") == deleted
    assert records(company_built, "record_status = 'absent'") == planted(company_built, "account_absent")
    assert records(company_built, "is_restored") == planted(company_built, "account_restored")
    assert records(company_built, "record_status = 'merged'") == planted(
        company_built, "account_merged", "company_merged"
    )
    assert records(company_built, "is_restored and record_status <> 'active'") == set()


def test_names_owners_and_parents_are_those_of_the_day(company_built: SampleCompany) -> None:
    accounts = {row["account_id"]: row for row in company_built.rows("select * from core.dim_accounts")}

    for fact in company_built.truth("account", "account_name_corrected"):
        assert accounts[record_id(fact["subject_id"])]["account_name"] == fact["expected"]
    for fact in company_built.truth("account", "account_owner_changed"):
        owner = accounts[record_id(fact["subject_id"])]["owner_record_id"]
        assert owner == f"salesforce:main:{fact['expected']}"
    parents = {name: row["parent_account_id"] for name, row in accounts.items() if row["parent_account_id"]}
    assert parents == {
        record_id(fact["subject_id"]): record_id(fact["expected"])
        for fact in company_built.truth("account", "account_parent")
    }
    for name, row in accounts.items():
        above = name
        while above in parents:
            above = parents[above]
        assert row["ultimate_parent_account_id"] == above


def test_each_company_is_one_account(company_built: SampleCompany) -> None:
    """200 companies were planted, and two namesakes in HubSpot. One more is in both CRMs, and nothing but its name says so."""
    accounts = {row["account_id"] for row in company_built.rows("select account_id from core.dim_accounts")}
    companies = {record_id(fact["subject_id"]) for fact in company_built.truth("account", "account_story")}
    namesakes = {
        record_id(fact["subject_id"]) for fact in company_built.truth("identity", "different_company_same_name")
    }
    known_by_name = {
        record_id(fact["subject_id"])
        for fact in company_built.truth("identity", "same_company")
        if fact["source_system"] == "hubspot" and fact["detail"]["rule"] == "name_only"
    }

    assert len(companies) == 200
    assert accounts == companies | namesakes | known_by_name


def test_every_record_comes_to_one_account(company_built: SampleCompany) -> None:
    (counted,) = company_built.rows(
        """
        select
            (select count(*) from raw.salesforce__accounts) + (select count(*) from raw.hubspot__companies) as exported,
            (select count(*) from intermediate.int_accounts__records_unioned) as unioned,
            (select count(*) from intermediate.int_accounts__records_resolved where is_exported) as resolved,
            (select cast(sum(record_count) as bigint) from core.dim_accounts) as described,
            (select count(*) from intermediate.int_accounts__records_resolved) as resolved_or_named
        """
    )
    assert counted["exported"] == counted["unioned"] == counted["resolved"]
    assert counted["described"] == counted["resolved_or_named"]


def test_before_the_first_merge_nothing_was_merged_deleted_or_absent(company_on: Callable[[str], DbtRun]) -> None:
    company = company_on("2026-04-24")

    assert company.rows(f"select * from intermediate.{MERGES}") == []
    assert records(company, "record_status <> 'active' or is_restored") == set()


def test_what_was_restored_later_is_deleted_on_the_day_between(
    company_built: SampleCompany, company_on: Callable[[str], DbtRun]
) -> None:
    company = company_on("2026-05-28")

    assert records(company, "record_status = 'deleted'") == planted(company_built, "account_deleted")
    assert records(company, "is_restored") == set()
    assert records(company, "record_status = 'absent'") == set()
    owners = company.rows("select account_record_id, owner_record_id from intermediate.int_accounts__records_unioned")
    assert {row["account_record_id"]: row["owner_record_id"] for row in owners}.items() >= {
        (record_id(fact["subject_id"]), f"salesforce:main:{fact['expected']}")
        for fact in company_built.truth("account", "account_owner_changed")
        if fact["on_date"] <= "2026-05-28"
    }


def test_accounts_of_an_empty_warehouse_are_none(empty: Any) -> None:
    assert empty.rows("select * from core.dim_accounts") == []
    assert empty.rows("select * from core.dim_people") == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("0015g0000004C9A", "0015g0000004C9AAAU"),
        ("0015g0000004C9a", "0015g0000004C9aAAE"),
        ("0015g0000004C9AAAU", "0015g0000004C9AAAU"),
        ("001Hn00001AbCdE", "001Hn00001AbCdEIAV"),
        ("001Hn00001AbCde", "001Hn00001AbCdeIAF"),
        ("001Hn00001AbCdeIAV", None),
        ("0015g0000004c9aAAU", None),
        ("0015g0000004C9", None),
        ("0015g0000004C9AA", None),
        ("0015g0000004C9Ä", None),
        (" 0015g0000004C9A", None),
        ("", None),
        (None, None),
    ],
)
def test_the_ending_of_an_id_tells_capitals_from_small_letters(
    project: Path, written: str | None, meant: str | None
) -> None:
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    environment.globals["matches"] = lambda value, pattern: f"regexp_matches({value}, {pattern})"
    macros = environment.from_string((project / "dbt_project/macros/salesforce_ids.sql").read_text()).module
    expression = macros.salesforce_id_18("written")  # type: ignore[attr-defined]

    with duckdb.connect() as connection:
        found = connection.execute(f"select {expression} from (select $1::varchar as written)", [written]).fetchone()
    assert found == (meant,)


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://www.Acme.example/de?x=1#top", "acme.example"),
        ("http://shop.acme.example:8080", "shop.acme.example"),
        ("acme.example", "acme.example"),
        (" Ann@Acme.Example ", "acme.example"),
        ("www.acme.example", "acme.example"),
        ("acme", None),
        ("not a site", None),
        ("ann@localhost", None),
        ("https://", None),
        ("", None),
        (None, None),
    ],
)
def test_the_domain_of_an_address(project: Path, address: str | None, domain: str | None) -> None:
    environment = jinja2.Environment()
    environment.globals["matches"] = lambda value, pattern: f"regexp_matches({value}, {pattern})"
    macros = environment.from_string((project / "dbt_project/macros/company_words.sql").read_text()).module
    expression = macros.web_domain("address")  # type: ignore[attr-defined]

    with duckdb.connect() as connection:
        found = connection.execute(f"select {expression} from (select $1::varchar as address)", [address]).fetchone()
    assert found == (domain,)
