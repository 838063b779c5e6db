{{ config(materialized='table') }}
{#
    One row per node and checklist item of policy: everything a rule needs, and what is settled before a rule looks.

    All nodes meet all items, also those of the other archetype, so that no row can fall out later. Rules read this model and
    nothing else that differs by node.
#}

with

nodes as (

    select
        node_id,
        archetype,
        track,
        blueprint_status,
        started_date,
        signed_date,
        onboarded_date,
        ended_date,
        is_ended

    from {{ ref('int_infohub__nodes_resolved') }}

),

situations as (

    select
        node_id,
        stage,
        stage_order,
        is_stage_open,
        is_stage_won,
        stage_closed_date,
        began_date,
        is_competitive,
        has_poc,
        has_rfp,
        has_partner,
        uses_services,
        is_migration,
        has_support_engineer,
        is_reference,
        specialist_state,
        services_state,
        poc_state,
        poc_starts_date,
        poc_ended_date,
        rfp_submitted_date

    from {{ ref('int_governance__node_situations_read') }}

),

checklist_items as (

    select
        blueprint,
        item,
        asset_path,
        applicable_tracks,
        threshold_home,
        attestation_field

    from {{ ref('checklist_items') }}

),

blueprints as (

    select
        blueprint,
        archetype

    from {{ ref('blueprints') }}

),

demanded_blueprints as (

    select
        node_id,
        blueprint,
        requirement,
        is_selected,
        is_required

    from {{ ref('int_infohub__blueprints_demanded') }}

),

assessed_assets as (

    select
        node_id,
        asset_path,
        asset_status,
        file_path,
        reading_reason

    from {{ ref('int_infohub__assets_assessed') }}

),

item_evidence as (

    select
        node_id,
        blueprint,
        item,
        file_path,
        field_count,
        fields_text

    from {{ ref('int_governance__item_evidence_chosen') }}

),

checklist_thresholds as (

    select
        blueprint,
        item,
        track,
        comparison,
        threshold_value,
        unit

    from {{ ref('checklist_thresholds') }}

),

validation_strictness as (

    select
        archetype,
        track,
        engagement_gap_maximum_days

    from {{ ref('validation_strictness') }}

),

placeholder_words as (

    select word

    from {{ ref('placeholder_words') }}

),

-- An item with several thresholds has no single one; its rule reads them from policy itself.
choose_thresholds as (

    select
        blueprint,
        item,
        track,
        max(comparison) as comparison,
        max(threshold_value) as threshold_value,
        max(unit) as threshold_unit

    from checklist_thresholds

    group by blueprint, item, track

    having count(*) = 1

),

list_placeholders as (

    select '|' || {{ joined_text('lower(word)', '|') }} || '|' as placeholder_list

    from placeholder_words

),

ask_items as (

    select
        nodes.node_id,
        nodes.archetype,
        nodes.track,
        nodes.blueprint_status,
        nodes.started_date,
        nodes.signed_date,
        nodes.onboarded_date,
        nodes.ended_date,
        nodes.is_ended,
        checklist_items.blueprint,
        checklist_items.item,
        checklist_items.asset_path,
        checklist_items.applicable_tracks,
        checklist_items.threshold_home,
        checklist_items.attestation_field is not null as needs_attestation,
        blueprints.archetype as item_archetype

    from nodes

    cross join checklist_items
    inner join blueprints on checklist_items.blueprint = blueprints.blueprint

),

settle_items as (

    select
        ask_items.node_id,
        ask_items.archetype,
        ask_items.track,
        ask_items.blueprint,
        ask_items.item,
        ask_items.asset_path,
        ask_items.threshold_home,
        ask_items.needs_attestation,
        ask_items.started_date,
        ask_items.signed_date,
        ask_items.onboarded_date,
        ask_items.ended_date,
        ask_items.is_ended,
        assessed_assets.asset_status,
        assessed_assets.file_path,
        assessed_assets.reading_reason,
        case
            when ask_items.archetype is null then 'insufficient_data'
            when ask_items.archetype <> ask_items.item_archetype then 'not_applicable'
            when ask_items.track is null or ask_items.blueprint_status <> 'readable' then 'insufficient_data'
            when not demanded_blueprints.is_required and not demanded_blueprints.is_selected then 'not_applicable'
            when not contains(';' || ask_items.applicable_tracks || ';', ';' || ask_items.track || ';')
                then 'not_applicable'
            when assessed_assets.asset_status = 'dropped' then 'not_applicable'
        end as settled_status,
        case
            when ask_items.archetype is null and ask_items.blueprint_status = 'missing'
                then 'There is no blueprint.yaml, so it is unknown what governs the engagement.'
            when ask_items.archetype is null
                then 'blueprint.yaml does not tell the archetype, so it is unknown what governs the engagement.'
            when ask_items.archetype <> ask_items.item_archetype
                then 'The item belongs to the other archetype.'
            when ask_items.track is null then 'It is unknown which track is in force.'
            when ask_items.blueprint_status <> 'readable'
                then
                    case ask_items.blueprint_status
                        when 'missing' then 'There is no blueprint.yaml' else 'blueprint.yaml cannot be read'
                    end
                    || ', so it is unknown what the engagement has selected, dropped or had waived.'
            when not demanded_blueprints.is_required and not demanded_blueprints.is_selected
                then
                    case demanded_blueprints.requirement
                        when 'none' then 'The track does not ask for ' || ask_items.blueprint || '.'
                        else ask_items.blueprint || ' is not selected.'
                    end
            when not contains(';' || ask_items.applicable_tracks || ';', ';' || ask_items.track || ';')
                then 'The item does not apply on this track.'
            when assessed_assets.asset_status = 'dropped'
                then 'The engagement has customised ' || ask_items.asset_path || ' away.'
        end as settled_reason

    from ask_items

    -- left: a node has demands for the blueprints of its own archetype only, and no row for an asset that is neither
    -- there nor asked for
    left join demanded_blueprints
        on
            ask_items.node_id = demanded_blueprints.node_id
            and ask_items.blueprint = demanded_blueprints.blueprint
    left join assessed_assets
        on
            ask_items.node_id = assessed_assets.node_id
            and ask_items.asset_path = assessed_assets.asset_path

),

join_evidence as (

    select
        settle_items.node_id,
        settle_items.archetype,
        settle_items.track,
        settle_items.blueprint,
        settle_items.item,
        settle_items.asset_path,
        coalesce(item_evidence.file_path, settle_items.file_path) as file_path,
        case when settle_items.settled_status is null then item_evidence.fields_text end as fields_text,
        settle_items.settled_status,
        settle_items.settled_reason,
        settle_items.needs_attestation,
        case
            when settle_items.settled_status is not null then cast(null as string)
            when settle_items.asset_status is null or settle_items.asset_status = 'missing' then 'missing'
            when settle_items.asset_status in ('ambiguous', 'later_version', 'unreadable') then settle_items.asset_status
            when coalesce(item_evidence.field_count, 0) = 0 then 'blank'
        end as evidence_problem,
        settle_items.reading_reason,
        case settle_items.threshold_home
            when 'validation_strictness' then 'at_most' else choose_thresholds.comparison
        end as comparison,
        cast(
            case settle_items.threshold_home
                when 'validation_strictness' then validation_strictness.engagement_gap_maximum_days
                else choose_thresholds.threshold_value
            end as double
        ) as threshold_value,
        case settle_items.threshold_home
            when 'validation_strictness' then 'days' else choose_thresholds.threshold_unit
        end as threshold_unit,
        settle_items.started_date,
        settle_items.signed_date,
        settle_items.onboarded_date,
        settle_items.ended_date,
        settle_items.is_ended,
        situations.stage,
        situations.stage_order,
        situations.is_stage_open,
        situations.is_stage_won,
        situations.stage_closed_date,
        situations.began_date,
        situations.is_competitive,
        situations.has_poc,
        situations.has_rfp,
        situations.has_partner,
        situations.uses_services,
        situations.is_migration,
        situations.has_support_engineer,
        situations.is_reference,
        situations.specialist_state,
        situations.services_state,
        situations.poc_state,
        situations.poc_starts_date,
        situations.poc_ended_date,
        situations.rfp_submitted_date,
        list_placeholders.placeholder_list

    from settle_items

    inner join situations on settle_items.node_id = situations.node_id
    cross join list_placeholders

    -- left: most items have no threshold, and what is missing or unreadable holds no evidence
    left join item_evidence
        on
            settle_items.node_id = item_evidence.node_id
            and settle_items.blueprint = item_evidence.blueprint
            and settle_items.item = item_evidence.item
    left join choose_thresholds
        on
            settle_items.blueprint = choose_thresholds.blueprint
            and settle_items.item = choose_thresholds.item
            and settle_items.track = choose_thresholds.track
    left join validation_strictness
        on
            settle_items.archetype = validation_strictness.archetype
            and settle_items.track = validation_strictness.track

),

name_problems as (

    select
        node_id,
        archetype,
        track,
        blueprint,
        item,
        asset_path,
        file_path,
        fields_text,
        settled_status,
        settled_reason,
        needs_attestation,
        evidence_problem,
        case evidence_problem
            when 'missing' then asset_path || ' is missing.'
            when 'unreadable' then asset_path || ' cannot be read: ' || coalesce(reading_reason, 'unknown') || '.'
            when 'ambiguous' then 'Several files could be ' || asset_path || '.'
            when 'later_version' then asset_path || ' is known only as it was written after the day.'
            when 'blank' then asset_path || ' is blank: none of the fields that the item asks for is there.'
        end as evidence_problem_reason,
        comparison,
        threshold_value,
        threshold_unit,
        started_date,
        signed_date,
        onboarded_date,
        ended_date,
        is_ended,
        stage,
        stage_order,
        is_stage_open,
        is_stage_won,
        stage_closed_date,
        began_date,
        is_competitive,
        has_poc,
        has_rfp,
        has_partner,
        uses_services,
        is_migration,
        has_support_engineer,
        is_reference,
        specialist_state,
        services_state,
        poc_state,
        poc_starts_date,
        poc_ended_date,
        rfp_submitted_date,
        placeholder_list

    from join_evidence

)

select * from name_problems
