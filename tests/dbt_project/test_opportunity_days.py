"""Days of deals on a company of four deals: written day by day as deliveries come, they are what one full build gives."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.contract import read_contracts
from ingestion.infohub.scan import load_infohub
from ingestion.loader import load_landing
from ingestion.runs import LoadRun
from ingestion.warehouse import open_warehouse
from tests.dbt_project.conftest import DbtRun

LOST, EURO, LATE, GONE = (f"00600000000000{number}AAA" for number in (1, 2, 3, 4))
DEALS = "Id,AccountId,OwnerId,Name,StageName,Amount,Probability,CloseDate,IsDeleted,CurrencyIsoCode,CreatedDate,SystemModstamp\n"
HISTORY = "Id,OpportunityId,Field,DataType,OldValue,NewValue,CreatedById,CreatedDate,IsDeleted\n"
RATES = "Id,IsoCode,ConversionRate,StartDate,NextStartDate,SystemModstamp\n"
EURO_ROW = f"{EURO},001000000000001AAA,005000000000001AAA,Euro,Qualification,100,10,2026-12-31,false,EUR,2026-03-04T10:00:00Z,2026-03-04T10:00:00Z\n"
FIRST_DELIVERY = {
    "Opportunity_2026-03-07.csv": DEALS
    + f"{LOST},001000000000001AAA,005000000000001AAA,Lost,Qualification,50,10,2026-06-30,false,USD,2026-03-05T10:00:00Z,2026-03-05T10:00:00Z\n"
    + EURO_ROW
    + f"{GONE},001000000000001AAA,005000000000001AAA,Gone,Qualification,70,10,2026-06-30,false,USD,2026-03-06T10:00:00Z,2026-03-06T10:00:00Z\n",
    "OpportunityFieldHistory_2026-03-07.csv": HISTORY
    + f"017000000000001AAA,{EURO},NextStep,Text,,Call,005000000000001AAA,2026-03-05T09:00:00Z,false\n",
    "DatedConversionRate_2026-03-07.csv": RATES
    + "04w000000000001AAA,EUR,0.5,2020-01-01,9999-12-31,2020-01-01T00:00:00Z\n",
}
# What nobody knew on the eighth: one deal had been lost on the sixth, one had not been entered, a rate had changed.
SECOND_DELIVERY = {
    "Opportunity_2026-03-10.csv": DEALS
    + f"{LOST},001000000000001AAA,005000000000001AAA,Lost,Closed Lost,50,0,2026-03-06,false,USD,2026-03-05T10:00:00Z,2026-03-06T11:00:00Z\n"
    + EURO_ROW
    + f"{LATE},001000000000001AAA,005000000000001AAA,Late,Discovery,30,20,2026-06-30,false,USD,2026-03-07T10:00:00Z,2026-03-07T10:00:00Z\n"
    + f"{GONE},001000000000001AAA,005000000000001AAA,Gone,Qualification,70,10,2026-06-30,true,USD,2026-03-06T10:00:00Z,2026-03-10T09:00:00Z\n",
    "OpportunityFieldHistory_2026-03-10.csv": HISTORY
    + f"017000000000002AAA,{LOST},StageName,Text,Qualification,Closed Lost,005000000000001AAA,2026-03-06T11:00:00Z,false\n"
    + f"017000000000003AAA,{EURO},Amount,Currency,100,200,005000000000001AAA,2026-03-12T08:00:00Z,false\n",
    "DatedConversionRate_2026-03-10.csv": RATES
    + "04w000000000001AAA,EUR,0.5,2020-01-01,2026-03-08,2026-03-08T00:00:00Z\n"
    + "04w000000000002AAA,EUR,0.8,2026-03-08,9999-12-31,2026-03-08T00:00:00Z\n",
}
TELLING = "* exclude (known_file_id)"


class SmallCompany:
    """A warehouse that is delivered to and built for one day after the other."""

    def __init__(self, folder: Path, dbt: Callable[..., DbtRun]) -> None:
        self.folder = folder
        self.dbt = dbt
        self.run_count = 0

    def deliver(self, files: dict[str, str]) -> None:
        self.run_count += 1
        run = LoadRun(f"run-{self.run_count}", datetime(2026, 3, 31, 6, self.run_count))
        for name, content in files.items():
            path = self.folder / "landing/salesforce/main" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        with open_warehouse(self.folder / "warehouse.duckdb") as connection:
            load_landing(connection, self.folder / "landing", read_contracts(), run, accept_drop=True)
            load_infohub(connection, self.folder / "infohub", run, workers=1)

    def build(self, day: str, *arguments: str) -> None:
        # The data tests hold for each build; that they hold for the last one is enough to know here.
        selected = ["--select", "+fct_opportunity_days", "--exclude-resource-type", "test", "unit_test"]
        built = self.dbt(self.folder, "build", *selected, *arguments, variables={"as_of": day})
        assert built.succeeded, built.output

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.folder / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def day_by_day(dbt: Callable[..., DbtRun], tmp_path_factory: pytest.TempPathFactory) -> SmallCompany:
    """Built on the seventh and eighth, then for the tenth with a late delivery, then for a day before that, then on."""
    company = SmallCompany(tmp_path_factory.mktemp("day_by_day"), dbt)
    company.deliver(FIRST_DELIVERY)
    company.build("2026-03-07")
    company.build("2026-03-08")
    company.deliver(SECOND_DELIVERY)
    # A day before the last one, asked about when more is known than then: what comes after it stays as it was said.
    company.build("2026-03-06")
    company.build("2026-03-10")
    company.build("2026-03-13")
    return company


@pytest.fixture(scope="module")
def at_once(
    day_by_day: SmallCompany, dbt: Callable[..., DbtRun], tmp_path_factory: pytest.TempPathFactory
) -> SmallCompany:
    company = SmallCompany(tmp_path_factory.mktemp("at_once"), dbt)
    shutil.copy(day_by_day.folder / "warehouse.duckdb", company.folder / "warehouse.duckdb")
    company.build("2026-03-13", "--full-refresh")
    return company


def test_days_written_one_by_one_are_those_of_a_full_refresh(day_by_day: SmallCompany, at_once: SmallCompany) -> None:
    query = f"select {TELLING} from core.fct_opportunity_days order by opportunity_id, as_of_date"
    assert day_by_day.rows(query) == at_once.rows(query)


def test_every_open_deal_has_one_row_of_each_day(day_by_day: SmallCompany) -> None:
    tested = day_by_day.dbt(
        day_by_day.folder,
        "test",
        "--select",
        "test_name:open_opportunities_reported_once",
        variables={"as_of": "2026-03-13"},
    )
    assert tested.succeeded, tested.output
    assert "open_opportunities_reported_once" in tested.output


def test_the_days_are_those_that_happened(day_by_day: SmallCompany) -> None:
    def days(opportunity: str) -> list[tuple[Any, ...]]:
        return day_by_day.rows(
            "select day(as_of_date), policy_stage, is_open, record_status, amount_corporate::double "
            f"from core.fct_opportunity_days where opportunity_id = 'salesforce:main:{opportunity}' order by as_of_date"
        )

    assert days(LOST) == [(5, "qualification", True, "active", 50.0), (6, "lost", False, "active", 50.0)]
    # Half the rate, twice the money; the amount itself is raised on the twelfth.
    assert days(EURO) == [
        (day, "qualification", True, "active", amount)
        for day, amount in zip(range(4, 14), [200.0] * 4 + [125.0] * 4 + [250.0] * 2, strict=True)
    ]
    assert days(LATE) == [(day, "unmapped", True, "active", 30.0) for day in range(7, 14)]
    assert days(GONE) == [
        *((day, "qualification", True, "active", 70.0) for day in range(6, 10)),
        (10, "qualification", False, "deleted", 70.0),
    ]


def test_what_had_been_said_of_a_day_is_on_the_list_of_corrections(day_by_day: SmallCompany) -> None:
    corrections = Counter(
        day_by_day.rows(
            "select split_part(subject_id, ':', 3), day(subject_date), column_name, old_value, new_value "
            "from intermediate.int_stage__opportunity_days_restated "
            "where column_name in ('is_reported', 'is_open', 'amount_corporate') and (column_name = 'is_reported' "
            "or (old_value is not null and new_value is not null))"
        )
    )
    assert corrections == Counter(
        [
            (LOST, 6, "is_open", "true", "false"),
            (LOST, 7, "is_reported", "true", "false"),
            (LOST, 8, "is_reported", "true", "false"),
            (LATE, 7, "is_reported", "false", "true"),
            (LATE, 8, "is_reported", "false", "true"),
            (EURO, 8, "amount_corporate", "200.00", "125.00"),
        ]
    )


def test_corrections_name_the_day_they_were_found_for(day_by_day: SmallCompany) -> None:
    found = day_by_day.rows(
        "select distinct day(subject_date) < 7, detected_as_of from intermediate.int_stage__opportunity_days_restated"
    )
    assert sorted(found) == [(False, date(2026, 3, 10)), (True, date(2026, 3, 6))]


def test_a_full_refresh_keeps_the_corrections(day_by_day: SmallCompany, at_once: SmallCompany) -> None:
    query = "select * from intermediate.int_stage__opportunity_days_restated order by all"
    assert at_once.rows(query) == day_by_day.rows(query) != []
