{{ config(materialized='table') }}
{#
    One row per node and checklist item of policy: what came of checking it, and what a waiver makes of that.

    It starts from the grid of what is asked, so an item that no rule model answers for has its row and says so.
#}

with

asked_items as (

    select
        node_id,
        archetype,
        track,
        blueprint,
        item,
        asset_path,
        file_path

    from {{ ref('int_governance__items_asked') }}

),

checked_items as (

    select
        node_id,
        blueprint,
        item,
        status,
        reason,
        observed_value,
        threshold

    from {{ ref('int_governance__items_checked') }}

),

waivers as (

    select
        node_id,
        blueprint,
        item,
        waiver_status,
        reason,
        expires_date,
        entry_index

    from {{ ref('int_infohub__waivers_parsed') }}

    where item is not null

),

checklist_items as (

    select
        blueprint,
        item,
        item_name,
        evidence_fields,
        severity,
        owner_role,
        playbook

    from {{ ref('checklist_items') }}

),

validation_strictness as (

    select
        archetype,
        track,
        severity

    from {{ ref('validation_strictness') }}

),

engagement_owners as (

    select
        archetype,
        severity

    from {{ ref('engagement_owners') }}

),

demanded_blueprints as (

    select
        node_id,
        blueprint,
        is_required

    from {{ ref('int_infohub__blueprints_demanded') }}

),

-- The waiver in force for longest counts; where none is in force, the one that came closest to it says why.
choose_waivers as (

    select
        node_id,
        blueprint,
        item,
        waiver_status,
        reason as waiver_reason,
        expires_date as waiver_expires_date

    from waivers

    qualify
        row_number() over (
            partition by node_id, blueprint, item
            order by
                case waiver_status
                    when 'active' then 1
                    when 'not_yet' then 2
                    when 'expired' then 3
                    else 4
                end asc nulls last,
                expires_date desc nulls last,
                entry_index asc nulls last
        ) = 1

),

join_items as (

    select
        asked_items.node_id,
        asked_items.archetype,
        asked_items.track,
        asked_items.blueprint,
        asked_items.item,
        asked_items.asset_path,
        asked_items.file_path,
        checklist_items.item_name,
        checklist_items.evidence_fields,
        checklist_items.owner_role,
        checklist_items.playbook,
        case
            when asked_items.archetype is null or asked_items.track is null then engagement_owners.severity
            when checklist_items.severity = 'by_track' then validation_strictness.severity
            else checklist_items.severity
        end as severity,
        coalesce(demanded_blueprints.is_required, false) as is_required,
        coalesce(checked_items.status, 'insufficient_data') as status_before_waiver,
        coalesce(checked_items.reason, 'No rule is written for this item.') as reason_before_waiver,
        checked_items.observed_value,
        checked_items.threshold,
        choose_waivers.waiver_status,
        choose_waivers.waiver_reason,
        choose_waivers.waiver_expires_date,
        coalesce(checked_items.status, 'insufficient_data') in ('fail', 'insufficient_data', 'manual') as is_waivable

    from asked_items

    inner join checklist_items
        on
            asked_items.blueprint = checklist_items.blueprint
            and asked_items.item = checklist_items.item
    inner join engagement_owners
        on coalesce(asked_items.archetype, 'unknown') = engagement_owners.archetype

    -- left: without archetype or track policy demands nothing, most items have no waiver, and an item without a rule
    -- must not fall out
    left join validation_strictness
        on
            asked_items.archetype = validation_strictness.archetype
            and asked_items.track = validation_strictness.track
    left join demanded_blueprints
        on
            asked_items.node_id = demanded_blueprints.node_id
            and asked_items.blueprint = demanded_blueprints.blueprint
    left join checked_items
        on
            asked_items.node_id = checked_items.node_id
            and asked_items.blueprint = checked_items.blueprint
            and asked_items.item = checked_items.item
    left join choose_waivers
        on
            asked_items.node_id = choose_waivers.node_id
            and asked_items.blueprint = choose_waivers.blueprint
            and asked_items.item = choose_waivers.item

),

apply_waivers as (

    select
        node_id,
        archetype,
        track,
        blueprint,
        item,
        item_name,
        case when is_waivable and waiver_status = 'active' then 'waived' else status_before_waiver end as status,
        status_before_waiver,
        case
            when not is_waivable or waiver_status is null then reason_before_waiver
            else
                reason_before_waiver
                || case waiver_status
                    when 'active' then ' Waived until ' || cast(waiver_expires_date as string) || '.'
                    when 'expired' then ' A waiver of it ended on ' || cast(waiver_expires_date as string) || '.'
                    when 'not_yet' then ' A waiver of it was approved for a later day.'
                    else ' A waiver of it lacks a reason, an approver or an end, and does nothing.'
                end
        end as reason,
        asset_path,
        file_path,
        evidence_fields,
        observed_value,
        threshold,
        severity,
        owner_role,
        playbook,
        is_required,
        waiver_status,
        case when is_waivable and waiver_status = 'active' then waiver_reason end as waiver_reason,
        case when is_waivable and waiver_status = 'active' then waiver_expires_date end as waiver_expires_date

    from join_items

)

select * from apply_waivers
