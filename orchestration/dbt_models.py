"""Everything dbt builds, as one step: dbt is started once, whatever of it a run asks for."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

import dagster as dg

from orchestration.days import asked_days
from orchestration.dbt_graph import DbtGraph
from orchestration.dbt_metadata import Relations, table_metadata
from orchestration.warehouse import POOL, patient
from revhouse.models import ModelsFailed, NodeResult, Refreshed, Relation, build_days, read_manifest
from revhouse.settings import Settings, read_settings

Results = Mapping[str, Sequence[NodeResult]]

_FAULTS_SHOWN = 20


def model_assets(settings: Settings, partitions: dg.PartitionsDefinition[str]) -> dg.AssetsDefinition:
    graph = DbtGraph(read_manifest(settings), partitions)

    @dg.multi_asset(
        name="build_models",
        description="Builds and tests models with dbt, for each day asked for, the earliest first.",
        specs=list(graph.assets.values()),
        check_specs=list(graph.checks.values()),
        can_subset=True,
        pool=POOL,
        # A range of days is one run: dbt starts once, and the days follow each other.
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def build_models(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        settings = read_settings()
        days = asked_days(context, settings)
        results: dict[str, list[NodeResult]] = defaultdict(list)
        relations: dict[str, Relation] = {}
        broken_off: ModelsFailed | None = None
        models, tests = _selection(context, graph)
        try:
            for result in build_days(patient(settings), days, select=models, tests=tests, describe=True):
                if isinstance(result, Relation):
                    relations[f"{result.schema}.{result.name}"] = result
                elif isinstance(result, Refreshed):
                    context.log.warning(
                        "%s is built from the beginning: the policy changed (%s)", result.model, ", ".join(result.seeds)
                    )
                else:
                    results[result.unique_id].append(result)
                    _log(context, result)
        except ModelsFailed as error:
            broken_off = error  # what was built before stays built, and is told first
        yield from _built(graph, settings, days, context.selected_asset_keys, results, relations)
        yield from _checked(graph, days, context.selected_asset_check_keys, results)
        if broken_off:
            raise dg.Failure(str(broken_off)) from broken_off
        _refuse_faults(results, graph, context.selected_asset_check_keys)

    return build_models


def _log(context: dg.AssetExecutionContext, result: NodeResult) -> None:
    log = context.log.warning if result.is_fault or result.status in ("warn", "skipped") else context.log.info
    log("%s: %s is %s after %.1f s. %s", result.day, result.unique_id, result.status, result.seconds, result.message)


def _selection(context: dg.AssetExecutionContext, graph: DbtGraph) -> tuple[list[str], list[str]]:
    """Which models and tests dbt is told by name; none where it is to build everything."""
    keys, checks = context.selected_asset_keys, context.selected_asset_check_keys
    if keys == {spec.key for spec in graph.assets.values()}:
        return [], []
    models = [graph.node(name)["name"] for name, spec in graph.assets.items() if spec.key in keys]
    tests = [graph.node(name)["name"] for name, check in graph.checks.items() if check.key in checks]
    return models, tests


def _built(
    graph: DbtGraph,
    settings: Settings,
    days: Sequence[date],
    keys: Collection[dg.AssetKey],
    results: Results,
    relations: Relations,
) -> Iterator[dg.MaterializeResult[None]]:
    """What was built on all days asked for. A table that misses one of them is not said to have them."""
    for unique_id, found in results.items():  # in the order in which they were built
        spec = graph.assets.get(unique_id)
        if spec and spec.key in keys and set(days) <= {result.day for result in found if result.status == "success"}:
            shown = days if spec.partitions_def else [found[-1].day]
            metadata = {
                "as_of": ", ".join(day.isoformat() for day in shown),
                "seconds": round(sum(result.seconds for result in found), 3),
                **table_metadata(graph, settings, unique_id, relations),
            }
            yield dg.MaterializeResult(asset_key=spec.key, metadata=metadata)


def _checked(
    graph: DbtGraph, days: Sequence[date], keys: Collection[dg.AssetCheckKey], results: Results
) -> Iterator[dg.AssetCheckResult]:
    for unique_id, check in graph.checks.items():
        ran = [result for result in results.get(unique_id, ()) if result.status != "skipped"]
        if check.key not in keys or not ran:
            continue
        bad = [result for result in ran if result.status != "pass"]
        only_warns = bool(bad) and all(result.status == "warn" for result in bad)
        worst = max(bad or ran, key=lambda result: result.failures or 0)
        yield dg.AssetCheckResult(
            asset_key=check.asset_key,
            check_name=check.name,
            passed=not bad,
            severity=dg.AssetCheckSeverity.WARN if only_warns else dg.AssetCheckSeverity.ERROR,
            description=f"{worst.day}: {worst.message}" if bad else None,
            metadata={
                "as_of": ", ".join(sorted({result.day.isoformat() for result in bad or ran})),
                "failing_rows": worst.failures or 0,
                "seconds": round(sum(result.seconds for result in ran), 3),
            },
        )


def _refuse_faults(results: Results, graph: DbtGraph, checks: Collection[dg.AssetCheckKey]) -> None:
    """Fail with what dbt said. A failed check that Dagster knows of fails the step by itself, with its own message."""
    faults = [
        f"{result.day} {result.fault}"
        for unique_id, found in results.items()
        for result in found
        if result.is_fault and not (unique_id in graph.checks and graph.checks[unique_id].key in checks)
    ]
    if faults:
        shown = "\n".join(f"- {fault}" for fault in faults[:_FAULTS_SHOWN])
        raise dg.Failure(f"dbt could not build or test everything ({len(faults)} faults):\n{shown}")
