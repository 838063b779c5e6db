"""The policy's linter: each check finds what is wrong in a policy edited for it, and nothing is wrong with the one that is shipped.

The SQL that dbt compiled runs on the CSV files, on one connection: a case edits the rows of one seed, and puts them back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pytest

from revhouse.models import CompiledModel
from revhouse.policy import (
    COUNTS,
    PolicyCheck,
    column_types,
    open_policy_tables,
    read_check,
    row_keys,
    run_models,
)
from revhouse.policy_files import SeedFile, load_seed_files, read_seed_files
from tests.dbt_project.conftest import DbtRun

POLICY = Path(__file__).parents[2] / "dbt_project/seeds/policy"
Row = dict[str, str | None]
Edit = Callable[[list[Row]], list[Row]]


def change(where: Mapping[str, str], **values: str | None) -> Edit:
    """Give the rows with these values others."""

    def edit(rows: list[Row]) -> list[Row]:
        assert any(_is(row, where) for row in rows), where
        return [{**row, **values} if _is(row, where) else row for row in rows]

    return edit


def remove(**where: str) -> Edit:
    def edit(rows: list[Row]) -> list[Row]:
        assert any(_is(row, where) for row in rows), where
        return [row for row in rows if not _is(row, where)]

    return edit


def add(like: Mapping[str, str], **values: str | None) -> Edit:
    """Add a row like one that is there, with these values."""

    def edit(rows: list[Row]) -> list[Row]:
        (model,) = (row for row in rows if _is(row, like))
        return [*rows, {**model, **values}]

    return edit


def _is(row: Row, where: Mapping[str, str]) -> bool:
    return all(row[column] == value for column, value in where.items())


@dataclass
class Linter:
    """The linter on the shipped policy, or on one of which a seed was edited."""

    connection: duckdb.DuckDBPyConnection
    compiled: list[CompiledModel]
    files: Mapping[str, SeedFile]
    manifest: Mapping[str, Any]

    @cached_property
    def shipped(self) -> PolicyCheck:
        return self.check()

    def check(self, **edits: Edit) -> PolicyCheck:
        edited = {seed: self._edited(self.files[seed], edit) for seed, edit in edits.items()}
        load_seed_files(self.connection, edited, column_types(self.manifest))
        try:
            run_models(self.connection, self.compiled)
            return read_check(self.connection, {**self.files, **edited}, row_keys(self.manifest), POLICY)
        finally:
            load_seed_files(self.connection, {seed: self.files[seed] for seed in edited}, column_types(self.manifest))

    def new(self, **edits: Edit) -> dict[tuple[str, str, str], str]:
        """What is found that is not found in the policy as it is shipped: the sentence by check, severity and row."""
        known = {(found.check_name, found.seed, found.row_key, found.finding) for found in self.shipped.findings}
        return {
            (found.check_name, found.severity, found.row_key): found.finding
            for found in self.check(**edits).findings
            if (found.check_name, found.seed, found.row_key, found.finding) not in known
        }

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the models say of the seeds as they are loaded."""
        run_models(self.connection, self.compiled)
        return self.connection.execute(query).fetchall()

    @staticmethod
    def _edited(file: SeedFile, edit: Edit) -> SeedFile:
        rows = edit([dict(zip(file.columns, row, strict=True)) for row in file.rows])
        values = [[row[column] for column in file.columns] for row in rows]
        return replace(file, rows=values, lines=list(range(2, len(values) + 2)))


@pytest.fixture(scope="module")
def linter(dbt: Callable[..., DbtRun], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Linter]:
    folder = tmp_path_factory.mktemp("policy_findings")
    run = dbt(folder, "compile", "--select", "+rpt_policy_findings", "--exclude", "resource_type:test")
    assert run.succeeded, run.output
    manifest = run.manifest
    nodes = {
        name: node
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and node.get("compiled_code")
    }
    compiled: list[CompiledModel] = []
    while nodes:
        for name in [name for name, node in nodes.items() if not nodes.keys() & set(node["depends_on"]["nodes"])]:
            node = nodes.pop(name)
            compiled.append(CompiledModel(node["name"], node["database"], node["schema"], node["compiled_code"]))
    files = read_seed_files(POLICY)
    with open_policy_tables(compiled[0].database) as connection:
        load_seed_files(connection, files, column_types(manifest))
        yield Linter(connection, compiled, files, manifest)


# --- the policy as it is shipped ------------------------------------------------------------------------------------------


def test_nothing_is_wrong_with_the_shipped_policy(linter: Linter) -> None:
    assert [(found.place, found.finding) for found in linter.shipped.of("error")] == []


def test_two_playbooks_wait_for_somebody_to_decide(linter: Linter) -> None:
    warnings = linter.shipped.of("warning")

    assert {(found.check_name, found.row_key) for found in warnings} == {
        ("unreachable_playbook", "PB_136"),
        ("unreachable_playbook", "PB_201"),
    }


def test_everything_is_counted_and_every_item_has_a_rule(linter: Linter) -> None:
    counts = linter.shipped.counts

    assert {name: (found.expected, found.found) for name, found in counts.items()} == {
        "active_blueprints": (16, 16),
        "reserved_blueprints": (1, 1),
        "signals": (63, 63),
        "assets": (66, 66),
        "checklist_items": (65, 65),
        "playbooks": (69, 69),
    }
    assert counts["checklist_items"].working == 65
    assert counts["assets"].working == 66


def test_every_contradiction_of_the_models_is_found_in_the_rows(linter: Linter) -> None:
    check = linter.shipped
    found: dict[str, list[str]] = {}
    for finding in check.of("known_contradiction"):
        found.setdefault(finding.check_name, []).append(finding.row_key)

    assert set(found) == set(check.contradictions)
    assert {name: len(keys) for name, keys in found.items()} == {
        # CHK_SVC_001 to 004; health_score_declining; levels A and D.
        "repeated_item_ids": 4,
        "repeated_signal": 1,
        "letters_of_levels": 2,
        # Four items whose asset a rhythm is about, each on Economy and Fast Track; CHK_CS_003, less than seven days, on Premium.
        "age_against_rhythm": 9,
        "staleness_by_archetype": 4,
        # Monthly, Weekly, Daily, Required, Optional and the dash.
        "levels_in_cells": 6,
        "rhythm_words": 4,
        "specialist_time_of_two_tracks": 1,
        "no_cadence_on_poc": 3,
        "file_names_in_practice": 8,
        # Required, conditional, optional where it is not of the models, and none.
        "blueprints_by_track": len(
            {
                row[2]
                for row in linter.files["blueprint_tracks"].rows
                if row[linter.files["blueprint_tracks"].columns.index("source_document")] == "revhouse-policy-decisions"
            }
        ),
        # Two archetypes on all tracks but Fast Track, whose scan is daily.
        "official_scans": 6,
        "escalation_times": 7,
    }
    assert sorted(found["repeated_item_ids"]) == [f"B10/CHK_SVC_00{number}" for number in (1, 2, 3, 4)]


def test_a_finding_names_the_line_of_its_row(linter: Linter) -> None:
    (found,) = (finding for finding in linter.shipped.findings if finding.check_name == "repeated_signal")
    lines = (POLICY / "signals.csv").read_text().splitlines()

    assert found.path.endswith("dbt_project/seeds/policy/signals.csv")
    assert [lines[line - 1].split(",")[:2] for line in found.lines] == [["B01", "health_score_declining"]]


def test_a_finding_keeps_its_id_and_has_the_version_of_the_policy(linter: Linter) -> None:
    query = "select finding_id, policy_version from governance.rpt_policy_findings order by 1"
    first, second = (linter.rows(query) for _ in range(2))

    assert first == second
    assert len({found[0] for found in first}) == len(first)
    assert len({found[1] for found in first}) == 1


# --- known-bad policies ---------------------------------------------------------------------------------------------------

ITEM = {"blueprint": "B01", "item": "CHK_SALES_003"}
BAD: dict[str, tuple[dict[str, Edit], tuple[str, str, str], str]] = {
    "a row is there twice": (
        {"roles": add({"role": "specialist"})},
        ("duplicate_key", "error", "specialist"),
        "2 rows",
    ),
    "a null in a key is a part of it": (
        {"stage_map": add({"source_system": "salesforce", "stage_name": "Prospecting"})},
        ("duplicate_key", "error", "salesforce//Prospecting"),
        "2 rows",
    ),
    "a row does not say why": (
        {"checklist_thresholds": change({**ITEM, "track": "poc"}, why=None)},
        ("empty_field", "error", "B01/CHK_SALES_003/maximum_age/poc"),
        "says nothing in why",
    ),
    "a column has its own words": (
        {"blueprint_tracks": change({"blueprint": "B07", "track": "economy"}, requirement="sometimes")},
        ("unknown_word", "error", "B07/economy"),
        "sometimes (requirement)",
    ),
    "an item names a playbook that is not there": (
        {"checklist_items": change(ITEM, playbook="PB_999")},
        ("undefined_reference", "error", "B01/CHK_SALES_003"),
        "PB_999 (playbook), which is not in playbooks",
    ),
    "a list names a track that is not there": (
        {"checklist_items": change({"item": "CHK_SALES_001"}, applicable_tracks="poc;economy;premium;fast_track;gold")},
        ("undefined_reference", "error", "B01/CHK_SALES_001"),
        "gold",
    ),
    "a threshold is of an item of another blueprint": (
        {"checklist_thresholds": change({**ITEM, "track": "poc"}, blueprint="B02")},
        ("undefined_reference", "error", "B02/CHK_SALES_003/maximum_age/poc"),
        "B02/CHK_SALES_003 (blueprint, item)",
    ),
    "a cadence is of a duty of the other archetype": (
        {"cadences": change({"duty": "qbr", "track": "poc"}, archetype="pre_sales_governance")},
        ("undefined_reference", "error", "pre_sales_governance/qbr/poc"),
        "cadence_duties",
    ),
    "a hand-over goes to a level that nobody knows": (
        {"hand_offs": change({"from_level": "C", "to_level": "D"}, to_level="E")},
        ("undefined_reference", "error", "C/E"),
        "governance_levels",
    ),
    "a cell asks for a level that is not there": (
        {
            "asset_track_levels": change(
                {"asset_path": "sales/opportunity_profile.yaml", "track": "poc"}, asset_level="perfect"
            )
        },
        ("undefined_reference", "error", "sales/opportunity_profile.yaml/poc"),
        "perfect",
    ),
    "a threshold has two values": (
        {"checklist_thresholds": add({**ITEM, "track": "poc"}, threshold_value="14")},
        ("contradictory_threshold", "error", "B01/CHK_SALES_003/maximum_age/poc"),
        "both 7.0 and 14.0",
    ),
    "a threshold is compared in two ways": (
        {"checklist_thresholds": change({**ITEM, "track": "poc"}, comparison="at_least")},
        ("mixed_threshold", "error", "B01/CHK_SALES_003/maximum_age/economy"),
        "compared in more than one way",
    ),
    "a threshold counts different things": (
        {"signal_thresholds": change({"signal": "deal_review_scheduled", "track": "premium"}, unit="hours")},
        ("mixed_threshold", "error", "B01/deal_review_scheduled/days_ahead/economy"),
        "counts different things",
    ),
    "a threshold is missing on a track": (
        {"checklist_thresholds": remove(**ITEM, track="premium")},
        ("missing_threshold", "error", "B01/CHK_SALES_003"),
        "no maximum_age on premium",
    ),
    "all thresholds of a signal are missing": (
        {"signal_thresholds": remove(signal="deal_review_scheduled")},
        ("missing_threshold", "error", "B01/deal_review_scheduled"),
        "no threshold on",
    ),
    "a threshold is for a track on which the item does not apply": (
        {"checklist_items": change(ITEM, applicable_tracks="poc;economy;premium")},
        ("unused_threshold", "error", "B01/CHK_SALES_003/maximum_age/fast_track"),
        "does not look for one there",
    ),
    "a rhythm is a duty without days": (
        {"rhythms": change({"rhythm": "weekly"}, maximum_days=None)},
        ("contradictory_rhythm", "error", "weekly"),
        "is one and has none",
    ),
    "a rhythm is no duty and has days": (
        {"rhythms": change({"rhythm": "as_needed"}, maximum_days="30", day_kind="calendar")},
        ("contradictory_rhythm", "error", "as_needed"),
        "no duty and has days",
    ),
    "no track asks for a blueprint": (
        {"blueprint_tracks": change({"blueprint": "B07"}, requirement="none")},
        ("unreachable_blueprint", "error", "B07"),
        "on no track",
    ),
    "an item applies on no track": (
        {"checklist_items": change(ITEM, applicable_tracks=None)},
        ("unreachable_item", "error", "B01/CHK_SALES_003"),
        "applies on no track",
    ),
    "an item applies where its blueprint is not asked for": (
        {"checklist_items": change({"item": "CHK_HUB_001"}, applicable_tracks="poc")},
        ("unreachable_item", "error", "C04/CHK_HUB_001"),
        "applies on no track",
    ),
    "an asset is asked for at no level": (
        {"asset_track_levels": remove(asset_path="sales/stage_checklist.yaml")},
        ("unreachable_asset", "error", "sales/stage_checklist.yaml"),
        "at no level",
    ),
    "an asset is asked for at a level that no field makes": (
        {"asset_level_fields": remove(asset_path="sales/opportunity_profile.yaml", asset_level="comprehensive")},
        ("level_without_fields", "error", "sales/opportunity_profile.yaml/premium"),
        "at comprehensive on premium",
    ),
    "a level that adds something has no fields for it": (
        {"asset_level_fields": remove(asset_level="premium_sla")},
        ("level_without_fields", "error", "support/support_profile.yaml/premium"),
        "at premium_sla",
    ),
    "nothing leads to a playbook": (
        {"playbooks": add({"playbook": "PB_130"}, playbook="PB_999")},
        ("unreachable_playbook", "warning", "PB_999"),
        "No item, signal, duty or asset",
    ),
    "an asset is asked for at no level, and a row says nothing": (
        {
            "asset_track_levels": lambda rows: [
                {**row, "asset_path": None} if row["asset_path"] == "sales/stage_checklist.yaml" else row
                for row in rows
            ]
        },
        ("unreachable_asset", "error", "sales/stage_checklist.yaml"),
        "at no level",
    ),
    "a signal is of a blueprint that no engagement can have": (
        {"blueprint_tracks": remove(blueprint="B07")},
        ("unreachable_signal", "error", "B07/poc_requested"),
        "no engagement can have",
    ),
    "a duty is due on no track": (
        {"cadences": change({"duty": "qbr"}, rhythm="none")},
        ("unreachable_duty", "error", "post_sales_governance/qbr"),
        "due on no track",
    ),
    "a playbook is of the blueprint that is kept free": (
        {"playbooks": change({"playbook": "PB_130"}, blueprint="B06")},
        ("reserved_blueprint", "error", "PB_130"),
        "B06, which is kept free",
    ),
    "an item has no rule": (
        {"checklist_items": add(ITEM, item="CHK_SALES_099")},
        ("unimplemented_item", "error", "B01/CHK_SALES_099"),
        "No rule judges",
    ),
    "an item has a rule of another blueprint": (
        {"checklist_items": add(ITEM, blueprint="C01")},
        ("unimplemented_item", "error", "C01/CHK_SALES_003"),
        "No rule judges",
    ),
    "a rule outlived its item": (
        {"checklist_items": remove(item="CHK_SALES_004")},
        ("rule_without_item", "error", "B01/CHK_SALES_004"),
        "int_governance__b01_items_checked judges",
    ),
    "a row got lost": (
        {"signals": remove(signal="poc_requested")},
        ("wrong_count", "error", "signals"),
        "There are 62 signals, and there should be 63.",
    ),
    "a contradiction has a name that nothing looks for": (
        {"policy_contradictions": change({"contradiction": "repeated_signal"}, contradiction="repeated_signals")},
        ("unchecked_contradiction", "warning", "repeated_signals"),
        "Nothing looks whether",
    ),
    "a contradiction is resolved by nobody": (
        {"policy_contradictions": remove(contradiction="repeated_signal")},
        ("unresolved_contradiction", "error", "B01/health_score_declining"),
        "a signal of B01 and of C02",
    ),
    "another id is repeated than those that are known to be": (
        {"checklist_items": change({"item": "CHK_HUB_001"}, item="CHK_SALES_001")},
        ("unresolved_contradiction", "error", "B01/CHK_SALES_001"),
        "an item of B01 and of C04",
    ),
    "another item contradicts a rhythm": (
        {"checklist_thresholds": change({"item": "CHK_CS_004"}, threshold_value="31")},
        ("unresolved_contradiction", "error", "C02/CHK_CS_004/maximum_age/premium"),
        "allows for 31 days on premium, which is stricter than the rhythm of qbr",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_policy_is_found_out(name: str, linter: Linter) -> None:
    edits, expected, because = BAD[name]
    found = linter.new(**edits)

    assert expected in found, sorted(found)
    assert because in found[expected]


def test_every_check_has_a_policy_that_it_finds_something_in(linter: Linter) -> None:
    (columns,) = (
        node["columns"] for node in linter.manifest["nodes"].values() if node["name"] == "rpt_policy_findings"
    )
    assert set(columns) >= {"check_name", "severity", "seed", "row_key", "finding", "resolution"}
    (checks,) = (
        test["test_metadata"]["kwargs"]["values"]["check_name"]
        for name, test in linter.manifest["nodes"].items()
        if "sound_rows_rpt_policy_findings" in name
    )
    contradictions = set(linter.shipped.contradictions)

    assert {check for _, (check, _, _), _ in BAD.values()} == set(checks) - contradictions


# --- contradictions that somebody edits away ------------------------------------------------------------------------------

GONE: dict[str, dict[str, Edit]] = {
    "repeated_item_ids": {
        "checklist_items": lambda rows: [
            {**row, "item": str(row["item"]).replace("SVC", "SERV")} if row["blueprint"] == "C05" else row
            for row in rows
        ]
    },
    "repeated_signal": {
        "signals": change({"blueprint": "C02", "signal": "health_score_declining"}, signal="health_falling")
    },
    "letters_of_levels": {
        "hand_offs": lambda rows: [row for row in rows if {row["from_level"], row["to_level"]} == {"B", "C"}]
    },
    "age_against_rhythm": {"checklist_thresholds": change({"threshold": "maximum_age"}, threshold="age")},
    "staleness_by_archetype": {"validation_strictness": change({}, staleness_days="7")},
    "levels_in_cells": {"asset_track_levels": change({}, overlay_word="Basic")},
    "rhythm_words": {"cadences": change({}, rhythm="weekly")},
    "specialist_time_of_two_tracks": {
        "checklist_thresholds": add({"item": "CHK_SPEC_002", "track": "economy"}, track="poc")
    },
    "no_cadence_on_poc": {"cadences": change({"rhythm": "none"}, rhythm="monthly")},
    "file_names_in_practice": {"asset_aliases": lambda rows: []},
    "blueprints_by_track": {"blueprint_tracks": change({}, source_document="pre-sales-governance-model-v1")},
    "official_scans": {"cadences": change({"duty": "gap_scan"}, rhythm="daily")},
    "escalation_times": {
        "checklist_thresholds": change({"unit": "hours"}, threshold_value="4"),
        "validation_strictness": change({}, escalation_hours="4"),
    },
}


@pytest.mark.parametrize("contradiction", GONE)
def test_a_contradiction_that_is_edited_away_is_no_longer_reported(contradiction: str, linter: Linter) -> None:
    assert contradiction in {found.check_name for found in linter.shipped.findings}

    assert contradiction not in {found.check_name for found in linter.check(**GONE[contradiction]).findings}


def test_all_of_them_can_be_edited_away(linter: Linter) -> None:
    assert set(GONE) == set(linter.shipped.contradictions)


# --- what the linter is told ----------------------------------------------------------------------------------------------


def test_every_seed_of_the_policy_is_listed_with_its_key(linter: Linter) -> None:
    """A new seed has to be added to policy_keys() in macros/policy.sql, or its rows are neither kept nor checked."""
    listed = {node.split(".")[-1] for node in _depends_on(linter, "int_governance__policy_rows_listed")}
    query = "select seed, count(*) from intermediate.int_governance__policy_rows_listed group by seed"
    rows = dict(linter.rows(query))

    assert listed == set(linter.files)
    assert rows == {name: len(file.rows) for name, file in linter.files.items()}
    for seed, columns in row_keys(linter.manifest).items():
        keys = linter.connection.execute(
            "select row_key from intermediate.int_governance__policy_rows_listed where seed = $1", [seed]
        ).fetchall()
        file = linter.files[seed]
        assert {line for (key,) in keys for line in file.lines_of(key, columns)} == set(file.lines), seed


def test_a_row_is_kept_with_all_that_it_says(linter: Linter) -> None:
    query = (
        "select content ->> '$.pipeline', content ->> '$.policy_stage', json_keys(content) "
        "from intermediate.int_governance__policy_rows_listed where row_key = 'salesforce//Prospecting'"
    )

    assert linter.rows(query) == [(None, "qualification", linter.files["stage_map"].columns)]


def test_quotes_and_backslashes_are_kept(linter: Linter) -> None:
    said = 'she said "no" to C:\\temp'
    edited = Linter._edited(linter.files["roles"], change({"role": "specialist"}, role_name=said))
    types = column_types(linter.manifest)
    load_seed_files(linter.connection, {"roles": edited}, types)
    try:
        query = (
            "select content ->> '$.role_name' from intermediate.int_governance__policy_rows_listed "
            "where seed = 'roles' and row_key = 'specialist'"
        )
        assert linter.rows(query) == [(said,)]
    finally:
        load_seed_files(linter.connection, {"roles": linter.files["roles"]}, types)


def test_references_that_yaml_tests_are_looked_for_here_too(linter: Linter) -> None:
    """Whatever dbt tests row by row in the warehouse, the linter finds before."""
    tested = {
        (node["attached_node"].split(".")[-1], column)
        for node in linter.manifest["nodes"].values()
        if (node.get("test_metadata") or {}).get("name") == "sound_rows"
        and (node["attached_node"] or "").startswith("seed.revhouse.")
        for column in node["test_metadata"]["kwargs"].get("references", ())
    }
    (model,) = (
        node
        for node in linter.manifest["nodes"].values()
        if node["name"] == "int_governance__policy_references_checked"
    )
    named = r"'(\w+)' as seed,\s+'\w+' as to_seed,\s+'([\w, ]+)' as named_in"
    looked_for = {
        (seed, column) for seed, columns in re.findall(named, model["compiled_code"]) for column in columns.split(", ")
    }

    assert len(tested) > 60
    assert tested - looked_for == set()


def _depends_on(linter: Linter, name: str) -> list[str]:
    (node,) = (node for node in linter.manifest["nodes"].values() if node["name"] == name)
    return list(node["depends_on"]["nodes"])


def test_counts_are_read_from_the_model_that_names_them(linter: Linter) -> None:
    assert linter.rows(f"select count(*) from intermediate.{COUNTS}") == [(6,)]
