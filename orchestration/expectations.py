"""The suites of expectations as asset checks, one for each suite, on the mart that it judges. What is asked is in expectations/."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from expectations.checks import ERROR, FAIL, NOTHING_TO_ASSESS, PASS, Outcome, Suite, Table
from expectations.suites import TABLES
from expectations.validation import suites_of
from orchestration.warehouse import POOL, patient
from revhouse import models
from revhouse.settings import read_settings
from revhouse.standing import read_standing
from revhouse.validation import validate_warehouse

_WORST_SHOWN = 10


def expectation_checks(assets: dg.AssetsDefinition) -> list[dg.AssetChecksDefinition]:
    """Checks of those suites whose table is among these assets."""
    if not any(_key(table) in assets.keys for table in TABLES):
        return []
    suites, _ = suites_of(models.PROJECT / "seeds" / "policy")
    checked = {suite.name: suite for suite in suites if _key(suite.table) in assets.keys}

    @dg.multi_asset_check(
        name="validate",
        description="Runs the suites of expectations on the day that the tables show, keeps the results and writes the pages.",
        specs=[_spec(suite) for suite in checked.values()],
        can_subset=True,
        pool=POOL,
    )
    def validate(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        settings = patient(read_settings())
        wanted = {key.name for key in context.selected_asset_check_keys}
        now = datetime.now(UTC)
        standing = read_standing(models.state_folder(settings))
        validation = validate_warehouse(
            settings,
            standing.day if standing else settings.effective_as_of(now),
            run_id=context.run.run_id,
            now=now,
            only=frozenset() if wanted == {suite.name for suite in suites} else frozenset(wanted),
        )
        for suite in validation.suites:
            outcomes = [outcome for outcome in validation.outcomes if outcome.suite == suite.name]
            worst_nodes = validation.worst_nodes.get(suite.name, ())
            yield _result(suite, outcomes, worst_nodes, str(validation.data_docs or ""), settings.gap_reports)
        if broken := validation.tally.broken:
            raise dg.Failure("The data are broken:\n" + "\n".join(f"- {said}" for said in broken))

    return [validate]


def _key(table: Table) -> dg.AssetKey:
    return dg.AssetKey([table.schema, table.name])


def _spec(suite: Suite) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        name=suite.name,
        asset=_key(suite.table),
        description=" ".join(part for part in (f"{suite.title}.", suite.note) if part),
        metadata={"expectations": len(suite.checks)},
    )


def _result(
    suite: Suite,
    outcomes: Sequence[Outcome],
    worst_nodes: Sequence[tuple[str, int]],
    data_docs: str,
    gap_reports: Path | None,
) -> dg.AssetCheckResult:
    """A gap of the business warns, however strict its track is; broken data is an error, and fails the run."""
    counts = {
        status: sum(outcome.status == status for outcome in outcomes)
        for status in (PASS, FAIL, ERROR, NOTHING_TO_ASSESS)
    }
    broken = any(outcome.is_broken_data for outcome in outcomes)
    counted = sum(outcome.counted for outcome in outcomes)
    unexpected = sum(outcome.unexpected for outcome in outcomes)
    metadata: dict[str, dg.MetadataValue] = {status: dg.MetadataValue.int(count) for status, count in counts.items()}
    metadata["results"] = dg.MetadataValue.text(f"select * from expectations.results where suite = '{suite.name}'")
    metadata["subjects"] = dg.MetadataValue.text(
        f"select * from expectations.failing_subjects where suite = '{suite.name}'"
    )
    if counted:
        metadata["pass_rate_pct"] = dg.MetadataValue.float(round(100 * (counted - unexpected) / counted, 1))
    if failing := [outcome for outcome in outcomes if outcome.status in (FAIL, ERROR)]:
        metadata["worst_rules"] = dg.MetadataValue.md(_rules_as_markdown(failing))
    if worst_nodes:
        metadata["worst_engagements"] = dg.MetadataValue.md(_nodes_as_markdown(worst_nodes, gap_reports))
    if data_docs:
        metadata["data_docs"] = dg.MetadataValue.path(data_docs.replace("index.html", f"{suite.name}.html"))
    return dg.AssetCheckResult(
        asset_key=_key(suite.table),
        check_name=suite.name,
        passed=not counts[FAIL] and not counts[ERROR],
        severity=dg.AssetCheckSeverity.ERROR if broken else dg.AssetCheckSeverity.WARN,
        description=_said(suite, counts),
        metadata=metadata,
    )


def _said(suite: Suite, counts: dict[str, int]) -> str:
    if not suite.checks:
        return suite.note
    return ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in counts.items() if count)


def _rules_as_markdown(failing: Sequence[Outcome]) -> str:
    lines = ["| rule | track | severity | at fault | to pass | owner | playbook |", "|---|---|---|---|---|---|---|"]
    ranked = sorted(failing, key=lambda outcome: (outcome.status != ERROR, -outcome.unexpected))
    for outcome in ranked[:_WORST_SHOWN]:
        check = outcome.check
        at_fault = outcome.message or f"{outcome.unexpected:,} of {outcome.counted:,}"
        lines.append(
            f"| `{check.rule_id}` | {check.track or ''} | {check.severity} | {at_fault} | {check.minimum_pct:g} % | "
            f"{check.owner_role} | {check.playbook or ''} |"
        )
    if len(ranked) > _WORST_SHOWN:
        lines.append(f"\n…and {len(ranked) - _WORST_SHOWN} more.")
    return "\n".join(lines)


def _nodes_as_markdown(worst_nodes: Sequence[tuple[str, int]], gap_reports: Path | None) -> str:
    """Where nothing is published, the place of an engagement still says which it is."""
    lines = ["| engagement | at fault | all its gaps |", "|---|---|---|"]
    for node_id, count in worst_nodes:
        place = node_id.rsplit(":", 1)[-1]
        report = f"`{gap_reports / place / 'gap_report.yaml'}`" if gap_reports else ""
        lines.append(f"| `{place}` | {count:,} | {report} |")
    return "\n".join(lines)
