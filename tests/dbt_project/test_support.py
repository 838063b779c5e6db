"""Support cases of the sample company against what was planted in it: nothing missed and nothing made up."""

from __future__ import annotations

import pytest

from tests.dbt_project.conftest import SampleCompany

Case = tuple[str, str, str]

# What each planted word says of a case. `unsolved` there means never solved: a case that was opened again is `reopened`.
CONDITIONS = {
    "ticket_escalated": "is_escalated",
    "ticket_unsolved": "is_unsolved and first_solved_at is null",
    "ticket_reopened": "reopen_count > 0",
    "ticket_rated_bad": "satisfaction = 'bad'",
    "ticket_deleted": "is_deleted",
}
# What no export tells: Freshdesk's tickets come without their ratings, and Intercom has no word for deleted.
UNTOLD = {("ticket_rated_bad", "freshdesk"), ("ticket_deleted", "intercom")}


@pytest.mark.parametrize("fact", CONDITIONS)
def test_each_planted_case_is_found_and_no_other(company_built: SampleCompany, fact: str) -> None:
    planted = {
        (row["source_system"], row["source_instance"], row["subject_id"])
        for row in company_built.truth("support", fact)
        if (fact, row["source_system"]) not in UNTOLD
    }
    found = {
        tuple(row.values())
        for row in company_built.rows(
            "select source_system, source_instance, source_case_number from core.dim_support_cases "
            f"where {CONDITIONS[fact]}"
        )
    }

    assert found == planted


def test_a_case_is_the_account_s_whose_organization_asked(company_built: SampleCompany) -> None:
    accounts = {
        (row["source_system"], row["source_instance"], row["source_case_number"]): row["account_id"]
        for row in company_built.rows("select * from core.dim_support_cases where account_id is not null")
    }
    planted = [
        (row["detail"]["account"], accounts[case])
        for row in company_built.truth("support")
        if (case := (row["source_system"], row["source_instance"], row["subject_id"])) in accounts
    ]

    assert len(planted) > 500
    assert [(account, found) for account, found in planted if found.rpartition(":")[2] != account] == []


def test_a_reopening_is_dated(company_built: SampleCompany) -> None:
    reopened = {
        (row["source_system"], row["source_case_number"], str(row["as_of_date"]))
        for row in company_built.rows(
            "select source_system, source_case_number, cast(valid_from_at as date) as as_of_date "
            "from intermediate.int_support__case_versions_reconstructed "
            "join core.dim_support_cases using (support_case_id) "
            "where is_reopening"
        )
    }
    planted = {
        (row["source_system"], row["subject_id"], row["on_date"])
        for row in company_built.truth("support", "ticket_reopened")
    }

    assert {system for system, _, _ in planted} == {"zendesk", "jira_service_management", "freshdesk", "intercom"}
    assert reopened == planted


def test_entries_that_come_by_themselves_and_inside_their_issues_count_once(company_built: SampleCompany) -> None:
    """Changes of status come both ways, and who was given an issue when it came in only inside of it."""
    (counted,) = company_built.rows(
        """
        select
            (select count(*) from staging.stg_jira_service_management__issue_changes) as entries,
            (select count(changelog) from staging.stg_versions__jira_service_management_issues) as histories,
            (
                select cast(sum(json_array_length(changelog, '$.histories')) as integer)
                from staging.stg_versions__jira_service_management_issues
            ) as embedded_entries,
            count(*) filter (where field_name = 'status') as status_changes,
            count(*) filter (where field_name = 'assignee' and new_source_value = cases.assignee_id) as assignments,
            count(*) as changes
        from intermediate.int_support__logged_changes_unioned
        join intermediate.int_support__cases_conformed as cases using (support_case_id)
        where cases.source_system = 'jira_service_management'
        """
    )

    assert counted["embedded_entries"] > 2 * counted["histories"] > 200
    assert counted["status_changes"] == counted["entries"]
    assert counted["assignments"] == counted["histories"]
    assert counted["changes"] == counted["entries"] + counted["histories"]


def test_a_conversation_is_handed_to_a_teammate_and_not_to_the_team(company_built: SampleCompany) -> None:
    (counted,) = company_built.rows(
        """
        select
            count(*) as assignments,
            count(distinct support_case_id) as conversations,
            count(*) filter (where new_source_value is distinct from cases.assignee_id) as others
        from intermediate.int_support__logged_changes_unioned
        join intermediate.int_support__cases_conformed as cases using (support_case_id)
        where cases.source_system = 'intercom' and field_name = 'assignee'
        """
    )

    assert counted["conversations"] > 300
    assert (counted["assignments"], counted["others"]) == (counted["conversations"], 0)


def test_a_deleted_case_existed_before_it_was_deleted(company_built: SampleCompany) -> None:
    deleted = company_built.rows(
        """
        select
            source_case_number,
            cast(deleted_at as date) as deleted_date,
            (
                select status from intermediate.int_support__case_versions_reconstructed as versions
                where versions.support_case_id = cases.support_case_id and version_number = 1
            ) as first_status,
            (
                select status from core.fct_support_case_days as days
                where days.support_case_id = cases.support_case_id and is_deleted_on_day
            ) as status_of_the_day
        from core.dim_support_cases as cases
        where is_deleted
        """
    )
    planted = {
        (row["subject_id"], row["on_date"])
        for row in company_built.truth("support", "ticket_deleted")
        if row["source_system"] == "zendesk"
    }

    assert {(row["source_case_number"], str(row["deleted_date"])) for row in deleted} == planted
    assert {(row["first_status"], row["status_of_the_day"]) for row in deleted} == {("new", "deleted")}


def test_every_word_of_the_desks_is_known_to_the_policy(company_built: SampleCompany) -> None:
    assert company_built.rows("select * from intermediate.int_support__codes_mapped where not is_mapped") == []


def test_durations_are_those_that_the_desk_tells(company_built: SampleCompany) -> None:
    differing = company_built.rows(
        """
        select cases.support_case_id, cases.first_reply_calendar_minutes, metrics.first_reply_calendar_minutes as told,
            cases.full_resolution_calendar_minutes, metrics.full_resolution_calendar_minutes as told_in_full
        from core.dim_support_cases as cases
        join staging.stg_zendesk__ticket_metrics as metrics on metrics.ticket_id = cases.source_case_id
        where cases.source_system = 'zendesk' and not cases.is_unsolved and not cases.is_deleted
            and (
                cases.first_reply_calendar_minutes is distinct from metrics.first_reply_calendar_minutes
                or cases.full_resolution_calendar_minutes is distinct from metrics.full_resolution_calendar_minutes
            )
        """
    )

    assert differing == []
