"""The mutation test of the rules finds what cases leave open, changes what decides, and leaves sentences alone."""

from __future__ import annotations

import csv

import pytest
import yaml

from tests.dbt_project import mutate
from tests.dbt_project.checklist_rules import POLICY, Case, read_policy
from tests.dbt_project.rule_mutants import Mutant, policy_mutants, rule_mutants

# A rule as small as one can be, in the shape of a rule model: passes while the last time is at most so many days ago.
RULE = """
with

asked_items as (

    select node_id, item, fields_text, threshold_value, is_ended, settled_status
    from warehouse.intermediate.int_governance__items_asked
    where blueprint = 'B01'

),

judge_scores as (

    select
        node_id,
        item,
        is_ended and settled_status is null as is_over,
        cast(json_extract_string(fields_text, '$.days') as integer) <= threshold_value as is_kept,
        case when is_ended then 'The deal has ended.' end as reason
    from asked_items

),

check_items as (

    select
        node_id,
        item,
        case when is_over then 'not_applicable' when is_kept then 'pass' else 'fail' end as status,
        reason
    from judge_scores

)

select * from check_items
"""


def days(number: int, count: int, expect: str, **node: object) -> Case:
    return Case("B01", "CHK_SALES_003", f"{count} days", expect, document={"days": count}, node=node, number=number)


FAR_FROM_THE_BOUNDARY = [days(1, 1, "pass"), days(2, 90, "fail"), days(3, 90, "not_applicable", is_ended=True)]
AT_THE_BOUNDARY = [*FAR_FROM_THE_BOUNDARY, days(4, 7, "pass"), days(5, 8, "fail")]


def changes(sql: str) -> set[tuple[str, str]]:
    return {(mutant.before, mutant.after) for mutant in rule_mutants(sql)}


def part(body: str, columns: str = "node_id, status") -> str:
    return f"with asked_items as (select * from main.asked), judge as ({body}) select {columns} from judge"


def test_cases_far_from_the_boundary_let_a_weak_rule_live() -> None:
    survivors = mutate.hunt({"B01": RULE}, FAR_FROM_THE_BOUNDARY).survivors
    assert any("<= threshold_value" in survivor and "< threshold_value" in survivor for survivor in survivors), (
        survivors
    )
    assert "checklist_thresholds, B01: CHK_SALES_003 maximum_age 7 → 6" in survivors
    assert "checklist_thresholds, B01: CHK_SALES_003 maximum_age 7 → 8" in survivors


def test_cases_at_the_boundary_do_not() -> None:
    tally = mutate.hunt({"B01": RULE}, AT_THE_BOUNDARY)
    # That a settled item is over, too, is asked by no case; how policy compares and which words it accepts, the rule does not read.
    assert [survivor.rsplit(": ", 1)[1] for survivor in tally.survivors] == [
        "is_ended AND settled_status IS NULL → is_ended",
        "CHK_SALES_003 maximum_age at_most → less_than",
        "CHK_SALES_002 accepted_words completed → none",
    ]
    assert tally.caught == tally.mutants - 3
    assert tally.rate_pct == pytest.approx(100 * tally.caught / tally.mutants)


def test_a_mutant_listed_as_equivalent_is_not_counted() -> None:
    without = mutate.hunt({"B01": RULE}, AT_THE_BOUNDARY)
    known = [{"in": "judge_scores", "before": "is_ended AND settled_status IS NULL", "after": "is_ended"}]
    tally = mutate.hunt({"B01": RULE}, AT_THE_BOUNDARY, known)
    assert (tally.mutants, tally.equivalent) == (without.mutants - 1, 1)
    elsewhere = [{**known[0], "in": "check_items"}]
    assert mutate.hunt({"B01": RULE}, AT_THE_BOUNDARY, elsewhere).equivalent == 0


def test_cases_that_do_not_hold_are_to_be_mended_first() -> None:
    with pytest.raises(SystemExit, match="Mend them first"):
        mutate.hunt({"B01": RULE}, [days(1, 8, "pass")])


def test_sql_that_does_not_run_is_noticed() -> None:
    trial = mutate.Trial(AT_THE_BOUNDARY)
    before = trial.statuses("B01", RULE)
    assert trial.notices("B01", RULE.replace("fields_text, '$.days'", "no_such_column, '$.days'"), before)
    assert not trial.notices("B01", RULE, before)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("select node_id, days <= 7 as status from asked_items", {("days <= 7", "days < 7"), ("7", "8")}),
        (
            "select node_id, a = 1 and b > c as status from asked_items",
            {
                ("a = 1 AND b > c", "a = 1 OR b > c"),
                ("a = 1 AND b > c", "a = 1"),
                ("a = 1 AND b > c", "b > c"),
                ("a = 1", "a <> 1"),
                ("b > c", "b >= c"),
                ("1", "2"),
            },
        ),
        ("select node_id, not is_ended as status from asked_items", {("NOT is_ended", "is_ended")}),
        ("select node_id, a is null as status from asked_items", {("a IS NULL", "NOT a IS NULL")}),
        ("select node_id, a is not null as status from asked_items", {("NOT a IS NULL", "a IS NULL")}),
        ("select node_id, word in ('go', 'no_go') as status from asked_items", {
            ("word IN ('go', 'no_go')", "word IN ('no_go')"), ("word IN ('go', 'no_go')", "word IN ('go')")}),
        ("select node_id, word = 'go' as status from asked_items", {
            ("word = 'go'", "word <> 'go'"), ("'go'", "'other_than_go'")}),
        ("select node_id, case when a then 'pass' else 'fail' end as status from asked_items", {
            ("CASE WHEN a THEN 'pass' ELSE 'fail' END", "'fail'"), ("'fail'", "nothing"), ("a", "TRUE"),
            ("'pass'", "'other_than_pass'"), ("'fail'", "'other_than_fail'")}),
        ("select node_id, max(day) as status from asked_items where is_open group by node_id", {
            ("MAX(day)", "MIN(day)"), ("is_open", "TRUE")}),
        ("select node_id, coalesce(a, b, false) as status from asked_items", {
            ("COALESCE(a, b, FALSE)", "a"), ("COALESCE(a, b, FALSE)", "b"), ("FALSE", "TRUE")}),
    ],
)  # fmt: skip
def test_what_decides_is_changed(body: str, expected: set[tuple[str, str]]) -> None:
    assert changes(part(body)) == expected


def test_joins_are_changed() -> None:
    body = "select asked_items.node_id, b.status from asked_items left join b on asked_items.node_id = b.node_id"
    found = changes(part(body))
    assert ("asked_items.node_id = b.node_id", "TRUE") in found
    assert any(before.startswith("LEFT JOIN") and after.startswith("JOIN") for before, after in found)


def test_sentences_and_what_only_they_need_are_left_alone() -> None:
    body = "select node_id, a as status, case when b > 1 then 'Too many.' end as reason, c = 2 as for_reason from asked_items"
    assert changes(part(body)) == set()
    assert changes(part(body, "node_id, case when for_reason then status end as status")) >= {("c = 2", "c <> 2")}


def test_sentences_within_a_condition_that_decides_are_left_alone() -> None:
    body = "select node_id, case when a then 'It is not due yet.' end as status from asked_items"
    assert changes(part(body)) == {("CASE WHEN a THEN 'It is not due yet.' END", "NULL"), ("a", "TRUE")}


def test_imports_are_left_alone() -> None:
    sql = (
        "with asked_items as (select node_id, status from main.asked where blueprint = 'B01') select * from asked_items"
    )
    assert changes(sql) == set()


def test_a_mutant_says_where_it_is() -> None:
    (mutant,) = (mutant for mutant in rule_mutants(RULE) if mutant.before.startswith("CAST(") and "<=" in mutant.before)
    assert (mutant.part, mutant.column) == ("judge_scores", "is_kept")
    assert RULE.splitlines()[mutant.line - 1].strip().startswith("cast(json_extract_string")
    assert "< threshold_value" in mutant.sql


def filled(path: str) -> str:
    value = f"json_extract_string(fields_text, '$.{path}')"
    return f"coalesce(trim({value}) not in ('', '[]') and not contains(placeholder_list, lower(trim({value}))), false)"


def test_what_a_macro_writes_at_two_places_is_one_mutant_and_its_absence_two() -> None:
    sql = part(f"select node_id, {filled('name')} or {filled('email')} as status from asked_items")
    inside: dict[str, list[Mutant]] = {}
    for mutant in rule_mutants(sql):
        if mutant.macro:
            inside.setdefault(mutant.alike, []).append(mutant)
    assert inside
    assert {len(group) for group in inside.values()} == {2}
    absent = [
        mutant for mutant in rule_mutants(sql) if not mutant.macro and mutant.after.startswith("NOT (fields_text")
    ]
    assert len(absent) == 2


def tables() -> dict[str, list[dict[str, str]]]:
    return {name: read_policy(name) for name in ("checklist_items", "checklist_thresholds", "validation_strictness")}


def test_a_threshold_changes_for_all_tracks_that_share_it() -> None:
    found = [m for m in policy_mutants(tables()) if m.before == "CHK_SPEC_002 assignment_time 24" and m.after == "25"]
    assert len(found) == 1
    changed = [
        new["track"] for old, new in zip(tables()["checklist_thresholds"], found[0].rows, strict=True) if old != new
    ]
    assert changed == ["premium", "fast_track"]


def test_each_threshold_word_and_gap_of_policy_has_its_mutants() -> None:
    found = list(policy_mutants(tables()))
    rows = tables()["checklist_thresholds"]
    decisions = {(row["item"], row["threshold"], row["threshold_value"], row["blueprint"]) for row in rows}
    numbers = [mutant for mutant in found if mutant.seed == "checklist_thresholds" and mutant.after[0].isdigit()]
    assert len(numbers) == 2 * len(decisions)
    words = sum(row["accepted_words"].count(";") + 1 for row in tables()["checklist_items"] if row["accepted_words"])
    assert sum(mutant.seed == "checklist_items" for mutant in found) == words
    assert {mutant.after for mutant in found if mutant.seed == "validation_strictness"} == {
        "29",
        "31",
        "13",
        "15",
        "6",
        "8",
    }


def test_a_policy_mutant_differs_from_policy_in_what_it_says() -> None:
    for mutant in policy_mutants(tables()):
        with (POLICY / f"{mutant.seed}.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert [dict(row) for row in mutant.rows] != rows
        assert len(mutant.rows) == len(rows)


def test_every_equivalent_mutant_has_a_reason() -> None:
    rows = yaml.safe_load(mutate.EQUIVALENT.read_text(encoding="utf-8"))
    assert all(set(row) <= {"model", "in", "column", "before", "after", "why"} for row in rows)
    assert all(row["before"] and row["after"] and len(row["why"].split()) > 1 for row in rows)


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutate, "compile_rules", lambda folder: {"B01": RULE})
    monkeypatch.setattr(mutate, "read_cases", lambda: AT_THE_BOUNDARY)


@pytest.mark.usefixtures("compiled")
def test_the_command_fails_below_the_rate_that_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(mutate, "MINIMUM_PCT", 10.0)
    assert mutate.main([]) == 0
    assert "caught:" in capsys.readouterr().out
    monkeypatch.setattr(mutate, "MINIMUM_PCT", 99.9)
    assert mutate.main(["B01"]) == 1
    assert "not caught: " in capsys.readouterr().out


@pytest.mark.usefixtures("compiled")
def test_the_command_knows_only_blueprints_with_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert mutate.main(["B06"]) == 2
    assert "B06" in capsys.readouterr().err


def test_a_case_that_gets_two_rows_is_noticed() -> None:
    trial = mutate.Trial(AT_THE_BOUNDARY)
    before = trial.statuses("B01", RULE)
    doubled = RULE.replace("from judge_scores", "from judge_scores cross join (values (1), (2)) as twice (number)")
    assert trial.notices("B01", doubled, before)
