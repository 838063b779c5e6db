{#
    One row per deal, attribute and moment at which it is known to have become what it is, from every source.

    Of what came after the day asked about, only the first of an attribute of which nothing earlier is known is here: it can
    say what was there before it. What says no more than was known is left out.
#}

{{ config(materialized='table') }}

with

salesforce_changes as (

    select
        opportunity_id,
        attribute,
        observed_at,
        old_value,
        new_value,
        has_old_value,
        change_source,
        source_row_id,
        changed_by_record_id,
        file_id

    from {{ ref('int_stage__salesforce_changes_conformed') }}

),

hubspot_changes as (

    select
        opportunity_id,
        attribute,
        observed_at,
        old_value,
        new_value,
        has_old_value,
        change_source,
        source_row_id,
        changed_by_record_id,
        file_id

    from {{ ref('int_stage__hubspot_changes_conformed') }}

),

record_versions as (

    select
        opportunity_id,
        source_system,
        source_instance,
        source_opportunity_id,
        {{ opportunity_attributes() | join(',\n        ') }},
        is_closed,
        last_stage_change_at,
        closes_at,
        archived_at,
        created_at,
        observed_at,
        file_id,
        last_seen_file_id,
        next_version_file_id

    from {{ ref('int_stage__opportunity_record_versions_unioned') }}

),

hubspot_versions as (

    select
        source_instance,
        deal_id,
        replace(replace(replace(replace(merged_object_ids, '[', ''), ']', ''), '"', ''), ',', ';')
            as merged_deal_ids,
        updated_at,
        file_id

    from {{ ref('stg_versions__hubspot_deals') }}

),

files as (

    select
        file_id,
        source_system,
        source_instance,
        table_name,
        split_part(delivery, '@', 1) as delivery_name,
        delivered_at

    from {{ ref('stg_ledger__files') }}

    where
        load_status = 'loaded'
        and table_name in ('salesforce__opportunities', 'hubspot__deals')

),

stages as (

    select
        policy_stage,
        is_open

    from {{ ref('stages') }}

),

stage_map as (

    select
        source_system,
        nullif(pipeline, '') as pipeline,
        lower(trim(stage_name)) as stage_name,
        policy_stage

    from {{ ref('stage_map') }}

),

stage_names as (

    -- What a name means where it means the same in every pipeline.
    select
        source_system,
        stage_name,
        min(policy_stage) as policy_stage

    from stage_map

    group by source_system, stage_name

    having count(distinct policy_stage) = 1

),

history_changes as (

    select * from salesforce_changes

    union all

    select * from hubspot_changes

),

first_stage_changes as (

    select
        opportunity_id,
        min(observed_at) as first_observed_at

    from history_changes

    where attribute = 'stage_name'

    group by opportunity_id

),

mapped_versions as (

    select
        record_versions.*,
        not coalesce(stages.is_open, not coalesce(record_versions.is_closed, false)) as is_closed_stage,
        case
            -- Where history tells of the stage, a version is only a witness of its own moment.
            when
                first_stage_changes.first_observed_at <= record_versions.observed_at
                then record_versions.observed_at
            when
                record_versions.last_stage_change_at <= record_versions.observed_at
                then record_versions.last_stage_change_at
            -- A closed deal is edited for months after it was closed; its close date says when that was.
            when
                not coalesce(stages.is_open, not coalesce(record_versions.is_closed, false))
                and {{ business_date('record_versions.observed_at') }}
                <> {{ business_date('record_versions.closes_at') }}
                then least(
                    record_versions.observed_at,
                    greatest(
                        coalesce(record_versions.closes_at, record_versions.observed_at),
                        coalesce(
                            record_versions.created_at, record_versions.closes_at, record_versions.observed_at
                        )
                    )
                )
            else record_versions.observed_at
        end as stage_observed_at

    from record_versions

    left join first_stage_changes
        on record_versions.opportunity_id = first_stage_changes.opportunity_id

    {{ join_policy_stages('record_versions') }}

    left join stages
        on {{ mapped_policy_stage() }} = stages.policy_stage

),

version_observations as (

    {% for attribute in opportunity_attributes() -%}
    select
        opportunity_id,
        '{{ attribute }}' as attribute,
        {{ 'stage_observed_at' if attribute == 'stage_name' else 'observed_at' }} as observed_at,
        {{ "'active'" if attribute == 'record_status' else 'cast(null as string)' }} as old_value,
        {{ attribute }} as new_value,
        -- No deal is entered as deleted, and none with the reason why it will be lost.
        {{ 'true' if attribute in ('record_status', 'loss_reason') else 'false' }} as has_old_value,
        'record_version' as change_source,
        source_opportunity_id as source_row_id,
        cast(null as string) as changed_by_record_id,
        file_id,
        {{ 'is_closed_stage' if attribute == 'stage_name' else 'false' }} as is_closed_stage

    from mapped_versions
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

listed_merges as (

    {{ split_to_rows(
        'hubspot_versions', 'merged_deal_ids', ';', ['source_instance', 'deal_id', 'updated_at', 'file_id'], 'merged_deal_id'
    ) }}

),

merge_observations as (

    select
        {{ conformed_id("'hubspot'", 'source_instance', 'merged_deal_id') }} as opportunity_id,
        updated_at as observed_at,
        'merged' as record_status,
        deal_id as source_row_id,
        file_id

    from listed_merges

    where updated_at is not null and merged_deal_id <> deal_id

),

archive_observations as (

    select
        opportunity_id,
        archived_at as observed_at,
        'archived' as record_status,
        source_opportunity_id as source_row_id,
        file_id

    from record_versions

    where archived_at is not null

),

last_deliveries as (

    select
        record_versions.opportunity_id,
        record_versions.source_opportunity_id,
        record_versions.next_version_file_id,
        last_files.table_name,
        last_files.source_instance,
        last_files.delivery_name,
        last_files.delivered_at as last_delivered_at,
        next_files.delivered_at as next_delivered_at

    from record_versions

    inner join files as last_files
        on record_versions.last_seen_file_id = last_files.file_id

    left join files as next_files
        on record_versions.next_version_file_id = next_files.file_id

),

absences as (

    -- Each export holds all deals: one without this deal is when it was found to be gone, until a later one has it again.
    select
        last_deliveries.opportunity_id,
        last_deliveries.source_opportunity_id,
        last_deliveries.next_version_file_id,
        last_deliveries.next_delivered_at,
        min(files.delivered_at) as absent_from_at,
        min(files.file_id) as file_id

    from last_deliveries

    inner join files
        on
            last_deliveries.table_name = files.table_name
            and last_deliveries.source_instance = files.source_instance
            and last_deliveries.delivery_name = files.delivery_name
            and last_deliveries.last_delivered_at < files.delivered_at
            and (
                last_deliveries.next_delivered_at is null
                or last_deliveries.next_delivered_at > files.delivered_at
            )

    group by
        last_deliveries.opportunity_id,
        last_deliveries.source_opportunity_id,
        last_deliveries.next_version_file_id,
        last_deliveries.next_delivered_at

),

absence_observations as (

    select
        opportunity_id,
        absent_from_at as observed_at,
        'absent' as record_status,
        source_opportunity_id as source_row_id,
        file_id

    from absences

    union all

    select
        absences.opportunity_id,
        absences.next_delivered_at as observed_at,
        record_versions.record_status,
        absences.source_opportunity_id as source_row_id,
        absences.next_version_file_id as file_id

    from absences

    inner join record_versions
        on
            absences.opportunity_id = record_versions.opportunity_id
            and absences.next_version_file_id = record_versions.file_id

),

status_observations as (

    select * from merge_observations

    union all

    select * from archive_observations

    union all

    select * from absence_observations

),

all_observations as (

    select
        history_changes.*,
        false as is_closed_stage,
        1 as source_rank,
        0 as version_place

    from history_changes

    union all

    -- A version holds everything that happened up to its moment, so it comes after what history tells of that moment.
    select
        version_observations.*,
        2 as source_rank,
        file_id as version_place

    from version_observations

    union all

    select
        opportunity_id,
        'record_status' as attribute,
        observed_at,
        'active' as old_value,
        record_status as new_value,
        true as has_old_value,
        'record_version' as change_source,
        source_row_id,
        cast(null as string) as changed_by_record_id,
        file_id,
        false as is_closed_stage,
        3 as source_rank,
        file_id as version_place

    from status_observations

),

known_observations as (

    -- What is told of a deal that no export holds has no deal to belong to.
    select all_observations.*

    from all_observations

    where
        all_observations.observed_at is not null
        and exists (
            select 1
            from record_versions
            where record_versions.opportunity_id = all_observations.opportunity_id
        )

),

compared_observations as (

    select
        known_observations.opportunity_id,
        known_observations.attribute,
        known_observations.observed_at,
        known_observations.old_value,
        known_observations.new_value,
        known_observations.has_old_value,
        known_observations.change_source,
        known_observations.source_row_id,
        known_observations.changed_by_record_id,
        known_observations.file_id,
        -- What is known to have been something else before is not carried back: a deal is not entered as closed, HubSpot
        -- dates a stage by the move into it, and chances change with the stage.
        known_observations.attribute in ('probability', 'forecast_category')
        or (
            known_observations.attribute = 'stage_name'
            and (
                known_observations.is_closed_stage
                or known_observations.change_source = 'property_history'
                or not coalesce(stages.is_open, true)
            )
        ) as is_never_carried,
        lag(known_observations.new_value) over each_attribute as value_before,
        stage_names.policy_stage,
        lag(stage_names.policy_stage) over each_attribute as policy_stage_before,
        row_number() over each_attribute as place,
        max(known_observations.file_id)
            over (partition by known_observations.opportunity_id)
            as latest_file_id

    from known_observations

    left join stage_names
        on
            known_observations.attribute = 'stage_name'
            and split_part(known_observations.opportunity_id, ':', 1) = stage_names.source_system
            and lower(trim(known_observations.new_value)) = stage_names.stage_name

    left join stages
        on stage_names.policy_stage = stages.policy_stage

    window each_attribute as (
        partition by known_observations.opportunity_id, known_observations.attribute
        order by
            known_observations.observed_at nulls first,
            known_observations.source_rank nulls first,
            known_observations.version_place nulls first,
            known_observations.source_row_id nulls first
    )

),

told_observations as (

    select compared_observations.*

    from compared_observations

    where
        place = 1
        or (
            observed_at < {{ as_of_end() }}
            and new_value is distinct from value_before
            -- Stages are renamed in all records at once, and that moves no deal.
            and not coalesce(change_source = 'record_version' and policy_stage = policy_stage_before, false)
            -- What was deleted, merged or archived is expected to leave the exports.
            and not (new_value = 'absent' and attribute = 'record_status' and value_before <> 'active')
        )

),

numbered_observations as (

    select
        opportunity_id,
        attribute,
        row_number()
            over (partition by opportunity_id, attribute order by place nulls first)
            as observation_number,
        observed_at,
        -- What was there before is what was told last, unless the source itself says otherwise.
        case
            when place = 1 or (has_old_value and change_source <> 'record_version') then old_value
            else value_before
        end as old_value,
        new_value,
        has_old_value or place > 1 as has_old_value,
        is_never_carried,
        change_source,
        source_row_id,
        changed_by_record_id,
        file_id,
        latest_file_id

    from told_observations

)

select * from numbered_observations
