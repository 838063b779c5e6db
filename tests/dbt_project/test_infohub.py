"""What is made of the sample company's InfoHub, against what was planted in it: everything found, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.dbt_project.conftest import SampleCompany

Row = tuple[Any, ...]

NODES = "intermediate.int_infohub__nodes_resolved"
ASSETS = "intermediate.int_infohub__assets_assessed"
NAME = "realm || '/' || node as name"
SAME_WORTH = {"custom": "comprehensive"}


def found(company: SampleCompany, query: str) -> list[Row]:
    return [tuple(row.values()) for row in company.rows(query)]


def planted(company: SampleCompany, fact: str, *fields: str) -> list[Row]:
    """The subject and, of each fact, the fields: `expected`, or a name in `detail`. Dates are read."""

    def value(row: dict[str, Any], field: str) -> Any:
        held = row["expected"] if field == "expected" else row["detail"][field]
        if isinstance(held, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", held):
            return date.fromisoformat(held)
        return held

    return [(row["subject_id"], *(value(row, field) for field in fields)) for row in company.truth("governance", fact)]


def assert_same(found_rows: Iterable[Row], planted_rows: Iterable[Row]) -> None:
    """Precision and recall are 1: neither too many nor too few, and each once."""
    found_list, planted_list = list(found_rows), list(planted_rows)
    assert planted_list, "nothing is planted that could be found"
    too_many, too_few = set(found_list) - set(planted_list), set(planted_list) - set(found_list)
    assert (too_many, too_few) == (set(), set())
    assert len(found_list) == len(planted_list)


# --- nodes ----------------------------------------------------------------------------------------------------------------


def test_other_names_of_archetypes_are_mapped(company_built: SampleCompany) -> None:
    assert_same(
        found(company_built, f"select {NAME}, archetype from {NODES} where archetype_status = 'alias'"),
        planted(company_built, "archetype_alias", "expected"),
    )


def test_unknown_archetypes_are_not_guessed(company_built: SampleCompany) -> None:
    assert_same(
        found(company_built, f"select {NAME}, archetype from {NODES} where archetype_status = 'unknown'"),
        [(*row, None) for row in planted(company_built, "unknown_archetype")],
    )


def test_a_missing_or_unreadable_blueprint_is_seen(company_built: SampleCompany) -> None:
    unreadable = planted(company_built, "blueprint_unreadable", "expected")
    # A folder that the CRM knows nothing of has no blueprint either.
    missing = [*planted(company_built, "blueprint_missing"), *planted(company_built, "orphan_node")]

    assert_same(
        found(
            company_built,
            f"select {NAME}, blueprint_reason_code from {NODES} where blueprint_status = 'unreadable'",
        ),
        unreadable,
    )
    assert_same(found(company_built, f"select {NAME} from {NODES} where blueprint_status = 'missing'"), missing)


def test_a_changed_track_is_the_later_one_since_the_change(company_built: SampleCompany) -> None:
    assert_same(
        found(
            company_built,
            f"select {NAME}, track, previous_track, track_from_date from {NODES} where previous_track is not null",
        ),
        planted(company_built, "track_change", "expected", "earlier_track", "changed_on"),
    )


def test_a_planned_track_is_not_in_force(company_built: SampleCompany) -> None:
    assert_same(
        found(
            company_built,
            f"select {NAME}, track, planned_track, planned_track_from_date from {NODES} where planned_track is not null",
        ),
        planted(company_built, "track_planned", "expected", "planned_track", "planned_for"),
    )


def test_blueprint_yaml_decides_where_the_crm_has_another_track(company_built: SampleCompany) -> None:
    assert_same(
        found(
            company_built,
            f"select {NAME}, track as in_force, track as named, crm_track from {NODES} where has_track_conflict",
        ),
        planted(company_built, "track_conflict", "in_force", "blueprint_track", "crm_track"),
    )


def test_where_blueprint_yaml_names_no_track_that_of_the_crm_is_in_force(company_built: SampleCompany) -> None:
    assert_same(
        found(
            company_built,
            f"select {NAME}, track from {NODES} where track_basis = 'crm' and blueprint_status = 'readable'",
        ),
        planted(company_built, "track_missing", "in_force"),
    )


def test_without_blueprint_yaml_the_track_is_known_and_what_it_asks_for_is_not(company_built: SampleCompany) -> None:
    (row,) = company_built.rows(
        f"""
        select
            count(distinct nodes.node_id) as node_count,
            count(distinct nodes.node_id) filter (where nodes.track_basis = 'crm') as crm_count,
            count(*) filter (where demands.requirement <> 'unknown') as known_count
        from {NODES} as nodes
        left join intermediate.int_infohub__blueprints_demanded as demands using (node_id)
        where nodes.blueprint_status <> 'readable'
        """
    )

    assert row["crm_count"] == row["node_count"] > 0
    assert row["known_count"] == 0


def test_realms_whose_id_is_not_their_folder_are_seen(company_built: SampleCompany) -> None:
    assert_same(
        found(company_built, f"select {NAME}, realm, realm_id from {NODES} where has_realm_id_disagreement"),
        planted(company_built, "realm_id_disagrees", "folder", "realm_id"),
    )


def test_every_node_has_the_account_and_the_deal_it_names(company_built: SampleCompany) -> None:
    (row,) = company_built.rows(
        f"""
        select
            count(*) as node_count,
            count(account_id) as linked_count,
            count(*) filter (where (source_opportunity_id is null) <> (opportunity_id is null)) as lost_deal_count
        from {NODES}
        """
    )

    assert row["node_count"] == row["linked_count"] > 0
    assert row["lost_deal_count"] == 0


def test_no_node_falls_out(company_built: SampleCompany) -> None:
    """Every folder of a node in the InfoHub is a row; the sample has none that begins later."""
    folders = company_built.rows(
        "select distinct realm || '/' || node as name from raw.infohub__files where node is not null and kind <> 'template'"
    )

    assert_same(found(company_built, f"select {NAME} from {NODES}"), [(row["name"],) for row in folders])


# --- what blueprint.yaml says -----------------------------------------------------------------------------------------------


def test_required_blueprints_that_are_not_selected_are_seen(company_built: SampleCompany) -> None:
    assert_same(
        found(
            company_built,
            f"""
            select {NAME}, demands.blueprint
            from intermediate.int_infohub__blueprints_demanded as demands
            inner join {NODES} as nodes using (node_id)
            where demands.instantiation_status = 'not_instantiated'
            """,
        ),
        planted(company_built, "blueprint_not_instantiated", "expected"),
    )


def test_waivers_are_in_force_or_have_expired(company_built: SampleCompany) -> None:
    assert_same(
        found(
            company_built,
            f"""
            select {NAME}, waiver_status, blueprint, item, expires_date, reason
            from intermediate.int_infohub__waivers_parsed
            inner join {NODES} as nodes using (node_id)
            """,
        ),
        planted(company_built, "waiver", "expected", "blueprint", "item", "expires_on", "reason"),
    )


def test_customisations_count_with_a_reason_only(company_built: SampleCompany) -> None:
    assert_same(
        found(
            company_built,
            f"""
            select
                {NAME},
                case customisation_status when 'without_reason' then 'dropped_without_reason' else customisation_kind end,
                asset_path
            from intermediate.int_infohub__customisations_parsed
            inner join {NODES} as nodes using (node_id)
            where track is not null and archetype is not null
            """,
        ),
        planted(company_built, "customisation", "expected", "asset"),
    )


def test_playbooks_that_contradict_themselves_are_kept_as_declared(company_built: SampleCompany) -> None:
    contradictions = [
        row
        for row in company_built.truth("governance", "declared_disagrees")
        if row["detail"]["field"] == "playbooks.required[0].status"
    ]

    assert_same(
        found(
            company_built,
            f"""
            select {NAME}
            from intermediate.int_infohub__playbooks_parsed
            inner join {NODES} as nodes using (node_id)
            where declared_status = 'in_progress' and completed_date is not null
            """,
        ),
        [(row["subject_id"],) for row in contradictions],
    )


def test_every_declared_checklist_entry_is_an_item_of_policy(company_built: SampleCompany) -> None:
    (row,) = company_built.rows(
        "select count(*) as entry_count, count(item) as item_count from intermediate.int_infohub__checklist_entries_parsed"
    )

    assert row["entry_count"] == row["item_count"] > 0


# --- assets -----------------------------------------------------------------------------------------------------------------


def test_assets_reach_the_level_that_was_written(company_built: SampleCompany) -> None:
    assert_same(
        found(
            company_built,
            f"""
            select
                {NAME}, asset_path, reached_level, substr(file_path, length(realm || '/' || node) + 2), has_addition,
                content_date, content_date_key, age_days
            from {ASSETS} where asset_status = 'present' and not is_extra
            """,
        ),
        planted(
            company_built,
            "asset_level",
            *("asset", "expected", "found_at", "has_sla_terms", "content_date", "date_key", "age_days"),
        ),
    )


def test_assets_are_measured_against_the_level_of_their_track(company_built: SampleCompany) -> None:
    measured = {
        row[:2]: (SAME_WORTH.get(row[2], row[2]), row[3])
        for row in found(
            company_built,
            f"""
            select {NAME}, asset_path, demanded_level, is_demanded_level_reached
            from {ASSETS} where asset_status = 'present' and not is_extra
            """,
        )
    }
    judged = [
        row
        for row in planted(company_built, "asset_level", "asset", "demanded", "meets_demand")
        if row[3] is not None  # of nodes whose track can be told
    ]

    assert_same([(*row[:2], *measured[row[:2]]) for row in judged], judged)


def test_missing_assets_are_found(company_built: SampleCompany) -> None:
    rows = found(
        company_built,
        f"""
        select {NAME}, asset_path, demanded_level, track
        from {ASSETS} where asset_status = 'missing' and demand = 'required' and not is_extra
        """,
    )

    assert_same(
        [(*row[:2], SAME_WORTH.get(row[2], row[2]), row[3]) for row in rows],
        planted(company_built, "asset_missing", "asset", "demanded", "track"),
    )


@pytest.mark.parametrize(
    ("fact", "fields", "query"),
    [
        (
            "asset_misplaced",
            ("asset", "expected"),
            "select {name}, asset_path, match_rule from {assets} where asset_status = 'present' and match_rule <> 'exact'",
        ),
        (
            "asset_unreadable",
            ("asset", "expected"),
            "select {name}, asset_path, reading_reason_code from {assets} where asset_status = 'unreadable'",
        ),
        (
            "asset_ambiguous",
            ("asset",),
            "select {name}, asset_path from {assets} where asset_status = 'ambiguous'",
        ),
        (
            "raw_decoy",
            ("asset", "decoy"),
            """
            select {name}, asset_path, substr(decoy_path, length(realm || '/' || node) + 2)
            from {assets} where asset_status = 'missing' and decoy_path is not null
            """,
        ),
        (
            # What an optional blueprint asks for is looked at and never stale.
            "asset_stale",
            ("asset", "content_date", "threshold_days"),
            """
            select {name}, asset_path, content_date, staleness_days
            from {assets} where is_stale and blueprint_requirement in ('required', 'conditional')
                and demand in ('required', 'optional')
            """,
        ),
    ],
)
def test_what_is_wrong_with_assets_is_found(
    company_built: SampleCompany, fact: str, fields: tuple[str, ...], query: str
) -> None:
    assert_same(found(company_built, query.format(name=NAME, assets=ASSETS)), planted(company_built, fact, *fields))


def test_assets_that_nodes_add_are_there_or_missing(company_built: SampleCompany) -> None:
    extra = [row for row in company_built.truth("governance", "customisation") if row["expected"] == "extra"]

    assert_same(
        found(
            company_built,
            f"""
            select {NAME}, asset_path, asset_status = 'present'
            from {ASSETS} where is_extra and track is not null and archetype is not null
            """,
        ),
        [(row["subject_id"], row["detail"]["asset"], row["detail"]["is_present"]) for row in extra],
    )


def test_every_file_that_could_be_an_asset_is_one_or_is_nobodys(company_built: SampleCompany) -> None:
    """A file is matched to one asset at most."""
    rows = company_built.rows(
        f"select file_path from {ASSETS} where file_path is not null group by file_path having count(*) > 1"
    )

    assert rows == []


def test_no_seed_is_read_that_is_not_described(project: Path) -> None:
    """The models name seeds by ref; what they read has a description and a type for each column."""
    described = (project / "dbt_project/seeds/policy/_governance.yml").read_text()
    read = set()
    for path in (project / "dbt_project/models/intermediate/infohub").glob("*.sql"):
        read |= set(re.findall(r"ref\('([a-z_]+)'\)", path.read_text()))
    seeds = {name for name in read if not name.startswith(("int_", "stg_"))}

    assert seeds
    assert [name for name in seeds if f"- name: {name}\n" not in described] == []
