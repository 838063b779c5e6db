"""Cadences, declared values, assets and tracks of the sample company, against what was planted: all of it, and nothing else."""

from __future__ import annotations

from typing import Any

from revhouse.ground_truth import Comparison
from tests.dbt_project.conftest import SampleCompany

NAME = "realm || '/' || node as name"


def rows_by_name(company: SampleCompany, query: str, *key: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    rows = company.rows(query)
    found = {tuple(row[name] for name in ("name", *key)): row for row in rows}
    assert len(found) == len(rows), "a row is there twice"
    return found


# --- cadences ---------------------------------------------------------------------------------------------------------------


def test_every_duty_is_judged_as_it_was_planted(compared: Comparison) -> None:
    outcomes = compared.of("duty_status")

    assert {rule.rule for rule in outcomes} == {"pass", "fail", "too_early", "not_applicable", "insufficient_data"}
    assert [rule for rule in (*outcomes, *compared.of("duty")) if not rule.is_exact] == []


def test_the_last_time_of_a_duty_is_the_one_that_was_planted(company_built: SampleCompany) -> None:
    found = rows_by_name(company_built, f"select {NAME}, * from governance.fct_cadence_compliance", "duty")
    planted = [
        row for row in company_built.truth("governance", "cadence_overdue") if row["expected"] in ("on_time", "overdue")
    ]

    for row in planted:
        judged = found[row["subject_id"], row["detail"]["activity"]]
        last_date = judged["last_date"] and judged["last_date"].isoformat()
        assert (last_date, judged["days_ago"], judged["rhythm"]) == (
            row["detail"]["last_on"],
            row["detail"]["days_ago"],
            row["detail"]["rhythm"],
        )


def test_each_node_is_told_whether_its_scan_is_official(company_built: SampleCompany) -> None:
    """The day is a Tuesday and the last of June: a scan of the month and of the day, and none of the week."""
    (counted,) = company_built.rows(
        """
        select
            count(*) = (select count(*) from intermediate.int_infohub__nodes_resolved) as has_all_nodes,
            count(*) filter (where rhythm = 'monthly' and is_official_scan_day) as monthly_count,
            count(*) filter (where rhythm = 'daily' and is_official_scan_day) as daily_count,
            count(*) filter (where rhythm = 'weekly' and is_official_scan_day) as weekly_count,
            count(*) filter (where is_official_scan_day and flags.is_ended) as ended_count
        from (
            select flagged.*, nodes.is_ended
            from intermediate.int_governance__official_scan_days_flagged as flagged
            inner join intermediate.int_infohub__nodes_resolved as nodes using (node_id)
        ) as flags
        """
    )

    assert counted["has_all_nodes"]
    assert counted["monthly_count"] > 0
    assert counted["daily_count"] > 0
    assert counted["weekly_count"] == 0
    assert counted["ended_count"] == 0


# --- declared values --------------------------------------------------------------------------------------------------------


def test_every_value_that_a_file_gets_wrong_about_itself_is_found_and_no_other(compared: Comparison) -> None:
    assert compared.total("declared_value").planted > 0
    assert [rule for rule in compared.of("declared_value") if not rule.is_exact] == []


def test_what_agrees_is_counted_too(company_built: SampleCompany) -> None:
    rows = company_built.rows(
        """
        select recomputation, count(*) filter (where agrees) as agreeing, count(*) filter (where not agrees) as disagreeing
        from governance.fct_declared_vs_recomputed group by recomputation
        """
    )

    assert all(row["agreeing"] > row["disagreeing"] for row in rows)
    assert {row["recomputation"] for row in rows if row["disagreeing"]} == {
        *("weighted_sum", "same_number", "band", "difference", "count", "done_by_date", "order", "checklist_result"),
    }


# --- assets -----------------------------------------------------------------------------------------------------------------


def test_every_asset_has_the_problem_that_was_planted(compared: Comparison) -> None:
    """Of what is asked for; what is optional may be missing, low and stale."""
    problems = compared.of("asset_problem")

    assert {rule.rule for rule in problems} == {
        *("missing", "dropped_without_reason", "dropped", "unreadable", "ambiguous", "below_level", "stale"),
    }
    assert [rule for rule in problems if not rule.is_exact] == []


def test_problems_of_what_is_asked_for_fail_and_others_do_not(company_built: SampleCompany) -> None:
    rows = company_built.rows("select * from governance.fct_asset_status")

    for row in rows:
        is_wrong = row["problem"] not in ("none", "dropped", "later_version")
        assert (row["status_before_waiver"] == "fail") == (row["demand"] == "required" and is_wrong), row
        assert row["demand"] != "optional" or row["status"] == "not_applicable", row
        assert row["severity"] == "minimal" or row["track"] != "poc", row
        assert row["is_extra"] or (row["playbook"] and row["owner_role"]), row
