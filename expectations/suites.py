"""Which suites there are, put together from the policy: one per blueprint, one per archetype and track, one per source, and what
must hold of the judged tables before any of them means something.
"""

from __future__ import annotations

from collections.abc import Iterator

from expectations.checks import Check, Contains, Filled, OneOf, Share, Suite, Table
from expectations.policy import Asset, Item, Policy, SourceLimit, Strictness

CHECKLISTS = Table(
    "governance",
    "fct_checklist_results",
    subject=("node_id", "blueprint", "item"),
    reason="reason",
    link="evidence_path",
)
FRESHNESS = Table(
    "governance", "fct_asset_freshness", subject=("node_id", "asset_path"), reason="reason", link="file_path"
)
SOURCES = Table(
    "core",
    "rpt_source_measures",
    subject=("source_system", "source_instance", "subject_name", "measure"),
    reason="reason",
    link="delivery_name",
)
TABLES = (CHECKLISTS, FRESHNESS, SOURCES)


def build_suites(policy: Policy) -> list[Suite]:
    suites = [
        *_structure_suites(policy),
        *_blueprint_suites(policy),
        *_staleness_suites(policy),
        *_source_suites(policy),
    ]
    keys = [check.key for suite in suites for check in suite.checks]
    assert len(keys) == len(set(keys)), "two checks of the policy have the same key"
    return suites


def _blueprint_suites(policy: Policy) -> Iterator[Suite]:
    for blueprint in policy.blueprints:
        if blueprint.is_active:
            checks = [
                _item_check(policy, item, policy.strictness[blueprint.archetype, track])
                for item in policy.items
                if item.blueprint == blueprint.blueprint
                for track in policy.tracks
                if track in item.applicable_tracks
            ]
            yield Suite(
                f"checklist_{blueprint.blueprint.lower()}",
                f"{blueprint.blueprint} {blueprint.blueprint_name}: checklist",
                CHECKLISTS,
                tuple(checks),
                note=blueprint.intent,
            )


def _item_check(policy: Policy, item: Item, strictness: Strictness) -> Check:
    return Check(
        key=f"{item.blueprint}/{item.item}/{strictness.track}",
        rule_id=f"{item.blueprint}/{item.item}",
        description=f"{item.item_name}: {item.predicate}",
        question=Share(
            # Of a blueprint that an engagement took on without having to, the items are looked at and do not count.
            group={"blueprint": item.blueprint, "item": item.item, "track": strictness.track, "is_required": True},
            counted=policy.counted,
            passing=policy.passing,
            minimum_pct=strictness.minimum_pass_rate_pct,
        ),
        severity=strictness.severity,
        owner_role=item.owner_role,
        playbook=item.playbook,
        archetype=strictness.archetype,
        blueprint=item.blueprint,
        item=item.item,
        track=strictness.track,
        threshold=f"{strictness.minimum_pass_rate_pct:g} % of nodes",
    )


def _staleness_suites(policy: Policy) -> Iterator[Suite]:
    archetypes = {blueprint.blueprint: blueprint.archetype for blueprint in policy.blueprints}
    for strictness in policy.strictness.values():
        assets = [asset for asset in policy.assets if archetypes[asset.blueprint] == strictness.archetype]
        days = strictness.staleness_days
        yield Suite(
            f"staleness_{strictness.archetype.removesuffix('_governance')}_{strictness.track}",
            f"Freshness of assets: {_worded(strictness.archetype)}, {_worded(strictness.track)}",
            FRESHNESS,
            tuple(_asset_check(policy, asset, strictness, days) for asset in assets) if days is not None else (),
            note=(
                f"An asset is stale once its content is older than {days} days."
                if days is not None
                else "The policy sets no age for this track: nothing of it goes stale, and nothing is checked."
            ),
        )


def _asset_check(policy: Policy, asset: Asset, strictness: Strictness, days: int) -> Check:
    return Check(
        key=f"staleness/{strictness.archetype}/{strictness.track}/{asset.asset_path}",
        rule_id=f"staleness/{asset.asset_path}",
        description=f"{asset.asset_name} is no older than {days} days where it is required and there",
        question=Share(
            group={"archetype": strictness.archetype, "track": strictness.track, "asset_path": asset.asset_path},
            counted=policy.counted,
            passing=policy.passing,
            minimum_pct=strictness.minimum_pass_rate_pct,
        ),
        severity=strictness.severity,
        owner_role=asset.owner_role,
        playbook=asset.playbook,
        archetype=strictness.archetype,
        blueprint=asset.blueprint,
        track=strictness.track,
        threshold=f"{days} days, {strictness.minimum_pass_rate_pct:g} % of nodes",
    )


def _source_suites(policy: Policy) -> Iterator[Suite]:
    systems = dict.fromkeys(limit.source_system for limit in policy.source_limits)
    for system in systems:
        limits = [limit for limit in policy.source_limits if limit.source_system == system]
        yield Suite(
            f"source_{system}",
            f"Exports of {_worded(system)}: freshness and completeness",
            SOURCES,
            tuple(_source_check(policy, limit) for limit in limits),
        )


def _source_check(policy: Policy, limit: SourceLimit) -> Check:
    return Check(
        key=f"source/{limit.source_system}/{limit.measure}",
        rule_id=f"source/{limit.measure}",
        description=f"{_worded(limit.measure)} of {_worded(limit.source_system)}: at most {limit.maximum_value:g} {limit.unit}",
        question=Share(
            group={"source_system": limit.source_system, "measure": limit.measure},
            counted=policy.counted,
            passing=policy.passing,
            minimum_pct=limit.minimum_pass_rate_pct,
        ),
        severity=limit.severity,
        owner_role=limit.owner,
        is_blocking=limit.is_blocking,
        threshold=f"{limit.maximum_value:g} {limit.unit}",
    )


def _structure_suites(policy: Policy) -> Iterator[Suite]:
    """What the counting of shares takes for granted. A status nobody knows, or an item nobody asks, would silently count as nothing."""
    for table, expected in (
        (CHECKLISTS, {"item": tuple(sorted({item.item for item in policy.items}))}),
        (FRESHNESS, {}),
        (SOURCES, {}),
    ):
        checks = [
            _structure_check(table, "status", "known", OneOf("status", policy.statuses), "has a word of the policy"),
            _structure_check(table, "status", "filled", Filled("status"), "is filled in every row"),
            *(
                _structure_check(
                    table, column, "asked", Contains(column, values), "is asked for each item of the policy"
                )
                for column, values in expected.items()
            ),
        ]
        yield Suite(
            f"structure_{table.name}",
            f"What must hold of {table.place}",
            table,
            tuple(checks),
            note="Broken data, not a business gap: a failure stops the pipeline.",
        )


def _structure_check(table: Table, column: str, name: str, question: OneOf | Filled | Contains, what: str) -> Check:
    return Check(
        key=f"structure/{table.name}/{column}_{name}",
        rule_id=f"structure/{column}_{name}",
        description=f"{column} of {table.place} {what}",
        question=question,
        severity="error",
        owner_role="revenue_operations",
        is_blocking=True,
    )


def _worded(name: str) -> str:
    return name.replace("_", " ")
