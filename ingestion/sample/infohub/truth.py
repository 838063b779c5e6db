"""Writes down what was planted in the sample InfoHub: rows of sim.truth, told from the plan the files were written by.

Rows exist only where the answer is certain. What a file gets wrong about itself is known when it is written, and handed in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import duckdb

from ingestion.sample.infohub.catalogue import LEVELS
from ingestion.sample.infohub.plan_assets import READABLE_ODDITIES

_AREA = "governance"

# (fact, subject type, subject, expected, detail as a struct, from …)
_FACTS = (
    (
        "checklist_item",
        "case when waivers.is_active then 'waived' else items.status end",
        "{'blueprint': items.blueprint, 'item': items.item, 'asset': items.asset, 'why': items.why, 'unwaived_status': items.status}",
        """infohub_items as items
        inner join infohub_nodes as nodes on items.node_id = nodes.node_id
        -- left: few items are waived
        left join infohub_waivers as waivers
            on items.node_id = waivers.node_id and items.blueprint = waivers.blueprint and items.item = waivers.item
        where items.is_resolved""",
        "items.blueprint, items.item",
    ),
    (
        "waiver",
        "case when facts.is_active then 'active' else 'expired' end",
        "{'blueprint': facts.blueprint, 'item': facts.item, 'expires_on': facts.expires_on, 'reason': facts.reason}",
        "infohub_waivers as facts inner join infohub_nodes as nodes on facts.node_id = nodes.node_id",
        "facts.blueprint, facts.item",
    ),
    (
        "asset_level",
        f"{list(LEVELS)}[facts.level_number]",
        """{
            'asset': facts.asset, 'blueprint': facts.blueprint, 'found_at': facts.found_at, 'demanded': facts.demanded,
            'meets_demand': case when nodes.is_resolved then facts.meets_demand end, 'has_sla_terms': facts.has_premium_sla, 'content_date': facts.content_on,
            'date_key': facts.date_key, 'age_days': facts.age_days
        }""",
        """infohub_assets as facts inner join infohub_nodes as nodes on facts.node_id = nodes.node_id
        where facts.state = 'present'""",
        "facts.asset",
    ),
    (
        "asset_missing",
        "'missing'",
        "{'asset': facts.asset, 'blueprint': facts.blueprint, 'demanded': facts.demanded, 'track': nodes.track}",
        """infohub_assets as facts inner join infohub_nodes as nodes on facts.node_id = nodes.node_id
        where facts.state = 'missing' and nodes.is_resolved""",
        "facts.asset",
    ),
    (
        "asset_stale",
        "facts.age_days::varchar",
        """{
            'asset': facts.asset, 'blueprint': facts.blueprint, 'content_date': facts.content_on,
            'threshold_days': nodes.staleness_days, 'track': nodes.track
        }""",
        """infohub_assets as facts inner join infohub_nodes as nodes on facts.node_id = nodes.node_id
        where facts.state = 'present' and facts.is_stale and nodes.is_resolved and facts.asked <> 'optional'""",
        "facts.asset",
    ),
    (
        "asset_misplaced",
        "facts.found_by",
        "{'asset': facts.asset, 'found_at': facts.found_at}",
        """infohub_assets as facts inner join infohub_nodes as nodes on facts.node_id = nodes.node_id
        where facts.state = 'present' and facts.found_by <> 'exact'""",
        "facts.asset",
    ),
    (
        "asset_unreadable",
        "facts.odd_file",
        "{'asset': facts.asset, 'blueprint': facts.blueprint, 'found_at': facts.found_at}",
        """infohub_assets as facts inner join infohub_nodes as nodes on facts.node_id = nodes.node_id
        where facts.state = 'unreadable'""",
        "facts.asset",
    ),
    (
        "asset_ambiguous",
        "'ambiguous'",
        "{'asset': facts.asset, 'blueprint': facts.blueprint}",
        """infohub_assets as facts inner join infohub_nodes as nodes on facts.node_id = nodes.node_id
        where facts.state = 'ambiguous'""",
        "facts.asset",
    ),
    (
        "asset_odd_but_readable",
        "facts.odd_file",
        "{'asset': facts.asset, 'found_at': facts.found_at}",
        f"""infohub_assets as facts inner join infohub_nodes as nodes on facts.node_id = nodes.node_id
        where facts.odd_file in ({", ".join(f"'{kind}'" for kind in READABLE_ODDITIES)})""",
        "facts.asset",
    ),
    (
        "raw_decoy",
        "'missing'",
        "{'asset': facts.asset, 'decoy': 'raw/' || split_part(facts.asset, '/', 2)}",
        """infohub_assets as facts inner join infohub_nodes as nodes on facts.node_id = nodes.node_id
        where facts.has_decoy""",
        "facts.asset",
    ),
    (
        "customisation",
        "case when facts.state = 'dropped' then 'dropped' else 'dropped_without_reason' end",
        "{'asset': facts.asset, 'blueprint': facts.blueprint}",
        """infohub_assets as facts inner join infohub_nodes as nodes on facts.node_id = nodes.node_id
        where (facts.state = 'dropped' or facts.customisation = 'dropped_without_reason') and nodes.is_resolved""",
        "facts.asset",
    ),
    (
        "cadence_overdue",
        "facts.status",
        """{
            'activity': facts.activity, 'asset': facts.asset, 'rhythm': facts.rhythm, 'last_on': facts.event_on,
            'days_ago': facts.days_ago
        }""",
        "infohub_cadences as facts inner join infohub_nodes as nodes on facts.node_id = nodes.node_id",
        "facts.activity",
    ),
    (
        "track_conflict",
        "nodes.track",
        "{'blueprint_track': nodes.track, 'crm_track': nodes.crm_track, 'in_force': nodes.track}",
        "infohub_nodes as nodes where nodes.oddity = 'track_conflict'",
        "nodes.node_id",
    ),
    (
        "track_change",
        "nodes.track",
        "{'earlier_track': nodes.other_track, 'changed_on': infohub_today() - 50}",
        "infohub_nodes as nodes where nodes.oddity = 'track_change'",
        "nodes.node_id",
    ),
    (
        "track_planned",
        "nodes.track",
        "{'planned_track': nodes.other_track, 'planned_for': infohub_today() + 20}",
        "infohub_nodes as nodes where nodes.oddity = 'track_planned'",
        "nodes.node_id",
    ),
    (
        "track_missing",
        "nodes.crm_track",
        "{'in_force': nodes.crm_track, 'why': 'blueprint.yaml names no track, the CRM does'}",
        "infohub_nodes as nodes where nodes.oddity = 'track_missing'",
        "nodes.node_id",
    ),
    (
        "archetype_alias",
        "nodes.archetype",
        "{'maps_to': nodes.archetype}",
        "infohub_nodes as nodes where nodes.oddity = 'archetype_alias'",
        "nodes.node_id",
    ),
    (
        "unknown_archetype",
        "'unknown'",
        "{'simulated_archetype': nodes.archetype}",
        "infohub_nodes as nodes where nodes.oddity = 'unknown_archetype'",
        "nodes.node_id",
    ),
    (
        "blueprint_missing",
        "'missing'",
        "{'file': 'blueprint.yaml'}",
        "infohub_nodes as nodes where nodes.oddity = 'blueprint_missing'",
        "nodes.node_id",
    ),
    (
        "blueprint_unreadable",
        "'tab_indentation'",
        "{'file': 'blueprint.yaml'}",
        "infohub_nodes as nodes where nodes.oddity = 'blueprint_unreadable'",
        "nodes.node_id",
    ),
    (
        "realm_id_disagrees",
        "nodes.realm",
        "{'folder': nodes.realm, 'realm_id': nodes.realm_id}",
        "infohub_nodes as nodes where nodes.is_complete and nodes.realm_id <> nodes.realm",
        "nodes.node_id",
    ),
    (
        "lean_node",
        "'no assets'",
        "{'why': 'the folder holds blueprint.yaml and node_profile.yaml only, and nothing else about it is planted'}",
        "infohub_nodes as nodes where not nodes.is_complete",
        "nodes.node_id",
    ),
)


def plant_facts(connection: duckdb.DuckDBPyConnection) -> None:
    for fact, expected, detail, source, order in _FACTS:
        connection.execute(
            f"""
            insert into sim.truth by name
            select
                '{_AREA}' as area,
                '{fact}' as fact,
                'infohub' as source_system,
                'main' as source_instance,
                'node' as subject_type,
                nodes.node_id as subject_id,
                infohub_today() as on_date,
                {expected} as expected,
                to_json({detail})::varchar as detail
            from {source}
            order by nodes.node_id, {order}
            """
        )


def plant_found_facts(
    connection: duckdb.DuckDBPyConnection, facts: Iterable[tuple[str, str, str, str, dict[str, Any]]]
) -> None:
    """Facts known only once the files are written: (fact, subject type, subject, expected, detail)."""
    rows = [
        (fact, subject_type, subject, expected, json.dumps(detail, ensure_ascii=False))
        for fact, subject_type, subject, expected, detail in facts
    ]
    if rows:
        connection.executemany(
            f"""
            insert into sim.truth by name
            select
                '{_AREA}' as area, $1 as fact, 'infohub' as source_system, 'main' as source_instance, $2 as subject_type,
                $3 as subject_id, infohub_today() as on_date, $4 as expected, $5 as detail
            """,
            rows,
        )
