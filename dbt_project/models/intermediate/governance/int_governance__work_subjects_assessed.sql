{# One row per node and checklist item, activity of the stage, and recurring duty: what came of it, and the gap it is. #}

with

nodes as (

    select
        node_id,
        severity,
        owner_role,
        is_scope_known

    from {{ ref('int_governance__nodes_weighed') }}

),

assets as (

    select
        node_id,
        asset_path,
        demand,
        asset_status,
        file_path,
        is_demanded_level_reached

    from {{ ref('int_infohub__assets_assessed') }}

    where demand in ('required', 'optional')

),

items as (

    select
        node_id,
        archetype,
        track,
        blueprint,
        item,
        status,
        status_before_waiver,
        reason,
        asset_path,
        file_path,
        observed_value,
        threshold,
        severity,
        owner_role,
        playbook,
        is_required,
        waiver_expires_date

    from {{ ref('int_governance__items_waived') }}

),

duties as (

    select
        node_id,
        duty,
        blueprint,
        asset_path,
        status,
        reason,
        last_date,
        maximum_days,
        owner_role,
        playbook

    from {{ ref('int_governance__cadences_checked') }}

),

stage_activity_items as (

    select
        blueprint,
        item

    from {{ ref('stage_activity_items') }}

),

assess_items as (

    select
        items.node_id,
        'checklist' as dimension,
        items.blueprint || '/' || items.item as subject,
        'item' as check_name,
        -- What is only looked at is shown in the checklist, and is neither a gap nor part of a rate.
        case
            when nodes.is_scope_known and not items.is_required then 'not_applicable'
            else items.status
        end as status,
        case items.status_before_waiver
            when 'fail' then 'checklist_failed'
            when 'manual' then 'attestation_missing'
            when 'insufficient_data' then 'checklist_evidence_missing'
        end as gap_kind,
        items.is_required
        and case items.status
            when 'fail' then true
            when 'manual' then true
            -- Where the asset's own gap says why, saying it again for each item helps nobody.
            when 'insufficient_data'
                then
                    items.asset_path is null
                    or coalesce(
                        assets.demand = 'required'
                        and assets.asset_status = 'present'
                        and assets.is_demanded_level_reached,
                        false
                    )
            else false
        end as is_gap,
        items.status <> 'insufficient_data'
        or (
            nodes.is_scope_known
            and coalesce(assets.asset_status, 'missing') in ('present', 'missing', 'dropped')
        ) as is_assessed,
        items.reason,
        items.severity,
        items.owner_role,
        items.playbook,
        items.blueprint,
        items.asset_path,
        items.file_path as evidence_path,
        items.observed_value,
        items.threshold,
        items.waiver_expires_date

    from items

    inner join nodes on items.node_id = nodes.node_id

    -- left: an asset that is neither there nor asked for has no row
    left join assets
        on
            items.node_id = assets.node_id
            and items.asset_path = assets.asset_path

),

assess_stage_activities as (

    select
        items.node_id,
        'cadence' as dimension,
        items.blueprint || '/' || items.item as subject,
        'activity' as check_name,
        items.status,
        -- The gap is the checklist's.
        cast(null as string) as gap_kind,
        false as is_gap,
        items.status <> 'insufficient_data'
        or coalesce(assets.asset_status, 'missing') in ('present', 'missing', 'dropped') as is_assessed,
        items.reason,
        items.severity,
        items.owner_role,
        items.playbook,
        items.blueprint,
        items.asset_path,
        items.file_path as evidence_path,
        items.observed_value,
        items.threshold,
        items.waiver_expires_date

    from items

    inner join nodes on items.node_id = nodes.node_id
    inner join stage_activity_items
        on
            items.blueprint = stage_activity_items.blueprint
            and items.item = stage_activity_items.item

    -- left: an asset that is neither there nor asked for has no row
    left join assets
        on
            items.node_id = assets.node_id
            and items.asset_path = assets.asset_path

    where nodes.is_scope_known

),

assess_duties as (

    select
        duties.node_id,
        'cadence' as dimension,
        duties.duty as subject,
        'duty' as check_name,
        duties.status,
        case duties.status
            when 'fail' then 'cadence_overdue' when 'insufficient_data' then 'cadence_evidence_missing'
        end as gap_kind,
        case duties.status
            when 'fail' then true
            when 'insufficient_data'
                then
                    duties.asset_path is null
                    or coalesce(
                        assets.demand = 'required'
                        and assets.asset_status = 'present'
                        and assets.is_demanded_level_reached,
                        false
                    )
            else false
        end as is_gap,
        duties.status <> 'insufficient_data'
        or coalesce(assets.asset_status, 'missing') in ('present', 'missing', 'dropped') as is_assessed,
        duties.reason,
        nodes.severity,
        coalesce(duties.owner_role, nodes.owner_role) as owner_role,
        duties.playbook,
        duties.blueprint,
        duties.asset_path,
        assets.file_path as evidence_path,
        cast(duties.last_date as string) as observed_value,
        cast(duties.maximum_days as string) as threshold,
        cast(null as date) as waiver_expires_date

    from duties

    inner join nodes on duties.node_id = nodes.node_id

    -- left: an asset that is neither there nor asked for has no row
    left join assets
        on
            duties.node_id = assets.node_id
            and duties.asset_path = assets.asset_path

    where nodes.is_scope_known

),

union_subjects as (

    {% for assessed in ['assess_items', 'assess_stage_activities', 'assess_duties'] -%}
    select
        node_id,
        dimension,
        subject,
        check_name,
        status,
        gap_kind,
        is_gap,
        is_assessed,
        reason,
        severity,
        owner_role,
        playbook,
        blueprint,
        asset_path,
        evidence_path,
        observed_value,
        threshold,
        waiver_expires_date

    from {{ assessed }}
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

)

select * from union_subjects
