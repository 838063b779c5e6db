{#
    One row per workspace, day and number that was reported before and that files which came later
    changed. Nothing is added where the counts are made from the beginning, and what is in here stays.
#}
{{
    config(
        materialized=usage_materialization(),
        incremental_strategy='delete+insert',
        unique_key=['subject_type', 'subject_id', 'subject_date', 'column_name', 'corrected_by_file_id'],
        on_schema_change='fail',
        full_refresh=false,
    )
}}

{% set progress = usage_progress() %}
{% if progress and 'feature' in progress.held.identifier %}
{#- Nothing by day is held that could be compared with. -#}
{% set progress = none %}
{% endif %}

with

reopened_days as (

    select
        source_system,
        source_instance,
        workspace_object_type,
        workspace_object_id,
        activity_date,
        changed_by_file_id

    from {{ ref('int_usage__workspace_days_reopened') }}

),

events as (

    select
        source_system,
        source_instance,
        workspace_object_type,
        workspace_object_id,
        activity_date,
        user_key

    from {{ ref('int_usage__events_reopened') }}

),

recounted_days as (

    select
        source_system,
        source_instance,
        workspace_object_type,
        workspace_object_id,
        activity_date,
        count(*) as event_count,
        count(distinct user_key) as active_user_count

    from events

    group by source_system, source_instance, workspace_object_type, workspace_object_id, activity_date

),

held_days as (

    {% if not progress %}
    select
        source_system,
        source_instance,
        workspace_object_type,
        workspace_object_id,
        activity_date,
        event_count,
        active_user_count

    from recounted_days

    where 1 = 0
    {% else %}
    select
        source_system,
        source_instance,
        workspace_object_type,
        workspace_object_id,
        activity_date,
        event_count,
        active_user_count

    from {{ progress.held }}

    where activity_date <= cast('{{ progress.day }}' as date)
    {% endif %}

),

compared_days as (

    select
        reopened_days.source_system
        || ':'
        || reopened_days.source_instance
        || ':'
        || reopened_days.workspace_object_type
        || ':' || reopened_days.workspace_object_id as subject_id,
        reopened_days.activity_date,
        reopened_days.changed_by_file_id,
        coalesce(held_days.event_count, 0) as old_event_count,
        coalesce(recounted_days.event_count, 0) as new_event_count,
        coalesce(held_days.active_user_count, 0) as old_active_user_count,
        coalesce(recounted_days.active_user_count, 0) as new_active_user_count

    from reopened_days

    -- Left joins: a day that had no events before, and one that has none any more, are restated too.
    left join held_days
        on
            reopened_days.source_system = held_days.source_system
            and reopened_days.source_instance = held_days.source_instance
            and reopened_days.workspace_object_type = held_days.workspace_object_type
            and reopened_days.workspace_object_id = held_days.workspace_object_id
            and reopened_days.activity_date = held_days.activity_date

    left join recounted_days
        on
            reopened_days.source_system = recounted_days.source_system
            and reopened_days.source_instance = recounted_days.source_instance
            and reopened_days.workspace_object_type = recounted_days.workspace_object_type
            and reopened_days.workspace_object_id = recounted_days.workspace_object_id
            and reopened_days.activity_date = recounted_days.activity_date

    {% if not progress %}
    where 1 = 0
    {% else %}
    where reopened_days.activity_date <= cast('{{ progress.day }}' as date)
    {% endif %}

),

restated_numbers as (

    select
        subject_id,
        activity_date,
        changed_by_file_id,
        'event_count' as column_name,
        old_event_count as old_number,
        new_event_count as new_number

    from compared_days

    where old_event_count <> new_event_count

    union all

    select
        subject_id,
        activity_date,
        changed_by_file_id,
        'active_user_count' as column_name,
        old_active_user_count as old_number,
        new_active_user_count as new_number

    from compared_days

    where old_active_user_count <> new_active_user_count

),

restated_days as (

    select
        'usage_workspace' as subject_type,
        subject_id,
        activity_date as subject_date,
        column_name,
        cast(old_number as string) as old_value,
        cast(new_number as string) as new_value,
        changed_by_file_id as corrected_by_file_id,
        {{ as_of_date() }} as detected_as_of

    from restated_numbers

)

select * from restated_days
