"""Activities of the sample company: who owned what when they happened, and where silence means that nothing is known."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.dbt_project.conftest import AS_OF, SampleCompany

FIRST_EXPORT_REACHES_BACK_TO = date(2025, 5, 1)
"""The first export is of 2026-04-30, and the vendor leaves out what is older than 365 days."""


@pytest.fixture(scope="session")
def owners(company_built: SampleCompany) -> dict[str, list[dict[str, Any]]]:
    """What was done for each account of which the truth says that its owner changed, with both moments and owners."""
    done: dict[str, list[dict[str, Any]]] = {}
    for row in company_built.rows("select * from intermediate.int_activities__activities_conformed"):
        done.setdefault((row["account_record_id"] or "").rpartition(":")[2], []).append(row)
    return done


def test_an_activity_keeps_its_own_owner(company_built: SampleCompany, owners: dict[str, list[dict[str, Any]]]) -> None:
    """Whoever has left owns nothing that was entered later, and the successor nothing that was entered before."""
    wrong = []
    checked = 0
    for fact in company_built.truth("account", "account_owner_changed"):
        changed_on = date.fromisoformat(fact["on_date"])
        for activity in owners.get(fact["subject_id"], []):
            owner = activity["owner_record_id"].rpartition(":")[2]
            if owner in (fact["expected"], fact["detail"]["owner_before"]):
                checked += 1
                expected = (
                    fact["expected"] if activity["created_at"].date() >= changed_on else fact["detail"]["owner_before"]
                )
                wrong += [(activity["activity_id"], owner, expected)] if owner != expected else []

    assert checked > 100
    assert wrong == []


def test_an_account_s_owner_is_observed_from_the_change_on_and_marked_before(
    company_built: SampleCompany, owners: dict[str, list[dict[str, Any]]]
) -> None:
    """Every change of owner lies before the first export: no version of an account shows the owner who left."""
    wrong = []
    for fact in company_built.truth("account", "account_owner_changed"):
        for activity in owners.get(fact["subject_id"], []):
            happened_at = activity["activity_at"] or activity["created_at"]
            if happened_at.date() < date.fromisoformat(fact["on_date"]):
                if activity["account_owner_basis"] != "carried_back":
                    wrong.append((activity["activity_id"], "before", activity["account_owner_basis"]))
            elif (
                activity["account_owner_basis"] == "observed"
                and activity["account_owner_record_id"] != f"salesforce:main:{fact['expected']}"
            ):
                wrong.append((activity["activity_id"], "after", activity["account_owner_record_id"]))

    assert wrong == []


def test_where_activities_were_archived_coverage_is_partial(company_built: SampleCompany) -> None:
    coverage = {
        row["account_record_id"].rpartition(":")[2]: row
        for row in company_built.rows("select * from intermediate.int_activities__coverage_started")
    }
    archived = company_built.truth("coverage", "activities_archived")

    for fact in archived:
        assert coverage[fact["subject_id"]]["coverage_status"] == "partial", fact
        assert date.fromisoformat(fact["on_date"]) < coverage[fact["subject_id"]]["known_from_date"], fact
    known_from = {row["known_from_date"] for row in coverage.values() if row["coverage_status"] == "partial"}
    assert known_from == {FIRST_EXPORT_REACHES_BACK_TO}


def test_of_a_crm_that_exports_no_activities_nothing_is_known(company_built: SampleCompany) -> None:
    statuses = company_built.rows(
        "select distinct source_system, coverage_status from intermediate.int_activities__coverage_started "
        "where coverage_status = 'none' or source_system = 'hubspot'"
    )

    assert statuses == [{"source_system": "hubspot", "coverage_status": "none"}]


def test_a_task_counts_on_the_day_it_was_done_and_not_on_the_day_it_was_due(company_built: SampleCompany) -> None:
    (counted,) = company_built.rows(
        """
        select
            count(*) filter (where activity_date <> due_date) as done_on_another_day,
            count(*) filter (where activity_date <> cast(activity_at as date)) as dated_otherwise,
            count(*) filter (where not is_completed and activity_date is not null) as open_and_dated
        from intermediate.int_activities__activities_conformed
        where source_object = 'task'
        """
    )

    assert counted["done_on_another_day"] > 0
    assert (counted["dated_otherwise"], counted["open_and_dated"]) == (0, 0)


def test_a_meeting_of_next_week_is_no_touch_yet(company_built: SampleCompany) -> None:
    meetings = company_built.rows(
        "select activity_date, is_completed, is_touch from intermediate.int_activities__activities_conformed "
        "where activity_kind = 'meeting'"
    )

    assert {row["is_touch"] for row in meetings if row["activity_date"] > AS_OF} == {False}
    assert {row["is_touch"] for row in meetings if row["activity_date"] <= AS_OF} == {True}


def test_every_activity_is_somebody_s_and_some_account_s(company_built: SampleCompany) -> None:
    assert (
        company_built.rows(
            "select activity_id from intermediate.int_activities__activities_conformed "
            "where account_id is null or owner_record_id is null or account_owner_record_id is null"
        )
        == []
    )


def test_a_deal_s_owner_is_the_one_of_that_day(company_built: SampleCompany) -> None:
    done: dict[str, list[dict[str, Any]]] = {}
    for row in company_built.rows(
        "select opportunity_id, coalesce(activity_at, created_at) as happened_at, opportunity_owner_record_id "
        "from intermediate.int_activities__activities_conformed where opportunity_id is not null"
    ):
        done.setdefault(row["opportunity_id"].rpartition(":")[2], []).append(row)
    wrong = []
    checked = 0
    for fact in company_built.truth("waterfall", "deal_owner_changed"):
        changed_on = date.fromisoformat(fact["on_date"])
        for activity in done.get(fact["subject_id"], []):
            is_new_owner = activity["opportunity_owner_record_id"] == f"salesforce:main:{fact['expected']}"
            happened_on = activity["happened_at"].date()
            if happened_on != changed_on:
                checked += 1
                wrong += [(fact["subject_id"], activity)] if is_new_owner != (happened_on > changed_on) else []

    assert checked > 50
    assert wrong == []
