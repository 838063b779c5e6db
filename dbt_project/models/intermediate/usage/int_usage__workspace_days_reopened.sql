{#
    One row per workspace and day that this run has to count again: files that came since the last run
    have events of it, or took some away. Empty where the counts are made from the beginning.
#}
{{ config(materialized='table') }}

{% set progress = usage_progress() %}

with

events as (

    select
        source_system,
        source_instance,
        workspace_object_type,
        workspace_object_id,
        activity_date,
        occurred_at,
        file_id

    from {{ ref('int_usage__events_unioned') }}

),

{% if not progress %}

reopened_days as (

    select
        source_system,
        source_instance,
        workspace_object_type,
        workspace_object_id,
        activity_date,
        file_id as changed_by_file_id

    from events

    where 1 = 0

)

{% else %}

brought_days as (

    select
        source_system,
        source_instance,
        workspace_object_type,
        workspace_object_id,
        activity_date,
        file_id

    from events

    where
        file_id > {{ progress.file_id }}
        and occurred_at < {{ first_moment_of(usage_day_after(progress.reach)) }}

),

replaced_days as (

    {{ usage_replaced_days(progress) }}

),

-- Which workspace the old version counted for is not asked: corrections are rare, so all workspaces of
-- that day are counted.
bereft_days as (

    select
        held_days.source_system,
        held_days.source_instance,
        held_days.workspace_object_type,
        held_days.workspace_object_id,
        held_days.activity_date,
        replaced_days.file_id

    from {{ progress.held }} as held_days

    inner join replaced_days
        on
            held_days.source_system = replaced_days.source_system
            and held_days.source_instance = replaced_days.source_instance
            and held_days.activity_date = replaced_days.activity_date

),

changed_days as (

    select * from brought_days
    union all
    select * from bereft_days

),

reopened_days as (

    select
        source_system,
        source_instance,
        workspace_object_type,
        workspace_object_id,
        activity_date,
        max(file_id) as changed_by_file_id

    from changed_days

    group by source_system, source_instance, workspace_object_type, workspace_object_id, activity_date

)

{% endif %}

select * from reopened_days
