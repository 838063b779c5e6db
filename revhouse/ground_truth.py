"""What was found in the sample company, held against what was planted in it: for each rule how much of it is right.

The sample company comes with ground_truth.csv, a table of everything that was planted. Which of its facts a rule has to find, and
in which word, is said here and nowhere else. How it looks on a screen is ground_truth_report.py's business.
"""

from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from revhouse.holdings import open_to_read
from revhouse.wording import command, short

SECTIONS = {
    "gap_kind": "Gaps, by kind",
    "asset_problem": "Assets, by their first problem",
    "checklist_item": "Checklist items that do not pass",
    "checklist_status": "Checklist items, by outcome",
    "duty": "Recurring duties not in time",
    "duty_status": "Recurring duties, by outcome",
    "declared_value": "Values that files get wrong",
}
"""The groups of rules, in the order in which they are told."""


class NotComparable(Exception):
    """There is no truth, nothing built, or each is of another day. The message is for the person who asked."""


@dataclass(frozen=True)
class RuleResult:
    """How many findings of a rule were planted, how many it found, and how many of these are right."""

    section: str
    rule: str
    planted: int
    found: int
    right: int

    @property
    def precision(self) -> float | None:
        """How much of what was found is right; None if nothing was found."""
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """How much of what was planted was found; None if nothing was planted."""
        return self.right / self.planted if self.planted else None

    @property
    def is_exact(self) -> bool:
        return self.planted == self.found == self.right


@dataclass(frozen=True)
class Finding:
    """One outcome of a rule for one engagement: planted, found, or both.

    `is_told` says whether the truth knows of the thing at all. What it is silent about is neither right nor wrong.
    """

    section: str
    rule: str
    node: str
    subject: str
    outcome: str
    is_planted: bool
    is_found: bool
    is_told: bool


@dataclass(frozen=True)
class Comparison:
    """All rules, each finding that is not as planted, and those of which the truth tells nothing."""

    as_of: date
    rules: list[RuleResult]
    missed: list[Finding]
    too_many: list[Finding]
    untold: list[Finding]

    @property
    def is_exact(self) -> bool:
        return all(rule.is_exact for rule in self.rules)

    def of(self, section: str) -> list[RuleResult]:
        return [rule for rule in self.rules if rule.section == section]

    def rule(self, section: str, name: str) -> RuleResult:
        (found,) = (rule for rule in self.of(section) if rule.rule == name)
        return found

    def total(self, section: str) -> RuleResult:
        """The rules of a section as if they were one."""
        rules = self.of(section)
        planted, found, right = (sum(getattr(it, name) for it in rules) for name in ("planted", "found", "right"))
        return RuleResult(section, "all", planted, found, right)

    @property
    def untold_gaps(self) -> int:
        return sum(finding.section == "gap_kind" for finding in self.untold)

    def as_json(self) -> dict[str, Any]:
        return {
            "as_of": self.as_of.isoformat(),
            "is_exact": self.is_exact,
            "rules": [asdict(rule) | {"precision": rule.precision, "recall": rule.recall} for rule in self.rules],
            "missed": [asdict(finding) for finding in self.missed],
            "too_many": [asdict(finding) for finding in self.too_many],
            "untold_gaps": self.untold_gaps,
        }


# What the truth says of the InfoHub, a fact a row.
_FACTS = """
create or replace temp table facts as

select
    fact,
    subject_id as node,
    cast(on_date as date) as on_date,
    expected,
    json_extract_string(detail, '$.asset') as asset,
    json_extract_string(detail, '$.blueprint') as blueprint,
    json_extract_string(detail, '$.blueprint') || '/' || json_extract_string(detail, '$.item') as item,
    json_extract_string(detail, '$.activity') as duty,
    json_extract_string(detail, '$.field') as field,
    json_extract_string(detail, '$.declared') as declared_value,
    json_extract_string(detail, '$.recomputed') as recomputed_value,
    json_extract_string(detail, '$.meets_demand') = 'true' as is_demand_met,
    json_extract_string(detail, '$.is_present') = 'true' as is_present

from read_csv($ground_truth, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"')

where area = 'governance'
"""

# What each rule has to find. What nobody can be certain of was not planted.
_PLANTED = """
create or replace temp table planted as

with

nodes as (

    select
        realm || '/' || node as node,
        track

    from intermediate.int_infohub__nodes_resolved

),

-- What is only optional is looked at and is never a gap. Policy says what that is, and not what came of looking at it:
-- else whatever was looked at wrongly would be left out here, too.
optional_blueprints as (

    select
        nodes.node,
        blueprint_tracks.blueprint

    from nodes

    inner join policy.blueprint_tracks as blueprint_tracks on nodes.track = blueprint_tracks.track

    where blueprint_tracks.requirement = 'optional'

),

optional_assets as (

    select
        nodes.node,
        asset_track_levels.asset_path as asset

    from nodes

    inner join policy.asset_track_levels as asset_track_levels on nodes.track = asset_track_levels.track

    where asset_track_levels.requirement = 'optional'

    union

    select
        optional_blueprints.node,
        assets.asset_path as asset

    from optional_blueprints

    inner join policy.assets as assets on optional_blueprints.blueprint = assets.blueprint

),

asset_facts as (

    select
        case
            when fact = 'asset_level' then 'below_level'
            -- What an engagement adds itself is planted apart from what policy asks for.
            when expected = 'extra' then 'missing'
            when fact = 'customisation' then expected
            else replace(fact, 'asset_', '')
        end as problem,
        node,
        asset,
        expected = 'extra' as is_extra

    from facts

    where
        (
            fact in ('asset_missing', 'asset_unreadable', 'asset_ambiguous', 'asset_stale')
            or (fact = 'asset_level' and not is_demand_met)
            or (fact = 'customisation' and (expected <> 'extra' or not is_present))
        )
        and (node, asset) not in (from optional_assets)

),

-- An asset can be low and stale at once; its status says the first of these.
first_problems as (

    select
        problem,
        node,
        asset

    from asset_facts

    where not is_extra

    -- one row per asset: the problem that comes first in the list
    qualify
        row_number() over (
            partition by node, asset
            order by list_position(
                ['dropped', 'dropped_without_reason', 'missing', 'unreadable', 'ambiguous', 'below_level', 'stale'], problem
            )
        ) = 1

),

-- Where the asset itself is a gap, that is the gap, and not each item or duty that would have read it.
assets_without_gap as (

    select
        node,
        asset

    from facts

    where
        fact = 'asset_level'
        and is_demand_met
        and (node, asset) not in (from optional_assets)

),

engagement_gaps as (

    select
        case fact
            when 'orphan_node' then 'blueprint_missing'  -- a folder that the CRM knows nothing of has no blueprint.yaml either
            when 'unknown_archetype' then 'archetype_unknown'
            else fact
        end as gap_kind,
        node,
        case fact
            when 'unknown_archetype' then 'archetype'
            when 'blueprint_not_instantiated' then blueprint
            else 'blueprint'
        end as subject

    from facts

    where
        fact in (
            'blueprint_missing', 'orphan_node', 'blueprint_unreadable', 'unknown_archetype', 'blueprint_not_instantiated'
        )

),

asset_gaps as (

    select
        'asset_' || problem as gap_kind,
        node,
        asset as subject

    from asset_facts

    where problem <> 'dropped'  -- with a reason, which is allowed

),

item_gaps as (

    select
        case expected
            when 'fail' then 'checklist_failed'
            when 'manual' then 'attestation_missing'
            when 'insufficient_data' then 'checklist_evidence_missing'
        end as gap_kind,
        node,
        item as subject

    from facts

    where
        fact = 'checklist_item'
        and (
            expected in ('fail', 'manual')
            or (expected = 'insufficient_data' and (node, asset) in (from assets_without_gap))
        )
        and (node, blueprint) not in (from optional_blueprints)

),

duty_facts as (

    select
        node,
        duty,
        asset,
        case expected when 'on_time' then 'pass' when 'overdue' then 'fail' else expected end as status

    from facts

    where fact = 'cadence_overdue'

),

duty_gaps as (

    select
        case status when 'fail' then 'cadence_overdue' else 'cadence_evidence_missing' end as gap_kind,
        node,
        duty as subject

    from duty_facts

    where
        status = 'fail'
        or (status = 'insufficient_data' and (node, asset) in (from assets_without_gap))

)

select 'gap_kind' as section, gap_kind as rule, node, subject, 'open' as outcome
from (from engagement_gaps union all from asset_gaps union all from item_gaps union all from duty_gaps)

union

select 'asset_problem', problem, node, asset, problem
from first_problems

union

select 'checklist_item', item, node, item, expected
from facts
where fact = 'checklist_item' and expected in ('fail', 'manual', 'waived', 'insufficient_data')

union

select 'checklist_status', expected, node, item, expected
from facts
where fact = 'checklist_item'

union

select 'duty', duty, node, duty, status
from duty_facts
where status in ('fail', 'insufficient_data')

union

select 'duty_status', status, node, duty, status
from duty_facts

union

select
    'declared_value',
    field_rule(field),
    node,
    asset || ': ' || field,
    coalesce(declared_value, 'nothing') || ' is ' || coalesce(recomputed_value, 'nothing')
from facts
where fact = 'declared_disagrees'
"""

# What the built tables say. `is_told` is false where the truth is silent: it tells nothing of an engagement that is a bare
# folder, and nothing of an item or a duty that can be judged in two ways, or of which nobody knows whether it is asked for.
_FOUND = """
create or replace temp table found as

with

bare_nodes as (

    select node from facts where fact = 'lean_node'

),

told_items as (

    select
        node,
        item

    from facts

    where fact = 'checklist_item'

),

told_duties as (

    select
        node,
        duty

    from facts

    where fact = 'cadence_overdue'

),

gaps as (

    select
        gap_days.gap_kind,
        gap_days.realm || '/' || gap_days.node as node,
        gap_days.subject,
        gap_kinds.dimension

    from governance.fct_gap_days as gap_days

    inner join policy.gap_kinds as gap_kinds on gap_days.gap_kind = gap_kinds.gap_kind

    where
        gap_days.gap_state = 'open'
        and gap_days.as_of_date = $as_of

),

items as (

    select
        realm || '/' || node as node,
        blueprint || '/' || item as item,
        status

    from governance.fct_checklist_results

),

duties as (

    select
        realm || '/' || node as node,
        duty,
        status

    from governance.fct_cadence_compliance

),

assets as (

    select
        realm || '/' || node as node,
        asset_path as asset,
        problem

    from governance.fct_asset_status

    where
        demand = 'required'
        and not is_extra
        and problem <> 'none'

),

declared_values as (

    select
        realm || '/' || node as node,
        substr(file_path, length(realm || '/' || node) + 2) as file,
        field,
        declared_value,
        recomputed_value

    from governance.fct_declared_vs_recomputed

    where not agrees

)

select
    'gap_kind' as section,
    gap_kind as rule,
    node,
    subject,
    'open' as outcome,
    node not in (from bare_nodes)
    and (dimension <> 'checklist' or (node, subject) in (from told_items))
    and (dimension <> 'cadence' or (node, subject) in (from told_duties)) as is_told
from gaps

union

select 'asset_problem', problem, node, asset, problem, node not in (from bare_nodes)
from assets

union

select 'checklist_item', item, node, item, status, (node, item) in (from told_items)
from items
where status in ('fail', 'manual', 'waived', 'insufficient_data')

union

select 'checklist_status', status, node, item, status, (node, item) in (from told_items)
from items

union

select 'duty', duty, node, duty, status, (node, duty) in (from told_duties)
from duties
where status in ('fail', 'insufficient_data')

union

select 'duty_status', status, node, duty, status, (node, duty) in (from told_duties)
from duties

union

select
    'declared_value',
    field_rule(field),
    node,
    file || ': ' || field,
    coalesce(declared_value, 'nothing') || ' is ' || coalesce(recomputed_value, 'nothing'),
    node not in (from bare_nodes)
from declared_values
"""

_COMPARED = """
create or replace temp table compared as

select
    section,
    rule,
    node,
    subject,
    outcome,
    planted.node is not null as is_planted,
    found.node is not null as is_found,
    -- what was planted is told
    coalesce(found.is_told, false) or planted.node is not null as is_told

from planted

-- full: what was missed is in one, and what was found too much is in the other
full join found using (section, rule, node, subject, outcome)
"""

# A rule that had nothing to find and found nothing is told, too.
_RULES = """
with

rules as (

    select 'gap_kind' as section, gap_kind as rule, sort_order as place from policy.gap_kinds

    union

    select 'checklist_item', blueprint || '/' || item, 0 from policy.checklist_items

    union

    select 'duty', duty, 0 from policy.cadence_duties

    union

    select 'declared_value', field_rule(field), 0 from governance.fct_declared_vs_recomputed

),

counts as (

    select
        section,
        rule,
        count(*) filter (is_planted) as planted,
        count(*) filter (is_found) as found,
        count(*) filter (is_planted and is_found) as correct

    from compared

    where is_told

    group by section, rule

)

select
    section,
    rule,
    coalesce(counts.planted, 0),
    coalesce(counts.found, 0),
    coalesce(counts.correct, 0)

from rules

-- full: statuses and problems are listed nowhere but where they occur
full join counts using (section, rule)

order by list_position($sections, section), rules.place, rule
"""

# Values in lists, and those of each checklist item, are judged by one rule: activities[3].status is activities[].status.
_FIELD_RULE = r"""
create or replace temp macro field_rule(field) as
    regexp_replace(
        regexp_replace(regexp_replace(field, '\[\d+\]', '[]'), '^components\.[^.]+\.', 'components[].'),
        '^checklists\..*',
        'checklists'
    )
"""


def compare_with_truth(warehouse: Path, ground_truth: Path) -> Comparison:
    """Compare the built tables with what was planted in the sample company that they were built from."""
    if not ground_truth.exists():
        raise NotComparable(
            f"There is no {short(ground_truth)}. Only a sample company comes with a list of what was planted in it; "
            "what is wrong in a real one nobody knows beforehand."
        )
    try:
        with open_to_read(warehouse) as connection:
            return _compare(connection, warehouse, ground_truth)
    except duckdb.CatalogException as error:
        raise NotComparable(_not_built(warehouse)) from error


def _compare(connection: duckdb.DuckDBPyConnection, warehouse: Path, ground_truth: Path) -> Comparison:
    connection.execute(_FACTS, {"ground_truth": str(ground_truth)})
    as_of = _day_of_both(connection, warehouse, ground_truth)
    connection.execute(_FIELD_RULE)
    connection.execute(_PLANTED)
    connection.execute(_FOUND, {"as_of": as_of})
    connection.execute(_COMPARED)
    rules = connection.execute(_RULES, {"sections": list(SECTIONS)}).fetchall()
    return Comparison(
        as_of,
        [RuleResult(*rule) for rule in rules],
        missed=_findings(connection, "is_planted and not is_found"),
        too_many=_findings(connection, "is_found and not is_planted and is_told"),
        untold=_findings(connection, "not is_told"),
    )


def _day_of_both(connection: duckdb.DuckDBPyConnection, warehouse: Path, ground_truth: Path) -> date:
    planted_on = _only_value(connection, "select max(on_date) from facts")
    if planted_on is None:
        raise NotComparable(f"{short(ground_truth)} tells nothing of an InfoHub: there is nothing to compare.")
    built_for = _only_value(connection, "select max(as_of_date) from governance.fct_checklist_results")
    if built_for is None:
        raise NotComparable(_not_built(warehouse))
    if built_for != planted_on:
        raise NotComparable(
            f"The tables in {short(warehouse)} show {built_for}, and {short(ground_truth)} says what was true on "
            f"{planted_on}. Build that day first: {command()} run --as-of {planted_on}"
        )
    return built_for


def _only_value(connection: duckdb.DuckDBPyConnection, query: str) -> date | None:
    ((value,),) = connection.execute(query).fetchall()
    return value  # type: ignore[no-any-return]


def _not_built(warehouse: Path) -> str:
    return f"What is compared has not been built in {short(warehouse)} yet. Build it with: {command()} run"


def _findings(connection: duckdb.DuckDBPyConnection, which: str) -> list[Finding]:
    rows = connection.execute(
        "select section, rule, node, subject, outcome, is_planted, is_found, is_told "
        f"from compared where {which} order by list_position($sections, section), rule, node, subject, outcome",
        {"sections": list(SECTIONS)},
    ).fetchall()
    return [Finding(*row) for row in rows]
