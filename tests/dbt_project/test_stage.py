"""Deals through time, against what was planted in the sample company: every move, change, gap and ending, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from tests.dbt_project.conftest import SampleCompany

Row = dict[str, Any]


def deal(fact: Row) -> str:
    return f"{fact['source_system']}:{fact['source_instance']}:{fact['subject_id']}"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z"))


def moves(company: SampleCompany) -> list[Row]:
    return company.rows("select * from intermediate.int_stage__stage_intervals_derived where direction <> 'created'")


def changes(company: SampleCompany, attribute: str) -> list[Row]:
    return company.rows(
        f"select * from intermediate.int_stage__opportunity_changes_unioned where attribute = '{attribute}' and has_old_value"
    )


def recorded(facts: Iterable[Row]) -> list[Row]:
    """Facts that some export tells of: history was switched on only after a month."""
    return [fact for fact in facts if fact["detail"].get("recorded", True)]


def begun_without_history(company: SampleCompany) -> set[tuple[str, datetime]]:
    """HubSpot deals that are older than their history, with its first moment: HubSpot tells what came then, not what had been."""
    facts = company.truth("stage", "history_starts_after_creation")
    return {(deal(fact), moment(fact["expected"])) for fact in facts if fact["source_system"] == "hubspot"}


def test_every_recorded_move_is_dated_to_the_second_and_no_other_is_told(company_built: SampleCompany) -> None:
    told = {
        (row["opportunity_id"], row["entered_at"], row["previous_policy_stage"], row["policy_stage"], row["direction"])
        for row in moves(company_built)
        if row["previous_policy_stage"] is not None
    }
    planted = {
        (deal(fact), moment(fact["detail"]["at"]), *fact["expected"].split(" > "), fact["detail"]["direction"])
        for fact in company_built.truth("stage", "stage_moved")
    }
    assert not told - planted
    # Of these the export has the moment and the stage that was entered, and nothing about the stage that was left.
    untold = planted - told
    assert {move[0] for move in untold} <= {it[0] for it in begun_without_history(company_built)}
    from_anywhere = {
        (row["opportunity_id"], row["entered_at"], row["policy_stage"])
        for row in moves(company_built)
        if row["previous_policy_stage"] is None
    }
    assert {(move[0], move[1], move[3]) for move in untold} <= from_anywhere
    assert len(untold) == len({move[0] for move in untold})


def test_a_move_of_which_only_the_end_is_known_is_a_planted_one(company_built: SampleCompany) -> None:
    """A deal that was closed before history began still says when it was closed, and as what."""
    copies = {deal(fact) for fact in company_built.truth("waterfall", "deal_merged")}
    told = {
        (row["opportunity_id"], row["entered_at"], row["policy_stage"])
        for row in moves(company_built)
        if row["previous_policy_stage"] is None and row["opportunity_id"] not in copies
    }
    planted = {
        (deal(fact), moment(fact["detail"]["at"]), fact["expected"].split(" > ")[1])
        for fact in company_built.truth("stage", "stage_moved", "stage_moved_unrecorded")
    }
    assert len(told) > 100
    assert not told - planted


def test_history_that_starts_late_leaves_the_time_before_it_unobserved(company_built: SampleCompany) -> None:
    for fact in company_built.truth("stage", "history_starts_after_creation"):
        first, *_ = company_built.rows(
            "select * from intermediate.int_stage__opportunity_versions_reconstructed "
            f"where opportunity_id = '{deal(fact)}' order by valid_from_at"
        )
        assert first["state_basis"] != "observed", first
        assert f"{first['created_at']:%Y-%m-%d}" == fact["detail"]["created_on"]
        assert first["valid_to_at"] == moment(fact["expected"])


def test_a_deal_that_never_changed_is_what_its_record_says_from_the_start(company_built: SampleCompany) -> None:
    for fact in company_built.truth("stage", "deal_never_changed"):
        rows = company_built.rows(
            "select stay_number, policy_stage, entered_date, is_current, previous_policy_stage "
            f"from intermediate.int_stage__stage_intervals_derived where opportunity_id = '{deal(fact)}'"
        )
        assert [(row["stay_number"], row["entered_date"], row["is_current"]) for row in rows] == [
            (1, date.fromisoformat(fact["on_date"]), True)
        ]


def test_two_changes_in_one_second_are_both_there(company_built: SampleCompany) -> None:
    for fact in company_built.truth("stage", "two_changes_in_one_second"):
        at = moment(fact["detail"]["at"])
        rows = company_built.rows(
            "select attribute from intermediate.int_stage__opportunity_changes_unioned "
            f"where opportunity_id = '{deal(fact)}' and changed_at = '{at}' and has_old_value "
            "and attribute in ('stage_name', 'amount') order by attribute"
        )
        assert [row["attribute"] for row in rows] == ["amount", "stage_name"]
        assert len(rows) == int(fact["expected"])


def test_out_and_back_in_a_day_is_two_changes_and_the_same_date_in_the_evening(company_built: SampleCompany) -> None:
    for fact in company_built.truth("stage", "pushed_out_and_back"):
        rows = [
            row
            for row in changes(company_built, "close_date")
            if row["opportunity_id"] == deal(fact) and f"{row['changed_date']}" == fact["on_date"]
        ]
        assert len(rows) == 2
        first, last = sorted(rows, key=lambda row: row["changed_at"])
        assert first["old_value"] == last["new_value"] == fact["detail"]["close_date"]
        days = company_built.rows(
            "select close_date, was_open from core.fct_opportunity_days "
            f"where opportunity_id = '{deal(fact)}' and as_of_date = '{fact['on_date']}'"
        )
        assert [f"{row['close_date']}" for row in days] == [fact["detail"]["close_date"]]


def test_every_recorded_change_of_amount_is_told_and_no_other(company_built: SampleCompany) -> None:
    told = {
        (row["opportunity_id"], row["changed_at"], float(row["new_value"]) - float(row["old_value"]))
        for row in changes(company_built, "amount")
    }
    # A HubSpot deal's first recorded amount has none before it that could have been higher or lower.
    planted = {
        (deal(fact), moment(fact["detail"]["at"]), float(fact["expected"]))
        for fact in recorded(company_built.truth("waterfall", "amount_raised", "amount_lowered"))
        if (deal(fact), moment(fact["detail"]["at"])) not in begun_without_history(company_built)
    }
    assert told == planted


def test_every_recorded_push_is_told_and_no_other_but_those_of_closing(company_built: SampleCompany) -> None:
    told = {
        (row["opportunity_id"], row["changed_at"]): (
            date.fromisoformat(row["new_value"]) - date.fromisoformat(row["old_value"])
        ).days
        for row in changes(company_built, "close_date")
    }
    planted = {
        (deal(fact), moment(fact["detail"]["at"])): int(fact["expected"])
        for fact in recorded(company_built.truth("waterfall", "close_date_pushed", "close_date_pulled_in"))
    }
    assert set(planted) - set(told) <= begun_without_history(company_built)
    assert all(told[change] == days for change, days in planted.items() if change in told)
    # Closing a deal sets its close date to the day, which is no push.
    closings = {
        (row["opportunity_id"], row["entered_at"])
        for row in moves(company_built)
        if row["policy_stage"] in ("won", "lost", "no_decision")
    }
    assert not set(told) - set(planted) - closings


def test_every_new_owner_is_told_and_no_other(company_built: SampleCompany) -> None:
    told = {
        (row["opportunity_id"], row["changed_at"], row["new_value"].split(":")[2])
        for row in changes(company_built, "owner_record_id")
    }
    planted = {
        (deal(fact), moment(fact["detail"]["at"]), fact["expected"])
        for fact in recorded(company_built.truth("waterfall", "deal_owner_changed"))
    }
    assert told == planted


def test_every_recorded_ending_is_told_as_what_it_was(company_built: SampleCompany) -> None:
    copies = {deal(fact) for fact in company_built.truth("waterfall", "deal_merged")}
    for fact, directions in (
        ("deal_won", ("won",)),
        ("deal_lost", ("lost",)),
        ("deal_no_decision", ("no_decision",)),
        ("deal_reopened", ("reopened",)),
    ):
        told = {
            (row["opportunity_id"], row["entered_at"])
            for row in moves(company_built)
            if row["direction"] in directions and row["opportunity_id"] not in copies
        }
        facts = company_built.truth("waterfall", fact)
        assert {(deal(it), moment(it["detail"]["at"])) for it in recorded(facts)} <= told
        assert told <= {(deal(it), moment(it["detail"]["at"])) for it in facts}


def test_deleted_restored_merged_and_archived_deals_are_kept_apart(company_built: SampleCompany) -> None:
    told = {
        (row["opportunity_id"], row["old_value"], row["new_value"]): row["changed_date"]
        for row in changes(company_built, "record_status")
    }
    for fact, old, new in (
        ("deal_deleted", "active", "deleted"),
        ("deal_merged", "active", "merged"),
        ("deal_archived", "active", "archived"),
    ):
        planted = {
            (deal(it), old, new): date.fromisoformat(it["on_date"]) for it in company_built.truth("waterfall", fact)
        }
        assert {key: day for key, day in told.items() if key[1:] == (old, new)} == planted
    restored = {deal(it): date.fromisoformat(it["on_date"]) for it in company_built.truth("waterfall", "deal_restored")}
    found = {key[0]: day for key, day in told.items() if key[1:] == ("deleted", "active")}
    # No export says when: the first version that is no longer deleted has the stamp of whatever came last.
    assert found.keys() == restored.keys()
    assert all(found[it] >= restored[it] for it in restored)
    merged = company_built.rows(
        "select opportunity_id, merged_into_opportunity_id, is_open, is_won "
        "from intermediate.int_stage__opportunities_valued where record_status = 'merged'"
    )
    winners = {deal(it): f"hubspot:acquired:{it['expected']}" for it in company_built.truth("waterfall", "deal_merged")}
    assert {row["opportunity_id"]: row["merged_into_opportunity_id"] for row in merged} == winners
    assert not any(row["is_open"] or row["is_won"] for row in merged)


def test_every_deal_without_a_rate_is_a_gap_and_no_other(company_built: SampleCompany) -> None:
    told = company_built.rows(
        "select opportunity_id, amount_corporate from intermediate.int_stage__opportunities_valued where rate_status = 'missing'"
    )
    planted = {deal(fact) for fact in company_built.truth("currency", "deal_without_rate")}
    assert {row["opportunity_id"] for row in told} == planted
    assert {row["amount_corporate"] for row in told} == {None}


def test_every_hole_in_the_rates_is_found_and_no_other(company_built: SampleCompany) -> None:
    told = company_built.rows("select * from intermediate.int_stage__rate_gaps_found")
    assert {
        (row["currency_code"], f"{row['gap_from_date']}", f"{row['gap_until_date']}")
        for row in told
        if row["gap_kind"] == "gap"
    } == {
        (fact["subject_id"], fact["detail"]["from"], fact["detail"]["until"])
        for fact in company_built.truth("currency", "rate_gap")
    }
    assert {row["currency_code"]: row["opportunity_count"] for row in told if row["gap_kind"] == "no_rates"} == {
        fact["subject_id"]: fact["detail"]["deals"]
        for fact in company_built.truth("currency", "currency_without_rates")
    }


def test_probabilities_are_ratios_whatever_they_were_written_as(company_built: SampleCompany) -> None:
    rows = company_built.rows(
        "select opportunity_id, probability_ratio from intermediate.int_stage__opportunities_valued"
    )
    told = {row["opportunity_id"]: row["probability_ratio"] for row in rows}
    assert all(0 <= probability <= 1 for probability in told.values())
    for fact in company_built.truth("row", "probability_as_ratio"):
        assert told[deal(fact)] == fact["detail"]["value"]


def test_stage_names_mean_what_was_planted_and_what_has_no_place_is_reported(company_built: SampleCompany) -> None:
    facts = company_built.truth("stage", "stage_policy")
    mapped = {
        (row["source_system"], row["pipeline"] or "", row["stage_name"]): row["policy_stage"]
        for row in company_built.rows("select * from policy.stage_map")
    }
    assert all(
        mapped.get((fact["source_system"], fact["detail"]["pipeline"], fact["subject_id"]), "unmapped")
        == fact["expected"]
        for fact in facts
    )
    for fact in company_built.truth("stage", "stage_renamed"):
        assert mapped[fact["source_system"], "", fact["subject_id"]] == fact["detail"]["policy_stage"]
    reported = {
        (row["source_system"], row["stage_name"]): row["current_opportunity_count"]
        for row in company_built.rows("select * from core.rpt_unmapped_stages")
    }
    stuck = company_built.truth("stage", "deal_in_removed_stage")
    assert set(reported) == {
        (fact["source_system"], fact["subject_id"]) for fact in company_built.truth("stage", "stage_removed")
    }
    assert sum(reported.values()) == len(stuck)
    kept = company_built.rows(
        "select opportunity_id, is_open from intermediate.int_stage__opportunities_valued where policy_stage = 'unmapped'"
    )
    assert {row["opportunity_id"] for row in kept} == {deal(fact) for fact in stuck}
    assert all(row["is_open"] for row in kept)


def test_every_deal_is_valued_once(company_built: SampleCompany) -> None:
    rows = company_built.rows(
        "select opportunity_id, account_id from intermediate.int_stage__opportunities_valued "
        "where record_status <> 'merged'"
    )
    told = [row["opportunity_id"] for row in rows]
    assert sorted(told) == sorted(deal(fact) for fact in company_built.truth("waterfall", "deal_created"))
    assert all(row["account_id"] for row in rows)
