"""A sample company of a few lines: what was planted and what was found are written by hand, and so are the figures."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from revhouse import cli, exits
from revhouse.ground_truth import Comparison, NotComparable, RuleResult, compare_with_truth
from revhouse.ground_truth_report import print_comparison

DEAL, BARE = "ACME/DEAL", "ACME/BARE"
FACT_COLUMNS = (
    *("fact_id", "area", "fact", "source_system", "source_instance"),
    *("subject_type", "subject_id", "on_date", "expected", "detail"),
)
# Of the tables that are read, the columns that are read. The deal is on the track economy, on which B02 and o.yaml are optional.
TABLES = """
create schema intermediate;
create schema governance;
create schema policy;
create table intermediate.int_infohub__nodes_resolved as
    from (values ('ACME', 'DEAL', 'economy'), ('ACME', 'BARE', 'economy')) as rows (realm, node, track);
create table policy.blueprint_tracks as
    from (values ('B01', 'economy', 'required'), ('B02', 'economy', 'optional'), ('B02', 'premium', 'required'))
        as rows (blueprint, track, requirement);
create table policy.assets as
    from (values ('a.yaml', 'B01'), ('b.yaml', 'B01'), ('o.yaml', 'B01'), ('c.yaml', 'B02')) as rows (asset_path, blueprint);
create table policy.asset_track_levels as
    from (values ('a.yaml', 'economy', 'required'), ('o.yaml', 'economy', 'optional'), ('a.yaml', 'premium', 'optional'))
        as rows (asset_path, track, requirement);
create table policy.checklist_items as
    from (values ('B01', 'ONE'), ('B01', 'TWO'), ('B02', 'ONE')) as rows (blueprint, item);
create table policy.cadence_duties as from (values ('review'), ('call')) as rows (duty);
create table policy.gap_kinds as
    from (
        values
        ('blueprint_missing', 1, 'engagement'), ('archetype_unknown', 3, 'engagement'), ('asset_missing', 6, 'assets'),
        ('asset_below_level', 9, 'assets'), ('asset_stale', 10, 'assets'), ('asset_dropped_without_reason', 11, 'assets'),
        ('checklist_failed', 12, 'checklist'), ('attestation_missing', 13, 'checklist'),
        ('checklist_evidence_missing', 14, 'checklist'), ('cadence_overdue', 15, 'cadence'),
        ('cadence_evidence_missing', 16, 'cadence')
    ) as rows (gap_kind, sort_order, dimension);
create table governance.fct_gap_days (
    as_of_date date, gap_kind varchar, realm varchar, node varchar, subject varchar, gap_state varchar
);
create table governance.fct_checklist_results (
    as_of_date date, realm varchar, node varchar, blueprint varchar, item varchar, status varchar
);
create table governance.fct_cadence_compliance (realm varchar, node varchar, duty varchar, status varchar);
create table governance.fct_asset_status (
    realm varchar, node varchar, asset_path varchar, demand varchar, is_extra boolean, problem varchar
);
create table governance.fct_declared_vs_recomputed (
    realm varchar, node varchar, file_path varchar, field varchar, declared_value varchar, recomputed_value varchar, agrees boolean
);
-- On any day there is a result of each item.
insert into governance.fct_checklist_results values ('2026-06-30', 'ACME', 'DEAL', 'B01', 'TWO', 'pass');
"""


class Company:
    """What was planted goes into ground_truth.csv, what was found into the warehouse."""

    def __init__(self, folder: Path) -> None:
        self.truth = folder / "ground_truth.csv"
        self.warehouse = folder / "warehouse.duckdb"
        self.facts: list[tuple[str, ...]] = []
        self.plant("checklist_item", "pass", blueprint="B01", item="TWO", asset="a.yaml")
        with duckdb.connect(str(self.warehouse)) as connection:
            connection.execute(TABLES)

    def plant(self, fact: str, expected: str, *, node: str = DEAL, day: str = "2026-06-30", **detail: Any) -> None:
        number = f"F{len(self.facts):07}"
        self.facts.append(
            (number, "governance", fact, "infohub", "main", "node", node, day, expected, json.dumps(detail))
        )
        with self.truth.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([FACT_COLUMNS, *self.facts])

    def find(self, table: str, *rows: tuple[Any, ...]) -> None:
        with duckdb.connect(str(self.warehouse)) as connection:
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"insert into governance.{table} values ({marks})", rows)

    def find_gaps(self, gap_kind: str, *subjects: str, node: str = DEAL, state: str = "open") -> None:
        rows = [("2026-06-30", gap_kind, *node.split("/"), subject, state) for subject in subjects]
        self.find("fct_gap_days", *rows)

    def compare(self) -> Comparison:
        return compare_with_truth(self.warehouse, self.truth)


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


def figures(rule: RuleResult) -> tuple[int, int, int]:
    return rule.planted, rule.found, rule.right


def test_a_gap_that_is_missed_one_too_many_and_a_right_one_are_told_apart(company: Company) -> None:
    for asset in ("a.yaml", "b.yaml"):
        company.plant("asset_stale", "40", asset=asset)
    company.find_gaps("asset_stale", "a.yaml", "x.yaml", "y.yaml")
    comparison = company.compare()
    stale = comparison.rule("gap_kind", "asset_stale")

    assert figures(stale) == (2, 3, 1)
    assert stale.precision == pytest.approx(1 / 3)
    assert stale.recall == pytest.approx(1 / 2)
    assert not comparison.is_exact
    gaps = [it for it in comparison.missed if it.section == "gap_kind"]
    assert [(it.node, it.subject) for it in gaps] == [(DEAL, "b.yaml")]
    assert [(it.node, it.subject) for it in comparison.too_many] == [(DEAL, "x.yaml"), (DEAL, "y.yaml")]


def test_a_gap_of_another_engagement_is_not_the_one_that_was_planted(company: Company) -> None:
    company.plant("asset_missing", "missing", asset="a.yaml")
    company.find_gaps("asset_missing", "a.yaml", node="ACME/OTHER")

    assert figures(company.compare().rule("gap_kind", "asset_missing")) == (1, 1, 0)


def test_only_gaps_that_are_open_on_the_day_are_found(company: Company) -> None:
    company.find_gaps("asset_missing", "a.yaml", state="waived")
    company.find("fct_gap_days", ("2026-06-29", "asset_missing", "ACME", "DEAL", "a.yaml", "open"))

    assert figures(company.compare().rule("gap_kind", "asset_missing")) == (0, 0, 0)


def test_an_item_with_another_outcome_than_planted_is_missed_and_too_many(company: Company) -> None:
    company.plant("checklist_item", "fail", blueprint="B01", item="ONE", asset="a.yaml")
    company.find("fct_checklist_results", ("2026-06-30", "ACME", "DEAL", "B01", "ONE", "manual"))
    comparison = company.compare()

    assert figures(comparison.rule("checklist_item", "B01/ONE")) == (1, 1, 0)
    assert figures(comparison.rule("checklist_status", "fail")) == (1, 0, 0)
    assert figures(comparison.rule("checklist_status", "manual")) == (0, 1, 0)
    assert figures(comparison.rule("checklist_status", "pass")) == (1, 1, 1)
    assert figures(comparison.rule("gap_kind", "checklist_failed")) == (1, 0, 0)


def test_a_rule_that_always_passes_finds_nothing(company: Company) -> None:
    company.plant("checklist_item", "fail", blueprint="B01", item="ONE", asset="a.yaml")
    company.find("fct_checklist_results", ("2026-06-30", "ACME", "DEAL", "B01", "ONE", "pass"))
    item = company.compare().rule("checklist_item", "B01/ONE")

    assert (*figures(item), item.precision, item.recall) == (1, 0, 0, None, 0)
    assert not item.is_exact


def test_a_rule_with_nothing_to_find_is_told_too(company: Company) -> None:
    comparison = company.compare()

    for section, rule in (("gap_kind", "cadence_overdue"), ("checklist_item", "B01/TWO"), ("duty", "call")):
        told = comparison.rule(section, rule)
        assert (*figures(told), told.precision, told.recall) == (0, 0, 0, None, None)
    assert comparison.is_exact


def test_what_is_optional_is_no_gap_and_finding_one_is_wrong(company: Company) -> None:
    company.plant("asset_stale", "40", asset="o.yaml")
    company.plant("asset_missing", "missing", asset="c.yaml")
    company.plant("checklist_item", "fail", blueprint="B02", item="ONE", asset="c.yaml")
    company.find("fct_checklist_results", ("2026-06-30", "ACME", "DEAL", "B02", "ONE", "fail"))
    assert company.compare().is_exact
    company.find_gaps("asset_stale", "o.yaml")
    comparison = company.compare()

    assert figures(comparison.rule("gap_kind", "asset_stale")) == (0, 1, 0)
    # Its outcome is looked at all the same.
    assert figures(comparison.rule("checklist_item", "B02/ONE")) == (1, 1, 1)


def test_what_an_engagement_adds_and_does_not_have_is_missing(company: Company) -> None:
    company.plant("customisation", "extra", asset="x.yaml", is_present=False)
    company.plant("customisation", "extra", asset="y.yaml", is_present=True)
    company.find_gaps("asset_missing", "x.yaml")
    company.find("fct_asset_status", ("ACME", "DEAL", "x.yaml", "required", True, "missing"))

    assert company.compare().is_exact


def test_what_is_dropped_without_a_reason_is_missing_as_well(company: Company) -> None:
    company.plant("customisation", "dropped_without_reason", asset="a.yaml")
    company.plant("asset_missing", "missing", asset="a.yaml")
    company.plant("customisation", "dropped", asset="b.yaml")
    company.find_gaps("asset_missing", "a.yaml")
    company.find_gaps("asset_dropped_without_reason", "a.yaml")
    company.find(
        "fct_asset_status",
        ("ACME", "DEAL", "a.yaml", "required", False, "dropped_without_reason"),
        ("ACME", "DEAL", "b.yaml", "required", False, "dropped"),
    )
    comparison = company.compare()

    assert comparison.is_exact
    assert comparison.total("gap_kind").planted == 2
    assert comparison.total("asset_problem").planted == 2


def test_of_an_asset_that_is_low_and_stale_the_level_is_told_first(company: Company) -> None:
    company.plant("asset_level", "template", asset="a.yaml", meets_demand=False)
    company.plant("asset_level", "basic", asset="b.yaml", meets_demand=True)
    company.plant("asset_level", "basic", asset="b.yaml", node="ACME/UNKNOWN", meets_demand=None)
    company.plant("asset_stale", "40", asset="a.yaml")
    company.find_gaps("asset_stale", "a.yaml")
    company.find_gaps("asset_below_level", "a.yaml")
    company.find("fct_asset_status", ("ACME", "DEAL", "a.yaml", "required", False, "below_level"))

    assert company.compare().is_exact


def test_what_cannot_be_told_is_a_gap_only_where_the_asset_is_none(company: Company) -> None:
    company.plant("asset_missing", "missing", asset="a.yaml")
    company.plant("asset_level", "template", asset="b.yaml", meets_demand=True)
    company.plant("checklist_item", "insufficient_data", blueprint="B01", item="ONE", asset="a.yaml")
    company.plant("cadence_overdue", "insufficient_data", activity="review", asset="a.yaml")
    company.plant("cadence_overdue", "insufficient_data", activity="call", asset="b.yaml")
    company.plant("cadence_overdue", "overdue", node="ACME/OTHER", activity="call", asset="b.yaml")
    comparison = company.compare()

    assert figures(comparison.rule("gap_kind", "checklist_evidence_missing")) == (0, 0, 0)
    assert figures(comparison.rule("gap_kind", "cadence_evidence_missing")) == (1, 0, 0)
    assert figures(comparison.rule("gap_kind", "cadence_overdue")) == (1, 0, 0)
    assert figures(comparison.rule("duty", "call")) == (2, 0, 0)
    assert figures(comparison.rule("checklist_item", "B01/ONE")) == (1, 0, 0)


def test_a_folder_that_the_crm_knows_nothing_of_has_no_blueprint(company: Company) -> None:
    company.plant("orphan_node", "not in the CRM", node="ACME/OLD_PILOT")
    company.plant("unknown_archetype", "unknown", node="ACME/OTHER")
    company.find_gaps("blueprint_missing", "blueprint", node="ACME/OLD_PILOT")
    company.find_gaps("archetype_unknown", "archetype", node="ACME/OTHER")
    comparison = company.compare()

    assert comparison.is_exact
    assert figures(comparison.total("gap_kind")) == (2, 2, 2)


def test_duties_are_compared_by_what_came_of_them(company: Company) -> None:
    company.plant("cadence_overdue", "on_time", activity="review", asset="a.yaml")
    company.plant("cadence_overdue", "overdue", activity="call", asset="a.yaml")
    company.find("fct_cadence_compliance", ("ACME", "DEAL", "review", "fail"), ("ACME", "DEAL", "call", "fail"))
    comparison = company.compare()

    assert figures(comparison.rule("duty", "review")) == (0, 1, 0)
    assert figures(comparison.rule("duty", "call")) == (1, 1, 1)
    assert figures(comparison.rule("duty_status", "fail")) == (1, 2, 1)
    assert figures(comparison.rule("duty_status", "pass")) == (1, 0, 0)


def test_a_value_that_a_file_gets_wrong_is_found_only_with_what_it_should_be(company: Company) -> None:
    field = "activities[{}].status"
    for number in (0, 1):
        detail = {"asset": "sales/a.yaml", "field": field.format(number), "declared": "open", "recomputed": "done"}
        company.plant("declared_disagrees", "done", **detail)
    file = "ACME/DEAL/sales/a.yaml"
    company.find(
        "fct_declared_vs_recomputed",
        ("ACME", "DEAL", file, field.format(0), "open", "done", False),
        ("ACME", "DEAL", file, field.format(1), "open", "late", False),
        ("ACME", "DEAL", file, field.format(2), "open", "open", True),
    )

    assert figures(company.compare().rule("declared_value", "activities[].status")) == (2, 2, 1)


def test_what_the_truth_is_silent_about_is_neither_right_nor_wrong(company: Company) -> None:
    company.plant("lean_node", "no assets", node=BARE)
    company.find_gaps("asset_missing", "a.yaml", node=BARE)
    company.find_gaps("checklist_failed", "B01/ONE")
    company.find_gaps("cadence_overdue", "review")
    company.find("fct_checklist_results", ("2026-06-30", "ACME", "DEAL", "B01", "ONE", "fail"))
    company.find("fct_cadence_compliance", ("ACME", "DEAL", "review", "fail"))
    comparison = company.compare()

    assert comparison.is_exact
    assert comparison.untold_gaps == 3
    assert figures(comparison.total("gap_kind")) == (0, 0, 0)
    company.find_gaps("checklist_failed", "B01/TWO")
    assert not company.compare().is_exact, "that one passes, says the truth"


def test_without_a_truth_there_is_nothing_to_compare(company: Company) -> None:
    company.truth.unlink()

    with pytest.raises(NotComparable, match="Only a sample company comes with a list of what was planted"):
        company.compare()


def test_tables_of_another_day_are_not_compared(company: Company) -> None:
    with duckdb.connect(str(company.warehouse)) as connection:
        connection.execute("update governance.fct_checklist_results set as_of_date = '2026-03-31'")

    with pytest.raises(NotComparable, match=r"show 2026-03-31, and .* on 2026-06-30. Build that day first"):
        company.compare()


def test_a_warehouse_in_which_nothing_is_built_says_so(company: Company, tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "empty.duckdb")):
        pass

    with pytest.raises(NotComparable, match="has not been built"):
        compare_with_truth(tmp_path / "empty.duckdb", company.truth)
    with duckdb.connect(str(company.warehouse)) as connection:
        connection.execute("delete from governance.fct_checklist_results")
    with pytest.raises(NotComparable, match="has not been built"):
        company.compare()


# --- what is printed ------------------------------------------------------------------------------------------------------


def printed(comparison: Comparison, width: int = 100) -> str:
    console = Console(file=StringIO(), width=width)
    print_comparison(console, comparison)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def line(text: str, rule: str) -> list[str]:
    (found,) = (cells for cells in map(str.split, text.splitlines()) if cells[:1] == [rule])
    return found[1:]


def test_each_rule_has_a_line_and_nothing_is_rounded_up_to_one(company: Company) -> None:
    company.plant("asset_missing", "missing", asset="a.yaml")
    for number in range(1999):
        company.facts.append((*company.facts[-1][:6], f"ACME/N{number}", *company.facts[-1][7:]))
    company.plant("asset_missing", "missing", asset="b.yaml")
    found = [("2026-06-30", "asset_missing", "ACME", f"N{number}", "a.yaml", "open") for number in range(1999)]
    company.find("fct_gap_days", *found)
    company.find_gaps("asset_missing", "a.yaml")
    text = printed(company.compare())

    # 2,000 of 2,001 are 0.9995, and rounded 1.000.
    assert line(text, "asset_missing") == ["2,001", "2,000", "2,000", "1.000", "0.999"]
    assert line(text, "cadence_overdue") == ["·", "·", "·", "–", "–"]
    assert "2 of 3 lines are not exactly as planted." in text
    assert "ACME/DEAL b.yaml  asset_missing" in text


def test_no_line_of_what_is_found_wrong_is_endless_or_breaks_the_terminal(company: Company) -> None:
    company.find_gaps("asset_missing", *(f"\x1b[31m{number}.yaml" for number in range(12)))
    text = printed(company.compare(), width=80)

    assert "Too many  12 found and not planted" in text
    assert "and 2 more" in text
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_all_right_is_a_sentence(company: Company) -> None:
    company.plant("asset_missing", "missing", asset="a.yaml")
    company.find_gaps("asset_missing", "a.yaml")
    company.find("fct_asset_status", ("ACME", "DEAL", "a.yaml", "required", False, "missing"))

    # The gap, the asset's problem and the item that passes.
    assert "are 1.0 in 3 lines: 1 planted gap found, and no other." in printed(company.compare())


# --- the command ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def invoke(company: Company) -> Callable[..., Result]:
    folder = company.truth.parent
    flags = ["--landing", str(folder / "landing"), "--warehouse", str(company.warehouse)]
    return lambda *arguments: CliRunner().invoke(cli.cli, ["truth", *flags, *arguments])


def test_the_command_ends_with_0_if_all_is_right_and_with_its_own_code_if_not(
    company: Company, invoke: Callable[..., Result]
) -> None:
    assert invoke().exit_code == exits.OK
    company.find_gaps("asset_missing", "a.yaml")
    result = invoke("--format", "json")

    assert result.exit_code == exits.NOT_AS_PLANTED
    told = json.loads(result.stdout)
    assert (told["as_of"], told["is_exact"]) == ("2026-06-30", False)
    (missing,) = (rule for rule in told["rules"] if rule["rule"] == "asset_missing")
    assert (missing["planted"], missing["found"], missing["precision"], missing["recall"]) == (0, 1, 0, None)
    assert [finding["subject"] for finding in told["too_many"]] == ["a.yaml"]


def test_the_command_says_that_a_real_company_has_no_truth(company: Company, invoke: Callable[..., Result]) -> None:
    company.truth.unlink()
    result = invoke()

    assert result.exit_code == exits.NOTHING_TO_LOAD
    assert "Only a sample company" in result.output


def test_the_command_says_how_to_make_a_warehouse(company: Company, invoke: Callable[..., Result]) -> None:
    company.warehouse.unlink()
    result = invoke()

    assert result.exit_code == exits.NOTHING_TO_LOAD
    assert "run --sample-if-empty" in result.output
