"""The gap scan: on the sample company it finds what was planted and nothing else, and gaps live over several days.

The lives are tried on a few days of a made-up engagement: what the rules found is written by hand, and dbt builds the tables
that are kept, a day at a time.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from revhouse.ground_truth import Comparison
from tests.dbt_project.conftest import DbtRun, SampleCompany

KEPT = ("fct_gap_days", "fct_node_scans", "fct_gaps")


# --- the sample company ---------------------------------------------------------------------------------------------------


def test_what_was_planted_is_found_and_nothing_else(compared: Comparison) -> None:
    assert [rule for rule in compared.rules if not rule.is_exact] == []
    assert (compared.missed, compared.too_many) == ([], [])


@pytest.mark.parametrize(
    ("gap_kind", "count"),
    [
        # What an engagement adds itself is planted apart from what policy asks for.
        ("asset_missing", 163 + 4),
        ("asset_unreadable", 9),
        ("asset_ambiguous", 1),
        # A track that blueprint.yaml does not name is told by the CRM.
        ("track_unknown", 0),
    ],
)
def test_gaps_are_as_many_as_were_planted(compared: Comparison, gap_kind: str, count: int) -> None:
    gaps = compared.rule("gap_kind", gap_kind)

    assert (gaps.planted, gaps.found, gaps.right) == (count, count, count)


def test_every_kind_of_gap_is_planted_but_one(compared: Comparison, company_built: SampleCompany) -> None:
    assert [rule.rule for rule in compared.of("gap_kind") if not rule.planted] == ["track_unknown"]
    assert company_built.truth("governance", "track_missing")


def test_every_checklist_item_has_something_to_find(compared: Comparison) -> None:
    items = compared.of("checklist_item")

    assert len(items) == 65
    assert [rule.rule for rule in items if not rule.planted] == []


def test_the_truth_tells_of_every_gap(compared: Comparison) -> None:
    """It is silent about what nobody can be certain of: there, too, nothing is said to be wrong."""
    assert compared.untold_gaps == 0
    assert {finding.outcome for finding in compared.untold} == {"not_applicable", "insufficient_data"}


def test_a_conditional_blueprint_is_asked_for_by_the_signal_that_fired(company_built: SampleCompany) -> None:
    fired = [
        row for row in company_built.truth("governance", "blueprint_not_instantiated") if "signal" in row["detail"]
    ]
    rows = company_built.rows(
        "select realm || '/' || node as node, subject, reason from governance.fct_gap_days "
        "where gap_kind = 'blueprint_not_instantiated' and gap_state = 'open'"
    )
    reasons = {(row["node"], row["subject"]): row["reason"] for row in rows}
    signals = company_built.rows("select node_id, signal_key from governance.fct_signals where subject_type = 'node'")
    on = {(row["node_id"], row["signal_key"]) for row in signals}

    assert len(fired) == 3
    for row in fired:
        blueprint, signal = row["detail"]["blueprint"], row["detail"]["signal"]
        assert (f"infohub:main:{row['subject_id']}", f"{blueprint}/{signal}") in on
        # Named is the signal that fired first, which need not be that one.
        assert f"which is needed: {blueprint}/" in reasons[row["subject_id"], blueprint]
    # Files and items of such a blueprint are asked for as if blueprint.yaml named it.
    asked = company_built.rows(
        "select distinct realm || '/' || node as node, blueprint from governance.fct_checklist_results where is_required"
    )
    assert {(row["subject_id"], row["detail"]["blueprint"]) for row in fired} <= {
        (row["node"], row["blueprint"]) for row in asked
    }


def test_what_cannot_be_told_is_a_gap_only_where_no_other_gap_says_why(compared: Comparison) -> None:
    for gap_kind, section in (
        ("checklist_evidence_missing", "checklist_status"),
        ("cadence_evidence_missing", "duty_status"),
    ):
        gaps, outcomes = compared.rule("gap_kind", gap_kind), compared.rule(section, "insufficient_data")
        assert 0 < gaps.found < outcomes.found


def test_waivers_in_force_waive_and_those_that_ended_do_not(company_built: SampleCompany) -> None:
    rows = company_built.rows(
        "select realm || '/' || node as node, item, status, status_before_waiver, reason, waiver_expires_date "
        "from governance.fct_checklist_results where status = 'waived' or reason like '%waiver%'"
    )
    results = {(row["node"], row["item"]): row for row in rows}
    waivers = company_built.truth("governance", "waiver")
    active = {(row["subject_id"], row["detail"]["item"]) for row in waivers if row["expected"] == "active"}

    assert len(active) == 16
    assert {key for key, row in results.items() if row["status"] == "waived"} == active
    for row in waivers:
        key = row["subject_id"], row["detail"]["item"]
        if row["expected"] == "active":
            assert str(results[key]["waiver_expires_date"]) == row["detail"]["expires_on"]
        elif key in results:
            assert f"ended on {row['detail']['expires_on']}" in results[key]["reason"]
    for row in company_built.truth("governance", "checklist_item"):
        if row["expected"] == "waived":
            assert (
                results[row["subject_id"], row["detail"]["item"]]["status_before_waiver"]
                == row["detail"]["unwaived_status"]
            )


def test_every_node_answers_for_every_item(company_built: SampleCompany) -> None:
    (counts,) = company_built.rows(
        "select count(*) as results, count(distinct node_id) as nodes, count(case when trim(reason) <> '' then 1 end) as reasons "
        "from governance.fct_checklist_results"
    )

    assert counts == {"results": 204 * 65, "nodes": 204, "reasons": 204 * 65}


# --- lives of gaps --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Day:
    """What the rules found on a day: gaps by name with their state, and whether enough could be assessed."""

    gaps: dict[str, str]
    is_conclusive: bool = True


LIFE = {
    "2026-06-01": Day({"old": "open", "waived": "open", "back": "open"}),
    "2026-06-02": Day({"old": "open", "waived": "waived", "back": "open", "new": "open"}),
    # Most of the engagement could not be read: nothing is closed, and nothing is said of what is not seen.
    "2026-06-03": Day({"new": "open"}, is_conclusive=False),
    "2026-06-04": Day({"old": "unassessed", "waived": "waived", "new": "open"}),
    "2026-06-06": Day({"old": "open", "waived": "open", "back": "open"}),
}
WRONG = Day({"old": "open", "invented": "open"})


class Engagement:
    """A warehouse in which the rules' findings are written by hand, and the tables that are kept are built by dbt."""

    def __init__(self, folder: Path, dbt: Callable[..., DbtRun], empty: DbtRun) -> None:
        self.folder = folder
        self.dbt = dbt
        shutil.copy(empty.folder / "warehouse.duckdb", folder / "warehouse.duckdb")

    def scan(self, day: str, findings: Day, *arguments: str) -> None:
        with duckdb.connect(str(self.folder / "warehouse.duckdb")) as connection:
            for table in (
                "int_infohub__nodes_resolved",
                "int_governance__gaps_found",
                "int_governance__dimensions_scored",
            ):
                connection.execute(f"delete from intermediate.{table}")
            connection.execute(
                "insert into intermediate.int_infohub__nodes_resolved "
                "(node_id, source_instance, realm, node, archetype, track, track_reason, is_ended) "
                "values ('N', 'main', 'ACME', 'DEAL', 'pre_sales_governance', 'premium', 'Named.', false)"
            )
            connection.execute("delete from intermediate.int_governance__nodes_weighed")
            connection.execute(
                "insert into intermediate.int_governance__nodes_weighed (node_id, is_scope_known) values ('N', true)"
            )
            assessed = 4 if findings.is_conclusive else 1
            connection.execute(
                "insert into intermediate.int_governance__dimensions_scored "
                "(node_id, dimension, status, pass_count, fail_count, manual_count, insufficient_data_count, too_early_count, "
                "waived_count, applicable_count, assessed_count, rated_count, maximum_points, points) "
                "values ('N', 'assets', 'fail', 2, 2, 0, 0, 0, 0, 4, ?, 4, 100, 50)",
                [assessed],
            )
            for name, state in findings.gaps.items():
                connection.execute(
                    "insert into intermediate.int_governance__gaps_found (gap_id, node_id, source_instance, realm, node, dimension, "
                    "gap_kind, subject, gap_state, status, severity, owner_role, due_days) "
                    "values (?, 'N', 'main', 'ACME', 'DEAL', 'assets', 'asset_missing', ?, ?, 'fail', 'error', 'account_executive', 3)",
                    [f"ACME/DEAL|asset_missing|{name}", name, state],
                )
        run = self.dbt(self.folder, "run", "--select", *KEPT, *arguments, variables={"as_of": day})
        assert run.succeeded, run.output

    def table(self, name: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.folder / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(f"select * from governance.{name} order by all").fetchall()

    def lives(self) -> dict[str, tuple[Any, ...]]:
        with duckdb.connect(str(self.folder / "warehouse.duckdb"), read_only=True) as connection:
            rows = connection.execute(
                "select subject, gap_status, first_seen_date, last_seen_date, resolved_date, regression_count, due_date, is_overdue "
                "from governance.fct_gaps"
            ).fetchall()
        return {row[0]: row[1:] for row in rows}


@pytest.fixture(scope="module")
def in_order(
    dbt: Callable[..., DbtRun], empty: DbtRun, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Engagement, dict[str, dict[str, tuple[Any, ...]]]]:
    """The engagement scanned day after day, and the lives that were told on each day."""
    engagement = Engagement(tmp_path_factory.mktemp("in_order"), dbt, empty)
    told = {}
    for day, findings in LIFE.items():
        engagement.scan(day, findings)
        told[day] = engagement.lives()
    return engagement, told


def june(day: int) -> date:
    return date(2026, 6, day)


def test_a_gap_appears_is_waived_opens_again_is_resolved_and_comes_back(in_order: Any) -> None:
    _, told = in_order

    assert told["2026-06-01"] == {
        "old": ("open", june(1), june(1), None, 0, june(4), False),
        "waived": ("open", june(1), june(1), None, 0, june(4), False),
        "back": ("open", june(1), june(1), None, 0, june(4), False),
    }
    assert told["2026-06-02"]["waived"] == ("waived", june(1), june(2), None, 0, None, False)
    assert told["2026-06-02"]["new"] == ("open", june(2), june(2), None, 0, june(5), False)
    # The scan of the third was not conclusive.
    assert told["2026-06-03"]["back"] == ("open", june(1), june(2), None, 0, june(4), False)
    assert told["2026-06-03"]["old"] == ("open", june(1), june(2), None, 0, june(4), False)
    # That of the fourth was; the old gap could not be looked for.
    assert told["2026-06-04"]["back"] == ("resolved", june(1), june(2), june(4), 0, june(4), False)
    assert told["2026-06-04"]["old"] == ("open", june(1), june(2), None, 0, june(4), False)
    assert told["2026-06-06"] == {
        "old": ("open", june(1), june(6), None, 0, june(4), True),
        # What is due counts from the day on which the waiver had ended.
        "waived": ("open", june(1), june(6), None, 0, june(9), False),
        "back": ("open", june(1), june(6), None, 1, june(9), False),
        "new": ("resolved", june(2), june(4), june(6), 0, june(5), False),
    }


def test_the_order_in_which_days_are_scanned_does_not_matter(
    in_order: Any, dbt: Callable[..., DbtRun], empty: DbtRun, tmp_path: Path
) -> None:
    """Days before others that are there, a day written twice, the first time wrongly, and a full refresh in between."""
    straight, _ = in_order
    engagement = Engagement(tmp_path, dbt, empty)
    engagement.scan("2026-06-04", LIFE["2026-06-04"])
    engagement.scan("2026-06-02", WRONG)
    engagement.scan("2026-06-01", LIFE["2026-06-01"], "--full-refresh")
    engagement.scan("2026-06-03", LIFE["2026-06-03"])
    engagement.scan("2026-06-02", LIFE["2026-06-02"])
    engagement.scan("2026-06-06", LIFE["2026-06-06"])

    for name in KEPT:
        assert engagement.table(name) == straight.table(name), name


def test_a_past_day_is_told_without_what_came_later(in_order: Any) -> None:
    straight, told = in_order
    straight.scan("2026-06-02", LIFE["2026-06-02"])

    assert straight.lives() == told["2026-06-02"]


def test_writing_a_day_without_gaps_takes_away_those_that_it_had(
    dbt: Callable[..., DbtRun], empty: DbtRun, tmp_path: Path
) -> None:
    engagement = Engagement(tmp_path, dbt, empty)
    engagement.scan("2026-06-01", WRONG)
    engagement.scan("2026-06-01", Day({}))

    assert engagement.table("fct_gap_days") == []
    assert engagement.lives() == {}


def wrong_weights(rows: Iterable[dict[str, str]]) -> list[str]:
    totals: dict[str, int] = {}
    for row in rows:
        totals[row["archetype"]] = totals.get(row["archetype"], 0) + int(row["weight_points"])
    return [archetype for archetype, total in totals.items() if total != 100]


def test_weights_of_the_score_add_up_to_a_hundred(project: Path) -> None:
    import csv

    with (project / "dbt_project/seeds/policy/governance_score_weights.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    assert {row["archetype"] for row in rows} == {"pre_sales_governance", "post_sales_governance", "unknown"}
    assert wrong_weights(rows) == []
    assert wrong_weights([{**rows[0], "weight_points": "9"}, *rows[1:]]) == [rows[0]["archetype"]]
