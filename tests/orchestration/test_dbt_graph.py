"""Dagster's picture of the dbt project, held against dbt's own."""

from typing import Any

import dagster as dg
import pytest

from orchestration.dbt_graph import keeps_days
from revhouse.models import read_manifest
from revhouse.settings import read_settings


@pytest.fixture(scope="module")
def manifest(definitions: dg.Definitions) -> dict[str, Any]:
    return read_manifest(read_settings({}, {}))


def of_kind(manifest: dict[str, Any], *kinds: str) -> dict[str, Any]:
    return {name: node for name, node in manifest["nodes"].items() if node["resource_type"] in kinds}


def key(node: dict[str, Any]) -> tuple[str, ...]:
    """Schema and table. What a loader writes beside a raw table is told with that table."""
    if node["resource_type"] == "source":
        schema, table = node["source_name"], node["name"]
        return ("raw", "infohub__files") if table == "infohub_scans" else (schema.removesuffix("_history"), table)
    return node["schema"], node["name"]


def is_ephemeral(node: dict[str, Any]) -> bool:
    return bool(node["config"].get("materialized") == "ephemeral")


def test_every_stored_model_and_seed_is_an_asset_with_the_lineage_it_has_in_dbt(
    definitions: dg.Definitions, manifest: dict[str, Any]
) -> None:
    everything = manifest["nodes"] | manifest["sources"]

    def stored_parents(node: dict[str, Any]) -> set[tuple[str, ...]]:
        parents = [everything[name] for name in node.get("depends_on", {}).get("nodes", ())]
        # A model that is only written into the SQL of others is no table: what it reads stands in for it.
        return set().union(*(stored_parents(node) if is_ephemeral(node) else {key(node)} for node in parents))

    in_dbt = {
        key(node): stored_parents(node)
        for node in of_kind(manifest, "model", "seed").values()
        if not is_ephemeral(node)
    }
    graph = definitions.resolve_asset_graph()
    made_by_dbt = next(asset for asset in graph.assets_defs if asset.is_executable and asset.op.name == "build_models")
    in_dagster = {tuple(spec.key.path): {tuple(dep.asset_key.path) for dep in spec.deps} for spec in made_by_dbt.specs}

    assert in_dagster == in_dbt
    loaded = {tuple(spec.key.path) for spec in definitions.resolve_all_asset_specs()} - set(in_dbt)
    assert set().union(*in_dbt.values()) - set(in_dbt) <= loaded, "a model reads what nothing loads"


def name_of(test: dict[str, Any]) -> str:
    """As dbt has it, but without all that rows are held to."""
    is_of_rows = (test.get("test_metadata") or {}).get("name") == "sound_rows"
    return f"sound_rows_{test['attached_node'].split('.')[-1]}" if is_of_rows else str(test["name"])


def test_every_test_of_data_is_a_check_that_blocks_if_it_is_an_error(
    definitions: dg.Definitions, manifest: dict[str, Any]
) -> None:
    in_dbt = {
        name_of(test): test["config"]["severity"].lower() == "error" for test in of_kind(manifest, "test").values()
    }
    assets = definitions.resolve_asset_graph().assets_defs
    # The suites' checks are told apart by what computes them: they are no tests of dbt.
    specs = [
        spec
        for asset in assets
        if asset.is_executable and asset.op.name == "build_models"
        for spec in asset.check_specs
    ]

    assert {spec.name: spec.blocking for spec in specs} == in_dbt
    assert len(specs) == len(in_dbt)
    # A check of what is no asset would never be seen beside it.
    assert {spec.asset_key for spec in specs} <= {spec.key for spec in definitions.resolve_all_asset_specs()}


def test_a_check_of_rows_lists_what_they_are_held_to(definitions: dg.Definitions) -> None:
    (spec,) = (
        spec
        for asset in definitions.resolve_asset_graph().assets_defs
        if asset.is_executable
        for spec in asset.check_specs
        if spec.name == "sound_rows_declared_status_words"
    )

    assert (spec.description or "").splitlines() == [
        "- Key: declared_word, status",
        "- Never null: is_usual_word, owner_role, why, source_document, source_section",
        "- `status`: in `status_words.status`",
        "- `owner_role`: in `roles.role`",
        "- `source_document`: in `policy_sources.source_document`",
    ]


def test_what_keeps_days_has_a_partition_for_each_day_and_nothing_else_has(
    definitions: dg.Definitions, manifest: dict[str, Any]
) -> None:
    keeping = {key(node) for node in of_kind(manifest, "model").values() if keeps_days(node)}
    partitioned = {
        tuple(spec.key.path): spec.partitions_def
        for spec in definitions.resolve_all_asset_specs()
        if spec.partitions_def
    }

    assert set(partitioned) == keeping
    for days in partitioned.values():
        assert isinstance(days, dg.DailyPartitionsDefinition)
        assert days.get_first_partition_key() == "2024-01-01"
