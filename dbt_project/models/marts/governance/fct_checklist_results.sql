{# One row per node and checklist item of policy: what came of it on the day, with the evidence, and who closes a gap. #}

with

items as (

    select
        node_id,
        archetype,
        track,
        blueprint,
        item,
        item_name,
        status,
        status_before_waiver,
        reason,
        asset_path,
        file_path,
        evidence_fields,
        observed_value,
        threshold,
        severity,
        owner_role,
        playbook,
        is_required,
        waiver_reason,
        waiver_expires_date

    from {{ ref('int_governance__items_waived') }}

),

nodes as (

    select
        node_id,
        source_instance,
        realm,
        node,
        account_id,
        opportunity_id

    from {{ ref('int_infohub__nodes_resolved') }}

),

describe_items as (

    select
        {{ as_of_date() }} as as_of_date,
        items.node_id,
        nodes.source_instance,
        nodes.realm,
        nodes.node,
        nodes.account_id,
        nodes.opportunity_id,
        items.archetype,
        items.track,
        items.blueprint,
        items.item,
        items.item_name,
        items.is_required,
        items.status,
        items.status_before_waiver,
        items.reason,
        -- Where no file was found, where it would be.
        coalesce(items.file_path, nodes.realm || '/' || nodes.node || '/' || items.asset_path) as evidence_path,
        items.file_path is not null as is_evidence_found,
        items.evidence_fields,
        items.observed_value,
        items.threshold,
        items.severity,
        items.owner_role,
        items.playbook,
        items.waiver_reason,
        items.waiver_expires_date,
        {{ policy_version() }} as policy_version

    from items

    inner join nodes on items.node_id = nodes.node_id

)

select * from describe_items
